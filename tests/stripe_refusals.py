"""What the stand-in for Stripe says no to, and how: test numbers, and answers that are errors."""

from __future__ import annotations

from typing import Any

GOOD, MASTERCARD, DECLINED, POOR = "4242424242424242", "5555555555554444", "4000000000000002", "4000000000009995"
EXPIRED, LOST, STOLEN = "4000000000000069", "4000000000009987", "4000000000009979"
ATTACHES_THEN_DECLINES, ASKS_ONCE, ASKS_ALWAYS = "4000000000000341", "4000002500003155", "4000002760003184"
REFUSED = {
    DECLINED: "generic_decline",
    POOR: "insufficient_funds",
    EXPIRED: "expired_card",
    LOST: "lost_card",
    STOLEN: "stolen_card",
    ATTACHES_THEN_DECLINES: "generic_decline",
}
"""Stripe's published test numbers, and what the bank says of them."""

Json = dict[str, Any]


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str | None, kind: str = "invalid_request_error", **facts: Any) -> None:
        super().__init__(code)
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": f"Refused: {code}", **facts}}


def error(code: str) -> Json:
    own = {"expired_card", "authentication_required"}
    return {"code": code if code in own else "card_declined", "decline_code": code}
