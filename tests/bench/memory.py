"""What an account held in the table costs a worker in memory."""

from time import sleep

from tests.bench.held import held, start_until_ready
from tests.bench.stand import WORKER, Size, medians, resident_bytes, stand

SETTLE_SECONDS = 3.0


def measure(size: Size) -> dict[str, float]:
    """Resident bytes an account: recovered with all accounts, less recovered with none, by the accounts."""
    turns = []
    with stand() as empty, held(size.accounts) as full:
        for _ in range(size.turns):
            memory = []
            for service in (empty, full):
                _, pid = start_until_ready(service, service.settings)
                sleep(SETTLE_SECONDS)
                memory.append(resident_bytes(pid))
                service.kill(WORKER)
            turns.append(
                {
                    "bytes_per_account": (memory[1] - memory[0]) / size.accounts,
                    "rss_mib": memory[1] / 2**20,
                    "empty_rss_mib": memory[0] / 2**20,
                }
            )
    return {"accounts": size.accounts, **medians(turns)}
