"""The delivery ledger as staff look through it (B6): what asks for attention, all of it, one patient's, one message.

Every read is one statement for a whole page, along an index; who and which visit are looked up for that page alone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column, select, true, union

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking.queries import called, named
from clinic_portal.booking.types import VisitName
from clinic_portal.core import outbox
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.outbox import OUTBOX
from clinic_portal.core.work import Reading
from clinic_portal.messaging import actions, models, rules, unreachable
from clinic_portal.messaging.types import Channel, Kind, Silence, State
from clinic_portal.patients.access import must_see, seen_by
from clinic_portal.patients.queries import by_phone, ids_holding, names, numbers_of, numbers_seen_by

_MESSAGE, _REPLY = table(models.Message), table(models.Reply)
_ARRIVED = (State.SENT.value, State.DELIVERED.value)
NOBODYS_CARE = (Kind.PHONE_CODE.value, Kind.TRIAL.value)
"""Kinds over by the time anybody could see to them."""


class Show(StrEnum):
    """Which messages a list shows."""

    ALL = "all"
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


_STATES = {
    Show.WAITING: (State.QUEUED.value,),
    Show.SENT: _ARRIVED,
    Show.FAILED: (State.FAILED.value,),
    Show.DROPPED: (State.DROPPED.value,),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A message in a list: whose it is, of which visit, what became of it."""

    id: int
    kind: str
    channel: str
    to_address: str
    state: str
    last_error: str | None
    at: datetime  # when what is newest of it happened
    created_at: datetime
    patient_id: int | None
    who: str
    visit: VisitName | None
    is_attended: bool
    is_told_otherwise: bool  # by the other channel


@dataclass(frozen=True, slots=True)
class Sheet:
    """One message with all that is known of it."""

    line: Line
    due_at: datetime
    created_at: datetime
    attempts: int
    sent_at: datetime | None
    delivered_at: datetime | None
    opened_at: datetime | None
    failed_at: datetime | None
    attended_at: datetime | None
    attended_by: str | None
    stands_in_for: Line | None
    others: tuple[Line, ...]  # of the same news by the other channel
    silence: Silence | None  # why nothing is sent to its address any more
    is_past: bool  # it makes no sense any more to send it again


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """A text message that came in; `sealed` are its words, sealed still. A number may be that of several patients."""

    id: int
    sender_id: str
    from_address: str
    sealed: str
    keyword: str | None
    media: int
    received_at: datetime
    attended_at: datetime | None
    patients: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Stuck:
    """What does not go out just now by one channel: how many wait for another try, and the newest refusal."""

    channel: str
    count: int
    reason: str
    since_at: datetime


@dataclass(frozen=True, slots=True)
class Attention:
    """What asks for somebody: messages that failed, replies, channels that are stuck, tasks that were given up."""

    failed: tuple[Line, ...]
    failed_count: int
    replies: tuple[ReplyLine, ...]
    reply_count: int
    stuck: tuple[Stuck, ...]
    dead_tasks: tuple[tuple[str, int], ...]  # by kind of the outbox


def attention(read: Reading, actor: StaffActor, *, most: int = 50) -> Attention:
    """What asks for attention, the newest first. Raises NotAllowed."""
    actor.must(Permission.HANDLE_MESSAGES)
    asking, open_replies = and_(_asking(), _seen(actor)), and_(_REPLY.c.attended_at.is_(None), _heard(actor))
    failed = read.execute(select(_MESSAGE).where(asking).order_by(_MESSAGE.c.id.desc()).limit(most)).all()
    replies = read.execute(select(_REPLY).where(open_replies).order_by(_REPLY.c.id.desc()).limit(most)).all()
    return Attention(
        failed=_lines(read, failed),
        failed_count=_count(read, _MESSAGE, asking),
        replies=_replies(read, replies),
        reply_count=_count(read, _REPLY, open_replies),
        stuck=tuple(one for channel in Channel if (one := _stuck(read, channel)) is not None),
        dead_tasks=_dead_tasks(read),
    )


def asking_count(read: Reading) -> int:
    """How many messages and replies ask for attention."""
    return _count(read, _MESSAGE, _asking()) + _count(read, _REPLY, _REPLY.c.attended_at.is_(None))


def lines(
    read: Reading,
    actor: StaffActor,
    show: Show,
    *,
    wanted: str = "",
    kind: Kind | None = None,
    channel: Channel | None = None,
    between: tuple[datetime, datetime] | None = None,
    before_id: int | None = None,
    most: int = 30,
) -> tuple[tuple[Line, ...], bool]:
    """Messages, the newest first, older than an id; where given, those of the patients or the visit that are looked
    for, of a kind, by a channel, planned between two instants; and whether there are more. Raises NotAllowed."""
    actor.must(Permission.HANDLE_MESSAGES)
    conditions: list[ColumnElement[bool]] = [_seen(actor)]
    if show in _STATES:
        conditions.append(_MESSAGE.c.state.in_(_STATES[show]))
    if kind is not None:
        conditions.append(_MESSAGE.c.kind == kind.value)
    if channel is not None:
        conditions.append(_MESSAGE.c.channel == channel.value)
    if between is not None:
        conditions += _planned(read, *between)
    if before_id is not None:
        conditions.append(_MESSAGE.c.id < before_id)
    if wanted:
        theirs = select(_MESSAGE.c.id).where(_MESSAGE.c.patient_id.in_(ids_holding(wanted)))
        of_visit = select(_MESSAGE.c.id).where(_MESSAGE.c.appointment_id.in_(called(wanted)))
        conditions.append(_MESSAGE.c.id.in_(select(union(theirs, of_visit).subquery())))
    found = select(_MESSAGE).where(*conditions).order_by(_MESSAGE.c.id.desc()).limit(most + 1)
    rows = read.execute(found).all()
    return _lines(read, rows[:most]), len(rows) > most


def of_patient(
    read: Reading, actor: StaffActor, patient_id: int, *, most: int = 100
) -> tuple[tuple[Line, ...], tuple[ReplyLine, ...]]:
    """The newest messages to a patient and replies from their number. Raises NotAllowed."""
    actor.must(Permission.HANDLE_MESSAGES)
    must_see(read, actor, patient_id)
    mine = select(_MESSAGE).where(_MESSAGE.c.patient_id == patient_id)
    sent = read.execute(mine.order_by(_MESSAGE.c.id.desc()).limit(most)).all()
    theirs = select(_REPLY).where(_REPLY.c.from_address.in_(numbers_of(patient_id)))
    return _lines(read, sent), _replies(read, read.execute(theirs.order_by(_REPLY.c.id.desc()).limit(most)).all())


def sheet(read: Reading, actor: StaffActor, message_id: int) -> Sheet:
    """One message. Raises NotAllowed, also where there is none."""
    actor.must(Permission.HANDLE_MESSAGES)
    row = read.execute(select(_MESSAGE).where(_MESSAGE.c.id == message_id, _seen(actor))).first()
    if row is None:
        raise NotAllowed()
    ways = (_MESSAGE.c.dedupe_key == actions.other_key(row), _MESSAGE.c.stands_in_for_id == row.id)
    same = select(union(*(select(_MESSAGE.c.id).where(one) for one in ways)).subquery())  # each along its index
    beside = read.execute(select(_MESSAGE).where(_MESSAGE.c.id.in_(same)).order_by(_MESSAGE.c.id)).all()
    instead = [row.stands_in_for_id] if row.stands_in_for_id else []
    first = read.execute(select(_MESSAGE).where(_MESSAGE.c.id.in_(instead))).all()
    (line,) = _lines(read, [row])
    is_past = (
        line.visit is not None and rules.outdated_visit(line.visit.status, line.visit.start_at, read.now) is not None
    )
    facts = ("due_at", "created_at", "attempts", "sent_at", "delivered_at", "opened_at", "failed_at")
    return Sheet(
        line=line,
        **{name: getattr(row, name) for name in (*facts, "attended_at", "attended_by")},
        stands_in_for=next(iter(_lines(read, first)), None),
        others=_lines(read, [one for one in beside if one.id != row.stands_in_for_id]),
        silence=unreachable.silence(read, Channel(row.channel), row.to_address),
        is_past=is_past and row.kind in rules.ABOUT_A_COMING_VISIT,
    )


def must_see_message(read: Reading, actor: StaffActor, message_id: int) -> None:
    """Raises NotAllowed alike for a message to a patient they may not see and for none."""
    actor.must(Permission.HANDLE_MESSAGES)
    if read.execute(select(_MESSAGE.c.id).where(_MESSAGE.c.id == message_id, _seen(actor))).first() is None:
        raise NotAllowed()


def must_see_reply(read: Reading, actor: StaffActor, reply_id: int) -> None:
    """The same of a reply."""
    actor.must(Permission.HANDLE_MESSAGES)
    if read.execute(select(_REPLY.c.id).where(_REPLY.c.id == reply_id, _heard(actor))).first() is None:
        raise NotAllowed()


def _seen(actor: StaffActor) -> ColumnElement[bool]:
    """To whose patients they may see; what is to nobody of them is for those who see every one."""
    return seen_by(actor, _MESSAGE.c.patient_id)


def _heard(actor: StaffActor) -> ColumnElement[bool]:
    return true() if actor.only_patients_of is None else _REPLY.c.from_address.in_(numbers_seen_by(actor))


def _planned(read: Reading, first: datetime, last: datetime) -> list[ColumnElement[bool]]:
    """Planned between two instants; their ids are bounded too, else a day long ago is looked for from the newest on."""
    within = and_(_MESSAGE.c.created_at >= first, _MESSAGE.c.created_at < last)
    edge = _MESSAGE.c.id + 0  # of the day's rows, and not of all in the order of their ids
    low, high = read.execute(select(func.min(edge), func.max(edge)).where(within)).one()
    return [within, _MESSAGE.c.id.between(low or 0, high or 0)]


def _asking() -> ColumnElement[bool]:
    """Its state is written into the statement: neither database knows from a parameter that the index holds it."""
    failed = and_(_MESSAGE.c.state == literal_column(f"'{State.FAILED.value}'"), _MESSAGE.c.attended_at.is_(None))
    return and_(failed, _MESSAGE.c.kind.not_in(NOBODYS_CARE))


def _count(read: Reading, of: Any, which: ColumnElement[bool]) -> int:
    return int(read.execute(select(func.count()).select_from(of).where(which)).scalar_one())


def _stuck(read: Reading, channel: Channel) -> Stuck | None:
    waits = and_(
        _MESSAGE.c.state == State.QUEUED.value, _MESSAGE.c.last_error.is_not(None), _MESSAGE.c.channel == channel.value
    )
    count = _count(read, _MESSAGE, waits)
    if not count:
        return None
    newest = read.execute(select(_MESSAGE).where(waits).order_by(_MESSAGE.c.id.desc()).limit(1)).one()
    since = read.execute(select(func.min(_MESSAGE.c.first_tried_at)).where(waits)).scalar_one()
    return Stuck(channel.value, count, newest.last_error, since or newest.created_at)


def _dead_tasks(read: Reading) -> tuple[tuple[str, int], ...]:
    dead = and_(OUTBOX.c.state == outbox.DEAD, OUTBOX.c.kind.not_in(actions.DELIVER.values()))
    rows = read.execute(select(OUTBOX.c.kind, func.count()).where(dead).group_by(OUTBOX.c.kind).order_by(OUTBOX.c.kind))
    return tuple((str(kind), int(count)) for kind, count in rows)


def _lines(read: Reading, rows: Sequence[Any]) -> tuple[Line, ...]:
    who = names(read, {one.patient_id for one in rows if one.patient_id is not None})
    visits = named(read, {one.appointment_id for one in rows if one.appointment_id is not None})
    otherwise = _told_otherwise(read, [one for one in rows if one.state == State.FAILED])
    return tuple(
        Line(
            id=one.id,
            kind=one.kind,
            channel=one.channel,
            to_address=one.to_address,
            state=one.state,
            last_error=one.last_error,
            at=one.delivered_at or one.failed_at or one.sent_at or one.created_at,
            created_at=one.created_at,
            patient_id=one.patient_id,
            who=who.get(one.patient_id, ""),
            visit=visits.get(one.appointment_id),
            is_attended=one.attended_at is not None,
            is_told_otherwise=one.id in otherwise,
        )
        for one in rows
    )


def _told_otherwise(read: Reading, failed: Sequence[Any]) -> set[int]:
    """Which of some failed messages reached their patient by the other channel."""
    twins = {}
    for one in failed:
        twins[actions.other_key(one)] = one.id
    arrived = and_(_MESSAGE.c.dedupe_key.in_(twins), _MESSAGE.c.state.in_(_ARRIVED))
    return (
        {twins[key] for key in read.execute(select(_MESSAGE.c.dedupe_key).where(arrived)).scalars()} if twins else set()
    )


def _replies(read: Reading, rows: Collection[Any]) -> tuple[ReplyLine, ...]:
    owners = by_phone(read, {one.from_address for one in rows})
    return tuple(
        ReplyLine(
            id=one.id,
            sender_id=one.sender_id,
            from_address=one.from_address,
            sealed=one.body,
            keyword=one.keyword,
            media=one.media,
            received_at=one.received_at,
            attended_at=one.attended_at,
            patients=owners.get(one.from_address, ()),
        )
        for one in rows
    )
