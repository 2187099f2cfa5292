"""What of a payment can still be given back, to its card or into the wallet, and why it is no more (P6, P7, P8).

What is used cannot be given back: of a package its items, of a deposit the credit that it became.
"""

from clinic_portal.booking import selling
from clinic_portal.core.errors import Invalid
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import PaymentInfo, Purpose, State
from clinic_portal.wallet import ledger
from clinic_portal.wallet.queries import credit, credit_from


def in_turn(work: UnitOfWork, paid: PaymentInfo) -> None:
    """What is left of a payment stays as it is looked at until this transaction ends: nobody spends it meanwhile."""
    if paid.purpose is Purpose.DEPOSIT and paid.patient_id is not None:
        ledger.in_turn(work, paid.patient_id)
    selling.in_turn(work, paid)


def givable_minor(read: Reading, paid: PaymentInfo) -> int:
    """What may be given back now, to its card: of a package what is not used, of a deposit no credit that is spent."""
    return max(0, _left_minor(read, paid) - spent_minor(read, paid))


def creditable_minor(read: Reading, paid: PaymentInfo) -> int:
    """What may be given back now, into the wallet: not what is credit already because the visit ended."""
    if paid.state is not State.PAID or paid.patient_id is None:
        return 0
    return max(0, _left_minor(read, paid) - max(0, credit_from(read, paid.id)))


def spent_minor(read: Reading, paid: PaymentInfo) -> int:
    """What of the credit that a deposit became is not in its patient's wallet any more."""
    if paid.purpose is not Purpose.DEPOSIT or paid.patient_id is None:
        return 0
    return max(0, credit_from(read, paid.id) - credit(read, paid.patient_id).get(paid.currency, 0))


def too_much(read: Reading, paid: PaymentInfo, most_minor: int) -> Invalid:
    """Why no more than `most_minor` can be given back: with how many of a package are used, or what credit is spent."""
    package, spent = selling.standing(read, paid), spent_minor(read, paid)
    if spent:
        told = {"amount_minor": spent, "most_minor": most_minor, "currency": paid.currency}
        return Invalid("amount", "refund_spent", **told)
    if package is None or not package.used + package.reserved:
        return Invalid("amount", "refund_too_much")
    code = "package_refund_kept" if package.reserved else "package_refund"
    counts = {"used": package.used, "kept": package.reserved, "count": package.lot.granted}
    return Invalid("amount", code, **counts, amount_minor=package.givable_minor, currency=paid.currency)


def _left_minor(read: Reading, paid: PaymentInfo) -> int:
    package = selling.standing(read, paid)
    left_minor = payments.returnable_minor(read, paid)
    return min(left_minor, package.givable_minor) if package else left_minor
