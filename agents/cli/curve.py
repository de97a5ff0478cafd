"""``paytide curve ACCOUNT``: how the pay of an account, or of an employer's people, melts by day."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from pathlib import Path

import click
from rich.console import Console

from agents.cli.chart import Point, curve_chart
from agents.cli.errors import quiet
from agents.cli.given import given_settings
from agents.cli.playing import judge, play, say_unused
from agents.cli.values import DAY, TEXT
from agents.clickhouse.client import connect
from agents.clickhouse.report import retention_curve
from agents.playbooks import load_playbook
from streams.fast.facts.curve_point import FastCurve
from streams.playbook.rules import Rules
from streams.wording.sentences import printable

_ACCOUNT_SQL = """
SELECT day, avg(p.retained) AS retained_mean, count() AS n
FROM curve_point AS p FINAL
WHERE account_id = {account_id:String} AND p.retained IS NOT NULL
    AND (isNull({payday:Nullable(Date32)}) OR cycle_payday = {payday:Nullable(Date32)})
GROUP BY day ORDER BY day
"""

_File = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(help="Draw the retention curve of an account over its cycles, and of an employer.")
@click.argument("account", required=False, type=TEXT)
@click.option(
    "--employer", type=TEXT, help="Also, or without ACCOUNT only, the curve of this employer's accounts."
)
@click.option("--payday", type=DAY, help="Only the account's cycle of this payday.")
@click.option("--events", type=_File, help="Compute it from an events file instead of reading ClickHouse.")
@click.option("--playbook", type=_File, help="With --events: YAML; default: the shipped one.")
@click.option("--timezone", help="With --events: IANA zone; overrides the playbook's.")
@click.option("--dsn", type=TEXT, help="ClickHouse, as for migrate; default: PAYTIDE_CLICKHOUSE_DSN.")
def command(
    account: str | None,
    employer: str | None,
    payday: date | None,
    events: Path | None,
    playbook: Path | None,
    timezone: str | None,
    dsn: str | None,
) -> None:
    """Get the points, draw."""
    if account is None and employer is None:
        raise click.UsageError("give an ACCOUNT, or --employer ID, or both")
    if events is not None:
        curves = _curves_of(events, playbook, timezone)
        of_account, of_employer = _account_in(curves, account, payday), _employer_in(curves, employer)
    else:
        of_account, of_employer = _from_clickhouse(
            dsn or given_settings().clickhouse_dsn, account, employer, payday
        )
    cycle = f", payday {payday}" if payday else ""
    if account is not None:
        _draw(of_account, f"account {account}{cycle}")
    if employer is not None:
        _draw(of_employer, f"employer {employer}")


def means(curves: Iterable[FastCurve]) -> list[Point]:
    """The mean share retained by day, over the cycles that have one."""
    shares: dict[int, list[Fraction]] = defaultdict(list)
    for curve in curves:
        for point in curve.points:
            if point.retained is not None:
                shares[point.day].append(Fraction(point.retained))
    return [(day, float(sum(known) / len(known)), len(known)) for day, known in sorted(shares.items())]


def _curves_of(events: Path, playbook: Path | None, timezone: str | None) -> list[FastCurve]:
    result = play(events, Rules.of(load_playbook(playbook, timezone)))
    say_unused(result, playbook)
    judge(result)
    return [fact for fact in result.facts if isinstance(fact, FastCurve)]


def _account_in(curves: list[FastCurve], account: str | None, payday: date | None) -> list[Point]:
    return means(
        curve for curve in curves if curve.account_id == account and payday in (None, curve.cycle_payday)
    )


def _employer_in(curves: list[FastCurve], employer: str | None) -> list[Point]:
    return means(curve for curve in curves if curve.employer_id == employer)


def _from_clickhouse(
    dsn: str, account: str | None, employer: str | None, payday: date | None
) -> tuple[list[Point], list[Point]]:
    with quiet("clickhouse_connect", "urllib3"):
        client = connect(dsn)
    try:
        parameters = {"account_id": account, "payday": payday}
        rows = [] if account is None else client.query(_ACCOUNT_SQL, parameters=parameters).result_rows
        days = [] if employer is None else retention_curve(client, employer)
    finally:
        client.close()
    return [(day, share, count) for day, share, count in rows], [(*one,) for one in days]


def _draw(points: list[Point], whose: str) -> None:
    if not points:
        raise click.ClickException(
            f"there is no curve of {printable(whose)}: it is written when a cycle closes, seven days after "
            "the payday plus the allowed lateness; check the id, and that what was read goes that far"
        )
    Console().print(curve_chart(points, f"Retention of {printable(whose)}"))
