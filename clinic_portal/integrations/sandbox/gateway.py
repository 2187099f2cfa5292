"""A gateway that takes the published test cards on a page of this installation, and behaves as Stripe does (B7)."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.integrations.sandbox import notices
from clinic_portal.integrations.sandbox.cards import NEVER_AGAIN, published
from clinic_portal.integrations.sandbox.pages import Outcome, Presented, Step
from clinic_portal.integrations.sandbox.subscriptions import Subscriptions
from clinic_portal.payments.ports import (
    ChargeRequest,
    Checkout,
    CheckoutRequest,
    Declined,
    GatewayCard,
    GatewayRefund,
    GatewayRefused,
    Intent,
    Invoice,
    InvoiceStatus,
    Notice,
    RefundRequest,
    Subscription,
    SubscriptionWishes,
)

T = TypeVar("T")
__all__ = ["Outcome", "SandboxGateway", "Step"]


class SandboxGateway:
    """Keeps pages, payments and cards as rows. `deliver` takes each notice in place of the worker, for tests."""

    account = "sandbox"

    def __init__(self, services: Services, *, deliver: Callable[[bytes, str], None] | None = None) -> None:
        self._services = services
        self._deliver = deliver

    def open_checkout(self, asked: CheckoutRequest) -> Checkout:
        """Open a hosted page; asked again under the same key, the same page."""
        return self._do(lambda ledger: ledger.open_checkout(asked))

    def checkout(self, session_id: str) -> Checkout:
        """How a hosted page stands now."""
        return self._do(lambda ledger: ledger.checkout(session_id))

    def expire_checkout(self, session_id: str) -> Checkout:
        """End a hosted page now; one that is complete stays complete."""
        return self._do(lambda ledger: ledger.expire_checkout(session_id))

    def charge(self, asked: ChargeRequest) -> Intent:
        """Charge a saved card. Raises Declined, again under the same key."""
        intent = self._do(lambda ledger: ledger.charge(asked))
        if intent.failure_code:
            may_try_again = intent.failure_code not in NEVER_AGAIN
            raise Declined(intent.failure_code, intent_id=intent.id, may_try_again=may_try_again)
        return intent

    def intent(self, intent_id: str) -> Intent:
        """How a payment stands now."""
        return self._do(lambda ledger: ledger.intent(intent_id))

    def capture(self, intent_id: str, *, key: str) -> Intent:
        """Take what is reserved; how it stands then, also when it was taken or given back before."""
        return self._do(lambda ledger: ledger.capture(intent_id, key))

    def release(self, intent_id: str, *, key: str) -> Intent:
        """Give back what is reserved; how it stands then, also when it was given back or taken before."""
        return self._do(lambda ledger: ledger.release(intent_id, key))

    def refund(self, asked: RefundRequest) -> GatewayRefund:
        """Give back money that was taken, at once."""
        return self._do(lambda ledger: ledger.refund(asked))

    def refund_of(self, gateway_id: str) -> GatewayRefund:
        """How a refund stands now."""
        return self._do(lambda ledger: ledger.refund_of(gateway_id))

    def open_customer(self, *, email: str, name: str, patient_id: int, key: str) -> str:
        """A customer whose cards are kept; its id."""
        return self._do(lambda ledger: ledger.open_customer(email=email, name=name, patient_id=patient_id, key=key))

    def forget_card(self, method_id: str) -> None:
        """Keep a card no longer; one that is gone already is no fault."""
        self._do(lambda ledger: ledger.forget_card(method_id))

    def recent(self, since: datetime) -> Iterable[Intent]:
        """Every payment made since then, newest first."""
        return self._do(lambda ledger: ledger.recent(since))

    def subscription(self, subscription_id: str) -> Subscription:
        """How a subscription stands now."""
        return self._do(lambda ledger: ledger.subscription(subscription_id))

    def invoices_of(self, subscription_id: str) -> tuple[Invoice, ...]:
        """The invoices of a subscription, the oldest first."""
        return self._do(lambda ledger: ledger.invoices_of(subscription_id))

    def invoice_of(self, intent_id: str) -> Invoice | None:
        """The invoice a payment is for; None where it is for none."""
        return self._do(lambda ledger: ledger.invoice_of(intent_id))

    def change_subscription(self, wishes: SubscriptionWishes) -> Subscription:
        """Have a subscription stand as it is wished; how it stands then."""
        return self._do(lambda ledger: ledger.change_subscription(wishes))

    def end_subscription(self, subscription_id: str) -> Subscription:
        """End a subscription now; one that has ended stays so."""
        return self._do(lambda ledger: ledger.end_subscription(subscription_id))

    def pay_invoice(self, invoice_id: str, *, method_id: str | None, key: str) -> Invoice:
        """Charge an open invoice now; how it stands then. Raises Declined."""
        told = self._do(lambda ledger: ledger.pay_invoice(invoice_id, method_id=method_id, key=key))
        if told.status is InvoiceStatus.OPEN and told.failure_code:
            raise Declined(told.failure_code, may_try_again=told.failure_code not in NEVER_AGAIN)
        return told

    def read_notice(self, body: bytes, signature: str) -> Notice | None:
        """A notice, once its signature is proved; None for a kind that concerns nothing here. Raises NoticeRefused."""
        return notices.read(self._services.settings, body, signature, self._services.clock.now())

    def pay(
        self,
        session_id: str,
        number: str,
        *,
        authenticated: bool = False,
        exp_month: int = 12,
        exp_year: int = 0,
    ) -> Outcome:
        """Type a test card into a page. Raises GatewayRefused for any other number, which is not looked at further."""
        test = published(number)
        if test is None:
            raise GatewayRefused("test_cards_only")
        shown = Presented(test, exp_month, exp_year)
        return self._do(lambda ledger: ledger.pay(session_id, shown, authenticated=authenticated))

    def pay_with_saved(self, session_id: str, method_id: str, *, authenticated: bool = False) -> Outcome:
        """Choose a card that the page's customer saved before. Raises GatewayRefused for any other."""
        shown = Presented(None, method_id=method_id)
        return self._do(lambda ledger: ledger.pay(session_id, shown, authenticated=authenticated))

    def refuse_authentication(self, session_id: str) -> Outcome:
        """The card's owner says no when the bank asks."""
        return self._do(lambda ledger: ledger.refuse(session_id))

    def saved_cards(self, session_id: str) -> list[GatewayCard]:
        """The cards that the page's customer may choose."""
        return self._do(lambda ledger: ledger.saved_cards(session_id))

    def page(self, session_id: str) -> dict[str, Any]:
        """What the page shows: what was asked for, and its status. Raises GatewayRefused for an unknown one."""
        return self._do(lambda ledger: ledger.page(session_id))

    def _do(self, action: Callable[[Subscriptions], T]) -> T:
        """One transaction; what it has to tell goes out after it."""
        told: list[dict[str, Any]] = []

        def within(work: UnitOfWork) -> T:
            ledger = Subscriptions(work)
            result = action(ledger)
            if self._deliver is None:
                for event in ledger.events:
                    work.emit(notices.SEND, f"{notices.SEND}:{event['event_id']}", **event)
            told.extend(ledger.events)
            return result

        result = self._services.do(within)
        if self._deliver is not None:
            for event in told:
                self._deliver(*notices.signed(self._services, event))
        return result
