"""Every error says how to react: ours by their root, those of libraries by a table of their classes."""

import inspect
import pkgutil
import subprocess
import sys
from importlib import import_module
from types import ModuleType

import pytest
from aiokafka import errors as kafka
from clickhouse_connect.driver.exceptions import DatabaseError, DataError, OperationalError
from pydantic import BaseModel, ValidationError

import agents
from agents.advice.clickhouse import CLICKHOUSE
from agents.advice.kafka import KAFKA
from agents.advice.settings import SETTINGS
from agents.advice.state import STATE
from agents.advice.system import SYSTEM
from agents.clickhouse.client import ClickHouseUnavailable
from agents.errors import BackOff, Retry, Stop, Table
from agents.reactions import explain, reaction_to, tables
from agents.settings import Settings
from streams.state.envelope import StateFormatError

TABLES = {"system": SYSTEM, "kafka": KAFKA, "clickhouse": CLICKHOUSE, "settings": SETTINGS, "state": STATE}


def bare(kind: type[BaseException]) -> BaseException:
    """An error of a class, without arguments: each class wants others."""
    if kind is ValidationError:
        return ValidationError.from_exception_data("Other", [])
    return kind.__new__(kind)


def modules() -> list[ModuleType]:
    found = pkgutil.walk_packages(agents.__path__, "agents.")
    return [import_module(one.name) for one in found if one.name != "agents.__main__"]


def test_every_error_of_ours_descends_from_one_of_the_three_roots() -> None:
    ours = {
        kind
        for module in modules()
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, BaseException) and kind.__module__.startswith("agents.")
    }
    shown = {"Failure", "Interrupted"}  # what click shows on the command line, once it is known what to tell
    lost = sorted(
        f"{one.__module__}.{one.__name__}"
        for one in ours
        if not issubclass(one, Stop | BackOff | Retry) and one.__name__ not in shown
    )
    assert not lost, f"nobody knows how to react to {lost}: give each a root of agents.errors"


@pytest.mark.parametrize("name", TABLES)
def test_every_class_of_a_table_is_looked_up_and_told_by_that_table(name: str) -> None:
    assert TABLES[name] in list(tables()), f"agents.reactions never looks into the table {name}"
    for kind, advice in TABLES[name].items():
        error = bare(kind)
        assert reaction_to(error) is advice.reaction, f"{kind} is reacted to by another table"
        assert explain(error) == advice.tell(error), f"{kind} is told by another table"


@pytest.mark.parametrize("name", TABLES)
def test_whoever_raises_by_a_table_may_raise_without_a_message(name: str) -> None:
    for kind, advice in TABLES[name].items():
        told = advice.tell(bare(kind))
        assert told is None or told == " ".join(told.split()), f"{kind} is not told in one line: {told!r}"


def test_no_class_stands_in_two_tables() -> None:
    seen: dict[type[BaseException], Table] = {}
    for table in TABLES.values():
        for kind in table:
            assert kind not in seen, f"{kind} stands in two tables"
            seen[kind] = table


def test_only_tables_of_loaded_libraries_are_looked_up() -> None:
    """Else ``paytide --help`` would wait for all of them."""
    code = (
        "import sys; from agents.reactions import explain; explain(ValueError()); "
        "print(*[name for name in ('aiokafka', 'clickhouse_connect', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


@pytest.mark.parametrize(
    ("error", "reaction"),
    [
        (kafka.TopicAuthorizationFailedError("payday.journal.v1"), Stop),
        (kafka.GroupAuthorizationFailedError("paytide"), Stop),
        (kafka.ClusterAuthorizationFailedError(), Stop),
        (kafka.TransactionalIdAuthorizationFailed("paytide-clock"), Stop),
        (kafka.SaslAuthenticationFailed("invalid credentials"), Stop),
        (kafka.UnsupportedSaslMechanismError(object()), Stop),
        (kafka.IllegalSaslStateError(object()), Stop),
        (kafka.InvalidTopicError(), Stop),
        (kafka.UnsupportedVersionError(), Stop),
        (kafka.ProducerFenced(), Stop),
        (kafka.KafkaConnectionError("away"), Retry),
        (kafka.NotEnoughReplicasError(), Retry),
        (kafka.KafkaError("something new"), Retry),
        (OperationalError("away"), BackOff),
        (DataError("a row that does not fit"), Stop),
        (ClickHouseUnavailable("away"), BackOff),
        (StateFormatError("a newer one"), Stop),
        (TimeoutError("no answer"), Retry),
        (ConnectionResetError("by peer"), Retry),
        (ZeroDivisionError("a fault of ours"), Stop),
    ],
)
def test_the_reaction_follows_from_the_class(error: Exception, reaction: type[Exception]) -> None:
    assert reaction_to(error) is reaction


def test_a_reason_to_stop_is_found_below_what_a_library_wraps_it_in() -> None:
    wrapped = kafka.KafkaError("Unexpected error during batch delivery")
    wrapped.__cause__ = kafka.TopicAuthorizationFailedError("payday.facts.v1")
    assert reaction_to(wrapped) is Stop
    assert "topic payday.facts.v1" in str(explain(wrapped))


def test_an_error_that_is_its_own_cause_is_looked_at_once() -> None:
    """So does mode raise the reason of a crash again."""
    error = kafka.KafkaError("new")
    error.__cause__ = error
    assert reaction_to(error) is Retry
    assert explain(error) is None


def test_what_we_have_judged_ourselves_is_not_judged_again_by_its_cause() -> None:
    error = ClickHouseUnavailable("away, check the DSN")
    error.__cause__ = DatabaseError("code 516: authentication failed")
    assert reaction_to(error) is BackOff
    assert explain(error) == "away, check the DSN"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (kafka.TopicAuthorizationFailedError("t.v1"), "topic t.v1"),
        (kafka.TopicAuthorizationFailedError({"b.v1", "a.v1"}), "topic a.v1, b.v1"),
        (
            kafka.TopicAuthorizationFailedError("creating topic t.v1 failed"),
            "not allow it: creating topic t.v1 failed;",
        ),
        (kafka.TopicAuthorizationFailedError(), "topic;"),
        (kafka.GroupAuthorizationFailedError("paytide"), "consumer group paytide"),
        (kafka.TransactionalIdAuthorizationFailed("paytide-clock"), "transactional id paytide-clock"),
        (
            kafka.SaslAuthenticationFailed("invalid credentials"),
            "invalid credentials; check PAYTIDE_KAFKA_USERNAME",
        ),
        (
            kafka.UnsupportedSaslMechanismError(object()),
            "no such kind of login; check PAYTIDE_KAFKA_SECURITY_PROTOCOL",
        ),
        (
            kafka.InvalidReplicationFactorError("larger than available brokers"),
            "set PAYTIDE_REPLICATION_FACTOR",
        ),
        (kafka.UnknownTopicOrPartitionError(), "UnknownTopicOrPartitionError; start 'paytide worker'"),
        (kafka.KafkaConnectionError("no answer."), "no answer; check that the broker runs"),
        (DatabaseError("Code: 60. UNKNOWN_TABLE"), "run 'paytide migrate'"),
    ],
)
def test_the_user_is_told_what_to_do(error: Exception, told: str) -> None:
    found = explain(error)
    assert found is not None
    assert told in found
    assert "\n" not in found


@pytest.mark.parametrize(
    "error", [kafka.KafkaError("new"), DatabaseError("syntax"), ZeroDivisionError("ours")]
)
def test_what_nobody_can_mend_is_not_explained(error: Exception) -> None:
    """Its traceback is worth more."""
    assert explain(error) is None


def test_settings_are_the_users_to_mend_and_other_models_are_not() -> None:
    class Other(BaseModel):
        partitions: int

    with pytest.raises(ValidationError) as settings:
        Settings(_env_file=None, partitions="many")
    with pytest.raises(ValidationError) as other:
        Other.model_validate({"partitions": "many"})
    assert str(explain(settings.value)).startswith("PAYTIDE_PARTITIONS: ")
    assert explain(other.value) is None
