"""What a phone, an SMS service or a mail server would say, said in a rehearsal by the very same verbs (B7)."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from clinic_portal.core import ids
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.messaging import heard, models
from clinic_portal.messaging.ports import Incoming, Told
from clinic_portal.messaging.returned import returned
from clinic_portal.messaging.types import Bounce, Channel, Fate

DELIVERED, UNDELIVERED, BOUNCED = "sandbox.delivered", "sandbox.undelivered", "sandbox.bounced"
A_MOMENT = timedelta(seconds=3)
LONGEST = 1600
NO_SUCH_MAILBOX = "5.1.1"
NEVER_THERE, NEVER_ON = "bounce", "0199"
"""Mailboxes of this name do not exist; phones whose numbers end so are never switched on."""
_SWITCHED_OFF = "sms_30003"
_SANDBOX = table(models.SandboxMessage)


def sender_id(message_id: str) -> str:
    """The sandbox's own id for a message."""
    return f"sandbox:{message_id}"


def foresee(work: UnitOfWork, *, message_id: str, channel: Channel, to: str) -> None:
    """In a moment it is told what became of a message; of an e-mail only that it came back."""
    if channel is Channel.SMS:
        kind = UNDELIVERED if to.endswith(NEVER_ON) else DELIVERED
    elif to.rpartition("@")[0].casefold() == NEVER_THERE:
        kind = BOUNCED
    else:
        return
    work.emit(kind, f"{kind}:{message_id}:{ids.nonce()}", after=A_MOMENT, message_id=message_id)


def delivered(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """The SMS service tells that a text arrived."""
    message_id = payload["message_id"]
    heard.told(work, Told(message_id, sender_id(message_id), Fate.DELIVERED))


def undelivered(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """The SMS service tells that a text did not arrive."""
    message_id = payload["message_id"]
    heard.told(work, Told(message_id, sender_id(message_id), Fate.FAILED, _SWITCHED_OFF))


def came_back(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """A mail server tells that there is no such mailbox."""
    returned(work, Bounce(payload["message_id"], NO_SUCH_MAILBOX, "failed"))


def reply(work: UnitOfWork, letter_id: int, body: str) -> None:
    """The phone a text went to answers. Raises NotAllowed where there is no such text."""
    letter = _letter(work, letter_id, Channel.SMS)
    heard.replied(work, Incoming(f"sandbox:{ids.nonce()}", letter.to_address, body[:LONGEST]))


def fail(work: UnitOfWork, letter_id: int) -> bool:
    """A message does not arrive after all; False where that is settled. Raises NotAllowed where there is none."""
    letter = _letter(work, letter_id)
    if letter.channel == Channel.EMAIL:
        return returned(work, Bounce(letter.message_id, NO_SUCH_MAILBOX, "failed"))
    return heard.told(work, Told(letter.message_id, sender_id(letter.message_id), Fate.FAILED, _SWITCHED_OFF))


def _letter(read: Reading, letter_id: int, channel: Channel | None = None) -> Any:
    found = read.execute(select(_SANDBOX).where(_SANDBOX.c.id == letter_id)).first()
    if found is None or (channel is not None and found.channel != channel):
        raise NotAllowed()
    return found
