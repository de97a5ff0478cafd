"""``paytide worker``: router, detector and clock, until a signal ends them."""

import asyncio

import click

from agents.cli.errors import quiet
from agents.cli.given import given_settings
from agents.log.rights import check_rights, of_worker
from agents.log.topics import ensure_topics


@click.command(help="Run the worker: router, detector, clock. Settings come from PAYTIDE_… or .env.")
def command() -> None:
    """Make the topics, wire, run."""
    settings = given_settings()
    with quiet("aiokafka"):
        asyncio.run(check_rights(settings, of_worker(settings)))
        asyncio.run(ensure_topics(settings))
    # Faust is slow to import: not before it is known that there is a broker.
    from agents.app import create_app
    from agents.ops.http import serve
    from agents.ops.worker import run

    wired = create_app(settings)
    serve(settings.metrics_port, wired.metrics.registry, wired.health)
    run(wired.app)
