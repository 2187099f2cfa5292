"""Letters about money: planned when something became of it, written when they are sent, dropped if over by then."""

from typing import Any

from clinic_portal.accounts import links
from clinic_portal.accounts.types import Purpose as LinkPurpose
from clinic_portal.booking import fees, selling, telling
from clinic_portal.booking.queries import visit
from clinic_portal.booking.types import Visit
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.messaging import money_letters as letters
from clinic_portal.messaging import package_letters
from clinic_portal.messaging.actions import plan
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.rendering import Letterhead
from clinic_portal.messaging.types import Channel, Dropped, Kind
from clinic_portal.patients.queries import contact
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import FEES, PaymentInfo, Purpose, RefundState, State

# ---- planned ---------------------------------------------------------------------------------------------------------


def paid(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """A deposit or a fee was taken: its receipt; the link by which a fee was to be paid ends."""
    taken = payments.payment(work, payload["payment_id"])
    if taken.purpose in FEES:
        links.end(work, LinkPurpose.PAY_FEE, taken.id)
    _plan(work, Kind.PAYMENT_RECEIPT, taken, taken.id)


def fee_failed(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """A fee could not be charged: say so by e-mail and SMS, with a link to the page on which it is paid."""
    fee = payments.payment(work, payload["payment_id"])
    if links.newest(work, LinkPurpose.PAY_FEE, fee.id) is None:
        links.make(work, LinkPurpose.PAY_FEE, fee.id, fee.email)
    _plan(work, Kind.FEE_FAILED, fee, fee.id, with_sms=True, edition=payload["attempt"])


def fee_waived(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """A fee was forgiven: say so; its link ends."""
    fee = payments.payment(work, payload["payment_id"])
    links.end(work, LinkPurpose.PAY_FEE, fee.id)
    _plan(work, Kind.FEE_WAIVED, fee, fee.id)


def refunded(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """Money was given back: say so."""
    given = payments.refund(work, payload["refund_id"])
    _plan(work, Kind.REFUND_DONE, payments.payment(work, given.payment_id), given.id)


def package_bought(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """A package was paid: what is in it and how it is used."""
    bought = payments.payment(work, payload["payment_id"])
    _plan(work, Kind.PACKAGE_BOUGHT, bought, bought.id)


def not_booked(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """A card was given and nothing could be booked: say so by e-mail and SMS (S81)."""
    lost = payments.payment(work, payload["payment_id"])
    _plan(work, Kind.NOT_BOOKED, lost, lost.id, with_sms=True)


def _plan(
    work: UnitOfWork, kind: Kind, about: PaymentInfo, subject_id: int, *, with_sms: bool = False, edition: int = 0
) -> None:
    """To the patient of the visit as they are reached now; where there is none, to whom the payment names."""
    booked = _visit_of(work, about)
    email, phone = (booked.email, booked.phone) if booked else (about.email, about.phone)
    for channel, to in ((Channel.EMAIL, email), (Channel.SMS, phone if with_sms else "")):
        if to:
            plan(
                work,
                kind,
                channel,
                subject_id,
                to=to,
                appointment_id=booked.appointment_id if booked else None,
                patient_id=booked.patient_id if booked else about.patient_id,
                edition=edition,
            )


# ---- written ---------------------------------------------------------------------------------------------------------


def receipt(read: Reading, head: Letterhead, row: Any) -> Email | Dropped:
    """What was paid, unless it turned out not to be."""
    taken = payments.payment(read, row.subject_id)
    if taken.state is not State.PAID:
        return Dropped("not_paid")
    return letters.receipt(head, _about(read, taken), to=row.to_address, message_id=row.message_id)


def failed_fee(read: Reading, head: Letterhead, row: Any) -> Email | Sms | Dropped:
    """How a fee that failed is paid, unless it was paid or forgiven meanwhile, or is being tried again."""
    fee = payments.payment(read, row.subject_id)
    link = links.newest(read, LinkPurpose.PAY_FEE, fee.id)
    if fee.state is not State.FAILED or link is None or not row.dedupe_key.endswith(f":{fee.attempt}"):
        return Dropped("not_owed" if fee.state in (State.PAID, State.WAIVED) else "moved_on")
    about, url = _about(read, fee), f"{head.public_url}/pay?t={link.token}"
    write = letters.fee_failed if row.channel == Channel.EMAIL else letters.fee_failed_sms
    return write(head, about, url=url, until=link.expires_at, to=row.to_address, message_id=row.message_id)


def waived_fee(read: Reading, head: Letterhead, row: Any) -> Email | Dropped:
    """That a fee was forgiven."""
    fee = payments.payment(read, row.subject_id)
    if fee.state is not State.WAIVED:
        return Dropped("not_waived")
    return letters.fee_waived(head, _about(read, fee), to=row.to_address, message_id=row.message_id)


def refund(read: Reading, head: Letterhead, row: Any) -> Email | Dropped:
    """That money was given back."""
    given = payments.refund(read, row.subject_id)
    if given.state is not RefundState.DONE:
        return Dropped("not_refunded")
    about = _about(read, payments.payment(read, given.payment_id))
    return letters.refund_done(head, about, given, to=row.to_address, message_id=row.message_id)


def package(read: Reading, head: Letterhead, row: Any) -> Email | Dropped:
    """What is in a package that was bought, unless nothing is any more."""
    bought = payments.payment(read, row.subject_id)
    standing = selling.standing(read, bought)
    if standing is None or bought.patient_id is None:
        return Dropped("not_paid")
    if standing.taken_back == standing.lot.granted:
        return Dropped("returned")
    who, zone = contact(read, bought.patient_id), catalogue(read).time_zone
    told = package_letters.Bought(standing, who.given_name, f"{who.given_name} {who.family_name}", zone)
    return package_letters.bought(head, _about(read, bought), told, to=row.to_address, message_id=row.message_id)


def nothing_booked(read: Reading, head: Letterhead, row: Any) -> Email | Sms | Dropped:
    """That nothing was booked, unless the same browser has booked since."""
    lost = payments.payment(read, row.subject_id)
    newest = payments.newest_of_owner(read, lost.owner) if lost.owner else None
    if lost.is_booked or (newest is not None and newest.id != lost.id and newest.is_booked):
        return Dropped("booked_meanwhile")
    write = letters.not_booked if row.channel == Channel.EMAIL else letters.not_booked_sms
    return write(head, letters.About(lost, None), to=row.to_address, message_id=row.message_id)


def after_cancelling(read: Reading, cancelled: Visit) -> str:
    """What became of fee and deposit of a visit that was cancelled, for the letter that says so."""
    told = telling.ending(fees.ended(read, cancelled), cancelled.language)
    fee = payments.fee_of(read, cancelled.appointment_id, Purpose.CANCELLATION_FEE)
    if fee and fee.state in (State.FAILED, State.OPEN):
        amount = wording.money(fee.amount_minor, fee.currency, cancelled.language)
        told += f" {amount} could not be charged so far: a letter of its own says why, and how to pay it."
    elif fee and fee.state is State.WAIVED:
        told += " What your card was to pay of it, we let go."
    return told.strip()


def _about(read: Reading, about: PaymentInfo) -> letters.About:
    booked = payments.booked_with(read, about.appointment_id) if about.appointment_id is not None else None
    card = payments.card_used(read, about.card_id) if about.card_id is not None else None
    return letters.About(
        about,
        _visit_of(read, about),
        card_ends=card.last_four if card else "",
        accepted_at=booked.accepted_at if booked else None,
    )


def _visit_of(read: Reading, about: PaymentInfo) -> Visit | None:
    """The visit a payment is for; None where nothing was booked."""
    is_lost = about.failure_code is not None and about.purpose not in FEES
    if about.appointment_id is None or about.patient_id is None or is_lost:
        return None
    try:
        return visit(read, about.appointment_id)
    except NotAllowed:
        return None
