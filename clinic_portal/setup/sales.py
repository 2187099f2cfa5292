"""What the demo clinic sold before it opens: packages, gifts, and members month by month.

Everything goes through the doors of the clinic and of the sandbox gateway, each deed as of its day; of all of it nobody
is sent anything, and nothing is asked of the worker.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from heapq import heapify, heappop, heapreplace
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
from clinic_portal.setup.tills import ACCOUNT, Deed
from clinic_portal.wallet import lots
from clinic_portal.wallet import queries as wallet
from clinic_portal.wallet.types import EntryKind, NewLot, Origin

MEMBERS, BUYERS, GIFTS = 30, 24, 12
LONGEST_DAYS = 300
WISHES = {7: "pause", 11: "cancel", 13: "cancel", 17: "cancel", 23: "refused"}
"""What some of the members wish, by their place."""
Story = Iterator[datetime]
"""What becomes of one patient; it tells each time when it goes on."""
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


def seed(work: UnitOfWork, people: Sequence[int], deeds: Sequence[Deed], rng: random.Random) -> None:
    """Sell, from the first of the people on, to those who have a card at the gateway; all in the order of the days."""
    if work.settings.payment_account == ACCOUNT:
        _Sales(work, people, rng).make(deeds)


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

    def make(self, deeds: Sequence[Deed]) -> None:
        """Members, packages and gifts; she whom the demo lets you be has something of each.

        Each story tells when it goes on, and all go on in the order of their days.
        """
        known = list(self._cards)
        her, *others = known
        stories: list[Story] = [self._deposits(deeds)]
        stories += [self._member(one, number) for number, one in enumerate(known[:MEMBERS])]
        stories += [self._package(one) for one in [her, *self._rng.sample(others, min(BUYERS, len(others)))]]
        stories += [self._gift(one) for one in [her, *self._rng.sample(others, min(GIFTS, len(others)))]]
        waiting = [(at, number) for number, story in enumerate(stories) if (at := next(story, None)) is not None]
        heapify(waiting)
        while waiting and waiting[0][0] < self._work.now:
            self._then.at, number = waiting[0]
            at = next(stories[number], None)
            heapreplace(waiting, (at, number)) if at is not None else heappop(waiting)
        self._then.at = self._work.now

    def _deposits(self, deeds: Sequence[Deed]) -> Story:
        for deed in sorted(deeds, key=lambda one: one.at):
            yield min(deed.at, self._work.now - timedelta(seconds=1))
            self._then.do(deed.make)

    # ---- members -----------------------------------------------------------------------------------------------------

    def _member(self, patient_id: int, number: int) -> Story:
        then, plans, wish = self._then, self._then.ask(plan_queries.plans_on_offer), WISHES.get(number, "")
        if not plans:
            return
        yield self._ago(160 if number == 0 else 100 + number if wish else self._rng.randrange(5, LONGEST_DAYS))
        chosen = self._rng.choices(range(len(plans)), (6, 3, 1)[: len(plans)])[0]
        plan = plans[1 if number == 0 else 0 if wish else chosen]
        membership_id = then.do(joining.begin, patient_id, plan.id)
        asked = then.ask(joining.agreement, membership_id)
        if asked is not None:
            then.do(papers.sign, patient_id, asked.request.id, self._rng)
        page = self._subscriptions.open_page(patient_id).rpartition("/")[2]
        self._gateway.pay_with_saved(page, self._cards[patient_id], authenticated=True)
        self._subscriptions.returned(patient_id)
        yield from self._goes_on(patient_id, membership_id, wish)

    def _goes_on(self, patient_id: int, membership_id: int, wish: str) -> Story:
        """Period after period until today; of some, a wish shortly before the last renewal."""
        until_at = self._period_until(patient_id)
        while until_at is not None:
            yield until_at - timedelta(days=3)
            if wish and until_at + timedelta(days=31) > self._work.now:
                self._wishes(membership_id, patient_id, wish)
                wish = ""
            yield until_at + timedelta(minutes=2)
            self._subscriptions.sync(membership_id)
            before, until_at = until_at, self._period_until(patient_id)
            if until_at == before:
                return

    def _period_until(self, patient_id: int) -> datetime | None:
        found = self._then.ask(queries.of_patient, patient_id)
        return found.period_until_at if found else None

    def _wishes(self, membership_id: int, patient_id: int, wish: str) -> None:
        then = self._then
        if wish == "refused":
            self._spoils_card(patient_id)
            return
        if wish == "cancel":
            then.do(changing.cancel, patient_id)
        for until_on in then.ask(changing.pause_ends, patient_id)[-1:] if wish == "pause" else ():
            then.do(changing.pause, patient_id, until_on)
        self._subscriptions.tell(membership_id)

    def _spoils_card(self, patient_id: int) -> None:
        """The bank refuses this card from now on."""
        kept = sandbox_books.kept(self._work, self._cards[patient_id])
        assert kept is not None
        kept.data["later"] = "insufficient_funds"
        sandbox_books.change(self._work, kept)

    # ---- packages and gifts ------------------------------------------------------------------------------------------

    def _package(self, patient_id: int) -> Story:
        then = self._then
        yield self._ago(self._rng.randrange(20, 200))
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
            for number in range(self._rng.randrange(0, lot.granted)):
                yield then.at + timedelta(days=self._rng.randrange(12, 35))
                told = {"key": f"demo:{lot.id}:{number}", "actor": "command"}
                then.do(lots.take, EntryKind.USED, patient_id, lot.id, 1, **told)

    def _gift(self, patient_id: int) -> Story:
        yield self._ago(self._rng.randrange(3, 90))
        currency = catalogue(self._work).clinic.currency
        new = NewLot(Origin.GIFT, "A birthday gift", 4000, 4000, currency, expires_at=self._ago(-120))
        told = {"key": f"demo gift:{patient_id}", "patient_id": patient_id, "actor": "command"}
        self._then.do(lots.grant, EntryKind.GIFT, new, **told, reason="Birthday")

    def _ago(self, days: int) -> datetime:
        return self._work.now - timedelta(days=days, minutes=self._rng.randrange(0, 300))
