"""Until when what is in a wallet is valid, and what staff may type into it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_portal.core.errors import Invalid, Unusable
from clinic_portal.wallet import rules
from clinic_portal.wallet.types import ITEM, LotInfo, Origin
from tests.wallet_kit import form

TODAY = date(2026, 11, 23)
ZONES = ("America/Chicago", "America/Havana", "Asia/Beirut", "America/Santiago", "Pacific/Apia", "Europe/London", "UTC")
pytestmark = pytest.mark.req("S33")


def refused(**changed: str) -> dict[str, str]:
    with pytest.raises(Unusable) as refusal:
        rules.giving(form(**changed), currency="USD", today=TODAY)
    return {fault.field: fault.code for fault in refusal.value.faults}


@pytest.mark.parametrize(
    ("zone", "on", "ends"),
    [
        ("America/Chicago", date(2026, 12, 3), datetime(2026, 12, 4, 6, tzinfo=UTC)),
        ("America/Chicago", date(2027, 3, 13), datetime(2027, 3, 14, 6, tzinfo=UTC)),  # the night before clocks jump
        ("America/Chicago", date(2027, 3, 14), datetime(2027, 3, 15, 5, tzinfo=UTC)),  # a day of 23 hours
        ("America/Chicago", date(2026, 10, 31), datetime(2026, 11, 1, 5, tzinfo=UTC)),
        ("America/Chicago", date(2026, 11, 1), datetime(2026, 11, 2, 6, tzinfo=UTC)),  # a day of 25 hours
        ("Asia/Beirut", date(2026, 3, 28), datetime(2026, 3, 28, 22, tzinfo=UTC)),  # midnight is skipped: at the jump
        ("America/Havana", date(2026, 10, 31), datetime(2026, 11, 1, 4, tzinfo=UTC)),  # midnight comes twice: the first
    ],
)
def test_what_is_valid_through_a_day_ends_as_the_next_begins_there(zone: str, on: date, ends: datetime) -> None:
    assert rules.expires_at(on, zone) == ends


@given(st.dates(date(2000, 1, 3), date(2100, 1, 1)), st.sampled_from(ZONES))
def test_the_last_day_of_what_expires_is_the_one_it_was_made_for(on: date, zone: str) -> None:
    found = rules.last_day(rules.expires_at(on, zone), zone)
    assert found == on or (zone == "Pacific/Apia" and on == date(2011, 12, 30))  # a day that never was


@given(st.dates(date(2000, 1, 3), date(2100, 1, 1)), st.sampled_from(ZONES))
def test_a_day_never_ends_before_the_one_before_it(on: date, zone: str) -> None:
    length = rules.expires_at(on, zone) - rules.expires_at(on - timedelta(days=1), zone)
    assert timedelta(0) <= length <= timedelta(hours=26)


def test_a_patient_is_warned_thirty_days_before() -> None:
    now = datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert rules.is_soon(now + timedelta(days=30), now)
    assert not rules.is_soon(now + timedelta(days=30, seconds=1), now)
    assert not rules.is_soon(now, now)
    assert not rules.is_soon(None, now)


@pytest.mark.parametrize("typed", ["0", "0.00", "-5", "", "five", "1000000.01", "999999999", "1e3", "5,00", "٥"])
def test_an_amount_that_is_none_or_huge_is_refused(typed: str) -> None:
    assert "amount" in refused(amount=typed)


@pytest.mark.parametrize("typed", ["0", "-1", "", "501", "1.5", "999999999999"])
def test_a_number_that_is_none_or_huge_is_refused(typed: str) -> None:
    assert "count" in refused(what="service:1", count=typed)


@pytest.mark.parametrize("typed", ["", "no", "  x ", "a" * 301])
def test_a_reason_is_three_to_three_hundred_letters(typed: str) -> None:
    assert "reason" in refused(reason=typed)


def test_a_reason_of_three_or_three_hundred_letters_is_one() -> None:
    assert [rules.reason(one) for one in ("why", "a" * 300)] == ["why", "a" * 300]


@pytest.mark.parametrize("typed", ["2026-11-22", "2199-01-01", "tomorrow", "2026-02-30"])
def test_a_day_that_passed_or_is_none_is_refused(typed: str) -> None:
    assert "until" in refused(until=typed)


def test_something_may_be_valid_today_alone() -> None:
    assert rules.giving(form(until="2026-11-23"), currency="USD", today=TODAY).until_on == TODAY


@pytest.mark.parametrize(
    "typed", ["", "money", "service", "service:x", "service:-1", "credit:1", "category:9999999999"]
)
def test_only_what_the_page_offers_can_be_given(typed: str) -> None:
    assert "what" in refused(what=typed)


def test_worth_that_adds_up_to_too_much_is_refused() -> None:
    assert refused(what="product", product="Serum", count="500", each="5000") == {"each": "wallet_amount"}


def test_everything_at_fault_is_said_at_once() -> None:
    assert set(refused(amount="-1", until="x", how="", reason="")) == {"amount", "until", "how", "reason"}


def test_an_amount_is_in_the_clinics_own_currency() -> None:
    assert rules.amount("amount", "240.5", "USD") == 24050
    assert rules.amount("amount", "240", "JPY") == 240
    with pytest.raises(Invalid):
        rules.amount("amount", "240.5", "JPY")


def test_alike_lots_are_told_as_one_and_others_apart() -> None:
    day = datetime(2027, 3, 4, 6, tzinfo=UTC)
    one = LotInfo(7, 1, Origin.MEMBERSHIP, "Facial", 2, None, "", ITEM, 2, 1, 1, 8000, "USD", None, day, None)
    later = replace(one, id=8, granted=1, left=1, reserved=0, worth_minor=4000, granted_at=day + timedelta(days=30))
    ends, bought = replace(one, id=9, expires_at=day), replace(one, id=10, origin=Origin.PACKAGE)
    found = rules.together([later, one, ends, bought])
    assert [(each.id, each.granted, each.left, each.reserved, each.worth_minor) for each in found] == [
        (8, 3, 2, 1, 12000), (9, 2, 1, 1, 8000), (10, 2, 1, 1, 8000),
    ]  # fmt: skip
    assert found[0].granted_at == day
