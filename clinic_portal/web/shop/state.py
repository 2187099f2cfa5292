"""State of the pages on which packages are bought, by who is signed in and by who is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.queries import resend_seconds
from clinic_portal.accounts.types import CodeAnswer
from clinic_portal.booking import selling
from clinic_portal.booking.selling import Order
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.errors import Conflict, NotAllowed, TooMany, Unusable
from clinic_portal.core.work import Reading
from clinic_portal.packages import purchase, queries
from clinic_portal.patients.queries import language_of
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import GatewayAway, GatewayRefused
from clinic_portal.payments.types import PaymentInfo, State
from clinic_portal.web import inputs
from clinic_portal.web.components.leave import leave_for
from clinic_portal.web.gate import PATIENT, PUBLIC, access
from clinic_portal.web.identity import device_called
from clinic_portal.web.portal.base import Portal, PortalPage
from clinic_portal.web.problems import Problem, problem
from clinic_portal.web.shop import views
from clinic_portal.web.shop.views import MineView, OfferView

HERE = "Packages"
CHECK_EVERY_SECONDS = 4
TOLD_FOR = timedelta(days=1)
STALE = ("package_gone", "package_changed", "package_bought_meanwhile", "payment_moved_on")
"""Refusals after which the packages are shown as they stand now."""


class Shop(PortalPage, rx.State):
    """What is on sale, and how far somebody has come who buys one. Who they are, the cookie says."""

    stage: str = ""  # offers | details | code; on the way back: looking | bought | left | away | none
    offers: list[OfferView] = []
    chosen: OfferView = OfferView()
    who: dict[str, str] = {}
    errors: dict[str, str] = {}
    wait: int = 0
    looks: int = 0
    to: str = ""  # what takes the focus
    moves: int = 0
    receipt: str = ""
    mine: list[MineView] = []
    _seen: int = 0  # the newest purchase this page knows of

    @rx.event
    @access(PUBLIC)
    async def enter(self) -> None:
        """Show what is on sale."""
        async with self._answering():
            await self._open(HERE)
            await self._look()

    @rx.event
    @access(PATIENT, by_itself=True)
    async def enter_signed_in(self) -> None:
        """The same in the portal."""
        async with self._answering():
            await self._open(HERE)
            await self._look()

    @rx.event
    @access(PUBLIC)
    async def buy(self, package_id: Any) -> EventSpec | None:
        """Somebody wants a package: to the gateway's page, or first to who they are."""
        async with self._answering():
            wanted = inputs.row_id(package_id)
            one = next((one for one in self.offers if one.id == wanted), None)
            if one is None:
                raise NotAllowed()
            await self._still()
            self.chosen = one
            patient = await self._patient_if_any()
            if patient is not None:
                return await self._go(patient.patient_id)
            known = await self._ask(purchase.buyer, self._visitor)
            if known is not None:
                self.who = {name: getattr(known, name) for name in views.FIELDS} | {"phone": known.phone_typed}
            self.errors = {}
            self._turn("details")
        return None

    @rx.event
    @access(PUBLIC)
    async def back(self) -> None:
        """Rather another package."""
        async with self._answering():
            await self._still()
            await self._look()
            self._focus("step-title")

    @rx.event
    @access(PUBLIC)
    async def save(self, form: Any) -> EventSpec | None:
        """Who buys; each field that cannot be used gets its own sentence."""
        async with self._answering():
            await self._still()
            told = inputs.fields(form, *views.FIELDS, most=300)
            self.who = views.details(told)
            try:
                await self._do(purchase.save_details, self._visitor, **told)
            except Unusable as refusal:
                self.errors = {fault.field: problem(fault).sentence for fault in refusal.faults}
                return rx.set_focus(refusal.faults[0].field)
            self.errors = {}
            known = await self._ask(purchase.buyer, self._visitor)
            assert known is not None
            if known.proved_at is not None:
                return await self._go(None)
            self._turn("code")
            waiting = await self._ask(resend_seconds, purpose=purchase.CODE, owner=self._visitor, phone=known.phone)
            if waiting is None:
                await self._send()
            else:
                self._count(waiting)
        return None

    @rx.event
    @access(PUBLIC)
    async def send_again(self) -> None:
        """Send a new code; the old one is void."""
        async with self._answering():
            await self._send()

    @rx.event
    @access(PUBLIC)
    async def may_send(self) -> None:
        """The half minute is over."""
        self._count(0)

    @rx.event
    @access(PUBLIC)
    async def check(self, form: Any) -> EventSpec | None:
        """Try the typed digits; the right ones lead to the gateway's page."""
        async with self._answering():
            await self._still()
            digits = inputs.digits(inputs.fields(form, "code", most=40)["code"])
            if len(digits) != 6:
                self.errors = {"code": "Please type the six digits from the message."}
                return rx.set_focus("code")
            answer = await self._do(purchase.answer_code, self._visitor, digits)
            if answer is CodeAnswer.RIGHT:
                self.errors = {}
                return await self._go(None)
            self.errors = {"code": Problem.of(answer.value).sentence}
            return rx.set_focus("code")
        return None

    @rx.event
    @access(PUBLIC, by_itself=True)
    async def look_back(self) -> None:
        """Back from the gateway's page: see what came of it."""
        async with self._answering():
            await self._open(HERE)
            self.looks += 1
            if self.stage != "away":
                self.stage, self.chosen, self.receipt = "looking", OfferView(), ""
            patient = await self._patient_if_any()
            patient_id = patient.patient_id if patient else None
            try:
                paid = await self._cashier("package_returned", patient_id, self._visitor)
            except (GatewayAway, GatewayRefused):
                self.stage = "away"
                return
            self.stage = await self._what_came(paid)
            self.receipt = f"/portal/receipt?id={paid.id}" if patient and self.stage == "bought" else ""

    async def _go(self, patient_id: int | None) -> EventSpec | None:
        asked = Order(
            package_id=self.chosen.id,
            revision=self.chosen.revision,
            seen_id=self._seen,
            patient_id=patient_id,
            owner=self._visitor,
            address=self.router.session.client_ip,
            device=device_called(self.router.headers.user_agent),
        )
        try:
            url = await self._cashier("buy", asked)
        except (GatewayAway, GatewayRefused):
            await self._tell_of(Problem.of("package_page_away"))
            return None
        except Conflict as refusal:
            code = "package_page_refused" if refusal.code == "card_page_refused" else refusal.code
            if code in STALE:
                await self._look()
                code = "package_bought_meanwhile" if code == "payment_moved_on" else code
            await self._tell_of(Problem.of(code, **refusal.facts))
            return None
        return await leave_for(self, url)

    async def _look(self) -> None:
        """Show what is on sale now."""
        patient = await self._patient_if_any()

        def read(read: Reading) -> tuple[list[OfferView], int, list[MineView]]:
            clinic, patient_id = catalogue(read), patient.patient_id if patient else None
            found = [views.card(clinic, one) for one in queries.on_sale(read)]
            theirs = _theirs(read, patient_id) if patient_id is not None else []
            return found, selling.newest_bought(read, patient_id, self._visitor), theirs

        self.offers, self._seen, self.mine = await self._ask(read)
        self.stage, self.errors, self.chosen, self.moves = "offers", {}, OfferView(), 0

    async def _what_came(self, paid: PaymentInfo | None) -> str:
        """How a purchase stands; one from long ago is told to nobody who happens to sit at this browser."""
        if paid is None or await self._ask(lambda read: read.now - paid.created_at > TOLD_FOR):
            return "none"
        if paid.state is not State.PAID:
            return "left"

        def read(read: Reading) -> OfferView | None:
            clinic, one = catalogue(read), selling.standing(read, paid)
            zone = clinic.time_zone
            return views.bought(clinic, one, zone, paid.language) if one else None

        self.chosen = await self._ask(read) or OfferView()
        return "bought"

    async def _send(self) -> None:
        try:
            await self._do(purchase.send_code, self._visitor, address=self.router.session.client_ip)
        except TooMany as refusal:
            self.errors = {"code": Problem.of(refusal.code, **refusal.facts).sentence}
            self._count(int(str(refusal.facts["retry_seconds"])) if refusal.code == "code_resend" else 0)
            return
        self.errors = {}
        self._count(30)

    def _count(self, seconds: int) -> None:
        self.wait = seconds
        self.looks += 1

    def _turn(self, stage: str) -> None:
        self.stage = stage
        self._focus("stage-title")

    def _focus(self, on: str) -> None:
        self.to = on
        self.moves += 1

    async def _still(self) -> None:
        """What was said before is put away."""
        frame = await self.get_state(Portal)
        frame.notice_title = frame.notice_text = ""

    async def _tell_of(self, told: Problem) -> None:
        await self._say(told)
        self._focus("notice")


def _theirs(read: Reading, patient_id: int) -> list[MineView]:
    """What a patient has bought, the newest first."""
    clinic, language = catalogue(read), language_of(read, patient_id)
    zone = clinic.time_zone
    found = ((one, selling.standing(read, one)) for one in payments.packages_of(read, patient_id=patient_id, owner=""))
    shows_left = clinic.clinic.is_wallet_shown
    return [views.mine(of, one, zone, language, shows_left=shows_left) for of, one in found if one]
