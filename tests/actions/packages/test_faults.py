"""Packages while everything fails: the gateway over a bad line, processes that die between two lines, two at once.

A story is told from its seed alone. At its end the gateway's books, ours and the wallets say the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from clinic_portal.booking import fees, invariants, selling
from clinic_portal.booking.cashier import KINDS, Cashier
from clinic_portal.booking.reconciling import reconcile
from clinic_portal.booking.selling import Order
from clinic_portal.core import outbox
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import DomainError
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.integrations.sandbox.gateway import SandboxGateway
from clinic_portal.messaging.ports import Senders
from clinic_portal.packages import editing, queries, rules
from clinic_portal.packages.types import Offer
from clinic_portal.payments import differences, notices
from clinic_portal.payments import queries as payments
from clinic_portal.payments.models import Payment
from clinic_portal.payments.ports import Declined, GatewayAway, GatewayRefused, NoticeRefused, RefundRequest
from clinic_portal.payments.types import PaymentInfo, State
from clinic_portal.wallet.models import WalletLot
from clinic_portal.worker import Worker
from tests import factories
from tests.card_kit import DECLINED, VISA, Till, till
from tests.factories import SmallClinic
from tests.fault_gateway import FaultGateway, Faults, Killed, Mortal
from tests.packages_kit import is_somebody, lot_of, on_sale, order, pays, standing, typed, uses

pytestmark = pytest.mark.req("P8")
STEPS = 70


def _claim(work: UnitOfWork) -> list[outbox.OutboxRow]:
    return outbox.claim(work.session, now=work.now, limit=5, only=KINDS)


class Story:
    """Two who buy, staff, a worker and a gateway that get in each other's way."""

    def __init__(self, made: SmallClinic, clock: FixedClock, seed: int) -> None:
        self.rng = random.Random(seed)
        self.told: list[str] = []
        self.services, self._made, self._clock = made.services, made, clock
        self._notices: list[tuple[bytes, str]] = []
        self.sandbox = SandboxGateway(self.services, deliver=lambda body, sign: self._notices.append((body, sign)))
        faults = Faults(self.rng, often=0.15, kills=0.05, meets=0.1)
        faults.tell = self.told.append
        faults.meanwhile = self._meanwhile
        self._faults, self._depth = faults, 0
        self._process = Mortal(self.services, faults)
        self.cashier = Cashier(self._process, FaultGateway(self.sandbox, faults))
        self._worker = Worker(self._process, Senders(None, None), self.cashier)  # type: ignore[arg-type]
        self._staff = factories.staff(self.services).actor
        self._patient = factories.patient(self.services).actor.patient_id
        self._browser = f"browser of {seed}"
        self._pages: list[str] = []

    def play(self) -> None:
        for _ in range(STEPS):
            self._do(self.rng.choice(self._steps()))

    def end(self) -> None:
        """Nothing fails any more, and whoever looks after money does so until nothing is left."""
        self._faults.are_over = True
        for pause in (2, 45, 120, 1500):
            self._clock.advance(timedelta(minutes=pause))
            self._notices_come()
            self.cashier.tend()
            self._works(rounds=20)
        reconcile(self.services, self.cashier, self._clock.now() - timedelta(days=3))
        self._works(rounds=20)

    def _steps(self) -> list[Callable[[], None]]:
        return [
            *[self._patient_wants, self._guest_wants, self._pays, self._pays, self._comes_back, self._notices_come] * 2,
            self._works, self._tends, self._uses, self._gives_back, self._gives_back_elsewhere, self._changes,
            self._time_passes,
        ]  # fmt: skip

    def _do(self, step: Callable[[], None]) -> None:
        self.told.append(step.__name__)
        with suppress(Killed, GatewayAway, GatewayRefused, Declined, DomainError):
            step()

    def _meanwhile(self) -> None:
        if self._depth == 0:
            self._depth += 1
            self._do(self.rng.choice([self._pays, self._comes_back, self._notices_come, self._tends, self._uses]))
            self._depth -= 1

    def _wants(self, patient_id: int | None, owner: str) -> None:
        offer = self.rng.choice(self.services.ask(queries.on_sale))
        seen = self.services.ask(selling.newest_bought, patient_id, owner)
        asked = Order(offer.package.id, offer.package.revision, seen, patient_id, owner)
        self._pages.append(self.cashier.buy(asked).rpartition("/")[2])

    def _patient_wants(self) -> None:
        self._wants(self._patient, "")

    def _guest_wants(self) -> None:
        self._clock.advance(timedelta(hours=1))
        is_somebody(self.services, self._browser)
        self._wants(None, self._browser)

    def _pays(self) -> None:
        if self._pages:
            number = self.rng.choice((VISA, VISA, VISA, DECLINED))
            self.sandbox.pay(self.rng.choice(self._pages[-3:]), number, authenticated=True)

    def _comes_back(self) -> None:
        patient_id, owner = self.rng.choice(((self._patient, ""), (None, self._browser)))
        self.cashier.package_returned(patient_id, owner)

    def _notices_come(self) -> None:
        self.rng.shuffle(self._notices)
        kept, self._notices = self._notices, []
        for body, signature in kept:
            with suppress(NoticeRefused):  # one that comes too late is not believed
                notice = self.sandbox.read_notice(body, signature)
                if notice is not None:
                    self.services.do(notices.keep, "sandbox", notice)

    def _works(self, rounds: int = 1) -> None:
        for _ in range(rounds):
            for row in self._process.do(_claim):
                self._worker._carry_out(row, self._worker._pay)

    def _tends(self) -> None:
        self._clock.advance(timedelta(minutes=2))
        self.cashier.tend()

    def bought(self) -> list[PaymentInfo]:
        paid = [one.id for one in factories.rows(self.services, Payment) if one.state == "paid"]
        return list(self.services.ask(payments.of_ids, paid).values())

    def _uses(self) -> None:
        if found := self.bought():
            uses(self._made, self.rng.choice(found), 1)

    def _gives_back(self) -> None:
        if found := self.bought():
            paid = self.rng.choice(found)
            minor = self.rng.choice((1, 4000, 8000, 16000, 48000))
            refund = self.services.do(fees.refund, self._staff, paid.id, minor, reason="As agreed.")
            self.cashier.refund(refund)

    def _gives_back_elsewhere(self) -> None:
        if (found := self.bought()) and self.rng.random() < 0.3:
            paid = self.rng.choice(found)
            assert paid.intent_id is not None
            left = self.sandbox.intent(paid.intent_id)
            minor = min(5000, left.captured_minor - left.refunded_minor)
            if minor:
                key = f"elsewhere {len(self.told)}"
                self.sandbox.refund(RefundRequest(0, paid.id, paid.intent_id, minor, key))

    def _changes(self) -> None:
        one = self.rng.choice(self.services.ask(queries.every))
        price = self.rng.choice(("480.00", "500.00"))
        form = typed(self._made, price_minor=price)
        self.services.do(editing.change, self._staff, one.id, form, revision=one.revision)

    def _time_passes(self) -> None:
        self._clock.advance(timedelta(minutes=self.rng.choice((3, 20, 40))))


@pytest.mark.parametrize("seed", range(8))
def test_whatever_fails_the_three_books_say_the_same_at_the_end(
    services: Services, clock: FixedClock, seed: int
) -> None:
    made = factories.small_clinic(services)
    on_sale(made)
    story = Story(made, clock, seed)
    story.play()
    story.end()
    told = "\n".join(story.told)
    assert services.ask(invariants.broken) == [], told
    by_payment = {one.payment_id for one in factories.rows(services, WalletLot)}
    known = {one.id for one in factories.rows(services, Payment)}
    for intent in story.sandbox.recent(clock.now() - timedelta(days=30)):
        kept = intent.captured_minor - intent.refunded_minor
        paid = services.ask(payments.payment, intent.payment_id) if intent.payment_id in known else None
        if paid is None or paid.intent_id != intent.id:
            assert kept == 0, told
            continue
        assert (paid.captured_minor, paid.refunded_minor) == (intent.captured_minor, intent.refunded_minor), told
        if paid.captured_minor:
            assert paid.id in by_payment, told
            one = standing(services, paid)
            assert one.left + one.reserved + one.used + one.taken_back == one.lot.granted, told
            wanted = rules.taken_back(paid.captured_minor, paid.refunded_minor, one.lot.granted)
            is_noted = any(other.payment_id == paid.id for other in services.ask(differences.still_open))
            assert one.taken_back == wanted or (is_noted and one.left == 0), told
    unsettled = [one for one in factories.rows(services, Payment) if one.state in ("prepared", "open")]
    assert unsettled == [], told


# ---- one fault by itself ---------------------------------------------------------------------------------------------


class Once(FaultGateway):
    """A gateway one of whose calls goes wrong once."""

    def __init__(self, inner: SandboxGateway, call: str, how: str) -> None:
        super().__init__(inner, Faults(random.Random(0), often=0, kills=0, meets=0))
        self._call, self._how = call, how

    def _ask(self, name: str, call: Callable[[], Any], *kinds: str) -> Any:
        if name != self._call:
            return call()
        self._call = ""
        if self._how == "lost":
            call()
        raise GatewayAway(self._how)


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


def bad(desk: Till, call: str, how: str) -> Cashier:
    return Cashier(desk.services, Once(desk.gateway, call, how))  # type: ignore[arg-type]


def amara(made: SmallClinic) -> int:
    return factories.patient(made.services).actor.patient_id


@pytest.mark.parametrize("how", ["down", "lost"])
def test_a_page_that_did_not_open_is_the_same_page_at_the_next_try(made: SmallClinic, how: str) -> None:
    desk, asked = till(made.services), order(on_sale(made), amara(made))
    with pytest.raises(GatewayAway):
        bad(desk, "open_checkout", how).buy(asked)
    pays(desk, asked)
    assert [one.state for one in made.services.ask(payments.of_patient, amara(made))] == [State.PAID]


@pytest.mark.parametrize("how", ["down", "lost"])
def test_a_return_that_hears_nothing_is_heard_of_later(made: SmallClinic, clock: FixedClock, how: str) -> None:
    desk, asked = till(made.services), order(on_sale(made), amara(made))
    desk.gateway.pay(desk.cashier.buy(asked).rpartition("/")[2], VISA, authenticated=True)
    with pytest.raises(GatewayAway):
        bad(desk, "checkout", how).package_returned(asked.patient_id, "")
    clock.advance(timedelta(minutes=2))
    assert desk.cashier.tend().looked_at == 1
    (paid,) = made.services.ask(payments.of_patient, amara(made))
    assert (paid.state, lot_of(made.services, paid).left) == (State.PAID, 6)


@pytest.mark.parametrize("how", ["down", "lost"])
def test_a_refund_whose_answer_is_lost_is_made_once(made: SmallClinic, clock: FixedClock, how: str) -> None:
    desk = till(made.services)
    paid = pays(desk, order(on_sale(made), amara(made)))
    actor = factories.staff(made.services).actor
    refund = made.services.do(fees.refund, actor, paid.id, 16000, reason="As agreed.")
    with pytest.raises(GatewayAway):
        bad(desk, "refund", how).refund(refund)
    clock.advance(timedelta(minutes=2))
    desk.cashier.tend()
    assert desk.gateway.intent(str(paid.intent_id)).refunded_minor == 16000
    assert (made.services.ask(payments.payment, paid.id).refunded_minor, lot_of(made.services, paid).left) == (16000, 4)


def test_another_offer_is_not_sold_while_it_is_unknown_whether_the_one_before_was_paid(made: SmallClinic) -> None:
    desk, one, other = till(made.services), on_sale(made), on_sale(made, name="Other")
    desk.cashier.buy(order(one, amara(made)))

    def wants(offer: Offer, cashier: Cashier) -> str:
        return cashier.buy(order(offer, amara(made)))

    with pytest.raises(GatewayAway):
        wants(other, bad(desk, "expire_checkout", "down"))
    assert len(made.services.ask(payments.of_patient, amara(made))) == 1
    assert wants(other, desk.cashier)
