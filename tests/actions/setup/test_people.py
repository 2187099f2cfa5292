"""The demo clinic's people: as many as promised, the same every time, and none on top of another."""

from __future__ import annotations

from datetime import timedelta

from clinic_portal.booking.invariants import broken
from clinic_portal.booking.models import Appointment, VisitBill
from clinic_portal.booking.rules import able, shape
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.outbox import OutboxRow
from clinic_portal.core.work import Reading, Services
from clinic_portal.patients.models import Patient
from clinic_portal.patients.rules import phone_number
from clinic_portal.scheduling import queries
from clinic_portal.scheduling.types import Search
from clinic_portal.setup.demo import lumen
from clinic_portal.setup.load import load
from clinic_portal.setup.people import seed
from tests.factories import rows


def seeded(services: Services) -> Services:
    services.do(load, lumen())
    services.do(seed)
    return services


def test_the_demo_has_400_patients_and_1500_appointments_around_today(services: Services) -> None:
    seeded(services)
    people, visits = rows(services, Patient), rows(services, Appointment)
    assert (len(people), len(visits)) == (400, 1500)
    assert all(phone_number(one.phone, "US") == one.phone for one in people)
    now = services.clock.now()
    assert {one.status for one in visits if one.start_at > now} == {"booked", "cancelled"}
    assert {"fulfilled", "noshow", "cancelled"} <= {one.status for one in visits if one.end_at <= now}
    assert rows(services, OutboxRow) == []


def test_every_service_has_a_free_time_within_two_weeks_somewhere(services: Services) -> None:
    seeded(services)

    def full(read: Reading) -> list[str]:
        clinic = catalogue(read)
        today = read.now.date()
        found = []
        for service in clinic.services.values():
            free = [
                day
                for place in clinic.locations
                for day in queries.calendar(
                    read,
                    Search(place, (shape(service),), tuple(able(clinic, [service]))),
                    today,
                    today + timedelta(days=14),
                ).free_days()
            ]
            if not free:
                found.append(service.slug)
        return found

    assert services.ask(full) == []


def test_every_visit_of_the_demo_that_took_place_has_its_bill_and_its_times(services: Services) -> None:
    seeded(services)
    done = {one.id: one for one in rows(services, Appointment) if one.status == "fulfilled"}
    bills = {one.appointment_id: one for one in rows(services, VisitBill)}
    assert bills.keys() == done.keys()
    assert {one.desk_how for one in bills.values()} >= {"card", "cash"}
    assert any(one.from_deposit_minor for one in bills.values())
    assert all((one.arrived_at, one.fulfilled_at) == (one.start_at, one.end_at) for one in done.values())
    assert services.ask(broken) == []
