"""What somebody means who types words into the search of the activity log: deeds, people, visits, payments, things."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from clinic_portal.accounts.log import PATIENTS, SYSTEMS, Wanted
from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import trail
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.work import Reading
from clinic_portal.patients import queries as patients
from clinic_portal.scheduling.availability import instant, wall_to_minute
from clinic_portal.web.admin import log_words

MOST_PATIENTS = 20
_NUMBERED = re.compile(r"(patient|visit|appointment|payment|message|reply|staff|service|provider)[ :#]*(\d{1,12})")
_RECEIPT = re.compile(r"r-(\d{1,9})")


def wanted(
    read: Reading,
    actor: StaffActor,
    team: Mapping[str, str],
    said: str,
    who: str,
    what: str,
    first: date | None,
    last: date | None,
) -> Wanted:
    """What the fields of the search come to; what is none of its choices narrows nothing. `team`: `staff.names`."""
    clinic = catalogue(read)
    zone = ZoneInfo(clinic.time_zone)
    between = None
    if first or last:
        since = instant(wall_to_minute(first or date(2000, 1, 1), 0, zone))
        between = since, instant(wall_to_minute((last or date(2200, 1, 1)) + timedelta(days=1), 0, zone))
    return Wanted(
        actor=who if who in dict(actors(team)) else "",
        actions=log_words.group(what),
        between=between,
        is_said=bool(said),
        said_actions=log_words.meant(said) if said else (),
        said_tags=tuple(dict.fromkeys(_tags(read, actor, team, clinic, said))) if said else (),
    )


def actors(team: Mapping[str, str]) -> list[tuple[str, str]]:
    """Everyone whose deeds can be looked for: as the log names them, and in words."""
    return [
        *team.items(),
        (PATIENTS, "Patients"),
        *((tag, words[:1].upper() + words[1:]) for tag, words in SYSTEMS.items()),
    ]


def _tags(read: Reading, actor: StaffActor, team: Mapping[str, str], clinic: Catalogue, said: str) -> Iterator[str]:
    """People and things that are called so, as the log names them."""
    typed = said.casefold()
    if numbered := _NUMBERED.fullmatch(typed):
        kind, number = numbered.groups()
        kind = "appointment" if kind == "visit" else kind
        yield from trail.of_patients(read, [int(number)]) if kind == "patient" else [f"{kind}:{int(number)}"]
        return
    if receipt := _RECEIPT.fullmatch(typed):
        yield f"payment:{int(receipt[1])}"
        return
    yield from trail.of_visit(read, said)
    yield from (tag for tag, name in team.items() if typed in name.casefold())
    yield from _things(clinic, typed)
    if len(typed) >= 3:  # two letters are in every second name
        found = patients.search(read, actor, said, most=MOST_PATIENTS)
        yield from trail.of_patients(read, [one.id for one in found])


def _things(clinic: Catalogue, typed: str) -> Iterator[str]:
    for kind, known in (
        ("provider", clinic.providers),
        ("service", clinic.services),
        ("location", clinic.locations),
        ("category", clinic.categories),
    ):
        yield from (f"{kind}:{one.id}" for one in known.values() if typed in one.name.casefold())
