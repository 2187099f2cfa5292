"""Contact details as people type them. Pure: no clock, no database."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date

import phonenumbers

from clinic_portal.accounts.emails import email_address, email_key
from clinic_portal.core.errors import Invalid, Unusable
from clinic_portal.patients.types import Contact

__all__ = ["contact", "email_address", "email_key", "person_name", "phone_number"]
NAME_MAX = 80
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LINKLIKE = re.compile(r"https?:|www\.|[<>{}@]")


def contact(*, given_name: str, family_name: str, email: str, phone: str, region: str) -> Contact:
    """Contact details as typed, each put into its normal form. Raises Unusable with every field at fault (S63)."""
    found: dict[str, str] = {}
    faults: list[Invalid] = []
    readers: dict[str, Callable[[], str]] = {
        "given_name": lambda: person_name("given_name", given_name),
        "family_name": lambda: person_name("family_name", family_name),
        "email": lambda: email_address(email),
        "phone": lambda: phone_number(phone, region),
    }
    for field, read in readers.items():
        try:
            found[field] = read()
        except Invalid as fault:
            faults.append(fault)
    if faults:
        raise Unusable(faults)
    return Contact(**found)


def person_name(field: str, typed: str) -> str:
    """A name with its spaces tidied. Raises Invalid when it is empty, too long or no name (a link, markup)."""
    if _CONTROL.search(typed):
        raise Invalid(field, "name_characters")
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not name:
        raise Invalid(field, "name_missing")
    if len(name) > NAME_MAX:
        raise Invalid(field, "name_long", limit=NAME_MAX)
    if _LINKLIKE.search(name) or not any(character.isalpha() for character in name):
        raise Invalid(field, "name_characters")
    return name


def phone_number(typed: str, region: str) -> str:
    """A telephone number as E.164, read as dialled from `region`. Raises Invalid on `phone` (S66)."""
    if not typed.strip():
        raise Invalid("phone", "phone_missing")
    try:
        number = phonenumbers.parse(typed[:40], region)
    except phonenumbers.NumberParseException:
        raise Invalid("phone", "phone_invalid") from None
    if number.extension or not phonenumbers.is_valid_number(number):
        raise Invalid("phone", "phone_invalid")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})
SHORT_MAX = 120
EARLIEST_BIRTH_ON = date(1900, 1, 1)


def details(typed: Mapping[str, str], *, today: date) -> tuple[dict[str, str], list[Invalid]]:
    """What the registration page asks for beside the contact, in normal forms, and what cannot be used (S18)."""
    found: dict[str, str] = {}
    faults: list[Invalid] = []
    for name, text in typed.items():
        try:
            found[name] = birth_date(text, today) if name == "birth_on" else short_text(name, text)
        except Invalid as fault:
            faults.append(fault)
    return found, faults


def short_text(field: str, typed: str, most: int = SHORT_MAX) -> str:
    """A line of text with its spaces tidied; it may be empty. Raises Invalid when it is too long or holds controls."""
    if _CONTROL.search(typed):
        raise Invalid(field, "text_characters")
    text = " ".join(unicodedata.normalize("NFC", typed).split())
    if len(text) > most:
        raise Invalid(field, "text_long", limit=most)
    return text


def birth_date(typed: str, today: date) -> str:
    """A date of birth as `1990-05-17`, or nothing. Raises Invalid on `birth_on` for one that cannot be."""
    if not typed.strip():
        return ""
    try:
        born = date.fromisoformat(typed.strip())
    except ValueError:
        raise Invalid("birth_on", "birth_date_invalid") from None
    if not EARLIEST_BIRTH_ON <= born <= today:
        raise Invalid("birth_on", "birth_date_invalid")
    return born.isoformat()


_DATE = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})")


def birth_dates(typed: str) -> list[date]:
    """The dates somebody may mean: `1990-03-14`, `3/14/1990`, `14.3.1990`, `14/3/90`; none where it is no date.

    Month and day stand either way round among people, so both are meant where both can be.
    """
    found = _DATE.fullmatch("".join(typed.split()))
    if found is None:
        return []
    first, second, third = found.groups()
    if len(first) == 4:
        years, orders = [int(first)], [(int(second), int(third))] if len(third) <= 2 else []
    else:
        years = [1900 + int(third), 2000 + int(third)] if len(third) == 2 else [int(third)]
        orders = [(int(first), int(second)), (int(second), int(first))]
    dates = {_date(year, month, day) for year in years for month, day in orders}
    return sorted(on for on in dates if on is not None and on >= EARLIEST_BIRTH_ON)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


NAMES = ("given_name", "family_name")
LINES = ("pronouns", "street", "city", "region", "postal_code", "country", "emergency_name")
LANGUAGES = {"en": "English", "es": "Español", "fr": "Français", "de": "Deutsch"}


def folded(text: str) -> str:
    """Without case and accents, so that `Elodie` finds `Élodie`."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def search_key(*names: str) -> str:
    """Names as they are searched by: `  elodie  nandu `, two blanks before each word and one after the last.

    So a word's first letter and the two blanks are three, the least that is looked up quickly.
    """
    return "".join(f"  {word}" for word in folded(" ".join(names)).split()) + " "


def profile(
    typed: Mapping[str, str], *, region: str, today: date
) -> tuple[dict[str, str | date | None], list[Invalid]]:
    """Information of a profile as typed, in normal forms, and what cannot be used (S2)."""
    found: dict[str, str | date | None] = {}
    faults: list[Invalid] = []
    for name, text in typed.items():
        try:
            if name in NAMES:
                found[name] = person_name(name, text)
            elif name == "birth_on":
                told = birth_date(text, today)
                found[name] = date.fromisoformat(told) if told else None
            elif name == "emergency_phone":
                found[name] = phone_number(text, region) if text.strip() else ""
            else:
                found[name] = short_text(name, text)
        except Invalid as fault:
            faults.append(Invalid(name, fault.code, **{k: v for k, v in fault.facts.items() if k != "field"}))
    return found, faults
