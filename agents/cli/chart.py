"""A retention curve that people can look at in the terminal."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

Point = tuple[int, float | None, int]
"""Day of the cycle, share of the pay retained (0 to 1, None: unknown), how many cycles it is the mean of."""

HEIGHT: Final = 8
_BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_EIGHTHS: Final = len(_BLOCKS) - 1
_AXIS: Final = 6  # characters left of the bars
_WIDE: Final = 4
_MOST_WIDE: Final = 13
"""Up to so many days a bar is wide enough to carry its value."""


def curve_chart(points: Sequence[Point], title: str) -> RenderableType:
    """Bars by day with what they stand on. Points in any order; a day that is missing shows as unknown.

    Up to 13 days each bar carries its value in per cent and its number of cycles; a month fits 80 columns.
    """
    if not points:
        return Panel(Text("nothing to draw yet"), title=Text(title), expand=False)
    days = _complete(points)
    wide = len(days) <= _MOST_WIDE
    width = _WIDE if wide else 1
    rows = [_row(days, level, width) for level in reversed(range(HEIGHT))]
    feet = [_axis(days, width), *(_numbers(days) if wide else [_ticks(days)]), _caption(days)]
    return Panel(Group(*rows, *feet), title=Text(title), expand=False)


def _complete(points: Sequence[Point]) -> list[Point]:
    known = {day: (day, share, count) for day, share, count in points}
    return [known.get(day, (day, None, 0)) for day in range(min(known), max(known) + 1)]


def _row(days: list[Point], level: int, width: int) -> Text:
    share = 100 * (level + 1) // HEIGHT
    row = Text(f"{share:>3} % ┤" if level % 2 else f"{'':>5} │")
    for _, retained, _ in days:
        row.append(_cell(retained, level) * width, _colour(retained))
        row.append(" ")
    return row


def _cell(retained: float | None, level: int) -> str:
    if retained is None:
        return "·" if level == 0 else " "
    # Nothing left is a thin line, to tell it from a day that is not known.
    filled = max(1, round(min(1.0, max(0.0, retained)) * HEIGHT * _EIGHTHS))
    return _BLOCKS[min(_EIGHTHS, max(0, filled - level * _EIGHTHS))]


def _colour(retained: float | None) -> str:
    if retained is None:
        return "dim"
    return "green" if retained >= 0.5 else "yellow" if retained >= 0.2 else "red"


def _axis(days: list[Point], width: int) -> Text:
    return Text(f"{0:>3} % └" + "─" * (len(days) * (width + 1)))


def _numbers(days: list[Point]) -> list[Text]:
    shares = ("" if share is None else f"{100 * share:.0f}" for _, share, _ in days)
    return [
        _labels("day", (str(day) for day, _, _ in days)),
        _labels("kept %", shares),
        _labels("n", (str(count) if count < 10**_WIDE else "…" for _, _, count in days)),
    ]


def _labels(name: str, texts: Iterable[str]) -> Text:
    cells = "".join(f"{text:^{_WIDE}} " for text in texts)
    return Text(f"{name:>{_AXIS}} {cells}", "dim" if name == "n" else "")


def _ticks(days: list[Point]) -> Text:
    line = [" "] * (2 * len(days) + 2)
    for index, (day, _, _) in enumerate(days):
        if day % 5 == 0:
            line[2 * index : 2 * index + len(str(day))] = str(day)
    return Text(f"{'day':>{_AXIS}} {''.join(line).rstrip()}")


def _caption(days: list[Point]) -> Text:
    known = [point for point in days if point[2]]
    if not known:
        return Text("")
    first, last = known[0], known[-1]
    text = f"share of the pay kept; {_cycles(first[2])} on day {first[0]}"
    return Text(text if first is last else f"{text}, {last[2]:,} on day {last[0]}", "dim")


def _cycles(count: int) -> str:
    return "1 cycle" if count == 1 else f"{count:,} cycles"
