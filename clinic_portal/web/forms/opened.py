"""A form as it stands, with what its words depend on beside it; read in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clinic_portal.booking import paperwork
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import filling
from clinic_portal.forms.types import Draft, Hand
from clinic_portal.patients.queries import language_of, names


@dataclass(frozen=True, slots=True)
class Around:
    """What the words of a form depend on beside it."""

    patient: str
    region: str
    language: str
    zone: str


Seen = tuple[Draft, Around]


def as_shown(read: Any, verb: Callable[..., Draft], patient_id: int, *args: Any, **kwargs: Any) -> Seen:
    """A form as it stands after a verb, or as a query finds it, with what its words depend on."""
    return verb(read, patient_id, *args, **kwargs), _around(read, patient_id)


def _around(read: Reading, patient_id: int) -> Around:
    clinic = catalogue(read)
    return Around(
        patient=names(read, [patient_id]).get(patient_id, ""),
        region=clinic.clinic.phone_region,
        language=language_of(read, patient_id),
        zone=clinic.time_zone,
    )


def keep_unshown(
    work: UnitOfWork, patient_id: int, request_id: int, link: str, value: Any, seen: int, hand: Hand
) -> None:
    """Keep an answer of a form that is not on the screen any more, unless another device gave another since."""
    draft = paperwork.begin(work, patient_id, request_id, hand)
    try:
        filling.save(work, patient_id, draft.document_id, link, value, seen=seen, hand=hand)
    except (Conflict, NotAllowed):
        return
