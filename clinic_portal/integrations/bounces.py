"""Reports of mail servers about e-mail that came back (RFC 3464), as they arrive: all sorts of mail, much of it junk.

Our message is found by the Message-ID in the part that is returned, which nobody knows but who got the message.
"""

import email
import re
from collections.abc import Iterator
from email.message import Message
from email.policy import compat32

from clinic_portal.messaging.types import Bounce

MOST_BYTES = 256 * 1024
_MOST_PARTS = 50
_ID = re.compile(r"<([^<>\s@]{1,200}@[^<>\s@]{1,253})>")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")  # the gravest first
_UNSPECIFIED = {"failed": "5.0.0", "delayed": "4.0.0"}


def read(raw: bytes) -> Bounce | None:
    """What a report tells of one of our messages; None for any other mail."""
    try:
        whole = email.message_from_bytes(raw[:MOST_BYTES], policy=compat32)
        parts = list(_parts(whole))
        told = [
            found
            for part in parts
            if part.get_content_type() == "message/delivery-status"
            for found in map(_recipient, _fields(part))
            if found
        ]
        if not told:
            return None
        action, status = min(told, key=lambda one: _ACTIONS.index(one[0]))
        message_id = _original(whole, parts)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return Bounce(message_id, status, action) if message_id else None


def _parts(message: Message) -> Iterator[Message]:
    """The report's own parts; what is inside a message that is returned is no report."""
    payload = message.get_payload()
    if not message.is_multipart() or message.get_content_maintype() == "message" or not isinstance(payload, list):
        yield message
        return
    for part in payload[:_MOST_PARTS]:
        if isinstance(part, Message):
            yield from _parts(part)


def _fields(part: Message) -> list[Message]:
    """The blocks of fields of a delivery status."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [one for one in payload if isinstance(one, Message)]
    return [email.message_from_string(block) for block in str(payload).split("\n\n")]


def _recipient(fields: Message) -> tuple[str, str] | None:
    """What was done for one recipient, and its status."""
    action = str(fields.get("Action", "")).split(";")[0].strip().lower()
    if action not in _ACTIONS:
        return None
    for name in ("Status", "Diagnostic-Code"):
        found = _STATUS.search(str(fields.get(name, "")))
        if found and (name == "Status" or action == "failed"):
            return action, found[1]
    return action, _UNSPECIFIED.get(action, "2.0.0")


def _original(whole: Message, parts: list[Message]) -> str | None:
    """The Message-ID of the message that came back, or else of the one the report answers."""
    for part in parts:
        kind, payload = part.get_content_type(), part.get_payload()
        if kind == "message/rfc822" and isinstance(payload, list) and isinstance(payload[0], Message):
            returned = payload[0]
        elif kind in ("text/rfc822-headers", "message/rfc822-headers", "message/rfc822"):
            text = part.get_payload(decode=True)
            returned = email.message_from_bytes(text if isinstance(text, bytes) else str(payload).encode())
        else:
            continue
        found = _ID.search(str(returned.get("Message-ID", "")))
        if found:
            return found[1]
    for name in ("X-Original-Message-ID", "Original-Message-ID", "In-Reply-To", "References"):
        found = _ID.search(str(whole.get(name, "")))
        if found:
            return found[1]
    return None
