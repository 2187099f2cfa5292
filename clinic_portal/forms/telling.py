"""What was answered, in words: for the page, the staff, the PDF and the summary before sending. Pure.

Answers are told as they stand, half a date of a draft too. Numbers and dates are written as the reader's language does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from babel.dates import format_date
from babel.numbers import format_decimal

from clinic_portal.core.wording import locale
from clinic_portal.core.wording import phone as phone_in_words
from clinic_portal.forms.answers import ADDRESS, decimal, is_told
from clinic_portal.forms.definition import LISTS, SILENT, Item, Questionnaire, Type
from clinic_portal.forms.rules import shown

YES_NO = {"yes": "Yes", "no": "No"}
NONE = "None"
NOT_ANSWERED = "Not answered"
_Telling = Callable[[Item, Any, str], list[str]]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a completed form: a heading, a paragraph that was read, or a question with its answer."""

    kind: Literal["heading", "paragraph", "question"]
    link_id: str
    text: str
    told: tuple[str, ...] = ()  # a question's answer; empty when it was left open


def told(item: Item, answer: Any, language: str) -> list[str]:
    """An answer in words, a line for each thing it says; empty when it says nothing."""
    if item.type in SILENT or not is_told(answer):
        return []
    return [one for one in _TELLINGS.get(item.type, _as_it_stands)(item, answer, language) if one]


def lines(form: Questionnaire, answers: Mapping[str, Any], language: str) -> list[Line]:
    """A filled-in form from top to bottom: what applied to this patient, and nothing else.

    A heading under which nothing applied is left out.
    """
    found: list[Line] = []
    for item in shown(form, answers):
        if item.type is Type.HEADING:
            if found and found[-1].kind == "heading":
                found.pop()
            found.append(Line("heading", item.link_id, item.text))
        elif item.type is Type.PARAGRAPH:
            found.append(Line("paragraph", item.link_id, item.text))
        else:
            answer = tuple(told(item, answers.get(item.link_id), language))
            found.append(Line("question", item.link_id, item.text, answer))
    return found[:-1] if found and found[-1].kind == "heading" else found


def day(on: date, language: str) -> str:
    """A date in words: `December 3, 2026`."""
    return format_date(on, "long", locale=locale(language))


def _as_it_stands(item: Item, answer: Any, language: str) -> list[str]:
    return [str(answer)]


def _yes_no(item: Item, answer: Any, language: str) -> list[str]:
    return [YES_NO.get(answer, str(answer))]


def _explained(item: Item, answer: Any, language: str) -> list[str]:
    value, text = answer.get("value", ""), answer.get("text", "").strip()
    return [YES_NO.get(value, value), text if value == "yes" else ""]


def _choice(item: Item, answer: Any, language: str) -> list[str]:
    return [_label(item, answer)]


def _choices(item: Item, answer: Any, language: str) -> list[str]:
    return [_label(item, code) for code in answer]


def _choice_or_other(item: Item, answer: Any, language: str) -> list[str]:
    value, text = answer.get("value", ""), answer.get("text", "").strip()
    return [(text or "Other") if value == "other" else _label(item, value)]


def _number(item: Item, answer: Any, language: str) -> list[str]:
    number = decimal(answer)
    if number is None:
        return [str(answer)]
    written = format_decimal(number, locale=locale(language), decimal_quantization=False)
    return [f"{written} {item.unit}".strip()]


def _scale(item: Item, answer: Any, language: str) -> list[str]:
    number = decimal(answer)
    ends = {item.least: item.least_label, item.most: item.most_label}
    meant = ends.get(number) if number is not None else ""
    of = f" of {item.most:f}" if item.most is not None else ""
    return [f"{answer}{of}" + (f" ({meant})" if meant else "")]


def _date(item: Item, answer: Any, language: str) -> list[str]:
    try:
        return [day(date.fromisoformat(answer), language)]
    except (ValueError, TypeError):
        return [str(answer)]


def _phone(item: Item, answer: Any, language: str) -> list[str]:
    return [phone_in_words(answer)]


def _address(item: Item, answer: Any, language: str) -> list[str]:
    return [answer.get(name, "").strip() for name in ADDRESS]


def _rows(item: Item, answer: Any, language: str) -> list[str]:
    rows = [row for row in answer.get("rows", ()) if is_told(row)]
    if not rows:
        return [NONE] if answer.get("none") else []
    return [": ".join(part for name in LISTS[item.type] if (part := row.get(name, "").strip())) for row in rows]


def _files(item: Item, answer: Any, language: str) -> list[str]:
    thing = "photo" if item.type is Type.PHOTO else "file"
    return [f"{len(answer)} {thing}{'' if len(answer) == 1 else 's'}"]


def _acknowledged(item: Item, answer: Any, language: str) -> list[str]:
    return ["Read and understood"]


def _signed(item: Item, answer: Any, language: str) -> list[str]:
    how = "Signed by hand" if answer.get("method") == "drawn" else "Signed by typing the name"
    who = ", ".join(part for part in (answer.get("name", ""), answer.get("relation", "")) if part)
    return [f"{how}: {who}" if who else how]


def _label(item: Item, code: str) -> str:
    return next((one.label or one.code for one in item.options if one.code == code), code)


_TELLINGS: Mapping[Type, _Telling] = {
    Type.PHONE: _phone,
    Type.ADDRESS: _address,
    Type.NUMBER: _number,
    Type.DATE: _date,
    Type.YES_NO: _yes_no,
    Type.YES_NO_EXPLAIN: _explained,
    Type.CHOICE: _choice,
    Type.CHOICES: _choices,
    Type.CHOICE_OTHER: _choice_or_other,
    Type.SCALE: _scale,
    Type.MEDICATIONS: _rows,
    Type.ALLERGIES: _rows,
    Type.CONDITIONS: _rows,
    Type.PHOTO: _files,
    Type.FILE: _files,
    Type.ACKNOWLEDGEMENT: _acknowledged,
    Type.SIGNATURE: _signed,
}
"""How each type of answer is told; the others are told as they stand."""
