"""Stripe's notices: proved by their signature over the raw body, then read into what they concern."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from clinic_portal.integrations import notice_seals
from clinic_portal.integrations.stripe_shapes import id_of, instant, number, subscription_of
from clinic_portal.payments.ports import Notice, NoticeRefused

KINDS: Final = (
    "checkout.session.completed",
    "checkout.session.expired",
    "payment_intent.amount_capturable_updated",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.closed",
    "setup_intent.succeeded",
    "payment_method.detached",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.payment_action_required",
)
"""What the endpoint at Stripe should be told to send; other kinds concern nothing here."""


def read(body: bytes, signature: str, secrets: Sequence[str], now: datetime, *, is_live: bool) -> Notice | None:
    """A notice, once proved; None for a kind that concerns nothing here. Raises NoticeRefused."""
    notice_seals.prove(body, signature, secrets, now)
    try:
        event = json.loads(body)
        if event["object"] != "event" or event["livemode"] is not is_live:
            raise NoticeRefused("another_account")
        kind, made, told = str(event["type"]), instant(event["created"]), event["data"]["object"]
        if kind not in KINDS:
            return None
        return _notice(str(event["id"]), kind, made, told)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
        raise NoticeRefused("unreadable") from None


def _notice(notice_id: str, kind: str, made: datetime, told: Mapping[str, Any]) -> Notice:
    object_id, concerns = str(told["id"]), kind.rpartition(".")[0]
    intent_id = object_id if concerns == "payment_intent" else id_of(told.get("payment_intent"))
    method_id = object_id if concerns == "payment_method" else None
    return Notice(
        id=notice_id,
        kind=kind,
        object_id=object_id,
        payment_id=number(told, "payment_id"),
        intent_id=intent_id,
        occurred_at=made,
        session_id=object_id if concerns == "checkout.session" else None,
        refund_id=object_id if concerns == "refund" else None,
        method_id=id_of(told.get("payment_method")) if concerns == "setup_intent" else method_id,
        subscription_id=_subscription(concerns, told),
        facts={"status": str(told.get("status"))} if concerns == "charge.dispute" else {},
    )


def _subscription(concerns: str, told: Mapping[str, Any]) -> str | None:
    if concerns == "invoice":
        return subscription_of(told)
    return str(told["id"]) if concerns == "customer.subscription" else None
