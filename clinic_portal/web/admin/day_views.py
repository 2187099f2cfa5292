"""A location's day as columns of blocks: values in, view values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic_portal.booking import day_rules
from clinic_portal.booking.board import Board, BoardBlock, BoardVisit
from clinic_portal.booking.types import STANDING
from clinic_portal.core import wording
from clinic_portal.web.admin import day_shapes, day_words
from clinic_portal.web.admin.day_shapes import Span, clock, lanes, pixels, room

Missing = Mapping[int, Sequence[str]]
"""The titles of the forms that are missing, by appointment."""
_NOTHING: Missing = {}
Lost = Mapping[int, str]
"""The page of the message that did not arrive, by appointment."""
_ALL_TOLD: Lost = {}


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
    spans = {one.appointment_id: day_shapes.span(one.start_at, one.end_at, zone, on) for one in found.visits}
    works = {one.id: _works(found.blocks, one.id, zone, on) for one in found.providers}
    first, last = day_shapes.hours([*spans.values(), *(one for all_ in works.values() for one in all_)])
    hours = [
        HourView(clock(hour * 60, found.time_zone, language), _pixels(hour * 60 - first))
        for hour in range(first // 60, last // 60)
    ]
    minute = day_shapes.wall(now, zone, on)
    columns = []
    for provider in found.providers:
        theirs = [one for one in found.visits if one.provider_id == provider.id]
        slots = _blocked(found.blocks, provider.id, zone, on, (first, last))
        slots += _visits(theirs, spans, found, first, now, language, missing, lost, to_visit)
        note = _note(len(theirs), works[provider.id], minute, found.time_zone, language)
        columns.append(ColumnView(provider.name, note, slots))
    return GridView(_pixels(last - first), _pixels(minute - first) if first <= minute <= last else "", hours, columns)


def _works(blocks: Sequence[BoardBlock], provider_id: int, zone: ZoneInfo, on: date) -> list[Span]:
    """When a provider works on a day: what hours and holidays leave of it, breaks included."""
    off = [one for one in blocks if one.provider_id == provider_id and one.kind in ("off", "holiday")]
    cuts = (day_shapes.cut(one.start_at, one.end_at, zone, on) for one in off)
    return day_shapes.worked(span for span in cuts if span)


def _note(count: int, works: Sequence[Span], minute: int, time_zone: str, language: str) -> str:
    """How many visits; and, on the day itself, until when they are off."""
    told = "1 visit" if count == 1 else f"{count} visits"
    if not works:
        return f"{told} · not working"
    starts = min(start for start, _ in works)
    if not 0 <= minute < starts:
        return told
    return f"{told} · off until {clock(starts, time_zone, language)}"


def _blocked(blocks: Sequence[BoardBlock], provider_id: int, zone: ZoneInfo, on: date, shown: Span) -> list[SlotView]:
    """Time in which nobody is booked, as far as it lies on the page."""
    slots = []
    for one in blocks:
        span = day_shapes.cut(one.start_at, one.end_at, zone, on, shown)
        if one.provider_id != provider_id or span is None:
            continue
        told = one.reason or day_words.BLOCKS[one.kind]
        top, height = _pixels(span[0] - shown[0]), _pixels(span[1] - span[0])
        slots.append(SlotView("off", top, height, "0%", "calc(100% - 10px)", told, "", told, ""))
    return slots


def takings(day: Board, currency: str, language: str) -> str:
    """What a day's visits come to, those missed left out; an amount for each currency they were booked in."""
    sums = day_rules.takings_minor(day.visits) or {currency: 0}
    told = {code: sums[code] for code in sorted(sums, key=lambda code: code != currency)}
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
        sign, status = day_words.STATUS.get(visit.status, ("", ""))
        what, when = " and ".join(visit.service_names), wording.time(visit.start_at, found.time_zone, language)
        who = visit.patient_name or day_words.NOBODY
        lacking = _lacking(visit, missing, now)
        is_untold = visit.appointment_id in lost
        unpaid = "unpaid" if visit.is_unpaid and visit.status not in STANDING else ""
        missed = day_words.forms_missing(len(lacking))
        told = (who, what, status, unpaid, missed, day_words.UNTOLD.lower() if is_untold else "")
        slots.append(
            SlotView(
                kind=f"{day_words.kind(visit, now)} {room(end - start)}",
                top=_pixels(start - first),
                height=_pixels(end - start),
                left=f"{lane * 100 / count:.2f}%",
                width=f"calc({100 / count:.2f}% - 10px)",
                title=who,
                detail=" · ".join(part for part in (when, what, f"{sign} {status}".strip(), unpaid) if part),
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


def _pixels(minutes: int) -> str:
    return f"{pixels(minutes)}px"
