"""What must hold of all messages at any time: none waits that nobody will send (B6)."""

from sqlalchemy import String, and_, cast, exists, literal, or_, select

from clinic_portal.core import outbox
from clinic_portal.core.db import table
from clinic_portal.core.outbox import OUTBOX
from clinic_portal.core.work import Reading
from clinic_portal.messaging import models
from clinic_portal.messaging.types import State

_MESSAGE = table(models.Message)


def broken(read: Reading) -> list[str]:
    """A sentence for every message that waits and has no turn to come, and for each told as sent that never was."""
    turn = literal("message.") + _MESSAGE.c.channel + literal(":") + cast(_MESSAGE.c.id, String)
    has_turn = exists().where(
        OUTBOX.c.state.in_((outbox.READY, outbox.LEASED)),
        or_(OUTBOX.c.dedupe_key == turn, OUTBOX.c.dedupe_key.startswith(turn + literal(":"))),
    )
    lost = and_(_MESSAGE.c.state == State.QUEUED.value, ~has_turn)
    unsent = and_(_MESSAGE.c.state.in_((State.SENT.value, State.DELIVERED.value)), _MESSAGE.c.sender_id.is_(None))
    return [
        f"Message {one} {what}."
        for which, what in ((lost, "waits, and nothing will send it"), (unsent, "is told as sent, and nobody took it"))
        for one in read.execute(select(_MESSAGE.c.id).where(which).limit(20)).scalars()
    ]
