"""What the SMS service tells: what became of a message it took, and what people reply (P14, B6).

It tells more than once and out of order, sometimes before our own worker has written down that it sent anything.
States only go forward, what is final stays, and a repeated telling changes nothing.
"""

from sqlalchemy import insert, select, update

from clinic_portal.core import resealing, sealing
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.messaging import copies, delivery, models, unreachable
from clinic_portal.messaging.ports import Incoming, Told
from clinic_portal.messaging.types import Channel, Fate, State

STOP, START, HELP = "stop", "start", "help"
KEYWORDS = {
    **dict.fromkeys(("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"), STOP),
    **dict.fromkeys(("start", "unstop", "yes"), START),
    **dict.fromkeys(("help", "info"), HELP),
}
"""Words by which people opt out, in again, and ask for help; a message is one of them only as a whole (CTIA)."""
_MESSAGE, _REPLY = table(models.Message), table(models.Reply)


def told(work: UnitOfWork, about: Told) -> bool:
    """Write down what became of a message; False where it is none of ours, an earlier try's, or known already."""
    message = work.execute(select(_MESSAGE).where(_MESSAGE.c.message_id == about.message_id)).first()
    if message is None or (message.sender_id is not None and message.sender_id != about.sender_id):
        return False
    was_taken = work.execute(
        update(_MESSAGE)
        .where(_MESSAGE.c.id == message.id, _MESSAGE.c.state == State.QUEUED.value)
        .values(
            state=State.SENT.value,
            sender_id=about.sender_id,
            sent_at=work.now,
            sending_at=None,
            last_error=None,
            letter=copies.kept(work.settings, message.id, message.kind, message.letter),
        )
    ).rowcount
    if about.fate is Fate.DELIVERED:
        is_out = (_MESSAGE.c.id == message.id) & (_MESSAGE.c.state == State.SENT.value)
        delivered = {"state": State.DELIVERED.value, "delivered_at": work.now}
        return bool(work.execute(update(_MESSAGE).where(is_out).values(**delivered)).rowcount)
    if about.fate is Fate.FAILED:
        unreachable.note_refusal(work, Channel.SMS, message.to_address, about.reason)
        return delivery.not_delivered(work, message.id, about.reason)
    return bool(was_taken)


def replied(work: UnitOfWork, reply: Incoming) -> bool:
    """Keep a message that came in, and honour STOP and START at once; False where it is known already."""
    work.in_turn("reply", reply.sender_id)
    if work.execute(select(_REPLY.c.id).where(_REPLY.c.sender_id == reply.sender_id)).first():
        return False
    word = reply.keyword or keyword(reply.body)
    reply_id = work.execute(
        insert(_REPLY).returning(_REPLY.c.id),
        {
            "sender_id": reply.sender_id,
            "from_address": reply.from_address,
            "body": sealing.seal(work.settings, _place(reply.sender_id), reply.body),
            "keyword": word,
            "media": reply.media,
            "received_at": work.now,
            "attended_at": work.now if word else None,
        },
    ).scalar_one()
    if word == STOP and unreachable.note(work, Channel.SMS, reply.from_address, unreachable.STOP):
        work.record("phone", "sms.stopped", f"reply:{reply_id}")
    if word == START and unreachable.lift(work, Channel.SMS, reply.from_address):
        work.record("phone", "sms.started", f"reply:{reply_id}")
    return True


def keyword(body: str) -> str | None:
    """Whether a message is nothing but a word of opting out, in, or asking for help."""
    return KEYWORDS.get(" ".join(body.casefold().strip(" \t\r\n.!?\"'“”‘’").split()))


def words(read: Reading, sender_id: str, body: str) -> str:
    """What a reply says, from its row. The caller has authorised it. Raises sealing.Unreadable."""
    return sealing.open_sealed(read.settings, _place(sender_id), body)


def reseal(work: UnitOfWork, *, after_id: int) -> tuple[int, int]:
    """Seal the next replies under the present key; (how many, the last id; 0 at the end)."""
    return resealing.portion(work, _REPLY, _REPLY.c.id, lambda row: _place(row.sender_id), after=after_id)


def _place(sender_id: str) -> str:
    return f"reply:body:{sender_id}"
