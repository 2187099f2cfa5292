"""The activity log with a million entries: how long it takes to prove, and to find something in; on both databases."""

from __future__ import annotations

import random
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import insert, text

from clinic_portal import migrations
from clinic_portal.accounts.log import PATIENTS, Wanted, lines
from clinic_portal.core import audit, audit_proof, audit_sealing
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import Database
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Reading, Services
from clinic_portal.web.admin import log_words
from tests.conftest import Postgres
from tests.factories import staff

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
ENTRIES, PORTION, TIMES = 1_000_000, 10_000, 7


def run() -> dict[str, Any]:
    """Milliseconds of each search, and what sealing and proving take."""
    server = Postgres(Path("/tmp") / f"clinic-pg-{uuid.uuid4().hex[:8]}", fsync=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            return {"sqlite": measured(f"sqlite:///{folder}/log.db"), "postgres": measured(server.create("log"))}
    finally:
        server.stop()


def measured(url: str, entries: int = ENTRIES) -> dict[str, Any]:
    """The figures of one database."""
    settings = Settings(_env_file=None, database_url=url, data_dir=Path(tempfile.gettempdir()))
    services = Services(Database(url), FixedClock(NOW), settings)
    migrations.upgrade(services.database)
    owner = staff(services, "owner").actor
    _fill(services, entries)
    began = time.perf_counter()
    while services.do(lambda work: audit.seal(work.session, limit=PORTION)):
        pass
    sealing = time.perf_counter() - began
    if not services.database.is_sqlite:
        with services.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE audit_entry"))
            connection.execute(text("VACUUM ANALYZE audit_seal"))
    began = time.perf_counter()
    proof = services.ask(lambda read: audit_proof.prove(read.session))
    proving = time.perf_counter() - began
    assert proof.broken is None
    assert proof.verified >= entries
    return {
        "entries": proof.verified,
        "sealing_seconds": round(sealing, 1),
        "proving_seconds": round(proving, 1),
        "idle_look_ms": _ms(lambda: services.ask(lambda read: audit.is_waiting(read.session, among=_newest(read)))),
        **{
            f"search_{name}_ms": _ms(lambda asked=asked: services.ask(lines, owner, asked, most=51))
            for name, asked in _searches().items()
        },
    }


def _newest(read: Reading) -> audit.Span:
    _, newest = audit.ends(read.session) or (0, 0)
    return newest - audit_sealing.OVERLAP, newest


def _searches() -> dict[str, Wanted]:
    year = NOW - timedelta(days=365), NOW - timedelta(days=358)
    rare = log_words.group("team")
    return {
        "newest": Wanted(),
        "one_of_the_team": Wanted(actor="staff:3"),
        "patients": Wanted(actor=PATIENTS),
        "a_rare_group": Wanted(actions=rare),
        "a_common_group": Wanted(actions=log_words.group("visits")),
        "a_group_by_one_of_the_team": Wanted(actor="staff:3", actions=rare),
        "a_week_a_year_ago": Wanted(between=year),
        "a_group_in_a_week": Wanted(actions=log_words.group("money"), between=year),
        "a_patient": Wanted(
            is_said=True, said_tags=("patient:77", "appointment:77", "appointment:10077", "payment:77")
        ),
        "words": Wanted(is_said=True, said_actions=log_words.meant("hours")),
    }


def _fill(services: Services, entries: int) -> None:
    known, dice = [*log_words.DEEDS], random.Random(7)
    common = ["appointment.booked", "appointment.moved", "chart.read", "document.read", "patient.changed"]
    step = timedelta(days=730) / entries
    for begin in range(0, entries, PORTION):
        rows = []
        for number in range(begin, min(begin + PORTION, entries)):
            action = dice.choice(common) if dice.random() < 0.9 else dice.choice(known)
            is_patient = dice.random() < 0.4
            actor = f"patient:{dice.randrange(100_000)}" if is_patient else f"staff:{dice.randrange(1, 12)}"
            kind = "appointment" if action.startswith("appointment") else "patient"
            subject = f"{kind}:{dice.randrange(100_000)}"
            at = NOW - timedelta(days=730) + step * number
            told = {
                "at": at,
                "actor": actor,
                "action": action,
                "subject": subject,
                "detail": {"reference": "LMN-8X9JBC"},
            }
            rows.append(told)
        services.do(lambda work, rows=rows: work.execute(insert(audit.ENTRY), rows))


def _ms(call: Callable[[], Any]) -> float:
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    return round(median(taken), 1)
