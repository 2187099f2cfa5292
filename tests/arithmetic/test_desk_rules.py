"""What staff may book, resize and bend, as values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from clinic_portal.booking import desk_rules, rules
from clinic_portal.booking.types import BookedService
from clinic_portal.core.errors import Invalid
from clinic_portal.scheduling.availability import BookingRules, ProviderDay, Shift, refusal, visit_shape, wall_to_minute
from clinic_portal.scheduling.queries import Calendar
from clinic_portal.scheduling.staffing import whole_day
from tests.arithmetic.builders import CHICAGO, LORD_HOWE, MONDAY, WARSAW, at, free, provider, visit
from tests.arithmetic.builders import rules as usual
from tests.arithmetic.test_policy_terms import PEEL


def services(*minutes: int) -> tuple[BookedService, ...]:
    return tuple(BookedService(number, f"service {number}", one, 100, "") for number, one in enumerate(minutes))


def lengths(found: tuple[BookedService, ...]) -> list[int]:
    return [one.duration_minutes for one in found]


@pytest.mark.parametrize(
    ("booked", "minutes", "after"),
    [((30,), 45, [45]), ((30,), 5, [5]), ((30, 60), 95, [30, 65]), ((30, 60), 35, [30, 5]), ((30, 60), None, [30, 60])],
)
def test_the_last_service_takes_the_difference(booked: tuple[int, ...], minutes: int | None, after: list[int]) -> None:
    assert lengths(desk_rules.resized(services(*booked), minutes)) == after


@pytest.mark.parametrize(("booked", "minutes", "least"), [((30,), 4, 5), ((30, 60), 34, 35), ((30, 60), 721, 35)])
def test_a_length_no_visit_has_is_refused_with_what_it_may_be(
    booked: tuple[int, ...], minutes: int, least: int
) -> None:
    with pytest.raises(Invalid) as refused:
        desk_rules.resized(services(*booked), minutes)
    assert (refused.value.facts["least"], refused.value.facts["most"]) == (least, 720)


def test_the_patient_hears_of_a_time_and_of_a_provider_and_not_of_a_length() -> None:
    nothing = desk_rules.Change(False, False, False)
    assert (nothing.is_any, nothing.is_news) == (False, False)
    assert replace(nothing, is_later_or_earlier=True).is_news
    assert replace(nothing, is_another_provider=True).is_news
    longer = replace(nothing, is_another_length=True)
    assert (longer.is_any, longer.is_news) == (True, False)


@pytest.mark.parametrize(("typed", "kept"), [("  so   it is\n", "so it is"), ("abc", "abc"), ("x" * 500, "x" * 500)])
def test_a_reason_is_one_line(typed: str, kept: str) -> None:
    assert desk_rules.reason(typed) == kept


def test_on_the_staffs_grid_starts_lie_on_the_clocks_fifth_minutes_whenever_the_shift_begins() -> None:
    staff = replace(usual(5), anchor=0)
    assert free(visit(30), provider("09:03-09:50"), staff) == "09:05 09:10 09:15 09:20"


ZONES = [
    (CHICAGO, date(2026, 3, 8), date(2026, 11, 1)),
    (WARSAW, date(2026, 3, 29), date(2026, 10, 25)),
    (LORD_HOWE, date(2026, 10, 4), date(2026, 4, 5)),
]


@pytest.mark.parametrize(("zone", "on"), [(zone, on) for zone, *days in ZONES for on in days])
def test_overridden_a_day_is_as_long_as_the_clock_makes_it(zone: ZoneInfo, on: date) -> None:
    first, last = wall_to_minute(on, 0, zone), wall_to_minute(on, 1440, zone)
    away = ((first, last),)
    day = ProviderDay(
        1, on, (Shift(first + 540, first + 600),), (), away=away, is_closed=True, booked_count=9, daily_limit=1
    )
    staff = BookingRules(5, first, on, on, buffers_must_fit=True, anchor=0)
    bent = whole_day(Calendar(visit(30), staff, zone, {on: (day,)}, {}))
    (whole,) = bent.days[on]
    fits = [start for start in range(first - 60, last + 60, 5) if not refusal(bent.shape, start, whole, {}, bent.rules)]
    assert (fits[0], fits[-1]) == (first, last - 30)
    assert len(fits) == (last - first - 30) // 5 + 1


def test_overridden_what_is_taken_stays_taken() -> None:
    day = provider("09:00-10:00", busy="12:00-13:00")
    bent = whole_day(Calendar(visit(30), usual(30), ZoneInfo("UTC"), {MONDAY: (day,)}, {}))
    assert refusal(bent.shape, at("12:30"), bent.days[MONDAY][0], {}, bent.rules) == "busy"
    assert refusal(bent.shape, at("13:00"), bent.days[MONDAY][0], {}, bent.rules) is None


@pytest.mark.parametrize(("minutes", "kept"), [(60, (20, 30)), (40, (20, 20)), (10, (10, 0))])
def test_what_is_shorter_than_its_processing_time_has_less_of_that(minutes: int, kept: tuple[int, int]) -> None:
    long = replace(PEEL, duration_minutes=60, processing_offset_minutes=20, processing_minutes=30)
    found = rules.shape(long, minutes)
    assert (found.processing_offset_minutes, found.processing_minutes) == kept
    assert (visit_shape([found]).duration_minutes, found.duration_minutes) == (minutes, minutes)
