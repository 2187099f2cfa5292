"""E-mails about accounts: each says one thing, and has at most one button. Pure: facts in, a message out."""

from dataclasses import dataclass

from clinic_portal.accounts.types import LinkSheet, Purpose
from clinic_portal.messaging.ports import Email
from clinic_portal.messaging.rendering import Letterhead, day_and_time, email, plain, shared


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says. `{name}` and `{clinic}` are filled in; `path` is the page its button opens."""

    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    button: str = ""
    path: str = ""
    after: str = ""


_NOT_YOU = "If it was not you, leave this e-mail be: nothing happens."
WORDS = {
    Purpose.ACTIVATE: Words(
        "Welcome to {clinic}: your patient portal",
        "Welcome, {name}",
        (
            "Your portal at {clinic} is ready: see your visits, move or cancel them, and keep your details up to date.",
            "Choose a password, and you are in.",
        ),
        "Open my portal",
        "/welcome",
        "The link is yours alone and works once.",
    ),
    Purpose.REGISTER: Words(
        "Please confirm your e-mail address",
        "One step to go, {name}",
        ("Someone, you we hope, registered at {clinic} with this address. Confirm it, and your portal opens.",),
        "Confirm my address",
        "/register/confirm",
        _NOT_YOU,
    ),
    Purpose.KNOWN: Words(
        "You have a portal at {clinic} already",
        "You have a portal already",
        (
            "Someone, you we hope, asked for a portal at {clinic} with this address. It has one: sign in with your "
            "password, or choose a new one if it has slipped your mind.",
        ),
        "Sign in",
        "/sign-in",
        _NOT_YOU,
    ),
    Purpose.RESET: Words(
        "A new password for your portal",
        "Choose a new password",
        ("You asked for a new password for your portal at {clinic}.",),
        "Choose a password",
        "/reset",
        "If you did not ask, leave this e-mail be: your password stays as it is.",
    ),
    Purpose.CHANGE_EMAIL: Words(
        "Please confirm your new e-mail address",
        "Is this your new address?",
        ("You asked {clinic} to use this address from now on. Confirm it, and sign in with it.",),
        "Yes, use this address",
        "/new-email",
        _NOT_YOU,
    ),
    Purpose.EMAIL_CHANGED: Words(
        "Your e-mail address was changed",
        "Your e-mail address was changed",
        (
            "Your portal at {clinic} now has another e-mail address, and every browser was signed out.",
            "If that was not you, call us at once.",
        ),
    ),
    Purpose.PASSWORD_CHANGED: Words(
        "Your password was changed",
        "Your password was changed",
        (
            "The password of your portal at {clinic} was changed just now, and your other browsers were signed out.",
            "If that was not you, choose a new one at once (“Forgot your password?”) and call us.",
        ),
    ),
    Purpose.INVITE: Words(
        "Join the staff's pages of {clinic}",
        "Welcome, {name}",
        ("You were added to the staff's pages of {clinic}. Choose a password to come in.",),
        "Choose a password",
        "/admin/join",
        "The link works once.",
    ),
    Purpose.STAFF_RESET: Words(
        "A new password for the staff's pages",
        "Choose a new password",
        ("You asked for a new password for the staff's pages of {clinic}.",),
        "Choose a password",
        "/admin/join",
        "If you did not ask, leave this e-mail be and tell whoever runs the pages.",
    ),
    Purpose.STAFF_PASSWORD_CHANGED: Words(
        "Your password was changed",
        "Your password was changed",
        (
            "Your password for the staff's pages of {clinic} was changed just now, and your other browsers were "
            "signed out.",
            "If that was not you, choose a new one at once and tell an owner of the pages.",
        ),
    ),
}
_LINKLESS = (Purpose.KNOWN,)


def link_email(head: Letterhead, link: LinkSheet, name: str, *, zone: str, message_id: str) -> Email:
    """The e-mail a link travels in (S11). `name` is whom it is to, empty where we do not know."""
    words = WORDS[link.purpose]
    query = "" if link.purpose in _LINKLESS else f"?t={link.token}"
    url = f"{head.public_url}{words.path}{query}" if words.path else ""
    until = day_and_time(link.expires_at, zone, head.clinic.language) if query and url else ""
    return _letter(head, words, name, url, until, link.email, message_id)


def _letter(head: Letterhead, words: Words, name: str, url: str, until: str, to: str, message_id: str) -> Email:
    told = {"name": plain(name) or "there", "clinic": plain(head.clinic.name)}
    facts = {
        **shared(head),
        "subject_line": words.subject.format(**told),
        "heading": words.heading.format(**told),
        "paragraphs": [one.format(**told) for one in words.paragraphs],
        "button": words.button,
        "url": url,
        "after": words.after,
        "until": until,
    }
    return email(head, "account", facts, to, name, message_id)
