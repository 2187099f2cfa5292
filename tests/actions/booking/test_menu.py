"""What staff may book for a patient, at which price, and what the patient will get (P15)."""

from __future__ import annotations

from typing import Any

import pytest

from clinic_portal.booking import menu
from clinic_portal.booking.menu import Offer
from clinic_portal.clinic import models as clinic
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from tests import factories
from tests.actions.booking.test_arrivals import narrowed
from tests.factories import SmallClinic
from tests.forms_kit import put_all
from tests.member_kit import is_on_plan
from tests.visits_kit import has_items

pytestmark = pytest.mark.req("P15")


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def amara(services: Services, made: SmallClinic) -> int:
    return int(factories.patient(services).actor.patient_id)


def offers(services: Services, made: SmallClinic, patient_id: int | None, role: str = "front_desk") -> dict[str, Offer]:
    actor = factories.staff(services, role).actor
    shelves = services.ask(menu.menu, actor, location_id=made["downtown"], patient_id=patient_id)
    return {one.name: one for shelf in shelves for one in shelf.offers}


def test_every_service_is_offered_by_category_also_those_not_bookable_online(
    services: Services, made: SmallClinic
) -> None:
    made.change(clinic.Service, "peel", is_bookable_online=False)
    found = offers(services, made, None)
    assert list(found) == ["Botox — forehead", "Hydrating facial", "Chemical peel", "Laser hair removal"]
    assert (found["Chemical peel"].minutes, found["Chemical peel"].price_minor) == (60, 18000)


def test_a_members_price_and_what_their_wallet_holds_are_told(
    services: Services, made: SmallClinic, amara: int
) -> None:
    is_on_plan(services, amara, 10)
    has_items(services, amara, 3, service_id=made["facial"])
    facial = offers(services, made, amara)["Hydrating facial"]
    assert (facial.price_minor, facial.list_price_minor, facial.in_wallet) == (8550, 9500, 3)
    assert offers(services, made, None)["Hydrating facial"].price_minor == 9500


def test_what_needs_a_device_that_stands_elsewhere_says_so(services: Services, made: SmallClinic) -> None:
    made.change(clinic.PoolUnit, "laser-1", is_active=False)
    found = offers(services, made, None)
    assert (found["Laser hair removal"].is_here, found["Chemical peel"].is_here) == (False, True)


def test_those_who_perform_all_of_it_are_named(services: Services, made: SmallClinic) -> None:
    known = factories.seen(made)
    assert menu.performers(known, [made["facial"]]) == [made["maya"], made["lena"]]
    assert menu.performers(known, [made["facial"], made["peel"]]) == [made["lena"]]
    assert menu.performers(known, [made["botox"], made["peel"]]) == []


def test_what_the_patient_will_get_is_told_without_what_comes_after(
    services: Services, made: SmallClinic, amara: int
) -> None:
    put_all(made)
    actor = factories.staff(services, "front_desk").actor
    found = services.ask(menu.promised, actor, amara, [made["botox"]])
    assert (found.email, found.phone) == ("amara@example.org", factories.MOBILE)
    assert found.forms == ("About your health", "Consent to neurotoxin", "Before your visit")


def refuses(services: Services, query: Any, *args: Any, **kwargs: Any) -> None:
    with pytest.raises(NotAllowed):
        services.ask(query, *args, **kwargs)


def test_who_may_not_book_or_see_the_patient_is_told_nothing(services: Services, made: SmallClinic, amara: int) -> None:
    reader = factories.staff(services, "read_only").actor
    lena = narrowed(services, provider_id=made["lena"], sees_every_patient=False)
    for actor in (reader, lena):
        refuses(services, menu.menu, actor, location_id=made["downtown"], patient_id=amara)
        refuses(services, menu.promised, actor, amara, [made["facial"]])
        refuses(services, menu.who, actor, amara)
    refuses(services, menu.menu, factories.staff(services).actor, location_id=999, patient_id=None)
