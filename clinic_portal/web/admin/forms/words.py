"""Forms in words: their kinds, the types of questions, how long they hold, whom they are asked. Values in, words out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from clinic_portal.clinic.types import Catalogue
from clinic_portal.forms.comparing import Change
from clinic_portal.forms.definition import Condition, Item, Kind, Type
from clinic_portal.forms.rules import Validity

KINDS: Mapping[Kind, tuple[str, str, str]] = {
    Kind.QUESTIONNAIRE: (
        "Questionnaires",
        "Questionnaire",
        "Questions patients answer before their visit, such as a medical intake.",
    ),
    Kind.CONSENT: ("Consents", "Consent", "A text patients read and sign before their treatment."),
    Kind.BEFORE: (
        "Before a treatment",
        "Instructions before a treatment",
        "What to do and to leave before a visit. Sent with the booking.",
    ),
    Kind.AFTER: (
        "After a treatment",
        "Instructions after a treatment",
        "How to look after oneself afterwards. Shown from the visit’s start, sent after its end.",
    ),
}
"""Each kind: many of them, one of them, what it is for."""

TYPES: Mapping[str, Mapping[Type, tuple[str, str]]] = {
    "Text": {
        Type.SHORT_TEXT: ("Short text", "One line, such as a name."),
        Type.LONG_TEXT: ("Long text", "Several lines, such as a description."),
        Type.EMAIL: ("E-mail address", "Checked to be one."),
        Type.PHONE: ("Phone number", "Checked to be one."),
        Type.ADDRESS: ("Address", "Street, city, postal code and country."),
        Type.NUMBER: ("Number", "With a unit and limits, such as 60 kg."),
        Type.DATE: ("Date", "A day, month and year."),
    },
    "Choices": {
        Type.YES_NO: ("Yes or no", "Two buttons."),
        Type.YES_NO_EXPLAIN: ("Yes or no, explained", "Who says yes tells more about it."),
        Type.CHOICE: ("One answer", "One of several answers."),
        Type.CHOICES: ("Several answers", "Any number of several answers."),
        Type.CHOICE_OTHER: ("One answer, or another", "One of several answers, or their own words."),
        Type.SCALE: ("Scale", "From one number to another, such as 0 to 10."),
    },
    "Health": {
        Type.MEDICATIONS: ("Medications", "A list: name and dose, or none."),
        Type.ALLERGIES: ("Allergies", "A list: what it is and how they react, or none."),
        Type.CONDITIONS: ("Conditions", "A list: what it is and since when, or none."),
    },
    "Files": {
        Type.PHOTO: ("Photos", "Taken with the phone, or chosen."),
        Type.FILE: ("Files", "A document, such as a laboratory result."),
    },
    "Signing": {
        Type.ACKNOWLEDGEMENT: ("Acknowledgement", "A box to tick: read and understood."),
        Type.INITIALS: ("Initials", "Their initials under a sentence."),
        Type.SIGNATURE: ("Signature", "Drawn or typed."),
    },
    "Layout": {
        Type.HEADING: ("Heading", "Begins a part of the form."),
        Type.PARAGRAPH: ("Paragraph", "Text to read; nothing to answer."),
    },
}
"""The types of items by group: what each is called, and what it is."""

TYPE_NAMES: Mapping[Type, str] = {kind: told[0] for group in TYPES.values() for kind, told in group.items()}
OPERATORS: Mapping[str, str] = {
    "is": "is",
    "is_not": "is not",
    "answered": "is answered",
    "at_least": "is at least",
    "at_most": "is at most",
}
UNITS: Mapping[str, int] = {"minutes": 1, "hours": 60, "days": 24 * 60, "weeks": 7 * 24 * 60}
"""What a delay is told in, and the minutes of one."""
_CHANGES: Mapping[tuple[str, str], str] = {
    ("added", "item"): "New: {name}",
    ("removed", "item"): "Taken out: {name}",
    ("changed", "item"): "Changed: {name}",
    ("moved", "item"): "Moved: {name}",
    ("added", "section"): "New section: {name}",
    ("removed", "section"): "Section taken out: {name}",
    ("changed", "section"): "Section changed: {name}",
    ("moved", "section"): "Section moved: {name}",
    ("changed", "title"): "Another title",
    ("changed", "text"): "The text was changed",
    ("changed", "statement"): "The sentence that is signed was changed",
    ("changed", "signatures"): "Who signs was changed",
}


def validity(kind: Kind, told: Validity) -> str:
    """How long an answered form holds."""
    if kind in (Kind.BEFORE, Kind.AFTER):
        return ""
    if told.is_per_visit:
        return "Asked at each visit"
    if told.days is None:
        return "Asked once, holds for good"
    return f"Holds for {span_of_days(told.days)}"


def span_of_days(days: int) -> str:
    """So many days, as people say it: a year, 6 months, 90 days."""
    for length, one, many in ((365, "a year", "{} years"), (30, "a month", "{} months")):
        if days % length == 0:
            count = days // length
            return one if count == 1 else many.format(count)
    return "a day" if days == 1 else f"{days} days"


def delay(minutes: int) -> tuple[int, str]:
    """A delay as a number and the greatest unit that says it whole."""
    for unit, length in reversed(list(UNITS.items())):
        if minutes and minutes % length == 0:
            return minutes // length, unit
    return minutes, "hours" if not minutes else "minutes"


def delay_told(minutes: int) -> str:
    """When instructions for afterwards are sent."""
    if not minutes:
        return "Sent when the visit ends"
    number, unit = delay(minutes)
    return f"Sent {number} {unit if number != 1 else unit[:-1]} after the visit"


def services(clinic: Catalogue, wanted: Collection[int]) -> str:
    """The services a form belongs to: whole categories by their name, others by theirs, never a wall of names."""
    mine = [one for one in clinic.services.values() if one.id in wanted]
    if len(mine) <= 1:
        return mine[0].name if mine else "No service yet"
    if len(mine) == len(clinic.services):
        return "All services"
    whole, none, single = [], [], []
    for category in clinic.categories.values():
        offered = [one for one in clinic.services.values() if one.category_id == category.id]
        chosen = [one.name for one in offered if one.id in wanted]
        if len(chosen) == len(offered) > 1:
            whole.append(f"{'both' if len(offered) == 2 else f'all {len(offered)}'} of {category.name}")
        else:
            single += chosen
        none += [category.name] if offered and not chosen else []
    if len(whole) > 2 and not single and len(none) <= 2:
        return f"All services but {listed(none)}"
    parts = [*whole, *(single if len(single) <= 3 else [*single[:2], f"{len(single) - 2} more"])]
    text = listed(parts) if len(parts) <= 3 else f"{len(mine)} of {len(clinic.services)} services"
    return text[:1].upper() + text[1:]


def listed(names: Sequence[str]) -> str:
    """Names one after the other."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def item_name(item: Item) -> str:
    """What an item is called in lists: its text, or what it is while it has none."""
    return " ".join(item.text.split()) or TYPE_NAMES[item.type]


def answer_name(question: Item, answer: str) -> str:
    """An answer of a question in words."""
    if answer in ("yes", "no"):
        return answer.title()
    label = next((one.label for one in question.options if one.code == answer), None)
    if label is not None:
        return label or "an answer without words yet"
    return "Other" if answer == "other" else answer or "…"


def condition(question: Item, told: Condition) -> str:
    """A condition as half a sentence."""
    begin = f"“{short(item_name(question))}” {OPERATORS[told.operator]}"
    return begin if told.operator == "answered" else f"{begin} {answer_name(question, told.answer)}"


def change(told: Change) -> str:
    """What was changed since the version in force."""
    name = f"“{short(' '.join(told.name.split()))}”" if told.name.strip() else "one without words"
    return _CHANGES[told.how, told.what].format(name=name)


def short(text: str, most: int = 60) -> str:
    """The beginning of a text."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
