"""The form of a patient, whole or its first fields, and how it begins with whom somebody looked for in vain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from clinic_portal.patients import searching
from clinic_portal.web.components.fields import FieldView, focused

LABELS = {
    "given_name": "First name",
    "family_name": "Last name",
    "phone": "Phone",
    "email": "E-mail",
    "birth_on": "Date of birth",
    "pronouns": "Pronouns",
    "street": "Street and number",
    "postal_code": "Postal code",
    "city": "City",
    "region": "State or region",
    "country": "Country",
    "emergency_name": "Emergency contact",
    "emergency_phone": "Their phone",
}
_KINDS = {"birth_on": "date", "email": "email", "phone": "tel", "emergency_phone": "tel"}


def person_fields(
    names: Iterable[str], typed: Mapping[str, str], errors: Mapping[str, str], hints: Mapping[str, str]
) -> list[FieldView]:
    """Fields of a patient by their names, as typed; the first field at fault has the focus."""
    return focused(
        [
            FieldView(
                name,
                LABELS[name],
                typed.get(name, ""),
                _KINDS.get(name, "text"),
                errors.get(name, ""),
                hints.get(name, ""),
            )
            for name in names
        ]
    )


def meant(wanted: str) -> dict[str, str]:
    """The fields of a new patient that the words of a search fill: a birth date, a phone, an e-mail or a name."""
    wanted = wanted.strip()
    found = searching.read_wanted(wanted)
    if found.born:
        return {"birth_on": found.born[0].isoformat()}
    if found.digits:
        return {"phone": wanted}
    if "@" in wanted:
        return {"email": wanted}
    given, _, family = wanted.partition(" ")
    return {"given_name": given, "family_name": family.strip()}
