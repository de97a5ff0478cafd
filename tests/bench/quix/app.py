"""The bench task on Quix Streams, as its documentation would have it written: a dataframe, state, JSON.

It runs in an environment of its own (``requirements.lock``); state is in RocksDB, the default.
"""

import os
from typing import Any

from quixstreams import Application, State

from tests.bench.task import apply, tasks_of, tasks_topic


def detect(event: dict[str, Any], state: State) -> list[dict[str, Any]]:
    """One event over its account's state; returns the tasks."""
    account, hits = apply(state.get("account"), event)
    if account is not None:
        state.set("account", account)
    return tasks_of(account, hits, event["account_id"])


def main(env: "os._Environ[str]") -> None:
    """Run until a signal comes."""
    app = Application(
        broker_address=env["BENCH_BOOTSTRAP"],
        consumer_group=env["BENCH_APP_ID"],
        auto_offset_reset="earliest",
        processing_guarantee=env["BENCH_GUARANTEE"],  # type: ignore[arg-type]
        commit_interval=float(env["BENCH_COMMIT_SECONDS"]),
        state_dir=env["BENCH_HOME"],
        auto_create_topics=True,
        loglevel="WARNING",
    )
    events = app.topic(env["BENCH_SOURCE"], key_deserializer="str", value_deserializer="json")
    tasks = app.topic(tasks_topic(env["BENCH_APP_ID"]), key_serializer="str", value_serializer="json")
    frame = app.dataframe(events)
    frame = frame.filter(lambda event: "account_id" in event)
    frame = frame.apply(detect, stateful=True, expand=True)
    frame.to_topic(tasks)
    app.run()


if __name__ == "__main__":
    main(os.environ)
