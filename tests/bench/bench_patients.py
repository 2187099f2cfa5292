"""How long staff wait for a search among 100,000 patients, for whatever is typed, on both databases.

`python -m tests.bench patients`. Milliseconds, median and worst of the runs.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from clinic_portal import migrations
from clinic_portal.accounts.roles import StaffActor
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import Database, table
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.patients import models, queries, rules
from tests.conftest import MONDAY_MORNING, Postgres, in_memory
from tests.factories import small_clinic

PATIENTS, RUNS = 100_000, 9
GIVEN = ("Olivia Emma Amara Sophia Mia Élodie Nora Ida Zoë Lucía Chloë Søren Örjan Liam Noah James Mateo José Łukasz "
         "Yusuf Wei Aiko Priya Fatima Ana Maria Elena Grace Ruth Hannah").split()  # fmt: skip
FAMILY = ("Smith Johnson Williams Brown Jones García Miller Davis Rodríguez Martínez Hernández López Wilson Anderson "
          "Thomas Taylor Moore Jackson Martin Lee Pérez Thompson White Harris Nguyen Kim Müller Åberg Strauß Ñandú "
          "Okafor Haddad Novák Rossi Dubois").split()  # fmt: skip
TYPED = {
    "nothing": "", "only spaces": "     ", "one letter": "a", "a seldom letter": "q", "two letters": "sm",
    "a frequent name": "smith", "a name of all": "example", "a rare name": "xanthippe", "two words": "emma smith",
    "two words, turned": "smith emma", "six words": "a e i o n s", "accents": "ELODIE nandu", "nobody": "zzyzzx",
    "percent": "%", "underscore": "_", "injection": "' OR 1=1 --", "emoji": "🙂", "long": "x" * 10_000,
    "long, many words": "ab " * 3_000, "a phone": "+1 (512) 555-0123", "part of a phone": "0123", "three digits": "555",
    "an e-mail": "patient77777@example.org", "part of an e-mail": "77777@ex", "a birth date": "3/14/1990",
    "a name with its date": "smith 1990",
}  # fmt: skip


def run() -> dict[str, Any]:
    """Every word on both databases, for one who sees all and one who sees only their own patients."""
    server = Postgres(in_memory() / f"clinic-pg-{uuid.uuid4().hex[:8]}")
    try:
        with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
            return {
                "sqlite": _figures(f"sqlite:///{folder}/patients.db", Path(folder)),
                "postgres": _figures(server.create("patients"), Path(folder)),
            }
    finally:
        server.stop()


def _figures(url: str, folder: Path) -> dict[str, Any]:
    settings = Settings(_env_file=None, mode="demo", database_url=url, data_dir=folder, password_cost=4)
    services = Services(Database(url), FixedClock(MONDAY_MORNING), settings)
    migrations.upgrade(services.database)
    small_clinic(services)
    began = time.perf_counter()
    services.do(fill)
    with services.database.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    filled = time.perf_counter() - began
    everyone = StaffActor(1, 1, "Front desk", "front_desk")
    own = StaffActor(2, 2, "Provider", "provider", provider_id=1, sees_every_patient=False)
    found = {name: _times(services, everyone, typed) for name, typed in TYPED.items()}
    theirs = {f"{name}, own patients": _times(services, own, TYPED[name]) for name in ("a frequent name", "nobody")}
    services.database.dispose()
    told = {**found, **theirs}
    return {"filled_s": round(filled, 1), "worst": max(told.items(), key=lambda one: one[1]["worst"]), **told}


def fill(work: UnitOfWork) -> None:
    """100,000 people; a provider treats 2,000 of them."""
    dice = random.Random(8)
    rows = []
    for number in range(1, PATIENTS + 1):
        given, family = dice.choice(GIVEN), dice.choice(FAMILY)
        if number == 4_321:
            given = "Xanthippe"
        elif dice.random() < 0.5:  # most names are shared by few
            family += dice.choice(("son", "sen", "berg", "ová", "ez")) + dice.choice("abcdefghijklmnoprstuvwyz")
        email = f"patient{number}@example.org"
        rows.append(
            {"given_name": given, "family_name": family, "search_key": rules.search_key(given, family), "email": email,
             "email_key": email, "phone": f"+1{dice.randrange(2_000_000_000, 9_999_999_999)}", "language": "en",
             "created_at": datetime(2020, 1, 1, tzinfo=UTC), "wants_email_reminders": True,
             "wants_sms_reminders": True, "wants_news": False,
             "birth_on": date(1940, 1, 1) + timedelta(days=dice.randrange(28_000))}
        )  # fmt: skip
    for first in range(0, PATIENTS, 5_000):
        work.execute(insert(table(models.Patient)), rows[first : first + 5_000])
    theirs = [{"patient_id": one, "provider_id": 1, "since_at": work.now} for one in range(1, PATIENTS, 50)]
    work.execute(insert(table(models.CareTeam)), theirs)


def _times(services: Services, who: StaffActor, typed: str) -> dict[str, float | int]:
    times, found = [], 0
    for _ in range(RUNS):
        began = time.perf_counter()
        found = len(services.ask(queries.search, who, typed, most=21))
        times.append((time.perf_counter() - began) * 1000)
    return {"found": found, "median": round(statistics.median(times), 1), "worst": round(max(times), 1)}
