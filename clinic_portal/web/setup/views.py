"""What each step of the first run asks, with what is known or usual already filled in. Values in, fields out."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from babel import Locale

from clinic_portal.clinic import founding_rules
from clinic_portal.clinic.types import ClinicInfo
from clinic_portal.core import wording
from clinic_portal.core.money import currencies
from clinic_portal.core.settings import Settings
from clinic_portal.scheduling.editing import Shift
from clinic_portal.setup.first_run import FirstRun
from clinic_portal.web.admin.settings.policy_views import amount
from clinic_portal.web.components.fields import FieldView, focused

Errors = Mapping[str, str]
Typed = Mapping[str, str]
SPOKEN = ("es", "fr", "de")
"""Languages that dates and money are told in, beside English."""
USUAL_DAYS = range(5)
USUAL_SHIFT = Shift(9 * 60, 17 * 60, ())
WEEKS: dict[str, tuple[range, Shift]] = {
    "weekdays": (USUAL_DAYS, USUAL_SHIFT),
    "six": (range(6), Shift(10 * 60, 18 * 60, ())),
    "every": (range(7), USUAL_SHIFT),
}
"""Weeks that one click fills in, by their button."""
EXAMPLES: tuple[tuple[str, str, int], ...] = (
    ("Consultation", "Consultations", 30),
    ("Wrinkle relaxer", "Injectables", 30),
    ("Lip filler", "Injectables", 45),
    ("Hydrating facial", "Skin", 60),
    ("Chemical peel", "Skin", 45),
    ("Laser hair removal", "Laser", 30),
)
"""First services to pick from: name, category, minutes. Nobody has to keep them."""

_CLINIC = ("name", "email", "phone", "currency", "language", "reference_prefix")


def clinic_form(found: FirstRun, typed: Typed, errors: Errors) -> list[FieldView]:
    """Its name, and how patients reach it."""
    values = {**_values(found.clinic), **typed}
    if found.clinic and "phone" not in typed:
        values["phone"] = wording.phone(found.clinic.phone)
    return _drawn(
        [
            ("name", "Name of the clinic", "text", "As patients know it."),
            ("email", "E-mail", "email", "Patients see it, and answer to it."),
            ("phone", "Phone", "tel", ""),
        ],
        values,
        errors,
    )


def clinic_more(found: FirstRun, country: str, typed: Typed, errors: Errors) -> list[FieldView]:
    """What the country suggests."""
    usual = founding_rules.suggested(country)
    values = {"currency": usual.currency, "language": usual.language, **_values(found.clinic), **typed}
    english = Locale("en")
    paid = sorted(
        ([one, f"{english.currencies.get(one, one)} ({one})"] for one in currencies()), key=lambda one: one[1]
    )
    tags = list(dict.fromkeys([values["language"], usual.language, "en", *SPOKEN]))
    told = [[tag, wording.locale(tag).get_display_name("en") or tag] for tag in tags]
    fields = [
        ("currency", "Currency", "choice", ""),
        ("language", "Dates and prices are written as in", "choice", ""),
        (
            "reference_prefix",
            "Visits are numbered",
            "text",
            "Two to five letters: LMN makes LMN-4F7K2X. Empty: of the name.",
        ),
    ]
    if found.service is not None:
        fields = fields[1:]
    return _drawn(fields, values, errors, {"currency": paid, "language": told})


def location_form(found: FirstRun, typed: Typed, errors: Errors) -> list[FieldView]:
    """The address."""
    at = found.location.values if found.location else {}
    about = found.clinic
    values = {"name": about.name if about else "", **_text(at), **typed}
    return _drawn(
        [
            ("name", "Name of this location", "text", "The clinic’s own, where there is only one."),
            ("street", "Street and number", "text", ""),
            ("city", "City", "text", ""),
            ("region", "State or region", "text", ""),
            ("postal_code", "Postal code", "text", ""),
        ],
        values,
        errors,
    )


def location_more(found: FirstRun, typed: Typed, errors: Errors) -> list[FieldView]:
    """What helps to find it."""
    values = {**_text(found.location.values if found.location else {}), **typed}
    fields = [
        ("phone", "Phone of this location", "tel", "Empty: the clinic’s."),
        ("directions", "How to find it", "area", ""),
    ]
    return _drawn(fields, values, errors)


def provider_form(name: str, typed: Typed, errors: Errors) -> list[FieldView]:
    """How patients know them."""
    return _drawn(
        [("name", "Name", "text", "As patients see it, such as Dr. Maya Osei.")], {"name": name, **typed}, errors
    )


def provider_more(found: FirstRun, typed: Typed, errors: Errors) -> list[FieldView]:
    """What patients read beside the name."""
    values = {**_text(found.provider.values if found.provider else {}), **typed}
    fields = [
        ("title", "Title", "text", "Such as Nurse practitioner. It may stay empty."),
        ("about", "About them", "area", "It may stay empty."),
    ]
    return _drawn(fields, values, errors)


def service_form(found: FirstRun, typed: Typed, errors: Errors) -> list[FieldView]:
    """What is booked, for how long, for how much."""
    usual_name, usual_shelf, usual_minutes = EXAMPLES[0]
    values = {"name": usual_name, "category": usual_shelf, "duration_minutes": str(usual_minutes), "price_minor": "0"}
    if found.service is not None:
        values |= _text(found.service.values)
        values["price_minor"] = amount(found.service.values["price_minor"], _currency(found))
    if found.category is not None:
        values["category"] = found.category.name
    return _drawn(
        [
            ("name", "Service", "text", ""),
            ("category", "It stands under", "text", "A heading on your booking page; more come later."),
            ("duration_minutes", "Minutes", "number", "5 to 480."),
            ("price_minor", f"Price in {_currency(found)}", "text", "0 where it costs nothing."),
        ],
        {**values, **typed},
        errors,
    )


def service_more(found: FirstRun, typed: Typed, errors: Errors) -> list[FieldView]:
    """What most leave as it is."""
    values = {"buffer_before_minutes": "0", "buffer_after_minutes": "0"}
    values |= _text(found.service.values if found.service else {})
    return _drawn(
        [
            ("description", "What it is", "area", "Patients read it while they choose."),
            ("buffer_before_minutes", "Minutes to prepare before", "number", ""),
            ("buffer_after_minutes", "Minutes to clean up after", "number", ""),
        ],
        {**values, **typed},
        errors,
    )


def reach(settings: Settings, origin: str) -> tuple[str, str]:
    """Whether patients can open the portal's address: good, odd or bad, and why. `origin`: where this page is."""
    address = settings.public_url.rstrip("/")
    host = urlsplit(address).hostname or ""
    if _is_near(host):
        return "bad", (
            f"Only this computer or network can open {host}. Before patients can book, whoever runs the server gives "
            "it an address of its own (CLINIC_PUBLIC_URL) with https."
        )
    if not address.startswith("https://"):
        return "bad", "It is not encrypted. Whoever runs the server changes CLINIC_PUBLIC_URL to https://… first."
    if origin.rstrip("/") != address:
        return "odd", "You are here under another address. Open this one on your phone to see that it works."
    return "good", "It works, and it is encrypted: you are using it right now."


def texts(settings: Settings) -> tuple[str, str]:
    """Whether patients get the code they book with: good or bad, and what to do."""
    if settings.sms_sender != "sandbox":
        return "good", "Patients prove their phone by a code in a text; texts go out by Twilio."
    if settings.is_demo:
        return "bad", (
            "This is a rehearsal: texts and e-mails stay on this machine, and are read at /demo. Patients prove their "
            "phone by a code in a text, so before they can book, whoever runs the server connects Twilio and SMTP and "
            "sets CLINIC_MODE=production (README)."
        )
    return "bad", "Texts reach nobody yet, and patients need one to book: connect Twilio (README)."


def _is_near(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def _drawn(
    fields: list[tuple[str, str, str, str]],
    values: Typed,
    errors: Errors,
    choices: Mapping[str, list[list[str]]] | None = None,
) -> list[FieldView]:
    return focused(
        [
            FieldView(
                name, label, values.get(name, ""), kind, errors.get(name, ""), hint, (choices or {}).get(name, [])
            )
            for name, label, kind, hint in fields
        ],
        is_opened=False,
    )


def _values(clinic: ClinicInfo | None) -> dict[str, str]:
    return {name: str(getattr(clinic, name)) for name in _CLINIC} if clinic else {}


def _text(values: Mapping[str, object]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _currency(found: FirstRun) -> str:
    return found.clinic.currency if found.clinic else founding_rules.USUAL_CURRENCY
