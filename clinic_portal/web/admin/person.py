"""Whom somebody looked for in vain, as the beginning of a form."""

from __future__ import annotations

from clinic_portal.patients import searching


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
