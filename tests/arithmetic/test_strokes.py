"""A drawn signature as the line of an SVG."""

import re

from hypothesis import given
from hypothesis import strategies as st

from clinic_portal.forms.strokes import HEIGHT, WIDTH, path_of

POINTS = st.tuples(st.integers(0, WIDTH), st.integers(0, HEIGHT))
STROKES = st.lists(st.lists(POINTS, max_size=30), max_size=10)
PATH = re.compile(r"(M\d+ \d+(Q\d+ \d+ \d+(\.5)? \d+(\.5)?)*(L\d+ \d+|l\.1 0))*")


def test_a_stroke_runs_through_the_middles_and_ends_where_the_pen_was_lifted() -> None:
    assert path_of([[[0, 0], [10, 20], [21, 40], [30, 0]]]) == "M0 0Q10 20 15.5 30Q21 40 25.5 20L30 0"


def test_two_points_are_a_line_and_one_is_a_dot() -> None:
    assert path_of([[[5, 6], [7, 8]], [[9, 9]]]) == "M5 6L7 8M9 9l.1 0"


def test_nothing_drawn_is_no_line() -> None:
    assert path_of([]) == path_of([[]]) == ""


@given(STROKES)
def test_every_stroke_begins_and_ends_at_its_points_and_nothing_but_a_line_is_told(
    strokes: list[list[tuple[int, int]]],
) -> None:
    path = path_of(strokes)
    drawn = [stroke for stroke in strokes if stroke]
    assert PATH.fullmatch(path)
    told = path.split("M")[1:]
    assert len(told) == len(drawn)
    for line, stroke in zip(told, drawn, strict=True):
        assert line.startswith(f"{stroke[0][0]} {stroke[0][1]}")
        assert len(stroke) == 1 or line.endswith(f"L{stroke[-1][0]} {stroke[-1][1]}")
        assert line.count("Q") == max(0, len(stroke) - 2)
