"""What the forms cost the staff's day: 12 providers with 20 visits each, after one year and after ten of documents."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from clinic_portal.booking import paperwork
from clinic_portal.booking.board import board
from clinic_portal.booking.models import Appointment, AppointmentService
from clinic_portal.core.db import table
from clinic_portal.core.work import UnitOfWork
from clinic_portal.forms import models, queries
from clinic_portal.patients.models import Patient
from tests.bench.bench_database import FIRST, NOW, made_services, timed
from tests.factories import SmallClinic, minute, small_clinic, staff
from tests.forms_kit import put_all

VISITS = 12 * 20
A_YEAR = 6
"""Visits of a patient in a year, each with its intake and its consent."""
_BODY = "x" * 6000
"""As long as a sealed intake of 25 questions."""


def run() -> dict[str, Any]:
    """The day without its forms, and what they add, as the documents grow; on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        services = made_services(f"sqlite:///{folder}/forms.db", Path(folder))
        made = small_clinic(services)
        put_all(made)
        who = staff(services).actor
        patients, coming = services.do(_visitors, made)
        figures: dict[str, Any] = {"visits": VISITS}

        def the_day() -> int:
            return len(services.ask(board, who, made["downtown"], FIRST).visits)

        def missing() -> int:
            return sum(map(len, services.ask(paperwork.outstanding, who, coming).values()))

        grown = 0
        for years in (1, 10):
            services.do(_documents, made, patients, range(grown, years))
            grown = years
            figures[f"{years}_years"] = {
                "documents": VISITS * A_YEAR * 2 * years,
                "missing": missing(),
                "the_day": timed(the_day, 20),
                "its_forms": timed(missing, 20),
            }
        forms, whole = figures["10_years"]["its_forms"]["median_ms"], figures["10_years"]["the_day"]["median_ms"]
        figures["ratio_ten_years_to_one"] = round(forms / figures["1_years"]["its_forms"]["median_ms"], 2)
        figures["ratio_forms_to_the_day"] = round(forms / whole, 2)
        services.database.dispose()
        return figures


def _visitors(work: UnitOfWork, made: SmallClinic) -> tuple[list[int], list[int]]:
    """240 patients, each with a visit on one day that asks for an intake and a consent."""
    templates = {one.slug: one.id for one in queries.forms(work).values()}
    patients, coming = [], []
    for n in range(VISITS):
        person = Patient(
            given_name="Pat",
            family_name=str(n),
            email=f"p{n}@forms.example",
            email_key=f"p{n}@forms.example",
            phone=f"+1512777{n:04}",
            created_at=work.now,
        )
        work.session.add(person)
        work.session.flush()
        assert person.id is not None
        patients.append(person.id)
        coming.append(_visit(work, made, person.id, n, 0))
        asked = [_request(templates[slug], person.id, coming[-1]) for slug in ("intake", "toxin-consent")]
        work.execute(insert(table(models.FormRequest)), asked)
    return patients, coming


def _documents(work: UnitOfWork, made: SmallClinic, patients: list[int], years: range) -> None:
    """What every patient filled in and signed in years gone by."""
    forms = {one.slug: one for one in queries.forms(work).values()}
    request = table(models.FormRequest)
    for year in years:
        for turn in range(A_YEAR):
            ago = year * A_YEAR + turn + 1
            at = NOW - timedelta(days=60 * ago)
            visits = {patient: _visit(work, made, patient, n, ago) for n, patient in enumerate(patients)}
            for slug in ("intake", "toxin-consent"):
                asked = [_request(forms[slug].id, patient, visit) for patient, visit in visits.items()]
                work.execute(insert(request), asked)
                mine = request.c.appointment_id.in_(visits.values()) & (request.c.template_id == forms[slug].id)
                work.execute(
                    insert(table(models.FormDocument)),
                    [
                        {
                            "patient_id": row.patient_id,
                            "template_id": row.template_id,
                            "version_id": forms[slug].version_id,
                            "request_id": row.id,
                            "appointment_id": row.appointment_id,
                            "state": "completed",
                            "revision": 1,
                            "body": _BODY,
                            "began_at": at,
                            "began_by": "patient:1",
                            "changed_at": at,
                            "completed_at": at,
                            "completed_by": "patient:1",
                            "valid_until_at": at + timedelta(days=59) if slug == "intake" else None,
                        }
                        for row in work.execute(select(request).where(mine)).all()
                    ],
                )


def _visit(work: UnitOfWork, made: SmallClinic, patient_id: int, n: int, ago: int) -> int:
    nine = minute(FIRST - timedelta(days=60 * ago), "9:00")
    start = NOW + timedelta(minutes=nine - int(NOW.timestamp()) // 60 + n % 20 * 20)
    row = Appointment(
        reference=f"LMN-{n}-{ago}",
        uid=f"u{n}-{ago}",
        status="fulfilled" if ago else "booked",
        patient_id=patient_id,
        location_id=made["downtown"],
        provider_id=made["maya"],
        start_at=start,
        end_at=start + timedelta(minutes=20),
        currency="USD",
        total_minor=0,
        created_at=NOW,
    )
    work.session.add(row)
    work.session.flush()
    assert row.id is not None
    work.execute(
        insert(table(AppointmentService)),
        {
            "appointment_id": row.id,
            "service_id": made["botox"],
            "position": 0,
            "name": "Botox — forehead",
            "duration_minutes": 20,
            "price_minor": 0,
        },
    )
    return row.id


def _request(template_id: int, patient_id: int, appointment_id: int) -> dict[str, Any]:
    return {
        "patient_id": patient_id,
        "template_id": template_id,
        "appointment_id": appointment_id,
        "asked_at": NOW,
        "asked_by": "booking",
    }
