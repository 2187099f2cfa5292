"""Money between our books and the gateway's: a transaction, a call, a transaction; never a call within one.

Each verb may be asked any number of times, by the patient's return, a notice, the worker or reconciliation, in any
order: what was done is found, not done again. A process that is killed between two lines leaves a payment at which
the worker looks again. Each verb may raise GatewayAway: then the outcome is unknown and it is asked again later.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from clinic_portal.booking import fees, on_file, paying, selling, settling
from clinic_portal.booking.paying import Acceptance
from clinic_portal.booking.selling import Order
from clinic_portal.core.errors import Conflict, NotAllowed, SlotTaken
from clinic_portal.core.work import Services
from clinic_portal.memberships.events import TELL
from clinic_portal.memberships.subscriptions import Subscriptions
from clinic_portal.payments import books, cards, notices, rules
from clinic_portal.payments import queries as payments
from clinic_portal.payments.hosted import Door, open_page
from clinic_portal.payments.ports import (
    ChargeRequest,
    Checkout,
    CheckoutStatus,
    Declined,
    GatewayAway,
    GatewayRefund,
    GatewayRefused,
    Intent,
    IntentStatus,
    PaymentGateway,
    RefundRequest,
    RefundStatus,
)
from clinic_portal.payments.types import (
    FEES,
    PaymentInfo,
    Purpose,
    RefundState,
    State,
    Tended,
    Wanted,
)

CARD_PATH = "/book/card"
RETURN_PATHS = {
    Purpose.HOLD: CARD_PATH,
    Purpose.DEPOSIT: CARD_PATH,
    Purpose.CARD: "/portal/cards",
    Purpose.CANCELLATION_FEE: "/pay/done",
    Purpose.NOSHOW_FEE: "/pay/done",
    Purpose.PACKAGE: "/packages/done",
}
"""Where the gateway's page leads back to."""
OUR_FAULT = frozenset({"key_not_accepted", "key_may_not"})
"""Refusals that say nothing of the card: the clinic's own key is wrong. Nobody is told that a card failed."""
LOOK_AGAIN_AFTER = timedelta(minutes=1)
KINDS = frozenset({notices.HEARD, books.CHARGE, books.FINISH, books.REFUND, cards.FORGET, TELL})
"""What of the outbox is the cashier's to carry out."""


class Cashier:
    """Takes and gives back money for one clinic, at one gateway."""

    def __init__(self, services: Services, gateway: PaymentGateway) -> None:
        self._services = services
        self._gateway = gateway
        self.subscriptions = Subscriptions(services, gateway)

    @property
    def gateway(self) -> PaymentGateway:
        """The gateway it stands at."""
        return self._gateway

    # ---- at booking ------------------------------------------------------------------------------------------------

    def begin(self, owner: str, by: Acceptance) -> str | None:
        """Where this browser gives its card for the time it holds; None where nothing is asked of one (S76, S77).

        Raises Conflict as `actions.ready_to_book` does; "card_given" where it was given meanwhile, in another tab.
        """
        try:
            payment_id = self._services.do(paying.begin, owner, by, self._gateway.account)
        except Conflict as refusal:
            if refusal.code != "payment_overtaken":
                raise
            self._end_overtaken(owner)
            payment_id = self._services.do(paying.begin, owner, by, self._gateway.account)
        return self.open(payment_id) if payment_id is not None else None

    def returned(self, owner: str) -> PaymentInfo | None:
        """The browser is back from the page: how what it paid last stands now; None where it never went.

        What is left to do with a card that was given is the worker's: nobody waits for it.
        """
        found = self._services.ask(payments.newest_of_owner, owner)
        return self.settle(found.id) if found and found.state is not State.AUTHORISED else found

    def _end_overtaken(self, owner: str) -> None:
        known = self._services.ask(paying.standing, owner)
        if known is not None:
            self.close(known.id)

    # ---- pages -----------------------------------------------------------------------------------------------------

    def open(self, payment_id: int) -> str:
        """The gateway's page for a payment, opened or found again. Raises Conflict when it is settled by now."""
        back = RETURN_PATHS[self._services.ask(payments.payment, payment_id).purpose]
        left = back if back == CARD_PATH else f"{back}?left=1"
        door = Door(back, left, lambda paid: "card_given" if paid.wanted else "payment_moved_on")
        return open_page(self._services, self._gateway, payment_id, door, self.settle)

    def close(self, payment_id: int) -> PaymentInfo:
        """End the page of a payment now, unless it was completed; how the payment stands then."""
        paid = self._services.ask(payments.payment, payment_id)
        if paid.state is State.AUTHORISED:
            return self.finish(payment_id)
        if paid.awaits_page:
            return self._services.do(settling.page_over, paid)
        if paid.state is not State.OPEN or paid.session_id is None:
            return paid
        return self._heard_of(paid, self._gateway.expire_checkout(paid.session_id))

    # ---- settling --------------------------------------------------------------------------------------------------

    def settle(self, payment_id: int) -> PaymentInfo:
        """Bring a payment as far as it goes now; how it stands then. The one verb for whoever comes first."""
        paid = self._services.ask(payments.payment, payment_id)
        if paid.account != self._gateway.account or paid.is_settled:
            return paid
        if paid.purpose is Purpose.MEMBERSHIP:
            return self.subscriptions.settle(payment_id)
        if paid.state is State.AUTHORISED:
            return self.finish(payment_id)
        if paid.state is State.OPEN and paid.session_id:
            told = self._gateway.checkout(paid.session_id)
            if told.status is CheckoutStatus.OPEN and self._services.ask(settling.is_over, paid):
                told = self._gateway.expire_checkout(paid.session_id)
            return self._heard_of(paid, told)
        if paid.purpose in FEES and paid.state is State.PREPARED:
            return self.charge(payment_id)
        if self._services.ask(settling.is_over, paid):
            return self._services.do(settling.page_over, paid)
        self._services.do(settling.looked_at, paid.id)
        return paid

    def _heard_of(self, paid: PaymentInfo, told: Checkout) -> PaymentInfo:
        """What a page says of its payment, written down."""
        if told.status is CheckoutStatus.OPEN:
            self._services.do(settling.looked_at, paid.id)
            return self._services.ask(payments.payment, paid.id)
        if told.status is CheckoutStatus.EXPIRED:
            return self._services.do(settling.page_over, paid)
        if paid.purpose is Purpose.CARD:
            return self._services.do(settling.card_saved, paid.id, told)
        if paid.purpose in FEES:
            return self._services.do(settling.fee_paid_on_page, paid.id, told)
        if paid.purpose is Purpose.PACKAGE:
            return self._services.do(selling.paid, paid.id, told)
        if told.intent is None or told.intent.status not in (IntentStatus.AUTHORISED, IntentStatus.PAID):
            return self._services.do(settling.page_over, paid)
        try:
            return self._services.do(paying.authorised, paid.id, told)
        except (Conflict, SlotTaken, NotAllowed) as refusal:
            return self._services.do(paying.give_back, paid.id, told, refusal.code)

    def finish(self, payment_id: int) -> PaymentInfo:
        """Take or let go what was authorised, as it was decided when it was booked or could not be (S80, P6)."""
        paid = self._services.ask(payments.payment, payment_id)
        if paid.state is not State.AUTHORISED or paid.intent_id is None or paid.wanted is None:
            return paid
        act = self._gateway.capture if paid.wanted is Wanted.CAPTURE else self._gateway.release
        try:
            told = act(paid.intent_id, key=rules.wanted_key(paid, paid.wanted.value))
        except GatewayRefused:
            told = self._gateway.intent(paid.intent_id)
            if told.status not in (IntentStatus.PAID, IntentStatus.CANCELLED):
                raise
        return self._services.do(settling.finished, paid.id, told)

    # ---- fees ------------------------------------------------------------------------------------------------------

    def charge(self, payment_id: int) -> PaymentInfo:
        """Charge a fee to the card on file (S56, P5); where the bank says no, or there is none, it has failed."""
        fee = self._services.ask(payments.payment, payment_id)
        if fee.account != self._gateway.account or fee.state is not State.PREPARED or fee.purpose not in FEES:
            return fee
        # Also a card taken off since: the fee was due before, and what is asked again under a key must be the same.
        card = self._services.ask(payments.card_used, fee.card_id) if fee.card_id else None
        if card is None:
            return self._services.do(settling.fee_failed, fee, "no_card")
        version = self._services.ask(settling.policy_version, fee.accepted_policy_id)
        asked = ChargeRequest(
            payment_id=fee.id,
            purpose=fee.purpose,
            amount_minor=fee.amount_minor,
            currency=fee.currency,
            customer_id=card.customer_id,
            method_id=card.method_id,
            item=fee.item,
            reference=fee.reference,
            policy_version=version,
            key=rules.charge_key(fee),
        )
        try:
            told = self._gateway.charge(asked)
        except Declined as no:
            return self._services.do(settling.fee_failed, fee, no.code)
        except GatewayRefused as refusal:
            if refusal.code in OUR_FAULT:
                raise GatewayAway(refusal.code) from None
            return self._services.do(settling.fee_failed, fee, refusal.code)
        return self._services.do(settling.fee_charged, fee.id, told)

    def pay_fee(self, payment_id: int, owner: str | None = None) -> str:
        """The gateway's page on which a fee that failed is paid by its patient. Raises Conflict when it is not owed.

        `owner` is the browser that goes there: it is told on its return what came of it. Who calls has authorised it.
        """
        if self._services.ask(payments.payment, payment_id).state is State.OPEN:
            self.settle(payment_id)  # a page whose time is over is not gone on with
        self._services.do(settling.fee_to_page, payment_id, self._gateway.account, owner)
        return self.open(payment_id)

    def retry(self, actor: Any, payment_id: int) -> PaymentInfo:
        """Staff tries a failed fee again; a page on which it could be paid meanwhile is ended first."""
        self.close(payment_id)
        self._services.do(fees.retry, actor, payment_id)
        return self._services.ask(payments.payment, payment_id)

    def waive(self, actor: Any, payment_id: int, *, reason: str) -> None:
        """Staff forgives a failed fee; a page on which it could be paid meanwhile is ended first."""
        self.close(payment_id)
        self._services.do(fees.waive, actor, payment_id, reason=reason)

    # ---- refunds ---------------------------------------------------------------------------------------------------

    def refund(self, refund_id: int) -> None:
        """Give back what a refund says, or look how far it has come."""
        asked = self._services.ask(payments.refund, refund_id)
        if asked.state not in (RefundState.PREPARED, RefundState.PENDING):
            return
        paid = self._services.ask(payments.payment, asked.payment_id)
        if paid.account != self._gateway.account or paid.intent_id is None:
            return
        try:
            told = self._refunded(asked.gateway_id, asked.id, paid.intent_id)
        except GatewayRefused as refusal:
            if refusal.code in OUR_FAULT:
                raise GatewayAway(refusal.code) from None
            self._services.do(settling.refund_failed, asked.id, refusal.code)
            return
        self._services.do(settling.refund_told, asked.id, told)

    def _refunded(self, gateway_id: str | None, refund_id: int, intent_id: str) -> GatewayRefund:
        if gateway_id is not None:
            return self._gateway.refund_of(gateway_id)
        asked = self._services.ask(payments.refund, refund_id)
        request = RefundRequest(
            refund_id=asked.id,
            payment_id=asked.payment_id,
            intent_id=intent_id,
            amount_minor=asked.amount_minor,
            key=rules.refund_key(asked),
        )
        told = self._gateway.refund(request)
        if told.status is RefundStatus.FAILED:
            raise GatewayRefused(told.failure_code or "refund_failed")
        return told

    # ---- packages --------------------------------------------------------------------------------------------------

    def buy(self, order: Order) -> str:
        """The gateway's page on which a package is paid. Raises Conflict as `selling.begin` does, and when it was paid
        meanwhile; a page that is open for something else is ended first."""
        try:
            payment_id = self._services.do(selling.begin, order, self._gateway.account)
        except Conflict as refusal:
            if refusal.code != "payment_overtaken":
                raise
            known = self._services.ask(selling.under_way, order)
            if known is not None:
                self.close(known.id)
            payment_id = self._services.do(selling.begin, order, self._gateway.account)
        return self.open(payment_id)

    def package_returned(self, patient_id: int | None, owner: str) -> PaymentInfo | None:
        """A buyer is back from the page: how what they went to buy last stands now; None where they never went."""
        found = self._services.ask(selling.newest, patient_id, owner)
        return self.settle(found.id) if found is not None else None

    # ---- cards -----------------------------------------------------------------------------------------------------

    def add_card(self, patient_id: int) -> str:
        """The gateway's page on which a patient adds a card (S32)."""
        return self.open(self._services.do(settling.card_to_page, patient_id, self._gateway.account))

    def card_returned(self, patient_id: int) -> PaymentInfo | None:
        """A patient is back from adding a card: how that stands now; None where they never went."""
        found = self._services.ask(payments.newest_card_page, patient_id)
        return self.settle(found) if found is not None else None

    # ---- what the worker does --------------------------------------------------------------------------------------

    def carry_out(self, kind: str, payload: dict[str, Any]) -> None:
        """Do what a row of the outbox asks for."""
        if kind == notices.HEARD:
            self.hear(payload["notice_id"])
        elif kind == books.CHARGE:
            self.charge(payload["payment_id"])
        elif kind == books.FINISH:
            self.finish(payload["payment_id"])
        elif kind == books.REFUND:
            self.refund(payload["refund_id"])
        elif kind == cards.FORGET:
            self._gateway.forget_card(payload["method_id"])
        elif kind == TELL:
            self.subscriptions.tell(payload["membership_id"])

    def hear(self, notice_id: str) -> None:
        """Act on what the gateway told. Nothing it says is believed: the payment it concerns is looked up afresh."""
        told = self._services.ask(notices.kept, notice_id)
        if told is None or told.account != self._gateway.account:
            return
        if told.kind == "payment_method.detached" and told.method_id:
            self._services.do(on_file.detached, told.method_id)
        if told.refund_id:
            ours = self._services.ask(payments.refund_by_gateway_id, told.refund_id)
            if ours is not None:
                self.refund(ours.id)
        found = self._services.ask(settling.concerned, told)
        if found is not None:
            self.settle(found.id)
        if told.subscription_id:
            self.subscriptions.heard(told.subscription_id)
        if told.intent_id:
            self.compare(self._gateway.intent(told.intent_id))
        self._services.do(notices.done, notice_id)

    def compare(self, told: Intent) -> None:
        """Hold a payment of the gateway's against our books: mend what differs, or note it for staff. One that is
        not known may be a membership's period: then that is written down first."""
        if told.captured_minor and self._services.ask(payments.by_intent, told.id) is None:
            invoice = self._gateway.invoice_of(told.id)
            if invoice is not None:
                self.subscriptions.heard(invoice.subscription_id)
        what = self._services.do(settling.compared, told)
        if what == "let_go":
            self._gateway.release(told.id, key=f"stray:{told.id}")
            self._services.do(settling.stray_released, told)
        elif what == "give_back" and told.payment_id is not None:
            left = told.captured_minor - told.refunded_minor
            key = f"stray:{told.id}:{left}"
            self._gateway.refund(RefundRequest(0, told.payment_id, told.id, left, key))
            self._services.do(settling.stray_returned, told)

    def tend(self, *, limit: int = 50) -> Tended:
        """Look at what is not settled and at which nobody looked for a minute."""
        before = self._services.clock.now() - LOOK_AGAIN_AFTER
        waiting = self._services.ask(payments.unsettled, before, account=self._gateway.account, limit=limit)
        refunds = self._services.ask(payments.unsettled_refunds, before, limit=limit)
        looked_at = 0
        for verb, row_id in [*((self.settle, one) for one in waiting), *((self.refund, one) for one in refunds)]:
            try:
                verb(row_id)
            except GatewayAway:
                return Tended(looked_at, is_away=True)
            except GatewayRefused as refusal:
                kind = "payment" if verb == self.settle else "refund"
                self._services.do(settling.stuck, kind, row_id, refusal.code)
            looked_at += 1
        looked = self.subscriptions.tend(limit=limit)
        return Tended(looked_at + looked.looked_at, is_away=looked.is_away)
