"""What the messages say, and what they never say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from html.parser import HTMLParser

import pytest
from icalendar import Calendar
from sqlalchemy import update

from clinic_portal import bootstrap
from clinic_portal.accounts.types import PhoneCode
from clinic_portal.booking.queries import visit
from clinic_portal.booking.types import Visit
from clinic_portal.bootstrap import cashier
from clinic_portal.clinic import models as clinic_models
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.integrations.smtp_email import SmtpEmail
from clinic_portal.messaging import feeds, queries, rendering, rules, visit_letters
from clinic_portal.messaging.ports import Email
from clinic_portal.patients.types import ClaimSheet
from clinic_portal.worker import Worker
from tests import factories
from tests.actions.messaging.conftest import THURSDAY, Notebook, finish

HOSTILE = "<script>alert(1)</script>"


class Words(HTMLParser):
    """The words a reader of the HTML sees, and its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self._words: list[str] = []
        self._silent = False
        self.feed(html)
        self.text = " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        self._silent = tag in ("style", "title")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._words.append(data)


@pytest.fixture
def head(services: Services, clinic: factories.SmallClinic) -> rendering.Letterhead:
    """The clinic chose that its e-mails name treatments."""
    clinic.settings(email_names_services=True)
    return replace(services.ask(queries.letterhead), public_url="https://lumen.example")


@pytest.fixture
def amaras(services: Services, booked: int) -> Visit:
    return services.ask(visit, booked)


def email(head: rendering.Letterhead, of: Visit) -> Email:
    return visit_letters.booked_email(head, of, to=of.email, message_id="1@lumen.example")


def sms(head: rendering.Letterhead, of: Visit) -> str:
    return visit_letters.booked_sms(head, of, to=of.phone, message_id="1@lumen.example").body


@pytest.mark.req("S82")
def test_the_confirmation_tells_all_in_both_its_parts(head: rendering.Letterhead, amaras: Visit) -> None:
    made = email(head, amaras)
    for text in (Words(made.html).text, " ".join(made.text.split())):
        for fact in (
            amaras.reference,
            "Thursday, December 3, 2026",
            "10:30 AM",
            "11:45 AM",
            "Central Standard Time",
            "Dr. Maya Osei",
            "Lumen Downtown",
            "214 Congress Ave, Austin, TX 78701",
            "Botox — forehead",
            "$240.00",
            "Hydrating facial",
            "$95.00",
            "$335.00",
            "Come without make-up.",
            "Free to cancel until Tue, Dec 1, 2026, 10:30 AM.",
            "After that, cancelling costs $167.50, and so does missing it.",
            "Please tell us two days before.",
            "+1 512-555-0100",
        ):
            assert fact in text
    assert made.subject == f"Your appointment on Thu, Dec 3, 2026, 10:30 AM ({amaras.reference})"
    assert "https://calendar.google.com/" in made.html
    assert "https://outlook.live.com/" in made.html
    assert "https://lumen.example" in made.html
    assert made.text.count("Come without make-up.") == 1, "the same advice of two services is given once"
    assert (made.from_name, made.reply_to) == ("Lumen Aesthetics", "hello@lumen.example")


def test_where_the_clinic_has_no_policy_nothing_is_said_of_one(head: rendering.Letterhead, amaras: Visit) -> None:
    made = email(head, replace(amaras, policy=None, free_until_at=None))
    assert "cancel until" not in made.html + made.text
    assert "costs" not in made.html + made.text


def test_booked_at_short_notice_it_says_that_the_free_time_has_passed(
    head: rendering.Letterhead, amaras: Visit
) -> None:
    late = replace(head, now=amaras.start_at - timedelta(hours=3))
    made = email(late, amaras)
    assert "Free cancellation is over for this visit. Cancelling now costs $167.50" in made.text


@pytest.mark.req("S82")
def test_the_sms_names_no_treatment_and_fits_one_part(head: rendering.Letterhead, amaras: Visit) -> None:
    body = sms(head, amaras)
    assert body == (
        "Lumen Aesthetics: you're booked for Thu, Dec 3, 10:30 AM at Lumen Downtown. "
        f"Ref {amaras.reference}. Details: https://lumen.example"
    )
    assert rules.sms_size(body).segments == 1
    assert not any(word in body for word in ("Botox", "facial", "Amara"))


@pytest.mark.req("S82")
@pytest.mark.parametrize("language", ["en", "en-GB", "de", "pl", "xx"])
def test_dates_and_money_follow_the_language(head: rendering.Letterhead, amaras: Visit, language: str) -> None:
    made = email(head, replace(amaras, language=language))
    days = {"en-GB": "Thursday, 3 December 2026", "de": "Donnerstag, 3. Dezember 2026"}
    assert days.get(language, "2026") in made.text
    assert "240" in made.text


@pytest.mark.req("S66")
def test_a_code_is_in_the_form_that_browsers_fill_in(
    services: Services, worker: Worker, sent: Notebook, head: rendering.Letterhead, booked: int
) -> None:
    code = PhoneCode("+15125550142", "012345", "booking_phone", head.now + timedelta(minutes=10), True)
    made = rendering.code_sms(head, code, to=code.phone, message_id="1@x")
    assert made.body.splitlines()[-1] == "@lumen.example #012345"
    assert made.body.startswith("012345 is your Lumen Aesthetics code. It works for 10 min.")
    assert rules.sms_size(made.body).segments == 1


def test_a_claim_asks_and_tells_nothing_of_the_booking(
    services: Services, worker: Worker, sent: Notebook, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    factories.booked(clinic, "amara", THURSDAY, "10:30", "botox")
    clock.advance(timedelta(minutes=1))
    factories.booked(clinic, "another", THURSDAY, "14:00", "facial", phone="+15125550143")
    finish(worker)
    (claim,) = [one for one in sent.emails if "yours" in one.subject]
    assert claim.to == "amara@example.org"
    assert "/confirm?t=" in claim.html
    assert "/confirm?t=" in claim.text
    for secret in ("facial", "Botox", "Dec 3", "December 3", "2:00", "Maya", "Lena", "0143", "LMN-"):
        assert secret not in Words(claim.html).text + claim.text


def test_a_hostile_name_is_shown_and_not_run(head: rendering.Letterhead, amaras: Visit) -> None:
    hostile = replace(
        amaras,
        given_name=HOSTILE,
        provider_name=HOSTILE,
        location=replace(amaras.location, name=HOSTILE, directions=HOSTILE),
        services=tuple(replace(one, name=HOSTILE, what_to_bring=HOSTILE) for one in amaras.services),
        policy=replace(amaras.policy, text=HOSTILE),
    )
    shown = Words(email(replace(head, clinic=replace(head.clinic, name=HOSTILE)), hostile).html)
    assert "script" not in shown.tags
    assert shown.text.count(HOSTILE) >= 7
    sheet = ClaimSheet("a@example.org", HOSTILE, "token", head.now, True)
    claim = rendering.claim_email(head, sheet, zone="America/Chicago", to="a@example.org", message_id="1@x")
    assert "script" not in Words(claim.html).tags


def test_a_line_break_in_a_name_begins_no_header_and_no_line(
    services: Services, head: rendering.Letterhead, amaras: Visit
) -> None:
    broken = replace(
        amaras,
        given_name="Amara\r\nBcc: everyone@example.org",
        provider_name="Maya\r\n\r\nDear patient",
        location=replace(amaras.location, name="Down\u2028town", street="1 A St\nATTENDEE:mailto:x@example.org"),
    )
    made = email(head, broken)
    assert made.to_name == "Amara Bcc: everyone@example.org Reed"
    wire = message_from_bytes(bytes(SmtpEmail(services.settings, services.clock).compose(made)))
    assert wire["Bcc"] is None
    assert "\nDear patient" not in made.text
    (event,) = Calendar.from_ical(made.ics or b"").walk("VEVENT")
    assert str(event["ATTENDEE"]) == "mailto:amara@example.org"
    assert "\n" not in sms(head, broken)


def test_a_repeated_send_says_the_same(head: rendering.Letterhead, amaras: Visit) -> None:
    assert email(head, amaras) == email(head, amaras)


@pytest.mark.req("S82")
def test_the_rehearsals_mailbox_holds_what_a_patient_would_get(services: Services, booked: int) -> None:
    finish(Worker(services, bootstrap.senders(services), cashier(services)))
    kept = {letter.channel: letter for letter in reversed(services.ask(queries.sandbox))}
    assert kept["email"].attachment_name == "appointment.ics"
    assert "BEGIN:VCALENDAR" in kept["email"].attachment
    assert kept["email"].html.startswith("<!DOCTYPE html>")
    assert {letter.to_address for letter in services.ask(queries.sandbox)} == {
        "amara@example.org",
        factories.MOBILE,
    }


@pytest.mark.req("S83")
def test_a_page_gets_the_same_entry_as_the_email(
    services: Services, worker: Worker, sent: Notebook, amaras: Visit
) -> None:
    finish(worker)
    files = [sent.emails[0].ics or b"", services.ask(feeds.file_of, amaras)]
    mailed, downloaded = (Calendar.from_ical(file).walk("VEVENT")[0] for file in files)
    for name in ("UID", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "STATUS"):
        assert mailed[name] == downloaded[name]
    links = services.ask(feeds.links_of, amaras)
    assert links.google.replace("&", "&amp;") in sent.emails[0].html


def test_a_later_change_of_the_clinic_is_what_the_message_says(
    services: Services, worker: Worker, sent: Notebook, clinic: factories.SmallClinic, booked: int
) -> None:
    services.do(lambda work: work.session.execute(update(clinic_models.Location).values(street="1 New Street")))
    clinic.settings(name="Lumen & Daughters")
    finish(worker)
    assert "1 New Street" in sent.emails[0].text
    assert "Lumen & Daughters" in sent.emails[0].text
    assert "Lumen &amp; Daughters" in sent.emails[0].html
