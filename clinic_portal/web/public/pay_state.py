"""State of the page on which a fee is paid that could not be charged: from the link of its letter, and on the return."""

from __future__ import annotations

import re
from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.booking import owing
from clinic_portal.booking.owing import FeeSheet
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.messaging.money_letters import WHAT, why_failed
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import GatewayAway, GatewayRefused
from clinic_portal.payments.types import State
from clinic_portal.web.components.leave import leave_for
from clinic_portal.web.door import Door
from clinic_portal.web.gate import PUBLIC, access
from clinic_portal.web.problems import Problem, problem

CHECK_EVERY_SECONDS = 4
STAGES = {
    State.FAILED: "owed",
    State.OPEN: "owed",
    State.PREPARED: "trying",  # the card on file is being charged once more
    State.PAID: "paid",
    State.WAIVED: "waived",
}


@dataclass(frozen=True)
class Line:
    """A fact about the fee, with its name."""

    name: str
    told: str


class PayFee(Door, rx.State):
    """One fee: that of the link in the address, else the one this browser went to pay. Neither is kept here."""

    stage: str = ""  # "" until it is known; owed | trying | paid | waived | away | ended | unknown
    is_back: bool = False  # from the gateway's page
    clinic_name: str = ""
    phone: str = ""
    what: str = ""
    amount: str = ""  # what the card is to pay
    why: str = ""
    lines: list[Line] = []
    accepted: str = ""
    terms: str = ""
    policy_text: str = ""
    card_ends: str = ""
    receipt_href: str = ""
    notice_title: str = ""
    notice_text: str = ""
    looks: int = 0

    @rx.event
    @access(PUBLIC)
    async def enter(self) -> None:
        """Show how the fee stands. Opening a link uses nothing up: mail scanners follow links."""
        self.stage, self.notice_title, self.notice_text = "", "", ""
        await self._look()

    @rx.event
    @access(PUBLIC, by_itself=True)
    async def look_again(self) -> None:
        """Something was not known yet: ask once more."""
        await self._look()

    @rx.event
    @access(PUBLIC)
    async def pay(self) -> EventSpec | None:
        """To the gateway's page. Which fee it is, the link or this browser's cookie says, never the page."""
        self.notice_title, self.notice_text = "", ""
        async with self._answering():
            try:
                url = await self._cashier("pay_fee", await self._fee_id(), self._visitor or None)
            except (GatewayAway, GatewayRefused):
                await self._say(Problem.of("fee_page_away"))
                return rx.set_focus("notice")
            except (Conflict, NotAllowed) as refusal:
                await self._look()
                if self.stage == "owed":
                    await self._say(problem(refusal))
                return None
            return await leave_for(self, url)
        return None

    @rx.event
    @access(PUBLIC)
    async def close_notice(self) -> None:
        """The notice was read."""
        self.notice_title = self.notice_text = ""

    async def _look(self) -> None:
        self.looks += 1
        self.is_back = self.router.url.path.rstrip("/").endswith("/done")
        async with self._answering():
            clinic = (await self._ask(catalogue)).clinic
            self.clinic_name, self.phone = clinic.name, wording.phone(clinic.phone)
            try:
                fee_id = await self._fee_id()
                found = await self._ask(owing.sheet, fee_id)
                is_heard = found.fee.state is not State.OPEN or await self._hear(fee_id)
                found = await self._ask(owing.sheet, fee_id)
            except NotAllowed:
                self._forget("ended" if self._token() else "unknown")
                return
            self._show(found)
            if not is_heard:
                self.stage = "away"

    async def _hear(self, fee_id: int) -> bool:
        """Ask how the page stands on which it may have been paid; whether there was an answer."""
        try:
            await self._cashier("settle", fee_id)
        except (GatewayAway, GatewayRefused):
            return False
        return True

    async def _fee_id(self) -> int:
        """The fee this page is about. Raises NotAllowed."""
        if self._token():
            return await self._ask(owing.fee_of_link, self._token())
        mine = await self._ask(payments.fee_of_owner, self._visitor) if self._visitor else None
        if mine is None:
            raise NotAllowed()
        return mine.id

    def _show(self, found: FeeSheet) -> None:
        fee, visit, language = found.fee, found.visit, found.fee.language
        zone = visit.location.time_zone

        def money(minor: int) -> str:
            return wording.money(minor, fee.currency, language)

        self.stage = STAGES.get(fee.state, "trying")
        self.what, self.amount = WHAT[fee.purpose], money(fee.amount_minor)
        self.why = why_failed(fee.failure_code)
        parts = [
            Line("Paid out of your deposit", money(fee.from_deposit_minor)),
            Line("By card" if fee.state is State.PAID else "Left to pay", self.amount),
        ]
        self.lines = [
            Line(self.what[0].upper() + self.what[1:], money(fee.amount_minor + fee.from_deposit_minor)),
            *(parts if fee.from_deposit_minor else ()),
            Line(
                "Your visit",
                wording.moment(visit.start_at, zone, language, length="long"),
            ),
            Line("Where", visit.location.name),
            Line("Reference", visit.reference),
        ]
        self.accepted = wording.day(found.accepted_at, zone, language) if found.accepted_at else ""
        self.terms = found.terms
        self.policy_text = visit.policy.text if visit.policy else ""
        self.card_ends = found.card_ends if fee.state is State.PAID and fee.amount_minor else ""
        self.receipt_href = f"/portal/receipt?id={fee.id}" if fee.state is State.PAID else ""

    def _forget(self, stage: str) -> None:
        """Nothing of an earlier fee stays on the page."""
        self.stage, self.lines = stage, []
        self.what = self.amount = self.why = self.accepted = self.terms = self.policy_text = ""
        self.card_ends = self.receipt_href = ""

    def _token(self) -> str:
        found = re.search(r"[?&]t=([0-9a-f]{64})(?:&|$)", f"?{self.router.url.query}")
        return found[1] if found else ""

    async def _say(self, told: Problem) -> None:
        self.notice_title, self.notice_text = told.title, told.sentence
