"""Which conditions make sense: an item may ask about the answers of earlier questions, and of those that can be."""

from typing import Literal

from clinic_portal.forms.checking import unfit
from clinic_portal.forms.definition import SILENT, WITH_OPTIONS, Condition, Item, Questionnaire, Type

Operator = Literal["is", "is_not", "answered", "at_least", "at_most"]
_YES_NO = frozenset({Type.YES_NO, Type.YES_NO_EXPLAIN})
_MEASURED = frozenset({Type.NUMBER, Type.SCALE})


def earlier(form: Questionnaire, link: str) -> list[Item]:
    """The questions before an item that its conditions may ask about, in order."""
    found: list[Item] = []
    for item in form.items:
        if item.link_id == link:
            return found
        if item.type not in SILENT:
            found.append(item)
    return found


def operators(question: Item) -> tuple[Operator, ...]:
    """How a condition may ask about this question's answer, the usual way first."""
    if question.type in _YES_NO:
        return ("is", "answered")
    if question.type in WITH_OPTIONS:
        return ("is", "is_not", "answered")
    if question.type in _MEASURED:
        return ("at_least", "at_most", "answered")
    return ("answered",)


def answers(question: Item) -> tuple[str, ...]:
    """The answers a condition may name, where they can be counted."""
    if question.type in _YES_NO:
        return ("yes", "no")
    if question.type in WITH_OPTIONS:
        other = ("other",) if question.type is Type.CHOICE_OTHER else ()
        return (*(one.code for one in question.options), *other)
    return ()


def makes_sense(condition: Condition, before: list[Item]) -> bool:
    """Whether a condition asks about one of these questions, for an answer it can have; a number may yet be written."""
    question = next((one for one in before if one.link_id == condition.question), None)
    fault = unfit(condition, question)
    return not fault or (fault == "form_condition_answer" and question is not None and not answers(question))


def pruned(form: Questionnaire) -> tuple[Questionnaire, tuple[str, ...]]:
    """The form without the conditions that make no sense (any more), and the items that lost one."""
    kept: list[Item] = []
    dropped: list[str] = []
    before: list[Item] = []
    for item in form.items:
        told = tuple(one for one in item.shown_when if makes_sense(one, before))
        if told != item.shown_when:
            dropped.append(item.link_id)
        kept.append(item.model_copy(update={"shown_when": told}) if told != item.shown_when else item)
        if item.type not in SILENT:
            before.append(kept[-1])
    return form.model_copy(update={"items": tuple(kept)}) if dropped else form, tuple(dropped)
