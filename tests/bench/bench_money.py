"""What a card costs a booking, and what ten years of payments cost the list that staff open: ratios of one run."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from clinic_portal import migrations
from clinic_portal.booking import holds, till
from clinic_portal.clinic import models as clinic
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import Database, table
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.payments.listing import Show
from clinic_portal.payments.models import Payment
from tests.card_kit import till as desk_of
from tests.factories import SmallClinic, booked, minute, small_clinic, staff, visitor

EACH, FEW, MANY = 12, 1_000, 100_000
DAY = date(2026, 12, 3)


def run() -> dict[str, Any]:
    """A booking with and without a card; the newest payments and what needs attention among few and many."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, database_url=f"sqlite:///{folder}/clinic.db", data_dir=Path(folder))
        clock = FixedClock(datetime(2026, 11, 23, 15, tzinfo=UTC))
        services = Services(Database(settings.database_url), clock, settings)
        migrations.upgrade(services.database)
        made = small_clinic(services)
        return {"booking": _bookings(made), "list": _lists(made)}


def _bookings(made: SmallClinic) -> dict[str, Any]:
    with_card = [_booking(made, n, 0) for n in range(EACH)]
    made.change(clinic.PolicyVersion, "policy", is_in_force=False)
    without = [_booking(made, n, 1) for n in range(EACH)]
    made.change(clinic.PolicyVersion, "policy", is_in_force=True)
    ratio = statistics.median(with_card) / statistics.median(without)
    return {
        "with_card_ms": round(statistics.median(with_card), 1),
        "without_ms": round(statistics.median(without), 1),
        "ratio": round(ratio, 2),
    }


def _booking(made: SmallClinic, number: int, week: int) -> float:
    """From the policy's button to the booked visit, the gateway being the sandbox on the same disk."""
    owner = f"b{week}-{number}"
    phone, email = f"+1512555{1000 + week * 100 + number}", f"{owner}@example.org"
    visitor(made, owner, "facial", provider="lena", phone=phone, email=email)
    on = DAY + timedelta(days=number % 6 + 7 * week)
    made.services.do(holds.hold, owner, minute(on, "09:00" if number < 6 else "13:00"))
    begin = time.perf_counter()
    desk_of(made.services).books(owner, made["policy"])
    return (time.perf_counter() - begin) * 1000


def _lists(made: SmallClinic) -> dict[str, Any]:
    owner = staff(made.services).actor
    visit = booked(made, "one", DAY + timedelta(days=14), "09:00", "facial")
    figures: dict[str, Any] = {}
    for many in (FEW, MANY):
        made.services.do(_fill, visit.appointment_id, visit.patient_id, many)
        for show in (Show.ALL, Show.ATTENTION):
            figures[f"{show.value}_{many}_ms"] = _median(lambda show=show: made.services.ask(till.page, owner, show))
    for show in (Show.ALL, Show.ATTENTION):
        few, many_ms = figures[f"{show.value}_{FEW}_ms"], figures[f"{show.value}_{MANY}_ms"]
        figures[f"{show.value}_ratio"] = round(many_ms / few, 2)
    return figures


def _median(call: Callable[[], object]) -> float:
    taken = []
    for _ in range(15):
        begin = time.perf_counter()
        call()
        taken.append((time.perf_counter() - begin) * 1000)
    return round(statistics.median(taken), 2)


def _fill(work: UnitOfWork, appointment_id: int, patient_id: int, many: int) -> None:
    row = {
        "account": "sandbox",
        "purpose": "hold",
        "state": "released",
        "wanted": "release",
        "appointment_id": appointment_id,
        "patient_id": patient_id,
        "amount_minor": 50,
        "currency": "USD",
        "captured_minor": 0,
        "refunded_minor": 0,
        "from_deposit_minor": 0,
        "attempt": 1,
        "nonce": "x",
        "item": "",
        "consent": "",
        "email": "",
        "language": "en",
        "reference": "",
        "accepted_from": "",
        "accepted_device": "",
        "phone": "",
    }
    rows = [
        row | {"created_at": work.now - timedelta(minutes=n), "updated_at": work.now - timedelta(minutes=n)}
        for n in range(many)
    ]
    work.execute(insert(table(Payment)), rows)
