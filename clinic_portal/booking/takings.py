"""Money taken and given back, by stretches of time (P18): each on the day it moved, by the calendar of its place.

What was paid for a visit belongs to the visit's location and provider; packages and memberships belong to none, and
count by the clinic's own calendar (place 0).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, func, literal, select, union_all

from clinic_portal.booking import models
from clinic_portal.core import audit
from clinic_portal.core.db import table
from clinic_portal.core.stretches import Stretch, number_of, whole
from clinic_portal.core.work import Reading
from clinic_portal.payments import figures as payments
from clinic_portal.wallet.ledger import ENTRY
from clinic_portal.wallet.types import EntryKind

_APPOINTMENT = table(models.Appointment)
_CAME_IN = (EntryKind.DEPOSIT.value, EntryKind.BOUGHT.value)
NOWHERE = 0
"""The place of what belongs to no visit."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What was taken, or given back, of one purpose; `provider_id` 0 where it belongs to no visit."""

    number: int
    place: int
    provider_id: int
    purpose: str
    currency: str
    count: int
    minor: int


def taken(read: Reading, stretches: Sequence[Stretch], provider_id: int | None) -> list[Moved]:
    """What was taken off cards, whatever went back later."""
    first, last = _ends(stretches)
    one = payments.taken(read)
    came_in = select(func.min(ENTRY.c.made_at)).where(
        ENTRY.c.payment_id == one.c.payment_id, ENTRY.c.kind.in_(_CAME_IN)
    )
    noted = select(func.min(audit.ENTRY.c.at)).where(
        audit.ENTRY.c.subject == literal("payment:") + cast(one.c.payment_id, String),
        audit.ENTRY.c.action == "payment.paid",
    )
    at = func.coalesce(came_in.scalar_subquery(), noted.scalar_subquery(), one.c.created_at)
    dated = select(one.c.appointment_id, one.c.purpose, one.c.currency, one.c.minor, at.label("at")).where(
        one.c.created_at < last, one.c.updated_at >= first
    )
    return _summed(read, stretches, provider_id, dated)


def given_back(read: Reading, stretches: Sequence[Stretch], provider_id: int | None) -> list[Moved]:
    """What went back to cards, whenever it had been taken."""
    first, last = _ends(stretches)
    both = (select(one).where(one.c.at >= first, one.c.at < last) for one in payments.given_back(read))
    return _summed(read, stretches, provider_id, union_all(*both))


def _summed(read: Reading, stretches: Sequence[Stretch], provider_id: int | None, at: Any) -> list[Moved]:
    moved = at.cte("moved").prefix_with("MATERIALIZED")  # else each instant is looked up again and again
    place = func.coalesce(_APPOINTMENT.c.location_id, NOWHERE)
    who = func.coalesce(_APPOINTMENT.c.provider_id, 0)
    found = select(
        number_of(stretches, place, moved.c.at).label("number"),
        place.label("place"),
        who.label("provider_id"),
        moved.c.purpose,
        moved.c.currency,
        moved.c.minor,
    ).select_from(moved.outerjoin(_APPOINTMENT, _APPOINTMENT.c.id == moved.c.appointment_id))
    if provider_id is not None:
        found = found.where(who == provider_id)
    each = found.cte("each_move").prefix_with("MATERIALIZED")
    by = (each.c.number, each.c.place, each.c.provider_id, each.c.purpose, each.c.currency)
    summed = select(*by, func.count().label("count"), whole(each.c.minor).label("minor"))
    summed = summed.where(each.c.number.is_not(None)).group_by(*by)
    return [Moved(**row) for row in read.execute(summed).mappings()]


def _ends(stretches: Sequence[Stretch]) -> tuple[datetime, datetime]:
    return min(one.from_at for one in stretches), max(one.until_at for one in stretches)
