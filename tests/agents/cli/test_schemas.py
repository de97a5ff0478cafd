"""``paytide schemas export``."""

import json
from collections.abc import Callable
from pathlib import Path

import yaml
from click.testing import Result

from schemas.export import WORDS


def test_every_word_is_a_file_and_the_document_is_there_twice(
    paytide: Callable[..., Result], tmp_path: Path
) -> None:
    out = tmp_path / "new" / "folder"
    shown = paytide("schemas", "export", "--out", out)
    assert shown.exit_code == 0, shown.output
    names = {f"{word}.schema.json" for word in WORDS}
    assert {file.name for file in out.iterdir()} == names | {"asyncapi.json", "asyncapi.yaml"}
    document = json.loads((out / "asyncapi.json").read_text(encoding="utf-8"))
    assert document == yaml.safe_load((out / "asyncapi.yaml").read_text(encoding="utf-8"))
    assert document["components"]["messages"]["interventions.task"]["examples"][0]["payload"]["version"] == 1
    assert json.loads((out / "tick.schema.json").read_text(encoding="utf-8"))["title"] == "Tick"


def test_a_place_that_cannot_be_written_is_named(paytide: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    shown = paytide("schemas", "export", "--out", tmp_path / "file" / "below")
    assert shown.exit_code == 2
    assert str(tmp_path / "file" / "below") in shown.stderr
