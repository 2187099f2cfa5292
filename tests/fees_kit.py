"""Visits that cost something: with a deposit, cancelled late or in time, missed; and fees that a bank refuses."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

from clinic_portal.booking import changes, fees, holds, queries
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import models as clinic
from clinic_portal.core.clock import FixedClock, RehearsalClock
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import PaymentInfo, Purpose
from tests import factories
from tests.card_kit import LATER_DECLINED, VISA, Till
from tests.factories import SmallClinic

FRIDAY = date(2026, 12, 4)
_browsers = count(1)


def asks_deposit(made: SmallClinic, minor: int = 5000, *, service: str = "botox") -> None:
    """A service asks a deposit from now on."""
    made.change(clinic.Service, service, deposit_minor=minor)


def has_booked(
    made: SmallClinic,
    desk: Till,
    *services: str,
    number: str = VISA,
    on: date = FRIDAY,
    clock: str = "10:00",
    email: str = "amara@example.org",
    phone: str = factories.MOBILE,
) -> Visit:
    """A visit booked with a card, and what was authorised taken or let go."""
    owner = f"payer {next(_browsers)}"
    factories.visitor(made, owner, *(services or ("botox",)), email=email, phone=phone)
    made.services.do(holds.hold, owner, factories.minute(on, clock))
    done = desk.books(owner, made["policy"], number)
    return desk.services.ask(queries.visit, done.appointment_id)


def cancels(desk: Till, visit: Visit) -> None:
    """The patient cancels at what it costs now."""
    fee = desk.services.ask(changes.fee_minor, visit)
    desk.services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=fee)


def cancels_late(desk: Till, clock: FixedClock | RehearsalClock, visit: Visit) -> PaymentInfo:
    """The patient cancels the day before; the fee, charged as far as the card lets it."""
    clock.advance(visit.start_at - timedelta(days=1) - clock.now())
    cancels(desk, visit)
    return charged(desk, visit, Purpose.CANCELLATION_FEE)


def misses(desk: Till, clock: FixedClock | RehearsalClock, visit: Visit, *, fee_minor: int) -> PaymentInfo:
    """The patient does not come, and staff charges it."""
    clock.advance(visit.start_at + timedelta(hours=1) - clock.now())
    owner = factories.staff(desk.services, "owner").actor
    desk.services.do(fees.charge_noshow, owner, visit.appointment_id, shown_fee_minor=fee_minor)
    return charged(desk, visit, Purpose.NOSHOW_FEE)


def charged(desk: Till, visit: Visit, purpose: Purpose) -> PaymentInfo:
    """The fee of a visit once the worker has tried to charge it, and its refunds have been made."""
    fee = desk.services.ask(payments.fee_of, visit.appointment_id, purpose)
    assert fee is not None
    paid = desk.cashier.settle(fee.id)
    refunds_made(desk, visit)
    return paid


def refunds_made(desk: Till, visit: Visit) -> None:
    """The worker makes the refunds that were asked for."""
    for paid in desk.of_visit(visit.appointment_id):
        for one in desk.services.ask(payments.refunds_of, paid.id):
            desk.cashier.refund(one.id)


def refunded(desk: Till, paid: PaymentInfo, minor: int, *, reason: str = "A kindness.") -> None:
    """Staff gives back a part of a payment."""
    owner = factories.staff(desk.services, "owner").actor
    desk.cashier.refund(desk.services.do(fees.refund, owner, paid.id, minor, reason=reason))


def deposit_of(desk: Till, visit: Visit) -> PaymentInfo:
    """The deposit a visit was booked with."""
    return next(one for one in desk.of_visit(visit.appointment_id) if one.purpose is Purpose.DEPOSIT)


def owes_fee(made: SmallClinic, desk: Till, clock: FixedClock | RehearsalClock) -> PaymentInfo:
    """A late cancellation whose fee the bank refused."""
    return cancels_late(desk, clock, has_booked(made, desk, number=LATER_DECLINED))
