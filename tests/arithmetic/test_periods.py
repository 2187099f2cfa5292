"""Periods of subscriptions: calendar months and years from an anchor whose day is kept (P8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_portal.payments import periods

pytestmark = pytest.mark.req("P8")
_FIRST, _LAST = datetime(2020, 1, 1), datetime(2035, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
INSTANTS = st.datetimes(_FIRST, _LAST, timezones=st.just(UTC))
KINDS = st.sampled_from(["month", "year"])


def days(anchor: str, period: str, *numbers: int) -> list[str]:
    begun = datetime.fromisoformat(f"{anchor}T15:00:00+00:00")
    return [periods.nth(begun, period, one).date().isoformat() for one in numbers]


def test_the_day_of_the_month_is_kept_where_the_month_has_it() -> None:
    assert days("2027-01-31", "month", 0, 1, 2, 3) == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
    assert days("2027-12-30", "month", 1, 2, 3) == ["2028-01-30", "2028-02-29", "2028-03-30"]


def test_a_year_from_a_leap_day_is_the_day_before_it() -> None:
    assert days("2028-02-29", "year", 1, 3, 4) == ["2029-02-28", "2031-02-28", "2032-02-29"]


@given(INSTANTS, KINDS, st.integers(-30, 60))
def test_each_beginning_follows_the_one_before(anchor: datetime, period: str, number: int) -> None:
    begins = periods.nth(anchor, period, number)
    assert periods.following(anchor, period, begins) == periods.nth(anchor, period, number + 1)
    assert periods.first_from(anchor, period, begins) == begins
    assert periods.following(anchor, period, begins - timedelta(seconds=1)) == begins


@given(INSTANTS, INSTANTS, KINDS)
def test_there_is_none_between_an_instant_and_the_first_from_it(anchor: datetime, at: datetime, period: str) -> None:
    found = periods.first_from(anchor, period, at)
    assert found >= at
    latest = 366 if period == "year" else 31
    assert found - at <= timedelta(days=latest)
    assert periods.following(anchor, period, at) >= found
