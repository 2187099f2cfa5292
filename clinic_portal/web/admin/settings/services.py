"""Services: what their form holds, and what belongs to each beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import reflex as rx

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.clinic import editing, policies, sheets
from clinic_portal.clinic.sheets import Sheet
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.web import inputs
from clinic_portal.web.admin.settings.editor import Editor, editor_page, text_field, tick_field
from clinic_portal.web.admin.settings.policy_views import amount
from clinic_portal.web.components.fields import FieldView


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
        deposit = f"deposit {told}" if (told := _deposit(clinic, one)) else ""
        return " · ".join(part for part in (category.name if category else "", length, price, deposit, online) if part)

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
                str(shown.get("category_id", "")),
                "choice",
                choices=[[str(one.id), one.name] for one in clinic.categories.values()],
            ),
            text_field("description", "Description", shown, kind="area"),
            text_field("what_to_bring", "What to bring or mind before the visit", shown, kind="area"),
            text_field("duration_minutes", "Minutes", shown, kind="number"),
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
                ],
            ),
        ]

    def _store(self, work: Any, actor: StaffActor, row_id: int, typed: Mapping[str, str]) -> int:
        apart = ("provider_", "pool_", "policy_rule")
        plain = {name: value for name, value in typed.items() if not name.startswith(apart)}
        service_id = super()._store(work, actor, row_id, plain)
        policies.follow(work, actor, service_id, typed["policy_rule"])
        for kind, prefix in (("service_provider", "provider_"), ("service_pool", "pool_")):
            ticked = [
                inputs.row_id(name.removeprefix(prefix)) for name, on in typed.items() if name.startswith(prefix) and on
            ]
            editing.link(work, actor, kind, service_id, ticked)
        return service_id


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
            ServicesPage, "Services", one="service", note="What can be booked. What is switched off is offered no more."
        ),
        [ServicesPage.enter],
        "Services",
    ),
)
