"""The day's arrivals as the front desk's list: values in, view values out (P15). No State, no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from clinic_portal.booking import day_rules
from clinic_portal.booking.arrivals import AllLeftOpen, Arrival, Pays
from clinic_portal.booking.bill_words import ORIGINS
from clinic_portal.booking.board import Board, BoardVisit
from clinic_portal.core import wording
from clinic_portal.web.admin import day_words

NEXT = 8
"""So many of those to come are shown at once; the others stand folded under them."""
GROUPS = {
    "late": "Late",
    "open": "Not settled",
    "coming": "Coming",
    "here": "Here",
    "later": "Later",
    "done": "Done",
    "missed": "Missed",
}
"""How visits stand (`day_rules.standing`), and those to come that are folded."""
FOLDED = ("later", "done", "missed")
_NOBODY = Arrival(0, None, None)


@dataclass(frozen=True, slots=True)
class May:
    """What whoever looks may do with the day's visits."""

    run: bool  # check in and out
    charge: bool  # say that somebody did not come


@dataclass
class MarkView:
    """Something to know of a visit, in words. `kind`: warn, good, plain; `href`: where it is seen to."""

    told: str
    kind: str = "plain"
    href: str = ""
    more: str = ""


@dataclass
class RowView:
    """A visit in the list, and what can be done with it now."""

    id: int
    sequence: int
    when: str
    until: str
    who: str
    href: str  # the patient's page; empty for who may not open it
    visit_href: str
    what: str
    where: str
    since: str
    marks: list[MarkView] = field(default_factory=list)
    does: str = ""  # the next thing to do: in, out
    out: str = ""  # what is due, on the way out
    undoes: bool = False
    misses: bool = False
    call: str = ""
    number: str = ""  # the same as people write it


@dataclass
class GroupView:
    """Visits that stand alike."""

    key: str
    title: str
    is_open: bool
    rows: list[RowView] = field(default_factory=list)


@dataclass
class LeftView:
    """A visit of an earlier day that nobody settled."""

    id: int
    when: str
    who: str
    told: str
    href: str
    misses: bool


def groups(
    found: Board,
    told: Mapping[int, Arrival],
    now: datetime,
    language: str,
    *,
    may: May,
    lost: Mapping[int, str],
) -> list[GroupView]:
    """The day's visits by how they stand; groups without any are left out.

    `lost` leads to the message about a visit that reached nobody.
    """
    shown: dict[str, list[RowView]] = {key: [] for key in GROUPS}
    for visit in sorted(found.visits, key=lambda one: (one.start_at, one.patient_name)):
        key = day_rules.standing(visit.status, visit.start_at, now, found.time_zone)
        if key == "coming" and len(shown["coming"]) >= NEXT:
            key = "later"
        known = told.get(visit.appointment_id, _NOBODY)
        shown[key].append(_row(visit, known, found, now, language, key, may, lost.get(visit.appointment_id, "")))
    return [GroupView(key, GROUPS[key], key not in FOLDED, rows) for key, rows in shown.items() if rows]


def left(found: AllLeftOpen, zone: str, language: str, *, may: May) -> list[LeftView]:
    """What earlier days left to be settled."""
    return [
        LeftView(
            id=one.appointment_id,
            when=wording.moment(one.start_at, zone, language, length="short"),
            who=one.patient_name,
            told=_left_told(one.status, one.reserved),
            href=f"/admin/visit?id={one.appointment_id}",
            misses=may.charge and one.status == "booked",
        )
        for one in found.visits
    ]


def used(pays: Iterable[Pays]) -> str:
    """What a check-in used of the wallet, as a sentence; empty where nothing was."""
    told = [f"{one.count} {one.name} ({one.left} left)" for one in pays]
    return f"Used from the wallet: {', '.join(told)}." if told else ""


def _left_told(status: str, reserved: int) -> str:
    told = "never checked in" if status == "booked" else "not checked out"
    kept = f"{reserved} treatment{'' if reserved == 1 else 's'} of the wallet kept for it" if reserved else ""
    return ", ".join(part for part in (told, kept) if part)


def _row(
    visit: BoardVisit,
    known: Arrival,
    found: Board,
    now: datetime,
    language: str,
    key: str,
    may: May,
    lost: str,
) -> RowView:
    zone = found.time_zone
    providers = {one.id: one.name for one in found.providers}
    units = {one.id: one.name for one in found.units}
    rooms = [units[one] for one in visit.unit_ids if one in units]
    is_its_day = wording.local(visit.start_at, zone).date() <= wording.local(now, zone).date()
    is_known = bool(visit.patient_id)
    checks_in = is_known and may.run and visit.status == "booked" and is_its_day
    checks_out = is_known and may.run and visit.status == "arrived"
    return RowView(
        id=visit.appointment_id,
        sequence=visit.sequence,
        when=wording.time(visit.start_at, zone, language),
        until=f"until {wording.time(visit.end_at, zone, language)}",
        who=visit.patient_name or day_words.NOBODY,
        href=f"/admin/patient?id={visit.patient_id}" if is_known else "",
        visit_href=f"/admin/visit?id={visit.appointment_id}" if may.run and is_known else "",
        what=" and ".join(visit.service_names),
        where=" · ".join([providers.get(visit.provider_id, ""), *rooms]),
        since=_since(visit, known, now, zone, language, key),
        marks=_marks(visit, known, language, lost),
        does="in" if checks_in and key != "open" else "out" if checks_out else "",
        out=_money(known.due_minor, visit, language) if checks_out and known.due_minor else "",
        undoes=checks_out and key == "here",
        misses=is_known and may.charge and visit.status == "booked" and visit.start_at <= now,
        call=known.phone if key == "late" else "",
        number=wording.phone(known.phone) if key == "late" else "",
    )


def _since(visit: BoardVisit, known: Arrival, now: datetime, zone: str, language: str, key: str) -> str:
    """How long they are late, or since when they are here and what for."""
    if key == "late":
        return f"{wording.duration(int((now - visit.start_at).total_seconds()) // 60, language)} late"
    if key == "here" and known.arrived_at is not None:
        since = f"here since {wording.time(known.arrived_at, zone, language)}"
        waits = "Waiting" if now < visit.start_at else "In treatment" if now < visit.end_at else "Time is over"
        return f"{waits}, {since}"
    if key == "done" and known.fulfilled_at is not None:
        return f"Left at {wording.time(known.fulfilled_at, zone, language)}"
    if key == "open":
        return "Never checked in" if visit.status == "booked" else "Not checked out"
    return ""


def _marks(visit: BoardVisit, known: Arrival, language: str, lost: str) -> list[MarkView]:
    """What is to be known of it: what is missing first, then who they are, then the money."""
    marks, stands = [], visit.status in ("booked", "arrived")
    patient = f"/admin/patient?id={visit.patient_id}"
    marks += [MarkView(f"Alert: {one}", "warn", patient) for one in known.alerts]
    if visit.has_alert and not known.alerts:
        marks.append(MarkView("Has an alert", "warn", patient))
    if stands and known.forms:
        told = day_words.forms_missing(len(known.forms))
        marks.append(MarkView(told, "warn", f"{patient}&view=more", ", ".join(known.forms)))
    if lost:
        marks.append(MarkView(day_words.UNTOLD, "warn", lost))
    if visit.is_first:
        marks.append(MarkView("First visit"))
    if known.plan:
        marks.append(MarkView(f"Member: {known.plan}"))
    if visit.is_override:
        marks.append(MarkView(day_words.OVERRIDE))
    return [*marks, *_money_marks(visit, known, language, stands=stands)]


def _money_marks(visit: BoardVisit, known: Arrival, language: str, *, stands: bool) -> list[MarkView]:
    marks = []
    if known.owed_minor:
        marks.append(MarkView(f"Owes {_money(known.owed_minor, visit, language)} from before", "warn"))
    if not known.knows_money:
        return marks
    for one in known.pays:
        pays = "paid" if visit.status == "fulfilled" else "pays"
        marks.append(
            MarkView(f"{ORIGINS[one.origin].capitalize()} {pays} {one.count} {one.name}, {one.left} left", "good")
        )
    if known.deposit_minor:
        marks.append(MarkView(f"Deposit {_money(known.deposit_minor, visit, language)} held", "good"))
    if stands and visit.total_minor:
        due = f"{_money(known.due_minor, visit, language)} due" if known.due_minor else "Nothing due"
        marks.append(MarkView(due))
    elif known.paid_minor:
        marks.append(MarkView(f"{_money(known.paid_minor, visit, language)} paid here", "good"))
    if visit.is_unpaid and not stands:
        marks.append(MarkView("Unpaid", "warn"))
    return marks


def _money(minor: int, visit: BoardVisit, language: str) -> str:
    return wording.money(minor, visit.currency, language)
