"""A completed document on paper: what was told and signed, and what proves it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from clinic_portal.booking import paperwork, queries
from clinic_portal.core.work import Services
from clinic_portal.forms import documents, printing
from clinic_portal.forms.ports import Answer, Heading, Initials, Paragraph, Proof, RichText, Sheet, SignatureBlock
from clinic_portal.forms.printing import Circumstances
from clinic_portal.forms.types import Hand
from tests.factories import SmallClinic, booked, small_clinic, staff
from tests.forms_kit import HAND, SIGNATURE, TYPED, fill, fill_intake, put, put_all, sign_consent

ABOUT = Circumstances("Amara Reed", "Lumen Aesthetics", "en", "America/Chicago")


@pytest.fixture
def made(services: Services) -> SmallClinic:
    made = small_clinic(services)
    put_all(made)
    return made


def asked(made: SmallClinic) -> tuple[int, dict[str, int]]:
    visit = made.services.ask(queries.visit, booked(made, "a", date(2026, 11, 27), "10:00", "botox").appointment_id)
    listed = made.services.ask(paperwork.papers_of_patient, visit.patient_id)
    return visit.patient_id, {one.request.title: one.request.id for one in listed}


def printed(made: SmallClinic, patient_id: int, document_id: int, about: Circumstances = ABOUT) -> Sheet:
    return printing.sheet(made.services.ask(documents.own, patient_id, document_id), about)


def facts(proof: Proof) -> dict[str, str]:
    return dict(proof.facts)


@pytest.mark.req("S29")
def test_a_questionnaire_is_printed_question_by_question_in_words(made: SmallClinic) -> None:
    who, numbers = asked(made)
    sheet = printed(made, who, fill_intake(made.services, who, numbers["About your health"]))
    assert sheet.body == (
        Heading("Your health"),
        Answer("Are you pregnant?", ("No",)),
        Answer("Any allergies?", ("None",)),
        Answer("Anything else?", ()),
    )
    assert (sheet.clinic, sheet.title, sheet.language) == ("Lumen Aesthetics", "About your health", "en")
    assert sheet.patient_name == "Amara Reed"
    assert {name for name, _ in sheet.lines} == {"Completed", "Version", "Valid until"}


@pytest.mark.req("S29")
def test_a_signature_in_a_questionnaire_is_printed_as_it_was_drawn(made: SmallClinic) -> None:
    signs = {"link_id": "ink", "type": "signature", "text": "Your signature", "is_required": True}
    put(made, "signed", "questionnaire", {"title": "Signed answers", "items": [signs]})
    who, numbers = asked(made)
    body = printed(made, who, fill(made.services, who, numbers["Signed answers"], ink=SIGNATURE)).body
    assert body[0] == Paragraph("Your signature")
    assert isinstance(body[1], SignatureBlock)
    assert (body[1].name, [len(stroke) for stroke in body[1].strokes]) == ("Amara Reed", [3, 2])


@pytest.mark.req("S28")
@pytest.mark.req("P10")
def test_a_consent_is_printed_with_its_text_its_initials_and_every_signature(made: SmallClinic) -> None:
    who, numbers = asked(made)
    number = sign_consent(made.services, who, numbers["Consent to neurotoxin"])
    blocks = printed(made, who, number).body
    assert blocks[:6] == (
        Heading("What it is"),
        RichText("<p>A treatment of lines.</p>"),
        Heading("Risks"),
        RichText("<p>Bruises.</p>"),
        Initials("Risks", "AR"),
        Heading("Signatures"),
    )
    [ink] = [one for one in blocks if isinstance(one, SignatureBlock)]
    assert (ink.name, ink.role, ink.method) == ("Amara Reed", "Patient", "drawn")
    assert ink.strokes == (((40, 150), (120, 40), (200, 150)), ((230, 100), (400, 100)))
    assert blocks[-1] == Paragraph("Not signed yet: provider.")

    hand = Hand("staff:1", "Dr. Maya Osei", "10.0.0.2", "Safari on iPad")
    provider = staff(made.services, "provider").actor
    made.services.do(documents.countersign, provider, number, "provider", {**TYPED, "name": "Dr. Maya Osei"}, hand)
    sheet = printed(made, who, number)
    last = sheet.body[-1]
    assert isinstance(last, SignatureBlock)
    assert (last.name, last.role, last.method) == ("Dr. Maya Osei", "Provider", "typed")
    assert [one.title for one in sheet.evidence] == ["This document", "Completed and signed", "Countersigned"]
    assert facts(sheet.evidence[2])["As"] == "provider"


@pytest.mark.req("B5")
def test_the_evidence_says_what_who_when_and_how(made: SmallClinic) -> None:
    who, numbers = asked(made)
    number = sign_consent(made.services, who, numbers["Consent to neurotoxin"])
    found = made.services.ask(documents.own, who, number)
    what, completed = map(facts, printed(made, who, number).evidence)
    seal = found.seals[0]
    assert what == {
        "Document": str(number),
        "Form": "toxin-consent",
        "Version": "1",
        "SHA-256 of the text": found.version.digest,
        "SHA-256 of the answers": seal.evidence["answers"],
    }
    assert completed["By"] == f"Amara Reed · {HAND.tag}"
    assert (completed["Address"], completed["Device"]) == (HAND.address, HAND.device)
    assert completed["Where"] == "in the patient’s portal"
    assert completed["In UTC"].endswith("+00:00")
    assert "Central Standard Time" in completed["At"]
    assert (completed["Link in the chain"], completed["Mark of the link"]) == (str(seal.sequence), seal.mark)


@pytest.mark.req("B5")
def test_a_void_document_says_so_first_and_why(made: SmallClinic) -> None:
    who, numbers = asked(made)
    number = fill_intake(made.services, who, numbers["About your health"])
    assert printed(made, who, number).void == ""
    made.services.do(documents.void, staff(made.services, "provider").actor, number, "Of another patient")
    sheet = printed(made, who, number)
    assert sheet.void.startswith("Declared void on ")
    assert sheet.void.endswith(": Of another patient")
    assert facts(sheet.evidence[-1])["Reason"] == "Of another patient"


def test_what_was_filled_in_at_the_desk_says_so(made: SmallClinic) -> None:
    who, numbers = asked(made)
    hand = Hand("staff:1", "Lena Brandt", "10.0.0.2", "Safari on iPad")
    none: dict[str, Any] = {"none": True, "rows": []}
    number = fill(made.services, who, numbers["About your health"], hand, pregnant="no", allergies=none)
    assert facts(printed(made, who, number).evidence[1])["Where"] == "at the clinic, with its staff"


def test_who_has_another_name_by_now_is_printed_with_both(made: SmallClinic) -> None:
    who, numbers = asked(made)
    number = fill_intake(made.services, who, numbers["About your health"])
    sheet = printed(made, who, number, Circumstances("Amara Novák", "Lumen", "en", "America/Chicago"))
    assert sheet.patient_name == "Amara Reed"
    assert sheet.lines[0] == ("Named today", "Amara Novák")
