"""Time off and breaks of one day; what is booked then is told, and stays booked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from clinic_portal.booking import absences, desk, holds, stranded
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, NotAllowed, Unusable
from clinic_portal.core.work import Services
from clinic_portal.scheduling import queries as scheduling
from clinic_portal.scheduling.availability import instant
from clinic_portal.scheduling.models import TimeOff
from tests import factories
from tests.desk_kit import THURSDAY, books, front_desk, now_of, patient, refusal, why
from tests.factories import SmallClinic, minute, rows, small_clinic


@pytest.fixture
def clinic(services: Services) -> SmallClinic:
    return small_clinic(services)


@pytest.fixture
def amara(clinic: SmallClinic) -> int:
    return patient(clinic.services)


def span(start: str = "10:00", end: str = "12:00", on: date = THURSDAY) -> dict[str, Any]:
    return {"start_at": instant(minute(on, start)), "end_at": instant(minute(on, end))}


def adds(made: SmallClinic, *, actor: Any = None, kind: Any = "time_off", **more: Any) -> int:
    told = {**span(), "reason": "At the dentist"} | more
    return made.services.do(absences.add, actor or front_desk(made.services), made["lena"], kind=kind, **told)


@pytest.mark.req("P3")
@pytest.mark.parametrize("kind", ["time_off", "break"])
def test_while_somebody_is_away_nobody_books_with_them(clinic: SmallClinic, amara: int, kind: str) -> None:
    adds(clinic, kind=kind)
    assert why(books, clinic, amara, "11:00") == (kind, True)
    with pytest.raises(Exception, match="slot_taken"):
        factories.booked(clinic, "browser", THURSDAY, "11:00", "facial", provider="lena")


def test_once_it_is_removed_they_do(clinic: SmallClinic, amara: int) -> None:
    off_id = adds(clinic)
    clinic.services.do(absences.remove, front_desk(clinic.services), off_id)
    assert books(clinic, amara, "11:00").status == "booked"


@pytest.mark.req("P3")
def test_visits_booked_then_are_told_before_anything_is_added_and_stay_booked(clinic: SmallClinic, amara: int) -> None:
    visit = books(clinic, amara, "11:00")
    with pytest.raises(Conflict, match="visits_stay") as refused:
        adds(clinic)
    assert refused.value.facts == {"visits": 1, "appointment_ids": (visit.appointment_id,)}
    assert rows(clinic.services, TimeOff) == []
    adds(clinic, seen=[visit.appointment_id])
    assert now_of(clinic.services, visit.appointment_id) == visit


def test_one_booked_since_they_looked_is_told_as_well(clinic: SmallClinic, amara: int) -> None:
    first = books(clinic, amara, "11:00")
    second = books(clinic, amara, "10:00")
    with pytest.raises(Conflict) as refused:
        adds(clinic, seen=[first.appointment_id])
    assert refused.value.facts["visits"] == 2
    adds(clinic, seen=[first.appointment_id, second.appointment_id])


def test_what_lies_under_it_is_shown_with_names_the_soonest_first(clinic: SmallClinic, amara: int) -> None:
    later, sooner = books(clinic, amara, "11:30"), books(clinic, amara, "10:00")
    books(clinic, amara, "14:00")
    asked = refusal(adds, clinic).facts["appointment_ids"]
    found = clinic.services.ask(stranded.told, front_desk(clinic.services), asked)
    assert [(one.appointment_id, one.patient_name) for one in found] == [
        (sooner.appointment_id, "Amara Reed"),
        (later.appointment_id, "Amara Reed"),
    ]


def test_a_visit_that_ends_as_it_begins_does_not_lie_under_it(clinic: SmallClinic, amara: int) -> None:
    books(clinic, amara, "09:20", "facial")  # ten minutes of clean-up
    adds(clinic)


@pytest.mark.parametrize(
    ("kind", "start", "end", "is_asked"),
    [
        ("time_off", "09:00", "10:00", False),
        ("time_off", "09:00", "10:01", True),
        ("time_off", "10:10", "10:20", True),
        ("time_off", "10:39", "12:00", True),
        ("time_off", "10:40", "12:00", False),
        ("break", "10:29", "12:00", True),
        ("break", "10:30", "12:00", False),  # a break may be overrun by what is tidied up
    ],
)
def test_a_visit_is_asked_about_where_it_could_not_be_booked_then(
    clinic: SmallClinic, amara: int, kind: str, start: str, end: str, is_asked: bool
) -> None:
    visit = books(clinic, amara, "10:00")  # until 10:30, cleaned up by 10:40
    ben = patient(clinic.services, "Ben", phone="+15125550177")
    books(clinic, ben, "10:00", who="maya")
    if is_asked:
        assert refusal(adds, clinic, kind=kind, **span(start, end)).facts["appointment_ids"] == (visit.appointment_id,)
    else:
        adds(clinic, kind=kind, **span(start, end))
    assert now_of(clinic.services, visit.appointment_id) == visit


def test_one_that_lies_outside_the_hours_already_is_asked_about_like_any_other(clinic: SmallClinic, amara: int) -> None:
    visit = books(clinic, amara, "19:00", reason="Works until six")
    evening = span("18:00", "20:00")
    assert refusal(adds, clinic, **evening).facts["appointment_ids"] == (visit.appointment_id,)


def test_one_that_is_cancelled_or_over_is_in_nobodys_way_and_one_that_is_held_is(
    clinic: SmallClinic, clock: FixedClock, amara: int
) -> None:
    gone, past = books(clinic, amara, "10:00"), books(clinic, amara, "09:00")
    told = {"seen_sequence": gone.sequence, "reason": "Lena is ill", "waives_fee": True}
    clinic.services.do(desk.cancel, factories.staff(clinic.services).actor, gone.appointment_id, **told)
    clock.advance(past.end_at + timedelta(minutes=1) - clock.now())
    factories.visitor(clinic, "b", "facial", provider="lena", email="two@example.org", phone="+15125550143")
    held = clinic.services.do(holds.hold, "b", minute(THURSDAY, "15:00")).appointment_id
    whole_day = span("08:00", "18:00")
    assert refusal(adds, clinic, **whole_day).facts["appointment_ids"] == (held,)


def test_a_break_may_be_overrun_by_what_is_tidied_up_after_a_visit_as_a_weekly_one(
    clinic: SmallClinic, amara: int
) -> None:
    adds(clinic, kind="break", **span("12:00", "12:30"))
    assert why(books, clinic, amara, "11:35") == ("break", True)
    assert books(clinic, amara, "11:30").status == "booked"


def test_what_ends_before_it_begins_is_refused(clinic: SmallClinic) -> None:
    with pytest.raises(Unusable):
        adds(clinic, **span("12:00", "10:00"))


@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_only_who_plans_hours_adds_and_removes(clinic: SmallClinic, role: str) -> None:
    actor, off_id = factories.staff(clinic.services, role).actor, adds(clinic)
    for verb in (
        lambda: adds(clinic, actor=actor),
        lambda: clinic.services.do(absences.remove, actor, off_id),
    ):
        with pytest.raises(NotAllowed):
            verb()


@pytest.mark.parametrize("provider_id", [0, 999])
def test_nobody_is_away_who_is_not_there(clinic: SmallClinic, provider_id: int) -> None:
    clinic.ids["lena"] = provider_id
    with pytest.raises(NotAllowed):
        adds(clinic)


def test_open_calendars_of_the_places_they_work_at_hear_of_it(clinic: SmallClinic) -> None:
    before = clinic.services.ask(scheduling.latest_change)
    off_id = adds(clinic)
    clinic.services.do(absences.remove, front_desk(clinic.services), off_id)
    told = clinic.services.ask(scheduling.changes_since, before)
    wanted = clinic["downtown"], minute(THURSDAY, "10:00"), minute(THURSDAY, "12:00")
    assert [one[1:] for one in told] == [wanted, wanted]
