"""What nobody used in time leaves the wallet (S33, P7)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from clinic_portal.booking import prices
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.wallet import expiring, lots, queries
from clinic_portal.wallet.expiring import expire
from clinic_portal.wallet.types import EntryKind
from clinic_portal.worker import IN_PORTIONS, LOOKED_FOR, TENDING
from tests import factories
from tests.factories import SmallClinic
from tests.wallet_kit import credit, facials, gives, is_whole, lot, owed, plan_of

pytestmark = pytest.mark.req("P7")
LAST = datetime(2026, 12, 26, 5, 59, 59, tzinfo=UTC)
"""The last second of Christmas Day in Chicago."""


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def amara(services: Services, made: SmallClinic) -> int:
    return int(factories.patient(services).actor.patient_id)


def at(clock: FixedClock, instant: datetime) -> None:
    clock.advance(instant - clock.now())


def test_credit_is_good_through_its_day_and_gone_the_next(services: Services, clock: FixedClock, amara: int) -> None:
    gives(services, amara, until="2026-12-25")
    at(clock, LAST)
    assert (services.do(expire), credit(services, amara)) == (0, 5000)
    clock.advance(timedelta(seconds=1))
    assert credit(services, amara) == 0  # before the worker came, too
    assert (services.do(expire), services.do(expire)) == (1, 0)
    assert services.ask(queries.entries, amara)[0].kind is EntryKind.EXPIRED
    is_whole(services)


@pytest.mark.parametrize(
    ("on", "ends"),
    [
        (date(2027, 3, 14), datetime(2027, 3, 15, 5, tzinfo=UTC)),  # clocks jump forward on that day
        (date(2027, 11, 7), datetime(2027, 11, 8, 6, tzinfo=UTC)),  # and back
    ],
)
def test_a_day_at_which_the_clocks_change_counts_whole(
    services: Services, clock: FixedClock, amara: int, on: date, ends: datetime
) -> None:
    gives(services, amara, until=on.isoformat())
    at(clock, ends - timedelta(seconds=1))
    assert (services.do(expire), credit(services, amara)) == (0, 5000)
    at(clock, ends)
    assert (services.do(expire), credit(services, amara)) == (1, 0)


def test_what_is_reserved_stays_and_expires_once_it_is_free_again(
    services: Services, made: SmallClinic, clock: FixedClock, amara: int
) -> None:
    visit = factories.booked(made, "browser", date(2026, 12, 4), "10:00", "facial")
    lot_id = facials(services, visit.patient_id, made["facial"], 2, expires_at=LAST + timedelta(seconds=1))
    services.do(lots.reserve, visit.patient_id, lot_id, visit.appointment_id, key="v", actor="patient:1")
    at(clock, LAST + timedelta(days=1))
    assert services.do(expire) == 1
    assert (lot(services, lot_id).left, lot(services, lot_id).reserved) == (0, 1)
    assert owed(services) == {"USD": 8000}
    services.do(lots.settle_reserved, visit.appointment_id, EntryKind.FREED, actor="staff:1")
    assert owed(services) == {}
    assert (services.do(expire), services.do(expire)) == (1, 0)
    assert (lot(services, lot_id).left, lot(services, lot_id).reserved) == (0, 0)
    is_whole(services)


def test_of_what_has_expired_only_what_is_reserved_is_shown_and_none_offered(
    services: Services, made: SmallClinic, clock: FixedClock
) -> None:
    visit = factories.booked(made, "browser", date(2026, 12, 4), "10:00", "facial")
    lot_id = facials(services, visit.patient_id, made["facial"], 2, expires_at=LAST + timedelta(seconds=1))
    services.do(lots.reserve, visit.patient_id, lot_id, visit.appointment_id, key="v", actor="patient:1")
    at(clock, LAST + timedelta(seconds=1))
    assert [(one.left, one.reserved) for one in services.ask(queries.lots, visit.patient_id)] == [(0, 1)]
    assert services.ask(prices.purse, visit.patient_id).lots == ()


def test_what_has_no_day_never_expires(services: Services, clock: FixedClock, amara: int) -> None:
    gives(services, amara)
    clock.advance(timedelta(days=20_000))
    assert (services.do(expire), credit(services, amara)) == (0, 5000)


def test_many_expire_in_portions(
    services: Services, clock: FixedClock, amara: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiring, "PORTION", 2)
    for _ in range(5):
        gives(services, amara, until="2026-12-25")
    at(clock, LAST + timedelta(days=1))
    assert [services.do(expire) for _ in range(4)] == [2, 2, 1, 0]


def test_the_worker_looks_after_it() -> None:
    assert expire in TENDING
    assert expire in IN_PORTIONS
    assert LOOKED_FOR[expire] is expiring.is_due


def test_nothing_is_to_do_until_something_has_expired_and_once_it_is_taken_out(
    services: Services, clock: FixedClock, amara: int
) -> None:
    gives(services, amara, until="2026-12-25")
    at(clock, LAST)
    before = services.ask(expiring.is_due)
    clock.advance(timedelta(seconds=1))
    then = services.ask(expiring.is_due)
    services.do(expire)
    assert (before, then, services.ask(expiring.is_due)) == (False, True, False)


def test_only_accounts_that_hold_something_are_looked_through(services: Services) -> None:
    assert "ix_wallet_account_held" in plan_of(services, expiring.over(services.clock.now()))
