"""A gateway that fails as true ones do, and a process that may die between any two lines: by a seeded plan.

What goes wrong is told to `tell`, so that a test that fails can print the whole story.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from clinic_portal.core.work import Services
from clinic_portal.integrations.sandbox.gateway import SandboxGateway
from clinic_portal.payments.ports import (
    ChargeRequest,
    Checkout,
    CheckoutRequest,
    Declined,
    GatewayAway,
    GatewayRefund,
    GatewayRefused,
    Intent,
    Invoice,
    Notice,
    RefundRequest,
    Subscription,
    SubscriptionWishes,
)

MOVES_MONEY = frozenset({"charge", "capture", "release", "refund", "change_subscription", "pay_invoice"})


class Killed(BaseException):
    """The process ended here: no handler of errors hears of it, and nothing it knew is left."""


class Faults:
    """What goes wrong, and when. `meanwhile` is what others do while a call or the next transaction is waited for."""

    def __init__(self, rng: random.Random, *, often: float = 0.1, kills: float = 0.03, meets: float = 0.1) -> None:
        self.rng = rng
        self.are_over = False
        self.tell: Callable[[str], None] = lambda what: None
        self.meanwhile: Callable[[], None] = lambda: None
        self._often, self._kills, self._meets = often, kills, meets

    def between(self, where: str) -> None:
        """Between two lines that no transaction spans: others act, or the process is killed."""
        if self.are_over:
            return
        drawn = self.rng.random()
        if drawn < self._kills:
            self.tell(f"killed {where}")
            raise Killed(where)
        if drawn < self._kills + self._meets:
            self.meanwhile()

    def of_call(self, name: str, *kinds: str) -> str | None:
        """What goes wrong with one call, if anything does; more often where money moves."""
        often = self._often * (3 if name in MOVES_MONEY else 1)
        if self.are_over or self.rng.random() >= often:
            return None
        return self.rng.choice(kinds)


class Mortal(Services):
    """A process that may be killed, or overtaken by others, after any of its transactions."""

    def __init__(self, services: Services, faults: Faults) -> None:
        super().__init__(services.database, services.clock, services.settings)
        self._faults = faults

    def do(self, action: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        result = super().do(action, *args, **kwargs)
        self._faults.between(f"after {getattr(action, '__name__', 'something')} was kept")
        return result


class FaultGateway:
    """The sandbox gateway, reached over a bad line: down, or its answer lost, or its page's key spoilt for good."""

    account = "sandbox"

    def __init__(self, inner: SandboxGateway, faults: Faults) -> None:
        self._inner = inner
        self._faults = faults
        self._spoilt: set[str] = set()

    def open_checkout(self, asked: CheckoutRequest) -> Checkout:
        def opened() -> Checkout:
            return self._inner.open_checkout(asked)

        if asked.key in self._spoilt and not self._faults.are_over:
            raise GatewayRefused("fault_remembered")
        try:
            return self._ask("open_checkout", opened, "down", "lost", "spoilt")
        except GatewayRefused as refusal:
            if refusal.code == "fault_remembered":
                self._spoilt.add(asked.key)
            raise

    def checkout(self, session_id: str) -> Checkout:
        return self._ask("checkout", lambda: self._inner.checkout(session_id))

    def expire_checkout(self, session_id: str) -> Checkout:
        return self._ask("expire_checkout", lambda: self._inner.expire_checkout(session_id))

    def charge(self, asked: ChargeRequest) -> Intent:
        return self._ask("charge", lambda: self._inner.charge(asked))

    def intent(self, intent_id: str) -> Intent:
        return self._ask("intent", lambda: self._inner.intent(intent_id))

    def capture(self, intent_id: str, *, key: str) -> Intent:
        return self._ask("capture", lambda: self._inner.capture(intent_id, key=key))

    def release(self, intent_id: str, *, key: str) -> Intent:
        return self._ask("release", lambda: self._inner.release(intent_id, key=key))

    def refund(self, asked: RefundRequest) -> GatewayRefund:
        return self._ask("refund", lambda: self._inner.refund(asked))

    def refund_of(self, gateway_id: str) -> GatewayRefund:
        return self._ask("refund_of", lambda: self._inner.refund_of(gateway_id))

    def open_customer(self, *, email: str, name: str, patient_id: int, key: str) -> str:
        asked = {"email": email, "name": name, "patient_id": patient_id, "key": key}
        return self._ask("open_customer", lambda: self._inner.open_customer(**asked))

    def forget_card(self, method_id: str) -> None:
        self._ask("forget_card", lambda: self._inner.forget_card(method_id))

    def recent(self, since: datetime) -> list[Intent]:
        return self._ask("recent", lambda: list(self._inner.recent(since)))

    def subscription(self, subscription_id: str) -> Subscription:
        return self._ask("subscription", lambda: self._inner.subscription(subscription_id))

    def invoices_of(self, subscription_id: str) -> tuple[Invoice, ...]:
        return self._ask("invoices_of", lambda: self._inner.invoices_of(subscription_id))

    def invoice_of(self, intent_id: str) -> Invoice | None:
        return self._ask("invoice_of", lambda: self._inner.invoice_of(intent_id))

    def change_subscription(self, wishes: SubscriptionWishes) -> Subscription:
        return self._ask("change_subscription", lambda: self._inner.change_subscription(wishes))

    def end_subscription(self, subscription_id: str) -> Subscription:
        return self._ask("end_subscription", lambda: self._inner.end_subscription(subscription_id))

    def pay_invoice(self, invoice_id: str, *, method_id: str | None, key: str) -> Invoice:
        return self._ask("pay_invoice", lambda: self._inner.pay_invoice(invoice_id, method_id=method_id, key=key))

    def read_notice(self, body: bytes, signature: str) -> Notice | None:
        return self._inner.read_notice(body, signature)

    def _ask(self, name: str, call: Callable[[], Any], *kinds: str) -> Any:
        self._faults.between(f"before {name}")
        fault = self._faults.of_call(name, *(kinds or ("down", "lost")))
        if fault == "down":
            self._faults.tell(f"the gateway is down at {name}")
            raise GatewayAway("down")
        if fault == "lost":
            self._faults.tell(f"{name} was carried out, its answer lost")
            with suppress(Declined, GatewayRefused):
                call()
            raise GatewayAway("lost")
        result = call()
        if fault == "spoilt":
            self._faults.tell(f"{name} was carried out, and its key answers a fault for good")
            raise GatewayRefused("fault_remembered")
        self._faults.between(f"after {name} was carried out")
        return result
