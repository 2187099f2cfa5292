"""What a page shows of a form that is being filled in: steps, questions, what is missing, in words. Values in, views out."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from clinic_portal.core import wording
from clinic_portal.core.errors import Invalid
from clinic_portal.forms import rules
from clinic_portal.forms.answers import ADDRESS, is_told
from clinic_portal.forms.definition import LISTS, SILENT, Consent, Item, Questionnaire, Type
from clinic_portal.forms.types import Draft
from clinic_portal.web.forms.told import told
from clinic_portal.web.problems import problem

START, SEND = "-start", "-send"
"""Steps that no heading begins: an item's link id never begins with a dash."""
SIGNS_LATER = {"witness": "a witness", "provider": "your provider"}
PART_LABELS = {
    "street": "Street and number", "city": "City", "region": "State or region", "postal_code": "Postal code",
    "country": "Country", "name": "Name", "dose": "Dose, how often", "reaction": "What happens", "since": "Since when",
}  # fmt: skip
ROW_NAMES = {Type.MEDICATIONS: "Medication", Type.ALLERGIES: "Allergy", Type.CONDITIONS: "Condition"}
NONE_LABELS = {
    Type.MEDICATIONS: "I take no medications",
    Type.ALLERGIES: "I have no allergies",
    Type.CONDITIONS: "I have none",
}
AUTO_COMPLETE = {
    "street": "street-address", "city": "address-level2", "region": "address-level1", "postal_code": "postal-code",
    "country": "country-name",
}  # fmt: skip
_LINES: Mapping[Type, tuple[str, str, str]] = {
    Type.SHORT_TEXT: ("text", "text", "off"),
    Type.EMAIL: ("email", "email", "email"),
    Type.PHONE: ("tel", "tel", "tel"),
    Type.NUMBER: ("text", "decimal", "off"),
    Type.DATE: ("date", "text", "off"),
    Type.INITIALS: ("text", "text", "off"),
}
"""Controls of one line: the input's type, its keyboard, what a browser may fill in."""


@dataclass
class OptionView:
    """An answer to choose."""

    code: str
    label: str


@dataclass
class PartView:
    """A part of an address, or of a row of a list. `id` names its input."""

    id: str
    part: str
    label: str
    fills: str = ""


@dataclass
class RowView:
    """A row of a list of medications, allergies or conditions."""

    label: str
    place: str
    parts: list[PartView]


@dataclass
class QuestionView:
    """A question, or a text among them, with its control. `mine` and `theirs` where two devices gave two answers."""

    link: str
    control: str
    text: str
    help: str = ""
    html: str = ""
    is_optional: bool = False
    hint: str = ""
    error: str = ""
    mine: str = ""
    theirs: str = ""
    note: str = ""
    input: str = "text"
    keyboard: str = "text"
    fills: str = "off"
    unit: str = ""
    none: str = ""
    row_name: str = ""
    relation: bool = False
    options: list[OptionView] = field(default_factory=list)
    parts: list[PartView] = field(default_factory=list)
    rows: list[RowView] = field(default_factory=list)


@dataclass
class StepView:
    """A step of the form. `state`: now, done, open."""

    key: str
    title: str
    state: str
    told: str


@dataclass
class LinkView:
    """A question that keeps the form from being complete, and where it is."""

    link: str
    step: str
    text: str
    why: str


@dataclass
class ToldView:
    """A question and its answer in words."""

    text: str
    answer: str


@dataclass
class SectionView:
    """Answers of one step in words."""

    key: str
    title: str
    told: list[ToldView]


@dataclass
class Shown:
    """What the person looks at, beyond what is kept of the form: the step, refusals, answers kept aside in conflict."""

    step: str = ""
    shows_all: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)
    aside: Mapping[str, Any] = field(default_factory=dict)  # answers typed here that the server could not take
    differs: Collection[str] = ()  # of those: the ones another device answered otherwise
    blank_rows: Mapping[str, int] = field(default_factory=dict)


@dataclass
class FormView:
    """A form as the page shows it."""

    title: str
    intro: str
    kind: str
    steps: list[StepView]
    step: str
    step_title: str
    place: str
    questions: list[QuestionView]
    answers: dict[str, str]
    seen: dict[str, int]
    done: int
    total: int
    progress: str
    missing: list[LinkView]
    sections: list[SectionView]
    is_first: bool
    is_last: bool
    before: str
    after: str
    signs_later: str
    hides: int


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
    has_review = len(steps) > 1 or (bool(draft.carried) and isinstance(content, Questionnaire))
    if has_review or not steps:
        keys.append(SEND)
    step = shown.step if shown.step in keys else _first(steps, draft.answers, wrong, keys)
    number = keys.index(step)
    required = [item for item in applying if item.is_required and item.type not in SILENT]
    done = sum(item.link_id not in wrong for item in required)
    items = next((items for key, _, items in steps if key == step), [])
    questions = [_question(item, draft, shown, patient, language) for item in items if item.type is not Type.HEADING]
    if isinstance(content, Consent):
        questions = _with_texts(content, questions)
    return FormView(
        title=content.title,
        intro=content.intro if isinstance(content, Questionnaire) else "",
        kind=draft.version.kind.value,
        steps=[_step(key, title, items, step, draft.answers, wrong) for key, title, items in steps]
        + ([StepView(SEND, "Check and send", "now" if step == SEND else "open", "")] if SEND in keys else []),
        step=step,
        step_title="Check and send" if step == SEND else next(title for key, title, _ in steps if key == step),
        place=f"Step {number + 1} of {len(keys)}" if len(keys) > 1 else "",
        questions=questions,
        answers=_values(items, draft, shown, patient),
        seen={item.link_id: draft.seen.get(item.link_id, 0) for item in items if item.link_id not in shown.aside},
        done=done,
        total=len(required),
        progress=_progress(done, len(required)),
        missing=[
            LinkView(item.link_id, where.get(item.link_id, START), _short(item), _why(wrong[item.link_id]))
            for item in applying
            if item.link_id in wrong
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
            ToldView(_short(item), told(item, answers.get(item.link_id), language) or "Not answered")
            for item in items
            if item.type not in SILENT
        ]
        found.append(SectionView(key, title, lines))
    return found


def _question(item: Item, draft: Draft, shown: Shown, patient: str, language: str) -> QuestionView:
    kind, link = item.type, item.link_id
    one = QuestionView(
        link=link,
        control=_control(item),
        text=item.text,
        help=item.help,
        is_optional=not item.is_required and kind not in SILENT,
        error=shown.errors.get(link, ""),
        unit=item.unit,
        options=[OptionView(option.code, option.label or option.code) for option in item.options],
    )
    if link in shown.differs:
        one.mine = told(item, shown.aside.get(link), language) or "No answer"
        one.theirs = told(item, draft.answers.get(link), language) or "No answer"
    if link in draft.carried and draft.carried_from_at:
        one.note = "From last time"
    if kind in _LINES:
        one.input, one.keyboard, one.fills = _LINES[kind]
    if kind is Type.NUMBER:
        one.hint = _range(item)
    elif kind is Type.SCALE:
        least, most = int(item.least or 0), int(item.most or 10)
        one.options = [OptionView(str(n), str(n)) for n in range(least, most + 1)]
        one.parts = [PartView("", "least", item.least_label), PartView("", "most", item.most_label)]
    elif kind in (Type.YES_NO, Type.YES_NO_EXPLAIN):
        one.options = [OptionView("yes", "Yes"), OptionView("no", "No")]
    elif kind is Type.CHOICE_OTHER:
        one.options = [*one.options, OptionView("other", "Something else")]
    elif kind is Type.ADDRESS:
        one.parts = [_part(f"{link}-{part}", part) for part in ADDRESS]
    elif kind in LISTS:
        _add_rows(one, item, shown.aside.get(link, draft.answers.get(link)), shown.blank_rows.get(link, 1))
    elif kind is Type.SIGNATURE and link == rules.GUARDIAN:
        one.relation = True
    return one


def _control(item: Item) -> str:
    kind = item.type
    if kind in _LINES:
        return "initials" if kind is Type.INITIALS else "line"
    if kind in LISTS:
        return "rows"
    return {
        Type.LONG_TEXT: "area",
        Type.YES_NO_EXPLAIN: "explain",
        Type.CHOICE_OTHER: "other",
        Type.ACKNOWLEDGEMENT: "tick",
        Type.PHOTO: "files",
        Type.FILE: "files",
    }.get(kind, kind.value)


def _add_rows(one: QuestionView, item: Item, answer: Any, least: int) -> None:
    count = max(1, least, len((answer or {}).get("rows", ())))
    one.none, one.row_name = NONE_LABELS[item.type], ROW_NAMES[item.type]
    one.rows = [
        RowView(
            label=f"{one.row_name} {n + 1}",
            place=str(n),
            parts=[_part(f"{item.link_id}-{n}-{part}", part) for part in LISTS[item.type]],
        )
        for n in range(count)
    ]


def _part(name: str, part: str) -> PartView:
    return PartView(name, part, PART_LABELS[part], AUTO_COMPLETE.get(part, "off"))


def _range(item: Item) -> str:
    least, most = item.least, item.most
    if least is not None and most is not None:
        return f"From {least.normalize():f} to {most.normalize():f}"
    if least is not None:
        return f"{least.normalize():f} or more"
    return f"{most.normalize():f} or less" if most is not None else ""


def _with_texts(content: Consent, questions: list[QuestionView]) -> list[QuestionView]:
    """A consent's sections as they are read, initials under those that ask for them, signatures at the end."""
    known = {one.link: one for one in questions}
    found = []
    for section in content.sections:
        found.append(QuestionView(f"text-{section.link_id}", "section", section.title, html=section.html))
        if section.link_id in known:
            initials = known.pop(section.link_id)
            initials.text = "Your initials: I have read this part"
            found.append(initials)
    for link, one in known.items():
        one.row_name = "Parent or guardian" if link == rules.GUARDIAN else "Your signature"
        found.append(one)
    return found


def _short(item: Item) -> str:
    if item.type is Type.SIGNATURE:
        return "Signature of the parent or guardian" if item.link_id == rules.GUARDIAN else "Your signature"
    text = f"Initials: {item.text}" if item.type is Type.INITIALS else item.text
    return text if len(text) <= 140 else f"{text[:139].rstrip()}…"


def _why(fault: Invalid) -> str:
    return "" if fault.code == "answer_missing" else problem(fault).sentence


def since(draft: Draft, zone: str, language: str) -> str:
    """The day of the form that answers were carried over from."""
    return wording.day(draft.carried_from_at, zone, language, length="medium") if draft.carried_from_at else ""


def faults_of(draft: Draft, region: str) -> dict[str, str]:
    """What keeps the form from being complete, by link id, in words."""
    asked = rules.asked(draft.version.content, is_minor=draft.is_minor)
    return errors_of(rules.completed(asked, draft.answers, region=region)[1])
