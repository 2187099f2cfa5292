"""What messaging does when something happened elsewhere: plan the messages that tell of it.

A reaction runs in the transaction that closes the event's row, so it happens once.
"""

from collections.abc import Callable
from typing import Any

from clinic_portal.accounts import links
from clinic_portal.accounts.queries import phone_code
from clinic_portal.accounts.types import Purpose
from clinic_portal.booking import fees, paying, selling, settling
from clinic_portal.booking.queries import visit
from clinic_portal.booking.types import Visit
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import outbox
from clinic_portal.core.work import UnitOfWork
from clinic_portal.messaging import activation, care, membership_news, money, rehearsal
from clinic_portal.messaging.actions import mark_opened, plan
from clinic_portal.messaging.types import Channel, Kind
from clinic_portal.patients import joining
from clinic_portal.patients.queries import claim

Reaction = Callable[[UnitOfWork, dict[str, Any]], None]


def appointment_booked(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """Confirm (S82), tell how to get ready (S42), and welcome one who is new (S10)."""
    booked = visit(work, payload["appointment_id"])
    _tell(work, Kind.APPOINTMENT_BOOKED, booked)
    care.plan_before(work, booked.appointment_id)
    if catalogue(work).clinic.activation_email_enabled:
        joining.welcome(work, booked.patient_id)


def appointment_moved(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """Tell the new time; the same calendar entry moves along."""
    _tell(work, Kind.APPOINTMENT_MOVED, visit(work, payload["appointment_id"]), edition=payload["sequence"])


def appointment_cancelled(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """Tell that it is cancelled; the calendar entry goes."""
    _tell(work, Kind.APPOINTMENT_CANCELLED, visit(work, payload["appointment_id"]))


def _tell(work: UnitOfWork, kind: Kind, about: Visit, *, edition: int = 0) -> None:
    """By e-mail and by SMS: two channels, so that one that fails is made up for (B6)."""
    for channel, to in ((Channel.EMAIL, about.email), (Channel.SMS, about.phone)):
        plan(
            work,
            kind,
            channel,
            about.appointment_id,
            to=to,
            appointment_id=about.appointment_id,
            patient_id=about.patient_id,
            edition=edition,
            about_at=about.start_at,
        )


def link_sent(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """Send the e-mail a link travels in (S11); to nobody where there is nobody (rule 8)."""
    link = links.sheet(work, payload["link_id"])
    if link.purpose is not Purpose.NOBODY:
        priority = outbox.BULK if link.purpose is Purpose.ACTIVATE else outbox.URGENT
        plan(work, Kind.ACCOUNT_LINK, Channel.EMAIL, link.id, to=link.email, priority=priority)


def link_used(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """Whoever used a link has opened the letter it came in: the ledger knows (B6)."""
    link = links.sheet(work, payload["link_id"])
    if link.purpose is Purpose.PAY_FEE:
        mark_opened(work, Kind.FEE_FAILED, link.subject_id)
    else:
        mark_opened(work, Kind.ACCOUNT_LINK, link.id)


def phone_code_requested(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """Send the code (S66)."""
    code = phone_code(work, payload["code_id"])
    plan(work, Kind.PHONE_CODE, Channel.SMS, payload["code_id"], to=code.phone, priority=outbox.URGENT)


def profile_claim_opened(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """Ask the e-mail's owner whether a booking is theirs (rule 10a)."""
    opened = claim(work, payload["claim_id"])
    plan(work, Kind.PROFILE_CLAIM, Channel.EMAIL, payload["claim_id"], to=opened.email)


REACTIONS: dict[str, Reaction] = {
    "appointment.booked": appointment_booked,
    "appointment.moved": appointment_moved,
    "appointment.cancelled": appointment_cancelled,
    settling.PAID: money.paid,
    settling.FEE_FAILED: money.fee_failed,
    fees.WAIVED: money.fee_waived,
    settling.REFUNDED: money.refunded,
    paying.NOT_BOOKED: money.not_booked,
    selling.BOUGHT: money.package_bought,
    **membership_news.REACTIONS,
    "link.sent": link_sent,
    "link.used": link_used,
    "activation.due": activation.portion,
    "phone_code.requested": phone_code_requested,
    "profile_claim.opened": profile_claim_opened,
    rehearsal.DELIVERED: rehearsal.delivered,
    rehearsal.UNDELIVERED: rehearsal.undelivered,
    rehearsal.BOUNCED: rehearsal.came_back,
}
