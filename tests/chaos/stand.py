"""The stand: a broker, three workers, a landing and a ClickHouse that can be put out of order."""

import asyncio
import os
import signal
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

from agents.clickhouse import migrate
from agents.clickhouse.client import connect
from agents.embedded.local import LocalService
from agents.log.offsets import committed
from agents.log.records import TP
from agents.log.topics import admin
from agents.settings import Settings
from schemas import topics
from tests.clickhouse_http.client import Front

WORKERS = ("worker-1", "worker-2", "worker-3")
LANDING = "landing"
SESSION_SECONDS = 4
WINDOW_SECONDS = 20.0
PROGRESS_SECONDS = 40.0
PROGRESS_LOOK_SECONDS = 0.2


class Stand:
    """Processes by name. What ends by itself is started again, as a supervisor would, and counted."""

    def __init__(self, home: Path, breaking: str = "") -> None:
        self.front = Front(home / "front")
        self.service = LocalService(
            home,
            PAYTIDE_CLICKHOUSE_DSN=self.front.dsn,
            PAYTIDE_KAFKA_SESSION_TIMEOUT=str(SESSION_SECONDS),
            PAYTIDE_MAX_RECORDS="500",
            PAYTIDE_LANDING_SECONDS="0.5",
        )
        self.kills = 0
        self.crashes = 0
        self._applied = 0
        self._breaking = breaking
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)

    def start(self) -> None:
        """Everything up."""
        self.service.start_broker()
        client = connect(self.front.dsn)
        migrate.apply(client)
        client.close()
        for name in (*WORKERS, LANDING):
            self._start(name)
        self._supervisor.start()

    def kill(self, name: str) -> None:
        """SIGKILL, and up again."""
        with self._lock:
            self.service.kill(name)
            self.kills += 1
            self._start(name)

    def terminate(self, name: str) -> None:
        """SIGTERM, and up again."""
        with self._lock:
            self.service.stop(name)
            self._start(name)

    def pause(self, name: str, seconds: float) -> None:
        """SIGSTOP, and SIGCONT later: beyond the session time-out, another has taken over by then."""
        process = self.service.processes[name]
        os.kill(process.pid, signal.SIGSTOP)
        sleep(seconds)
        os.kill(process.pid, signal.SIGCONT)

    def die_in_window(self, name: str, window: str, after: int) -> None:
        """Restart a process so that it dies at a named moment; wait for it; and up again."""
        with self._lock:
            self.service.kill(name)
            self.kills += 1
            self._start(name, CHAOS_WINDOW=window, CHAOS_AFTER=str(after))
            process = self.service.processes[name]
            try:
                process.wait(WINDOW_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self.kills += 1
            self.service.processes.pop(name)
            self._start(name)

    def bounce(self, *, hard: bool) -> None:
        """The broker goes, cleanly or by SIGKILL, and comes back with its data."""
        if hard:
            self.service.kafka.kill()
        else:
            self.service.kafka.stop()
        self.service.kafka.start()

    def go_on(self, over: threading.Event) -> None:
        """Wait until the journal has been applied further than at the last call, at most for a while: on a busy
        machine workers are up late, and a fault among workers that do nothing yet proves nothing."""
        until = monotonic() + PROGRESS_SECONDS
        while not over.is_set() and monotonic() < until:
            with suppress(Exception):  # the broker may be what is out of order
                applied = asyncio.run(_applied(self.service.settings))
                if applied > self._applied:
                    self._applied = applied
                    return
            over.wait(PROGRESS_LOOK_SECONDS)

    def settle(self, timeout: float) -> None:
        """Wait until everything is applied and landed."""
        deadline = monotonic() + timeout
        while True:
            try:
                self.service.wait_applied(deadline - monotonic())
                self.service.wait_landed(deadline - monotonic())
                return
            except TimeoutError:
                raise
            except Exception:
                if monotonic() > deadline:
                    raise
                sleep(1)

    def close(self) -> None:
        """Everything down."""
        self._over.set()
        if self._supervisor.is_alive():
            self._supervisor.join()
        self.service.close()
        self.front.close()

    def _start(self, name: str, **env: str) -> None:
        command = "landing" if name == LANDING else "worker"
        self.service.start(command, name, module="tests.chaos.entry", CHAOS_BREAK=self._breaking, **env)

    def _supervise(self) -> None:
        while not self._over.wait(0.5):
            with self._lock:
                for name in self.service.ended():
                    self.crashes += 1
                    self.service.processes.pop(name)
                    self._start(name)


async def _applied(settings: Settings) -> int:
    tps = [TP(topics.JOURNAL, partition) for partition in range(settings.partitions)]
    async with admin(settings) as client:
        return sum((await committed(client, settings.app_id, tps)).values())
