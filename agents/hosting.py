"""What hosts any app: Faust handed record sets, pipelines tied to its consumer, a watcher; what fails stops it (X5)."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from uuid import uuid4

import faust
from faust.auth import SASLCredentials, SSLCredentials
from yarl import URL

from agents.log.codecs import require_codecs, written_with
from agents.log.records import TP
from agents.ops.health import Health, Probe, is_member, watch
from agents.ops.stopping import StoppingApp
from agents.recordset.consumer import Hooks, RecordSetTransport
from agents.recordset.flow import FlowControl
from agents.recordset.manager import Limits, Manager
from agents.recordset.pipeline import Observer
from agents.settings import Settings


class RecordSetSchema(faust.Schema):
    """Passes record sets through as they are: decoding is the pipeline's, in the order of the log."""

    def loads_key(self, app: Any, message: Any, **_: Any) -> None:
        """Record sets have no key."""

    def loads_value(self, app: Any, message: Any, **_: Any) -> Any:
        """The record set itself."""
        return message.value


def add_health(
    app: faust.App,
    settings: Settings,
    positions: Callable[[], Mapping[TP, int]],
    waits_for: Callable[[], str | None] = lambda: None,
) -> Health:
    """A watcher in the app's loop, and the verdict it keeps."""
    health = Health()
    probe = Probe(positions, lambda: is_member(app), lambda: not app.rebalancing, waits_for)

    @app.task
    async def look() -> None:
        await crashing(app, watch)(settings, health, probe)

    return health


def add_agent(app: faust.App, manager: Manager, name: str, *names: str) -> None:
    """An agent that passes the record sets of some topics to their pipelines."""
    channel = app.topic(*names, schema=RecordSetSchema(), acks=False)

    async def agent(stream: Any) -> None:
        async for event in stream.noack().events():
            await manager.offer(event.value)

    app.agent(channel, name=name)(crashing(app, agent))


def crashing(app: faust.App, run: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Make an exception stop the worker: Faust would acknowledge the event and restart the agent, and
    a hole must not go unseen."""

    async def running(*args: Any) -> None:
        try:
            await run(*args)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            await app.crash(error)
            raise

    return running


def bare_app(settings: Settings, group: str, hooks: Hooks, fetch_bytes: int | None = None) -> faust.App:
    """A Faust app that is handed record sets, of a consumer group of its own. ``fetch_bytes``: at most so
    many a partition and fetch, ``max_fetch_bytes`` if not given. Raises ``CodecMissingError``."""
    require_codecs()
    url = [URL(f"kafka://{server}") for server in settings.kafka_bootstrap.split(",")]
    app = StoppingApp(
        group,
        broker=url,
        broker_credentials=_credentials(settings),
        broker_session_timeout=settings.kafka_session_timeout,
        broker_heartbeat_interval=settings.kafka_session_timeout / 4,
        broker_request_timeout=max(40.0, settings.kafka_session_timeout + 5),
        broker_rebalance_timeout=60.0,
        consumer_group_instance_id=settings.instance_id and f"{group}-{settings.instance_id}",
        consumer_max_fetch_size=fetch_bytes or settings.max_fetch_bytes,
        # The URL tells members apart in the assignor; nothing listens there.
        canonical_url=f"http://{settings.instance_id or uuid4().hex}.{socket.gethostname()}:1",
        datadir=Path(gettempdir()) / f"paytide-{group}",
        store="memory://",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        stream_wait_empty=False,
        stream_recovery_delay=0.0,
        topic_partitions=settings.partitions,
    )
    app.transport = RecordSetTransport(url, app, hooks)
    app.flow_control = FlowControl()
    return app


def manager_of(app: faust.App, settings: Settings, group: str, hooks: Hooks, observer: Observer) -> Manager:
    """The pipelines of an app, tied to its consumer by the hooks."""

    async def seek(tp: TP, position: int) -> None:
        await app.consumer.seek_to(tp, position)

    limits = Limits(settings.max_records, settings.max_waiting_bytes)
    codecs = written_with(settings.kafka_compression)
    manager = Manager(group, settings.kafka_client(), limits, observer, seek, app.crash, codecs)
    hooks.assigned, hooks.revoked, hooks.is_full = manager.on_assigned, manager.on_revoked, manager.is_full

    @app.on_before_shutdown.connect
    async def stop(*_: Any, **__: Any) -> None:
        await manager.stop()

    return manager


def crash_soon(app: faust.App, error: Exception) -> None:
    """End the app because of an error met outside its loop's tasks."""
    app.loop.call_soon_threadsafe(lambda: asyncio.ensure_future(app.crash(error)))


def _credentials(settings: Settings) -> Any:
    client = settings.kafka_client()
    context = client.get("ssl_context")
    if settings.kafka_security_protocol.startswith("SASL"):
        return SASLCredentials(
            username=settings.kafka_username,
            password=settings.kafka_secret(),
            mechanism=settings.kafka_sasl_mechanism,
            ssl_context=context,
        )
    return SSLCredentials(context=context) if context is not None else None
