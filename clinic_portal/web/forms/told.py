"""Answers in words, as a page says them. Pure."""

from __future__ import annotations

from datetime import date
from typing import Any

from clinic_portal.core import wording
from clinic_portal.forms.answers import ADDRESS, is_told
from clinic_portal.forms.definition import LISTS, WITH_FILES, Item, Type

NONE_OF = {
    Type.MEDICATIONS: "No medications",
    Type.ALLERGIES: "No allergies",
    Type.CONDITIONS: "No conditions",
}
YES_NO = {"yes": "Yes", "no": "No"}


def told(item: Item, answer: Any, language: str) -> str:
    """An answer in words; empty for none. It may be half typed yet."""
    if not is_told(answer):
        return ""
    kind = item.type
    if kind is Type.YES_NO:
        return YES_NO[answer]
    if kind is Type.YES_NO_EXPLAIN:
        return _with(YES_NO.get(answer["value"], ""), answer["text"] if answer["value"] != "no" else "")
    if kind is Type.CHOICE:
        return _label(item, answer)
    if kind is Type.CHOICES:
        return ", ".join(_label(item, one) for one in answer)
    if kind is Type.CHOICE_OTHER:
        is_other = answer["value"] == "other"
        return _with("Other" if is_other else _label(item, answer["value"]), answer["text"] if is_other else "")
    if kind in LISTS:
        if answer["none"]:
            return NONE_OF[kind]
        rows = [row for row in answer["rows"] if is_told(row)]
        return "; ".join(", ".join(row[part] for part in LISTS[kind] if row[part].strip()) for row in rows)
    if kind is Type.ADDRESS:
        return ", ".join(answer[part] for part in ADDRESS if answer.get(part, "").strip())
    if kind in WITH_FILES:
        what = "photo" if kind is Type.PHOTO else "file"
        return f"{len(answer)} {what}{'' if len(answer) == 1 else 's'}"
    if kind is Type.ACKNOWLEDGEMENT:
        return "Read and understood"
    if kind is Type.SIGNATURE:
        return f"Signed by {answer['name']}" if answer["name"] else "Signed"
    if kind is Type.DATE:
        return _day(answer, language)
    if kind in (Type.NUMBER, Type.SCALE):
        return f"{answer} {item.unit}".strip()
    return str(answer)


def _day(answer: str, language: str) -> str:
    try:
        return wording.day(date.fromisoformat(answer), "UTC", language, length="medium")
    except ValueError:
        return answer


def _label(item: Item, code: str) -> str:
    return next((one.label or one.code for one in item.options if one.code == code), code)


def _with(first: str, text: str) -> str:
    return ": ".join(part for part in (first, text.strip()) if part)
