"""A worker with the router and nothing else: what the way in takes by itself."""

from typing import Any

from agents.app import add_router
from agents.hosting import bare_app, manager_of
from agents.ops import worker
from agents.ops.metrics import Metrics
from agents.recordset.consumer import Hooks
from agents.settings import Settings


def create_app(settings: Settings) -> Any:
    """The app: one agent, no table."""
    hooks, metrics = Hooks(), Metrics()
    app = bare_app(settings, settings.app_id, hooks)
    add_router(app, manager_of(app, settings, settings.app_id, hooks, metrics), settings, metrics)
    return app


if __name__ == "__main__":
    worker.run(create_app(Settings()))
