"""What the portal shows of forms and instructions, as words. Values in, view values out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic_portal.booking import paperwork
from clinic_portal.booking.paperwork import Paper, VisitBrief
from clinic_portal.booking.types import STANDING, Visit
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.forms import queries, rules
from clinic_portal.forms.definition import Kind
from clinic_portal.forms.requests import BY_PATIENT
from clinic_portal.forms.types import DocumentLine

KINDS = {
    Kind.QUESTIONNAIRE: ("Q", "Questionnaire"),
    Kind.CONSENT: ("C", "Consent"),
    Kind.BEFORE: ("i", "Before your treatment"),
    Kind.AFTER: ("i", "After your treatment"),
}
RECENT = timedelta(days=30)
"""How long post-treatment instructions stay open on the first page; older ones are folded."""
_COUNTED = ("No things", "One thing", "Two things", "Three things", "Four things", "Five things", "Six things")


@dataclass
class PaperView:
    """A form to fill in or sign, or instructions to read. `is_due`: it is to be done; `is_after`: after a treatment."""

    key: str
    sign: str
    title: str
    detail: str
    note: str
    href: str
    action: str
    is_due: bool
    is_after: bool
    done: str  # what is said in place of a button that urges: "Completed", "Read"


@dataclass
class DocumentView:
    """A completed document. `kind` gives its pill the colour: past (it holds), upcoming (something is open), ended."""

    key: str
    title: str
    detail: str
    state: str
    kind: str
    href: str
    pdf: str


def paper(read: Reading, one: Paper, language: str, *, names_visit: bool = True) -> PaperView:
    """A form or instructions in a list. `names_visit`: say which visit it is for."""
    sign, kind = KINDS[one.request.kind]
    is_due = one.standing.state in ("to_do", "begun")
    is_form = one.is_form
    parts = [kind] if is_form or not names_visit else []
    if is_form and is_due:
        parts.append(_effort(read, one))
    if names_visit:
        parts.append(_for_which(read, one, language))
    if is_form:
        href = f"/portal/form?id={one.request.id}" if is_due else f"/portal/document?id={one.standing.document_id}"
    else:
        href = f"/portal/instructions?id={one.request.id}"
    told = " · ".join(part for part in parts if part)
    return PaperView(
        key=f"paper-{one.request.id}",
        sign=sign,
        title=one.request.title,
        detail=told[:1].upper() + told[1:],
        note=_note(read, one, language) if is_due else "",
        href=href,
        action=_action(one),
        is_due=is_due and one.request.kind is not Kind.AFTER,
        is_after=one.request.kind is Kind.AFTER,
        done={"done": "Completed", "read": "Read"}.get(one.standing.state, ""),
    )


def of_visit(read: Reading, visit: Visit, language: str) -> list[PaperView]:
    """The papers of a visit on its own page; of one that is off or over, only what was completed or is to be read."""
    is_to_come = visit.status in STANDING and visit.end_at > read.now
    listed = [
        one
        for one in paperwork.of_visit(read, visit)
        if is_to_come or one.standing.state == "done" or (not one.is_form and visit.status != "cancelled")
    ]
    return [paper(read, one, language, names_visit=False) for one in listed if one.standing.state != "unpublished"]


def after(read: Reading, listed: Sequence[Paper], language: str) -> tuple[list[PaperView], list[PaperView]]:
    """Post-treatment instructions: the recent ones, and those of longer ago."""
    since = read.now - RECENT
    recent = [one for one in listed if (one.visit.start_at if one.visit else one.request.asked_at) >= since]
    older = [one for one in listed if one not in recent]
    return [paper(read, one, language) for one in recent], [paper(read, one, language) for one in older]


def seconds_to_next(read: Reading, patient_id: int) -> int:
    """Until the next visit that brings instructions begins; 0 where there is none. A page that is open looks again."""
    starts = [
        one.visit.start_at
        for one in paperwork.papers_of_patient(read, patient_id)
        if one.request.kind is Kind.AFTER and one.visit and one.visit.status in STANDING
    ]
    coming = [at for at in starts if at > read.now]
    return math.ceil((min(coming) - read.now).total_seconds()) if coming else 0


def document(read: Reading, line: DocumentLine, language: str) -> DocumentView:
    """A completed document in a list."""
    zone = zone_of(read)
    on = wording.day(line.completed_at, zone, language, length="medium")
    state, kind = state_of(read, line, language)
    return DocumentView(
        key=f"document-{line.id}",
        title=line.title,
        detail=f"{KINDS[line.kind][1]}, version {line.version} · {on} · {by_whom(line.completed_by)}",
        state=state,
        kind=kind,
        href=f"/portal/document?id={line.id}",
        pdf=f"/portal/document.pdf?id={line.id}",
    )


@dataclass(frozen=True, slots=True)
class Told:
    """How a document's state is said to somebody: that a newer version asks anew, and who has yet to sign."""

    newer: str
    awaiting: Callable[[Sequence[str]], str]


TO_PATIENTS = Told("There is a newer version", lambda roles: f"Awaiting the {roles[0]}’s signature")
TO_STAFF = Told("A newer version asks anew", lambda roles: f"Awaiting the {' and the '.join(roles)}")


def state_of(read: Reading, line: DocumentLine, language: str, told: Told = TO_PATIENTS) -> tuple[str, str]:
    """How a document stands, in words, and the colour of that."""
    if line.state == "void":
        return "Void", "ended"
    until = line.valid_until_at
    on = wording.day(until, zone_of(read), language, length="medium") if until else ""
    if until is not None and until <= read.now:
        return f"Expired on {on}", "ended"
    if line.is_expired:
        return told.newer, "ended"
    if line.missing:
        return told.awaiting(line.missing), "upcoming"
    return f"Valid until {on}" if on else "Complete", "past"


def by_whom(tag: str) -> str:
    """Who filled a document in, as its patient would say it."""
    return "by the clinic with you" if tag.startswith("staff:") else "by you"


def visit_line(visit: VisitBrief, read: Reading, language: str) -> str:
    """A visit as a heading over its papers: `Fri, Nov 27, 2026 · Botox — forehead`."""
    on = wording.day(visit.start_at, zone_of(read, visit), language, length="medium")
    return f"{on} · {named(tuple(visit.services.values()))}"


def zone_of(read: Reading, visit: VisitBrief | None = None) -> str:
    """The zone in which a visit, or what is for none, is told."""
    known = catalogue(read).locations
    found = known.get(visit.location_id) if visit else None
    return (found or next(iter(known.values()))).time_zone


def counted(number: int) -> str:
    """`Two things`, `12 things`."""
    return _COUNTED[number] if number < len(_COUNTED) else f"{number} things"


def named(services: Sequence[str]) -> str:
    """`Botox and Hydrating facial`."""
    return " and ".join(services)


def on_day(at: datetime, zone: str, language: str) -> str:
    """`Fri, Nov 27`."""
    return wording.day(at, zone, language, length="short")


def _effort(read: Reading, one: Paper) -> str:
    """How much there is to do: how far it is, or about how long it takes."""
    reached = paperwork.progress(read, one)
    if reached is not None and reached.done:
        return f"{reached.done} of {reached.total} answered"
    form = queries.form(read, one.request.template_id)
    if form.version_id is None:
        return ""
    minutes = rules.minutes(queries.version(read, form.version_id).content)
    return f"about {minutes} minute{'' if minutes == 1 else 's'}"


def _for_which(read: Reading, one: Paper, language: str) -> str:
    if one.visit is None:
        return "your answers have changed" if one.request.asked_by == BY_PATIENT else "asked for by the clinic"
    on = on_day(one.visit.start_at, zone_of(read, one.visit), language)
    return f"{'after' if one.request.kind is Kind.AFTER else 'for'} {named(one.about)} on {on}"


def _note(read: Reading, one: Paper, language: str) -> str:
    if one.standing.is_outdated:
        did = "signed" if one.request.kind is Kind.CONSENT else "filled it in"
        return f"It has changed since you {did}: please look through it again."
    until = one.standing.expired_at
    if until is None or one.request.asked_by == BY_PATIENT:
        return ""
    on = wording.day(until, zone_of(read, one.visit), language, length="medium")
    if until > read.now:
        return f"Your last one holds until {on}, and this visit is later: please look through it again."
    return f"Expired on {on}: please look through it again."


def _action(one: Paper) -> str:
    if one.request.kind in (Kind.BEFORE, Kind.AFTER) or one.standing.state not in ("to_do", "begun"):
        return "Read"
    if one.standing.state == "begun":
        return "Continue"
    return "Sign" if one.request.kind is Kind.CONSENT else "Fill in"
