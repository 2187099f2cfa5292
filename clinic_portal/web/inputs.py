"""Values from a browser become values we can use, or are refused (security rule 5).

Handlers take `Any`: a narrower annotation is not enforced, and a value that does not fit it ends up in the log.
"""

import json
from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import TypeVar

from clinic_portal.core.errors import DomainError

T = TypeVar("T")
BIGGEST_ID = 2**31 - 1
"""More than any table here will ever number, and all that PostgreSQL's INTEGER holds."""
EARLIEST, LATEST = date(2000, 1, 1), date(2200, 12, 31)
_EPOCH = date(1970, 1, 1)
MOST_FIELDS = 150
MOST_INK = 60_000
"""Characters of a drawn signature: 4,000 points, and room to spare."""


class BadInput(DomainError):
    """A value no page of ours sends; said as one sentence, its content never logged."""

    def __init__(self) -> None:
        super().__init__("bad_input")


def row_id(value: object, *, least: int = 1) -> int:
    """A whole number in the range of row ids; digits in a string count too. Raises BadInput."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 16:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= BIGGEST_ID:
        raise BadInput
    return value


def id_in_address(value: object) -> int:
    """The row id an address names; 0, which is nobody's, for what is none: it looks like one that does not exist."""
    try:
        return row_id(value)
    except BadInput:
        return 0


def epoch_minute(value: object) -> int:
    """A minute of the years we deal with, counted from 1970; digits in a string count too. Raises BadInput."""
    minute = row_id(value)
    if not EARLIEST <= _EPOCH + timedelta(minutes=minute) <= LATEST:
        raise BadInput
    return minute


def text(value: object, *, most: int) -> str:
    """A string of at most `most` characters, without the one no database takes. Raises BadInput."""
    if not isinstance(value, str) or len(value) > most or "\x00" in value:
        raise BadInput
    return value


def fields(form: object, *names: str, most: int) -> dict[str, str]:
    """The named text fields of a submitted form; one that is absent is empty. Raises BadInput."""
    if not isinstance(form, dict) or len(form) > MOST_FIELDS:
        raise BadInput
    return {name: text(form.get(name) or "", most=most) for name in names}


def json_list(value: object, *, most: int) -> list[object]:
    """A list that a page sends as JSON in a field of a form. Raises BadInput."""
    try:
        found = json.loads(text(value, most=most))
    except (ValueError, RecursionError):
        raise BadInput from None
    if not isinstance(found, list):
        raise BadInput
    return found


def ticks(form: object, *names: str) -> dict[str, bool]:
    """The named boxes of a submitted form, ticked or not: the pages send true, or the box's own value. Raises BadInput."""
    if not isinstance(form, dict) or len(form) > 50:
        raise BadInput
    return {name: choice(form.get(name) or "", (True, "yes", "")) in (True, "yes") for name in names}


def iso_date(value: object) -> date:
    """A date such as 2026-12-03. Raises BadInput."""
    try:
        found = date.fromisoformat(text(value, most=10))
    except ValueError:
        raise BadInput from None
    if not EARLIEST <= found <= LATEST:
        raise BadInput
    return found


def day_in_address(value: object) -> date | None:
    """The date an address names; None for what is none."""
    try:
        return iso_date(value)
    except BadInput:
        return None


def minute_of_day(value: object) -> int:
    """A time such as 09:05 in minutes after midnight. Raises BadInput."""
    try:
        return (found := time.fromisoformat(text(value, most=8))).hour * 60 + found.minute
    except ValueError:
        raise BadInput from None


def choice(value: object, among: Sequence[T]) -> T:
    """One of a few known values. Raises BadInput."""
    for known in among:
        if type(value) is type(known) and value == known:
            return known
    raise BadInput


def digits(value: str) -> str:
    """The decimal digits of what was typed or pasted, in any script, spaces and dashes left out."""
    return "".join(str(int(one)) for one in value if one.isdecimal())
