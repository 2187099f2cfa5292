"""Payment methods: a member's cards on file (S32). For anyone else this page does not exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.booking import on_file
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.patients.queries import language_of
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import GatewayAway, GatewayRefused
from clinic_portal.payments.types import PaymentInfo, State
from clinic_portal.web import inputs
from clinic_portal.web.components.leave import leave_for
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.portal import card_views
from clinic_portal.web.portal.base import PortalPage
from clinic_portal.web.portal.card_views import CardView
from clinic_portal.web.problems import Problem, problem

HERE = "Payment methods"


class CardsPage(PortalPage, rx.State):
    """The cards of whoever is signed in, and what came of adding one."""

    is_missing: bool = False
    cards: list[CardView] = []
    asking: int = 0  # the card of which is asked whether it may go
    told: str = ""  # looking | away, after the gateway's page
    looks: int = 0
    focus_on: str = ""
    focus_number: int = 0
    _went: bool = False  # to the gateway's page, from this tab

    @rx.event
    @access(PATIENT)
    async def enter(self) -> EventSpec | None:
        """Show the cards; back from the gateway's page, see next what came of it."""
        async with self._answering():
            await self._open(HERE)
            self.asking, self.told, self.focus_number = 0, "", 0
            is_under_way = await self._look()
            if self._went or self._left or is_under_way:
                self.told = "looking" if self._went else ""
                return CardsPage.look_again()
        return None

    @rx.event
    @access(PATIENT, by_itself=True)
    async def look_again(self) -> None:
        """See what came of adding a card."""
        async with self._answering():
            is_news = await self._look() or self._went
            self.looks += 1
            patient = await self._patient()
            try:
                paid = await self._cashier("card_returned", patient.patient_id)
            except GatewayAway:
                self.told = "away"
                return
            except GatewayRefused:  # a page it knows no more: staff is told of it, and the list says what is on file
                paid = None
            self.told = ""
            await self._look()
            await self._say_what_came(paid, is_news=is_news)
            self._went = False

    @rx.event
    @access(PATIENT)
    async def add(self) -> EventSpec | None:
        """To the gateway's page."""
        async with self._answering():
            await self._look()
            patient = await self._patient()
            try:
                url = await self._cashier("add_card", patient.patient_id)
            except (GatewayAway, GatewayRefused):
                await self._say(Problem.of("card_add_away"))
                return rx.set_focus("notice")
            except Conflict as refusal:
                self._went = True
                if refusal.code != "card_page_refused":  # saved meanwhile, in another tab
                    return CardsPage.look_again()
                await self._say(Problem.of("card_add_refused"))
                return rx.set_focus("notice")
            self._went = True
            return await leave_for(self, url)
        return None

    @rx.event
    @access(PATIENT)
    async def make_default(self, card_id: Any) -> None:
        """Charge this card first."""
        await self._change(on_file.make_default, card_id, "is charged first from now on")

    @rx.event
    @access(PATIENT)
    async def ask_to_remove(self, card_id: Any) -> None:
        """Ask once more."""
        async with self._answering():
            wanted = inputs.row_id(card_id)
            await self._look()
            self.asking = next((one.id for one in self.cards if one.id == wanted and not one.why_kept), 0)
            self._focus("ask-title")

    @rx.event
    @access(PATIENT)
    async def keep(self) -> None:
        """Rather not."""
        self._focus(f"remove-{self.asking}")
        self.asking = 0

    @rx.event
    @access(PATIENT)
    async def remove(self, card_id: Any) -> None:
        """Take a card off file."""
        await self._change(on_file.remove, card_id, "is not on file any more")

    def _focus(self, on: str) -> None:
        self.focus_on = on
        self.focus_number += 1

    @property
    def _left(self) -> bool:
        """Whether the gateway's page was left by its way back."""
        return bool(self.router.url.query_parameters.get("left") == "1")

    async def _change(self, verb: Callable[..., None], card_id: Any, told: str) -> None:
        async with self._answering():
            wanted = inputs.row_id(card_id)
            patient = await self._patient()
            name = next((one.name for one in self.cards if one.id == wanted), "The card")
            self.asking = 0
            try:
                await self._do(verb, patient.patient_id, wanted)
            except (NotAllowed, Conflict) as refusal:
                await self._look()
                await self._say(problem(refusal) if isinstance(refusal, Conflict) else Problem.of("card_gone"))
                return
            await self._look()
            await self._tell("Saved", f"{name} {told}.")

    async def _look(self) -> bool:
        """Show the cards as they stand; whether a page on which one is added is still open. Raises NotAllowed for who
        is no member, and shows them nothing."""
        self.is_missing = True
        patient = await self._patient()

        def read(read: Reading) -> tuple[list[CardView], bool]:
            found, language = on_file.of_member(read, patient.patient_id), language_of(read, patient.patient_id)
            latest = payments.newest_card_page(read, patient.patient_id)
            is_open = latest is not None and not payments.payment(read, latest).is_settled
            return [card_views.card(one, read.now, language) for one in found], is_open

        self.cards, is_open = [], False
        self.cards, is_open = await self._ask(read)
        self.is_missing = False
        return is_open

    async def _say_what_came(self, paid: PaymentInfo | None, *, is_news: bool) -> None:
        if paid is None or not is_news:
            return
        if paid.state is State.SAVED:
            name = next((one.name for one in self.cards if one.id == paid.card_id), "Your card")
            await self._tell("Your card is saved", f"{name} is on file. Nothing was charged.")
        elif self._left or paid.state is State.EXPIRED:
            await self._say(Problem.of("card_not_added"))

    async def _say(self, told: Problem) -> None:
        if not (self.is_missing and told.title == Problem.of("not_found").title):
            await super()._say(told)
