"""A location's day as columns of blocks: values in, view values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic_portal.booking.board import Board, BoardBlock, BoardVisit
from clinic_portal.booking.types import STANDING
from clinic_portal.core import wording
from clinic_portal.scheduling.intervals import merge, subtract

HOUR_PIXELS = 84
LINE_PIXELS, TWO_LINES_PIXELS = 30, 48
Span = tuple[int, int]
"""Minutes after midnight of the day, on the wall clock: from, until."""
Missing = Mapping[int, Sequence[str]]
"""The titles of the forms that are missing, by appointment."""
_NOTHING: Missing = {}
Lost = Mapping[int, str]
"""The page of the message that did not arrive, by appointment."""
_ALL_TOLD: Lost = {}
_BLOCKS = {"off": "Not working", "break": "Break", "time_off": "Time off", "holiday": "Holiday"}
_SIGNS = {"arrived": "◐", "done": "✓", "missed": "✕"}
"""What says it beside its word."""


@dataclass
class SlotView:
    """A block in a column: a visit, or time nobody works. The lengths are CSS.

    `lacks` counts the forms that are missing, `lacking` names them; `is_untold`: news of it reached nobody.
    """

    kind: str
    top: str
    height: str
    left: str
    width: str
    title: str
    detail: str
    label: str
    href: str
    lacks: str = ""
    lacking: str = ""
    is_untold: bool = False


@dataclass
class ColumnView:
    """A provider's day."""

    name: str
    note: str
    slots: list[SlotView] = field(default_factory=list)


@dataclass
class LackView:
    """Someone who comes on this day and whose forms are missing."""

    when: str
    name: str
    forms: list[str]
    href: str


@dataclass
class UntoldView:
    """Someone who comes on this day and whom news of it did not reach; `href` is the message."""

    when: str
    name: str
    href: str


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


def grid(
    found: Board,
    now: datetime,
    language: str,
    missing: Missing = _NOTHING,
    lost: Lost = _ALL_TOLD,
    *,
    to_visit: bool = False,
) -> GridView:
    """The first day of a board, from the first whole hour that anybody works or is booked to the last.

    `to_visit`: its blocks lead to the visit, for who checks patients in and out; else to the patient.
    """
    zone, on = ZoneInfo(found.time_zone), found.first_on
    spans = {one.appointment_id: (_wall(one.start_at, zone, on), _wall(one.end_at, zone, on)) for one in found.visits}
    works = {one.id: _works(found.blocks, one.id, zone, on) for one in found.providers}
    minutes = [edge for span in [*spans.values(), *(one for all_ in works.values() for one in all_)] for edge in span]
    minutes = minutes or [540, 1020]
    first, last = min(minutes) // 60 * 60, -(-max(minutes) // 60) * 60
    begin = datetime.combine(on, datetime.min.time(), zone)
    hours = [
        HourView(wording.time(begin.replace(hour=hour % 24), found.time_zone, language), _pixels(hour * 60 - first))
        for hour in range(first // 60, last // 60)
    ]
    minute = _wall(now, zone, on)
    columns = []
    for provider in found.providers:
        theirs = [one for one in found.visits if one.provider_id == provider.id]
        slots = _blocked(found.blocks, provider.id, zone, on, (first, last))
        slots += _visits(theirs, spans, found, first, now, language, missing, lost, to_visit)
        columns.append(
            ColumnView(provider.name, _note(len(theirs), works[provider.id], minute, begin, language), slots)
        )
    return GridView(_pixels(last - first), _pixels(minute - first) if first <= minute <= last else "", hours, columns)


def _works(blocks: Sequence[BoardBlock], provider_id: int, zone: ZoneInfo, on: date) -> list[Span]:
    """When a provider works on a day: what hours and holidays leave of it, breaks included."""
    off = [_span(one, zone, on) for one in blocks if one.provider_id == provider_id and one.kind in ("off", "holiday")]
    return list(subtract((0, 1440), merge(off)))


def _note(count: int, works: Sequence[Span], minute: int, begin: datetime, language: str) -> str:
    """How many visits; and, on the day itself, until when they are off."""
    told = "1 visit" if count == 1 else f"{count} visits"
    if not works:
        return f"{told} · not working"
    starts = min(start for start, _ in works)
    if not 0 <= minute < starts:
        return told
    at = begin.replace(hour=starts // 60 % 24, minute=starts % 60)
    return f"{told} · off until {wording.time(at, str(begin.tzinfo), language)}"


def _blocked(blocks: Sequence[BoardBlock], provider_id: int, zone: ZoneInfo, on: date, shown: Span) -> list[SlotView]:
    """Time in which nobody is booked, as far as it lies on the page."""
    slots = []
    for one in blocks:
        start, end = (min(max(edge, shown[0]), shown[1]) for edge in _span(one, zone, on))
        if one.provider_id != provider_id or start >= end:
            continue
        told = one.reason or _BLOCKS.get(one.kind, "Not working")
        top, height = _pixels(start - shown[0]), _pixels(end - start)
        slots.append(SlotView("off", top, height, "0%", "calc(100% - 10px)", told, "", told, ""))
    return slots


def takings(day: Board, currency: str, language: str) -> str:
    """What a day's visits come to, those missed left out; an amount for each currency they were booked in."""
    sums = {currency: 0}
    for one in day.visits:
        if one.status != "noshow":
            sums[one.currency] = sums.get(one.currency, 0) + one.total_minor
    told = {code: minor for code, minor in sums.items() if minor} or {currency: 0}
    return " + ".join(wording.money(minor, code, language) for code, minor in told.items())


def lacks(found: Board, missing: Missing, now: datetime, language: str) -> list[LackView]:
    """Who comes without all their forms, by the time they come."""
    return [
        LackView(
            when=wording.time(one.start_at, found.time_zone, language),
            name=one.patient_name,
            forms=list(lacking),
            href=f"/admin/patient?id={one.patient_id}&view=more",
        )
        for one in sorted(found.visits, key=lambda one: (one.start_at, one.patient_name))
        if (lacking := _lacking(one, missing, now))
    ]


def untold(found: Board, lost: Lost, language: str) -> list[UntoldView]:
    """Whom news of their visit did not reach, by the time they come."""
    return [
        UntoldView(wording.time(one.start_at, found.time_zone, language), one.patient_name, lost[one.appointment_id])
        for one in sorted(found.visits, key=lambda one: (one.start_at, one.patient_name))
        if one.appointment_id in lost
    ]


def is_over(visit: BoardVisit, now: datetime) -> bool:
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
    theirs: Sequence[BoardVisit],
    all_spans: Mapping[int, Span],
    found: Board,
    first: int,
    now: datetime,
    language: str,
    missing: Missing,
    lost: Lost,
    to_visit: bool,
) -> list[SlotView]:
    spans = [all_spans[one.appointment_id] for one in theirs]
    slots = []
    for visit, (start, end), (lane, count) in zip(theirs, spans, lanes(spans), strict=True):
        status = {"arrived": "arrived", "fulfilled": "done", "noshow": "missed"}.get(visit.status, "")
        what, when = " and ".join(visit.service_names), wording.time(visit.start_at, found.time_zone, language)
        who = visit.patient_name or "Booked"
        lacking = _lacking(visit, missing, now)
        is_untold = visit.appointment_id in lost
        unpaid = "unpaid" if visit.is_unpaid and visit.status not in STANDING else ""
        told = (who, what, status, unpaid, _counted(lacking), "not told of it" if is_untold else "")
        kind = "off" if visit.status == "noshow" else "past" if is_over(visit, now) else "upcoming"
        sign = f"{_SIGNS[status]} {status}" if status else ""
        slots.append(
            SlotView(
                kind=f"{kind} {_room(end - start)}",
                top=_pixels(start - first),
                height=_pixels(end - start),
                left=f"{lane * 100 / count:.2f}%",
                width=f"calc({100 / count:.2f}% - 10px)",
                title=who,
                detail=" · ".join(part for part in (when, what, sign, unpaid) if part),
                label=": ".join((when, ", ".join(part for part in told if part))),
                href=_href(visit, to_visit=to_visit),
                lacks=str(len(lacking) or ""),
                lacking=f"Missing: {', '.join(lacking)}" if lacking else "",
                is_untold=is_untold,
            )
        )
    return slots


def _href(visit: BoardVisit, *, to_visit: bool) -> str:
    """Where a block leads; nowhere for a patient they may not see."""
    if not visit.patient_id:
        return ""
    return f"/admin/visit?id={visit.appointment_id}" if to_visit else f"/admin/patient?id={visit.patient_id}"


def _lacking(visit: BoardVisit, missing: Missing, now: datetime) -> Sequence[str]:
    """What is missing for a visit that is still to come, or goes on."""
    return missing.get(visit.appointment_id, ()) if visit.status in STANDING and visit.end_at > now else ()


def _counted(lacking: Sequence[str]) -> str:
    return f"{len(lacking)} form{'' if len(lacking) == 1 else 's'} missing" if lacking else ""


def _room(minutes: int) -> str:
    """How much fits into a block of so many minutes: one line, two, or more."""
    pixels = minutes * HOUR_PIXELS // 60
    return "one-line" if pixels < LINE_PIXELS else "two-lines" if pixels < TWO_LINES_PIXELS else ""


def _span(one: BoardBlock, zone: ZoneInfo, on: date) -> Span:
    return _wall(one.start_at, zone, on), _wall(one.end_at, zone, on)


def _wall(at: datetime, zone: ZoneInfo, on: date) -> int:
    """Minutes after midnight of `on`, on the wall clock."""
    local = at.astimezone(zone)
    return (local.date() - on).days * 1440 + local.hour * 60 + local.minute


def _pixels(minutes: int) -> str:
    return f"{minutes * HOUR_PIXELS // 60}px"
