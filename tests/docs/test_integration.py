"""What producers and subscribers are told is true: commands, options, events, reasons, words."""

import re

import click
import pytest

from agents.cli import COMMANDS, main
from schemas import topics
from schemas.dead import Reason, Rejection
from schemas.decode import decode
from schemas.events import EventType
from streams.journal.eventsfile import Line, parse_line
from tests.docs.pages import PAGES, code_blocks, name, read, table_rows

INTEGRATION = read("docs/integration.md")
TOLD = [page for page in PAGES if page.name != "CHANGELOG.md"]


def command(words: list[str]) -> click.Command:
    found: click.Command | None = main
    for word in words:
        if not isinstance(found, click.Group):
            break
        found = found.get_command(click.Context(found), word)
    assert found is not None, f"there is no command {words}"
    assert not isinstance(found, click.Group), f"{words} is only the name of a group"
    return found


def all_commands() -> set[str]:
    context = click.Context(main)
    names = set()
    for first in COMMANDS:
        one = main.get_command(context, first)
        names |= {f"{first} {sub}" for sub in one.commands} if isinstance(one, click.Group) else {first}
    return names


def test_every_command_is_in_the_table_and_every_row_is_a_command():
    listed = {" ".join(re.findall(r"(?<= )[a-z]+\b", row[0])) for row in table_rows(INTEGRATION, "paytide ")}
    assert listed == all_commands()


@pytest.mark.parametrize("page", TOLD, ids=name)
def test_commands_that_are_shown_exist(page):
    shown = re.findall(r"(?:`|\$ |\d )paytide((?: [a-z]+)+)", page.read_text().replace("\n", " "))
    for text in shown:
        words = text.split()
        command(words[:2] if f"{words[0]} {words[-1]}" in all_commands() else words[:1])


@pytest.mark.parametrize("page", TOLD, ids=name)
def test_options_that_are_shown_exist(page):
    for text in re.findall(r"`paytide ([^`]+)`", page.read_text().replace("\n", " ")):
        words = text.split()
        options = {option for parameter in command(words).params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, text


def test_the_events_shown_decode():
    direct, by_topic, line = code_blocks(INTEGRATION, "json")
    assert not isinstance(decode(direct.encode()), Rejection)
    assert not isinstance(decode(by_topic.encode(), EventType.TRANSFER.encode()), Rejection)
    parsed = parse_line(line.encode())
    assert isinstance(parsed, Line)
    assert not isinstance(decode(parsed.value), Rejection)


def test_every_type_topic_is_told_with_its_type():
    told = {topic: re.findall(r"`(\w+)`", about)[0] for topic, about in table_rows(INTEGRATION, "payday")}
    assert told == {topic: kind.value for topic, kind in topics.TYPE_TOPICS.items()}


def test_every_reason_is_told_and_what_to_do_about_it():
    section = INTEGRATION.partition("\n## Dead letters\n")[2].partition("\n## ")[0]
    told = {row[0]: row[1:] for row in table_rows(section, "")}
    assert told.keys() == {reason.value for reason in Reason}
    assert [reason for reason, cells in told.items() if len(cells) != 2 or not all(cells)] == []


def test_every_type_of_event_is_told():
    assert [
        kind.value for kind in EventType if f"`{kind.value}`" not in INTEGRATION + read("docs/rules.md")
    ] == []
