"""A playbook of an older form means what it did, whatever a newer version has added (B1)."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schemas import playbook
from schemas.broadcasts import PlaybookChange
from schemas.dead import Rejection
from schemas.playbook import ADDED, FIRST_SCHEMA, PLAYBOOK_SCHEMA, Playbook, completed
from streams.journal.control import PLAYBOOKS, book_of, in_force_of, rows_of
from streams.playbook.rules import Edition, InForce

EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"
FORMS = {
    int(path.stem): json.loads(path.read_text())
    for path in sorted(Path(__file__).parent.glob("forms/*.json"))
}
"""A whole playbook of each form there ever was, with none of its parameters as it is shipped. They are never changed."""


def change(values: dict[str, Any], schema: int) -> PlaybookChange:
    return PlaybookChange(schema_number=schema, since=0, playbook=values)


def paths(values: dict[str, Any]) -> set[str]:
    """The path of every parameter, and of every part."""
    inner = {f"{name}.{field}" for name, part in values.items() if isinstance(part, dict) for field in part}
    return {*values, *inner}


@pytest.mark.parametrize("number", FORMS)
def test_every_form_there_ever_was_is_read(number: int) -> None:
    book = book_of(change(FORMS[number], number))
    assert isinstance(book, Playbook), (
        f"a log with this playbook would be decided otherwise: {book}. Say in schemas.playbook.ADDED what a playbook "
        "without the new parameter means, raise PLAYBOOK_SCHEMA, and add the new form beside the others"
    )
    read = book.model_dump(mode="json")
    known = paths(FORMS[number])
    assert {path: value for path, value in _flat(read).items() if path in known} == _flat(FORMS[number])


def test_what_came_after_the_first_form_is_named_and_nothing_else() -> None:
    assert max(FORMS) == PLAYBOOK_SCHEMA, "the newest form is not among those that are read for good"
    assert paths(Playbook().model_dump()) == paths(FORMS[PLAYBOOK_SCHEMA])
    new = paths(FORMS[PLAYBOOK_SCHEMA]) - paths(FORMS[FIRST_SCHEMA])
    assert {path for path in new if path.partition(".")[0] not in new - {path}} == ADDED.keys()


def test_the_published_example_is_a_playbook_of_the_newest_form() -> None:
    example = PlaybookChange.model_validate_json((EXAMPLES / "playbook.json").read_bytes())
    assert example.schema_number == PLAYBOOK_SCHEMA
    assert isinstance(book_of(example), Playbook), "whoever copies it is refused"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the form that is known had brought a parameter and a part."""
    monkeypatch.setattr(playbook, "ADDED", {"alert.close_hours": (2, 9), "habit": (2, FORMS[1]["habit"])})


@pytest.mark.usefixtures("later")
def test_what_an_older_form_had_not_means_what_the_service_did_before() -> None:
    whole = FORMS[1] | {"alert": dict(FORMS[1]["alert"])}
    del whole["habit"], whole["alert"]["close_hours"]
    book = book_of(change(whole, 1))
    assert isinstance(book, Playbook)
    assert (book.alert.close_hours, book.habit.of_last) == (9, 5)
    assert "close_hours" not in whole["alert"], "the record itself was changed"


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("missing", ["habit", "alert.close_hours"])
def test_a_form_that_has_it_must_bring_it(missing: str) -> None:
    part, _, field = missing.partition(".")
    whole: dict[str, Any] = FORMS[1] | {"alert": dict(FORMS[1]["alert"])}
    del (whole[part] if field else whole)[field or part]
    refused = book_of(change(whole, 2))
    assert isinstance(refused, Rejection)
    assert refused.detail == f"playbook.{missing}: is missing; a playbook is published whole"


@pytest.mark.usefixtures("later")
def test_what_an_older_form_had_is_kept() -> None:
    assert completed(FORMS[1], 1) == FORMS[1]
    assert completed({"alert": 5}, 1)["alert"] == 5, "what is no part is the validation's to refuse"


def test_a_stored_playbook_of_an_older_form_means_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Playbook.model_validate(FORMS[1])
    row = msgspec.msgpack.decode(rows_of(InForce([Edition(0, 0, book, 0)]))[PLAYBOOKS])
    values = json.loads(row[1][0][2])
    del values["alert"]["close_hours"]
    row[1][0][2] = json.dumps(values).encode()
    monkeypatch.setattr(playbook, "ADDED", {"alert.close_hours": (2, 9)})
    read = in_force_of({PLAYBOOKS: msgspec.msgpack.encode(row)}, Playbook()).editions[0].book
    assert (read.name, read.alert.close_hours) == ("moravia", 9)


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    """Every parameter by its path."""
    flat: dict[str, Any] = {}
    for name, part in values.items():
        if isinstance(part, dict):
            flat |= {f"{name}.{field}": value for field, value in part.items()}
        else:
            flat[name] = part
    return flat
