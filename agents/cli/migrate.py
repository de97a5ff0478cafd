"""``paytide migrate``: ClickHouse's tables and views, brought up to date."""

import click

from agents.cli.errors import quiet
from agents.cli.given import given_settings
from agents.cli.values import TEXT
from agents.clickhouse.client import connect
from agents.clickhouse.migrate import apply


@click.command(help="Apply the migrations that this ClickHouse does not have yet.")
@click.option("--dry-run", is_flag=True, help="Only say what would be applied.")
@click.option("--dsn", type=TEXT, help="chdb:///folder or clickhouse://…; default: PAYTIDE_CLICKHOUSE_DSN.")
def command(dry_run: bool, dsn: str | None) -> None:
    """Connect, apply, tell."""
    with quiet("clickhouse_connect", "urllib3"):
        client = connect(dsn or given_settings().clickhouse_dsn)
    try:
        names = apply(client, dry_run=dry_run)
    finally:
        client.close()
    for name in names:
        click.echo(f"{'to apply' if dry_run else 'applied'}: {name}")
    if not names:
        click.echo("up to date, nothing to apply")
