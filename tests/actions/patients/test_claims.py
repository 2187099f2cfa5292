"""A profile kept apart is joined with all that is known under it, or goes its own way with another address (P16)."""

from __future__ import annotations

from typing import Any

import pytest

from clinic_portal.booking import actions
from clinic_portal.booking import desk as booking_desk
from clinic_portal.booking.models import Appointment
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.patients import access, desk, history, joining, notes, profile
from clinic_portal.patients.models import Patient, ProfileClaim
from clinic_portal.patients.queries import claim as claim_sheet
from clinic_portal.patients.types import Contact
from tests import factories
from tests.at_once import meanwhile
from tests.desk_kit import THURSDAY, front_desk, patient
from tests.factories import SmallClinic, minute, rows, small_clinic

pytestmark = pytest.mark.req("P16")
NONE = {"none": "yes"}


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return small_clinic(services)


@pytest.fixture
def known(made: SmallClinic) -> int:
    """Somebody the clinic knows."""
    return patient(made.services)


@pytest.fixture
def apart(services: Services, known: int) -> int:
    """Under their e-mail address, with a number nobody knows."""
    return patient(services, phone="+15125550199")


def token(services: Services) -> str:
    [claim] = rows(services, ProfileClaim)
    return services.ask(claim_sheet, claim.id).token


def joins(services: Services, *, is_mine: bool = True) -> None:
    services.do(actions.answer_claim, token(services), is_mine=is_mine)


def told(services: Services, patient_id: int, kind: str = "allergy", **fields: str) -> str:
    return services.do(history.record, f"patient:{patient_id}", patient_id, kind, fields)


def corrects_email(services: Services, patient_id: int, email: str) -> None:
    seen = desk.fields_of(services.ask(profile.own, patient_id))
    here = {"phone_region": "US", "zone": "America/Chicago"}
    services.do(desk.change, front_desk(services), patient_id, {"email": email}, seen=seen, is_another=True, **here)


def test_alerts_and_notes_are_about_the_profile_it_turned_out_to_be(services: Services, known: int, apart: int) -> None:
    who = front_desk(services)
    services.do(notes.write, who, known, notes.NOTE, "Likes tea")
    services.do(notes.write, who, apart, notes.ALERT, "Faints at needles")
    joins(services)
    assert [one.body for one in services.ask(notes.alerts_of, who, known)] == ["Faints at needles"]
    assert {one.body for one in services.do(notes.open_notes, who, known)} == {"Likes tea", "Faints at needles"}


def test_the_medical_history_is_told_by_the_profile_it_turned_out_to_be(
    services: Services, known: int, apart: int
) -> None:
    told(services, known, name="Nuts", reaction="Hives", severity="mild")
    item = told(services, apart, name="Latex", reaction="Hives", severity="mild")
    typed = {"name": "Latex", "reaction": "Hives", "severity": "severe"}
    services.do(history.amend, f"patient:{apart}", apart, item, typed, seen_version=1)
    joins(services)
    assert [one.fields["name"] for one in services.ask(history.current, known)] == ["Nuts", "Latex"]
    assert [one.fields["severity"] for one in services.ask(history.versions, known, item)] == ["severe", "mild"]
    assert services.ask(history.current, apart) == []


@pytest.mark.parametrize("said_by", ["known", "apart"])
def test_none_known_holds_no_more_where_the_other_told_something(
    services: Services, known: int, apart: int, said_by: str
) -> None:
    none, real = (known, apart) if said_by == "known" else (apart, known)
    told(services, none, **NONE)
    told(services, real, name="Latex", reaction="Hives", severity="mild")
    joins(services)
    assert [one.fields.get("name") for one in services.ask(history.current, known)] == ["Latex"]


def test_none_known_twice_is_said_once(services: Services, known: int, apart: int) -> None:
    for one in (known, apart):
        told(services, one, **NONE)
    joins(services)
    assert len(services.ask(history.current, known)) == 1


def test_a_profile_that_is_not_theirs_keeps_what_is_known_under_it(services: Services, known: int, apart: int) -> None:
    services.do(notes.write, front_desk(services), apart, notes.ALERT, "Faints at needles")
    told(services, apart, name="Latex", reaction="Hives", severity="mild")
    joins(services, is_mine=False)
    assert len(services.ask(notes.alerts_of, front_desk(services), apart)) == 1
    assert len(services.ask(history.current, apart)) == 1


def books(made: SmallClinic, patient_id: int) -> Any:
    def act(work: UnitOfWork) -> None:
        booking_desk.book(
            work,
            who,
            patient_id=patient_id,
            location_id=made["downtown"],
            provider_id=made["lena"],
            service_ids=[made["facial"]],
            start=minute(THURSDAY, "10:00"),
        )

    who = front_desk(made.services)
    return act


def test_nobody_books_under_a_profile_while_it_is_joined(made: SmallClinic, known: int, apart: int) -> None:
    link = token(made.services)
    claims = lambda work: actions.answer_claim(work, link, is_mine=True)  # noqa: E731
    assert meanwhile(made.services, claims, books(made, apart)) == NotAllowed().code
    assert rows(made.services, Appointment) == []


def test_a_visit_booked_while_a_profile_is_joined_moves_with_it(made: SmallClinic, known: int, apart: int) -> None:
    link = token(made.services)
    claims = lambda work: actions.answer_claim(work, link, is_mine=True)  # noqa: E731
    assert meanwhile(made.services, books(made, apart), claims) == "done"
    assert [one.patient_id for one in rows(made.services, Appointment)] == [known]


def test_a_guest_does_not_come_to_a_profile_while_it_is_joined(made: SmallClinic, known: int, apart: int) -> None:
    link = token(made.services)
    came: list[int] = []
    again = Contact("Amara", "Reed", "amara@example.org", "+15125550199")

    def books_again(work: UnitOfWork) -> None:
        came.append(actions.patients.profile_for_booking(work, again, language="en"))

    claims = lambda work: actions.answer_claim(work, link, is_mine=True)  # noqa: E731
    assert meanwhile(made.services, claims, books_again) == "done"
    assert apart not in came


@pytest.mark.req("P15")
def test_an_address_staff_corrected_takes_the_strangers_link_with_it(
    services: Services, known: int, apart: int
) -> None:
    link = token(services)
    corrects_email(services, apart, "amara.reed@example.org")
    with pytest.raises(NotAllowed):
        services.do(actions.answer_claim, link, is_mine=True)
    assert next(one for one in rows(services, Patient) if one.id == apart).merged_into_id is None


@pytest.mark.req("P15")
def test_whose_address_is_another_now_has_no_say_in_what_was_kept_apart_under_the_old_one(
    services: Services, known: int, apart: int
) -> None:
    link = token(services)
    corrects_email(services, known, "amara.reed@example.org")
    with pytest.raises(NotAllowed):
        services.do(actions.answer_claim, link, is_mine=True)


@pytest.mark.req("S20")
@pytest.mark.parametrize("answered", [False, True])
def test_a_profile_with_a_corrected_address_is_welcomed_and_registers_like_any_other(
    services: Services, known: int, apart: int, answered: bool
) -> None:
    if answered:
        joins(services, is_mine=False)
    corrects_email(services, apart, "amara.reed@example.org")
    assert services.do(joining.welcome, apart) is True
    me = factories.patient(services, "amara.reed@example.org", phone="+15125550199")
    assert me.actor.patient_id == apart


def test_an_answer_of_not_mine_still_keeps_a_profile_apart(services: Services, known: int, apart: int) -> None:
    joins(services, is_mine=False)
    assert services.do(joining.welcome, apart) is False


@pytest.mark.req("P15")
def test_another_change_than_of_the_address_leaves_the_question_open(
    services: Services, known: int, apart: int
) -> None:
    seen = desk.fields_of(services.ask(profile.own, apart))
    typed = {"city": "Austin", "email": seen["email"].upper()}
    here = {"phone_region": "US", "zone": "America/Chicago"}
    services.do(desk.change, front_desk(services), apart, typed, seen=seen, **here)
    joins(services)
    assert next(one for one in rows(services, Patient) if one.id == apart).merged_into_id == known


@pytest.mark.req("P15")
def test_two_visits_at_once_make_a_provider_and_a_patient_known_to_each_other_once(
    made: SmallClinic, known: int
) -> None:
    joins_team = lambda work: access.joins_care_team(work, known, made["lena"])  # noqa: E731
    assert meanwhile(made.services, joins_team, joins_team) == "done"
    assert made.services.ask(access.care_of, known) == [made["lena"]]
