"""What a medical history is made of: kinds, their fields, what may stand in them. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from clinic_portal.core.errors import Invalid, NotAllowed, Unusable

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class FieldRule:
    """A field of a kind: how it is called, how long it may be, what it must be one of."""

    name: str
    label: str
    most: int = 120
    is_required: bool = False
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class KindRule:
    """A kind of item: its title, its fields, and how "I have none" is said, where it can be."""

    title: str
    one: str
    fields: tuple[FieldRule, ...]
    none: str = ""


_NOTE = FieldRule("note", "Anything to add", most=1000)
KINDS: dict[str, KindRule] = {
    "condition": KindRule(
        "Conditions",
        "condition",
        (
            FieldRule("name", "Condition", is_required=True),
            FieldRule("since", "Since when", most=40),
            FieldRule("status", "Is it", choices=(("active", "Present now"), ("past", "Over"))),
            _NOTE,
        ),
        none="No known conditions",
    ),
    "allergy": KindRule(
        "Allergies",
        "allergy",
        (
            FieldRule("name", "Allergic to", is_required=True),
            FieldRule("reaction", "What happens"),
            FieldRule(
                "severity",
                "How strong",
                choices=(("mild", "Mild"), ("moderate", "Moderate"), ("severe", "Severe")),
            ),
            _NOTE,
        ),
        none="No known allergies",
    ),
    "medication": KindRule(
        "Medications",
        "medication",
        (
            FieldRule("name", "Medication", is_required=True),
            FieldRule("dose", "Dose", most=60),
            FieldRule("frequency", "How often", most=60),
            _NOTE,
        ),
        none="No medications",
    ),
    "surgery": KindRule(
        "Surgeries and earlier treatments",
        "surgery or treatment",
        (FieldRule("name", "What was done", is_required=True), FieldRule("year", "Year", most=4), _NOTE),
        none="No surgeries",
    ),
    "pregnancy": KindRule(
        "Pregnancy",
        "pregnancy",
        (
            FieldRule(
                "status",
                "At present",
                is_required=True,
                choices=(
                    ("not_pregnant", "Not pregnant"),
                    ("pregnant", "Pregnant"),
                    ("breastfeeding", "Breastfeeding"),
                    ("trying", "Trying to conceive"),
                    ("not_applicable", "Does not apply"),
                ),
            ),
            _NOTE,
        ),
    ),
    "habit": KindRule(
        "Habits",
        "habit",
        (FieldRule("name", "Smoking, alcohol, sun, sport …", is_required=True), FieldRule("value", "How much"), _NOTE),
    ),
    "note": KindRule("Anything else", "note", (FieldRule("text", "What we should know", most=2000, is_required=True),)),
}
ONLY_ONE = frozenset({"pregnancy"})


def read(kind: str, typed: Mapping[str, str]) -> dict[str, str]:
    """An item as typed, in its normal form. Raises Unusable with every field at fault, NotAllowed for no such kind."""
    rule = KINDS.get(kind)
    if rule is None:
        raise NotAllowed()
    if typed.get("none"):
        if not rule.none:
            raise NotAllowed()
        return {"none": "yes"}
    found: dict[str, str] = {}
    faults: list[Invalid] = []
    for field in rule.fields:
        text = unicodedata.normalize("NFC", typed.get(field.name, "")).strip()
        try:
            _check(field, text)
        except Invalid as fault:
            faults.append(fault)
        if text:
            found[field.name] = text
    if faults:
        raise Unusable(faults)
    return found


def says_none(fields: Mapping[str, str]) -> bool:
    """Whether an item says that there is nothing of its kind."""
    return "none" in fields


def told(kind: str, fields: Mapping[str, str]) -> tuple[str, str]:
    """An item in words: what it is, and the rest of it."""
    rule = KINDS[kind]
    if says_none(fields):
        return rule.none, ""
    words = []
    for field in rule.fields:
        value = fields.get(field.name, "")
        words.append(dict(field.choices).get(value, value))
    return words[0], " · ".join(word for word in words[1:] if word)


def differences(kind: str, before: Mapping[str, str], now: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What was changed in an item: the name of each field, what stood there, what stands there; empty for nothing."""
    if says_none(before) or says_none(now):
        return [("", told(kind, before)[0], told(kind, now)[0])]
    return [
        (field.label, _in_words(field, before), _in_words(field, now))
        for field in KINDS[kind].fields
        if before.get(field.name, "") != now.get(field.name, "")
    ]


def _in_words(field: FieldRule, fields: Mapping[str, str]) -> str:
    value = fields.get(field.name, "")
    return dict(field.choices).get(value, value)


def _check(field: FieldRule, text: str) -> None:
    if _CONTROL.search(text):
        raise Invalid(field.name, "text_characters")
    if not text and field.is_required:
        raise Invalid(field.name, "history_missing")
    if len(text) > field.most:
        raise Invalid(field.name, "text_long", limit=field.most)
    if text and field.choices and text not in dict(field.choices):
        raise Invalid(field.name, "history_choice")
    if text and field.name == "year" and not re.fullmatch(r"(19|20)\d\d", text):
        raise Invalid(field.name, "history_year")
