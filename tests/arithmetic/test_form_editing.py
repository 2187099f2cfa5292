"""Editing a form, deed by deed: what each does, what it drops, and that whatever comes out can be kept."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_portal.core.errors import Conflict, DomainError, NotAllowed, Unusable
from clinic_portal.forms import definition, editing
from clinic_portal.forms.comparing import Change, changes
from clinic_portal.forms.conditions import earlier, makes_sense
from clinic_portal.forms.definition import MOST_ITEMS, Condition, Consent, Item, Kind, Option, Questionnaire, Type

PREGNANT = Item(link_id="q1", type=Type.YES_NO, text="Are you pregnant?")
WEEKS = Item(link_id="q2", type=Type.NUMBER, text="Which week?", shown_when=(Condition(question="q1", answer="yes"),))
SKIN = Item(
    link_id="q3",
    type=Type.CHOICE,
    text="Your skin?",
    options=(Option(code="o1", label="Dry"), Option(code="o2", label="Oily")),
)
SPOTS = Item(link_id="q4", type=Type.LONG_TEXT, text="Where?", shown_when=(Condition(question="q3", answer="o2"),))
FORM = Questionnaire(title="Intake", items=(PREGNANT, WEEKS, SKIN, SPOTS))


def links(form: Questionnaire) -> list[str]:
    return [one.link_id for one in form.items]


def item(form: Questionnaire, link: str) -> Item:
    return next(one for one in form.items if one.link_id == link)


def test_a_new_question_stands_below_the_one_it_was_added_to_and_has_a_name_of_its_own() -> None:
    edit = editing.add_item(FORM, Type.SHORT_TEXT, "q1")
    assert links(edit.content) == ["q1", "q5", "q2", "q3", "q4"]
    assert edit.at == "q5"


def test_a_new_choice_begins_with_two_answers_to_write() -> None:
    edit = editing.add_item(FORM, Type.CHOICES)
    assert [one.code for one in item(edit.content, edit.at).options] == ["o1", "o2"]


def test_of_several_answers_one_can_take_the_others_away() -> None:
    edit = editing.add_item(FORM, Type.CHOICES)
    form = editing.isolate_option(edit.content, edit.at, "o2").content
    assert [one.stands_alone for one in item(form, edit.at).options] == [False, True]
    form = editing.isolate_option(form, edit.at, "").content
    assert [one.stands_alone for one in item(form, edit.at).options] == [False, False]
    for link, code in (("q3", "o2"), (edit.at, "o9")):
        with pytest.raises(NotAllowed):
            editing.isolate_option(edit.content, link, code)


def test_a_full_form_takes_no_more() -> None:
    form = Questionnaire(title="Long")
    for _ in range(MOST_ITEMS):
        form = editing.add_item(form, Type.PARAGRAPH).content
    with pytest.raises(Conflict, match="form_full"):
        editing.add_item(form, Type.PARAGRAPH)
    with pytest.raises(Conflict, match="form_full"):
        editing.duplicate_item(form, "q1")


def test_a_copy_of_a_question_asks_the_same_under_another_name() -> None:
    edit = editing.duplicate_item(FORM, "q2")
    assert links(edit.content) == ["q1", "q2", "q5", "q3", "q4"]
    assert item(edit.content, "q5").model_copy(update={"link_id": "q2"}) == WEEKS


def test_conditions_that_name_a_removed_question_go_with_it_and_are_told() -> None:
    edit = editing.remove_item(FORM, "q1")
    assert item(edit.content, "q2").shown_when == ()
    assert edit.dropped == ("q2",)
    assert item(edit.content, "q4").shown_when == SPOTS.shown_when


def test_a_question_moved_above_the_one_it_depends_on_is_shown_always_and_that_is_told() -> None:
    edit = editing.shift_item(FORM, "q2", up=True)
    assert links(edit.content) == ["q2", "q1", "q3", "q4"]
    assert edit.dropped == ("q2",)


def test_the_first_question_moved_up_stays_where_it_is() -> None:
    assert editing.shift_item(FORM, "q1", up=True).content == FORM


def test_conditions_for_a_removed_answer_go_with_it() -> None:
    edit = editing.remove_option(FORM, "q3", "o2")
    assert edit.dropped == ("q4",)
    assert [one.label for one in item(edit.content, "q3").options] == ["Dry"]


def test_answers_are_added_written_and_reordered() -> None:
    form = editing.add_option(FORM, "q3").content
    form = editing.say_option(form, "q3", "o3", "Both").content
    form = editing.shift_option(form, "q3", "o3", up=True).content
    assert [one.label for one in item(form, "q3").options] == ["Dry", "Both", "Oily"]


def test_a_condition_begins_with_the_nearest_question_that_has_answers_to_choose() -> None:
    form = editing.add_item(FORM, Type.DATE).content
    form = editing.add_condition(form, "q5").content
    assert item(form, "q5").shown_when == (Condition(question="q3", answer="o1"),)


def test_a_condition_asks_only_about_earlier_questions_and_answers_they_have() -> None:
    form = editing.add_condition(FORM, "q4").content
    for field, value in (("question", "q4"), ("question", "q9"), ("answer", "o7"), ("operator", "at_least")):
        with pytest.raises(NotAllowed):
            editing.set_condition(form, "q4", 1, field, value)


def test_another_question_in_a_condition_begins_with_its_first_answer() -> None:
    form = editing.set_condition(FORM, "q4", 0, "question", "q1").content
    assert item(form, "q4").shown_when == (Condition(question="q1", answer="yes"),)
    form = editing.set_condition(form, "q4", 0, "question", "q2").content
    assert item(form, "q4").shown_when == (Condition(question="q2", operator="at_least"),)
    form = editing.set_condition(form, "q4", 0, "answer", "12").content
    assert item(form, "q4").shown_when == (Condition(question="q2", operator="at_least", answer="12"),)
    form = editing.set_condition(form, "q4", 0, "operator", "answered").content
    assert item(form, "q4").shown_when == (Condition(question="q2", operator="answered"),)


def test_the_first_question_can_depend_on_nothing() -> None:
    with pytest.raises(Conflict, match="form_condition_none"):
        editing.add_condition(FORM, "q1")


def test_a_question_becomes_another_of_its_kind_only() -> None:
    form = editing.retype_item(FORM, "q3", Type.CHOICES).content
    assert item(form, "q3").options == SKIN.options
    with pytest.raises(NotAllowed):
        editing.retype_item(FORM, "q3", Type.DATE)


def test_bounds_are_numbers_as_people_type_them() -> None:
    form = editing.say_item(FORM, "q2", "least", "1,5").content
    assert str(item(form, "q2").least) == "1.5"
    assert item(editing.say_item(form, "q2", "least", " ").content, "q2").least is None
    with pytest.raises(Unusable):
        editing.say_item(FORM, "q2", "most", "many")


def test_a_text_too_long_says_how_long_it_may_be() -> None:
    with pytest.raises(Unusable) as refused:
        editing.say_item(FORM, "q2", "text", "x" * 2001)
    assert (refused.value.faults[0].field, refused.value.faults[0].facts["limit"]) == ("text", 2000)


def test_what_asks_nothing_cannot_be_required() -> None:
    form = editing.add_item(FORM, Type.HEADING).content
    with pytest.raises(NotAllowed):
        editing.require_item(form, "q5", is_required=True)


def test_a_consent_is_written_section_by_section() -> None:
    form = Consent(title="Consent")
    for _ in range(3):
        form = editing.add_section(form).content
    form = editing.say_section(form, "s2", "title", "Risks").content
    form = editing.initial_section(form, "s2", asks_initials=True).content
    form = editing.shift_section(form, "s2", up=True).content
    form = editing.remove_section(form, "s3").content
    form = editing.ask_signatures(form, guardian="always", witness=True, provider=False).content
    assert [(one.link_id, one.title, one.asks_initials) for one in form.sections] == [
        ("s2", "Risks", True),
        ("s1", "", False),
    ]
    assert (form.guardian, form.asks_witness, form.asks_provider) == ("always", True, False)


def test_a_form_of_one_kind_has_no_fields_of_another() -> None:
    with pytest.raises(NotAllowed):
        editing.say(Consent(), "html", "x")
    with pytest.raises(NotAllowed):
        editing.say(FORM, "items", "x")


def test_what_changed_since_a_version_is_told_in_order() -> None:
    form = editing.say_item(FORM, "q3", "text", "And your skin?").content
    form = editing.add_item(form, Type.DATE, "q1").content
    form = editing.say_item(form, "q5", "text", "Since when?").content
    form = editing.remove_item(form, "q4").content
    form = editing.move_item(form, "q1", 2).content
    assert changes(FORM, form) == [
        Change("added", "item", "Since when?"),
        Change("changed", "item", "Which week?"),
        Change("moved", "item", "Are you pregnant?"),
        Change("changed", "item", "And your skin?"),
        Change("removed", "item", "Where?"),
    ]


def test_nothing_changed_is_told_as_nothing() -> None:
    assert changes(FORM, FORM) == []


DEEDS = st.tuples(
    st.sampled_from(
        ["add", "copy", "remove", "move", "say", "number", "require", "retype", "option", "label", "alone", "unoption",
         "swap", "condition", "ask", "uncondition", "join"]
    ),
    st.integers(0, 9),
    st.integers(0, 9),
    st.text(max_size=12),
)  # fmt: skip


def apply(form: Questionnaire, deed: tuple[str, int, int, str]) -> Questionnaire:
    """One deed of somebody who presses anything anywhere."""
    what, a, b, words = deed
    kinds = list(Type)
    link = form.items[a % len(form.items)].link_id if form.items else "q1"
    one = item(form, link) if form.items else None
    codes = [x.code for x in one.options] if one else []
    code = codes[b % len(codes)] if codes else "o1"
    before = [x.link_id for x in earlier(form, link)] or ["q1"]
    field, value = [("question", before[b % len(before)]), ("operator", "answered"), ("answer", code)][b % 3]
    deeds = {
        "add": lambda: editing.add_item(form, kinds[(a * 10 + b) % len(kinds)], link if form.items and b % 2 else ""),
        "copy": lambda: editing.duplicate_item(form, link),
        "remove": lambda: editing.remove_item(form, link),
        "move": lambda: editing.move_item(form, link, b),
        "say": lambda: editing.say_item(form, link, editing.WORDED[b % 5], words),
        "number": lambda: editing.say_item(form, link, editing.NUMBERS[b % 2], words or str(b)),
        "require": lambda: editing.require_item(form, link, is_required=b % 2 == 0),
        "retype": lambda: editing.retype_item(form, link, kinds[(a + b) % len(kinds)]),
        "option": lambda: editing.add_option(form, link),
        "label": lambda: editing.say_option(form, link, code, words),
        "alone": lambda: editing.isolate_option(form, link, code),
        "unoption": lambda: editing.remove_option(form, link, code),
        "swap": lambda: editing.shift_option(form, link, code, up=b % 2 == 0),
        "condition": lambda: editing.add_condition(form, link),
        "ask": lambda: editing.set_condition(form, link, 0, field, value),
        "uncondition": lambda: editing.remove_condition(form, link, b % 2),
        "join": lambda: editing.join_conditions(form, link, "any" if b % 2 else "all"),
    }
    try:
        return deeds[what]().content
    except DomainError:
        return form


@given(st.lists(DEEDS, max_size=60))
def test_whatever_is_pressed_the_form_reads_back_as_it_was_written(deeds: list[tuple[str, int, int, str]]) -> None:
    form = FORM
    for deed in deeds:
        form = apply(form, deed)
    told = json.loads(json.dumps(definition.written(form)))
    assert definition.read(Kind.QUESTIONNAIRE, told) == form
    assert len(set(links(form))) == len(form.items)
    for one in form.items:
        assert all(makes_sense(each, earlier(form, one.link_id)) for each in one.shown_when)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9), st.text(max_size=12)), max_size=40))
def test_whatever_is_pressed_a_consent_reads_back_as_it_was_written(deeds: list[tuple[int, int, str]]) -> None:
    form = Consent(title="Consent")
    for what, n, words in deeds:
        link = form.sections[n % len(form.sections)].link_id if form.sections else ""
        tries = (
            lambda form=form, link=link, n=n: editing.add_section(form, link if n % 2 else ""),
            lambda form=form, link=link, words=words: editing.say_section(form, link, "html", words),
            lambda form=form, link=link, n=n: editing.initial_section(form, link, asks_initials=n % 2 == 0),
            lambda form=form, link=link: editing.remove_section(form, link),
            lambda form=form, link=link, n=n: editing.shift_section(form, link, up=n % 2 == 0),
            lambda form=form, n=n: editing.ask_signatures(
                form, guardian=("no", "when_minor", "always")[n % 3], witness=n % 2 == 0, provider=n > 4
            ),
            lambda form=form, words=words: editing.say(form, "statement", words),
        )
        try:
            form = tries[what]().content
        except DomainError:
            continue
    told = json.loads(json.dumps(definition.written(form)))
    assert definition.read(Kind.CONSENT, told) == form
    assert len({one.link_id for one in form.sections}) == len(form.sections)
