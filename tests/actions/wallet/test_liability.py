"""What the clinic owes in all wallets together, now and before (P7, P18)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.wallet import actions, liability, lots
from clinic_portal.wallet.types import EntryKind, Origin
from tests import factories
from tests.card_kit import till
from tests.factories import SmallClinic
from tests.fees_kit import asks_deposit, cancels, has_booked
from tests.wallet_kit import facials, gives, key, owed, plan_of

pytestmark = pytest.mark.req("P7")


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def amara(services: Services, made: SmallClinic) -> int:
    return int(factories.patient(services).actor.patient_id)


def parts(services: Services) -> dict[tuple[str, str], liability.Owed]:
    actor = factories.staff(services, "owner").actor
    return {(one.kind, one.origin): one for one in services.ask(liability.owed, actor)}


def test_nothing_is_owed_at_first(services: Services, made: SmallClinic) -> None:
    assert owed(services) == {}


def test_it_is_split_by_kind_and_origin(services: Services, made: SmallClinic, amara: int) -> None:
    asks_deposit(made)
    has_booked(made, till(services), email="noor@example.org", phone="+15125550143")
    gives(services, amara)
    gives(services, amara, how="added")
    facials(services, amara, made["facial"], 3)
    facials(services, amara, made["facial"], 1, origin=Origin.MEMBERSHIP)
    found = parts(services)
    assert {where: one.minor for where, one in found.items()} == {
        ("credit", "gift"): 5000,
        ("credit", "staff"): 5000,
        ("deposit", "deposit"): 5000,
        ("items", "package"): 24000,
        ("items", "membership"): 8000,
    }
    assert found["items", "package"].count == 3
    assert owed(services) == {"USD": 47000}


def test_a_deposit_that_became_credit_was_paid_for(services: Services, made: SmallClinic) -> None:
    made.settings(deposit_returns_to="wallet")
    asks_deposit(made)
    desk = till(services)
    cancels(desk, has_booked(made, desk))
    assert {where: one.minor for where, one in parts(services).items()} == {("credit", "paid"): 5000}


def test_currencies_are_never_added_up(services: Services, made: SmallClinic, amara: int) -> None:
    gives(services, amara)
    told = {"patient_id": amara, "actor": "staff:1", "key": key()}
    services.do(actions.enter, EntryKind.ADDED, amount_minor=700, currency="EUR", **told)  # type: ignore[arg-type]
    assert owed(services) == {"USD": 5000, "EUR": 700}


def test_it_says_what_expires_soon(services: Services, clock: FixedClock, amara: int) -> None:
    for days in (30, 31, 90, 91):
        gives(services, amara, until=(clock.now() + timedelta(days=days - 1)).date().isoformat(), amount=str(days))
    gives(services, amara, amount="5")
    found = parts(services)["credit", "gift"]
    assert (found.in_30_days_minor, found.in_90_days_minor, found.never_minor) == (3000, 15100, 500)
    assert (found.minor, found.wallets) == (24700, 1)


def test_what_it_was_at_any_instant_can_be_told(
    services: Services, made: SmallClinic, clock: FixedClock, amara: int
) -> None:
    begun = clock.now()
    clock.advance(timedelta(days=1))
    gives(services, amara, until="2026-11-30")
    lot_id = facials(services, amara, made["facial"], 3)
    clock.advance(timedelta(days=1))
    services.do(lots.take, EntryKind.USED, amara, lot_id, 1, key=key(), actor="staff:1")
    clock.advance(timedelta(days=30))
    days = [owed(services, at=begun + timedelta(days=one)) for one in (0, 1, 2, 8)]
    assert days == [{}, {"USD": 29000}, {"USD": 21000}, {"USD": 16000}]
    assert owed(services) == {"USD": 16000}


def test_what_each_wallet_holds_adds_up_to_it(services: Services, made: SmallClinic, amara: int) -> None:
    gives(services, amara, until="2026-12-25")
    facials(services, amara, made["facial"], 3, worth_minor=10000)
    actor = factories.staff(services, "owner").actor
    held = list(services.ask(liability.holdings, actor))
    assert [(one.kind, one.name, one.minor, one.count) for one in held] == [
        ("credit", "Credit", 5000, 0),
        ("items", "Hydrating facial", 10000, 3),
    ]
    assert owed(services) == {"USD": sum(one.minor for one in held)}


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_only_who_sees_sales_learns_it(services: Services, made: SmallClinic, role: str) -> None:
    actor = factories.staff(services, role).actor
    for query in (liability.owed, liability.holdings):
        with pytest.raises(NotAllowed):
            services.ask(query, actor)  # type: ignore[arg-type]


def test_what_is_owed_now_is_found_among_accounts_that_hold_something(services: Services) -> None:
    assert "ix_wallet_account_held" in plan_of(services, liability.each(None, services.clock.now()))
