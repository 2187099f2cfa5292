"""What patients will see of what is typed, as their own pages would show it: values in, view values out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from itertools import groupby
from typing import Any, TypeVar

from clinic_portal.booking import queries, rules
from clinic_portal.clinic import editing_rules, sheets
from clinic_portal.clinic.types import Catalogue, CategoryInfo, LocationInfo, ProviderInfo, ServiceInfo
from clinic_portal.core.work import Reading
from clinic_portal.forms import queries as forms
from clinic_portal.scheduling import editing as hours
from clinic_portal.web.admin.settings.editor import FactView
from clinic_portal.web.booking import views
from clinic_portal.web.booking.views import CategoryView, ChoiceView

Info = TypeVar("Info", CategoryInfo, LocationInfo, ProviderInfo, ServiceInfo)
NEW = 0
UNREAD = "…"
"""Stands for what is not typed yet, or cannot be read."""
DAYS = dict(zip(hours.WEEKDAYS, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))
_USUAL: dict[str, Any] = {
    "provider_ids": frozenset(),
    "pool_ids": (),
    "category_id": 0,
    "policy_rule": "clinic",
    "duration_minutes": 0,
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 0,
    "processing_offset_minutes": 0,
    "processing_minutes": 0,
    "price_minor": 0,
}


def service(
    read: Reading, clinic: Catalogue, row_id: int, typed: Mapping[str, str]
) -> tuple[list[CategoryView], str, list[FactView]]:
    """The service on its shelf, as /book shows it; why patients do not see it; where it can be booked, what it asks."""
    is_read = editing_rules.readable(editing_rules.service(clinic.clinic.currency), typed)
    info = _info(read, ServiceInfo, "service", row_id, is_read)
    info = replace(
        info,
        category_id=int(typed["category_id"]) if typed.get("category_id", "").isdigit() else info.category_id,
        provider_ids=_ticked(typed, "provider_"),
        pool_ids=tuple(sorted(_ticked(typed, "pool_"))),
    )
    shelf = clinic.categories.get(info.category_id)
    if shelf is None:
        return [], "Choose a category first.", []
    places, can_be = _places(read, clinic, replace(info, is_bookable_online=True))
    here = can_be[0] if can_be else next(iter(clinic.locations), 0)
    drawn = _shelf(read, clinic, shelf, [replace(info, is_bookable_online=True)], here)
    if row_id == NEW:
        for name, view_name in (("price_minor", "price"), ("duration_minutes", "duration")):
            if name not in is_read:
                setattr(drawn[0].services[0], view_name, UNREAD)
    why = ""
    if row_id and row_id not in clinic.services:
        why = "Patients do not see it: it is switched off."
    elif not info.is_bookable_online:
        why = "Patients do not see it: they may not book it online."
    elif not shelf.is_active:
        why = f"Patients do not see it: {shelf.name} is switched off."
    elif not can_be:
        why = "Patients see it and cannot book it anywhere yet."
    facts = [*places, *_asked(read, row_id)]
    return drawn, why, facts + _public(f"/book?service={info.slug}", row_id if not why else NEW)


def category(
    read: Reading, clinic: Catalogue, row_id: int, typed: Mapping[str, str]
) -> tuple[list[CategoryView], str, list[FactView]]:
    """The shelf with what stands on it."""
    info = _info(read, CategoryInfo, "category", row_id, editing_rules.readable(editing_rules.CATEGORY, typed))
    own = {one.id: one.values["is_bookable_online"] for one in sheets.sheets(read, "service")}
    on_it = [
        replace(one, is_bookable_online=own[one.id]) for one in clinic.services.values() if one.category_id == row_id
    ]
    drawn = _shelf(read, clinic, info, on_it, next(iter(clinic.locations), 0)) if row_id else []
    why = ""
    if not drawn:
        drawn = [CategoryView(info.slug, info.name, info.description)]
        why = "Patients do not see it while nothing on it can be booked online."
    elif not info.is_active:
        why = "Patients do not see it: it is switched off."
    return drawn, why, _public(f"/book?category={info.slug}", row_id if not why else NEW)


def provider(
    read: Reading, clinic: Catalogue, row_id: int, typed: Mapping[str, str]
) -> tuple[list[ChoiceView], str, list[FactView]]:
    """The provider as patients choose among them, and when they work."""
    info = _info(read, ProviderInfo, "provider", row_id, editing_rules.readable(editing_rules.PROVIDER, typed))
    drawn = views.providers(clinic, [info], queries.draft(read, ""), first_available=False)
    working = [_hours(read, clinic, row_id, place.id) for place in clinic.locations.values()] if row_id else []
    why = ""
    if row_id and row_id not in clinic.providers:
        why = "Patients do not see them: they are switched off."
    elif not info.is_bookable_online:
        why = "Patients cannot choose them: they may not be booked online."
    elif clinic.clinic.provider_choice == "first_available":
        why = "Patients do not choose among providers: the booking rules give them the first available."
    elif row_id and not any(fact.text != NOT_WORKING for fact in working):
        why = "Patients cannot book them: they have no weekly hours yet."
    return drawn, why, working + _public("/book", row_id if not why else NEW)


def location(
    read: Reading, clinic: Catalogue, row_id: int, typed: Mapping[str, str]
) -> tuple[list[ChoiceView], str, list[FactView]]:
    """The location as patients choose among them."""
    readers = editing_rules.location(clinic.clinic.phone_region)
    info = _info(read, LocationInfo, "location", row_id, editing_rules.readable(readers, typed))
    drawn = views.places(replace(clinic, locations={info.id: info}), -1)
    others = clinic.locations.keys() - {row_id}
    why = "" if others else "While it is the only one, patients are not asked where: they see its name and street."
    if row_id and row_id not in clinic.locations:
        why = "Patients do not see it: it is switched off."
    return drawn, why, _public("/book", row_id)


NOT_WORKING = "Does not work there"


def _info(read: Reading, kind: type[Info], name: str, row_id: int, typed: Mapping[str, Any]) -> Info:
    """What it would be if what can be read of it were kept."""
    known = sheets.sheet(read, name, row_id).values if row_id else {"id": NEW, "is_active": True}
    values = {**known, **typed}
    values["name"] = values.get("name") or UNREAD
    return kind(**{one.name: values.get(one.name, _USUAL.get(one.name, "")) for one in fields(kind)})


def _shelf(
    read: Reading, clinic: Catalogue, shelf: CategoryInfo, on_it: list[ServiceInfo], here: int
) -> list[CategoryView]:
    """By the very function that draws the booking page."""
    shown = replace(clinic, categories={shelf.id: shelf}, services={one.id: one for one in on_it})
    draft = replace(queries.draft(read, ""), location_id=here)
    place = clinic.locations[here].name if here in clinic.locations else ""
    return views.shelves(shown, draft, queries.working_at(read, clinic, here), here=place)


def _places(read: Reading, clinic: Catalogue, info: ServiceInfo) -> tuple[list[FactView], list[int]]:
    """Where it can be booked and with whom, or why not."""
    facts, can_be = [], []
    for place in clinic.locations.values():
        working = queries.working_at(read, clinic, place.id)
        who = rules.able(clinic, [info], working)
        there = {unit.pool_id for unit in clinic.units if unit.location_id == place.id}
        missing = [one.name for one in sheets.sheets(read, "pool") if one.id in set(info.pool_ids) - there]
        if rules.offered_at(clinic, info, place.id, working):
            can_be.append(place.id)
            text = "With " + ", ".join(clinic.providers[one].name for one in who)
        elif not info.provider_ids:
            text = "Not yet: nobody performs it"
        elif not who:
            text = "Not yet: nobody who performs it works there"
        else:
            text = f"Not yet: {' and '.join(missing)} missing there"
        facts.append(FactView(place.name, text))
    return facts, can_be


def _asked(read: Reading, service_id: int) -> list[FactView]:
    """The forms it asks for; each is ticked to its services where it is written."""
    found = forms.assigned(read, [service_id]) if service_id else []
    told = ", ".join(one.name for one in found) or "No forms"
    more = FactView("Asks for", told, "Choose its forms", "/admin/forms")
    return [more] if len(found) != 1 else [FactView("Asks for", told, "Open it", f"/admin/forms/edit?id={found[0].id}")]


def _hours(read: Reading, clinic: Catalogue, provider_id: int, place_id: int) -> FactView:
    """When someone works at a place in a week, and the way to change it."""
    week = hours.week(read, provider_id, place_id)
    days = [(name, hours.told(week.get(n, ())).replace("-", "–")) for n, name in enumerate(DAYS.values())]
    told = []
    for shown, same in groupby(days, key=lambda one: one[1]):
        names = [name for name, _ in same]
        if shown:
            told.append(f"{names[0]}{f'–{names[-1]}' if len(names) > 1 else ''} {shown}")
    href = f"/admin/settings/hours?provider={provider_id}&place={place_id}"
    place = clinic.locations[place_id].name
    return FactView(place, "; ".join(told) or NOT_WORKING, f"Hours at {place}", href)


def _public(href: str, row_id: int) -> list[FactView]:
    return [FactView("Public page", "", "See it as patients do", href)] if row_id else []


def _ticked(typed: Mapping[str, str], prefix: str) -> frozenset[int]:
    numbers = [name.removeprefix(prefix) for name, on in typed.items() if name.startswith(prefix) and on]
    return frozenset(int(one) for one in numbers if one.isdigit())
