"""Time off and breaks of one day, clicked into the calendar; what is booked then is told, and stays booked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from clinic_portal.booking import absences
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed, Unusable
from clinic_portal.core.work import Services
from clinic_portal.scheduling import queries as scheduling
from clinic_portal.scheduling.availability import instant
from clinic_portal.scheduling.models import TimeOff
from tests import factories
from tests.desk_kit import THURSDAY, books, front_desk, now_of, patient, why
from tests.factories import SmallClinic, minute, rows, small_clinic

SPRING, AUTUMN = date(2027, 3, 14), date(2027, 11, 7)


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


def pauses(made: SmallClinic, start: int = 720, end: int = 750, *, on: date = THURSDAY, **more: Any) -> int:
    where = made["lena"], made["downtown"]
    return made.services.do(absences.add_break, front_desk(made.services), *where, on, start, end, **more)


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
    with pytest.raises(Conflict, match="visits_in_the_way") as refused:
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
    found = clinic.services.ask(absences.under, front_desk(clinic.services), clinic["lena"], *span().values())
    assert [(one.appointment_id, one.patient_name) for one in found] == [
        (sooner.appointment_id, "Amara Reed"),
        (later.appointment_id, "Amara Reed"),
    ]


def test_a_visit_that_ends_as_it_begins_does_not_lie_under_it(clinic: SmallClinic, amara: int) -> None:
    books(clinic, amara, "09:20", "facial")  # ten minutes of clean-up
    adds(clinic)


@pytest.mark.parametrize(("on", "hours"), [(SPRING, 1), (AUTUMN, 3)])
def test_a_break_between_two_times_on_the_wall_is_as_long_as_the_clock_makes_it(
    clinic: SmallClinic, on: date, hours: int
) -> None:
    pauses(clinic, 60, 180, on=on)
    (row,) = rows(clinic.services, TimeOff)
    assert (row.kind, row.end_at - row.start_at) == ("break", timedelta(hours=hours))


def test_a_break_may_be_overrun_by_what_is_tidied_up_after_a_visit_as_a_weekly_one(
    clinic: SmallClinic, amara: int
) -> None:
    pauses(clinic)
    assert why(books, clinic, amara, "11:35") == ("break", True)
    assert books(clinic, amara, "11:30").status == "booked"


@pytest.mark.parametrize(("start", "end"), [(750, 720), (720, 720), (-5, 30), (1430, 1445)])
def test_a_break_lies_within_a_day(clinic: SmallClinic, start: int, end: int) -> None:
    with pytest.raises(Invalid):
        pauses(clinic, start, end)


def test_what_ends_before_it_begins_is_refused(clinic: SmallClinic) -> None:
    with pytest.raises(Unusable):
        adds(clinic, **span("12:00", "10:00"))


@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_only_who_plans_hours_adds_removes_and_looks(clinic: SmallClinic, role: str) -> None:
    actor, off_id = factories.staff(clinic.services, role).actor, adds(clinic)
    for verb in (
        lambda: adds(clinic, actor=actor),
        lambda: clinic.services.do(absences.remove, actor, off_id),
        lambda: clinic.services.ask(absences.under, actor, clinic["lena"], *span().values()),
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
