"""The calendar under several hands in the same instant: two of the staff, or staff and patient.

Each process reads first, waits until all have read, then acts on what it read: so that only the guards stand between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import absences, actions, changes, desk, desk_fit, desk_writing, holds, queries, visit_rows
from clinic_portal.booking.access import visit_for_staff
from clinic_portal.booking.invariants import broken
from clinic_portal.booking.models import Appointment
from clinic_portal.booking.types import Visit
from clinic_portal.core.db import Database, table
from clinic_portal.core.outbox import OutboxRow
from clinic_portal.core.work import Services
from clinic_portal.patients.access import care_of
from clinic_portal.patients.models import ProfileClaim
from clinic_portal.patients.queries import claim as claim_sheet
from clinic_portal.scheduling.availability import epoch_minute, instant
from clinic_portal.scheduling.models import Occupancy
from tests import factories
from tests.at_once import WAITING, meanwhile
from tests.desk_kit import FRIDAY, THURSDAY, books, front_desk, patient
from tests.factories import SmallClinic, minute, rows, small_clinic
from tests.races.racing import at_once

MANY, TIMES = 5, range(3)
Act = Callable[[Services], str]


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return small_clinic(services)


@pytest.fixture
def actor(services: Services, made: SmallClinic) -> StaffActor:
    return front_desk(services)


@pytest.fixture
def visit(made: SmallClinic) -> Visit:
    """A peel with Lena, who alone performs it."""
    return books(made, patient(made.services), "10:00", "peel")


def together(services: Services, *acts: Act) -> Counter[str]:
    """Each in a process of its own, all at once; what came of each."""

    def attempt(own: Services, number: int, ready: Any) -> str:
        ready.wait()
        return acts[number](own)

    return at_once(services, len(acts), attempt)


def moves(made: SmallClinic, actor: StaffActor, visit: Visit, at: str, *, minutes: int | None = None) -> Act:
    def act(own: Services) -> str:
        told = {"start": minute(FRIDAY, at), "provider_id": made["lena"], "minutes": minutes}
        own.do(desk.move, actor, visit.appointment_id, seen_sequence=visit.sequence, **told)  # type: ignore[arg-type]
        return "moved"

    return act


def cancels(actor: StaffActor, visit: Visit) -> Act:
    def act(own: Services) -> str:
        told = {"seen_sequence": visit.sequence, "reason": "Lena is ill", "waives_fee": True}
        own.do(desk.cancel, actor, visit.appointment_id, **told)  # type: ignore[arg-type]
        return "cancelled"

    return act


def asks_for(made: SmallClinic, actor: StaffActor, patient_id: int, at: str = "10:00", what: str = "peel") -> Act:
    def act(own: Services) -> str:
        own.do(
            desk.book,
            actor,
            patient_id=patient_id,
            location_id=made["downtown"],
            provider_id=made["lena"],
            service_ids=[made[what]],
            start=minute(THURSDAY, at),
        )
        return "booked"

    return act


def having_looked(act: Act) -> Act:
    """The same, by someone whose look said that everything is free: only the database stands between."""

    def blind(own: Services) -> str:
        desk_fit.staffing.queries._occupied = lambda *_, **__: None  # type: ignore[assignment]
        return act(own)

    return blind


def emitted(services: Services, kind: str) -> int:
    return sum(row.kind == kind for row in rows(services, OutboxRow))


def blocking(services: Services, visit: Visit) -> set[int]:
    """The minutes at which the provider is taken for a visit."""
    return {
        row.start_minute
        for row in rows(services, Occupancy)
        if row.appointment_id == visit.appointment_id and row.is_blocking and row.subject_kind == 1
    }


@pytest.mark.req("P15")
@pytest.mark.parametrize("_", TIMES)
def test_many_who_move_one_visit_move_it_once_and_the_others_hear_that_it_moved_on(
    services: Services, made: SmallClinic, actor: StaffActor, visit: Visit, _: int
) -> None:
    outcome = together(services, *[moves(made, actor, visit, f"{9 + n}:00") for n in range(MANY)])
    assert outcome == {"moved": 1, "visit_moved_on": MANY - 1}
    after = services.ask(queries.visit, visit.appointment_id)
    assert (after.sequence, blocking(services, after)) == (visit.sequence + 1, {epoch_minute(after.start_at)})
    assert emitted(services, "appointment.moved") == 1
    assert services.ask(broken) == []


def unguarded(act: Act) -> Act:
    """The same where neither a turn is waited for nor the row looked at once more."""

    def without(own: Services) -> str:
        visit_rows._as_read = lambda read: table(Appointment).c.id == read.appointment_id
        desk.visit_in_turn_for_staff = visit_for_staff  # type: ignore[assignment]
        desk._may_change = lambda *_: None
        return act(own)

    return without


def test_without_the_guards_more_than_one_would_be_told_that_it_moved(
    services: Services, made: SmallClinic, actor: StaffActor, visit: Visit
) -> None:
    """The control: the race is real."""
    acts = [unguarded(moves(made, actor, visit, f"{9 + n}:00")) for n in range(MANY)]
    outcome = together(services, *acts)
    assert outcome["visit_moved_on"] == 0
    assert outcome != {"moved": 1, "visit_moved_on": MANY - 1}


@pytest.mark.req("B1")
@pytest.mark.parametrize("_", TIMES)
def test_many_who_book_one_time_for_several_patients_book_it_once(
    services: Services, made: SmallClinic, actor: StaffActor, _: int
) -> None:
    people = [patient(services, name, phone=f"+1512555017{n}") for n, name in enumerate(("A", "B", "C", "D", "E"))]
    outcome = together(services, *[having_looked(asks_for(made, actor, one)) for one in people])
    assert outcome == {"booked": 1, "slot_taken": MANY - 1}
    assert len(rows(services, Appointment)) == 1
    assert emitted(services, "appointment.booked") == 1
    assert services.ask(broken) == []


def test_without_the_databases_guard_they_would_meet(services: Services, made: SmallClinic, actor: StaffActor) -> None:
    """The control."""
    people = [patient(services, name, phone=f"+1512555017{n}") for n, name in enumerate(("A", "B", "C", "D", "E"))]
    with services.database.engine.connect() as connection:
        if services.database.is_sqlite:
            connection.execute(text("DROP TRIGGER occupancy_no_overlap_INSERT"))
        else:
            connection.execute(text("ALTER TABLE occupancy DROP CONSTRAINT occupancy_no_overlap"))
        connection.commit()
    outcome = together(services, *[having_looked(asks_for(made, actor, one)) for one in people])
    assert outcome["booked"] > 1
    assert services.ask(broken) != []


@pytest.mark.parametrize("_", TIMES)
def test_two_who_were_told_the_same_by_one_patient_book_it_once(
    services: Services, made: SmallClinic, actor: StaffActor, visit: Visit, _: int
) -> None:
    acts = [asks_for(made, actor, visit.patient_id, "13:00")] * MANY
    assert together(services, *acts) == {"booked": MANY}
    assert len(rows(services, Appointment)) == 2


@pytest.mark.req("B1")
@pytest.mark.parametrize("_", TIMES)
def test_staff_and_a_patient_who_want_one_time_do_not_both_get_it(
    services: Services, made: SmallClinic, actor: StaffActor, _: int
) -> None:
    factories.visitor(made, "browser", "peel", provider="lena", email="b@example.org", phone="+15125550177")
    whose = patient(services)

    def holds_it(own: Services) -> str:
        own.do(holds.hold, "browser", minute(THURSDAY, "10:00"))
        own.do(actions.book, "browser", accepted_policy_id=made["policy"])
        return "booked"

    made.change(factories.clinic.PolicyVersion, "policy", is_in_force=False)
    outcome = together(services, asks_for(made, actor, whose), holds_it)
    assert outcome["booked"] == 1
    assert outcome["slot_taken"] + outcome["desk_refused"] == 1
    assert sum(one.status == "booked" for one in rows(services, Appointment)) == 1
    assert services.ask(broken) == []


@pytest.mark.parametrize("_", TIMES)
def test_staff_and_patient_who_move_one_visit_at_once_move_it_once(
    services: Services, made: SmallClinic, actor: StaffActor, visit: Visit, _: int
) -> None:
    def moves_own(own: Services) -> str:
        there, seen = minute(FRIDAY, "15:00"), visit.sequence
        own.do(changes.move, visit.patient_id, visit.reference, there, seen_sequence=seen)
        return "moved"

    outcome = together(services, moves(made, actor, visit, "09:00"), moves_own)
    assert outcome["moved"] == 1
    assert outcome["change_ended"] + outcome["visit_moved_on"] == 1
    after = services.ask(queries.visit, visit.appointment_id)
    assert blocking(services, after) == {epoch_minute(after.start_at)}
    assert emitted(services, "appointment.moved") == 1
    assert services.ask(broken) == []


@pytest.mark.parametrize("_", TIMES)
def test_moved_made_longer_and_called_off_at_once_one_of_the_three_is_done(
    services: Services, made: SmallClinic, actor: StaffActor, visit: Visit, _: int
) -> None:
    longer = moves(made, actor, visit, "10:00", minutes=90)
    outcome = together(services, moves(made, actor, visit, "14:00"), longer, cancels(actor, visit))
    assert outcome["visit_moved_on"] == 2
    assert outcome["moved"] + outcome["cancelled"] == 1
    after = services.ask(queries.visit, visit.appointment_id)
    taken = blocking(services, after)
    assert taken == (set() if after.status == "cancelled" else {epoch_minute(after.start_at)})
    assert services.ask(broken) == []


@pytest.mark.parametrize("_", TIMES)
def test_two_visits_that_change_places_at_once_end_well_whoever_is_first(
    services: Services, made: SmallClinic, actor: StaffActor, visit: Visit, _: int
) -> None:
    other = books(made, patient(services, "Ben", phone="+15125550177"), "12:00", "peel")

    def to(what: Visit, at: str) -> Act:
        def act(own: Services) -> str:
            told = {"start": minute(THURSDAY, at), "provider_id": made["lena"], "seen_sequence": what.sequence}
            own.do(desk.move, actor, what.appointment_id, **told)  # type: ignore[arg-type]
            return "moved"

        return act

    outcome = together(services, to(visit, "12:00"), to(other, "10:00"))
    assert sum(outcome.values()) == outcome["moved"] + outcome["desk_refused"] + outcome["slot_taken"]
    assert services.ask(broken) == []


@pytest.mark.req("P15")
@pytest.mark.parametrize("_", TIMES)
def test_given_away_and_booked_anew_at_once_the_patient_stays_one_of_theirs(
    services: Services, made: SmallClinic, actor: StaffActor, _: int
) -> None:
    facial = books(made, patient(services), "10:00")

    def gives_away(own: Services) -> str:
        there = {"start": epoch_minute(facial.start_at), "provider_id": made["maya"]}
        own.do(desk.move, actor, facial.appointment_id, seen_sequence=facial.sequence, **there)
        return "moved"

    again = asks_for(made, actor, facial.patient_id, "14:00", "facial")
    assert together(services, gives_away, again) == {"moved": 1, "booked": 1}
    assert sorted(services.ask(care_of, facial.patient_id)) == sorted((made["lena"], made["maya"]))


def test_a_break_and_a_visit_clicked_into_one_place_are_both_there_or_the_visit_is_told(
    services: Services, made: SmallClinic, actor: StaffActor
) -> None:
    whose = patient(services)
    span = {name: instant(minute(THURSDAY, at)) for name, at in (("start_at", "10:00"), ("end_at", "11:00"))}

    def pauses(own: Services) -> str:
        own.do(absences.add, actor, made["lena"], kind="break", **span)
        return "paused"

    outcome = together(services, pauses, asks_for(made, actor, whose))
    assert sum(outcome.values()) == 2
    assert outcome["paused"] + outcome["visits_stay"] == 1
    assert outcome["booked"] + outcome["desk_refused"] == 1
    assert services.ask(broken) == []


def test_a_colleague_of_another_role_is_held_off_all_the_same(
    services: Services, made: SmallClinic, actor: StaffActor, visit: Visit
) -> None:
    lena = replace(factories.staff(services, "provider").actor, provider_id=made["lena"], sees_every_calendar=False)
    outcome = together(services, moves(made, actor, visit, "09:00"), moves(made, lena, visit, "14:00"))
    assert outcome == {"moved": 1, "visit_moved_on": 1}


def waits(services: Services) -> None:
    """Until somebody waits for what this one holds. (SQLite has one writer: the other cannot even begin.)"""
    if not services.database.is_sqlite:
        with services.database.engine.connect() as looking:
            while not looking.execute(WAITING).scalar():
                looking.rollback()


@pytest.fixture
def apart(made: SmallClinic) -> Visit:
    """A facial with Lena, booked under a profile kept apart, which somebody else is asked about."""
    patient(made.services)
    return books(made, patient(made.services, phone="+15125550199"), "10:00")


def link(services: Services) -> str:
    [claim] = rows(services, ProfileClaim)
    return services.ask(claim_sheet, claim.id).token


@pytest.mark.req("P16")
def test_given_away_while_its_owner_says_that_it_is_theirs_neither_stands_in_the_others_way(
    services: Services, made: SmallClinic, actor: StaffActor, apart: Visit
) -> None:
    token = link(services)
    looking = Services(Database(services.settings.database_url), services.clock, services.settings)
    there = {"start": epoch_minute(apart.start_at), "provider_id": made["maya"], "seen_sequence": apart.sequence}

    def attempt(own: Services, number: int, ready: Any) -> str:
        """In one try each: a deadlock would be seen."""
        if number:
            ready.wait()
            own._do(actions.answer_claim, token, is_mine=True)
            return "joined"
        place_anew = desk_writing.place_anew

        def and_waits(*args: Any, **more: Any) -> None:
            place_anew(*args, **more)
            ready.wait()
            waits(looking)

        desk_writing.place_anew = and_waits
        own._do(desk.move, actor, apart.appointment_id, **there)  # type: ignore[arg-type]
        return "moved"

    assert at_once(services, 2, attempt) == {"moved": 1, "joined": 1}
    after = services.ask(queries.visit, apart.appointment_id)
    assert after.provider_id == made["maya"]
    assert made["maya"] in services.ask(care_of, after.patient_id)


@pytest.mark.req("P16")
def test_what_turns_out_to_be_anothers_visit_is_given_away_only_by_who_knows_it(
    services: Services, made: SmallClinic, actor: StaffActor, apart: Visit
) -> None:
    token = link(services)
    there = {"start": epoch_minute(apart.start_at), "provider_id": made["maya"], "seen_sequence": apart.sequence}
    outcome = meanwhile(
        services,
        lambda work: actions.answer_claim(work, token, is_mine=True),
        lambda work: desk.move(work, actor, apart.appointment_id, **there),  # type: ignore[arg-type]
    )
    assert services.ask(care_of, apart.patient_id) == [made["lena"]]
    after = services.ask(queries.visit, apart.appointment_id)
    if outcome == "done":  # whoever could not even begin has read whose it is
        assert services.ask(care_of, after.patient_id) == [made["maya"]]
    else:
        assert (outcome, after.provider_id) == ("visit_moved_on", made["lena"])
