"""Which reminders the clinic sends, and how long before a visit (P14): staff add and remove them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking.reminding import look_anew
from clinic_portal.clinic import editing
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed, Unusable
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.messaging import models
from clinic_portal.messaging.types import Channel

VISIT, FORMS = "visit", "forms"
ABOUT = (VISIT, FORMS)
UNITS = {"days": 24 * 60, "hours": 60}
LEAST, MOST = 60, 30 * 24 * 60
MOST_RULES = 10
_REMINDER = table(models.Reminder)


@dataclass(frozen=True, slots=True)
class LeadTime:
    """A reminder of visits (`about` visit) or of forms still to be filled in (forms), so long before the start."""

    id: int
    about: str
    channel: Channel
    lead_minutes: int
    added_at: datetime

    @property
    def lead(self) -> timedelta:
        """How long before the start."""
        return timedelta(minutes=self.lead_minutes)


def lead_times(read: Reading) -> list[LeadTime]:
    """All of them, the earliest first."""
    order = (_REMINDER.c.lead_minutes.desc(), _REMINDER.c.about.desc(), _REMINDER.c.channel)
    return [
        LeadTime(row.id, row.about, Channel(row.channel), row.lead_minutes, row.added_at)
        for row in read.execute(select(_REMINDER).order_by(*order))
    ]


def add(work: UnitOfWork, actor: StaffActor, *, about: str, channel: str, amount: str, unit: str) -> None:
    """Remind so long before a visit from now on; what was due before is not made up for.

    Raises NotAllowed; Unusable for a lead time that is none; Conflict for one that is there, and for one too many.
    """
    editing.begin(work, actor, Permission.CHANGE_CLINIC)
    values: dict[str, Any] = {"about": about, "channel": channel, "lead_minutes": _lead(about, channel, amount, unit)}
    known = lead_times(work)
    if any((one.about, one.channel.value, one.lead_minutes) == tuple(values.values()) for one in known):
        raise Conflict("reminder_known")
    if len(known) >= MOST_RULES:
        raise Conflict("reminders_many", most=MOST_RULES)
    key = work.execute(insert(_REMINDER).returning(_REMINDER.c.id), values | {"added_at": work.now}).scalar_one()
    look_anew(work)
    work.record(actor.tag, "reminder.added", f"reminder:{key}", after=values)


def remove(work: UnitOfWork, actor: StaffActor, reminder_id: int) -> None:
    """Remind so no more. Raises NotAllowed."""
    editing.begin(work, actor, Permission.CHANGE_CLINIC)
    row = work.execute(select(_REMINDER).where(_REMINDER.c.id == reminder_id)).first()
    if row is None:
        raise NotAllowed()
    work.execute(delete(_REMINDER).where(_REMINDER.c.id == reminder_id))
    before = {"about": row.about, "channel": row.channel, "lead_minutes": row.lead_minutes}
    work.record(actor.tag, "reminder.removed", f"reminder:{reminder_id}", before=before)


def replace_all(work: UnitOfWork, wanted: Collection[tuple[str, str, int]]) -> tuple[int, int]:
    """These and no others, from a clinic's file: about, channel, minutes. How many are new, and how many went."""
    known = {(one.about, one.channel.value, one.lead_minutes): one.id for one in lead_times(work)}
    fresh, gone = set(wanted) - known.keys(), known.keys() - set(wanted)
    if gone:
        work.execute(delete(_REMINDER).where(_REMINDER.c.id.in_([known[key] for key in gone])))
    if fresh:
        names = ("about", "channel", "lead_minutes")
        rows = [dict(zip(names, key, strict=True)) | {"added_at": work.now} for key in sorted(fresh)]
        work.execute(insert(_REMINDER), rows)
        look_anew(work)
    return len(fresh), len(gone)


def _lead(about: str, channel: str, amount: str, unit: str) -> int:
    if about not in ABOUT or channel not in tuple(Channel) or unit not in UNITS:
        raise NotAllowed()
    written = amount.strip()
    if not (written.isascii() and written.isdigit() and len(written) <= 4):
        raise Unusable([Invalid("amount", "not_a_number")])
    minutes = int(written) * UNITS[unit]
    if not LEAST <= minutes <= MOST:
        raise Unusable([Invalid("amount", "lead_time_range")])
    return minutes
