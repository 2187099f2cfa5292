"""Services: what their form holds, and what belongs to each beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import reflex as rx

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import stranded
from clinic_portal.clinic import editing, policies, sheets
from clinic_portal.clinic.sheets import Sheet
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import templates
from clinic_portal.web import inputs
from clinic_portal.web.admin.settings import previews
from clinic_portal.web.admin.settings.editor import Editor, text_field, tick_field, ticked
from clinic_portal.web.admin.settings.editor_page import editor_page
from clinic_portal.web.admin.settings.policy_views import amount
from clinic_portal.web.booking.shelves import shelf
from clinic_portal.web.booking.views import CategoryView
from clinic_portal.web.components.fields import FieldView
from clinic_portal.web.gate import access


class ServicesPage(Editor, rx.State):
    """Treatments (S61), who performs them (S69) and what they need (P9)."""

    _kind: ClassVar[str] = "service"
    _page: ClassVar[str] = "Services"
    _owners: ClassVar[tuple[str, ...]] = ("category_id",)
    preview: list[CategoryView] = []
    unseen: str = ""

    @staticmethod
    def _detail(clinic: Catalogue, one: Sheet) -> str:
        language = clinic.clinic.language
        price = wording.money(one.values["price_minor"], clinic.clinic.currency, language)
        category = clinic.categories[one.values["category_id"]]
        where = category.name if category.is_active else f"{category.name}, switched off"
        online = "" if one.values["is_bookable_online"] else "not bookable online"
        length = wording.duration(one.values["duration_minutes"], language)
        deposit = f"deposit {told}" if (told := _deposit(clinic, one)) else ""
        return " · ".join(part for part in (where, length, price, deposit, online) if part)

    @staticmethod
    def _fields(read: Reading, clinic: Catalogue, row_id: int, values: Mapping[str, Any]) -> list[FieldView]:
        shown = dict(values)
        currency = clinic.clinic.currency
        for name in ("price_minor", "deposit_minor"):
            if isinstance(shown.get(name), int):
                shown[name] = amount(shown[name], currency)
        performed = sheets.linked(read, "provider", row_id) if row_id else frozenset()
        needed = sheets.linked(read, "pool", row_id) if row_id else frozenset()
        return [
            text_field("name", "Name", shown),
            FieldView(
                "category_id",
                "Category",
                str(shown.get("category_id", next(iter(clinic.categories), ""))),
                "choice",
                choices=[
                    [str(one.id), one.name if one.is_active else f"{one.name}, switched off"]
                    for one in clinic.categories.values()
                ],
            ),
            text_field("description", "Description", shown, kind="area"),
            text_field("what_to_bring", "What to bring or mind before the visit", shown, kind="area"),
            FieldView("", "Price", kind="title"),
            text_field("price_minor", f"Price, {currency}", shown, hint="Such as 240 or 240.00."),
            text_field(
                "deposit_minor",
                f"Deposit, {currency}",
                shown,
                hint="Taken when it is booked, and counted at the visit. Blank: none.",
            ),
            text_field(
                "deposit_percent",
                "Or a deposit in percent of the price",
                shown,
                kind="number",
                hint="Either this, or an amount.",
            ),
            _rule(clinic, row_id, shown),
            FieldView("", "Time", kind="title"),
            text_field("duration_minutes", "Minutes", shown, kind="number"),
            text_field(
                "buffer_before_minutes", "Buffer before, minutes", shown or {"buffer_before_minutes": 0}, kind="number"
            ),
            text_field(
                "buffer_after_minutes", "Buffer after, minutes", shown or {"buffer_after_minutes": 0}, kind="number"
            ),
            text_field(
                "processing_offset_minutes",
                "Takes effect after, minutes",
                shown or {"processing_offset_minutes": 0},
                kind="number",
                hint="While it takes effect, the provider is free for others.",
            ),
            text_field(
                "processing_minutes", "Takes effect for, minutes", shown or {"processing_minutes": 0}, kind="number"
            ),
            FieldView("", "By whom and with what", kind="title"),
            tick_field("is_bookable_online", "Patients may book it online", shown, usual=True),
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
                    if one.is_active
                ],
            ),
        ]

    async def _see(self, clinic: Catalogue, typed: Mapping[str, str]) -> None:
        self.preview, self.unseen, self.facts = await self._ask(previews.service, clinic, self.editing, typed)

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def copy(self, row_id: Any) -> None:
        """Begin another like this one, and open its form."""
        async with self._answering():
            made = await self._do(_copy, await self._staff(), inputs.row_id(row_id))
            await self._list()
            await self._edit(made)
            await self._tell("Copied", "Patients see it once it is ticked that they may book it online.")

    def _store(
        self, work: UnitOfWork, actor: StaffActor, row_id: int, typed: Mapping[str, str], seen: Collection[int]
    ) -> int:
        apart = ("provider_", "pool_", "policy_rule")
        plain = {name: value for name, value in typed.items() if not name.startswith(apart)}
        service_id = super()._store(work, actor, row_id, plain, seen)
        policies.follow(work, actor, service_id, typed["policy_rule"])
        for kind, prefix in (("service_provider", "provider_"), ("service_pool", "pool_")):
            stranded.link(work, actor, kind, service_id, ticked(typed, prefix), seen=seen)
        return service_id


def _copy(work: UnitOfWork, actor: StaffActor, service_id: int) -> int:
    made = editing.copy(work, actor, service_id)
    templates.ask_alike(work, actor, made, like=service_id)
    return made


def nothing(_: Any) -> Any:
    """What a press does in a preview."""
    return rx.noop()


def on_its_shelf(one: Any) -> rx.Component:
    """A shelf as the booking page shows it."""
    return shelf(one, on_add=nothing, on_remove=nothing, is_open=True)


def _deposit(clinic: Catalogue, one: Sheet) -> str:
    """What is paid when it is booked, in words; empty for nothing."""
    percent, minor = one.values["deposit_percent"], one.values["deposit_minor"]
    if percent is not None:
        return f"{percent}%"
    return wording.money(minor, clinic.clinic.currency, clinic.clinic.language) if minor is not None else ""


def _rule(clinic: Catalogue, row_id: int, shown: Mapping[str, Any]) -> FieldView:
    """Which policy holds: its own is offered where it has one."""
    choices = [["clinic", "The clinic’s"], ["none", "None: cancelling it never costs anything"]]
    if row_id in clinic.own_policies:
        choices.insert(0, ["own", "Its own"])
    return FieldView(
        "policy_rule",
        "Cancellation policy",
        str(shown.get("policy_rule") or "clinic"),
        "choice",
        hint="One of its own is written under Settings › Cancellation policy.",
        choices=choices,
    )


PAGES: tuple[tuple[str, Any, Any, str], ...] = (
    (
        "/admin/settings/services",
        lambda: editor_page(
            ServicesPage,
            "Services",
            one="service",
            note="What can be booked, in its order. What is switched off is offered no more; what is booked stays.",
            preview=on_its_shelf,
            more=[("Copy", ServicesPage.copy)],
        ),
        [ServicesPage.enter],
        "Services",
    ),
)
