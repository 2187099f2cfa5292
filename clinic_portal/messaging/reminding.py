"""Reminders, written when they are sent: does it still make sense, and what does it tell."""

from typing import Any

from clinic_portal.booking import changes, paperwork
from clinic_portal.booking.queries import visit
from clinic_portal.core.work import Reading
from clinic_portal.messaging import reminder_letters, rules
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.reminder_letters import Reminded
from clinic_portal.messaging.rendering import Letterhead
from clinic_portal.messaging.types import Channel, Dropped, Kind
from clinic_portal.patients import wishes
from clinic_portal.patients.queries import reminded


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
