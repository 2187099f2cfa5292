"""Which files an answer names: only those that are there and the patient's own count, and what is signed names them."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import and_, select

from clinic_portal.core.db import table
from clinic_portal.core.sealing import Unreadable
from clinic_portal.core.settings import Settings
from clinic_portal.core.vault import Room
from clinic_portal.core.work import Reading
from clinic_portal.forms import file_models
from clinic_portal.forms.definition import WITH_FILES, Questionnaire

_FILE = table(file_models.FormFile)


def room(settings: Settings) -> Room:
    """Where patients' files lie."""
    return Room(settings, "files")


def there(read: Reading, patient_id: int, asked: Questionnaire, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers without files that are gone or were never the patient's; without an answer that named only such."""
    known = digests(read, patient_id, asked, answers)
    found = dict(answers)
    for link in _links(asked, answers):
        found[link] = [one for one in answers[link] if one in known]
        if not found[link]:
            del found[link]
    return found


def own(read: Reading, patient_id: int, file_ids: list[str]) -> list[str] | None:
    """Those of the ids that are the patient's files; None without any."""
    known = _known(read, patient_id, file_ids)
    return [one for one in file_ids if one in known] or None


def digests(read: Reading, patient_id: int, asked: Questionnaire, answers: Mapping[str, Any]) -> dict[str, str]:
    """The SHA-256 of each file these answers name, by its id: what a signed document proves of them."""
    named = [one for link in _links(asked, answers) for one in answers[link]]
    return _known(read, patient_id, named)


def findings(read: Reading, document_id: int, proved: Mapping[str, str]) -> Iterator[str]:
    """A sentence for every file of a document that is not as it was when the document was completed."""
    for file_id, sha256 in proved.items():
        try:
            is_whole = hashlib.sha256(room(read.settings).get(file_id)).hexdigest() == sha256
        except Unreadable:
            is_whole = False
        if not is_whole:
            yield f"File {file_id} of document {document_id} is missing or was altered."


def _known(read: Reading, patient_id: int, file_ids: list[str]) -> dict[str, str]:
    mine = and_(_FILE.c.patient_id == patient_id, _FILE.c.removed_at.is_(None), _FILE.c.id.in_(file_ids))
    rows = read.execute(select(_FILE.c.id, _FILE.c.sha256).where(mine).order_by(_FILE.c.id)).all() if file_ids else []
    return {row.id: row.sha256 for row in rows}


def _links(asked: Questionnaire, answers: Mapping[str, Any]) -> list[str]:
    return [one.link_id for one in asked.items if one.type in WITH_FILES and answers.get(one.link_id)]
