"""What staff may write into the clinic's settings, field by field. Pure.

The bounds are the clinic file's own: what a file may say, a page may say.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel.numbers import get_currency_precision

from clinic_portal.accounts.emails import email_address
from clinic_portal.core.errors import Invalid, Unusable

Reader = Callable[[str, str], Any]
"""From a field's name and what was typed to its value. Raises Invalid."""


def text(most: int, *, required: bool = False) -> Reader:
    """Text of one or more lines, its ends tidied."""

    def read(field: str, typed: str) -> str:
        told = typed.replace("\r\n", "\n").strip()
        if any(one != "\n" and not one.isprintable() for one in told):
            raise Invalid(field, "text_characters")
        if required and not told:
            raise Invalid(field, "history_missing")
        if len(told) > most:
            raise Invalid(field, "text_long", limit=most)
        return told

    return read


def number(least: int, most: int, *, optional: bool = False) -> Reader:
    """A whole number within bounds."""

    def read(field: str, typed: str) -> int | None:
        told = typed.strip()
        if optional and not told:
            return None
        if not (told.isascii() and told.isdigit()) or len(told) > 9 or not least <= int(told) <= most:
            raise Invalid(field, "number_bounds", least=least, most=most)
        return int(told)

    return read


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
    if typed.strip() not in available_timezones():
        raise Invalid(field, "zone_unknown")
    return ZoneInfo(typed.strip()).key


def email(field: str, typed: str) -> str:
    """An e-mail address."""
    try:
        return email_address(typed)
    except Invalid as fault:
        raise Invalid(field, fault.code) from None


def money(currency: str) -> Reader:
    """An amount as people write it (`240` or `240.00`), in minor units."""

    def read(field: str, typed: str) -> int:
        try:
            minor = Decimal(typed.strip()).scaleb(get_currency_precision(currency))
        except InvalidOperation:
            raise Invalid(field, "money_invalid") from None
        if not minor.is_finite() or minor != minor.to_integral_value() or not 0 <= minor < 10**9:
            raise Invalid(field, "money_invalid")
        return int(minor)

    return read


MINUTES = number(0, 600)
CLINIC: dict[str, Reader] = {
    "name": text(80, required=True),
    "tagline": text(200),
    "about": text(2000),
    "email": email,
    "phone": text(40, required=True),
    "website": text(200),
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
}
LOCATION: dict[str, Reader] = {
    "name": text(80, required=True),
    "street": text(120, required=True),
    "city": text(80, required=True),
    "region": text(80),
    "postal_code": text(20),
    "country": text(2, required=True),
    "time_zone": zone,
    "phone": text(40),
    "directions": text(1000),
}
PROVIDER: dict[str, Reader] = {
    "name": text(80, required=True),
    "title": text(80),
    "about": text(2000),
    "daily_limit": number(1, 100, optional=True),
    "is_bookable_online": flag,
}
CATEGORY: dict[str, Reader] = {"name": text(80, required=True), "description": text(300)}
POOL: dict[str, Reader] = {"name": text(80, required=True), "kind": choice("room", "device")}
UNIT: dict[str, Reader] = {"name": text(80, required=True)}


def service(currency: str) -> dict[str, Reader]:
    """The fields of a service; its price is written in the clinic's currency."""
    return {
        "name": text(80, required=True),
        "description": text(2000),
        "what_to_bring": text(2000),
        "duration_minutes": number(5, 600),
        "price_minor": money(currency),
        "buffer_before_minutes": MINUTES,
        "buffer_after_minutes": MINUTES,
        "processing_offset_minutes": MINUTES,
        "processing_minutes": MINUTES,
        "is_bookable_online": flag,
    }


def read(readers: Mapping[str, Reader], typed: Mapping[str, str]) -> dict[str, Any]:
    """The fields that were typed, as values. Raises Unusable with every one at fault."""
    found: dict[str, Any] = {}
    faults: list[Invalid] = []
    for name, reader in readers.items():
        if name not in typed:
            continue
        try:
            found[name] = reader(name, typed[name])
        except Invalid as fault:
            faults.append(fault)
    if found.get("processing_minutes") and (
        found.get("processing_offset_minutes", 0) + found["processing_minutes"] > found.get("duration_minutes", 0)
    ):
        faults.append(Invalid("processing_minutes", "processing_long"))
    if faults:
        raise Unusable(faults)
    return found
