"""What the suites of payment gateways share: requests of each kind, and settings that lead to a counterpart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Protocol

from pydantic import SecretStr

from clinic_portal.core.settings import Settings
from clinic_portal.payments.ports import ChargeRequest, Checkout, CheckoutRequest, PaymentGateway, RefundRequest
from clinic_portal.payments.types import Purpose
from tests.conftest import MONDAY_MORNING
from tests.stripe_standin import KEY

SECRET, OLD_SECRET = "whsec_new", "whsec_old"


class Side(Protocol):
    """A gateway, and who stands on the other side of it."""

    gateway: PaymentGateway

    def pay(self, session_id: str, number: str = ...) -> str | None:
        """The patient types a card on the page; what the bank said against it."""

    def save_card(self, customer_id: str, number: str = ...) -> str:
        """A card that a customer left before; its id."""

    def money_moved(self) -> int:
        """How many payments the other side has ever made."""


def to(settings: Settings, base: str, **values: Any) -> Settings:
    """Settings of a clinic whose Stripe is at `base`."""
    given = {
        "payment_gateway": "stripe",
        "stripe_api_base": base,
        "stripe_secret_key": SecretStr(KEY),
        "stripe_webhook_secrets": [SecretStr(SECRET), SecretStr(OLD_SECRET)],
        "stripe_timeout_seconds": 5,
    }
    return settings.model_copy(update={**given, **values})


def page(**values: Any) -> CheckoutRequest:
    """A page for a hold of 0.50."""
    given: dict[str, Any] = {
        "payment_id": 7,
        "purpose": Purpose.HOLD,
        "amount_minor": 50,
        "currency": "USD",
        "item": "Card check, released at once",
        "consent": "You allow Lumen to charge up to $50.00 if you cancel late.",
        "reference": "LUM-7",
        "email": "amara@example.org",
        "customer_id": None,
        "language": "en",
        "expires_at": MONDAY_MORNING + timedelta(minutes=31),
        "back_url": "https://book.example.org/book/card?page={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://book.example.org/book/card",
        "key": "checkout:7:1",
    }
    return CheckoutRequest(**{**given, **values})


def fee(customer_id: str, method_id: str, **values: Any) -> ChargeRequest:
    """A cancellation fee of 50.00 on a saved card."""
    given: dict[str, Any] = {
        "payment_id": 8,
        "purpose": Purpose.CANCELLATION_FEE,
        "amount_minor": 5000,
        "currency": "USD",
        "customer_id": customer_id,
        "method_id": method_id,
        "item": "Cancellation fee",
        "reference": "LUM-8",
        "policy_version": 3,
        "key": "charge:8:1",
    }
    return ChargeRequest(**{**given, **values})


def back(intent_id: str, amount_minor: int, **values: Any) -> RefundRequest:
    """A refund of a part."""
    given: dict[str, Any] = {"refund_id": 9, "payment_id": 8, "key": "refund:9:1"}
    return RefundRequest(**{**given, "intent_id": intent_id, "amount_minor": amount_minor, **values})


def customer(side: Side) -> str:
    """A customer of the gateway."""
    return side.gateway.open_customer(email="amara@example.org", name="Amara Reed", patient_id=1, key="customer:1")


def paid_page(side: Side, **values: Any) -> Checkout:
    """A page on which a good card was typed."""
    opened = side.gateway.open_checkout(page(**values))
    assert side.pay(opened.id) is None
    return side.gateway.checkout(opened.id)
