"""What the portal's pages show of visits, as words. Values in, view values out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic_portal.booking.types import Visit, VisitLine
from clinic_portal.core import wording

STATUS = {
    "booked": "Upcoming",
    "arrived": "You are here",
    "fulfilled": "Past",
    "noshow": "Missed",
    "cancelled": "Cancelled",
}


@dataclass
class VisitView:
    """A visit in a list. `kind` is upcoming, past or cancelled."""

    reference: str
    href: str
    kind: str
    status: str
    on: str
    hours: str
    services: str
    provider: str
    place: str
    note: str = ""  # what is to be done before it


@dataclass
class CellView:
    """A day of the month; `kind` is empty, upcoming or past; `sign` says it without colour."""

    number: str
    kind: str
    sign: str
    label: str
    href: str
    is_today: bool


def visit(line: VisitLine, language: str, *, left: int = 0) -> VisitView:
    """A visit as a list shows it (S51, S52); `left`: how many forms and instructions it waits for (S38)."""
    on = wording.day(line.start_at, line.time_zone, language, length="medium")
    return VisitView(
        reference=line.reference,
        href=f"/portal/visit?ref={line.reference}",
        kind=_kind(line),
        status=_status(line),
        on=on,
        hours=hours(line.start_at, line.end_at, line.time_zone, language),
        services=" and ".join(line.service_names),
        provider=line.provider_name,
        place=f"{line.location_name}, {line.location_street}",
        note=f"{left} {'thing' if left == 1 else 'things'} to do before you come" if left else "",
    )


def month(first_on: date, visits: Sequence[VisitLine], today: date, language: str) -> list[CellView]:
    """The days of a month, Sunday first, those with visits marked (S51)."""
    by_day: dict[date, list[VisitLine]] = defaultdict(list)
    for line in visits:
        if _kind(line) != "cancelled":
            by_day[wording.local(line.start_at, line.time_zone).date()].append(line)
    cells = [CellView("", "", "", "", "", False) for _ in range((first_on.weekday() + 1) % 7)]
    on = first_on
    while on.month == first_on.month:
        there = by_day.get(on, [])
        kind = ("upcoming" if any(one.is_upcoming for one in there) else "past") if there else ""
        told = ", ".join([wording.day(on, "UTC", language), *_counted(there)])
        href = f"/portal/visit?ref={there[0].reference}" if len(there) == 1 else "/portal/appointments" if there else ""
        cells.append(CellView(str(on.day), kind, {"upcoming": "•", "past": "✓"}.get(kind, ""), told, href, on == today))
        on += timedelta(days=1)
    return cells


def when(found: Visit, language: str) -> str:
    """Day and time of a visit in a heading."""
    zone = found.location.time_zone
    return f"{wording.day(found.start_at, zone, language)} · {hours(found.start_at, found.end_at, zone, language)}"


def hours(start_at: datetime, end_at: datetime, zone: str, language: str) -> str:
    """From when to when."""
    return " – ".join(wording.time(at, zone, language) for at in (start_at, end_at))


def status(found: Visit, *, is_over: bool) -> str:
    """What a visit's state is called."""
    return "Past" if is_over and found.status == "booked" else STATUS[found.status]


def _counted(there: Sequence[VisitLine]) -> list[str]:
    """`1 upcoming visit`, `2 past visits`: both for a day that has both."""
    kinds = [_kind(line) for line in there]
    told = [(kinds.count(kind), kind) for kind in ("upcoming", "past")]
    return [f"{count} {kind} {'visit' if count == 1 else 'visits'}" for count, kind in told if count]


def _kind(line: VisitLine) -> str:
    if line.status == "cancelled":
        return "cancelled"
    return "upcoming" if line.is_upcoming else "past"


def _status(line: VisitLine) -> str:
    return "Past" if line.status == "booked" and not line.is_upcoming else STATUS[line.status]
