"""What staff wait for at the calendar: a day and a week of twelve providers, at a hundred days and at ten years.

`python -m tests.bench board`. A day has 276 visits wherever one looks; only how many there are in all differs: 27,600
and a million, of 100,000 patients. The day that is looked at lies in the middle of what is booked, with forms, alerts
and fees that could not be charged. Milliseconds, of pages that a database has in memory.
"""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import desk
from clinic_portal.booking.board import board
from clinic_portal.clinic import models as clinic
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.scheduling import models as scheduling
from clinic_portal.scheduling.availability import epoch_minute
from tests import forms_kit
from tests.bench import bench_patients
from tests.bench.bench_database import NOW, made_services, timed
from tests.conftest import Postgres
from tests.factories import SmallClinic, minute, small_clinic

PROVIDERS, EACH, MINUTES = 12, 23, 20
A_DAY = PROVIDERS * EACH
FEW_DAYS, MANY_DAYS = 100, 3_624
TODAY = date(2026, 11, 23)
FRONT_DESK = StaffActor(1, 1, "Front desk", "front_desk")
MAYA = StaffActor(2, 2, "Maya", "provider", provider_id=1, sees_every_calendar=False, sees_every_patient=False)

VISITS = """
INSERT INTO appointment (id, reference, uid, sequence, status, location_id, provider_id, patient_id, start_at, end_at,
                         currency, total_minor, created_at, booked_at, booked_by, cancelled_by)
SELECT n + 1, 'LMN-' || n, 'appt-' || n, 0,
       CASE WHEN n % 20 = 7 THEN 'cancelled' WHEN {start} + 20 <= :now THEN 'fulfilled' ELSE 'booked' END,
       1, n % 12 + 1, (n % 100000 * 7919) % 100000 + 1, {start_at}, {end_at}, 'USD', 9500, {start_at}, {start_at},
       '', ''
FROM series
"""
SERVICES = """
INSERT INTO appointment_service (appointment_id, service_id, position, name, duration_minutes, price_minor)
SELECT n + 1, 2, 0, 'Hydrating facial', 20, 9500 FROM series
"""
OCCUPIED = """
INSERT INTO occupancy (appointment_id, subject_kind, subject_id, start_minute, end_minute, is_blocking)
SELECT n + 1, {kind}, n % 12 + {first}, {start}, {start} + 20, n % 20 <> 7 FROM series
"""
ASKED = """
INSERT INTO form_request (patient_id, template_id, appointment_id, asked_at, asked_by)
SELECT patient_id, form_template.id, appointment.id, appointment.created_at, 'booking' FROM appointment, form_template
WHERE start_at >= :since AND start_at < :until
"""
ALERTS = """
INSERT INTO patient_note (patient_id, nonce, kind, body, written_at, written_by, ended_by)
SELECT id, 'n' || id, 'alert', 'sealed', created_at, 'staff:1', '' FROM patient WHERE id % 10 = 0
"""


def run() -> dict[str, Any]:
    """Each look on both databases, few and many, and how much more the many cost."""
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
    few, many = _looks(make("few"), folder, FEW_DAYS), _looks(make("many"), folder, MANY_DAYS)
    return {
        name: {"few_ms": few[name], "many_ms": many[name], "ratio": round(many[name] / few[name], 1)} for name in few
    }


def _looks(url: str, folder: Path, days: int) -> dict[str, float]:
    services = made_services(url, folder)
    made = _clinic(services)
    services.do(bench_patients.fill)
    began = time.perf_counter()
    _fill(services, days)
    filled = time.perf_counter() - began
    here = made["downtown"]
    numbers = iter(range(1_000))

    def sees(actor: StaffActor, first_on: date, days: int) -> Callable[[], int]:
        return lambda: len(services.ask(board, actor, here, first_on, days=days).visits)

    def books() -> None:
        start = minute(TODAY + timedelta(days=7 + next(numbers)), "18:00")
        told = {"patient_id": 5, "location_id": here, "provider_id": 1, "service_ids": [made["facial"]]}
        services.do(desk.book, FRONT_DESK, **told, start=start, override=desk.Override("The bench"))  # type: ignore[arg-type]

    monday = TODAY - timedelta(days=TODAY.weekday())
    looks: dict[str, tuple[Callable[[], Any], int]] = {
        "day_today": (sees(FRONT_DESK, TODAY, 1), 31),
        "day_in_a_week": (sees(FRONT_DESK, TODAY + timedelta(days=7), 1), 31),
        "day_of_one_provider": (sees(MAYA, TODAY, 1), 31),
        "week_of_one_provider": (sees(MAYA, monday, 7), 15),
        "week_of_everyone": (sees(FRONT_DESK, monday, 7), 9),
        "booking": (books, 15),
    }
    assert sees(FRONT_DESK, TODAY, 1)() > 0.9 * A_DAY
    found = {name: float(timed(look, times)["median_ms"]) for name, (look, times) in looks.items()}
    services.database.dispose()
    return {**found, "filling_s": round(filled, 1)}


def _clinic(services: Services) -> SmallClinic:
    """The small clinic with twelve providers, numbered from one, and a room of each."""
    made = small_clinic(services)

    def action(work: UnitOfWork) -> None:
        for n in range(PROVIDERS - 2):
            row = clinic.Provider(slug=f"p{n}", name=f"Provider {n}", position=90 + n)
            work.session.add(row)
            work.session.flush()
            assert row.id == n + 3
            work.session.add(clinic.ServiceProvider(service_id=made["facial"], provider_id=row.id))
            hours = {"provider_id": row.id, "location_id": made["downtown"], "start_minute": 540, "end_minute": 1020}
            work.session.add_all(scheduling.WeeklyShift(weekday=weekday, **hours) for weekday in range(7))
            unit = {"pool_id": made["room"], "location_id": made["downtown"]}
            work.session.add(clinic.PoolUnit(slug=f"more-{n}", name=f"Room {n + 3}", **unit))
        work.session.get_one(clinic.Clinic, 1).version += 1

    services.do(action)
    forms_kit.put(made, "intake", "questionnaire", forms_kit.INTAKE, ("facial",))
    forms_kit.put(made, "consent", "consent", forms_kit.CONSENT, ("facial",))
    return made


def _fill(services: Services, days: int) -> None:
    """Visits on every day, half of the days before today; the overlap guard is not what is measured."""
    is_sqlite = services.database.is_sqlite
    first = minute(TODAY - timedelta(days=days // 2), "9:00")
    start = f"({first} + n / {A_DAY} * 1440 + n % {A_DAY} / {PROVIDERS} * {MINUTES})"
    count = days * A_DAY

    def instant(minutes: str) -> str:
        if is_sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%S.000000', {minutes} * 60, 'unixepoch')"
        return f"to_timestamp({minutes} * 60)"

    series = f"(SELECT generate_series(0, {count - 1}) AS n) AS series"
    if is_sqlite:
        series = (
            f"(WITH RECURSIVE up(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM up WHERE n < {count - 1}) "
            "SELECT n FROM up) AS series"
        )
    told = {"start": start, "start_at": instant(start), "end_at": instant(f"({start} + {MINUTES})")}
    around = {"since": NOW - timedelta(days=1), "until": NOW + timedelta(days=14)}
    with services.database.engine.connect() as connection:
        if is_sqlite:
            connection.execute(text("DROP TRIGGER occupancy_no_overlap_INSERT"))
        else:
            connection.execute(text("ALTER TABLE occupancy DROP CONSTRAINT occupancy_no_overlap"))

        def fills(statement: str, **values: Any) -> None:
            connection.execute(text(statement.replace("FROM series", f"FROM {series}")).bindparams(**values))

        fills(VISITS.format(**told), now=epoch_minute(NOW))
        fills(SERVICES)
        fills(OCCUPIED.format(**told, kind=scheduling.PROVIDER, first=1))
        fills(OCCUPIED.format(**told, kind=scheduling.UNIT, first=1))
        fills(ALERTS)
        fills(ASKED, **around)
        if not is_sqlite:
            for name in ("appointment", "appointment_service", "occupancy"):
                connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"))
        connection.commit()
    with services.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if is_sqlite else "VACUUM ANALYZE"))  # as it does by itself
