"""What an owner is shown while they type is what patients are shown once it is saved."""

from __future__ import annotations

from typing import Any

import pytest

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import queries, rules
from clinic_portal.clinic import editing, sheets
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.work import Reading
from clinic_portal.web.admin.settings import previews
from clinic_portal.web.admin.settings.meanwhile import as_drawn
from clinic_portal.web.admin.settings.services import ServicesPage
from clinic_portal.web.admin.settings.things import Categories, Locations, Providers
from clinic_portal.web.booking import views
from tests.factories import SmallClinic

KINDS: dict[str, tuple[Any, Any]] = {
    "service": (ServicesPage, previews.service),
    "category": (Categories, previews.category),
    "provider": (Providers, previews.provider),
    "location": (Locations, previews.location),
}


def look(made: SmallClinic, kind: str, slug: str = "", **typed: str) -> tuple[list[Any], str, dict[str, str]]:
    """What its form shows beside it: as patients see it, why they do not, and what else is so by its title."""
    page, shown = KINDS[kind]
    row_id = made[slug] if slug else 0

    def read(reading: Reading) -> Any:
        values = sheets.sheet(reading, kind, row_id).values if row_id else {}
        form = as_drawn(page._fields(reading, catalogue(reading), row_id, values))
        return shown(reading, catalogue(reading), row_id, form | typed)

    drawn, why, facts = made.services.ask(read)
    return drawn, why, {one.title: one.text for one in facts}


def public(made: SmallClinic) -> list[views.CategoryView]:
    """The shelves of the booking page."""

    def read(reading: Reading) -> list[views.CategoryView]:
        clinic, draft = catalogue(reading), queries.draft(reading, "")
        working = queries.working_at(reading, clinic, draft.location_id)
        return views.shelves(clinic, draft, working, here=clinic.locations[draft.location_id].name)

    return made.services.ask(read)


@pytest.mark.req("S61")
@pytest.mark.parametrize("slug", ["botox", "facial", "peel", "hair"])
def test_a_service_nobody_touched_looks_as_it_does_to_patients(clinic: SmallClinic, slug: str) -> None:
    (shelf,), why, _ = look(clinic, "service", slug)
    assert shelf.services == [one for one in public(clinic)[0].services if one.slug == slug]
    assert why == ""


@pytest.mark.req("S61")
def test_a_shelf_nobody_touched_looks_as_it_does_to_patients(clinic: SmallClinic) -> None:
    assert look(clinic, "category", "injectables")[:2] == (public(clinic), "")


def test_what_is_typed_looks_as_it_will_once_it_is_saved(clinic: SmallClinic, owner: StaffActor) -> None:
    typed = {"name": "Green peel", "price_minor": "0", "duration_minutes": "95", "description": "Herbal."}
    (shelf,), _, _ = look(clinic, "service", "peel", **typed)
    clinic.services.do(editing.change, owner, "service", clinic["peel"], typed)
    assert shelf.services == [one for one in public(clinic)[0].services if one.slug == "peel"]


def test_what_cannot_be_read_looks_as_it_is_kept_and_what_is_not_typed_yet_is_left_open(clinic: SmallClinic) -> None:
    (shelf,), _, _ = look(clinic, "service", "peel", price_minor="12,5x", duration_minutes="")
    assert (shelf.services[0].price, shelf.services[0].duration) == ("$180", "1 hr")
    (shelf,), _, _ = look(clinic, "service", category_id=str(clinic["injectables"]))
    new = shelf.services[0]
    assert (new.name, new.price, new.duration) == ("…", "…", "…")


@pytest.mark.req("S72")
@pytest.mark.parametrize(
    ("typed", "why", "where"),
    [
        ({}, "", "With Lena Brandt RN"),
        ({"provider_1": "yes"}, "", "With Dr. Maya Osei, Lena Brandt RN"),
        ({"is_bookable_online": ""}, "Patients do not see it: they may not book it online.", "With Lena Brandt RN"),
        ({"provider_2": ""}, "Patients see it and cannot book it anywhere yet.", "Not yet: nobody performs it"),
    ],
)
def test_a_service_says_where_it_can_be_booked_and_why_patients_do_not_see_it(
    clinic: SmallClinic, typed: dict[str, str], why: str, where: str
) -> None:
    _, told, facts = look(clinic, "service", "peel", **typed)
    assert (told, facts["Lumen Downtown"]) == (why, where)


def test_a_service_whose_room_is_missing_says_what_is_missing(clinic: SmallClinic, owner: StaffActor) -> None:
    clinic.services.do(editing.switch, owner, "unit", clinic["laser-1"], is_active=False)
    assert look(clinic, "service", "hair")[2]["Lumen Downtown"] == "Not yet: Laser missing there"
    assert not rules.offered_at(
        clinic.services.ask(catalogue),
        clinic.services.ask(catalogue).services[clinic["hair"]],
        clinic["downtown"],
        frozenset({clinic["lena"]}),
    )


def test_what_is_switched_off_says_so(clinic: SmallClinic, owner: StaffActor) -> None:
    for kind, slug in (("service", "peel"), ("provider", "maya"), ("category", "injectables")):
        clinic.services.do(editing.switch, owner, kind, clinic[slug], is_active=False)
        assert "switched off" in look(clinic, kind, slug)[1], kind
    assert "Injectables is switched off" in look(clinic, "service", "botox")[1]


def test_a_provider_looks_as_patients_choose_them_and_says_when_they_work(clinic: SmallClinic) -> None:
    (card,), why, facts = look(clinic, "provider", "lena", name="Lena B", title="Nurse", about="Ten years.")
    assert (card.name, card.detail, card.about, card.initials) == ("Lena B", "Nurse", "Ten years.", "LB")
    assert (why, facts["Lumen Downtown"]) == ("", "Mon–Sun 09:00–17:00")
    assert "may not be booked online" in look(clinic, "provider", "lena", is_bookable_online="")[1]
    assert look(clinic, "provider")[0][0].name == "…"


def test_a_location_looks_as_patients_choose_among_them(clinic: SmallClinic) -> None:
    (card,), why, _ = look(clinic, "location", "downtown", street="9 Elm St")
    assert (card.name, card.detail) == ("Lumen Downtown", "9 Elm St, Austin, TX 78701")
    assert "the only one" in why
