"""Texts, written when they are sent. Pure: facts in, a message out; a missing fact is an error, not a blank.

An SMS and a link name no treatment: they show on lock screens and in logs of others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from clinic_portal.accounts.types import PhoneCode
from clinic_portal.booking import telling
from clinic_portal.booking.types import Visit
from clinic_portal.clinic.types import ClinicInfo
from clinic_portal.core import wording
from clinic_portal.messaging import calendar
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.patients.types import ClaimSheet

_TEMPLATES = Environment(
    loader=PackageLoader("clinic_portal.messaging"),
    autoescape=select_autoescape(enabled_extensions=("html.jinja",), default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=False,
)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all messages share: the clinic, its address on the web, where mail comes from, the instant."""

    clinic: ClinicInfo
    public_url: str
    email_from: str
    now: datetime

    @property
    def host(self) -> calendar.Host:
        """The clinic as the host of a calendar entry."""
        return calendar.Host(plain(self.clinic.name), self.email_from, self.public_url, plain(self.clinic.phone))


def plain(text: str) -> str:
    """Text from people on one line: nothing in it can begin a header or a line of its own."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def booked_email(
    head: Letterhead, visit: Visit, *, to: str, message_id: str, forms: Sequence[str] = (), card: str = ""
) -> Email:
    """The confirmation of a booking, with its calendar file (S82, S83), the forms to fill in before (S41), and what was
    done with the card it was booked with, if one was asked for."""
    facts = {
        **_visit_facts(head, visit),
        "forms": [plain(one) for one in forms],
        "card": card,
        "forms_url": f"{head.public_url}/portal/forms",
    }
    made = email(head, "appointment_booked", facts, to, f"{visit.given_name} {visit.family_name}", message_id)
    return replace(made, ics=calendar.invitation(visit, head.host, now=head.now), method=calendar.REQUEST)


def booked_sms(head: Letterhead, visit: Visit, *, to: str, message_id: str) -> Sms:
    """The confirmation of a booking in one line, without the services (S82)."""
    return Sms(message_id, to, sms("appointment_booked", _visit_facts(head, visit)))


def moved_email(head: Letterhead, visit: Visit, *, to: str, message_id: str) -> Email:
    """The new time of a visit; its file moves the calendar entry along (same UID, higher SEQUENCE)."""
    facts = {**_visit_facts(head, visit), "forms": [], "card": ""}
    made = email(head, "appointment_moved", facts, to, f"{visit.given_name} {visit.family_name}", message_id)
    return replace(made, ics=calendar.invitation(visit, head.host, now=head.now), method=calendar.REQUEST)


def moved_sms(head: Letterhead, visit: Visit, *, to: str, message_id: str) -> Sms:
    """The new time of a visit in one line."""
    return Sms(message_id, to, sms("appointment_moved", _visit_facts(head, visit)))


def cancelled_email(head: Letterhead, visit: Visit, *, to: str, message_id: str, money: str = "") -> Email:
    """A visit was cancelled; its file takes the calendar entry out. A fee is said as it is (B4), and what becomes of
    the money."""
    facts = {**_visit_facts(head, visit), "money": money}
    made = email(head, "appointment_cancelled", facts, to, f"{visit.given_name} {visit.family_name}", message_id)
    return replace(made, ics=calendar.cancellation(visit, head.host, now=head.now), method=calendar.CANCEL)


def cancelled_sms(head: Letterhead, visit: Visit, *, to: str, message_id: str) -> Sms:
    """A visit was cancelled, in one line."""
    return Sms(message_id, to, sms("appointment_cancelled", _visit_facts(head, visit)))


def code_sms(head: Letterhead, code: PhoneCode, *, to: str, message_id: str) -> Sms:
    """A one-time code; its last line lets the browser fill it in on this site and no other (WebOTP, S66)."""
    minutes = max(1, ceil((code.expires_at - head.now).total_seconds() / 60))
    host = urlsplit(head.public_url).hostname or ""
    facts = {**shared(head), "digits": code.digits, "minutes": minutes, "host": host}
    return Sms(message_id, to, sms("phone_code", facts))


def news_sms(head: Letterhead, *, to: str, message_id: str) -> Sms:
    """An e-mail did not arrive that has no words of its own for an SMS: where it can be read (B6)."""
    return Sms(message_id, to, sms("news", shared(head)))


def claim_email(head: Letterhead, claim: ClaimSheet, *, zone: str, to: str, message_id: str) -> Email:
    """Asks an e-mail's owner whether a booking is theirs; the link changes nothing by itself (rule 10a)."""
    language = head.clinic.language
    facts = {
        **shared(head),
        "given_name": plain(claim.given_name),
        "claim_url": f"{head.public_url}/confirm?t={claim.token}",
        "until": day_and_time(claim.expires_at, zone, language),
    }
    return email(head, "profile_claim", facts, to, claim.given_name, message_id)


def shared(head: Letterhead) -> dict[str, Any]:
    """The facts every template may ask for."""
    clinic = head.clinic
    return {
        "clinic": {
            "name": plain(clinic.name),
            "phone": wording.phone(plain(clinic.phone)),
            "phone_url": f"tel:{plain(clinic.phone)}",
            "email": plain(clinic.email),
        },
        "home_url": head.public_url,
        "home_name": urlsplit(head.public_url).netloc,
        "language": clinic.language,
    }


def _visit_facts(head: Letterhead, visit: Visit) -> dict[str, Any]:
    language, zone = visit.language, visit.location.time_zone
    place = visit.location
    shown = replace(
        visit,
        provider_name=plain(visit.provider_name),
        provider_title=plain(visit.provider_title),
        location=replace(place, name=plain(place.name), street=plain(place.street), city=plain(place.city)),
    )
    return {
        **shared(head),
        "language": language,
        "visit": shown,
        "given_name": plain(visit.given_name),
        "day": wording.day(visit.start_at, zone, language),
        "day_medium": wording.day(visit.start_at, zone, language, length="medium"),
        "day_short": wording.day(visit.start_at, zone, language, length="short"),
        "time": wording.time(visit.start_at, zone, language),
        "end_time": wording.time(visit.end_at, zone, language),
        "zone": wording.zone_name(visit.start_at, zone, language),
        "services": [
            {
                "name": plain(service.name),
                "duration": wording.duration(service.duration_minutes, language),
                "price": wording.money(service.price_minor, visit.currency, language),
            }
            for service in visit.services
        ],
        "total": wording.money(visit.total_minor, visit.currency, language),
        "bring": list(dict.fromkeys(line for one in visit.services for line in _lines(one.what_to_bring))),
        "fee": wording.money(visit.late_fee_minor, visit.currency, language) if visit.late_fee_minor else "",
        "policy": _policy(head, visit),
        "calendar": calendar.links(shown, head.host),
    }


def _policy(head: Letterhead, visit: Visit) -> dict[str, Any] | None:
    told = telling.visit_terms(visit, head.now)
    if visit.policy is None or told is None:
        return None
    return {"free": told.free, "fee": told.costs, "text": list(_lines(visit.policy.text))}


def day_and_time(at: datetime, zone: str, language: str) -> str:
    """An instant as a sentence tells it."""
    return f"{wording.day(at, zone, language)}, {wording.time(at, zone, language)}"


def _lines(text: str) -> Iterator[str]:
    return (line for line in map(plain, text.splitlines()) if line)


def email(head: Letterhead, template: str, facts: dict[str, Any], to: str, to_name: str, message_id: str) -> Email:
    """An e-mail from a template's three files and its facts."""
    subject = plain(_render(f"{template}.subject.jinja", facts))
    return Email(
        message_id=message_id,
        to=to,
        to_name=plain(to_name),
        from_name=plain(head.clinic.name),
        reply_to=plain(head.clinic.email),
        subject=subject,
        text=_render(f"{template}.txt.jinja", facts).strip() + "\n",
        html=_render(f"{template}.html.jinja", {**facts, "subject": subject}),
        headers={"Auto-Submitted": "auto-generated"},
    )


def sms(template: str, facts: dict[str, Any]) -> str:
    """An SMS in the cheap alphabet where its words allow: typographic quotes would double its price."""
    body = _render(f"{template}.sms.jinja", facts).strip()
    return body.translate({0x202F: " ", 0xA0: " ", 0x2009: " ", 0x2019: "'", 0x2018: "'", 0x2013: "-", 0x2014: "-"})


def _render(template: str, facts: dict[str, Any]) -> str:
    return _TEMPLATES.get_template(template).render(facts)
