"""The limit: aiokafka's ``getmany`` over the journal, values not even looked at."""

import asyncio
import os
import signal

import uvloop
from aiokafka import AIOKafkaConsumer

COMMIT_MS = 100
FETCH_BYTES = 2 * 1024 * 1024


async def main(bootstrap: str, group: str, source: str) -> None:
    """Read until a signal comes."""
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    consumer = AIOKafkaConsumer(
        source,
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        auto_commit_interval_ms=COMMIT_MS,
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    async with consumer:
        while not over.is_set():
            await consumer.getmany(timeout_ms=100)


if __name__ == "__main__":
    uvloop.install()
    env = os.environ
    asyncio.run(main(env["BENCH_BOOTSTRAP"], env["BENCH_APP_ID"], env["BENCH_SOURCE"]))
