"""Proves that no document was altered, added, removed or reordered since it was completed (B5)."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Row, and_, or_, select

from clinic_portal.core import audit
from clinic_portal.core.db import table
from clinic_portal.core.sealing import Unreadable
from clinic_portal.core.work import Reading
from clinic_portal.forms import attached, bodies, chain, definition, models, pictured

_DOCUMENT = table(models.FormDocument)
_VERSION = table(models.FormVersion)
_TEMPLATE = table(models.FormTemplate)
_SEAL = table(models.DocumentSeal)
SEALED = ("document.completed", "document.countersigned", "document.voided")


def findings(read: Reading) -> Iterator[str]:
    """A sentence for everything that does not verify; none when all is as it was signed."""
    yield from _versions(read)
    previous, expected = chain.FIRST, 1
    deeds: dict[int, list[str]] = {}
    marks: dict[int, str] = {}
    for row in read.execute(select(_SEAL).order_by(_SEAL.c.sequence)).all():
        if row.sequence != expected:
            yield f"Link {expected} of the documents' chain is missing."
        told = (row.sequence, row.document_id, row.deed, row.at, row.by, row.evidence)
        if chain.mark_of(read, previous, *told) != row.mark:
            yield f"Link {row.sequence} of the documents' chain (document {row.document_id}) was altered."
        deeds.setdefault(row.document_id, []).append(row.deed)
        marks[row.sequence] = row.mark
        yield from _evidence(read, row)
        previous, expected = row.mark, row.sequence + 1
    yield from _states(read, deeds)
    yield from _ends(read, marks)


def counted(read: Reading) -> int:
    """How many links there are to verify."""
    return len(read.execute(select(_SEAL.c.sequence)).all())


def _versions(read: Reading) -> Iterator[str]:
    """Every published version is what was published, and every one that was is there."""
    published = select(audit.ENTRY.c.subject, audit.ENTRY.c.detail).where(audit.ENTRY.c.action == "form.published")
    marks = {(one.subject, one.detail["after"]["version"]): one.detail.get("mark") for one in read.execute(published)}
    for row in read.execute(select(_VERSION).where(_VERSION.c.version > 0)):
        is_same = definition.digest(row.content) == row.digest
        if not is_same or marks.pop((f"form:{row.template_id}", row.version), "") != chain.mark_of_version(read, row):
            yield f"Version {row.version} of form {row.template_id} was altered after it was published."
    for subject, version in marks:
        yield f"Version {version} of {subject.replace(':', ' ')} was published, and is not there as it was."


def _evidence(read: Reading, row: Row[Any]) -> Iterator[str]:
    try:
        evidence = chain.opened(read, row).evidence
    except (Unreadable, ValueError, TypeError):
        yield f"The evidence of link {row.sequence} (document {row.document_id}) cannot be opened: it was altered."
        return
    if definition.digest(evidence) != row.evidence:
        yield f"The evidence of link {row.sequence} (document {row.document_id}) was altered."
    if row.deed == "completed":
        yield from _document(read, row, evidence)
        yield from attached.findings(read, row.document_id, evidence.get("files", {}))
        yield from pictured.findings(read, row.document_id, evidence.get("pictures", {}))


def _document(read: Reading, link: Row[Any], evidence: Mapping[str, Any]) -> Iterator[str]:
    """The document itself against what was proved when it was completed."""
    joined = (
        select(
            _DOCUMENT,
            _VERSION.c.version,
            _VERSION.c.digest,
            _TEMPLATE.c.id.label("form_id"),
            _TEMPLATE.c.slug,
            _TEMPLATE.c.kind,
        )
        .join(_VERSION, _VERSION.c.id == _DOCUMENT.c.version_id)
        .join(_TEMPLATE, _TEMPLATE.c.id == _VERSION.c.template_id)
    )
    row = read.execute(joined.where(_DOCUMENT.c.id == link.document_id)).first()
    if row is None:
        yield f"Document {link.document_id} is gone."
        return
    stands = {
        "form": row.slug,
        "kind": row.kind,
        "version": row.version,
        "text": row.digest,
        "appointment_id": row.appointment_id,
        "request_id": row.request_id,
        "valid_until": row.valid_until_at.isoformat() if row.valid_until_at else "",
        "by": row.completed_by,
        "began_at": row.began_at.isoformat(),
        "began_by": row.began_by,
        "revision": row.revision,
    }
    if not row.completed_at == row.changed_at == link.at:
        yield f"The time at which document {row.id} was completed was altered."
    if row.template_id != row.form_id:
        yield f"Document {row.id} was altered: form."
    for name, value in stands.items():
        if evidence.get(name) != value:
            yield f"Document {row.id} was altered: {name.replace('_', ' ')}."
    if row.patient_id not in _owners(read, evidence.get("patient_id")):
        yield f"Document {row.id} was moved to another patient."
    try:
        told = bodies.opened(read, row).told
    except (Unreadable, ValueError, TypeError):
        yield f"What document {row.id} holds cannot be opened: it was altered."
        return
    if definition.digest(told) != evidence.get("answers"):
        yield f"What document {row.id} holds was altered."


def _owners(read: Reading, patient_id: Any) -> set[int]:
    """Whose a document may be by now: its patient's, and theirs who said that this profile is their own (P16)."""
    found: set[int] = set()
    waiting = {patient_id}
    while waiting:
        one = waiting.pop()
        found.add(one)
        claimed = and_(audit.ENTRY.c.subject == f"patient:{one}", audit.ENTRY.c.action == "profile_claim.answered")
        for entry in read.execute(select(audit.ENTRY.c.actor, audit.ENTRY.c.detail).where(claimed)):
            kind, _, known = entry.actor.partition(":")
            if entry.detail.get("mine") and kind == "patient" and int(known) not in found:
                waiting.add(int(known))
    return found


def _states(read: Reading, deeds: Mapping[int, list[str]]) -> Iterator[str]:
    for row in read.execute(select(_DOCUMENT.c.id, _DOCUMENT.c.state).where(_DOCUMENT.c.state != "draft")):
        counted = Counter(deeds.get(row.id, ()))
        if counted["completed"] != 1:
            yield f"Document {row.id} counts as completed, and nothing proves it."
        if row.state != ("void" if counted["voided"] else "completed"):
            yield f"Document {row.id} is {row.state}, and the chain says otherwise."
    drafts = select(_DOCUMENT.c.id).where(_DOCUMENT.c.state == "draft", _DOCUMENT.c.id.in_(deeds))
    for document_id in read.execute(drafts).scalars() if deeds else ():
        yield f"Document {document_id} was completed and counts as a draft."


def _ends(read: Reading, marks: Mapping[int, str]) -> Iterator[str]:
    """Every link the activity log tells of is there: one taken off the chain's end leaves no gap in it."""
    named = or_(*(audit.ENTRY.c.action == one for one in SEALED))
    for entry in read.execute(select(audit.ENTRY.c.detail).where(named)):
        sequence = entry.detail.get("seal")
        if marks.get(sequence) != entry.detail.get("mark"):
            yield f"The activity log tells of link {sequence} of the documents' chain, which is not there."
