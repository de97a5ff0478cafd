"""Why no broker lets us in.

aiokafka answers a wrong password, an unknown authority and a broker that is away alike, with "unable to bootstrap",
the cause only in its log. So where its clients give up, each server is asked once more, and what it says is
raised: a refusal stops the service at once, whichever client meets it and whenever, at the start or years later.
"""

import asyncio
import socket
import ssl
from typing import Any, Final

from aiokafka.client import AIOKafkaClient
from aiokafka.conn import create_conn
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from agents.errors import Stop
from agents.reactions import explain, reaction_to

ANSWER_SECONDS: Final = 5.0
_LISTENER: Final = "perhaps its listener wants another PAYTIDE_KAFKA_SECURITY_PROTOCOL"

_bootstrap = AIOKafkaClient.bootstrap


class RefusedError(Stop):
    """A broker answers and refuses us, and would again: the login, the certificate, the protocol."""


async def _bootstrap_or_tell(client: Any) -> None:
    """Take the place of ``AIOKafkaClient.bootstrap``: the same, with the cause in what it raises."""
    try:
        await _bootstrap(client)
    except KafkaConnectionError as error:
        raise await _cause(client) from error


AIOKafkaClient.bootstrap = _bootstrap_or_tell


async def _cause(client: Any) -> Exception:
    told = [await _answer(client, host, port) for host, port, _ in client.hosts]
    # One server that refuses us is worth more than three that are away.
    return next((one for one in told if reaction_to(one) is Stop), told[0])


async def _answer(client: Any, host: str, port: int) -> Exception:
    where = f"{host}:{port}"
    try:
        await _ask(client, host, port)
    except (ConnectionRefusedError, TimeoutError):
        pass
    except socket.gaierror as error:
        return _away(f"{where}: {error.strerror}")
    except ssl.SSLCertVerificationError as error:
        return RefusedError(f"{where}: {explain(error)}")
    except (KafkaConnectionError, ConnectionError, ssl.SSLError):
        return _away(f"{where} ends the connection: {_LISTENER}")
    except Exception as error:
        return RefusedError(f"{where}: {explain(error) or repr(error)}")
    return _away(f"Unable to bootstrap from {where}")


def _away(text: str) -> Exception:
    error: Exception = KafkaConnectionError(text)
    return error


async def _ask(client: Any, host: str, port: int) -> None:
    async with asyncio.timeout(ANSWER_SECONDS):
        connection = await create_conn(
            host,
            port,
            client_id=client._client_id,
            ssl_context=client._ssl_context,
            security_protocol=client._security_protocol,
            sasl_mechanism=client._sasl_mechanism,
            sasl_plain_username=client._sasl_plain_username,
            sasl_plain_password=client._sasl_plain_password,
        )
        try:
            await connection.send(MetadataRequest([]))
        finally:
            connection.close()
