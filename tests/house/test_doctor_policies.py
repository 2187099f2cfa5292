"""What `clinic-portal doctor` says of policies and the hold on a card."""

from __future__ import annotations

import pytest

from clinic_portal.clinic import models as clinic
from clinic_portal.core.work import Services
from clinic_portal.doctor import examine
from tests.factories import SmallClinic, small_clinic


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return small_clinic(services)


def levels(services: Services, words: str) -> list[str]:
    """The levels of the findings that hold these words."""
    return [one.level for one in examine(services) if words in one.text]


def test_a_hold_less_than_cards_take_is_a_fault(made: SmallClinic, services: Services) -> None:
    assert levels(services, "The hold on a card") == []
    made.settings(card_hold_minor=30)
    assert levels(services, "The hold on a card") == ["fault"]


def test_a_clinic_without_any_policy_is_told(made: SmallClinic, services: Services) -> None:
    assert levels(services, "No cancellation policy is in force") == []
    made.change(clinic.PolicyVersion, "policy", is_in_force=False)
    assert levels(services, "No cancellation policy is in force") == ["warn"]


def test_a_clinic_whose_only_policy_is_a_services_own_is_told_how_many_services_have_none(
    made: SmallClinic, services: Services
) -> None:
    made.change(clinic.PolicyVersion, "policy", service_id=made["peel"])
    made.change(clinic.Service, "peel", policy_rule="own")
    assert levels(services, "3 services are booked without") == ["warn"]


def test_a_fee_in_another_currency_is_a_fault(made: SmallClinic, services: Services) -> None:
    made.change(clinic.PolicyVersion, "policy", fee_minor=5000, fee_percent=None)
    assert levels(services, "another currency") == []
    made.settings(currency="EUR")
    assert levels(services, "another currency") == ["fault"]


def test_a_policy_that_says_nothing_of_the_card_is_told(made: SmallClinic, services: Services) -> None:
    assert levels(services, "does not say what the patient’s card") == ["warn"]
    made.change(clinic.PolicyVersion, "policy", card_text="You allow us to charge it.")
    assert levels(services, "does not say what the patient’s card") == []
