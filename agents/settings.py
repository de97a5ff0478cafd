"""Settings from the environment (``PAYTIDE_…``) or a ``.env`` file; secrets may come from files (X8).

The defaults fit a broker and an embedded ClickHouse on this machine (``paytide demo`` starts its own);
the same code runs against servers by settings alone.
"""

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from aiokafka.helpers import create_ssl_context
from dotenv import dotenv_values
from pydantic import AfterValidator, Field, FilePath, SecretStr, StringConstraints, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from agents.errors import Stop
from schemas.groups import MOST_PARTITIONS
from schemas.playbook import Zone

PREFIX: Final = "PAYTIDE_"
DOTENV: Final = Path(".env")
NOT_OURS: Final = frozenset({"PAYTIDE_INTERPRETED"})
"""What else has the prefix: read by ``setup.py``."""

_SERVER: Final = re.compile(r"(?:[\w.-]+|\[[0-9a-fA-F:.%]+\]):(\d{1,5})", re.ASCII)
_LAST_PORT: Final = 65_535


class SettingsError(Stop):
    """A file that a setting names cannot be used; the message says which, and what to do."""


def _servers(text: str) -> str:
    for server in text.split(","):
        found = _SERVER.fullmatch(server)
        if found is None or not 0 < int(found[1]) <= _LAST_PORT:
            raise ValueError("not host:port[,host:port…] with ports from 1 to 65535")
    return text


Text = Annotated[str, StringConstraints(min_length=1)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9._-]{1,200}$")]
"""What Kafka takes in the name of a topic or a group, with room for what is appended."""
Servers = Annotated[str, AfterValidator(_servers)]
Seconds = Annotated[float, Field(gt=0, le=3_600, allow_inf_nan=False)]
Bytes = Annotated[int, Field(ge=1, le=2**31 - 1)]
Count = Annotated[int, Field(ge=1, le=10_000_000)]


class Settings(BaseSettings):
    """What a worker, the landing and the commands need to know."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=DOTENV, env_file_encoding="utf-8", secrets_dir=None, extra="ignore"
    )

    app_id: Name = Field(
        "paytide", description="Consumer group, transactional ids and changelog are named after it."
    )
    kafka_bootstrap: Servers = Field("127.0.0.1:9092", description="host:port[,host:port…] of the brokers.")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    kafka_username: Text | None = Field(None, description="SASL user.")
    kafka_password: Annotated[SecretStr, Field(min_length=1)] | None = Field(
        None, description="SASL password; better in a file."
    )
    kafka_password_file: Path | None = Field(None, description="File that holds the SASL password.")
    kafka_ca_file: Path | None = Field(None, description="CA certificates (PEM) of the brokers.")
    kafka_compression: Literal["none", "gzip", "snappy", "lz4", "zstd"] = Field(
        "zstd",
        description="Of what is appended to the journal and published; the changelog is dense already.",
    )
    kafka_session_timeout: Seconds = Field(
        6.0, description="Seconds after which a dead worker's partitions move."
    )
    instance_id: Name | None = Field(None, description="Static group membership; one per worker.")
    partitions: int = Field(
        4, ge=1, le=MOST_PARTITIONS, description="Of the journal and everything co-partitioned with it."
    )
    replication_factor: int = Field(
        1, ge=1, le=32_767, description="Of the topics that are made here; 3 in earnest."
    )
    clickhouse_dsn: Text = Field(
        default_factory=lambda: f"chdb://{Path('.run/clickhouse').resolve()}",
        description="chdb:///path or clickhouse://user:pass@host:port/db",
        repr=False,
    )
    clickhouse_dsn_file: Path | None = Field(None, description="File that holds the DSN instead.")
    playbook: FilePath | None = Field(None, description="YAML; the shipped playbook if not given.")
    timezone: Zone | None = Field(None, description="Overrides the playbook's time zone.")
    tick_seconds: float = Field(
        2.0,
        ge=0,
        le=86_400,
        allow_inf_nan=False,
        description="0: no clock here; ingest or another worker ticks.",
    )
    metrics_port: int = Field(0, ge=0, le=_LAST_PORT, description="HTTP: /metrics, /livez, /readyz; 0: none.")
    max_records: Count = Field(40_000, description="How many records one transaction applies at most.")
    max_waiting_bytes: Bytes = Field(
        32 * 1024 * 1024, description="Fetching of a partition pauses beyond this."
    )
    max_fetch_bytes: Bytes = Field(
        8 * 1024 * 1024,
        description="Per partition and fetch; under load as many records as a transaction takes.",
    )
    transaction_timeout: Seconds = Field(60.0, description="Seconds.")
    dead_letter_limit: int = Field(
        5_000,
        ge=0,
        description="More dead letters than this among the last 10 000 records of a partition stop the worker; "
        "only those count that a wrong schema causes, not too_late, future_timestamp or currency_mismatch.",
    )
    landing_rows: Count = Field(50_000, description="Rows an insert.")
    landing_seconds: Seconds = Field(
        1.0, description="At the latest so long after a fact was read it is inserted."
    )
    landing_fetch_bytes: Bytes = Field(2 * 1024 * 1024, description="Per partition and fetch of the landing.")
    landing_waiting_bytes: Bytes = Field(
        64 * 1024 * 1024,
        description="Fetching pauses while more than this waits in the landing; each partition has its share.",
    )

    @model_validator(mode="after")
    def _read_dsn(self) -> Self:
        if self.clickhouse_dsn_file is not None:
            self.clickhouse_dsn = _secret("CLICKHOUSE_DSN_FILE", self.clickhouse_dsn_file)
        return self

    @property
    def transaction_timeout_ms(self) -> int:
        """After so many milliseconds the broker aborts a transaction."""
        return int(self.transaction_timeout * 1_000)

    def kafka_client(self) -> dict[str, Any]:
        """Arguments every aiokafka client is made with."""
        client: dict[str, Any] = {"bootstrap_servers": self.kafka_bootstrap.split(",")}
        if self.kafka_security_protocol != "PLAINTEXT":
            client["security_protocol"] = self.kafka_security_protocol
        if self.kafka_security_protocol.endswith("SSL"):
            client["ssl_context"] = self._tls()
        if self.kafka_security_protocol.startswith("SASL"):
            client["sasl_mechanism"] = self.kafka_sasl_mechanism
            client["sasl_plain_username"] = self.kafka_username
            client["sasl_plain_password"] = self.kafka_secret()
        return client

    def kafka_secret(self) -> str | None:
        """The SASL password, from its file or from the environment."""
        if self.kafka_password_file is not None:
            return _secret("KAFKA_PASSWORD_FILE", self.kafka_password_file)
        return self.kafka_password.get_secret_value() if self.kafka_password else None

    def _tls(self) -> Any:
        file = self.kafka_ca_file
        try:
            return create_ssl_context(cafile=None if file is None else str(file))
        except OSError as error:
            if file is None:
                raise
            why = error.strerror or error
            raise SettingsError(
                f"{PREFIX}KAFKA_CA_FILE: {file}: {why}; name a PEM file of certificates"
            ) from error


def unknown_settings(environment: Mapping[str, str] = os.environ) -> dict[str, str | None]:
    """Variables of the environment and of ``.env`` that have our prefix and are no setting, and the setting each
    may stand for. What is misspelt would else be passed over, and the default taken."""
    names = [name.upper() for name in Settings.model_fields]
    known = {PREFIX + name for name in names} | NOT_OURS
    given = {*environment, *(dotenv_values(DOTENV, encoding="utf-8") if DOTENV.is_file() else ())}
    unknown = sorted(name for name in given if name.upper().startswith(PREFIX) and name.upper() not in known)
    # Without the prefix, which makes all of them alike.
    nearest = {name: get_close_matches(name.upper().removeprefix(PREFIX), names, n=1) for name in unknown}
    return {name: PREFIX + found[0] if found else None for name, found in nearest.items()}


def _secret(setting: str, file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise SettingsError(f"{PREFIX}{setting}: {file} is no text in UTF-8; write it anew") from error
    if not text:
        raise SettingsError(f"{PREFIX}{setting}: {file} is empty; write the secret into it")
    return text
