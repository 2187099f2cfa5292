"""Forms for tests: a questionnaire, a consent and instructions of the small clinic, and somebody who fills them in."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from clinic_portal.booking import paperwork
from clinic_portal.core.work import Services
from clinic_portal.forms import definition, filling, templates
from clinic_portal.forms.definition import Kind
from clinic_portal.forms.rules import PATIENT, Validity
from clinic_portal.forms.types import Draft, Hand
from tests.factories import SmallClinic

HAND = Hand("patient:1", "Amara Reed", "10.0.0.1", "Firefox on Linux")
STROKES = [[[40, 150], [120, 40], [200, 150]], [[230, 100], [400, 100]]]
SIGNATURE = {"method": "drawn", "name": "Amara Reed", "relation": "", "strokes": STROKES}
TYPED = {"method": "typed", "name": "Amara Reed", "relation": "", "strokes": []}
YEAR = Validity(False, 365)

INTAKE: dict[str, Any] = {
    "title": "About your health",
    "items": [
        {"link_id": "health", "type": "heading", "text": "Your health"},
        {"link_id": "pregnant", "type": "yes_no", "text": "Are you pregnant?", "is_required": True},
        {
            "link_id": "weeks",
            "type": "number",
            "text": "In which week?",
            "unit": "weeks",
            "least": "1",
            "most": "45",
            "is_required": True,
            "shown_when": [{"question": "pregnant", "answer": "yes"}],
        },
        {"link_id": "allergies", "type": "allergies", "text": "Any allergies?", "is_required": True},
        {"link_id": "note", "type": "long_text", "text": "Anything else?"},
    ],
}
CONSENT: dict[str, Any] = {
    "title": "Consent to neurotoxin",
    "sections": [
        {"link_id": "what", "title": "What it is", "html": "<p>A treatment of lines.</p>"},
        {"link_id": "risks", "title": "Risks", "html": "<p>Bruises.</p>", "asks_initials": True},
    ],
    "asks_provider": True,
}
BEFORE: dict[str, Any] = {"title": "Before your visit", "html": "<p>No alcohol the day before.</p>"}
AFTER: dict[str, Any] = {"title": "After your visit", "html": "<p>Stay upright for four hours.</p>"}


def put(
    made: SmallClinic,
    slug: str,
    kind: str,
    content: dict[str, Any],
    services: Collection[str] = ("botox",),
    *,
    validity: Validity = YEAR,
    delay_minutes: int = 0,
    by: str = "staff:1",
) -> str:
    """Publish a form for services of the small clinic; another content becomes the next version."""
    known = Kind(kind)
    return made.services.do(
        templates.put,
        by,
        slug,
        known,
        name=content["title"],
        validity=validity,
        delay_minutes=delay_minutes,
        service_ids=[made[one] for one in services],
        content=definition.read(known, content),
    )


def put_all(made: SmallClinic) -> None:
    """An intake for everything, a consent and instructions for neurotoxin."""
    put(made, "intake", "questionnaire", INTAKE, ("botox", "facial", "peel", "hair"))
    put(made, "toxin-consent", "consent", CONSENT, validity=Validity(True, None))
    put(made, "toxin-before", "before", BEFORE)
    put(made, "toxin-after", "after", AFTER, delay_minutes=120)


def answer(services: Services, patient_id: int, draft: Draft, link_id: str, value: Any, hand: Hand = HAND) -> Draft:
    """One answer, given on a page that shows the draft."""
    seen = draft.seen.get(link_id, 0)
    return services.do(filling.save, patient_id, draft.document_id, link_id, value, seen=seen, hand=hand)


def fill(services: Services, patient_id: int, request_id: int, hand: Hand = HAND, **answers: Any) -> int:
    """Open a form, give answers, complete it; the document's id."""
    draft = services.do(paperwork.begin, patient_id, request_id, hand)
    for link_id, value in answers.items():
        draft = answer(services, patient_id, draft, link_id.replace("_", "-"), value, hand)
    return finish(services, patient_id, draft, hand)


def finish(services: Services, patient_id: int, draft: Draft, hand: Hand = HAND) -> int:
    """Complete what a page shows."""
    return services.do(paperwork.complete, patient_id, draft.document_id, seen_revision=draft.revision, hand=hand)


def fill_intake(services: Services, patient_id: int, request_id: int) -> int:
    """The intake with its shortest true answers."""
    none = {"none": True, "rows": []}
    return fill(services, patient_id, request_id, pregnant="no", allergies=none)


def sign_consent(services: Services, patient_id: int, request_id: int) -> int:
    """The consent with initials and a drawn signature."""
    return fill(services, patient_id, request_id, risks="AR", **{PATIENT.replace("-", "_"): SIGNATURE})
