"""E-mails with instructions: planned when a visit is booked and after it was; written when they are sent."""

from typing import Any

from clinic_portal.booking import care
from clinic_portal.booking.queries import visit
from clinic_portal.core import outbox
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import requests
from clinic_portal.messaging import care_letters, rules
from clinic_portal.messaging.actions import plan
from clinic_portal.messaging.ports import Email
from clinic_portal.messaging.rendering import Letterhead
from clinic_portal.messaging.types import Channel, Dropped, Kind

PORTION = 100
"""Planned in one transaction, so that bookings come in between."""


def plan_before(work: UnitOfWork, appointment_id: int) -> None:
    """Send the pre-treatment instructions of a visit, if it has any (S42)."""
    if care.before(work, appointment_id):
        _plan(work, Kind.BEFORE_VISIT, appointment_id, appointment_id)


def plan_after(work: UnitOfWork) -> int:
    """Send some of the post-treatment instructions whose time has come (S45), and how many; 0 when none are left.

    Found from the data, so late or twice is fine.
    """
    due = care.after_due(work)[:PORTION]
    for one in due:
        assert one.appointment_id is not None
        _plan(work, Kind.AFTER_VISIT, one.id, one.appointment_id, priority=outbox.BULK)
    if due:
        requests.mark_mailed(work, [one.id for one in due])
    return len(due)


def before_letter(read: Reading, head: Letterhead, row: Any) -> Email | Dropped:
    """What to do before a visit, unless it is off by now."""
    about = visit(read, row.subject_id)
    outdated = rules.outdated_visit(about.status, about.start_at, read.now)
    texts = care.before(read, about.appointment_id)
    if outdated or not texts:
        return Dropped(outdated or "no_instructions")
    return care_letters.before(head, about, texts, to=row.to_address, message_id=row.message_id)


def after_letter(read: Reading, head: Letterhead, row: Any) -> Email | Dropped:
    """What to do after a visit, unless it did not take place."""
    found = care.after(read, row.subject_id)
    if found is None:
        return Dropped("not_taken_place")
    return care_letters.after(head, *found, to=row.to_address, message_id=row.message_id)


def _plan(work: UnitOfWork, kind: Kind, subject_id: int, appointment_id: int, *, priority: int = outbox.USUAL) -> None:
    about = visit(work, appointment_id)
    plan(
        work,
        kind,
        Channel.EMAIL,
        subject_id,
        to=about.email,
        appointment_id=appointment_id,
        patient_id=about.patient_id,
        priority=priority,
    )
