"""The loop around the outbox: it wakes, it stops, it tends, and it lives through a clock that is moved."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from clinic_portal import worker as worker_module
from clinic_portal.accounts.models import Attempt
from clinic_portal.booking import holds
from clinic_portal.booking.cashier import Cashier
from clinic_portal.booking.models import Appointment, BookingDraft
from clinic_portal.bootstrap import cashier
from clinic_portal.core import audit, audit_proof, outbox
from clinic_portal.core.clock import FixedClock, RehearsalClock
from clinic_portal.core.outbox import OutboxRow
from clinic_portal.core.work import Services
from clinic_portal.integrations.sandbox.gateway import SandboxGateway
from clinic_portal.messaging.ports import Senders, SendFailed
from clinic_portal.payments.ports import Intent
from clinic_portal.scheduling.models import ScheduleChange
from clinic_portal.worker import Worker
from tests import factories
from tests.actions.messaging.conftest import THURSDAY, Notebook, finish, ledger
from tests.card_kit import till

FAR = timedelta(days=10)


async def until(happened: object, seconds: float = 5) -> float:
    """Wait until a callable says yes; how long that took."""
    begun = time.monotonic()
    while not happened():  # type: ignore[operator]
        assert time.monotonic() - begun < seconds, "it never happened"
        await asyncio.sleep(0.01)
    return time.monotonic() - begun


async def test_it_wakes_at_once_when_something_is_emitted_and_stops_when_told(
    services: Services, worker: Worker, sent: Notebook, booked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "IDLE_SECONDS", 60)
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    await until(lambda: len(sent.emails) == 1)
    await asyncio.sleep(0.2)  # idle now, for a minute if nothing wakes it
    await asyncio.to_thread(services.do, lambda work: work.emit("nobody.listens", "wake", after=timedelta(0)))
    waited = await until(lambda: _state(services, "nobody.listens") == outbox.DROPPED)
    assert waited < 2
    stop.set()
    await asyncio.wait_for(running, 5)
    assert services.on_emitted == []


async def test_it_goes_on_after_the_database_was_away(
    services: Services, worker: Worker, sent: Notebook, booked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([True, True])
    run_once = worker.run_once

    def at_times_away(**lane: Any) -> int:
        if next(failures, False):
            raise OSError("no database")
        return run_once(**lane)

    monkeypatch.setattr(worker, "run_once", at_times_away)
    monkeypatch.setattr(worker_module, "IDLE_SECONDS", 0.01)
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    await until(lambda: len(sent.emails) == 1)
    stop.set()
    await asyncio.wait_for(running, 5)


def _state(services: Services, kind: str) -> str:
    return {row.kind: row.state for row in factories.rows(services, OutboxRow)}[kind]


def test_tending_ends_holds_forgets_drafts_and_throws_old_rows_away(
    services: Services, worker: Worker, clinic: factories.SmallClinic, booked: int, clock: FixedClock
) -> None:
    finish(worker)
    factories.visitor(clinic, "undecided", "facial", phone="+15125550143", email="u@example.org")
    services.do(holds.hold, "undecided", factories.minute(THURSDAY, "14:00"))
    clock.advance(timedelta(minutes=11))
    worker.tend()
    assert sorted(row.status for row in factories.rows(services, Appointment)) == ["booked", "expired"]
    clock.advance(timedelta(days=2))
    worker.tend()
    assert factories.rows(services, BookingDraft) == []
    assert factories.rows(services, Attempt) == []
    finish(worker)
    assert factories.rows(services, OutboxRow)
    clock.advance(timedelta(days=40))
    worker.tend()
    assert [row for row in factories.rows(services, OutboxRow) if row.created_at < clock.now()] == []
    assert ledger(services)["email"].state == "sent"


def test_tending_forgets_what_open_pages_were_told_long_ago_but_never_the_last_number(
    services: Services, worker: Worker, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    def changes() -> list[int | None]:
        return [row.id for row in factories.rows(services, ScheduleChange)]

    factories.booked(clinic, "one", THURSDAY, "10:00", "facial")
    clock.advance(timedelta(minutes=59))
    factories.booked(clinic, "two", THURSDAY, "14:00", "facial")
    told = changes()
    worker.tend()
    assert changes() == told
    clock.advance(timedelta(minutes=2))
    worker.tend()
    assert changes() == told[len(told) // 2 :]
    clock.advance(timedelta(days=2))
    worker.tend()
    assert changes() == told[-1:]


def test_one_task_that_fails_keeps_no_other_from_being_done(
    worker: Worker, clinic: factories.SmallClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[object] = []

    def broken(work: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(worker_module, "TENDING", (broken, done.append))
    worker.tend()
    assert len(done) == 1


@pytest.mark.usefixtures("booked")
def test_the_activity_log_is_sealed_as_it_is_written(services: Services, worker: Worker) -> None:
    while worker.seal():
        pass
    assert factories.rows(services, audit.AuditEntry)
    assert len(factories.rows(services, audit.AuditSeal)) == len(factories.rows(services, audit.AuditEntry))
    assert services.ask(lambda read: audit_proof.prove(read.session).broken) is None


@pytest.mark.req("B7")
def test_a_lease_taken_in_a_future_that_is_gone_is_freed(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    worker.run_once()
    clock.advance(FAR / 5)
    services.do(lambda work: outbox.claim(work.session, now=work.now, limit=100))  # killed here, two days ahead
    clock.advance(-FAR / 5)
    finish(worker)
    assert sent.emails == []
    worker.tend()
    finish(worker)
    assert len(sent.emails) == 1


@pytest.mark.req("B7")
def test_what_was_asked_for_in_a_future_that_is_gone_is_done_now(
    services: Services, worker: Worker, sent: Notebook, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    clock.advance(timedelta(days=3))
    factories.booked(clinic, "browser", THURSDAY, "10:30", "facial")
    services.do(lambda work: work.emit("nobody.listens", "in an hour", after=timedelta(hours=1)))
    clock.advance(-timedelta(days=3))
    finish(worker)
    assert sent.kept == []
    worker.tend()
    finish(worker)
    assert len(sent.emails) == 1
    assert _state(services, "nobody.listens") == outbox.READY, "an hour is still an hour"
    clock.advance(timedelta(hours=1))
    finish(worker)
    assert _state(services, "nobody.listens") == outbox.DROPPED


@pytest.mark.req("B7")
def test_a_pause_begun_in_a_future_that_is_gone_is_over(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    worker.run_once()  # plans the messages today
    clock.advance(timedelta(days=3))
    sent.refuse = lambda message: SendFailed("smtp_451", permanent=False)
    finish(worker)
    clock.advance(-timedelta(days=3))
    sent.refuse = lambda message: None
    finish(worker)
    assert sent.kept == []
    worker.tend()
    finish(worker)
    assert len(sent.emails) == 1


@pytest.mark.req("B7")
def test_a_clock_that_steps_back_a_little_frees_no_lease_that_is_still_held(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    worker.run_once()
    services.do(lambda work: outbox.claim(work.session, now=work.now, limit=100))
    clock.advance(-timedelta(seconds=90))
    worker.tend()
    finish(worker)
    assert sent.kept == []


def test_a_row_being_sent_holds_no_transaction_open(services: Services, sent: Notebook, booked: int) -> None:
    def write_meanwhile(message: object) -> None:
        services.do(lambda work: work.session.execute(text("UPDATE clinic SET version = version + 1")))

    sent.refuse = write_meanwhile
    finish(Worker(services, Senders(email=sent, sms=sent), cashier(services)))
    assert len(sent.emails) == 1


def test_the_process_of_its_own_stops_cleanly_at_sigterm(services: Services, booked: int) -> None:
    script = (
        "from clinic_portal import bootstrap, worker\n"
        "from clinic_portal.core.settings import Settings\n"
        "made = bootstrap.build(Settings(_env_file=None))\n"
        "worker.run_forever(made, bootstrap.senders(made), bootstrap.cashier(made))"
    )
    settings = services.settings
    RehearsalClock(settings.data_dir / "rehearsal-clock").set(services.clock.now() + timedelta(minutes=1))
    environment = {
        "CLINIC_DATABASE_URL": settings.database_url,
        "CLINIC_DATA_DIR": str(settings.data_dir),
        "CLINIC_SECRET_KEY": settings.key,
    }
    process = subprocess.Popen([sys.executable, "-c", script], env={**os.environ, **environment})
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if [entry.state for entry in ledger(services).values()] == ["sent", "sent"]:
                break
            time.sleep(0.1)
        assert [entry.state for entry in ledger(services).values()] == ["sent", "sent"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()


async def test_a_gateway_that_is_slow_to_answer_holds_up_no_message(
    services: Services, sent: Notebook, clinic: factories.SmallClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.visitor(clinic, "browser", "botox")
    services.do(holds.hold, "browser", factories.minute(THURSDAY, "10:30"))
    till(services).pays("browser", clinic["policy"])
    answers = threading.Event()

    class Slow(SandboxGateway):
        def release(self, intent_id: str, *, key: str) -> Intent:
            answers.wait(20)
            return super().release(intent_id, key=key)

        def recent(self, since: datetime) -> Iterable[Intent]:
            answers.wait(20)
            return super().recent(since)

    monkeypatch.setattr(worker_module, "IDLE_SECONDS", 0.01)
    slow = Worker(services, Senders(email=sent, sms=sent), Cashier(services, Slow(services)))
    stop = asyncio.Event()
    running = asyncio.create_task(slow.run(stop))
    await until(lambda: len(sent.emails) == 1)
    assert not answers.is_set()
    answers.set()
    stop.set()
    await asyncio.wait_for(running, 10)
