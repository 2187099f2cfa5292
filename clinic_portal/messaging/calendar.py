"""The patient's own calendar (S83): files that every reader understands alike, and links to web calendars.

The title is neutral and the entry private, because phones show it on the lock screen. One UID for life; the
visit's `sequence` rises with every change, so that a later file replaces an earlier one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from clinic_portal.booking.types import Visit
from clinic_portal.messaging.timezone import vtimezone

FILE_NAME = "appointment.ics"
REQUEST, PUBLISH, CANCEL = "REQUEST", "PUBLISH", "CANCEL"


@dataclass(frozen=True, slots=True)
class Host:
    """Who invites: the clinic, the address its mail comes from (Outlook wants it so), its site and phone."""

    name: str
    email: str
    url: str
    phone: str


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses that open a web calendar with the visit filled in."""

    google: str
    outlook: str
    office: str
    yahoo: str
    apple: str  # the file of this visit, which opens Apple's calendar


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """Addresses that make a calendar follow a feed."""

    apple: str
    google: str
    outlook: str
    office: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A stretch of a provider's calendar: a visit or time off, told without whom and what it is for."""

    uid: str
    sequence: int
    start_at: datetime
    end_at: datetime
    title: str
    place: str
    note: str
    is_cancelled: bool


def invitation(visit: Visit, host: Host, *, now: datetime) -> bytes:
    """The file that goes with an e-mail (METHOD:REQUEST)."""
    return _file(visit, host, REQUEST, now)


def download(visit: Visit, host: Host, *, now: datetime) -> bytes:
    """The file a page offers for download (METHOD:PUBLISH, without the patient's address)."""
    return _file(visit, host, PUBLISH, now)


def cancellation(visit: Visit, host: Host, *, now: datetime) -> bytes:
    """The file that takes a visit out of the calendar (METHOD:CANCEL)."""
    return _file(visit, host, CANCEL, now)


def feed(visits: Sequence[Visit], host: Host, *, now: datetime) -> bytes:
    """All visits in one calendar, for programs that fetch it again and again; without a METHOD, it is no message."""
    calendar = _followed(f"Visits at {host.name}")
    for visit in visits:
        calendar.add_component(_event(visit, host, PUBLISH, now, zone=None))
    file: bytes = calendar.to_ical()
    return file


def provider_feed(entries: Sequence[Entry], host: Host, *, now: datetime) -> bytes:
    """A provider's visits and time off in one calendar; other companies' calendars read it, so it names nobody."""
    calendar = _followed(f"My day at {host.name}")
    for one in entries:
        event = Event()
        event.add("uid", one.uid)
        event.add("sequence", one.sequence)
        event.add("dtstamp", now.astimezone(UTC))
        event.add("dtstart", one.start_at.astimezone(UTC))
        event.add("dtend", one.end_at.astimezone(UTC))
        event.add("summary", one.title)
        event.add("description", one.note)
        event.add("location", one.place)
        event.add("class", "PRIVATE")
        event.add("transp", "OPAQUE")
        event.add("status", "CANCELLED" if one.is_cancelled else "CONFIRMED")
        calendar.add_component(event)
    file: bytes = calendar.to_ical()
    return file


def subscriptions(url: str, name: str) -> Subscriptions:
    """How a calendar is made to follow a feed, by one press where its makers allow it."""
    followed = "webcal:" + url.partition(":")[2]
    return Subscriptions(
        apple=followed,
        google=_url("https://calendar.google.com/calendar/r", cid=followed),
        outlook=_url("https://outlook.live.com/calendar/0/addfromweb", url=url, name=name),
        office=_url("https://outlook.office.com/calendar/0/addfromweb", url=url, name=name),
    )


def links(visit: Visit, host: Host, *, apple: str) -> Links:
    """Links to the common calendars; spaces as %20, because Outlook shows a plus sign as it is."""
    begin, end = visit.start_at.astimezone(UTC), visit.end_at.astimezone(UTC)
    compact = "%Y%m%dT%H%M%SZ"
    outlook = {
        "rru": "addevent",
        "subject": _title(host),
        "startdt": begin.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "enddt": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "body": _details(visit, host),
        "location": _place(visit),
        "allday": "false",
    }
    return Links(
        google=_url(
            "https://calendar.google.com/calendar/render",
            action="TEMPLATE",
            text=_title(host),
            dates=f"{begin.strftime(compact)}/{end.strftime(compact)}",
            details=_details(visit, host),
            location=_place(visit),
        ),
        outlook=_url("https://outlook.live.com/calendar/0/action/compose", **outlook),
        office=_url("https://outlook.office.com/calendar/0/action/compose", **outlook),
        yahoo=_url(
            "https://calendar.yahoo.com/",
            v="60",
            title=_title(host),
            st=begin.strftime(compact),
            et=end.strftime(compact),
            desc=_details(visit, host),
            in_loc=_place(visit),
        ),
        apple=apple,
    )


def _url(base: str, **parameters: str) -> str:
    return f"{base}?{urlencode(parameters, quote_via=quote, safe='')}"


def _title(host: Host) -> str:
    return f"Appointment at {host.name}"


def _details(visit: Visit, host: Host) -> str:
    return f"Reference {visit.reference}\nTo change or cancel: {host.phone}\n{host.url}"


def _place(visit: Visit) -> str:
    return f"{visit.location.name}, {visit.location.address}"


def _file(visit: Visit, host: Host, method: str, now: datetime) -> bytes:
    calendar = _calendar()
    calendar.add("method", method)
    zone = visit.location.time_zone
    rules = vtimezone(zone, visit.start_at, visit.end_at)
    if rules is not None:
        calendar.add_component(rules)
    calendar.add_component(_event(visit, host, method, now, zone=ZoneInfo(zone) if rules else None))
    file: bytes = calendar.to_ical()
    return file


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//clinic_portal//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


def _followed(name: str) -> Calendar:
    calendar = _calendar()
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=1), {"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    return calendar


def _event(visit: Visit, host: Host, method: str, now: datetime, *, zone: ZoneInfo | None) -> Event:
    """The entry of a visit; without a zone its times are in UTC."""
    event = Event()
    event.add("uid", visit.uid)
    event.add("sequence", visit.sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", visit.start_at.astimezone(zone or UTC))
    event.add("dtend", visit.end_at.astimezone(zone or UTC))
    event.add("summary", _title(host))
    event.add("description", _details(visit, host))
    event.add("location", _place(visit))
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE")
    cancelled = method == CANCEL or visit.status == "cancelled"
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("organizer", _person(host.email, host.name))
    if method != PUBLISH:
        patient = _person(visit.email, f"{visit.given_name} {visit.family_name}")
        patient.params["PARTSTAT"] = vText("ACCEPTED")
        patient.params["RSVP"] = vText("FALSE")
        event.add("attendee", patient, encode=False)
    return event


def _person(email: str, name: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{email}")
    person.params["CN"] = vText(name)
    return person
