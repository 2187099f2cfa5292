"""What keeps a form from being published."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from clinic_portal.forms import checking, definition
from clinic_portal.forms.checking import Fault, faults
from clinic_portal.forms.cleaning import cleaned
from clinic_portal.forms.definition import Kind
from clinic_portal.forms.rules import GUARDIAN, PATIENT
from clinic_portal.web.form_words import FORM_SENTENCES
from tests.forms_kit import AFTER, CONSENT, INTAKE

YES: dict[str, Any] = {"link_id": "first", "type": "yes_no", "text": "Any illness?"}
OPTIONS = [{"code": "face", "label": "Face"}, {"code": "legs", "label": "Legs"}]


def item(**told: Any) -> dict[str, Any]:
    return {"link_id": "second", "type": "short_text", "text": "Which?", **told}


def of(*items: dict[str, Any]) -> list[tuple[str, str]]:
    """Where and what is wrong with a questionnaire of these items."""
    return told(Kind.QUESTIONNAIRE, {"title": "Health", "items": items})


def told(kind: Kind, content: Any) -> list[tuple[str, str]]:
    return [(one.where, one.code) for one in faults(definition.read(kind, content))]


def section(**told: Any) -> dict[str, Any]:
    return {"link_id": "risks", "title": "Risks", "html": "<p>Bruises.</p>", **told}


@pytest.mark.parametrize(
    ("kind", "content"), [(Kind.QUESTIONNAIRE, INTAKE), (Kind.CONSENT, CONSENT), (Kind.AFTER, AFTER)]
)
def test_a_sound_form_has_no_fault(kind: Kind, content: Any) -> None:
    assert told(kind, content) == []


def test_two_questions_of_one_name_are_a_fault_that_names_it() -> None:
    found = faults(definition.read(Kind.QUESTIONNAIRE, {"title": "Health", "items": [YES, YES]}))
    assert found == [Fault("first", "form_link_twice", {"link_id": "first"})]


@pytest.mark.parametrize("name", [PATIENT, GUARDIAN])
def test_a_question_or_section_cannot_take_the_name_of_a_signature(name: str) -> None:
    assert of(item(link_id=name)) == [(name, "form_link_reserved")]
    assert told(Kind.CONSENT, {"title": "Consent", "sections": [section(link_id=name)]}) == [
        (name, "form_link_reserved")
    ]


def test_a_form_that_asks_nothing_is_a_fault() -> None:
    assert of() == [("items", "form_no_question")]
    assert of(item(type="heading"), item(link_id="third", type="paragraph")) == [("items", "form_no_question")]


@pytest.mark.parametrize("kind", ["heading", "paragraph"])
def test_what_asks_nothing_cannot_be_required(kind: str) -> None:
    assert of(YES, item(type=kind, is_required=True)) == [("second", "form_silent_required")]


def test_a_question_of_blanks_is_a_fault() -> None:
    assert of(item(text="  \n ")) == [("second", "form_text_empty")]


def test_a_title_of_blanks_is_a_fault() -> None:
    assert told(Kind.AFTER, {"title": " ", "html": "<p>Rest.</p>"}) == [("title", "form_text_empty")]


@pytest.mark.parametrize("kind", ["choice", "choices", "choice_other"])
def test_a_choice_needs_options(kind: str) -> None:
    assert of(item(type=kind)) == [("second", "form_options_missing")]
    assert of(item(type=kind, options=OPTIONS)) == []


@pytest.mark.parametrize("kind", ["short_text", "yes_no", "scale", "heading", "medications"])
def test_what_is_no_choice_has_no_options(kind: str) -> None:
    assert ("second", "form_options_unwanted") in of(YES, item(type=kind, options=OPTIONS, least=0, most=10))


@pytest.mark.parametrize("twin", [{"code": "face", "label": "Brow"}, {"code": "brow", "label": " face "}])
def test_two_options_of_one_code_or_one_label_are_a_fault(twin: dict[str, str]) -> None:
    assert of(item(type="choice", options=[*OPTIONS, twin])) == [("second", "form_options_twice")]


def test_an_option_of_blanks_is_a_fault() -> None:
    assert of(item(type="choice", options=[*OPTIONS, {"code": "x", "label": " "}])) == [
        ("second", "form_options_empty")
    ]


def test_a_choice_with_other_has_no_option_of_that_code() -> None:
    options = [*OPTIONS, {"code": "other", "label": "Something else"}]
    assert of(item(type="choice_other", options=options)) == [("second", "form_options_other")]
    assert of(item(type="choice", options=options)) == []


@pytest.mark.parametrize(("least", "most"), [("0", "10"), ("1", "2"), ("-5", "5")])
def test_a_scale_of_whole_numbers_and_at_most_eleven_steps_will_do(least: str, most: str) -> None:
    assert of(item(type="scale", least=least, most=most)) == []


@pytest.mark.parametrize(
    ("least", "most"), [("0", "11"), ("3", "3"), ("5", "1"), ("0.5", "4"), ("1", "4.5"), (None, "5"), ("1", None)]
)
def test_any_other_scale_is_a_fault(least: str | None, most: str | None) -> None:
    assert of(item(type="scale", least=least, most=most)) == [("second", "form_scale")]


def test_a_number_from_more_to_less_is_a_fault() -> None:
    assert of(item(type="number", least="45", most="1")) == [("second", "form_range")]
    assert of(item(type="number", least="1")) == []


def conditional(asked: dict[str, Any], **condition: str) -> list[tuple[str, str]]:
    return of({**YES, **asked}, item(shown_when=[{"question": "first", **condition}]))


@pytest.mark.parametrize("question", ["third", "second", "nowhere"])
def test_a_condition_on_a_later_unknown_or_the_same_question_is_a_fault(question: str) -> None:
    third = item(link_id="third", type="yes_no")
    found = of(YES, item(shown_when=[{"question": question, "answer": "yes"}]), third)
    assert found == [("second", "form_condition_later")]


def test_a_condition_on_a_heading_is_a_fault() -> None:
    found = of(item(link_id="top", type="heading"), item(shown_when=[{"question": "top", "operator": "answered"}]))
    assert found == [("second", "form_condition_silent")]


CHOICE = {"type": "choice", "options": OPTIONS}
OTHER = {"type": "choice_other", "options": OPTIONS}
SCALE = {"type": "scale", "least": "0", "most": "10"}


@pytest.mark.parametrize(
    ("asked", "operator", "answer"),
    [
        ({}, "is", "yes"),
        ({}, "is_not", "no"),
        ({"type": "yes_no_explain"}, "is", "no"),
        ({"type": "acknowledgement"}, "is", "yes"),
        (CHOICE, "is", "face"),
        ({**CHOICE, "type": "choices"}, "is_not", "legs"),
        (OTHER, "is", "other"),
        (SCALE, "at_least", "7"),
        (SCALE, "is", "10"),
        ({"type": "number"}, "at_most", "18.5"),
        ({"type": "medications"}, "answered", ""),
        ({"type": "long_text"}, "answered", ""),
    ],
)
def test_a_condition_that_fits_its_question_will_do(asked: dict[str, Any], operator: str, answer: str) -> None:
    assert conditional(asked, operator=operator, answer=answer) == []


@pytest.mark.parametrize(
    ("asked", "operator", "answer", "code"),
    [
        ({}, "is", "maybe", "form_condition_answer"),
        ({}, "is", "", "form_condition_answer"),
        ({}, "at_least", "3", "form_condition_operator"),
        ({"type": "acknowledgement"}, "is", "no", "form_condition_answer"),
        (CHOICE, "is", "arms", "form_condition_answer"),
        (CHOICE, "is", "other", "form_condition_answer"),
        (CHOICE, "at_most", "face", "form_condition_operator"),
        (SCALE, "at_least", "eleven", "form_condition_answer"),
        (SCALE, "at_least", "11", "form_condition_answer"),
        (SCALE, "is", "07", "form_condition_answer"),
        ({"type": "number", "least": "1"}, "at_least", "0", "form_condition_answer"),
        ({"type": "short_text"}, "is", "Paris", "form_condition_operator"),
        ({"type": "medications"}, "is_not", "aspirin", "form_condition_operator"),
        ({"type": "photo"}, "at_least", "1", "form_condition_operator"),
    ],
)
def test_a_condition_that_can_never_hold_is_a_fault(
    asked: dict[str, Any], operator: str, answer: str, code: str
) -> None:
    assert conditional(asked, operator=operator, answer=answer) == [("second", code)]


def test_a_consent_without_a_section_is_a_fault() -> None:
    assert told(Kind.CONSENT, {"title": "Consent"}) == [("sections", "form_no_section")]


@pytest.mark.parametrize(
    "html", ["<p></p>", "<p>&nbsp; <br></p>", "<script>text()</script>", '<img src="/pictures/a1">']
)
def test_a_text_that_says_nothing_is_a_fault(html: str) -> None:
    assert told(Kind.CONSENT, {"title": "Consent", "sections": [section(html=html)]}) == [("risks", "form_text_empty")]
    assert told(Kind.BEFORE, {"title": "Before", "html": html}) == [("html", "form_text_empty")]


def test_two_sections_of_one_name_and_a_blank_statement_are_faults() -> None:
    found = told(Kind.CONSENT, {"title": "Consent", "sections": [section(), section()], "statement": " "})
    assert found == [("risks", "form_link_twice"), ("statement", "form_text_empty")]


def test_a_text_that_grows_too_long_when_cleaned_is_refused_before_it_is_kept() -> None:
    content = definition.read(Kind.BEFORE, {"title": "Before", "html": "&" * 60_000})
    assert [one.code for one in faults(content)] == ["form_text_long"]
    with pytest.raises(ValidationError):
        cleaned(content)


@pytest.mark.parametrize("html", ["<script>a()</script>", "<svg></svg>"])
def test_what_is_cleaned_to_nothing_can_still_be_read_as_a_form(html: str) -> None:
    content = cleaned(definition.read(Kind.BEFORE, {"title": "Before", "html": html}))
    assert definition.read(Kind.BEFORE, definition.written(content)) == content


def test_every_fault_has_its_words() -> None:
    codes = set(re.findall(r'"(form_[a-z_]+)"', Path(checking.__file__).read_text()))
    assert codes <= FORM_SENTENCES.keys()
