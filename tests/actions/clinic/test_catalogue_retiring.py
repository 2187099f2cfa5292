"""What the clinic offers no more: a shelf, a kind of rooms, a service; and a service that begins as a copy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import drafts, holds
from clinic_portal.booking import queries as booking
from clinic_portal.booking.rules import bookable
from clinic_portal.clinic import editing, models, sheets
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import UnitOfWork
from clinic_portal.forms import queries as forms
from clinic_portal.forms import templates
from clinic_portal.setup.export import export
from clinic_portal.setup.load import load
from clinic_portal.setup.schema import parse
from clinic_portal.web.problems import problem
from tests import factories
from tests.factories import SmallClinic, minute, rows, seen, visitor
from tests.forms_kit import CONSENT, INTAKE, put
from tests.offers import starts

DAY = date(2026, 12, 3)


def retire(made: SmallClinic, who: StaffActor, kind: str, slug: str, *, back: bool = False) -> None:
    made.services.do(editing.switch, who, kind, made[slug], is_active=back)


# A shelf


@pytest.mark.req("S61")
@pytest.mark.req("S72")
def test_while_a_shelf_is_retired_nothing_on_it_is_offered_online(clinic: SmallClinic, owner: StaffActor) -> None:
    retire(clinic, owner, "category", "injectables")
    assert not seen(clinic).categories[clinic["injectables"]].is_active
    assert [bookable(seen(clinic), clinic[one]) for one in ("botox", "facial", "peel", "hair")] == [None] * 4
    with pytest.raises(NotAllowed):
        clinic.services.do(drafts.add_service, "b", clinic["peel"])
    assert len(seen(clinic).services) == 4, "the clinic itself still books them"


def test_a_shelf_comes_back_with_all_that_stood_on_it(clinic: SmallClinic, owner: StaffActor) -> None:
    before = seen(clinic).services
    retire(clinic, owner, "category", "injectables")
    retire(clinic, owner, "category", "injectables", back=True)
    assert seen(clinic).services == before


def test_what_is_in_a_cart_when_its_shelf_is_retired_cannot_be_booked(clinic: SmallClinic, owner: StaffActor) -> None:
    visitor(clinic, "b", "facial", provider="lena")
    retire(clinic, owner, "category", "injectables")
    assert [one.is_offered for one in clinic.services.ask(booking.draft, "b").lines] == [False]
    with pytest.raises(Conflict, match="service_gone"):
        clinic.services.do(holds.hold, "b", minute(DAY, "10:00"))


# Rooms and devices


@pytest.mark.req("P9")
def test_rooms_that_treatments_need_are_not_retired_and_the_treatments_are_named(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    with pytest.raises(Conflict, match="pool_needed") as refusal:
        retire(clinic, owner, "pool", "laser")
    assert "Laser hair removal" in problem(refusal.value).sentence
    assert clinic.services.ask(sheets.sheet, "pool", clinic["laser"]).is_active


@pytest.mark.req("P9")
def test_a_kind_nobody_needs_is_retired_with_all_of_it_and_comes_back(clinic: SmallClinic, owner: StaffActor) -> None:
    units = seen(clinic).units
    clinic.services.do(editing.link, owner, "service_pool", clinic["hair"], [])
    retire(clinic, owner, "pool", "laser")
    assert [one.id for one in seen(clinic).units] == [clinic["room-1"], clinic["room-2"]]
    retire(clinic, owner, "pool", "laser", back=True)
    assert seen(clinic).units == units


def test_a_treatment_switched_off_does_not_keep_its_device_and_waits_for_it(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    retire(clinic, owner, "service", "hair")
    retire(clinic, owner, "pool", "laser")
    with pytest.raises(Conflict, match="service_lacks") as refusal:
        retire(clinic, owner, "service", "hair", back=True)
    assert "It needs Laser." in problem(refusal.value).sentence
    retire(clinic, owner, "pool", "laser", back=True)
    retire(clinic, owner, "service", "hair", back=True)
    assert starts(clinic, DAY, "hair")


def test_nothing_new_comes_to_need_what_is_retired(clinic: SmallClinic, owner: StaffActor) -> None:
    retire(clinic, owner, "service", "hair")
    retire(clinic, owner, "pool", "laser")
    with pytest.raises(NotAllowed):
        clinic.services.do(editing.link, owner, "service_pool", clinic["facial"], [clinic["laser"]])
    assert seen(clinic).services[clinic["facial"]].pool_ids == (clinic["room"],)


def test_rooms_stand_in_the_order_the_clinic_gives_them(clinic: SmallClinic, owner: StaffActor) -> None:
    clinic.services.do(editing.reorder, owner, "unit", clinic["laser-1"], up=True)
    assert [one.name for one in seen(clinic).units] == ["Room 1", "Laser 1", "Room 2"]


# In the clinic's file


def test_what_is_retired_and_in_what_order_all_stands_goes_round_through_the_file(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    retire(clinic, owner, "service", "hair")
    retire(clinic, owner, "pool", "laser")
    retire(clinic, owner, "category", "injectables")
    clinic.services.do(editing.reorder, owner, "pool", clinic["laser"], up=True)
    file = parse(clinic.services.ask(export))
    assert [(one.slug, one.is_active) for one in file.pools] == [("laser", False), ("room", True)]
    assert [(one.slug, one.is_active) for one in file.categories] == [("injectables", False)]
    assert all(one.is_bookable_online for one in file.services), "only their shelf is retired"
    clinic.services.do(load, file)
    assert clinic.services.do(load, parse(clinic.services.ask(export))).is_empty
    assert not clinic.services.ask(sheets.sheet, "pool", clinic["laser"]).is_active
    retire(clinic, owner, "category", "injectables", back=True)
    assert bookable(seen(clinic), clinic["peel"])


# A copy


@pytest.mark.req("P15")
def test_a_copy_is_like_its_model_and_not_offered_online_until_it_is_said_so(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    clinic.change(models.Service, "facial", policy_rule="own", deposit_minor=2000)
    copy_id = clinic.services.do(editing.copy, owner, clinic["facial"])
    services = seen(clinic).services
    assert list(services) == [clinic["botox"], clinic["facial"], copy_id, clinic["peel"], clinic["hair"]]
    model, copied = services[clinic["facial"]], services[copy_id]
    assert copied == replace(
        model,
        id=copy_id,
        slug="copy-of-hydrating-facial",
        name="Copy of Hydrating facial",
        policy_rule="clinic",
        is_bookable_online=False,
    )
    assert [one.action for one in rows(clinic.services, AuditEntry)][-1] == "service.copied"


def test_a_copy_asks_for_the_same_forms(clinic: SmallClinic, owner: StaffActor) -> None:
    put(clinic, "consent", "consent", CONSENT, ("botox",))
    put(clinic, "intake", "questionnaire", INTAKE, ("facial",))

    def copies(work: UnitOfWork) -> int:
        copy_id = editing.copy(work, owner, clinic["botox"])
        templates.ask_alike(work, owner, copy_id, like=clinic["botox"])
        return copy_id

    copy_id = clinic.services.do(copies)
    assert [one.slug for one in clinic.services.ask(forms.assigned, [copy_id])] == ["consent"]
    assert [one.slug for one in clinic.services.ask(forms.assigned, [clinic["botox"]])] == ["consent"]


def test_who_may_not_change_the_clinic_neither_copies_nor_retires(clinic: SmallClinic) -> None:
    desk = factories.staff(clinic.services, "front_desk").actor
    for verb, more in ((editing.copy, {}), (templates.ask_alike, {"like": clinic["facial"]})):
        with pytest.raises(NotAllowed, match="not_permitted"):
            clinic.services.do(verb, desk, clinic["botox"], **more)
    with pytest.raises(NotAllowed, match="not_permitted"):
        retire(clinic, desk, "category", "injectables")
