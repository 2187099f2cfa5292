"""Periods of a subscription, as Stripe counts them: calendar months or years in UTC from an anchor whose day is kept.

From 31 January the periods begin on 28 February, 31 March, 30 April.
"""

from calendar import monthrange
from datetime import datetime

MONTHS = {"month": 1, "year": 12}


def nth(anchor_at: datetime, period: str, number: int) -> datetime:
    """When the n-th period after the anchor begins; the anchor begins the period number 0."""
    month = anchor_at.month - 1 + MONTHS[period] * number
    year, month = anchor_at.year + month // 12, month % 12 + 1
    return anchor_at.replace(year=year, month=month, day=min(anchor_at.day, monthrange(year, month)[1]))


def first_from(anchor_at: datetime, period: str, instant: datetime) -> datetime:
    """The first beginning of a period that is not before an instant."""
    return nth(anchor_at, period, _first(anchor_at, period, instant))


def following(anchor_at: datetime, period: str, instant: datetime) -> datetime:
    """The first beginning of a period after an instant."""
    number = _first(anchor_at, period, instant)
    return nth(anchor_at, period, number + (nth(anchor_at, period, number) == instant))


def _first(anchor_at: datetime, period: str, instant: datetime) -> int:
    months = (instant.year - anchor_at.year) * 12 + instant.month - anchor_at.month
    number = months // MONTHS[period] - 1
    while nth(anchor_at, period, number) < instant:
        number += 1
    return number
