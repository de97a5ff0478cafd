"""For each kind, a story that raises it, and what ends it; the contract of all kinds is read along these."""

from typing import NamedTuple

from tests.reference.lines import at, credit, move, out
from tests.streams.builders import PROFILE_LINE, Values


class Story(NamedTuple):
    """``raised``: distinct events of one payday that raise one task, in any order, the first two by 09:00 and the
    rest later; ``ended``: the lines that supersede it, by ``ended_by``; ``again``: one that opens it again
    after the last of those, if any does."""

    raised: list[Values]
    ended: dict[str, list[Values]]
    again: Values | None = None


STORIES: dict[str, Story] = {
    "outflow_alert": Story(
        raised=[
            PROFILE_LINE,
            credit("pay", at(0, 9), 1_000_000, balance_after=1_200_000),
            out("large", at(0, 12), 400_000, balance_after=800_000),
            out("more", at(0, 13), 150_000, balance_after=650_000),
        ],
        ended={
            "payday_moved": [credit("earlier", at(-1, 20), 1_000)],
            "cancelled": [
                move("back", at(0, 18), 400_000, "in", "transfer", reverses="large"),
                move("back-too", at(0, 19), 150_000, "in", "transfer", reverses="more"),
            ],
        },
        again=out("leaves-again", at(0, 20), 700_000),
    ),
}
