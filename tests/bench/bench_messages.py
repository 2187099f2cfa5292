"""Messages through the outbox, written, handed over and marked, with one worker and with four: ratios of one run.

The senders take everything at once: what is measured is ours, not a relay's.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from clinic_portal import migrations
from clinic_portal.bootstrap import cashier
from clinic_portal.core import outbox
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import Database
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.messaging import actions
from clinic_portal.messaging.ports import Email, Senders, Sms
from clinic_portal.messaging.types import Channel, Kind
from clinic_portal.worker import MESSAGES, Worker
from tests.conftest import Postgres
from tests.factories import MOBILE, booked, small_clinic

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
EACH, CODES_AMONG = 1_000, 10_000
_fork = multiprocessing.get_context("fork")


class AtOnce:
    """Takes whatever it is given."""

    def send(self, message: Email | Sms) -> str:
        """The sender's own id."""
        return "taken"


def run() -> dict[str, Any]:
    """Messages a second on both databases by one worker and by four; what a code waits for among ten thousand."""
    server = Postgres(Path("/tmp") / f"clinic-pg-{uuid.uuid4().hex[:8]}", fsync=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            return {
                "sqlite": _both(lambda name: f"sqlite:///{folder}/{name}.db"),
                "postgres": _both(server.create),
            }
    finally:
        server.stop()


def _both(make: Callable[[str], str]) -> dict[str, Any]:
    one, four = _rate(make("one"), 1), _rate(make("four"), 4)
    return {
        "one_worker_per_second": round(one),
        "four_workers_per_second": round(four),
        "ratio": round(four / one, 2),
        **_code(make("code")),
    }


def _services(url: str) -> Services:
    settings = Settings(_env_file=None, database_url=url, data_dir=Path(tempfile.gettempdir()))
    return Services(Database(url), FixedClock(NOW), settings)


def _rate(url: str, workers: int) -> float:
    services = _services(url)
    migrations.upgrade(services.database)
    visit = booked(small_clinic(services), "browser", date(2026, 12, 3), "10:30", "botox", "facial").appointment_id
    _work_off(services)
    services.do(_due, visit, EACH)
    services.database.dispose()
    processes = [_fork.Process(target=lambda: _work_off(_services(url))) for _ in range(workers)]
    begun = time.perf_counter()
    for one in processes:
        one.start()
    for one in processes:
        one.join()
    return EACH / (time.perf_counter() - begun)


def _due(work: UnitOfWork, visit: int, many: int) -> None:
    """Half by e-mail, half by SMS, none of which is the first of its kind for its visit."""
    for n in range(many):
        channel, to = ((Channel.EMAIL, "amara@example.org"), (Channel.SMS, MOBILE))[n % 2]
        about = {"appointment_id": visit, "edition": f"again {n}", "priority": outbox.BULK}
        actions.plan(work, Kind.APPOINTMENT_BOOKED, channel, visit, to=to, **about)  # type: ignore[arg-type]


def _work_off(services: Services) -> None:
    worker = Worker(services, Senders(AtOnce(), AtOnce()), cashier(services))
    while worker.run_once(but=MESSAGES):
        pass
    lanes = [threading.Thread(target=_lane, args=(worker, kind)) for kind in MESSAGES]
    for one in lanes:
        one.start()
    for one in lanes:
        one.join()


def _lane(worker: Worker, kind: str) -> None:
    while worker.run_once(only={kind}):
        pass


def _code(url: str) -> dict[str, Any]:
    """What a row somebody waits for costs to find, alone and behind ten thousand that are due."""
    services = _services(url)
    migrations.upgrade(services.database)

    def claimed() -> float:
        services.do(lambda work: work.emit("phone_code.requested", uuid.uuid4().hex, priority=outbox.URGENT))
        begun = time.perf_counter()
        rows = services.do(lambda work: outbox.claim(work.session, now=work.now, limit=1))
        assert rows[0].kind == "phone_code.requested"
        return (time.perf_counter() - begun) * 1000

    alone = min(claimed() for _ in range(20))
    many = [
        outbox.row("message.email", f"due {n}", {}, now=NOW, run_at=NOW, priority=outbox.BULK)
        for n in range(CODES_AMONG)
    ]
    services.do(lambda work: outbox.write(work.session, many))
    behind = min(claimed() for _ in range(20))
    return {"code_alone_ms": round(alone, 2), "code_behind_10000_ms": round(behind, 2)}
