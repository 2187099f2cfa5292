"""Messages counted in bulk by stretches of time (P18): no addresses, no words, sums alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from clinic_portal.booking.figures import visit_places
from clinic_portal.core.db import table
from clinic_portal.core.stretches import Stretch, as_table, within
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
    stretch, joined = _mine(stretches, provider_id)
    by = (stretch.c.number, _MESSAGE.c.kind, _MESSAGE.c.channel, _MESSAGE.c.state)
    counted = select(*by, func.count().label("count")).select_from(joined).group_by(*by)
    return [MessageCount(**row) for row in read.execute(counted).mappings()]


def untold(read: Reading, stretches: Sequence[Stretch], provider_id: int | None) -> list[Untold]:
    """News of visits that were to be sent in these stretches and arrived by no channel, whoever saw to it since."""
    _, joined = _mine(stretches, provider_id)
    news: Any = _MESSAGE.c.dedupe_key
    for channel in Channel:
        news = func.replace(news, f":{channel.value}:", ":")
    silent = and_(_MESSAGE.c.state == State.DROPPED.value, _MESSAGE.c.last_error.in_(UNREACHED))
    is_lost = case((_MESSAGE.c.state == State.FAILED.value, 1), (silent, 1), else_=0)
    each = (
        select(_MESSAGE.c.kind, news.label("news"), is_lost.label("is_lost"))
        .select_from(joined)
        .where(_MESSAGE.c.appointment_id.is_not(None), _MESSAGE.c.kind.in_(NEWS))
        .subquery()
    )
    lost = select(each.c.kind).group_by(each.c.kind, each.c.news).having(func.min(each.c.is_lost) == 1).subquery()
    counted = select(lost.c.kind, func.count().label("count")).group_by(lost.c.kind)
    return [Untold(**row) for row in read.execute(counted).mappings()]


def _mine(stretches: Sequence[Stretch], provider_id: int | None) -> tuple[Any, Any]:
    stretch, visit = as_table(stretches), visit_places()
    first, last = min(one.from_at for one in stretches), max(one.until_at for one in stretches)
    at, place = _MESSAGE.c.created_at, func.coalesce(visit.c.place, NOWHERE)
    which: ColumnElement[bool] = and_(within(stretch, place, at), at >= first, at < last)
    if provider_id is not None:
        which = and_(which, visit.c.provider_id == provider_id)
    return stretch, _MESSAGE.outerjoin(visit, visit.c.appointment_id == _MESSAGE.c.appointment_id).join(stretch, which)
