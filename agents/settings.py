"""Settings from the environment (``PAYTIDE_…``) or a ``.env`` file; secrets may come from files.

The defaults fit a broker and an embedded ClickHouse on this machine (``paytide demo`` starts its own);
the same code runs against servers by settings alone.
"""

from pathlib import Path
from typing import Any, Literal, Self

from aiokafka.helpers import create_ssl_context
from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a worker, the landing and the commands need to know."""

    model_config = SettingsConfigDict(
        env_prefix="PAYTIDE_", env_file=".env", secrets_dir=None, extra="ignore"
    )

    app_id: str = Field(
        "paytide", description="Consumer group, transactional ids and changelog are named after it."
    )
    kafka_bootstrap: str = Field("127.0.0.1:9092", description="host:port[,host:port…] of the brokers.")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    kafka_username: str | None = Field(None, description="SASL user.")
    kafka_password: SecretStr | None = Field(None, description="SASL password; better in a file.")
    kafka_password_file: Path | None = Field(None, description="File that holds the SASL password.")
    kafka_ca_file: Path | None = Field(None, description="CA certificates (PEM) of the brokers.")
    kafka_compression: Literal["none", "gzip", "snappy", "lz4", "zstd"] = Field(
        "zstd",
        description="Of what is appended to the journal and published; the changelog is dense already.",
    )
    kafka_session_timeout: float = Field(
        6.0, description="Seconds after which a dead worker's partitions move."
    )
    instance_id: str | None = Field(None, description="Static group membership; one per worker.")
    partitions: int = Field(4, ge=1, description="Of the journal and everything co-partitioned with it.")
    replication_factor: int = Field(1, ge=1, description="Of the topics that are made here; 3 in earnest.")
    clickhouse_dsn: str = Field(
        default_factory=lambda: f"chdb://{Path('.run/clickhouse').resolve()}",
        description="chdb:///path or clickhouse://user:pass@host:port/db",
        repr=False,
    )
    clickhouse_dsn_file: Path | None = Field(None, description="File that holds the DSN instead.")
    playbook: Path | None = Field(None, description="YAML; the shipped playbook if not given.")
    timezone: str | None = Field(None, description="Overrides the playbook's time zone.")
    tick_seconds: float = Field(2.0, ge=0, description="0: no clock here; ingest or another worker ticks.")
    metrics_port: int = Field(0, ge=0, description="HTTP: /metrics, /livez, /readyz; 0: none.")
    max_records: int = Field(40_000, ge=1, description="How many records one transaction applies at most.")
    max_waiting_bytes: int = Field(
        32 * 1024 * 1024, description="Fetching of a partition pauses beyond this."
    )
    max_fetch_bytes: int = Field(
        8 * 1024 * 1024,
        description="Per partition and fetch; under load as many records as a transaction takes.",
    )
    transaction_timeout: float = Field(60.0, description="Seconds.")
    dead_letter_limit: int = Field(
        5_000,
        description="More dead letters than this among the last 10 000 records of a partition stop the worker; "
        "only those count that a wrong schema causes, not too_late, future_timestamp or currency_mismatch.",
    )
    landing_rows: int = Field(50_000, description="Rows an insert.")
    landing_seconds: float = Field(
        1.0, description="At the latest so long after a fact was read it is inserted."
    )
    landing_fetch_bytes: int = Field(2 * 1024 * 1024, description="Per partition and fetch of the landing.")
    landing_waiting_bytes: int = Field(
        64 * 1024 * 1024,
        description="Fetching pauses while more than this waits in the landing; each partition has its share.",
    )

    @model_validator(mode="after")
    def _read_dsn(self) -> Self:
        if self.clickhouse_dsn_file is not None:
            self.clickhouse_dsn = self.clickhouse_dsn_file.read_text().strip()
        return self

    def kafka_client(self) -> dict[str, Any]:
        """Arguments every aiokafka client is made with."""
        client: dict[str, Any] = {"bootstrap_servers": self.kafka_bootstrap.split(",")}
        if self.kafka_security_protocol != "PLAINTEXT":
            client["security_protocol"] = self.kafka_security_protocol
        if self.kafka_security_protocol.endswith("SSL"):
            client["ssl_context"] = create_ssl_context(cafile=self._ca_file())
        if self.kafka_security_protocol.startswith("SASL"):
            client["sasl_mechanism"] = self.kafka_sasl_mechanism
            client["sasl_plain_username"] = self.kafka_username
            client["sasl_plain_password"] = self.kafka_secret()
        return client

    def kafka_secret(self) -> str | None:
        """The SASL password, from its file or from the environment."""
        if self.kafka_password_file is not None:
            return self.kafka_password_file.read_text().strip()
        return self.kafka_password.get_secret_value() if self.kafka_password else None

    def _ca_file(self) -> str | None:
        return str(self.kafka_ca_file) if self.kafka_ca_file else None
