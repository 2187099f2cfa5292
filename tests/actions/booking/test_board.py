"""What the calendar shows of a place: its visits, its people, and when nobody can be booked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from clinic_portal.booking import changes, fees, holds, queries
from clinic_portal.booking.board import Board, board
from clinic_portal.booking.models import Appointment
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import models as clinic_models
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.patients.models import PatientNote
from clinic_portal.payments.books import change as changes_payment
from clinic_portal.scheduling import editing
from clinic_portal.scheduling.availability import instant
from clinic_portal.scheduling.models import WeeklyBreak, WeeklyShift
from tests import factories, forms_kit
from tests.card_kit import till
from tests.desk_kit import FRIDAY, THURSDAY, books, front_desk, looks, on_board, patient, provider
from tests.factories import CHICAGO, SmallClinic, minute, rows, small_clinic
from tests.visits_kit import begins, checks_in, checks_out

SPRING, AUTUMN = date(2027, 3, 14), date(2027, 11, 7)


@pytest.fixture
def clinic(services: Services) -> SmallClinic:
    return small_clinic(services)


@pytest.fixture
def amara(clinic: SmallClinic) -> int:
    return patient(clinic.services)


def ben(made: SmallClinic) -> int:
    return patient(made.services, "Ben", phone="+15125550177")


def walls(found: Board, kind: str, provider_id: int) -> list[tuple[str, str]]:
    """Blocks of a kind, as the clock on the wall shows them."""

    def wall(at: datetime) -> str:
        return at.astimezone(CHICAGO).strftime("%a %H:%M")

    return [
        (wall(one.start_at), wall(one.end_at))
        for one in found.blocks
        if (one.kind, one.provider_id) == (kind, provider_id)
    ]


def away(
    made: SmallClinic, start: str, end: str, *, on: date = THURSDAY, kind: Any = "time_off", who: str = "lena"
) -> int:
    span: dict[str, Any] = {"start_at": instant(minute(on, start)), "end_at": instant(minute(on, end))}
    return made.services.do(
        editing.add_time_off, front_desk(made.services), made[who], **span, reason="At the dentist", kind=kind
    )


@contextmanager
def counted(services: Services) -> Iterator[list[str]]:
    """The statements that are run meanwhile."""
    told: list[str] = []

    def tell(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        told.append(statement)

    event.listen(services.database.engine, "before_cursor_execute", tell)
    try:
        yield told
    finally:
        event.remove(services.database.engine, "before_cursor_execute", tell)


# ---- visits ----------------------------------------------------------------------------------------------------------


@pytest.mark.req("P15")
def test_a_visit_says_who_comes_when_for_what_and_where(clinic: SmallClinic, amara: int) -> None:
    visit = books(clinic, amara, "10:30", "facial", "peel")
    shown = on_board(looks(clinic), visit)
    assert (shown.patient_id, shown.patient_name, shown.service_names) == (
        amara,
        "Amara Reed",
        ("Hydrating facial", "Chemical peel"),
    )
    assert (shown.start_at, shown.end_at, shown.unit_ids) == (visit.start_at, visit.end_at, (clinic["room-1"],))
    assert (shown.status, shown.sequence, shown.reference) == ("booked", visit.sequence, visit.reference)
    assert (shown.total_minor, shown.currency, shown.is_override) == (27500, "USD", False)


def test_the_visits_of_the_days_that_are_shown_stand_there_and_no_others(clinic: SmallClinic, amara: int) -> None:
    first = books(clinic, amara, "09:00")
    second = books(clinic, amara, "16:30", on=FRIDAY)
    books(clinic, amara, "09:00", on=FRIDAY + timedelta(days=1))
    assert [one.appointment_id for one in looks(clinic, days=2).visits] == [first.appointment_id, second.appointment_id]


def test_a_visit_at_midnight_belongs_to_the_day_that_begins(clinic: SmallClinic, amara: int) -> None:
    books(clinic, amara, "00:00", reason="A night shift")
    assert len(looks(clinic).visits) == 1
    assert looks(clinic, THURSDAY - timedelta(days=1)).visits == ()


def test_neither_holds_nor_what_was_cancelled_stands_there(clinic: SmallClinic, amara: int) -> None:
    gone = books(clinic, amara, "10:30")
    clinic.services.do(changes.cancel, amara, gone.reference, shown_fee_minor=0)
    factories.visitor(clinic, "browser", "facial", provider="lena", email="b@example.org", phone="+15125550177")
    clinic.services.do(holds.hold, "browser", minute(THURSDAY, "14:00"))
    assert looks(clinic).visits == ()


def test_who_came_who_is_done_and_who_did_not_come_stand_there(
    clinic: SmallClinic, clock: FixedClock, amara: int
) -> None:
    came, done, missed = (books(clinic, amara, at) for at in ("09:00", "10:00", "11:00"))
    begins(clock, missed)
    checks_in(clinic.services, came)
    checks_out(clinic.services, done)
    owner = factories.staff(clinic.services).actor
    clinic.services.do(fees.charge_noshow, owner, missed.appointment_id, shown_fee_minor=0)
    assert [one.status for one in looks(clinic).visits] == ["arrived", "fulfilled", "noshow"]


def test_another_places_visits_are_not_here(clinic: SmallClinic, amara: int) -> None:
    books(clinic, amara, "10:30")
    other = clinic_models.Location(
        slug="north", name="North", street="1 Main", city="Austin", time_zone="America/Denver"
    )
    clinic.services.do(lambda work: work.session.add(other))
    clinic.settings(tagline="Two places")
    north = max(one.id for one in rows(clinic.services, clinic_models.Location))
    found = clinic.services.ask(board, front_desk(clinic.services), north, THURSDAY)
    assert (found.visits, found.providers, found.units, found.time_zone) == ((), (), (), "America/Denver")


# ---- what the desk must know -----------------------------------------------------------------------------------------


def test_the_first_visit_of_a_patient_is_told_from_the_later_ones(clinic: SmallClinic, amara: int) -> None:
    first = books(clinic, amara, "10:30")
    second = books(clinic, amara, "10:30", on=FRIDAY)
    found = looks(clinic, days=2)
    assert (on_board(found, first).is_first, on_board(found, second).is_first) == (True, False)


def test_a_visit_that_was_cancelled_is_nobodys_first(clinic: SmallClinic, amara: int) -> None:
    gone = books(clinic, amara, "10:30")
    clinic.services.do(changes.cancel, amara, gone.reference, shown_fee_minor=0)
    visit = books(clinic, amara, "10:30", on=FRIDAY)
    assert on_board(looks(clinic, FRIDAY), visit).is_first


@pytest.mark.req("S40")
def test_forms_that_are_missing_are_counted(clinic: SmallClinic, amara: int) -> None:
    forms_kit.put(clinic, "intake", "questionnaire", forms_kit.INTAKE, ("facial",))
    forms_kit.put(clinic, "consent", "consent", forms_kit.CONSENT, ("facial",))
    visit = books(clinic, amara, "10:30")
    assert on_board(looks(clinic), visit).forms_missing == 2


def test_a_form_that_comes_in_is_missing_no_more_and_open_pages_hear_of_it(clinic: SmallClinic, amara: int) -> None:
    from clinic_portal.booking import paperwork
    from clinic_portal.scheduling import queries as scheduling

    forms_kit.put(clinic, "intake", "questionnaire", forms_kit.INTAKE, ("facial",))
    visit = books(clinic, amara, "10:30")
    (paper,) = clinic.services.ask(paperwork.to_do, amara)
    before = clinic.services.ask(scheduling.latest_change)
    forms_kit.fill_intake(clinic.services, amara, paper.request.id)
    assert on_board(looks(clinic), visit).forms_missing == 0
    assert len(clinic.services.ask(scheduling.changes_since, before)) == 1


def test_a_fee_that_could_not_be_charged_marks_its_visit_and_the_patients_next(
    clinic: SmallClinic, clock: FixedClock
) -> None:
    from tests.fees_kit import owes_fee

    fee = owes_fee(clinic, till(clinic.services), clock)
    assert fee.patient_id is not None
    on = clock.now().astimezone(CHICAGO).date() + timedelta(days=3)
    coming = books(clinic, fee.patient_id, "10:30", on=on)
    other = books(clinic, ben(clinic), "11:30", on=on)
    found = looks(clinic, on)
    assert (on_board(found, coming).is_unpaid, on_board(found, other).is_unpaid) == (True, False)
    clinic.services.do(changes_payment, fee.id, account="stripe:test")  # that the clinic tried before
    assert not on_board(looks(clinic, on), coming).is_unpaid


def test_an_alert_stands_on_each_visit_of_its_patient_until_it_is_ended(clinic: SmallClinic, amara: int) -> None:
    visit, other = books(clinic, amara, "10:30"), books(clinic, ben(clinic), "11:30")
    note: dict[str, Any] = {
        "patient_id": amara,
        "body": "sealed",
        "written_at": visit.booked_at,
        "written_by": "staff:1",
    }

    def write(work: Any) -> None:
        work.session.add(PatientNote(**note, nonce="a", kind="note"))
        work.session.add(PatientNote(**note, nonce="b", kind="alert", ended_at=work.now))

    clinic.services.do(write)
    assert not on_board(looks(clinic), visit).has_alert
    clinic.services.do(lambda work: work.session.add(PatientNote(**note, nonce="c", kind="alert")))
    found = looks(clinic)
    assert (on_board(found, visit).has_alert, on_board(found, other).has_alert) == (True, False)


# ---- who works there -------------------------------------------------------------------------------------------------


def test_who_works_there_on_one_of_the_days_has_a_column(clinic: SmallClinic) -> None:
    def off(work: Any) -> None:
        for one in work.session.exec(select(WeeklyShift).where(WeeklyShift.provider_id == clinic["lena"])).scalars():
            if one.weekday != FRIDAY.weekday():
                work.session.delete(one)

    clinic.services.do(off)
    clinic.settings(tagline="Lena works on Fridays")
    assert [one.id for one in looks(clinic).providers] == [clinic["maya"]]
    assert [one.id for one in looks(clinic, days=2).providers] == [clinic["maya"], clinic["lena"]]


def test_who_was_switched_off_and_has_a_visit_stands_at_the_end(clinic: SmallClinic, amara: int) -> None:
    books(clinic, amara, "10:30", who="maya")
    clinic.change(clinic_models.Provider, "maya", is_active=False)
    told = [(one.name, one.is_active) for one in looks(clinic).providers]
    assert told == [("Lena Brandt RN", True), ("Dr. Maya Osei", False)]


def test_rooms_and_devices_of_the_place_are_told(clinic: SmallClinic) -> None:
    assert [one.name for one in looks(clinic).units] == ["Room 1", "Room 2", "Laser 1"]


# ---- when nobody can be booked ---------------------------------------------------------------------------------------


def test_before_and_after_their_hours_they_are_off(clinic: SmallClinic) -> None:
    assert walls(looks(clinic), "off", clinic["lena"]) == [("Thu 00:00", "Thu 09:00"), ("Thu 17:00", "Fri 00:00")]


@pytest.mark.parametrize(("on", "hours"), [(SPRING, 8), (AUTUMN, 10)])
def test_on_the_days_the_clocks_change_the_morning_is_an_hour_shorter_or_longer(
    clinic: SmallClinic, on: date, hours: int
) -> None:
    found = [one for one in looks(clinic, on).blocks if one.provider_id == clinic["lena"]]
    assert [one.end_at - one.start_at for one in found] == [timedelta(hours=hours), timedelta(hours=7)]
    assert walls(looks(clinic, on), "off", clinic["lena"]) == [("Sun 00:00", "Sun 09:00"), ("Sun 17:00", "Mon 00:00")]


@pytest.mark.parametrize("on", [SPRING, AUTUMN])
def test_a_week_over_a_change_of_the_clocks_keeps_wall_times(clinic: SmallClinic, on: date) -> None:
    found = looks(clinic, on - timedelta(days=3), days=7)
    offs = walls(found, "off", clinic["lena"])
    assert {(start[4:], end[4:]) for start, end in offs} == {("00:00", "09:00"), ("17:00", "00:00")}
    assert len(offs) == 14


def test_weekly_breaks_stand_in_their_hours(clinic: SmallClinic) -> None:
    def pause(work: Any) -> None:
        for one in work.session.exec(select(WeeklyShift).where(WeeklyShift.provider_id == clinic["lena"])).scalars():
            work.session.add(WeeklyBreak(shift_id=one.id, start_minute=720, end_minute=750))

    clinic.services.do(pause)
    clinic.settings(tagline="Lunch")
    assert walls(looks(clinic), "break", clinic["lena"]) == [("Thu 12:00", "Thu 12:30")]
    assert walls(looks(clinic, SPRING), "break", clinic["lena"]) == [("Sun 12:00", "Sun 12:30")]


def test_time_off_and_a_break_of_one_day_can_be_ended_by_their_number(clinic: SmallClinic) -> None:
    off = away(clinic, "09:00", "10:00")
    pause = away(clinic, "12:00", "12:30", kind="break")
    told = {(one.kind, one.time_off_id) for one in looks(clinic).blocks if one.time_off_id}
    assert told == {("time_off", off), ("break", pause)}
    assert walls(looks(clinic), "break", clinic["lena"]) == [("Thu 12:00", "Thu 12:30")]


def test_time_off_of_several_days_is_cut_to_what_is_shown(clinic: SmallClinic) -> None:
    span: dict[str, Any] = {
        "start_at": instant(minute(THURSDAY - timedelta(days=2), "09:00")),
        "end_at": instant(minute(FRIDAY, "12:00")),
    }
    clinic.services.do(editing.add_time_off, front_desk(clinic.services), clinic["lena"], **span, reason="")
    assert walls(looks(clinic), "time_off", clinic["lena"]) == [("Thu 00:00", "Fri 00:00")]


def test_why_somebody_is_away_is_told_to_those_who_plan_and_to_themselves(clinic: SmallClinic) -> None:
    away(clinic, "09:00", "10:00")

    def reasons(actor: Any) -> list[str]:
        return [one.reason for one in looks(clinic, actor=actor).blocks if one.kind == "time_off"]

    assert reasons(front_desk(clinic.services)) == ["At the dentist"]
    assert reasons(provider(clinic.services, clinic["lena"])) == ["At the dentist"]
    assert reasons(provider(clinic.services, clinic["maya"])) == [""]
    assert reasons(factories.staff(clinic.services, "read_only").actor) == [""]


def test_a_closed_day_is_closed_for_everyone(clinic: SmallClinic) -> None:
    clinic.services.do(lambda work: work.session.add(clinic_models.Holiday(on=THURSDAY, name="A feast")))
    clinic.settings(tagline="Closed on Thursday")
    found = looks(clinic)
    assert {(one.kind, one.provider_id) for one in found.blocks} == {
        ("holiday", clinic["maya"]),
        ("holiday", clinic["lena"]),
    }
    assert walls(found, "holiday", clinic["lena"]) == [("Thu 00:00", "Fri 00:00")]


# ---- who may see what ------------------------------------------------------------------------------------------------


@pytest.mark.req("P15")
def test_a_provider_of_their_own_calendar_gets_only_that(clinic: SmallClinic, amara: int) -> None:
    mine, other = books(clinic, amara, "10:30", who="maya"), books(clinic, ben(clinic), "10:30", who="lena")
    maya = provider(clinic.services, clinic["maya"], sees_every_calendar=False)
    found = looks(clinic, actor=maya)
    assert [one.appointment_id for one in found.visits] == [mine.appointment_id]
    assert [one.id for one in found.providers] == [clinic["maya"]]
    assert {one.provider_id for one in found.blocks} == {clinic["maya"]}
    assert other.appointment_id not in {one.appointment_id for one in found.visits}
    with pytest.raises(NotAllowed):
        looks(clinic, actor=maya, provider_id=clinic["lena"])


def test_one_who_has_no_calendar_gets_an_empty_one(clinic: SmallClinic, amara: int) -> None:
    books(clinic, amara, "10:30")
    nobody = replace(provider(clinic.services, 1, sees_every_calendar=False), provider_id=None)
    found = looks(clinic, actor=nobody)
    assert (found.visits, found.providers, found.blocks) == ((), (), ())


def test_narrowed_to_one_it_shows_one(clinic: SmallClinic, amara: int) -> None:
    books(clinic, amara, "10:30", who="lena")
    found = looks(clinic, provider_id=clinic["maya"])
    assert ([one.id for one in found.providers], found.visits) == ([clinic["maya"]], ())


@pytest.mark.req("P15")
def test_of_patients_they_may_not_see_a_provider_sees_only_that_the_time_is_taken(
    clinic: SmallClinic, amara: int
) -> None:
    visit = books(clinic, amara, "10:30", who="lena")
    maya = provider(clinic.services, clinic["maya"], sees_every_patient=False)
    shown = on_board(looks(clinic, actor=maya), visit)
    assert (shown.patient_id, shown.patient_name, shown.service_names, shown.reference) == (0, "", (), "")
    assert (shown.total_minor, shown.is_first, shown.has_alert, shown.forms_missing) == (0, False, False, 0)
    assert (shown.start_at, shown.provider_id) == (visit.start_at, clinic["lena"])


def test_forms_fees_and_alerts_are_for_those_who_handle_them(clinic: SmallClinic, amara: int) -> None:
    forms_kit.put(clinic, "intake", "questionnaire", forms_kit.INTAKE, ("facial",))
    visit = books(clinic, amara, "10:30")
    note: dict[str, Any] = {
        "patient_id": amara,
        "body": "sealed",
        "written_at": visit.booked_at,
        "written_by": "staff:1",
    }
    clinic.services.do(lambda work: work.session.add(PatientNote(**note, nonce="c", kind="alert")))
    shown = on_board(looks(clinic, actor=factories.staff(clinic.services, "read_only").actor), visit)
    assert (shown.forms_missing, shown.has_alert, shown.patient_name) == (0, False, "Amara Reed")


@pytest.mark.parametrize("location_id", [0, 999])
def test_a_place_that_is_not_there_is_refused(clinic: SmallClinic, location_id: int) -> None:
    with pytest.raises(NotAllowed):
        clinic.services.ask(board, front_desk(clinic.services), location_id, THURSDAY)


# ---- what it costs ---------------------------------------------------------------------------------------------------


def test_a_full_week_takes_as_many_statements_as_a_day_with_a_visit(clinic: SmallClinic) -> None:
    forms_kit.put(clinic, "intake", "questionnaire", forms_kit.INTAKE, ("facial",))
    actor = front_desk(clinic.services)
    for n in range(6):
        whose = patient(clinic.services, f"Patient{'abcdef'[n]}", phone=f"+1512555018{n}")
        books(clinic, whose, f"{9 + n}:00", on=FRIDAY, who=("maya", "lena")[n % 2])
        if n == 0:
            looks(clinic, FRIDAY, actor=actor)
            with counted(clinic.services) as few:
                looks(clinic, FRIDAY, actor=actor)
    clinic.change(clinic_models.Provider, "maya", is_active=False)
    looks(clinic, THURSDAY, actor=actor, days=7)
    with counted(clinic.services) as many:
        looks(clinic, THURSDAY, actor=actor, days=7)
    assert len(many) <= len(few) + 1, "one more for the names of those who left"
    assert len(many) <= 14


def test_visit_and_board_agree_on_what_is_booked(clinic: SmallClinic, amara: int) -> None:
    visit: Visit = books(clinic, amara, "10:30")
    (row,) = rows(clinic.services, Appointment)
    assert (on_board(looks(clinic), visit).appointment_id, row.id) == (row.id, visit.appointment_id)
    assert clinic.services.ask(queries.visit, row.id) == visit
