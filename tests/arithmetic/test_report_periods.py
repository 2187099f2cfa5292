"""Which days a report is about, which it is compared with, how it is cut, and when its days begin (P18)."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clinic_portal.core.errors import Invalid
from clinic_portal.reports import periods
from clinic_portal.reports.periods import Period, Preset, Step

pytestmark = pytest.mark.req("P18")
MONDAY = date(2026, 11, 23)
SUNDAY_FIRST = 6


def days(first: str, last: str) -> tuple[date, date]:
    return date.fromisoformat(first), date.fromisoformat(last)


def told(period: Period) -> tuple[date, date, date, date]:
    return period.first_on, period.last_on, period.before_first_on, period.before_last_on


@pytest.mark.parametrize(
    ("wanted", "mine", "before"),
    [
        (Preset.THIS_WEEK, ("2026-11-23", "2026-11-23"), ("2026-11-16", "2026-11-16")),
        (Preset.THIS_MONTH, ("2026-11-01", "2026-11-23"), ("2026-10-01", "2026-10-23")),
        (Preset.LAST_MONTH, ("2026-10-01", "2026-10-31"), ("2026-09-01", "2026-09-30")),
        (Preset.LAST_90_DAYS, ("2026-08-26", "2026-11-23"), ("2026-05-28", "2026-08-25")),
        (Preset.THIS_YEAR, ("2026-01-01", "2026-11-23"), ("2025-01-01", "2025-11-23")),
    ],
)
def test_a_period_by_its_name_is_compared_with_as_much_of_the_one_before(
    wanted: Preset, mine: tuple[str, str], before: tuple[str, str]
) -> None:
    assert told(periods.preset(wanted, MONDAY)) == (*days(*mine), *days(*before))


def test_a_week_begins_on_the_day_the_clinics_language_says() -> None:
    sunday = date(2026, 11, 22)
    for today in (sunday, MONDAY):
        assert periods.preset(Preset.THIS_WEEK, today, first_weekday=SUNDAY_FIRST).first_on == sunday


def test_the_last_days_of_a_long_month_are_compared_with_all_of_a_short_one() -> None:
    assert told(periods.preset(Preset.THIS_MONTH, date(2026, 3, 31)))[2:] == days("2026-02-01", "2026-02-28")


def test_the_last_month_of_january_is_december() -> None:
    assert told(periods.preset(Preset.LAST_MONTH, date(2026, 1, 15)))[:2] == days("2025-12-01", "2025-12-31")


def test_the_29th_of_february_is_compared_with_the_28th() -> None:
    assert told(periods.preset(Preset.THIS_YEAR, date(2028, 2, 29)))[2:] == days("2027-01-01", "2027-02-28")


def test_from_and_to_are_compared_with_as_many_days_right_before() -> None:
    assert told(periods.between(date(2026, 11, 10), date(2026, 11, 12)))[2:] == days("2026-11-07", "2026-11-09")


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        periods.between(date(2026, 11, 2), date(2026, 11, 1))
    assert refused.value.code == "report_backwards"


def test_ten_years_are_a_period_and_a_day_more_is_none() -> None:
    assert periods.between(date(2016, 11, 23), date(2026, 11, 22)).step is Step.YEAR
    with pytest.raises(Invalid) as refused:
        periods.between(date(2016, 11, 23), date(2026, 11, 23))
    assert refused.value.code == "report_long"


@pytest.mark.parametrize(
    ("last", "step", "pieces"),
    [
        (date(2026, 1, 31), Step.DAY, 31),
        (date(2026, 2, 1), Step.WEEK, 5),
        (date(2026, 7, 1), Step.WEEK, 27),
        (date(2026, 7, 2), Step.MONTH, 7),
        (date(2030, 12, 31), Step.MONTH, 60),
        (date(2031, 12, 31), Step.YEAR, 6),
    ],
)
def test_the_longer_a_period_the_larger_its_pieces(last: date, step: Step, pieces: int) -> None:
    period = periods.between(date(2026, 1, 1), last)
    assert (period.step, len(periods.cuts(period))) == (step, pieces)


def test_weeks_are_those_of_the_calendar_and_the_first_and_last_may_be_shorter() -> None:
    found = periods.cuts(periods.between(date(2026, 10, 1), date(2026, 11, 10)))
    assert (found[0], found[1], found[-1]) == (
        days("2026-10-01", "2026-10-04"),
        days("2026-10-05", "2026-10-11"),
        days("2026-11-09", "2026-11-10"),
    )


@given(st.dates(date(2001, 1, 1), date(2190, 1, 1)), st.integers(0, 3600), st.integers(0, 6))
@example(date(2023, 4, 20), 1824, 0)  # five years of months that begin within one
def test_the_pieces_are_the_period_each_day_once(first: date, more: int, first_weekday: int) -> None:
    period = periods.between(first, first + timedelta(days=more))
    found = periods.cuts(period, first_weekday=first_weekday)
    seen = [one + timedelta(days=n) for one, last in found for n in range((last - one).days + 1)]
    assert seen == [first + timedelta(days=n) for n in range(more + 1)]
    assert len(found) <= 61


@pytest.mark.parametrize(("on", "hours"), [("2026-03-08", 23), ("2026-11-01", 25), ("2026-11-02", 24)])
def test_a_day_of_a_clock_change_is_as_long_as_it_is(on: str, hours: int) -> None:
    (day,) = periods.stretches([days(on, on)], {1: "America/Chicago"})
    assert day.until_at - day.from_at == timedelta(hours=hours)


def test_a_day_whose_midnight_is_skipped_begins_when_the_clock_was_put_forward() -> None:
    (day,) = periods.stretches([days("2026-03-29", "2026-03-29")], {1: "Asia/Beirut"})
    assert day.from_at == datetime(2026, 3, 28, 22, tzinfo=UTC)
    assert day.until_at - day.from_at == timedelta(hours=23)


def test_each_place_has_its_own_days() -> None:
    here, there = periods.stretches([days("2026-11-23", "2026-11-23")], {1: "America/Chicago", 2: "Asia/Kathmandu"})
    assert here.from_at == datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert there.from_at == datetime(2026, 11, 22, 18, 15, tzinfo=UTC)


def test_neighbouring_pieces_touch_and_leave_nothing_between_them() -> None:
    year = periods.cuts(periods.between(date(2026, 1, 1), date(2026, 12, 31)))
    found = periods.stretches(year, {1: "America/Chicago"})
    assert all(one.until_at == following.from_at for one, following in itertools.pairwise(found))
