"""Staff change hours and time off (P3). Visits booked before stay booked; the page says which lie in the way."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal

from sqlalchemy import and_, delete, insert, select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.clinic.editing import raise_version
from clinic_portal.clinic.editing_rules import line
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.sheets import sheet
from clinic_portal.core import audit
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed, Unusable
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.scheduling import guard, models, queries
from clinic_portal.scheduling.availability import ceil_minute, epoch_minute

_SHIFT = table(models.WeeklyShift)
_BREAK = table(models.WeeklyBreak)
_DATED = table(models.DateHours)
_OFF = table(models.TimeOff)
_OCCUPANCY = table(models.Occupancy)
_REASON = line(200)
_ADDED = ("time_off.added", "break.added")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHIFT_TEXT = re.compile(r"\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*(?:\(([^()]*)\))?\s*(?:,|$)")
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shift:
    """A working stretch of a day with its breaks; minutes after midnight, wall time."""

    start_minute: int
    end_minute: int
    breaks: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeOffSheet:
    """When a provider is away, or has a break of that one day."""

    id: int
    provider_id: int
    start_at: datetime
    end_at: datetime
    reason: str
    kind: str  # time_off | break


@dataclass(frozen=True, slots=True)
class DateHoursSheet:
    """Other hours on a date; without shifts, not working."""

    location_id: int
    on: date
    shifts: tuple[Shift, ...]


def read_day(field: str, typed: str) -> tuple[Shift, ...]:
    """A day's hours as people write them: `09:00-12:30, 13:00-17:00`, breaks in brackets: `09:00-17:00 (12:30-13:00)`.

    Raises Invalid on `field`.
    """
    shifts: list[Shift] = []
    rest = typed.strip()
    while rest:
        found = _SHIFT_TEXT.match(rest)
        if found is None:
            raise Invalid(field, "hours_invalid")
        span = _span(field, *found.groups()[:4])
        breaks = tuple(sorted(_breaks(field, found[5] or "")))
        edges = [span[0], *(edge for one in breaks for edge in one), span[1]]
        if edges != sorted(edges):
            raise Invalid(field, "break_outside")
        shifts.append(Shift(*span, breaks))
        rest = rest[found.end() :].strip()
    shifts.sort(key=lambda one: one.start_minute)
    if any(later.start_minute < one.end_minute for one, later in pairwise(shifts)):
        raise Invalid(field, "hours_overlap")
    return tuple(shifts)


def told(shifts: Sequence[Shift]) -> str:
    """Hours as `read_day` reads them."""
    return ", ".join(
        _told(one.start_minute, one.end_minute)
        + (f" ({', '.join(_told(*pause) for pause in one.breaks)})" if one.breaks else "")
        for one in shifts
    )


def written(hours: Mapping[int, Sequence[Shift]]) -> dict[str, str]:
    """A week as it is written, by weekday."""
    return {name: told(hours.get(n, ())) for n, name in enumerate(WEEKDAYS)}


def still_as(work: UnitOfWork, provider_id: int, location_id: int, opened: Mapping[str, str]) -> None:
    """Wait for whoever changes a provider's hours just now. Raises Conflict ("changed_meanwhile") where their week is
    not any more as it was `opened`. The caller has asked whether they may."""
    work.in_turn("hours", str(provider_id))
    if written(week(work, provider_id, location_id)) != opened:
        raise Conflict("changed_meanwhile")


def set_week(work: UnitOfWork, actor: StaffActor, provider_id: int, location_id: int, typed: Mapping[str, str]) -> None:
    """A provider's weekly hours at a location, from seven lines by weekday (`mon` …). Raises Unusable, NotAllowed.

    Nobody is at two locations at once: hours elsewhere, on the same weekday or on a date to come, must not overlap.
    """
    _begin(work, actor, provider_id, location_id)
    wanted: dict[int, tuple[Shift, ...]] = {}
    faults: list[Invalid] = []
    elsewhere = _elsewhere(work, provider_id, location_id)
    dated = _dated_elsewhere(work, provider_id, location_id)
    for weekday, name in enumerate(WEEKDAYS):
        try:
            wanted[weekday] = read_day(name, typed.get(name, ""))
        except Invalid as fault:
            faults.append(fault)
            continue
        if _meet(wanted[weekday], elsewhere.get(weekday, ())):
            faults.append(Invalid(name, "hours_elsewhere"))
        elif taken := [on for on, other in dated if on.weekday() == weekday and _meet(wanted[weekday], [other])]:
            faults.append(Invalid(name, "hours_elsewhere_on", on=taken[0]))
    if faults:
        raise Unusable(faults)
    before = week(work, provider_id, location_id)
    after = {weekday: shifts for weekday, shifts in wanted.items() if shifts}
    if before == after:
        return
    mine = and_(_SHIFT.c.provider_id == provider_id, _SHIFT.c.location_id == location_id)
    work.execute(delete(_BREAK).where(_BREAK.c.shift_id.in_(select(_SHIFT.c.id).where(mine))))
    work.execute(delete(_SHIFT).where(mine))
    for weekday, shifts in after.items():
        for shift in shifts:
            _insert_shift(work, provider_id, location_id, weekday, shift)
    raise_version(work)
    work.record(
        actor.tag,
        "hours.changed",
        f"provider:{provider_id}",
        location=location_id,
        before={WEEKDAYS[day]: told(shifts) for day, shifts in before.items()},
        after={WEEKDAYS[day]: told(shifts) for day, shifts in after.items()},
    )


def week(read: Reading, provider_id: int, location_id: int) -> dict[int, tuple[Shift, ...]]:
    """A provider's weekly hours at a location, by weekday (0 = Monday)."""
    breaks: dict[int, list[Span]] = {}
    for row in read.execute(select(_BREAK).order_by(_BREAK.c.start_minute)):
        breaks.setdefault(row.shift_id, []).append((row.start_minute, row.end_minute))
    mine = and_(_SHIFT.c.provider_id == provider_id, _SHIFT.c.location_id == location_id)
    found: dict[int, tuple[Shift, ...]] = {}
    for row in read.execute(select(_SHIFT).where(mine).order_by(_SHIFT.c.weekday, _SHIFT.c.start_minute)):
        shift = Shift(row.start_minute, row.end_minute, tuple(breaks.get(row.id, ())))
        found[row.weekday] = (*found.get(row.weekday, ()), shift)
    return found


def set_date(work: UnitOfWork, actor: StaffActor, provider_id: int, location_id: int, on: date, typed: str) -> None:
    """Other hours on one date, in place of the weekly ones; nothing typed: not working. Raises Invalid, NotAllowed."""
    _begin(work, actor, provider_id, location_id)
    shifts = read_day("hours", typed)
    if any(one.breaks for one in shifts):
        raise Invalid("hours", "date_breaks")
    if _meet(shifts, _on_elsewhere(work, provider_id, location_id, on)):
        raise Invalid("hours", "hours_elsewhere")
    before = told(_on(work, provider_id, location_id, on))
    _forget_date(work, provider_id, location_id, on)
    spans: list[tuple[int | None, int | None]] = [(one.start_minute, one.end_minute) for one in shifts]
    work.execute(
        insert(_DATED),
        [
            {
                "provider_id": provider_id,
                "location_id": location_id,
                "on": on,
                "start_minute": start,
                "end_minute": end,
            }
            for start, end in spans or [(None, None)]
        ],
    )
    raise_version(work)
    detail = {"location": location_id, "on": on.isoformat(), "before": before, "after": told(shifts)}
    work.record(actor.tag, "date_hours.set", f"provider:{provider_id}", **detail)


def clear_date(work: UnitOfWork, actor: StaffActor, provider_id: int, location_id: int, on: date) -> None:
    """Back to the weekly hours on that date. Raises NotAllowed; Conflict where they work elsewhere at that time."""
    _begin(work, actor, provider_id, location_id)
    before = told(_on(work, provider_id, location_id, on))
    if not _forget_date(work, provider_id, location_id, on):
        raise NotAllowed()
    usual = week(work, provider_id, location_id).get(on.weekday(), ())
    if _meet(usual, _on_elsewhere(work, provider_id, location_id, on)):
        raise Conflict("date_elsewhere")
    raise_version(work)
    detail = {"location": location_id, "on": on.isoformat(), "before": before, "after": "as every week"}
    work.record(actor.tag, "date_hours.cleared", f"provider:{provider_id}", **detail)


def dates(read: Reading, provider_id: int, from_on: date) -> list[DateHoursSheet]:
    """A provider's dates with other hours, from one on."""
    mine = and_(_DATED.c.provider_id == provider_id, _DATED.c.on >= from_on)
    found: dict[tuple[date, int], list[Shift]] = {}
    for row in read.execute(select(_DATED).where(mine).order_by(_DATED.c.on, _DATED.c.start_minute)):
        there = found.setdefault((row.on, row.location_id), [])
        if row.start_minute is not None:
            there.append(Shift(row.start_minute, row.end_minute))
    return [DateHoursSheet(place, on, tuple(shifts)) for (on, place), shifts in found.items()]


def add_time_off(
    work: UnitOfWork,
    actor: StaffActor,
    provider_id: int,
    *,
    start_at: datetime,
    end_at: datetime,
    reason: str,
    kind: Literal["time_off", "break"] = "time_off",
) -> int:
    """A provider is away, wherever they would work, or has a break of that one day; the row's id.

    Visits booked then stand: the caller has shown them (`booking.absences`). Raises Unusable, NotAllowed.
    """
    actor.must(Permission.CHANGE_HOURS)
    sheet(work, "provider", provider_id)
    faults = [Invalid("end_at", "time_off_ends")] if end_at <= start_at else []
    try:
        values = {
            "provider_id": provider_id,
            "kind": kind,
            "start_at": start_at,
            "end_at": end_at,
            "reason": _REASON("reason", reason),
        }
    except Invalid as fault:
        faults.append(fault)
    if faults:
        raise Unusable(faults)
    off_id = int(work.execute(insert(_OFF).returning(_OFF.c.id), values).scalar_one())
    _tell_calendars(work, provider_id, start_at, end_at)
    raise_version(work)
    span = [start_at.isoformat(), end_at.isoformat()]
    work.record(actor.tag, f"{kind}.added", f"provider:{provider_id}", time_off=off_id, after=span)
    return off_id


def remove_time_off(work: UnitOfWork, actor: StaffActor, off_id: int) -> None:
    """They are there after all. Raises NotAllowed."""
    actor.must(Permission.CHANGE_HOURS)
    row = work.execute(select(_OFF).where(_OFF.c.id == off_id)).first()
    if row is None:
        raise NotAllowed()
    work.execute(delete(_OFF).where(_OFF.c.id == off_id))
    _tell_calendars(work, row.provider_id, row.start_at, row.end_at)
    raise_version(work)
    span = [row.start_at.isoformat(), row.end_at.isoformat()]
    work.record(actor.tag, f"{row.kind}.removed", f"provider:{row.provider_id}", time_off=off_id, before=span)


def time_off(read: Reading, from_at: datetime) -> list[TimeOffSheet]:
    """Everyone's time off that is not over, the earliest first."""
    rows = read.execute(select(_OFF).where(_OFF.c.end_at > from_at).order_by(_OFF.c.start_at, _OFF.c.id))
    return [TimeOffSheet(row.id, row.provider_id, row.start_at, row.end_at, row.reason, row.kind) for row in rows]


def added_by(read: Reading, shown: Sequence[TimeOffSheet]) -> dict[int, tuple[str, datetime]]:
    """Who wrote time off down (their tag) and when, by its id, as the activity log tells it."""
    log, about = audit.ENTRY.c, {f"provider:{one.provider_id}" for one in shown}
    entries = select(log.actor, log.at, log.detail).where(log.subject.in_(about), log.action.in_(_ADDED))
    entries = entries.order_by(log.id)  # a number that became free is given anew: the last one counts
    found = {row.detail.get("time_off"): (row.actor, row.at) for row in read.execute(entries)}
    return {one.id: found[one.id] for one in shown if one.id in found}


def _tell_calendars(work: UnitOfWork, provider_id: int, start_at: datetime, end_at: datetime) -> None:
    """Open calendars of every place the provider works at look again."""
    there = queries.hours(work, catalogue(work).version).working_at
    for location_id in sorted(place for place, people in there.items() if provider_id in people):
        guard.touch(work, location_id, epoch_minute(start_at), ceil_minute(end_at))


def _begin(work: UnitOfWork, actor: StaffActor, provider_id: int, location_id: int) -> None:
    """Whether they may, and both are there; if so, when whoever changes the provider's hours just now is through."""
    actor.must(Permission.CHANGE_HOURS)
    sheet(work, "provider", provider_id)
    sheet(work, "location", location_id)
    work.in_turn("hours", str(provider_id))


def _on(read: Reading, provider_id: int, location_id: int, on: date) -> list[Shift]:
    """The hours in force on a date."""
    found = queries.hours(read, catalogue(read).version).on(provider_id, location_id, on)
    return [Shift(one.start_minute, one.end_minute, one.breaks) for one in found]


def _forget_date(work: UnitOfWork, provider_id: int, location_id: int, on: date) -> int:
    same = and_(_DATED.c.provider_id == provider_id, _DATED.c.location_id == location_id, _DATED.c.on == on)
    return int(work.execute(delete(_DATED).where(same)).rowcount)


def _insert_shift(work: UnitOfWork, provider_id: int, location_id: int, weekday: int, shift: Shift) -> None:
    shift_id = work.execute(
        insert(_SHIFT).returning(_SHIFT.c.id),
        {
            "provider_id": provider_id,
            "location_id": location_id,
            "weekday": weekday,
            "start_minute": shift.start_minute,
            "end_minute": shift.end_minute,
        },
    ).scalar_one()
    if shift.breaks:
        rows = [{"shift_id": shift_id, "start_minute": a, "end_minute": b, "name": "Break"} for a, b in shift.breaks]
        work.execute(insert(_BREAK), rows)


def _elsewhere(read: Reading, provider_id: int, location_id: int) -> dict[int, list[Shift]]:
    """By weekday, the weekly hours at the other locations. Those switched off do not count: nobody can change them."""
    places = catalogue(read).locations.keys() - {location_id}
    others = and_(_SHIFT.c.provider_id == provider_id, _SHIFT.c.location_id.in_(places))
    found: dict[int, list[Shift]] = {}
    for row in read.execute(select(_SHIFT).where(others)):
        found.setdefault(row.weekday, []).append(Shift(row.start_minute, row.end_minute))
    return found


def _dated_elsewhere(read: Reading, provider_id: int, location_id: int) -> list[tuple[date, Shift]]:
    """Hours at the other locations on dates to come on which the weekly ones hold here."""
    places = catalogue(read).locations.keys()
    found = dates(read, provider_id, read.now.date() - timedelta(days=1))  # whatever the zone, today is among them
    here = {one.on for one in found if one.location_id == location_id}
    elsewhere = [one for one in found if one.on not in here and one.location_id in places]
    return [(one.on, shift) for one in elsewhere for shift in one.shifts]


def _on_elsewhere(read: Reading, provider_id: int, location_id: int, on: date) -> list[Shift]:
    """The hours in force at the other locations on a date."""
    places = catalogue(read).locations.keys() - {location_id}
    return [shift for place in places for shift in _on(read, provider_id, place, on)]


def _meet(some: Sequence[Shift], others: Sequence[Shift]) -> bool:
    """Whether any of the one overlaps any of the other."""
    return any(
        one.start_minute < other.end_minute and other.start_minute < one.end_minute for one in some for other in others
    )


def _span(field: str, *parts: str | None) -> Span:
    first, first_rest, last, last_rest = (int(part or 0) for part in parts)
    span = first * 60 + first_rest, last * 60 + last_rest
    if first_rest > 59 or last_rest > 59 or not 0 <= span[0] < span[1] <= 1440:
        raise Invalid(field, "hours_invalid")
    return span


def _breaks(field: str, typed: str) -> list[Span]:
    found = []
    for part in filter(None, (one.strip() for one in typed.split(","))):
        span = re.fullmatch(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})", part)
        if span is None:
            raise Invalid(field, "hours_invalid")
        found.append(_span(field, *span.groups()))
    return found


def _told(start: int, end: int) -> str:
    return f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
