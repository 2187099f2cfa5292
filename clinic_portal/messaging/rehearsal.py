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

DELIVERED, BOUNCED = "sandbox.delivered", "sandbox.bounced"
A_MOMENT = timedelta(seconds=3)
LONGEST = 1600
NO_SUCH_MAILBOX = "5.1.1"
_NEVER_THERE = "bounce"
_SANDBOX = table(models.SandboxMessage)


def sender_id(message_id: str) -> str:
    """The sandbox's own id for a message."""
    return f"sandbox:{message_id}"


def is_never_there(address: str) -> bool:
    """Whether an address stands for a mailbox that does not exist: `bounce@…`."""
    return address.rpartition("@")[0].casefold() == _NEVER_THERE


def foresee(work: UnitOfWork, *, message_id: str, channel: Channel, to: str) -> None:
    """In a moment it is told what became of a message: a text arrives, and what goes to `bounce@…` comes back."""
    if channel is Channel.SMS:
        kind = DELIVERED
    elif is_never_there(to):
        kind = BOUNCED
    else:
        return
    work.emit(kind, f"{kind}:{message_id}:{ids.nonce()}", after=A_MOMENT, message_id=message_id)


def delivered(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """The SMS service tells that a text arrived."""
    message_id = payload["message_id"]
    heard.told(work, Told(message_id, sender_id(message_id), Fate.DELIVERED))


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
    return heard.told(work, Told(letter.message_id, sender_id(letter.message_id), Fate.FAILED, "sms_30003"))


def _letter(read: Reading, letter_id: int, channel: Channel | None = None) -> Any:
    found = read.execute(select(_SANDBOX).where(_SANDBOX.c.id == letter_id)).first()
    if found is None or (channel is not None and found.channel != channel):
        raise NotAllowed()
    return found
