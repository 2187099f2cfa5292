"""Locations, providers, categories, rooms and devices: what each form holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import reflex as rx

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import standing, stranded
from clinic_portal.booking.queries import working_at
from clinic_portal.clinic import sheets
from clinic_portal.clinic.sheets import Sheet
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.web import inputs
from clinic_portal.web.admin.frame import settings_frame
from clinic_portal.web.admin.settings import previews, services
from clinic_portal.web.admin.settings.editor import Editor, text_field, tick_field, ticked
from clinic_portal.web.admin.settings.editor_page import editor, editor_page
from clinic_portal.web.booking.provider import provider_card
from clinic_portal.web.booking.treatments import place_card
from clinic_portal.web.booking.views import CategoryView, ChoiceView
from clinic_portal.web.components.fields import FieldView
from clinic_portal.web.gate import access


class Locations(Editor, rx.State):
    """Places with their own wall clock."""

    _kind: ClassVar[str] = "location"
    _page: ClassVar[str] = "Locations"
    preview: list[ChoiceView] = []
    unseen: str = ""

    async def _see(self, clinic: Catalogue, typed: Mapping[str, str]) -> None:
        self.preview, self.unseen, self.facts = await self._ask(previews.location, clinic, self.editing, typed)

    @staticmethod
    def _detail(clinic: Catalogue, one: Sheet) -> str:
        return f"{one.values['street']}, {one.values['city']} · {one.values['time_zone']}"

    @staticmethod
    def _fields(read: Reading, clinic: Catalogue, row_id: int, values: Mapping[str, Any]) -> list[FieldView]:
        usual = clinic.time_zone
        return [
            text_field("name", "Name", values),
            text_field("street", "Street and number", values),
            text_field("city", "City", values),
            text_field("region", "State or region", values),
            text_field("postal_code", "Postal code", values),
            text_field("country", "Country, two letters", values or {"country": "US"}),
            text_field("time_zone", "Time zone", values or {"time_zone": usual}, hint="Such as America/Chicago."),
            text_field("phone", "Phone", values),
            text_field("directions", "How to find it", values, kind="area"),
        ]


class Providers(Editor, rx.State):
    """Clinicians, and what they perform (S69)."""

    _kind: ClassVar[str] = "provider"
    _page: ClassVar[str] = "Providers"
    preview: list[ChoiceView] = []
    unseen: str = ""

    async def _see(self, clinic: Catalogue, typed: Mapping[str, str]) -> None:
        self.preview, self.unseen, self.facts = await self._ask(previews.provider, clinic, self.editing, typed)

    def _details(self, read: Reading, clinic: Catalogue, found: list[Sheet]) -> list[str]:
        working = frozenset[int]().union(*(working_at(read, clinic, place) for place in clinic.locations))
        performing = frozenset[int]().union(*(one.provider_ids for one in clinic.services.values()))
        return [
            " · ".join(
                part
                for part in (
                    one.values["title"],
                    "" if one.values["is_bookable_online"] else "not bookable online",
                    "" if one.id in working else "no hours yet",
                    "" if one.id in performing else "performs nothing yet",
                )
                if part
            )
            for one in found
        ]

    @staticmethod
    def _fields(read: Reading, clinic: Catalogue, row_id: int, values: Mapping[str, Any]) -> list[FieldView]:
        shown = [
            text_field("name", "Name", values),
            text_field("title", "Title", values, hint="Such as Nurse practitioner."),
            text_field("about", "About them", values, kind="area"),
            text_field("daily_limit", "Most visits a day", values, kind="number", hint="Empty: no limit."),
            tick_field("is_bookable_online", "Patients may book them online", values, usual=True),
        ]
        performed = sheets.performed(read, row_id) if row_id else frozenset()
        offered = [
            [f"service_{one.id}", one.name, "yes" if one.id in performed else ""] for one in clinic.services.values()
        ]
        if not row_id or row_id in clinic.providers:  # whoever is switched off performs it again when they are back
            shown.append(FieldView("services", "What they perform", kind="ticks", choices=offered))
        return shown

    def _store(
        self, work: UnitOfWork, actor: StaffActor, row_id: int, typed: Mapping[str, str], seen: Collection[int]
    ) -> int:
        plain = {name: value for name, value in typed.items() if not name.startswith("service_")}
        provider_id = super()._store(work, actor, row_id, plain, seen)
        if plain.keys() != typed.keys():
            stranded.performs(work, actor, provider_id, ticked(typed, "service_"), seen=seen)
        return provider_id


class Categories(Editor, rx.State):
    """The shelves of the booking page (S61)."""

    _kind: ClassVar[str] = "category"
    _page: ClassVar[str] = "Categories"
    preview: list[CategoryView] = []
    unseen: str = ""

    async def _see(self, clinic: Catalogue, typed: Mapping[str, str]) -> None:
        self.preview, self.unseen, self.facts = await self._ask(previews.category, clinic, self.editing, typed)

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def remove(self, row_id: Any) -> None:
        """Take away an empty one that nothing names."""
        async with self._answering():
            await self._do(standing.remove_category, await self._staff(), inputs.row_id(row_id))
            await self._list()
            await self._tell("Removed")

    @staticmethod
    def _detail(clinic: Catalogue, one: Sheet) -> str:
        count = sum(service.category_id == one.id for service in clinic.services.values())
        return "empty" if not count else "1 service" if count == 1 else f"{count} services"

    @staticmethod
    def _fields(read: Reading, clinic: Catalogue, row_id: int, values: Mapping[str, Any]) -> list[FieldView]:
        return [text_field("name", "Name", values), text_field("description", "Description", values)]


class Pools(Editor, rx.State):
    """Kinds of rooms and devices, of which any free one will do (P9)."""

    _kind: ClassVar[str] = "pool"
    _page: ClassVar[str] = "Rooms and devices"

    def _details(self, read: Reading, clinic: Catalogue, found: list[Sheet]) -> list[str]:
        units = Counter(unit.values["pool_id"] for unit in sheets.sheets(read, "unit") if unit.is_active)
        needing = Counter(pool_id for service in clinic.services.values() for pool_id in service.pool_ids)
        return [f"{one.values['kind']} · {units[one.id]} of them · {_needed(needing[one.id])}" for one in found]

    @staticmethod
    def _fields(read: Reading, clinic: Catalogue, row_id: int, values: Mapping[str, Any]) -> list[FieldView]:
        kinds = [["room", "Room"], ["device", "Device"]]
        return [
            text_field("name", "Name", values),
            FieldView("kind", "What it is", str(values.get("kind", "room")), "choice", choices=kinds),
        ]


class Units(Editor, rx.State):
    """Single rooms and devices, and where they stand."""

    _kind: ClassVar[str] = "unit"
    _page: ClassVar[str] = "Rooms and devices"
    _owners: ClassVar[tuple[str, ...]] = ("pool_id", "location_id")

    def _details(self, read: Reading, clinic: Catalogue, found: list[Sheet]) -> list[str]:
        kinds = {one.id: _named(one) for one in sheets.sheets(read, "pool")}
        places = {number: one.name for number, one in clinic.locations.items()}
        away = "at a location that is switched off"
        return [f"{kinds[one.values['pool_id']]} · {places.get(one.values['location_id'], away)}" for one in found]

    @staticmethod
    def _fields(read: Reading, clinic: Catalogue, row_id: int, values: Mapping[str, Any]) -> list[FieldView]:
        pools = [[str(one.id), _named(one)] for one in sheets.sheets(read, "pool")]
        here = str(values.get("location_id", ""))  # though it may be switched off: else saving would move it
        places = [
            [str(one.id), _named(one)]
            for one in sheets.sheets(read, "location")
            if one.is_active or str(one.id) == here
        ]
        return [
            text_field("name", "Name", values),
            FieldView("pool_id", "Kind", str(values.get("pool_id", "")), "choice", choices=pools),
            FieldView("location_id", "Location", str(values.get("location_id", "")), "choice", choices=places),
        ]


def _named(one: Sheet) -> str:
    return one.name if one.is_active else f"{one.name}, switched off"


def _needed(count: int) -> str:
    return f"needed by {count} service{'' if count == 1 else 's'}" if count else "needed by nothing"


def _place(one: Any) -> rx.Component:
    return place_card(one, services.nothing)


def rooms_page() -> rx.Component:
    """Kinds above, single ones below."""
    return settings_frame(
        "Rooms and devices",
        rx.el.h2("Kinds", class_name="mb-3"),
        editor(Pools, one="kind", note="A treatment needs one of a kind; any free one will do."),
        rx.el.h2("Rooms and devices", class_name="mt-8 mb-3"),
        editor(Units, one="room or device", note="Each stands at one location."),
        page="Rooms and devices",
    )


PAGES: tuple[tuple[str, Any, Any, str], ...] = (
    (
        "/admin/settings/locations",
        lambda: editor_page(Locations, "Locations", one="location", note="Where patients are treated.", preview=_place),
        [Locations.enter],
        "Locations",
    ),
    (
        "/admin/settings/providers",
        lambda: editor_page(
            Providers,
            "Providers",
            one="provider",
            note="Who treats patients, in the order they are offered.",
            preview=lambda one: provider_card(one, services.nothing),
        ),
        [Providers.enter],
        "Providers",
    ),
    (
        "/admin/settings/categories",
        lambda: editor_page(
            Categories,
            "Categories",
            one="category",
            note="The shelves of the booking page, in their order. Only an empty one can be removed.",
            preview=services.on_its_shelf,
            more=[("Remove", Categories.remove)],
        ),
        [Categories.enter],
        "Categories",
    ),
    *services.PAGES,
    ("/admin/settings/rooms", rooms_page, [Pools.enter, Units.enter], "Rooms and devices"),
)
