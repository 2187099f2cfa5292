"""What the sandbox gateway does within one transaction beside its pages: payments, refunds, customers and cards."""

import json
from dataclasses import asdict
from datetime import datetime

from clinic_portal.core import crypto
from clinic_portal.integrations.sandbox.objects import asked_for, new_intent
from clinic_portal.integrations.sandbox.pages import Pages
from clinic_portal.payments import sandbox_books as books
from clinic_portal.payments.ports import (
    ChargeRequest,
    CheckoutStatus,
    GatewayRefund,
    GatewayRefused,
    Intent,
    IntentStatus,
    RefundRequest,
    RefundStatus,
)
from clinic_portal.payments.rules import least_minor
from clinic_portal.payments.sandbox_books import Kept


class Ledger(Pages):
    """The whole of it: everything the gateway can be asked for."""

    def charge(self, asked: ChargeRequest) -> Intent:
        """Charge a saved card; a decline is kept with the payment, for whoever asks again under the same key."""
        made = self._again(asked.key, asked)
        if made is None:
            card = books.kept(self._work, asked.method_id)
            if card is None or not card.data["is_kept"] or card.data["customer_id"] != asked.customer_id:
                raise GatewayRefused("resource_missing")
            if asked.amount_minor < least_minor(asked.currency):
                raise GatewayRefused("amount_too_small")
            declined = card.data["later"]
            data = new_intent(asked) | {
                "asked": asked_for(asked),
                "customer_id": asked.customer_id,
                "method_id": card.id,
                "failure_code": declined or None,
            }
            if not declined:
                data |= {"status": IntentStatus.PAID.value, "captured_minor": asked.amount_minor}
            made = self._new("intent", "pi_sandbox", data, asked.key)
            self._tell(f"payment_intent.{'payment_failed' if declined else 'succeeded'}", made)
        return self.intent_of(made)

    def intent(self, intent_id: str) -> Intent:
        """How a payment stands."""
        return self.intent_of(self._payment(intent_id))

    def capture(self, intent_id: str, key: str) -> Intent:
        """Take what is reserved."""
        intent = self._payment(intent_id)
        self._called(key, intent_id)
        status = IntentStatus(intent.data["status"])
        if status is IntentStatus.UNFINISHED:
            raise GatewayRefused("payment_intent_unexpected_state")
        if status is IntentStatus.AUTHORISED:
            intent.data |= {"status": IntentStatus.PAID.value, "captured_minor": intent.data["amount_minor"]}
            books.change(self._work, intent)
            self._tell("payment_intent.succeeded", intent)
        return self.intent_of(intent)

    def release(self, intent_id: str, key: str) -> Intent:
        """Give back what is reserved."""
        intent = self._payment(intent_id)
        self._called(key, intent_id)
        status = IntentStatus(intent.data["status"])
        page = books.kept(self._work, intent.data["session_id"]) if intent.data["session_id"] else None
        if status is IntentStatus.UNFINISHED and page and page.data["status"] == CheckoutStatus.OPEN:
            raise GatewayRefused("payment_intent_unexpected_state")
        if status in (IntentStatus.AUTHORISED, IntentStatus.UNFINISHED):
            self._cancel(intent)
        return self.intent_of(intent)

    def refund(self, asked: RefundRequest) -> GatewayRefund:
        """Give back money that was taken, at once."""
        made = self._again(asked.key, asked)
        if made is None:
            intent = self._payment(asked.intent_id)
            left = intent.data["captured_minor"] - intent.data["refunded_minor"]
            if intent.data["status"] != IntentStatus.PAID:
                raise GatewayRefused("payment_intent_unexpected_state")
            if asked.amount_minor > left:
                raise GatewayRefused("amount_too_large" if left else "charge_already_refunded")
            if asked.amount_minor <= 0:
                raise GatewayRefused("parameter_invalid_integer")
            data = asdict(asked) | {"asked": asked_for(asked), "status": RefundStatus.DONE.value}
            made = self._new("refund", "re_sandbox", data, asked.key)
            intent.data["refunded_minor"] += asked.amount_minor
            books.change(self._work, intent)
            self._tell("charge.refunded", intent)
            self._tell("refund.updated", made)
        return _refund(made)

    def refund_of(self, refund_id: str) -> GatewayRefund:
        """How a refund stands."""
        return _refund(self._need(refund_id, "refund"))

    def recent(self, since: datetime) -> list[Intent]:
        """Every payment made since then, newest first."""
        return [self.intent_of(self._lapsed(one)) for one in books.every(self._work, "intent", since=since)]

    def open_customer(self, *, email: str, name: str, patient_id: int, key: str) -> str:
        """A customer, or the one made under this key."""
        asked = crypto.digest(json.dumps([email, name, patient_id]))
        made = self._again(key, asked)
        return made.id if made else self._customer(email, name, patient_id=patient_id, asked=asked, key=key)

    def forget_card(self, method_id: str) -> None:
        """Keep a card no longer."""
        card = books.kept(self._work, method_id)
        if card and card.kind == "card" and card.data["is_kept"]:
            card.data["is_kept"] = False
            books.change(self._work, card)
            self._tell("payment_method.detached", card)

    def _payment(self, intent_id: str) -> Kept:
        return self._lapsed(self._need(intent_id, "intent"))


def _refund(kept: Kept) -> GatewayRefund:
    data = kept.data
    return GatewayRefund(
        kept.id, data["intent_id"], data["amount_minor"], RefundStatus(data["status"]), data["refund_id"]
    )
