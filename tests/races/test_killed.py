"""Killed at any moment: no confirmed booking is lost, none is half there, and the time is free again."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from datetime import date, timedelta
from typing import Any

from clinic_portal.booking import holds
from clinic_portal.booking.invariants import broken
from clinic_portal.booking.models import Appointment
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import Database
from clinic_portal.core.errors import DomainError
from clinic_portal.core.work import Services
from tests.card_kit import till
from tests.factories import minute, rows, small_clinic, visitor

TUESDAY = date(2026, 11, 24)
ROUNDS, EACH = 12, 8
_fork = multiprocessing.get_context("fork")


def test_a_process_killed_while_it_books_leaves_whole_bookings_or_none(services, clock) -> None:
    made = small_clinic(services)
    clock.advance(timedelta(hours=-1))
    rng = random.Random(4711)
    owners = [f"browser {n}" for n in range(ROUNDS * EACH)]
    for n, owner in enumerate(owners):
        visitor(made, owner, "facial", phone=f"+1512555{1000 + n}", email=f"p{n}@example.org")
    starts = [
        minute(TUESDAY + timedelta(days=day), f"{hour}:{half}")
        for day in range(7)
        for hour in range(9, 16)
        for half in ("00", "45")
    ]
    settings, now = services.settings, services.clock.now()
    services.database.dispose()
    confirmed: list[str] = []
    lasts = 0.0
    for round_number in range(ROUNDS):
        mine = owners[round_number * EACH : (round_number + 1) * EACH]
        receiving, sending = _fork.Pipe(duplex=False)

        def work(names: list[str] = mine, first: int = round_number * EACH, out: Any = sending) -> None:
            own = Services(Database(settings.database_url, pool_size=1), FixedClock(now), settings)
            for offset, owner in enumerate(names):
                try:
                    own.do(holds.hold, owner, starts[first + offset])
                    done = till(own).books(owner, made["policy"])
                except DomainError as refusal:
                    out.send(("refused", refusal.code))
                else:
                    out.send(("booked", done.reference))

        process = _fork.Process(target=work)
        begun = time.monotonic()
        process.start()
        process.join(lasts * rng.uniform(0.1, 1.0) if lasts else None)
        if process.is_alive() and process.pid:
            os.kill(process.pid, signal.SIGKILL)
        process.join()
        lasts = lasts or time.monotonic() - begun  # the first is left alone, and says how long one takes here
        sending.close()
        while receiving.poll():
            try:
                kind, what = receiving.recv()
            except EOFError:
                break
            assert kind == "booked", what
            confirmed.append(what)
    booked = {one.reference for one in rows(services, Appointment) if one.status == "booked"}
    assert 0 < len(confirmed) < len(owners), "nobody was killed in the middle: the test shows nothing"
    assert set(confirmed) <= booked
    assert services.ask(broken) == []
    clock.advance(timedelta(minutes=11))
    services.do(holds.expire)
    assert {one.status for one in rows(services, Appointment)} <= {"booked", "expired"}
    assert services.ask(broken) == []
