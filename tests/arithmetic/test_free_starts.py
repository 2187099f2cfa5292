"""Which starts are offered and why another is not: the rules one by one, each at its edge."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from clinic_portal.scheduling.availability import (
    BookingRules,
    ProviderDay,
    Refusal,
    ServiceShape,
    ceil_minute,
    choose_units,
    free_starts,
    has_free_start,
    missing_pool,
    refusal,
    visit_shape,
    within,
)
from tests.arithmetic.builders import MONDAY, at, free, moved, provider, rules, spans, times, visit, why

# Hours, breaks, the grid


@pytest.mark.req("S73")
def test_a_service_may_end_exactly_at_closing_and_not_a_minute_later() -> None:
    day = provider("15:00-17:00")
    assert free(visit(60), day) == "15:00 15:30 16:00"
    assert free(visit(61), day) == "15:00 15:30"
    assert why(visit(61), "16:00", day) == Refusal.OUTSIDE_HOURS


@pytest.mark.req("S73")
def test_nothing_starts_before_opening_or_at_closing() -> None:
    day = provider("09:00-17:00")
    assert why(visit(30), "08:30", day) == Refusal.OUTSIDE_HOURS
    assert why(visit(30), "17:00", day) == Refusal.OUTSIDE_HOURS


def test_a_day_without_hours_offers_nothing() -> None:
    day = provider(hours="")
    assert free(visit(30), day) == ""
    assert why(visit(30), "10:00", day) == Refusal.OUTSIDE_HOURS


@pytest.mark.req("P3")
def test_a_service_may_touch_the_edges_of_a_break_and_no_more() -> None:
    day = provider("11:00-14:00", breaks="12:00-13:00")
    assert free(visit(30), day) == "11:00 11:30 13:00 13:30"
    assert free(visit(31), day, rules(every=10)) == "11:00 11:10 11:20 13:00 13:10 13:20"
    assert why(visit(31), "11:30", day) == Refusal.BREAK
    assert why(visit(30), "12:30", day) == Refusal.BREAK


@pytest.mark.req("P3")
def test_a_service_does_not_run_from_one_shift_into_the_next_even_when_they_touch() -> None:
    day = provider("09:00-10:00 10:00-11:00")
    assert free(visit(60), day) == "09:00 10:00"
    assert why(visit(60), "09:30", day) == Refusal.OUTSIDE_HOURS


@pytest.mark.req("P1")
def test_each_shift_has_its_own_grid() -> None:
    day = provider("09:00-10:00 14:10-15:10")
    assert free(visit(30), day) == "09:00 09:30 14:10 14:40"
    assert why(visit(30), "14:30", day) == Refusal.OFF_GRID


def test_overlapping_shifts_list_a_start_once_and_in_order() -> None:
    assert free(visit(30), provider("09:30-11:00 09:00-10:30")) == "09:00 09:30 10:00 10:30"


@pytest.mark.req("P1")
def test_the_grid_does_not_depend_on_the_duration_nor_on_bookings_nor_on_notice() -> None:
    assert free(visit(50), provider("09:00-12:00"), rules(every=20)) == ("09:00 09:20 09:40 10:00 10:20 10:40 11:00")
    assert free(visit(20), provider("09:00-11:00", busy="09:30-10:05"), rules(every=20)) == "09:00 10:20 10:40"
    assert free(visit(20), provider("09:00-10:00"), rules(every=20, earliest="09:07")) == "09:20 09:40"


# Bookings and buffers


@pytest.mark.req("S73")
def test_a_booking_takes_its_time_and_touching_it_is_allowed() -> None:
    day = provider("09:00-12:00", busy="10:00-10:30")
    assert free(visit(30), day) == "09:00 09:30 10:30 11:00 11:30"
    assert free(visit(31), day, rules(every=10)) == "09:00 09:10 09:20 10:30 10:40 10:50 11:00 11:10 11:20"
    assert why(visit(31), "09:30", day) == Refusal.BUSY


def test_time_off_over_the_whole_day_leaves_nothing() -> None:
    assert free(visit(30), provider("09:00-12:00", busy="00:00-24:00")) == ""


@pytest.mark.req("P3")
def test_buffers_of_two_visits_add_up() -> None:
    booked = visit(30, before=10, after=10)
    day = provider("09:00-13:00")
    day = ProviderDay(1, MONDAY, day.shifts, busy=moved(booked.provider_spans, at("11:00")))  # 10:50 to 11:40
    assert free(visit(30, before=5, after=15), day, rules(every=5)).split()[-1] == "12:30"
    offered = free_starts(visit(30, before=5, after=15), day, {}, rules(every=5))
    before, after = [s for s in offered if s < at("11:00")], [s for s in offered if s > at("11:00")]
    assert max(before) == at("10:05"), "30 minutes, 15 after, and the other's 10 before"
    assert min(after) == at("11:45"), "the other's 10 after and 5 before"


@pytest.mark.req("P3")
def test_buffers_may_overrun_the_hours_and_the_breaks() -> None:
    day = provider("09:00-12:00", breaks="10:00-10:30")
    assert free(visit(30, before=20, after=20), day) == "09:00 09:30 10:30 11:00 11:30"


@pytest.mark.req("P3")
def test_buffers_stay_inside_the_hours_and_outside_breaks_where_the_clinic_says_so() -> None:
    day = provider("09:00-12:00", breaks="10:00-10:30")
    shape = visit(30, before=10, after=5)
    assert free(shape, day, rules(every=5, must_fit=True)) == (
        "09:10 09:15 09:20 09:25 10:40 10:45 10:50 10:55 11:00 11:05 11:10 11:15 11:20 11:25"
    )
    assert why(shape, "09:05", day, rules(every=5, must_fit=True)) == Refusal.OUTSIDE_HOURS
    assert why(shape, "11:30", day, rules(every=5, must_fit=True)) == Refusal.OUTSIDE_HOURS
    assert why(shape, "09:30", day, rules(every=5, must_fit=True)) == Refusal.BREAK
    assert why(shape, "10:35", day, rules(every=5, must_fit=True)) == Refusal.BREAK


@pytest.mark.req("S69")
def test_a_cart_is_offered_where_the_whole_sum_fits() -> None:
    cart = visit_shape([ServiceShape(30, 5, 30), ServiceShape(45, 30, 10)])
    day = provider("09:00-12:00", busy="11:00-11:30")
    assert free(cart, day, rules(every=5)) == "09:00 09:05 09:10 09:15 09:20 09:25 09:30 09:35"


# Processing time


@pytest.mark.req("P9")
def test_processing_time_lets_another_visit_in_and_not_a_minute_more() -> None:
    colour = visit_shape([ServiceShape(90, 0, 0, processing_offset_minutes=30, processing_minutes=30)])
    booked = provider("09:00-12:00", busy="09:00-09:30 10:00-10:30")  # the colour, begun at nine
    assert moved(colour.provider_spans, at("09:00")) == booked.busy
    assert free(visit(30), booked).split()[0] == "09:30"
    assert why(visit(31), "09:30", booked) == Refusal.BUSY
    assert why(visit(30, after=1), "09:30", booked) == Refusal.BUSY


@pytest.mark.req("P9")
def test_a_visit_with_processing_time_fits_around_another() -> None:
    colour = visit_shape([ServiceShape(90, 0, 0, processing_offset_minutes=30, processing_minutes=30)])
    assert free(colour, provider("09:00-12:00", busy="10:00-10:30")) == "09:30 10:30"
    assert free(colour, provider("09:00-12:00", busy="10:00-10:31")) == ""


@pytest.mark.req("P9")
def test_processing_time_does_not_free_the_room() -> None:
    colour = visit_shape([ServiceShape(90, 0, 0, 30, 30, pool_ids=(1,))])
    pools = {1: {11: spans("10:00-10:30")}}
    assert free(colour, provider("09:00-12:30"), None, pools) == "10:30 11:00"
    assert why(colour, "09:30", provider("09:00-12:30"), None, pools) == Refusal.NO_ROOM_OR_DEVICE


def test_a_service_touches_no_break_not_even_with_its_processing_time() -> None:
    colour = visit_shape([ServiceShape(90, 0, 0, processing_offset_minutes=30, processing_minutes=30)])
    assert why(colour, "09:30", provider("09:00-12:00", breaks="10:00-10:30")) == Refusal.BREAK


# Rooms and devices


@pytest.mark.req("P9")
def test_any_free_unit_of_a_pool_will_do() -> None:
    day = provider("09:00-11:00")
    shape = visit(30, 0, 0, 1)
    lasers = {11: spans("09:00-10:00"), 12: spans("09:30-10:30")}
    assert free(shape, day, None, {1: lasers}) == "09:00 10:00 10:30"
    assert why(shape, "09:30", day, None, {1: lasers}) == Refusal.NO_ROOM_OR_DEVICE
    assert free(shape, day, None, {1: {**lasers, 13: ()}}) == "09:00 09:30 10:00 10:30"


@pytest.mark.req("P9")
def test_one_unit_serves_the_whole_visit_it_is_not_changed_half_way() -> None:
    lasers = {1: {11: spans("09:00-09:30"), 12: spans("09:30-10:00")}}
    assert free(visit(60, 0, 0, 1), provider("09:00-11:00"), None, lasers) == "09:30 10:00"
    assert why(visit(60, 0, 0, 1), "09:00", provider("09:00-11:00"), None, lasers) == Refusal.NO_ROOM_OR_DEVICE


@pytest.mark.req("P9")
def test_a_room_is_cleaned_on_both_sides_of_both_visits() -> None:
    booked = visit(30, 10, 10, 1)
    ((pool_id, first, last),) = booked.pool_spans
    pools = {pool_id: {11: [(at("11:00") + first, at("11:00") + last)]}}  # 10:50 to 11:40
    offered = free_starts(visit(30, 5, 15, 1), provider("09:00-13:00"), pools, rules(every=5))
    assert max(s for s in offered if s < at("11:00")) == at("10:05")
    assert min(s for s in offered if s > at("11:00")) == at("11:45")


@pytest.mark.req("P9")
def test_without_a_unit_at_this_place_nothing_is_offered() -> None:
    day, shape = provider("09:00-11:00"), visit(30, 0, 0, 1)
    for pools in ({}, {1: {}}, {2: {21: ()}}):
        assert free(shape, day, None, pools) == ""
        assert why(shape, "09:00", day, None, pools) == Refusal.NO_ROOM_OR_DEVICE
        assert missing_pool(shape, at("09:00"), pools) == 1
        assert choose_units(shape, at("09:00"), pools) is None


@pytest.mark.req("P9")
def test_every_pool_must_have_a_free_unit_and_the_one_without_is_named() -> None:
    shape = visit(30, 0, 0, 1, 2)
    pools = {1: {11: ()}, 2: {21: spans("09:30-10:00"), 22: spans("09:30-10:30")}}
    assert free(shape, provider("09:00-11:00"), None, pools) == "09:00 10:00 10:30"
    assert missing_pool(shape, at("09:30"), pools) == 2
    assert missing_pool(shape, at("10:00"), pools) is None


@pytest.mark.req("P9")
def test_the_free_unit_with_the_lowest_id_is_taken_from_each_pool() -> None:
    shape = visit(30, 0, 0, 1, 2)
    pools = {1: {13: (), 12: (), 11: spans("09:00-09:30")}, 2: {22: (), 21: spans("09:30-10:00")}}
    assert choose_units(shape, at("09:00"), pools) == {1: 12, 2: 21}
    assert choose_units(shape, at("09:30"), pools) == {1: 11, 2: 22}
    assert choose_units(visit(30), at("09:00"), pools) == {}


def test_pools_cut_to_a_day_decide_the_same_on_it() -> None:
    elsewhere = [(at("09:00") + n * 1440, at("12:00") + n * 1440) for n in (-2, -1, 1, 2)]
    month = {1: {11: sorted([*elsewhere, *spans("09:00-09:30")])}}
    cut = within(month, at("00:00"), at("24:00"))
    assert cut == {1: {11: [*spans("09:00-09:30")]}}
    assert within(month, at("09:29"), at("09:30")) == cut
    assert within(month, at("09:30"), at("24:00")) == within(month, at("00:00"), at("09:00")) == {1: {11: []}}
    day, shape = provider("09:00-10:30"), visit(30, 0, 0, 1)
    assert free(shape, day, None, cut) == free(shape, day, None, month) == "09:30 10:00"


# Notice, window, limits


@pytest.mark.req("P2")
@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2026-06-01T08:59:59", "10:00"),
        ("2026-06-01T09:00:00", "10:00"),
        ("2026-06-01T09:00:01", "10:15"),
        ("2026-06-01T09:14:59", "10:15"),
        ("2026-06-01T09:15:00", "10:15"),
        ("2026-06-01T09:15:00.000001", "10:30"),
    ],
)
def test_notice_is_inclusive_to_the_minute_and_never_short_by_seconds(now: str, first: str) -> None:
    earliest = ceil_minute(datetime.fromisoformat(now).replace(tzinfo=UTC)) + 60
    its_rules = BookingRules(15, earliest, MONDAY, MONDAY)
    assert free(visit(30), provider("09:00-12:00"), its_rules).split()[0] == first


@pytest.mark.req("P2")
def test_too_soon_ends_at_the_earliest_minute() -> None:
    day = provider("09:00-12:00")
    assert why(visit(30), "09:30", day, rules(earliest="09:31")) == Refusal.TOO_SOON
    assert why(visit(30), "09:30", day, rules(earliest="09:30")) is None


@pytest.mark.req("P2")
def test_both_ends_of_the_window_are_open_for_booking() -> None:
    its_rules = BookingRules(30, 0, MONDAY, MONDAY + timedelta(days=2))
    for days, is_open in ((-1, False), (0, True), (2, True), (3, False)):
        day = provider("09:00-10:00", on=MONDAY + timedelta(days=days))
        assert free(visit(60), day, its_rules) == ("09:00" if is_open else "")
        assert why(visit(60), "09:00", day, its_rules) == (None if is_open else Refusal.OUTSIDE_WINDOW)


def test_the_window_counts_by_the_date_of_the_shift_not_by_the_instant() -> None:
    last = date(2026, 6, 1)
    day = provider("23:00-25:00", on=last)
    assert free(visit(30), day, BookingRules(30, 0, last, last)) == "23:00 23:30 24:00 24:30"


@pytest.mark.req("P2")
def test_a_full_day_offers_nothing_more() -> None:
    def day(count: int, limit: int | None) -> ProviderDay:
        return provider("09:00-10:00", booked_count=count, daily_limit=limit)

    assert free(visit(30), day(2, 3)) == "09:00 09:30"
    assert free(visit(30), day(99, None)) == "09:00 09:30"
    for count, limit in ((3, 3), (4, 3), (0, 0)):
        assert free(visit(30), day(count, limit)) == ""
        assert why(visit(30), "09:00", day(count, limit)) == Refusal.DAY_FULL


# Reasons


@pytest.mark.req("B2")
def test_of_several_reasons_the_first_in_their_order_is_named() -> None:
    """Every rule is broken at first; then one after another is mended, and the next is named."""
    shape = visit(30, 0, 0, 1)
    hours = provider("09:00-12:00").shifts
    worst = {
        "shifts": provider("10:00-10:25").shifts,
        "busy": spans("00:00-24:00"),
        "booked_count": 1,
        "daily_limit": 1,
        "away": spans("00:00-24:00"),
        "is_closed": True,
    }
    broken = provider("09:10-12:00", breaks="10:00-11:00").shifts
    on_break = provider("09:00-12:00", breaks="10:00-11:00").shifts
    late, soon = BookingRules(30, at("10:30"), MONDAY, MONDAY), BookingRules(30, 0, MONDAY, MONDAY)
    gone = MONDAY - timedelta(days=1)
    taken, room = {1: {11: spans("00:00-24:00")}}, {1: {11: ()}}
    steps = [
        (Refusal.TOO_SOON, late, taken, worst | {"on": gone}),
        (Refusal.OUTSIDE_WINDOW, soon, taken, {}),
        (Refusal.HOLIDAY, soon, taken, {"on": MONDAY}),
        (Refusal.OUTSIDE_HOURS, soon, taken, {"is_closed": False}),
        (Refusal.OFF_GRID, soon, taken, {"shifts": broken}),
        (Refusal.BREAK, soon, taken, {"shifts": on_break}),
        (Refusal.TIME_OFF, soon, taken, {"shifts": hours}),
        (Refusal.BUSY, soon, taken, {"away": ()}),
        (Refusal.NO_ROOM_OR_DEVICE, soon, taken, {"busy": ()}),
        (Refusal.DAY_FULL, soon, room, {}),
        (None, soon, room, {"booked_count": 0}),
    ]
    assert [reason for reason, *_ in steps] == [*Refusal, None]
    known: dict[str, Any] = {}
    for reason, its_rules, pools, facts in steps:  # each takes one more reason away
        known |= facts
        assert refusal(shape, at("10:00"), ProviderDay(provider_id=1, **known), pools, its_rules) == reason


@pytest.mark.req("B2")
def test_with_several_shifts_the_nearest_miss_is_named() -> None:
    day = provider("09:00-10:00 10:00-12:00", busy="10:30-11:00")
    assert why(visit(30), "10:30", day) == Refusal.BUSY


# Moving a visit


@pytest.mark.req("B1")
def test_a_visit_does_not_stand_in_its_own_way_once_its_time_is_left_out() -> None:
    shape = visit_shape([ServiceShape(60, 10, 10, 20, 20, pool_ids=(1,))])
    own = moved(shape.provider_spans, at("10:00"))
    ((_, first, last),) = shape.pool_spans
    room = [(at("10:00") + first, at("10:00") + last)]
    others = spans("11:30-12:00")

    def start_and(busy: tuple[tuple[int, int], ...], units: list[tuple[int, int]]) -> str | None:
        day = ProviderDay(1, MONDAY, provider("09:00-13:00").shifts, tuple(sorted(busy)))
        return refusal(shape, at("10:00"), day, {1: {11: units}}, rules())

    assert start_and(own + others, room) == Refusal.BUSY
    assert start_and(others, room) == Refusal.NO_ROOM_OR_DEVICE
    assert start_and(others, []) is None


def test_the_month_view_says_what_the_day_view_lists() -> None:
    shape = visit(30)
    assert has_free_start(shape, provider("09:00-10:00", busy="09:00-09:30"), {}, rules()) is True
    assert has_free_start(shape, provider("09:00-10:00", busy="09:00-09:31"), {}, rules()) is False


def test_starts_ascend() -> None:
    starts = free_starts(visit(30), provider("14:00-16:00 09:00-11:00"), {}, rules())
    assert all(a < b for a, b in pairwise(starts))
    assert len(starts) == len(times("09:00", "09:30", "10:00", "10:30", "14:00", "14:30", "15:00", "15:30"))
