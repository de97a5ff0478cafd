"""What CONTRIBUTING says of adding something is what there is: each event, fact and kind has the files listed."""

import re
from pathlib import Path

import pytest

from schemas.events import EventType
from schemas.facts.registry import FACTS
from streams.intervention.kinds import KINDS
from streams.landing.rows import COLUMNS
from tests.docs.pages import ROOT, read

MIGRATIONS = "\n".join(file.read_text() for file in sorted((ROOT / "deploy" / "clickhouse").glob("*.sql")))
BASES = {"__init__", "base", "posting", "registry"}


def modules(folder: str) -> set[str]:
    return {file.stem for file in (ROOT / folder).glob("*.py")} - BASES


def listed(what: str) -> list[str]:
    """The files that CONTRIBUTING numbers under ``**what**``, without documentation."""
    numbered = r"((?:\d\. .*\n(?:   .*\n)*)+)"
    found = re.search(rf"^\*\*{what}\*\*.*?\n\n{numbered}", read("CONTRIBUTING.md"), re.MULTILINE)
    assert found is not None, f"there is no list for {what}"
    return re.findall(r"^\d\. \[?`([^`]+)`", found[1], re.MULTILINE)


def test_a_fact_is_the_three_files_that_are_listed() -> None:
    assert listed("A fact") == ["schemas/facts/", "streams/fast/facts/", "deploy/clickhouse/"]
    assert modules("schemas/facts") == modules("streams/fast/facts") == set(FACTS)


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_has_its_table_in_a_migration(fact: str) -> None:
    assert fact in COLUMNS
    assert f"CREATE TABLE IF NOT EXISTS {fact}\n" in MIGRATIONS


def test_an_event_is_the_four_files_that_are_listed() -> None:
    assert listed("An event") == [
        *("schemas/events/", "schemas/events/__init__.py", "schemas/topics.py", "streams/pipeline.py"),
    ]
    no_accounts = {"playbook", "calendar", "live", "employer"}  # schemas/broadcasts.py, schemas/answers.py
    assert modules("schemas/events") == {kind.value for kind in EventType} - no_accounts


@pytest.mark.parametrize("word", [*EventType, *FACTS])
def test_a_word_has_an_example_named_like_it(word: str) -> None:
    assert Path(ROOT, "schemas", "examples", f"{word}.json").is_file()


def test_a_kind_of_task_is_the_three_files_that_are_listed() -> None:
    assert listed("A kind of task") == [
        *("streams/intervention/kinds/", "schemas/playbook.py", "deploy/playbook.yaml"),
    ]
    assert modules("streams/intervention/kinds") == set(KINDS)
