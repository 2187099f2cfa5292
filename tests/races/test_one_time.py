"""Fifty processes want one time. Exactly one gets it; without the guard, more would."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from clinic_portal.booking import drafts, holds, queries
from clinic_portal.booking.models import Appointment
from clinic_portal.core.errors import SlotTaken
from clinic_portal.core.outbox import OutboxRow
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.scheduling import guard
from clinic_portal.scheduling.models import Occupancy
from clinic_portal.scheduling.types import Placement
from tests.card_kit import till
from tests.factories import minute, rows, small_clinic, visitor
from tests.races.racing import at_once

MANY = 50
TUESDAY = date(2026, 11, 24)


@pytest.mark.req("B1")
def test_fifty_processes_race_for_one_time_and_one_gets_it(services) -> None:
    made = small_clinic(services)
    for number in range(MANY):
        visitor(made, f"browser {number}", "botox", phone=f"+15125550{number:03}", email=f"p{number}@example.org")
    start = minute(TUESDAY, "10:30")

    def attempt(own: Services, number: int, ready: Any) -> str:
        ready.wait()
        own.do(holds.hold, f"browser {number}", start)
        till(own).books(f"browser {number}", made["policy"])
        return "booked"

    assert at_once(services, MANY, attempt) == {"booked": 1, "slot_taken": MANY - 1}
    assert [a.status for a in rows(services, Appointment)] == ["booked"]
    assert len([r for r in rows(services, OutboxRow) if r.kind == "appointment.booked"]) == 1


@pytest.mark.req("B1")
def test_the_database_alone_refuses_the_second_even_if_every_look_said_free(services) -> None:
    """Everyone looks first, then everyone inserts: only the database's own guard stands between."""
    assert insert_after_look(services) == {"inserted": 1, "slot_taken": MANY - 1}
    assert len(rows(services, Occupancy)) == 1


def test_without_the_guard_the_same_attempts_book_one_time_many_times(services) -> None:
    """The control: the race is real."""
    with services.database.engine.connect() as connection:
        if services.database.is_sqlite:
            connection.execute(text("DROP TRIGGER occupancy_no_overlap_INSERT"))
        else:
            connection.execute(text("ALTER TABLE occupancy DROP CONSTRAINT occupancy_no_overlap"))
        connection.commit()
    assert insert_after_look(services)["inserted"] > 1


def insert_after_look(services: Services) -> Counter[str]:
    made = small_clinic(services)
    for number in range(MANY):
        services.do(drafts.add_service, f"browser {number}", made["botox"])
    start = minute(TUESDAY, "10:30")

    def appointment(work: UnitOfWork) -> int:
        row = Appointment(
            reference="LMN-1",
            uid="u",
            status="held",
            location_id=made["downtown"],
            provider_id=made["maya"],
            start_at=work.now,
            end_at=work.now,
            currency="USD",
            total_minor=0,
            created_at=work.now,
        )
        work.session.add(row)
        work.session.flush()
        return int(row.id or 0)

    appointment_id = services.do(appointment)
    placement = Placement(made["maya"], start, start + 45, ((start, start + 50),), ())

    def attempt(own: Services, number: int, ready: Any) -> str:
        search = own.ask(lambda read: queries.search(read, queries.draft(read, f"browser {number}")))
        if start not in {time.start for time in own.ask(queries.free_times, search, TUESDAY)}:
            raise SlotTaken(start=start)
        ready.wait()
        own.do(guard.occupy, appointment_id=appointment_id, location_id=made["downtown"], placement=placement)
        return "inserted"

    return at_once(services, MANY, attempt)
