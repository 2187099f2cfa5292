"""A question as its control needs it: which control, what it says, what may be chosen. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clinic_portal.forms import rules
from clinic_portal.forms.answers import ADDRESS
from clinic_portal.forms.definition import LISTS, SILENT, Consent, Item, Type
from clinic_portal.forms.types import Draft
from clinic_portal.web.forms.shapes import OptionView, PartView, QuestionView, RowView, Shown
from clinic_portal.web.forms.told import told

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


def question_view(item: Item, draft: Draft, shown: Shown, patient: str, language: str) -> QuestionView:
    """An item as it is asked now: its refusal, what another device said, and that its answer is from last time."""
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


def with_texts(content: Consent, questions: list[QuestionView]) -> list[QuestionView]:
    """A consent's sections as they are read, initials under those that ask for them, signatures at the end."""
    known = {one.link: one for one in questions}
    found = []
    for section in content.sections:
        found.append(QuestionView(f"text-{section.link_id}", "section", section.title, html=section.html))
        if section.link_id in known:
            initials = known.pop(section.link_id)
            initials.text = "Your initials: I have read this part"
            found.append(initials)
    found.append(QuestionView("statement", "statement", content.statement))
    for link, one in known.items():
        is_guardian = link == rules.GUARDIAN
        one.text = "Signature of the parent or guardian" if is_guardian else "Your signature"
        one.help = "For a patient who cannot sign alone." if is_guardian else ""
        found.append(one)
    return found
