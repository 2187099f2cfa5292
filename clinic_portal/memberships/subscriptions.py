"""Memberships between our books and the gateway's: a transaction, a call, a transaction; never a call within one.

Each verb may be asked any number of times, by the patient's return, a notice, the worker or reconciliation, in any
order. Each may raise GatewayAway: then the outcome is unknown and it is asked again later.
"""

from __future__ import annotations

from contextlib import suppress

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.core import crypto
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Services
from clinic_portal.memberships import joining, queries, syncing, telling
from clinic_portal.memberships.types import MembershipInfo
from clinic_portal.payments import pages
from clinic_portal.payments import queries as payments
from clinic_portal.payments.hosted import Door, open_page
from clinic_portal.payments.ports import (
    CheckoutStatus,
    Declined,
    GatewayAway,
    GatewayRefused,
    InvoiceStatus,
    PaymentGateway,
    RefundRequest,
)
from clinic_portal.payments.types import PaymentInfo, State, Tended

RETURN_PATH = "/portal/membership"
"""Where the gateway's page leads back to."""
ROUNDS = 5


class Subscriptions:
    """Has memberships paid, at one gateway, and hears how they stand."""

    def __init__(self, services: Services, gateway: PaymentGateway) -> None:
        self._services = services
        self._gateway = gateway

    # ---- joining ---------------------------------------------------------------------------------------------------

    def open_page(self, patient_id: int, owner: str | None = None) -> str:
        """The gateway's page on which a patient pays the first period of the plan they join. Raises Conflict as
        `joining.to_page` does; "member_already" where it was paid meanwhile, in another tab."""
        account = self._gateway.account
        try:
            payment_id = self._services.do(joining.to_page, patient_id, account, owner)
        except Conflict as refusal:
            if refusal.code != "payment_overtaken":
                raise
            self._end_overtaken(patient_id)
            payment_id = self._services.do(joining.to_page, patient_id, account, owner)
        return self._open(payment_id)

    def returned(self, patient_id: int) -> MembershipInfo | None:
        """A patient is back from the gateway's page: how their membership stands now; None where there is none."""
        newest = self._services.ask(payments.newest_membership_page, patient_id)
        if newest is not None:
            self.settle(newest)
        found = self._services.ask(queries.of_patient, patient_id)
        if found is not None and found.state != "joining":
            self.sync(found.id)
        return self._services.ask(queries.of_patient, patient_id)

    def settle(self, payment_id: int) -> PaymentInfo:
        """Bring the page of a first period as far as it goes now; how its payment stands then."""
        paid = self._services.ask(payments.payment, payment_id)
        if paid.account != self._gateway.account or paid.is_settled:
            return paid
        is_wanted = self._services.ask(joining.is_wanted, paid)
        if paid.session_id is None:
            if not is_wanted:
                return self._services.do(joining.page_over, paid.id)
            self._services.do(pages.looked_at, paid.id)
            return paid
        told = self._gateway.checkout(paid.session_id)
        if told.status is CheckoutStatus.OPEN and not is_wanted:
            told = self._gateway.expire_checkout(paid.session_id)
        if told.status is CheckoutStatus.EXPIRED:
            return self._services.do(joining.page_over, paid.id)
        if told.status is CheckoutStatus.COMPLETE and told.subscription_id is not None:
            if self._services.do(joining.joined, paid.id, told.subscription_id):
                assert paid.membership_id is not None
                self.sync(paid.membership_id)
            else:
                self._undo(paid, told.subscription_id)
        self._services.do(pages.looked_at, paid.id)
        return self._services.ask(payments.payment, paid.id)

    def _end_overtaken(self, patient_id: int) -> None:
        """End the page that is open for other terms, unless it was paid."""
        found = self._services.ask(queries.of_patient, patient_id)
        paid = self._services.ask(joining.under_way, found.id) if found else None
        if paid is None:
            return
        if paid.session_id is None:
            self._services.do(joining.page_over, paid.id)
            return
        self._gateway.expire_checkout(paid.session_id)
        self.settle(paid.id)

    def _undo(self, paid: PaymentInfo, subscription_id: str) -> None:
        """A subscription too many began on a page: it ends, and what was paid for it goes back."""
        self._gateway.end_subscription(subscription_id)
        for one in self._gateway.invoices_of(subscription_id):
            if one.intent_id is not None and one.paid_minor:
                key = f"stray:{one.intent_id}:{one.paid_minor}"
                self._gateway.refund(RefundRequest(0, paid.id, one.intent_id, one.paid_minor, key))
        self._services.do(joining.undone, paid.id, subscription_id)

    def _open(self, payment_id: int) -> str:
        door = Door(
            back=RETURN_PATH,
            left=f"{RETURN_PATH}?left=1",
            gone=lambda paid: "member_already" if paid.state is State.PAID else "payment_moved_on",
            begins=lambda paid: self._services.ask(telling.terms_of_page, paid),
        )
        return open_page(self._services, self._gateway, payment_id, door, self.settle)

    # ---- how it stands ---------------------------------------------------------------------------------------------

    def sync(self, membership_id: int) -> None:
        """Ask the gateway how a membership's subscription stands, and write down what follows."""
        for _ in range(ROUNDS):
            known = self._services.ask(telling.known, membership_id)
            if known.subscription_id is None or known.account != self._gateway.account:
                return
            told = self._gateway.subscription(known.subscription_id)
            invoices = self._gateway.invoices_of(known.subscription_id)
            if self._services.do(syncing.heard, membership_id, known.revision, told, invoices):
                return
        raise GatewayAway("busy")

    def heard(self, subscription_id: str) -> None:
        """The gateway told of a subscription: the membership it is of is looked at, also one that is just being paid on
        a page. One that is none of ours concerns nothing here."""
        found = self._services.ask(telling.of_subscription, subscription_id)
        if found is not None:
            self.sync(found)
            return
        told = self._gateway.subscription(subscription_id)
        paid = self._services.ask(telling.page_of, told.membership_id) if told.membership_id is not None else None
        if paid is not None:
            self.settle(paid.id)

    def tell(self, membership_id: int) -> None:
        """Tell the gateway what is wanted of a membership, and write down how it stands then."""
        wanted = self._services.ask(telling.wanted, membership_id)
        if wanted is None or wanted.account != self._gateway.account:
            return
        try:
            if wanted.wishes is None:
                self._gateway.end_subscription(wanted.subscription_id)
            else:
                self._gateway.change_subscription(wanted.wishes)
        except GatewayRefused:
            self.sync(membership_id)
            if self._services.ask(telling.is_live, membership_id):
                raise
        else:
            self.sync(membership_id)
        self._services.do(syncing.told, membership_id, wanted.attempt)

    # ---- money and cards -------------------------------------------------------------------------------------------

    def pay_now(self, patient_id: int, *, actor: StaffActor | None = None) -> str | None:
        """Pay an overdue period with the card that is charged first; where the bank says no, or there is none, the
        gateway's page on which it is paid. None where it is paid.

        The patient's own, or with an `actor` staff's. Raises NotAllowed for staff who charge nothing; Conflict
        ("membership_not_overdue").
        """
        if actor is not None:
            self._services.do(telling.tries_again, actor, patient_id)
        owed = self._services.ask(telling.owed, patient_id)
        if owed is None:
            raise Conflict("membership_not_overdue")
        if owed.method_id is not None:
            minute = int(self._services.clock.now().timestamp()) // 60  # tried twice at once, it is tried once
            key = f"pay:{owed.invoice_id}:{crypto.digest(owed.method_id)[:12]}:{minute}"
            with suppress(Declined, GatewayRefused):  # how it stands is looked up
                self._gateway.pay_invoice(owed.invoice_id, method_id=owed.method_id, key=key)
        self.sync(owed.membership_id)
        still = self._services.ask(telling.owed, patient_id)
        if still is None or still.invoice_id != owed.invoice_id:
            return None
        told = next((one for one in self._gateway.invoices_of(owed.subscription_id) if one.id == owed.invoice_id), None)
        return told.page_url if told is not None and told.status is InvoiceStatus.OPEN else None

    def use_card(self, membership_id: int, card_id: int) -> None:
        """Charge a membership to this card of its patient from now on; it is their default one then. Raises NotAllowed
        for another's."""
        found = self._services.ask(queries.membership, membership_id)
        self._services.do(telling.use_card, found.patient_id, self._gateway.account, card_id)
        self.tell(membership_id)

    # ---- what the worker does --------------------------------------------------------------------------------------

    def tend(self, *, limit: int = 50) -> Tended:
        """Look at memberships whose period has passed, and tell the gateway what nobody told."""
        waiting = self._services.ask(syncing.due, self._gateway.account, limit)
        looked_at = 0
        for membership_id, is_to_tell in waiting:
            try:
                self.tell(membership_id) if is_to_tell else self.sync(membership_id)
            except GatewayAway:
                return Tended(looked_at, is_away=True)
            except GatewayRefused as refusal:
                self._services.do(telling.stuck, membership_id, refusal.code)
            looked_at += 1
        return Tended(looked_at, is_away=False)
