"""Settings: defaults, the environment, secrets from files (X8)."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from agents.settings import Settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PAYTIDE_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def sasl(**more: Any) -> Settings:
    return Settings.model_validate(
        {"kafka_security_protocol": "SASL_PLAINTEXT", "kafka_username": "u", **more}
    )


def test_without_anything_it_is_the_embedded_service(tmp_path: Path) -> None:
    settings = Settings()
    assert settings.kafka_client() == {"bootstrap_servers": ["127.0.0.1:9092"]}
    assert settings.clickhouse_dsn == f"chdb://{tmp_path}/.run/clickhouse"
    assert (settings.app_id, settings.partitions, settings.playbook, settings.timezone) == (
        "paytide",
        4,
        None,
        None,
    )


def test_every_setting_says_what_it_is_for() -> None:
    silent = {"kafka_security_protocol", "kafka_sasl_mechanism", "timezone"}
    undescribed = {name for name, field in Settings.model_fields.items() if not field.description}
    assert undescribed <= silent, f"no description: {undescribed - silent}"


def test_the_environment_is_read_with_a_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYTIDE_KAFKA_BOOTSTRAP", "k1:9092,k2:9093")
    monkeypatch.setenv("PAYTIDE_PARTITIONS", "12")
    monkeypatch.setenv("PARTITIONS", "99")
    settings = Settings()
    assert settings.kafka_client()["bootstrap_servers"] == ["k1:9092", "k2:9093"]
    assert settings.partitions == 12


def test_a_dotenv_file_is_read_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("PAYTIDE_APP_ID=from-file\nPAYTIDE_INSTANCE_ID=w1\nOTHER=ignored\n")
    monkeypatch.setenv("PAYTIDE_APP_ID", "from-environment")
    settings = Settings()
    assert (settings.app_id, settings.instance_id) == ("from-environment", "w1")


@pytest.mark.parametrize(
    ("name", "value"),
    [("PARTITIONS", "0"), ("PARTITIONS", "many"), ("KAFKA_SECURITY_PROTOCOL", "TLS"), ("TICK_SECONDS", "-1")],
)
def test_a_setting_that_makes_no_sense_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"PAYTIDE_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_a_password_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYTIDE_KAFKA_PASSWORD", "s3cret")
    assert sasl().kafka_client() == {
        "bootstrap_servers": ["127.0.0.1:9092"],
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": "u",
        "sasl_plain_password": "s3cret",
    }


def test_a_password_comes_from_a_file_which_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("from-file\n")
    monkeypatch.setenv("PAYTIDE_KAFKA_PASSWORD", "s3cret")
    monkeypatch.setenv("PAYTIDE_KAFKA_PASSWORD_FILE", str(tmp_path / "password"))
    assert sasl().kafka_secret() == "from-file", "without the line end that editors and secrets have"


def test_a_password_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sasl(kafka_password_file=tmp_path / "none").kafka_client()


def test_without_a_password_there_is_none() -> None:
    assert sasl().kafka_secret() is None


def test_a_password_is_not_shown() -> None:
    assert "s3cret" not in repr(sasl(kafka_password="s3cret"))  # it would stand in a log
    assert "s3cret" not in sasl(kafka_password="s3cret").model_dump_json()


@pytest.mark.parametrize("protocol", ["SSL", "SASL_SSL"])
def test_tls_checks_the_brokers_certificate(protocol: str) -> None:
    context = Settings.model_validate({"kafka_security_protocol": protocol}).kafka_client()["ssl_context"]
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_without_tls_no_certificate_is_read() -> None:
    assert "ssl_context" not in sasl(kafka_ca_file="/no/such/file").kafka_client()
