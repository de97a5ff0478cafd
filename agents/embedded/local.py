"""The whole service on this machine: broker, worker and landing as processes of their own."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from agents.embedded.kafka import EmbeddedKafka
from agents.errors import Stop
from agents.landing import LANDED
from agents.log.lag import wait_until_caught_up
from agents.log.topics import ensure_topics
from agents.lookahead import broadcast_first
from agents.settings import Settings
from schemas import topics
from schemas.groups import GROUPS

STOP_SECONDS = 20.0


class ProcessDiedError(Stop):
    """A process of the service ended by itself; the message ends with its log."""

    keeps_lines = True


class LocalService:
    """Everything under one directory: ``kafka/``, ``clickhouse/``, ``worker.log``, ``landing.log``.

    ``env``: settings (``PAYTIDE_…``) that differ from the defaults. Use as a context manager: whatever
    happens, nothing is left running.
    """

    def __init__(self, home: Path, **env: str) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.kafka = EmbeddedKafka(home / "kafka")
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._env = env

    @property
    def env(self) -> dict[str, str]:
        """The settings of its processes, as environment variables."""
        return {
            "PAYTIDE_KAFKA_BOOTSTRAP": self.kafka.bootstrap,
            "PAYTIDE_CLICKHOUSE_DSN": f"chdb://{(self.home / 'clickhouse').resolve()}",
            "PAYTIDE_TICK_SECONDS": "0",
            **self._env,
        }

    @property
    def settings(self) -> Settings:
        """The same settings, for this process."""
        given = {name.removeprefix("PAYTIDE_").lower(): value for name, value in self.env.items()}
        return Settings.model_validate(given)

    def start_broker(self, *, playbook: bool = True) -> None:
        """Start the broker and make the topics. ``playbook``: and broadcast it, where no worker ticks."""
        self.kafka.start()
        asyncio.run(ensure_topics(self.settings))
        if playbook and not self.settings.tick_seconds:
            self.broadcast_playbook()

    def broadcast_playbook(self) -> None:
        """Give the journal its first playbook, as a worker that ticks would (B4)."""
        asyncio.run(broadcast_first(self.settings))

    def start(self, command: str, name: str | None = None, module: str = "agents", **env: str) -> None:
        """Start ``paytide COMMAND`` as a process; ``name`` (default: the command) must not be running.
        ``module``: what ``python -m`` runs instead, with the command as its argument."""
        name = name or command
        with (self.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", module, command],
                cwd=Path(__file__).parents[2],
                env={**os.environ, **self.env, "PAYTIDE_INSTANCE_ID": name, **env},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """SIGKILL, and wait until it is gone."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self, name: str) -> int:
        """SIGTERM, SIGKILL if that takes too long; returns the exit code."""
        process = self.processes.pop(name)
        process.terminate()
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def ended(self) -> dict[str, int]:
        """The processes that have ended by themselves, and their exit codes."""
        codes = {name: process.poll() for name, process in list(self.processes.items())}
        return {name: code for name, code in codes.items() if code is not None}

    def check(self) -> None:
        """Raise ``ProcessDiedError`` if a process has ended by itself."""
        for name, code in self.ended().items():
            log = self.home / f"{name}.log"
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
            raise ProcessDiedError(f"{name} ended with exit code {code}; the end of {log}:\n{tail}")

    def wait_applied(self, timeout: float = 120.0) -> None:
        """Wait until the worker has routed and applied everything written so far, the answers to it included."""
        group = self.settings.app_id
        for names in (list(topics.TYPE_TOPICS), [topics.JOURNAL], [GROUPS], [topics.JOURNAL]):
            asyncio.run(wait_until_caught_up(self.settings, group, names, timeout, self.check))

    def wait_landed(self, timeout: float = 120.0) -> None:
        """Wait until the landing has landed everything written so far."""
        group = f"{self.settings.app_id}-landing"
        asyncio.run(wait_until_caught_up(self.settings, group, LANDED, timeout, self.check))

    def close(self) -> None:
        """Stop everything that still runs."""
        for name in list(self.processes):
            self.stop(name)
        self.kafka.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()
