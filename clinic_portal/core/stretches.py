"""Stretches of time that rows are counted by: a table of them, joined in one statement, whatever the zone.

A stretch is a day, a week or a month of one place's calendar, given as instants; so a day of a clock change is 23 or 25
hours long, and places in different zones are counted each by their own days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, and_, case, cast, column, func, literal, values

from clinic_portal.core.db import UtcDateTime


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one instant to just before another, at a place; `number` says which of the period's it is, from 0 on."""

    place: int
    number: int
    from_at: datetime
    until_at: datetime


def as_table(stretches: Sequence[Stretch]) -> Any:
    """The stretches as a table `stretch(place, number, from_at, until_at)` to be joined. There is at least one."""
    columns = (
        column("place", Integer),
        column("number", Integer),
        column("from_at", UtcDateTime),
        column("until_at", UtcDateTime),
    )
    rows = [(one.place, one.number, one.from_at, one.until_at) for one in stretches]
    return values(*columns, name="stretch").data(rows).cte("stretch")


def within(stretch: Any, place: Any, at: Any) -> ColumnElement[bool]:
    """That something at a place happened within a stretch of that place."""
    return and_(stretch.c.place == place, at >= stretch.c.from_at, at < stretch.c.until_at)


def number_of(stretches: Sequence[Stretch], place: Any, at: Any) -> Any:
    """The number of the stretch in which something at a place happened; NULL where it was in none.

    For what no index of starts leads to: each row is looked at once, and compared a handful of times, however many
    stretches there are. Places with the same days share them.
    """
    of_place: dict[int, list[Stretch]] = {}
    for one in stretches:
        of_place.setdefault(one.place, []).append(one)
    places: dict[tuple[tuple[int, datetime, datetime], ...], list[int]] = {}
    for number, mine in of_place.items():
        days = tuple(sorted(((one.number, one.from_at, one.until_at) for one in mine), key=lambda day: day[1]))
        places.setdefault(days, []).append(number)
    return case(*((place.in_(some), _halved(days, at)) for days, some in places.items()), else_=None)


def whole(what: Any) -> Any:
    """A sum as a whole number: PostgreSQL's is a decimal else."""
    return cast(func.coalesce(func.sum(what), 0), BigInteger)


def _halved(days: Sequence[tuple[int, datetime, datetime]], at: Any) -> Any:
    """Which of some days in order, none of which overlap: half of them, and half of that."""
    if len(days) == 1:
        ((number, from_at, until_at),) = days
        is_in = and_(at >= _instant(from_at), at < _instant(until_at))
        return case((is_in, literal(number, Integer)), else_=None)
    middle = len(days) // 2
    is_before = at < _instant(days[middle][1])
    return case((is_before, _halved(days[:middle], at)), else_=_halved(days[middle:], at))


def _instant(at: datetime) -> Any:
    return literal(at, UtcDateTime)
