"""A simulated year of 500 members at the sandbox gateway: what went through, whether both sides agree, its cost."""

from __future__ import annotations

import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

from clinic_portal import migrations
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import Database
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Services
from tests.conftest import MONDAY_MORNING, Postgres, in_memory
from tests.factories import small_clinic
from tests.membership_year import Year

MEMBERS, SEED = 500, 2026


def run() -> dict[str, Any]:
    """The year on both databases; raises where anything does not agree."""
    server = Postgres(in_memory() / f"clinic-pg-{uuid.uuid4().hex[:8]}")
    try:
        with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
            return {
                "sqlite": _year(f"sqlite:///{folder}/year.db", Path(folder)),
                "postgres": _year(server.create("year"), Path(folder)),
            }
    finally:
        server.stop()


def _year(url: str, folder: Path) -> dict[str, Any]:
    settings = Settings(_env_file=None, mode="demo", database_url=url, data_dir=folder, password_cost=4)
    clock = FixedClock(MONDAY_MORNING)
    services = Services(Database(url), clock, settings)
    migrations.upgrade(services.database)
    year = Year(small_clinic(services), clock, SEED, MEMBERS)
    began = time.perf_counter()
    year.play()
    seconds = time.perf_counter() - began
    wrong = year.wrong()
    if wrong:
        raise AssertionError(wrong[:20])
    services.database.dispose()
    return {"seconds": round(seconds), "agrees": True, **year.figures()}
