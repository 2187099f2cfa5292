"""What staff may write into the clinic's settings, field by field. Pure.

The bounds are the clinic file's own: what a file may say, a page may say.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from babel.numbers import get_currency_precision

from clinic_portal.accounts.emails import email_address
from clinic_portal.core import colours
from clinic_portal.core.errors import Invalid, Unusable

Reader = Callable[[str, str], Any]
"""From a field's name and what was typed to its value. Raises Invalid."""
Check = Callable[[Mapping[str, Any]], list[Invalid]]
"""From all values of a form to what is wrong with them together."""
_JOINERS = "\u200c\u200d"  # within words of some scripts, and within one picture of several
_NOWHERE = {"localtime", "Factory"}  # zones of a machine, not of a place
_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,4})?")


def text(most: int, *, required: bool = False, lines: bool = True) -> Reader:
    """Text, its ends tidied; of several lines where it may be."""

    def read(field: str, typed: str) -> str:
        told = typed.replace("\r\n", "\n").replace("\t", " ").strip()
        if any(not _is_seen(one) and not (lines and one == "\n") for one in told):
            raise Invalid(field, "text_characters")
        if required and not told:
            raise Invalid(field, "history_missing")
        if len(told) > most:
            raise Invalid(field, "text_long", limit=most)
        return told

    return read


def line(most: int, *, required: bool = False) -> Reader:
    """Text of one line: what stands in a list, in the subject of an e-mail, in a calendar."""
    return text(most, required=required, lines=False)


def number(least: int, most: int) -> Reader:
    """A whole number within bounds."""

    def read(field: str, typed: str) -> int:
        told = typed.strip()
        if not (told.isascii() and told.isdigit()) or len(told) > 9 or not least <= int(told) <= most:
            raise Invalid(field, "number_bounds", least=least, most=most)
        return int(told)

    return read


def optional(reader: Reader) -> Reader:
    """None where nothing is typed."""
    return lambda field, typed: reader(field, typed) if typed.strip() else None


def choice(*among: str) -> Reader:
    """One of a few words."""

    def read(field: str, typed: str) -> str:
        if typed not in among:
            raise Invalid(field, "history_choice")
        return typed

    return read


def flag(field: str, typed: str) -> bool:
    """Ticked or not."""
    return bool(typed)


def zone(field: str, typed: str) -> str:
    """An IANA time zone."""
    if typed.strip() not in available_timezones() - _NOWHERE:
        raise Invalid(field, "zone_unknown")
    return ZoneInfo(typed.strip()).key


def email(field: str, typed: str) -> str:
    """An e-mail address."""
    try:
        return email_address(typed)
    except Invalid as fault:
        raise Invalid(field, fault.code) from None


def phone(region: str, *, required: bool = False) -> Reader:
    """A telephone number as dialled from `region`, in a form every phone can dial; it may have an extension."""

    def read(field: str, typed: str) -> str:
        told: str = line(40, required=required)(field, typed)
        if not told:
            return ""
        try:
            found = phonenumbers.parse(told, region)
        except phonenumbers.NumberParseException:
            raise Invalid(field, "phone_invalid") from None
        if not phonenumbers.is_valid_number(found):
            raise Invalid(field, "phone_invalid")
        form = phonenumbers.PhoneNumberFormat
        wanted = form.RFC3966 if found.extension else form.E164
        return phonenumbers.format_number(found, wanted).removeprefix("tel:")

    return read


def country(field: str, typed: str) -> str:
    """A country by its two letters."""
    told = typed.strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", told):
        raise Invalid(field, "country_letters")
    return told


def money(currency: str) -> Reader:
    """An amount as people write it (`240` or `240.00`), in minor units."""

    def read(field: str, typed: str) -> int:
        told = typed.strip()
        if not _AMOUNT.fullmatch(told):
            raise Invalid(field, "money_invalid")
        minor = Decimal(told).scaleb(get_currency_precision(currency))
        if minor != minor.to_integral_value() or minor >= 10**9:
            raise Invalid(field, "money_invalid")
        return int(minor)

    return read


def colour(field: str, typed: str) -> str:
    """A colour, `#rrggbb`, dark enough for white words upon it (WCAG 2.2, 1.4.3: 4.5 to 1)."""
    told = typed.strip().lower()
    if not re.fullmatch(r"#[0-9a-f]{6}", told):
        raise Invalid(field, "colour_invalid")
    if colours.contrast(told, "#ffffff") < colours.ENOUGH:
        raise Invalid(field, "colour_light")
    return told


MINUTES = number(0, 600)
CLINIC: dict[str, Reader] = {
    "name": line(80, required=True),
    "tagline": line(200),
    "about": text(2000),
    "email": email,
    "website": line(200),
    "start_interval_minutes": number(5, 60),
    "minimum_notice_minutes": number(0, 60 * 24 * 60),
    "booking_window_days": number(1, 730),
    "hold_minutes": number(2, 60),
    "provider_choice": choice("both", "provider", "first_available"),
    "buffers_must_fit": flag,
    "patients_may_cancel": flag,
    "patients_may_reschedule": flag,
    "change_until_minutes": number(0, 60 * 24 * 30),
    "activation_email_enabled": flag,
    "is_second_factor_required": flag,
    "deposit_returns_to": choice("card", "wallet"),
    "brand_colour": colour,
    "email_names_services": flag,
    "email_carries_instructions": flag,
    "quiet_from_minutes": number(0, 1439),
    "quiet_until_minutes": number(0, 1439),
    "is_wallet_shown": flag,
    "grace_days": number(0, 60),
    "longest_pause_months": number(0, 12),
}
"""Beside the phone, read as dialled from the clinic's region, and the hold on a card, written in its currency."""
LOCATION: dict[str, Reader] = {
    "name": line(80, required=True),
    "street": line(120, required=True),
    "city": line(80, required=True),
    "region": line(80),
    "postal_code": line(20),
    "country": country,
    "time_zone": zone,
    "directions": text(1000),
}
PROVIDER: dict[str, Reader] = {
    "name": line(80, required=True),
    "title": line(80),
    "about": text(2000),
    "daily_limit": optional(number(1, 100)),
    "is_bookable_online": flag,
}
CATEGORY: dict[str, Reader] = {"name": line(80, required=True), "description": line(300)}
POOL: dict[str, Reader] = {"name": line(80, required=True), "kind": choice("room", "device")}
UNIT: dict[str, Reader] = {"name": line(80, required=True)}


def clinic(region: str) -> dict[str, Reader]:
    """The clinic's own settings."""
    return CLINIC | {"phone": phone(region, required=True)}


def location(region: str) -> dict[str, Reader]:
    """The fields of a location."""
    return LOCATION | {"phone": phone(region)}


def service(currency: str) -> dict[str, Reader]:
    """The fields of a service; its price and deposit are written in the clinic's currency."""
    return {
        "name": line(80, required=True),
        "description": text(2000),
        "what_to_bring": text(2000),
        "duration_minutes": number(5, 480),
        "price_minor": money(currency),
        "deposit_minor": optional(money(currency)),
        "deposit_percent": optional(number(1, 100)),
        "buffer_before_minutes": MINUTES,
        "buffer_after_minutes": MINUTES,
        "processing_offset_minutes": MINUTES,
        "processing_minutes": MINUTES,
        "is_bookable_online": flag,
    }


def read(
    readers: Mapping[str, Reader],
    typed: Mapping[str, str],
    before: Mapping[str, Any] | None = None,
    *,
    also: Check | None = None,
) -> dict[str, Any]:
    """The fields that were typed, as values; what was not typed stays as it was `before`. `also` looks at all of them.

    Raises Unusable with every one at fault.
    """
    found: dict[str, Any] = {}
    faults: list[Invalid] = []
    for name, reader in readers.items():
        if name not in typed:
            continue
        try:
            found[name] = reader(name, typed[name])
        except Invalid as fault:
            faults.append(fault)
    unread = {fault.field for fault in faults}
    whole = {name: value for name, value in {**(before or {}), **found}.items() if name not in unread}
    faults += _effect(whole) + (also(whole) if also else [])
    if faults:
        raise Unusable(faults)
    return found


def readable(readers: Mapping[str, Reader], typed: Mapping[str, str]) -> dict[str, Any]:
    """What of the fields typed so far can be read, as values: for showing what it will look like."""
    found = {}
    for name in readers.keys() & typed.keys():
        try:
            found[name] = readers[name](name, typed[name])
        except Invalid:
            continue
    return found


def _effect(minutes: Mapping[str, Any]) -> list[Invalid]:
    """What is wrong with when a treatment takes effect: it begins and ends within the treatment."""
    names = ("processing_offset_minutes", "processing_minutes", "duration_minutes")
    if not minutes.keys() >= set(names):
        return []
    after, lasts, whole = (minutes[name] for name in names)
    if after + lasts <= whole:
        return []
    return [Invalid("processing_minutes" if lasts else "processing_offset_minutes", "processing_long")]


def _is_seen(one: str) -> bool:
    """A letter, digit, sign or blank; the blanks of other keyboards and what joins two letters are."""
    return one.isprintable() or one in _JOINERS or unicodedata.category(one) == "Zs"
