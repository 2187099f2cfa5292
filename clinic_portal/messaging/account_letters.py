"""E-mails about accounts: each says one thing, and has at most one button. Pure: facts in, a message out."""

from clinic_portal.accounts.types import LinkSheet, Purpose
from clinic_portal.messaging import blocks
from clinic_portal.messaging.ports import Email
from clinic_portal.messaging.rendering import Letterhead, day_and_time, email
from clinic_portal.messaging.texts_accounts import LINK
from clinic_portal.messaging.words import NOTHING, Facts, plain

_PAGES = {
    Purpose.ACTIVATE: ("Open my portal", "/welcome"),
    Purpose.REGISTER: ("Confirm my address", "/register/confirm"),
    Purpose.RESET: ("Choose a password", "/reset"),
    Purpose.CHANGE_EMAIL: ("Yes, use this address", "/new-email"),
    Purpose.INVITE: ("Choose a password", "/admin/join"),
    Purpose.STAFF_RESET: ("Choose a password", "/admin/join"),
}
"""The button of a letter whose link lets somebody in, and the page it opens."""


def link_email(head: Letterhead, link: LinkSheet, name: str, *, zone: str, message_id: str) -> Email:
    """The e-mail a link travels in (S11). `name` is whom it is to, empty where we do not know."""
    button, until = NOTHING, ""
    if link.purpose in _PAGES:
        label, path = _PAGES[link.purpose]
        button = blocks.button(f"{head.public_url}{path}?t={link.token}", label, is_told=True)
        until = day_and_time(link.expires_at, zone, head.clinic.language)
    elif link.purpose is Purpose.KNOWN:
        button = blocks.button(f"{head.public_url}/sign-in", "Sign in", is_told=True)
    facts: Facts = {"name": plain(name) or "there", "button": button, "until": until}
    return email(head, LINK + link.purpose, facts, link.email, name, message_id)
