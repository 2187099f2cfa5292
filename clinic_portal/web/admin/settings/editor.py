"""A list of things of one kind, and a form for one of them: locations, providers, services and the like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import reflex as rx

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import standing
from clinic_portal.clinic import editing, sheets
from clinic_portal.clinic.sheets import Sheet
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.errors import Conflict, Unusable
from clinic_portal.core.work import Reading
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage
from clinic_portal.web.admin.frame import settings_frame
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button
from clinic_portal.web.components.fields import FieldView, fields, focused
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem

CLOSED = -1


@dataclass
class RowView:
    """One of them in the list."""

    id: int
    name: str
    detail: str
    is_active: bool


class Editor(AdminPage, mixin=True):
    """List and form of one kind. What a kind's form holds, `_fields` says; what its rows say, `_detail`.

    A kind names itself in class variables that say so: Reflex makes vars of the others, which no class can read.
    """

    _kind: ClassVar[str]
    _page: ClassVar[str]
    _owners: ClassVar[tuple[str, ...]] = ()
    rows: list[RowView] = []
    editing: int = CLOSED
    form: list[FieldView] = []
    form_key: int = 0

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def enter(self) -> None:
        """Show the list, and the form of the one the address names."""
        async with self._answering():
            self.editing = CLOSED
            await self._list()
            wanted = inputs.id_in_address(self.router.url.query_parameters.get("open", ""))
            if any(one.id == wanted for one in self.rows):
                await self._edit(wanted)

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def edit(self, row_id: Any) -> None:
        """Open the form of one of them; 0 is a new one."""
        async with self._answering():
            await self._edit(inputs.row_id(row_id, least=0))

    async def _edit(self, wanted: int) -> None:
        clinic = await self._open(self._page)
        values = (await self._ask(sheets.sheet, self._kind, wanted)).values if wanted else {}
        self.editing = wanted
        self._draw(await self._ask(self._fields, clinic, wanted, values))

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def close(self) -> None:
        """Put the form away; nothing is saved."""
        self.editing = CLOSED

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def save(self, form: Any) -> None:
        """Keep what was typed."""
        async with self._answering():
            wanted = inputs.row_id(self.editing, least=0)
            actor, clinic = await self._staff(), await self._open(self._page)
            shown = await self._ask(self._fields, clinic, wanted, {})
            names = [
                name for one in shown for name in ([c[0] for c in one.choices] if one.kind == "ticks" else [one.name])
            ]
            typed = inputs.fields(form, *names, most=9000)
            try:
                await self._do(self._store, actor, wanted, typed)
            except Unusable as refusal:
                errors = {fault.field: problem(fault).sentence for fault in refusal.faults}
                self._draw(await self._ask(self._fields, clinic, wanted, typed), typed=typed, errors=errors)
                return
            except Conflict:
                self._draw(await self._ask(self._fields, clinic, wanted, typed), typed=typed)  # no field is at fault
                raise
            self.editing = CLOSED
            await self._list()
            await self._tell("Saved", "It holds from now on, on every open page.")

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def switch(self, row_id: Any) -> None:
        """Offer it no more, or again."""
        async with self._answering():
            wanted, actor = inputs.row_id(row_id), await self._staff()
            before = await self._ask(sheets.sheet, self._kind, wanted)
            await self._do(editing.switch, actor, self._kind, wanted, is_active=not before.is_active)
            await self._list()

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def move_up(self, row_id: Any) -> None:
        """One place up in the list, which is the order patients see."""
        async with self._answering():
            await self._do(editing.reorder, await self._staff(), self._kind, inputs.row_id(row_id), up=True)
            await self._list()

    async def _list(self) -> None:
        clinic = await self._open(self._page)
        found = await self._ask(sheets.sheets, self._kind)
        self.rows = [RowView(one.id, one.name, self._detail(clinic, one), one.is_active) for one in found]

    def _draw(
        self,
        shown: list[FieldView],
        *,
        typed: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
    ) -> None:
        for one in shown:
            one.error = (errors or {}).get(one.name, "")
            if typed is not None and one.kind == "ticks":
                one.choices = [[name, label, "yes" if typed.get(name) else ""] for name, label, _ in one.choices]
            elif typed is not None:
                one.value = "yes" if one.kind == "tick" and typed.get(one.name) else typed.get(one.name, "")
        self.form = focused(shown)
        self.form_key += 1

    @staticmethod
    def _detail(clinic: Catalogue, one: Sheet) -> str:
        """What the list says beside the name."""
        raise NotImplementedError

    @staticmethod
    def _fields(read: Reading, clinic: Catalogue, row_id: int, values: Mapping[str, Any]) -> list[FieldView]:
        """The form of one of them, with its values."""
        raise NotImplementedError

    def _store(self, work: Any, actor: StaffActor, row_id: int, typed: Mapping[str, str]) -> int:
        """Add or change it, with what it belongs to."""
        plain = {name: value for name, value in typed.items() if name not in self._owners}
        owners = {name: inputs.row_id(typed[name]) for name in self._owners if typed.get(name)}
        if row_id:
            standing.change(work, actor, self._kind, row_id, plain, **owners)
            return row_id
        return editing.add(work, actor, self._kind, plain, **owners)


def text_field(name: str, label: str, values: Mapping[str, Any], *, kind: str = "text", hint: str = "") -> FieldView:
    """A field with the value it has."""
    value = values.get(name)
    return FieldView(name, label, "" if value is None else str(value), kind, hint=hint)


def tick_field(name: str, label: str, values: Mapping[str, Any], *, usual: bool = False) -> FieldView:
    """A box, ticked or not; `usual` is what a new one is."""
    return FieldView(name, label, "yes" if values.get(name, usual if not values else "") else "", "tick")


def editor_page(
    state: Any, title: str, *, one: str, note: str, orders: bool = True, off: str = "Switch off"
) -> rx.Component:
    """The list and the form of a kind; `one` is what a single one is called."""
    return settings_frame(title, editor(state, one=one, note=note, orders=orders, off=off), page=title)


def editor(state: Any, *, one: str, note: str, orders: bool = True, off: str = "Switch off") -> rx.Component:
    """The list and the form, without the page around them; `off` is empty for what cannot be switched off."""
    return rx.el.section(
        rx.el.div(
            rx.el.p(note, class_name=f"{MUTED} max-w-[60ch]"),
            button(f"Add a {one}", small=True, on_click=state.edit(0)),
            class_name="flex justify-between items-start gap-4 mb-4 flex-wrap",
        ),
        rx.cond(state.editing == 0, _form(state, f"A new {one}")),
        rx.el.ul(
            rx.foreach(state.rows, lambda row, n: _row(state, row, n, orders, off)),
            class_name=f"{CARD} list-none !py-1 m-0",
        ),
        aria_label=one,
    )


def _row(state: Any, row: Any, n: Any, orders: bool, off: str) -> rx.Component:
    def act(label: Any, handler: Any) -> rx.Component:
        return rx.el.button(
            label,
            " ",
            rx.el.span(row.name, class_name="sr"),
            type="button",
            class_name="link",
            on_click=handler(row.id),
        )

    return rx.el.li(
        rx.cond(
            state.editing == row.id,
            _form(state, row.name),
            rx.el.div(
                rx.el.div(
                    rx.el.p(
                        row.name,
                        rx.cond(row.is_active, "", rx.el.span(" · switched off", class_name=SMALL)),
                        class_name="font-semibold overflow-anywhere",
                    ),
                    rx.el.p(row.detail, class_name=f"{SMALL} overflow-anywhere"),
                ),
                rx.el.div(
                    act("Change", state.edit),
                    rx.cond(n > 0, act("Up", state.move_up)) if orders else rx.fragment(),
                    act(rx.cond(row.is_active, off, "Switch on"), state.switch) if off else rx.fragment(),
                    class_name="flex gap-4 shrink-0",
                ),
                class_name="flex justify-between items-center gap-4 flex-wrap",
            ),
        ),
        class_name="py-3 border-b border-[var(--line)] last:border-0",
    )


def _form(state: Any, title: Any) -> rx.Component:
    return rx.el.form(
        rx.el.h2(title, class_name="mb-3"),
        fields(state.form, state.form_key),
        rx.el.div(
            button("Save", type="submit", small=True),
            button("Do not save", ghost=True, small=True, on_click=state.close),
            class_name="flex gap-3 mt-5",
        ),
        no_validate=True,
        on_submit=state.save,
        class_name="bg-[var(--sunken)] rounded-[var(--radius-m)] p-5 my-3",
    )
