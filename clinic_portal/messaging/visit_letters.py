"""Letters about a visit: booked, moved, cancelled. Pure: facts in, a message out.

An SMS names no treatment: it shows on lock screens and in logs of others. An e-mail does only where the clinic chose
so.
"""

from collections.abc import Sequence
from dataclasses import replace

from clinic_portal.booking import telling
from clinic_portal.booking.types import Visit
from clinic_portal.core import wording
from clinic_portal.messaging import blocks, calendar
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.rendering import Letterhead, day_and_time, email, sms
from clinic_portal.messaging.words import NOTHING, Block, Fact, Facts, Inline, plain

BOOKED, MOVED, CANCELLED = "appointment_booked", "appointment_moved", "appointment_cancelled"


def booked_email(
    head: Letterhead, visit: Visit, *, to: str, message_id: str, forms: Sequence[str] = (), card: str = ""
) -> Email:
    """The confirmation of a booking, with its calendar file (S82, S83), the forms to fill in before (S41), and what was
    done with the card it was booked with, if one was asked for."""
    facts = {
        **visit_facts(head, visit),
        "forms": forms_block(head, forms),
        "card": blocks.titled("Your card", [card] if card else []),
    }
    made = visit_email(head, BOOKED, facts, visit, to, message_id)
    return replace(made, ics=calendar.invitation(visit, head.host, now=head.now), method=calendar.REQUEST)


def booked_sms(head: Letterhead, visit: Visit, *, to: str, message_id: str) -> Sms:
    """The confirmation of a booking in one line, without the services (S82)."""
    return sms(head, BOOKED, visit_facts(head, visit), to, message_id)


def moved_email(head: Letterhead, visit: Visit, *, to: str, message_id: str) -> Email:
    """The new time of a visit; its file moves the calendar entry along (same UID, higher SEQUENCE)."""
    made = visit_email(head, MOVED, visit_facts(head, visit), visit, to, message_id)
    return replace(made, ics=calendar.invitation(visit, head.host, now=head.now), method=calendar.REQUEST)


def moved_sms(head: Letterhead, visit: Visit, *, to: str, message_id: str) -> Sms:
    """The new time of a visit in one line."""
    return sms(head, MOVED, visit_facts(head, visit), to, message_id)


def cancelled_email(head: Letterhead, visit: Visit, *, to: str, message_id: str, money: str = "") -> Email:
    """A visit was cancelled; its file takes the calendar entry out. A fee is said as it is (B4), and what becomes of
    the money."""
    facts = _cancelled_facts(head, visit, money)
    made = visit_email(head, CANCELLED, facts, visit, to, message_id)
    return replace(made, ics=calendar.cancellation(visit, head.host, now=head.now), method=calendar.CANCEL)


def cancelled_sms(head: Letterhead, visit: Visit, *, to: str, message_id: str) -> Sms:
    """A visit was cancelled, in one line."""
    return sms(head, CANCELLED, _cancelled_facts(head, visit, ""), to, message_id)


def visit_email(head: Letterhead, name: str, facts: Facts, visit: Visit, to: str, message_id: str) -> Email:
    """A letter about a visit to its patient, in their language."""
    preview = f"{day_and_time(visit.start_at, visit.location.time_zone, visit.language)}, {plain(visit.location.name)}"
    return email(head, name, facts, to, full_name(visit), message_id, language=visit.language, preview=preview)


def visit_facts(head: Letterhead, visit: Visit) -> dict[str, Fact]:
    """What every letter about a visit may tell of it."""
    language, zone, place = visit.language, visit.location.time_zone, visit.location
    day, time = wording.day(visit.start_at, zone, language), wording.time(visit.start_at, zone, language)
    end_time = wording.time(visit.end_at, zone, language)
    address = plain(place.address)
    return {
        "given_name": plain(visit.given_name),
        "day": day,
        "date": wording.day(visit.start_at, zone, language, length="medium"),
        "day_short": wording.day(visit.start_at, zone, language, length="short"),
        "time": time,
        "end_time": end_time,
        "provider": plain(visit.provider_name),
        "location": plain(place.name),
        "address": address,
        "reference": Inline(visit.reference, is_strong=True),
        "visit_details": blocks.moment(
            day=day,
            time=f"{time} – {end_time}",
            zone=wording.zone_name(visit.start_at, zone, language),
            who=plain(visit.provider_name),
            title=plain(visit.provider_title),
            place=plain(place.name),
            address=address,
            directions=plain(place.directions),
        ),
        "services": _services(head, visit),
        "bring": blocks.titled("What to bring", _bring(head, visit)),
        "policy": _policy(head, visit),
        "calendar_links": _calendars(head, visit),
    }


def forms_block(head: Letterhead, titles: Sequence[str]) -> Block:
    """Forms to be filled in before a visit: by their titles, or how many where a title may name a treatment."""
    if not titles:
        return NOTHING
    count = "1 form" if len(titles) == 1 else f"{len(titles)} forms"
    shown = [plain(one) for one in titles] if head.clinic.email_names_services else [count]
    lead = "Please fill in and sign in your portal:"
    return blocks.listed("Before you come", lead, shown, f"{head.public_url}/portal/forms", "Open my forms")


def may_name(head: Letterhead, visit: Visit, text: str) -> bool:
    """Whether a clinic's own text may stand in an e-mail about this visit: not if it names one of its treatments, where
    the clinic wants none named."""
    if head.clinic.email_names_services:
        return True
    said = plain(text).casefold()
    return not any(plain(one.name).casefold() in said for one in visit.services)


def full_name(visit: Visit) -> str:
    """Whom a letter is to."""
    return f"{visit.given_name} {visit.family_name}"


def _services(head: Letterhead, visit: Visit) -> Block:
    language = visit.language
    total = wording.money(visit.total_minor, visit.currency, language)
    if not head.clinic.email_names_services:
        count = len(visit.services)
        minutes = sum(one.duration_minutes for one in visit.services)
        told = wording.duration(minutes, language)
        many = [] if count < 2 else [("Your visit", f"{count} treatments, {told}", "")]
        return blocks.prices("What", many or [("Your visit", told, "")], total)
    lines = [
        (
            plain(one.name),
            wording.duration(one.duration_minutes, language),
            "From your wallet" if one.lot_id else wording.money(one.price_minor, visit.currency, language),
        )
        for one in visit.services
    ]
    return blocks.prices("What", lines, total)


def _bring(head: Letterhead, visit: Visit) -> list[str]:
    told = dict.fromkeys(line for one in visit.services for line in _lines(one.what_to_bring))
    return [line for line in told if may_name(head, visit, line)]


def _policy(head: Letterhead, visit: Visit) -> Block:
    told = telling.visit_terms(visit, head.now)
    if visit.policy is None or told is None:
        return NOTHING
    text = _lines(visit.policy.text)
    if not may_name(head, visit, visit.policy.text):
        text = ["You find the whole policy in your portal."]
    return Block(
        "terms",
        {"title": "If your plans change", "free": told.free, "fee": told.costs, "text": text},
        "\n".join(["IF YOUR PLANS CHANGE", told.sentence, *(["", *text] if text else [])]),
    )


def _calendars(head: Letterhead, visit: Visit) -> Block:
    links = calendar.links(visit, head.host, apple=head.file_url(visit.reference))
    named = [
        ("Apple", links.apple),
        ("Google", links.google),
        ("Outlook.com", links.outlook),
        ("Microsoft 365", links.office),
        ("Yahoo", links.yahoo),
    ]
    return blocks.calendars(named, calendar.FILE_NAME)


def _cancelled_facts(head: Letterhead, visit: Visit, money: str) -> dict[str, Fact]:
    zone, language = visit.location.time_zone, visit.language
    cost = "Cancelling it cost nothing."
    if visit.late_fee_minor:
        fee = wording.money(visit.late_fee_minor, visit.currency, language)
        cost = f"A late cancellation costs {fee} under the policy you accepted."
    url = f"{head.public_url}/book"
    return {
        **visit_facts(head, visit),
        "cancelled_visit": blocks.struck(
            day_and_time(visit.start_at, zone, language),
            wording.zone_name(visit.start_at, zone, language),
            plain(visit.location.name),
            visit.reference,
        ),
        "what_it_costs": f"{cost} {money}".strip(),
        "link": Inline(url, url),
        "button": blocks.button(url, "Book another time"),
    }


def _lines(text: str) -> list[str]:
    return [line for line in map(plain, text.splitlines()) if line]
