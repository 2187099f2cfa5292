"""Receipts: what was paid for a visit, with what, and what went back. For the patient, and for staff.

A receipt is not kept: it is read from the payment's books whenever it is asked for, under a number that stays.
"""

from dataclasses import dataclass
from datetime import datetime

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import queries, selling
from clinic_portal.booking.access import payment_of
from clinic_portal.booking.selling import Standing
from clinic_portal.booking.types import Visit
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import ClinicInfo, LocationInfo
from clinic_portal.core import audit
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.memberships import queries as memberships
from clinic_portal.memberships.plan_types import PlanInfo
from clinic_portal.memberships.types import PeriodInfo
from clinic_portal.patients.queries import language_of, names
from clinic_portal.payments import queries as payments
from clinic_portal.payments.access import payment_for_staff
from clinic_portal.payments.rules import number as number
from clinic_portal.payments.types import FEES, CardInfo, PaymentInfo, Purpose, RefundInfo, RefundState, State
from clinic_portal.wallet import queries as wallet
from clinic_portal.wallet.types import Account, EntryInfo, EntryKind


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a patient or an accountant needs to know of a payment. Money in minor units of its currency."""

    payment: PaymentInfo
    clinic: ClinicInfo
    place: LocationInfo
    visit: Visit | None  # None where no visit came of it
    patient_name: str
    language: str
    paid_at: datetime
    card: CardInfo | None  # which took it, where any of it was put on a card
    refunds: tuple[RefundInfo, ...]
    deposit: PaymentInfo | None  # of a fee: the deposit that paid a part of it
    kept_minor: int  # of a deposit: what a fee took of it
    credit_minor: int  # of a deposit: what became credit and was not given back since
    used_minor: int  # of a deposit: what paid for the visit
    package: Standing | None = None  # of a package: what was bought, and what is left of it
    period: tuple[PeriodInfo, PlanInfo] | None = None  # of a membership: what was paid for, on which plan

    @property
    def number(self) -> str:
        """What the receipt is called."""
        return number(self.payment.id)

    @property
    def asked_minor(self) -> int:
        """All that was to be paid, from the deposit and by card."""
        return self.payment.amount_minor + self.payment.from_deposit_minor

    @property
    def owed_minor(self) -> int:
        """Of a fee: what is not paid yet."""
        is_owed = self.payment.state in (State.PREPARED, State.OPEN, State.FAILED)
        return self.payment.amount_minor if is_owed else 0

    @property
    def waived_minor(self) -> int:
        """Of a fee: what was forgiven."""
        return self.payment.amount_minor if self.payment.state is State.WAIVED else 0

    @property
    def refunded_elsewhere_minor(self) -> int:
        """What went back without a refund of ours: made in the gateway's own pages."""
        done = sum(one.amount_minor for one in self.refunds if one.state is RefundState.DONE)
        return max(0, self.payment.refunded_minor - done)

    @property
    def remains_minor(self) -> int:
        """What is paid in the end."""
        return self.payment.from_deposit_minor + self.payment.refundable_minor


def has_receipt(paid: PaymentInfo) -> bool:
    """Whether anything was taken: a hold that was released, or a fee that nobody paid, has no receipt."""
    return paid.captured_minor > 0 or (paid.purpose in FEES and paid.from_deposit_minor > 0)


def own(read: Reading, patient_id: int, payment_id: int) -> Receipt:
    """A patient's own receipt. Raises NotAllowed alike for another's, an unknown one, and where nothing was taken."""
    return _receipt(read, payment_of(read, patient_id, payment_id))


def for_staff(read: Reading, actor: StaffActor, payment_id: int) -> Receipt:
    """Any receipt. Raises NotAllowed for a role that sees no payments, an unknown one, and where nothing was taken."""
    actor.must(Permission.SEE_PAYMENTS)
    return _receipt(read, payment_for_staff(read, actor, payment_id))


def visit_of_payment(read: Reading, paid: PaymentInfo) -> Visit | None:
    """The visit a payment is for; None where none came of it."""
    try:
        return queries.visit(read, paid.appointment_id) if paid.appointment_id is not None else None
    except NotAllowed:
        return None


def _receipt(read: Reading, paid: PaymentInfo) -> Receipt:
    if not has_receipt(paid):
        raise NotAllowed()
    clinic, visit = catalogue(read), visit_of_payment(read, paid)
    known = paid.patient_id
    entries = _entries(read, paid)
    sums = {kind: -sum(one.amount for one in entries if one.kind is kind) for kind in EntryKind}
    is_deposit = paid.purpose is Purpose.DEPOSIT
    spent_minor = sums[EntryKind.FEE] + sums[EntryKind.USED]
    left_minor = max(0, payments.returnable_minor(read, paid) - spent_minor)
    of_visit = payments.of_appointment(read, paid.appointment_id) if paid.appointment_id is not None else ()
    deposits = [one for one in of_visit if one.purpose is Purpose.DEPOSIT and one.is_booked]
    package = selling.standing(read, paid)
    return Receipt(
        payment=paid,
        clinic=clinic.clinic,
        place=visit.location if visit else next(iter(clinic.locations.values())),
        visit=visit,
        patient_name=names(read, [known]).get(known, paid.email) if known is not None else paid.email,
        language=language_of(read, known) if known is not None else clinic.clinic.language,
        paid_at=package.lot.granted_at if package else _paid_at(read, paid, entries),
        card=payments.card_used(read, paid.card_id) if paid.card_id is not None and paid.captured_minor else None,
        refunds=payments.refunds_of(read, paid.id),
        deposit=deposits[0] if deposits and paid.from_deposit_minor else None,
        kept_minor=sums[EntryKind.FEE] if is_deposit else 0,
        credit_minor=min(sums[EntryKind.TO_CREDIT], left_minor) if is_deposit else 0,
        used_minor=sums[EntryKind.USED] if is_deposit else 0,
        package=package,
        period=memberships.of_payment(read, paid.id) if paid.purpose is Purpose.MEMBERSHIP else None,
    )


def _entries(read: Reading, paid: PaymentInfo) -> list[EntryInfo]:
    """What the wallet says of the visit's deposit."""
    if paid.appointment_id is None:
        return []
    return [one for one in wallet.of_visit(read, paid.appointment_id) if one.account is Account.DEPOSIT]


def _paid_at(read: Reading, paid: PaymentInfo, entries: list[EntryInfo]) -> datetime:
    """When it was taken: a deposit stood in the wallet then, a fee in the activity log."""
    if paid.purpose is Purpose.DEPOSIT:
        return next((one.made_at for one in entries if one.kind is EntryKind.DEPOSIT), paid.created_at)
    told = audit.about(read.session, f"payment:{paid.id}")
    return next((one.at for one in told if one.action == "payment.paid"), paid.created_at)
