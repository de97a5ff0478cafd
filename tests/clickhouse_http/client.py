"""The front of ``server.py`` as a process that a test starts, troubles and ends."""

import contextlib
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
STOP_SECONDS = 20.0
# Below the ports lent to outgoing connections: a client that retries during a refusal could be lent ours.
PORTS = range(20_000, 32_000)


class Front:
    """A ClickHouse server on ``path`` at ``dsn``; started when made, ends with this process at the latest.

    It writes ``front.log`` beside its folder. Methods block; ``dsn`` stays valid over ``kill`` and ``start``.
    """

    def __init__(self, path: Path, port: int | None = None) -> None:
        self.path = path.resolve()
        self.port = port or _free_port()
        self.log_file = self.path.parent / "front.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def dsn(self) -> str:
        """For PAYTIDE_CLICKHOUSE_DSN; ``?send_receive_timeout=1`` behind it shortens the driver's patience."""
        return f"http://{HOST}:{self.port}/"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def hits(self) -> dict[str, int]:
        """How many requests each fault has hit since the start; refused connections cannot be counted."""
        hits: dict[str, int] = self._ask("GET")["hits"]
        return hits

    def start(self) -> None:
        """Start and wait until it answers. Raises RuntimeError with its log's end if it does not."""
        if self.pid is not None:
            return
        self.path.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "tests.clickhouse_http.server", "--path", str(self.path)]
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port), "--until-eof"],
                cwd=ROOT,
                env={**os.environ, "TZ": "UTC"},  # as servers have it
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
        try:
            self.wait_ok(START_SECONDS)
        except BaseException:
            self.kill()
            raise

    def fault(self, mode: str, seconds: float) -> None:
        """Have ``mode`` of ``server.py`` for so long; in force when this returns. "ok" ends it early.

        A refusal cannot be ended early: this then raises ConnectionRefusedError.
        """
        self._ask("POST", f"?mode={mode}&seconds={seconds}")

    def wait_ok(self, timeout: float = 30.0) -> None:
        """Wait until it answers and no fault is on. Raises RuntimeError if that takes too long."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline and self.pid is not None:
            with contextlib.suppress(OSError):
                if self._ask("GET")["mode"] == "ok":
                    return
            time.sleep(0.02)
        log = self.log_file.read_text(encoding="utf-8", errors="replace")[-2_000:]
        raise RuntimeError(f"the front at {self.dsn} is not ready; its log ends with:\n{log}")

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._ended()

    def close(self) -> None:
        """End it in order (SIGTERM), by force if it does not."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        self.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ended(self) -> None:
        assert self._process is not None
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None

    def _ask(self, method: str, query: str = "") -> dict[str, Any]:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=10)
        try:
            connection.request(method, f"/_fault{query}")
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                raise ValueError(body.decode())
            answer: dict[str, Any] = json.loads(body)
            return answer
        finally:
            connection.close()


def _free_port() -> int:
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return port
    raise RuntimeError("no free port")
