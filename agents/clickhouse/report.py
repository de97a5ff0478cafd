"""What the command line shows of the landed data; every number is right during replays (FINAL)."""

from typing import Any, NamedTuple

from clickhouse_connect.driver.client import Client


class EmployerRank(NamedTuple):
    """An employer by what it brings. Money in minor units of ``currency``, shares from 0 to 1."""

    employer_id: str
    currency: str
    cycles: int
    accounts: int
    pay: int
    pay_per_account: float
    retention_rate: float
    transfer_out_share: float
    outflow: int


class CurveDay(NamedTuple):
    """A day of the retention curve: mean share of the pay retained, over ``n`` cycles."""

    day: int
    retained: float
    n: int


class TaskCount(NamedTuple):
    """How many tasks of a kind have, in their latest version, this status."""

    kind: str
    status: str
    tasks: int


def employer_ranking(client: Client, limit: int = 20) -> list[EmployerRank]:
    """The employers that bring most pay, first the largest."""
    sql = f"""
        SELECT {", ".join(EmployerRank._fields)} FROM employer_ranking
        ORDER BY pay DESC, employer_id, currency LIMIT {{limit:UInt32}}
    """
    return [EmployerRank(*row) for row in _rows(client, sql, limit=limit)]


def retention_curve(client: Client, employer_id: str | None = None) -> list[CurveDay]:
    """The retention curve by day over all cycles, or over those of one employer."""
    if employer_id is None:
        sql = "SELECT day, retained_mean, n FROM retention_curve_all ORDER BY day"
        return [CurveDay(*row) for row in _rows(client, sql)]
    sql = """
        SELECT day, retained_mean, n FROM retention_curve_employer
        WHERE employer_id = {employer_id:String} ORDER BY day
    """
    return [CurveDay(*row) for row in _rows(client, sql, employer_id=employer_id)]


def class_counts(client: Client) -> dict[str, int]:
    """Closed cycles by class, the most frequent first."""
    return _counts(client, "SELECT class AS word, count() AS n FROM account_cycle FINAL GROUP BY word")


def flag_counts(client: Client) -> dict[str, int]:
    """Closed cycles by flag, the most frequent first; a cycle may have several."""
    return _counts(
        client, "SELECT arrayJoin(flags) AS word, count() AS n FROM account_cycle FINAL GROUP BY word"
    )


def dead_letter_counts(client: Client) -> dict[str, int]:
    """Dead letters by reason, the most frequent first."""
    return _counts(client, "SELECT reason AS word, count() AS n FROM dead_letter FINAL GROUP BY word")


def task_counts(client: Client) -> list[TaskCount]:
    """Tasks by kind and the status of their latest version."""
    sql = "SELECT kind, status, tasks FROM task_funnel ORDER BY kind, status"
    return [TaskCount(*row) for row in _rows(client, sql)]


def _counts(client: Client, sql: str) -> dict[str, int]:
    return dict(_rows(client, sql + " ORDER BY n DESC, word"))


def _rows(client: Client, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in client.query(sql, parameters=parameters).result_rows]
