"""Which policy governs a visit, what it covers, what it costs, what is paid at booking; and how patients are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_portal.booking import rules, telling
from clinic_portal.clinic.types import Catalogue, ClinicInfo, PolicyInfo, ServiceInfo
from clinic_portal.core.money import currencies, least_minor, renamed
from clinic_portal.payments.types import Purpose

START = datetime(2026, 12, 3, 16, 30, tzinfo=UTC)
"""A Thursday, 10:30 in Chicago."""
LONG_BEFORE = START - timedelta(days=9)
CLINIC = ClinicInfo(
    name="Lumen", tagline="", about="", email="", phone="", website="", reference_prefix="LMN", currency="USD",
    language="en", phone_region="US", start_interval_minutes=15, minimum_notice_minutes=0, booking_window_days=90,
    hold_minutes=10, buffers_must_fit=False, provider_choice="both", patients_may_cancel=True,
    patients_may_reschedule=True, change_until_minutes=0, activation_email_enabled=False, card_hold_minor=50,
    deposit_returns_to="card", is_second_factor_required=False, brand_colour="#9c4a31", email_names_services=False,
    email_carries_instructions=True, quiet_from_minutes=0, quiet_until_minutes=0,
    is_wallet_shown=False, grace_days=14, longest_pause_months=3,
)  # fmt: skip
PEEL = ServiceInfo(
    id=1, slug="peel", category_id=1, name="Peel", description="", what_to_bring="", duration_minutes=60,
    buffer_before_minutes=0, buffer_after_minutes=0, processing_offset_minutes=0, processing_minutes=0,
    price_minor=18000, deposit_minor=None, deposit_percent=None, policy_rule="clinic", is_bookable_online=True,
    provider_ids=frozenset({1}), pool_ids=(),
)  # fmt: skip
LASER = replace(PEEL, id=2, slug="laser", price_minor=42000)
TALK = replace(PEEL, id=3, slug="talk", price_minor=6500, policy_rule="none")
HALF = PolicyInfo(1, 1, None, "Two days.", "", 48, None, 50, None, None, "USD")
"""The clinic's: half the price less than two days before."""


def clinic(*services: ServiceInfo, policy: PolicyInfo | None = HALF, **own: PolicyInfo) -> Catalogue:
    by_slug = {one.slug: one.id for one in services}
    return Catalogue(
        1, CLINIC, {}, frozenset(), (), {}, {}, {one.id: one for one in services}, policy,
        {by_slug[slug]: found for slug, found in own.items()},
    )  # fmt: skip


def terms(*services: ServiceInfo, policy: PolicyInfo | None = HALF, **own: PolicyInfo) -> rules.Terms:
    return rules.terms(clinic(*services, policy=policy, **own), services)


def own(service: ServiceInfo) -> ServiceInfo:
    return replace(service, policy_rule="own")


# Which policy


@pytest.mark.req("P4")
def test_the_clinics_policy_covers_every_service_that_follows_it() -> None:
    assert terms(PEEL, LASER) == rules.Terms(HALF, 60000)


@pytest.mark.req("P4")
def test_a_service_without_a_policy_is_not_covered() -> None:
    assert terms(PEEL, TALK) == rules.Terms(HALF, 18000)


@pytest.mark.req("P4")
@pytest.mark.parametrize("services", [(TALK,), ()])
def test_where_nothing_has_a_policy_none_governs(services: tuple[ServiceInfo, ...]) -> None:
    assert terms(*services) == rules.Terms(None, 0)


@pytest.mark.req("P4")
def test_a_clinic_without_a_policy_has_one_for_a_service_of_its_own() -> None:
    strict = replace(HALF, id=2, fee_percent=100)
    assert terms(own(LASER), PEEL, policy=None, laser=strict) == rules.Terms(strict, 42000)


@pytest.mark.req("P4")
@pytest.mark.parametrize(
    "changes",
    [
        {"fee_percent": 80},
        {"fee_percent": None, "fee_minor": 40000},
        {"noshow_fee_percent": 100},
        {"free_hours": 72},
        {},
    ],
    ids=["a higher share", "a higher amount", "more for a visit missed", "longer notice", "the newer of two alike"],
)
def test_the_strictest_policy_governs_the_whole_visit(changes: dict[str, Any]) -> None:
    strict = replace(HALF, id=2, version=2, **changes)
    for services in ((PEEL, own(LASER)), (own(LASER), PEEL)):
        assert terms(*services, laser=strict) == rules.Terms(strict, 60000)


@pytest.mark.req("P4")
def test_a_milder_policy_of_its_own_does_not_govern_beside_the_clinics() -> None:
    mild = replace(HALF, id=2, free_hours=72, fee_percent=10)
    assert terms(PEEL, own(LASER), laser=mild).policy == HALF
    assert terms(own(LASER), laser=mild).policy == mild


# What it costs


@pytest.mark.req("P4")
def test_an_amount_is_never_more_than_what_the_policy_covers() -> None:
    fixed = replace(HALF, fee_percent=None, fee_minor=30000)
    assert (rules.late_fee_minor(fixed, 42000), rules.late_fee_minor(fixed, 18000)) == (30000, 18000)
    assert rules.noshow_fee_minor(fixed, 18000) == 18000


@pytest.mark.req("P4")
@pytest.mark.parametrize(("covered", "fee"), [(18000, 9000), (9999, 5000), (1, 1), (0, 0)])
def test_a_share_is_of_what_the_policy_covers_half_a_unit_rounded_up(covered: int, fee: int) -> None:
    assert rules.late_fee_minor(HALF, covered) == fee


@pytest.mark.req("P4")
@pytest.mark.parametrize(
    ("own_fee", "fee"),
    [
        ({}, 9000),
        ({"noshow_fee_percent": 100}, 18000),
        ({"noshow_fee_minor": 2500}, 2500),
        ({"noshow_fee_minor": 0}, 0),
    ],
)
def test_a_visit_missed_costs_its_own_fee_or_the_late_one(own_fee: dict[str, int], fee: int) -> None:
    assert rules.noshow_fee_minor(replace(HALF, **own_fee), 18000) == fee  # type: ignore[arg-type]
    assert rules.noshow_fee_minor(None, 18000) == 0


@pytest.mark.req("S57")
def test_cancelling_is_free_to_the_last_second_and_not_one_longer() -> None:
    until = START - timedelta(hours=48)
    assert rules.cancellation_fee_minor(HALF, 18000, START, until) == 0
    assert rules.cancellation_fee_minor(HALF, 18000, START, until + timedelta(seconds=1)) == 9000
    assert rules.cancellation_fee_minor(None, 18000, START, START) == 0


@pytest.mark.req("P4")
@given(
    covered=st.integers(0, 10**6),
    amount=st.none() | st.integers(0, 10**6),
    percent=st.integers(0, 100),
    missed=st.none() | st.integers(0, 100),
)
def test_no_fee_is_ever_more_than_what_the_policy_covers(
    covered: int, amount: int | None, percent: int, missed: int | None
) -> None:
    policy = replace(
        HALF, fee_minor=amount, fee_percent=None if amount is not None else percent, noshow_fee_percent=missed
    )
    for fee in (rules.late_fee_minor(policy, covered), rules.noshow_fee_minor(policy, covered)):
        assert 0 <= fee <= covered


# What is paid at booking


@pytest.mark.parametrize(
    ("peel", "laser", "deposit"),
    [
        ({}, {}, 0),
        ({"deposit_minor": 5000}, {}, 5000),
        ({"deposit_minor": 5000}, {"deposit_percent": 20}, 13400),
        ({"deposit_minor": 99999}, {}, 18000),
    ],
)
def test_a_deposit_is_the_sum_of_the_services_own(peel: dict[str, int], laser: dict[str, int], deposit: int) -> None:
    services = [replace(PEEL, **peel), replace(LASER, **laser)]  # type: ignore[arg-type]
    assert rules.deposit_minor(services) == deposit


@pytest.mark.req("S77")
def test_a_card_is_asked_for_a_deposit_else_for_a_policy_else_not_at_all() -> None:
    paid = replace(TALK, deposit_minor=2000)
    assert rules.card_asked(clinic(paid, PEEL), [paid, PEEL]) == rules.CardAsked(Purpose.DEPOSIT, 2000)
    assert rules.card_asked(clinic(PEEL), [PEEL]) == rules.CardAsked(Purpose.HOLD, 50)
    assert rules.card_asked(clinic(TALK), [TALK]) is None


# How it is told


def told(policy: PolicyInfo, *, now: datetime = LONG_BEFORE, covered: int = 18000) -> str:
    return telling.terms(
        policy, start_at=START, zone="America/Chicago", covered_minor=covered, currency="USD", language="en", now=now
    ).sentence.replace("\u00a0", " ")


@pytest.mark.req("B4")
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {},
            "Free to cancel until Tue, Dec 1, 2026, 10:30 AM. After that, cancelling costs $90.00, and so does missing "
            "it.",
        ),
        (
            {"noshow_fee_percent": 100},
            "Free to cancel until Tue, Dec 1, 2026, 10:30 AM. After that, cancelling costs $90.00. Missing it costs "
            "$180.00.",
        ),
        (
            {"noshow_fee_percent": 0},
            "Free to cancel until Tue, Dec 1, 2026, 10:30 AM. After that, cancelling costs $90.00.",
        ),
        ({"free_hours": 0}, "Free to cancel until it begins. Missing it costs $90.00."),
        ({"fee_percent": 0, "noshow_fee_minor": 4000}, "Free to cancel until it begins. Missing it costs $40.00."),
        ({"fee_percent": 0}, "Cancelling this visit costs nothing."),
    ],
)
def test_the_terms_are_told_with_their_date_and_their_fees_worked_out(changes: dict[str, Any], sentence: str) -> None:
    assert told(replace(HALF, **changes)) == sentence


@pytest.mark.req("B4")
def test_the_last_free_second_is_told_as_free_and_the_next_is_not() -> None:
    until = START - timedelta(hours=48)
    assert told(HALF, now=until).startswith("Free to cancel until Tue")
    late = told(HALF, now=until + timedelta(seconds=1))
    assert late == ("Free cancellation is over for this visit. Cancelling now costs $90.00, and so does missing it.")


@pytest.mark.req("B4")
def test_a_visit_that_is_covered_by_nothing_costs_nothing() -> None:
    assert told(HALF, covered=0) == "Cancelling this visit costs nothing."


# Currencies


@pytest.mark.parametrize(
    ("minor", "before", "after", "wanted"),
    [(24000, "USD", "JPY", 240), (24001, "USD", "JPY", 241), (240, "JPY", "USD", 24000), (24000, "USD", "KWD", 240000),
     (240001, "KWD", "USD", 24001), (24000, "USD", "EUR", 24000), (0, "USD", "JPY", 0)],
)  # fmt: skip
def test_an_amount_keeps_its_number_in_another_currency(minor: int, before: str, after: str, wanted: int) -> None:
    assert renamed(minor, before, after) == wanted


def test_money_of_today_is_known_and_that_of_yesterday_is_not() -> None:
    assert {"USD", "EUR", "JPY", "KWD", "CHF"} <= currencies()
    assert not {"DEM", "XXX", "XTS", "XAU", ""} & currencies()


def test_no_clinic_uses_a_currency_that_cards_count_otherwise() -> None:
    """A króna has no cents here, and two places on a card: a hundredfold would be charged."""
    assert not {"ISK", "UGX"} & currencies()


@pytest.mark.parametrize(("currency", "least"), [("USD", 50), ("JPY", 50), ("GBP", 30), ("HUF", 17500), ("ISK", 50)])
def test_a_card_can_be_charged_no_less_than_this(currency: str, least: int) -> None:
    assert least_minor(currency) == least
