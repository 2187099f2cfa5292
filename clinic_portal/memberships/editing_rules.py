"""What staff may write into a membership plan, field by field. Pure.

What a plan brings each period is typed in rows: what (`service:3`, `category:2`, `product` or `credit`), how many or
how much, and what a product is called.
"""

from collections.abc import Mapping
from typing import Any

from clinic_portal.clinic.editing_rules import Reader, choice, flag, line, money, number, text
from clinic_portal.core.errors import Invalid, Unusable
from clinic_portal.core.money import least_minor
from clinic_portal.wallet.types import MOST

PERIODS = ("month", "year")
ROWS = 6
"""How many things a plan may bring each period."""
MOST_EACH = 100
TERMS = ("period", "fee_minor", "setup_fee_minor", "currency", "discount_percent", "brings", "is_banked")
"""What members agreed to: a change of any of these is a version of its own."""
_WORDS: dict[str, Reader] = {"name": line(80, required=True), "description": text(2000)}


def names() -> tuple[str, ...]:
    """The fields of a plan's form."""
    rows = tuple(f"{part}_{n}" for n in range(ROWS) for part in ("what", "count", "called"))
    fixed = ("name", "description", "agreement_id", "period", "fee", "setup_fee", "discount", "is_banked")
    return (*fixed, *rows)


def plan(typed: Mapping[str, str], currency: str) -> dict[str, Any]:
    """A plan's words and terms from what was typed; whether what it names exists is not known here. Raises Unusable."""
    found: dict[str, Any] = {"currency": currency, "is_banked": flag("is_banked", typed.get("is_banked", ""))}
    faults: list[Invalid] = []

    def read(name: str, field: str, reader: Reader, usual: str = "") -> None:
        try:
            found[name] = reader(field, typed.get(field, "").strip() or usual)
        except Invalid as fault:
            faults.append(fault)

    for name, reader in _WORDS.items():
        read(name, name, reader)
    read("agreement_id", "agreement_id", _agreement)
    read("period", "period", choice(*PERIODS))
    read("fee_minor", "fee", _fee(currency))
    read("setup_fee_minor", "setup_fee", _amount(currency), "0")
    read("discount_percent", "discount", number(0, 100), "0")
    found["brings"] = _brings(typed, currency, faults)
    if faults:
        raise Unusable(faults)
    return found


def _brings(typed: Mapping[str, str], currency: str, faults: list[Invalid]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for n in range(ROWS):
        row = (typed.get(f"what_{n}", ""), typed.get(f"count_{n}", ""), typed.get(f"called_{n}", ""))
        if not row[0]:
            continue
        try:
            one = _row(n, *row, currency)
            if any(_same(one, other) for other in found):
                raise Invalid(f"what_{n}", "brings_twice")
            found.append(one)
        except Invalid as fault:
            faults.append(fault)
    return found


def _row(n: int, what: str, count: str, called: str, currency: str) -> dict[str, Any]:
    kind, _, key = what.partition(":")
    if kind == "credit" and not key:
        amount = _amount(currency)(f"count_{n}", count)
        if not amount:
            raise Invalid(f"count_{n}", "money_invalid")
        return {"credit_minor": amount, "count": 1}
    if kind == "product" and not key:
        return {
            "product": line(80, required=True)(f"called_{n}", called),
            "count": number(1, MOST_EACH)(f"count_{n}", count),
        }
    if kind not in ("service", "category") or not (key.isascii() and key.isdigit() and len(key) < 10):
        raise Invalid(f"what_{n}", "history_choice")
    return {f"{kind}_id": int(key), "count": number(1, MOST_EACH)(f"count_{n}", count)}


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if "credit_minor" in one and "credit_minor" in other:
        return True
    return {**one, "count": 0} == {**other, "count": 0}


def _agreement(field: str, typed: str) -> int | None:
    if not typed:
        return None
    return int(number(1, 999_999_999)(field, typed))


def _amount(currency: str) -> Reader:
    def read(field: str, typed: str) -> int:
        minor = int(money(currency)(field, typed))
        if minor > MOST:
            raise Invalid(field, "money_invalid")
        return minor

    return read


def _fee(currency: str) -> Reader:
    """A fee is charged to a card again and again, and a card takes no less than a little."""

    def read(field: str, typed: str) -> int:
        minor: int = _amount(currency)(field, typed)
        if minor < least_minor(currency):
            raise Invalid(field, "charge_small", amount_minor=least_minor(currency), currency=currency)
        return minor

    return read
