"""What the staff's pages show of a patient's forms, as words. Values in, view values out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clinic_portal.booking.folder import Folder
from clinic_portal.booking.paperwork import Paper
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.forms.requests import BY_BOOKING, BY_PATIENT
from clinic_portal.forms.types import DocumentLine
from clinic_portal.web.portal.paper_views import KINDS, TO_STAFF, named, on_day, state_of, zone_of


@dataclass
class MissingView:
    """A form that is missing. `request_id` names what is asked."""

    key: str
    request_id: int
    title: str
    detail: str
    since: str
    note: str
    is_begun: bool
    fill: str


@dataclass
class HeldView:
    """A document. `kind` gives its pill the colour: past (it holds), upcoming (something is open), ended."""

    key: str
    title: str
    detail: str
    state: str
    kind: str
    reason: str
    href: str


@dataclass
class ChoiceView:
    """Something to choose: its value, and how it is called."""

    value: str
    label: str


@dataclass
class FolderView:
    """All of a patient's documents."""

    missing: list[MissingView]
    held: list[HeldView]
    expired: list[HeldView]
    void: list[HeldView]
    forms: list[ChoiceView]
    visits: list[ChoiceView]


def folder(read: Reading, found: Folder, names: Mapping[str, str], language: str) -> FolderView:
    """A patient's folder. `names`: the staff's, by how the log names them."""
    lines = [(one, _held(read, one, found.reasons.get(one.id, ""), names, language)) for one in found.documents]
    return FolderView(
        missing=[_missing(read, one, names, language) for one in found.missing],
        held=[view for one, view in lines if one.state != "void" and not one.is_expired],
        expired=[view for one, view in lines if one.state != "void" and one.is_expired],
        void=[view for one, view in lines if one.state == "void"],
        forms=[ChoiceView(str(one.id), one.name) for one in found.can_ask],
        visits=[
            ChoiceView(one.reference, f"{on_day(one.start_at, one.time_zone, language)} · {named(one.service_names)}")
            for one in found.coming
        ],
    )


def by_whom(tag: str, names: Mapping[str, str]) -> str:
    """Who filled a document in, as staff would say it."""
    if tag.startswith("staff:"):
        return f"at the desk, with {names.get(tag, 'the clinic')}"
    return "by the patient"


def _missing(read: Reading, one: Paper, names: Mapping[str, str], language: str) -> MissingView:
    asked, zone = one.request, zone_of(read, one.visit)
    parts = [KINDS[asked.kind][1]]
    if one.visit is not None:
        parts.append(f"for {named(one.about)} on {on_day(one.visit.start_at, zone, language)}")
    else:
        parts.append("for no visit")
    on = on_day(asked.asked_at, zone, language)
    since = f"Asked for on {on}"
    if asked.asked_by == BY_BOOKING:
        since = f"Asked for with the booking, on {on}"
    elif asked.asked_by == BY_PATIENT:
        since = f"The patient said on {on} that their answers have changed"
    elif asked.asked_by in names:
        since = f"{since} by {names[asked.asked_by]}"
    return MissingView(
        key=f"missing-{asked.id}",
        request_id=asked.id,
        title=asked.title,
        detail=" · ".join(parts),
        since=since,
        note=_why(read, one, language),
        is_begun=one.standing.state == "begun",
        fill=f"/admin/form?patient={asked.patient_id}&id={asked.id}",
    )


def _why(read: Reading, one: Paper, language: str) -> str:
    """Why an earlier one does not do."""
    if one.standing.is_outdated:
        return "The one there is was of an earlier version."
    until = one.standing.expired_at
    if until is None or one.request.asked_by != BY_BOOKING:
        return ""
    on = wording.day(until, zone_of(read, one.visit), language, length="medium")
    return (
        f"The last one expired on {on}." if until <= read.now else f"The last one holds until {on}, before the visit."
    )


def _held(read: Reading, line: DocumentLine, reason: str, names: Mapping[str, str], language: str) -> HeldView:
    on = wording.day(line.completed_at, zone_of(read), language, length="medium")
    state, kind = state_of(read, line, language, TO_STAFF)
    return HeldView(
        key=f"document-{line.id}",
        title=line.title,
        detail=f"{KINDS[line.kind][1]}, version {line.version} · {on} · {by_whom(line.completed_by, names)}",
        state=state,
        kind=kind,
        reason=reason,
        href=f"/admin/document?id={line.id}",
    )
