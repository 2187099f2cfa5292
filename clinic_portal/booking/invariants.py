"""What must hold of all bookings at any time; a command and the tests look after every fault."""

from datetime import timedelta

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, literal, not_, select

from clinic_portal.booking import models, returning, selling
from clinic_portal.booking.types import KEPT
from clinic_portal.core import audit, audit_proof
from clinic_portal.core.db import table
from clinic_portal.core.outbox import OUTBOX
from clinic_portal.core.work import Reading
from clinic_portal.forms import verifying
from clinic_portal.memberships import findings as memberships
from clinic_portal.payments import findings as payments
from clinic_portal.scheduling.queries import overlapping
from clinic_portal.wallet.ledger import ACCOUNT, unbalanced
from clinic_portal.wallet.types import Account

_APPOINTMENT = table(models.Appointment)
_BILL = table(models.VisitBill)
_SERVICE = table(models.AppointmentService)
_BOOKED = _APPOINTMENT.c.status.in_(KEPT)
_BY_PATIENT = exists().where(
    and_(
        audit.ENTRY.c.subject == literal("appointment:") + cast(_APPOINTMENT.c.id, String),
        audit.ENTRY.c.action == "appointment.booked",
    )
)
TIDY_WITHIN = timedelta(minutes=5)


def broken(read: Reading) -> list[str]:
    """A sentence for everything that should never be; empty when all is well."""
    findings = [f"Appointments {one} and {other} overlap." for one, other in overlapping(read)]
    findings += _told(read, "has no patient", _BOOKED, _APPOINTMENT.c.patient_id.is_(None))
    findings += _told(
        read, "has no services", _BOOKED, not_(exists().where(_SERVICE.c.appointment_id == _APPOINTMENT.c.id))
    )
    findings += _told(
        read, "is held and has a patient", _APPOINTMENT.c.status == "held", _APPOINTMENT.c.patient_id.is_not(None)
    )
    findings += _told(
        read,
        "is still held long after its time ran out: is the worker running?",
        _APPOINTMENT.c.status == "held",
        _APPOINTMENT.c.hold_expires_at < read.now - TIDY_WITHIN,
    )
    findings += _unconfirmed(read)
    findings += _money(read)
    broken = audit_proof.prove(read.session).broken
    if broken is not None:
        findings.append(f"The activity log was altered at entry {broken.entry_id}: `clinic-portal verify-audit`.")
    findings += verifying.findings(read)
    return findings


def _told(read: Reading, what: str, *conditions: ColumnElement[bool]) -> list[str]:
    rows = read.execute(select(_APPOINTMENT.c.id).where(and_(*conditions)).limit(20)).scalars()
    return [f"Appointment {one} {what}." for one in rows]


def _money(read: Reading) -> list[str]:
    """Nothing booked that had to be secured by a card and was not; nothing taken that belongs to nothing."""
    return [
        *_told(read, "takes place, and a fee was asked for it", _BOOKED, _APPOINTMENT.c.id.in_(payments.with_fee())),
        *_without_card(read),
        *payments.taken_for_nothing(read),
        *payments.findings(read),
        *selling.findings(read),
        *returning.findings(read),
        *unbalanced(read),
        *_visits_over(read),
        *memberships.findings(read),
    ]


def _visits_over(read: Reading) -> list[str]:
    """What is over keeps nothing of a wallet: no deposit after a treatment, no item after any end; bills add up."""
    holding = and_(ACCOUNT.c.balance > 0, ACCOUNT.c.appointment_id.is_not(None))
    deposits = select(ACCOUNT.c.appointment_id).where(holding, ACCOUNT.c.kind == Account.DEPOSIT.value)
    reserved = select(ACCOUNT.c.appointment_id).where(holding, ACCOUNT.c.kind == Account.RESERVED.value)
    is_over = _APPOINTMENT.c.status.in_(("fulfilled", "cancelled", "noshow"))
    is_kept = and_(_APPOINTMENT.c.id.in_(deposits), _APPOINTMENT.c.id.not_in(payments.with_failed_refund()))
    billed = select(_BILL.c.appointment_id)
    parts = (_BILL.c.from_wallet_items_minor, _BILL.c.from_deposit_minor, _BILL.c.from_credit_minor)
    differs = billed.where(_BILL.c.total_minor != sum(parts, _BILL.c.at_desk_minor))
    return [
        *_told(read, "took place, and its deposit is kept still", _APPOINTMENT.c.status == "fulfilled", is_kept),
        *_told(read, "is over, and something of a wallet is reserved for it", is_over, _APPOINTMENT.c.id.in_(reserved)),
        *_told(read, "is billed and did not take place", _APPOINTMENT.c.status != "fulfilled", _in(billed)),
        *_told(read, "has a bill whose parts are not its total", _in(differs)),
    ]


def _in(ids: Select[tuple[int]]) -> ColumnElement[bool]:
    return _APPOINTMENT.c.id.in_(ids)


def _without_card(read: Reading) -> list[str]:
    """Booked by a patient under a policy, since cards are asked for."""
    first_at = payments.first_at(read)
    if first_at is None:
        return []
    is_covered = func.coalesce(_APPOINTMENT.c.covered_minor, 1) > 0
    secured = and_(_APPOINTMENT.c.policy_version_id.is_not(None), _APPOINTMENT.c.booked_at >= first_at, is_covered)
    no_card = _APPOINTMENT.c.id.not_in(payments.with_card())
    return _told(read, "is booked under a policy without a card", _BOOKED, secured, _BY_PATIENT, no_card)


def _unconfirmed(read: Reading) -> list[str]:
    """Booked by a patient, and the confirmation not asked for exactly once."""
    asked = (
        select(func.count())
        .select_from(OUTBOX)
        .where(OUTBOX.c.dedupe_key == literal("appointment.booked:") + cast(_APPOINTMENT.c.id, String))
        .scalar_subquery()
    )
    recent = _APPOINTMENT.c.booked_at > read.now - timedelta(days=14)  # done rows are purged after 30 days
    rows = read.execute(select(_APPOINTMENT.c.id).where(and_(_BOOKED, recent, _BY_PATIENT, asked != 1))).scalars()
    return [f"Appointment {one} has not asked for its confirmation exactly once." for one in rows]
