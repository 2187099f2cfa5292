"""Decisions about packages, from values: what they save, until when they hold, what can be given back. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clinic_portal.clinic.editing_rules import Reader, line, money, number, optional, text
from clinic_portal.core.errors import Invalid
from clinic_portal.core.money import least_minor
from clinic_portal.wallet import rules as wallet

MOST_COUNT, LONGEST_DAYS = 100, 3650
MOST_MINOR = 100_000_000
SERVICE, CATEGORY = "service", "category"


def fields(currency: str) -> dict[str, Reader]:
    """The fields of a package; its price is written in the clinic's currency."""
    return {
        "name": line(80, required=True),
        "description": text(600),
        "what": what,
        "count": number(1, MOST_COUNT),
        "price_minor": _price(currency),
        "valid_days": optional(number(1, LONGEST_DAYS)),
    }


def what(field: str, typed: str) -> tuple[str, int]:
    """What a package is of, as its form says it: `service:3` or `category:2`."""
    kind, _, told = typed.partition(":")
    if kind not in (SERVICE, CATEGORY) or not (told.isascii() and told.isdigit()) or not 0 < len(told) <= 9:
        raise Invalid(field, "owner_missing")
    return kind, int(told)


def saves(count: int, price_minor: int, singles_minor: Sequence[int]) -> tuple[int, int]:
    """What a package saves at least and at most against as many single treatments."""
    if not singles_minor:
        return 0, 0
    return max(0, count * min(singles_minor) - price_minor), max(0, count * max(singles_minor) - price_minor)


def expires_at(bought_at: datetime, valid_days: int | None, zone: str) -> datetime | None:
    """When what was bought is over: that many days after the local day it was bought on, once that day has ended."""
    if valid_days is None:
        return None
    last_on = bought_at.astimezone(ZoneInfo(zone)).date() + timedelta(days=valid_days)
    return wallet.expires_at(last_on, zone)


def givable_minor(paid_minor: int, returned_minor: int, granted: int, gone: int) -> int:
    """What of a package's price can still be given back: what was not given back before, less what those used or kept
    for visits are worth, a part of a unit rounded up."""
    kept_minor = -(-paid_minor * gone // granted)
    return max(0, paid_minor - returned_minor - kept_minor)


def taken_back(paid_minor: int, returned_minor: int, granted: int) -> int:
    """How many items the money given back so far takes out of what was bought; a part of one takes it whole."""
    return min(granted, -(-returned_minor * granted // paid_minor))


def _price(currency: str) -> Reader:
    typed = money(currency)

    def read(field: str, told: str) -> int:
        minor, least = int(typed(field, told)), least_minor(currency)
        if minor < least:
            raise Invalid(field, "charge_small", amount_minor=least, currency=currency)
        if minor > MOST_MINOR:
            raise Invalid(field, "package_dear", amount_minor=MOST_MINOR, currency=currency)
        return minor

    return read
