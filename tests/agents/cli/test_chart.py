"""The curve as it stands in the terminal."""

from rich.console import Console

from agents.cli.chart import Point, curve_chart


def drawn(points: list[Point], width: int = 80) -> list[str]:
    console = Console(width=width, color_system=None, record=True, file=None, quiet=False)
    with console.capture() as capture:
        console.print(curve_chart(points, "a [red]title"))
    return [line.strip("│╭╮╰╯─ ") for line in capture.get().splitlines()]


def test_a_week_carries_its_values() -> None:
    lines = drawn([(day, 1 - day / 10, 12 - day) for day in range(8)])
    assert lines[0] == "a [red]title"
    assert any(line.startswith("kept % 100   90   80") for line in lines)
    assert any(line.startswith("n  12   11   10") for line in lines)
    assert any(line.startswith("day  0    1    2") for line in lines)


def test_a_month_fits_eighty_columns() -> None:
    console = Console(width=80, color_system=None)
    with console.capture() as capture:
        console.print(curve_chart([(day, 0.5, 3) for day in range(32)], "month"))
    lines = capture.get().splitlines()
    assert max(map(len, lines)) <= 80
    assert len({len(line) for line in lines}) == 1
    assert any("day 0         5         10" in line for line in lines)
    assert any("3 cycles on day 0, 3 on day 31" in line for line in lines)


def test_nothing_left_is_not_the_same_as_not_known() -> None:
    text = "\n".join(drawn([(0, 1.0, 1), (1, 0.0, 1), (3, None, 0)]))
    assert "▁▁▁▁" in text
    assert text.count("····") == 2  # day 2 is missing, day 3 is null
    assert "0 %" in text


def test_a_share_out_of_range_stays_in_the_frame() -> None:
    assert drawn([(0, 1.7, 1), (1, -0.3, 1)])


def test_no_points_say_so() -> None:
    assert "nothing to draw yet" in drawn([])
