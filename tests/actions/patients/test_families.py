"""A family shares an e-mail address: whose profile a registration or a booking means is said by the name."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from clinic_portal.accounts import links, passwords
from clinic_portal.accounts.models import Link
from clinic_portal.core.work import Services
from clinic_portal.patients import desk, joining
from clinic_portal.patients.actions import profile_for_booking
from clinic_portal.patients.models import Patient, ProfileClaim
from clinic_portal.patients.types import Contact
from tests import factories
from tests.factories import PASSWORD, rows, small_clinic

FAMILY, PHONE = "reeds@example.org", "+15125550142"


@pytest.fixture(autouse=True)
def clinic(services: Services) -> None:
    small_clinic(services)


def added(services: Services, given_name: str, birth_on: str = "", *, phone: str = PHONE) -> int:
    typed = {"given_name": given_name, "family_name": "Reed", "email": FAMILY, "phone": phone, "birth_on": birth_on}
    told = {"phone_region": "US", "zone": "America/Chicago", "language": "en"}
    who = factories.staff(services, "front_desk").actor
    return services.do(desk.add, who, typed, is_another=True, **told)


def registered(services: Services, given_name: str, birth_on: str = "", *, phone: str = PHONE) -> int:
    """Somebody registers with the family's address and proves it; the profile they see."""
    contact = Contact(given_name, "Reed", FAMILY, phone)
    hashed = passwords.hashed(services.settings, PASSWORD)
    told = {"password_hash": hashed, "owner": "mine", "address": "10.0.0.1"}
    services.do(joining.register, contact, {"birth_on": birth_on}, **told)
    link = services.ask(links.sheet, max(one.id for one in rows(services, Link)))
    return services.do(joining.confirm, link.token)[1]


def booked_by(services: Services, given_name: str, *, phone: str = PHONE) -> int:
    return services.do(profile_for_booking, Contact(given_name, "Reed", FAMILY, phone), language="en")


def row(services: Services, patient_id: int) -> Any:
    return next(one for one in rows(services, Patient) if one.id == patient_id)


@pytest.mark.req("S20")
def test_who_registers_with_a_familys_address_is_tied_to_the_profile_of_their_name(services: Services) -> None:
    amara, ben = added(services, "Amara"), added(services, "Ben")
    assert registered(services, "BEN") == ben
    assert (row(services, ben).given_name, row(services, amara).account_id) == ("Ben", None)


@pytest.mark.req("S21")
def test_whose_name_no_one_of_the_family_has_gets_a_profile_of_their_own(services: Services) -> None:
    known = [added(services, "Amara"), added(services, "Ben")]
    before = [row(services, one).model_dump() for one in known]
    assert registered(services, "Cleo", phone="+15125550188") not in known
    assert [row(services, one).model_dump() for one in known] == before


@pytest.mark.parametrize(("born", "is_theirs"), [("1961-01-02", True), ("1990-03-14", False), ("", True)])
def test_a_namesake_born_on_another_day_is_another_person(services: Services, born: str, is_theirs: bool) -> None:
    added(services, "Ben", "2018-05-05")
    father = added(services, "Amara", "1961-01-02")
    assert (registered(services, "Amara", born) == father) is is_theirs


def test_of_two_of_one_name_without_a_date_of_birth_nobody_is_guessed(services: Services) -> None:
    known = [added(services, "Amara", "1961-01-02"), added(services, "Amara", "1990-03-14")]
    assert registered(services, "Amara") not in known
    assert {row(services, one).account_id for one in known} == {None}


def test_of_two_of_one_name_the_date_of_birth_says_which(services: Services) -> None:
    added(services, "Amara", "1961-01-02")
    younger = added(services, "Amara", "1990-03-14")
    assert registered(services, "Amara", "1990-03-14") == younger
    assert row(services, younger).birth_on == date(1990, 3, 14)


@pytest.mark.req("S64")
def test_a_guest_booking_of_a_family_is_under_the_profile_of_that_name(services: Services) -> None:
    added(services, "Amara")
    ben = added(services, "Ben")
    assert booked_by(services, "Ben") == ben
    assert row(services, ben).phone_verified_at is not None


@pytest.mark.req("S65")
def test_one_of_a_family_the_clinic_does_not_know_gets_a_profile_and_nobody_is_asked(services: Services) -> None:
    known = [added(services, "Amara"), added(services, "Ben")]
    cleo = booked_by(services, "Cleo")
    assert cleo not in known
    assert rows(services, ProfileClaim) == []
    assert booked_by(services, "Cleo") == cleo


@pytest.mark.req("S64")
def test_the_only_profile_with_the_address_and_number_is_meant_however_the_name_is_spelt(services: Services) -> None:
    amara = added(services, "Amara")
    assert booked_by(services, "A.") == amara
    assert row(services, amara).given_name == "Amara"


@pytest.mark.req("S65")
def test_another_number_under_a_familys_address_is_asked_about_for_the_one_of_that_name(services: Services) -> None:
    added(services, "Amara")
    ben = added(services, "Ben")
    apart = booked_by(services, "Ben", phone="+15125550199")
    [claim] = rows(services, ProfileClaim)
    assert (claim.patient_id, claim.claims_id) == (apart, ben)
