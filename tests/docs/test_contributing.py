"""What contributors are told is true: the hooks run what ``make check`` runs, and the lists name what there is."""

import re

import yaml

from tests.docs.pages import ROOT, read


def recipe(target: str) -> list[str]:
    """The commands of a make target."""
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", read("Makefile"), re.MULTILINE)
    assert found is not None, f"there is no target {target}"
    return [line.strip().replace("$(BIN)", ".venv/bin") for line in found[1].splitlines()]


def test_the_hooks_run_what_make_check_runs():
    repos = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    assert [repo["repo"] for repo in repos] == ["local"], "no hook comes from the network"
    hooks = repos[0]["hooks"]
    assert [hook["entry"] for hook in hooks] == recipe("check")
    for hook in hooks:
        assert hook["language"] == "system"
        assert hook["always_run"], "a change of any file can break any check"
        assert hook["pass_filenames"] is False, "make check looks at everything"


def test_paths_that_are_named_exist():
    named = re.findall(r"`((?:agents|streams|schemas|tests|deploy|docs)/[^`\s]*)`", read("CONTRIBUTING.md"))
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
