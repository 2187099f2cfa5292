"""Whatever fails, dies, meets or comes twice: every charge belongs to a booking, a fee or a refund."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import func, select

from clinic_portal.booking.invariants import broken
from clinic_portal.booking.models import AppointmentService
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.money import percent_of
from clinic_portal.core.work import Services
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import IntentStatus
from clinic_portal.payments.types import AT_BOOKING, FEES, PaymentInfo, Purpose, RefundState, State
from clinic_portal.wallet.ledger import unbalanced
from clinic_portal.wallet.models import WalletAccount, WalletEntry, WalletPosting
from tests.factories import small_clinic, staff
from tests.money_story import HAIR_DEPOSIT, Story

CHUNK = 20
_ENTRY, _POSTING, _ACCOUNT = table(WalletEntry), table(WalletPosting), table(WalletAccount)
_SERVICE = table(AppointmentService)
DEPOSITS = (30, 60, 100)


@pytest.mark.req("S56")
@pytest.mark.req("S81")
@pytest.mark.parametrize("first", range(0, 300, CHUNK))
def test_every_charge_belongs_to_a_booking_a_fee_or_a_refund(services: Services, clock: FixedClock, first: int) -> None:
    made = small_clinic(services)
    owner = staff(services).actor
    for seed in range(first, first + CHUNK):
        story = Story(made, clock, owner, seed)
        try:
            story.play()
            story.end()
        except Exception as fault:
            raise AssertionError(_printed(seed, story, [repr(fault)])) from fault
        faults = [*_of_the_gateway(story), *_of_visits(story), *_of_fees(story), *_of_the_wallet(story)]
        if faults:
            pytest.fail(_printed(seed, story, faults), pytrace=False)
    assert services.ask(broken) == []


def _printed(seed: int, story: Story, faults: list[str]) -> str:
    rows = [
        f"payment {one.id}: {one.purpose} of visit {one.appointment_id}, {one.state}, wanted {one.wanted}, "
        f"{one.amount_minor} ({one.captured_minor} taken, {one.refunded_minor} back), {one.failure_code}"
        for one in story.payments()
    ]
    return "\n".join([f"seed {seed}", *story.told, "", *rows, "", *faults])


def _of_the_gateway(story: Story) -> list[str]:
    """What the gateway took or reserved, and what our books say of it."""
    found, ours = [], {one.intent_id: one for one in story.payments() if one.intent_id}
    for told in story.sandbox.recent(story.began_at):
        mine = ours.get(told.id)
        kept = told.captured_minor - told.refunded_minor
        if told.status is IntentStatus.AUTHORISED:
            found.append(f"{told.id} for payment {told.payment_id} is still reserved")
        if told.status is IntentStatus.PAID and kept and not (mine and _explains(story, mine)):
            found.append(f"{told.id} for payment {told.payment_id} was taken for nothing: {kept}")
        if mine and (mine.captured_minor, mine.refunded_minor) != (told.captured_minor, told.refunded_minor):
            found.append(f"the gateway says {told.captured_minor, told.refunded_minor} of payment {mine.id}")
    for mine in story.payments():
        if not mine.is_settled:
            found.append(f"payment {mine.id} is {mine.state} for ever")
        if mine.captured_minor and mine.intent_id is None:
            found.append(f"payment {mine.id} is taken, and the gateway knows nothing of it")
        refunds = story.services.ask(payments.refunds_of, mine.id)
        if any(one.state is not RefundState.DONE for one in refunds):
            found.append(f"a refund of payment {mine.id} is not done")
        if sum(one.amount_minor for one in refunds) != mine.refunded_minor:
            found.append(f"payment {mine.id} has {mine.refunded_minor} refunded, its refunds say otherwise")
    return found


def _explains(story: Story, paid: PaymentInfo) -> bool:
    return paid.state is State.PAID and (paid.purpose in FEES or (paid.purpose is Purpose.DEPOSIT and paid.is_booked))


def _of_visits(story: Story) -> list[str]:
    """Nothing booked that had to be paid and was not; each for the right amount."""
    found = []
    for visit in story.appointments():
        given = [
            one
            for one in story.services.ask(payments.of_appointment, visit.id)
            if one.purpose in AT_BOOKING and one.is_booked
        ]
        is_visit = visit.status not in ("held", "expired")
        if given and not is_visit:
            found.append(f"visit {visit.id} has a card and is {visit.status}")
        if len(given) > 1:
            found.append(f"visit {visit.id} was booked with two payments")
        if is_visit and not given and visit.policy_version_id is not None:
            found.append(f"visit {visit.id} was booked under a policy without a card")
        if given:
            right = [50]
            if given[0].purpose is Purpose.DEPOSIT:
                right = _deposits(story, visit.id)
            if given[0].amount_minor not in right or given[0].accepted_policy_id != visit.policy_version_id:
                found.append(f"visit {visit.id} was booked with {given[0].amount_minor}, another policy or amount")
    return found


def _deposits(story: Story, appointment_id: int) -> list[int]:
    """What a visit's deposit may have been, in any story."""
    mine = select(_SERVICE.c.name, _SERVICE.c.price_minor).where(_SERVICE.c.appointment_id == appointment_id)
    priced = dict(story.services.ask(lambda read: [tuple(one) for one in read.execute(mine)]))
    peel = [percent_of(priced["Chemical peel"], one) for one in DEPOSITS] if "Chemical peel" in priced else [0]
    hair = [0, HAIR_DEPOSIT] if "Laser hair removal" in priced else [0]
    return [one + other for one in peel for other in hair]


def _of_fees(story: Story) -> list[str]:
    """No fee for a visit that takes place, none twice, each what the policy asked."""
    found = []
    for visit in story.appointments():
        mine = [one for one in story.services.ask(payments.of_appointment, visit.id) if one.purpose in FEES]
        if len(mine) > 1:
            found.append(f"visit {visit.id} has two fees")
        if mine and visit.status not in ("cancelled", "noshow"):
            found.append(f"visit {visit.id} is {visit.status} and has a fee")
        asked = sum(one.amount_minor + one.from_deposit_minor for one in mine)
        if visit.status == "cancelled" and asked != (visit.late_fee_minor or 0):
            found.append(f"visit {visit.id} was charged {asked} in place of {visit.late_fee_minor}")
    return found


def _of_the_wallet(story: Story) -> list[str]:
    """Every deposit is where it should be: kept, a fee's, on its card again, or credit; nothing below nothing."""
    found = []
    ours = {one.id: one for one in story.payments()}
    sums: Counter[tuple[int, str]] = Counter()
    joined = _ENTRY.join(_POSTING, _POSTING.c.entry_id == _ENTRY.c.id).join(
        _ACCOUNT, _ACCOUNT.c.id == _POSTING.c.account_id
    )
    grouped = (
        select(_ENTRY.c.payment_id, _ENTRY.c.kind, func.sum(_POSTING.c.amount))
        .select_from(joined)
        .where(_ACCOUNT.c.patient_id.is_not(None))
        .group_by(_ENTRY.c.payment_id, _ENTRY.c.kind)
    )
    for payment_id, kind, amount in story.services.ask(lambda read: read.execute(grouped).all()):
        sums[payment_id, kind] = int(amount)
    for paid in ours.values():
        if paid.purpose is not Purpose.DEPOSIT:
            continue
        into = sums[paid.id, "deposit"]
        if into != (paid.captured_minor if paid.is_booked and paid.wanted == "capture" else 0):
            found.append(f"deposit {paid.id}: {into} in the wallet of {paid.captured_minor} taken")
        fee = sum(one.from_deposit_minor for one in ours.values() if one.appointment_id == paid.appointment_id)
        if -sums[paid.id, "fee"] != fee:
            found.append(f"deposit {paid.id}: {-sums[paid.id, 'fee']} went to a fee of {fee}")
        left = into + sum(sums[paid.id, kind] for kind in ("fee", "to_card", "to_credit"))
        kept_by_clinic = paid.captured_minor - paid.refunded_minor - left
        if into and not 0 <= kept_by_clinic <= fee:
            found.append(f"deposit {paid.id}: {left} is owed of {paid.captured_minor - paid.refunded_minor} there")
    return found + story.services.ask(unbalanced)
