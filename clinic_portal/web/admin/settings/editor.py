"""A list of things of one kind, and a form for one of them: locations, providers, services and the like."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import reflex as rx

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import standing, stranded
from clinic_portal.booking.stranded import VISITS_STAY
from clinic_portal.clinic import editing, sheets
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.sheets import Sheet
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.errors import Conflict, Unusable
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.web import inputs
from clinic_portal.web.admin.settings.asked import Asks
from clinic_portal.web.admin.settings.meanwhile import CHANGED, as_drawn, draw_meanwhile
from clinic_portal.web.components.fields import FieldView, focused
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem

CLOSED = -1
FORM = "form"
"""What a question is about that saving asks; that of a line is about its id."""


@dataclass
class RowView:
    """One of them in the list; a question is `about` it.

    `focus` is the button that has it when the line is drawn anew, under another `key`.
    """

    id: int
    about: str
    name: str
    detail: str
    is_active: bool
    is_last: bool
    place: str
    key: str
    focus: str = ""


@dataclass
class FactView:
    """Something that is so beside a form, and the way to where it is changed."""

    title: str
    text: str
    label: str = ""
    href: str = ""


class Editor(Asks, mixin=True):
    """List and form of one kind. What a kind's form holds, `_fields` says; what its rows say, `_details`.

    A kind names itself in class variables that say so: Reflex makes vars of the others, which no class can read.
    """

    _kind: ClassVar[str]
    _page: ClassVar[str]
    _owners: ClassVar[tuple[str, ...]] = ()
    rows: list[RowView] = []
    editing: int = CLOSED
    form: list[FieldView] = []
    form_key: int = 0
    facts: list[FactView] = []
    _opened: dict[str, str] = {}
    _drawn: int = 0

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def enter(self) -> None:
        """Show the list, and the form of the one the address names."""
        async with self._answering():
            self.editing = CLOSED
            self._settle()
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
        shown = await self._ask(self._fields, clinic, wanted, values)
        self.editing, self._opened = wanted, as_drawn(shown)
        self._settle()
        self._draw(shown)
        await self._see(clinic, self._opened)

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def close(self) -> None:
        """Put the form or the question away; nothing is saved."""
        async with self._answering():
            asked = self.asked[0].about if self.asked else ""
            focus = (int(asked), "switch") if asked.isdigit() else (self.editing, "change")
            self.editing = CLOSED
            self._settle()
            await self._list(focus=focus)

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def look(self, row_id: Any, form: Any) -> None:
        """Show what patients will see of what is typed so far."""
        async with self._answering():
            if inputs.row_id(row_id, least=0) == self.editing:
                typed = inputs.fields(form, *self._opened, most=9000)
                await self._see(await self._ask(catalogue), typed)

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def save(self, form: Any) -> None:
        """Keep what was typed."""
        async with self._answering():
            wanted = inputs.row_id(self.editing, least=0)
            actor, clinic = await self._staff(), await self._open(self._page)
            shown = await self._ask(self._fields, clinic, wanted, {})
            typed = inputs.fields(form, *as_drawn(shown), most=9000)
            try:
                await self._do(self._keep, actor, wanted, typed, dict(self._opened), self._agreed(FORM))
            except Unusable as refusal:
                errors = {fault.field: problem(fault).sentence for fault in refusal.faults}
                self._settle()
                self._draw(await self._ask(self._fields, clinic, wanted, typed), typed=typed, errors=errors)
                return
            except Conflict as refusal:
                shown = await self._ask(self._fields, clinic, wanted, typed)
                if refusal.code == CHANGED:
                    await self._draw_changed(clinic, wanted, shown, typed)
                    raise
                self._draw(shown, typed=typed, has_focus=refusal.code != VISITS_STAY)  # no field is at fault
                await self._wonder(refusal, clinic, FORM)
                return
            self.editing = CLOSED
            self._settle()
            await self._list(focus=(wanted, "change"))
            await self._tell("Saved", "It holds from now on, on every open page.")

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def switch(self, row_id: Any) -> None:
        """Offer it no more, or again; asked about the visits that stand on it, pressing it again says they stay."""
        async with self._answering():
            wanted, actor = inputs.row_id(row_id), await self._staff()
            clinic = await self._open(self._page)
            is_active = (await self._ask(sheets.sheet, self._kind, wanted)).is_active
            seen = self._agreed(str(wanted))
            try:
                await self._do(stranded.switch, actor, self._kind, wanted, is_active=not is_active, seen=seen)
            except Conflict as refusal:
                await self._wonder(refusal, clinic, str(wanted))
                return
            self._settle()
            await self._list(focus=(wanted, "switch"))

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def move_up(self, row_id: Any) -> None:
        """One place up in the list, which is the order patients see."""
        await self._move(row_id, up=True)

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def move_down(self, row_id: Any) -> None:
        """One place down."""
        await self._move(row_id, up=False)

    async def _move(self, row_id: Any, *, up: bool) -> None:
        async with self._answering():
            wanted = inputs.row_id(row_id)
            await self._do(editing.reorder, await self._staff(), self._kind, wanted, up=up)
            await self._list(focus=(wanted, "up" if up else "down"))

    async def _list(self, focus: tuple[int, str] = (0, "")) -> None:
        """Draw the list; the line that is told has the focus on that button, or on one that it still has."""
        clinic = await self._open(self._page)
        found = await self._ask(sheets.sheets, self._kind)
        details = await self._ask(self._details, clinic, found)
        self._drawn += 1
        self.rows = []
        for n, (one, detail) in enumerate(zip(found, details, strict=True)):
            button = focus[1] if one.id == focus[0] else ""
            if button in ("up", "down"):
                button = "down" if n == 0 else "up" if n == len(found) - 1 else button
            self.rows.append(
                RowView(
                    id=one.id,
                    about=str(one.id),
                    name=one.name,
                    detail=detail,
                    is_active=one.is_active,
                    is_last=n == len(found) - 1,
                    place=f"{n + 1} of {len(found)}",
                    key=f"{one.id}-{self._drawn}" if button else str(one.id),
                    focus=button,
                )
            )

    def _draw(
        self,
        shown: list[FieldView],
        *,
        typed: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        has_focus: bool = True,
    ) -> None:
        for one in shown:
            one.error = (errors or {}).get(one.name, "")
            if typed is not None and one.kind == "ticks":
                one.choices = [[name, label, "yes" if typed.get(name) else ""] for name, label, _ in one.choices]
            elif typed is not None:
                one.value = "yes" if one.kind == "tick" and typed.get(one.name) else typed.get(one.name, "")
        self.form = focused(shown, is_opened=has_focus)
        self.form_key += 1

    async def _draw_changed(
        self, clinic: Catalogue, wanted: int, shown: list[FieldView], typed: Mapping[str, str]
    ) -> None:
        """The form with what was typed, each field marked that someone else changed meanwhile."""
        current = (await self._ask(sheets.sheet, self._kind, wanted)).values
        now = await self._ask(self._fields, clinic, wanted, current)
        self._settle()
        merged, errors = draw_meanwhile(now, opened=self._opened, typed=typed)
        self._opened = as_drawn(now)
        self._draw(shown, typed=merged, errors=errors)
        await self._see(clinic, merged)

    def _details(self, read: Reading, clinic: Catalogue, found: list[Sheet]) -> list[str]:
        """What the list says beside each name; a kind that has to read for it does so once."""
        return [self._detail(clinic, one) for one in found]

    @staticmethod
    def _detail(clinic: Catalogue, one: Sheet) -> str:
        """What the list says beside the name, where the clinic and the thing itself tell."""
        raise NotImplementedError

    @staticmethod
    def _fields(read: Reading, clinic: Catalogue, row_id: int, values: Mapping[str, Any]) -> list[FieldView]:
        """The form of one of them, with its values."""
        raise NotImplementedError

    async def _see(self, clinic: Catalogue, typed: Mapping[str, str]) -> None:
        """Draw what patients will see of it, and what else is so, beside the form; nothing where there is none."""

    def _keep(
        self,
        work: UnitOfWork,
        actor: StaffActor,
        row_id: int,
        typed: Mapping[str, str],
        opened: Mapping[str, str],
        seen: Collection[int],
    ) -> int:
        """Add or change it, unless it is not any more what it was when its form was opened. Raises Conflict."""
        editing.begin(work, actor, Permission.CHANGE_CLINIC)
        if row_id:
            values = sheets.sheet(work, self._kind, row_id).values
            now = as_drawn(self._fields(work, catalogue(work), row_id, values))
            if any(opened.get(name, value) != value for name, value in now.items()):
                raise Conflict(CHANGED)
        return self._store(work, actor, row_id, typed, seen)

    def _store(
        self, work: UnitOfWork, actor: StaffActor, row_id: int, typed: Mapping[str, str], seen: Collection[int]
    ) -> int:
        """Add or change it, with what it belongs to; `seen` are the visits that were shown to stay."""
        plain = {name: value for name, value in typed.items() if name not in self._owners}
        owners = {name: inputs.row_id(typed[name]) for name in self._owners if typed.get(name)}
        if row_id:
            standing.change(work, actor, self._kind, row_id, plain, **owners)
            return row_id
        return editing.add(work, actor, self._kind, plain, **owners)


def ticked(typed: Mapping[str, str], prefix: str) -> list[int]:
    """The ids of the boxes of a kind that are ticked. Raises BadInput."""
    return [inputs.row_id(name.removeprefix(prefix)) for name, on in typed.items() if name.startswith(prefix) and on]


def text_field(name: str, label: str, values: Mapping[str, Any], *, kind: str = "text", hint: str = "") -> FieldView:
    """A field with the value it has."""
    value = values.get(name)
    return FieldView(name, label, "" if value is None else str(value), kind, hint=hint)


def tick_field(name: str, label: str, values: Mapping[str, Any], *, usual: bool = False) -> FieldView:
    """A box, ticked or not; `usual` is what a new one is."""
    return FieldView(name, label, "yes" if values.get(name, usual if not values else "") else "", "tick")
