"""A location's day as columns of blocks: values in, view values out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic_portal.booking.day import Day, DayVisit
from clinic_portal.core import wording

HOUR_PIXELS = 84
LINE_PIXELS, TWO_LINES_PIXELS = 30, 48
Span = tuple[int, int]
"""Minutes after midnight of the day, on the wall clock: from, until."""


@dataclass
class SlotView:
    """A block in a column: a visit, or time nobody works. The lengths are CSS."""

    kind: str
    top: str
    height: str
    left: str
    width: str
    title: str
    detail: str
    label: str
    href: str


@dataclass
class ColumnView:
    """A provider's day."""

    name: str
    note: str
    slots: list[SlotView] = field(default_factory=list)


@dataclass
class HourView:
    """A line of the time axis."""

    label: str
    top: str


@dataclass
class GridView:
    """The whole day. `now_top` is empty on any day but today."""

    height: str
    now_top: str
    hours: list[HourView]
    columns: list[ColumnView]


def grid(found: Day, now: datetime, language: str) -> GridView:
    """The day, from the first whole hour that anybody works or is booked to the last."""
    zone = ZoneInfo(found.time_zone)
    edges = [edge for _, _, working in found.providers for stretch in working for edge in stretch]
    edges += [edge for one in found.visits for edge in (one.start_at, one.end_at)]
    minutes = [_wall(edge, zone, found.on) for edge in edges] or [540, 1020]
    first, last = min(minutes) // 60 * 60, -(-max(minutes) // 60) * 60
    begin = datetime.combine(found.on, datetime.min.time(), zone)
    hours = [
        HourView(wording.time(begin.replace(hour=hour % 24), found.time_zone, language), _pixels(hour * 60 - first))
        for hour in range(first // 60, last // 60)
    ]
    minute = _wall(now, zone, found.on)
    columns = []
    for provider_id, name, working in found.providers:
        theirs = [one for one in found.visits if one.provider_id == provider_id]
        spans = [(_wall(start, zone, found.on), _wall(end, zone, found.on)) for start, end in working]
        slots = _off(spans, first, last) + _visits(theirs, found, zone, first, now, language)
        columns.append(ColumnView(name, "1 visit" if len(theirs) == 1 else f"{len(theirs)} visits", slots))
    return GridView(_pixels(last - first), _pixels(minute - first) if first <= minute <= last else "", hours, columns)


def is_over(visit: DayVisit, now: datetime) -> bool:
    """Whether a visit counts as past: its patient is there or was, or its time is over."""
    return visit.status in ("arrived", "fulfilled") or visit.end_at <= now


def lanes(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """For each span, in order of start, its lane and how many lanes lie side by side where it lies.

    A provider has two visits at once where one of them is taking effect.
    """
    placed: list[tuple[int, int]] = []
    ends: list[int] = []
    cluster: list[int] = []
    for number, (start, end) in enumerate(spans):
        if not any(other > start for other in ends):
            placed = _widen(placed, cluster, len(ends))
            ends, cluster = [], []
        lane = next((lane for lane, other in enumerate(ends) if other <= start), len(ends))
        ends[lane : lane + 1] = [end]
        placed.append((lane, 1))
        cluster.append(number)
    return _widen(placed, cluster, len(ends))


def _widen(placed: list[tuple[int, int]], cluster: list[int], count: int) -> list[tuple[int, int]]:
    return [(lane, count if number in cluster else of) for number, (lane, of) in enumerate(placed)]


def _visits(
    theirs: Sequence[DayVisit], found: Day, zone: ZoneInfo, first: int, now: datetime, language: str
) -> list[SlotView]:
    spans = [(_wall(one.start_at, zone, found.on), _wall(one.end_at, zone, found.on)) for one in theirs]
    slots = []
    for visit, (start, end), (lane, count) in zip(theirs, spans, lanes(spans), strict=True):
        status = {"arrived": "arrived", "fulfilled": "done", "noshow": "missed"}.get(visit.status, "")
        what, when = " and ".join(visit.service_names), wording.time(visit.start_at, found.time_zone, language)
        kind = "off" if visit.status == "noshow" else "past" if is_over(visit, now) else "upcoming"
        slots.append(
            SlotView(
                kind=f"{kind} {_room(end - start)}",
                top=_pixels(start - first),
                height=_pixels(end - start),
                left=f"{lane * 100 / count:.2f}%",
                width=f"calc({100 / count:.2f}% - 10px)",
                title=visit.patient_name,
                detail=" · ".join(part for part in (when, what, status) if part),
                label=f"{when}: {visit.patient_name}, {what}{f', {status}' if status else ''}",
                href=f"/admin/patient?id={visit.patient_id}",
            )
        )
    return slots


def _off(spans: list[Span], first: int, last: int) -> list[SlotView]:
    """Time nobody works: before, after, and breaks between."""
    edges = [first, *(edge for one in sorted(spans) for edge in one), last]
    gaps = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]
    shown = []
    for start, end in gaps:
        told = "Break" if spans and start != first and end != last else "Not working"
        shown.append(
            SlotView(
                "off", _pixels(start - first), _pixels(end - start), "0%", "calc(100% - 10px)", told, "", told, ""
            ),
        )
    return shown


def _room(minutes: int) -> str:
    """How much fits into a block of so many minutes: one line, two, or more."""
    pixels = minutes * HOUR_PIXELS // 60
    return "one-line" if pixels < LINE_PIXELS else "two-lines" if pixels < TWO_LINES_PIXELS else ""


def _wall(at: datetime, zone: ZoneInfo, on: date) -> int:
    """Minutes after midnight of `on`, on the wall clock."""
    local = at.astimezone(zone)
    return (local.date() - on).days * 1440 + local.hour * 60 + local.minute


def _pixels(minutes: int) -> str:
    return f"{minutes * HOUR_PIXELS // 60}px"
