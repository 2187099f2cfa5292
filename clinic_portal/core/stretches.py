"""Stretches of time that rows are counted by: a table of them, joined in one statement, whatever the zone.

A stretch is a day, a week or a month of one place's calendar, given as instants; so a day of a clock change is 23 or 25
hours long, and places in different zones are counted each by their own days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, column, values

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
