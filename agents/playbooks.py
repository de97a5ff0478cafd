"""The playbook file: YAML in, validated model out (docs/rules.md#parameters)."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from yaml.error import MarkedYAMLError

from agents.errors import Stop
from schemas.playbook import Bank, Playbook


class PlaybookError(Stop):
    """A playbook that cannot be used; the message says where."""


class _Loader(yaml.SafeLoader):
    """YAML says that a key may stand once; PyYAML silently takes the last."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """See ``yaml.composer.Composer``."""
        node = super().compose_mapping_node(anchor)
        seen: set[tuple[str, str]] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if (key.tag, key.value) in seen:
                    raise MarkedYAMLError(
                        problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark
                    )
                seen.add((key.tag, key.value))
        return node


def load_playbook(path: Path | None, timezone: str | None = None) -> Playbook:
    """The playbook of a file, the shipped one without; ``timezone`` overrides its zone."""
    book = Playbook() if path is None else _read(path)
    if timezone is None:
        return book
    bank = {**book.bank.model_dump(), "timezone": timezone}
    try:
        return book.model_copy(update={"bank": Bank.model_validate(bank)})
    except ValidationError as error:
        raise PlaybookError(_explain("--timezone", error)) from error


def _read(path: Path) -> Playbook:
    try:
        content = yaml.load(path.read_text(), _Loader)  # noqa: S506 - it is a safe one
        return Playbook.model_validate(content or {})
    except OSError as error:
        raise PlaybookError(f"cannot read the playbook {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PlaybookError(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from error
    except yaml.YAMLError as error:
        raise PlaybookError(f"{path} is not YAML: {error}") from error
    except ValidationError as error:
        raise PlaybookError(_explain(str(path), error)) from error


def _explain(where: str, error: ValidationError) -> str:
    lines = [f"  {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    return "\n".join([f"{where}:", *lines])
