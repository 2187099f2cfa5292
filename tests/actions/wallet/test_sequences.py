"""Whatever is done to wallets, in whatever order: the ledger balances, nothing is below nothing, sums are true (P7)."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest

from clinic_portal.booking.invariants import broken
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import DomainError
from clinic_portal.core.work import Services
from clinic_portal.wallet import actions, giving, lots, queries, visits
from clinic_portal.wallet.expiring import expire
from clinic_portal.wallet.models import WalletEntry
from clinic_portal.wallet.types import ITEM, EntryKind, NewLot, Origin
from tests import factories
from tests.factories import SmallClinic
from tests.wallet_kit import form, is_whole, key, owed

STEPS, FRIDAY = 90, date(2026, 12, 4)
PEOPLE = ("amara", "noor", "ines")


class Wallets:
    """A few patients with visits, and every verb of the wallet with values that often make no sense."""

    def __init__(self, made: SmallClinic, clock: FixedClock, seed: int) -> None:
        self.services, self.clock, self.pick = made.services, clock, random.Random(seed)
        self.facial, self.shelf = made["facial"], made["injectables"]
        self.desk = factories.staff(made.services, "front_desk").actor
        self.visits: dict[int, int] = {}
        for n, name in enumerate(PEOPLE):
            for week in (0, 7):
                visit = factories.booked(
                    made,
                    f"{name} {week}",
                    FRIDAY + timedelta(days=week),
                    f"{10 + n}:00",
                    "facial",
                    email=f"{name}@example.org",
                    phone=f"+1512555014{n}",
                )
                self.visits[visit.appointment_id] = visit.patient_id
        self.people = sorted(set(self.visits.values()))
        self.entered: list[tuple[EntryKind, str]] = []
        self.turns = 0
        self.was: list[tuple[datetime, dict[str, int]]] = []

    def play(self) -> None:
        acts = (
            self._gives, self._gives, self._grants, self._grants, self._takes, self._takes_items, self._pays,
            self._keeps, self._keeps, self._fee, self._becomes_credit, self._goes_to_card, self._undoes,
            self._reserves, self._reserves, self._settles, self._uses, self._time_passes, self._time_passes,
            self._merges, self._comes, self._comes, self._goes_again, self._puts_back,
        )  # fmt: skip
        for _ in range(STEPS):
            self.clock.advance(timedelta(seconds=1))
            act: Callable[[], object] = self.pick.choice(acts)
            with suppress(DomainError):
                act()
            self.was.append((self.clock.now(), owed(self.services)))

    def _who(self) -> int:
        return self.pick.choice(self.people)

    def _visit(self) -> tuple[int, int]:
        return self.pick.choice(list(self.visits.items()))

    def _lot(self) -> tuple[int, int]:
        """Often another's: who asks, and a lot."""
        found = [one for who in self.people for one in self.services.ask(queries.lots, who)]
        one = self.pick.choice(found or [None])
        if one is None:
            return self._who(), 1
        return (one.patient_id if self.pick.random() < 0.8 else self._who()), one.id

    def _minor(self) -> int:
        return self.pick.choice((1, 99, 1000, 5000, 10_000, 99_999_999))

    def _gives(self) -> None:
        what = self.pick.choice(("credit", "credit", f"service:{self.facial}", f"category:{self.shelf}", "product"))
        until = self.pick.choice(
            ("", (self.clock.now() + timedelta(days=self.pick.randint(-1, 40))).date().isoformat())
        )
        many = {
            "amount": str(self.pick.choice((-1, 0, 1, 50, 1_000_001))),
            "count": str(self.pick.choice((0, 1, 3, 501))),
        }
        typed = form(what=what, until=until, product="Serum", how=self.pick.choice(("gift", "added")), **many)
        self.services.do(giving.give, self.desk, self._who(), typed, key=self.pick.choice((key(), "same")))

    def _grants(self) -> None:
        count = self.pick.choice((1, 3, 6))
        until = self.pick.choice((None, self.clock.now() + timedelta(days=self.pick.randint(1, 30))))
        new = NewLot(
            Origin.PACKAGE, "Facial", count, self.pick.choice((0, 1, 10_000)), "USD", self.facial, expires_at=until
        )
        kind = self.pick.choice((EntryKind.BOUGHT, EntryKind.GRANTED))
        self.services.do(lots.grant, kind, new, key=key(), patient_id=self._who(), actor="gateway")

    def _takes(self) -> None:
        typed = str(self.pick.choice((-5, 0, 1, 49, 500)))
        told = {"currency": "USD", "reason": self.pick.choice(("A mistake", "")), "key": key()}
        self.services.do(giving.take_credit, self.desk, self._who(), typed, **told)

    def _takes_items(self) -> None:
        who, lot_id = self._lot()
        typed = str(self.pick.choice((0, 1, 2, 7)))
        self.services.do(giving.take_items, self.desk, who, lot_id, typed, reason="A mistake", key=key())

    def _enter(self, kind: EntryKind, who: int, minor: int, visit: int | None) -> None:
        name = key()
        told = {"key": name, "patient_id": who, "currency": "USD", "actor": "gateway", "appointment_id": visit}
        self.services.do(actions.enter, kind, amount_minor=minor, **told)  # type: ignore[arg-type]
        self.entered.append((kind, name))

    def _pays(self) -> None:
        self._enter(EntryKind.USED, self._who(), -self._minor(), None)

    def _keeps(self) -> None:
        visit, who = self._visit()
        self._enter(EntryKind.DEPOSIT, who, self._minor(), visit)

    def _fee(self) -> None:
        visit, who = self._visit()
        self._enter(EntryKind.FEE, who, -self._minor(), visit)

    def _goes_to_card(self) -> None:
        visit, who = self._visit()
        self._enter(EntryKind.TO_CARD, who, -self._minor(), self.pick.choice((visit, None)))

    def _becomes_credit(self) -> None:
        visit, who = self._visit()
        told = {"key": key(), "patient_id": who, "currency": "USD", "actor": "gateway", "payment_id": None}
        self.services.do(actions.to_credit, amount_minor=self._minor(), appointment_id=visit, **told)  # type: ignore[arg-type]

    def _undoes(self) -> None:
        kind, name = self.pick.choice(self.entered or [(EntryKind.TO_CARD, "none")])
        self.services.do(actions.undo, kind, name, actor="gateway")

    def _reserves(self) -> None:
        who, lot_id = self._lot()
        self.services.do(lots.reserve, who, lot_id, self._visit()[0], key=key(), actor=f"patient:{who}")

    def _settles(self) -> None:
        kind = self.pick.choice((EntryKind.USED, EntryKind.FORFEITED, EntryKind.FREED))
        self.services.do(lots.settle_reserved, self._visit()[0], kind, actor="staff:1")

    def _uses(self) -> None:
        who, lot_id = self._lot()
        self.services.do(lots.take, EntryKind.USED, who, lot_id, self.pick.choice((1, 2)), key=key(), actor="staff:1")

    def _comes(self) -> None:
        """A patient is checked in or out, with what the visit uses of the wallet as somebody last wanted it."""
        visit, who = self._visit()
        wanted = {self._lot()[1]: self.pick.choice((0, 1, 2))} if self.pick.random() < 0.7 else {}
        self.services.do(visits.use, who, visit, wanted, turn=self._turn(), actor="staff:1")

    def _goes_again(self) -> None:
        visit, who = self._visit()
        self.services.do(visits.reserve_again, who, visit, turn=self._turn(), actor="staff:1")

    def _turn(self) -> int:
        self.turns += 1
        return self.turns

    def _puts_back(self) -> None:
        who, lot_id = self._lot()
        kind = EntryKind.TAKEN_BACK
        if self.pick.random() < 0.5:
            self.services.do(lots.take, kind, who, lot_id, 1, key=key(), actor="gateway")
            self.services.do(lots.put_back, kind, who, lot_id, 1, key=key(), actor="gateway")

    def _time_passes(self) -> None:
        self.clock.advance(timedelta(days=self.pick.choice((1, 5, 20))))
        self.services.do(expire)

    def _merges(self) -> None:
        apart, known = self.pick.sample(self.people, 2) if len(self.people) > 1 else (0, 0)
        if apart and self.pick.random() < 0.2:
            self.services.do(actions.move, apart, known)
            self.people.remove(apart)
            self.visits = {visit: known if who == apart else who for visit, who in self.visits.items()}

    def held(self) -> int:
        """What all patients have, as each of them would see it."""
        total = 0
        for who in self.people:
            ask = self.services.ask
            total += ask(queries.credit, who).get("USD", 0) + sum(minor for _, _, minor in ask(queries.deposits, who))
            for one in ask(queries.lots, who, with_gone=True):
                is_over = one.expires_at is not None and one.expires_at <= self.clock.now()
                items = one.reserved + (0 if is_over else one.left)
                total += one.worth_minor * items // one.granted if one.unit == ITEM else 0
        return total


@pytest.mark.req("P7")
@pytest.mark.req("S33")
@pytest.mark.parametrize("seed", range(8))
def test_the_ledger_is_whole_after_anything(services: Services, clock: FixedClock, seed: int) -> None:
    wallets = Wallets(factories.small_clinic(services), clock, seed)
    wallets.play()
    is_whole(services)
    assert len(factories.rows(services, WalletEntry)) > STEPS // 4
    assert [one for one in services.ask(broken) if "allet" in one] == []
    assert owed(services).get("USD", 0) == wallets.held()
    for at, was in wallets.was[:: STEPS // 10]:
        assert owed(services, at=at) == was
