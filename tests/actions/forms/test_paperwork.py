"""What a patient is shown of a visit's papers: how far, how long, what to read, and answers that have changed."""

from __future__ import annotations

from datetime import date

import pytest

from clinic_portal.booking import paperwork, queries
from clinic_portal.booking.types import Visit
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.forms import filling, rules
from clinic_portal.forms.definition import Consent, Instruction, Questionnaire
from clinic_portal.forms.rules import Progress, Validity
from tests.factories import SmallClinic, booked, small_clinic
from tests.forms_kit import BEFORE, HAND, INTAKE, answer, fill_intake, finish, put, put_all, sign_consent

FRIDAY = date(2026, 11, 27)


@pytest.fixture
def made(services: Services) -> SmallClinic:
    made = small_clinic(services)
    put_all(made)
    return made


def visit(made: SmallClinic, *wanted: str, owner: str = "a", clock: str = "10:00", **who: str) -> Visit:
    number = booked(made, owner, FRIDAY, clock, *(wanted or ("botox",)), **who).appointment_id
    return made.services.ask(queries.visit, number)


def asked(made: SmallClinic, known: Visit) -> dict[str, int]:
    return {one.request.title: one.request.id for one in made.services.ask(paperwork.of_visit, known)}


def titles(made: SmallClinic, known: Visit) -> list[str]:
    return [one.request.title for one in made.services.ask(paperwork.to_do, known.patient_id)]


@pytest.mark.req("S38")
def test_a_form_names_the_services_of_the_visit_that_ask_for_it(made: SmallClinic) -> None:
    known = visit(made, "botox", "facial")
    about = {one.request.title: one.about for one in made.services.ask(paperwork.of_visit, known)}
    assert about["About your health"] == ("Botox — forehead", "Hydrating facial")
    assert about["Consent to neurotoxin"] == ("Botox — forehead",)


def test_how_far_a_form_is_counts_what_must_be_answered(made: SmallClinic) -> None:
    known = visit(made)
    draft = made.services.do(paperwork.begin, known.patient_id, asked(made, known)["About your health"], HAND)
    answer(made.services, known.patient_id, draft, "pregnant", "yes")
    begun = made.services.ask(paperwork.to_do, known.patient_id)[0]
    assert made.services.ask(paperwork.progress, begun) == Progress(1, 3)
    assert made.services.ask(paperwork.progress, made.services.ask(paperwork.to_do, known.patient_id)[1]) is None


def test_how_long_a_form_takes_follows_its_questions_and_its_words() -> None:
    questions = [{"link_id": f"q{n}", "type": "yes_no", "text": "?"} for n in range(24)]
    lists = [{"link_id": f"m{n}", "type": "medications", "text": "?"} for n in range(2)]
    assert rules.minutes(Questionnaire.model_validate({"items": questions + lists})) == 5
    assert rules.minutes(Questionnaire()) == 1
    text = "<p>" + "word " * 600 + "</p>"
    assert rules.minutes(Instruction(html=text)) == 3
    assert rules.minutes(Consent.model_validate({"sections": [{"link_id": "a", "html": text}]})) == 3


@pytest.mark.req("S48")
def test_instructions_that_were_opened_are_read_and_anothers_cannot_be(made: SmallClinic) -> None:
    known, other = visit(made), visit(made, "facial", owner="b", clock="14:00", email="noor@example.org")
    number = asked(made, known)["Before your visit"]
    for reader, wanted in ((other.patient_id, number), (known.patient_id, 987654)):
        with pytest.raises(NotAllowed):
            made.services.do(paperwork.open_instructions, reader, wanted)
    assert "Before your visit" in titles(made, known)
    found = made.services.do(paperwork.open_instructions, known.patient_id, number)
    assert (found.content.html, found.about) == (BEFORE["html"], ("Botox — forehead",))
    assert "Before your visit" not in titles(made, known)
    assert [one.request.title for one in made.services.ask(paperwork.to_read, known.patient_id)] == [BEFORE["title"]]


@pytest.mark.req("S41")
def test_after_booking_a_patient_reads_what_is_left_and_anybody_else_what_is_asked_of_all(made: SmallClinic) -> None:
    known = visit(made)
    everything = ["About your health", "Consent to neurotoxin", "Before your visit"]
    fill_intake(made.services, known.patient_id, asked(made, known)["About your health"])
    assert made.services.ask(paperwork.before_coming, known, known.patient_id) == everything[1:]
    for reader in (None, known.patient_id + 1):
        assert made.services.ask(paperwork.before_coming, known, reader) == everything


@pytest.mark.req("P11")
def test_answers_that_have_changed_are_given_anew_and_hold_for_the_visit(made: SmallClinic) -> None:
    known = visit(made)
    first = fill_intake(made.services, known.patient_id, asked(made, known)["About your health"])
    number = made.services.do(paperwork.answer_anew, known.patient_id, first)
    assert made.services.do(paperwork.answer_anew, known.patient_id, first) == number
    assert titles(made, known)[0] == "About your health"
    draft = made.services.do(paperwork.begin, known.patient_id, number, HAND)
    assert draft.answers["pregnant"] == "no"
    draft = made.services.do(filling.confirm, known.patient_id, draft.document_id, hand=HAND)
    second = finish(made.services, known.patient_id, answer(made.services, known.patient_id, draft, "note", "New."))
    assert "About your health" not in titles(made, known)
    [intake, *_] = made.services.ask(paperwork.of_visit, known)
    assert intake.standing.document_id == second
    assert not made.services.ask(paperwork.may_answer_anew, known.patient_id, first)
    assert made.services.do(paperwork.answer_anew, known.patient_id, second) != number


@pytest.mark.req("P11")
def test_only_ones_own_questionnaires_that_hold_beyond_a_visit_are_answered_anew(made: SmallClinic) -> None:
    known, other = visit(made), visit(made, "facial", owner="b", clock="14:00", email="noor@example.org")
    numbers = asked(made, known)
    intake = fill_intake(made.services, known.patient_id, numbers["About your health"])
    consent = sign_consent(made.services, known.patient_id, numbers["Consent to neurotoxin"])
    for reader, document in ((other.patient_id, intake), (known.patient_id, consent), (known.patient_id, 987654)):
        with pytest.raises(NotAllowed):
            made.services.do(paperwork.answer_anew, reader, document)
    put(made, "intake", "questionnaire", INTAKE, ("botox",), validity=Validity(True, None))
    with pytest.raises(NotAllowed):
        made.services.do(paperwork.answer_anew, known.patient_id, intake)
