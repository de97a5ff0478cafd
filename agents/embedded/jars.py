"""The broker's jars: named and hashed by a checked-in lock file, fetched by jgo, verified here.

jgo only warns when a checksum does not match, so no jar enters the cache before its SHA-256 is that
of the lock, and none is run whose SHA-256 is no longer.
"""

import hashlib
import logging
import os
import ssl
import tempfile
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext
from requests.exceptions import SSLError

from agents.errors import Stop

LOCK: Final = Path(__file__).parents[2] / "deploy" / "kafka" / "jgo.lock.toml"
_ATTEMPTS: Final = 2
_PARALLEL: Final = 8
_TIMEOUT: Final = 20  # seconds without a byte

log = logging.getLogger(__name__)


class EmbeddedUnavailable(Stop):
    """The embedded broker cannot be had or did not come up; the message says what to do."""

    keeps_lines = True


class Jar(NamedTuple):
    """One line of the lock: Maven coordinates and the SHA-256 in hex."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def filename(self) -> str:
        """The name in the cache, e.g. ``kafka-clients-4.1.1.jar``."""
        return f"{self.artifact}-{self.version}.jar"


Fetch = Callable[[Jar, Path], Path]
"""Downloads a jar into an empty folder and returns its file; raises OSError or RuntimeError."""


def default_cache() -> Path:
    """Where jars are kept between runs: ``paytide/jars`` in the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "paytide" / "jars"


def read_lock(path: Path = LOCK) -> list[Jar]:
    """The jars of a ``jgo.lock.toml``, in class path order. Raises EmbeddedUnavailable if it is unusable."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["dependencies"]
        return [Jar(e["groupId"], e["artifactId"], e["version"], e["sha256"]) for e in entries]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise EmbeddedUnavailable(
            f"the lock file {path} cannot be used ({error!r}); restore deploy/kafka/jgo.lock.toml"
        ) from error


def class_path(cache: Path | None = None, lock: Path = LOCK, fetch: Fetch | None = None) -> list[Path]:
    """Every jar of the lock as a verified local file; downloads what is missing or damaged.

    ``cache`` defaults to the user's cache folder, ``fetch`` to a download by jgo. Several processes
    may share a cache. Raises EmbeddedUnavailable when a jar cannot be had or is not the locked one.
    """
    jars = read_lock(lock)
    folder = cache or default_cache()
    folder.mkdir(parents=True, exist_ok=True)
    missing = [jar for jar in jars if not _verified(jar, folder / jar.filename)]
    if missing:
        log.info("downloading %d Kafka jars to %s", len(missing), folder)
        with ThreadPoolExecutor(_PARALLEL) as pool:
            list(pool.map(lambda jar: _install(jar, folder, fetch or fetch_with_jgo), missing))
    return [folder / jar.filename for jar in jars]


def fetch_with_jgo(jar: Jar, folder: Path) -> Path:
    """Download one jar with jgo; repositories named in the user's jgo configuration are asked first."""
    try:
        return _resolve(jar, folder)
    except SSLError:
        # requests has its own list of authorities; a company's own are only in the system's.
        system = ssl.get_default_verify_paths()
        os.environ.setdefault("REQUESTS_CA_BUNDLE", system.cafile or system.capath or "")
        return _resolve(jar, folder)


def _resolve(jar: Jar, folder: Path) -> Path:
    remotes = {**GlobalSettings.load().repositories, "central": MAVEN_CENTRAL_URL}
    maven = MavenContext(repo_cache=folder, remote_repos=remotes, timeout=_TIMEOUT)
    file: Path = maven.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
    return file


def _install(jar: Jar, cache: Path, fetch: Fetch) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            _download(jar, cache, fetch)
            return
        except (OSError, RuntimeError) as error:
            if attempt == _ATTEMPTS:
                raise EmbeddedUnavailable(_advice(jar, error)) from error
            log.warning("%s: %s; trying once more", jar.filename, error)


def _download(jar: Jar, cache: Path, fetch: Fetch) -> None:
    # Into a folder of its own and then renamed: another process never sees half a jar.
    with tempfile.TemporaryDirectory(dir=cache, prefix=".download-") as scratch:
        file = fetch(jar, Path(scratch))
        found = _sha256(file)
        if found != jar.sha256:
            raise RuntimeError(f"its SHA-256 is {found}, the lock file says {jar.sha256}")
        file.replace(cache / jar.filename)


def _verified(jar: Jar, file: Path) -> bool:
    if not file.exists():
        return False
    if _sha256(file) == jar.sha256:
        return True
    log.warning("%s in the cache is damaged; downloading it again", jar.filename)
    return False


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _advice(jar: Jar, error: Exception) -> str:
    return (
        f"the embedded Kafka broker needs {jar.group}:{jar.artifact}:{jar.version}, which cannot be had: "
        f"{error}. Give this machine access to the Maven package registry (or name a mirror under "
        "[repositories] in jgo.conf), or set PAYTIDE_KAFKA_BOOTSTRAP to a running Kafka server."
    )
