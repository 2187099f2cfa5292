"""Decisions about forms, from values: what is asked and shown, how far one is, what still holds (S39, P11)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from clinic_portal.core.errors import Invalid
from clinic_portal.forms.answers import decimal, finished, is_told, plain
from clinic_portal.forms.definition import (
    EACH_TIME,
    LISTS,
    SILENT,
    Condition,
    Consent,
    Content,
    Instruction,
    Item,
    Questionnaire,
    Type,
)

Answers = Mapping[str, Any]
PATIENT, GUARDIAN = "sign-patient", "sign-guardian"
MISSING = {
    Type.SIGNATURE: "signature_missing",
    Type.INITIALS: "initials_missing",
    Type.ACKNOWLEDGEMENT: "answer_unticked",
}
"""What a missing answer of a kind is called, where it is not `answer_missing`."""
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a form is: of the questions that must be answered and are shown, how many are."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Validity:
    """How long what was told or signed holds (P11): for its visit alone, so many days, or for good (None)."""

    is_per_visit: bool
    days: int | None


def asked(content: Content, *, is_minor: bool) -> Questionnaire:
    """What a form asks: of a consent, the initials under its sections and the signatures given with the patient."""
    if isinstance(content, Questionnaire):
        return content
    if not isinstance(content, Consent):
        return Questionnaire(title=content.title)
    items = [
        Item(link_id=one.link_id, type=Type.INITIALS, text=one.title or content.title, is_required=True)
        for one in content.sections
        if one.asks_initials
    ]
    items.append(Item(link_id=PATIENT, type=Type.SIGNATURE, text=content.statement, is_required=True))
    if content.guardian == "always" or (content.guardian == "when_minor" and is_minor):
        items.append(Item(link_id=GUARDIAN, type=Type.SIGNATURE, text=content.statement, is_required=True))
    return Questionnaire(title=content.title, items=tuple(items))


def countersigners(content: Content) -> tuple[str, ...]:
    """Who of the clinic signs as well, in this order (P10)."""
    if not isinstance(content, Consent):
        return ()
    return (*(("witness",) if content.asks_witness else ()), *(("provider",) if content.asks_provider else ()))


def shown(form: Questionnaire, answers: Answers) -> list[Item]:
    """The items that apply, in order: an item hidden by its own condition or its section's is as good as unanswered."""
    found: list[Item] = []
    told: dict[str, Any] = {}
    section_is_shown = True
    for item in form.items:
        holds = _holds(item, told)
        if item.type is Type.HEADING:
            section_is_shown = holds
        if not (holds and section_is_shown):
            continue
        found.append(item)
        if item.type not in SILENT and is_told(answers.get(item.link_id)):
            told[item.link_id] = _as_finished(item, answers[item.link_id])
    return found


def progress(form: Questionnaire, answers: Answers) -> Progress:
    """How far it is."""
    asked = [item for item in shown(form, answers) if item.is_required and item.type not in SILENT]
    return Progress(sum(is_told(answers.get(item.link_id)) for item in asked), len(asked))


def minutes(content: Content) -> int:
    """About how long it takes: a question in ten seconds, a list in half a minute, 200 words to read in a minute."""
    seconds = 0.0
    if isinstance(content, Questionnaire):
        seconds = sum(30 if item.type in LISTS else 10 for item in content.items if item.type not in SILENT)
    elif isinstance(content, Consent):
        seconds = 20 + sum(len(_TAG.sub(" ", one.html).split()) * 0.3 for one in content.sections)
    elif isinstance(content, Instruction):
        seconds = len(_TAG.sub(" ", content.html).split()) * 0.3
    return max(1, round(seconds / 60))


def completed(form: Questionnaire, answers: Answers, *, region: str) -> tuple[dict[str, Any], list[Invalid]]:
    """The answers of a form that is to be complete, in normal forms, and what keeps it from being so.

    Only what is shown counts. A form without a single answer is never complete (`form_empty`).
    """
    found: dict[str, Any] = {}
    faults: list[Invalid] = []
    for item in shown(form, answers):
        if item.type in SILENT:
            continue
        answer = answers.get(item.link_id)
        if not is_told(answer):
            if item.is_required:
                faults.append(Invalid(item.link_id, MISSING.get(item.type, "answer_missing")))
            continue
        try:
            found[item.link_id] = finished(item, answer, region)
        except Invalid as fault:
            facts = {name: value for name, value in fault.facts.items() if name != "field"}
            faults.append(Invalid(item.link_id, fault.code, **facts))
    if not found and not faults:
        faults.append(Invalid("", "form_empty"))
    return found, faults


def carried(old: Questionnaire, new: Questionnaire, answers: Answers) -> dict[str, Any]:
    """The answers of an earlier form that answer the same questions of this one (P11).

    A question is the same when nothing of what it asks has changed. What is put under a text each time is not carried.
    """
    before = {item.link_id: item for item in old.items}
    same = (item for item in new.items if _asks(item) == _asks(before.get(item.link_id)))
    return {
        item.link_id: answers[item.link_id]
        for item in same
        if item.type not in EACH_TIME and is_told(answers.get(item.link_id))
    }


def holds_until(validity: Validity, completed_at: datetime) -> datetime | None:
    """Until when an answered form holds; None for good, or as long as its visit."""
    return completed_at + timedelta(days=validity.days) if validity.days is not None else None


def is_minor(birth_on: date | None, today: date, *, of_age_years: int = 18) -> bool:
    """Whether somebody is under age on a day; who does not say when they were born is taken to be of age."""
    if birth_on is None:
        return False
    years = today.year - birth_on.year - ((today.month, today.day) < (birth_on.month, birth_on.day))
    return years < of_age_years


def _asks(item: Item | None) -> Any:
    """What makes a question the same question."""
    return item and (item.type, item.text, item.options, item.unit, item.least, item.most)


def _as_finished(item: Item, answer: Any) -> Any:
    """A number as it is spelled once the form is completed, so that the same is shown then."""
    number = decimal(answer) if item.type in (Type.NUMBER, Type.SCALE) else None
    return answer if number is None else plain(number)


def _holds(item: Item, told: Answers) -> bool:
    tried = [_meets(one, told.get(one.question)) for one in item.shown_when]
    return not tried or (any(tried) if item.shown_if == "any" else all(tried))


def _meets(condition: Condition, answer: Any) -> bool:
    value = answer.get("value") if isinstance(answer, Mapping) and "value" in answer else answer
    if condition.operator == "answered":
        return is_told(answer)
    if condition.operator in ("at_least", "at_most"):
        number, bound = decimal(value), decimal(condition.answer)
        if number is None or bound is None:
            return False
        return number >= bound if condition.operator == "at_least" else number <= bound
    is_so = condition.answer in value if isinstance(value, list) else value == condition.answer
    return is_so if condition.operator == "is" else is_told(answer) and not is_so
