"""``paytide schemas export``: the published words as files."""

import json
from pathlib import Path
from typing import Any, Final

import click
import yaml

from agents.cli.lazy import service_version
from agents.cli.values import FOLDER
from schemas import export as words

EXAMPLES: Final = Path(words.__file__).parent / "examples"


@click.group(help="The published schemas.")
def command() -> None:
    """Commands on the schemas."""


@command.command(help="Write NAME.schema.json for every word, asyncapi.json and asyncapi.yaml.")
@click.option("--out", required=True, type=FOLDER, help="Directory to write to.")
def export(out: Path) -> None:
    """Generate, write."""
    out.mkdir(parents=True, exist_ok=True)
    schemas = words.json_schemas()
    for name, schema in schemas.items():
        _write(out / f"{name}.schema.json", _json(schema))
    document = words.asyncapi(service_version(), examples())
    _write(out / "asyncapi.json", _json(document))
    _write(out / "asyncapi.yaml", yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100))
    click.echo(f"{len(schemas)} schemas, asyncapi.json and asyncapi.yaml written to {out}")


def examples() -> dict[str, Any]:
    """The published example of every word, by name."""
    files = sorted(EXAMPLES.glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
