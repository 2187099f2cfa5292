"""Payments as staff see them: lists, one payment beside what its policy says, visits nobody came to. Reads only."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, false, literal, select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import fees, givable, models, queries, rules, selling
from clinic_portal.booking.access import visit_for_staff, visits_seen_by
from clinic_portal.booking.fees import Ending
from clinic_portal.booking.selling import Standing
from clinic_portal.booking.types import Visit
from clinic_portal.booking.visit_rows import service_names
from clinic_portal.clinic import queries as clinic
from clinic_portal.clinic.types import PolicyInfo
from clinic_portal.core import audit
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.patients.access import must_see
from clinic_portal.patients.queries import ids_holding, names
from clinic_portal.payments import listing
from clinic_portal.payments import queries as payments
from clinic_portal.payments.access import payment_for_staff
from clinic_portal.payments.listing import Among, Attention, DifferenceInfo, Show, UsedCard
from clinic_portal.payments.types import FEES, CardInfo, PaymentInfo, Purpose, RefundInfo, State
from clinic_portal.wallet import queries as wallet
from clinic_portal.wallet.types import Account, EntryKind

LOOKS_BACK = timedelta(days=30)
"""How long after a visit staff may still say that nobody came."""
_RECEIPT = re.compile(r"R-(\d{1,9})", re.IGNORECASE)
_APPOINTMENT = table(models.Appointment)
_SERVICE = table(models.AppointmentService)


@dataclass(frozen=True, slots=True)
class TillLine:
    """A payment in a list: whose, for which visit, and why it asks for attention, if it does."""

    payment: PaymentInfo
    who: str
    service_names: tuple[str, ...]
    visit_at: datetime | None
    attention: tuple[Attention, ...]
    returning_minor: int


@dataclass(frozen=True, slots=True)
class TillPage:
    """A page of payments. `asking` are those that ask for attention, on the first page of all of them."""

    lines: tuple[TillLine, ...]
    has_more: bool
    attention_count: int
    asking: tuple[TillLine, ...]
    nobodys: tuple[DifferenceInfo, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What the activity log keeps about a payment or its visit."""

    at: datetime
    actor: str
    action: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One payment with all that is known of it."""

    payment: PaymentInfo
    visit: Visit | None
    cancelled_at: datetime | None
    taken_at: datetime | None  # of a deposit: when it was
    policy: PolicyInfo | None
    card: UsedCard | None
    next_card: CardInfo | None  # of a fee that is owed: what the next try is charged to
    refunds: tuple[RefundInfo, ...]
    left_minor: int  # what can still be given back
    creditable_minor: int  # what of it into the wallet
    returning_minor: int  # what is on its way back
    attention: tuple[Attention, ...]
    differences: tuple[DifferenceInfo, ...]
    log: tuple[Entry, ...]
    others: tuple[PaymentInfo, ...]  # of the same visit
    who: str = ""  # whose it is, where that is known
    package: Standing | None = None  # that was bought, and what is left of it
    spent_minor: int = 0  # of a deposit: became credit, and is spent
    used_minor: int = 0  # of a deposit: paid for its visit, or for its fee


@dataclass(frozen=True, slots=True)
class Unattended:
    """A visit that has begun and at which nobody was checked in."""

    appointment_id: int
    reference: str
    patient_id: int
    who: str
    service_names: tuple[str, ...]
    provider_name: str
    start_at: datetime
    time_zone: str
    fee_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class NoShow:
    """What saying that a patient did not come would do."""

    visit: Visit
    fee_minor: int
    plan: Ending


def page(
    read: Reading,
    actor: StaffActor,
    show: Show,
    *,
    wanted: str = "",
    before_id: int | None = None,
    most: int = 30,
    most_asking: int = 5,
) -> TillPage:
    """Payments of a kind, older than an id; of patients, the visit or the receipt that was looked for. Raises
    NotAllowed."""
    actor.must(Permission.SEE_PAYMENTS)
    actor.must_see_everyone()
    among = (
        Among(
            patients=ids_holding(wanted),
            appointments=select(_APPOINTMENT.c.id).where(_APPOINTMENT.c.reference == wanted.upper()),
            payment_id=int(receipt[1]) if (receipt := _RECEIPT.fullmatch(wanted)) else 0,
        )
        if wanted
        else None
    )
    found = listing.lines(read, show, among=among, before_id=before_id, most=most + 1)
    is_first = show is Show.ALL and not wanted and before_id is None
    count = listing.attention_count(read)
    asking = listing.lines(read, Show.ATTENTION, most=most_asking) if is_first and count else []
    told = _told(read, [*found[:most], *asking])
    nobodys = listing.nobodys_differences(read) if is_first or show is Show.ATTENTION else ()
    return TillPage(told[: len(found[:most])], len(found) > most, count, told[len(found[:most]) :], nobodys)


def of_patient(
    read: Reading, actor: StaffActor, patient_id: int, *, before_id: int | None = None, most: int = 30
) -> tuple[tuple[TillLine, ...], bool]:
    """One patient's payments, the newest first, older than an id; whether there are more. Raises NotAllowed."""
    actor.must(Permission.SEE_PAYMENTS)
    must_see(read, actor, patient_id)
    nobodys = select(_APPOINTMENT.c.id).where(false())
    among = Among(patients=select(literal(patient_id)), appointments=nobodys, payment_id=0)
    found = listing.lines(read, Show.ALL, among=among, before_id=before_id, most=most + 1)
    return _told(read, found[:most]), len(found) > most


def sheet(read: Reading, actor: StaffActor, payment_id: int) -> Sheet:
    """One payment. Raises NotAllowed alike for an unknown one, another account's, and a card that was only added."""
    actor.must(Permission.SEE_PAYMENTS)
    paid = payment_for_staff(read, actor, payment_id)
    if paid.account != read.settings.payment_account or paid.purpose is Purpose.CARD:
        raise NotAllowed()
    visit, cancelled_at = _visit(read, paid.appointment_id)
    policy = visit.policy if visit else _policy(read, paid.accepted_policy_id)
    mine = payments.of_appointment(read, paid.appointment_id) if paid.appointment_id else ()
    returnable, left = payments.returnable_minor(read, paid), givable.givable_minor(read, paid)
    owed = paid.purpose in FEES and paid.state in (State.FAILED, State.OPEN)
    cards = payments.cards_of(read, paid.patient_id, account=paid.account) if owed and paid.patient_id else ()
    return Sheet(
        payment=paid,
        visit=visit,
        cancelled_at=cancelled_at,
        taken_at=_taken_at(read, paid),
        policy=policy,
        card=listing.used_card(read, paid.card_id),
        next_card=next(iter(cards), None),
        refunds=payments.refunds_of(read, paid.id),
        left_minor=left if paid.state is State.PAID and paid.intent_id else 0,
        creditable_minor=givable.creditable_minor(read, paid),
        returning_minor=paid.refundable_minor - returnable,
        attention=listing.attention(read, [paid.id]).get(paid.id, ()),
        differences=listing.differences_of(read, paid.id),
        log=_log(read, paid),
        others=tuple(one for one in mine if one.id != paid.id),
        who=names(read, [paid.patient_id]).get(paid.patient_id, "") if paid.patient_id is not None else "",
        package=selling.standing(read, paid),
        spent_minor=givable.spent_minor(read, paid),
        used_minor=_used_minor(read, paid),
    )


def unattended(read: Reading, actor: StaffActor, *, skip: int = 0, most: int = 30) -> tuple[list[Unattended], bool]:
    """Visits of the last weeks that have begun and at which nobody was checked in, the newest first; whether there are
    more. Raises NotAllowed."""
    actor.must(Permission.CHARGE_FEES)
    begun = and_(
        _APPOINTMENT.c.status == "booked",
        _APPOINTMENT.c.start_at <= read.now,
        _APPOINTMENT.c.start_at > read.now - LOOKS_BACK,
        visits_seen_by(actor),
    )
    newest = select(_APPOINTMENT).where(begun).order_by(_APPOINTMENT.c.start_at.desc(), _APPOINTMENT.c.id.desc())
    rows = read.execute(newest.offset(skip).limit(most + 1)).all()
    shown = rows[:most]
    known, services = names(read, {row.patient_id for row in shown}), service_names(read, {row.id for row in shown})
    return [
        Unattended(
            appointment_id=row.id,
            reference=row.reference,
            patient_id=row.patient_id,
            who=known[row.patient_id],
            service_names=services.get(row.id, ()),
            provider_name=_provider(read, row.provider_id),
            start_at=row.start_at,
            time_zone=_zone(read, row.location_id),
            fee_minor=rules.noshow_fee_minor(
                _policy(read, row.policy_version_id),
                row.total_minor if row.covered_minor is None else row.covered_minor,
            ),
            currency=row.currency,
        )
        for row in shown
    ], len(rows) > most


def noshow(read: Reading, actor: StaffActor, appointment_id: int) -> NoShow:
    """What it would do to say that nobody came to a visit. Raises NotAllowed, also for one that has not begun, was
    attended, cancelled or marked before."""
    actor.must(Permission.CHARGE_FEES)
    visit = visit_for_staff(read, actor, appointment_id)
    if visit.status != "booked" or visit.start_at > read.now:
        raise NotAllowed()
    fee = rules.noshow_fee_minor(visit.policy, visit.covered_minor)
    return NoShow(visit, fee, fees.ending(read, visit, fee))


def _told(read: Reading, found: list[listing.PaymentLine]) -> tuple[TillLine, ...]:
    """Lines with whose they are and for what: one read each for all names, visits and services."""
    ids = {one.payment.appointment_id for one in found if one.payment.appointment_id is not None}
    known = names(read, {one.payment.patient_id for one in found if one.payment.patient_id is not None})
    starts = {
        row.id: row.start_at
        for row in read.execute(select(_APPOINTMENT.c.id, _APPOINTMENT.c.start_at).where(_APPOINTMENT.c.id.in_(ids)))
    }
    services = service_names(read, ids)
    return tuple(
        TillLine(
            payment=one.payment,
            who=known.get(one.payment.patient_id or 0, one.payment.email),
            service_names=services.get(one.payment.appointment_id or 0, ()),
            visit_at=starts.get(one.payment.appointment_id or 0),
            attention=one.attention,
            returning_minor=one.returning_minor,
        )
        for one in found
    )


def _visit(read: Reading, appointment_id: int | None) -> tuple[Visit | None, datetime | None]:
    """The visit of a payment, and when it was cancelled; a time that was only held is none."""
    row = read.execute(select(_APPOINTMENT).where(_APPOINTMENT.c.id == appointment_id)).first()
    if row is None or row.patient_id is None:
        return None, None
    return queries.visit(read, row.id), row.cancelled_at


def _policy(read: Reading, policy_id: int | None) -> PolicyInfo | None:
    if policy_id is None:
        return None
    return read.once(f"policy {policy_id}", lambda: clinic.policy(read, policy_id))


def _provider(read: Reading, provider_id: int) -> str:
    return read.once(f"provider {provider_id}", lambda: clinic.provider_name(read, provider_id))[0]


def _zone(read: Reading, location_id: int) -> str:
    return read.once(f"location {location_id}", lambda: clinic.location(read, location_id)).time_zone


def _taken_at(read: Reading, paid: PaymentInfo) -> datetime | None:
    if paid.purpose is not Purpose.DEPOSIT or paid.appointment_id is None:
        return None
    mine = wallet.of_visit(read, paid.appointment_id)
    return next((one.made_at for one in mine if one.kind is EntryKind.DEPOSIT), None)


def _used_minor(read: Reading, paid: PaymentInfo) -> int:
    """What of a deposit paid for its visit, or for the fee of one that was not to be."""
    if paid.purpose is not Purpose.DEPOSIT or paid.appointment_id is None:
        return 0
    used = (EntryKind.USED, EntryKind.FEE)
    mine = wallet.of_visit(read, paid.appointment_id)
    return -sum(one.amount for one in mine if one.account is Account.DEPOSIT and one.kind in used)


def _log(read: Reading, paid: PaymentInfo) -> tuple[Entry, ...]:
    rows = audit.about(read.session, f"payment:{paid.id}", f"appointment:{paid.appointment_id}")
    return tuple(Entry(row.at, row.actor, row.action, row.detail) for row in rows)
