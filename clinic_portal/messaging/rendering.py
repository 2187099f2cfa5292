"""Messages, written when they are sent: words (the clinic's own, or ours) and facts in, a message out. Pure.

A placeholder without its fact is an error, not a blank.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from clinic_portal.accounts.types import PhoneCode
from clinic_portal.clinic.types import ClinicInfo
from clinic_portal.core import colours, crypto, wording
from clinic_portal.messaging import blocks, calendar, texts, words
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.types import Channel
from clinic_portal.messaging.words import Block, Facts, Inline, Paragraph, Words, plain
from clinic_portal.patients.types import ClaimSheet

_TEMPLATES = Environment(
    loader=PackageLoader("clinic_portal.messaging"),
    autoescape=select_autoescape(enabled_extensions=("html.jinja",), default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=False,
)
PAPER, SURFACE, DARK_SURFACE = "#faf8f5", "#ffffff", "#1d2530"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all messages share: the clinic, its address on the web, where mail comes from, the instant, and the
    clinic's own words by text and channel."""

    clinic: ClinicInfo
    public_url: str
    email_from: str
    now: datetime
    own: Mapping[tuple[str, Channel], Words] = field(default_factory=dict)
    file_key: str = ""  # opens the calendar file of one visit, together with its reference

    @property
    def host(self) -> calendar.Host:
        """The clinic as the host of a calendar entry."""
        return calendar.Host(plain(self.clinic.name), self.email_from, self.public_url, plain(self.clinic.phone))

    def file_url(self, reference: str) -> str:
        """Where the calendar file of a visit is for whoever has this address; it holds nothing private."""
        return f"{self.public_url}/calendar/visit/{reference}-{file_token(self.file_key, reference)}/appointment.ics"

    def words(self, name: str, channel: Channel) -> Words:
        """What a message says: the clinic's own words, where they can be used."""
        return texts.fitting(name, channel, self.own.get((name, channel)))


def file_token(file_key: str, reference: str) -> str:
    """What makes the address of a visit's calendar file one that cannot be guessed."""
    return crypto.keyed(file_key, "calendar-file", reference)[:40]


def code_sms(head: Letterhead, code: PhoneCode, *, to: str, message_id: str) -> Sms:
    """A one-time code; its last line lets the browser fill it in on this site and no other (WebOTP, S66)."""
    minutes = max(1, ceil((code.expires_at - head.now).total_seconds() / 60))
    host = urlsplit(head.public_url).hostname or ""
    facts = {"code": code.digits, "minutes": str(minutes)}
    return sms(head, "phone_code", facts, to, message_id, last=f"@{host} #{code.digits}")


def news_sms(head: Letterhead, *, to: str, message_id: str) -> Sms:
    """An e-mail did not arrive that has no words of its own for an SMS: where it can be read (B6)."""
    return sms(head, "news", {}, to, message_id)


def claim_email(head: Letterhead, claim: ClaimSheet, *, zone: str, to: str, message_id: str) -> Email:
    """Asks an e-mail's owner whether a booking is theirs; the link changes nothing by itself (rule 10a)."""
    facts: Facts = {
        "given_name": plain(claim.given_name),
        "until": day_and_time(claim.expires_at, zone, head.clinic.language),
        "button": blocks.button(f"{head.public_url}/confirm?t={claim.token}", "Look and answer", is_told=True),
    }
    return email(head, "profile_claim", facts, to, claim.given_name, message_id)


def day_and_time(at: datetime, zone: str, language: str) -> str:
    """An instant as a sentence tells it."""
    return f"{wording.day(at, zone, language)}, {wording.time(at, zone, language)}"


def email(
    head: Letterhead,
    name: str,
    facts: Facts,
    to: str,
    to_name: str,
    message_id: str,
    *,
    language: str = "",
    preview: str = "",
    unsubscribe_url: str = "",
) -> Email:
    """An e-mail: a text's words and what stands for its placeholders; HTML and plain text say the same. `preview` is
    what lists of mail show beside the subject; without it, the first paragraph. `unsubscribe_url`: where
    it is ended, for what comes unasked."""
    said, known = head.words(name, Channel.EMAIL), {**_everywhere(head), **facts}
    subject, heading = words.line(said.subject, known), words.line(said.heading, known)
    parts = list(words.filled(said.body, known))
    lead = next((one.text for one in parts if isinstance(one, Paragraph)), "")
    brand = head.clinic.brand_colour
    shown = {
        "language": language or head.clinic.language,
        "subject": subject,
        "heading": heading,
        "preview": preview or plain(lead),
        "parts": [("paragraph", one) if isinstance(one, Paragraph) else (one.shape, one.facts) for one in parts],
        "says_why": texts.TEXTS[name].says_why,
        "unsubscribe_url": unsubscribe_url,
        "brand": colours.readable(brand, PAPER),
        "brand_on_dark": colours.readable(brand, DARK_SURFACE),
        "clinic": plain(head.clinic.name),
        "phone": wording.phone(plain(head.clinic.phone)),
        "phone_url": f"tel:{plain(head.clinic.phone)}",
        "clinic_email": plain(head.clinic.email),
        "home_url": head.public_url,
        "home_name": urlsplit(head.public_url).netloc,
    }
    return Email(
        message_id=message_id,
        to=to,
        to_name=plain(to_name),
        from_name=plain(head.clinic.name),
        reply_to=plain(head.clinic.email),
        subject=subject,
        text=_text(heading, parts, shown),
        html=_TEMPLATES.get_template("letter.html.jinja").render(shown),
        headers={"Auto-Submitted": "auto-generated"},
    )


def sms(head: Letterhead, name: str, facts: Facts, to: str, message_id: str, *, last: str = "") -> Sms:
    """An SMS in the cheap alphabet where its words allow: typographic quotes would double its price. `last` follows
    after a blank line."""
    known = {**_everywhere(head), **facts}
    parts = words.filled(head.words(name, Channel.SMS).body, known)
    body = "\n\n".join([*(one.text for one in parts), *([last] if last else [])])
    return Sms(message_id, to, body.translate(_CHEAP))


_CHEAP = {0x202F: " ", 0xA0: " ", 0x2009: " ", 0x2019: "'", 0x2018: "'", 0x2013: "-", 0x2014: "-"}


def _everywhere(head: Letterhead) -> Facts:
    clinic = head.clinic
    portal = f"{head.public_url}/portal"
    return {
        "clinic": plain(clinic.name),
        "phone": Inline(wording.phone(plain(clinic.phone)), f"tel:{plain(clinic.phone)}"),
        "home": Inline(head.public_url, head.public_url),
        "portal": Inline(portal, portal),
    }


def _text(heading: str, parts: list[Paragraph | Block], shown: Mapping[str, object]) -> str:
    foot = f"{shown['clinic']}\n{shown['phone']}\n{shown['home_url']}"
    if shown["unsubscribe_url"]:
        foot += f"\n\nNo more reminders by e-mail: {shown['unsubscribe_url']}"
    return "\n\n".join([heading, *(one.text for one in parts), foot]) + "\n"
