"""What packages save, until when they hold, and what can be given back of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_portal.packages import rules, words

CHICAGO = "America/Chicago"


def test_what_is_saved_is_told_against_single_prices() -> None:
    assert rules.saves(6, 54000, [10000]) == (6000, 6000)
    assert rules.saves(6, 54000, [9000, 12000]) == (0, 18000)
    assert rules.saves(6, 54000, []) == (0, 0)
    assert rules.saves(6, 70000, [10000]) == (0, 0)


def test_savings_are_told_no_better_than_they_are() -> None:
    assert words.saves(6000, 6000, "USD", "en") == "Saves $60.00"
    assert words.saves(6000, 9000, "USD", "en") == "Saves $60.00 or more"
    assert words.saves(0, 9000, "USD", "en") == "Saves up to $90.00"
    assert words.saves(0, 0, "USD", "en") == ""


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (1, "a day"),
        (30, "30 days"),
        (7, "a week"),
        (84, "12 weeks"),
        (365, "a year"),
        (730, "2 years"),
        (400, "400 days"),
    ],
)
def test_a_span_is_told_as_people_say_it(days: int, told: str) -> None:
    assert words.span(days) == told


@pytest.mark.req("P8")
@pytest.mark.parametrize(
    ("bought", "days", "over"),
    [
        ("2026-11-23T15:00", 1, "2026-11-25T06:00"),  # bought on Monday, good through Tuesday
        ("2026-11-24T05:59", 1, "2026-11-25T06:00"),  # 23:59 on Monday, still Monday there
        ("2026-11-24T06:00", 1, "2026-11-26T06:00"),
        ("2026-03-07T18:00", 1, "2026-03-09T05:00"),  # the clocks go forward on the last day: it has 23 hours
        ("2026-10-31T18:00", 1, "2026-11-02T06:00"),  # and back: it has 25
    ],
)
def test_a_package_holds_until_its_last_local_day_has_ended(bought: str, days: int, over: str) -> None:
    at = datetime.fromisoformat(bought).replace(tzinfo=UTC)
    assert rules.expires_at(at, days, CHICAGO) == datetime.fromisoformat(over).replace(tzinfo=UTC)


def test_what_holds_for_good_never_ends() -> None:
    assert rules.expires_at(datetime(2026, 1, 1, tzinfo=UTC), None, CHICAGO) is None


@given(
    at=st.integers(1_577_836_800, 2_051_222_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    days=st.integers(1, 3650),
    zone=st.sampled_from([CHICAGO, "Europe/London", "Asia/Kolkata", "Pacific/Auckland", "America/Sao_Paulo"]),
)
def test_the_last_day_that_is_told_is_the_last_on_which_it_can_be_used(at: datetime, days: int, zone: str) -> None:
    over = rules.expires_at(at, days, zone)
    assert over is not None
    last = (over - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()
    assert last == at.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)


@given(
    paid=st.integers(50, 10_000_000),
    granted=st.integers(1, 100),
    steps=st.lists(st.tuples(st.booleans(), st.integers(1, 10_000_000)), max_size=12),
)
def test_what_goes_back_never_takes_what_is_used_and_never_is_more_than_the_rest_is_worth(
    paid: int, granted: int, steps: list[tuple[bool, int]]
) -> None:
    used = returned = 0
    for is_use, drawn in steps:
        left = granted - used - rules.taken_back(paid, returned, granted)
        if is_use:
            used += min(left, drawn % 4)
        else:
            returned += min(rules.givable_minor(paid, returned, granted, used), drawn)
        taken = rules.taken_back(paid, returned, granted)
        assert used + taken <= granted
        assert returned * granted <= paid * (granted - used)
        assert returned <= paid


def test_a_package_of_which_nothing_was_used_goes_back_to_the_last_cent() -> None:
    returned = 0
    for part in (333, 333):
        returned += part
    assert rules.givable_minor(1000, returned, 3, 0) == 334
    assert rules.taken_back(1000, 1000, 3) == 3
