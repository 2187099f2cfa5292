"""The dispute file: facts of the books alone, and all of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import timedelta

import pytest

from clinic_portal.booking import changes, fees
from clinic_portal.booking.types import Visit
from clinic_portal.core import audit
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.forms.ports import Facts
from clinic_portal.messaging import actions, dispute_sheet, disputes
from clinic_portal.messaging.disputes import DisputeFile
from clinic_portal.messaging.types import Channel, Kind
from clinic_portal.payments.types import PaymentInfo, Purpose
from tests import factories
from tests.card_kit import Till, till
from tests.factories import SmallClinic
from tests.fees_kit import FRIDAY, asks_deposit, cancels_late, deposit_of, has_booked, misses, owes_fee, refunded
from tests.visits_kit import begins, checks_in, checks_out


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def desk(services: Services) -> Till:
    return till(services)


def file_of(desk: Till, paid: PaymentInfo, role: str = "front_desk") -> DisputeFile:
    return desk.services.do(disputes.for_staff, factories.staff(desk.services, role).actor, paid.id)


def words_of(found: DisputeFile) -> str:
    return json.dumps(asdict(dispute_sheet.sheet(found)), ensure_ascii=False).replace("\\u202f", " ")


def is_moved(desk: Till, visit: Visit, clock_time: str) -> None:
    desk.services.do(
        changes.move, visit.patient_id, visit.reference, factories.minute(FRIDAY, clock_time), seen_sequence=0
    )


@pytest.mark.req("P4")
def test_it_holds_the_text_that_was_accepted_its_hash_and_by_whom_when_and_from_where(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    accepted_at = clock.now()
    fee = cancels_late(desk, clock, has_booked(made, desk))
    found = file_of(desk, fee)
    assert found.accepted is not None
    assert found.patient_name == "Amara Reed"
    assert (found.accepted.policy.text, found.accepted.policy.version) == ("Please tell us two days before.", 1)
    assert found.accepted.digest == hashlib.sha256(b"Please tell us two days before.").hexdigest()
    assert (found.accepted.at, found.accepted.address, found.accepted.device) == (
        accepted_at,
        "10.0.0.9",
        "Firefox on Linux",
    )
    assert "reserved to check the card" in found.accepted.consent


@pytest.mark.req("S66")
def test_it_holds_the_phone_that_was_proved_by_a_code_and_when(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    proved_at = clock.now()
    found = file_of(desk, cancels_late(desk, clock, has_booked(made, desk)))
    assert (found.phone, found.phone_proved_at) == (factories.MOBILE, proved_at)
    assert "by a code sent to it by SMS" in words_of(found)


def test_it_tells_when_the_patient_arrived_and_left(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    asks_deposit(made)
    visit = has_booked(made, desk)
    begins(clock, visit)
    checks_in(desk.services, visit)
    clock.advance(timedelta(hours=1))
    checks_out(desk.services, visit)
    found = file_of(desk, deposit_of(desk, visit))
    told = words_of(found)
    assert "Fri, Dec 4, 2026, 10:00\u00a0AM (2026-12-04 16:00:00)" in told
    assert "Fri, Dec 4, 2026, 11:00\u00a0AM (2026-12-04 17:00:00)" in told
    for deed in ("Arrived", "Checked out", "Patient checked in", "Patient checked out", "The treatment was given"):
        assert deed in told, deed


def test_it_tells_when_the_visit_was_booked_moved_and_cancelled(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    visit = has_booked(made, desk)
    clock.advance(timedelta(hours=1))
    is_moved(desk, visit, "14:00")
    told = words_of(file_of(desk, cancels_late(desk, clock, visit)))
    assert "Mon, Nov 23, 2026, 9:00\u00a0AM (2026-11-23 15:00:00)" in told
    assert (
        "Mon, Nov 23, 2026, 10:00\u00a0AM (2026-11-23 16:00:00), by the patient: "
        "Fri, Dec 4, 2026, 10:00\u00a0AM (2026-12-04 16:00:00) → Fri, Dec 4, 2026, 2:00\u00a0PM (2026-12-04 20:00:00)"
    ) in told
    assert "Thu, Dec 3, 2026, 10:00\u00a0AM (2026-12-03 16:00:00), said by the patient" in told


@pytest.mark.req("P5")
def test_of_a_missed_visit_it_says_who_said_so(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    found = file_of(desk, misses(desk, clock, has_booked(made, desk), fee_minor=12000))
    missed = next(one for one in found.log if one.action == "appointment.missed")
    assert missed.who == "The owner (clinic)"
    assert "The patient did not come" in words_of(found)


@pytest.mark.req("B6")
def test_every_message_of_the_visit_stands_with_what_became_of_it_and_names_no_treatment(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    visit = has_booked(made, desk)
    for kind in (Kind.APPOINTMENT_BOOKED, Kind.BEFORE_VISIT):
        desk.services.do(
            actions.plan,
            kind,
            Channel.EMAIL,
            visit.appointment_id,
            to=visit.email,
            appointment_id=visit.appointment_id,
            patient_id=visit.patient_id,
        )
    found = file_of(desk, cancels_late(desk, clock, visit))
    assert [one.kind for one in found.messages] == ["appointment_booked", "before_visit"]
    listed = dispute_sheet.sheet(found).body[-1]
    assert isinstance(listed, Facts)
    assert [name for name, _ in listed.pairs] == ["Booking confirmation, e-mail", "Before the treatment, e-mail"]
    assert listed.pairs[0][1].startswith("Waiting to be sent, Mon, Nov 23, 2026")
    assert "Botox" not in str(listed)


def test_amounts_cards_refunds_and_the_gateways_ids_stand_for_every_payment_of_the_visit(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    asks_deposit(made)
    visit = has_booked(made, desk)
    fee = cancels_late(desk, clock, visit)
    refunded(desk, fee, 1000)
    deposit = deposit_of(desk, visit)
    found = file_of(desk, fee)
    assert [one.payment.purpose for one in found.money] == [Purpose.DEPOSIT, Purpose.CANCELLATION_FEE]
    told = words_of(found)
    refund = found.money[1].refunds[0]
    for part in (deposit.intent_id, deposit.session_id, fee.intent_id, refund.gateway_id, "sandbox", "$70.00"):
        assert part in told, part
    assert "Visa ending in 4242, good until" in told


@pytest.mark.req("B5")
def test_the_logs_entries_stand_with_their_seals_of_this_visit_and_no_other(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    others = has_booked(made, desk, clock="14:00", email="o@example.org", phone="+15125550150")
    visit = has_booked(made, desk)
    fee = cancels_late(desk, clock, visit)
    desk.services.do(lambda work: audit.seal(work.session))
    found = file_of(desk, fee)
    assert [one.action for one in found.log] == ["appointment.booked", "appointment.cancelled", "payment.paid"]
    assert all(one.sequence and one.seal and len(one.seal) == 64 for one in found.log)
    told = words_of(found)
    assert found.log[0].seal is not None
    assert found.log[0].seal in told
    assert others.reference not in told


def test_nothing_that_staff_typed_freely_stands_in_it(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    fee = cancels_late(desk, clock, has_booked(made, desk))
    refunded(desk, fee, 1000, reason="She had a loganberry rash.")
    assert "loganberry" not in words_of(file_of(desk, fee))


def test_a_fee_that_was_refused_and_waived_says_both(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    fee = owes_fee(made, desk, clock)
    desk.services.do(fees.waive, factories.staff(desk.services).actor, fee.id, reason="A loganberry rash.")
    told = words_of(file_of(desk, fee))
    assert "Fee refused" in told
    assert "card_declined" in told
    assert "Fee waived" in told
    assert "loganberry" not in told


# ---- who may read it


@pytest.mark.req("P15")
def test_that_it_was_made_is_in_the_activity_log(made: SmallClinic, desk: Till) -> None:
    (hold,) = desk.of_visit(has_booked(made, desk).appointment_id)
    file_of(desk, hold)
    last = factories.rows(desk.services, AuditEntry)[-1]
    actor = factories.staff(desk.services, "front_desk").actor
    assert (last.action, last.actor, last.subject) == ("dispute_file.read", actor.tag, f"payment:{hold.id}")


@pytest.mark.req("P15")
@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_who_sees_no_payments_makes_none_and_nothing_is_recorded(made: SmallClinic, desk: Till, role: str) -> None:
    (hold,) = desk.of_visit(has_booked(made, desk).appointment_id)
    factories.staff(desk.services, role)
    with pytest.raises(NotAllowed):
        file_of(desk, hold, role)
    assert "dispute_file.read" not in [one.action for one in factories.rows(desk.services, AuditEntry)]


def test_there_is_none_of_an_unknown_payment(made: SmallClinic, services: Services) -> None:
    with pytest.raises(NotAllowed):
        services.do(disputes.for_staff, factories.staff(services).actor, 987654)


def test_there_is_none_of_a_page_that_only_saved_a_card(made: SmallClinic, desk: Till) -> None:
    me = factories.patient(desk.services).actor
    desk.adds_card(me.patient_id)
    paid = desk.cashier.card_returned(me.patient_id)
    assert paid is not None
    with pytest.raises(NotAllowed):
        file_of(desk, paid)
