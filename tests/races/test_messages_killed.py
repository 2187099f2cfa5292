"""Killed at any line: no message is lost, none goes out more than twice, and never with other words."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default
from itertools import count
from types import FrameType
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from clinic_portal.bootstrap import cashier
from clinic_portal.core import outbox
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import Database
from clinic_portal.core.work import Services
from clinic_portal.integrations.smtp_email import SmtpEmail
from clinic_portal.messaging.models import Message
from clinic_portal.messaging.ports import Senders, Sms
from clinic_portal.worker import Worker
from tests import factories
from tests.factories import small_clinic

DAY = date(2026, 11, 24)
KILLS = 60
WATCHED = ("worker.py", "delivery.py", "copies.py", "messaging/actions.py", "outbox.py", "smtp_email.py", "work.py")
_fork = multiprocessing.get_context("fork")


@dataclass
class Outside:
    """Both other sides: an SMTP server that keeps what it gets, and a list of texts that live on when a worker dies."""

    emails: list[tuple[str, str]] = field(default_factory=list)  # message id, words
    texts: list[tuple[str, str]] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the server's name
        mail = message_from_bytes(envelope.content, policy=default)
        words = "".join(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")
        self.emails.append((str(mail["Message-ID"]).strip("<>"), words))
        return "250 taken"


class Texting:
    """An SMS sender that tells what it sent through a pipe, at once."""

    def __init__(self, told: Any) -> None:
        self._told = told

    def send(self, sms: Sms) -> str:
        self._told.send((sms.key, sms.body))
        return f"id-{sms.key}"


@pytest.fixture
def outside() -> Any:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port = asked.getsockname()[1]
    kept = Outside()
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    yield kept, port
    server.stop()


def worked_until(services: Services, port: int, told: Any, line: int) -> int:
    """Let a worker do what is due and kill it at its `line`-th line; how many it ran, where it lived."""
    relay = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_starttls": False}
    settings = services.settings.model_copy(update=relay)
    now, (receiving, sending) = services.clock.now(), _fork.Pipe(duplex=False)
    services.database.dispose()

    def work() -> None:
        ran = count(1)

        def trace(frame: FrameType, event: str, _: Any) -> Any:
            if not frame.f_code.co_filename.endswith(WATCHED) or "clinic_portal" not in frame.f_code.co_filename:
                return None
            if event == "line" and next(ran) == line:
                os.kill(os.getpid(), signal.SIGKILL)
            return trace

        own = Services(Database(settings.database_url, pool_size=4), FixedClock(now), settings)
        worker = Worker(own, Senders(SmtpEmail(settings, own.clock), Texting(told)), cashier(own))
        threading.settrace(trace)
        sys.settrace(trace)
        while worker.run_once():
            pass
        sys.settrace(None)
        sending.send(next(ran))
        os._exit(0)

    process = _fork.Process(target=work)
    process.start()
    sending.close()
    process.join()
    try:
        return int(receiving.recv())
    except EOFError:
        assert process.exitcode == -signal.SIGKILL
        return 0


@pytest.mark.req("B6")
def test_a_worker_killed_at_any_line_loses_no_message_and_repeats_none_more_than_once(
    services: Services, clock: FixedClock, outside: Any
) -> None:
    kept, port = outside
    made = small_clinic(services)
    receiving, told = _fork.Pipe(duplex=False)
    slots = [(DAY + timedelta(days=day), f"{hour}:00") for day in (0, 1, 2, 6, 7, 8, 9, 10) for hour in range(9, 17)]
    lines = 0
    killed = 0
    for number, (on, hour) in enumerate(slots[: KILLS + 1]):
        who = {"phone": f"+151255501{number:02}", "email": f"p{number}@example.org"}
        factories.booked(made, f"browser {number}", on, hour, "facial", provider="lena", **who)
        ran = worked_until(services, port, told, max(1, lines * number // KILLS) if lines else 0)
        killed += not ran
        lines = lines or ran  # the first is left alone, and says how many there are
        made.settings(name=f"Lumen {number}")
        clock.advance(outbox.LEASE + timedelta(seconds=1))
        assert worked_until(services, port, told, 0)
        while receiving.poll():
            kept.texts.append(receiving.recv())
    assert killed > KILLS * 0.8, "hardly any was killed in the middle: the test shows little"
    messages = [one for one in factories.rows(services, Message) if one.kind == "appointment_booked"]
    assert len(messages) == 2 * (KILLS + 1)
    assert {one.state for one in messages} == {"sent"}
    sent = Counter(key for key, _ in kept.emails + kept.texts)
    assert {one.message_id for one in messages} <= set(sent), "lost"
    assert max(sent.values()) <= 2
    assert len(set(kept.emails + kept.texts)) == len(sent), "the second time it said something else"
