"""Staff see to what did not arrive, to what was replied, to tasks that were given up (B6)."""

from sqlalchemy import and_, select, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core import outbox
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.outbox import OUTBOX
from clinic_portal.core.work import UnitOfWork
from clinic_portal.messaging import actions, heard, listing, models, unreachable
from clinic_portal.messaging.types import Channel, State

_MESSAGE, _REPLY = table(models.Message), table(models.Reply)


def send_again(work: UnitOfWork, actor: StaffActor, message_id: int) -> None:
    """Try a message once more. Raises NotAllowed; Conflict where it would be of no use, or is not failed any more."""
    found = listing.sheet(work, actor, message_id)
    if found.line.state != State.FAILED or found.line.kind in listing.NOBODYS_CARE:
        raise Conflict("message_moved_on")
    if found.is_past:
        raise Conflict("message_past")
    if found.silence is not None:
        raise Conflict("message_unreachable")
    actions.send_again(work, message_id, actor=actor.tag)


def attended(work: UnitOfWork, actor: StaffActor, message_id: int) -> None:
    """A message that failed is seen to: by telephone, at the desk. Raises NotAllowed; Conflict where it is already."""
    listing.must_see_message(work, actor, message_id)
    failed = and_(_MESSAGE.c.id == message_id, _MESSAGE.c.state == State.FAILED.value, _MESSAGE.c.attended_at.is_(None))
    seen = {"attended_at": work.now, "attended_by": actor.tag}
    if work.execute(update(_MESSAGE).where(failed).values(**seen)).rowcount != 1:
        raise Conflict("message_moved_on")
    work.record(actor.tag, "message.attended", f"message:{message_id}")


def open_reply(work: UnitOfWork, actor: StaffActor, reply_id: int) -> str:
    """What a reply says; that it was read is in the activity log. Raises NotAllowed."""
    listing.must_see_reply(work, actor, reply_id)
    row = work.execute(select(_REPLY).where(_REPLY.c.id == reply_id)).first()
    if row is None:
        raise NotAllowed()
    work.record(actor.tag, "reply.read", f"reply:{reply_id}")
    return heard.words(work, row.sender_id, row.body)


def reply_attended(work: UnitOfWork, actor: StaffActor, reply_id: int) -> None:
    """A reply is seen to. Raises NotAllowed; Conflict where it is already."""
    listing.must_see_reply(work, actor, reply_id)
    is_open = and_(_REPLY.c.id == reply_id, _REPLY.c.attended_at.is_(None))
    seen = {"attended_at": work.now, "attended_by": actor.tag}
    if work.execute(update(_REPLY).where(is_open).values(**seen)).rowcount != 1:
        raise Conflict("message_moved_on")
    work.record(actor.tag, "reply.attended", f"reply:{reply_id}")


def try_address(work: UnitOfWork, actor: StaffActor, message_id: int) -> None:
    """Send to the address of a message again, from which things came back. Raises NotAllowed; Conflict after a STOP:
    only its owner can take that back."""
    found = listing.sheet(work, actor, message_id)
    if found.silence is None:
        raise Conflict("message_moved_on")
    if found.silence.reason == unreachable.STOP:
        raise Conflict("message_stopped")
    unreachable.lift(work, Channel(found.line.channel), found.line.to_address)
    work.record(actor.tag, "address.tried_again", f"message:{message_id}")


def try_tasks(work: UnitOfWork, actor: StaffActor) -> int:
    """Try again what the worker has given up and is no message; how many. Raises NotAllowed."""
    actor.must(Permission.HANDLE_MESSAGES)
    dead = and_(OUTBOX.c.state == outbox.DEAD, OUTBOX.c.kind.not_in(actions.DELIVER.values()))
    anew = {"state": outbox.READY, "attempts": 0, "run_at": work.now, "last_error": None}
    tried = int(work.execute(update(OUTBOX).where(dead).values(**anew)).rowcount)
    if tried:
        work.record(actor.tag, "tasks.tried_again", "clinic:1", tasks=tried)
    return tried
