"""Decisions about payments, from values: keys, least amounts, whether the gateway speaks of what we asked."""

from datetime import datetime, timedelta

from clinic_portal.core.errors import Invalid
from clinic_portal.core.money import least_minor as least_minor
from clinic_portal.payments.ports import Intent
from clinic_portal.payments.types import PaymentInfo, RefundInfo

PAGE_LASTS = timedelta(minutes=31)
"""How long a page that takes a card is asked to live; the gateway allows no less than 30 minutes. The held time may
run out sooner: then the page is ended before the time is given to others."""
SHORTEST_REASON, LONGEST_REASON = 3, 300
MOST_ATTEMPTS = 3
"""How often a page is asked for under a new key, once the gateway definitely refused."""


def number(payment_id: int) -> str:
    """The number of a payment, as receipts and the clinic's pages name it: `R-000123`."""
    return f"R-{payment_id:06}"


def checkout_key(payment: PaymentInfo) -> str:
    """The idempotency key under which a page is opened: our row's id, and a number no other installation knows, so that
    books restored from a copy, or begun anew, never meet an answer that was another's."""
    return f"checkout:{payment.id}:{payment.nonce}:{payment.attempt}"


def charge_key(payment: PaymentInfo) -> str:
    """The idempotency key of a charge to a saved card; a new attempt only after a definite refusal."""
    return f"charge:{payment.id}:{payment.nonce}:{payment.attempt}"


def wanted_key(payment: PaymentInfo, wanted: str) -> str:
    """The idempotency key under which an authorisation is captured or released."""
    return f"{wanted}:{payment.id}:{payment.nonce}"


def refund_key(refund: RefundInfo) -> str:
    """The idempotency key of a refund."""
    return f"refund:{refund.id}:{refund.nonce}:{refund.attempt}"


def mismatch(payment: PaymentInfo, intent: Intent) -> str | None:
    """What the gateway says otherwise than we asked; then nothing of it is believed. None when all agrees."""
    if intent.payment_id != payment.id:
        return "payment"
    if intent.currency != payment.currency:
        return "currency"
    if intent.amount_minor != payment.amount_minor:
        return "amount"
    if payment.intent_id not in (None, intent.id):
        return "intent"
    return None


def reason(typed: str) -> str:
    """Why staff do something with money, in their words. Raises Invalid where they say nothing."""
    told = " ".join(typed.split())
    if len(told) < SHORTEST_REASON:
        raise Invalid("reason", "reason_missing")
    return told[:LONGEST_REASON]


def is_card_ending(exp_month: int, exp_year: int, now: datetime) -> bool:
    """Whether a card that is good still ends this month or the next."""
    left = (exp_year - now.year) * 12 + exp_month - now.month
    return 0 <= left <= 1


def is_card_over(exp_month: int, exp_year: int, now: datetime) -> bool:
    """Whether a card's last month has ended."""
    return (exp_year, exp_month) < (now.year, now.month)
