"""Messages counted in bulk by stretches of time (P18): no addresses, no words, sums alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from clinic_portal.booking.figures import visit_places
from clinic_portal.core.db import table
from clinic_portal.core.stretches import Stretch, number_of
from clinic_portal.core.work import Reading
from clinic_portal.messaging import models
from clinic_portal.messaging.types import Channel, State
from clinic_portal.messaging.untold import NEWS, UNREACHED

_MESSAGE = table(models.Message)
NOWHERE = 0
"""The place of what is about no visit."""


@dataclass(frozen=True, slots=True)
class MessageCount:
    """How many messages have this in common."""

    number: int
    kind: str
    channel: str
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class Untold:
    """How many pieces of news of a kind reached their patient by no channel."""

    kind: str
    count: int


def messages(read: Reading, stretches: Sequence[Stretch], provider_id: int | None) -> list[MessageCount]:
    """What was to be sent in these stretches, and what became of it."""
    one = _mine(stretches, provider_id).cte("mine").prefix_with("MATERIALIZED")  # else its number is found out twice
    by = (one.c.number, one.c.kind, one.c.channel, one.c.state)
    counted = select(*by, func.count().label("count")).where(one.c.number.is_not(None)).group_by(*by)
    return [MessageCount(**row) for row in read.execute(counted).mappings()]


def untold(read: Reading, stretches: Sequence[Stretch], provider_id: int | None) -> list[Untold]:
    """News of visits that were to be sent in these stretches and arrived by no channel, whoever saw to it since."""
    other = _MESSAGE.alias("other")
    of_visits = and_(_MESSAGE.c.appointment_id.is_not(None), _MESSAGE.c.kind.in_(NEWS), _is_lost(_MESSAGE))
    lost = _mine(stretches, provider_id).where(of_visits).cte("lost").prefix_with("MATERIALIZED")
    arrived = select(other.c.id).where(other.c.dedupe_key == _by_other(lost.c), ~_is_lost(other))
    counted = (
        select(lost.c.kind, func.count(_by_none(lost.c).distinct()).label("count"))
        .where(lost.c.number.is_not(None), ~arrived.exists())
        .group_by(lost.c.kind)
    )
    return [Untold(**row) for row in read.execute(counted).mappings()]


def _mine(stretches: Sequence[Stretch], provider_id: int | None) -> Select[Any]:
    """Messages that may lie in these stretches, and in which."""
    visit = visit_places()
    first, last = min(one.from_at for one in stretches), max(one.until_at for one in stretches)
    number = number_of(stretches, func.coalesce(visit.c.place, NOWHERE), _MESSAGE.c.created_at).label("number")
    columns = (_MESSAGE.c[name] for name in ("kind", "channel", "state", "dedupe_key"))
    joined = _MESSAGE.outerjoin(visit, visit.c.appointment_id == _MESSAGE.c.appointment_id)
    found = select(*columns, number).select_from(joined)
    found = found.where(_MESSAGE.c.created_at >= first, _MESSAGE.c.created_at < last)
    return found if provider_id is None else found.where(visit.c.provider_id == provider_id)


def _is_lost(one: Any) -> ColumnElement[bool]:
    silent = and_(one.c.state == State.DROPPED.value, func.coalesce(one.c.last_error, "").in_(UNREACHED))
    return or_(one.c.state == State.FAILED.value, silent)


def _by_other(one: Any) -> Any:
    """The key of the same news by the other channel."""
    other = case((one.channel == Channel.EMAIL.value, Channel.SMS.value), else_=Channel.EMAIL.value)
    return func.replace(one.dedupe_key, _between_colons(one.channel), _between_colons(other))


def _by_none(one: Any) -> Any:
    return func.replace(one.dedupe_key, _between_colons(one.channel), ":")


def _between_colons(channel: Any) -> Any:
    return literal(":") + channel + literal(":")
