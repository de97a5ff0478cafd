"""The playbook file: YAML in, validated model out (DESIGN 9)."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from agents.errors import Stop
from schemas.playbook import Bank, Playbook


class PlaybookError(Stop):
    """A playbook that cannot be used; the message says where."""


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
        return Playbook.model_validate(yaml.safe_load(path.read_text()) or {})
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
