"""A completed document on paper: what was told and signed, and a page of evidence (B5). Values in, a `Sheet` out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from clinic_portal.core import wording
from clinic_portal.forms import rules, telling
from clinic_portal.forms.definition import Consent
from clinic_portal.forms.ports import Answer, Block, Fact, Heading, Initials, Ink, Paragraph, Proof, Rich, Sheet
from clinic_portal.forms.rules import GUARDIAN, PATIENT
from clinic_portal.forms.types import Document, SealInfo

ROLES = {PATIENT: "patient", GUARDIAN: "guardian", "witness": "witness", "provider": "provider"}
DEEDS = {"completed": "Completed and signed", "countersigned": "Countersigned", "voided": "Declared void"}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a document does not hold itself and its sheet needs."""

    patient_name: str
    clinic_name: str
    language: str
    time_zone: str


def sheet(found: Document, about: Circumstances) -> Sheet:
    """A document as it is printed."""
    completed = _evidence(found, "completed")
    born = completed.get("born_on", "")
    facts = [Fact("Patient", str(completed.get("patient") or about.patient_name))]
    if about.patient_name != facts[0].told:
        facts.append(Fact("Named today", about.patient_name))
    if born:
        facts.append(Fact("Date of birth", telling.day(date.fromisoformat(born), about.language)))
    facts.append(Fact("Completed", _at(found.line.completed_at, about)))
    if found.line.valid_until_at is not None:
        facts.append(Fact("Valid until", wording.day(found.line.valid_until_at, about.time_zone, about.language)))
    return Sheet(
        language=about.language,
        clinic_name=about.clinic_name,
        title=found.line.title,
        number=found.line.id,
        facts=tuple(facts),
        blocks=tuple(_blocks(found, about)),
        proofs=(_what(found, completed), *(_proof(one, about) for one in found.seals)),
        void=_void(found, about),
        paper="letter" if about.language in ("en", "en-US", "es-US") else "A4",
    )


def _blocks(found: Document, about: Circumstances) -> Iterator[Block]:
    content = found.version.content
    if not isinstance(content, Consent):
        for line in telling.lines(rules.asked(content, is_minor=False), found.answers, about.language):
            if line.kind == "heading":
                yield Heading(line.text)
            elif line.kind == "paragraph":
                yield Paragraph(line.text)
            else:
                yield Answer(line.text, line.told)
        return
    for section in content.sections:
        if section.title:
            yield Heading(section.title)
        yield Rich(section.html)
        if section.asks_initials:
            yield Initials(str(found.answers.get(section.link_id, "")))
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


def _ink(role: str, signed: Mapping[str, Any], at: datetime, about: Circumstances) -> Ink:
    path = telling.drawn(signed.get("strokes") or ()) if signed["method"] == "drawn" else ""
    return Ink(signed["name"], signed.get("relation") or ROLES[role], _at(at, about), path)


def _what(found: Document, completed: Mapping[str, Any]) -> Proof:
    facts = (
        Fact("Document", str(found.line.id)),
        Fact("Form", str(completed.get("form", ""))),
        Fact("Version", str(found.line.version)),
        Fact("SHA-256 of the text", found.version.digest, is_exact=True),
        Fact("SHA-256 of the answers", str(completed.get("answers", "")), is_exact=True),
    )
    return Proof("This document", facts)


def _proof(seal: SealInfo, about: Circumstances) -> Proof:
    told = seal.evidence
    facts = [
        Fact("At", f"{_at(seal.at, about)} ({wording.zone_name(seal.at, about.time_zone, about.language)})"),
        Fact("In UTC", seal.at.astimezone(UTC).isoformat(timespec="seconds"), is_exact=True),
        Fact("By", " · ".join(one for one in (told.get("name", ""), seal.by) if one)),
    ]
    if "role" in told:
        facts.append(Fact("As", ROLES[told["role"]]))
    if "at_the_desk" in told:
        facts.append(
            Fact("Where", "at the clinic, with its staff" if told["at_the_desk"] else "in the patient’s portal")
        )
    facts += [
        Fact(name, str(told[key]))
        for name, key in (("Address", "address"), ("Device", "device"), ("Reason", "reason"))
        if told.get(key)
    ]
    facts.append(Fact("Link in the chain", str(seal.sequence)))
    facts.append(Fact("SHA-256 of this evidence", seal.evidence_digest, is_exact=True))
    facts.append(Fact("Mark of the link", seal.mark, is_exact=True))
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
