"""Memberships in the settings: the plans patients may join (P8)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.errors import Conflict, Unusable
from clinic_portal.core.work import Reading
from clinic_portal.memberships import editing, sheets
from clinic_portal.memberships import editing_rules as rules
from clinic_portal.memberships.sheets import PlanSheet
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage
from clinic_portal.web.admin.settings import plan_views as views
from clinic_portal.web.admin.settings.plan_views import PlanRow
from clinic_portal.web.gate import access
from clinic_portal.web.memberships.cards import PlanCard
from clinic_portal.web.problems import problem

PAGE = "Memberships"
CLOSED, NEW = -1, 0


class PlanEditor(AdminPage, rx.State):
    """The plans, and the form of one of them beside the card that patients see."""

    rows: list[PlanRow] = []
    editing: int = CLOSED
    form: dict[str, str] = {}
    errors: dict[str, str] = {}
    form_key: int = 0
    focus_on: str = ""
    focus_number: int = 0
    preview: list[PlanCard] = []
    stays: str = ""
    shown: int = 1
    whats: list[list[str]] = []
    agreements: list[list[str]] = []
    currency: str = ""
    _revision: int = 0

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def enter(self) -> None:
        """Show the list, or the plan that the address names."""
        async with self._answering():
            self.editing, self.focus_number = CLOSED, 0
            await self._list()
            wanted = inputs.id_in_address(self.router.url.query_parameters.get("open", ""))
            if any(one.id == wanted for one in self.rows):
                await self._edit(wanted)

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def edit(self, plan_id: Any) -> None:
        """Open the form of one of them; 0 is a new one."""
        async with self._answering():
            await self._edit(inputs.row_id(plan_id, least=NEW))
            self._focus("name")

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def close(self) -> None:
        """Put the form away; nothing is saved."""
        self._close()

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def write(self, field: Any, value: Any) -> None:
        """Keep what is typed, and show what patients would see."""
        async with self._answering():
            name = inputs.choice(field, rules.names())
            self.form = {**self.form, name: inputs.text(value, most=9000)}
            await self._draw()

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def more(self) -> None:
        """Another thing that it brings."""
        async with self._answering():
            if self.shown < rules.ROWS:
                self.shown += 1
                self._focus(f"what_{self.shown - 1}")

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def save(self, form: Any) -> None:
        """Keep the plan."""
        async with self._answering():
            self.form = inputs.fields(form, *rules.names(), most=9000)
            wanted, actor = inputs.row_id(self.editing, least=NEW), await self._staff()
            about = {"currency": inputs.text(self.currency, most=3)}
            is_new_version = False
            try:
                if wanted:
                    seen = inputs.row_id(self._revision, least=0)
                    is_new_version = await self._do(
                        editing.change, actor, wanted, self.form, seen_revision=seen, **about
                    )
                else:
                    await self._do(editing.create, actor, self.form, **about)
            except Unusable as refusal:
                self._refuse(refusal)
                return
            self._close(wanted)
            await self._list()
            if is_new_version:
                await self._tell("Saved", "Whoever joins from now on gets the new terms; members keep theirs.")
            else:
                await self._tell("Saved", "" if wanted else "Patients see it as soon as you offer it.")

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def switch(self, plan_id: Any) -> None:
        """Offer it, or no more."""
        async with self._answering():
            wanted, actor = inputs.row_id(plan_id), await self._staff()
            before = await self._ask(sheets.sheet, actor, wanted)
            try:
                await self._do(editing.offer, actor, wanted, is_offered=not before.is_active)
            except Conflict as refusal:
                await self._list()
                await self._say(problem(refusal))
                return
            await self._list()
            if before.is_active:
                await self._tell("Not on offer any more", "Its members stay members, on their terms.")
            else:
                await self._tell("On offer", "Patients find it under Memberships, and in their portal.")

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def move_up(self, plan_id: Any) -> None:
        """One place up in the list, which is the order patients see."""
        async with self._answering():
            await self._do(editing.reorder, await self._staff(), inputs.row_id(plan_id))
            await self._list()

    async def _list(self) -> None:
        clinic = await self._open(PAGE)
        found = await self._ask(sheets.sheets, await self._staff())
        self.rows = [views.row(one, clinic.clinic.language) for one in found]

    async def _edit(self, wanted: int) -> None:
        clinic = await self._open(PAGE)
        one = await self._sheet(wanted)
        self.form, self.errors = views.form(one), {}
        self.shown = views.rows_shown(self.form)
        self.whats = views.whats(clinic)
        self.agreements = views.agreements(await self._ask(_fit), one)
        self.currency = clinic.clinic.currency
        self._revision = one.revision if one else 0
        self.editing = wanted
        self.form_key += 1
        await self._draw()

    async def _draw(self) -> None:
        clinic = await self._ask(catalogue)
        self.preview = [views.preview(clinic, self.form)]
        self.stays = views.stays(clinic, await self._sheet(inputs.row_id(self.editing, least=CLOSED)), self.form)

    async def _sheet(self, plan_id: int) -> PlanSheet | None:
        return await self._ask(sheets.sheet, await self._staff(), plan_id) if plan_id > 0 else None

    def _refuse(self, refusal: Unusable) -> None:
        self.errors = {one.field: problem(one).sentence for one in reversed(refusal.faults)}
        self._focus(next(name for name in rules.names() if name in self.errors))

    def _close(self, came_from: int | None = None) -> None:
        came_from = self.editing if came_from is None else came_from
        self.editing, self.preview, self.form, self.errors = CLOSED, [], {}, {}
        self._focus(f"change-{came_from}" if came_from else "add-plan")

    def _focus(self, on: str) -> None:
        self.focus_on = on
        self.focus_number += 1


def _fit(read: Reading) -> list[Any]:
    return editing.agreements(read)
