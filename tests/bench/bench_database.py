"""Listing from the database and confirmed bookings a second, through the application's own code."""

from __future__ import annotations

import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from clinic_portal import migrations
from clinic_portal.booking import drafts, holds
from clinic_portal.booking.models import Appointment
from clinic_portal.clinic import models as clinic
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import Database
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.scheduling import models as scheduling
from clinic_portal.scheduling.models import Occupancy
from clinic_portal.scheduling.queries import calendar
from clinic_portal.scheduling.types import Search
from tests.card_kit import till
from tests.factories import SmallClinic, minute, small_clinic, visitor

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
FIRST = date(2026, 11, 24)
PROVIDERS, DAYS, BOOKED_A_DAY, CLIENTS = 10, 30, 20, 20


def made_services(url: str, folder: Path) -> Services:
    """Services on a migrated, empty database."""
    settings = Settings(
        _env_file=None,
        mode="demo",
        database_url=url,
        data_dir=folder,
        secret_key="a benchmark's key of more than 32 characters",
        password_cost=4,
    )
    services = Services(Database(url, pool_size=CLIENTS), FixedClock(NOW), settings)
    migrations.upgrade(services.database)
    return services


def many_providers(services: Services) -> tuple[SmallClinic, list[int]]:
    """The small clinic with ten providers who all perform facials, and no rooms to wait for."""
    made = small_clinic(services)

    def action(work: UnitOfWork) -> list[int]:
        found = [made["maya"], made["lena"]]
        for n in range(PROVIDERS - 2):
            row = clinic.Provider(slug=f"p{n}", name=f"Provider {n}")
            work.session.add(row)
            work.session.flush()
            assert row.id is not None
            found.append(row.id)
            work.session.add(clinic.ServiceProvider(service_id=made["facial"], provider_id=row.id))
            for weekday in range(7):
                work.session.add(
                    scheduling.WeeklyShift(
                        provider_id=row.id,
                        location_id=made["downtown"],
                        weekday=weekday,
                        start_minute=540,
                        end_minute=1020,
                    )
                )
        work.session.delete(work.session.get_one(clinic.ServicePool, (made["facial"], made["room"])))
        work.session.get_one(clinic.Clinic, 1).version += 1
        work.session.get_one(clinic.Clinic, 1).booking_window_days = 60
        return found

    return made, services.do(action)


def fill(services: Services, made: SmallClinic, provider_ids: list[int], days: range) -> None:
    """Twenty bookings a provider-day, fifteen minutes each, from a fixed seed."""
    rng = random.Random(7)

    def action(work: UnitOfWork) -> None:
        row = Appointment(
            reference=f"LMN-{days.start}",
            uid=f"u{days.start}",
            status="booked",
            location_id=made["downtown"],
            provider_id=made["maya"],
            start_at=NOW,
            end_at=NOW,
            currency="USD",
            total_minor=0,
            created_at=NOW,
        )
        work.session.add(row)
        work.session.flush()
        found = []
        for day in days:
            nine = minute(FIRST + timedelta(days=day), "9:00")
            for provider_id in provider_ids:
                for slot in rng.sample(range(32), BOOKED_A_DAY):
                    start = nine + 15 * slot
                    found.append(
                        {
                            "appointment_id": row.id,
                            "subject_kind": 1,
                            "subject_id": provider_id,
                            "start_minute": start,
                            "end_minute": start + 15,
                            "is_blocking": True,
                        }
                    )
        work.session.execute(insert(Occupancy), found)

    services.do(action)


def timed(work: Callable[[], Any], times: int) -> dict[str, float]:
    """Median and best of several runs, in milliseconds."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begin) * 1000)
    return {"median_ms": round(statistics.median(taken), 2), "best_ms": round(min(taken), 2)}


def listing(url: str, folder: Path) -> dict[str, Any]:
    """Starts for ten providers and thirty days, and for one provider-day; then with ten times the data."""
    services = made_services(url, folder)
    made, provider_ids = many_providers(services)
    fill(services, made, provider_ids, range(DAYS))
    from clinic_portal.booking.rules import shape
    from clinic_portal.clinic.queries import catalogue

    facial = shape(services.ask(catalogue).services[made["facial"]])
    everyone = Search(made["downtown"], (facial,), tuple(provider_ids))
    one = Search(made["downtown"], (facial,), tuple(provider_ids[:1]))
    last = FIRST + timedelta(days=DAYS - 1)

    def month() -> int:
        found = services.ask(calendar, everyone, FIRST, last)
        return sum(len(found.free_times(on)) for on in found.days)

    figures: dict[str, Any] = {
        "starts_listed": month(),
        "300_provider_days": timed(month, 20),
        "300_provider_days_yes_or_no": timed(lambda: services.ask(calendar, everyone, FIRST, last).free_days(), 20),
        "1_provider_day": timed(lambda: services.ask(calendar, one, FIRST, FIRST).free_times(FIRST), 50),
    }
    fill(services, made, provider_ids, range(-9 * DAYS, 0))
    again = timed(month, 20)
    figures["300_provider_days_with_ten_times_the_data"] = again
    figures["ratio_ten_times_the_data"] = round(again["median_ms"] / figures["300_provider_days"]["median_ms"], 2)
    services.database.dispose()
    return figures


def bookings(url: str, folder: Path, each: int = 25) -> dict[str, Any]:
    """Twenty clients confirm bookings at once: hold and book, with rules, guard, audit and outbox rows."""
    services = made_services(url, folder)
    made, provider_ids = many_providers(services)
    wanted = []
    for client in range(CLIENTS):
        for turn in range(each):
            number = client * each + turn
            owner = f"browser {number}"
            services.do(drafts.add_service, owner, made["facial"])
            wanted.append((owner, provider_ids[number % PROVIDERS], number // PROVIDERS))
            visitor(
                made,
                owner,
                phone=f"+1512555{number:04}" if number >= 1000 else f"+15125550{number:03}",
                email=f"p{number}@example.org",
            )
    taken: dict[str, list[float]] = {"hold": [], "book": []}
    gate = threading.Barrier(CLIENTS + 1)

    def client(number: int, phase: str) -> None:
        gate.wait()
        for owner, _, index in wanted[number * each : (number + 1) * each]:
            start = minute(FIRST + timedelta(days=index // 10), "9:00") + 45 * (index % 10)
            begin = time.perf_counter()
            if phase == "hold":
                services.do(holds.hold, owner, start)
            else:
                till(services).books(owner, made["policy"])
            taken[phase].append((time.perf_counter() - begin) * 1000)

    figures: dict[str, Any] = {"clients": CLIENTS, "bookings": len(wanted)}
    for phase in ("hold", "book"):
        threads = [threading.Thread(target=client, args=(n, phase)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        gate.wait()
        begin = time.perf_counter()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - begin
        ordered = sorted(taken[phase])
        figures[phase] = {
            "per_second": round(len(ordered) / seconds),
            "p50_ms": round(ordered[len(ordered) // 2], 1),
            "p95_ms": round(ordered[int(len(ordered) * 0.95)], 1),
        }
    services.database.dispose()
    return figures


def run(url_of: Callable[[str], str]) -> dict[str, Any]:
    """All figures on one kind of database; `url_of` makes a fresh, empty database."""
    with tempfile.TemporaryDirectory() as folder:
        return {
            "listing": listing(url_of("listing"), Path(folder)),
            "bookings": bookings(url_of("bookings"), Path(folder)),
        }
