"""Money is an integer of minor units plus an ISO 4217 currency; never a float."""

from functools import cache

from babel.core import get_global
from babel.numbers import get_currency_precision, get_territory_currencies

LEAST_MINOR = {
    "AED": 200, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50, "GBP": 30,
    "HKD": 400, "HUF": 17500, "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50, "PLN": 200,
    "RON": 200, "SEK": 300, "SGD": 50, "THB": 1000, "USD": 50,
}  # fmt: skip
"""The smallest charge Stripe takes, by the currency it settles in (docs.stripe.com/currencies)."""


def least_minor(currency: str) -> int:
    """The smallest amount that can be put on a card."""
    return LEAST_MINOR.get(currency, 50)


_CARDS_WITHOUT_MINOR = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
_CARDS_WITH_THREE_PLACES = frozenset("BHD JOD KWD OMR TND".split())


def is_counted_alike(currency: str) -> bool:
    """Whether cards count a currency in the minor unit we do (docs.stripe.com/currencies): in some, such as ISK, they
    do not, and a hundredfold would be charged."""
    places = 0 if currency in _CARDS_WITHOUT_MINOR else 3 if currency in _CARDS_WITH_THREE_PLACES else 2
    return int(get_currency_precision(currency)) == places


@cache
def currencies() -> frozenset[str]:
    """The ISO 4217 codes a clinic may use: money somewhere today, and counted by cards as by us."""
    used = {code for place in get_global("territory_currencies") for code in get_territory_currencies(place)}
    return frozenset(code for code in used if is_counted_alike(code))


def renamed(minor: int, before: str, after: str) -> int:
    """The same number of another currency, 240.00 becoming 240; what has no coin there is rounded up."""
    had, has = (int(get_currency_precision(one)) for one in (before, after))
    return -(-minor * int(10**has) // int(10**had))


def percent_of(amount_minor: int, percent: int) -> int:
    """`percent` of an amount in minor units, half a unit rounded up."""
    return (amount_minor * percent + 50) // 100
