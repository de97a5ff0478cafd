"""Kafka's errors, as aiokafka raises them: what a broker refuses for good, and what is over soon."""

import ssl
from collections.abc import Callable
from typing import Final

from aiokafka import errors

from agents.advice.system import BROKER, TOPIC
from agents.errors import Advice, Retry, Stop, Table, followed_by, unadvised

_USER: Final = "the user of PAYTIDE_KAFKA_USERNAME"
_LOGIN: Final = "check PAYTIDE_KAFKA_USERNAME, PAYTIDE_KAFKA_PASSWORD(_FILE) and PAYTIDE_KAFKA_SASL_MECHANISM"
_PROTOCOL: Final = "check PAYTIDE_KAFKA_SECURITY_PROTOCOL and PAYTIDE_KAFKA_SASL_MECHANISM"
_CERTIFICATE: Final = "check PAYTIDE_KAFKA_CA_FILE, the brokers' certificate, and the name you connect to"
_VERSION: Final = "use brokers of Kafka 2.8 or newer"


def _without_right(kind: str) -> Callable[[BaseException], str]:
    def told(error: BaseException) -> str:
        given = error.args[0] if error.args else ""
        names = [given] if isinstance(given, str) else sorted(given)
        what = f"{kind} {', '.join(names)}".strip()
        if names and " " in names[0]:
            what = names[0]  # we raised it ourselves, and said what was not allowed
        return f"the broker does not allow it: {what}; have {_USER} given the rights"

    return told


def _unproven(error: BaseException) -> str:
    reason = getattr(error, "verify_message", None) or str(error)
    return f"the broker's certificate is not accepted: {reason.rstrip('.')}; {_CERTIFICATE}"


def _told(text: str) -> Advice:
    return Advice(Stop, lambda _: text)


def _stop(advice: str) -> Advice:
    return Advice(Stop, followed_by(advice))


_AWAY: Final = Advice(Retry, followed_by(BROKER))

KAFKA: Final[Table] = {
    errors.TopicAuthorizationFailedError: Advice(Stop, _without_right("topic")),
    errors.GroupAuthorizationFailedError: Advice(Stop, _without_right("consumer group")),
    errors.TransactionalIdAuthorizationFailed: Advice(Stop, _without_right("transactional id")),
    errors.ClusterAuthorizationFailedError: Advice(Stop, _without_right("the cluster")),
    errors.SaslAuthenticationFailed: _stop(_LOGIN),
    errors.AuthenticationFailedError: _stop(_LOGIN),
    errors.AuthenticationMethodNotSupported: _stop(_PROTOCOL),
    errors.UnsupportedSaslMechanismError: _told(f"the broker knows no such kind of login; {_PROTOCOL}"),
    errors.IllegalSaslStateError: _told(f"the broker wants no login on this listener; {_PROTOCOL}"),
    ssl.SSLCertVerificationError: Advice(Stop, _unproven),
    errors.InvalidTopicError: _stop("a topic's name may hold letters, digits, '.', '_' and '-'"),
    errors.UnsupportedVersionError: _stop(_VERSION),
    errors.IncompatibleBrokerVersion: _stop(_VERSION),
    errors.UnrecognizedBrokerVersion: _stop(_VERSION),
    errors.InvalidReplicationFactorError: _stop(
        "set PAYTIDE_REPLICATION_FACTOR to at most the number of brokers"
    ),
    errors.InvalidPartitionsError: _stop("set PAYTIDE_PARTITIONS to what the brokers allow"),
    errors.InvalidConfigurationError: _stop("the brokers' administrator knows what they allow"),
    errors.PolicyViolationError: _stop("the brokers' administrator knows what they allow"),
    errors.InvalidTransactionTimeout: _stop(
        "set PAYTIDE_TRANSACTION_TIMEOUT to at most the brokers' transaction.max.timeout.ms"
    ),
    errors.InvalidSessionTimeoutError: _stop(
        "set PAYTIDE_KAFKA_SESSION_TIMEOUT between the brokers' group.min and group.max.session.timeout.ms"
    ),
    errors.InconsistentGroupProtocolError: _stop(
        "another program is in the consumer group of PAYTIDE_APP_ID: give it a group of its own"
    ),
    errors.UnsupportedCodecError: _stop("install the package that it names"),
    # The same records would be too large the next time, too.
    errors.MessageSizeTooLargeError: _stop("raise the topic's max.message.bytes"),
    errors.RecordTooLargeError: _stop("raise the topic's max.message.bytes"),
    errors.RecordListTooLargeError: _stop("raise the topic's max.message.bytes"),
    # Another worker owns the partition: who writes on would write twice.
    errors.ProducerFenced: Advice(Stop, unadvised),
    errors.UnknownTopicOrPartitionError: Advice(Retry, followed_by(TOPIC)),
    errors.KafkaConnectionError: _AWAY,
    errors.NodeNotReadyError: _AWAY,
    errors.KafkaTimeoutError: _AWAY,
    errors.RequestTimedOutError: _AWAY,
    errors.NoBrokersAvailable: _AWAY,
    errors.KafkaError: Advice(Retry, unadvised),
}
