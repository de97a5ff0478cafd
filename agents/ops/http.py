"""The HTTP side of a process: ``/metrics``, ``/livez``, ``/readyz``."""

import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from agents.ops.health import Health

Answer = tuple[str, bytes]


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """A probe a second is no news."""


def serve(port: int, registry: CollectorRegistry, health: Health) -> None:
    """Answer on a port from a thread of its own; 0: nowhere. Raises ``OSError`` if the port is taken."""
    if port:
        server = make_server("", port, application(registry, health), ThreadingWSGIServer, _Silent)
        threading.Thread(target=server.serve_forever, daemon=True, name="http").start()


def application(registry: CollectorRegistry, health: Health) -> Callable[..., Iterable[bytes]]:
    """The WSGI application."""
    metrics = make_wsgi_app(registry)

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            page: Iterable[bytes] = metrics(environ, start_response)
            return page
        status, body = _probe(path, health)
        start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [body]

    return answer


def _probe(path: str, health: Health) -> Answer:
    if path == "/livez":
        return _answer(health.problem(), b"alive\n")
    if path == "/readyz":
        return _answer(health.unready(), b"ready\n")
    return "404 Not Found", b"/metrics, /livez and /readyz are here\n"


def _answer(problem: str | None, well: bytes) -> Answer:
    return ("200 OK", well) if problem is None else ("503 Service Unavailable", f"{problem}\n".encode())
