"""A real Apache Kafka broker as a child process: one KRaft node on 127.0.0.1, restartable on its data."""

import json
import logging
import random
import re
import socket
import struct
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from agents.embedded.jars import EmbeddedUnavailable, class_path
from agents.embedded.jvm import java

PROPERTIES: Final = Path(__file__).parents[2] / "deploy" / "kafka" / "server.properties"
START_TIMEOUT: Final = 60.0
STOP_TIMEOUT: Final = 20.0

# Below the range from which systems lend ports to outgoing connections: a client that retries
# while the broker is down could otherwise be lent the broker's own port.
_PORTS: Final = range(20_000, 32_000)
_HOST: Final = "127.0.0.1"
# A broker that fails goes on to write hundreds of lines about its shutdown: the cause is not at the end.
_TELLING: Final = re.compile(r"\b(ERROR|FATAL)\b|Exception\b")
_TELLING_LINES: Final = 15
_LAST_LINES: Final = 10
# Metadata v1, no client id, no topics: "which brokers are there?"
_QUESTION: Final = struct.pack(">ihhihi", 14, 3, 1, 7, -1, 0)
# Outlives its parent by one line read: end of file means that the parent is gone, however it went.
_GUARD: Final = 'read -r _; kill -9 "$0"'

log = logging.getLogger(__name__)


class EmbeddedKafka:
    """One broker with its data, its ports and its log (``kafka.log``) in ``data_dir``.

    Ports are chosen at the first start and kept in ``data_dir``, so clients reconnect after a restart.
    ``die_with_parent``: the broker is killed when this process ends in whatever way, SIGKILL included.
    ``jvm_options``: more options for the broker's Java; ``format_options``: for the formatting of its storage.
    Methods block (start a few seconds): call them off the event loop. Not thread-safe.
    """

    def __init__(
        self,
        data_dir: Path,
        port: int | None = None,
        *,
        die_with_parent: bool = True,
        jar_cache: Path | None = None,
        jvm_options: tuple[str, ...] = (),
        format_options: tuple[str, ...] = (),
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.log_file = self.data_dir / "kafka.log"
        self._wanted_port = port
        self._die_with_parent = die_with_parent
        self._jar_cache = jar_cache
        self._jvm_options = jvm_options
        self._format_options = format_options
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def bootstrap(self) -> str:
        """Where clients connect, e.g. ``127.0.0.1:29123``; valid before the first start, too."""
        return f"{_HOST}:{self._ports()[0]}"

    @property
    def pid(self) -> int | None:
        """The process id while the broker runs, else None."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start, formatting the storage the first time, and wait until the broker answers.

        Does nothing if it runs. Raises EmbeddedUnavailable, with what the broker's log says, if it
        does not answer within 60 seconds, or if the jars cannot be had.
        """
        if self.pid is not None:
            return
        self._release()
        self._refuse_a_taken_port()
        jars = class_path(self._jar_cache)
        config = self._write_properties()
        self._log_start = self.log_file.stat().st_size if self.log_file.exists() else 0
        if not (self.data_dir / "logs" / "meta.properties").exists():
            self._format(jars, config)
        self._process = self._spawn([*java(jars, *self._jvm_options), "kafka.Kafka", str(config)])
        try:
            self._await_answer(self._process)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Shut down cleanly (SIGTERM), by force after 20 seconds. Does nothing if it does not run."""
        if self._process is not None and self.pid is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                log.warning("the broker did not stop within %.0f s; killing it", STOP_TIMEOUT)
        self.kill()

    def kill(self) -> None:
        """End the broker as a power cut would (SIGKILL) and wait for its end."""
        # The guard first: once the broker is waited for, its process id may belong to another.
        self._release()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _ports(self) -> tuple[int, int]:
        """The broker's and the controller's port, chosen once for a data folder."""
        file = self.data_dir / "ports.json"
        if file.exists():
            kept = json.loads(file.read_text(encoding="utf-8"))
            return self._wanted_port or kept["broker"], kept["controller"]
        broker = self._wanted_port or _free_port(())
        controller = _free_port((broker,))
        self.data_dir.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"broker": broker, "controller": controller}), encoding="utf-8")
        return broker, controller

    def _refuse_a_taken_port(self) -> None:
        # Another broker there would answer our question, and we would take it for ours.
        if not _can_bind(self._ports()[0]):
            raise EmbeddedUnavailable(
                f"{self.bootstrap} is in use by another program: end it, or choose another data folder "
                f"than {self.data_dir}"
            )

    def _write_properties(self) -> Path:
        broker, controller = self._ports()
        own = (
            f"listeners=PLAINTEXT://{_HOST}:{broker},CONTROLLER://{_HOST}:{controller}",
            f"advertised.listeners=PLAINTEXT://{_HOST}:{broker}",
            f"controller.quorum.voters=1@{_HOST}:{controller}",
            f"log.dirs={self.data_dir / 'logs'}",
        )
        file = self.data_dir / "server.properties"
        file.write_text(PROPERTIES.read_text(encoding="utf-8") + "\n".join(own) + "\n", encoding="utf-8")
        return file

    def _format(self, jars: list[Path], config: Path) -> None:
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # --cluster-id=: as a separate argument an id that starts with a hyphen would be an option.
        tool = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(config)]
        tool += self._format_options
        with self.log_file.open("ab") as out:
            done = subprocess.run(
                [*java(jars), *tool], stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False
            )
        if done.returncode != 0:
            raise EmbeddedUnavailable(self._failure("its storage could not be formatted"))

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C in the terminal is for us, and we stop the broker in order.
        with self.log_file.open("ab") as out:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        if self._die_with_parent:
            self._guard = subprocess.Popen(
                ["/bin/sh", "-c", _GUARD, str(process.pid)], stdin=subprocess.PIPE, start_new_session=True
            )
        return process

    def _await_answer(self, process: subprocess.Popen[bytes]) -> None:
        port = self._ports()[0]
        deadline = time.monotonic() + START_TIMEOUT
        while not _answers(port):
            if process.poll() is not None:
                raise EmbeddedUnavailable(self._failure(f"it ended with exit code {process.returncode}"))
            if time.monotonic() > deadline:
                raise EmbeddedUnavailable(self._failure(f"no answer within {START_TIMEOUT:.0f} s"))
            time.sleep(0.05)

    def _failure(self, what: str) -> str:
        lines = self.log_file.read_bytes()[self._log_start :].decode(errors="replace").splitlines()
        telling = [line for line in lines if _TELLING.search(line)][:_TELLING_LINES]
        excerpt = "\n".join([*telling, "...", *lines[-_LAST_LINES:]])
        return (
            f"the embedded Kafka broker did not start: {what}. If a port is taken or the data is damaged, "
            f"choose another data folder than {self.data_dir}. From its log, {self.log_file}:\n{excerpt}"
        )

    def _release(self) -> None:
        if self._guard is not None:
            self._guard.kill()
            self._guard.communicate()
            self._guard = None


def _free_port(taken: tuple[int, ...]) -> int:
    for port in random.sample(_PORTS, len(_PORTS)):
        if port not in taken and _can_bind(port):
            return port
    raise EmbeddedUnavailable(f"no free port from {_PORTS.start} to {_PORTS.stop - 1}; end what uses them")


def _can_bind(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


def _answers(port: int) -> bool:
    """Whether a broker at ``port`` names at least one live broker: itself, open for business."""
    try:
        with socket.create_connection((_HOST, port), timeout=2.0) as connection:
            connection.sendall(_QUESTION)
            with connection.makefile("rb") as answer:
                head = answer.read(12)
    except OSError:
        return False
    return len(head) == 12 and struct.unpack(">iii", head)[2] > 0
