"""The script of faults: which, whom, when; the same for a seed."""

import random
import threading
from collections.abc import Callable, Iterator
from time import sleep

from tests.chaos.stand import LANDING, SESSION_SECONDS, WORKERS, Stand

WORKER_WINDOWS = ("before-changelog", "before-commit", "after-commit")
LANDING_WINDOWS = ("before-insert", "during-insert", "after-insert")
OUTAGES = ("refuse", "hang", "error", "cut", "cut-after")

Fault = tuple[str, Callable[[Stand], None]]


def script(seed: int, kills: int, bounces: int, outages: int, pause: float) -> Iterator[tuple[float, Fault]]:
    """(Seconds to wait, fault). ``kills`` counts SIGKILLs; pauses and SIGTERMs come on top."""
    chance = random.Random(seed)
    faults: list[Fault] = []
    left = kills
    while left > 0:
        fault, cost = _killing(chance, left)
        faults.append(fault)
        left -= cost
    faults += [_pausing(chance) for _ in range(kills // 15)]
    faults += [_terminating(chance) for _ in range(kills // 15)]
    faults += [_bouncing(hard=number % 2 == 1) for number in range(bounces)]
    faults += [_outage(chance) for _ in range(outages)]
    chance.shuffle(faults)
    for fault in faults:
        yield chance.uniform(0.2 * pause, 1.8 * pause), fault


def _killing(chance: random.Random, left: int) -> tuple[Fault, int]:
    name = chance.choice([*WORKERS, *WORKERS, LANDING])
    if left >= 2 and chance.random() < 0.3:
        window = chance.choice(LANDING_WINDOWS if name == LANDING else WORKER_WINDOWS)
        after = chance.randrange(1, 6 if name == LANDING else 40)
        return (f"{name} dies {window}", lambda stand: stand.die_in_window(name, window, after)), 2
    return (f"SIGKILL {name}", lambda stand: stand.kill(name)), 1


def _pausing(chance: random.Random) -> Fault:
    name = chance.choice(WORKERS)
    return f"SIGSTOP {name}", lambda stand: stand.pause(name, SESSION_SECONDS + 2)


def _terminating(chance: random.Random) -> Fault:
    name = chance.choice([*WORKERS, LANDING])
    return f"SIGTERM {name}", lambda stand: stand.terminate(name)


def _bouncing(*, hard: bool) -> Fault:
    return f"broker {'SIGKILL' if hard else 'restart'}", lambda stand: stand.bounce(hard=hard)


def _outage(chance: random.Random) -> Fault:
    mode, seconds = chance.choice(OUTAGES), chance.uniform(2, 8)

    def strike(stand: Stand) -> None:
        stand.front.fault(mode, seconds)
        sleep(seconds)

    return f"ClickHouse {mode} for {seconds:.0f} s", strike


def play(
    stand: Stand,
    faults: list[tuple[float, Fault]],
    on_fault: Callable[[int, str], None],
    over: threading.Event,
) -> None:
    """Strike, one fault after the other."""
    for number, (wait, (name, strike)) in enumerate(faults, 1):
        stand.go_on(over)
        if over.wait(wait):
            return
        strike(stand)
        on_fault(number, name)
