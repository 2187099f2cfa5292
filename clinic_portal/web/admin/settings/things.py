"""Locations, providers, categories, services, rooms and devices: what each form holds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

import reflex as rx
from babel.numbers import get_currency_precision

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.clinic import editing, sheets
from clinic_portal.clinic.sheets import Sheet
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.web import inputs
from clinic_portal.web.admin.frame import settings_frame
from clinic_portal.web.admin.settings.editor import Editor, editor, editor_page
from clinic_portal.web.components.fields import FieldView
from clinic_portal.web.gate import access


class Locations(Editor, rx.State):
    """Places with their own wall clock."""

    _kind: ClassVar[str] = "location"
    _page: ClassVar[str] = "Locations"

    @staticmethod
    def _detail(clinic: Catalogue, one: Sheet) -> str:
        return f"{one.values['street']}, {one.values['city']} · {one.values['time_zone']}"

    @staticmethod
    def _fields(read: Reading, clinic: Catalogue, row_id: int, values: Mapping[str, Any]) -> list[FieldView]:
        usual = next(iter(clinic.locations.values())).time_zone
        return [
            _text("name", "Name", values),
            _text("street", "Street and number", values),
            _text("city", "City", values),
            _text("region", "State or region", values),
            _text("postal_code", "Postal code", values),
            _text("country", "Country, two letters", values or {"country": "US"}),
            _text("time_zone", "Time zone", values or {"time_zone": usual}, hint="Such as America/Chicago."),
            _text("phone", "Phone", values),
            _text("directions", "How to find it", values, kind="area"),
        ]


class Providers(Editor, rx.State):
    """Clinicians."""

    _kind: ClassVar[str] = "provider"
    _page: ClassVar[str] = "Providers"

    @staticmethod
    def _detail(clinic: Catalogue, one: Sheet) -> str:
        online = "" if one.values["is_bookable_online"] else "not bookable online"
        return " · ".join(part for part in (one.values["title"], online) if part)

    @staticmethod
    def _fields(read: Reading, clinic: Catalogue, row_id: int, values: Mapping[str, Any]) -> list[FieldView]:
        return [
            _text("name", "Name", values),
            _text("title", "Title", values, hint="Such as Nurse practitioner."),
            _text("about", "About them", values, kind="area"),
            _text("daily_limit", "Most visits a day", values, kind="number", hint="Empty: no limit."),
            _tick("is_bookable_online", "Patients may book them online", values, usual=True),
        ]


class Categories(Editor, rx.State):
    """The shelves of the booking page (S61)."""

    _kind: ClassVar[str] = "category"
    _page: ClassVar[str] = "Categories"

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def switch(self, row_id: Any) -> None:
        """Remove an empty one: a category is not switched off."""
        async with self._answering():
            await self._do(editing.remove_category, await self._staff(), inputs.row_id(row_id))
            await self._list()
            await self._tell("Removed")

    @staticmethod
    def _detail(clinic: Catalogue, one: Sheet) -> str:
        count = sum(service.category_id == one.id for service in clinic.services.values())
        return "empty" if not count else "1 service" if count == 1 else f"{count} services"

    @staticmethod
    def _fields(read: Reading, clinic: Catalogue, row_id: int, values: Mapping[str, Any]) -> list[FieldView]:
        return [_text("name", "Name", values), _text("description", "Description", values)]


class ServicesPage(Editor, rx.State):
    """Treatments (S61), who performs them (S69) and what they need (P9)."""

    _kind: ClassVar[str] = "service"
    _page: ClassVar[str] = "Services"
    _owners: ClassVar[tuple[str, ...]] = ("category_id",)

    @staticmethod
    def _detail(clinic: Catalogue, one: Sheet) -> str:
        language = clinic.clinic.language
        price = wording.money(one.values["price_minor"], clinic.clinic.currency, language)
        category = clinic.categories.get(one.values["category_id"])
        online = "" if one.values["is_bookable_online"] else "not bookable online"
        length = wording.duration(one.values["duration_minutes"], language)
        return " · ".join(part for part in (category.name if category else "", length, price, online) if part)

    @staticmethod
    def _fields(read: Reading, clinic: Catalogue, row_id: int, values: Mapping[str, Any]) -> list[FieldView]:
        shown = dict(values)
        if isinstance(shown.get("price_minor"), int):
            places = get_currency_precision(clinic.clinic.currency)
            shown["price_minor"] = str(Decimal(shown["price_minor"]).scaleb(-places))
        performed = sheets.linked(read, "provider", row_id) if row_id else frozenset()
        needed = sheets.linked(read, "pool", row_id) if row_id else frozenset()
        return [
            _text("name", "Name", shown),
            FieldView(
                "category_id",
                "Category",
                str(shown.get("category_id", "")),
                "choice",
                choices=[[str(one.id), one.name] for one in clinic.categories.values()],
            ),
            _text("description", "Description", shown, kind="area"),
            _text("what_to_bring", "What to bring or mind before the visit", shown, kind="area"),
            _text("duration_minutes", "Minutes", shown, kind="number"),
            _text("price_minor", f"Price, {clinic.clinic.currency}", shown, hint="Such as 240 or 240.00."),
            _text(
                "buffer_before_minutes", "Buffer before, minutes", shown or {"buffer_before_minutes": 0}, kind="number"
            ),
            _text("buffer_after_minutes", "Buffer after, minutes", shown or {"buffer_after_minutes": 0}, kind="number"),
            _text(
                "processing_offset_minutes",
                "Takes effect after, minutes",
                shown or {"processing_offset_minutes": 0},
                kind="number",
                hint="While it takes effect, the provider is free for others.",
            ),
            _text("processing_minutes", "Takes effect for, minutes", shown or {"processing_minutes": 0}, kind="number"),
            _tick("is_bookable_online", "Patients may book it online", shown, usual=True),
            FieldView(
                "providers",
                "Who performs it",
                kind="ticks",
                choices=[
                    [f"provider_{one.id}", one.name, "yes" if one.id in performed else ""]
                    for one in sheets.sheets(read, "provider")
                    if one.is_active
                ],
            ),
            FieldView(
                "pools",
                "What it needs, one of each",
                kind="ticks",
                choices=[
                    [f"pool_{one.id}", one.name, "yes" if one.id in needed else ""]
                    for one in sheets.sheets(read, "pool")
                ],
            ),
        ]

    def _store(self, work: Any, actor: StaffActor, row_id: int, typed: Mapping[str, str]) -> int:
        plain = {name: value for name, value in typed.items() if not name.startswith(("provider_", "pool_"))}
        service_id = super()._store(work, actor, row_id, plain)
        for kind, prefix in (("service_provider", "provider_"), ("service_pool", "pool_")):
            ticked = [
                inputs.row_id(name.removeprefix(prefix)) for name, on in typed.items() if name.startswith(prefix) and on
            ]
            editing.link(work, actor, kind, service_id, ticked)
        return service_id


class Pools(Editor, rx.State):
    """Kinds of rooms and devices, of which any free one will do (P9)."""

    _kind: ClassVar[str] = "pool"
    _page: ClassVar[str] = "Rooms and devices"

    @staticmethod
    def _detail(clinic: Catalogue, one: Sheet) -> str:
        count = sum(unit.pool_id == one.id for unit in clinic.units)
        return f"{one.values['kind']} · {count} of them"

    @staticmethod
    def _fields(read: Reading, clinic: Catalogue, row_id: int, values: Mapping[str, Any]) -> list[FieldView]:
        kinds = [["room", "Room"], ["device", "Device"]]
        return [
            _text("name", "Name", values),
            FieldView("kind", "What it is", str(values.get("kind", "room")), "choice", choices=kinds),
        ]


class Units(Editor, rx.State):
    """Single rooms and devices, and where they stand."""

    _kind: ClassVar[str] = "unit"
    _page: ClassVar[str] = "Rooms and devices"
    _owners: ClassVar[tuple[str, ...]] = ("pool_id", "location_id")

    @staticmethod
    def _detail(clinic: Catalogue, one: Sheet) -> str:
        place = clinic.locations.get(one.values["location_id"])
        return place.name if place else "at a location that is switched off"

    @staticmethod
    def _fields(read: Reading, clinic: Catalogue, row_id: int, values: Mapping[str, Any]) -> list[FieldView]:
        pools = [[str(one.id), one.name] for one in sheets.sheets(read, "pool")]
        here = str(values.get("location_id", ""))  # though it may be switched off: else saving would move it
        places = [
            [str(one.id), one.name if one.is_active else f"{one.name}, switched off"]
            for one in sheets.sheets(read, "location")
            if one.is_active or str(one.id) == here
        ]
        return [
            _text("name", "Name", values),
            FieldView("pool_id", "Kind", str(values.get("pool_id", "")), "choice", choices=pools),
            FieldView("location_id", "Location", str(values.get("location_id", "")), "choice", choices=places),
        ]


def _text(name: str, label: str, values: Mapping[str, Any], *, kind: str = "text", hint: str = "") -> FieldView:
    value = values.get(name)
    return FieldView(name, label, "" if value is None else str(value), kind, hint=hint)


def _tick(name: str, label: str, values: Mapping[str, Any], *, usual: bool = False) -> FieldView:
    return FieldView(name, label, "yes" if values.get(name, usual if not values else "") else "", "tick")


def rooms_page() -> rx.Component:
    """Kinds above, single ones below."""
    return settings_frame(
        "Rooms and devices",
        rx.el.h2("Kinds", class_name="mb-3"),
        editor(
            Pools,
            one="kind",
            note="A treatment needs one of a kind; any free one will do.",
            orders=False,
            off="",
        ),
        rx.el.h2("Rooms and devices", class_name="mt-8 mb-3"),
        editor(Units, one="room or device", note="Each stands at one location.", orders=False),
        page="Rooms and devices",
    )


PAGES: tuple[tuple[str, Any, Any, str], ...] = (
    (
        "/admin/settings/locations",
        lambda: editor_page(Locations, "Locations", one="location", note="Where patients are treated."),
        [Locations.enter],
        "Locations",
    ),
    (
        "/admin/settings/providers",
        lambda: editor_page(
            Providers, "Providers", one="provider", note="Who treats patients, in the order they are offered."
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
            off="Remove",
        ),
        [Categories.enter],
        "Categories",
    ),
    (
        "/admin/settings/services",
        lambda: editor_page(
            ServicesPage, "Services", one="service", note="What can be booked. What is switched off is offered no more."
        ),
        [ServicesPage.enter],
        "Services",
    ),
    ("/admin/settings/rooms", rooms_page, [Pools.enter, Units.enter], "Rooms and devices"),
)
