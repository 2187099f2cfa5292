"""Ten years of a busy clinic, a million appointments: what reports of a month and of a year take, on both databases."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from clinic_portal import migrations
from clinic_portal.booking import models as booking
from clinic_portal.clinic import models as clinic
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import Database, table
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.forms import models as forms
from clinic_portal.messaging import models as messaging
from clinic_portal.patients import models as patients
from clinic_portal.payments import models as payments
from clinic_portal.reports import periods
from clinic_portal.reports.messages import messages
from clinic_portal.reports.paperwork import paperwork
from clinic_portal.reports.periods import Period
from clinic_portal.reports.revenue import revenue
from clinic_portal.reports.scope import Asked
from clinic_portal.reports.visits import appointments, missed
from clinic_portal.reports.wallets import owing
from tests.conftest import MONDAY_MORNING, Postgres, in_memory
from tests.factories import SmallClinic, small_clinic, staff

VISITS, PATIENTS, PROVIDERS, EACH = 1_000_000, 100_000, 12, 5
BEGAN = datetime(2016, 12, 1, 15, tzinfo=UTC)
STEP = timedelta(minutes=5.2)
PORTION = 20_000
MONTH = periods.between(date(2026, 10, 1), date(2026, 10, 31))
YEAR = periods.between(date(2025, 11, 1), date(2026, 10, 31))
ALL = periods.between(date(2016, 12, 1), date(2026, 11, 22))


def run() -> dict[str, Any]:
    """Each report of a month, a year and ten years, in milliseconds."""
    server = Postgres(in_memory() / f"clinic-pg-{uuid.uuid4().hex[:8]}")
    try:
        with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
            return {
                "sqlite": _reports(f"sqlite:///{folder}/reports.db", Path(folder)),
                "postgres": _reports(server.create("reports"), Path(folder)),
            }
    finally:
        server.stop()


def _reports(url: str, folder: Path) -> dict[str, Any]:
    settings = Settings(_env_file=None, mode="demo", database_url=url, data_dir=folder, password_cost=4)
    services = Services(Database(url), FixedClock(MONDAY_MORNING), settings)
    migrations.upgrade(services.database)
    made = small_clinic(services)
    _fill(made)
    owner = staff(services).actor
    kinds: dict[str, Callable[..., Any]] = {
        "appointments": appointments,
        "missed": missed,
        "revenue": lambda *told: revenue(*told, usual="USD"),
        "wallets": lambda *told: owing(*told, usual="USD"),
        "forms": paperwork,
        "messages": messages,
    }
    spans: dict[str, tuple[Period, int]] = {"month": (MONTH, EACH), "year": (YEAR, EACH), "ten_years": (ALL, 1)}
    found: dict[str, Any] = {}
    for name, report in kinds.items():
        for span, (period, times) in spans.items():
            found[f"{name}_{span}_ms"] = _median(lambda: services.ask(report, owner, Asked(period)), times)  # noqa: B023
    services.database.dispose()
    return found


def _median(call: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        call()
        taken.append((time.perf_counter() - begin) * 1000)
    return round(statistics.median(taken))


def _fill(made: SmallClinic) -> None:
    rng, do = random.Random(1), made.services.do
    people = [made["maya"], made["lena"], *do(_providers, PROVIDERS - 2)]
    do(_patients)
    intake = do(_form)
    for first in range(0, VISITS, PORTION):
        do(_portion, made, rng, people, intake, first)
    with made.services.database.engine.connect() as line:
        line.execute(text("ANALYZE"))
        line.commit()


def _providers(work: UnitOfWork, many: int) -> list[int]:
    rows = [clinic.Provider(slug=f"p{n}", name=f"Provider {n}", position=n + 10) for n in range(many)]
    work.session.add_all(rows)
    work.session.flush()
    return [one.id for one in rows if one.id is not None]


def _patients(work: UnitOfWork) -> None:
    rows = [
        {
            "given_name": "Pat", "family_name": f"N{n}", "search_key": f"pat n{n}", "email": f"p{n}@example.org",
            "email_key": f"p{n}@example.org", "phone": f"+1512{n:07}", "language": "en", "created_at": BEGAN,
        }
        for n in range(PATIENTS)
    ]  # fmt: skip
    for first in range(0, PATIENTS, PORTION):
        work.execute(insert(table(patients.Patient)), rows[first : first + PORTION])


def _form(work: UnitOfWork) -> tuple[int, int]:
    template = forms.FormTemplate(slug="intake", kind="questionnaire", name="Intake", valid_days=365, created_at=BEGAN)
    work.session.add(template)
    work.session.flush()
    assert template.id is not None
    version = forms.FormVersion(
        template_id=template.id, version=1, content={}, digest="x", changed_at=BEGAN, changed_by="x", published_at=BEGAN
    )
    work.session.add(version)
    work.session.flush()
    assert version.id is not None
    return template.id, version.id


def _portion(
    work: UnitOfWork, made: SmallClinic, rng: random.Random, people: list[int], intake: tuple[int, int], first: int
) -> None:
    statuses = ("fulfilled",) * 85 + ("cancelled",) * 10 + ("noshow",) * 5
    visits, lines, bills, paid, told, asked, done = [], [], [], [], [], [], []
    for number in range(first + 1, first + PORTION + 1):
        start, status, who = BEGAN + STEP * number, rng.choice(statuses), rng.randrange(1, PATIENTS + 1)
        common = {"id": number, "appointment_id": number}
        visits.append({
            "id": number, "reference": f"B-{number}", "uid": f"b-{number}", "sequence": 0, "status": status,
            "location_id": made["downtown"], "provider_id": rng.choice(people), "patient_id": who, "start_at": start,
            "end_at": start + timedelta(minutes=30), "currency": "USD", "total_minor": 10000, "created_at": start,
            "booked_at": start, "booked_by": "staff:1" if number % 3 == 0 else "", "is_overridden": False,
            "cancelled_by": "", "told_sequence": 0, "late_fee_minor": 5000 if number % 7 == 0 else None,
        })  # fmt: skip
        lines.append(common | {
            "service_id": made[rng.choice(("botox", "facial", "peel", "hair"))], "position": 0, "name": "x",
            "duration_minutes": 30, "price_minor": 10000,
        })  # fmt: skip
        told += [
            {
                "id": 2 * number + one, "dedupe_key": f"appointment_booked:{channel}:{number}", "channel": channel,
                "kind": "appointment_booked", "to_address": "x", "message_id": f"{channel}{number}",
                "appointment_id": number, "patient_id": who, "state": "failed" if number % 50 == 0 else "sent",
                "attempts": 1, "unknown_outcomes": 0, "created_at": start - timedelta(days=7), "due_at": start,
            }
            for one, channel in enumerate(("email", "sms"))
        ]  # fmt: skip
        if status == "fulfilled":
            bills.append(common | {
                "currency": "USD", "total_minor": 10000, "from_wallet_items_minor": 0, "from_deposit_minor": 0,
                "from_credit_minor": 0, "at_desk_minor": 10000, "desk_how": "card", "deposit_back_minor": 0,
                "deposit_back_to": "", "lines": [{"service_id": 1, "name": "x", "amount_minor": 10000}],
                "made_at": start, "made_by": "staff:1",
            })  # fmt: skip
        if number % 4 == 0:
            paid.append(common | {
                "account": "sandbox", "purpose": "deposit", "state": "paid", "wanted": "capture", "patient_id": who,
                "amount_minor": 5000, "captured_minor": 5000, "refunded_minor": 0, "credited_minor": 0,
                "from_deposit_minor": 0, "currency": "USD", "attempt": 1, "nonce": "x", "item": "", "consent": "",
                "email": "", "language": "en", "reference": "", "accepted_from": "", "accepted_device": "",
                "phone": "", "created_at": start - timedelta(days=7), "updated_at": start - timedelta(days=7),
            })  # fmt: skip
        if number % 2 == 0:
            asked.append(common | {
                "patient_id": who, "template_id": intake[0], "asked_at": start - timedelta(days=7),
                "asked_by": "booking",
            })  # fmt: skip
            if number % 10 != 0:
                done.append(common | {
                    "patient_id": who, "template_id": intake[0], "version_id": intake[1], "request_id": number,
                    "state": "completed", "revision": 1, "body": "x" * 200, "began_at": start, "began_by": "x",
                    "changed_at": start, "completed_at": start - timedelta(hours=number % 100), "completed_by": "x",
                })  # fmt: skip
    for model, rows in (
        (booking.Appointment, visits), (booking.AppointmentService, lines), (messaging.Message, told),
        (booking.VisitBill, bills), (payments.Payment, paid), (forms.FormRequest, asked), (forms.FormDocument, done),
    ):  # fmt: skip
        columns = set().union(*(row for row in rows[:1])) & set(table(model).c.keys())
        work.execute(insert(table(model)), [{name: row[name] for name in columns} for row in rows])
