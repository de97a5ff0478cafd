"""What those who run the service are told is true: settings, topics, parameters, make targets."""

import re
from typing import Any

import pytest

from agents.log.topics import wanted_topics
from agents.settings import Settings
from schemas import topics
from schemas.playbook import Playbook
from tests.docs.pages import PAGES, code_blocks, name, read, table_rows

OPERATIONS = read("docs/operations.md")
RULES = read("docs/rules.md")
SETTINGS = {f"PAYTIDE_{field.upper()}" for field in Settings.model_fields}


def test_every_setting_is_in_the_table_with_its_default(monkeypatch):
    for setting in SETTINGS:
        monkeypatch.delenv(setting, raising=False)
    settings = Settings(_env_file=None)
    told = {row[0]: row[1].strip("`") for row in table_rows(OPERATIONS, "PAYTIDE_")}
    assert told.keys() == SETTINGS
    for field in Settings.model_fields:
        value, text = getattr(settings, field), told[f"PAYTIDE_{field.upper()}"]
        if "…" in text:  # an absolute path
            begin, end = text.split("…")
            assert str(value).startswith(begin)
            assert str(value).endswith(end)
        else:
            assert text == ("–" if value is None else str(value)), field


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_settings_that_are_named_exist(page):
    if page.name == "CHANGELOG.md":  # it may name what is gone
        return
    named = set(re.findall(r"\bPAYTIDE_[A-Z_]*[A-Z]\b", page.read_text()))
    assert named <= SETTINGS


def test_every_topic_is_in_the_table_with_its_configuration():
    told = dict(re.findall(r"^\| (.*\.v1`|`paytide-.+`) \| (.*) \|$", OPERATIONS, re.MULTILINE))
    for topic, config in wanted_topics("paytide").items():
        word = "type topics" if topic in topics.TYPE_TOPICS else f"`{topic}`"
        shown = next((text for names, text in told.items() if word in names), "")
        assert set(re.findall(r"`([^`]+)`", shown)) == {f"{key}={value}" for key, value in config.items()}, (
            topic
        )
    assert [topic for topic in topics.TYPE_TOPICS if f"`{topic}`" not in OPERATIONS] == []


def test_the_flow_shows_every_topic():
    flow = code_blocks(read("docs/architecture.md"), "text")[0]
    assert [topic for topic in wanted_topics("paytide") if topic not in flow] == []


def parameters(part: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Every parameter of a playbook by its path, as text."""
    found = {}
    for key, value in part.items():
        if isinstance(value, dict):
            found |= parameters(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = "null" if value is None else str(value)
    return found


def test_every_parameter_of_the_playbook_is_told_with_its_default():
    book = Playbook().model_dump(exclude={"name", "version"})
    told = {row[0]: row[1] for row in table_rows(RULES, r"[a-z_]+\.")}
    actual = parameters(book)
    assert {key: told.get(key) for key in actual} == actual


def test_every_part_of_the_playbook_that_is_told_exists():
    parts = set(Playbook().model_dump(exclude={"name", "version"}))
    assert {row[0].partition(".")[0] for row in table_rows(RULES, r"[a-z_]+\.")} == parts


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_make_targets_that_are_named_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:`|\$ |=\d+ )make ([a-z-]+)", page.read_text())) <= targets
