"""Our words about visits."""

from clinic_portal.messaging.text_types import BUTTON, VISIT, Placeholder, Text
from clinic_portal.messaging.types import Channel
from clinic_portal.messaging.words import Words

EMAIL, SMS = Channel.EMAIL, Channel.SMS
_DETAILS = Placeholder("visit_details", "day, time, provider and place of the visit", is_block=True)
_SERVICES = Placeholder(
    "services", "what is to be done, how long it takes and the total; treatments only if you let them", is_block=True
)
_BRING = Placeholder("bring", "what to bring or to mind, if any treatment asks for it", is_block=True)
_CALENDARS = Placeholder("calendar_links", "the calendar file and links to web calendars", is_block=True)
_POLICY = Placeholder("policy", "your cancellation policy, worked out for this visit", is_block=True)
_INSTRUCTIONS = Placeholder("instructions", "your instructions, or where to read them", is_block=True)
_CALL = "Call {phone} or reply to this e-mail, and have your reference at hand."
_QUESTIONS = "Questions, or something does not feel right? Call {phone}. In an emergency, call your emergency number."

TEXTS = (
    Text(
        "appointment_booked",
        "Booking confirmed",
        "At once, when a visit is booked.",
        "booking",
        {
            EMAIL: Words(
                "Your appointment on {date}, {time} ({reference})",
                "You’re booked, {given_name}",
                "Your reference is {reference}.\n\n{visit_details}\n\n{services}\n\n{card}\n\n{bring}\n\n{forms}\n\n"
                "{calendar_links}\n\n{policy}\n\n" + _CALL,
            ),
            SMS: Words(
                body="{clinic}: you're booked for {day_short}, {time} at {location}. Ref {reference}. Details: {home}"
            ),
        },
        (
            *VISIT,
            _DETAILS,
            _SERVICES,
            Placeholder("card", "what was done with the card, if one was asked for", is_block=True),
            _BRING,
            Placeholder("forms", "the forms to fill in before the visit, if any", is_block=True),
            _CALENDARS,
            _POLICY,
        ),
        {EMAIL: ("visit_details",), SMS: ("time",)},
        says_why=True,
    ),
    Text(
        "appointment_moved",
        "New time",
        "When a visit gets another time, whoever moved it.",
        "change",
        {
            EMAIL: Words(
                "Your new time: {date}, {time} ({reference})",
                "Your new time, {given_name}",
                "Your visit was moved; the old time is free again. Your reference stays {reference}.\n\n"
                "{visit_details}\n\n{services}\n\n{bring}\n\n{calendar_links}\n\n{policy}\n\n" + _CALL,
            ),
            SMS: Words(
                body="{clinic}: your new time is {day_short}, {time} at {location}. Ref {reference}. Details: {portal}"
            ),
        },
        (*VISIT, _DETAILS, _SERVICES, _BRING, _CALENDARS, _POLICY),
        {EMAIL: ("visit_details",), SMS: ("time",)},
        says_why=True,
    ),
    Text(
        "appointment_cancelled",
        "Visit cancelled",
        "When a visit is cancelled, whoever cancelled it.",
        "change",
        {
            EMAIL: Words(
                "Cancelled: your appointment on {date} ({reference})",
                "Your visit is cancelled, {given_name}",
                "{cancelled_visit}\n\n{what_it_costs}\n\nThe attached file takes it out of your calendar.\n\n{button}",
            ),
            SMS: Words(
                body="{clinic}: your visit on {day_short}, {time} is cancelled. Ref {reference}. Book again: {link}"
            ),
        },
        (
            *VISIT,
            Placeholder("cancelled_visit", "the visit that is off, struck through", is_block=True),
            Placeholder(
                "what_it_costs",
                "whether it costs a fee, and what becomes of fee and deposit",
                "Cancelling it cost nothing.",
            ),
            Placeholder("link", "the address where another time is booked", "https://lumen.example/book"),
            BUTTON,
        ),
        {EMAIL: ("cancelled_visit", "what_it_costs"), SMS: ("time",)},
    ),
    Text(
        "before_visit",
        "How to get ready",
        "With the booking, if a treatment has instructions for before.",
        "before",
        {
            EMAIL: Words(
                "Before your visit on {day}",
                "Before your visit, {given_name}",
                "How to get ready for {day}, {time} (reference {reference}).\n\n{instructions}\n\n{button}\n\n"
                + _QUESTIONS,
            )
        },
        (*VISIT, _INSTRUCTIONS, BUTTON),
        {EMAIL: ("instructions", "button")},
    ),
    Text(
        "after_visit",
        "Care afterwards",
        "After the visit, at the delay that the instructions have.",
        "after",
        {
            EMAIL: Words(
                "After your visit on {day}",
                "After your visit, {given_name}",
                "What helps now, after your visit on {day}.\n\n{instructions}\n\n{button}\n\n" + _QUESTIONS,
            )
        },
        (*VISIT, _INSTRUCTIONS, BUTTON),
        {EMAIL: ("instructions", "button")},
    ),
)
