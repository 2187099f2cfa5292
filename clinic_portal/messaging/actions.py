"""Verbs of the delivery ledger: a message is planned, told by the other channel, asked for again."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, insert, select, update

from clinic_portal.core import ids, outbox
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.messaging import models, rules, unreachable
from clinic_portal.messaging.types import Channel, Kind, State
from clinic_portal.patients.queries import contact

DELIVER = {Channel.EMAIL: "message.email", Channel.SMS: "message.sms"}
"""The outbox kinds of a message's turn: a channel that is slow or rests holds up no other."""
MOST_ATTEMPTS = 100  # a message is given up by its age
_MESSAGE = table(models.Message)
_SANDBOX = table(models.SandboxMessage)


def plan(
    work: UnitOfWork,
    kind: Kind,
    channel: Channel,
    subject_id: int,
    *,
    to: str,
    appointment_id: int | None = None,
    patient_id: int | None = None,
    edition: int | str = 0,
    priority: int = outbox.USUAL,
    due_at: datetime | None = None,
    about_at: datetime | None = None,
) -> bool:
    """Put one message into the ledger and ask the worker to send it; asked twice, it is planned once, and False.

    `edition` tells apart messages of one kind about one thing: a visit that is moved a second time. `due_at` is when
    it should have gone out, where that is not now; `about_at` the start of the visit it speaks of: a visit that was
    moved since is told of by another. To whom the clinic has no address of a channel, nothing is sent by it.
    """
    if not to:
        return False
    return _put(
        work,
        f"{kind}:{channel}:{subject_id}" + (f":{edition}" if edition else ""),
        priority,
        kind=kind.value,
        channel=channel.value,
        to_address=to,
        appointment_id=appointment_id,
        patient_id=patient_id,
        subject_id=subject_id,
        due_at=due_at or work.now,
        about_at=about_at,
    )


def plan_instead(work: UnitOfWork, failed: Any) -> bool:
    """Tell by the other channel what did not arrive by one, a row of the ledger (B6); False where that is not done.

    Once; not what proves an address or a number; not where its owner wants nothing, or nothing arrives either.
    """
    if failed.stands_in_for_id is not None or failed.kind in rules.ASKED_FOR or failed.patient_id is None:
        return False
    other = Channel(failed.channel).other
    reached = contact(work, failed.patient_id)
    to = reached.email if other is Channel.EMAIL else reached.phone
    if not to or unreachable.silence(work, other, to):
        return False
    return _put(
        work,
        other_key(failed),
        outbox.USUAL,
        kind=failed.kind,
        channel=other.value,
        to_address=to,
        appointment_id=failed.appointment_id,
        patient_id=failed.patient_id,
        subject_id=failed.subject_id,
        due_at=failed.due_at,
        about_at=failed.about_at,
        stands_in_for_id=failed.id,
    )


def is_told_otherwise(read: Reading, message: Any) -> bool:
    """Whether the same goes, or went, by the other channel."""
    alive = (State.QUEUED.value, State.SENT.value, State.DELIVERED.value)
    same = and_(_MESSAGE.c.dedupe_key == other_key(message), _MESSAGE.c.state.in_(alive))
    return read.execute(select(_MESSAGE.c.id).where(same)).first() is not None


def take_turns(work: UnitOfWork, message: Any) -> None:
    """Wait for whoever settles the same news by the other channel just now."""
    work.in_turn("message", *sorted((message.dedupe_key, other_key(message))))


def mark_opened(work: UnitOfWork, kind: Kind, subject_id: int) -> None:
    """The link in a letter was used: it was opened, whatever was told of its way."""
    opened = and_(_MESSAGE.c.kind == kind.value, _MESSAGE.c.subject_id == subject_id, _MESSAGE.c.opened_at.is_(None))
    is_sent = _MESSAGE.c.sent_at.is_not(None)
    work.execute(update(_MESSAGE).where(opened, is_sent).values(opened_at=work.now))


def send_again(work: UnitOfWork, message_id: int, *, actor: str) -> None:
    """Staff asks for another try of a message that was given up (B6). Raises NotAllowed for any other.

    It gets an id of its own: what is told late of the tries before is not told of this one.
    """
    failed = (_MESSAGE.c.id == message_id) & (_MESSAGE.c.state == State.FAILED.value)
    anew = {"state": State.QUEUED.value, "sending_at": None, "unknown_outcomes": 0, "failed_at": None}
    anew |= {
        "message_id": _message_id(work),
        "letter": None,
        "sent_at": None,
        "sender_id": None,
        "first_tried_at": None,
    }
    channel = work.execute(update(_MESSAGE).where(failed).values(**anew).returning(_MESSAGE.c.channel)).scalar()
    if channel is None:
        raise NotAllowed()
    _deliver(work, message_id, channel, f"{message_id}:{ids.nonce()}", outbox.USUAL)
    work.record(actor, "message.send_again", f"message:{message_id}")


def keep_in_sandbox(
    work: UnitOfWork,
    *,
    message_id: str,
    channel: Channel,
    to: str,
    text: str,
    subject: str = "",
    html: str = "",
    attachment_name: str = "",
    attachment: str = "",
) -> None:
    """Keep what the sandbox "sent"; a repeated send replaces the first (B7)."""
    values = {
        "channel": channel.value,
        "to_address": to,
        "subject": subject,
        "text": text,
        "html": html,
        "attachment_name": attachment_name,
        "attachment": attachment,
        "sent_at": work.now,
    }
    known = _SANDBOX.c.message_id == message_id
    if not work.session.execute(update(_SANDBOX).where(known).values(**values)).rowcount:  # type: ignore[attr-defined]
        work.session.execute(insert(_SANDBOX), [{"message_id": message_id, **values}])


def _put(work: UnitOfWork, dedupe_key: str, priority: int, **values: Any) -> bool:
    if work.execute(select(_MESSAGE.c.id).where(_MESSAGE.c.dedupe_key == dedupe_key)).first():
        return False
    message_id = work.execute(
        insert(_MESSAGE).returning(_MESSAGE.c.id),
        {
            "dedupe_key": dedupe_key,
            "message_id": _message_id(work),
            "state": State.QUEUED.value,
            "created_at": work.now,
            **values,
        },
    ).scalar_one()
    _deliver(work, message_id, values["channel"], str(message_id), priority)
    return True


def other_key(message: Any) -> str:
    """The key of the same news by the other channel, of a row of the ledger."""
    other = Channel(message.channel).other
    return str(message.dedupe_key.replace(f":{message.channel}:", f":{other}:", 1))


def _message_id(work: UnitOfWork) -> str:
    return f"{ids.nonce()}@{work.settings.email_from.rpartition('@')[2]}"


def _deliver(work: UnitOfWork, message_id: int, channel: str, key: str, priority: int) -> None:
    kind = DELIVER[Channel(channel)]
    work.emit(kind, f"{kind}:{key}", priority=priority, max_attempts=MOST_ATTEMPTS, message_id=message_id)
