"""Forms of a visit: asked at booking, filled in, signed, carried over, voided; and everything that is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from clinic_portal.booking import changes, paperwork, queries
from clinic_portal.booking.access import visit_of
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed, Unusable
from clinic_portal.core.work import Services
from clinic_portal.forms import documents, filling, verifying
from clinic_portal.forms.rules import PATIENT, Validity
from clinic_portal.forms.types import Hand
from tests.factories import SmallClinic, booked, rows, small_clinic, staff
from tests.forms_kit import (
    HAND,
    INTAKE,
    SIGNATURE,
    answer,
    fill,
    fill_intake,
    finish,
    put,
    put_all,
    sign_consent,
)

FRIDAY = date(2026, 11, 27)


@pytest.fixture
def made(services: Services) -> SmallClinic:
    made = small_clinic(services)
    put_all(made)
    return made


def book(made: SmallClinic, owner: str = "a", on: date = FRIDAY, clock: str = "10:00", *wanted: str) -> int:
    return booked(made, owner, on, clock, *(wanted or ("botox",))).appointment_id


def patient_of(made: SmallClinic, appointment_id: int) -> int:
    return made.services.ask(queries.visit, appointment_id).patient_id


def requests_of(made: SmallClinic, patient_id: int) -> dict[str, int]:
    """The open requests by the slug of their form."""
    from clinic_portal.forms import queries as forms

    def read(read: Any) -> dict[str, int]:
        slugs = {one.id: one.slug for one in forms.forms(read).values()}
        return {slugs[one.request.template_id]: one.request.id for one in paperwork.papers_of_patient(read, patient_id)}

    return made.services.ask(read)


def titles_to_do(made: SmallClinic, patient_id: int) -> list[str]:
    return [one.request.title for one in made.services.ask(paperwork.to_do, patient_id)]


@pytest.mark.req("S38")
@pytest.mark.req("S40")
@pytest.mark.req("S41")
def test_the_forms_of_the_booked_service_are_to_be_done_the_moment_it_is_booked(made: SmallClinic) -> None:
    who = patient_of(made, book(made))
    assert titles_to_do(made, who) == ["About your health", "Consent to neurotoxin", "Before your visit"]


@pytest.mark.req("S39")
def test_the_forms_of_other_services_are_not_asked(made: SmallClinic) -> None:
    who = patient_of(made, book(made, "a", FRIDAY, "10:00", "facial"))
    assert titles_to_do(made, who) == ["About your health"]


@pytest.mark.req("S44")
def test_instructions_for_afterwards_appear_at_the_start_and_not_a_minute_before(
    made: SmallClinic, clock: FixedClock
) -> None:
    appointment_id = book(made)
    who = patient_of(made, appointment_id)
    start_at = made.services.ask(queries.visit, appointment_id).start_at
    clock.advance(start_at - clock.now() - timedelta(minutes=1))
    assert made.services.ask(paperwork.after_visits, who) == []
    clock.advance(timedelta(minutes=1))
    assert [one.request.title for one in made.services.ask(paperwork.after_visits, who)] == ["After your visit"]


@pytest.mark.req("S7")
@pytest.mark.req("S46")
def test_a_questionnaire_that_was_answered_is_to_be_done_no_more(made: SmallClinic) -> None:
    who = patient_of(made, book(made))
    document_id = fill_intake(made.services, who, requests_of(made, who)["intake"])
    assert "About your health" not in titles_to_do(made, who)
    found = made.services.ask(documents.own, who, document_id)
    assert found.answers == {"pregnant": "no", "allergies": {"none": True, "rows": []}}


@pytest.mark.req("S8")
@pytest.mark.req("P10")
@pytest.mark.req("B5")
def test_a_signed_consent_keeps_who_when_how_and_what(made: SmallClinic) -> None:
    who = patient_of(made, book(made))
    document_id = sign_consent(made.services, who, requests_of(made, who)["toxin-consent"])
    found = made.services.ask(documents.own, who, document_id)
    evidence = found.seals[0].evidence
    assert evidence["text"] == found.version.digest
    assert (evidence["name"], evidence["address"], evidence["device"]) == (HAND.name, HAND.address, HAND.device)
    assert found.answers["risks"] == "AR"
    assert found.answers[PATIENT]["strokes"] == SIGNATURE["strokes"]
    assert found.line.missing == ("provider",)


def test_a_form_without_an_answer_is_never_complete(made: SmallClinic) -> None:
    put(
        made, "chat", "questionnaire", {"title": "Chat", "items": [{"link_id": "a", "type": "short_text", "text": "?"}]}
    )
    who = patient_of(made, book(made))
    with pytest.raises(Unusable) as refused:
        fill(made.services, who, requests_of(made, who)["chat"])
    assert [one.code for one in refused.value.faults] == ["form_empty"]


def test_what_is_missing_or_will_not_do_is_said_for_each_question(made: SmallClinic) -> None:
    who = patient_of(made, book(made))
    with pytest.raises(Unusable) as refused:
        fill(made.services, who, requests_of(made, who)["intake"], pregnant="yes", weeks="99")
    told = {(one.field, one.code) for one in refused.value.faults}
    assert told == {("weeks", "answer_range"), ("allergies", "answer_missing")}


def test_another_patients_form_looks_like_none(made: SmallClinic) -> None:
    who = patient_of(made, book(made))
    request_id = requests_of(made, who)["intake"]
    draft = made.services.do(paperwork.begin, who, request_id, HAND)
    for attempt in (
        lambda: made.services.do(paperwork.begin, who + 1, request_id, HAND),
        lambda: made.services.do(filling.save, who + 1, draft.document_id, "note", "x", seen=0, hand=HAND),
        lambda: made.services.do(paperwork.complete, who + 1, draft.document_id, seen_revision=0, hand=HAND),
    ):
        with pytest.raises(NotAllowed) as refused:
            attempt()
        assert refused.value.code == "not_found"


def test_a_consent_is_not_signed_after_the_visit_was_cancelled(made: SmallClinic) -> None:
    appointment_id = book(made)
    who = patient_of(made, appointment_id)
    request_id = requests_of(made, who)["toxin-consent"]
    draft = made.services.do(paperwork.begin, who, request_id, HAND)
    draft = answer(made.services, who, draft, "risks", "AR")
    draft = answer(made.services, who, draft, PATIENT, SIGNATURE)
    reference = made.services.ask(queries.visit, appointment_id).reference
    fee = made.services.ask(lambda read: changes.fee_minor(read, visit_of(read, who, reference)))
    made.services.do(changes.cancel, who, reference, shown_fee_minor=fee)
    with pytest.raises(Conflict) as refused:
        finish(made.services, who, draft)
    assert refused.value.code == "visit_ended"
    assert titles_to_do(made, who) == []


def test_signing_twice_signs_once(made: SmallClinic) -> None:
    who = patient_of(made, book(made))
    request_id = requests_of(made, who)["intake"]
    draft = made.services.do(paperwork.begin, who, request_id, HAND)
    draft = answer(made.services, who, draft, "pregnant", "no")
    draft = answer(made.services, who, draft, "allergies", {"none": True, "rows": []})
    assert finish(made.services, who, draft) == finish(made.services, who, draft)
    from clinic_portal.forms.models import DocumentSeal

    assert len(rows(made.services, DocumentSeal)) == 1


def test_two_devices_that_answer_different_questions_lose_nothing(made: SmallClinic) -> None:
    who = patient_of(made, book(made))
    request_id = requests_of(made, who)["intake"]
    phone = made.services.do(paperwork.begin, who, request_id, HAND)
    desk = made.services.do(paperwork.begin, who, request_id, HAND)
    answer(made.services, who, phone, "note", "From the phone")
    after = answer(made.services, who, desk, "pregnant", "no")
    assert after.answers == {"note": "From the phone", "pregnant": "no"}


def test_two_devices_that_answer_one_question_are_told(made: SmallClinic) -> None:
    who = patient_of(made, book(made))
    request_id = requests_of(made, who)["intake"]
    phone = made.services.do(paperwork.begin, who, request_id, HAND)
    answer(made.services, who, phone, "note", "From the phone")
    with pytest.raises(Conflict) as refused:
        made.services.do(filling.save, who, phone.document_id, "note", "From the desk", seen=0, hand=HAND)
    assert refused.value.code == "answer_changed"


def test_a_form_changed_on_another_device_is_not_completed_unseen(made: SmallClinic) -> None:
    who = patient_of(made, book(made))
    request_id = requests_of(made, who)["intake"]
    draft = made.services.do(paperwork.begin, who, request_id, HAND)
    shown = answer(made.services, who, draft, "pregnant", "no")
    answer(made.services, who, draft, "note", "from elsewhere")
    with pytest.raises(Conflict) as refused:
        finish(made.services, who, shown)
    assert refused.value.code == "document_changed"


@pytest.mark.req("P11")
def test_a_form_that_holds_still_is_not_asked_again(made: SmallClinic, clock: FixedClock) -> None:
    who = patient_of(made, book(made))
    fill_intake(made.services, who, requests_of(made, who)["intake"])
    clock.advance(timedelta(days=10))
    book(made, "b", date(2026, 12, 10))
    assert "About your health" not in titles_to_do(made, who)


@pytest.mark.req("P11")
def test_a_form_that_expires_before_the_visit_is_asked_with_its_answers(made: SmallClinic, clock: FixedClock) -> None:
    put(made, "intake", "questionnaire", INTAKE, ("botox",), validity=Validity(False, 30))
    who = patient_of(made, book(made))
    fill_intake(made.services, who, requests_of(made, who)["intake"])
    clock.advance(timedelta(days=25))
    appointment_id = book(made, "b", date(2026, 12, 29))
    request_id = next(
        one.request.id
        for one in made.services.ask(paperwork.to_do, who)
        if one.visit and one.visit.appointment_id == appointment_id and one.request.title == INTAKE["title"]
    )
    draft = made.services.do(paperwork.begin, who, request_id, HAND)
    assert draft.answers == {"pregnant": "no", "allergies": {"none": True, "rows": []}}
    assert not draft.is_confirmed
    with pytest.raises(Conflict) as refused:
        finish(made.services, who, draft)
    assert refused.value.code == "form_unconfirmed"
    confirmed = made.services.do(filling.confirm, who, draft.document_id, hand=HAND)
    finish(made.services, who, confirmed)


@pytest.mark.req("P11")
def test_of_a_changed_form_only_what_changed_is_asked(made: SmallClinic) -> None:
    who = patient_of(made, book(made))
    fill_intake(made.services, who, requests_of(made, who)["intake"])
    more = {"link_id": "smokes", "type": "yes_no", "text": "Do you smoke?", "is_required": True}
    put(made, "intake", "questionnaire", {**INTAKE, "items": [*INTAKE["items"], more]})
    draft = made.services.do(paperwork.begin, who, requests_of(made, who)["intake"], HAND)
    assert draft.carried == {"pregnant", "allergies"}
    draft = made.services.do(filling.confirm, who, draft.document_id, hand=HAND)
    with pytest.raises(Unusable) as refused:
        finish(made.services, who, draft)
    assert [one.field for one in refused.value.faults] == ["smokes"]


def test_what_a_patient_has_begun_opens_at_the_desk_only_for_those_who_may_read_charts(made: SmallClinic) -> None:
    who = patient_of(made, book(made))
    request_id = requests_of(made, who)["intake"]
    draft = made.services.do(paperwork.begin, who, request_id, HAND)
    answer(made.services, who, draft, "note", "Private")
    with pytest.raises(Conflict) as refused:
        made.services.do(paperwork.begin, who, request_id, Hand("staff:9", "The desk", may_see_before=False))
    assert refused.value.code == "form_begun"
    opened = made.services.do(paperwork.begin, who, request_id, Hand("staff:8", "Dr. Maya Osei"))
    assert opened.answers == {"note": "Private"}


def test_a_completed_form_is_not_begun_a_second_time(made: SmallClinic) -> None:
    who = patient_of(made, book(made))
    request_id = requests_of(made, who)["intake"]
    document_id = fill_intake(made.services, who, request_id)
    with pytest.raises(Conflict) as refused:
        made.services.do(paperwork.begin, who, request_id, HAND)
    assert (refused.value.code, refused.value.facts["document_id"]) == ("document_closed", document_id)


@pytest.mark.req("P11")
def test_whether_something_has_changed_is_kept_for_another_device(made: SmallClinic) -> None:
    who = patient_of(made, book(made))
    fill_intake(made.services, who, requests_of(made, who)["intake"])
    more = {"link_id": "smokes", "type": "yes_no", "text": "Do you smoke?", "is_required": True}
    put(made, "intake", "questionnaire", {**INTAKE, "items": [*INTAKE["items"], more]})
    request_id = requests_of(made, who)["intake"]
    draft = made.services.do(paperwork.begin, who, request_id, HAND)
    made.services.do(filling.confirm, who, draft.document_id, hand=HAND, has_changes=True)
    elsewhere = made.services.do(paperwork.begin, who, request_id, HAND)
    assert (elsewhere.is_confirmed, elsewhere.has_changes) == (True, True)


def test_a_form_changed_while_it_is_filled_in_goes_over_with_its_answers(made: SmallClinic) -> None:
    who = patient_of(made, book(made))
    request_id = requests_of(made, who)["intake"]
    draft = made.services.do(paperwork.begin, who, request_id, HAND)
    draft = answer(made.services, who, draft, "note", "Kept")
    draft = answer(made.services, who, draft, "pregnant", "no")
    items = [{**one, "text": "Are you expecting?"} if one["link_id"] == "pregnant" else one for one in INTAKE["items"]]
    put(made, "intake", "questionnaire", {**INTAKE, "items": items})
    with pytest.raises(Conflict) as refused:
        finish(made.services, who, draft)
    assert refused.value.code == "form_changed"
    again = made.services.do(paperwork.begin, who, request_id, HAND)
    assert (again.version.version, again.answers) == (2, {"note": "Kept"})


def test_a_void_document_is_to_be_done_again_and_never_deleted(made: SmallClinic) -> None:
    who = patient_of(made, book(made))
    document_id = fill_intake(made.services, who, requests_of(made, who)["intake"])
    owner = staff(made.services).actor
    with pytest.raises(Invalid):
        made.services.do(documents.void, owner, document_id, "  ")
    made.services.do(documents.void, owner, document_id, "Filled in for the wrong person")
    assert "About your health" in titles_to_do(made, who)
    assert made.services.ask(documents.own, who, document_id).line.state == "void"
    with pytest.raises(Conflict):
        made.services.do(documents.void, owner, document_id, "again")


def test_the_provider_countersigns_once(made: SmallClinic) -> None:
    who = patient_of(made, book(made))
    document_id = sign_consent(made.services, who, requests_of(made, who)["toxin-consent"])
    owner = staff(made.services).actor
    hand = Hand(owner.tag, owner.name, "10.0.0.2", "Safari")
    signature = {**SIGNATURE, "name": "Dr. Maya Osei"}
    made.services.do(documents.countersign, owner, document_id, "provider", signature, hand)
    assert made.services.ask(documents.own, who, document_id).line.missing == ()
    with pytest.raises(Conflict):
        made.services.do(documents.countersign, owner, document_id, "provider", signature, hand)


def test_all_documents_verify(made: SmallClinic) -> None:
    who = patient_of(made, book(made))
    asked = requests_of(made, who)
    fill_intake(made.services, who, asked["intake"])
    document_id = sign_consent(made.services, who, asked["toxin-consent"])
    made.services.do(documents.void, staff(made.services).actor, document_id, "A test")
    assert made.services.ask(lambda read: list(verifying.findings(read))) == []
