"""The money of a period, reckoned by hand; and that reports and books never differ (P18)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from clinic_portal.booking.models import VisitBill
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.payments.models import Payment
from clinic_portal.payments.types import Purpose
from clinic_portal.reports import periods
from clinic_portal.reports.revenue import Flow, Money, Paid, Revenue, revenue
from tests import factories
from tests.card_kit import till
from tests.factories import SmallClinic, rows
from tests.fees_kit import asks_deposit, cancels_late, deposit_of, has_booked, misses, refunded
from tests.membership_year import Year
from tests.packages_kit import bought
from tests.reports_kit import NOVEMBER, at, has_bill, has_payment, has_refund, has_visit, of, reads, second_place
from tests.visits_kit import begins, checks_in, checks_out

pytestmark = pytest.mark.req("P18")
TENTH = date(2026, 11, 10)
ALWAYS = periods.between(date(2026, 1, 1), date(2028, 12, 31))


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


def sums(services: Services, period: periods.Period = NOVEMBER, **more: Any) -> Revenue:
    found = reads(services, revenue, of(period, **more), usual="USD")
    assert isinstance(found, Revenue)
    return found


def dollars(services: Services, period: periods.Period = NOVEMBER, **more: Any) -> Money:
    return sums(services, period, **more).sums[0]


def test_an_empty_clinic_took_nothing_in_its_own_currency(services: Services, made: SmallClinic) -> None:
    (found,) = sums(services).sums
    assert (found.currency, found.total, found.by_kind, found.paid) == ("USD", Flow(), (), Paid())


def test_each_kind_is_told_by_itself_and_all_of_it_once(services: Services, made: SmallClinic) -> None:
    visit = has_visit(made, at(TENTH))
    has_payment(services, Purpose.DEPOSIT, 5000, at(date(2026, 11, 2)), appointment_id=visit)
    has_bill(services, visit, at(TENTH), from_deposit_minor=5000, at_desk_minor=4500, from_wallet_items_minor=500)
    has_payment(services, Purpose.NOSHOW_FEE, 2000, at(TENTH), appointment_id=has_visit(made, at(TENTH), "noshow"))
    has_payment(services, Purpose.PACKAGE, 48000, at(TENTH))
    has_payment(services, Purpose.MEMBERSHIP, 9900, at(TENTH))
    found = dollars(services)
    assert dict(found.by_kind) == {
        "deposit": Flow(5000, 0, 1),
        "desk": Flow(4500, 0, 1),
        "noshow_fee": Flow(2000, 0, 1),
        "package": Flow(48000, 0, 1),
        "membership": Flow(9900, 0, 1),
    }
    assert found.total == Flow(69400, 0, 5)
    assert found.paid == Paid(1, 10000, desk_minor=4500, deposit_minor=5000, items_minor=500)


def test_what_went_back_counts_on_the_day_it_did(services: Services, made: SmallClinic) -> None:
    paid = has_payment(services, Purpose.PACKAGE, 48000, at(date(2026, 10, 20)))
    has_refund(services, paid, 8000, at(TENTH))
    found = dollars(services)
    assert (found.total, found.before) == (Flow(0, 8000, 0), Flow(48000, 0, 1))
    assert found.total.net_minor == -8000
    assert found.by_piece[9] == Flow(0, 8000, 0)


def test_what_was_given_back_at_the_gateway_is_not_forgotten(services: Services, made: SmallClinic) -> None:
    has_payment(services, Purpose.PACKAGE, 48000, at(TENTH), refunded_minor=3000, updated_at=at(date(2026, 11, 12)))
    found = dollars(services)
    assert found.by_piece[11] == Flow(0, 3000, 0)


def test_what_was_not_taken_or_belongs_to_another_account_is_no_money(services: Services, made: SmallClinic) -> None:
    visit = has_visit(made, at(TENTH))
    has_payment(services, Purpose.NOSHOW_FEE, 2000, at(TENTH), state="failed", appointment_id=visit)
    has_payment(services, Purpose.HOLD, 50, at(TENTH), state="released", appointment_id=visit)
    has_payment(services, Purpose.PACKAGE, 48000, at(TENTH), account="acct_of_another")
    assert dollars(services).total == Flow()


def test_currencies_are_never_mixed(services: Services, made: SmallClinic) -> None:
    has_payment(services, Purpose.PACKAGE, 48000, at(TENTH))
    has_payment(services, Purpose.PACKAGE, 30000, at(TENTH), currency="EUR")
    has_bill(services, has_visit(made, at(TENTH)), at(TENTH), currency="GBP", at_desk_minor=700)
    found = sums(services)
    assert [(one.currency, one.total.net_minor) for one in found.sums] == [("USD", 48000), ("EUR", 30000), ("GBP", 700)]


def test_the_money_of_a_visit_belongs_to_its_place_and_provider_and_packages_to_none(
    services: Services, made: SmallClinic
) -> None:
    there = second_place(made, "Europe/Berlin")
    visit = has_visit(made, at(TENTH), provider="lena", location_id=there)
    has_payment(services, Purpose.DEPOSIT, 5000, at(TENTH), appointment_id=visit)
    has_payment(services, Purpose.PACKAGE, 48000, at(TENTH))
    found = dollars(services)
    assert found.by_provider == (("Lena Brandt RN", Flow(5000, 0, 1)), ("", Flow(48000, 0, 1)))
    assert found.by_location == (("Lumen annex", Flow(5000, 0, 1)), ("", Flow(48000, 0, 1)))
    for which in ({"location_id": there}, {"provider_id": made["lena"]}):
        assert dollars(services, **which).total == Flow(5000, 0, 1)
    for which in ({"location_id": made["downtown"]}, {"provider_id": made["maya"]}):
        assert dollars(services, **which).total == Flow()


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 1, 4, 59, tzinfo=UTC), None),  # 23:59 of 31 October in Chicago, summer time still
        (datetime(2026, 11, 1, 5, 0, tzinfo=UTC), 0),
        (datetime(2026, 11, 2, 5, 59, tzinfo=UTC), 0),  # 23:59 of the day with 25 hours
        (datetime(2026, 11, 2, 6, 0, tzinfo=UTC), 1),
    ],
)
def test_the_day_of_a_payment_is_the_local_one_when_clocks_change(
    services: Services, made: SmallClinic, moment: datetime, day: int | None
) -> None:
    has_payment(services, Purpose.PACKAGE, 100, moment)
    found = dollars(services).by_piece
    assert [number for number, one in enumerate(found) if one.taken_minor] == ([] if day is None else [day])


def test_a_deposit_counts_when_it_was_taken_and_not_when_its_page_was_opened(
    services: Services, made: SmallClinic, clock: FixedClock
) -> None:
    """A page is opened on one day, and paid on the next."""
    desk = till(services)
    asks_deposit(made)
    visit = has_booked(made, desk)
    deposit = deposit_of(desk, visit)
    yesterday = clock.now() - timedelta(days=1)
    services.do(lambda work: setattr(work.session.get_one(Payment, deposit.id), "created_at", yesterday))
    assert dollars(services).by_piece[22] == Flow(5000, 0, 1)


def test_a_fee_counts_on_the_day_the_card_was_charged(services: Services, made: SmallClinic, clock: FixedClock) -> None:
    desk = till(services)
    fee = cancels_late(desk, clock, has_booked(made, desk))
    on = clock.now().astimezone(factories.CHICAGO).date()
    clock.advance(timedelta(days=40))
    refunded(desk, fee, 1000)
    told = dollars(services, periods.between(on, on))
    assert told.total == Flow(12000, 0, 1)


def held_against_the_books(services: Services) -> tuple[int, int]:
    """What the report says was kept, and what payments and bills say."""
    found = sums(services, ALWAYS)
    books = rows(services, Payment)
    kept = sum(one.captured_minor - one.refunded_minor for one in books)
    desk = sum(one.at_desk_minor for one in rows(services, VisitBill))
    assert [one.currency for one in found.sums] == ["USD"]
    money = found.sums[0]
    for parts in (money.by_piece, *([flow for _, flow in told] for told in (money.by_kind, money.by_provider))):
        assert sum(one.net_minor for one in parts) == money.total.net_minor
    return money.total.net_minor, kept + desk


def test_visits_fees_packages_and_refunds_are_to_the_cent_what_the_books_say(
    services: Services, made: SmallClinic, clock: FixedClock
) -> None:
    desk = till(services)
    asks_deposit(made)
    missed = has_booked(made, desk, clock="14:00", email="b@example.org", phone="+15125550143")
    late = has_booked(made, desk, clock="15:00", email="c@example.org", phone="+15125550144")
    came = has_booked(made, desk)
    package = bought(made, desk)
    refunded(desk, package, 8000)
    cancels_late(desk, clock, late)
    begins(clock, came)
    checks_in(services, came)
    checks_out(services, came)
    misses(desk, clock, missed, fee_minor=12000)
    mine, theirs = held_against_the_books(services)
    assert mine == theirs > 0


def test_half_a_year_of_members_is_to_the_cent_what_the_books_say(
    services: Services, made: SmallClinic, clock: FixedClock
) -> None:
    year = Year(made, clock, 7, 12)
    year.play(180)
    mine, theirs = held_against_the_books(services)
    assert mine == theirs == year.figures()["taken_minor"] - year.figures()["given_back_minor"] > 0


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_only_the_owner_reads_them(services: Services, made: SmallClinic, role: str) -> None:
    with pytest.raises(NotAllowed):
        reads(services, revenue, role=role, usual="USD")
