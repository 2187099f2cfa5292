"""What a page shows of a form: parts, what is missing, what is hidden after "nothing has changed", answers in words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from clinic_portal.forms.definition import Item, Kind, Option, Type, read
from clinic_portal.forms.rules import GUARDIAN, PATIENT
from clinic_portal.forms.types import Draft, Request, VersionInfo
from clinic_portal.web.forms.shapes import FormView, Shown
from clinic_portal.web.forms.told import told
from clinic_portal.web.forms.views import SEND, START, carried_sections, form_view
from tests.forms_kit import CONSENT, INTAKE

NOW = datetime(2026, 5, 3, 15, tzinfo=UTC)
LATEX = {"none": False, "rows": [{"name": "Latex", "reaction": "hives"}]}
TWO_PARTS = {"title": "T", "items": [{"link_id": "first", "type": "short_text", "text": "First"}, *INTAKE["items"]]}


def draft(
    content: dict[str, Any], answers: dict[str, Any] | None = None, kind: str = "questionnaire", **more: Any
) -> Draft:
    known = Kind(kind)
    version = VersionInfo(1, 1, known, 1, read(known, content), "", 0, NOW, "staff:1")
    told: dict[str, Any] = {
        "seen": {}, "revision": 0, "carried": frozenset(), "carried_from_at": None, "is_confirmed": True,
        "has_changes": False, "is_minor": False, **more,
    }  # fmt: skip
    request = Request(1, 1, 1, known, "T", "T", None, NOW, "booking", None, 0)
    return Draft(document_id=1, request=request, version=version, answers=answers or {}, changed_at=NOW, **told)


def view(of: Draft, **shown: Any) -> FormView:
    return form_view(of, Shown(**shown), patient="Amara Reed", region="US", language="en")


def test_a_heading_begins_a_part_and_the_last_is_to_look_it_through() -> None:
    assert [one.key for one in view(draft(TWO_PARTS)).steps] == [START, "health", SEND]


def test_one_short_part_is_sent_from_where_it_is() -> None:
    found = view(draft(INTAKE))
    assert (found.is_first, found.is_last, found.place) == (True, True, "")


def test_a_part_without_questions_is_none() -> None:
    empty = {"link_id": "end", "type": "heading", "text": "The end"}
    assert [one.key for one in view(draft({**INTAKE, "items": [*INTAKE["items"], empty]})).steps] == ["health"]


def test_a_question_that_does_not_apply_is_not_there() -> None:
    assert [one.link for one in view(draft(INTAKE)).questions] == ["pregnant", "allergies", "note"]
    assert "weeks" in [one.link for one in view(draft(INTAKE, {"pregnant": "yes"})).questions]


def test_an_answer_that_will_not_do_does_not_count_as_given() -> None:
    found = view(draft(INTAKE, {"pregnant": "yes", "weeks": "99"}))
    assert (found.done, found.total) == (1, 3)
    assert [one.link for one in found.missing] == ["weeks", "allergies"]


def test_somebody_who_comes_back_goes_on_where_something_is_missing() -> None:
    assert view(draft(TWO_PARTS)).step == START
    assert view(draft(TWO_PARTS, {"first": "x"})).step == "health"
    assert view(draft(TWO_PARTS, {"first": "x", "pregnant": "no", "allergies": LATEX})).step == SEND


@pytest.mark.req("P11")
def test_after_nothing_has_changed_only_what_is_new_is_asked() -> None:
    before = {"pregnant": "no", "allergies": LATEX}
    again = draft(INTAKE, before, carried=frozenset(before), carried_from_at=NOW)
    found = view(again, step="health")
    assert ([one.link for one in found.questions], found.hides) == (["note"], 2)
    assert len(view(again, step="health", shows_all=True).questions) == 3
    changed = draft(INTAKE, before, carried=frozenset(before), carried_from_at=NOW, has_changes=True)
    assert len(view(changed, step="health").questions) == 3


@pytest.mark.req("P11")
def test_what_was_carried_over_and_will_not_do_any_more_is_asked() -> None:
    before = {"pregnant": "yes", "weeks": "99", "allergies": LATEX}
    again = draft(INTAKE, before, carried=frozenset(before), carried_from_at=NOW)
    assert "weeks" in [one.link for one in view(again, step="health").questions]


@pytest.mark.req("P11")
def test_the_earlier_answers_are_read_in_words() -> None:
    before = {"pregnant": "no", "allergies": LATEX}
    again = draft(INTAKE, before, carried=frozenset(before), carried_from_at=NOW)
    told_before = [(one.text, one.answer) for part in carried_sections(again, "en") for one in part.told]
    assert told_before == [("Are you pregnant?", "No"), ("Any allergies?", "Latex, hives")]


def test_two_answers_to_one_question_are_both_in_words_and_the_own_one_stays_in_its_place() -> None:
    found = view(draft(INTAKE, {"note": "theirs"}), aside={"note": "mine"}, differs=("note",))
    note = next(one for one in found.questions if one.link == "note")
    assert (note.mine, note.theirs) == ("mine", "theirs")
    assert (json.loads(found.answers["note"]), "note" in found.seen) == ("mine", False)


@pytest.mark.req("P10")
def test_a_consent_asks_for_initials_under_its_section_and_begins_with_the_patients_name() -> None:
    found = view(draft(CONSENT, kind="consent"))
    assert [one.link for one in found.questions] == ["text-what", "text-risks", "risks", "statement", PATIENT]
    assert json.loads(found.answers[PATIENT])["name"] == "Amara Reed"
    assert found.signs_later == "your provider"


@pytest.mark.req("P10")
def test_for_a_minor_the_guardian_signs_under_a_name_of_their_own() -> None:
    found = view(draft(CONSENT, kind="consent", is_minor=True))
    guardian = next(one for one in found.questions if one.link == GUARDIAN)
    assert (guardian.relation, json.loads(found.answers[GUARDIAN])["name"]) == (True, "")


OPTIONS = (Option(code="a", label="The first"), Option(code="b", label="The second"))


@pytest.mark.parametrize(
    ("kind", "answer", "words"),
    [
        ("yes_no", "yes", "Yes"),
        ("yes_no_explain", {"value": "yes", "text": "Last year"}, "Yes: Last year"),
        ("yes_no_explain", {"value": "no", "text": "left over"}, "No"),
        ("choice", "b", "The second"),
        ("choices", ["a", "b"], "The first, The second"),
        ("choice_other", {"value": "other", "text": "A poster"}, "Other: A poster"),
        ("choice_other", {"value": "a", "text": ""}, "The first"),
        ("medications", {"none": True, "rows": []}, "No medications"),
        ("allergies", {"none": False, "rows": [{"name": "", "reaction": ""}, *LATEX["rows"]]}, "Latex, hives"),
        ("address", {"street": "12 Elm St", "city": "Austin"}, "12 Elm St, Austin"),
        ("date", "2026-12-03", "Thu, Dec 3, 2026"),
        ("date", "someday", "someday"),
        ("number", "72.5", "72.5 kg"),
        ("photo", ["x"], "1 photo"),
        ("signature", {"method": "typed", "name": "Amara Reed"}, "Signed by Amara Reed"),
        ("long_text", "", ""),
        ("choices", [], ""),
    ],
)  # fmt: skip
def test_an_answer_is_told_in_words(kind: str, answer: Any, words: str) -> None:
    unit = "kg" if kind == "number" else ""
    assert told(Item(link_id="x", type=Type(kind), options=OPTIONS, unit=unit), answer, "en") == words
