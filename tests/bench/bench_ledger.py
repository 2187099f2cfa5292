"""The delivery ledger as staff look through it, at a thousand messages and at a million: ratios of one run."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking.models import Appointment
from clinic_portal.core.db import table
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.messaging import chart, listing, untold
from clinic_portal.messaging.listing import Show
from clinic_portal.messaging.models import Message, Reply
from clinic_portal.messaging.types import Channel, Kind
from clinic_portal.patients.models import Patient
from tests.bench.bench_database import NOW, made_services, timed
from tests.conftest import Postgres
from tests.factories import SmallClinic, small_clinic

FEW, MANY = 1_000, 1_000_000
EACH = 20
"""Messages of a patient: two to a visit, by e-mail and SMS."""
FAILS_IN, OPEN_IN = 50, 1_000
"""One of 50 did not arrive; one of 1000 has nobody seen to."""
PORTION = 20_000
A_DAY = timedelta(days=1)
LONG_AGO = NOW - 300 * A_DAY
DESK = StaffActor(1, 1, "Nadia", "front_desk")


def run() -> dict[str, Any]:
    """What each look at the ledger costs on both databases, few and many, and how much more the many cost."""
    server = Postgres(Path("/tmp") / f"clinic-pg-{uuid.uuid4().hex[:8]}", fsync=False)
    try:
        with tempfile.TemporaryDirectory() as folder:
            return {
                "sqlite": _both(lambda name: f"sqlite:///{folder}/{name}.db", Path(folder)),
                "postgres": _both(server.create, Path(folder)),
            }
    finally:
        server.stop()


def _both(make: Callable[[str], str], folder: Path) -> dict[str, Any]:
    few, many = _looks(make("few"), folder, FEW), _looks(make("many"), folder, MANY)
    return {
        name: {"few_ms": few[name], "many_ms": many[name], "ratio": round(many[name] / few[name], 1)} for name in few
    }


def _looks(url: str, folder: Path, messages: int) -> dict[str, float]:
    services = made_services(url, folder)
    _fill(services, small_clinic(services), messages)
    last = messages // EACH  # the newest patient; the visit is theirs
    visits = list(range(max(1, messages // 2 - 239), messages // 2 + 1))
    middle = messages // 2
    looks: dict[str, Callable[[], Any]] = {
        "attention": lambda: services.ask(listing.attention, DESK),
        "count_in_navigation": lambda: services.ask(listing.asking_count),
        "all": lambda: services.ask(listing.lines, DESK, Show.ALL),
        "all_from_the_middle": lambda: services.ask(listing.lines, DESK, Show.ALL, before_id=middle),
        "failed": lambda: services.ask(listing.lines, DESK, Show.FAILED),
        "failed_from_the_middle": lambda: services.ask(listing.lines, DESK, Show.FAILED, before_id=middle),
        "of_a_rare_kind": lambda: services.ask(listing.lines, DESK, Show.ALL, kind=Kind.REFUND_DONE),
        "by_sms": lambda: services.ask(listing.lines, DESK, Show.ALL, channel=Channel.SMS),
        "of_a_day": lambda: services.ask(listing.lines, DESK, Show.ALL, between=(LONG_AGO, LONG_AGO + A_DAY)),
        "waiting": lambda: services.ask(listing.lines, DESK, Show.WAITING),
        "by_name": lambda: services.ask(listing.lines, DESK, Show.ALL, wanted=f"family{last}x"),
        "by_reference": lambda: services.ask(listing.lines, DESK, Show.ALL, wanted=f"LMN-{last}"),
        "of_a_patient": lambda: services.ask(chart.chart, DESK, last),
        "one_message": lambda: services.ask(listing.sheet, DESK, messages),
        "untold_of_a_day": lambda: services.ask(untold.of_visits, DESK, visits),
    }
    found = {name: float(timed(look, 20)["median_ms"]) for name, look in looks.items()}
    services.database.dispose()
    return found


def _fill(services: Services, made: SmallClinic, messages: int) -> None:
    for first in range(0, messages, PORTION):
        services.do(_portion, made, first, min(messages, first + PORTION))
    services.do(lambda work: work.execute(text("ANALYZE")))


def _portion(work: UnitOfWork, made: SmallClinic, first: int, last: int) -> None:
    people = range(first // EACH + 1, last // EACH + 1)
    work.execute(insert(table(Patient)), [person(n) for n in people])
    work.execute(insert(table(Appointment)), [_visit(made, n) for n in range(first // 2 + 1, last // 2 + 1)])
    work.execute(insert(table(Message)), [_message(n) for n in range(first, last)])
    replies = [_reply(n) for n in range(first // 100, last // 100)]
    if replies:
        work.execute(insert(table(Reply)), replies)


def person(n: int) -> dict[str, Any]:
    """A patient of many."""
    return {
        "id": n,
        "given_name": "Pat",
        "family_name": f"Family{n}x",
        "search_key": f"pat family{n}x",
        "email": f"p{n}@ledger.example",
        "email_key": f"p{n}@ledger.example",
        "phone": f"+1512{n:07}",
        "created_at": NOW,
    }


def _visit(made: SmallClinic, n: int) -> dict[str, Any]:
    start = NOW + timedelta(days=3) - timedelta(minutes=20 * (n % 100_000))
    return {
        "id": n,
        "reference": f"LMN-{n}",
        "uid": f"u{n}",
        "status": "booked",
        "patient_id": (n - 1) // (EACH // 2) + 1,
        "location_id": made["downtown"],
        "provider_id": made["maya"],
        "start_at": start,
        "end_at": start + timedelta(minutes=20),
        "currency": "USD",
        "total_minor": 0,
        "created_at": NOW,
    }


def _message(n: int) -> dict[str, Any]:
    visit, patient = n // 2 + 1, n // EACH + 1
    channel = ("email", "sms")[n % 2]
    failed, is_open = n % FAILS_IN == 0, n % OPEN_IN == 0
    return {
        "id": n + 1,
        "dedupe_key": f"appointment_booked:{channel}:{visit}",
        "kind": "refund_done" if n % 100_000 == 1 else "appointment_booked",
        "channel": channel,
        "to_address": f"p{patient}@ledger.example" if n % 2 == 0 else f"+1512{patient:07}",
        "message_id": f"m{n}@ledger.example",
        "appointment_id": visit,
        "patient_id": patient,
        "subject_id": visit,
        "state": "failed" if failed else "sent",
        "last_error": "bounced_5.1.1" if failed else None,
        "created_at": _planned(n),
        "due_at": _planned(n),
        "sent_at": _planned(n),
        "failed_at": NOW if failed else None,
        "attended_at": NOW + timedelta(seconds=n) if failed and not is_open else None,
        "attended_by": "staff:1" if failed and not is_open else None,
    }


def _planned(n: int) -> datetime:
    """Two a minute and more, as far back as there are messages for."""
    return NOW - A_DAY * 400 + timedelta(seconds=34 * n)


def _reply(n: int) -> dict[str, Any]:
    return {
        "sender_id": f"SM{n:032}",
        "from_address": f"+1512{n + 1:07}",
        "body": "sealed",
        "media": 0,
        "received_at": NOW,
        "attended_at": NOW + timedelta(seconds=n) if n % 100 else None,
    }
