"""What was chosen for a visit so far, and what follows from it: read at once, without State."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import desk, menu
from clinic_portal.booking.menu import Promised, Shelf
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.patients.types import Profile
from clinic_portal.scheduling.availability import wall_to_minute
from clinic_portal.scheduling.types import FreeTime
from clinic_portal.web import inputs
from clinic_portal.web.admin.new_visit import views
from clinic_portal.web.admin.new_visit.views import PersonView, SumView
from clinic_portal.web.admin.refused import sentence
from clinic_portal.web.problems import problem


@dataclass(frozen=True)
class Wish:
    """What was chosen so far. `start`: an epoch minute; `provider_id` 0: whoever is free first."""

    patient_id: int = 0
    services: tuple[int, ...] = ()
    location_id: int = 0
    provider_id: int = 0
    on: date | None = None  # None: today
    start: int | None = None

    @property
    def is_whole(self) -> bool:
        """Nothing is missing."""
        return bool(self.patient_id and self.services and self.start is not None)


@dataclass(frozen=True)
class Scene:
    """All of the page, from one read."""

    on: date
    who: Profile | None
    shelves: tuple[Shelf, ...]
    providers: tuple[int, ...]
    times: list[FreeTime] | None
    promised: Promised | None
    against: Conflict | None  # why it cannot be as it is


def wish_of(asked: Mapping[str, str], clinic: Catalogue, actor: StaffActor) -> Wish:
    """What an address names; what it names amiss is left out."""
    location_id = inputs.id_in_address(asked.get("location", ""))
    if location_id not in clinic.locations:
        location_id = next(iter(clinic.locations))
    zone = ZoneInfo(clinic.locations[location_id].time_zone)
    on, start = inputs.day_in_address(asked.get("on", "")), None
    if on is not None:
        with suppress(inputs.BadInput):
            start = wall_to_minute(on, inputs.choice(inputs.row_id(asked.get("at", ""), least=0), range(1440)), zone)
    provider_id = inputs.id_in_address(asked.get("provider", ""))
    return Wish(
        patient_id=inputs.id_in_address(asked.get("patient", "")),
        location_id=location_id,
        provider_id=provider_id if provider_id in clinic.providers else 0,
        on=on,
        start=start,
    )


def those(read: Reading, actor: StaffActor, patient_ids: Iterable[int], language: str) -> list[PersonView]:
    """Patients to choose from by their ids, without those they may not see."""
    found = []
    for one in patient_ids:
        with suppress(NotAllowed):
            found.append(views.chosen(one, menu.who(read, actor, one), language))
    return found


def read_all(read: Reading, actor: StaffActor, wish: Wish) -> Scene:
    """All of the page; a patient they may not see is nobody."""
    clinic = catalogue(read)
    on = wish.on or read.now.astimezone(ZoneInfo(clinic.locations[wish.location_id].time_zone)).date()
    try:
        known = menu.who(read, actor, wish.patient_id) if wish.patient_id else None
    except NotAllowed:
        known = None
    patient_id = wish.patient_id if known else None
    told: dict[str, Any] = {
        "location_id": wish.location_id,
        "service_ids": wish.services,
        "provider_id": wish.provider_id or None,
    }
    times, against = None, None
    if wish.services:
        try:
            times = desk.free_times(read, actor, on=on, **told)
        except Conflict as refusal:
            times, against = [], refusal
        if wish.start is not None and against is None:
            against = menu.why_not(read, actor, start=wish.start, **told)
    performs = menu.performers(clinic, wish.services)
    return Scene(
        on=on,
        who=known,
        shelves=menu.menu(read, actor, location_id=wish.location_id, patient_id=patient_id),
        providers=tuple(one for one in clinic.providers if one in performs or one == wish.provider_id),
        times=times,
        promised=menu.promised(read, actor, patient_id, wish.services) if patient_id and wish.services else None,
        against=against,
    )


def summary(clinic: Catalogue, wish: Wish, seen: Scene) -> SumView:
    """What it comes to, and what stands against it."""
    zone, language = clinic.locations[wish.location_id].time_zone, clinic.clinic.language
    offers = {one.service_id: one for shelf in seen.shelves for one in shelf.offers}
    mine = [offers[one] for one in wish.services if one in offers]
    provider = clinic.providers.get(wish.provider_id)
    free = next((one.provider_ids for one in seen.times or () if one.start == wish.start), ())
    anybody = " or ".join(clinic.providers[one].name for one in free if one in clinic.providers)
    shown = SumView(
        facts=views.facts(
            clinic,
            mine,
            who=f"{seen.who.given_name} {seen.who.family_name}" if seen.who else "",
            location_id=wish.location_id,
            provider=provider.name if provider else f"First available: {anybody}" if anybody else "First available",
            start=wish.start,
        ),
        gets=views.gets(seen.promised, [one.name for one in mine if one.in_wallet]) if seen.promised else [],
        lacks=views.missing(has_patient=seen.who is not None, has_services=bool(mine), has_time=wish.start is not None),
    )
    if seen.against is not None:
        told, facts = problem(seen.against), seen.against.facts
        shown.refused, shown.why = told.title, told.sentence
        if seen.against.code == "desk_refused":
            shown.why = sentence(
                facts,
                who=provider.name if provider else "",
                names={},
                told_time=lambda at: wording.time(at, zone, language),
            )
        shown.near = views.near(facts.get("near", ()), zone, language)
        shown.may_override = bool(facts.get("may_override"))
    return shown
