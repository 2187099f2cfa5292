"""A completed document on paper: what was told and signed, and a page of evidence (B5). Values in, a `Sheet` out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from clinic_portal.core import wording
from clinic_portal.forms import rules, telling
from clinic_portal.forms.definition import WITH_FILES, Consent, Questionnaire, Type
from clinic_portal.forms.ports import (
    Answer,
    Block,
    Heading,
    Initials,
    Paragraph,
    Picture,
    Proof,
    RichText,
    Sheet,
    SignatureBlock,
)
from clinic_portal.forms.rules import GUARDIAN, PATIENT
from clinic_portal.forms.types import Document, SealInfo

ROLES = {PATIENT: "patient", GUARDIAN: "guardian", "witness": "witness", "provider": "provider"}
DEEDS = {"completed": "Completed and signed", "countersigned": "Countersigned", "voided": "Declared void"}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a document does not hold itself and its sheet needs: `pictures` of its text by their address, `photos` of
    its answers by the file's id."""

    patient_name: str
    clinic_name: str
    language: str
    time_zone: str
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    photos: Mapping[str, Picture] = field(default_factory=dict)


def sheet(found: Document, about: Circumstances) -> Sheet:
    """A document as it is printed."""
    completed = _evidence(found, "completed")
    born = completed.get("born_on", "")
    signed_as = str(completed.get("patient") or about.patient_name)
    lines = [("Completed", _at(found.line.completed_at, about)), ("Version", str(found.line.version))]
    if about.patient_name != signed_as:
        lines.insert(0, ("Named today", about.patient_name))
    if found.line.valid_until_at is not None:
        lines.append(("Valid until", wording.day(found.line.valid_until_at, about.time_zone, about.language)))
    return Sheet(
        language=about.language,
        clinic=about.clinic_name,
        title=found.line.title,
        number=str(found.line.id),
        patient_name=signed_as,
        patient_born=telling.day(date.fromisoformat(born), about.language) if born else "",
        lines=tuple(lines),
        body=tuple(_blocks(found, about)),
        evidence=(_what(found, completed), *(_proof(one, about) for one in found.seals)),
        void=_void(found, about),
        paper="us-letter" if about.language in ("en", "en-US", "es-US") else "a4",
    )


def _blocks(found: Document, about: Circumstances) -> Iterator[Block]:
    content = found.version.content
    if not isinstance(content, Consent):
        yield from _answers(found, rules.asked(content, is_minor=False), about)
        return
    for section in content.sections:
        if section.title:
            yield Heading(section.title)
        yield RichText(section.html, about.pictures)
        if section.asks_initials:
            yield Initials(section.title or found.line.title, str(found.answers.get(section.link_id, "")))
    yield Heading("Signatures")
    yield Paragraph(content.statement)
    for link in (PATIENT, GUARDIAN):
        if link in found.answers:
            at = found.answered_at.get(link, found.line.completed_at)
            yield _ink(link, found.answers[link], at, about)
    for seal in found.seals:
        if seal.deed == "countersigned":
            yield _ink(seal.evidence["role"], seal.evidence["signature"], seal.at, about)
    for role in found.line.missing:
        yield Paragraph(f"Not signed yet: {ROLES[role]}.")


def _answers(found: Document, form: Questionnaire, about: Circumstances) -> Iterator[Block]:
    signed = {one.link_id for one in form.items if one.type is Type.SIGNATURE}
    with_files = {one.link_id for one in form.items if one.type in WITH_FILES}
    for line in telling.lines(form, found.answers, about.language):
        if line.kind == "heading":
            yield Heading(line.text)
        elif line.kind == "paragraph":
            yield Paragraph(line.text)
        elif line.link_id in signed and line.link_id in found.answers:
            yield Paragraph(line.text)
            at = found.answered_at.get(line.link_id, found.line.completed_at)
            yield _ink(PATIENT, found.answers[line.link_id], at, about)
        else:
            yield Answer(line.text, line.told)
            if line.link_id in with_files:
                named = found.answers.get(line.link_id, ())
                yield from (about.photos[one] for one in named if one in about.photos)


def _ink(role: str, signed: Mapping[str, Any], at: datetime, about: Circumstances) -> SignatureBlock:
    return SignatureBlock(
        role=ROLES[role].capitalize(),
        name=signed["name"],
        method=signed["method"],
        signed_at=_at(at, about),
        relation=signed.get("relation", ""),
        strokes=tuple(tuple((x, y) for x, y in stroke) for stroke in signed.get("strokes") or ()),
    )


def _what(found: Document, completed: Mapping[str, Any]) -> Proof:
    facts = (
        ("Document", str(found.line.id)),
        ("Form", str(completed.get("form", ""))),
        ("Version", str(found.line.version)),
        ("SHA-256 of the text", found.version.digest),
        ("SHA-256 of the answers", str(completed.get("answers", ""))),
    )
    return Proof("This document", facts)


def _proof(seal: SealInfo, about: Circumstances) -> Proof:
    told = seal.evidence
    facts = [
        ("At", f"{_at(seal.at, about)} ({wording.zone_name(seal.at, about.time_zone, about.language)})"),
        ("In UTC", seal.at.astimezone(UTC).isoformat(timespec="seconds")),
        ("By", " · ".join(one for one in (told.get("name", ""), seal.by) if one)),
    ]
    if "role" in told:
        facts.append(("As", ROLES[told["role"]]))
    if "at_the_desk" in told:
        facts.append(("Where", "at the clinic, with its staff" if told["at_the_desk"] else "in the patient’s portal"))
    facts += [
        (name, str(told[key]))
        for name, key in (("Address", "address"), ("Device", "device"), ("Reason", "reason"))
        if told.get(key)
    ]
    facts += [
        ("Link in the chain", str(seal.sequence)),
        ("SHA-256 of this evidence", seal.evidence_digest),
        ("Mark of the link", seal.mark),
    ]
    return Proof(DEEDS[seal.deed], tuple(facts))


def _void(found: Document, about: Circumstances) -> str:
    if found.line.state != "void":
        return ""
    seal = next((one for one in found.seals if one.deed == "voided"), None)
    if seal is None:
        return "Declared void."
    return f"Declared void on {_at(seal.at, about)}: {seal.evidence['reason']}"


def _evidence(found: Document, deed: str) -> Mapping[str, Any]:
    return next((one.evidence for one in found.seals if one.deed == deed), {})


def _at(at: datetime, about: Circumstances) -> str:
    on = wording.day(at, about.time_zone, about.language)
    return f"{on}, {wording.time(at, about.time_zone, about.language)}"
