"""Answers, item by item: their shapes, what may be kept while one types, what will do in the end. Pure.

An answer's shape is its item's (`definition.Type`). While a form is filled in, an answer is kept as it was typed, half
an e-mail address too; whether it will do is asked when the form is completed.
"""

import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from clinic_portal.core.errors import Invalid
from clinic_portal.forms.definition import LISTS, SILENT, WITH_FILES, WITH_OPTIONS, Item, Signature, Type
from clinic_portal.patients.rules import email_address, phone_number

SHORT_MOST, LONG_MOST, ROWS_MOST, FILES_MOST = 300, 20_000, 60, 10
POINTS_MOST, WIDTH, HEIGHT = 4000, 600, 200
LEAST_INK = 60  # in points of the pad: a dot or a slip of the finger is no signature
ADDRESS = ("street", "city", "region", "postal_code", "country")
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)


def kept(item: Item, raw: Any) -> Any:
    """An answer as it may be kept while the form is filled in; None when it says nothing.

    Text of any script is text: controls go, line breaks stay. Raises Invalid, on the item's link id, for what no page
    of ours sends: another shape, or more than fits.
    """
    kind = item.type
    try:
        if kind in SILENT:
            raise ValueError
        if kind is Type.SIGNATURE:
            return _signature(raw)
        if kind is Type.ADDRESS:
            told = {name: _text(raw.get(name, ""), SHORT_MOST) for name in ADDRESS} if _is_map(raw, ADDRESS) else None
            return _or_nothing(told)
        if kind in (Type.YES_NO_EXPLAIN, Type.CHOICE_OTHER):
            return _explained(item, raw)
        if kind in LISTS:
            return _rows(LISTS[kind], raw)
        if kind is Type.CHOICES:
            codes = [code for code in _list(raw, len(item.options)) if _one_of(item, code)]
            return [one.code for one in item.options if one.code in codes] or None
        if kind in WITH_FILES:
            return [_text(one, 64) for one in _list(raw, FILES_MOST)] or None
        if not isinstance(raw, str):
            raise ValueError
        if kind is Type.CHOICE:
            return _one_of(item, raw) if raw else None
        if kind is Type.YES_NO:
            return _among(raw, ("yes", "no"))
        if kind is Type.ACKNOWLEDGEMENT:
            return _among(raw, ("yes",))
        return _text(raw, LONG_MOST if kind is Type.LONG_TEXT else SHORT_MOST) or None
    except (ValueError, TypeError, AttributeError, ValidationError) as fault:
        code = fault.args[0] if fault.args and fault.args[0] == "answer_long" else "bad_input"
        raise Invalid(item.link_id, code, limit=LONG_MOST if kind is Type.LONG_TEXT else SHORT_MOST) from None


def settled(item: Item, before: Any, answer: Any) -> Any:
    """Several answers as they are meant: "None of these" takes the others away, and any other one takes it away.

    What was chosen last decides: `before` is the answer that stood there.
    """
    alone = {one.code for one in item.options if one.stands_alone}
    if item.type is not Type.CHOICES or not isinstance(answer, list) or len(answer) < 2 or not alone & set(answer):
        return answer
    fresh = [code for code in answer if code in alone and code not in (before or [])]
    return fresh[:1] or [code for code in answer if code not in alone] or answer[:1]


def is_told(answer: Any) -> bool:
    """Whether an answer says anything."""
    if isinstance(answer, Mapping):
        return any(is_told(one) for one in answer.values())
    if isinstance(answer, str):
        return bool(answer.strip())
    return answer not in (None, False, [], ())


def signature(field: str, raw: Any) -> Signature:
    """A signature fit to stand under a text. Raises Invalid on `field`: nothing drawn, a mere dot, no name."""
    try:
        found = Signature.model_validate(_signature(raw))
    except (ValueError, TypeError, AttributeError, ValidationError):
        raise Invalid(field, "signature_missing") from None
    if found.method == "drawn" and _ink(found) < LEAST_INK:
        raise Invalid(field, "signature_missing")
    if not any(letter.isalpha() for letter in found.name):
        raise Invalid(field, "signature_name")
    return found


def initials(field: str, raw: Any) -> str:
    """Initials. Raises Invalid on `field` for none, or what is too long to be any."""
    text = _text(raw, 40) if isinstance(raw, str) else ""
    if not any(letter.isalpha() for letter in text):
        raise Invalid(field, "initials_missing")
    if len(text) > 10:
        raise Invalid(field, "initials_long")
    return text


def decimal(typed: Any) -> Decimal | None:
    """A number as people type it, with a point or a comma; None when it is none."""
    if not isinstance(typed, str) or len(typed) > 30:
        return None
    text = "".join(str(int(one)) if one.isdecimal() else one for one in typed.strip().replace(",", "."))
    if not text.lstrip("-").replace(".", "", 1).isdigit():
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def finished(item: Item, answer: Any, region: str) -> Any:
    """A told answer in its normal form. Raises Invalid."""
    kind, link = item.type, item.link_id
    if kind is Type.EMAIL:
        return email_address(answer)
    if kind is Type.PHONE:
        return phone_number(answer, region)
    if kind in (Type.NUMBER, Type.SCALE):
        return _number(item, answer)
    if kind is Type.DATE:
        return _date(link, answer)
    if kind is Type.YES_NO_EXPLAIN:
        if answer["value"] == "" or (answer["value"] == "yes" and not answer["text"].strip()):
            raise Invalid(link, "answer_explain" if answer["value"] else "answer_missing")
        return answer if answer["value"] == "yes" else {"value": "no", "text": ""}
    if kind is Type.CHOICE_OTHER:
        if answer["value"] == "other" and not answer["text"].strip():
            raise Invalid(link, "answer_other")
        if not answer["value"]:
            raise Invalid(link, "answer_missing")
        return answer if answer["value"] == "other" else {"value": answer["value"], "text": ""}
    if kind in LISTS:
        rows = [row for row in answer["rows"] if is_told(row)]
        if any(not row["name"].strip() for row in rows):
            raise Invalid(link, "answer_row_name")
        return {"none": not rows, "rows": rows}
    if kind is Type.INITIALS:
        return initials(link, answer)
    if kind is Type.SIGNATURE:
        return signature(link, answer).model_dump(mode="json")
    return answer


def _number(item: Item, answer: str) -> str:
    number = decimal(answer)
    if number is None or (item.type is Type.SCALE and number != number.to_integral_value()):
        raise Invalid(item.link_id, "answer_number")
    if (item.least is not None and number < item.least) or (item.most is not None and number > item.most):
        code = "answer_least" if item.most is None else "answer_most" if item.least is None else "answer_range"
        raise Invalid(item.link_id, code, least=plain(item.least), most=plain(item.most), unit=item.unit)
    return plain(number)


def plain(number: Decimal | None) -> str:
    """A number's one spelling; empty for none."""
    return "" if number is None else f"{number.normalize():f}"


def _date(link: str, answer: str) -> str:
    try:
        told = date.fromisoformat(answer)
    except ValueError:
        raise Invalid(link, "answer_date") from None
    if not EARLIEST <= told <= LATEST:
        raise Invalid(link, "answer_date")
    return told.isoformat()


def _text(raw: Any, most: int) -> str:
    if not isinstance(raw, str):
        raise TypeError
    normal = unicodedata.normalize("NFC", raw.replace("\r\n", "\n"))
    text = "".join(one for one in normal if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cs"))
    if len(text) > most:
        raise ValueError("answer_long")
    return text


def _list(raw: Any, most: int) -> list[Any]:
    if not isinstance(raw, list) or len(raw) > most:
        raise ValueError
    return raw


def _is_map(raw: Any, names: tuple[str, ...]) -> bool:
    if not isinstance(raw, dict) or not raw.keys() <= set(names):
        raise ValueError
    return True


def _or_nothing(told: Any) -> Any:
    return told if is_told(told) else None


def _among(raw: str, known: tuple[str, ...]) -> str | None:
    if raw and raw not in known:
        raise ValueError
    return raw or None


def _one_of(item: Item, code: Any) -> str:
    if not isinstance(code, str) or code not in {one.code for one in item.options}:
        raise ValueError
    return code


def _explained(item: Item, raw: Any) -> Any:
    _is_map(raw, ("value", "text"))
    value, text = raw.get("value", ""), _text(raw.get("text", ""), LONG_MOST)
    codes = {one.code for one in item.options} | {"other"} if item.type in WITH_OPTIONS else {"yes", "no"}
    if value not in codes | {""}:
        raise ValueError
    return _or_nothing({"value": value, "text": text})


def _rows(names: tuple[str, ...], raw: Any) -> Any:
    _is_map(raw, ("none", "rows"))
    if not isinstance(raw.get("none", False), bool):
        raise TypeError
    rows = []
    for row in _list(raw.get("rows", []), ROWS_MOST):
        _is_map(row, names)
        rows.append({name: _text(row.get(name, ""), SHORT_MOST) for name in names})
    return _or_nothing({"none": bool(raw.get("none")) and not any(map(is_told, rows)), "rows": rows})


def _signature(raw: Any) -> Any:
    """A signature's shape, its points within the pad; None when nothing was drawn or typed."""
    _is_map(raw, ("method", "name", "relation", "strokes"))
    strokes = _list(raw.get("strokes", []), 200)
    points = [_list(point, 2) for stroke in strokes for point in _list(stroke, POINTS_MOST)]
    if len(points) > POINTS_MOST or raw.get("method") not in ("drawn", "typed"):
        raise ValueError
    for point in points:
        x, y = point
        if type(x) is not int or type(y) is not int or not (0 <= x <= WIDTH and 0 <= y <= HEIGHT):
            raise ValueError
    name, relation = _text(raw.get("name", ""), 120).strip(), _text(raw.get("relation", ""), 120).strip()
    if not strokes and not name:
        return None
    drawn = strokes if raw["method"] == "drawn" else []
    return {"method": raw["method"], "name": name, "relation": relation, "strokes": drawn}


def _ink(found: Signature) -> float:
    lengths = (
        ((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5 for stroke in found.strokes for a, b in pairwise(stroke)
    )
    return float(sum(lengths))
