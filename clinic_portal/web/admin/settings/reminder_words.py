"""Lead times and quiet hours in plain words, with an example. Pure."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from clinic_portal.clinic.types import Catalogue, ClinicInfo
from clinic_portal.core import wording
from clinic_portal.messaging import quiet as quiet_hours
from clinic_portal.messaging.lead_times import FORMS, LeadTime
from clinic_portal.messaging.lead_times import UNITS as LENGTHS
from clinic_portal.messaging.quiet_rules import reminder_due

ABOUT = [["visit", "The visit"], ["forms", "Forms still to be filled in"]]
CHANNELS = [["email", "E-mail"], ["sms", "Text message"]]
UNITS = [["days", "Days"], ["hours", "Hours"]]
USUAL_QUIET = (21 * 60, 8 * 60)
WHO = (
    "Everyone with a booked visit, by the ways they want: they choose in their portal, and you can on their page.",
    "Who replied STOP to your texts is reminded by e-mail, and whose e-mail comes back by text, if they want that.",
    "Who books or moves a visit after a reminder was due has just read the time and is not reminded by it.",
    "Forms are reminded of only as long as one is missing; a reminder of the visit tells of them too.",
)
_TUESDAY = 1
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")


def title(one: LeadTime) -> str:
    """A lead time: what, how, how long before."""
    days, minutes = divmod(one.lead_minutes, LENGTHS["days"])
    parts = [_many(count, name) for count, name in ((days, "day"), (minutes // 60, "hour")) if count]
    about = "Missing forms" if one.about == FORMS else "The visit"
    how = dict(CHANNELS)[one.channel.value].lower()
    return f"{about}, by {how}, {' and '.join(parts)} before"


def example(one: LeadTime, clinic: Catalogue, zone: str, now: datetime) -> str:
    """When a visit on a Tuesday at 9:00 is reminded of, quiet hours and all."""
    today = now.astimezone(ZoneInfo(zone)).date()
    tuesday = today + timedelta(days=7 + (_TUESDAY - today.weekday()) % 7)
    start = datetime.combine(tuesday, time(9), ZoneInfo(zone))
    due = reminder_due(start, one.lead, zone, quiet_hours.hours(clinic.clinic))
    language, local = clinic.clinic.language, wording.local(due, zone)
    apart = (tuesday - local.date()).days
    on = wording.weekday(local.date(), language) if apart < 7 else wording.day(due, zone, language, length="medium")
    shown = wording.weekday(tuesday, language) if apart < 7 else wording.day(start, zone, language, length="medium")
    return (
        f"A visit on {shown} at {_at(9 * 60, language)} is reminded of on {on} at {wording.time(due, zone, language)}."
    )


def quiet(clinic: ClinicInfo) -> str:
    """The quiet hours as a sentence."""
    first, last = clinic.quiet_from_minutes, clinic.quiet_until_minutes
    if first == last:
        return "Reminders go out at any hour, at night too."
    return f"No reminder goes out from {_at(first, clinic.language)} to {_at(last, clinic.language)}."


def minute_of(typed: str) -> int | None:
    """A time of day as a browser sends it, in minutes after midnight; None for what is none."""
    found = _TIME.fullmatch(typed.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return int(found[1]) * 60 + int(found[2])


def _at(minute: int, language: str) -> str:
    return wording.time(datetime(2026, 1, 1, minute // 60, minute % 60, tzinfo=ZoneInfo("UTC")), "UTC", language)


def _many(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name}s"
