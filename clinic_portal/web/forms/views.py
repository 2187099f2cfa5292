"""What a page shows of a form that is being filled in: steps, questions, what is missing, in words. Values in, views out."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from clinic_portal.core import wording
from clinic_portal.core.errors import Invalid
from clinic_portal.forms import rules
from clinic_portal.forms.answers import is_told
from clinic_portal.forms.definition import SILENT, Consent, Item, Questionnaire, Type
from clinic_portal.forms.types import Draft
from clinic_portal.web.forms.asked import question_view, with_texts
from clinic_portal.web.forms.shapes import (
    FormView,
    LinkView,
    QuestionView,
    SectionView,
    Shown,
    StepView,
    ToldView,
)
from clinic_portal.web.forms.told import told
from clinic_portal.web.problems import problem

START, SEND = "-start", "-send"
"""Steps that no heading begins: an item's link id never begins with a dash."""
SIGNS_LATER = {"witness": "a witness", "provider": "your provider"}


def form_view(draft: Draft, shown: Shown, *, patient: str, region: str, language: str) -> FormView:
    """A form as it stands, at the step that is looked at; at the first with something to do where it names none."""
    content = draft.version.content
    asked = rules.asked(content, is_minor=draft.is_minor)
    applying = rules.shown(asked, draft.answers)
    _, faults = rules.completed(asked, draft.answers, region=region)
    wrong = {fault.field: fault for fault in faults}
    visible, hidden = _visible(applying, draft, shown, wrong)
    steps = _steps(visible, content.title)
    where = {item.link_id: key for key, _, items in steps for item in items}
    keys = [key for key, _, _ in steps]
    if len(steps) != 1:
        keys.append(SEND)
    step = shown.step if shown.step in keys else _first(steps, draft.answers, wrong, keys)
    number = keys.index(step)
    required = [item for item in applying if item.is_required and item.type not in SILENT]
    done = sum(item.link_id not in wrong for item in required)
    items = next((items for key, _, items in steps if key == step), [])
    questions = [
        question_view(item, draft, shown, patient, language) for item in items if item.type is not Type.HEADING
    ]
    if isinstance(content, Consent):
        questions = with_texts(content, questions)
    return FormView(
        title=content.title,
        intro=content.intro if isinstance(content, Questionnaire) else "",
        kind=draft.version.kind.value,
        steps=[_step(key, title, items, step, draft.answers, wrong) for key, title, items in steps]
        + ([StepView(SEND, "Check and send", "now" if step == SEND else "open", "")] if SEND in keys else []),
        step=step,
        step_title="Check and send" if step == SEND else next(title for key, title, _ in steps if key == step),
        step_help=items[0].help if items and items[0].type is Type.HEADING else "",
        place=f"Step {number + 1} of {len(keys)}" if len(keys) > 1 else "",
        questions=questions,
        answers=_values(items, draft, shown, patient),
        seen={item.link_id: draft.seen.get(item.link_id, 0) for item in items if item.link_id not in shown.aside},
        done=done,
        total=len(required),
        progress=_progress(done, len(required)),
        missing=[
            LinkView(item.link_id, where.get(item.link_id, START), _short(item), _why(item, wrong, shown))
            for item in applying
            if item.link_id in wrong or item.link_id in shown.differs
        ],
        sections=_sections(_steps(applying, content.title), draft.answers, language) if step == SEND else [],
        is_first=number == 0,
        is_last=number == len(keys) - 1,
        before=keys[number - 1] if number else "",
        after=keys[number + 1] if number + 1 < len(keys) else "",
        signs_later=" and ".join(SIGNS_LATER[one] for one in rules.countersigners(content)),
        hides=hidden,
    )


def carried_sections(draft: Draft, language: str) -> list[SectionView]:
    """What was answered last time and is asked again, in words."""
    asked = rules.asked(draft.version.content, is_minor=draft.is_minor)
    applying = rules.shown(asked, draft.answers)
    kept = [one for one in applying if one.type is Type.HEADING or one.link_id in draft.carried]
    return _sections(_steps(kept, ""), draft.answers, language)


def errors_of(faults: Collection[Invalid]) -> dict[str, str]:
    """Refusals by link id, in words."""
    return {fault.field: problem(fault).sentence for fault in faults}


def _visible(applying: list[Item], draft: Draft, shown: Shown, wrong: Mapping[str, Invalid]) -> tuple[list[Item], int]:
    """What is asked here: after "nothing has changed" only what was not carried over (P11), and how much that hides."""
    if shown.shows_all or draft.has_changes or not draft.carried:
        return applying, 0
    hidden = {link for link in draft.carried if link not in wrong and link not in shown.aside}
    hidden &= {item.link_id for item in applying}
    return [item for item in applying if item.link_id not in hidden], len(hidden)


def _steps(items: list[Item], title: str) -> list[tuple[str, str, list[Item]]]:
    """The items by their headings; a heading under which nothing is asked or told begins no step."""
    found: list[tuple[str, str, list[Item]]] = [(START, title, [])]
    for item in items:
        if item.type is Type.HEADING:
            found.append((item.link_id, item.text, []))
        found[-1][2].append(item)
    return [one for one in found if any(item.type not in SILENT for item in one[2])]


def _first(
    steps: list[tuple[str, str, list[Item]]],
    answers: Mapping[str, Any],
    wrong: Mapping[str, Invalid],
    keys: list[str],
) -> str:
    """Where somebody goes on: at the first step with something missing, once anything is answered."""
    if is_told(dict(answers)):
        for key, _, items in steps:
            if any(item.link_id in wrong for item in items):
                return key
        return keys[-1]
    return keys[0]


def _step(
    key: str, title: str, items: list[Item], at: str, answers: Mapping[str, Any], wrong: Mapping[str, Invalid]
) -> StepView:
    asked = [item for item in items if item.type not in SILENT]
    missing = sum(item.link_id in wrong for item in asked)
    begun = any(is_told(answers.get(item.link_id)) for item in asked)
    state = "now" if key == at else "done" if begun and not missing else "open"
    return StepView(
        key, title, state, f"{missing} to answer" if missing else "Complete" if begun else "Nothing required"
    )


def _progress(done: int, total: int) -> str:
    if not total:
        return "No answer is required"
    return f"{done} of {total} required {'answer' if total == 1 else 'answers'} given"


def _values(items: list[Item], draft: Draft, shown: Shown, patient: str) -> dict[str, str]:
    """The answers of the step, as JSON. A signature begins with the name of who is to sign."""
    found = {}
    for item in items:
        answer = shown.aside.get(item.link_id, draft.answers.get(item.link_id))
        if answer is None and item.type is Type.SIGNATURE:
            name = "" if item.link_id == rules.GUARDIAN else patient
            answer = {"method": "drawn", "name": name, "relation": "", "strokes": []}
        if answer is not None:
            found[item.link_id] = json.dumps(answer, ensure_ascii=False)
    return found


def _sections(steps: list[tuple[str, str, list[Item]]], answers: Mapping[str, Any], language: str) -> list[SectionView]:
    found = []
    for key, title, items in steps:
        lines = [
            ToldView(_short(item), told(item, answers.get(item.link_id), language))
            for item in items
            if item.type not in SILENT
        ]
        found.append(SectionView(key, title, lines))
    return found


def _short(item: Item) -> str:
    if item.type is Type.SIGNATURE:
        return "Signature of the parent or guardian" if item.link_id == rules.GUARDIAN else "Your signature"
    text = f"Initials: {item.text}" if item.type is Type.INITIALS else item.text
    return text if len(text) <= 140 else f"{text[:139].rstrip()}…"


def _why(item: Item, wrong: Mapping[str, Invalid], shown: Shown) -> str:
    if item.link_id in shown.differs:
        return "Answered on two devices: please choose."
    fault = wrong[item.link_id]
    return "" if fault.code in ("answer_missing", *rules.MISSING.values()) else problem(fault).sentence


def since(draft: Draft, zone: str, language: str) -> str:
    """The day of the form that answers were carried over from."""
    return wording.day(draft.carried_from_at, zone, language, length="medium") if draft.carried_from_at else ""


def faults_of(draft: Draft, region: str) -> dict[str, str]:
    """What keeps the form from being complete, by link id, in words."""
    asked = rules.asked(draft.version.content, is_minor=draft.is_minor)
    return errors_of(rules.completed(asked, draft.answers, region=region)[1])


__all__ = ["FormView", "LinkView", "QuestionView", "SectionView", "Shown", "StepView", "carried_sections", "form_view"]
