"""The playbook file: what is wrong in it is said with its place."""

from decimal import Decimal
from pathlib import Path

import pytest

from agents.playbooks import PlaybookError, load_playbook
from schemas.playbook import Playbook


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "playbook.yaml"


def test_without_a_file_it_is_the_shipped_one() -> None:
    assert load_playbook(None) == Playbook()


def test_a_file_changes_what_it_names_and_leaves_the_rest(file: Path) -> None:
    file.write_text("name: spring\nversion: 7\nflags: {single_share: 0.3, min_amount: 5}\nbank: {code: b1}\n")
    book = load_playbook(file)
    assert (book.name, book.version, book.bank.code, book.flags.min_amount) == ("spring", 7, "b1", 5)
    assert book.flags.single_share == Decimal("0.3"), "three tenths, not the nearest binary fraction"
    assert book.flags.cumulative_share == Decimal("0.50")
    assert book.accounting == Playbook().accounting


def test_an_empty_file_is_the_shipped_one(file: Path) -> None:
    file.write_text("# nothing yet\n")
    assert load_playbook(file) == Playbook()


def test_a_zone_overrides_the_files_and_nothing_else(file: Path) -> None:
    file.write_text("bank: {timezone: UTC, code: b1}\nversion: 3\n")
    book = load_playbook(file, "Europe/Prague")
    assert (book.bank.timezone, book.bank.code, book.version) == ("Europe/Prague", "b1", 3)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("flags: {min_amount: -1}", "flags.min_amount"),
        ("flags: {min_amount: '5'}", "flags.min_amount"),
        ("flags: {minimum: 5}", "flags.minimum"),
        ("flags: {single_share: 1.01}", "flags.single_share"),
        ("flags: {single_share: .nan}", "flags.single_share"),
        ("flags: {single_share: .inf}", "flags.single_share"),
        ("flags: {single_share: true}", "flags.single_share"),
        ("bank: {timezone: Mars/Olympus}", "Mars/Olympus"),
        ("version: 0", "version"),
        ("habit: 3", "habit"),
    ],
)
def test_what_cannot_be_is_refused_with_the_file_and_the_place(file: Path, text: str, place: str) -> None:
    file.write_text(text)
    with pytest.raises(PlaybookError) as raised:
        load_playbook(file)
    assert str(file) in str(raised.value)
    assert place in str(raised.value)


def test_all_that_is_wrong_is_said_at_once(file: Path) -> None:
    file.write_text("version: 0\nflags: {min_amount: -1}\n")
    with pytest.raises(PlaybookError, match=r"(?s)version: .*\n.*flags.min_amount: "):
        load_playbook(file)


@pytest.mark.parametrize("text", ["a: [1", "a: b: c", "\t"])
def test_what_is_not_yaml_is_refused(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(PlaybookError, match="is not YAML"):
        load_playbook(file)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name: a\nversion: 2\nname: b\n", 3),
        ("flags:\n  min_amount: 1\n  single_share: 0.2\n  min_amount: 2\n", 4),
        ("bank: {code: a, code: a}\n", 1),
        ("flags: {}\nbank: {code: a}\nflags: {}\n", 3),
        ('name: a\n"name": b\n', 2),
    ],
)
def test_a_key_that_stands_twice_is_refused_with_its_line(file: Path, text: str, line: int) -> None:
    file.write_text(text)
    with pytest.raises(PlaybookError, match="stands twice") as raised:
        load_playbook(file)
    assert str(file) in str(raised.value)
    assert f"line {line}," in str(raised.value)


def test_the_same_key_in_two_parts_and_a_merged_one_stand_once(file: Path) -> None:
    file.write_text(
        "habit: &shared {at_least: 2}\naccounting: {window_days: 5}\nflags: {min_amount: 1}\nname: a\n"
    )
    assert load_playbook(file).habit.at_least == 2
    file.write_text("habit:\n  <<: {at_least: 2, of_last: 5}\n  of_last: 6\n")
    assert load_playbook(file).habit.of_last == 6, "a part's own value goes before a merged one"


@pytest.mark.parametrize("text", ["''", "' '", "' ICBC'", '"a\\n"', '"\\e[2J"'])
@pytest.mark.parametrize("place", ["name", "bank.code", "bank.calendar"])
def test_an_empty_text_or_one_with_spaces_around_it_is_refused(file: Path, place: str, text: str) -> None:
    part, _, field = place.rpartition(".")
    file.write_text(f"{part}: {{{field}: {text}}}\n" if part else f"{field}: {text}\n")
    with pytest.raises(PlaybookError, match=f"{place}: "):
        load_playbook(file)


def test_a_bank_without_a_code_says_null(file: Path) -> None:
    file.write_text("bank: {code: null}\n")
    assert load_playbook(file).bank.code is None
    file.write_text("bank: {code: }\n")
    assert load_playbook(file).bank.code is None


@pytest.mark.parametrize("text", ["- a list", "just words"])
def test_what_is_not_a_mapping_is_refused(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(PlaybookError):
        load_playbook(file)


def test_no_code_is_run_from_a_playbook(file: Path) -> None:
    file.write_text("name: !!python/object/apply:os.getcwd []\n")
    with pytest.raises(PlaybookError, match="is not YAML"):
        load_playbook(file)


def test_a_file_that_is_not_there_is_an_error_that_says_so(file: Path) -> None:
    with pytest.raises(PlaybookError, match=r"cannot read .*playbook\.yaml: No such file"):
        load_playbook(file)


def test_an_unknown_zone_on_the_command_line_is_refused() -> None:
    with pytest.raises(PlaybookError, match=r"--timezone:\n.*Mars"):
        load_playbook(None, "Mars/Olympus")


def test_a_file_that_is_not_text_is_refused(file: Path) -> None:
    file.write_bytes(b"name: caf\xe9\n")  # Latin-1
    with pytest.raises(PlaybookError):
        load_playbook(file)
