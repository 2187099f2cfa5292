"""The arithmetic of half-open intervals, against sets of whole numbers."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from clinic_portal.scheduling.intervals import (
    Interval,
    covers,
    intersect,
    merge,
    points_outside,
    starts_meeting,
    subtract,
)

NUMBERS = st.integers(-20, 60)
INTERVALS = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=6)  # some are empty, some reach backwards


def points(intervals: list[Interval]) -> set[int]:
    return {point for start, end in intervals for point in range(start, end)}


def ascending(intervals: list[Interval]) -> list[Interval]:
    """By start, none empty; they may overlap."""
    return sorted((start, end) for start, end in intervals if start < end)


def is_tidy(intervals: list[Interval]) -> bool:
    """Ascending, none empty, none touching the next."""
    edges = [edge for interval in intervals for edge in interval]
    return all(a < b for a, b in pairwise(edges))


def test_touching_intervals_become_one_and_empty_ones_vanish() -> None:
    assert merge([(30, 40), (10, 20), (20, 25), (27, 27)]) == [(10, 25), (30, 40)]


@given(INTERVALS)
def test_merging_keeps_every_point_and_tidies(intervals: list[Interval]) -> None:
    merged = merge(intervals)
    assert points(merged) == points(intervals)
    assert is_tidy(merged)


@given(st.tuples(NUMBERS, NUMBERS), INTERVALS)
def test_subtracting_leaves_exactly_the_other_points(whole: Interval, holes: list[Interval]) -> None:
    left = subtract(whole, holes)
    assert points(left) == points([whole]) - points(holes)
    assert is_tidy(left)


@given(INTERVALS, INTERVALS)
def test_the_intersection_has_the_points_of_both(some: list[Interval], others: list[Interval]) -> None:
    common = intersect(merge(some), merge(others))
    assert points(common) == points(some) & points(others)
    assert is_tidy(common)


@given(INTERVALS, NUMBERS)
def test_a_point_is_covered_when_an_interval_has_it(intervals: list[Interval], point: int) -> None:
    assert covers(intervals, point) == (point in points(intervals))


@given(INTERVALS, st.tuples(st.integers(-9, 9), st.integers(1, 9)), st.tuples(NUMBERS, st.integers(1, 50)))
def test_a_start_meets_an_interval_when_the_span_put_there_shares_a_point_with_it(
    intervals: list[Interval], shape: Interval, reach: Interval
) -> None:
    span = shape[0], shape[0] + shape[1]
    near = reach[0], reach[0] + reach[1]
    meeting = starts_meeting(intervals, span, near)
    for start in range(*near):
        there = set(range(start + span[0], start + span[1]))
        assert covers(meeting, start) == bool(there & points(intervals))


@given(NUMBERS, st.integers(0, 60), st.integers(1, 17), INTERVALS)
def test_grid_points_outside_are_those_no_interval_has(
    start: int, length: int, step: int, intervals: list[Interval]
) -> None:
    grid = range(start, start + length, step)
    runs = list(points_outside(grid, ascending(intervals)))
    assert [point for run in runs for point in run] == [p for p in grid if p not in points(intervals)]
    assert all(runs), "a run without a point would look like a free day"
