"""Quiet hours: which messages keep them, and by whose clock (P14)."""

from datetime import datetime
from typing import Any

from clinic_portal.booking.reminding import zone_of_visit
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import ClinicInfo
from clinic_portal.core.work import Reading
from clinic_portal.messaging.quiet_rules import Quiet, outside_quiet
from clinic_portal.messaging.types import Channel, Kind
from clinic_portal.patients.queries import time_zone_of

_HELD = {Kind.VISIT_REMINDER, Kind.FORMS_REMINDER, Kind.AFTER_VISIT}
_HELD_SMS = {
    Kind.PAYMENT_RECEIPT,
    Kind.FEE_FAILED,
    Kind.FEE_WAIVED,
    Kind.REFUND_DONE,
    Kind.MEMBERSHIP_STARTED,
    Kind.MEMBERSHIP_ENDED,
}
"""What comes by itself, or from staff; never a code, nor an answer to what the patient just did."""


def hours(clinic: ClinicInfo) -> Quiet:
    """The clinic's quiet hours."""
    return Quiet(clinic.quiet_from_minutes, clinic.quiet_until_minutes)


def wait_until(read: Reading, row: Any) -> datetime | None:
    """Until when a message, a row of the ledger, waits for the end of the quiet hours; None when it goes out now.

    By the patient's own clock; where they named none, by that of the place they come to.
    """
    kind = Kind(row.kind)
    if kind not in _HELD and not (row.channel == Channel.SMS and kind in _HELD_SMS):
        return None
    clinic = catalogue(read)
    zone = time_zone_of(read, row.patient_id) if row.patient_id else None
    if zone is None and row.appointment_id:
        zone = zone_of_visit(read, row.appointment_id)
    zone = zone or clinic.time_zone
    until = outside_quiet(read.now, zone, hours(clinic.clinic))
    return until if until > read.now else None
