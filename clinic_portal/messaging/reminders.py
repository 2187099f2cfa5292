"""Reminders that are due (P14): found from the data, so that a worker that was down catches up, and a visit that moves
needs no bookkeeping.

Of several that are due by one channel the latest goes out alone. Whoever booked, or got another time, after one was due
is not reminded by it: they have just had a letter.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from clinic_portal.booking import paperwork, reminding
from clinic_portal.booking.reminding import Coming
from clinic_portal.clinic.queries import catalogue, location
from clinic_portal.core import outbox
from clinic_portal.core.work import UnitOfWork
from clinic_portal.messaging import quiet, unreachable
from clinic_portal.messaging.actions import plan
from clinic_portal.messaging.lead_times import FORMS, VISIT, LeadTime, lead_times
from clinic_portal.messaging.quiet_rules import SLACK, reminder_due
from clinic_portal.messaging.types import Channel, Kind
from clinic_portal.patients.queries import reminded
from clinic_portal.patients.types import Reminded

PORTION = 100
"""Visits looked at in one transaction, so that bookings come in between."""
_KINDS = {VISIT: Kind.VISIT_REMINDER, FORMS: Kind.FORMS_REMINDER}


@dataclass(frozen=True, slots=True)
class _Due:
    """A reminder whose time has come, and when that was."""

    at: datetime
    rule: LeadTime

    @property
    def rank(self) -> tuple[datetime, bool, int]:
        """The latest goes out; at the same time that of the visit, since it tells of its forms too."""
        return self.at, self.rule.about == VISIT, -self.rule.lead_minutes


def plan_due(work: UnitOfWork) -> int:
    """Look at some of the visits to come and plan what is due; how many visits that were, 0 when none are left."""
    rules = lead_times(work)
    if not rules:
        return 0
    work.in_turn("reminders")  # of several workers, one after the other
    until = work.now + max(one.lead for one in rules) + SLACK
    visits = reminding.coming(work, until=until, most=PORTION)
    if not visits:
        return 0
    people = reminded(work, {one.patient_id for one in visits})
    missing = paperwork.missing(work, [one.appointment_id for one in visits]) if _asks_forms(rules) else {}
    silenced = {
        Channel.EMAIL: unreachable.silenced(work, Channel.EMAIL, {one.email for one in people.values()}),
        Channel.SMS: unreachable.silenced(work, Channel.SMS, {one.phone for one in people.values()}),
    }
    looks_again = {}
    for visit in visits:
        who = people[visit.patient_id]
        here = [one for one in rules if one.about == VISIT or visit.appointment_id in missing]
        times = [_Due(_due_at(work, visit, who, one), one) for one in here]
        due = [one for one in times if one.at <= work.now and _is_for(visit, one)]
        for channel, one in _by_channel(due, who, silenced):
            _plan(work, visit, who, channel, one)
        coming = (one.at for one in times if one.at > work.now)
        looks_again[visit.appointment_id] = min([*coming, work.now + reminding.LOOKS_AGAIN])
    reminding.look_again(work, looks_again)
    return len(visits)


def _asks_forms(rules: Sequence[LeadTime]) -> bool:
    return any(one.about == FORMS for one in rules)


def _due_at(work: UnitOfWork, visit: Coming, who: Reminded, rule: LeadTime) -> datetime:
    clinic = catalogue(work)
    place = clinic.locations.get(visit.location_id) or location(work, visit.location_id)
    return reminder_due(visit.start_at, rule.lead, who.time_zone or place.time_zone, quiet.hours(clinic.clinic))


def _is_for(visit: Coming, due: _Due) -> bool:
    """Its patient knew of this time by then, and the clinic did remind so."""
    return due.at >= due.rule.added_at and (visit.known_at is None or visit.known_at <= due.at)


def _by_channel(
    due: Sequence[_Due], who: Reminded, silenced: dict[Channel, set[str]]
) -> Iterator[tuple[Channel, _Due]]:
    """The one reminder of each channel. What the patient does not want is left out; what cannot reach them by its own
    channel goes by the other, if they want that."""

    def reaches(channel: Channel) -> bool:
        to, wants = _ways(who)[channel]
        return bool(to) and wants and to not in silenced[channel]

    found: dict[Channel, list[_Due]] = defaultdict(list)
    for one in due:
        channel = one.rule.channel
        other = channel.other
        if reaches(channel):
            found[channel].append(one)
        elif _ways(who)[channel][1] and reaches(other):
            found[other].append(one)
    for channel, listed in found.items():
        yield channel, max(listed, key=lambda one: one.rank)


def _ways(who: Reminded) -> dict[Channel, tuple[str, bool]]:
    return {Channel.EMAIL: (who.email, who.wants_email), Channel.SMS: (who.phone, who.wants_sms)}


def _plan(work: UnitOfWork, visit: Coming, who: Reminded, channel: Channel, due: _Due) -> None:
    plan(
        work,
        _KINDS[due.rule.about],
        channel,
        visit.appointment_id,
        to=_ways(who)[channel][0],
        appointment_id=visit.appointment_id,
        patient_id=visit.patient_id,
        edition=f"{due.rule.lead_minutes}.{int(visit.start_at.timestamp()) // 60}",
        priority=outbox.BULK,
        due_at=due.at,
        about_at=visit.start_at,
    )
