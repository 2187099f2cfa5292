"""What was answered, in words."""

from __future__ import annotations

from typing import Any

import pytest

from clinic_portal.forms import telling
from clinic_portal.forms.definition import Item, Questionnaire, Type
from tests.forms_kit import INTAKE, SIGNATURE, TYPED

COLOURS = [{"code": "red", "label": "Red wine"}, {"code": "blue", "label": "Blue"}]


def said(kind: str, answer: Any, language: str = "en", **more: Any) -> list[str]:
    item = Item.model_validate({"link_id": "one", "type": kind, "text": "One?", **more})
    return telling.told(item, answer, language)


@pytest.mark.parametrize(
    ("kind", "answer", "more", "expected"),
    [
        ("yes_no", "yes", {}, ["Yes"]),
        ("yes_no", "no", {}, ["No"]),
        ("yes_no_explain", {"value": "yes", "text": "In May.\nTwice."}, {}, ["Yes", "In May.\nTwice."]),
        ("yes_no_explain", {"value": "no", "text": "left over"}, {}, ["No"]),
        ("short_text", "<b>Ö</b> 美咲", {}, ["<b>Ö</b> 美咲"]),
        ("choice", "red", {"options": COLOURS}, ["Red wine"]),
        ("choice", "gone", {"options": COLOURS}, ["gone"]),
        ("choices", ["red", "blue"], {"options": COLOURS}, ["Red wine", "Blue"]),
        ("choice_other", {"value": "other", "text": "Green"}, {"options": COLOURS}, ["Green"]),
        ("choice_other", {"value": "blue", "text": ""}, {"options": COLOURS}, ["Blue"]),
        ("number", "1234.5", {"unit": "g"}, ["1,234.5 g"]),
        ("number", "about 5", {"unit": "g"}, ["about 5"]),
        ("scale", "7", {"least": "0", "most": "10", "most_label": "very"}, ["7 of 10"]),
        ("scale", "10", {"least": "0", "most": "10", "most_label": "very"}, ["10 of 10 (very)"]),
        ("date", "2026-12-03", {}, ["December 3, 2026"]),
        ("date", "2026-12", {}, ["2026-12"]),
        ("phone", "+15125550142", {}, ["+1 512-555-0142"]),
        ("address", {"street": "12 Elm St", "city": "Austin", "country": ""}, {}, ["12 Elm St", "Austin"]),
        ("allergies", {"none": True, "rows": []}, {}, ["None"]),
        (
            "medications",
            {"none": False, "rows": [{"name": "Aspirin", "dose": "100 mg"}, {"name": "Iron", "dose": ""}]},
            {},
            ["Aspirin: 100 mg", "Iron"],
        ),
        ("photo", ["a"], {}, ["1 photo"]),
        ("file", ["a", "b"], {}, ["2 files"]),
        ("acknowledgement", "yes", {}, ["Read and understood"]),
        ("initials", "AR", {}, ["AR"]),
        ("signature", SIGNATURE, {}, ["Signed by hand: Amara Reed"]),
        ("signature", {**TYPED, "relation": "mother"}, {}, ["Signed by typing the name: Amara Reed, mother"]),
    ],
)
def test_an_answer_is_told_in_words(kind: str, answer: Any, more: dict[str, Any], expected: list[str]) -> None:
    assert said(kind, answer, **more) == expected


@pytest.mark.req("B10")
def test_numbers_and_dates_are_written_as_the_readers_language_does() -> None:
    assert said("number", "1234.5", "de", unit="g") == ["1.234,5 g"]
    assert said("date", "2026-12-03", "es") == ["3 de diciembre de 2026"]


@pytest.mark.parametrize("kind", list(Type))
@pytest.mark.parametrize("answer", [None, "", [], {}])
def test_what_says_nothing_is_told_as_nothing(kind: Type, answer: Any) -> None:
    assert said(kind.value, answer) == []


def test_a_form_is_told_from_top_to_bottom_and_only_what_applied() -> None:
    form = Questionnaire.model_validate(INTAKE)
    answers = {"pregnant": "no", "weeks": "12", "allergies": {"none": True, "rows": []}}
    assert [(one.kind, one.text, one.told) for one in telling.lines(form, answers, "en")] == [
        ("heading", "Your health", ()),
        ("question", "Are you pregnant?", ("No",)),
        ("question", "Any allergies?", ("None",)),
        ("question", "Anything else?", ()),
    ]


def test_a_heading_under_which_nothing_applied_is_left_out() -> None:
    only_if = {"shown_when": [{"question": "a", "answer": "yes"}]}
    items = [
        {"link_id": "a", "type": "yes_no", "text": "A?"},
        {"link_id": "h", "type": "heading", "text": "More"},
        {"link_id": "b", "type": "short_text", "text": "B?", **only_if},
    ]
    form = Questionnaire.model_validate({"items": items})
    assert [one.kind for one in telling.lines(form, {"a": "no"}, "en")] == ["question"]
    assert [one.kind for one in telling.lines(form, {"a": "yes"}, "en")] == ["question", "heading", "question"]
