"""What a document holds, sealed: the answers, when each was given, and while it is a draft what was seen when."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, update

from clinic_portal.core import resealing, sealing
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import definition, models

_DOCUMENT = table(models.FormDocument)


@dataclass
class Body:
    """Answers by link id; `at` the instants they were given (ISO 8601), `seen` the revisions, `carried` those taken
    over from the document `source` and not touched since. `has_changes`: the patient says that something of those has
    changed. `is_own`: the patient gave answers by their own hand, which are not for everybody at the desk."""

    answers: dict[str, Any] = field(default_factory=dict)
    at: dict[str, str] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    carried: list[str] = field(default_factory=list)
    source: int | None = None
    is_confirmed: bool = True
    has_changes: bool = False
    is_own: bool = False

    @property
    def told(self) -> dict[str, Any]:
        """What stays of it once it is completed, and what its proof covers."""
        return {"answers": self.answers, "at": {link: self.at[link] for link in self.answers if link in self.at}}


def place(document_id: int) -> str:
    """Where a document's body is sealed for."""
    return f"form_document:body:{document_id}"


def opened(read: Reading, row: Row[Any]) -> Body:
    """The body of a document. Raises sealing.Unreadable where it was altered."""
    return Body(**json.loads(sealing.open_sealed(read.settings, place(row.id), row.body)))


def sealed(read: Reading, document_id: int, body: Body, *, is_draft: bool = True) -> str:
    """A body as the database keeps it."""
    told = asdict(body) if is_draft else body.told
    return sealing.seal(read.settings, place(document_id), definition.canonical(told))


def create(work: UnitOfWork, body: Body, **columns: Any) -> int:
    """Begin a document; its id, which its body is sealed for."""
    made = insert(_DOCUMENT).returning(_DOCUMENT.c.id)
    values = {"state": "draft", "revision": 0, "body": "", "began_at": work.now, "changed_at": work.now, **columns}
    document_id = int(work.execute(made, values).scalar_one())
    kept = sealed(work, document_id, body)
    work.execute(update(_DOCUMENT).where(_DOCUMENT.c.id == document_id).values(body=kept))
    return document_id


def given_at(body: Body) -> dict[str, datetime]:
    """When each answer was given."""
    return {link: datetime.fromisoformat(at) for link, at in body.at.items()}


def reseal(work: UnitOfWork, *, after_id: int, limit: int = 200) -> tuple[int, int]:
    """Seal a portion anew under the present key; (how many, the last id looked at; 0 at the end)."""
    return resealing.portion(work, _DOCUMENT, _DOCUMENT.c.id, lambda row: place(row.id), after=after_id, limit=limit)
