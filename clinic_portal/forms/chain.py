"""The chain over all documents: what was completed, countersigned or voided, by whom, when and how (B5).

Each link holds evidence (sealed, since it names people), and a mark that covers the evidence and the link before under
the installation's key: who can write to the database alone cannot make a chain that verifies. The newest marks are in
the activity log as well, so that a link taken off the end is missed.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from clinic_portal.core import crypto, resealing, sealing
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import definition, models
from clinic_portal.forms.types import SealInfo

FIRST = "0" * 64
_SEAL = table(models.DocumentSeal)


def add(work: UnitOfWork, document_id: int, deed: str, by: str, evidence: Mapping[str, Any]) -> tuple[int, str]:
    """Add a link; its number and its mark. Documents are sealed one after the other."""
    work.in_turn("documents' chain")
    last = work.execute(select(_SEAL.c.sequence, _SEAL.c.mark).order_by(_SEAL.c.sequence.desc()).limit(1)).first()
    sequence, previous = (int(last.sequence) + 1, str(last.mark)) if last else (1, FIRST)
    told = definition.canonical(evidence)
    proof = definition.digest(evidence)
    mark = mark_of(work, previous, sequence, document_id, deed, work.now, by, proof)
    work.execute(
        insert(_SEAL),
        {
            "sequence": sequence,
            "document_id": document_id,
            "deed": deed,
            "at": work.now,
            "by": by,
            "body": sealing.seal(work.settings, place(sequence), told),
            "evidence": proof,
            "mark": mark,
        },
    )
    return sequence, mark


def mark_of(
    read: Reading, previous: str, sequence: int, document_id: int, deed: str, at: datetime, by: str, proof: str
) -> str:
    """The mark of a link: HMAC-SHA-256 over the mark before it and all that it says."""
    told = [str(sequence), str(document_id), deed, at.isoformat(), by, proof]
    return crypto.keyed(read.settings.key, "documents' chain", previous, *told)


def mark_of_version(read: Reading, row: Row[Any]) -> str:
    """The mark of a published version, which the activity log keeps: HMAC-SHA-256 over its text and when it counts."""
    told = [row.id, row.template_id, row.version, row.digest, row.counts_from, row.revision, row.changed_by]
    when = [row.changed_at.isoformat(), row.published_at.isoformat() if row.published_at else ""]
    return crypto.keyed(read.settings.key, "published version", *map(str, told), *when)


def of_document(read: Reading, document_id: int) -> tuple[SealInfo, ...]:
    """The links of a document, oldest first."""
    rows = read.execute(select(_SEAL).where(_SEAL.c.document_id == document_id).order_by(_SEAL.c.sequence)).all()
    return tuple(opened(read, row) for row in rows)


def opened(read: Reading, row: Row[Any]) -> SealInfo:
    """A link with its evidence. Raises sealing.Unreadable where it was altered."""
    evidence = json.loads(sealing.open_sealed(read.settings, place(row.sequence), row.body))
    return SealInfo(row.sequence, row.deed, row.at, row.by, evidence, row.evidence, row.mark)


def place(sequence: int) -> str:
    """Where a link's evidence is sealed for."""
    return f"document_seal:body:{sequence}"


def reseal(work: UnitOfWork, *, after_id: int, limit: int = 200) -> tuple[int, int]:
    """Seal a portion anew under the present key; (how many, the last number looked at; 0 at the end)."""
    where = _SEAL.c.sequence
    return resealing.portion(work, _SEAL, where, lambda row: place(row.sequence), after=after_id, limit=limit)
