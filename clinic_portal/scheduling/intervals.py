"""Half-open stretches of whole numbers, `[start, end)`: touching is not overlapping, empty overlaps nothing.

They know nothing of clinics; `availability` measures them in minutes.
"""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

Interval: TypeAlias = tuple[int, int]
"""`(start, end)`: from `start` up to, and not including, `end`. Empty when `end <= start`."""


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The same numbers as ascending intervals that neither overlap nor touch, none empty; any order in."""
    merged: list[Interval] = []
    first = last = -(1 << 62)
    for start, end in sorted(intervals):
        if start <= last:
            if end > last:
                last = end
        else:
            if first < last:
                merged.append((first, last))
            first, last = start, end
    if first < last:
        merged.append((first, last))
    return merged


def subtract(whole: Interval, holes: Iterable[Interval]) -> list[Interval]:
    """What is left of `whole` without the holes, ascending; the holes come in any order and may overlap."""
    at, end = whole
    left: list[Interval] = []
    for first, last in merge(holes):
        if at < min(first, end):
            left.append((at, min(first, end)))
        at = max(at, last)
    if at < end:
        left.append((at, end))
    return left


def intersect(some: Iterable[Interval], others: Iterable[Interval]) -> list[Interval]:
    """What lies in both; each comes merged (see `merge`) and so is the answer."""
    common: list[Interval] = []
    some, others = iter(some), iter(others)
    a, b = next(some, None), next(others, None)
    while a is not None and b is not None:
        if b[1] < a[1]:
            a, b, some, others = b, a, others, some  # so that `a` ends first
        if b[0] < a[1]:
            common.append(a if a[0] > b[0] else (b[0], a[1]))
        a = next(some, None)
    return common


def covers(intervals: Iterable[Interval], point: int) -> bool:
    """Whether the point lies in any of the intervals."""
    return any(start <= point < end for start, end in intervals)


def starts_meeting(intervals: Iterable[Interval], span: Interval, near: Interval) -> list[Interval]:
    """The starts `s` whose `[s + span[0], s + span[1])` overlaps one of the intervals: a stretch for each.

    Complete for the starts in `near`; what is out of its reach may be left out.
    """
    before, after = span
    low, high = near[0] + before, near[1] - 1 + after
    return [(start - after + 1, end - before) for start, end in intervals if start < high and low < end and start < end]


def points_outside(grid: range, intervals: Iterable[Interval]) -> Iterator[range]:
    """The points of an ascending grid that lie in none of the intervals, as ascending ranges, none empty.

    The intervals ascend by start and none is empty; they may overlap.
    """
    at, stop, step = grid.start, grid.stop, grid.step
    for start, end in intervals:
        if at >= stop:
            return
        if start > at:
            yield range(at, min(start, stop), step)
        if end > at:
            at += -((at - end) // step) * step  # the first point at or after `end`
    if at < stop:
        yield range(at, stop, step)
