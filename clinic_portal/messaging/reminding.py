"""Reminders and news of a membership, written when they are sent: does it still make sense, and what does it tell."""

from typing import Any

from clinic_portal.booking import changes, paperwork
from clinic_portal.booking.queries import visit
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.memberships import actions as memberships
from clinic_portal.messaging import blocks, reminder_letters, rules
from clinic_portal.messaging.actions import plan
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.reminder_letters import Reminded
from clinic_portal.messaging.rendering import Letterhead, email
from clinic_portal.messaging.types import Channel, Dropped, Kind
from clinic_portal.messaging.words import Facts, plain
from clinic_portal.patients import wishes
from clinic_portal.patients.queries import contact, language_of, reminded


def reminder(read: Reading, head: Letterhead, row: Any) -> Email | Sms | Dropped:
    """A reminder of a visit or of its forms, by the channel of its row."""
    about = visit(read, row.subject_id)
    outdated = rules.outdated_visit(about.status, about.start_at, read.now)
    if outdated:
        return Dropped(outdated)
    who = reminded(read, [about.patient_id])[about.patient_id]
    if not (who.wants_email if row.channel == Channel.EMAIL else who.wants_sms):
        return Dropped("opted_out")
    missing = paperwork.missing(read, [about.appointment_id]).get(about.appointment_id, [])
    if row.kind == Kind.FORMS_REMINDER and not missing:
        return Dropped("forms_done")
    told = Reminded(
        visit=about,
        forms=[one.request.title for one in missing],
        may_move=changes.refusal(read, about, "reschedule") is None,
        may_cancel=changes.refusal(read, about, "cancel") is None,
        zone=who.time_zone or about.location.time_zone,
        unsubscribe_url=f"{head.public_url}/unsubscribe/{wishes.unsubscribe_token(read, about.patient_id)}",
    )
    if row.channel == Channel.SMS:
        return reminder_letters.reminder_sms(head, row.kind, told, to=row.to_address, message_id=row.message_id)
    return reminder_letters.reminder_email(head, row.kind, told, to=row.to_address, message_id=row.message_id)


def membership_started(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """Tell the new member."""
    _tell(work, Kind.MEMBERSHIP_STARTED, payload["membership_id"])


def membership_ended(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """Tell who was one."""
    _tell(work, Kind.MEMBERSHIP_ENDED, payload["membership_id"])


def membership(read: Reading, head: Letterhead, row: Any) -> Email | Dropped:
    """That a membership began or ended, unless it is otherwise by now."""
    about = memberships.membership(read, row.subject_id)
    has_ended = row.kind == Kind.MEMBERSHIP_ENDED
    at = about.ended_at if has_ended else about.started_at
    if at is None or (about.ended_at is not None) != has_ended:
        return Dropped("not_member")
    if has_ended and memberships.is_member(read, about.patient_id):
        return Dropped("not_member")
    who, language = contact(read, about.patient_id), language_of(read, about.patient_id)
    zone = next(iter(catalogue(read).locations.values())).time_zone
    page, label = ("/portal", "Open my portal") if has_ended else ("/portal/cards", "See my payment methods")
    facts: Facts = {
        "given_name": plain(who.given_name),
        "day": wording.day(at, zone, language),
        "button": blocks.button(f"{head.public_url}{page}", label),
    }
    name = f"{who.given_name} {who.family_name}"
    return email(head, row.kind, facts, row.to_address, name, row.message_id, language=language)


def _tell(work: UnitOfWork, kind: Kind, membership_id: int) -> None:
    about = memberships.membership(work, membership_id)
    to = contact(work, about.patient_id).email
    plan(work, kind, Channel.EMAIL, membership_id, to=to, patient_id=about.patient_id)
