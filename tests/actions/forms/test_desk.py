"""The staff's side of forms: what they see of a patient's, ask for, take back, countersign and declare void."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import folder, paperwork, queries
from clinic_portal.booking.folder import Folder
from clinic_portal.booking.types import Visit
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.forms import documents, filling, requests
from clinic_portal.forms import queries as forms
from clinic_portal.forms.rules import Validity
from clinic_portal.forms.types import Hand
from tests.factories import SmallClinic, booked, rows, small_clinic, staff
from tests.forms_kit import CONSENT, HAND, INTAKE, SIGNATURE, TYPED, fill_intake, finish, put, put_all, sign_consent

FRIDAY = date(2026, 11, 27)
HANDLERS, SIGNERS = ["owner", "front_desk", "provider"], ["owner", "provider"]
WITNESSED = {**CONSENT, "title": "Consent to a peel", "asks_witness": True}


@pytest.fixture
def made(services: Services) -> SmallClinic:
    made = small_clinic(services)
    put_all(made)
    put(made, "extra", "questionnaire", {**INTAKE, "title": "How it went"}, ())
    return made


def visit(made: SmallClinic, *wanted: str, owner: str = "a", clock: str = "10:00", **who: str) -> Visit:
    number = booked(made, owner, FRIDAY, clock, *(wanted or ("botox",)), **who).appointment_id
    return made.services.ask(queries.visit, number)


def asked(made: SmallClinic, known: Visit) -> dict[str, int]:
    return {one.request.title: one.request.id for one in made.services.ask(paperwork.of_visit, known)}


def number_of(made: SmallClinic, slug: str) -> int:
    return next(one.id for one in made.services.ask(forms.forms).values() if one.slug == slug)


def seen(made: SmallClinic, actor: StaffActor, known: Visit) -> Folder:
    return made.services.ask(folder.folder, actor, known.patient_id)


def missing(made: SmallClinic, known: Visit) -> list[str]:
    return [one.request.title for one in seen(made, staff(made.services, "front_desk").actor, known).missing]


def hand(actor: StaffActor) -> Hand:
    return Hand(actor.tag, actor.name, "10.0.0.9", "Firefox on Linux")


def signed(made: SmallClinic, known: Visit, title: str = "Consent to neurotoxin") -> int:
    return sign_consent(made.services, known.patient_id, asked(made, known)[title])


def deeds(made: SmallClinic) -> list[tuple[str, str]]:
    """What was done with documents and requests, by whom; publishing the forms is left out."""
    told = ("form.asked", "form.withdrawn", "document.read", "document.countersigned", "document.voided")
    return [(one.actor, one.action) for one in rows(made.services, AuditEntry) if one.action in told]


# --- what they see


@pytest.mark.req("S49")
@pytest.mark.parametrize("role", HANDLERS)
def test_who_handles_forms_sees_which_are_missing_and_which_are_there(made: SmallClinic, role: str) -> None:
    known = visit(made)
    fill_intake(made.services, known.patient_id, asked(made, known)["About your health"])
    found = seen(made, staff(made.services, role).actor, known)
    assert [one.request.title for one in found.missing] == ["Consent to neurotoxin"]
    assert [(one.title, one.state, one.is_expired) for one in found.documents] == [
        ("About your health", "completed", False)
    ]


def test_who_does_not_handle_forms_sees_none_of_it(made: SmallClinic) -> None:
    known = visit(made)
    document = fill_intake(made.services, known.patient_id, asked(made, known)["About your health"])
    reader = staff(made.services, "read_only").actor
    for query, about in (
        (folder.folder, known.patient_id),
        (documents.line_for_staff, document),
        (paperwork.outstanding, [known.appointment_id]),
    ):
        with pytest.raises(NotAllowed):
            made.services.ask(query, reader, about)


@pytest.mark.req("S49")
@pytest.mark.parametrize("role", SIGNERS)
def test_who_treats_reads_what_was_answered_and_the_log_says_so(made: SmallClinic, role: str) -> None:
    known = visit(made)
    document = fill_intake(made.services, known.patient_id, asked(made, known)["About your health"])
    actor = staff(made.services, role).actor
    assert made.services.do(documents.for_staff, actor, document).answers["pregnant"] == "no"
    assert deeds(made)[-1] == (actor.tag, "document.read")


@pytest.mark.parametrize("role", ["front_desk", "read_only"])
def test_who_reads_no_charts_does_not_read_what_was_answered(made: SmallClinic, role: str) -> None:
    known = visit(made)
    document = fill_intake(made.services, known.patient_id, asked(made, known)["About your health"])
    with pytest.raises(NotAllowed):
        made.services.do(documents.for_staff, staff(made.services, role).actor, document)
    assert deeds(made) == []


def test_a_draft_is_no_document_and_an_unknown_one_looks_the_same(made: SmallClinic) -> None:
    known = visit(made)
    begun = made.services.do(
        paperwork.begin, known.patient_id, asked(made, known)["About your health"], Hand("patient:1", "Amara")
    )
    for number in (begun.document_id, 987654):
        for query in (documents.line_for_staff, documents.for_staff):
            with pytest.raises(NotAllowed):
                made.services.do(query, staff(made.services, "owner").actor, number)


def test_a_patient_nobody_knows_has_no_folder(made: SmallClinic) -> None:
    with pytest.raises(NotAllowed):
        made.services.ask(folder.folder, staff(made.services, "owner").actor, 987654)


# --- the day


def test_the_day_names_what_each_visit_misses_and_nothing_of_those_that_miss_nothing(made: SmallClinic) -> None:
    first = visit(made)
    second = visit(made, "facial", owner="b", clock="14:00", email="noor@example.org", phone="+15125550143")
    fill_intake(made.services, second.patient_id, asked(made, second)["About your health"])
    day = [first.appointment_id, second.appointment_id]
    found = made.services.ask(paperwork.outstanding, staff(made.services, "front_desk").actor, day)
    assert {number: [one.request.title for one in listed] for number, listed in found.items()} == {
        first.appointment_id: ["About your health", "Consent to neurotoxin"]
    }


def test_what_expires_before_a_visit_is_missing_for_it(made: SmallClinic) -> None:
    put(made, "intake", "questionnaire", INTAKE, ("facial",), validity=Validity(False, 2))
    first = visit(made, "facial")
    fill_intake(made.services, first.patient_id, asked(made, first)["About your health"])
    later = booked(made, "a2", date(2026, 12, 3), "10:00", "facial").appointment_id
    found = made.services.ask(paperwork.outstanding, staff(made.services, "owner").actor, [first.appointment_id, later])
    assert list(found) == [later]


@pytest.mark.req("P11")
def test_a_document_that_holds_longer_than_a_newer_one_does_for_a_visit(made: SmallClinic) -> None:
    known, actor = visit(made, "facial"), staff(made.services, "owner").actor
    fill_intake(made.services, known.patient_id, asked(made, known)["About your health"])
    put(made, "intake", "questionnaire", INTAKE, ("facial",), validity=Validity(False, 1))
    anew = made.services.do(paperwork.ask_for_form, actor, known.patient_id, number_of(made, "intake"))
    draft = made.services.do(paperwork.begin, known.patient_id, anew, HAND)
    finish(
        made.services,
        known.patient_id,
        made.services.do(filling.confirm, known.patient_id, draft.document_id, hand=HAND),
    )
    later = booked(made, "a2", date(2026, 12, 3), "10:00", "facial").appointment_id
    assert made.services.ask(paperwork.outstanding, actor, [later]) == {}


# --- asking and taking back


@pytest.mark.parametrize("role", HANDLERS)
def test_a_form_is_asked_for_and_taken_back(made: SmallClinic, role: str) -> None:
    known, actor = visit(made), staff(made.services, role).actor
    extra = number_of(made, "extra")
    number = made.services.do(paperwork.ask_for_form, actor, known.patient_id, extra)
    assert missing(made, known)[0] == "How it went"
    made.services.do(requests.withdraw, actor, number)
    assert "How it went" not in missing(made, known)
    assert deeds(made) == [(actor.tag, "form.asked"), (actor.tag, "form.withdrawn")]


def test_who_does_not_handle_forms_neither_asks_nor_takes_back(made: SmallClinic) -> None:
    known, reader = visit(made), staff(made.services, "read_only").actor
    before = missing(made, known)
    with pytest.raises(NotAllowed):
        made.services.do(paperwork.ask_for_form, reader, known.patient_id, number_of(made, "extra"))
    with pytest.raises(NotAllowed):
        made.services.do(requests.withdraw, reader, asked(made, known)["About your health"])
    assert missing(made, known) == before


def test_a_form_is_asked_for_a_visit_once(made: SmallClinic) -> None:
    known, actor = visit(made), staff(made.services, "front_desk").actor
    extra = number_of(made, "extra")
    made.services.do(paperwork.ask_for_form, actor, known.patient_id, extra, reference=known.reference)
    with pytest.raises(Conflict, match="form_asked"):
        made.services.do(paperwork.ask_for_form, actor, known.patient_id, extra, reference=known.reference)
    assert "How it went" in asked(made, known)


def test_a_form_for_no_visit_is_asked_once_until_it_is_completed(made: SmallClinic) -> None:
    known, actor = visit(made), staff(made.services, "front_desk").actor
    extra = number_of(made, "extra")
    number = made.services.do(paperwork.ask_for_form, actor, known.patient_id, extra)
    with pytest.raises(Conflict, match="form_asked"):
        made.services.do(paperwork.ask_for_form, actor, known.patient_id, extra)
    fill_intake(made.services, known.patient_id, number)
    again = made.services.do(paperwork.ask_for_form, actor, known.patient_id, extra)
    assert again != number
    assert missing(made, known)[0] == "How it went"


def test_a_form_taken_back_for_a_visit_can_be_asked_for_again(made: SmallClinic) -> None:
    known, actor = visit(made), staff(made.services, "front_desk").actor
    number = asked(made, known)["About your health"]
    made.services.do(requests.withdraw, actor, number)
    assert missing(made, known) == ["Consent to neurotoxin"]
    intake = number_of(made, "intake")
    again = made.services.do(paperwork.ask_for_form, actor, known.patient_id, intake, reference=known.reference)
    assert (again, "About your health" in missing(made, known)) == (number, True)


def test_what_an_earlier_document_does_for_can_be_asked_for_anew(made: SmallClinic) -> None:
    first = visit(made)
    fill_intake(made.services, first.patient_id, asked(made, first)["About your health"])
    later = booked(made, "a2", date(2026, 12, 3), "10:00", "facial").appointment_id
    second, actor = made.services.ask(queries.visit, later), staff(made.services, "provider").actor
    assert "About your health" not in missing(made, second)
    intake = number_of(made, "intake")
    made.services.do(paperwork.ask_for_form, actor, second.patient_id, intake, reference=second.reference)
    assert "About your health" in missing(made, second)


def test_a_form_is_not_asked_for_anothers_visit_one_that_is_off_or_a_form_not_in_use(made: SmallClinic) -> None:
    known = visit(made)
    other = visit(made, "facial", owner="b", clock="14:00", email="noor@example.org", phone="+15125550143")
    actor, extra = staff(made.services, "owner").actor, number_of(made, "extra")
    with pytest.raises(NotAllowed):
        made.services.do(paperwork.ask_for_form, actor, known.patient_id, extra, reference=other.reference)
    with pytest.raises(NotAllowed):
        made.services.do(paperwork.ask_for_form, actor, 987654, extra)
    with pytest.raises(NotAllowed):
        made.services.do(paperwork.ask_for_form, actor, known.patient_id, 987654)


def test_what_was_completed_is_not_taken_back(made: SmallClinic) -> None:
    known = visit(made)
    number = asked(made, known)["About your health"]
    fill_intake(made.services, known.patient_id, number)
    with pytest.raises(Conflict, match="form_done"):
        made.services.do(requests.withdraw, staff(made.services, "owner").actor, number)


# --- countersigning


@pytest.mark.req("P10")
@pytest.mark.parametrize("role", SIGNERS)
@pytest.mark.parametrize("how", [SIGNATURE, TYPED])
def test_who_may_sign_countersigns_as_the_provider(made: SmallClinic, role: str, how: dict[str, Any]) -> None:
    known, actor = visit(made), staff(made.services, role).actor
    document = signed(made, known)
    assert made.services.ask(documents.line_for_staff, actor, document).missing == ("provider",)
    made.services.do(documents.countersign, actor, document, "provider", how, hand(actor))
    assert made.services.ask(documents.line_for_staff, actor, document).missing == ()
    assert deeds(made)[-1] == (actor.tag, "document.countersigned")


@pytest.mark.req("P10")
def test_the_front_desk_witnesses_and_does_not_sign_as_the_provider(made: SmallClinic) -> None:
    put(made, "peel-consent", "consent", WITNESSED, ("peel",))
    known, actor = visit(made, "peel"), staff(made.services, "front_desk").actor
    document = signed(made, known, "Consent to a peel")
    with pytest.raises(NotAllowed):
        made.services.do(documents.countersign, actor, document, "provider", TYPED, hand(actor))
    made.services.do(documents.countersign, actor, document, "witness", TYPED, hand(actor))
    assert made.services.ask(documents.line_for_staff, actor, document).missing == ("provider",)


@pytest.mark.req("P10")
def test_provider_and_witness_are_two_people(made: SmallClinic) -> None:
    put(made, "peel-consent", "consent", WITNESSED, ("peel",))
    known, actor = visit(made, "peel"), staff(made.services, "provider").actor
    document = signed(made, known, "Consent to a peel")
    made.services.do(documents.countersign, actor, document, "provider", TYPED, hand(actor))
    with pytest.raises(Conflict) as refused:
        made.services.do(documents.countersign, actor, document, "witness", TYPED, hand(actor))
    assert refused.value.code == "signed_by_you"
    assert made.services.ask(documents.line_for_staff, actor, document).missing == ("witness",)


def test_who_does_not_handle_forms_does_not_witness(made: SmallClinic) -> None:
    put(made, "peel-consent", "consent", WITNESSED, ("peel",))
    known, actor = visit(made, "peel"), staff(made.services, "read_only").actor
    document = signed(made, known, "Consent to a peel")
    for role in ("witness", "provider"):
        with pytest.raises(NotAllowed):
            made.services.do(documents.countersign, actor, document, role, TYPED, hand(actor))


@pytest.mark.parametrize("raw", [{**TYPED, "name": " "}, {**SIGNATURE, "strokes": []}, {}, None, [], "x"])
def test_no_signature_is_refused(made: SmallClinic, raw: Any) -> None:
    known, actor = visit(made), staff(made.services, "provider").actor
    document = signed(made, known)
    with pytest.raises(Invalid):
        made.services.do(documents.countersign, actor, document, "provider", raw, hand(actor))
    assert made.services.ask(documents.line_for_staff, actor, document).missing == ("provider",)


# --- declaring void


@pytest.mark.parametrize("role", SIGNERS)
def test_a_document_declared_void_stays_with_its_reason_and_is_asked_for_again(made: SmallClinic, role: str) -> None:
    known, actor = visit(made), staff(made.services, role).actor
    document = signed(made, known)
    made.services.do(documents.void, actor, document, "Signed by the  sister.")
    found = seen(made, actor, known)
    assert [(one.id, one.state) for one in found.documents] == [(document, "void")]
    assert found.reasons == {document: "Signed by the sister."}
    assert "Consent to neurotoxin" in missing(made, known)
    assert made.services.do(documents.for_staff, actor, document).answers["risks"] == "AR"


def test_the_front_desk_sees_that_a_document_is_void_and_not_why(made: SmallClinic) -> None:
    known, actor = visit(made), staff(made.services, "front_desk").actor
    document = signed(made, known)
    made.services.do(documents.void, staff(made.services, "owner").actor, document, "Signed by the sister.")
    found = seen(made, actor, known)
    assert [one.state for one in found.documents] == ["void"]
    assert found.reasons == {}


@pytest.mark.parametrize("role", ["front_desk", "read_only"])
def test_who_may_not_sign_declares_nothing_void(made: SmallClinic, role: str) -> None:
    known = visit(made)
    document = signed(made, known)
    with pytest.raises(NotAllowed):
        made.services.do(documents.void, staff(made.services, role).actor, document, "Signed by the sister.")
    assert missing(made, known) == ["About your health"]


def test_void_documents_are_neither_voided_again_nor_signed(made: SmallClinic) -> None:
    known, actor = visit(made), staff(made.services, "owner").actor
    document = signed(made, known)
    made.services.do(documents.void, actor, document, "Signed by the sister.")
    with pytest.raises(Conflict, match="document_void"):
        made.services.do(documents.void, actor, document, "Once more.")
    with pytest.raises(Conflict, match="signed_already"):
        made.services.do(documents.countersign, actor, document, "provider", TYPED, hand(actor))


@pytest.mark.parametrize("reason", ["", "   \n ", "x" * 501])
def test_a_document_is_void_for_a_reason_of_some_words(made: SmallClinic, reason: str) -> None:
    known, actor = visit(made), staff(made.services, "owner").actor
    document = signed(made, known)
    with pytest.raises(Invalid):
        made.services.do(documents.void, actor, document, reason)
    assert missing(made, known) == ["About your health"]
