"""What a page shows of a completed document, as words. Values in, view values out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.forms import files, rules, telling
from clinic_portal.forms.definition import WITH_FILES, Consent, Type
from clinic_portal.forms.printing import ROLES
from clinic_portal.forms.rules import GUARDIAN, PATIENT
from clinic_portal.forms.strokes import path_of
from clinic_portal.forms.types import Document
from clinic_portal.web.portal import paper_views


@dataclass
class SectionView:
    """A part of a consent's text, and the initials under it."""

    title: str
    html: str
    initials: str


@dataclass
class FileView:
    """A photo or file of an answer: where it is shown, and small where it is a picture."""

    name: str
    href: str
    small: str


@dataclass
class AnswerView:
    """A heading, a paragraph, or a question and what was answered."""

    kind: str
    text: str
    told: list[str]
    files: list[FileView] = field(default_factory=list)
    path: str = ""  # of a signature that was drawn


@dataclass
class SignatureView:
    """A signature: drawn, as a path; typed, as its name."""

    statement: str
    name: str
    who: str
    when: str
    path: str


@dataclass
class FactView:
    """One thing that proves it."""

    name: str
    told: str


@dataclass
class Shown:
    """A document in words."""

    title: str
    state: str
    kind: str
    completed: str
    sections: list[SectionView]
    answers: list[AnswerView]
    signatures: list[SignatureView]
    proof: list[FactView]


def document(read: Reading, found: Document, language: str) -> Shown:
    """A document as it was signed, and how it stands."""
    line, zone = found.line, paper_views.zone_of(read)
    state, kind = paper_views.state_of(read, line, language)
    sections, answers, signatures = contents(read, found, zone, language)
    on = f"{wording.moment(line.completed_at, zone, language)} {paper_views.by_whom(line.completed_by)}"
    completed = next((one for one in found.seals if one.deed == "completed"), None)
    evidence = completed.evidence if completed else {}
    proof = [
        FactView("Completed", on),
        FactView("Version", str(line.version)),
        FactView("Document number", str(line.id)),
        FactView("Fingerprint of the text", _short(found.version.digest)),
        FactView("Fingerprint of the answers", _short(str(evidence.get("answers", "")))),
    ]
    return Shown(line.title, state, kind, f"Completed {on}", sections, answers, signatures, proof)


def contents(
    read: Reading, found: Document, zone: str, language: str, *, files_at: str = "/portal/file"
) -> tuple[list[SectionView], list[AnswerView], list[SignatureView]]:
    """What a document holds: the text and signatures of a consent, or questions with their answers.

    `files_at` is the address that shows a file to whoever looks.
    """
    content = found.version.content
    if isinstance(content, Consent):
        sections = [
            SectionView(one.title, one.html, str(found.answers.get(one.link_id, "")) if one.asks_initials else "")
            for one in content.sections
        ]
        return sections, [], _signatures(found, content, zone, language)
    told = telling.lines(rules.asked(content, is_minor=False), found.answers, language)
    kinds = {one.link_id: one.type for one in rules.asked(content, is_minor=False).items}
    return [], [_answer(read, found, one, kinds[one.link_id], files_at) for one in told], []


def _answer(read: Reading, found: Document, one: telling.Line, kind: Type, files_at: str) -> AnswerView:
    """A line of a questionnaire; its photos are shown, and a signature as it was drawn."""
    answer = found.answers.get(one.link_id)
    if kind in WITH_FILES and answer:
        return AnswerView(one.kind, one.text, [], _files(read, found.line.patient_id, answer, files_at))
    path = path_of(answer["strokes"]) if kind is Type.SIGNATURE and answer else ""
    return AnswerView(one.kind, one.text, list(one.told), path=path)


def _files(read: Reading, patient_id: int, ids: list[str], at: str) -> list[FileView]:
    return [
        FileView(
            f"{'Photo' if one.is_image else 'File'} {number}",
            f"{at}?id={one.id}",
            f"{at}?id={one.id}&small" if one.is_image else "",
        )
        for number, one in enumerate(files.listed(read, patient_id, ids), start=1)
    ]


def _signatures(found: Document, content: Consent, zone: str, language: str) -> list[SignatureView]:
    told = []
    for link in (PATIENT, GUARDIAN):
        if link in found.answers:
            at = found.answered_at.get(link, found.line.completed_at)
            told.append(_signature(link, content.statement, found.answers[link], at, zone, language))
    for seal in found.seals:
        if seal.deed == "countersigned":
            signed = seal.evidence["signature"]
            told.append(_signature(seal.evidence["role"], "", signed, seal.at, zone, language))
    return told


def _signature(
    role: str, statement: str, signed: dict[str, Any], at: datetime, zone: str, language: str
) -> SignatureView:
    name, relation = str(signed["name"]), str(signed.get("relation") or "")
    strokes = signed.get("strokes") if signed["method"] == "drawn" else ()
    return SignatureView(
        statement=statement,
        name=name,
        who=f"{name} · {relation or ROLES[role]}",
        when=wording.moment(at, zone, language),
        path=path_of(strokes or ()),
    )


def _short(digest: str) -> str:
    return " ".join(digest[n : n + 4] for n in (0, 4, 8, 12)) if digest else "–"
