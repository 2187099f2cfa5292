"""Payments in words: whatever can become of one is said, and looks as it is."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinic_portal.payments.listing import Attention
from clinic_portal.payments.types import AT_BOOKING, FEES, PaymentInfo, Purpose, State, Wanted
from clinic_portal.wallet.types import ITEM, LotInfo, Origin
from clinic_portal.web.admin.payments import views, words

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
PAID = PaymentInfo(
    id=1, account="sandbox", purpose=Purpose.DEPOSIT, state=State.PAID, wanted=Wanted.CAPTURE, appointment_id=1,
    patient_id=1, owner=None, card_id=None, amount_minor=6000, from_deposit_minor=0, currency="USD",
    captured_minor=6000, refunded_minor=0, attempt=1, nonce="n", session_id=None, intent_id="pi_1", page_url=None,
    expires_at=None, failure_code=None, item="", consent="", email="", language="en", reference="LMN-1",
    accepted_policy_id=None, accepted_at=None, accepted_from="", accepted_device="", phone="", phone_verified_at=None,
    created_at=NOW, updated_at=NOW, disputed_at=None, credited_minor=0, package_id=None, membership_id=None,
    sold=None,
)  # fmt: skip
NOTED = re.compile(r"note_difference\(\s*work,\s*f?\"([a-z_]+)")
SOURCES = (Path(__file__).resolve().parents[2] / "clinic_portal").rglob("*.py")


@pytest.mark.parametrize("purpose", [*AT_BOOKING, *FEES])
@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("wanted", [None, *Wanted])
def test_every_state_is_said(purpose: Purpose, state: State, wanted: Wanted | None) -> None:
    told, kind = words.state(replace(PAID, purpose=purpose, state=state, wanted=wanted))
    assert told
    assert kind in (words.GOING, words.DONE, words.NOTHING, words.WARN)


@pytest.mark.parametrize(
    ("returned", "returning", "told"),
    [(0, 0, "Paid"), (0, 1000, "Being given back"), (1000, 0, "Partly given back"), (6000, 0, "Given back")],
)
def test_what_was_given_back_is_said_first(returned: int, returning: int, told: str) -> None:
    assert words.state(replace(PAID, refunded_minor=returned), returning)[0] == told


def test_a_dispute_asks_for_attention_until_it_is_dealt_with() -> None:
    disputed = replace(PAID, disputed_at=NOW)
    assert words.state(disputed, 0, (Attention.DISPUTED,)) == ("Disputed", words.WARN)
    assert words.state(disputed) == ("Disputed", words.NOTHING)


@pytest.mark.parametrize("why", list(Attention))
def test_every_reason_for_attention_has_words(why: Attention) -> None:
    assert words.ATTENTION[why]


@pytest.mark.parametrize("kind", sorted({one for path in SOURCES for one in NOTED.findall(path.read_text())}))
def test_every_difference_that_is_noted_has_words(kind: str) -> None:
    assert [one for one in words.DIFFERENCES if one.startswith(kind)]


@pytest.mark.parametrize("code", ["card_declined", "no_card", "a_code_of_tomorrow", None])
def test_every_failure_is_a_sentence(code: str | None) -> None:
    assert re.fullmatch(r"[A-Z].*\.", words.failure(code))


def _lot(name: str, granted: int, left: int, *, reserved: int = 0, unit: str = ITEM) -> LotInfo:
    """Of what a membership's period put into a wallet, so much is left."""
    about = {"name": name, "unit": unit, "granted": granted, "left": left, "reserved": reserved}
    usual = {"id": 1, "patient_id": 1, "origin": Origin.MEMBERSHIP, "service_id": None, "category_id": None}
    more = {"product": "", "worth_minor": 0, "currency": "USD", "payment_id": 1, "granted_at": NOW, "expires_at": None}
    return LotInfo(**{**usual, **more, **about})  # type: ignore[arg-type]


def test_what_a_period_put_into_the_wallet_is_said_to_stay_there_before_it_is_given_back() -> None:
    brought = (_lot("Hydrating facial", 3, 1, reserved=1), _lot("Glow", 2000, 500, unit="USD"))
    assert views.stays(brought, "en") == (
        "It put into the wallet: 3 × Hydrating facial (2 left), $20.00 of credit ($5.00 left). That stays there: take "
        "out of the patient’s wallet what is not to be used any more."
    )


def test_of_what_is_used_up_nothing_is_to_be_taken_out() -> None:
    assert views.stays((_lot("Hydrating facial", 2, 0),), "en") == (
        "It put into the wallet: 2 × Hydrating facial (none left)."
    )


def test_a_payment_that_put_nothing_into_a_wallet_says_nothing_of_it() -> None:
    assert views.stays((), "en") == ""
