"""``paytide backtest`` over the exports of both logs (F1, O6)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from schemas.answers import EmployerAnswer
from schemas.groups import GROUPS
from schemas.topics import JOURNAL
from streams.journal.eventsfile import Line, format_line
from tests.reference.lines import at, credit
from tests.streams.replay.service import Service, paid_monthly

EXAMPLE = Path(__file__).parents[3] / "schemas" / "examples" / "employer.json"
FILES = ("tasks.jsonl", "cycles.jsonl", "facts.jsonl", "employers.jsonl", "dead.jsonl")

Run = Callable[..., Result]


@pytest.fixture
def service() -> Service:
    """Two accounts of one employer and three paydays."""
    return paid_monthly(3)


def written(path: Path, lines: list[Line]) -> Path:
    path.write_bytes(b"".join(format_line(line) + b"\n" for line in lines))
    return path


def summary(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return found


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_two_exports_one_file_of_both_and_the_journal_alone_come_to_the_same_files(
    service: Service, paytide: Run, tmp_path: Path
) -> None:
    journal = written(tmp_path / "journal.jsonl", service.exported(JOURNAL))
    groups = written(tmp_path / "groups.jsonl", service.exported(GROUPS))
    both = written(tmp_path / "both.jsonl", [*service.exported(JOURNAL), *service.exported(GROUPS)])
    for out, files in {"two": [journal, groups], "one": [both], "alone": [journal]}.items():
        options = [option for file in files for option in ("--events", file)]
        shown = paytide("backtest", *options, "--out", out)
        assert (shown.exit_code, shown.stderr) == (0, ""), out
        assert summary(tmp_path / out)["differences"] == {"found": 0, "first": None, "not_compared": 0}
    for name in FILES:
        texts = {(tmp_path / out / name).read_text(encoding="utf-8") for out in ("two", "one")}
        assert len(texts) == 1, f"{name} differs between two files and one"
    for name in ("tasks.jsonl", "cycles.jsonl", "employers.jsonl"):
        alone = (tmp_path / "alone" / name).read_text(encoding="utf-8")
        assert alone == (tmp_path / "two" / name).read_text(encoding="utf-8")


def test_the_answers_are_written_as_they_are_published(
    service: Service, paytide: Run, tmp_path: Path
) -> None:
    journal = written(tmp_path / "journal.jsonl", service.exported(JOURNAL))
    paytide("backtest", "--events", journal, "--out", "r")
    found = lines_of(tmp_path / "r/employers.jsonl")
    published = [line.value for line in service.exported(JOURNAL) if ("by", b"coordinator") in line.headers]
    assert found == [json.loads(value or b"") for value in published]
    assert found, "nothing was answered: the test shows nothing"
    for one in found:
        EmployerAnswer.model_validate_json(json.dumps(one))
        assert one.keys() == json.loads(EXAMPLE.read_text(encoding="utf-8")).keys()


def test_our_own_records_are_counted_apart(service: Service, paytide: Run, tmp_path: Path) -> None:
    journal = written(tmp_path / "journal.jsonl", service.exported(JOURNAL))
    groups = written(tmp_path / "groups.jsonl", service.exported(GROUPS))
    paytide("backtest", "--events", journal, "--events", groups, "--out", "r")
    figures = summary(tmp_path / "r")
    answers = len(lines_of(tmp_path / "r/employers.jsonl"))
    assert figures["read"] == len(service.exported(JOURNAL)) - answers
    assert (figures["answers"]["read"], figures["groups"]["read"]) == (answers, len(service.exported(GROUPS)))
    assert figures["balanced"] is True


def test_a_difference_is_exit_code_2_with_its_place_and_its_results(
    service: Service, paytide: Run, tmp_path: Path
) -> None:
    journal = written(tmp_path / "journal.jsonl", service.exported(JOURNAL))
    lines = service.exported(GROUPS)
    place = next(number for number, line in enumerate(lines) if b'"paid"' in (line.value or b""))
    lines[place].value = (lines[place].value or b"").replace(b"000000", b"000001")
    groups = written(tmp_path / "groups.jsonl", lines)
    shown = paytide("backtest", "--events", journal, "--events", groups, "--out", "r")
    assert shown.exit_code == 2
    assert "1 differences between" in shown.stderr
    assert f"line {place + 1} of {groups}: paid of " in shown.stderr
    assert shown.stderr.count("\n") == 1
    first = summary(tmp_path / "r")["differences"]["first"]
    assert (first["file"], first["line"], first["how"]) == (str(groups), place + 1, "said otherwise")


def test_a_refused_line_names_its_file(service: Service, paytide: Run, tmp_path: Path) -> None:
    journal = written(tmp_path / "journal.jsonl", service.exported(JOURNAL))
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps(credit("p", at(0), 1) | {"topic": "elsewhere"}) + "\n", encoding="utf-8")
    paytide("backtest", "--events", journal, "--events", other, "--out", "r")
    (dead,) = lines_of(tmp_path / "r/dead.jsonl")
    assert (dead["file"], dead["line"], dead["reason"]) == (str(other), 1, "unknown_type")
