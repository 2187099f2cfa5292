"""What a form holds: questions, sections to sign, or instructions. Frozen values, read from and written to JSON.

The shapes follow FHIR R4: Questionnaire (item, linkId, type, enableWhen, required, answerOption), Consent, and for
instructions a CommunicationRequest's text. A published content is told by its digest: the same bytes, the same form.
"""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

LINK = r"^[a-z0-9][a-z0-9-]{0,39}$"
MOST_ITEMS = 120


class Kind(StrEnum):
    """What kind of form it is."""

    QUESTIONNAIRE = "questionnaire"
    CONSENT = "consent"
    BEFORE = "before"  # pre-treatment instructions
    AFTER = "after"  # post-treatment instructions


class Type(StrEnum):
    """What an item of a questionnaire is, and so the shape of its answer."""

    HEADING = "heading"  # begins a section; its condition holds for all of it (FHIR: group)
    PARAGRAPH = "paragraph"  # text to read (FHIR: display)
    SHORT_TEXT = "short_text"  # "…"
    LONG_TEXT = "long_text"  # "…"
    EMAIL = "email"  # "…"
    PHONE = "phone"  # E.164 once complete
    ADDRESS = "address"  # {"street", "city", "region", "postal_code", "country"}
    NUMBER = "number"  # "72.5": decimal digits, in `unit`
    DATE = "date"  # "2026-12-03"
    YES_NO = "yes_no"  # "yes" | "no"
    YES_NO_EXPLAIN = "yes_no_explain"  # {"value": "yes" | "no", "text": "…"}; a yes is explained
    CHOICE = "choice"  # an option's code
    CHOICES = "choices"  # ["code", …]
    CHOICE_OTHER = "choice_other"  # {"value": a code or "other", "text": "…"}
    SCALE = "scale"  # "7": a whole number from `least` to `most`
    MEDICATIONS = "medications"  # {"none": false, "rows": [{"name", "dose"}, …]}
    ALLERGIES = "allergies"  # {"none": false, "rows": [{"name", "reaction"}, …]}
    CONDITIONS = "conditions"  # {"none": false, "rows": [{"name", "since"}, …]}
    PHOTO = "photo"  # ["file id", …]
    FILE = "file"  # ["file id", …]
    ACKNOWLEDGEMENT = "acknowledgement"  # "yes": read and understood
    INITIALS = "initials"  # "AR"
    SIGNATURE = "signature"  # see Signature


SILENT = frozenset({Type.HEADING, Type.PARAGRAPH})
"""Items that ask nothing."""
WITH_OPTIONS = frozenset({Type.CHOICE, Type.CHOICES, Type.CHOICE_OTHER})
LISTS: Mapping[Type, tuple[str, str]] = {
    Type.MEDICATIONS: ("name", "dose"),
    Type.ALLERGIES: ("name", "reaction"),
    Type.CONDITIONS: ("name", "since"),
}
"""Lists of things told by the patient, and what each row says."""
WITH_FILES = frozenset({Type.PHOTO, Type.FILE})
EACH_TIME = frozenset({Type.ACKNOWLEDGEMENT, Type.INITIALS, Type.SIGNATURE})
"""What is never carried over from an earlier form: it holds for the text it stood under."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(_Part):
    """An answer to choose. `stands_alone`: of several answers, this one takes the others away ("None of these")."""

    code: str = Field(pattern=LINK)
    label: str = Field("", max_length=300)
    stands_alone: bool = False


class Condition(_Part):
    """An earlier item's answer that makes an item appear (FHIR enableWhen)."""

    question: str = Field(pattern=LINK)
    operator: Literal["is", "is_not", "answered", "at_least", "at_most"] = "is"
    answer: str = Field("", max_length=300)  # yes, no, an option's code, or a number


class Item(_Part):
    """A question, a heading or a paragraph."""

    link_id: str = Field(pattern=LINK)
    type: Type
    text: str = Field("", max_length=2000)
    help: str = Field("", max_length=1000)
    is_required: bool = False
    options: tuple[Option, ...] = Field((), max_length=60)
    unit: str = Field("", max_length=20)
    least: Decimal | None = None
    most: Decimal | None = None
    least_label: str = Field("", max_length=60)
    most_label: str = Field("", max_length=60)
    shown_when: tuple[Condition, ...] = Field((), max_length=10)
    shown_if: Literal["all", "any"] = "all"


class Questionnaire(_Part):
    """Questions in their order."""

    title: str = Field("", max_length=200)
    intro: str = Field("", max_length=2000)
    items: tuple[Item, ...] = Field((), max_length=MOST_ITEMS)


class Section(_Part):
    """A part of a consent's text; `html` is sanitised. `asks_initials`: the patient puts their initials under it."""

    link_id: str = Field(pattern=LINK)
    title: str = Field("", max_length=200)
    html: str = Field("", max_length=60_000)
    asks_initials: bool = False


class Consent(_Part):
    """A text to be signed: always by the patient, and by whom else it asks for (P10).

    `guardian`: somebody signs for a patient who cannot: `when_minor` decides by the age on the day of signing.
    """

    title: str = Field("", max_length=200)
    sections: tuple[Section, ...] = Field((), max_length=60)
    statement: str = Field("I have read and understood this, and I agree.", max_length=1000)
    guardian: Literal["no", "when_minor", "always"] = "when_minor"
    asks_witness: bool = False
    asks_provider: bool = False


class Instruction(_Part):
    """Something to read before or after a treatment; `html` is sanitised, its pictures are the clinic's own."""

    title: str = Field("", max_length=200)
    html: str = Field("", max_length=60_000)


Content = Questionnaire | Consent | Instruction
_SHAPES: Mapping[Kind, type[Questionnaire] | type[Consent] | type[Instruction]] = {
    Kind.QUESTIONNAIRE: Questionnaire,
    Kind.CONSENT: Consent,
    Kind.BEFORE: Instruction,
    Kind.AFTER: Instruction,
}


class Signature(_Part):
    """A signature: drawn (strokes of points, in a field 600 wide and 200 high) or typed. `name` is who signs."""

    method: Literal["drawn", "typed"]
    name: str = Field(min_length=1, max_length=120)
    relation: str = Field("", max_length=120)  # a guardian's
    strokes: tuple[tuple[tuple[int, int], ...], ...] = ()


def read(kind: Kind, content: Any) -> Content:
    """A content from what its JSON holds. Raises pydantic's ValidationError."""
    return _SHAPES[kind].model_validate(content)


def written(content: BaseModel) -> dict[str, Any]:
    """What JSON is to hold of a content; what says nothing is left out."""
    return content.model_dump(mode="json", exclude_defaults=True)


def canonical(value: Any) -> str:
    """One spelling of a JSON value: keys in order, no blanks, every letter as itself (RFC 8785 in spirit)."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(value: Any) -> str:
    """SHA-256 of a JSON value's one spelling, hexadecimal."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def empty(kind: Kind, title: str) -> Content:
    """What a new form of a kind begins with."""
    if kind is Kind.QUESTIONNAIRE:
        return Questionnaire(title=title)
    if kind is Kind.CONSENT:
        return Consent(title=title)
    return Instruction(title=title, html="<p></p>")
