"""Visits and lead times for tests of reminders, written as rows: a thousand cost no more than one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from clinic_portal.booking import models as booking
from clinic_portal.core.db import table
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.messaging import models as messaging
from clinic_portal.messaging import reminders
from clinic_portal.patients import models as patients
from tests import factories

LONG_AGO = timedelta(days=60)


def person(services: Services, name: str = "Amara", *, phone: str = factories.MOBILE, **values: Any) -> int:
    """A patient who lives where the clinic is, and wants to be reminded both ways."""

    def action(work: UnitOfWork) -> int:
        address = f"{name.lower()}@example.org"
        row = patients.Patient(
            given_name=name,
            family_name="Reed",
            email=address,
            email_key=address,
            phone=phone,
            created_at=work.now - LONG_AGO,
            **values,
        )
        work.session.add(row)
        work.session.flush()
        assert row.id is not None
        return row.id

    return services.do(action)


def visits(
    made: factories.SmallClinic, patient_ids: Sequence[int], starts: Sequence[datetime], **values: Any
) -> list[int]:
    """Booked visits, each of one patient at one time; booked long ago. Their ids."""

    def action(work: UnitOfWork) -> list[int]:
        known = len(work.execute(factories.sa_select(booking.Appointment.id)).all())
        rows = [
            {
                "reference": f"LMN-R{known + n:07}",
                "uid": f"r{known + n}@lumen.example",
                "sequence": 0,
                "status": "booked",
                "location_id": made["downtown"],
                "provider_id": made["maya"],
                "patient_id": patient_id,
                "start_at": start_at,
                "end_at": start_at + timedelta(minutes=45),
                "currency": "USD",
                "total_minor": 24000,
                "policy_version_id": made["policy"],
                "created_at": work.now - LONG_AGO,
                "booked_at": work.now - LONG_AGO,
            }
            | values
            for n, (patient_id, start_at) in enumerate(zip(patient_ids, starts, strict=True))
        ]
        appointment, service = table(booking.Appointment), table(booking.AppointmentService)
        work.execute(insert(appointment), rows)
        found = work.execute(factories.sa_select(appointment.c.id).order_by(appointment.c.id)).scalars().all()[known:]
        named = {"service_id": made["botox"], "position": 0, "name": "Botox — forehead", "duration_minutes": 45}
        work.execute(insert(service), [{"appointment_id": one, "price_minor": 24000, **named} for one in found])
        return [int(one) for one in found]

    return made.services.do(action)


def rule(services: Services, channel: str, hours: int, about: str = "visit", *, added: timedelta = LONG_AGO) -> None:
    """Remind so long before; the clinic has for long."""

    def action(work: UnitOfWork) -> None:
        values = {"about": about, "channel": channel, "lead_minutes": hours * 60, "added_at": work.now - added}
        work.execute(insert(table(messaging.Reminder)), [values])

    services.do(action)


def plan_all(services: Services) -> int:
    """As the worker does: until nothing is left. How many visits were looked at."""
    looked_at = 0
    while found := services.do(reminders.plan_due):
        looked_at += found
    return looked_at


def planned(services: Services) -> list[tuple[int | None, str, str]]:
    """The reminders in the ledger: visit, what it is about, channel."""
    rows = factories.rows(services, messaging.Message)
    return [(one.appointment_id, one.kind, one.channel) for one in rows if one.kind.endswith("_reminder")]
