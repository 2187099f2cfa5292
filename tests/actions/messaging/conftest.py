"""A clinic whose senders write down what they are given, and fail when they are told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import pytest

from clinic_portal.bootstrap import cashier
from clinic_portal.core.work import Services
from clinic_portal.messaging import queries
from clinic_portal.messaging.ports import Email, Senders, SendFailed, Sms
from clinic_portal.messaging.types import LedgerEntry
from clinic_portal.worker import Worker
from tests import factories

THURSDAY = date(2026, 12, 3)


@dataclass
class Notebook:
    """Both senders in one: keeps every message, after raising what `refuse` says."""

    kept: list[Email | Sms] = field(default_factory=list)
    refuse: Callable[[Email | Sms], SendFailed | None] = lambda message: None
    tries: int = 0

    def send(self, message: Email | Sms) -> str:
        self.tries += 1
        if failure := self.refuse(message):
            raise failure
        self.kept.append(message)
        return f"id-{len(self.kept)}"

    @property
    def emails(self) -> list[Email]:
        return [message for message in self.kept if isinstance(message, Email)]

    @property
    def texts(self) -> list[Sms]:
        return [message for message in self.kept if isinstance(message, Sms)]


@pytest.fixture
def clinic(services: Services) -> factories.SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def sent() -> Notebook:
    return Notebook()


@pytest.fixture
def worker(services: Services, sent: Notebook) -> Worker:
    return Worker(services, Senders(email=sent, sms=sent), cashier(services))


@pytest.fixture
def booked(clinic: factories.SmallClinic) -> int:
    """Amara's visit on Thursday at 10:30, booked; its events wait for the worker."""
    return factories.booked(clinic, "browser", THURSDAY, "10:30", "botox", "facial").appointment_id


def finish(worker: Worker) -> None:
    """Work until nothing is due."""
    while worker.run_once():
        pass


def ledger(services: Services, kind: str = "appointment_booked") -> dict[str, LedgerEntry]:
    """The ledger's entries of one kind, by channel."""
    return {entry.channel: entry for entry in services.ask(queries.ledger) if entry.kind == kind}
