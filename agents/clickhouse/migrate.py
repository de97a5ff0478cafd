"""Numbered migrations: ``deploy/clickhouse/NNNN_name.sql``, each applied once, in order."""

import hashlib
import logging
import re
from pathlib import Path
from typing import Final, NamedTuple

from clickhouse_connect.driver.client import Client

from agents.errors import Stop

FOLDER: Final = Path(__file__).parents[2] / "deploy" / "clickhouse"
_NAME: Final = re.compile(r"\d{4}_\w+\.sql")
_COMMENT: Final = re.compile(r"^\s*--.*$", re.MULTILINE)
_STATEMENT_END: Final = re.compile(r";\s*$", re.MULTILINE)
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS schema_migration
(name String, checksum String, applied_at DateTime64(6, 'UTC') DEFAULT now64(6))
ENGINE = ReplacingMergeTree(applied_at) ORDER BY name
"""

log = logging.getLogger(__name__)


class MigrationError(Stop):
    """The migrations and the database do not fit; the message says what to do."""


class Migration(NamedTuple):
    """One file: its name, the SHA-256 of its text, its statements."""

    name: str
    checksum: str
    statements: tuple[str, ...]


def read(folder: Path = FOLDER) -> list[Migration]:
    """Every migration of a folder in order. Raises MigrationError if there is none or a name is odd."""
    files = sorted(folder.glob("*.sql"))
    odd = [file.name for file in files if _NAME.fullmatch(file.name) is None]
    if odd or not files:
        raise MigrationError(f"{folder} must hold files named like 0001_tables.sql; found {odd or 'none'}")
    return [_parse(file) for file in files]


def pending(client: Client, folder: Path = FOLDER) -> list[Migration]:
    """What is still to be applied, in order; writes nothing.

    Raises MigrationError if a migration was changed after it had been applied.
    """
    applied = _applied(client)
    migrations = read(folder)
    for migration in migrations:
        if applied.get(migration.name, migration.checksum) != migration.checksum:
            raise MigrationError(
                f"{migration.name} was changed after it was applied to this database; "
                "restore the file and put the change into a new migration"
            )
    unknown = sorted(applied.keys() - {migration.name for migration in migrations})
    if unknown:
        # Not an error: an older release must be able to run on the tables of a newer one.
        log.warning("this database is newer than this release: it also has %s", ", ".join(unknown))
    return [migration for migration in migrations if migration.name not in applied]


def apply(client: Client, dry_run: bool = False, folder: Path = FOLDER) -> list[str]:
    """Apply what is pending and return its names; with ``dry_run`` only return them.

    ClickHouse has no transactional DDL: an interrupted migration is repeated from its start, so every
    statement must bear that (IF NOT EXISTS, OR REPLACE).
    """
    todo = pending(client, folder)
    if todo and not dry_run:
        client.command(_TABLE)
        for migration in todo:
            _run(client, migration)
    return [migration.name for migration in todo]


def _run(client: Client, migration: Migration) -> None:
    for statement in migration.statements:
        client.command(statement)
    client.insert(
        "schema_migration", [(migration.name, migration.checksum)], column_names=["name", "checksum"]
    )
    log.info("applied %s", migration.name)


def _applied(client: Client) -> dict[str, str]:
    if not client.command("EXISTS TABLE schema_migration"):
        return {}
    rows = client.query("SELECT name, checksum FROM schema_migration FINAL").result_rows
    return dict(rows)


def _parse(file: Path) -> Migration:
    text = file.read_text(encoding="utf-8")
    # The HTTP interface takes one statement a request.
    parts = (part.strip() for part in _STATEMENT_END.split(_COMMENT.sub("", text)))
    return Migration(
        file.name, hashlib.sha256(text.encode()).hexdigest(), tuple(part for part in parts if part)
    )
