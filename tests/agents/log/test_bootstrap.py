"""Why no broker lets us in: a real broker, asked in every wrong way."""

from collections.abc import Callable

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from agents.errors import Retry, Stop
from agents.log.bootstrap import RefusedError
from agents.log.topics import admin
from agents.reactions import explain, reaction_to
from agents.settings import Settings
from tests.secure import PASSWORD, SecureKafka

pytestmark = [pytest.mark.broker, pytest.mark.timeout(180)]

With = Callable[..., Settings]


@pytest.fixture
def given(secure_broker: SecureKafka) -> With:
    """The right settings for the listener with logins, but for what is given."""
    right = {
        "kafka_bootstrap": secure_broker.login,
        "kafka_security_protocol": "SASL_PLAINTEXT",
        "kafka_sasl_mechanism": "SCRAM-SHA-512",
        "kafka_username": "full",
        "kafka_password": PASSWORD,
    }
    return lambda **other: Settings(_env_file=None, **{**right, **other})


async def connect(settings: Settings) -> None:
    async with admin(settings):
        pass


async def test_the_right_login_is_let_in(given: With) -> None:
    await connect(given())


async def test_the_right_certificate_is_let_in(given: With, secure_broker: SecureKafka) -> None:
    address = secure_broker.tls
    await connect(
        given(
            kafka_bootstrap=address,
            kafka_security_protocol="SSL",
            kafka_ca_file=secure_broker.certificate(address),
        )
    )


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"kafka_password": "guessed"}, "invalid credentials"),
        ({"kafka_username": "stranger"}, "invalid credentials"),
        ({"kafka_sasl_mechanism": "PLAIN"}, "no such kind of login"),
    ],
)
async def test_a_wrong_login_is_refused_for_good(given: With, wrong: dict[str, str], told: str) -> None:
    with pytest.raises(RefusedError, match=told) as refused:
        await connect(given(**wrong))
    assert "check PAYTIDE_KAFKA_" in str(refused.value)
    assert "guessed" not in str(refused.value), "a password is told to the log"


async def test_a_login_where_none_is_wanted_is_refused_for_good(
    given: With, secure_broker: SecureKafka
) -> None:
    with pytest.raises(RefusedError, match="wants no login"):
        await connect(given(kafka_bootstrap=secure_broker.bootstrap))


@pytest.mark.parametrize(
    ("listener", "reached_as", "trusted", "told"),
    [
        ("tls", "127.0.0.1", None, "self-signed certificate"),
        ("tls", "127.0.0.1", "expired", "self-signed certificate"),
        ("expired", "127.0.0.1", "expired", "certificate has expired"),
        ("tls", "localhost", "tls", "Hostname mismatch"),
    ],
)
async def test_a_certificate_that_proves_nothing_is_refused_for_good(
    given: With, secure_broker: SecureKafka, listener: str, reached_as: str, trusted: str | None, told: str
) -> None:
    address = getattr(secure_broker, listener)
    authority = trusted and secure_broker.certificate(getattr(secure_broker, trusted))
    settings = given(
        kafka_bootstrap=address.replace("127.0.0.1", reached_as),
        kafka_security_protocol="SSL",
        kafka_ca_file=authority,
    )
    with pytest.raises(RefusedError, match=told) as refused:
        await connect(settings)
    assert "PAYTIDE_KAFKA_CA_FILE" in str(refused.value)


@pytest.mark.parametrize(
    ("listener", "protocol"), [("login", "PLAINTEXT"), ("tls", "PLAINTEXT"), ("bootstrap", "SSL")]
)
async def test_the_wrong_protocol_is_named_as_what_it_may_be(
    given: With, secure_broker: SecureKafka, listener: str, protocol: str
) -> None:
    """It looks like a broker that has just gone: that may pass, and this is told."""
    settings = given(
        kafka_bootstrap=getattr(secure_broker, listener), kafka_security_protocol=protocol, kafka_ca_file=None
    )
    with pytest.raises(KafkaConnectionError) as error:
        await connect(settings)
    assert "PAYTIDE_KAFKA_SECURITY_PROTOCOL" in str(explain(error.value))
    assert reaction_to(error.value) is Retry


@pytest.mark.parametrize(
    ("server", "told"),
    [
        ("127.0.0.1:1", "Unable to bootstrap from 127.0.0.1:1; check that the broker runs"),
        ("no-such-host.invalid:9092", "no-such-host.invalid:9092: "),
    ],
)
async def test_a_broker_that_is_away_may_come_back(given: With, server: str, told: str) -> None:
    with pytest.raises(KafkaConnectionError) as error:
        await connect(given(kafka_bootstrap=server))
    assert str(explain(error.value)).startswith(told)
    assert reaction_to(error.value) is Retry


async def test_one_server_that_refuses_tells_more_than_one_that_is_away(
    given: With, secure_broker: SecureKafka
) -> None:
    with pytest.raises(RefusedError, match="invalid credentials"):
        await connect(given(kafka_bootstrap=f"127.0.0.1:1,{secure_broker.login}", kafka_password="guessed"))


async def test_one_server_that_is_there_is_enough(given: With, secure_broker: SecureKafka) -> None:
    await connect(given(kafka_bootstrap=f"127.0.0.1:1,{secure_broker.login}"))


@pytest.mark.parametrize("kind", [AIOKafkaProducer, AIOKafkaConsumer])
async def test_every_client_of_aiokafka_tells_it(given: With, kind: type) -> None:
    client = kind(**given(kafka_password="guessed").kafka_client())
    try:
        with pytest.raises(RefusedError, match="invalid credentials") as refused:
            await client.start()
    finally:
        await client.stop()
    assert reaction_to(refused.value) is Stop
