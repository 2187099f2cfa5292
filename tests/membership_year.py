"""A year of many members, from a seed: they join, pay, fail to, pause, change, cancel and come back, a day at a time.

At the end our payments, the wallets and the gateway's own books are held against each other, to the cent.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from clinic_portal.booking.cashier import Cashier
from clinic_portal.booking.invariants import broken
from clinic_portal.booking.reconciling import reconcile
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.errors import DomainError
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.integrations.sandbox.gateway import SandboxGateway
from clinic_portal.memberships import changing, joining, plan_queries, queries, syncing
from clinic_portal.memberships.models import Membership, MembershipPeriod
from clinic_portal.memberships.types import MembershipInfo
from clinic_portal.messaging.ports import Senders
from clinic_portal.patients.models import Patient
from clinic_portal.payments import notices, sandbox_books
from clinic_portal.payments import queries as payments
from clinic_portal.payments.models import Payment
from clinic_portal.payments.ports import GatewayAway, GatewayRefused, Notice, PaymentGateway
from clinic_portal.wallet.models import WalletLot
from clinic_portal.worker import Worker
from tests.card_kit import ALWAYS_ASKS, LATER_DECLINED, VISA
from tests.factories import SmallClinic, rows, staff
from tests.fault_gateway import FaultGateway, Faults, Killed, Mortal
from tests.membership_kit import plan

CARDS = (VISA,) * 6 + ("5555555555554444",) * 2 + (LATER_DECLINED, ALWAYS_ASKS)
MONEY = {"membership.tell", "payment.refund", "payment.notice", "card.forget"}
A_DAY = timedelta(days=1)
ACTS_EACH_DAY = 0.03
"""How many of the members do something on a day."""


class Year:
    """One year. `play` it, then look at `wrong`."""

    def __init__(self, made: SmallClinic, clock: FixedClock, seed: int, members: int, *, with_faults: bool = False):
        self.services, self.made, self.clock = made.services, made, clock
        self.rng = random.Random(seed)
        self.told: list[str] = []
        self.counts: Counter[str] = Counter()
        self.began_at = clock.now()
        self.gateway = SandboxGateway(self.services, deliver=self._notice)
        self._faults = Faults(self.rng, often=0.04, kills=0.01, meets=0)
        self._faults.are_over = not with_faults
        self._faults.tell = self._tell
        process: Services = Mortal(self.services, self._faults)
        line: PaymentGateway = FaultGateway(self.gateway, self._faults)
        self.cashier = Cashier(process, line)
        self._process = process
        self._worker = Worker(process, Senders(None, None), self.cashier)  # type: ignore[arg-type]
        self._notices: list[Notice] = []
        self._owner = staff(self.services).actor
        self.patients = self.services.do(lambda work: _people(work, seed, members))
        self.plans = [
            plan(made, "Glow", setup_fee_minor=5000),
            plan(
                made,
                "Shine",
                fee_minor=14900,
                brings=[{"service_id": made["facial"], "count": 2}, {"credit_minor": 1500}],
            ),
            plan(
                made,
                "Light",
                fee_minor=4900,
                is_banked=False,
                brings=[{"category_id": made["injectables"], "count": 1}],
            ),
            plan(made, "Glow, a year", period="year", fee_minor=99000, brings=[{"product": "Sunscreen", "count": 1}]),
            plan(made, "Plain", fee_minor=2900, brings=[]),
        ]
        self._joins_on = {one: self.rng.randrange(120) for one in self.patients}

    # ---- the year --------------------------------------------------------------------------------------------------

    def play(self, days: int = 365) -> None:
        """Day after day; now and then nobody looks for a while."""
        for day in range(days):
            self.clock.advance(A_DAY + timedelta(minutes=self.rng.randrange(-60, 60)))
            for patient_id in self.patients:
                if self._joins_on[patient_id] == day:
                    self._do(lambda who=patient_id: self._joins(who))  # type: ignore[misc]
                elif self.rng.random() < ACTS_EACH_DAY:
                    self._do(lambda who=patient_id: self._acts(who))  # type: ignore[misc]
            if self.rng.random() < 0.9:
                self._works()
        self._faults.are_over = True
        for pause in (timedelta(minutes=2), timedelta(hours=2), timedelta(days=1), timedelta(minutes=2)):
            self.clock.advance(pause)
            self._works()

    def _acts(self, patient_id: int) -> None:
        mine = self.services.ask(queries.of_patient, patient_id)
        if mine is None or mine.state == "joining":
            self._joins(patient_id)
            return
        acts: dict[str, Callable[[], object]] = {
            "pause": lambda: self._pauses(mine),
            "resume": lambda: self._process.do(changing.resume, patient_id),
            "change": lambda: self._process.do(changing.change_plan, patient_id, self.rng.choice(self.plans)),
            "cancel": lambda: self._process.do(changing.cancel, patient_id),
            "keep": lambda: self._process.do(changing.keep, patient_id),
            "card": lambda: self._changes_card(mine),
            "pay": lambda: self._pays(mine),
            "end": lambda: self._process.do(changing.end_now, self._owner, patient_id, reason="It was asked for"),
        }
        weights = {"pause": 4, "resume": 3, "change": 4, "cancel": 3, "keep": 2, "card": 3, "pay": 4, "end": 1}
        name = self.rng.choices(list(acts), [weights[one] for one in acts])[0]
        acts[name]()
        self.counts[name] += 1
        self._tell(f"{patient_id}: {name}")
        if self.rng.random() < 0.5:  # the page tells the gateway at once; else the worker does
            self.cashier.subscriptions.tell(mine.id)

    def _joins(self, patient_id: int) -> None:
        self._process.do(joining.begin, patient_id, self.rng.choice(self.plans))
        page = self.cashier.subscriptions.open_page(patient_id).rpartition("/")[2]
        if self.rng.random() < 0.1:
            return
        if self.rng.random() < 0.05:
            self._process.do(joining.drop, patient_id)
        self.gateway.pay(page, self.rng.choice(CARDS), authenticated=True)
        self.counts["join"] += 1
        if self.rng.random() < 0.8:
            self.cashier.subscriptions.returned(patient_id)

    def _pauses(self, mine: MembershipInfo) -> None:
        offered = self.services.ask(changing.pause_ends, mine.patient_id)
        if offered:
            self._process.do(changing.pause, mine.patient_id, self.rng.choice(offered))

    def _changes_card(self, mine: MembershipInfo) -> None:
        self.gateway.pay(
            self.cashier.add_card(mine.patient_id).rpartition("/")[2], self.rng.choice(CARDS), authenticated=True
        )
        self.cashier.card_returned(mine.patient_id)
        on_file = self.services.ask(payments.cards_of, mine.patient_id, account="sandbox")
        self.cashier.subscriptions.use_card(mine.id, max(one.id for one in on_file))

    def _pays(self, mine: MembershipInfo) -> None:
        url = self.cashier.subscriptions.pay_now(mine.patient_id)
        if url is not None and self.rng.random() < 0.7:
            self.gateway.pay(url.rpartition("/")[2], self.rng.choice(CARDS), authenticated=True)
            self.counts["page"] += 1

    def _works(self) -> None:
        """The worker's round: notices come late, twice or never, in any order."""
        self.rng.shuffle(self._notices)
        for told in self._notices[:20] if self.rng.random() < 0.7 else ():
            self.services.do(notices.keep, self.gateway.account, told)
        self._notices.clear()
        for _ in range(20):
            self._do(self._worker.tend_money)
            while self._do(lambda: self._worker.run_once(only=MONEY)):
                pass
            waiting = self.services.ask(_due, self.gateway.account)
            if not waiting:
                break

    def _notice(self, body: bytes, signature: str) -> None:
        told = self.gateway.read_notice(body, signature)
        if told is not None:
            self._notices.append(told)

    def _do(self, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except DomainError as refusal:
            self.counts[f"refused {refusal.code}"] += 1
        except (GatewayAway, GatewayRefused) as fault:
            self._tell(f"{type(fault).__name__} {fault}")
        except Killed:
            self.counts["killed"] += 1
        return None

    def _tell(self, what: str) -> None:
        self.told.append(f"{self.clock.now():%m-%d %H:%M} {what}")

    # ---- what must be true -----------------------------------------------------------------------------------------

    def wrong(self) -> list[str]:
        """A sentence for everything that does not agree."""
        left = reconcile(self.services, self.cashier, self.began_at).left
        return [
            *self.services.ask(broken),
            *(f"{one.kind}: {one.intent_id}" for one in left),
            *self._money(),
            *self._periods(),
            *self._wallets(),
            *self._standing(),
        ]

    def figures(self) -> dict[str, Any]:
        """What happened, and how much went through."""
        paid = rows(self.services, Payment)
        mine = [one for one in paid if one.purpose == "membership"]
        return {
            "memberships": len(rows(self.services, Membership)),
            "periods": dict(Counter(one.state for one in rows(self.services, MembershipPeriod))),
            "states": dict(Counter(one.state for one in rows(self.services, Membership))),
            "taken_minor": sum(one.captured_minor for one in mine),
            "given_back_minor": sum(one.refunded_minor for one in mine),
            "at_gateway_minor": sum(self._at_gateway().values()),
            "granted_lots": len(rows(self.services, WalletLot)),
            "did": dict(sorted(self.counts.items())),
        }

    def _at_gateway(self) -> dict[int, int]:
        """What the gateway took for each membership, less what went back."""
        kept: dict[int, int] = defaultdict(int)
        of = {one.id: one.data["membership_id"] for one in self.services.ask(sandbox_books.every, "subscription")}
        invoices = {one.id: one.data for one in self.services.ask(sandbox_books.every, "invoice")}
        for one in self.services.ask(sandbox_books.every, "intent"):
            if one.data.get("invoice_id"):
                data = invoices[one.data["invoice_id"]]
                kept[of[data["subscription_id"]]] += one.data["captured_minor"] - one.data["refunded_minor"]
        return kept

    def _money(self) -> list[str]:
        ours: dict[int, int] = defaultdict(int)
        for one in rows(self.services, Payment):
            if one.membership_id is not None:
                ours[one.membership_id] += one.captured_minor - one.refunded_minor
        theirs = self._at_gateway()
        return [
            f"Membership {one}: our books say {ours[one]}, the gateway's {theirs[one]}."
            for one in sorted({*ours, *theirs})
            if ours[one] != theirs[one]
        ]

    def _periods(self) -> list[str]:
        """Each paid invoice is one period at its plan's price, and no two periods of a membership overlap."""
        found, last = [], {}
        paid = {one.id for one in self.services.ask(sandbox_books.every, "invoice") if one.data["status"] == "paid"}
        ours = [one for one in rows(self.services, MembershipPeriod) if one.state in ("paid", "returned")]
        if {one.invoice_id for one in ours} != paid:
            found.append(f"{len(ours)} periods are paid here, {len(paid)} at the gateway.")
        first: set[int] = set()
        for one in sorted(ours, key=lambda one: one.from_at):
            terms = self.services.ask(plan_queries.plan_version, one.version_id)
            fee = terms.fee_minor + (0 if one.membership_id in first else terms.setup_fee_minor)
            first.add(one.membership_id)
            if one.amount_minor != fee:
                found.append(f"Period {one.id} cost {one.amount_minor} and not {fee}.")
            before = last.get(one.membership_id)
            if before is not None and one.from_at < before.until_at:
                found.append(f"Periods {before.id} and {one.id} overlap.")
            last[one.membership_id] = one
        return found

    def _wallets(self) -> list[str]:
        """What was granted is what was paid for, thing by thing."""
        wanted: Counter[Any] = Counter()
        for one in rows(self.services, MembershipPeriod):
            if one.state == "paid":
                for thing in self.services.ask(plan_queries.plan_version, one.version_id).brings:
                    wanted[(thing.service_id, thing.category_id, thing.product)] += thing.credit_minor or thing.count
        granted: Counter[Any] = Counter()
        for lot in rows(self.services, WalletLot):
            granted[(lot.service_id, lot.category_id, lot.product)] += lot.granted
        return [] if wanted == granted else [f"Granted {dict(granted)}, and {dict(wanted)} were paid for."]

    def _standing(self) -> list[str]:
        """Both sides say the same of who is a member, and until when."""
        found = []
        theirs = {one.data["membership_id"]: one for one in self.services.ask(sandbox_books.every, "subscription")}
        for one in rows(self.services, Membership):
            kept = theirs.get(one.id)
            status = kept.data["status"] if kept else None
            wanted = {"active": "active", "paused": "active", "overdue": "overdue"}.get(one.state, "ended")
            if status not in (wanted, None) or (status is None) != (one.subscription_id is None):
                found.append(f"Membership {one.id} is {one.state} here and {status} at the gateway.")
            if kept and one.state == "active" and kept.data["until_at"] != one.period_until_at.isoformat():
                found.append(f"Membership {one.id} is paid until another day.")
        return found


def _due(read: Any, account: str) -> list[tuple[int, bool]]:
    return syncing.due(read, account, 1)


def _people(work: UnitOfWork, seed: int, members: int) -> list[int]:
    made = []
    for number in range(members):
        email = f"m{number}.{seed}@example.org"
        values = {
            "given_name": "Pat",
            "family_name": f"Member{number}",
            "search_key": f"pat member{number}",
            "email": email,
            "email_key": email,
            "phone": f"+1512{number:07}",
            "created_at": work.now,
        }
        statement = insert(table(Patient)).returning(table(Patient).c.id)
        made.append(int(work.execute(statement, values).scalar_one()))
    return made
