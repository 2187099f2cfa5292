"""A random story of money: browsers, patients, staff, a worker and a gateway that all get in each other's way.

A story is told from its seed alone; `told` is what happened, line by line, for whoever has to read why it went wrong.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from clinic_portal.accounts.models import OneTimeCode
from clinic_portal.booking import actions, changes, drafts, fees, holds, queries, returning, rules
from clinic_portal.booking.cashier import KINDS, Cashier
from clinic_portal.booking.models import Appointment
from clinic_portal.booking.paying import Acceptance
from clinic_portal.booking.reconciling import reconcile
from clinic_portal.clinic import models as clinic
from clinic_portal.clinic import policies
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import crypto, outbox
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.errors import DomainError
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.integrations.sandbox.gateway import SandboxGateway
from clinic_portal.messaging.ports import Senders
from clinic_portal.payments import cards, notices
from clinic_portal.payments import queries as payments
from clinic_portal.payments.models import Payment
from clinic_portal.payments.ports import GatewayAway, GatewayRefused
from clinic_portal.payments.types import FEES, State
from clinic_portal.worker import Worker
from tests import card_kit
from tests.factories import SmallClinic, minute
from tests.fault_gateway import FaultGateway, Faults, Killed, Mortal

CARDS = (card_kit.VISA, card_kit.VISA, card_kit.ASKS, card_kit.LATER_DECLINED, card_kit.ALWAYS_ASKS, card_kit.DECLINED)
SERVICES = ("botox", "facial", "peel", "hair")
CLOCKS = ("10:00", "10:30", "11:30", "12:00", "13:30")
WAITS = (1, 1, 3, 11, 25, 32)
BOOKED_BEFORE = 0.6
BOOKS, AFTER = (9, 0.7), (20, 0.15)
"""So many steps, in which browsers go on as people do so often: first they book, as some did before, then visits come
near and go by."""
HAIR_DEPOSIT = 5000
_APPOINTMENT, _PAYMENT = table(Appointment), table(Payment)
Step = Callable[[], None]


@dataclass
class Browser:
    """A patient with one browser, which may have several tabs."""

    owner: str
    email: str
    phone: str
    came_to: str = ""  # time, page, paid: how far they are
    pages: list[str] = field(default_factory=list)


class Story:
    """One story in a clinic, from a seed. `play` it, `end` it, and look at the books."""

    def __init__(self, made: SmallClinic, clock: FixedClock, staff: Any, seed: int) -> None:
        self.services = made.services
        self.rng = random.Random(seed)
        self.told: list[str] = []
        self.began_at = clock.now()
        self._made, self._clock, self._staff = made, clock, staff
        self._depth = 0
        self._day: date = (clock.now() + timedelta(days=2)).date()
        self._undelivered: list[tuple[bytes, str]] = []
        self._browsers = [
            Browser(f"browser {n} of {seed}", f"p{n}.{seed}@example.org", f"+1512{5550000 + seed * 3 + n}")
            for n in range(3)
        ]
        self.sandbox = SandboxGateway(self.services, deliver=self._notice)
        self._faults = Faults(self.rng)
        self._faults.tell, self._faults.meanwhile = self._tell, self._meanwhile
        self._process: Services = Mortal(self.services, self._faults)
        self.gateway = FaultGateway(self.sandbox, self._faults)
        self.cashier = Cashier(self._process, self.gateway)
        self._worker = Worker(self._process, Senders(None, None), self.cashier)  # type: ignore[arg-type]
        self.first_payment = 1 + (self.services.ask(lambda read: _newest(read)) or 0)

    # ---- the story -------------------------------------------------------------------------------------------------

    def play(self) -> None:
        """What happens, with every fault."""
        self._set_terms()
        self._faults.are_over = True
        for who in self._browsers[:2]:
            if self.rng.random() < BOOKED_BEFORE:
                self._do(lambda who=who: self._books(who))  # type: ignore[misc]
        self._faults.are_over = False
        for steps, self._goes_on_often in (BOOKS, AFTER):
            for _ in range(steps):
                self._step()

    def end(self) -> None:
        """The faults are over, the clock goes on, and whoever looks after money does so until nothing is left."""
        self._faults.are_over = True
        for pause in (timedelta(minutes=3), timedelta(minutes=40), timedelta(hours=2), timedelta(days=1), timedelta(0)):
            self._clock.advance(pause)
            self.services.do(holds.expire)
            self.cashier.tend()
            for _ in range(20):
                if not self._worker_round():
                    break
        self._reconcile()
        self._clock.advance(timedelta(days=4))
        self._tell("the end")

    def _set_terms(self) -> None:
        rng = self.rng
        self._made.settings(deposit_returns_to=rng.choice(("card", "wallet")))
        self._made.change(clinic.Service, "peel", deposit_percent=rng.choice((30, 60, 100)))
        self._made.change(clinic.Service, "hair", policy_rule="none", deposit_minor=rng.choice((None, HAIR_DEPOSIT)))
        self._publish()

    def _step(self) -> None:
        """Most of the time a browser goes on as people do; else anything happens, whether it makes sense or not."""
        if self.rng.random() < self._goes_on_often:
            self._do(self._goes_on)
            return
        has_visits = any(one.status == "booked" for one in self.appointments())
        steps: list[tuple[float, Step]] = [
            (0.5, self._wants_a_time),
            (1, self._goes_to_the_page),
            (3, self._gives_a_card),
            (2, self._comes_back),
            (3, self._time_passes),
            (4 if has_visits else 0, self._a_deadline_passes),
            (6, self._notices_come),
            (5, self._works),
            (3, self._tends),
            (6 if has_visits else 0, self._cancels),
            (8 if has_visits else 0, self._misses),
            (5, self._staff_acts_on_a_fee),
            (5, self._pays_a_fee),
            (8 if has_visits else 0, self._staff_refunds),
            (1, self._staff_changes_terms),
            (5 if self._has_a_fee_to_charge() else 1, self._takes_a_card_off),
            (0.5, self._changes_the_cart),
            (2, self._reconcile),
        ]
        (act,) = self.rng.choices([one for _, one in steps], [weight for weight, _ in steps])
        self._do(act)

    def _goes_on(self) -> None:
        """The next thing one of the browsers would do."""
        who = self._anybody()
        step = {"": self._wants_a_time, "time": self._goes_to_the_page, "page": self._gives_a_card}.get(
            who.came_to, self._comes_back
        )
        step(who)

    def _do(self, act: Step) -> None:
        try:
            act()
        except Killed:
            pass
        except DomainError as refusal:
            self._tell(f"  refused: {refusal.code}")
        except (GatewayAway, GatewayRefused) as fault:
            self._tell(f"  {type(fault).__name__}: {fault}")

    def _meanwhile(self) -> None:
        """Another acts while somebody waits for the gateway, or between two of their transactions."""
        if self._depth >= 2:
            return
        self._depth += 1
        try:
            self._step()
        finally:
            self._depth -= 1

    def _tell(self, what: str) -> None:
        local = f"{self._clock.now():%d %H:%M:%S}"
        self.told.append(f"{local} {'   ' * self._depth}{what}")

    # ---- patients --------------------------------------------------------------------------------------------------

    def _wants_a_time(self, who: Browser | None = None) -> None:
        who, what, clock = who or self._anybody(), self.rng.choice(SERVICES), self.rng.choice(CLOCKS)
        self._tell(f"{who.owner} wants {what} at {clock}")
        self._process.do(_arrive, who, self._made[what], is_alone=self.rng.random() < 0.8)
        self._process.do(holds.hold, who.owner, minute(self._day, clock))
        who.came_to = "time"

    def _goes_to_the_page(self, who: Browser | None = None) -> None:
        who = who or self._anybody()
        policy = self.services.ask(lambda read: _policy_for(read, who.owner))
        self._tell(f"{who.owner} accepts policy {policy} and goes to the page")
        who.came_to = ""
        url = self.cashier.begin(who.owner, Acceptance(policy, None, "10.0.0.9", "Firefox on Linux"))
        if url is None:
            self._tell("  no card is asked for")
            self._process.do(actions.book, who.owner, accepted_policy_id=policy)
        else:
            who.pages.append(url.rpartition("/")[2])
            who.came_to = "page"
            self._tell(f"  page {who.pages[-1][-4:]}")

    def _gives_a_card(self, who: Browser | None = None) -> None:
        who, number = who or self._anybody(), self.rng.choice(CARDS)
        if who.pages:
            page = who.pages[-1] if self.rng.random() < 0.9 else self.rng.choice(who.pages)
            outcome = self.sandbox.pay(page, number, authenticated=self.rng.random() < 0.8)
            self._tell(f"{who.owner} types {number[-4:]} on page {page[-4:]}: {outcome.step} {outcome.code or ''}")
            who.came_to = "page" if outcome.step in ("declined", "asks") else "paid"

    def _comes_back(self, who: Browser | None = None) -> None:
        who = who or self._anybody()
        self._tell(f"{who.owner} is back from the page")
        who.came_to = ""
        paid = self.cashier.returned(who.owner)
        if paid:
            self._tell(f"  payment {paid.id} is {paid.state} {paid.failure_code or ''}")

    def _books(self, who: Browser) -> None:
        """All the way, before anything goes wrong."""
        self._wants_a_time(who)
        self._goes_to_the_page(who)
        if who.came_to == "page":
            outcome = self.sandbox.pay(who.pages[-1], self.rng.choice(CARDS[:5]), authenticated=True)
            self._tell(f"{who.owner} pays: {outcome.step}")
            self._comes_back(who)
        self._worker_round()

    def _changes_the_cart(self) -> None:
        who = self._anybody()
        self._tell(f"{who.owner} empties the cart")
        for slug in SERVICES:
            self._process.do(drafts.remove_service, who.owner, self._made[slug])

    def _cancels(self) -> None:
        visit = self._a_visit("booked")
        if visit:
            fee = self.services.ask(changes.fee_minor, visit)
            self._tell(f"visit {visit.appointment_id} is cancelled at a fee of {fee}")
            self._process.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=fee)

    def _takes_a_card_off(self) -> None:
        visit = self._a_visit("booked", "cancelled", "noshow")
        if visit:
            mine = self.services.ask(payments.cards_of, visit.patient_id, account="sandbox")
            for card in mine[:1]:
                self._tell(f"patient {visit.patient_id} takes card {card.id} off file")
                self._process.do(cards.remove, "sandbox", visit.patient_id, card.id)

    def _pays_a_fee(self) -> None:
        fee = self._a_payment(lambda one: one.purpose in FEES and one.state in (State.FAILED, State.OPEN))
        if fee:
            self._tell(f"fee {fee} is to be paid on a page")
            page = self.cashier.pay_fee(fee).rpartition("/")[2]
            self.rng.choice(self._browsers).pages.append(page)
            self._tell(f"  page {page[-4:]}")

    # ---- the clinic ------------------------------------------------------------------------------------------------

    def _misses(self) -> None:
        visit = self._a_visit("booked")
        if visit and visit.start_at <= self._clock.now():
            fee = rules.noshow_fee_minor(visit.policy, visit.covered_minor)
            self._tell(f"visit {visit.appointment_id} was missed, at a fee of {fee}")
            self._process.do(fees.charge_noshow, self._staff, visit.appointment_id, shown_fee_minor=fee)

    def _staff_acts_on_a_fee(self) -> None:
        fee = self._a_payment(lambda one: one.purpose in FEES and one.state in (State.FAILED, State.OPEN))
        if fee and self.rng.random() < 0.7:
            self._tell(f"staff tries fee {fee} again")
            self.cashier.retry(self._staff, fee)
        elif fee:
            self._tell(f"staff waives fee {fee}")
            self.cashier.waive(self._staff, fee, reason="a kindness")

    def _staff_refunds(self) -> None:
        paid = self._a_payment(lambda one: one.state is State.PAID and one.captured_minor > 0)
        if paid:
            left = self.services.ask(lambda read: payments.returnable_minor(read, payments.payment(read, paid)))
            amount = self.rng.choice((left, left // 2, left + 1))
            if self.rng.random() < 0.3:
                self._tell(f"staff gives {amount} of payment {paid} back into the wallet")
                self._process.do(returning.into_wallet, self._staff, paid, amount, reason="a kindness")
                return
            self._tell(f"staff refunds {amount} of payment {paid}")
            self._process.do(fees.refund, self._staff, paid, amount, reason="a kindness")

    def _staff_changes_terms(self) -> None:
        if self.rng.random() < 0.5:
            price = self.rng.choice((9000, 18000, 24000))
            slug = self.rng.choice(SERVICES)
            self._tell(f"{slug} costs {price} now")
            self._made.change(clinic.Service, slug, price_minor=price)
        else:
            self._publish()

    def _publish(self) -> None:
        typed = {"text": "Tell us in time.", "free_hours": str(self.rng.choice((0, 24, 47, 100, 100)))}
        typed |= self.rng.choice(({"fee_percent": "50"}, {"fee_minor": "60.00"}, {"fee_percent": "100"}))
        policy = self.services.do(policies.publish, self._staff, typed, currency="USD")
        self._tell(f"policy {policy} is in force: {typed}")

    # ---- time, notices, the worker ---------------------------------------------------------------------------------

    def _time_passes(self) -> None:
        minutes = self.rng.choice(WAITS)
        self._clock.advance(timedelta(minutes=minutes, seconds=1))
        self._tell(f"{minutes} minutes pass")

    def _a_deadline_passes(self) -> None:
        """To the second before, at or after the end of free cancellation, or past the start."""
        visit = self._a_visit("booked")
        if visit is None:
            return
        until = visit.start_at if self.rng.random() < 0.5 or visit.free_until_at is None else visit.free_until_at
        ahead = until - self._clock.now() + timedelta(seconds=self.rng.choice((-1, 0, 1)))
        if timedelta(0) < ahead:
            self._clock.advance(ahead)
            self._tell(f"the clock is at a deadline of visit {visit.appointment_id}")

    def _notice(self, body: bytes, signature: str) -> None:
        self._undelivered.append((body, signature))

    def _notices_come(self) -> None:
        """Some of them, in any order, some of them twice; others only much later, or never."""
        some = self.rng.sample(self._undelivered, min(len(self._undelivered), self.rng.randint(1, 4)))
        for one in some:
            if self.rng.random() < 0.8 and one in self._undelivered:
                self._undelivered.remove(one)
            if self.rng.random() < 0.1:
                continue
            kept = self.sandbox.read_notice(*one) if self._is_fresh(one) else None
            if kept is not None:
                self._tell(f"a notice comes: {kept.kind}")
                self._process.do(notices.keep, "sandbox", kept)

    def _is_fresh(self, one: tuple[bytes, str]) -> bool:
        stamp = int(one[1].partition("t=")[2].partition(",")[0])
        return abs(self._clock.now().timestamp() - stamp) < 290  # the gateway signs anew what it sends late

    def _works(self) -> None:
        self._tell("the worker works")
        self._worker_round()

    def _tends(self) -> None:
        self._tell("the worker tends to money and holds")
        self._process.do(holds.expire)
        self.cashier.tend()

    def _worker_round(self) -> int:
        rows = self._process.do(_claim)
        for row in rows:
            self._worker._carry_out(row, self._worker._pay)
        return len(rows)

    def _reconcile(self) -> None:
        self._tell("the books are compared")
        self.report = reconcile(self._process, self.cashier, self.began_at)

    # ---- who and what there is -------------------------------------------------------------------------------------

    def _anybody(self) -> Browser:
        return self.rng.choice(self._browsers)

    def appointments(self) -> list[Any]:
        """Every time that was held or booked in this story."""
        mine = select(_APPOINTMENT).where(_APPOINTMENT.c.created_at >= self.began_at).order_by(_APPOINTMENT.c.id)
        return self.services.ask(lambda read: read.execute(mine).all())

    def payments(self) -> list[Any]:
        """Every payment of this story."""

        mine = select(_PAYMENT).where(_PAYMENT.c.id >= self.first_payment).order_by(_PAYMENT.c.id)
        return self.services.ask(lambda read: [payments._payment(row) for row in read.execute(mine)])

    def _a_visit(self, *statuses: str) -> Any:
        found = [one.id for one in self.appointments() if one.status in statuses]
        return self.services.ask(queries.visit, self.rng.choice(found)) if found else None

    def _has_a_fee_to_charge(self) -> bool:
        fee = _PAYMENT.c.purpose.in_([one.value for one in FEES]) & (_PAYMENT.c.state == State.PREPARED.value)
        mine = select(_PAYMENT.c.id).where(fee, _PAYMENT.c.id >= self.first_payment).limit(1)
        return self.services.ask(lambda read: read.execute(mine).first()) is not None

    def _a_payment(self, which: Callable[[Any], bool]) -> int | None:
        found = [one.id for one in self.payments() if which(one)]
        return self.rng.choice(found) if found else None


def _newest(read: Any) -> int | None:
    found: int | None = read.execute(select(_PAYMENT.c.id).order_by(_PAYMENT.c.id.desc()).limit(1)).scalar()
    return found


def _policy_for(read: Any, owner: str) -> int | None:
    clinic_now = catalogue(read)
    mine = queries.draft(read, owner)
    terms = rules.terms(clinic_now, queries.cart_services(clinic_now, mine))
    return terms.policy.id if terms.policy else None


def _arrive(work: UnitOfWork, who: Browser, service_id: int, *, is_alone: bool) -> None:
    """Every step of the wizard before the time, in one transaction: here they are not what is tried."""
    owner = who.owner
    for line in queries.draft(work, owner).lines if is_alone else ():
        if line.service_id != service_id:
            drafts.remove_service(work, owner, line.service_id)
    drafts.add_service(work, owner, service_id)
    if not queries.draft(work, owner).is_phone_verified:
        drafts.save_details(work, owner, given_name="Amara", family_name="Reed", email=who.email, phone=who.phone)
        drafts.send_code(work, owner, address=f"address of {owner}")
        mine = select(OneTimeCode.__table__).where(OneTimeCode.__table__.c.owner == owner)  # type: ignore[attr-defined]
        code = work.execute(mine.order_by(OneTimeCode.__table__.c.id.desc())).first()  # type: ignore[attr-defined]
        drafts.answer_code(work, owner, crypto.one_time_code(work.settings.key, code.purpose, code.nonce))
    drafts.agree_to_visit(work, owner)
    drafts.choose_provider(work, owner, None)


def _claim(work: UnitOfWork) -> list[outbox.OutboxRow]:
    """What the worker would do of money; what is told to people is done with."""
    claimed = outbox.claim(work.session, now=work.now, limit=60)
    for row in claimed:
        if row.kind not in KINDS:
            outbox.finish(work.session, row)
    return [row for row in claimed if row.kind in KINDS]


def local(at: datetime) -> str:
    """An instant as stories tell it."""
    return f"{at:%d %H:%M:%S}"
