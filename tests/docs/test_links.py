"""The documents hang together: links lead somewhere, the README stays short, decisions have their form."""

import re

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT, anchors, headings, links, name, read

DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_files_that_exist(page):
    missing = [str(link.target) for link in links(page) if not link.target.exists()]
    assert missing == [], f"{name(page)} links to files that are not there"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_headings_that_exist(page):
    missing = [
        f"{link.target.name}#{link.anchor}"
        for link in links(page)
        if link.anchor and link.target.suffix == ".md" and link.anchor not in anchors(link.target)
    ]
    assert missing == [], f"{name(page)} links to headings that are not there"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_stay_inside_the_project(page):
    assert [str(link.target) for link in links(page) if not link.target.is_relative_to(ROOT)] == []


def test_every_page_can_be_reached_from_the_readme():
    reached, new = set(), {ROOT / "README.md"}
    while new:
        reached |= new
        new = {link.target for page in new for link in links(page) if link.target.suffix == ".md"} - reached
    assert [name(page) for page in PAGES if page not in reached] == []


def test_the_readme_is_short():
    assert len(read("README.md").splitlines()) <= 140, "what is not needed first belongs into docs/"


def test_headings_are_unique_on_their_page():
    # GitHub numbers the anchors of equal headings, and a link to one would depend on their order.
    twice = {name(page): headings(page) for page in DOCS.glob("*.md")}
    assert {page for page, found in twice.items() if len(set(found)) < len(found)} == set()


@pytest.mark.parametrize("page", DECISIONS, ids=name)
def test_a_decision_has_context_decision_and_consequences(page):
    title, *sections = headings(page)
    assert title.startswith(page.name[:4])
    assert sections == ["Context", "Decision", "Consequences"]
    assert len(page.read_text().splitlines()) <= 40, "a decision record is short"


def test_decisions_are_numbered_without_gaps_and_listed():
    assert [page.name[:4] for page in DECISIONS] == [f"{n:04}" for n in range(1, len(DECISIONS) + 1)]
    listed = re.findall(r"\((\d{4}-[^)]+\.md)\)", read("docs/decisions/README.md"))
    assert listed == [page.name for page in DECISIONS]
