"""What the demo clinic sold before it opens: packages, gifts, and members month by month.

Everything goes through the doors of the clinic and of the sandbox gateway, each deed as of its day; of all of it nobody
is sent anything, and nothing is asked of the worker.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import select

from clinic_portal.booking.cashier import Cashier
from clinic_portal.booking.selling import Order
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.db import table
from clinic_portal.core.work import Memory, Services, UnitOfWork
from clinic_portal.integrations.sandbox.gateway import SandboxGateway
from clinic_portal.memberships import changing, joining, plan_queries, queries
from clinic_portal.memberships.subscriptions import Subscriptions
from clinic_portal.packages import queries as packages
from clinic_portal.payments import models, sandbox_books
from clinic_portal.setup import papers
from clinic_portal.setup.tills import ACCOUNT
from clinic_portal.wallet import lots
from clinic_portal.wallet import queries as wallet
from clinic_portal.wallet.types import EntryKind, LotInfo, NewLot, Origin

MEMBERS, BUYERS, GIFTS = 30, 24, 12
LONGEST_DAYS = 300
_CARD = table(models.Card)


class AsOf:
    """The services as of a day, within the transaction that fills the demo; what they would send is left unsent."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._memory: Memory = {}
        self.settings = work.settings
        self.clock = self
        self.at = work.now

    def now(self) -> datetime:
        """The day as of which everything is done."""
        return self.at

    def do(self, action: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run an action as of that day."""
        then = UnitOfWork(self._work.session, self.at, self.settings, self._memory)
        result = action(then, *args, **kwargs)
        self._memory.update(then.readings)
        return result

    ask = do


def seed(work: UnitOfWork, people: Sequence[int], rng: random.Random) -> None:
    """Sell, from the first of the people on, to those who have a card at the gateway."""
    if work.settings.payment_account == ACCOUNT:
        _Sales(work, people, rng).make()


class _Sales:
    def __init__(self, work: UnitOfWork, people: Sequence[int], rng: random.Random) -> None:
        self._work, self._rng, self._then = work, rng, AsOf(work)
        services = cast(Services, self._then)
        self._gateway = SandboxGateway(services, deliver=lambda _body, _signature: None)
        self._cashier = Cashier(services, self._gateway)
        self._subscriptions = Subscriptions(services, self._gateway)
        mine = select(_CARD.c.patient_id, _CARD.c.method_id).where(_CARD.c.removed_at.is_(None)).order_by(_CARD.c.id)
        cards = {row.patient_id: row.method_id for row in work.execute(mine)}
        self._cards = {one: cards[one] for one in people if one in cards}

    def make(self) -> None:
        """Members first, then packages and gifts; she whom the demo lets you be has something of each."""
        known = list(self._cards)
        for number, patient_id in enumerate(known[:MEMBERS]):
            self._member(patient_id, number)
        her, *others = known
        for patient_id in [her, *self._rng.sample(others, min(BUYERS, len(others)))]:
            self._package(patient_id)
        for patient_id in [her, *self._rng.sample(others, min(GIFTS, len(others)))]:
            self._gift(patient_id)
        self._then.at = self._work.now

    # ---- members -----------------------------------------------------------------------------------------------------

    def _member(self, patient_id: int, number: int) -> None:
        then, plans = self._then, self._then.ask(plan_queries.plans_on_offer)
        if not plans:
            return
        then.at = self._ago(160 if number == 0 else self._rng.randrange(5, LONGEST_DAYS))
        plan = plans[1 if number == 0 else self._rng.choices(range(len(plans)), (6, 3, 1)[: len(plans)])[0]]
        membership_id = then.do(joining.begin, patient_id, plan.id)
        asked = then.ask(joining.agreement, membership_id)
        if asked is not None:
            then.do(papers.sign, patient_id, asked.request.id, self._rng)
        page = self._subscriptions.open_page(patient_id).rpartition("/")[2]
        self._gateway.pay_with_saved(page, self._cards[patient_id], authenticated=True)
        self._subscriptions.returned(patient_id)
        self._goes_on(patient_id, membership_id, number)

    def _goes_on(self, patient_id: int, membership_id: int, number: int) -> None:
        """Period after period until today; one in six wishes something else on the way."""
        then, today = self._then, self._work.now
        wish = {7: "pause", 11: "cancel", 13: "cancel", 17: "cancel", 19: "ending", 23: "refused"}.get(number, "")
        while (found := then.ask(queries.of_patient, patient_id)) is not None and found.period_until_at is not None:
            is_last = found.period_until_at + timedelta(days=31) > today
            if found.period_until_at > today - timedelta(minutes=5):
                if wish == "ending":
                    then.at = today - timedelta(days=2)
                    self._wishes(membership_id, changing.cancel, patient_id)
                break
            then.at = found.period_until_at - timedelta(days=3)
            if wish == "cancel":
                self._wishes(membership_id, changing.cancel, patient_id)
            elif wish == "pause" and is_last:
                for until_on in then.ask(changing.pause_ends, patient_id)[-1:]:
                    self._wishes(membership_id, changing.pause, patient_id, until_on)
            elif wish == "refused" and is_last:
                self._spoils_card(patient_id)
            then.at = found.period_until_at + timedelta(minutes=2)
            self._subscriptions.sync(membership_id)
            again = then.ask(queries.of_patient, patient_id)
            if again is None or again.period_until_at == found.period_until_at:
                break

    def _wishes(self, membership_id: int, verb: Callable[..., Any], *args: Any) -> None:
        self._then.do(verb, *args)
        self._subscriptions.tell(membership_id)

    def _spoils_card(self, patient_id: int) -> None:
        """The bank refuses this card from now on."""
        kept = sandbox_books.kept(self._work, self._cards[patient_id])
        assert kept is not None
        kept.data["later"] = "insufficient_funds"
        sandbox_books.change(self._work, kept)

    # ---- packages and gifts ------------------------------------------------------------------------------------------

    def _package(self, patient_id: int) -> None:
        then = self._then
        then.at = self._ago(self._rng.randrange(20, 200))
        offers = then.ask(packages.on_sale)
        if not offers:
            return
        info = self._rng.choice(offers).package
        order = Order(info.id, info.revision, 0, patient_id, f"demo {patient_id}", "198.51.100.7", "Firefox on Windows")
        page = self._cashier.buy(order).rpartition("/")[2]
        self._gateway.pay_with_saved(page, self._cards[patient_id], authenticated=True)
        paid = self._cashier.package_returned(patient_id, order.owner)
        assert paid is not None
        for lot in then.ask(wallet.lots_of_payment, paid.id):
            self._uses(patient_id, lot)

    def _uses(self, patient_id: int, lot: LotInfo) -> None:
        """Some of it was used since, a few weeks apart."""
        for number in range(self._rng.randrange(0, lot.granted)):
            self._then.at += timedelta(days=self._rng.randrange(12, 35))
            if self._then.at >= self._work.now:
                return
            told = {"key": f"demo:{lot.id}:{number}", "actor": "command"}
            self._then.do(lots.take, EntryKind.USED, patient_id, lot.id, 1, **told)

    def _gift(self, patient_id: int) -> None:
        self._then.at = self._ago(self._rng.randrange(3, 90))
        currency = catalogue(self._work).clinic.currency
        new = NewLot(Origin.GIFT, "A birthday gift", 4000, 4000, currency, expires_at=self._ago(-120))
        told = {"key": f"demo gift:{patient_id}", "patient_id": patient_id, "actor": "command"}
        self._then.do(lots.grant, EntryKind.GIFT, new, **told, reason="Birthday")

    def _ago(self, days: int) -> datetime:
        return self._work.now - timedelta(days=days, minutes=self._rng.randrange(0, 300))
