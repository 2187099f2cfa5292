"""Staff book for patients: by the predicate that patients meet, with the staff's rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from clinic_portal.booking import access, changes, desk, holds, models, queries
from clinic_portal.booking.invariants import broken
from clinic_portal.clinic import models as clinic_models
from clinic_portal.core.audit import ENTRY
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed, SlotTaken
from clinic_portal.core.outbox import OutboxRow
from clinic_portal.core.work import Services
from clinic_portal.forms import models as forms
from clinic_portal.patients.access import care_of
from clinic_portal.patients.models import Patient
from clinic_portal.reports import periods
from clinic_portal.reports.scope import Asked
from clinic_portal.reports.visits import missed
from clinic_portal.scheduling import editing, guard, staffing
from clinic_portal.scheduling import queries as scheduling
from clinic_portal.scheduling.availability import epoch_minute, instant
from clinic_portal.scheduling.models import ScheduleChange, WeeklyShift
from clinic_portal.scheduling.types import FreeTime
from tests import factories, forms_kit
from tests.desk_kit import THURSDAY, books, front_desk, looks, on_board, patient, provider, refusal, why, whys
from tests.factories import SmallClinic, booked, minute, rows, small_clinic
from tests.member_kit import is_on_plan
from tests.visits_kit import begins, checks_in, has_items, left, now_of, reserves

TODAY = date(2026, 11, 23)


@pytest.fixture
def clinic(services: Services) -> SmallClinic:
    return small_clinic(services)


@pytest.fixture
def amara(clinic: SmallClinic) -> int:
    return patient(clinic.services)


def free(made: SmallClinic, *wanted: str, who: str | None = "lena", on: date = THURSDAY) -> list[FreeTime]:
    return made.services.ask(
        desk.free_times,
        front_desk(made.services),
        location_id=made["downtown"],
        service_ids=[made[one] for one in wanted or ("facial",)],
        provider_id=made[who] if who else None,
        on=on,
    )


# ---- what is booked --------------------------------------------------------------------------------------------------


@pytest.mark.req("P15")
def test_a_visit_of_several_services_is_booked_as_they_are_now(clinic: SmallClinic, amara: int) -> None:
    visit = books(clinic, amara, "10:35", "facial", "peel")
    assert [(one.name, one.duration_minutes, one.price_minor) for one in visit.services] == [
        ("Hydrating facial", 30, 9500),
        ("Chemical peel", 60, 18000),
    ]
    assert (visit.status, visit.total_minor, visit.patient_id) == ("booked", 27500, amara)
    assert (epoch_minute(visit.start_at), epoch_minute(visit.end_at)) == (
        minute(THURSDAY, "10:35"),
        minute(THURSDAY, "12:05"),
    )


def test_it_is_kept_who_booked_it(clinic: SmallClinic, amara: int) -> None:
    assert books(clinic, amara, "10:35").booked_by == front_desk(clinic.services).tag


def test_a_member_pays_their_own_price(clinic: SmallClinic, amara: int) -> None:
    is_on_plan(clinic.services, amara, 10)
    visit = books(clinic, amara, "10:35")
    assert (visit.total_minor, rows(clinic.services, models.AppointmentService)[-1].list_price_minor) == (8550, 9500)


def test_neither_a_policy_is_accepted_nor_a_fee_due_on_their_behalf(
    clinic: SmallClinic, clock: FixedClock, amara: int
) -> None:
    visit = books(clinic, amara, "10:35")
    clock.advance(visit.start_at - timedelta(hours=1) - clock.now())
    assert (visit.policy, clinic.services.ask(changes.fee_minor, visit)) == (None, 0)


def test_their_forms_are_asked_for(clinic: SmallClinic, amara: int) -> None:
    forms_kit.put(clinic, "intake", "questionnaire", forms_kit.INTAKE, ("facial",))
    visit = books(clinic, amara, "10:35")
    assert [one.appointment_id for one in rows(clinic.services, forms.FormRequest)] == [visit.appointment_id]


@pytest.mark.req("S82")
def test_the_patient_is_told_as_if_they_had_booked(clinic: SmallClinic, amara: int) -> None:
    visit = books(clinic, amara, "10:35")
    told = [one for one in rows(clinic.services, OutboxRow) if one.kind == "appointment.booked"]
    assert [one.payload["appointment_id"] for one in told] == [visit.appointment_id]


def test_it_is_theirs_in_the_portal(clinic: SmallClinic, amara: int) -> None:
    visit = books(clinic, amara, "10:35")
    assert clinic.services.ask(access.visit_of, amara, visit.reference) == visit


def test_the_provider_is_one_of_theirs_from_now_on(clinic: SmallClinic, amara: int) -> None:
    books(clinic, amara, "10:35", who="lena")
    assert clinic.services.ask(care_of, amara) == [clinic["lena"]]


def test_all_is_well_after_it(clinic: SmallClinic, amara: int) -> None:
    books(clinic, amara, "10:35")
    books(clinic, amara, "08:00", reason="Flies at noon")
    assert clinic.services.ask(broken) == []


def test_a_second_click_books_nothing_more(clinic: SmallClinic, amara: int) -> None:
    first = books(clinic, amara, "10:35", "facial", "hair", who=None)
    again = books(clinic, amara, "10:35", "hair", "facial", who=None)
    assert again.appointment_id == first.appointment_id
    assert len(rows(clinic.services, models.Appointment)) == 1


def test_what_was_cancelled_is_booked_anew(clinic: SmallClinic, amara: int) -> None:
    first = books(clinic, amara, "10:35")
    told = {"seen_sequence": first.sequence, "reason": "A slip", "waives_fee": True}
    clinic.services.do(desk.cancel, front_desk(clinic.services), first.appointment_id, **told)
    assert books(clinic, amara, "10:35").appointment_id != first.appointment_id


def test_a_room_that_is_free_is_kept_for_it(clinic: SmallClinic, amara: int) -> None:
    visit = books(clinic, amara, "10:35")
    assert on_board(looks(clinic), visit).unit_ids == (clinic["room-1"],)


def test_first_available_is_whoever_has_least_to_do(clinic: SmallClinic, amara: int) -> None:
    books(clinic, amara, "09:00", "peel", who="lena")
    assert books(clinic, amara, "14:00", who=None).provider_id == clinic["maya"]


def test_open_pages_hear_of_it(clinic: SmallClinic, amara: int) -> None:
    visit = books(clinic, amara, "10:35")
    span = {(one.start_minute, one.end_minute) for one in rows(clinic.services, ScheduleChange)}
    assert (epoch_minute(visit.start_at), epoch_minute(visit.end_at)) in span


# ---- the staff's own rules -------------------------------------------------------------------------------------------


def test_neither_notice_nor_booking_window_binds_the_desk(clinic: SmallClinic, amara: int) -> None:
    clinic.settings(minimum_notice_minutes=24 * 60, booking_window_days=2)
    books(clinic, amara, "09:05", on=TODAY)
    books(clinic, amara, "10:00", on=date(2027, 11, 23))


def test_who_walked_in_a_moment_ago_is_booked_at_the_time_they_came(
    clinic: SmallClinic, clock: FixedClock, amara: int
) -> None:
    clock.advance(timedelta(minutes=40))
    assert books(clinic, amara, "09:15", on=TODAY).status == "booked"


def test_a_day_that_is_over_is_over_for_whoever_may_override_too(clinic: SmallClinic, amara: int) -> None:
    yesterday = TODAY - timedelta(days=1)
    assert why(books, clinic, amara, "10:00", on=yesterday) == ("too_soon", False)
    assert why(books, clinic, amara, "10:00", on=yesterday, reason="Forgotten") == ("too_soon", False)


@pytest.mark.parametrize("start", [-(10**14), 10**14, 10**30])
def test_an_instant_that_no_calendar_has_is_refused(clinic: SmallClinic, amara: int, start: int) -> None:
    assert why(books, clinic, amara, "10:00", start=start) == ("outside_window", False)


def test_visits_begin_on_every_fifth_minute(clinic: SmallClinic, amara: int) -> None:
    assert why(books, clinic, amara, "10:37") == ("off_grid", False)


def test_what_patients_may_not_book_online_the_desk_books(clinic: SmallClinic, amara: int) -> None:
    clinic.change(clinic_models.Service, "facial", is_bookable_online=False)
    clinic.change(clinic_models.Provider, "lena", is_bookable_online=False)
    assert books(clinic, amara, "10:35").status == "booked"


def test_what_is_not_offered_any_more_is_not_booked(clinic: SmallClinic, amara: int) -> None:
    clinic.change(clinic_models.Service, "facial", is_active=False)
    assert refusal(books, clinic, amara, "10:35").code == "desk_service_gone"


@pytest.mark.parametrize(("wanted", "code"), [([], "cart_empty"), (range(1, 9), "cart_full")])
def test_nothing_and_too_much_are_no_visit(clinic: SmallClinic, amara: int, wanted: Any, code: str) -> None:
    told = {"patient_id": amara, "location_id": clinic["downtown"], "provider_id": clinic["lena"]}
    start = minute(THURSDAY, "10:00")
    actor = front_desk(clinic.services)
    refused = refusal(clinic.services.do, desk.book, actor, **told, service_ids=list(wanted), start=start)
    assert refused.code == code


# ---- what an override bends ------------------------------------------------------------------------------------------


def holiday(made: SmallClinic) -> None:
    made.services.do(lambda work: work.session.add(clinic_models.Holiday(on=THURSDAY, name="A feast")))
    made.settings(tagline="Closed on Thursday")


def lenas_break(made: SmallClinic) -> None:
    away(made, "break")


def lenas_time_off(made: SmallClinic) -> None:
    away(made, "time_off")


def away(made: SmallClinic, kind: Any) -> None:
    told: dict[str, Any] = {
        "start_at": instant(minute(THURSDAY, "10:00")),
        "end_at": instant(minute(THURSDAY, "11:00")),
    }
    made.services.do(editing.add_time_off, front_desk(made.services), made["lena"], **told, reason="", kind=kind)


def one_visit_a_day(made: SmallClinic) -> None:
    made.change(clinic_models.Provider, "lena", daily_limit=1)
    books(made, patient(made.services, "Ben", phone="+15125550177"), "15:00")


def nothing(made: SmallClinic) -> None:
    pass


BENT = [
    ("outside_hours", "08:00", "facial", nothing),
    ("outside_hours", "16:45", "facial", nothing),
    ("holiday", "10:30", "facial", holiday),
    ("break", "10:30", "facial", lenas_break),
    ("time_off", "10:30", "facial", lenas_time_off),
    ("day_full", "10:30", "facial", one_visit_a_day),
    ("not_performed", "10:30", "botox", nothing),
]


@pytest.mark.req("P15")
@pytest.mark.parametrize(("reason", "at", "what", "before"), BENT)
def test_a_rule_is_named_and_bent_with_a_reason(
    clinic: SmallClinic, amara: int, reason: str, at: str, what: str, before: Any
) -> None:
    before(clinic)
    assert why(books, clinic, amara, at, what) == (reason, True)
    visit = books(clinic, amara, at, what, reason="  Flies at   noon ")
    assert (visit.provider_id, whys(clinic, visit)) == (clinic["lena"], [("override", "Flies at noon")])
    assert on_board(looks(clinic), visit).is_override


@pytest.mark.parametrize(("reason", "at", "what", "before"), BENT)
def test_whoever_may_not_override_is_told_why_and_that_they_may_not(
    clinic: SmallClinic, amara: int, reason: str, at: str, what: str, before: Any
) -> None:
    before(clinic)
    lena = provider(clinic.services, clinic["lena"])
    assert why(books, clinic, amara, at, what, actor=lena) == (reason, False)
    with pytest.raises(NotAllowed):
        books(clinic, amara, at, what, actor=lena, reason="Flies at noon")


def test_someone_without_hours_at_the_place_is_not_here(clinic: SmallClinic, amara: int) -> None:
    shifts = table(WeeklyShift)
    clinic.services.do(lambda work: work.execute(delete(shifts).where(shifts.c.provider_id == clinic["lena"])))
    clinic.settings(tagline="Lena left")
    assert why(books, clinic, amara, "10:30") == ("not_here", True)
    assert books(clinic, amara, "10:30", reason="She is here today").provider_id == clinic["lena"]


def test_someone_switched_off_takes_no_visit_whatever_the_reason(clinic: SmallClinic, amara: int) -> None:
    clinic.change(clinic_models.Provider, "lena", is_active=False)
    assert why(books, clinic, amara, "10:30", reason="She is here today") == ("not_here", False)


def test_where_no_rule_is_bent_no_reason_is_kept(clinic: SmallClinic, amara: int) -> None:
    visit = books(clinic, amara, "10:30", reason="Just in case")
    assert (visit.is_overridden, whys(clinic, visit)) == (False, [])


@pytest.mark.parametrize(("typed", "code"), [("  a ", "desk_reason_missing"), ("x" * 501, "desk_reason_long")])
def test_an_override_says_why_in_a_few_words(clinic: SmallClinic, amara: int, typed: str, code: str) -> None:
    refused = refusal(books, clinic, amara, "08:00", reason=typed)
    assert isinstance(refused, Invalid)
    assert (refused.field, refused.code) == ("reason", code)


def test_the_log_tells_which_rule_and_not_why(clinic: SmallClinic, amara: int) -> None:
    books(clinic, amara, "08:00", reason="Has a migraine")
    log = str(clinic.services.ask(lambda read: read.execute(ENTRY.select()).all()))
    assert "outside_hours" in log
    assert "migraine" not in log


# ---- what nothing bends ----------------------------------------------------------------------------------------------


@pytest.mark.req("B1")
def test_nobody_is_in_two_rooms_at_once_whatever_the_reason(clinic: SmallClinic, amara: int) -> None:
    theirs = books(clinic, patient(clinic.services, "Ben", phone="+15125550177"), "10:00", "peel")
    assert why(books, clinic, amara, "10:30") == ("busy", False)
    refused = refusal(books, clinic, amara, "10:30", reason="It is urgent")
    (met,) = refused.facts["in_the_way"]  # type: ignore[misc]
    assert (refused.facts["reason"], met.appointment_id, met.is_held) == ("busy", theirs.appointment_id, False)


@pytest.mark.req("P9")
def test_a_device_serves_one_at_a_time_whatever_the_reason(clinic: SmallClinic, amara: int) -> None:
    books(clinic, patient(clinic.services, "Ben", phone="+15125550177"), "10:00", "hair", who="maya")
    refused = refusal(books, clinic, amara, "10:15", "hair", reason="It is urgent")
    assert (refused.facts["reason"], refused.facts["may_override"], refused.facts["pool"]) == (
        "no_room_or_device",
        False,
        "Laser",
    )


def test_outside_hours_and_taken_it_is_the_taking_that_is_named(clinic: SmallClinic, amara: int) -> None:
    books(clinic, patient(clinic.services, "Ben", phone="+15125550177"), "08:00", reason="Flies at noon")
    assert why(books, clinic, amara, "08:15") == ("busy", False)


def test_who_is_booking_online_just_now_keeps_their_time(clinic: SmallClinic, amara: int) -> None:
    factories.visitor(clinic, "browser", "facial", provider="lena", email="b@example.org", phone="+15125550177")
    clinic.services.do(holds.hold, "browser", minute(THURSDAY, "10:30"))
    refused = refusal(books, clinic, amara, "10:30")
    (met,) = refused.facts["in_the_way"]  # type: ignore[misc]
    assert (refused.facts["reason"], met.is_held) == ("busy", True)


def test_the_database_itself_refuses_an_overlap(
    clinic: SmallClinic, amara: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    books(clinic, patient(clinic.services, "Ben", phone="+15125550177"), "10:00", "peel")
    there = minute(THURSDAY, "10:15")
    forged = staffing.Placement(clinic["lena"], there, there + 30, ((there, there + 30),), ())
    monkeypatch.setattr(staffing, "ask", lambda *_, **__: staffing.Answer(forged))
    with pytest.raises(SlotTaken):
        books(clinic, amara, "10:15", reason="It is urgent")
    assert len(rows(clinic.services, models.Appointment)) == 1


def test_a_refusal_tells_the_nearest_times_that_are_free(clinic: SmallClinic, amara: int) -> None:
    books(clinic, patient(clinic.services, "Ben", phone="+15125550177"), "10:00", "peel")
    near = refusal(books, clinic, amara, "10:30").facts["near"]
    assert [one.start for one in near] == [minute(THURSDAY, at) for at in ("11:00", "11:15", "11:30")]  # type: ignore[attr-defined]


# ---- what there is to choose from ------------------------------------------------------------------------------------


def test_what_is_listed_can_be_booked(clinic: SmallClinic, amara: int) -> None:
    for one in free(clinic)[::7]:
        assert epoch_minute(books(clinic, amara, "", start=one.start).start_at) == one.start


def test_today_only_what_is_to_come_is_listed(clinic: SmallClinic, clock: FixedClock) -> None:
    clock.advance(timedelta(hours=2, minutes=5))
    assert free(clinic, on=TODAY)[0].start == minute(TODAY, "11:15")
    assert free(clinic, on=TODAY - timedelta(days=1)) == []


@pytest.mark.parametrize("on", [date.min, date(2031, 1, 1), date.max])
def test_on_days_that_no_calendar_reaches_nothing_is_listed(clinic: SmallClinic, on: date) -> None:
    assert free(clinic, on=on) == []


def test_of_several_providers_each_time_tells_who_is_free(clinic: SmallClinic, amara: int) -> None:
    books(clinic, amara, "09:00", "peel", who="lena")
    assert free(clinic, who=None)[0].provider_ids == (clinic["maya"],)


def test_where_nobody_performs_it_nothing_is_listed(clinic: SmallClinic) -> None:
    assert free(clinic, "botox", who="lena") == []
    assert free(clinic, "botox", "peel", who=None) == []


def test_first_available_of_what_no_one_performs_is_refused(clinic: SmallClinic, amara: int) -> None:
    assert why(books, clinic, amara, "10:30", "botox", "peel", who=None) == ("not_performed", False)


# ---- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("P15")
def test_a_role_that_only_reads_books_nothing(clinic: SmallClinic, amara: int) -> None:
    with pytest.raises(NotAllowed):
        books(clinic, amara, "10:30", actor=factories.staff(clinic.services, "read_only").actor)


def test_a_provider_of_their_own_calendar_books_only_there(clinic: SmallClinic, amara: int) -> None:
    maya = provider(clinic.services, clinic["maya"], sees_every_calendar=False)
    with pytest.raises(NotAllowed):
        books(clinic, amara, "10:30", who="lena", actor=maya)
    assert books(clinic, amara, "10:30", who=None, actor=maya).provider_id == clinic["maya"]


def test_one_who_has_no_calendar_books_nothing(clinic: SmallClinic, amara: int) -> None:
    nobody = replace(provider(clinic.services, 1, sees_every_calendar=False), provider_id=None)
    with pytest.raises(NotAllowed):
        books(clinic, amara, "10:30", who=None, actor=nobody)


def test_nobody_books_for_whom_they_may_not_see(clinic: SmallClinic, amara: int) -> None:
    maya = provider(clinic.services, clinic["maya"], sees_every_patient=False)
    with pytest.raises(NotAllowed):
        books(clinic, amara, "10:30", who="maya", actor=maya)
    books(clinic, amara, "10:30", who="maya")
    assert books(clinic, amara, "14:00", who="maya", actor=maya).patient_id == amara


@pytest.mark.parametrize("patient_id", [0, 999])
def test_nobody_is_booked_who_is_not_there(clinic: SmallClinic, patient_id: int) -> None:
    with pytest.raises(NotAllowed):
        books(clinic, patient_id, "10:30")


def test_nothing_is_booked_under_a_profile_that_was_found_to_be_anothers(clinic: SmallClinic, amara: int) -> None:
    ben = patient(clinic.services, "Ben", phone="+15125550177")

    def joined(work: Any) -> None:
        work.session.get_one(Patient, ben).merged_into_id = amara

    clinic.services.do(joined)
    with pytest.raises(NotAllowed):
        books(clinic, ben, "10:30")


def test_a_place_that_is_not_there_is_refused(clinic: SmallClinic, amara: int) -> None:
    clinic.ids["downtown"] = 999
    with pytest.raises(NotAllowed):
        books(clinic, amara, "10:30")


# ---- calling it off --------------------------------------------------------------------------------------------------


def cancels(made: SmallClinic, visit: Any, *, waives_fee: bool = True, actor: Any = None, **more: Any) -> None:
    told = {"seen_sequence": visit.sequence, "reason": "Lena is ill"} | more
    made.services.do(
        desk.cancel, actor or front_desk(made.services), visit.appointment_id, waives_fee=waives_fee, **told
    )


def of_patient(made: SmallClinic, at: str = "10:30") -> Any:
    """A visit the patient booked themselves, under the policy."""
    done = booked(made, "browser", THURSDAY, at, "facial", provider="lena")
    return made.services.ask(queries.visit, done.appointment_id)


@pytest.mark.req("P15")
def test_a_visit_is_called_off_for_a_reason_and_its_time_is_free(clinic: SmallClinic, amara: int) -> None:
    visit = books(clinic, amara, "10:30")
    cancels(clinic, visit)
    after = clinic.services.ask(queries.visit, visit.appointment_id)
    assert whys(clinic, after) == [("cancelled", "Lena is ill")]
    assert (after.status, after.cancelled_by, after.sequence) == (
        "cancelled",
        front_desk(clinic.services).tag,
        visit.sequence + 1,
    )
    assert books(clinic, patient(clinic.services, "Ben", phone="+15125550177"), "10:30").status == "booked"
    assert [one.kind for one in rows(clinic.services, OutboxRow)].count("appointment.cancelled") == 1


def test_twice_it_is_called_off_once(clinic: SmallClinic, amara: int) -> None:
    visit = books(clinic, amara, "10:30")
    cancels(clinic, visit)
    cancels(clinic, visit)
    assert [one.kind for one in rows(clinic.services, OutboxRow)].count("appointment.cancelled") == 1


@pytest.mark.req("P1")
def test_buffers_that_must_fit_must_do_so_at_the_desk_too_unless_the_rule_is_overridden(
    clinic: SmallClinic, amara: int
) -> None:
    clinic.settings(buffers_must_fit=True)
    assert why(books, clinic, amara, "16:30") == ("outside_hours", True)  # until 17:00, and ten minutes to clean up
    books(clinic, amara, "16:30", reason="They come from far away")


def late(made: SmallClinic, clock: FixedClock, at: str = "10:30") -> Any:
    """A visit of the patient's own, in two hours: to cancel it costs half of it."""
    visit = of_patient(made, at)
    clock.advance(visit.start_at - timedelta(hours=2) - clock.now())
    return visit


@pytest.mark.req("P5")
@pytest.mark.parametrize(("role", "waives_fee", "fee"), [("front_desk", False, 4750), ("owner", True, 0)])
def test_late_it_costs_what_the_policy_says_or_nothing_as_the_owner_decides(
    clinic: SmallClinic, clock: FixedClock, role: str, waives_fee: bool, fee: int
) -> None:
    visit = late(clinic, clock)
    cancels(clinic, visit, waives_fee=waives_fee, actor=factories.staff(clinic.services, role).actor)
    assert now_of(clinic.services, visit).late_fee_minor == fee
    assert clinic.services.ask(broken) == []


@pytest.mark.req("P18")
def test_waived_however_late_it_is_reported_as_late(clinic: SmallClinic, clock: FixedClock) -> None:
    visit = late(clinic, clock)
    owner = factories.staff(clinic.services).actor
    cancels(clinic, visit, waives_fee=True, actor=owner)
    day = visit.start_at.astimezone(factories.CHICAGO).date()
    found = clinic.services.ask(missed, owner, Asked(periods.between(day, day))).total
    assert (found.late, found.waived, found.in_time) == (1, 1, 0)


@pytest.mark.req("P15")
@pytest.mark.parametrize("role", ["front_desk", "provider"])
def test_a_fee_that_is_due_is_waived_by_nobody_who_may_not_give_money_back(
    clinic: SmallClinic, clock: FixedClock, role: str
) -> None:
    visit = late(clinic, clock)
    with pytest.raises(Conflict, match="desk_fee_due"):
        cancels(clinic, visit, actor=factories.staff(clinic.services, role).actor)
    assert now_of(clinic.services, visit).status == "booked"


def test_only_who_may_charge_a_fee_calls_off_at_one(clinic: SmallClinic, amara: int) -> None:
    visit = books(clinic, amara, "10:30")
    lena = provider(clinic.services, clinic["lena"])
    with pytest.raises(NotAllowed):
        cancels(clinic, visit, waives_fee=False, actor=lena)
    cancels(clinic, visit, actor=lena)


def with_item(made: SmallClinic, clock: FixedClock) -> tuple[Any, int]:
    """Such a visit, which an item of the wallet pays for: the policy asks for no money then."""
    visit = late(made, clock)
    lot = has_items(made.services, visit.patient_id, 1, service_id=made["facial"])
    reserves(made.services, visit, lot)
    rows_ = table(models.Appointment)
    made.services.do(lambda work: work.execute(rows_.update().values(covered_minor=0)))
    return now_of(made.services, visit), lot


def test_waived_by_the_owner_what_the_wallet_was_to_pay_is_free_again_however_late(
    clinic: SmallClinic, clock: FixedClock
) -> None:
    visit, lot = with_item(clinic, clock)
    cancels(clinic, visit, actor=factories.staff(clinic.services).actor)
    assert left(clinic.services, lot) == (1, 0)


def test_what_the_wallet_was_to_pay_is_a_fee_like_any_other(clinic: SmallClinic, clock: FixedClock) -> None:
    visit, lot = with_item(clinic, clock)
    with pytest.raises(Conflict, match="desk_fee_due"):
        cancels(clinic, visit)
    cancels(clinic, visit, waives_fee=False)
    assert left(clinic.services, lot) == (0, 0)


@pytest.mark.parametrize("after", [timedelta(0), timedelta(days=2)])
def test_what_has_begun_is_not_called_off(clinic: SmallClinic, clock: FixedClock, amara: int, after: timedelta) -> None:
    visit = books(clinic, amara, "10:30")
    clock.advance(visit.start_at + after - clock.now())
    with pytest.raises(Conflict, match="visit_begun"):
        cancels(clinic, visit, actor=factories.staff(clinic.services).actor)


def test_without_a_reason_nothing_is_called_off(clinic: SmallClinic, amara: int) -> None:
    visit = books(clinic, amara, "10:30")
    with pytest.raises(Invalid, match="desk_reason_missing"):
        cancels(clinic, visit, reason=" ")


def test_a_visit_the_patient_called_off_meanwhile_is_not_called_off_over_their_head(clinic: SmallClinic) -> None:
    visit = of_patient(clinic)
    clinic.services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=0)
    with pytest.raises(Conflict, match="visit_moved_on"):
        cancels(clinic, visit)


def test_who_is_here_is_not_called_off(clinic: SmallClinic, clock: FixedClock, amara: int) -> None:
    visit = books(clinic, amara, "10:30")
    begins(clock, visit)
    checks_in(clinic.services, visit)
    with pytest.raises(Conflict, match="visit_arrived"):
        cancels(clinic, now_of(clinic.services, visit))


def test_pages_that_watch_are_told_of_a_change_elsewhere(clinic: SmallClinic) -> None:
    before = clinic.services.ask(scheduling.latest_change)
    clinic.services.do(guard.touch, clinic["downtown"], 5, 9)
    assert clinic.services.ask(scheduling.changes_since, before)[-1][1:] == (clinic["downtown"], 5, 9)
