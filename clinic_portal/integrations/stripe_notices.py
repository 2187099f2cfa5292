"""Stripe's notices: proved by their signature over the raw body, then read into what they concern.

The SDK proves them by the machine's clock; here the clock is given, so it is done by hand (RFC 2104, as
docs.stripe.com/webhooks describes it).
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from clinic_portal.integrations.stripe_shapes import id_of, instant, number
from clinic_portal.payments.ports import Notice, NoticeRefused

TOLERANCE = timedelta(seconds=300)
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
)
"""What the endpoint at Stripe should be told to send; other kinds concern nothing here."""


def read(body: bytes, signature: str, secrets: Sequence[str], now: datetime, *, is_live: bool) -> Notice | None:
    """A notice, once proved; None for a kind that concerns nothing here. Raises NoticeRefused."""
    _prove(body, signature, secrets, now)
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


def sign(body: bytes, secret: str, at: datetime) -> str:
    """The header Stripe sends with a body."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_seal(seconds, body, secret)}"


def _seal(seconds: int, body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, "sha256").hexdigest()


def _prove(body: bytes, signature: str, secrets: Sequence[str], now: datetime) -> None:
    parts = [part.strip().partition("=") for part in signature[:2000].split(",")]
    stamps = [value for name, _, value in parts if name == "t"]
    given = [value for name, _, value in parts if name == "v1"]
    if len(stamps) != 1 or not (stamps[0].isascii() and stamps[0].isdecimal() and len(stamps[0]) < 12):
        raise NoticeRefused("not_signed")
    seconds = int(stamps[0])
    wanted = [_seal(seconds, body, secret) for secret in secrets if secret]
    # Each is compared, whichever fits: the time it takes says nothing.
    fits = [hmac.compare_digest(one.encode(), other.encode()) for one in wanted for other in given]
    if not any(fits):
        raise NoticeRefused("not_signed")
    if abs(now.timestamp() - seconds) > TOLERANCE.total_seconds():
        raise NoticeRefused("too_old")


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
        facts={"status": str(told.get("status"))} if concerns == "charge.dispute" else {},
    )
