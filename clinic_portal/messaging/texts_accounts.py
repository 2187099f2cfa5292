"""Our words about accounts: each says one thing, and has at most one button."""

from clinic_portal.messaging.text_types import BUTTON, GIVEN_NAME, NAME, Placeholder, Text
from clinic_portal.messaging.types import Channel
from clinic_portal.messaging.words import Words

EMAIL, SMS = Channel.EMAIL, Channel.SMS
_UNTIL = Placeholder("until", "how long the link works", "Friday, December 4, 2026, 10:30 AM")
_NOT_YOU = "If it was not you, leave this e-mail be: nothing happens."
_WORKS = "{button}\n\nThe link works until {until}. "
LINK = "account_link."
"""How the texts of links begin; their purpose follows."""


def _link(
    purpose: str, title: str, sent: str, subject: str, heading: str, body: str, *, of_staff: bool = False
) -> Text:
    has_button = "{button}" in body
    known = (NAME, *((BUTTON,) if has_button else ()), *((_UNTIL,) if "{until}" in body else ()))
    return Text(
        LINK + purpose,
        title,
        sent,
        "staff" if of_staff else "account",
        {EMAIL: Words(subject, heading, body)},
        known,
        {EMAIL: ("button",) if has_button else ()},
        is_for_staff=of_staff,
    )


TEXTS = (
    _link(
        "activate",
        "Welcome to the portal",
        "With a patient's first booking, and when you press “Activate now”.",
        "Welcome to {clinic}: your patient portal",
        "Welcome, {name}",
        "Your portal at {clinic} is ready: see your visits, move or cancel them, and keep your details up to date.\n\n"
        "Choose a password, and you are in.\n\n" + _WORKS + "The link is yours alone and works once.",
    ),
    _link(
        "register",
        "Confirm a registration",
        "When somebody registers in the portal.",
        "Please confirm your e-mail address",
        "One step to go, {name}",
        "Someone, you we hope, registered at {clinic} with this address. Confirm it, and your portal opens.\n\n"
        + _WORKS
        + _NOT_YOU,
    ),
    _link(
        "known",
        "They have a portal already",
        "When somebody registers with an address that has a portal.",
        "You have a portal at {clinic} already",
        "You have a portal already",
        "Someone, you we hope, asked for a portal at {clinic} with this address. It has one: sign in with your "
        "password, or choose a new one if it has slipped your mind.\n\n{button}\n\n" + _NOT_YOU,
    ),
    _link(
        "reset",
        "Forgotten password",
        "When a patient asks for a new password.",
        "A new password for your portal",
        "Choose a new password",
        "You asked for a new password for your portal at {clinic}.\n\n"
        + _WORKS
        + "If you did not ask, leave this e-mail be: your password stays as it is.",
    ),
    _link(
        "change_email",
        "Confirm a new address",
        "To the new address, when a patient changes it.",
        "Please confirm your new e-mail address",
        "Is this your new address?",
        "You asked {clinic} to use this address from now on. Confirm it, and sign in with it.\n\n" + _WORKS + _NOT_YOU,
    ),
    _link(
        "email_changed",
        "Address changed",
        "To the old address, when it was changed.",
        "Your e-mail address was changed",
        "Your e-mail address was changed",
        "Your portal at {clinic} now has another e-mail address, and every browser was signed out.\n\n"
        "If that was not you, call us at once: {phone}.",
    ),
    _link(
        "password_changed",
        "Password changed",
        "When a patient's password was changed.",
        "Your password was changed",
        "Your password was changed",
        "The password of your portal at {clinic} was changed just now, and your other browsers were signed out.\n\n"
        "If that was not you, choose a new one at once (“Forgot your password?”) and call us: {phone}.",
    ),
    Text(
        "phone_code",
        "Code by SMS",
        "When a phone number is to be proved. A line for the browser follows: it fills the code in by itself.",
        "account",
        {SMS: Words(body="{code} is your {clinic} code. It works for {minutes} min. Do not share it.")},
        (
            Placeholder("code", "the code", "012345"),
            Placeholder("minutes", "how many minutes it works", "10"),
        ),
        {SMS: ("code",)},
    ),
    Text(
        "profile_claim",
        "Is this booking yours?",
        "When somebody books or buys a package with a patient's e-mail address and another phone number.",
        "account",
        {
            EMAIL: Words(
                "Is this booking yours?",
                "Is this booking yours?",
                "Hello {given_name}, someone has just booked a visit or bought a package at {clinic} with your e-mail "
                "address and a phone number we do not have for you.\n\nIf it was you, tell us, and it joins your "
                "profile. If it was not, tell us too: nothing of your profile has been shown or changed.\n\n{button}"
                "\n\nOpening the page changes nothing; you answer there with a button. The link works until {until}.",
            )
        },
        (GIVEN_NAME, _UNTIL, BUTTON),
        {EMAIL: ("button",)},
    ),
    Text(
        "news",
        "An e-mail did not arrive",
        "By SMS, when an e-mail could not be delivered that has no words of its own for an SMS.",
        "account",
        {
            SMS: Words(
                body="{clinic}: we could not reach you by e-mail. What we wrote is in your portal: {portal} or call "
                "{phone}"
            )
        },
        (),
        {SMS: ()},
    ),
    _link(
        "invite",
        "Invitation to the team",
        "When you add somebody to the team.",
        "Join the staff's pages of {clinic}",
        "Welcome, {name}",
        "You were added to the staff's pages of {clinic}. Choose a password to come in.\n\n"
        + _WORKS
        + "The link works once.",
        of_staff=True,
    ),
    _link(
        "staff_reset",
        "Forgotten password, team",
        "When one of your team asks for a new password.",
        "A new password for the staff's pages",
        "Choose a new password",
        "You asked for a new password for the staff's pages of {clinic}.\n\n"
        + _WORKS
        + "If you did not ask, leave this e-mail be and tell whoever runs the pages.",
        of_staff=True,
    ),
    _link(
        "staff_password_changed",
        "Password changed, team",
        "When a password of your team was changed.",
        "Your password was changed",
        "Your password was changed",
        "Your password for the staff's pages of {clinic} was changed just now, and your other browsers were signed "
        "out.\n\nIf that was not you, choose a new one at once and tell an owner of the pages.",
        of_staff=True,
    ),
)
