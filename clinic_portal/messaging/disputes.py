"""The dispute file: all that the books hold about a payment and its visit, for the bank that asks (P4, P5, B5, B6).

Facts alone: who accepted what, when and from where; what was booked, moved, cancelled or missed; what was sent; what
was taken and given back; and the activity log's entries with their seals. No answer of a form, no note, nothing that
staff typed freely.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic_portal.accounts import staff
from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import paying, queries, receipts, selling
from clinic_portal.booking.selling import Standing
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import queries as clinic
from clinic_portal.clinic.types import LocationInfo, PolicyInfo
from clinic_portal.core import audit, crypto
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.messaging.queries import ledger, of_subjects
from clinic_portal.messaging.types import Kind, LedgerEntry
from clinic_portal.patients.queries import names
from clinic_portal.payments import queries as payments
from clinic_portal.payments.access import payment_for_staff
from clinic_portal.payments.types import AT_BOOKING, CardInfo, PaymentInfo, Purpose, RefundInfo
from clinic_portal.wallet import queries as wallet
from clinic_portal.wallet.types import Account, EntryInfo, EntryKind

READ = "dispute_file.read"
"""What the activity log calls it that somebody made a dispute file."""
MOST_MESSAGES = 500
_GONE = (EntryKind.USED, EntryKind.FORFEITED)


@dataclass(frozen=True, slots=True)
class Money:
    """A payment of the visit, the card it was made with, and what went back."""

    payment: PaymentInfo
    card: CardInfo | None
    refunds: tuple[RefundInfo, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The policy that was accepted, its text hashed, and what is known of the acceptance."""

    policy: PolicyInfo
    card_text: str
    digest: str  # SHA-256 of the text's UTF-8, in hexadecimal
    at: datetime | None
    address: str
    device: str
    consent: str  # the sentence read beside the button of the page that took the card


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry of the activity log. `detail` holds instants, amounts and codes alone; the seal once there is one."""

    at: datetime
    who: str
    action: str
    detail: dict[str, Any]
    sequence: int | None
    seal: str | None


@dataclass(frozen=True, slots=True)
class Bought:
    """A package that was bought, how it stands, and what became of its treatments, the oldest first."""

    standing: Standing
    consent: str  # the sentence read beside the button of the page that took the card
    address: str
    device: str
    moves: tuple[EntryInfo, ...]


@dataclass(frozen=True, slots=True)
class DisputeFile:
    """All that the books hold about a payment."""

    payment: PaymentInfo
    clinic_name: str
    place: LocationInfo
    language: str
    patient_name: str
    visit: Visit | None
    accepted: Accepted | None
    phone: str
    phone_proved_at: datetime | None
    money: tuple[Money, ...]
    messages: tuple[LedgerEntry, ...]
    log: tuple[Logged, ...]
    made_at: datetime
    package: Bought | None = None


def for_staff(work: UnitOfWork, actor: StaffActor, payment_id: int) -> DisputeFile:
    """The dispute file of a payment; that it was made is in the activity log.

    Raises NotAllowed for a role that sees no payments, for an unknown payment, and for one that asked for no money.
    """
    actor.must(Permission.SEE_PAYMENTS)
    paid = payment_for_staff(work, actor, payment_id)
    if paid.purpose is Purpose.CARD:
        raise NotAllowed()
    found = _gathered(work, paid)
    work.record(actor.tag, "dispute_file.read", f"payment:{paid.id}")
    return found


def _gathered(read: Reading, paid: PaymentInfo) -> DisputeFile:
    known, visit = clinic.catalogue(read), receipts.visit_of_payment(read, paid)
    of_visit = payments.of_appointment(read, visit.appointment_id) if visit else (paid,)
    given = paid if paid.purpose in AT_BOOKING else next((one for one in of_visit if _was_given(one)), paid)
    patient = names(read, [paid.patient_id]).get(paid.patient_id, "") if paid.patient_id is not None else ""
    accepted = _accepted(read, given, visit, known.clinic.language)
    subjects = [f"payment:{one.id}" for one in of_visit]
    subjects += [f"appointment:{visit.appointment_id}"] if visit else []
    subjects += [f"policy:{accepted.policy.id}"] if accepted else []
    return DisputeFile(
        payment=paid,
        clinic_name=known.clinic.name,
        place=visit.location if visit else next(iter(known.locations.values())),
        language=known.clinic.language,
        patient_name=patient or paid.email,
        visit=visit,
        accepted=accepted,
        phone=given.phone,
        phone_proved_at=given.phone_verified_at,
        money=tuple(_money(read, one) for one in of_visit),
        messages=tuple(reversed(_messages(read, visit, paid))),
        log=tuple(_logged(read, subjects)),
        made_at=read.now,
        package=_package(read, paid),
    )


def _was_given(paid: PaymentInfo) -> bool:
    return paid.purpose in AT_BOOKING and paid.is_booked


def _accepted(read: Reading, given: PaymentInfo, visit: Visit | None, language: str) -> Accepted | None:
    policy = visit.policy if visit else None
    if policy is None and given.accepted_policy_id is not None:
        policy = clinic.policy(read, given.accepted_policy_id)
    if policy is None:
        return None
    return Accepted(
        policy=policy,
        card_text=paying.card_text(policy, language),
        digest=crypto.digest(policy.text),
        at=given.accepted_at or (queries.policy_accepted_at(read, visit.appointment_id) if visit else None),
        address=given.accepted_from,
        device=given.accepted_device,
        consent=given.consent,
    )


def _money(read: Reading, paid: PaymentInfo) -> Money:
    card = payments.card_used(read, paid.card_id) if paid.card_id is not None else None
    return Money(paid, card, payments.refunds_of(read, paid.id))


def _messages(read: Reading, visit: Visit | None, paid: PaymentInfo) -> tuple[LedgerEntry, ...]:
    if visit is not None:
        return ledger(read, appointment_id=visit.appointment_id, most=MOST_MESSAGES)
    refunds = [one.id for one in payments.refunds_of(read, paid.id)]
    return of_subjects(read, {Kind.PACKAGE_BOUGHT: [paid.id], Kind.REFUND_DONE: refunds}) if paid.sold else ()


def _package(read: Reading, paid: PaymentInfo) -> Bought | None:
    found = selling.standing(read, paid)
    if found is None:
        return None
    mine = [one for one in wallet.entries(read, found.lot.patient_id) if one.lot_id == found.lot.id]
    moves = tuple(reversed([one for one in mine if one.account is Account.ITEMS or one.kind in _GONE]))
    return Bought(found, paid.consent, paid.accepted_from, paid.accepted_device, moves)


def _logged(read: Reading, subjects: Sequence[str]) -> list[Logged]:
    members = staff.names(read)
    return [
        Logged(one.at, _who(one.actor, members), one.action, one.detail, one.sequence, one.hash)
        for one in audit.about(read.session, *subjects)
        if one.action != READ
    ]


def _who(actor: str, members: dict[str, str]) -> str:
    if actor.startswith("patient:"):
        return "the patient"
    known = {"cashier": "the clinic’s software", "booking": "the booking page", "gateway": "the payment service"}
    return f"{members[actor]} (clinic)" if actor in members else known.get(actor, actor.replace(":", " "))
