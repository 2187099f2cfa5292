"""Whether what is booked still lies within the hours as they are written now (P3)."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from clinic_portal.clinic.queries import catalogue, version
from clinic_portal.clinic.sheets import holidays
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading
from clinic_portal.scheduling import availability, models, queries
from clinic_portal.scheduling.availability import Interval, epoch_minute
from clinic_portal.scheduling.types import Hours

_OCCUPANCY = table(models.Occupancy)


@dataclass(frozen=True, slots=True)
class Stay:
    """What is booked with a provider at a location, from its start to its end."""

    appointment_id: int
    provider_id: int
    location_id: int
    start_at: datetime
    end_at: datetime


def misfits(read: Reading, stays: Collection[Stay], zones: Mapping[int, str]) -> frozenset[int]:
    """The ids of those that could not be booked where they lie: outside the shifts of their date, in a break, on a
    closed date, or while their provider is away.

    Where buffers must fit into the hours, they are a part of what has to. `zones` names the clock of each location.
    What is read here is as it stands in this transaction, kept or not.
    """
    if not stays:
        return frozenset()
    must_fit = catalogue(read).clinic.buffers_must_fit
    written = queries.hours(read, version(read))
    closed = {(one.location_id, one.on) for one in holidays(read)}
    busy = _spans(read, [one.appointment_id for one in stays if must_fit or written.time_off.get(one.provider_id)])
    return frozenset(
        one.appointment_id
        for one in stays
        if not _is_within(
            one, busy[one.appointment_id] if must_fit else [], written, closed, ZoneInfo(zones[one.location_id])
        )
        or _meet(busy.get(one.appointment_id, ()), written.time_off.get(one.provider_id, ()))
    )


def meeting(
    read: Reading, stays: Collection[Stay], *, kind: str, start_at: datetime, end_at: datetime
) -> frozenset[int]:
    """The ids of those that time off (`time_off`) or a break between two instants would lie over.

    As where they are booked: what is cleaned up after a visit is a part of it for time off, and for a break where
    buffers must fit.
    """
    whole = kind == "time_off" or catalogue(read).clinic.buffers_must_fit
    busy = _spans(read, [one.appointment_id for one in stays]) if whole and stays else {}
    span = [(epoch_minute(start_at), availability.ceil_minute(end_at))]
    return frozenset(
        one.appointment_id
        for one in stays
        if _meet(busy.get(one.appointment_id) or [(epoch_minute(one.start_at), epoch_minute(one.end_at))], span)
    )


def _is_within(
    one: Stay,
    buffers: Collection[Interval],
    written: Hours,
    closed: Collection[tuple[int | None, date]],
    zone: ZoneInfo,
) -> bool:
    """`buffers`: when else it must be within, of the same date's hours."""
    start, end = epoch_minute(one.start_at), epoch_minute(one.end_at)
    on = availability.local_date(start, zone)
    start, end = min([start, *(first for first, _ in buffers)]), max([end, *(last for _, last in buffers)])
    if {(None, on), (one.location_id, on)} & set(closed):
        return False
    pauses = written.pauses.get(one.provider_id, ())
    shifts = [queries.placed(on, shift, zone, pauses) for shift in written.on(one.provider_id, one.location_id, on)]
    return any(
        shift.start <= start and end <= shift.end and not _meet([(start, end)], shift.breaks) for shift in shifts
    )


def _spans(read: Reading, appointment_ids: Collection[int]) -> dict[int, list[Interval]]:
    """When the providers of some visits are busy with them, buffers included."""
    found: dict[int, list[Interval]] = defaultdict(list)
    if appointment_ids:
        theirs = _OCCUPANCY.c.appointment_id.in_(appointment_ids)
        rows = select(_OCCUPANCY).where(theirs, _OCCUPANCY.c.subject_kind == models.PROVIDER, _OCCUPANCY.c.is_blocking)
        for row in read.execute(rows):
            found[row.appointment_id].append((row.start_minute, row.end_minute))
    return found


def _meet(some: Collection[Interval], others: Collection[Interval]) -> bool:
    return any(start < end_there and start_there < end for start, end in some for start_there, end_there in others)
