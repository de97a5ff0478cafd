"""The demo: a real bank's data and a simulated payday month through the whole service, then load."""

import asyncio
import shutil
import signal
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Final

from rich.console import Console
from rich.table import Table

from agents.cli.chart import curve_chart
from agents.cli.progress import progress
from agents.cli.simulate import simulated
from agents.cli.watching import read_all
from agents.clickhouse import migrate, report
from agents.clickhouse.client import connect
from agents.embedded.local import LocalService
from agents.files import czech_lines
from agents.ingest import ingest
from agents.load import fill_journal
from agents.log.offsets import LogReader, committed
from agents.log.topics import admin
from schemas import topics
from schemas.tasks import Task
from streams.intervention.sentences import sentence
from streams.journal.eventsfile import Line
from streams.simulation.population import Population, Rates
from streams.simulation.truth import score, truth
from streams.wording.sentences import money

POPULATION: Final = Population(
    seed=7, accounts=1_500, start=date(2026, 1, 1), months=2, rates=Rates(malformed=0.0005)
)
LOAD_EVENTS: Final = 500_000
LOAD_ACCOUNTS: Final = 20_000
LOAD_START: Final = date(2026, 6, 1)
EXAMPLES: Final = 3

console = Console()


def run(home: Path, *, keep: bool) -> None:
    """Play everything below ``home``, which is made anew; leave the second part running if ``keep``."""
    # However it is ended, nothing is left running.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    began = monotonic()
    shutil.rmtree(home, ignore_errors=True)
    _real_bank(home / "czech")
    service = LocalService(home / "simulated", PAYTIDE_METRICS_PORT="0")
    try:
        _simulated_month(service)
        _load(service)
        console.print(f"\n[bold]All of it took {monotonic() - began:.0f} s.[/bold]")
        if keep:
            _keep(service)
    finally:
        service.close()


def _real_bank(home: Path) -> None:
    console.rule("[bold]A real bank: 30 200 transactions of 354 accounts, 1995 to 1998[/bold]")
    with LocalService(home, PAYTIDE_TIMEZONE="Europe/Prague") as service:
        _start(service)
        _play(service, czech_lines(), "playing 1995–1998")
        service.stop("worker")
        service.stop("landing")
        _report(service)


def _simulated_month(service: LocalService) -> None:
    months = f"{POPULATION.accounts} accounts, {POPULATION.months} months"
    console.rule(f"[bold]Paydays, simulated: {months}, late, duplicate, reversed and broken events[/bold]")
    _start(service)
    _play(service, simulated(POPULATION), "playing two months")
    service.stop("worker")
    service.stop("landing")
    _report(service)
    alerts = {(task.account_id, task.cycle_payday) for task in _tasks(service) if task.status == "open"}
    found = score(truth(POPULATION), alerts)
    console.print(
        f"Alerts against what the customers meant to do: precision [bold]{found.precision:.3f}[/bold], "
        f"recall [bold]{found.recall:.3f}[/bold] ({found.tp} right, {found.fp} wrong, {found.fn} missed)"
    )


def _load(service: LocalService) -> None:
    console.rule("[bold]How fast one worker is, all rules on, exactly once[/bold]")
    filled = asyncio.run(fill_journal(service.settings, LOAD_ACCOUNTS, LOAD_EVENTS, seed=1, start=LOAD_START))
    service.start("worker")
    rate = asyncio.run(_rate(service))
    service.stop("worker")
    console.print(
        f"{filled} journal records of {LOAD_ACCOUNTS} accounts: [bold]{rate:,.0f} events/s[/bold] from the journal "
        "(state, changelog, outputs and offsets in one transaction a record set; broker on the same machine)"
    )


def _start(service: LocalService) -> None:
    with progress() as bar:
        bar.add_task("starting broker, worker, landing", total=None, note="")
        service.start_broker()
        client = connect(service.settings.clickhouse_dsn)
        migrate.apply(client)
        client.close()
        service.start("worker")
        service.start("landing")


def _play(service: LocalService, lines: Iterable[Line], what: str) -> None:
    began = monotonic()
    with progress() as bar:
        task = bar.add_task(what, total=None, note="")
        done = asyncio.run(
            ingest(
                service.settings,
                lines,
                on_progress=lambda so_far: bar.update(task, note=f"{so_far.records} records"),
            )
        )
        bar.update(task, description="waiting for worker and landing")
        service.wait_applied()
        service.wait_landed()
    took = monotonic() - began
    console.print(
        f"{done.records} events and {done.ticks} ticks through router, journal, detector and landing in "
        f"{took:.1f} s ({done.records / took:,.0f} events/s, waiting at each tick until the router has caught up)"
    )


def _report(service: LocalService) -> None:
    client = connect(service.settings.clickhouse_dsn)
    try:
        _counts("Closed cycles", report.class_counts(client))
        _counts("Flags", report.flag_counts(client))
        _print_tasks(report.task_counts(client), list(_tasks(service)))
        _print_curve(report.retention_curve(client))
        _print_ranking(report.employer_ranking(client, limit=5))
        _counts("Dead letters", report.dead_letter_counts(client))
    finally:
        client.close()


def _print_tasks(counts: Iterable[report.TaskCount], tasks: list[Task]) -> None:
    _counts("Tasks", {f"{count.kind} {count.status}": count.tasks for count in counts})
    for task in tasks[:: max(1, len(tasks) // EXAMPLES)][:EXAMPLES]:
        console.print("  • " + sentence(task, "en"), highlight=False)


def _print_curve(days: Iterable[report.CurveDay]) -> None:
    week = [(day.day, day.retained, day.n) for day in days if day.day <= 7]
    console.print(curve_chart(week, "Payroll retention after payday"))


def _print_ranking(ranking: Iterable[report.EmployerRank]) -> None:
    table = Table(title="Employers that bring most", title_justify="left")
    for heading in ("employer", "accounts", "cycles", "pay per account", "retained", "moved out"):
        table.add_column(heading, justify="left" if heading == "employer" else "right")
    for one in ranking:
        table.add_row(
            one.employer_id,
            str(one.accounts),
            str(one.cycles),
            money(round(one.pay_per_account), one.currency),
            f"{one.retention_rate:.0%}",
            f"{one.transfer_out_share:.0%}",
        )
    console.print(table)


def _counts(title: str, counts: dict[str, int]) -> None:
    body = ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"
    console.print(f"[bold]{title}:[/bold] {sum(counts.values())} ({body})", highlight=False)


def _tasks(service: LocalService) -> list[Task]:
    async def read() -> list[Task]:
        records = read_all(service.settings, topics.INTERVENTIONS)
        return [Task.model_validate_json(record.value) async for record in records]

    return asyncio.run(read())


async def _rate(service: LocalService) -> float:
    # Between a tenth and nine tenths of the way, so that neither start-up nor the last records count.
    async with admin(service.settings) as client, LogReader(service.settings) as log:
        tps = await log.partitions(topics.JOURNAL)
        total = sum((await log.ends(tps)).values())
        first = sum((await committed(client, service.settings.app_id, tps)).values())
        seen: list[tuple[float, int]] = []
        with progress() as bar:
            task = bar.add_task("working the journal off", total=total - first, note="")
            done = first
            while done < total:
                service.check()
                await asyncio.sleep(0.05)
                done = sum((await committed(client, service.settings.app_id, tps)).values())
                seen.append((monotonic(), done))
                bar.update(task, completed=done - first)
    begin = next(point for point in seen if point[1] >= first + 0.1 * (total - first))
    end = next(point for point in seen if point[1] >= first + 0.9 * (total - first))
    return (end[1] - begin[1]) / (end[0] - begin[0])


def _keep(service: LocalService) -> None:
    service.start("worker", PAYTIDE_METRICS_PORT="9101")
    service.start("landing", PAYTIDE_METRICS_PORT="9102")
    env = " ".join(f"{name}={value}" for name, value in service.env.items())
    console.print(
        "\nStill running; Ctrl-C ends it. Where to look:\n"
        f"  Kafka            {service.kafka.bootstrap}\n"
        "  worker metrics   http://127.0.0.1:9101/metrics\n"
        "  landing metrics  http://127.0.0.1:9102/metrics\n"
        f"  logs             {service.home}/worker.log, {service.home}/landing.log\n"
        f"  commands         {env} .venv/bin/paytide tasks --from-beginning",
        highlight=False,
    )
    try:
        while True:
            service.check()
            asyncio.run(asyncio.sleep(1))
    except KeyboardInterrupt:
        console.print("stopping")
