"""The command's promises: it finds what should never be."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from clinic_portal.booking import holds
from clinic_portal.booking.invariants import broken
from clinic_portal.core import audit
from clinic_portal.core.work import Services
from tests.factories import booked, minute, small_clinic, visitor

TUESDAY = date(2026, 11, 24)


def spoil(services: Services, statement: str) -> None:
    services.do(lambda work: work.session.execute(text(statement)))


def test_a_clinic_in_order_has_no_finding(services) -> None:
    made = small_clinic(services)
    booked(made, "browser", TUESDAY, "10:30", "botox")
    services.do(lambda work: audit.seal(work.session))
    assert services.ask(broken) == []


def test_a_booking_without_its_confirmation_or_services_is_found(services) -> None:
    made = small_clinic(services)
    done = booked(made, "browser", TUESDAY, "10:30", "botox")
    spoil(services, "DELETE FROM outbox")
    spoil(services, "DELETE FROM appointment_service")
    assert services.ask(broken) == [
        f"Appointment {done.appointment_id} has no services.",
        f"Appointment {done.appointment_id} has not asked for its confirmation exactly once.",
    ]


def test_a_hold_that_nobody_tidied_up_is_found(services, clock) -> None:
    made = small_clinic(services)
    visitor(made, "browser", "botox")
    services.do(holds.hold, "browser", minute(TUESDAY, "10:30"))
    clock.advance(timedelta(minutes=16))
    [finding] = services.ask(broken)
    assert "is the worker running?" in finding


def test_the_activity_log_cannot_be_rewritten_and_a_change_below_it_shows(services) -> None:
    made = small_clinic(services)
    booked(made, "browser", TUESDAY, "10:30", "botox")
    services.do(lambda work: audit.seal(work.session))
    for statement in ("UPDATE audit_entry SET actor = 'nobody'", "DELETE FROM audit_entry", "DELETE FROM audit_seal"):
        with pytest.raises(DatabaseError, match="append-only"):
            spoil(services, statement)
    if services.database.is_sqlite:
        spoil(services, "DROP TRIGGER audit_entry_no_UPDATE")
    else:
        spoil(services, "DROP TRIGGER audit_entry_no_change ON audit_entry")
    spoil(services, "UPDATE audit_entry SET actor = 'nobody' WHERE action = 'appointment.booked'")
    assert any("activity log was altered" in finding for finding in services.ask(broken))
