"""Verbs of the delivery ledger. An outcome and the worker's row are settled in one transaction."""

from datetime import datetime

from sqlalchemy import insert, select, update

from clinic_portal.core import ids, outbox
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.outbox import OutboxRow
from clinic_portal.core.work import UnitOfWork
from clinic_portal.messaging import models, rules
from clinic_portal.messaging.ports import SendFailed
from clinic_portal.messaging.types import Channel, Kind, State

DELIVER = "message.deliver"
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
    stands_in_for_id: int | None = None,
) -> bool:
    """Put one message into the ledger and ask the worker to send it; asked twice, it is planned once, and False.

    `edition` tells apart messages of one kind about one thing: a visit that is moved a second time. `due_at` is when
    it should have gone out, where that is not now; `about_at` the start of the visit it speaks of, so that it can tell
    that the visit was moved; `stands_in_for_id` the message of the other channel that did not arrive (B6).
    """
    dedupe_key = f"{kind}:{channel}:{subject_id}" + (f":{edition}" if edition else "")
    if work.session.execute(select(_MESSAGE.c.id).where(_MESSAGE.c.dedupe_key == dedupe_key)).first():
        return False
    domain = work.settings.email_from.rpartition("@")[2]
    message_id = work.session.execute(
        insert(_MESSAGE).returning(_MESSAGE.c.id),
        {
            "dedupe_key": dedupe_key,
            "kind": kind.value,
            "channel": channel.value,
            "to_address": to,
            "message_id": f"{ids.nonce()}@{domain}",
            "appointment_id": appointment_id,
            "patient_id": patient_id,
            "subject_id": subject_id,
            "state": State.QUEUED.value,
            "created_at": work.now,
            "due_at": due_at or work.now,
            "about_at": about_at,
            "stands_in_for_id": stands_in_for_id,
        },
    ).scalar_one()
    work.emit(DELIVER, f"{DELIVER}:{message_id}", priority=priority, message_id=message_id)
    return True


def mark_sent(work: UnitOfWork, row: OutboxRow, sender_id: str) -> None:
    """The sender took the message. True even when the lease had passed on meanwhile: it was sent."""
    outbox.finish(work.session, row)
    _settle(work, row, state=State.SENT.value, sender_id=sender_id, sent_at=work.now, last_error=None)


def mark_dropped(work: UnitOfWork, row: OutboxRow, reason: str) -> None:
    """The message makes no sense any more; nothing is sent."""
    if outbox.finish(work.session, row, state=outbox.DROPPED, error=reason):
        _settle(work, row, state=State.DROPPED.value, last_error=reason)


def mark_failed(work: UnitOfWork, row: OutboxRow, failure: SendFailed) -> bool:
    """The message was not taken: it waits for another attempt, or is given up (True) when that is useless."""
    is_given_up = failure.permanent or row.attempts >= row.max_attempts
    if is_given_up:
        is_mine = outbox.finish(work.session, row, state=outbox.DEAD, error=failure.reason)
    else:
        kind = select(_MESSAGE.c.kind).where(_MESSAGE.c.id == row.payload["message_id"])
        pause = rules.pause(
            work.session.execute(kind).scalar() or "",
            row.attempts,
            spread_by=row.dedupe_key,
            retry_after_seconds=failure.retry_after_seconds,
        )
        is_mine = outbox.retry(work.session, row, now=work.now, pause=pause, error=failure.reason)
    if is_mine:
        state = State.FAILED if is_given_up else State.QUEUED
        _settle(work, row, state=state.value, last_error=failure.reason)
    return is_mine and is_given_up


def send_again(work: UnitOfWork, message_id: int, *, actor: str) -> None:
    """Staff asks for another try of a message that was given up (B6). Raises NotAllowed for any other."""
    failed = (_MESSAGE.c.id == message_id) & (_MESSAGE.c.state == State.FAILED.value)
    changed = work.session.execute(update(_MESSAGE).where(failed).values(state=State.QUEUED.value))
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise NotAllowed()
    work.emit(DELIVER, f"{DELIVER}:{message_id}:{ids.nonce()}", message_id=message_id)
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


def _settle(work: UnitOfWork, row: OutboxRow, **values: object) -> None:
    """Change the ledger's entry, unless it has come to its end already."""
    mine = (_MESSAGE.c.id == row.payload["message_id"]) & (_MESSAGE.c.state == State.QUEUED.value)
    work.session.execute(update(_MESSAGE).where(mine).values(**values))
