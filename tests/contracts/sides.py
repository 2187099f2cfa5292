"""The two payment gateways, and who stands on the other side of each: for every suite of what both must do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from clinic_portal import tables as tables
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import Database
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.integrations.sandbox.cards import published
from clinic_portal.integrations.sandbox.gateway import SandboxGateway
from clinic_portal.integrations.sandbox.ledger import Ledger
from clinic_portal.integrations.sandbox.pages import Presented
from clinic_portal.integrations.stripe_gateway import StripeGateway
from clinic_portal.payments import sandbox_books
from clinic_portal.payments.ports import IntentStatus, PaymentGateway
from tests import stripe_refusals as cards
from tests.contracts.gateway_kit import Side, to
from tests.stripe_books import StandIn
from tests.stripe_standin import running


@dataclass
class StripeSide:
    standin: StandIn
    gateway: PaymentGateway

    def pay(self, session_id: str, number: str = cards.GOOD) -> str | None:
        return self.standin.pay(session_id, number)

    def save_card(self, customer_id: str, number: str = cards.GOOD) -> str:
        return self.standin.save_card(customer_id, number)

    def money_moved(self) -> int:
        return len(self.standin.of_kind("charge"))


@pytest.fixture
def standin(clock: FixedClock) -> Iterator[StandIn]:
    with running(clock) as made:
        yield made


class SandboxSide:
    def __init__(self, services: Services) -> None:
        self._services = services
        self.gateway = SandboxGateway(services, deliver=lambda _body, _signature: None)

    def pay(self, session_id: str, number: str = cards.GOOD) -> str | None:
        return self.gateway.pay(session_id, number, authenticated=True).code

    def save_card(self, customer_id: str, number: str = cards.GOOD) -> str:
        """Also one that no page would have taken."""
        test = published(number)
        if test is None:
            pytest.skip("the sandbox takes no such card")

        def keep(work: UnitOfWork) -> str:
            made = Ledger(work)._new_card(customer_id, Presented(test), is_kept=True)
            made.data["later"] = test.later or test.now
            sandbox_books.change(work, made)
            return made.id

        return self._services.do(keep)

    def money_moved(self) -> int:
        intents = self._services.ask(sandbox_books.every, "intent")
        return sum(one.data["status"] != IntentStatus.UNFINISHED for one in intents)


@pytest.fixture
def sandbox(plain_settings: Settings, clock: FixedClock, tmp_path: Path) -> Iterator[SandboxSide]:
    database = Database(f"sqlite:///{tmp_path}/sandbox.db")
    SQLModel.metadata.create_all(database.engine)
    yield SandboxSide(Services(database, clock, plain_settings))
    database.dispose()


@pytest.fixture(params=["stripe", "sandbox"])
def side(request: pytest.FixtureRequest, plain_settings: Settings, clock: FixedClock) -> Side:
    if request.param == "sandbox":
        made: SandboxSide = request.getfixturevalue("sandbox")
        return made
    standin: StandIn = request.getfixturevalue("standin")
    return StripeSide(standin, StripeGateway(to(plain_settings, standin.base), clock, retries=0))
