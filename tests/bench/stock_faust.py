"""The bench task on stock Faust, as its documentation would have it written: an agent, a table, JSON.

At least once. It commits every tenth of a second, so that its progress can be seen from outside.
"""

import os
import sys
from typing import Any

import faust

from tests.bench.task import apply, tasks_of, tasks_topic

COMMIT_SECONDS = 0.1


def create_app(bootstrap: str, app_id: str, source: str, partitions: int, home: str) -> faust.App:
    """The app; ``source``: the topic it reads."""
    app = faust.App(
        app_id,
        broker=f"kafka://{bootstrap}",
        broker_commit_interval=COMMIT_SECONDS,
        store="memory://",
        datadir=home,
        topic_partitions=partitions,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
    )
    events = app.topic(source, key_type=bytes, key_serializer="raw", value_serializer="json")
    tasks = app.topic(tasks_topic(app_id), key_type=bytes, key_serializer="raw", value_serializer="json")
    accounts = app.Table("accounts", partitions=partitions)

    async def detect(stream: Any) -> None:
        async for event in stream:
            if "account_id" not in event:
                continue
            account_id = event["account_id"]
            state, hits = apply(accounts.get(account_id), event)
            if state is not None:
                accounts[account_id] = state
            for task in tasks_of(state, hits, account_id):
                await tasks.send(key=account_id.encode(), value=task)

    app.agent(events)(detect)
    return app


if __name__ == "__main__":
    env = os.environ
    worker = faust.Worker(
        create_app(
            env["BENCH_BOOTSTRAP"],
            env["BENCH_APP_ID"],
            env["BENCH_SOURCE"],
            int(env["BENCH_PARTITIONS"]),
            env["BENCH_HOME"],
        ),
        loglevel="WARN",
        redirect_stdouts=False,
        logfile=None,
    )
    sys.exit(worker.execute_from_commandline())
