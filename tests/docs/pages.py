"""The project's documents as text: pages, headings, links, tables and code blocks."""

import re
import subprocess
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
PAGES: Final = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
_FENCED: Final = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_CODE: Final = re.compile(r"`[^`\n]*`")
_LINK: Final = re.compile(r"\]\(([^)\s]+)\)")


class Link(NamedTuple):
    """A relative link: the file it leads to, and the anchor in it, empty for none."""

    target: Path
    anchor: str


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def read(relative: str) -> str:
    return (ROOT / relative).read_text()


def prose(page: Path) -> str:
    """A page without its code blocks."""
    return _FENCED.sub("", page.read_text())


def headings(page: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    found: set[str] = set()
    for heading in headings(page):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        count = sum(
            slug == known or re.fullmatch(rf"{re.escape(slug)}-\d+", known) is not None for known in found
        )
        found.add(f"{slug}-{count}" if count else slug)
    return found


def links(page: Path) -> list[Link]:
    targets = [target for target in _LINK.findall(_CODE.sub("", prose(page))) if "://" not in target]
    # A link's text may be code, and its target stands outside of it.
    return [
        Link((page.parent / path).resolve() if path else page, unquote(anchor))
        for path, _, anchor in (target.partition("#") for target in targets)
    ]


def code_blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def table_rows(text: str, first: str) -> list[list[str]]:
    """The cells of every table row whose first cell is code that begins with ``first``."""
    rows = re.findall(rf"^\| `({first}[^`]*)` \| (.*) \|$", text, re.MULTILINE)
    return [[cell, *rest.split(" | ")] for cell, rest in rows]


def tracked(*suffixes: str) -> list[Path]:
    """The project's own files with these suffixes."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [ROOT / line for line in listed.splitlines() if line.endswith(suffixes) and (ROOT / line).exists()]
