"""Somebody did not come: what saying so does is said first, then done (P5). Shared by the pages that list visits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.roles import Permission
from clinic_portal.booking import fees, till
from clinic_portal.booking.fees import Ending
from clinic_portal.booking.till import NoShow
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import GatewayAway, GatewayRefused
from clinic_portal.payments.types import PaymentInfo, Purpose, State
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage
from clinic_portal.web.admin.payments import words
from clinic_portal.web.components.basics import button
from clinic_portal.web.gate import access
from clinic_portal.web.problems import Problem


@dataclass
class AskedView:
    """The question about one visit, and what a yes does."""

    id: int
    title: str
    points: list[str]
    label: str


class AsksNoShow(AdminPage, mixin=True):
    """A page whose visits can be marked as missed; `_anew` shows what is left of them afterwards."""

    asked: list[AskedView] = []
    focus_on: str = ""
    focus_number: int = 0
    _fee_minor: int = 0  # as it was shown
    _seen: int = 0  # the sequence of the visit as it was shown

    @rx.event
    @access(Permission.CHARGE_FEES)
    async def ask(self, appointment_id: Any) -> EventSpec | None:
        """Say what would be done before anything is."""
        async with self._answering():
            wanted = inputs.row_id(appointment_id)
            await self._say(Problem.none())
            told = await self._ask(till.noshow, await self._staff(), wanted)
            self._fee_minor, self._seen = told.fee_minor, told.visit.sequence
            self.asked = [question(told, (await self._ask(catalogue)).clinic.language)]
            return rx.set_focus("question")
        return None

    @rx.event
    @access(Permission.CHARGE_FEES)
    async def keep(self) -> None:
        """Rather not."""
        if self.asked:
            self.focus_on, self.focus_number = f"missed-{self.asked[0].id}", self.focus_number + 1
        self.asked = []

    @rx.event
    @access(Permission.CHARGE_FEES)
    async def charge(self) -> None:
        """They did not come: mark the visit, and charge what was shown."""
        asked, self.asked = self.asked, []
        if not asked:
            return
        async with self._answering():
            try:
                seen = {"shown_fee_minor": self._fee_minor, "seen_sequence": self._seen}
                await self._do(fees.charge_noshow, await self._staff(), asked[0].id, **seen)
            except Conflict as refusal:
                if refusal.code != "fee_changed":
                    raise
                await self._say(Problem.of("noshow_fee_changed"))
            else:
                await self._tell_of(await self._ask(payments.fee_of, asked[0].id, Purpose.NOSHOW_FEE))
        async with self._answering():
            await self._anew()
        self.focus_on, self.focus_number = "notice", self.focus_number + 1

    async def _anew(self) -> None:
        raise NotImplementedError

    async def _tell_of(self, fee: PaymentInfo | None) -> None:
        """What came of it: charged now, where the gateway answers."""
        if fee is None:
            await self._tell("Marked as missed", "The policy asks nothing for it: nothing was charged.")
            return
        try:
            fee = await self._cashier("settle", fee.id)
        except (GatewayAway, GatewayRefused):
            await self._tell("Marked as missed", "The fee is charged as soon as the payment service answers.")
            return
        assert fee is not None
        language = (await self._ask(catalogue)).clinic.language
        amount = wording.money(words.asked_minor(fee), fee.currency, language)
        if fee.state is State.PAID:
            await self._tell(f"Marked as missed, {amount} paid")
        elif fee.state is State.WAIVED:
            await self._tell("Marked as missed", "What is left of the fee is less than a card can be charged.")
        elif fee.state is State.FAILED:
            told = f"{words.failure(fee.failure_code)} The patient is asked by e-mail to pay it online."
            await self._say(Problem(f"Marked as missed, but {amount} could not be charged", told))
        else:
            await self._tell("Marked as missed", f"{amount} is being charged.")


def question(told: NoShow, language: str) -> AskedView:
    """What marking a visit as missed does, in sentences."""
    visit, fee = told.visit, wording.money(told.fee_minor, told.visit.currency, language)
    said = ["The visit is marked as missed. This cannot be taken back."]
    if not told.fee_minor:
        said.append("The policy asks nothing for it: nothing is charged.")
    said += becomes(told.plan, told.fee_minor, language)
    label = f"Did not come: charge {fee}" if told.fee_minor else "Did not come"
    return AskedView(visit.appointment_id, f"{visit.given_name} {visit.family_name} did not come?", said, label)


def becomes(plan: Ending, fee_minor: int, language: str) -> list[str]:
    """What becomes of the money when a visit ends at a fee, in sentences."""

    def money(minor: int) -> str:
        return wording.money(minor, plan.currency, language)

    card, said = words.card(plan.card), []
    if plan.from_deposit_minor:
        said.append(f"{money(plan.from_deposit_minor)} is kept of the deposit.")
    if plan.charged_minor and card:
        said.append(f"{money(plan.charged_minor)} is charged to {card}.")
    elif plan.charged_minor:
        said.append(f"No card is on file: the patient is asked by e-mail to pay {money(plan.charged_minor)}.")
    if plan.forgiven_minor and fee_minor:
        said.append(f"{money(plan.forgiven_minor)} is waived: no card can be charged so little.")
    if plan.back_minor:
        where = "becomes credit in the patient’s wallet" if plan.back_to == "wallet" else "goes back to the card"
        said.append(f"{money(plan.back_minor)} of the deposit {where}.")
    if plan.let_go_minor:
        said.append(f"The deposit of {money(plan.let_go_minor)} was not taken yet: it is let go.")
    if plan.items_kept:
        said.append(f"Reserved in the wallet for it: {_items(plan.items_kept)}. It counts as used.")
    if plan.items_back:
        said.append(f"Reserved in the wallet for it: {_items(plan.items_back)}. It can be used again.")
    return said


def _items(count: int) -> str:
    return "1 treatment" if count == 1 else f"{count} treatments"


def asking(state: Any, asked: Any) -> rx.Component:
    """The question, beside the visit it is about."""
    return rx.el.div(
        rx.el.h3(asked.title, id="question", tab_index=-1),
        rx.el.ul(
            rx.foreach(asked.points, lambda told: rx.el.li(told, class_name="mt-1")),
            class_name="list-disc pl-5 mt-1 mb-0",
        ),
        rx.el.div(
            button(asked.label, small=True, on_click=state.charge),
            button("Not yet", ghost=True, small=True, on_click=state.keep, class_name="!bg-[var(--surface)]"),
            class_name="flex flex-wrap gap-3 mt-4",
        ),
        role="group",
        aria_labelledby="question",
        class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#5c3d00] p-4 mt-3",
    )
