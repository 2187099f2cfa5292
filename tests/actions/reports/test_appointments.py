"""The appointments of a period, counted by hand (P18)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic_portal.clinic import models as clinic
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.reports import periods
from clinic_portal.reports.visits import Appointments, Tally, appointments, missed
from tests import factories
from tests.factories import SmallClinic
from tests.reports_kit import at, has_visit, of, reads, second_place, someone

pytestmark = pytest.mark.req("P18")
TENTH = date(2026, 11, 10)


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


def november(made: SmallClinic, **more: object) -> Appointments:
    found = reads(made.services, appointments, of(**more))
    assert isinstance(found, Appointments)
    return found


def test_an_empty_clinic_has_empty_figures(made: SmallClinic) -> None:
    found = november(made)
    assert (found.total, found.before, found.by_service, found.online) == (Tally(), Tally(), (), 0)
    assert len(found.by_piece) == 30


def test_each_appointment_counts_once_by_what_became_of_it(made: SmallClinic, clock: FixedClock) -> None:
    for status in ("fulfilled", "fulfilled", "arrived", "noshow", "cancelled", "booked"):
        has_visit(made, at(TENTH), status)
    has_visit(made, clock.now() + timedelta(hours=1), "booked")
    found = november(made).total
    assert found == Tally(took_place=2, arrived=1, to_come=1, unmarked=1, noshow=1, cancelled=1)
    assert (found.all, found.due) == (7, 5)


def test_a_time_that_was_only_held_is_no_appointment(made: SmallClinic) -> None:
    has_visit(made, at(TENTH), "held")
    has_visit(made, at(TENTH), "expired")
    assert november(made).total == Tally()


def test_the_days_are_those_of_the_location(made: SmallClinic) -> None:
    for on, clock in ((date(2026, 10, 31), "23:59"), (date(2026, 11, 1), "00:00"), (date(2026, 11, 30), "23:59")):
        has_visit(made, at(on, clock))
    has_visit(made, at(date(2026, 12, 1), "00:00"))
    found = november(made)
    assert found.total.all == 2
    assert [number for number, one in enumerate(found.by_piece) if one.all] == [0, 29]
    assert found.before.all == 1


@pytest.mark.parametrize(("on", "last_clock"), [(date(2026, 11, 1), "23:59"), (date(2026, 3, 8), "23:59")])
def test_a_day_of_a_clock_change_holds_all_its_hours(made: SmallClinic, on: date, last_clock: str) -> None:
    has_visit(made, at(on, "00:30"))
    has_visit(made, at(on, "01:30"))
    has_visit(made, at(on, last_clock))
    day = periods.between(on, on)
    assert reads(made.services, appointments, of(day)).total.all == 3


def test_two_locations_count_each_by_their_own_days(made: SmallClinic) -> None:
    """09:00 in Auckland on the 10th is the afternoon of the 9th in Chicago."""
    there = second_place(made, "Pacific/Auckland")
    from zoneinfo import ZoneInfo

    has_visit(made, at(TENTH, "09:00", ZoneInfo("Pacific/Auckland")), location_id=there)
    has_visit(made, at(date(2026, 11, 9), "14:00"))
    found = november(made)
    assert [one.all for one in found.by_piece[8:10]] == [1, 1]
    assert found.by_location == (("Lumen Downtown", Tally(took_place=1)), ("Lumen annex", Tally(took_place=1)))
    assert november(made, location_id=there).by_piece[9].all == 1
    assert november(made, location_id=there).total.all == 1


def test_one_provider_is_looked_at_alone(made: SmallClinic) -> None:
    has_visit(made, at(TENTH), provider="maya")
    has_visit(made, at(TENTH), provider="lena")
    found = november(made, provider_id=made["lena"])
    assert found.by_provider == (("Lena Brandt RN", Tally(took_place=1)),)
    assert found.total.all == 1


def test_one_with_two_services_counts_with_each_and_once_in_all(made: SmallClinic) -> None:
    has_visit(made, at(TENTH), "fulfilled", "facial", "peel")
    has_visit(made, at(TENTH), "noshow", "peel")
    found = november(made)
    assert dict(found.by_service) == {
        "Chemical peel": Tally(took_place=1, noshow=1),
        "Hydrating facial": Tally(took_place=1),
    }
    assert found.by_service[0][0] == "Chemical peel"
    assert found.total.all == 2


def test_a_retired_service_and_provider_are_counted_still(made: SmallClinic) -> None:
    has_visit(made, at(TENTH), "fulfilled", "peel", provider="lena")
    made.change(clinic.Service, "peel", is_active=False)
    made.change(clinic.Provider, "lena", is_active=False)
    found = november(made)
    assert (found.by_service[0][0], found.by_provider[0][0]) == ("Chemical peel", "Lena Brandt RN")


def test_two_providers_of_one_name_stay_two(made: SmallClinic) -> None:
    made.change(clinic.Provider, "lena", name="Dr. Maya Osei")
    has_visit(made, at(TENTH), provider="maya")
    has_visit(made, at(TENTH), provider="lena")
    assert len(november(made).by_provider) == 2


def test_who_booked_is_told(made: SmallClinic) -> None:
    has_visit(made, at(TENTH))
    has_visit(made, at(TENTH), booked_by="staff:2")
    has_visit(made, at(TENTH), booked_by="staff:3")
    found = november(made)
    assert (found.online, found.by_staff) == (1, 2)


def test_a_patient_is_new_with_their_first_visit_and_returns_with_the_next(made: SmallClinic) -> None:
    amara, bea = someone(made.services), someone(made.services)
    has_visit(made, at(date(2026, 9, 1)), patient_id=amara)
    has_visit(made, at(TENTH), patient_id=amara)
    has_visit(made, at(TENTH, "11:00"), patient_id=bea)
    has_visit(made, at(TENTH, "15:00"), patient_id=bea)
    found = november(made)
    assert (found.first_visits, found.returning) == (1, 2)


def test_a_cancelled_visit_before_leaves_a_patient_new(made: SmallClinic) -> None:
    amara = someone(made.services)
    has_visit(made, at(date(2026, 11, 2)), "cancelled", patient_id=amara)
    has_visit(made, at(TENTH), patient_id=amara)
    assert (november(made).first_visits, november(made).returning) == (1, 0)


def test_a_patient_is_new_once_however_often_they_cancelled_and_did_not_come(made: SmallClinic) -> None:
    amara = someone(made.services)
    for day, status in ((2, "cancelled"), (3, "cancelled"), (4, "noshow"), (10, "fulfilled"), (17, "cancelled")):
        has_visit(made, at(date(2026, 11, day)), status, patient_id=amara)
    assert (november(made).first_visits, november(made).returning) == (1, 0)


def test_of_two_that_begin_at_once_one_is_the_first(made: SmallClinic) -> None:
    amara = someone(made.services)
    for provider in ("maya", "lena"):
        has_visit(made, at(TENTH), patient_id=amara, provider=provider)
    assert (november(made).first_visits, november(made).returning) == (1, 1)


def test_no_shows_are_told_of_those_that_were_due(made: SmallClinic) -> None:
    for status in ("fulfilled", "fulfilled", "fulfilled", "noshow"):
        has_visit(made, at(TENTH), status)
    has_visit(made, at(TENTH), "cancelled", late_fee_minor=5000)
    has_visit(made, at(TENTH), "cancelled", waived_fee_minor=5000, cancelled_by="staff:2")
    has_visit(made, at(TENTH), "cancelled", cancelled_by="staff:2")
    found = reads(made.services, missed)
    assert (found.total.tally.noshow, found.total.tally.due, found.total.tally.all) == (1, 4, 7)
    assert (found.total.late, found.total.in_time, found.total.by_staff) == (2, 1, 2)
    assert found.total.waived == 1
    assert found.by_provider[0][1] == found.by_location[0][1] == found.total
    assert found.by_piece[9] == found.total


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
@pytest.mark.parametrize("report", [appointments, missed])
def test_only_the_owner_reads_reports(made: SmallClinic, role: str, report: object) -> None:
    with pytest.raises(NotAllowed):
        reads(made.services, report, role=role)  # type: ignore[arg-type]


@pytest.mark.parametrize("where", [{"location_id": 99}, {"provider_id": 99}])
def test_a_location_or_provider_that_is_not_there_is_not_told(made: SmallClinic, where: dict[str, int]) -> None:
    with pytest.raises(NotAllowed):
        november(made, **where)
