"""What a patient's page shows, as words. Values in, view values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from clinic_portal.accounts.log import LogLine
from clinic_portal.booking.types import VisitLine
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.patients import history_rules as rules
from clinic_portal.patients.types import HistoryChange, HistoryItem, NoteInfo, PatientSheet
from clinic_portal.web.admin import log_words
from clinic_portal.web.portal import views as portal_views
from clinic_portal.web.portal.views import VisitView

MARKS = {"added": "New", "changed": "Changed", "removed": "Taken out"}


@dataclass
class ChartLine:
    """An item of the medical history in words. `mark` says that it is another than at the last visit, `was` how."""

    kind: str
    title: str
    detail: str
    told: str
    is_alert: bool
    mark: str = ""
    was: list[str] = field(default_factory=list)


@dataclass
class NoteView:
    """A note or an alert."""

    id: int
    kind: str
    body: str
    told: str
    ended: str


@dataclass
class ActivityView:
    """What was done about a patient."""

    when: str
    who: str
    what: str
    detail: str


@dataclass
class FactView:
    """Something known of a person; `href` leads to it."""

    name: str
    value: str
    href: str = ""


def facts(found: PatientSheet, today: date, zone: str, language: str) -> list[FactView]:
    """How to reach somebody, and who they are."""
    known = found.profile
    born = f"{wording.born(known.birth_on, language)} ({_age(known.birth_on, today)})" if known.birth_on else ""
    place = (known.street, f"{known.postal_code} {known.city}".strip(), known.region, known.country)
    number = wording.phone(known.emergency_phone) if known.emergency_phone else ""
    told = [
        FactView("E-mail", known.email, f"mailto:{known.email}"),
        FactView("Phone", wording.phone(known.phone), f"tel:{known.phone}"),
        FactView("Pronouns", known.pronouns),
        FactView("Born", born),
        FactView("Address", ", ".join(part for part in place if part)),
        FactView("In an emergency", ", ".join(part for part in (known.emergency_name, number) if part)),
        FactView("Portal", portal(found, zone, language)),
        FactView("Known since", wording.day(found.created_at, zone, language, length="medium")),
    ]
    return [one for one in told if one.value]


def portal(found: PatientSheet, zone: str, language: str) -> str:
    """How far they came with their portal."""
    if found.has_portal:
        return "Has a portal"
    if found.welcomed_at:
        return f"Welcomed {wording.day(found.welcomed_at, zone, language, length='medium')}, not in yet"
    return "No portal yet"


def history(
    items: Sequence[HistoryItem], changes: Mapping[str, HistoryChange], zone: str, language: str
) -> list[ChartLine]:
    """The history as it stands, what changed marked, and what was taken out since."""
    lines = [
        _line(one.kind, one.fields, one.recorded_at, one.recorded_by, changes.get(one.item), zone, language)
        for one in items
    ]
    gone = [
        _line(one.kind, one.before, one.recorded_at, one.recorded_by, one, zone, language)
        for one in changes.values()
        if one.what == "removed"
    ]
    order = [kind.title for kind in rules.KINDS.values()]
    return sorted([*lines, *gone], key=lambda line: order.index(line.kind))


def since(last_at: datetime | None, changes: Mapping[str, HistoryChange], zone: str, language: str) -> str:
    """What changed since the last visit, in a sentence."""
    if last_at is None:
        return "They have not been here yet: all of it is new to you."
    on = wording.day(last_at, zone, language, length="medium")
    counts = [(sum(one.what == what for one in changes.values()), what) for what in MARKS]
    told = ", ".join(f"{count} {MARKS[what].lower()}" for count, what in counts if count)
    return f"Since the visit of {on}: {told}." if told else f"Nothing changed since the visit of {on}."


def note(one: NoteInfo, names: Mapping[str, str], zone: str, language: str) -> NoteView:
    """A note with who and when."""
    ended = f"Ended by {_who(one.ended_by, names)}, {_moment(one.ended_at, zone, language)}" if one.ended_at else ""
    told = f"{_who(one.written_by, names)}, {_moment(one.written_at, zone, language)}"
    return NoteView(one.id, "Alert" if one.kind == "alert" else "Note", one.body, told, ended)


def activity(
    found: Sequence[LogLine], patient_id: int, clinic: Catalogue, names: Mapping[str, str], zone: str, language: str
) -> list[ActivityView]:
    """Lines of the log, the patient's own subject left unsaid."""
    own = f"patient:{patient_id}"
    return [
        ActivityView(
            _moment(one.at, zone, language),
            one.who,
            log_words.deed(one.action),
            " · ".join(
                part
                for part in (
                    "" if one.subject == own else log_words.subject(one.subject, clinic, names).capitalize(),
                    log_words.detail(one.detail),
                )
                if part
            ),
        )
        for one in found
    ]


def visit(line: VisitLine, language: str) -> VisitView:
    """A visit as the portal's list shows it, but in words to staff."""
    shown = portal_views.visit(line, language)
    return replace(shown, status="Here now") if line.status == "arrived" else shown


def _line(
    kind: str,
    fields: Mapping[str, str],
    at: datetime,
    by: str,
    change: HistoryChange | None,
    zone: str,
    language: str,
) -> ChartLine:
    what = change.what if change else ""
    who = "by the patient" if by.startswith("patient:") else "by the clinic"
    told = f"{'taken out ' if what == 'removed' else ''}{who}, {wording.day(at, zone, language, length='medium')}"
    differences = rules.differences(kind, change.before, change.now) if change and what == "changed" else []
    return ChartLine(
        rules.KINDS[kind].title,
        *rules.told(kind, fields),
        told,
        kind == "allergy" and what != "removed" and not rules.says_none(fields),
        MARKS.get(what, ""),
        [f"{f'{label}: ' if label else ''}{was or 'nothing'} → {now or 'nothing'}" for label, was, now in differences],
    )


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _who(tag: str, names: Mapping[str, str]) -> str:
    return names.get(tag, "Someone of the team")


def _moment(at: datetime | None, zone: str, language: str) -> str:
    return wording.moment(at, zone, language) if at is not None else ""
