"""The letter about a package that was bought: what is in it, until when, how it is used, and what was paid. Pure.

It names no treatment unless the clinic wants its e-mails to: their names stand in the portal.
"""

from dataclasses import dataclass

from clinic_portal.booking.selling import Standing
from clinic_portal.messaging import blocks, rendering
from clinic_portal.messaging.money_letters import About, by_card
from clinic_portal.messaging.ports import Email
from clinic_portal.messaging.rendering import Letterhead
from clinic_portal.messaging.words import Facts, plain
from clinic_portal.packages import words


@dataclass(frozen=True, slots=True)
class Bought:
    """A package, whose it is, and the zone its last day is told in."""

    standing: Standing
    given_name: str
    to_name: str
    zone: str


def bought(head: Letterhead, about: About, told: Bought, *, to: str, message_id: str) -> Email:
    """A package was paid."""
    sold, language = told.standing.sold, about.paid.language
    is_named = head.clinic.email_names_services
    until = words.last_day(told.standing.lot.expires_at, told.zone, language)
    name = words.anything(sold.what) if sold.category_id is not None else sold.what
    rows = [
        *([("Package", plain(sold.name))] if is_named else []),
        ("In it", plain(words.what(sold.count, name if is_named else ""))),
        ("To be used by", until or "No expiry date"),
        (by_card(about), about.owed),
        ("Receipt", about.paid.reference),
    ]
    facts: Facts = {
        "given_name": plain(told.given_name),
        "reference": about.paid.reference,
        "amount": about.owed,
        "until": f"Use them by {until}." if until else "They do not expire.",
        "package_rows": blocks.rows(rows),
        "button": blocks.button(f"{head.public_url}/book", "Book a visit"),
    }
    return rendering.email(head, "package_bought", facts, to, told.to_name, message_id, language=language)
