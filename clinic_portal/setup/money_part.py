"""The money of a clinic file: amounts, policies and deposits, and what must hold of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated

from babel.numbers import get_currency_precision
from pydantic import BeforeValidator, Field

from clinic_portal.clinic.policy_rules import MOST_HOLD, deposit_faults
from clinic_portal.core.money import currencies, least_minor
from clinic_portal.setup.part import Part

Amount = Annotated[str, BeforeValidator(str)]
"""As people write it: `240.00`."""


def minor_of(amount: str, currency: str) -> int:
    """An amount in minor units. Raises ValueError."""
    try:
        minor = Decimal(amount).scaleb(get_currency_precision(currency))
    except InvalidOperation:
        raise ValueError(f"{amount} is no amount: write it like 240.00") from None
    if minor != minor.to_integral_value() or not 0 <= minor < 10**9:
        raise ValueError(f"{amount} is no amount of {currency}")
    return int(minor)


class PolicyPart(Part):
    """A cancellation policy; a fee is an amount or a percentage of the price.

    A visit missed costs the late fee where no other is given. A blank `card_text` is made from the numbers.
    """

    text: str = Field(min_length=1, max_length=8000)
    card_text: str = Field("", max_length=2000)
    free_hours: int = Field(ge=0, le=1000)
    fee_minor: int | None = Field(None, ge=0)
    fee_percent: int | None = Field(None, ge=0, le=100)
    noshow_fee_minor: int | None = Field(None, ge=0)
    noshow_fee_percent: int | None = Field(None, ge=0, le=100)

    def faults(self, currency: str) -> Iterator[str]:
        """What is wrong with its fees."""
        if (self.fee_minor is None) == (self.fee_percent is None):
            yield "give either fee_minor or fee_percent"
        if self.noshow_fee_minor is not None and self.noshow_fee_percent is not None:
            yield "give either noshow_fee_minor or noshow_fee_percent, or neither"
        least = least_minor(currency)
        if any(0 < (minor or 0) < least for minor in (self.fee_minor, self.noshow_fee_minor)):
            yield f"a card cannot be charged less than {least} minor units of {currency}"


_DEPOSITS = {
    "deposit_twice": "give either deposit or deposit_percent",
    "deposit_big": "its deposit is more than its price",
    "charge_small": "its deposit is less than a card can be charged",
}


def clinic_faults(currency: str, hold_minor: int) -> Iterator[str]:
    """What is wrong with the clinic's currency, or with its hold on a card."""
    least = least_minor(currency)
    if currency not in currencies():
        yield f"{currency} is no currency; write its three letters, such as USD"
    elif not least <= hold_minor <= MOST_HOLD * least:
        yield f"card_hold_minor must be from {least} to {MOST_HOLD * least} in {currency}"


def amount_faults(amounts: Mapping[str, int | None], currency: str) -> Iterator[str]:
    """What is wrong with a service's deposit."""
    return (_DEPOSITS[one.code] for one in deposit_faults(currency)(amounts))
