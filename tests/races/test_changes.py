"""Visits that are moved and cancelled by several hands in the same instant.

Each process reads first, waits until all have read, then acts on what it read: so that only the guards stand between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from clinic_portal.booking import changes, queries, visit_rows
from clinic_portal.booking.invariants import broken
from clinic_portal.booking.models import Appointment
from clinic_portal.booking.types import Visit
from clinic_portal.core.errors import SlotTaken
from clinic_portal.core.outbox import OutboxRow
from clinic_portal.core.work import Services
from clinic_portal.scheduling import queries as scheduling
from clinic_portal.scheduling.availability import epoch_minute
from clinic_portal.scheduling.models import Occupancy
from tests.factories import SmallClinic, booked, minute, rows, small_clinic
from tests.races.racing import at_once

TUESDAY, WEDNESDAY = date(2026, 12, 1), date(2026, 12, 2)
TWO = 2
Act = Callable[[Services, Visit], str]


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return small_clinic(services)


def visits(made: SmallClinic, many: int) -> list[Visit]:
    """Visits of as many patients to one provider, an hour apart."""
    done = [
        booked(made, f"browser {n}", TUESDAY, f"{9 + n}:00", "peel", email=f"p{n}@example.org", phone=f"+1512555010{n}")
        for n in range(many)
    ]
    return [made.services.ask(queries.visit, one.appointment_id) for one in done]


def after_all_have_read(services: Services, found: list[Visit], acts: list[Act]) -> Counter[str]:
    """Each process reads a visit (the n-th of those given, or the only one) and acts once all have read theirs."""

    def attempt(own: Services, number: int, ready: Any) -> str:
        mine = found[number % len(found)]
        read = own.ask(queries.visit, mine.appointment_id)
        changes.visit_of = lambda work, patient_id, reference: read  # type: ignore[assignment]
        ready.wait()
        return acts[number % len(acts)](own, read)

    return at_once(services, len(acts), attempt)


def move(clock: str, on: date = WEDNESDAY) -> Act:
    def act(own: Services, visit: Visit) -> str:
        own.do(changes.move, visit.patient_id, visit.reference, minute(on, clock))
        return "moved"

    return act


def cancel(own: Services, visit: Visit) -> str:
    own.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=0)
    return "cancelled"


def unguarded(act: Act) -> Act:
    """The same without the look at what the row is by now."""

    def without(own: Services, visit: Visit) -> str:
        visit_rows._as_read = lambda read: Appointment.__table__.c.id == read.appointment_id  # type: ignore[attr-defined]
        return act(own, visit)

    return without


def emitted(services: Services, kind: str) -> int:
    return sum(row.kind == kind for row in rows(services, OutboxRow))


def blocking(services: Services, visit: Visit) -> set[int]:
    """The minutes at which the provider is taken for a visit."""
    return {
        row.start_minute
        for row in rows(services, Occupancy)
        if row.appointment_id == visit.appointment_id and row.is_blocking and row.subject_kind == 1
    }


@pytest.mark.req("S58")
def test_one_visit_moved_to_two_times_at_once_is_moved_once(services: Services, made: SmallClinic) -> None:
    (found,) = visits(made, 1)
    assert after_all_have_read(services, [found], [move("10:00"), move("14:00")]) == {"moved": 1, "change_ended": 1}
    after = services.ask(queries.visit, found.appointment_id)
    assert after.sequence == found.sequence + 1
    assert blocking(services, after) == {epoch_minute(after.start_at)}
    assert emitted(services, "appointment.moved") == 1
    assert services.ask(broken) == []


def test_without_the_guard_both_would_be_told_that_it_moved(services: Services, made: SmallClinic) -> None:
    """The control: the race is real."""
    (found,) = visits(made, 1)
    acts = [unguarded(move("10:00")), unguarded(move("14:00"))]
    outcome = after_all_have_read(services, [found], acts)
    assert outcome["change_ended"] == 0
    assert outcome != {"moved": 1, "change_ended": 1}


def test_many_hands_at_one_visit_move_it_once(services: Services, made: SmallClinic) -> None:
    (found,) = visits(made, 1)
    acts = [move(f"{hour}:00") for hour in range(9, 16)]
    assert after_all_have_read(services, [found], acts) == {"moved": 1, "change_ended": len(acts) - 1}
    after = services.ask(queries.visit, found.appointment_id)
    assert blocking(services, after) == {epoch_minute(after.start_at)}
    assert services.ask(broken) == []


def to_one_time(services: Services, made: SmallClinic, many: int) -> tuple[list[Visit], Counter[str]]:
    """As many visits of one provider want the same new time; every look said that it is free."""
    found = visits(made, many)

    def act(own: Services, visit: Visit) -> str:
        return move("10:00")(own, visit)

    def attempt(own: Services, number: int, ready: Any) -> str:
        visit = own.ask(queries.visit, found[number].appointment_id)
        search = own.ask(changes.search, visit)
        placed = own.ask(scheduling.placement, search, minute(WEDNESDAY, "10:00"))
        if placed is None:
            raise SlotTaken(start=0)
        changes.scheduling.placement = lambda read, wanted, start: placed  # type: ignore[assignment]
        ready.wait()
        return act(own, visit)

    return found, at_once(services, many, attempt)


@pytest.mark.req("B1")
@pytest.mark.req("S58")
@pytest.mark.parametrize("many", [TWO, 7])
def test_visits_moved_to_one_time_at_once_do_not_meet_there(services: Services, made: SmallClinic, many: int) -> None:
    found, outcome = to_one_time(services, made, many)
    assert outcome == {"moved": 1, "slot_taken": many - 1}
    there = minute(WEDNESDAY, "10:00")
    stayed = 0
    for before in found:
        after = services.ask(queries.visit, before.appointment_id)
        assert blocking(services, after) == {epoch_minute(after.start_at)}
        stayed += after == before
    assert stayed == many - 1, "whoever was not faster keeps the time they had"
    assert sum(epoch_minute(row.start_at) == there for row in rows(services, Appointment)) == 1
    assert emitted(services, "appointment.moved") == 1
    assert services.ask(broken) == []


def test_without_the_databases_guard_they_would_meet(services: Services, made: SmallClinic) -> None:
    """The control."""
    with services.database.engine.connect() as connection:
        if services.database.is_sqlite:
            connection.execute(text("DROP TRIGGER occupancy_no_overlap_INSERT"))
        else:
            connection.execute(text("ALTER TABLE occupancy DROP CONSTRAINT occupancy_no_overlap"))
        connection.commit()
    _, outcome = to_one_time(services, made, 7)
    assert outcome["moved"] > 1
    assert services.ask(broken) != []


@pytest.mark.req("S55")
@pytest.mark.parametrize("times", range(3))
def test_cancelled_and_moved_at_once_one_of_the_two_is_done(services: Services, made: SmallClinic, times: int) -> None:
    (found,) = visits(made, 1)
    outcome = after_all_have_read(services, [found], [cancel, move("14:00")])
    assert outcome in ({"cancelled": 1, "change_ended": 1}, {"moved": 1, "change_ended": 1})
    after = services.ask(queries.visit, found.appointment_id)
    was_moved = "moved" in outcome
    assert after.status == ("booked" if was_moved else "cancelled")
    assert blocking(services, after) == ({epoch_minute(after.start_at)} if was_moved else set())
    assert after.sequence == found.sequence + 1
    assert emitted(services, "appointment.moved") + emitted(services, "appointment.cancelled") == 1
    assert services.ask(broken) == []


def test_without_the_guard_a_cancelled_visit_would_be_moved(services: Services, made: SmallClinic) -> None:
    """The control."""
    (found,) = visits(made, 1)
    outcome = after_all_have_read(services, [found], [unguarded(cancel), unguarded(move("14:00"))])
    assert outcome == {"cancelled": 1, "moved": 1}


@pytest.mark.req("S55")
def test_cancelled_in_many_tabs_at_once_it_is_cancelled_once(services: Services, made: SmallClinic) -> None:
    (found,) = visits(made, 1)
    outcome = after_all_have_read(services, [found], [cancel] * 6)
    assert outcome == {"cancelled": 1, "change_ended": 5}
    assert emitted(services, "appointment.cancelled") == 1
    assert services.ask(queries.visit, found.appointment_id).sequence == found.sequence + 1


def test_a_time_given_up_by_a_move_goes_to_one_of_those_who_want_it(services: Services, made: SmallClinic) -> None:
    """One moves away while others book or move onto the old time: nobody stands there twice."""
    found = visits(made, 3)
    acts: list[Act] = [move("15:00"), move("9:00", TUESDAY), move("9:00", TUESDAY)]
    outcome = after_all_have_read(services, found, acts)
    assert 1 <= outcome["moved"] <= TWO
    assert outcome["moved"] + outcome["slot_taken"] == len(acts)
    assert services.ask(broken) == []
