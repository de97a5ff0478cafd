"""Folder = purity, files are short, and what is public says what it is (docs/architecture.md#folders)."""

import ast
import importlib.metadata
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parsing import parse

ROOT = Path(__file__).parents[1]
PACKAGES = ("agents", "streams", "schemas")
LIMIT = 300
REASON = "over 300 lines because"
"""What the first lines of a longer file must say, and then why."""


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_imports_go_one_way_and_the_thoughts_are_pure(tmp_path: Path) -> None:
    lint = "from importlinter.cli import lint_imports_command as lint; lint(['--no-cache'])"
    done = subprocess.run(
        [sys.executable, "-c", lint], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"a contract of pyproject.toml is broken:\n{done.stdout}\n{done.stderr}"
    assert "3 kept, 0 broken" in done.stdout, "the contracts were not read"


@pytest.mark.parametrize("folder", ["schemas", "streams"])
def test_no_clock_is_read_and_no_environment(folder: str) -> None:
    # Time is an argument: what import-linter cannot see, because the standard library has it.
    forbidden = {
        "now",
        "utcnow",
        "today",
        "time_ns",
        "monotonic",
        "perf_counter",
        "environ",
        "getenv",
        "sleep",
    }
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.attr}"
        for path in sources(folder)
        for node in ast.walk(parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in forbidden
    ]
    assert found == [], "decisions would depend on something outside the journal"


@pytest.mark.parametrize("folder", ["schemas", "streams"])
def test_nothing_is_asynchronous(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources(folder)
        for node in ast.walk(parse(path.read_text()))
        if isinstance(node, ast.AsyncFunctionDef | ast.Await)
    ]
    assert found == []


def test_schemas_import_pydantic_and_the_standard_library_only() -> None:
    allowed = {*sys.stdlib_module_names, "pydantic", "pydantic_core", "schemas"}
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources("schemas")
        for name in imports(path)
        if name.partition(".")[0] not in allowed
    ]
    assert found == []


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_no_file_is_long_without_a_reason() -> None:
    long = []
    for path in sources(*PACKAGES, "tests"):
        lines = path.read_text().splitlines()
        if len(lines) > LIMIT and REASON not in " ".join(lines[:10]):
            long.append(f"{path.relative_to(ROOT)}: {len(lines)} lines")
    assert long == [], f"split them, or write '{REASON} …' into their first lines"


def public(path: Path) -> Iterator[str]:
    """What others may use of a file and says nothing about itself."""
    tree = parse(path.read_text())
    if tree.body and ast.get_docstring(tree) is None:
        yield "the module itself"
    yield from silent(tree, "")


def silent(parent: ast.Module | ast.ClassDef, prefix: str) -> Iterator[str]:
    for node in parent.body:
        if not isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        ) or node.name.startswith("_"):
            continue
        if not ast.get_docstring(node) and not is_exempt(node):
            yield prefix + node.name
        if isinstance(node, ast.ClassDef) and not is_protocol(node):
            yield from silent(node, f"{prefix}{node.name}.")


def is_exempt(node: ast.AST) -> bool:
    decorators = getattr(node, "decorator_list", [])
    return any(
        ast.unparse(one).rpartition(".")[2] in {"overload", "override", "setter"} for one in decorators
    )


def is_protocol(node: ast.ClassDef) -> bool:
    return any(ast.unparse(base).startswith("Protocol") for base in node.bases)


def test_everything_public_says_what_it_is() -> None:
    found = [f"{path.relative_to(ROOT)}: {name}" for path in sources(*PACKAGES) for name in public(path)]
    assert found == [], "public, and without a docstring"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_distribution_owns_our_names(package: str) -> None:
    owners = set(importlib.metadata.packages_distributions().get(package, []))
    assert owners <= {"paytide"}, f"{owners - {'paytide'}} would shadow {package}/"


@pytest.mark.parametrize("package", PACKAGES)
def test_our_names_are_ours(package: str) -> None:
    found = __import__(package).__path__
    assert [Path(path).resolve() for path in found] == [(ROOT / package).resolve()], (
        "another package was imported"
    )
