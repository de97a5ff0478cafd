"""``paytide``: every command of the service (docs/integration.md#commands)."""

from agents.cli.lazy import LazyGroup, version_option

COMMANDS = {
    "demo": ("agents.cli.demo:command", "Show it all on this machine: broker, worker, landing, data."),
    "worker": ("agents.cli.worker:command", "Run router, detector and clock."),
    "landing": ("agents.cli.landing:command", "Run the landing of facts into ClickHouse."),
    "simulate": ("agents.cli.simulate:command", "Make a population's events: to Kafka or to a file."),
    "ingest": ("agents.cli.ingest:command", "Write an events file to Kafka, with ticks."),
    "backtest": ("agents.cli.backtest:command", "Run the pipeline over an events file, without a broker."),
    "playbook": ("agents.cli.playbook:command", "The playbook (check, publish, diff)."),
    "calendar": ("agents.cli.calendar:command", "The calendar of workdays (publish)."),
    "live": ("agents.cli.live:command", "From which instant on tasks go out."),
    "journal": ("agents.cli.journal:command", "The journal as an events file (export)."),
    "groups": ("agents.cli.groups:command", "The groups log as an events file (export)."),
    "tasks": ("agents.cli.tasks:command", "Watch the interventions as they come."),
    "curve": ("agents.cli.curve:command", "Draw the retention curve of an account or an employer."),
    "migrate": ("agents.cli.migrate:command", "Bring ClickHouse's tables and views up to date."),
    "schemas": ("agents.cli.words:command", "Write JSON Schemas and the AsyncAPI document (export)."),
    "dlq": ("agents.cli.dlq:command", "Look at refused records (list)."),
}
"""Name → where it is, and its line in the help."""

main = LazyGroup(
    "paytide",
    lazy=COMMANDS,
    help="Detects payday outflow: events in, interventions and aggregates out.",
    params=[version_option()],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
