"""What memberships will bring in, and how many come and go: from values alone (P8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_portal.memberships.outlook import Live, Terms, by_month, charges, churn, later, to_come

pytestmark = pytest.mark.req("P8")
MONTHLY, YEARLY = Terms("month", 9900, "USD"), Terms("year", 99000, "USD")
CHICAGO = "America/Chicago"


def at(told: str) -> datetime:
    return datetime.fromisoformat(f"{told}T15:00").replace(tzinfo=UTC)


NOW = at("2026-11-23")
EARLY, LATE, A_YEAR_AGO, YESTERDAY = (
    at(one).replace(tzinfo=None) for one in ("2020-01-01", "2040-01-01", "2025-06-01", "2026-11-22")
)
ACTIVE = Live(MONTHLY, None, at("2026-11-10"), at("2026-12-10"))


def days(one: Live, until: str) -> list[tuple[str, int]]:
    return [(when.date().isoformat(), terms.fee_minor) for when, terms in charges(one, at(until))]


def test_a_month_follows_the_other() -> None:
    assert days(ACTIVE, "2027-03-01") == [("2026-12-10", 9900), ("2027-01-10", 9900), ("2027-02-10", 9900)]


def test_the_end_of_the_time_looked_at_is_not_in_it() -> None:
    assert days(ACTIVE, "2026-12-10") == []


def test_a_year_follows_the_other() -> None:
    one = Live(YEARLY, None, at("2026-02-28"), at("2027-02-28"))
    assert days(one, "2029-01-01") == [("2027-02-28", 99000), ("2028-02-28", 99000)]


def test_the_thirty_first_is_kept_where_a_month_has_it() -> None:
    one = Live(MONTHLY, None, at("2027-01-31"), at("2027-02-28"))
    assert [when for when, _ in days(one, "2027-06-01")] == ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]


def test_the_day_it_is_charged_on_is_known_after_a_short_month_too() -> None:
    one = Live(MONTHLY, None, at("2027-02-28"), at("2027-03-28"), anchor=31)
    assert [when for when, _ in days(one, "2027-06-01")] == ["2027-03-28", "2027-04-30", "2027-05-31"]


@pytest.mark.parametrize("change", [{"is_ending": True}, {"is_overdue": True}, {"is_resting": True}])
def test_what_ends_is_unpaid_or_rests_for_good_brings_nothing(change: dict[str, bool]) -> None:
    assert days(replace(ACTIVE, **change), "2027-11-23") == []


def test_a_pause_brings_nothing_until_it_is_over() -> None:
    one = replace(ACTIVE, is_resting=True, rests_until_at=at("2027-02-10"))
    assert [when for when, _ in days(one, "2027-04-01")] == ["2027-02-10", "2027-03-10"]


def test_one_that_pauses_already_is_counted_from_when_it_goes_on() -> None:
    one = replace(
        ACTIVE, period_from_at=at("2026-08-10"), period_until_at=at("2026-09-10"), is_resting=True,
        rests_until_at=at("2026-12-10"),
    )  # fmt: skip
    assert [when for when, _ in days(one, "2027-02-01")] == ["2026-12-10", "2027-01-10"]


def test_another_plan_counts_from_the_next_period_on() -> None:
    one = replace(ACTIVE, next_terms=Terms("month", 15000, "USD"))
    assert to_come([one], NOW, at("2027-01-01")) == {"USD": 15000}


def test_a_plan_by_the_year_that_follows_is_charged_once_a_year() -> None:
    one = replace(ACTIVE, next_terms=YEARLY)
    assert days(one, "2028-01-01") == [("2026-12-10", 99000), ("2027-12-10", 99000)]


def test_currencies_are_never_added_up() -> None:
    euro = replace(ACTIVE, terms=Terms("month", 5000, "EUR"))
    assert to_come([ACTIVE, euro, ACTIVE], NOW, at("2026-12-23")) == {"USD": 19800, "EUR": 5000}


def test_months_are_those_of_the_clinic_and_none_is_left_out() -> None:
    late = datetime(2027, 1, 1, 3, tzinfo=UTC)  # still December in Chicago
    one = replace(ACTIVE, period_from_at=datetime(2026, 12, 1, 3, tzinfo=UTC), period_until_at=late)
    told = by_month([one], NOW, CHICAGO, months=3)["USD"]
    assert told == [(date(2026, 11, 1), 0), (date(2026, 12, 1), 9900), (date(2027, 1, 1), 9900)]


def test_what_is_due_already_counts_for_this_month() -> None:
    one = replace(ACTIVE, period_until_at=at("2026-10-28"), period_from_at=at("2026-09-28"), next_terms=YEARLY)
    assert by_month([one], NOW, CHICAGO, months=1)["USD"] == [(date(2026, 11, 1), 99000)]


@given(
    start=st.datetimes(EARLY, LATE, timezones=st.just(UTC)),
    months=st.integers(0, 60),
    anchor=st.integers(28, 31),
)
def test_some_months_later_is_that_many_months_later(start: datetime, months: int, anchor: int) -> None:
    found = later(start, months, max(anchor, start.day))
    assert (found.year - start.year) * 12 + found.month - start.month == months
    assert found.time() == start.time()


@given(
    until=st.dates(date(2026, 11, 24), date(2028, 12, 1)), rests=st.booleans(), is_yearly=st.booleans(),
    day=st.integers(1, 31),
)  # fmt: skip
def test_months_sum_to_the_whole(until: date, rests: bool, is_yearly: bool, day: int) -> None:
    begins = later(at("2026-11-01"), 0, day)
    one = Live(
        YEARLY if is_yearly else MONTHLY, None, begins, later(begins, 1, day), is_resting=rests,
        rests_until_at=at("2027-02-03") if rests else None,
    )  # fmt: skip
    whole = to_come([one], NOW, datetime(2027, 11, 1, 5, tzinfo=UTC)).get("USD", 0)
    assert sum(minor for _, minor in by_month([one], NOW, CHICAGO, months=12).get("USD", [])) == whole


def test_who_comes_and_goes_is_counted_by_month() -> None:
    spans = [
        (at("2026-01-05"), None),
        (at("2026-01-06"), at("2026-10-20")),
        (at("2026-10-02"), at("2026-10-25")),
        (at("2026-11-03"), None),
    ]
    november, october, september = churn(spans, NOW, CHICAGO, months=3)
    assert (september.at_start, september.joined, september.ended, september.rate) == (2, 0, 0, 0.0)
    assert (october.at_start, october.joined, october.ended, october.lost, october.rate) == (2, 1, 2, 1, 0.5)
    assert (november.first, november.at_start, november.joined, november.at_end) == (date(2026, 11, 1), 1, 1, 2)


def test_a_month_with_nobody_has_no_rate() -> None:
    assert churn([], NOW, CHICAGO, months=1)[0].rate is None


def test_a_month_begins_at_the_clinics_midnight() -> None:
    late = datetime(2026, 11, 1, 4, 30, tzinfo=UTC)  # the last hour of October in Chicago
    november, october = churn([(late, None)], NOW, CHICAGO, months=2)
    assert (october.joined, november.joined) == (1, 0)


@given(
    st.lists(
        st.tuples(
            st.datetimes(A_YEAR_AGO, YESTERDAY, timezones=st.just(UTC)),
            st.one_of(st.none(), st.integers(0, 400)),
        ),
        max_size=30,
    )
)
def test_each_month_begins_with_whom_the_one_before_ended(told: list[tuple[datetime, int | None]]) -> None:
    spans = [(began, None if lasts is None else min(began + timedelta(days=lasts), NOW)) for began, lasts in told]
    months = churn(spans, NOW, CHICAGO)
    for newer, older in pairwise(months):
        assert newer.at_start == older.at_end
    assert months[0].at_end == sum(ended is None for _, ended in spans)
    assert all(one.rate is None or 0 <= one.rate <= 1 for one in months)
