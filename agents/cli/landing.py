"""``paytide landing``: facts, tasks and dead letters into ClickHouse, until a signal ends it."""

import asyncio

import click

from agents.cli.errors import quiet
from agents.cli.given import given_settings
from agents.log.rights import check_rights, of_landing
from agents.log.topics import ensure_topics


@click.command(help="Run the landing into ClickHouse; 'paytide migrate' makes its tables.")
def command() -> None:
    """Make the topics, wire, run."""
    settings = given_settings()
    with quiet("aiokafka"):
        asyncio.run(check_rights(settings, of_landing(settings)))
        asyncio.run(ensure_topics(settings))
    from agents.landing import create_landing
    from agents.ops.http import serve
    from agents.ops.worker import run

    wired = create_landing(settings)
    serve(settings.metrics_port, wired.metrics.registry, wired.health)
    run(wired.app)
