"""The demo clinic's patients and their appointments, from a fixed seed: the same on the same day, every time."""

from __future__ import annotations

import random
from bisect import insort
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select

from clinic_portal.booking import models as booking
from clinic_portal.booking import rules
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue, ServiceInfo
from clinic_portal.core.db import table
from clinic_portal.core.work import UnitOfWork
from clinic_portal.patients import models as patients
from clinic_portal.patients.rules import email_key, search_key
from clinic_portal.scheduling import models as scheduling
from clinic_portal.scheduling import queries
from clinic_portal.scheduling.availability import (
    BookingRules,
    Interval,
    ProviderDay,
    choose_units,
    free_starts,
    instant,
    place_shift,
    visit_shape,
)
from clinic_portal.setup import desks, logins, papers, sales, tills
from clinic_portal.setup.names import FAMILY_NAMES, GIVEN_NAMES

SEED = 20261123
PATIENTS, APPOINTMENTS = 400, 1500
DAYS_BACK, DAYS_AHEAD = 150, 75
AREA_CODES = ("512", "737", "720", "303")  # 555-0100 to 555-0199 of each is kept for fiction
_ALWAYS = BookingRules(interval_minutes=15, earliest=0, first_on=date.min, last_on=date.max)


@dataclass(frozen=True, slots=True)
class SeedReport:
    """How many there are now."""

    patients: int
    appointments: int


@dataclass
class _Visit:
    location_id: int
    provider_id: int
    service: ServiceInfo
    start: int
    end: int
    spans: list[tuple[int, int, int, int]]  # subject kind, subject id, start, end
    status: str


def seed(work: UnitOfWork, *, progress: Callable[[int], None] = lambda done: None) -> SeedReport:
    """Fill the loaded clinic with people and visits around today; `progress` is told how many visits stand.

    Nobody is sent anything for them: no outbox rows. The activity log has one entry, and what forms were told.
    """
    rng = random.Random(SEED)  # noqa: S311 - a demo is repeatable on purpose
    clinic = catalogue(work)
    people = _people(work, rng)
    visits = _Diary(work, clinic, rng).fill(progress)
    visits.sort(key=lambda visit: (visit.start, visit.provider_id))
    _write(work, clinic, people, visits, rng)
    deeds = tills.seed(work, rng)
    logins.seed(work, people)
    sales.seed(work, people, deeds, rng)
    desks.seed(work, random.Random(SEED))  # noqa: S311 - of its own: the rest of the demo stays as it was
    told = papers.seed(work, people)
    work.record("command", "demo.seeded", "clinic:1", patients=len(people), appointments=len(visits), documents=told)
    return SeedReport(len(people), len(visits))


def _people(work: UnitOfWork, rng: random.Random) -> list[int]:
    given_name, family_name = logins.PATIENT.name.split()
    first = (given_name, family_name)
    pairs = rng.sample([(given, family) for given in GIVEN_NAMES for family in FAMILY_NAMES], PATIENTS)
    pairs = [first, *(pair for pair in pairs if pair != first)][:PATIENTS]
    rows = []
    for number, (given, family) in enumerate(pairs):
        email = f"{_plain(given)}.{_plain(family)}@example.{'com' if number % 3 == 1 else 'org'}"
        joined = work.now - timedelta(days=rng.randrange(30, 1500), minutes=rng.randrange(600))
        rows.append(
            {
                "given_name": given,
                "family_name": family,
                "search_key": search_key(given, family),
                "email": email,
                "email_key": email_key(email),
                "phone": f"+1{AREA_CODES[number // 100]}55501{number % 100:02}",
                "phone_verified_at": joined,
                "language": "en",
                "created_at": joined,
            }
        )
    work.execute(insert(table(patients.Patient)), rows)
    ids = select(table(patients.Patient).c.id).order_by(table(patients.Patient).c.id.desc()).limit(PATIENTS)
    return sorted(work.execute(ids).scalars())


class _Diary:
    """Packs visits into everyone's hours with the arithmetic that lists and books."""

    def __init__(self, work: UnitOfWork, clinic: Catalogue, rng: random.Random) -> None:
        self._now, self._clinic, self._rng = work.now, clinic, rng
        self._hours = queries.hours(work, clinic.version)
        self._busy: dict[int, list[Interval]] = defaultdict(list)
        self._units: dict[int, list[Interval]] = defaultdict(list)
        self._counts: dict[tuple[int, date], int] = defaultdict(int)

    def fill(self, progress: Callable[[int], None]) -> list[_Visit]:
        """As many visits as the demo promises, denser near today."""
        today = self._now.astimezone(ZoneInfo(self._clinic.time_zone)).date()
        offsets = range(-DAYS_BACK, DAYS_AHEAD + 1)
        weights = [1 / (1 + abs(offset) / 12) for offset in offsets]
        visits: list[_Visit] = []
        while len(visits) < APPOINTMENTS:
            for offset in self._rng.choices(offsets, weights, k=200):
                visit = self._try(today + timedelta(days=offset))
                if visit and len(visits) < APPOINTMENTS:
                    visits.append(visit)
                    progress(len(visits))
        return visits

    def _try(self, on: date) -> _Visit | None:
        clinic = self._clinic
        place = self._rng.choice(list(clinic.locations.values()))
        if {(None, on), (place.id, on)} & clinic.holidays:
            return None
        provider_id = self._rng.choice(list(clinic.providers))
        shifts = self._hours.on(provider_id, place.id, on)
        if not shifts or self._counts[provider_id, on] >= 7:
            return None
        working = self._hours.working_at[place.id]
        offered = [
            service
            for service in clinic.services.values()
            if provider_id in service.provider_ids and rules.offered_at(clinic, service, place.id, working)
        ]
        if not offered:
            return None
        service = self._rng.choice(offered)
        zone = ZoneInfo(place.time_zone)
        shape = visit_shape([rules.shape(service)])
        day = ProviderDay(
            provider_id=provider_id,
            on=on,
            shifts=tuple(place_shift(on, shift, zone) for shift in shifts),
            busy=tuple(self._busy[provider_id]),
        )
        pools: dict[int, dict[int, list[Interval]]] = defaultdict(dict)
        for unit in clinic.units:
            if unit.location_id == place.id:
                pools[unit.pool_id][unit.id] = self._units[unit.id]
        starts = free_starts(shape, day, pools, _ALWAYS)
        if not starts:
            return None
        start = self._rng.choice(starts)
        units = choose_units(shape, start, pools)
        assert units is not None
        spans = [
            (scheduling.PROVIDER, provider_id, start + first, start + last) for first, last in shape.provider_spans
        ] + [(scheduling.UNIT, units[pool], start + first, start + last) for pool, first, last in shape.pool_spans]
        status = self._status(instant(start), instant(start + shape.duration_minutes))
        if status not in ("cancelled", "noshow"):
            for kind, subject, first, last in spans:
                insort((self._busy if kind == scheduling.PROVIDER else self._units)[subject], (first, last))
        self._counts[provider_id, on] += 1
        return _Visit(place.id, provider_id, service, start, start + shape.duration_minutes, spans, status)

    def _status(self, start_at: datetime, end_at: datetime) -> str:
        if start_at > self._now:
            return "cancelled" if self._rng.random() < 0.04 else "booked"
        if end_at > self._now:
            return "arrived"
        return self._rng.choices(("fulfilled", "noshow", "cancelled"), (88, 5, 7))[0]


def _write(work: UnitOfWork, clinic: Catalogue, people: list[int], visits: list[_Visit], rng: random.Random) -> None:
    appointment = table(booking.Appointment)
    first_id = (work.execute(select(func.max(appointment.c.id))).scalar() or 0) + 1
    prefix = clinic.clinic.reference_prefix
    appointments, services, occupied = [], [], []
    hers = _visits_of_the_first(clinic, visits, work.now)
    for number, visit in enumerate(visits):
        start_at = instant(visit.start)
        booked_at = min(start_at - timedelta(days=rng.randrange(1, 30), minutes=rng.randrange(600)), work.now)
        key = first_id + number
        patient_id = people[0] if number in hers else rng.choice(people[1:])
        appointments.append(_appointment(clinic, visit, key, f"{prefix}-D{number:05}", booked_at, patient_id))
        services.append(
            {
                "appointment_id": key,
                "service_id": visit.service.id,
                "position": 0,
                "name": visit.service.name,
                "duration_minutes": visit.service.duration_minutes,
                "price_minor": visit.service.price_minor,
            }
        )
        occupied += [
            {
                "appointment_id": key,
                "subject_kind": kind,
                "subject_id": subject,
                "start_minute": first,
                "end_minute": last,
                "is_blocking": visit.status not in ("cancelled", "noshow"),
            }
            for kind, subject, first, last in visit.spans
        ]
    work.execute(insert(appointment), appointments)
    if work.session.get_bind().dialect.name == "postgresql":
        work.execute(select(func.setval("appointment_id_seq", first_id + len(visits))))
    work.execute(insert(table(booking.AppointmentService)), services)
    work.execute(insert(table(scheduling.Occupancy)), occupied)


def _visits_of_the_first(clinic: Catalogue, visits: list[_Visit], now: datetime) -> set[int]:
    """Positions of the visits whose patient the demo lets you be: one in about three days, one later, three past.

    Injections where there are any: those ask for every kind of form.
    """
    by_day: dict[int, list[int]] = defaultdict(list)
    for number, visit in enumerate(visits):
        if not _is_off(visit):
            by_day[(instant(visit.start) - now).days].append(number)
    wished = (3, 4, 5), (24, 25, 26, 27), (-12, -13, -14), (-40, -41, -42, -43), (-80, -81, -82, -83)
    found = [[number for day in days for number in by_day[day]] for days in wished]
    return {min(numbers, key=lambda one: _rank(clinic, visits[one])) for numbers in found if numbers}


def _rank(clinic: Catalogue, visit: _Visit) -> int:
    kinds = ("fillers", "injectables")
    slug = clinic.categories[visit.service.category_id].slug
    return kinds.index(slug) if slug in kinds else len(kinds)


def _is_off(visit: _Visit) -> bool:
    return visit.status in ("cancelled", "noshow")


def _appointment(
    clinic: Catalogue, visit: _Visit, key: int, reference: str, booked_at: datetime, patient_id: int
) -> dict[str, Any]:
    under = rules.terms(clinic, [visit.service])
    return {
        "id": key,
        "reference": reference,
        "uid": f"appt-demo-{key}",
        "sequence": 1 if visit.status == "cancelled" else 0,
        "status": visit.status,
        "location_id": visit.location_id,
        "provider_id": visit.provider_id,
        "patient_id": patient_id,
        "start_at": instant(visit.start),
        "end_at": instant(visit.end),
        "policy_version_id": under.policy.id if under.policy else None,
        "policy_accepted_at": booked_at if under.policy else None,
        "currency": clinic.clinic.currency,
        "total_minor": visit.service.price_minor,
        "covered_minor": under.covered_minor,
        "created_at": booked_at,
        "booked_at": booked_at,
        "arrived_at": instant(visit.start) if visit.status in ("arrived", "fulfilled") else None,
        "fulfilled_at": instant(visit.end) if visit.status == "fulfilled" else None,
    }


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isascii() and character.isalpha())
