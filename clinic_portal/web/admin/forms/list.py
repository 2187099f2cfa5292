"""All forms of the clinic, by kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.roles import Permission
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.errors import Unusable
from clinic_portal.forms import queries, templates
from clinic_portal.forms.definition import Kind
from clinic_portal.forms.types import FormInfo
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage
from clinic_portal.web.admin.forms import words
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, focus_when
from clinic_portal.web.components.basics import field as text_field
from clinic_portal.web.components.follow import follow
from clinic_portal.web.gate import access
from clinic_portal.web.portal.pieces import PILL
from clinic_portal.web.problems import problem

TAGS = {
    "good": f"{PILL} bg-[var(--past-soft)] text-[#155c39]",
    "draft": f"{PILL} bg-[var(--warn-soft)] text-[#6b4600]",
    "off": f"{PILL} bg-[var(--sunken)] text-[var(--ink-2)]",
}


@dataclass
class FormRow:
    """A form in the list."""

    id: int
    name: str
    version: str
    draft: str
    services: str
    rules: str
    is_active: bool


@dataclass
class KindGroup:
    """The forms of one kind."""

    kind: str
    title: str
    about: str
    rows: list[FormRow] = field(default_factory=list)


class Forms(AdminPage, rx.State):
    """The list, and the form for a new one."""

    groups: list[KindGroup] = []
    is_adding: bool = False
    kind: str = Kind.QUESTIONNAIRE.value
    name_error: str = ""
    focus_on: str = ""
    focus_number: int = 0

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def enter(self) -> None:
        """Show the list."""
        async with self._answering():
            self.is_adding, self.name_error = False, ""
            await self._list(await self._open("Forms"))

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def begin(self, kind: Any) -> None:
        """Open the form for a new one of a kind."""
        async with self._answering():
            self.kind = inputs.choice(kind, [one.value for one in Kind])
            self.is_adding, self.name_error = True, ""
            self._focus("name")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def close(self) -> None:
        """Put it away."""
        self.is_adding, self.name_error = False, ""
        self._focus("new-form")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def add(self, form: Any) -> EventSpec | None:
        """Begin the form, and go and write it."""
        async with self._answering():
            typed = inputs.fields(form, "name", "kind", most=500)
            kind = Kind(inputs.choice(typed["kind"], [one.value for one in Kind]))
            try:
                made = await self._do(templates.add, await self._staff(), kind, typed["name"])
            except Unusable as refusal:
                self.name_error = problem(refusal.faults[0]).sentence
                return None
            self.is_adding = False
            return rx.redirect(f"/admin/forms/edit?id={made}")
        return None

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def copy_form(self, form_id: Any) -> EventSpec | None:
        """Begin a form with what another holds, and go and write it."""
        async with self._answering():
            made = await self._do(templates.copy, await self._staff(), inputs.row_id(form_id))
            return rx.redirect(f"/admin/forms/edit?id={made}")
        return None

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def switch(self, form_id: Any) -> None:
        """Ask for it no more, or again."""
        async with self._answering():
            wanted = inputs.row_id(form_id)
            before = await self._ask(queries.form, wanted)
            await self._do(templates.switch, await self._staff(), wanted, is_active=not before.is_active)
            await self._list(await self._open("Forms"))
            if before.is_active:
                await self._tell("Switched off", "It is asked for with no new booking. What was answered stays.")
            else:
                await self._tell("Switched on", "It is asked for with new bookings of its services.")

    async def _list(self, clinic: Catalogue) -> None:
        (await self._staff()).must(Permission.WRITE_FORMS)
        found = await self._ask(queries.forms)
        groups = {kind: KindGroup(kind.value, told[0], told[2]) for kind, told in words.KINDS.items()}
        for one in found.values():
            groups[one.kind].rows.append(_row_view(clinic, one))
        self.groups = list(groups.values())

    def _focus(self, name: str) -> None:
        self.focus_on, self.focus_number = name, self.focus_number + 1


def _row_view(clinic: Catalogue, one: FormInfo) -> FormRow:
    draft = ("Changes not published yet" if one.version else "Draft, not published yet") if one.has_draft else ""
    rules = words.delay_told(one.delay_minutes) if one.kind is Kind.AFTER else words.validity(one.kind, one.validity)
    return FormRow(
        one.id,
        one.name,
        f"Version {one.version}" if one.version else "",
        draft,
        words.services(clinic, one.service_ids),
        rules,
        one.is_active,
    )


def page() -> rx.Component:
    """The list by kind."""
    return admin_frame(
        "Forms",
        rx.el.div(
            rx.el.p(
                "What patients answer, sign and read around their visits. A form is asked for with the services it "
                "belongs to.",
                class_name=f"{MUTED} max-w-[64ch]",
            ),
            button("New form", id="new-form", on_click=Forms.begin(Kind.QUESTIONNAIRE.value), class_name="!px-5"),
            class_name="flex justify-between items-start gap-4 mb-5 flex-wrap",
        ),
        rx.cond(Forms.is_adding, _new()),
        rx.el.div(rx.foreach(Forms.groups, _group), class_name="grid gap-7"),
        follow(to=Forms.focus_on, number=Forms.focus_number),
        here="Forms",
        page="Forms",
    )


def _new() -> rx.Component:
    return rx.el.form(
        rx.el.h2("A new form", class_name="mb-4"),
        rx.el.fieldset(
            rx.el.legend("What it is", class_name="font-semibold mb-2 p-0"),
            rx.el.div(
                *[_kind_choice(kind, told[1], told[2]) for kind, told in words.KINDS.items()],
                key=Forms.kind,
                class_name="grid sm:grid-cols-2 gap-3",
            ),
            class_name="border-0 p-0 m-0 mb-5",
        ),
        rx.el.div(
            text_field(
                "name",
                "What you call it",
                error=Forms.name_error,
                hint="Staff see this name. Patients read the title, which you write next.",
                max_length=templates.NAME_MOST,
                auto_complete="off",
            ),
            focus_when(Forms.name_error != "", "name"),
            class_name="max-w-[520px]",
        ),
        rx.el.div(
            button("Begin", type="submit", small=True),
            button("Do not add it", ghost=True, small=True, on_click=Forms.close),
            class_name="flex gap-3 mt-5",
        ),
        no_validate=True,
        on_submit=Forms.add,
        class_name=f"{CARD} mb-7",
    )


def _kind_choice(kind: Kind, label: str, about: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="kind",
            value=kind.value,
            default_checked=Forms.kind == kind.value,
            class_name="w-5 h-5 mt-0.5 shrink-0 accent-[var(--brand)]",
        ),
        rx.el.span(
            rx.el.span(label, class_name="block font-semibold"),
            rx.el.span(about, class_name=f"block {SMALL}"),
        ),
        class_name=(
            "flex items-start gap-3 rounded-[var(--radius-m)] border border-[var(--line)] p-4 cursor-pointer "
            "hover:bg-[var(--sunken)] has-[:checked]:border-[var(--brand)] has-[:checked]:bg-[var(--brand-soft)]"
        ),
    )


def _group(group: Any) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(group.title),
            rx.el.button(
                "Add one",
                rx.el.span(" to ", group.title, class_name="sr"),
                type="button",
                class_name="link",
                on_click=Forms.begin(group.kind),
            ),
            class_name="flex justify-between items-baseline gap-4 mb-2",
        ),
        rx.cond(
            group.rows,
            rx.el.ul(rx.foreach(group.rows, _row), class_name=f"{CARD} list-none !py-1 m-0"),
            rx.el.p(
                "None yet. ",
                group.about,
                class_name=f"{MUTED} rounded-[var(--radius-l)] border border-dashed border-[var(--edge)] p-5 m-0",
            ),
        ),
        aria_label=group.title,
    )


def _row(row: Any) -> rx.Component:
    def act(label: Any, handler: Any) -> rx.Component:
        name = rx.el.span(" ", row.name, class_name="sr")
        return rx.el.button(label, name, type="button", class_name="link", on_click=handler(row.id))

    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.a(
                    row.name,
                    href=f"/admin/forms/edit?id={row.id}",
                    class_name="font-semibold text-[var(--ink)] no-underline hover:text-[var(--brand)] mr-3 overflow-anywhere",
                ),
                rx.el.span(
                    rx.cond(row.version != "", rx.el.span(row.version, class_name=TAGS["good"])),
                    rx.cond(row.draft != "", rx.el.span(row.draft, class_name=TAGS["draft"])),
                    rx.cond(row.is_active, rx.fragment(), rx.el.span("Switched off", class_name=TAGS["off"])),
                    class_name="inline-flex flex-wrap gap-1.5 align-middle",
                ),
                class_name="m-0",
            ),
            rx.el.p(
                row.services,
                rx.cond(row.rules != "", f" · {row.rules}", ""),
                class_name=f"{SMALL} m-0 mt-0.5 overflow-anywhere",
            ),
            class_name="min-w-0 grow basis-[240px]",
        ),
        rx.el.div(
            rx.el.a(
                "Edit",
                rx.el.span(" ", row.name, class_name="sr"),
                href=f"/admin/forms/edit?id={row.id}",
                class_name="link",
            ),
            act("Copy", Forms.copy_form),
            act(rx.cond(row.is_active, "Switch off", "Switch on"), Forms.switch),
            class_name="flex gap-4 shrink-0",
        ),
        class_name=(
            "py-3.5 border-b border-[var(--line)] last:border-0 flex justify-between items-center gap-x-5 gap-y-1 flex-wrap"
        ),
    )
