"""Money, dates and times in words, for pages and messages alike. `language` is a tag such as `en` or `en-GB`.

Instants are given in UTC with the zone they are to be told in; a `short` form suits an SMS, a `long` one a
sentence.
"""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_timezone_name
from babel.numbers import format_currency, get_currency_precision
from babel.units import format_unit

Length = Literal["short", "medium", "long"]
_DAYS = {"short": "MMMEd", "medium": "yMMMEd"}


@lru_cache(maxsize=64)
def locale(language: str) -> Locale:
    """The locale of a language tag; English where the tag is unknown."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def money(minor: int, currency: str, language: str) -> str:
    """An amount of minor units: `$120.00`."""
    amount = Decimal(minor).scaleb(-get_currency_precision(currency))
    return format_currency(amount, currency, locale=locale(language))


def local(at: datetime, zone: str) -> datetime:
    """An instant on the wall clock of an IANA zone."""
    return at.astimezone(ZoneInfo(zone))


def day(at: datetime | date, zone: str, language: str, *, length: Length = "long") -> str:
    """The day of an instant or a date: `Thursday, December 3, 2026`, `Thu, Dec 3, 2026` or `Thu, Dec 3`."""
    on = local(at, zone).date() if isinstance(at, datetime) else at
    if length == "long":
        return format_date(on, "full", locale=locale(language))
    return format_skeleton(_DAYS[length], on, locale=locale(language))


def born(on: date, language: str) -> str:
    """A date without its day of the week, as one tells a date of birth: `Mar 14, 1990`."""
    return format_date(on, "medium", locale=locale(language))


def time(at: datetime, zone: str, language: str) -> str:
    """The time of an instant: `10:30 AM`."""
    moment = local(at, zone)
    told = format_time(moment, "short", tzinfo=moment.tzinfo, locale=locale(language))
    return told.replace("\u202f", "\u00a0")  # the narrow space of some languages is too narrow in most fonts


def moment(at: datetime, zone: str, language: str, *, length: Length = "medium") -> str:
    """The day and the time of an instant: `Dec 3, 2026, 10:30 AM`."""
    return f"{day(at, zone, language, length=length)}, {time(at, zone, language)}"


def zone_name(at: datetime, zone: str, language: str) -> str:
    """What a zone is called at an instant: `Central Standard Time`."""
    return get_timezone_name(local(at, zone), width="long", locale=locale(language))


def phone(number: str) -> str:
    """A telephone number (E.164) as people write it: `+1 512-555-0100`; anything else as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def duration(minutes: int, language: str, *, length: Literal["short", "long"] = "short") -> str:
    """A length of time: `1 hr 30 min`, or `1 hour 30 minutes` in the long form."""
    hours, rest = divmod(minutes, 60)
    parts = [(hours, "duration-hour"), (rest, "duration-minute")]
    told = [format_unit(n, unit, length, locale=locale(language)) for n, unit in parts if n]
    return " ".join(told) or format_unit(0, "duration-minute", length, locale=locale(language))


def weekdays(language: str) -> list[str]:
    """The days of the week in a letter each, Sunday first: `S`, `M`, `T`."""
    names = locale(language).days["stand-alone"]["narrow"]
    return [names[(number + 6) % 7] for number in range(7)]


def weekday(on: date, language: str) -> str:
    """The day of the week of a date, by itself: `Tuesday`."""
    return str(locale(language).days["stand-alone"]["wide"][on.weekday()])


def month(on: date, language: str) -> str:
    """The month of a date: `December 2026`."""
    return format_skeleton("yMMMM", on, locale=locale(language))


def first_weekday(language: str) -> int:
    """The day a week begins on where that language is spoken, Monday being 0."""
    return int(locale(language).first_week_day)
