"""The copy of a message that the ledger keeps, sealed: what goes out again if nobody knows whether it arrived.

Once it is settled, only subject and words stay, for staff to see what was said; of what holds a code or a link that
lets somebody in, nothing stays.
"""

import base64
import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from clinic_portal.core import resealing, sealing
from clinic_portal.core.db import table
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.messaging import models
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.types import Kind, Said

SECRET = frozenset({Kind.PHONE_CODE, Kind.ACCOUNT_LINK, Kind.PROFILE_CLAIM, Kind.FEE_FAILED, Kind.TRIAL})
"""Kinds whose words let somebody in, or are nobody's but the one who asked."""
_MESSAGE = table(models.Message)


def sealed(settings: Settings, message_id: int, letter: Email | Sms) -> str:
    """A message as it is handed over, whole."""
    held = asdict(letter)
    if isinstance(letter, Email):
        held |= {"headers": dict(letter.headers), "ics": letter.ics and base64.b64encode(letter.ics).decode()}
    return sealing.seal(settings, _place(message_id), json.dumps(held))


def opened(settings: Settings, message_id: int, copy: str) -> Email | Sms:
    """The message a copy was made of. Raises sealing.Unreadable."""
    return _letter(_held(settings, message_id, copy))


def kept(settings: Settings, message_id: int, kind: str, copy: str | None) -> str | None:
    """What stays of a copy once the message is settled; asked twice, the same."""
    if copy is None or kind in SECRET:
        return None
    held = _held(settings, message_id, copy)
    if "said" in held:
        return copy
    letter = _letter(held)
    subject, text = (letter.subject, letter.text) if isinstance(letter, Email) else ("", letter.body)
    return sealing.seal(settings, _place(message_id), json.dumps({"said": True, "subject": subject, "text": text}))


def said(read: Reading, message_id: int) -> Said | None:
    """What a message said; None while it is not sent, and for what is kept by nobody. The caller has authorised it."""
    row = read.execute(select(_MESSAGE.c.letter, _MESSAGE.c.kind).where(_MESSAGE.c.id == message_id)).first()
    if row is None or row.letter is None or row.kind in SECRET:
        return None
    held = _held(read.settings, message_id, row.letter)
    return Said(held["subject"], held["text"]) if "said" in held else None


def reseal(work: UnitOfWork, *, after_id: int) -> tuple[int, int]:
    """Seal the next copies under the present key; (how many, the last id; 0 at the end)."""
    return resealing.portion(work, _MESSAGE, _MESSAGE.c.id, lambda row: _place(row.id), after=after_id, column="letter")


def _held(settings: Settings, message_id: int, copy: str) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(sealing.open_sealed(settings, _place(message_id), copy))
    return held


def _letter(held: dict[str, Any]) -> Email | Sms:
    if "key" in held:
        return Sms(**held)
    return Email(**held | {"ics": held["ics"] and base64.b64decode(held["ics"])})


def _place(message_id: int) -> str:
    return f"message:letter:{message_id}"
