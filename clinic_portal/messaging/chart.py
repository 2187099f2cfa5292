"""A patient's messages as their profile shows them: sent, replied, still to come, and what nothing arrives at (B6)."""

from dataclasses import dataclass
from datetime import datetime

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import paperwork
from clinic_portal.booking.queries import booked_ahead
from clinic_portal.clinic.queries import catalogue, location
from clinic_portal.core.work import Reading
from clinic_portal.messaging import listing, unreachable
from clinic_portal.messaging.lead_times import VISIT, lead_times
from clinic_portal.messaging.listing import Line, ReplyLine
from clinic_portal.messaging.quiet import hours
from clinic_portal.messaging.quiet_rules import reminder_due
from clinic_portal.messaging.types import Channel, Kind, Silence
from clinic_portal.patients.queries import contact, reminded
from clinic_portal.patients.types import Reminded

MOST = 100


@dataclass(frozen=True, slots=True)
class Reach:
    """An address of a patient's, and why nothing is sent there, where that is so."""

    channel: Channel
    address: str
    silence: Silence | None


@dataclass(frozen=True, slots=True)
class Coming:
    """A message that is not in the ledger yet: of what kind, by which channel, about which visit, and when."""

    kind: str
    channel: str
    reference: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything between the clinic and a patient, the newest first; `has_more`: older ones are left out."""

    reach: tuple[Reach, ...]
    coming: tuple[Coming, ...]
    lines: tuple[Line, ...]
    replies: tuple[ReplyLine, ...]
    has_more: bool


def chart(read: Reading, actor: StaffActor, patient_id: int) -> Chart:
    """A patient's messages. Raises NotAllowed, also where there is no such patient."""
    lines, replies = listing.of_patient(read, actor, patient_id, most=MOST)
    known = contact(read, patient_id)
    addresses = ((Channel.EMAIL, known.email), (Channel.SMS, known.phone))
    return Chart(
        reach=tuple(
            Reach(channel, address, unreachable.silence(read, channel, address) if address else None)
            for channel, address in addresses
        ),
        coming=upcoming(read, patient_id),
        lines=lines,
        replies=replies,
        has_more=len(lines) == MOST or len(replies) == MOST,
    )


def upcoming(read: Reading, patient_id: int) -> tuple[Coming, ...]:
    """Reminders that are still to come, the soonest first, by the clinic's rules and the patient's wishes of now."""
    rules, visits = lead_times(read), booked_ahead(read, patient_id)
    if not (rules and visits):
        return ()
    clinic, who = catalogue(read), reminded(read, {patient_id})[patient_id]
    missing = paperwork.missing(read, visits)
    found = []
    for number, visit in visits.items():
        place = clinic.locations.get(visit.location_id) or location(read, visit.location_id)
        for rule in rules:
            due_at = reminder_due(visit.start_at, rule.lead, who.time_zone or place.time_zone, hours(clinic.clinic))
            channel = _channel(read, who, rule.channel)
            if due_at > read.now and channel is not None and (rule.about == VISIT or number in missing):
                kind = Kind.VISIT_REMINDER if rule.about == VISIT else Kind.FORMS_REMINDER
                found.append(Coming(kind.value, channel.value, visit.reference, due_at))
    return tuple(sorted(dict.fromkeys(found), key=lambda one: one.due_at))


def _channel(read: Reading, who: Reminded, channel: Channel) -> Channel | None:
    """By which channel a reminder reaches a patient: its own, the other if nothing arrives there, none they decline."""
    ways = {Channel.EMAIL: (who.email, who.wants_email), Channel.SMS: (who.phone, who.wants_sms)}
    other = channel.other
    if not ways[channel][1]:
        return None
    for way in (channel, other):
        address, wants = ways[way]
        if address and wants and unreachable.silence(read, way, address) is None:
            return way
    return None
