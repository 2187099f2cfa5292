"""One message from its turn to what became of it (B6).

`written` reads and writes it; `begin` writes down that it is about to be handed over, in a transaction of its own; the
sender gets it outside of any;
`mark_sent` or `mark_failed` writes down what came of it. Who finds a message begun and not marked (the worker was
killed, no answer came) does not know whether it arrived: the very same text goes out once more, and no third time.
What did not arrive is told by the other channel.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import case, select, update

from clinic_portal.booking.queries import starts_at
from clinic_portal.core import outbox
from clinic_portal.core.db import table
from clinic_portal.core.outbox import OutboxRow
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.messaging import copies, models, queries, rules, unreachable
from clinic_portal.messaging.actions import is_told_otherwise, plan_instead, take_turns
from clinic_portal.messaging.ports import Email, SendFailed, Sms
from clinic_portal.messaging.types import Channel, Dropped, Later, State

REPEATS = 1
"""How often a message goes out again when nobody knows whether it arrived."""
_MESSAGE = table(models.Message)
Written = Email | Sms | Dropped | Later


def written(read: Reading, row: OutboxRow) -> Written:
    """A message as it would be sent now, or why it is not to be; a read of its own, since writing takes its time."""
    message = _message(read, row)
    if message is None or message.state != State.QUEUED:
        return Dropped("settled" if message else "gone")
    return _unreached(read, message) or _moved(read, message) or queries.letter(read, message.id)


def begin(work: UnitOfWork, row: OutboxRow, now_written: Written) -> Email | Sms | None:
    """What is to be handed to the sender now; None when nothing is: then the row is settled, or somebody else's."""
    message = _message(work, row)
    if not outbox.is_mine(work.session, row):
        return None
    if message is None or message.state != State.QUEUED:
        outbox.finish(work.session, row, state=outbox.DROPPED, error="settled" if message else "gone")
        return None
    unknown = message.unknown_outcomes + (message.sending_at is not None)
    if unknown > REPEATS:
        _give_up(work, row, message, message.last_error or "outcome_unknown", unknown_outcomes=unknown)
        return None
    if isinstance(now_written, Dropped):
        _drop(work, row, message, now_written.reason)
        return None
    if isinstance(now_written, Later):
        outbox.postpone(work.session, row, now_written.until)
        return None
    is_repeated = unknown and message.letter and _is_of_this_time(work, message)
    letter = copies.opened(work.settings, message.id, message.letter) if is_repeated else now_written
    _change(
        work,
        message.id,
        first_tried_at=message.first_tried_at or work.now,
        sending_at=work.now,
        attempts=message.attempts + 1,
        unknown_outcomes=unknown,
        letter=copies.sealed(work.settings, message.id, letter),
    )
    if is_repeated and isinstance(letter, Sms):  # the SMS service can say whether it went out already
        return replace(letter, tried_at=message.first_tried_at)
    return letter


def mark_sent(work: UnitOfWork, row: OutboxRow, sender_id: str) -> None:
    """The sender took the message. True even when the lease had passed on meanwhile: it was sent.

    What the SMS service told before this was written (delivered, failed) stands.
    """
    outbox.finish(work.session, row)
    message = work.execute(select(_MESSAGE).where(_MESSAGE.c.id == row.payload["message_id"])).one()
    if message.sent_at is not None:
        return
    is_queued = _MESSAGE.c.state == State.QUEUED.value
    _change(
        work,
        message.id,
        state=case((is_queued, State.SENT.value), else_=_MESSAGE.c.state),
        last_error=case((is_queued, None), else_=_MESSAGE.c.last_error),
        sender_id=sender_id,
        sent_at=work.now,
        sending_at=None,
        letter=copies.kept(work.settings, message.id, message.kind, message.letter),
    )


def mark_failed(work: UnitOfWork, row: OutboxRow, failure: SendFailed) -> bool:
    """The message was not taken: it waits for another attempt, or is given up (True) when that is useless."""
    message = work.execute(select(_MESSAGE).where(_MESSAGE.c.id == row.payload["message_id"])).one()
    if message.state != State.QUEUED or not outbox.is_mine(work.session, row):
        return False
    unknown = message.unknown_outcomes + failure.is_unknown
    is_late = work.now - (message.first_tried_at or work.now) >= rules.patience(message.kind)
    if failure.permanent:
        unreachable.note_refusal(work, Channel(message.channel), message.to_address, failure.reason)
    if failure.permanent or is_late or unknown > REPEATS:
        _give_up(work, row, message, failure.reason, unknown_outcomes=unknown)
        return True
    wait = failure.retry_after_seconds
    pause = rules.pause(message.kind, row.attempts, spread_by=row.dedupe_key, retry_after_seconds=wait)
    outbox.retry(work.session, row, now=work.now, pause=pause, error=failure.reason)
    _change(work, message.id, sending_at=None, unknown_outcomes=unknown, last_error=failure.reason)
    return False


def not_delivered(work: UnitOfWork, message_id: int, reason: str) -> bool:
    """What was taken did not arrive, as the SMS service or a mail server says later; False where that is over.

    Told by the other channel then.
    """
    is_out = _MESSAGE.c.state.in_((State.QUEUED.value, State.SENT.value))
    message = work.execute(
        update(_MESSAGE)
        .where(_MESSAGE.c.id == message_id, is_out)
        .values(state=State.FAILED.value, last_error=reason, failed_at=work.now)
        .returning(_MESSAGE)
    ).first()
    if message is None:
        return False
    plan_instead(work, message)
    return True


def _give_up(work: UnitOfWork, row: OutboxRow, message: Any, reason: str, *, unknown_outcomes: int) -> None:
    outbox.finish(work.session, row, state=outbox.DEAD, error=reason)
    _change(
        work,
        message.id,
        state=State.FAILED.value,
        last_error=reason,
        failed_at=work.now,
        sending_at=None,
        unknown_outcomes=unknown_outcomes,
        letter=copies.kept(work.settings, message.id, message.kind, message.letter),
    )
    plan_instead(work, message)


def _drop(work: UnitOfWork, row: OutboxRow, message: Any, reason: str) -> None:
    """Nothing is sent. Where that is because its owner is not reached so, and not by the other channel either, staff
    are to know."""
    is_unreached = reason.startswith("unreachable_") and message.kind not in rules.ASKED_FOR
    if is_unreached:
        take_turns(work, message)  # the other may be dropped at this very moment too
    if is_unreached and not plan_instead(work, message) and not is_told_otherwise(work, message):
        outbox.finish(work.session, row, state=outbox.DEAD, error=reason)
        values = {"state": State.FAILED.value, "failed_at": work.now}
    else:
        outbox.finish(work.session, row, state=outbox.DROPPED, error=reason)
        values = {"state": State.DROPPED.value}
    _change(work, message.id, **values, last_error=reason, sending_at=None, letter=None)


def _message(read: Reading, row: OutboxRow) -> Any:
    return read.execute(select(_MESSAGE).where(_MESSAGE.c.id == row.payload["message_id"])).first()


def _unreached(read: Reading, message: Any) -> Dropped | None:
    """Nothing goes where its owner said STOP, or where everything comes back."""
    found = unreachable.silence(read, Channel(message.channel), message.to_address)
    if found is None or (message.kind in rules.ASKED_FOR and found.reason != unreachable.STOP):
        return None
    return Dropped(f"unreachable_{found.reason}")


def _moved(read: Reading, message: Any) -> Dropped | None:
    """A message about a time that is another by now: the one that tells the new time follows. News of the time itself
    is written anew instead (`queries.letter`): of a move that staff tell on the phone none follows."""
    if message.kind in rules.OF_ITS_TIME or _is_of_this_time(read, message):
        return None
    return Dropped("moved_again")


def _is_of_this_time(read: Reading, message: Any) -> bool:
    if message.about_at is None or message.appointment_id is None:
        return True
    return bool(starts_at(read, message.appointment_id) == message.about_at)


def _change(work: UnitOfWork, message_id: int, **values: Any) -> None:
    work.execute(update(_MESSAGE).where(_MESSAGE.c.id == message_id).values(**values))
