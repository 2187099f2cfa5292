"""Our words of reminders."""

from clinic_portal.messaging.text_types import BUTTON, VISIT, Placeholder, Text
from clinic_portal.messaging.types import Channel
from clinic_portal.messaging.words import Words

EMAIL, SMS = Channel.EMAIL, Channel.SMS
_WHEN = (
    Placeholder("when", "“today”, “tomorrow”, or “on” and the day", "tomorrow"),
    Placeholder("when_short", "the same, and the day as short as can be", "tomorrow, Thu, Dec 3"),
)
_DETAILS = Placeholder("visit_details", "day, time, provider and place of the visit", is_block=True)
_TERMS = Placeholder(
    "terms",
    "until when cancelling is free and what it costs after that, as it stands when this is sent",
    "Free to cancel until Tue, Dec 1, 2026, 10:30 AM. After that, cancelling costs $120.00.",
)
_CHANGING = Placeholder(
    "how_to_change",
    "how the patient moves or cancels this visit, by your rules",
    "Something came up? Move or cancel it in your portal.",
)
_FORMS = Placeholder("forms", "the forms that are still to be filled in, if any", is_block=True)
_FORMS_LEFT = Placeholder(
    "forms_left", "how many forms are still to be filled in; nothing if none is", "2 forms are missing."
)
_LINK = Placeholder(
    "link", "the address of the visit in the portal", "https://lumen.example/portal/visit?ref=LMN-4F7K2"
)
_FORMS_LINK = Placeholder("link", "the address of the forms in the portal", "https://lumen.example/portal/forms")

TEXTS = (
    Text(
        "visit_reminder",
        "Reminder of a visit",
        "At the lead times you set, outside your quiet hours.",
        "before",
        {
            EMAIL: Words(
                "See you {when}, {time} ({reference})",
                "See you {when}, {given_name}",
                "{visit_details}\n\n{forms}\n\n{how_to_change} {terms}\n\n{button}\n\n"
                "Call {phone} or reply to this e-mail, and have your reference {reference} at hand.",
            ),
            SMS: Words(
                body="{clinic}: see you {when_short}, {time} at {location}. {forms_left} {terms} "
                "Change it: {link}\n\nReply STOP to end texts."
            ),
        },
        (*VISIT, *_WHEN, _DETAILS, _FORMS, _FORMS_LEFT, _CHANGING, _TERMS, _LINK, BUTTON),
        {EMAIL: ("time",), SMS: ("time",)},
    ),
    Text(
        "forms_reminder",
        "Reminder of forms",
        "At the lead times you set, as long as forms of the visit are not filled in.",
        "before",
        {
            EMAIL: Words(
                "Your forms before you come {when} ({reference})",
                "Before you come, {given_name}",
                "We see you {when}, {time}, at {location}. Filled in at home, your forms leave more of the visit "
                "for you.\n\n{forms}\n\n{how_to_change} {terms}\n\n"
                "Call {phone} or reply to this e-mail, and have your reference {reference} at hand.",
            ),
            SMS: Words(
                body="{clinic}: you come {when_short}, {time} to {location}. {forms_left} {terms} "
                "Fill in at home: {link}\n\nReply STOP to end texts."
            ),
        },
        (*VISIT, *_WHEN, _DETAILS, _FORMS, _FORMS_LEFT, _CHANGING, _TERMS, _FORMS_LINK),
        {EMAIL: ("forms",), SMS: ("link",)},
    ),
)
