"""All texts by moment of the patient's journey; and how e-mails look and what they never say (P13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.clinic import editing, sheets
from clinic_portal.core.errors import Unusable
from clinic_portal.messaging import own_words
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, may
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.admin.messages import text_views
from clinic_portal.web.admin.messages.tabs import tabs
from clinic_portal.web.admin.messages.text_views import MomentView
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button
from clinic_portal.web.components.fields import FieldView, fields, focused
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem

PAGE = "Texts"
FIELDS = (
    ("brand_colour", "Your colour", "text", "Of links, buttons and your name, as #9c4a31."),
    (
        "email_names_services",
        "E-mails name the treatments",
        "tick",
        "Otherwise they say “Your visit” and how long it takes. An SMS never names one.",
    ),
    (
        "email_carries_instructions",
        "E-mails hold the instructions for before and after",
        "tick",
        "Otherwise they say that these are in the portal. What names a treatment stays there, unless you tick both.",
    ),
)


class Texts(AdminPage, rx.State):
    """The list, and the look."""

    moments: list[MomentView] = []
    form: list[FieldView] = []
    form_key: int = 0
    colour: str = ""

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def enter(self) -> None:
        """Show them."""
        async with self._answering():
            await self._open(PAGE)
            self.moments = text_views.moments(await self._ask(own_words.own))
            self._draw(await self._ask(sheets.clinic), {})

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def save(self, form: Any) -> None:
        """Keep the look and what e-mails say."""
        async with self._answering():
            typed = inputs.fields(form, "brand_colour", most=40)
            ticked = inputs.ticks(form, "email_names_services", "email_carries_instructions")
            typed |= {name: "yes" if is_on else "" for name, is_on in ticked.items()}
            try:
                await self._do(editing.change_clinic, await self._staff(), typed)
            except Unusable as refusal:
                self._draw(typed, {fault.field: problem(fault).sentence for fault in refusal.faults})
                return
            await self._open(PAGE)
            self._draw(await self._ask(sheets.clinic), {})
            await self._tell("Saved", "The next e-mail goes out like that.")

    def _draw(self, values: Mapping[str, Any], errors: Mapping[str, str]) -> None:
        self.form_key += 1
        self.colour = str(values["brand_colour"]) if not errors else self.colour
        told = {
            name: ("yes" if values[name] else "") if kind == "tick" else str(values[name])
            for name, _, kind, _ in FIELDS
        }
        shown = [
            FieldView(name, label, told[name], kind, errors.get(name, ""), hint) for name, label, kind, hint in FIELDS
        ]
        self.form = focused(shown, is_opened=False)


def page() -> rx.Component:
    """The look above, the texts below."""
    return admin_frame(
        "Messages",
        tabs("Texts", changes_texts=may(Permission.CHANGE_CLINIC)),
        rx.el.div(
            rx.el.div(rx.foreach(Texts.moments, _moment), id="texts", class_name="grid gap-6 min-w-0"),
            _look(),
            class_name="grid grid-cols-1 lg:grid-cols-[minmax(0,1fr)_340px] gap-6 items-start",
        ),
        here="Messages",
        page=PAGE,
    )


def _moment(one: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2(one.title, class_name="mb-1"),
        rx.el.ul(rx.foreach(one.texts, _text), class_name="list-none p-0 m-0"),
        class_name=CARD,
    )


def _text(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(one.title, class_name="font-semibold"),
            rx.el.p(one.sent, class_name=f"{MUTED} text-[14px]"),
            class_name="min-w-0",
        ),
        rx.el.div(rx.foreach(one.channels, _channel), class_name="flex gap-2 shrink-0 items-start"),
        class_name="py-3 border-b border-[var(--line)] last:border-0 flex justify-between gap-x-5 gap-y-2 flex-wrap sm:flex-nowrap",
    )


def _channel(one: Any) -> rx.Component:
    return rx.el.a(
        one.label,
        rx.el.span(one.told, class_name=f"{SMALL} block empty:hidden"),
        href=one.href,
        aria_label=rx.cond(one.told != "", f"{one.spoken}: {one.told}", one.spoken),
        class_name="link whitespace-nowrap px-2 py-1 text-right",
    )


def _look() -> rx.Component:
    return rx.el.form(
        rx.el.h2("How e-mails look", class_name="mb-3"),
        fields(Texts.form, Texts.form_key),
        rx.el.div(
            rx.el.span(
                "Like this",
                class_name="inline-block px-5 py-2.5 rounded-[8px] font-semibold text-white",
                style={"background": Texts.colour},
            ),
            class_name="mt-4",
            aria_hidden="true",
        ),
        rx.el.div(button("Save", type="submit", small=True), class_name="mt-5"),
        no_validate=True,
        on_submit=Texts.save,
        class_name=CARD,
    )
