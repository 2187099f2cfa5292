"""The worker and a true relay that hangs up: nothing is lost, and one e-mail goes out at most once more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from clinic_portal.bootstrap import cashier
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.integrations.smtp_email import SmtpEmail
from clinic_portal.messaging.ports import Senders
from clinic_portal.worker import Worker
from tests.actions.messaging.conftest import Notebook, finish, ledger
from tests.contracts.surly import Surly

pytestmark = pytest.mark.req("B6")


@pytest.fixture
def through(services: Services, sent: Notebook) -> Iterator[Callable[[Surly], Worker]]:
    """Makes a worker that sends e-mail through a relay."""
    open_ones: list[tuple[Surly, SmtpEmail]] = []

    def make(relay: Surly) -> Worker:
        there = {"smtp_host": "127.0.0.1", "smtp_port": relay.port, "smtp_starttls": False}
        sender = SmtpEmail(services.settings.model_copy(update=there), services.clock)
        open_ones.append((relay, sender))
        return Worker(services, Senders(sender, sent), cashier(services))

    yield make
    for relay, sender in open_ones:
        sender.close()
        relay.close()


def goes_on_for(worker: Worker, clock: FixedClock, hours: int) -> None:
    for _ in range(hours * 4):
        finish(worker)
        clock.advance(timedelta(minutes=15))


def ids_of(relay: Surly) -> list[bytes]:
    return [found for taken in relay.taken for found in re.findall(rb"Message-ID: <(.+?)>", taken)]


@pytest.mark.parametrize(("step", "does"), [("greeting", "drop"), ("RCPT", "451 later"), ("DATA", "drop")])
def test_what_was_not_taken_goes_out_later_and_once(
    services: Services, through: Callable[[Surly], Worker], booked: int, clock: FixedClock, step: str, does: str
) -> None:
    relay = Surly(step, does)
    worker = through(relay)
    finish(worker)
    assert relay.taken == []
    relay.step = ""
    goes_on_for(worker, clock, 2)
    assert ledger(services)["email"].state == "sent"
    assert len(ids_of(relay)) == len(set(ids_of(relay)))


def test_what_may_have_been_taken_goes_out_once_more_and_then_is_left(
    services: Services, through: Callable[[Surly], Worker], booked: int, clock: FixedClock
) -> None:
    relay = Surly("end", "drop")
    worker = through(relay)
    goes_on_for(worker, clock, 8)
    assert ids_of(relay)
    assert {ids_of(relay).count(one) for one in ids_of(relay)} == {2}
    assert ledger(services)["email"].state == "failed"


def test_a_relay_that_turns_everybody_away_is_left_alone_for_a_while(
    services: Services, through: Callable[[Surly], Worker], booked: int, clock: FixedClock
) -> None:
    relay = Surly("greeting", "554 you are blocked")
    worker = through(relay)
    finish(worker)
    before = relay.connections
    clock.advance(timedelta(seconds=60))
    finish(worker)
    assert relay.connections == before
    clock.advance(timedelta(seconds=300))
    finish(worker)
    assert relay.connections > before
