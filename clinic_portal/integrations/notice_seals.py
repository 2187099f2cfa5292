"""How a gateway's notices are sealed and proved: an HMAC over the instant and the raw body (RFC 2104), as
docs.stripe.com/webhooks describes it. The SDK proves them by the machine's clock; here the clock is given.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from clinic_portal.payments.ports import NoticeRefused

TOLERANCE = timedelta(seconds=300)


def seal(body: bytes, secret: str, at: datetime) -> str:
    """The header that proves a body: when it was sealed, and the HMAC of both."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_mac(seconds, body, secret)}"


def prove(body: bytes, header: str, secrets: Sequence[str], now: datetime) -> None:
    """Whether a body was sealed under one of the secrets, not long ago. Raises NoticeRefused."""
    parts = [part.strip().partition("=") for part in header[:2000].split(",")]
    stamps = [value for name, _, value in parts if name == "t"]
    given = [value for name, _, value in parts if name == "v1"]
    if len(stamps) != 1 or not (stamps[0].isascii() and stamps[0].isdecimal() and len(stamps[0]) < 12):
        raise NoticeRefused("not_signed")
    seconds = int(stamps[0])
    wanted = [_mac(seconds, body, secret) for secret in secrets if secret]
    # Each is compared, whichever fits: the time it takes says nothing.
    fits = [hmac.compare_digest(one.encode(), other.encode()) for one in wanted for other in given]
    if not any(fits):
        raise NoticeRefused("not_signed")
    if abs(now.timestamp() - seconds) > TOLERANCE.total_seconds():
        raise NoticeRefused("too_old")


def _mac(seconds: int, body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, "sha256").hexdigest()
