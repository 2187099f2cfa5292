"""Staff move visits, give them to another provider, make them longer or shorter."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from clinic_portal.booking import changes, models, queries
from clinic_portal.booking.invariants import broken
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import models as clinic_models
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed
from clinic_portal.core.outbox import OutboxRow
from clinic_portal.core.work import Services
from clinic_portal.patients.access import care_of
from clinic_portal.scheduling.availability import epoch_minute
from clinic_portal.scheduling.models import Occupancy, ScheduleChange, WeeklyShift
from tests import factories
from tests.desk_kit import (
    FRIDAY,
    THURSDAY,
    books,
    front_desk,
    looks,
    moves,
    now_of,
    on_board,
    patient,
    provider,
    refusal,
    why,
    whys,
)
from tests.factories import SmallClinic, booked, minute, rows, small_clinic
from tests.visits_kit import begins, checks_in, checks_out, has_items, reserves


@pytest.fixture
def clinic(services: Services) -> SmallClinic:
    return small_clinic(services)


@pytest.fixture
def visit(clinic: SmallClinic) -> Visit:
    """A facial with Lena, Thursday at half past ten."""
    return books(clinic, patient(clinic.services), "10:30")


def ben(made: SmallClinic, at: str, *wanted: str, **more: Any) -> Visit:
    """Another patient's visit."""
    return books(made, patient(made.services, "Ben", phone="+15125550177"), at, *wanted, **more)


def told(made: SmallClinic) -> int:
    """How often a patient is to hear of another time."""
    return [one.kind for one in rows(made.services, OutboxRow)].count("appointment.moved")


def taken(made: SmallClinic, visit: Visit) -> set[tuple[int, int, int]]:
    """What is occupied for a visit: provider (1) or unit (2), its id, and the first minute."""
    mine = [one for one in rows(made.services, Occupancy) if one.appointment_id == visit.appointment_id]
    return {(one.subject_kind, one.subject_id, one.start_minute) for one in mine if one.is_blocking}


# ---- another time ----------------------------------------------------------------------------------------------------


@pytest.mark.req("P15")
def test_a_visit_moves_to_another_day_and_all_it_takes_moves_along(clinic: SmallClinic, visit: Visit) -> None:
    after = moves(clinic, visit, "14:05", on=FRIDAY)
    there = minute(FRIDAY, "14:05")
    assert (epoch_minute(after.start_at), after.end_at - after.start_at) == (there, timedelta(minutes=30))
    assert taken(clinic, visit) == {(1, clinic["lena"], there), (2, clinic["room-1"], there)}
    assert clinic.services.ask(broken) == []


def test_services_price_and_reference_stay(clinic: SmallClinic, visit: Visit) -> None:
    clinic.change(clinic_models.Service, "facial", price_minor=99900, duration_minutes=55, name="Another facial")
    after = moves(clinic, visit, "14:05")
    for name in ("services", "total_minor", "reference", "uid", "policy", "end_at"):
        expected = visit.end_at + timedelta(hours=3, minutes=35) if name == "end_at" else getattr(visit, name)
        assert getattr(after, name) == expected


def test_the_patient_is_told(clinic: SmallClinic, visit: Visit) -> None:
    moves(clinic, visit, "14:05")
    assert told(clinic) == 1


def test_who_heard_it_on_the_phone_is_not_told_again(clinic: SmallClinic, visit: Visit) -> None:
    moves(clinic, visit, "14:05", tells_patient=False)
    assert told(clinic) == 0


def test_it_is_reminded_of_anew(clinic: SmallClinic, visit: Visit) -> None:
    moves(clinic, visit, "14:05", on=FRIDAY)
    (row,) = rows(clinic.services, models.Appointment)
    assert (row.remind_at, row.moved_at is None) == (None, False)


def test_it_moves_within_its_own_time(clinic: SmallClinic, visit: Visit) -> None:
    assert epoch_minute(moves(clinic, visit, "10:35").start_at) == minute(THURSDAY, "10:35")


def test_it_keeps_its_room_where_that_is_free(clinic: SmallClinic, visit: Visit) -> None:
    second = ben(clinic, "10:30", who="maya")
    moves(clinic, visit, "14:00")
    assert on_board(looks(clinic), second).unit_ids == (clinic["room-2"],)
    moves(clinic, second, "10:45")
    assert on_board(looks(clinic), second).unit_ids == (clinic["room-2"],)


def test_the_old_day_and_the_new_hear_of_it(clinic: SmallClinic, visit: Visit) -> None:
    before = len(rows(clinic.services, ScheduleChange))
    after = moves(clinic, visit, "14:05", on=FRIDAY)
    spans = [(one.start_minute, one.end_minute) for one in rows(clinic.services, ScheduleChange)[before:]]
    assert spans == [(epoch_minute(one.start_at), epoch_minute(one.end_at)) for one in (visit, after)]


def test_a_visit_of_yesterday_that_was_missed_is_moved_to_another_day(
    clinic: SmallClinic, clock: FixedClock, visit: Visit
) -> None:
    clock.advance(visit.start_at + timedelta(days=1) - clock.now())
    assert moves(clinic, visit, "15:00", on=FRIDAY).start_at > clock.now()


@pytest.mark.parametrize("on", [date(2027, 3, 14), date(2027, 11, 7)])
def test_on_a_day_on_which_the_clocks_change_it_stands_at_the_time_on_the_wall(
    clinic: SmallClinic, visit: Visit, on: date
) -> None:
    after = moves(clinic, visit, "09:00", on=on)
    assert after.start_at.astimezone(factories.CHICAGO).hour == 9
    assert why(moves, clinic, after, "08:55", on=on) == ("outside_hours", True)


@pytest.mark.parametrize(("on", "at"), [(date(2027, 3, 14), "01:45"), (date(2027, 11, 7), "01:30")])
def test_at_night_an_override_reaches_over_the_hour_that_is_skipped_or_comes_twice(
    clinic: SmallClinic, visit: Visit, on: date, at: str
) -> None:
    after = moves(clinic, visit, at, on=on, reason="A night shift")
    assert after.end_at - after.start_at == timedelta(minutes=30)


def test_what_the_wallet_pays_must_be_good_then(clinic: SmallClinic, visit: Visit) -> None:
    lot = has_items(
        clinic.services, visit.patient_id, service_id=clinic["facial"], expires_at=visit.start_at + timedelta(hours=12)
    )
    reserves(clinic.services, visit, lot)
    refused = refusal(moves, clinic, visit, "14:00", on=FRIDAY)
    assert refused.code == "item_expires"
    moves(clinic, now_of(clinic.services, visit.appointment_id), "14:00")


# ---- where it does not fit -------------------------------------------------------------------------------------------


@pytest.mark.req("P15")
@pytest.mark.req("B1")
def test_where_another_is_it_does_not_fit_and_nothing_bends_that(clinic: SmallClinic, visit: Visit) -> None:
    other = ben(clinic, "14:00")
    for reason in (None, "It is urgent"):
        refused = refusal(moves, clinic, visit, "14:15", reason=reason)
        (met,) = refused.facts["in_the_way"]  # type: ignore[misc]
        assert (refused.facts["reason"], refused.facts["may_override"]) == ("busy", False)
        assert met.appointment_id == other.appointment_id
    assert now_of(clinic.services, visit.appointment_id) == visit


def test_outside_hours_it_moves_for_a_reason_which_stays_when_it_moves_on(clinic: SmallClinic, visit: Visit) -> None:
    assert why(moves, clinic, visit, "17:00") == ("outside_hours", True)
    late = moves(clinic, visit, "17:00", reason="Works until five")
    assert late.is_overridden
    after = moves(clinic, late, "15:00")
    assert (after.is_overridden, whys(clinic, after)) == (False, [("override", "Works until five")])


def test_a_move_of_the_patients_own_takes_no_reason_away_either(clinic: SmallClinic, visit: Visit) -> None:
    late = moves(clinic, visit, "17:00", reason="Works until five")
    clinic.services.do(changes.move, late.patient_id, late.reference, minute(FRIDAY, "10:00"))
    after = now_of(clinic.services, visit.appointment_id)
    assert (after.is_overridden, whys(clinic, after)) == (False, [("override", "Works until five")])


def test_to_a_day_that_is_over_nothing_moves(clinic: SmallClinic, visit: Visit) -> None:
    assert why(moves, clinic, visit, "10:00", on=date(2026, 11, 22), reason="Forgotten") == ("too_soon", False)


# ---- another provider ------------------------------------------------------------------------------------------------


@pytest.mark.req("P15")
def test_a_visit_is_given_to_another_provider_who_is_one_of_theirs_from_now_on(
    clinic: SmallClinic, visit: Visit
) -> None:
    after = moves(clinic, visit, "10:30", who="maya")
    assert after.provider_id == clinic["maya"]
    assert {(1, clinic["maya"], minute(THURSDAY, "10:30"))} < taken(clinic, visit)
    assert clinic["maya"] in clinic.services.ask(care_of, visit.patient_id)
    assert told(clinic) == 1


def test_the_time_of_a_visit_given_away_is_still_the_one_it_got_when_it_was_booked(
    clinic: SmallClinic, visit: Visit
) -> None:
    moves(clinic, visit, "10:30", who="maya")
    assert rows(clinic.services, models.Appointment)[0].moved_at is None


def test_to_one_who_does_not_perform_it_only_for_a_reason(clinic: SmallClinic) -> None:
    peel = ben(clinic, "10:30", "peel")
    assert why(moves, clinic, peel, "10:30", who="maya") == ("not_performed", True)
    assert moves(clinic, peel, "10:30", who="maya", reason="Learning it").provider_id == clinic["maya"]


def test_a_service_that_is_offered_no_more_still_moves(clinic: SmallClinic, visit: Visit) -> None:
    clinic.change(clinic_models.Service, "facial", is_active=False)
    moves(clinic, visit, "14:00")
    assert {one[0] for one in taken(clinic, visit)} == {1, 2}, "with its room"


def test_to_one_who_left_nothing_is_given(clinic: SmallClinic, visit: Visit) -> None:
    clinic.change(clinic_models.Provider, "maya", is_active=False)
    assert why(moves, clinic, visit, "10:30", who="maya", reason="She helps out") == ("not_here", False)


def switched_off(made: SmallClinic, slug: str) -> None:
    """A provider left; their visits stand."""
    made.change(clinic_models.Provider, slug, is_active=False)


@pytest.mark.parametrize(("at", "minutes"), [("10:30", 45), ("14:00", None)])
def test_with_its_own_provider_who_left_a_visit_still_moves_and_grows(
    clinic: SmallClinic, visit: Visit, at: str, minutes: int | None
) -> None:
    switched_off(clinic, "lena")
    after = moves(clinic, visit, at, minutes=minutes)
    assert epoch_minute(after.start_at) == minute(THURSDAY, at)
    assert after.end_at - after.start_at == timedelta(minutes=minutes or 30)


def test_where_its_own_provider_who_left_has_no_hours_any_more_it_takes_a_reason(
    clinic: SmallClinic, visit: Visit
) -> None:
    switched_off(clinic, "lena")
    shifts = table(WeeklyShift)
    clinic.services.do(lambda work: work.execute(delete(shifts).where(shifts.c.provider_id == clinic["lena"])))
    clinic.settings(tagline="Lena left")
    assert why(moves, clinic, visit, "10:30", minutes=45) == ("not_here", True)
    after = moves(clinic, visit, "10:30", minutes=45, reason="Her last patient")
    assert after.end_at - after.start_at == timedelta(minutes=45)


# ---- whose patient ---------------------------------------------------------------------------------------------------


@pytest.mark.req("P15")
def test_a_slip_of_the_hand_opens_a_patients_chart_to_nobody_for_good(clinic: SmallClinic, visit: Visit) -> None:
    slip = moves(clinic, visit, "10:30", who="maya")
    moves(clinic, slip, "10:30", who="lena")
    assert clinic.services.ask(care_of, visit.patient_id) == [clinic["lena"]]


def test_who_has_another_visit_of_the_patient_remains_theirs(clinic: SmallClinic, visit: Visit) -> None:
    books(clinic, visit.patient_id, "14:00", on=FRIDAY, who="lena")
    moves(clinic, visit, "10:30", who="maya")
    assert sorted(clinic.services.ask(care_of, visit.patient_id)) == sorted((clinic["lena"], clinic["maya"]))


def test_a_visit_that_was_called_off_still_binds(clinic: SmallClinic, visit: Visit) -> None:
    other = books(clinic, visit.patient_id, "14:00", on=FRIDAY, who="lena")
    clinic.services.do(changes.cancel, other.patient_id, other.reference, shown_fee_minor=0)
    moves(clinic, visit, "10:30", who="maya")
    assert clinic["lena"] in clinic.services.ask(care_of, visit.patient_id)


def test_whom_they_have_begun_to_treat_remains_theirs(clinic: SmallClinic, clock: FixedClock, visit: Visit) -> None:
    begins(clock, visit)
    checks_in(clinic.services, visit)
    moves(clinic, now_of(clinic.services, visit.appointment_id), "10:30", who="maya")
    assert clinic["lena"] in clinic.services.ask(care_of, visit.patient_id)


# ---- another length --------------------------------------------------------------------------------------------------


@pytest.mark.req("P15")
@pytest.mark.parametrize("minutes", [5, 45, 90])
def test_a_visit_takes_longer_or_not_so_long_at_the_same_price(clinic: SmallClinic, visit: Visit, minutes: int) -> None:
    after = moves(clinic, visit, "10:30", minutes=minutes)
    assert after.end_at - after.start_at == timedelta(minutes=minutes)
    assert (after.services[-1].duration_minutes, after.total_minor) == (minutes, visit.total_minor)
    assert clinic.services.ask(broken) == []


def test_of_several_services_the_last_takes_longer(clinic: SmallClinic) -> None:
    two = ben(clinic, "10:30", "facial", "peel")
    after = moves(clinic, two, "10:30", minutes=120)
    assert [one.duration_minutes for one in after.services] == [30, 90]


def test_of_a_length_alone_the_patient_hears_nothing(clinic: SmallClinic, visit: Visit) -> None:
    moves(clinic, visit, "10:30", minutes=45)
    assert told(clinic) == 0


def test_it_does_not_grow_into_the_next(clinic: SmallClinic, visit: Visit) -> None:
    ben(clinic, "11:30")
    assert why(moves, clinic, visit, "10:30", minutes=75) == ("busy", False)


def test_it_grows_over_the_end_of_the_day_only_for_a_reason(clinic: SmallClinic) -> None:
    late = ben(clinic, "16:30")
    assert why(moves, clinic, late, "16:30", minutes=45) == ("outside_hours", True)
    moves(clinic, late, "16:30", minutes=45, reason="It takes longer with him")


@pytest.mark.parametrize("minutes", [0, -30, 4, 721, 10**30])
def test_a_length_no_visit_has_is_refused(clinic: SmallClinic, visit: Visit, minutes: int) -> None:
    with pytest.raises(Invalid, match="visit_length"):
        moves(clinic, visit, "10:30", minutes=minutes)


def test_what_is_shorter_than_it_takes_effect_can_still_be_moved_by_its_patient(
    clinic: SmallClinic, visit: Visit
) -> None:
    clinic.change(clinic_models.Service, "facial", processing_offset_minutes=10, processing_minutes=15)
    moves(clinic, visit, "10:30", minutes=15)
    clinic.services.do(changes.move, visit.patient_id, visit.reference, minute(FRIDAY, "14:00"))
    after = now_of(clinic.services, visit.appointment_id)
    assert after.end_at - after.start_at == timedelta(minutes=15)


def test_a_visit_that_stands_on_no_grid_can_be_made_longer(clinic: SmallClinic) -> None:
    clinic.settings(start_interval_minutes=7)
    done = booked(clinic, "browser", THURSDAY, "09:07", "facial", provider="lena")
    own = clinic.services.ask(queries.visit, done.appointment_id)
    assert moves(clinic, own, "09:07", minutes=40).sequence == own.sequence + 1


# ---- what it is by now -----------------------------------------------------------------------------------------------


def test_the_same_again_changes_nothing(clinic: SmallClinic, visit: Visit) -> None:
    after = moves(clinic, visit, "14:05", who="maya", minutes=45)
    assert moves(clinic, visit, "14:05", who="maya", minutes=45) == after
    assert told(clinic) == 1


def test_where_it_stands_already_nothing_is_written(clinic: SmallClinic, visit: Visit) -> None:
    assert moves(clinic, visit, "10:30", minutes=30) == visit


@pytest.mark.req("P15")
def test_a_visit_that_was_moved_meanwhile_is_not_moved_over_a_colleagues_head(
    clinic: SmallClinic, visit: Visit
) -> None:
    moves(clinic, visit, "14:05")
    with pytest.raises(Conflict, match="visit_moved_on"):
        moves(clinic, visit, "15:00", seen_sequence=visit.sequence)
    with pytest.raises(Conflict, match="visit_moved_on"):
        moves(clinic, visit, "15:00", seen_sequence=visit.sequence + 2)


def test_who_is_here_gets_another_provider_or_length_and_no_other_time(
    clinic: SmallClinic, clock: FixedClock, visit: Visit
) -> None:
    begins(clock, visit)
    checks_in(clinic.services, visit)
    here = now_of(clinic.services, visit.appointment_id)
    assert refusal(moves, clinic, here, "10:45").code == "visit_arrived"
    after = moves(clinic, here, "10:30", who="maya", minutes=45)
    assert (after.status, after.provider_id) == ("arrived", clinic["maya"])


def test_who_was_here_on_another_day_is_left_as_they_were(clinic: SmallClinic, clock: FixedClock, visit: Visit) -> None:
    begins(clock, visit)
    checks_in(clinic.services, visit)
    clock.advance(timedelta(days=1))
    here = now_of(clinic.services, visit.appointment_id)
    assert refusal(moves, clinic, here, "10:30", minutes=45).code == "visit_over"


def test_what_is_paid_for_is_over(clinic: SmallClinic, clock: FixedClock, visit: Visit) -> None:
    begins(clock, visit)
    checks_out(clinic.services, visit)
    done = now_of(clinic.services, visit.appointment_id)
    assert refusal(moves, clinic, done, "15:00").code == "visit_over"


def test_a_cancelled_visit_does_not_move(clinic: SmallClinic, visit: Visit) -> None:
    clinic.services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=0)
    gone = now_of(clinic.services, visit.appointment_id)
    assert refusal(moves, clinic, gone, "15:00").code == "visit_over"


# ---- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("P15")
def test_a_provider_of_their_own_calendar_moves_only_there(clinic: SmallClinic, visit: Visit) -> None:
    lena = provider(clinic.services, clinic["lena"], sees_every_calendar=False)
    maya = provider(clinic.services, clinic["maya"], sees_every_calendar=False)
    assert moves(clinic, visit, "11:00", actor=lena).sequence == visit.sequence + 1
    now = now_of(clinic.services, visit.appointment_id)
    for actor, who in ((maya, "lena"), (maya, "maya"), (lena, "maya")):
        with pytest.raises(NotAllowed):
            moves(clinic, now, "15:00", actor=actor, who=who)


@pytest.mark.parametrize("role", ["read_only"])
def test_a_role_that_only_reads_moves_nothing(clinic: SmallClinic, visit: Visit, role: str) -> None:
    with pytest.raises(NotAllowed):
        moves(clinic, visit, "15:00", actor=factories.staff(clinic.services, role).actor)


def test_a_visit_that_never_was_and_a_mere_hold_look_alike(clinic: SmallClinic, visit: Visit) -> None:
    from dataclasses import replace

    from clinic_portal.booking import holds

    factories.visitor(clinic, "browser", "facial", email="b@example.org", phone="+15125550177")
    held = clinic.services.do(holds.hold, "browser", minute(THURSDAY, "14:00"))
    for number in (held.appointment_id, 999):
        with pytest.raises(NotAllowed):
            moves(clinic, replace(visit, appointment_id=number), "15:00")


def test_the_log_tells_from_when_to_when_and_who_did_it(clinic: SmallClinic, visit: Visit) -> None:
    from clinic_portal.core.audit import ENTRY

    after = moves(clinic, visit, "14:05", who="maya", minutes=45)
    entries = clinic.services.ask(lambda read: read.execute(ENTRY.select().order_by(ENTRY.c.id.desc())).all())
    entry = next(one for one in entries if one.action == "appointment.moved")
    assert (entry.actor, entry.subject) == (
        front_desk(clinic.services).tag,
        f"appointment:{visit.appointment_id}",
    )
    assert entry.detail == {
        "reference": visit.reference,
        "provider": [clinic["lena"], clinic["maya"]],
        "minutes": [30, 45],
        "before": visit.start_at.isoformat(),
        "after": after.start_at.isoformat(),
    }
