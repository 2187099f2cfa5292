"""Staff cancel a visit from its page: for a reason, at the fee its policy asks for by now, or at none (P15, B4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import changes, desk, fees
from clinic_portal.booking.access import visit_for_staff
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict, Invalid
from clinic_portal.core.work import Reading
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage
from clinic_portal.web.admin.noshow import becomes
from clinic_portal.web.components import basics
from clinic_portal.web.components.basics import button
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem

CHARGE, WAIVE = "charge", "waive"


@dataclass
class FeeView:
    """A way to cancel: at the fee, or at none; and what becomes of the money."""

    value: str
    label: str
    points: list[str] = field(default_factory=list)


@dataclass
class CancelView:
    """The question."""

    who: str
    ways: list[FeeView]
    error: str = ""


class CallsOff(AdminPage, mixin=True):
    """The page of one visit: it can be cancelled there."""

    cancelling: list[CancelView] = []
    _number: int = 0
    _sequence: int = -1

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def ask_cancel(self) -> EventSpec | None:
        """Say what would be done before anything is."""
        async with self._answering():
            self.cancelling = [await self._ask(_question, await self._staff(), self._number)]
            return rx.set_focus("cancel-title")
        return None

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def keep_visit(self) -> EventSpec:
        """Rather not."""
        self.cancelling = []
        return rx.set_focus("cancel")

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def cancel(self, form: Any) -> EventSpec | None:
        """Cancel it, for the reason that was typed."""
        async with self._answering():
            if not self.cancelling:
                return None
            asked = self.cancelling[0]
            typed = inputs.fields(form, "cancel_reason", "cancel_fee", most=600)
            how = inputs.choice(typed["cancel_fee"] or asked.ways[-1].value, [one.value for one in asked.ways])
            told = {"reason": typed["cancel_reason"], "waives_fee": how == WAIVE}
            try:
                await self._do(desk.cancel, await self._staff(), self._number, seen_sequence=self._sequence, **told)
            except Invalid as refusal:
                self.cancelling = [CancelView(asked.who, asked.ways, problem(refusal).sentence)]
                return rx.set_focus("cancel_reason")
            except Conflict:
                self.cancelling = []
                await self._again()
                raise
            self.cancelling = []
            await self._tell("The visit is cancelled", "The patient is told of it.")
            return await self._again()
        return None

    async def _again(self) -> EventSpec:
        raise NotImplementedError


def _question(read: Reading, actor: StaffActor, appointment_id: int) -> CancelView:
    """The ways that are theirs: at the fee where one is due and they may charge it, at none where none is or they may
    waive it; and what becomes of the money in each. Raises Conflict, also where a fee is due and neither is theirs."""
    actor.must(Permission.BOOK_VISITS)
    visit = visit_for_staff(read, actor, appointment_id)
    if visit.status != "booked":
        raise Conflict("visit_moved_on")
    if visit.start_at <= read.now:
        raise Conflict("visit_begun")
    due, language = changes.fee_minor(read, visit), catalogue(read).clinic.language
    is_due, ways = fees.is_due(read, visit, due), []
    if is_due and actor.may(Permission.CHARGE_FEES):
        amount = wording.money(due, visit.currency, language)
        what = f"the fee of {amount} is due" if due else "what the wallet was to pay counts as used"
        points = becomes(fees.ending(read, visit, due), due, language)
        ways.append(FeeView(CHARGE, f"The patient cancels late: {what}", points))
    if not is_due or actor.may(Permission.GIVE_BACK):
        label = "No fee: the clinic calls it off, or lets them off" if is_due else "No fee is due"
        ways.append(FeeView(WAIVE, label, becomes(fees.ending(read, visit, 0, forgives=True), 0, language)))
    if not ways:
        raise Conflict("desk_fee_due")
    return CancelView(f"{visit.given_name} {visit.family_name}", ways)


def cancelling(state: Any, one: Any) -> rx.Component:
    """The question, on the visit's page."""
    return rx.el.form(
        rx.el.h3("Cancel the visit?", id="cancel-title", tab_index=-1),
        rx.el.fieldset(
            rx.el.legend("At what fee", class_name="sr"),
            rx.foreach(one.ways, lambda way, n: _way(way, n)),
            class_name="border-0 p-0 m-0 mt-2 grid gap-3",
        ),
        rx.el.div(
            basics.field(
                "cancel_reason", "Reason, kept with the visit", error=one.error, max_length=500, auto_complete="off"
            ),
            class_name="mt-4",
        ),
        rx.el.div(
            button("Yes, cancel the visit", type="submit", small=True),
            button("Keep it", ghost=True, small=True, on_click=state.keep_visit, class_name="!bg-[var(--surface)]"),
            class_name="flex flex-wrap gap-3 mt-4",
        ),
        id="cancelling",
        on_submit=state.cancel,
        no_validate=True,
        class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#5c3d00] p-4 mt-4",
    )


def _way(way: Any, n: Any) -> rx.Component:
    return rx.el.div(
        rx.el.label(
            rx.el.input(
                type="radio",
                name="cancel_fee",
                value=way.value,
                default_checked=n == 0,
                class_name="w-5 h-5 accent-[var(--brand)]",
            ),
            way.label,
            class_name="flex items-center gap-2.5 min-h-[32px] font-semibold",
        ),
        rx.el.ul(
            rx.foreach(way.points, lambda told: rx.el.li(told)), class_name="list-disc pl-5 m-0 ml-8 empty:hidden"
        ),
    )
