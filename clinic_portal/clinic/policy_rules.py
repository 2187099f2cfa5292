"""What staff may write of policies, deposits and currency, and the words that follow from the numbers. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from clinic_portal.clinic.editing_rules import Reader, money, number, optional, read, text
from clinic_portal.core import wording
from clinic_portal.core.errors import Invalid, Unusable
from clinic_portal.core.money import least_minor, percent_of, renamed

RULES = ("clinic", "own", "none")
"""Which policy holds for a service."""
AMOUNTS = ("fee_minor", "noshow_fee_minor")
TERMS = ("free_hours", "fee_percent", "fee_minor", "noshow_fee_percent", "noshow_fee_minor")
"""The numbers of a policy."""
MOST_HOLD = 20
"""How many times the least charge may be held on a card to prove it."""
MOST_MINOR = 10**9


def policy(typed: Mapping[str, str], currency: str) -> dict[str, Any]:
    """A cancellation policy. Its late fee is a percentage of the price or an amount; so is what a visit missed costs,
    which without either is the late fee. Raises Unusable.
    """
    readers = {
        "text": text(8000, required=True),
        "card_text": text(2000),
        "free_hours": number(0, 1000),
        "fee_percent": optional(number(0, 100)),
        "fee_minor": optional(fee(currency)),
        "noshow_fee_percent": optional(number(0, 100)),
        "noshow_fee_minor": optional(fee(currency)),
    }
    told = {name: typed.get(name, "") for name in readers}
    given = {name for name, value in told.items() if value.strip()}
    faults = []
    if len(given & {"fee_percent", "fee_minor"}) != 1:
        faults.append(Invalid("fee_percent", "policy_fee"))
    if given >= {"noshow_fee_percent", "noshow_fee_minor"}:
        faults.append(Invalid("noshow_fee_percent", "policy_fee"))
    try:
        values = read(readers, told)
    except Unusable as refusal:
        raise Unusable([*refusal.faults, *faults]) from None
    if faults:
        raise Unusable(faults)
    return values


def fee(currency: str) -> Reader:
    """An amount to be charged: nothing, or at least what a card can be charged."""
    typed = money(currency)

    def read(field: str, told: str) -> int:
        minor = int(typed(field, told))
        least = least_minor(currency)
        if 0 < minor < least:
            raise Invalid(field, "charge_small", amount_minor=least, currency=currency)
        return minor

    return read


def card_hold(currency: str) -> Reader:
    """What is held on a card for a moment: enough to prove it, and not much more."""
    typed = money(currency)

    def read(field: str, told: str) -> int:
        minor, least = int(typed(field, told)), least_minor(currency)
        if minor < least:
            raise Invalid(field, "charge_small", amount_minor=least, currency=currency)
        if minor > MOST_HOLD * least:
            raise Invalid(field, "card_hold_big", amount_minor=MOST_HOLD * least, currency=currency)
        return minor

    return read


def deposit_faults(currency: str) -> Callable[[Mapping[str, Any]], list[Invalid]]:
    """What is wrong with a service's deposit: it is one thing, can be put on a card, and is within the price (P6)."""

    def find(values: Mapping[str, Any]) -> list[Invalid]:
        if not values.keys() >= {"price_minor", "deposit_minor", "deposit_percent"}:
            return []
        price, amount, percent = (values[name] for name in ("price_minor", "deposit_minor", "deposit_percent"))
        least = least_minor(currency)
        if amount is not None and percent is not None:
            return [Invalid("deposit_percent", "deposit_twice")]
        if amount is not None and amount > price:
            return [Invalid("deposit_minor", "deposit_big")]
        asked = percent_of(price, percent) if percent is not None else amount
        if asked is not None and asked < least:
            field = "deposit_minor" if percent is None else "deposit_percent"
            return [Invalid(field, "charge_small", amount_minor=least, currency=currency)]
        return []

    return find


def in_currency(values: Mapping[str, Any], names: tuple[str, ...], before: str, after: str) -> dict[str, int]:
    """Those of the named amounts that are there, with the same number in another currency."""
    return {name: renamed(values[name], before, after) for name in names if values[name] is not None}


def card_text(values: Mapping[str, Any], currency: str, language: str) -> str:
    """What a patient allows their card to be used for, made from the numbers of a policy."""
    late = _told(values["fee_minor"], values["fee_percent"], currency, language)
    own = values["noshow_fee_minor"], values["noshow_fee_percent"]
    missed = late if own == (None, None) else _told(*own, currency, language)
    late = late if values["free_hours"] else ""
    hours = "an hour" if values["free_hours"] == 1 else f"{values['free_hours']} hours"
    cancels, misses = f"if you cancel less than {hours} before your visit", "if you do not come"
    if late and late == missed:
        parts = [f"{late} {cancels} or {misses.removeprefix('if you ')}"]
    else:
        parts = [f"{told} {when}" for told, when in ((late, cancels), (missed, misses)) if told]
    if not parts:
        return "You allow us to keep this card. Our cancellation policy charges nothing to it."
    return (
        "You allow us to keep this card and to charge it, without asking again, only for this: "
        f"{', and '.join(parts)}. Never more than your visit costs."
    )


def _told(amount: int | None, percent: int | None, currency: str, language: str) -> str:
    """A fee as a sentence names it; empty for nothing."""
    if amount is not None:
        return wording.money(amount, currency, language) if amount else ""
    if not percent:
        return ""
    return {50: "half the price", 100: "the full price"}.get(percent, f"{percent}% of the price")
