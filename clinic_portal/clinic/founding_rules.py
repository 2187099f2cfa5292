"""What a clinic is founded with, and what its country suggests. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.numbers import get_territory_currencies

from clinic_portal.clinic import editing_rules as rules
from clinic_portal.core.errors import Invalid
from clinic_portal.core.money import currencies

USUAL_COUNTRY, USUAL_CURRENCY, USUAL_LANGUAGE, USUAL_PREFIX = "US", "USD", "en", "VIS"
_TAG = re.compile(r"[a-z]{2}(-[A-Z]{2})?")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What most clinics of a country would choose."""

    currency: str
    language: str


@cache
def countries() -> Mapping[str, str]:
    """The countries a clinic may be in, English names by their two letters: those with telephone numbers."""
    names = Locale("en").territories
    return {code: names[code] for code in phonenumbers.SUPPORTED_REGIONS if code in names}


def country_of(accepted: str) -> str:
    """The country a browser's `Accept-Language` names first (`en-GB,en;q=0.9`), else the usual one."""
    for tag in re.findall(r"\b[a-z]{2,3}-([A-Z]{2})\b", accepted[:200]):
        if tag in countries():
            return str(tag)
    return USUAL_COUNTRY


def suggested(country: str) -> Suggestion:
    """Currency and language of a country; the pages' own words are English, so their dates are that country's too."""
    paid_in = [one for one in get_territory_currencies(country) if one in currencies()]
    tag = f"{USUAL_LANGUAGE}-{country}"
    language = tag if country != USUAL_COUNTRY and _is_known(tag) else USUAL_LANGUAGE
    return Suggestion(paid_in[-1] if paid_in else USUAL_CURRENCY, language)


def prefix_of(name: str) -> str:
    """What the references of a clinic's visits begin with: the first letters of its name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
    letters = re.sub(r"[^A-Z]", "", plain)[:3]
    return letters if len(letters) == 3 else USUAL_PREFIX


def read(typed: Mapping[str, str]) -> dict[str, Any]:
    """A clinic's first data as values. Raises Unusable with everything at fault."""
    region = typed.get("phone_region", "")
    readers: dict[str, rules.Reader] = {
        "name": rules.line(80, required=True),
        "phone_region": _country,
        "phone": rules.phone(region if region in countries() else USUAL_COUNTRY, required=True),
        "email": _email,
        "currency": _currency,
        "language": _language,
        "reference_prefix": _prefix,
    }
    found = rules.read(readers, {name: typed.get(name, "") for name in readers})
    found["reference_prefix"] = found["reference_prefix"] or prefix_of(found["name"])
    return found


def _country(field: str, typed: str) -> str:
    if typed not in countries():
        raise Invalid(field, "history_choice")
    return typed


def _email(field: str, typed: str) -> str:
    rules.line(400, required=True)(field, typed)
    return rules.email(field, typed)


def _currency(field: str, typed: str) -> str:
    if typed not in currencies():
        raise Invalid(field, "history_choice")
    return typed


def _language(field: str, typed: str) -> str:
    if not _is_known(typed):
        raise Invalid(field, "history_choice")
    return typed


def _prefix(field: str, typed: str) -> str:
    told = typed.strip().upper()
    if told and not re.fullmatch(r"[A-Z]{2,5}", told):
        raise Invalid(field, "prefix_letters")
    return told


def _is_known(tag: str) -> bool:
    if not _TAG.fullmatch(tag):
        return False
    try:
        Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True
