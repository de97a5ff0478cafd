"""Rules, code and tests hold together: what is cited exists, and what exists is built, tested and cited."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.docs.pages import DOCS, ROOT, anchors, name, prose, read, tracked
from tests.parsing import parse

RESERVED: Final = "DGLSUW"
"""Letters of rules that are still to come."""
RULE: Final = re.compile(r"^### ([A-Z]\d{1,2}) [^\n]+\n(.*?)(?=^#|\Z)", re.DOTALL | re.MULTILINE)
CITED: Final = re.compile(r"(?<![\w.#/-])([A-Z])(\d{1,2})(?: (?:to|and) \1(\d{1,2}))?(?![\w-]|\.\w)")
COMMENT: Final = re.compile(r"(?:^|\s)(?:--|#|//|\*) (.*)$", re.MULTILINE)
SECTIONS: Final = re.compile(r"\b(?:DESIGN|PROGRAMME) [A-Z0-9]")


class Rule(NamedTuple):
    """A rule of the page: the files that its lines name as code and as tests."""

    code: list[str]
    tests: list[str]


def paths(line: str, text: str) -> list[str]:
    found = re.search(rf"^{line}: ((?:.|\n(?!Tests:|\n))+)", text, re.MULTILINE)
    return re.findall(r"`([^`]+)`", found[1]) if found else []


RULES: Final = {
    rule: Rule(paths("Code", text), paths("Tests", text))
    for rule, text in RULE.findall(read("docs/rules.md"))
}
LETTERS: Final = {rule[0] for rule in RULES} | set(RESERVED)


def citations(text: str) -> Iterator[str]:
    """The rules that a text cites; ``R4 to R6`` cites three."""
    for letter, first, last in CITED.findall(text):
        if letter in LETTERS:
            yield from (f"{letter}{number}" for number in range(int(first), int(last or first) + 1))


@cache
def remarks(path: Path) -> str:
    """The comments and docstrings of a file: code and data may hold what only looks like a rule."""
    text = path.read_text()
    comments = COMMENT.findall(text)
    if path.suffix != ".py":
        return "\n".join(comments)
    # Every bare string is a remark: a module's, a class's or a constant's.
    strings = [
        node.value.value
        for node in ast.walk(parse(text))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]
    return "\n".join([*comments, *strings])


@cache
def cited_by_file() -> dict[str, set[str]]:
    sources = [path for path in tracked(".py", ".sql", ".yaml", ".yml", ".java") if path != Path(__file__)]
    return {name(path): set(citations(remarks(path))) for path in sources}


def test_the_rules_of_a_letter_stand_in_order():
    numbers: dict[str, list[int]] = {}
    for rule in RULES:
        numbers.setdefault(rule[0], []).append(int(rule[1:]))
    assert {"J", "R", "T", "O", "X"} <= numbers.keys()
    assert {letter for letter, found in numbers.items() if found != sorted(set(found))} == set()


def test_no_letter_is_used_that_is_kept_for_rules_to_come():
    assert {rule for rule in RULES if rule[0] in RESERVED} == set(), "take its letter out of RESERVED"


def test_every_rule_that_is_cited_exists():
    unknown = {
        file: sorted(rules - RULES.keys()) for file, rules in cited_by_file().items() if rules - RULES.keys()
    }
    assert unknown == {}, "these citations lead nowhere; docs/rules.md has the rules"


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=name)
def test_every_rule_that_a_page_names_exists(page):
    assert set(citations(prose(page))) - RULES.keys() == set()


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_names_code_and_tests_that_exist(rule):
    code, tests = RULES[rule]
    assert code, "a rule has code"
    assert tests, "a rule has a test"
    assert [path for path in [*code, *tests] if not (ROOT / path).is_file()] == []
    assert [path for path in code if not path.startswith(("agents/", "schemas/", "streams/"))] == []
    assert [path for path in tests if not path.startswith("tests/")] == []


def test_a_rule_is_cited_by_code_and_by_a_test_that_it_names():
    by_file = cited_by_file()
    uncited = [
        f"{rule} {kind}"
        for rule, named in RULES.items()
        for kind, files in named._asdict().items()
        if not any(rule in by_file[file] for file in files)
    ]
    assert uncited == [], "neither the files that these rules name nor their tests cite them"


def test_nothing_cites_a_document_that_is_not_here():
    citing = [name(path) for path in tracked(".py", ".sql", ".md") if SECTIONS.search(path.read_text())]
    assert [path for path in citing if path != name(Path(__file__))] == [], (
        "cite a rule of docs/rules.md, or a page"
    )


def test_pages_that_code_cites_exist():
    missing = []
    for path in tracked(".py"):
        for page, anchor in re.findall(r"\b((?:docs|deploy|tests)/[\w/-]+\.md)(?:#([\w-]+))?", remarks(path)):
            if not (ROOT / page).exists() or (anchor and anchor not in anchors(ROOT / page)):
                missing.append(f"{name(path)}: {page}#{anchor}")
    assert missing == []
