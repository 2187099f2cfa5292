"""What the staff's page of a document shows, as words. Values in, view values out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.forms import printing, queries
from clinic_portal.forms.definition import Consent, Kind
from clinic_portal.forms.types import Document, DocumentLine
from clinic_portal.web.admin import folder_views
from clinic_portal.web.portal import document_views
from clinic_portal.web.portal.document_views import AnswerView, FactView, SectionView, SignatureView
from clinic_portal.web.portal.paper_views import KINDS, TO_STAFF, state_of, zone_of

SIGNS = {"provider": Permission.SIGN_FORMS, "witness": Permission.HANDLE_FORMS}
"""Who may sign as whom."""
SAYS = {
    "provider": "You sign that you explained the treatment and answered what they asked.",
    "witness": "You sign that you saw the patient sign.",
}


@dataclass
class ProofView:
    """A deed of the document's history and what proves it; `when` sums it up."""

    title: str
    when: str
    facts: list[FactView]


@dataclass
class SignView:
    """A signature that this person may put under it. `link` begins the names of its fields."""

    role: str
    link: str
    says: str
    relation: bool = False


@dataclass
class Outline:
    """That a document is there and how it stands."""

    title: str
    state: str
    kind: str
    facts: list[FactView]
    signs: list[SignView]


@dataclass
class Contents:
    """What it holds, and what proves it; empty for those who may not read it."""

    sections: list[SectionView] = field(default_factory=list)
    answers: list[AnswerView] = field(default_factory=list)
    signatures: list[SignatureView] = field(default_factory=list)
    proofs: list[ProofView] = field(default_factory=list)
    void: str = ""
    newer: list[SectionView] = field(default_factory=list)  # of a consent: the text in force now


def outline(read: Reading, line: DocumentLine, actor: StaffActor, names: Mapping[str, str], language: str) -> Outline:
    """A document as everyone who handles forms may see it."""
    zone = zone_of(read)
    state, kind = state_of(read, line, language, TO_STAFF)
    on = wording.moment(line.completed_at, zone, language)
    facts = [
        FactView("Kind", KINDS[line.kind][1]),
        FactView("Completed", f"{on}, {folder_views.by_whom(line.completed_by, names)}"),
    ]
    if line.valid_until_at is not None:
        facts.append(FactView("Valid until", wording.day(line.valid_until_at, zone, language, length="medium")))
    facts.append(FactView("Version", _version(read, line, language)))
    facts.append(FactView("Document number", str(line.id)))
    signs = [
        SignView(role, f"sign-{role}", SAYS[role])
        for role in line.missing
        if line.state == "completed" and actor.may(SIGNS[role])
    ]
    return Outline(line.title, state, kind, facts, signs)


def contents(
    read: Reading, found: Document, patient: str, clinic_name: str, names: Mapping[str, str], language: str
) -> Contents:
    """A document as those who treat read it, with the same evidence as its PDF."""
    zone = zone_of(read)
    sections, answers, signatures = document_views.contents(read, found, zone, language, files_at="/admin/file")
    sheet = printing.sheet(found, printing.Circumstances(patient, clinic_name, language, zone))
    deeds = [""] + [
        f"{wording.moment(one.at, zone, language)} · {one.evidence.get('name') or names.get(one.by, '')}"
        for one in found.seals
    ]
    proofs = [
        ProofView(one.title, when, [FactView(name, told) for name, told in one.facts])
        for one, when in zip(sheet.evidence, deeds, strict=True)
    ]
    return Contents(sections, answers, signatures, proofs, sheet.void, _newer(read, found))


def _version(read: Reading, line: DocumentLine, language: str) -> str:
    """Its version, and how that stands to the one in force."""
    form = queries.form(read, line.template_id)
    if form.version in (0, line.version) or form.version_id is None:
        return f"{line.version}"
    since = queries.version(read, form.version_id).published_at
    on = f" since {wording.day(since, zone_of(read), language, length='medium')}" if since else ""
    asks = "it asks everyone anew" if line.version < form.counts_from else "what was given before holds still"
    return f"{line.version}; version {form.version} is in force{on}: {asks}"


def _newer(read: Reading, found: Document) -> list[SectionView]:
    form = queries.form(read, found.line.template_id)
    if form.kind is not Kind.CONSENT or form.version_id is None or form.version == found.line.version:
        return []
    content = queries.version(read, form.version_id).content
    assert isinstance(content, Consent)
    return [SectionView(one.title, one.html, "") for one in content.sections]
