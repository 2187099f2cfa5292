"""A fee that its patient is to pay, or has paid, and what the page about it may show. Reads alone."""

from dataclasses import dataclass
from datetime import datetime

from clinic_portal.accounts import links
from clinic_portal.accounts.types import Purpose as LinkPurpose
from clinic_portal.booking import queries, telling
from clinic_portal.booking.types import Visit
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import FEES, PaymentInfo


@dataclass(frozen=True, slots=True)
class FeeSheet:
    """A fee, the visit it is for, and the terms it follows from."""

    fee: PaymentInfo
    visit: Visit
    terms: str  # the policy's numbers in a sentence, as they were when it was accepted
    accepted_at: datetime | None
    card_ends: str  # the last four of the card that paid it, where it is known


def fee_of_link(read: Reading, token: str) -> int:
    """The fee a link is for; whoever has the link may pay it. Raises NotAllowed for a link that is not or no more."""
    return links.look(read, LinkPurpose.PAY_FEE, token).subject_id


def sheet(read: Reading, payment_id: int) -> FeeSheet:
    """A fee for the page on which it is paid; the caller has authorised it. Raises NotAllowed for any other payment."""
    fee = payments.payment(read, payment_id)
    if fee.purpose not in FEES or fee.appointment_id is None:
        raise NotAllowed()
    visit = queries.visit(read, fee.appointment_id)
    booked = payments.booked_with(read, fee.appointment_id)
    card = payments.card_used(read, fee.card_id) if fee.card_id is not None else None
    terms = telling.visit_terms(visit, visit.booked_at)
    return FeeSheet(
        fee,
        visit,
        terms.sentence if terms else "",
        booked.accepted_at if booked else None,
        card.last_four if card else "",
    )
