"""Wallets in several hands in the same instant: what is there goes once, and the database alone sees to it (P7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from clinic_portal.booking import fees, returning
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.payments import queries as payments
from clinic_portal.wallet import actions, giving, ledger, lots
from clinic_portal.wallet.expiring import expire
from clinic_portal.wallet.ledger import ACCOUNT, ENTRY, POSTING
from clinic_portal.wallet.models import WalletLot
from clinic_portal.wallet.types import CONTRA, Account, EntryKind, NewLot, Origin
from tests import factories
from tests.at_once import meanwhile
from tests.card_kit import till
from tests.factories import SmallClinic
from tests.fees_kit import asks_deposit, cancels, cancels_late, deposit_of, has_booked
from tests.races.racing import at_once
from tests.wallet_kit import credit, facials, form, gives, is_whole, lot

pytestmark = pytest.mark.req("P7")
MANY, FRIDAY = 6, date(2026, 12, 4)
Act = Callable[[Services, int], object]


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def amara(services: Services, made: SmallClinic) -> int:
    return int(factories.patient(services).actor.patient_id)


def together(services: Services, act: Act, many: int = MANY) -> Counter[str]:
    """The same in so many processes at once; what came of each."""

    def attempt(own: Services, number: int, ready: Any) -> str:
        ready.wait()
        return str(act(own, number))

    return at_once(services, many, attempt)


def pays(who: int, minor: int) -> Act:
    def act(own: Services, number: int) -> object:
        told = {"key": f"tab {number}", "patient_id": who, "currency": "USD", "actor": f"patient:{who}"}
        return own.do(actions.enter, EntryKind.USED, amount_minor=-minor, **told)  # type: ignore[arg-type]

    return act


def test_two_tabs_spend_the_same_credit_once(services: Services, amara: int) -> None:
    gives(services, amara)
    assert together(services, pays(amara, 5000)) == {"True": 1, "wallet_short": MANY - 1}
    assert credit(services, amara) == 0
    is_whole(services)


def test_credit_for_three_is_spent_three_times(services: Services, amara: int) -> None:
    gives(services, amara, amount="20")
    gives(services, amara, amount="10", until="2026-12-25")
    assert together(services, pays(amara, 1000)) == {"True": 3, "wallet_short": MANY - 3}
    assert credit(services, amara) == 0
    is_whole(services)


def test_the_last_item_is_reserved_once(services: Services, made: SmallClinic, amara: int) -> None:
    visit = factories.booked(made, "browser", FRIDAY, "10:00", "facial")
    lot_id = facials(services, visit.patient_id, made["facial"], 1)

    def act(own: Services, number: int) -> object:
        told = {"key": f"tab {number}", "actor": "patient:1"}
        return own.do(lots.reserve, visit.patient_id, lot_id, visit.appointment_id, **told)

    assert together(services, act) == {"None": 1, "item_gone": MANY - 1}
    assert (lot(services, lot_id).left, lot(services, lot_id).reserved) == (0, 1)
    is_whole(services)


def test_the_last_item_is_reserved_or_taken_never_both(services: Services, made: SmallClinic, amara: int) -> None:
    visit = factories.booked(made, "browser", FRIDAY, "10:00", "facial")
    lot_id = facials(services, visit.patient_id, made["facial"], 1)
    desk = factories.staff(services, "front_desk").actor

    def act(own: Services, number: int) -> object:
        key = f"hand {number}"
        if number % 2:
            own.do(lots.reserve, visit.patient_id, lot_id, visit.appointment_id, key=key, actor="patient:1")
            return "done"
        own.do(giving.take_items, desk, visit.patient_id, lot_id, "1", reason="A mistake", key=key)
        return "done"

    assert together(services, act)["done"] == 1
    found = lot(services, lot_id)
    assert found.left == 0
    is_whole(services)


def test_a_form_sent_by_many_at_once_gives_once(services: Services, amara: int) -> None:
    desk = factories.staff(services, "front_desk").actor

    def act(own: Services, number: int) -> object:
        return own.do(giving.give, desk, amara, form(), key="the form") is not None

    assert together(services, act) == {"True": 1, "False": MANY - 1}
    assert credit(services, amara) == 5000


def test_a_fee_is_given_back_into_the_wallet_once(services: Services, made: SmallClinic, clock: FixedClock) -> None:
    desk = till(services)
    fee = cancels_late(desk, clock, has_booked(made, desk))
    owner = factories.staff(services, "owner").actor

    def act(own: Services, number: int) -> object:
        told = {"reason": "A kindness", "seen_left_minor": 12000}
        return own.do(returning.into_wallet, owner, fee.id, 12000, **told)  # type: ignore[arg-type]

    assert together(services, act) == {"None": 1, "payment_moved_on": MANY - 1}
    assert fee.patient_id is not None
    assert credit(services, fee.patient_id) == 12000
    assert services.ask(payments.payment, fee.id).credited_minor == 12000


@pytest.mark.req("P6")
def test_credit_goes_back_to_the_card_it_came_from_or_is_spent_but_never_both(
    services: Services, made: SmallClinic
) -> None:
    made.settings(deposit_returns_to="wallet")
    asks_deposit(made)
    desk = till(services)
    visit = has_booked(made, desk)
    cancels(desk, visit)
    paid, owner = deposit_of(desk, visit), factories.staff(services, "owner").actor
    spends = pays(visit.patient_id, 5000)

    def act(own: Services, number: int) -> object:
        if number % 2:
            return "spent" if spends(own, number) else "twice"
        own.do(fees.refund, owner, paid.id, 5000, reason="A kindness")
        return "returned"

    came = together(services, act)
    assert came in (
        {"spent": 1, "wallet_short": MANY // 2 - 1, "refund_spent": MANY // 2},
        {"returned": 1, "wallet_short": MANY // 2, "refund_too_much": MANY // 2 - 1},
    )
    assert credit(services, visit.patient_id) == 0
    is_whole(services)


def test_what_expires_leaves_once_while_it_is_being_spent(services: Services, clock: FixedClock, amara: int) -> None:
    for _ in range(4):
        gives(services, amara, until="2026-12-25")
    gives(services, amara)
    clock.advance(timedelta(days=40))

    def act(own: Services, number: int) -> object:
        return own.do(expire) >= 0 if number % 2 else pays(amara, 5000)(own, number)

    assert together(services, act) == {"True": MANY // 2 + 1, "wallet_short": MANY // 2 - 1}
    assert credit(services, amara) == 0
    is_whole(services)


def test_a_wallet_is_moved_while_it_is_being_spent(services: Services, amara: int) -> None:
    noor = int(factories.patient(services, "noor@example.org", phone="+15125550143").actor.patient_id)
    gives(services, noor)

    def act(own: Services, number: int) -> object:
        if number:
            return pays(noor if number % 2 else amara, 5000)(own, number)
        own.do(actions.move, noor, amara)
        return "moved"

    found = together(services, act)
    assert found["moved"] == 1
    assert found["True"] <= 1
    assert credit(services, amara) == (0 if found["True"] else 5000)
    is_whole(services)


# The database alone


def _free(work: UnitOfWork, patient_id: int) -> tuple[int, int]:
    """The account of a patient's credit, and an entry of some kind: no verb of ours has looked at anything."""
    account = work.execute(
        select(ACCOUNT.c.id).where(ACCOUNT.c.patient_id == patient_id, ACCOUNT.c.kind == Account.CREDIT.value)
    ).scalar_one()
    key = f"raw {work.execute(select(ENTRY.c.id).order_by(ENTRY.c.id.desc()).limit(1)).scalar_one()}"
    row = {"dedupe_key": key, "kind": "used", "actor": "nobody", "reason": "", "made_at": work.now}
    return account, work.execute(insert(ENTRY).returning(ENTRY.c.id), row).scalar_one()


def _posts(work: UnitOfWork, patient_id: int, amount: int) -> None:
    account, entry = _free(work, patient_id)
    work.execute(insert(POSTING), {"entry_id": entry, "account_id": account, "amount": amount})
    other = ledger.ours(work, CONTRA[EntryKind.USED], "USD")
    work.execute(insert(POSTING), {"entry_id": entry, "account_id": other, "amount": -amount})


def test_the_database_refuses_a_balance_below_nothing(services: Services, amara: int) -> None:
    gives(services, amara)
    with pytest.raises(IntegrityError):
        services.do(_posts, amara, -5001)
    services.do(_posts, amara, -5000)
    with pytest.raises(IntegrityError):
        services.do(_posts, amara, -1)
    assert credit(services, amara) == 0
    is_whole(services)


def test_the_database_lets_one_of_many_have_the_last(services: Services, amara: int) -> None:
    """No verb, no turn, nobody looks first: a posting each, of all there is."""
    gives(services, amara)

    def act(own: Services, number: int) -> object:
        def post(work: UnitOfWork) -> None:
            account = work.execute(
                select(ACCOUNT.c.id).where(ACCOUNT.c.patient_id == amara, ACCOUNT.c.kind == Account.CREDIT.value)
            ).scalar_one()
            key = {"dedupe_key": f"raw {number}", "kind": "used", "actor": "nobody", "reason": "", "made_at": work.now}
            entry = work.execute(insert(ENTRY).returning(ENTRY.c.id), key).scalar_one()
            work.execute(insert(POSTING), {"entry_id": entry, "account_id": account, "amount": -5000})
            other = ledger.ours(work, CONTRA[EntryKind.USED], "USD")
            work.execute(insert(POSTING), {"entry_id": entry, "account_id": other, "amount": 5000})

        try:
            own.do(post)
        except IntegrityError:
            return "refused"
        return "spent"

    assert together(services, act) == {"spent": 1, "refused": MANY - 1}
    assert credit(services, amara) == 0
    is_whole(services)


def test_a_lot_that_two_grant_at_once_under_one_key_is_there_once(
    services: Services, made: SmallClinic, amara: int
) -> None:
    what: dict[str, Any] = {"origin": Origin.PACKAGE, "name": "Facial", "service_id": made["facial"]}
    new = NewLot(**what, count=3, worth_minor=9000, currency="USD")
    told: dict[str, Any] = {"key": "1:0", "patient_id": amara, "actor": "gateway"}
    given: list[int | None] = []

    def grants(work: UnitOfWork) -> None:
        given.append(lots.grant(work, EntryKind.BOUGHT, new, **told))

    assert meanwhile(services, grants, grants) == "done"
    assert given[1:] == [None]
    assert [one.id for one in factories.rows(services, WalletLot)] == given[:1]


def test_without_that_guard_many_would_have_it(services: Services, amara: int) -> None:
    """The control: the race is real. The balance is looked at, then written down, without the database's guard."""
    gives(services, amara)

    def attempt(own: Services, number: int, ready: Any) -> str:
        mine = (ACCOUNT.c.patient_id == amara) & (ACCOUNT.c.kind == Account.CREDIT.value)
        seen = own.ask(lambda read: read.execute(select(ACCOUNT.c.balance).where(mine)).scalar_one())
        ready.wait()
        own.do(lambda work: work.execute(update(ACCOUNT).where(mine).values(balance=seen - 5000)))
        return "spent"

    assert at_once(services, MANY, attempt) == {"spent": MANY}


@pytest.mark.parametrize("name", ["wallet_entry", "wallet_posting"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_was_written(services: Services, amara: int, name: str, verb: str) -> None:
    gives(services, amara)
    with pytest.raises(DatabaseError):
        services.do(lambda work: work.execute(text(verb.format(name))))
