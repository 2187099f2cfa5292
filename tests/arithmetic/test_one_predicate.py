"""What is listed and what is accepted are one decision: the one a patient counter of minutes would take.

The oracle knows no intervals: it writes down every minute that something takes and looks for one taken twice.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from clinic_portal.scheduling.availability import (
    BookingRules,
    Interval,
    ProviderDay,
    Refusal,
    ServiceShape,
    Shift,
    VisitShape,
    assign_provider,
    choose_units,
    free_starts,
    has_free_start,
    missing_pool,
    refusal,
    visit_shape,
)
from tests.arithmetic.builders import MONDAY, moved

EVERY_START = range(-20, 220)  # hours lie in 0 to 200
thorough = settings(max_examples=120, deadline=None)
briefly = settings(max_examples=40, deadline=None)


@dataclass(frozen=True)
class Case:
    """A question: these services, on this provider's day, with these rooms, under these rules."""

    services: tuple[ServiceShape, ...]
    day: ProviderDay
    pools: dict[int, dict[int, tuple[Interval, ...]]]
    rules: BookingRules

    @cached_property
    def shape(self) -> VisitShape:
        return visit_shape(self.services)

    @property
    def starts(self) -> list[int]:
        return free_starts(self.shape, self.day, self.pools, self.rules)

    def refusal(self, start: int) -> Refusal | None:
        return refusal(self.shape, start, self.day, self.pools, self.rules)


@st.composite
def services(draw: st.DrawFn) -> ServiceShape:
    duration = draw(st.integers(1, 30))
    offset = draw(st.integers(0, duration))
    processing = draw(st.just(0) | st.integers(0, duration - offset))
    buffers = st.just(0) | st.integers(0, 15)
    pool_ids = draw(st.sampled_from([(), (), (1,), (2,), (1, 2)]))
    return ServiceShape(duration, draw(buffers), draw(buffers), offset, processing, pool_ids)


def stretches(low: int, high: int, longest: int, most: int) -> st.SearchStrategy[tuple[Interval, ...]]:
    """Sorted intervals that may touch, overlap or be empty."""
    one = st.builds(lambda start, length: (start, start + length), st.integers(low, high), st.integers(0, longest))
    return st.lists(one, max_size=most).map(lambda found: tuple(sorted(found)))


@st.composite
def shifts(draw: st.DrawFn) -> Shift:
    start = draw(st.integers(0, 60))
    return Shift(start, start + draw(st.sampled_from([0, 30, 60, 100, 139, 140])), draw(stretches(0, 200, 20, 2)))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    usually = draw(st.integers(0, 3)) > 0  # too many closed days would prove little
    units = st.dictionaries(st.integers(11, 14), stretches(-20, 220, 60, 4), min_size=1, max_size=3)
    return Case(
        services=tuple(draw(st.lists(services(), min_size=1, max_size=2))),
        day=ProviderDay(
            provider_id=1,
            on=MONDAY,
            shifts=tuple(draw(st.lists(shifts(), min_size=1, max_size=2))),
            busy=draw(stretches(-20, 220, 40, 4)),
            away=draw(stretches(-20, 220, 40, 1)),
            is_closed=not usually and draw(st.booleans()),
            booked_count=draw(st.integers(0, 2)),
            daily_limit=None if usually else draw(st.none() | st.integers(0, 3)),
        ),
        pools=draw(st.fixed_dictionaries({1: units, 2: units} if usually else {1: units | st.just({})})),
        rules=BookingRules(
            interval_minutes=draw(st.integers(1, 20)),
            earliest=draw(st.integers(-20, 60 if usually else 200)),
            first_on=MONDAY + timedelta(days=0 if usually else draw(st.integers(-1, 1))),
            last_on=MONDAY + timedelta(days=0 if usually else draw(st.integers(-1, 1))),
            buffers_must_fit=draw(st.booleans()),
            anchor=draw(st.none() | st.integers(-20, 20)),
        ),
    )


def minutes(intervals: tuple[Interval, ...]) -> set[int]:
    return {minute for start, end in intervals for minute in range(start, end)}


def patient_counter(case: Case, start: int) -> bool:
    """Whether the visit may start then, by counting minutes."""
    at, service, free, rooms = start, set[int](), set[int](), dict[int, set[int]]()
    for booked in case.services:
        own = range(at, at + booked.duration_minutes)
        service.update(own)
        free.update(own[booked.processing_offset_minutes :][: booked.processing_minutes])
        for pool_id in booked.pool_ids:
            padded = range(own.start - booked.buffer_before_minutes, own.stop + booked.buffer_after_minutes)
            first = min(rooms[pool_id]) if pool_id in rooms else padded.start
            rooms[pool_id] = set(range(first, padded.stop))
        at = own.stop
    padded_visit = set(
        range(start - case.services[0].buffer_before_minutes, at + case.services[-1].buffer_after_minutes)
    )
    inside = padded_visit | service if case.rules.buffers_must_fit else service
    in_a_shift = any(
        inside <= set(range(shift.start, shift.end))
        and not inside & minutes(shift.breaks)
        and (start - (shift.start if case.rules.anchor is None else case.rules.anchor)) % case.rules.interval_minutes
        == 0
        for shift in case.day.shifts
    )
    has_rooms = all(
        any(not needed & minutes(blocking) for blocking in case.pools.get(pool_id, {}).values())
        for pool_id, needed in rooms.items()
    )
    return (
        in_a_shift
        and has_rooms
        and not (padded_visit - free) & minutes(case.day.busy + case.day.away)
        and not case.day.is_closed
        and start >= case.rules.earliest
        and case.rules.first_on <= case.day.on <= case.rules.last_on
        and (case.day.daily_limit is None or case.day.booked_count < case.day.daily_limit)
    )


@pytest.mark.req("S73")
@pytest.mark.req("P3")
@pytest.mark.req("P9")
@thorough
@given(cases())
def test_exactly_the_starts_that_counting_minutes_allows_are_listed(case: Case) -> None:
    assert case.starts == [start for start in EVERY_START if patient_counter(case, start)]


@pytest.mark.req("B1")
@thorough
@given(cases())
def test_every_listed_start_is_accepted_and_every_other_refused(case: Case) -> None:
    assert case.starts == [start for start in EVERY_START if case.refusal(start) is None]


@pytest.mark.req("B1")
@briefly
@given(cases())
def test_a_provider_and_units_are_found_for_every_listed_start_and_for_no_other(case: Case) -> None:
    listed = set(case.starts)
    for start in EVERY_START:
        who = assign_provider(start, case.shape, [case.day], case.pools, case.rules)
        assert (who == 1) == (start in listed)
        units = choose_units(case.shape, start, case.pools)
        assert (units is None) == (missing_pool(case.shape, start, case.pools) is not None)
        if start in listed:
            assert units is not None
            assert units.keys() == {pool_id for pool_id, *_ in case.shape.pool_spans}
        if case.refusal(start) is Refusal.NO_ROOM_OR_DEVICE:
            assert units is None


@pytest.mark.req("B1")
@briefly
@given(cases())
def test_what_a_listed_start_takes_was_free(case: Case) -> None:
    shape = case.shape
    for start in case.starts:
        assert not minutes(moved(shape.provider_spans, start)) & minutes(case.day.busy)
        units = choose_units(shape, start, case.pools) or {}
        for pool_id, first, last in shape.pool_spans:
            assert not set(range(start + first, start + last)) & minutes(case.pools[pool_id][units[pool_id]])


@pytest.mark.req("B1")
@briefly
@given(cases(), stretches(-20, 220, 40, 1))
def test_more_busy_time_only_takes_starts_away(case: Case, more: tuple[Interval, ...]) -> None:
    busier = replace(case, day=replace(case.day, busy=tuple(sorted(case.day.busy + more))))
    assert set(busier.starts) <= set(case.starts)


@pytest.mark.req("P9")
@briefly
@given(cases(), stretches(-20, 220, 60, 4))
def test_one_more_unit_only_adds_starts(case: Case, blocking: tuple[Interval, ...]) -> None:
    richer = replace(case, pools={**case.pools, 1: {**case.pools.get(1, {}), 99: blocking}})
    assert set(richer.starts) >= set(case.starts)


@pytest.mark.req("S73")
@briefly
@given(cases())
def test_a_day_looks_free_exactly_when_it_lists_a_start(case: Case) -> None:
    assert has_free_start(case.shape, case.day, case.pools, case.rules) == bool(case.starts)


@pytest.mark.req("B1")
@briefly
@given(cases(), st.data())
def test_a_start_once_taken_is_refused_and_offered_again_when_its_time_is_left_out(
    case: Case, data: st.DataObject
) -> None:
    assume(case.starts and case.shape.provider_spans)
    start = data.draw(st.sampled_from(case.starts))
    own = moved(case.shape.provider_spans, start)
    taken = replace(case, day=replace(case.day, busy=tuple(sorted(case.day.busy + own))))
    assert taken.refusal(start) is Refusal.BUSY
    left_out = tuple(busy for busy in taken.day.busy if busy not in own)
    assert start in replace(case, day=replace(case.day, busy=left_out)).starts
