"""A patient moves or cancels a visit: as far as the clinic allows, by the same predicate that books."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from clinic_portal.booking import access, changes, models, queries
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import models as clinic_models
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, NotAllowed, SlotTaken
from clinic_portal.core.work import Services
from clinic_portal.scheduling.availability import epoch_minute
from tests.factories import CHICAGO, SmallClinic, booked, minute, rows, small_clinic

DAY = date(2026, 12, 3)
ANOTHER_DAY = date(2026, 12, 4)


@pytest.fixture
def clinic(services: Services) -> SmallClinic:
    return small_clinic(services)


def visit(made: SmallClinic, clock: str = "10:30", *wanted: str, who: str = "one", **more: Any) -> Visit:
    done = booked(made, who, DAY, clock, *(wanted or ("facial",)), provider=more.pop("provider", "lena"), **more)
    return made.services.ask(queries.visit, done.appointment_id)


def now(made: SmallClinic, found: Visit) -> Visit:
    return made.services.ask(queries.visit, found.appointment_id)


def move(made: SmallClinic, found: Visit, on: date, clock: str, *, patient_id: int | None = None) -> None:
    made.services.do(changes.move, patient_id or found.patient_id, found.reference, minute(on, clock))


def cancel(made: SmallClinic, found: Visit, fee: int = 0, *, patient_id: int | None = None) -> Visit:
    return made.services.do(changes.cancel, patient_id or found.patient_id, found.reference, shown_fee_minor=fee)


@pytest.mark.req("S58")
def test_a_visit_gets_a_new_day_and_time(clinic: SmallClinic) -> None:
    found = visit(clinic)
    move(clinic, found, ANOTHER_DAY, "14:00")
    assert epoch_minute(now(clinic, found).start_at) == minute(ANOTHER_DAY, "14:00")


@pytest.mark.req("S59")
def test_services_provider_place_price_and_reference_stay(clinic: SmallClinic) -> None:
    found = visit(clinic)
    move(clinic, found, ANOTHER_DAY, "14:00")
    after = now(clinic, found)
    for name in ("services", "provider_id", "location", "total_minor", "reference", "uid", "policy"):
        assert getattr(after, name) == getattr(found, name)
    assert after.end_at - after.start_at == found.end_at - found.start_at


def test_the_same_calendar_entry_rises_in_sequence(clinic: SmallClinic) -> None:
    found = visit(clinic)
    move(clinic, found, ANOTHER_DAY, "14:00")
    move(clinic, found, ANOTHER_DAY, "15:00")
    cancel(clinic, found)
    assert (now(clinic, found).uid, now(clinic, found).sequence) == (found.uid, found.sequence + 3)


@pytest.mark.req("S58")
def test_moving_ignores_itself(clinic: SmallClinic) -> None:
    found = visit(clinic)
    move(clinic, found, DAY, "10:45")
    assert epoch_minute(now(clinic, found).start_at) == minute(DAY, "10:45")


def test_moving_ignores_nothing_but_itself(clinic: SmallClinic) -> None:
    found = visit(clinic)
    visit(clinic, "12:00", who="two", email="two@example.org", phone="+15125550143")
    with pytest.raises(SlotTaken):
        move(clinic, found, DAY, "11:45")


def test_the_old_time_is_free_for_others_at_once_and_the_new_one_is_not(clinic: SmallClinic) -> None:
    found = visit(clinic)
    move(clinic, found, DAY, "14:00")
    visit(clinic, "10:30", who="two", email="two@example.org", phone="+15125550143")
    with pytest.raises(SlotTaken):
        visit(clinic, "14:00", who="three", email="three@example.org", phone="+15125550144")


@pytest.mark.parametrize(("on", "at"), [(DAY, "10:37"), (DAY, "17:00"), (date(2027, 3, 1), "10:00")])
def test_a_time_that_is_not_offered_is_refused(clinic: SmallClinic, on: date, at: str) -> None:
    found = visit(clinic)
    with pytest.raises(SlotTaken):
        move(clinic, found, on, at)
    assert now(clinic, found) == found


def test_the_same_time_again_changes_nothing(clinic: SmallClinic) -> None:
    found = visit(clinic)
    move(clinic, found, DAY, "10:30")
    assert now(clinic, found) == found


@pytest.mark.req("S54")
@pytest.mark.parametrize("what", ["patients_may_reschedule", "patients_may_cancel"])
def test_what_the_clinic_switched_off_is_refused_behind_the_page_too(clinic: SmallClinic, what: str) -> None:
    found = visit(clinic)
    clinic.settings(**{what: False})
    verb = cancel if what == "patients_may_cancel" else lambda made, one: move(made, one, ANOTHER_DAY, "14:00")
    with pytest.raises(Conflict, match="change_switched_off"):
        verb(clinic, found)
    assert now(clinic, found) == found


@pytest.mark.req("S53")
def test_each_of_the_two_is_allowed_without_the_other(clinic: SmallClinic) -> None:
    found = visit(clinic)
    clinic.settings(patients_may_cancel=False)
    move(clinic, found, ANOTHER_DAY, "14:00")
    clinic.settings(patients_may_cancel=True, patients_may_reschedule=False)
    cancel(clinic, found)
    assert now(clinic, found).status == "cancelled"


def test_too_close_to_the_visit_nothing_is_changed_online(clinic: SmallClinic, clock: FixedClock) -> None:
    found = visit(clinic)
    clinic.settings(change_until_minutes=60)
    clock.advance(found.start_at - timedelta(minutes=59) - clock.now())
    with pytest.raises(Conflict, match="change_too_late"):
        cancel(clinic, found, 4750)


@pytest.mark.req("S55")
@pytest.mark.req("S57")
def test_cancelling_in_time_costs_nothing_and_frees_the_time(clinic: SmallClinic) -> None:
    found = visit(clinic)
    cancel(clinic, found)
    assert (now(clinic, found).status, now(clinic, found).late_fee_minor) == ("cancelled", 0)
    visit(clinic, "10:30", who="two", email="two@example.org", phone="+15125550143")


@pytest.mark.req("B4")
def test_cancelling_late_costs_what_the_policy_of_the_booking_says_not_todays(
    clinic: SmallClinic, clock: FixedClock
) -> None:
    found = visit(clinic)
    clinic.change(clinic_models.PolicyVersion, "policy", fee_percent=50)
    clock.advance(found.start_at - timedelta(hours=47) - clock.now())
    assert clinic.services.ask(changes.fee_minor, found) == 4750
    cancel(clinic, found, 4750)
    assert now(clinic, found).late_fee_minor == 4750


@pytest.mark.req("B4")
def test_a_fee_that_grew_while_the_page_was_open_is_shown_again_before_anything_is_done(
    clinic: SmallClinic, clock: FixedClock
) -> None:
    found = visit(clinic)
    clock.advance(found.start_at - timedelta(hours=47) - clock.now())
    with pytest.raises(Conflict, match="fee_changed"):
        cancel(clinic, found, 0)
    assert now(clinic, found).status == "booked"


@pytest.mark.req("S57")
def test_without_a_policy_even_a_late_cancellation_costs_nothing(clinic: SmallClinic, clock: FixedClock) -> None:
    clinic.change(clinic_models.PolicyVersion, "policy", is_in_force=False)
    found = visit(clinic)
    assert found.policy is None
    clock.advance(found.start_at - timedelta(hours=1) - clock.now())
    cancel(clinic, found, 0)
    assert now(clinic, found).late_fee_minor == 0


def test_a_late_fee_is_not_moved_away(clinic: SmallClinic, clock: FixedClock) -> None:
    """Moving a week on and cancelling then would cost nothing."""
    found = visit(clinic)
    clock.advance(found.start_at - timedelta(hours=47) - clock.now())
    with pytest.raises(Conflict, match="change_fee_due"):
        move(clinic, found, date(2026, 12, 10), "10:00")


def test_cancelling_twice_is_harmless(clinic: SmallClinic) -> None:
    found = visit(clinic)
    cancel(clinic, found)
    assert cancel(clinic, found).status == "cancelled"
    assert now(clinic, found).sequence == found.sequence + 1


def test_a_visit_that_is_not_what_the_patient_saw_is_not_changed_over_their_head(clinic: SmallClinic) -> None:
    seen = visit(clinic)
    move(clinic, seen, ANOTHER_DAY, "14:00")
    for change in (
        lambda work: changes.move(work, seen.patient_id, seen.reference, minute(DAY, "15:00"), seen_sequence=0),
        lambda work: changes.cancel(work, seen.patient_id, seen.reference, shown_fee_minor=0, seen_sequence=0),
    ):
        with pytest.raises(Conflict, match="change_ended"):
            clinic.services.do(change)
    assert epoch_minute(now(clinic, seen).start_at) == minute(ANOTHER_DAY, "14:00")


def test_a_cancelled_visit_is_not_moved(clinic: SmallClinic) -> None:
    found = visit(clinic)
    cancel(clinic, found)
    with pytest.raises(Conflict, match="change_ended"):
        move(clinic, found, ANOTHER_DAY, "14:00")


def test_anothers_visit_a_hold_and_one_that_never_was_look_alike(clinic: SmallClinic) -> None:
    found = visit(clinic)
    from clinic_portal.booking import holds
    from tests.factories import visitor

    visitor(clinic, "two", "peel", email="two@example.org", phone="+15125550143")
    clinic.services.do(holds.hold, "two", minute(DAY, "14:00"))
    held = next(row.reference for row in rows(clinic.services, models.Appointment) if row.status == "held")
    told = []
    for patient_id, reference in ((found.patient_id + 1, found.reference), (found.patient_id, held), (1, "LMN-NONE")):
        for verb in (
            lambda work, p, r: changes.cancel(work, p, r, shown_fee_minor=0),
            lambda work, p, r: changes.move(work, p, r, minute(DAY, "15:00")),
            access.visit_of,
        ):
            with pytest.raises(NotAllowed) as refusal:
                clinic.services.do(verb, patient_id, reference)
            told.append((refusal.value.code, refusal.value.facts))
    assert set(map(str, told)) == {str(("not_found", {}))}


@pytest.mark.parametrize(("model", "slug"), [(clinic_models.Provider, "lena"), (clinic_models.Service, "facial")])
def test_what_is_not_offered_any_more_is_moved_by_phone(clinic: SmallClinic, model: Any, slug: str) -> None:
    found = visit(clinic)
    clinic.change(model, slug, is_active=False)
    with pytest.raises(Conflict, match="move_by_phone"):
        move(clinic, found, ANOTHER_DAY, "14:00")
    cancel(clinic, found)


@pytest.mark.parametrize(("on", "at"), [(date(2027, 3, 14), "09:00"), (date(2027, 11, 7), "09:00")])
def test_a_move_to_a_day_on_which_the_clocks_change_keeps_wall_time(clinic: SmallClinic, on: date, at: str) -> None:
    clinic.settings(booking_window_days=400)
    found = visit(clinic)
    move(clinic, found, on, at)
    after = now(clinic, found)
    assert after.start_at.astimezone(CHICAGO).strftime("%H:%M") == at


def test_rooms_move_along(clinic: SmallClinic) -> None:
    """One laser: who moves away from it frees it, who moves onto it takes it."""
    one = visit(clinic, "10:30", "hair")
    two = visit(clinic, "12:00", "hair", who="two", email="two@example.org", phone="+15125550143", provider="maya")
    with pytest.raises(SlotTaken):
        move(clinic, two, DAY, "10:30")
    move(clinic, one, DAY, "14:00")
    move(clinic, two, DAY, "10:30")


@pytest.mark.req("S27")
@pytest.mark.req("S50")
def test_all_visits_are_listed_coming_and_past(clinic: SmallClinic, clock: FixedClock) -> None:
    first, second = visit(clinic), visit(clinic, "14:00", who="two")
    third = visit(clinic, "16:00", who="three")
    cancel(clinic, third)
    clock.advance(first.end_at - clock.now())
    known = clinic.services.ask(queries.visits_of, first.patient_id)
    assert [line.reference for line in known.upcoming] == [second.reference]
    assert [line.reference for line in known.past] == [third.reference, first.reference]


@pytest.mark.req("S52")
def test_a_listed_visit_says_where_when_what_and_with_whom(clinic: SmallClinic) -> None:
    found = visit(clinic)
    clinic.change(clinic_models.Provider, "lena", is_active=False)
    line = clinic.services.ask(queries.visits_of, found.patient_id).upcoming[0]
    assert (line.location_name, line.service_names, line.provider_name) == (
        "Lumen Downtown",
        ("Hydrating facial",),
        "Lena Brandt RN",
    )
