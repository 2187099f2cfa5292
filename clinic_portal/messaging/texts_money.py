"""Our words about money."""

from clinic_portal.messaging.text_types import BUTTON, GIVEN_NAME, REFERENCE, Placeholder, Text
from clinic_portal.messaging.types import Channel
from clinic_portal.messaging.words import Words

EMAIL, SMS = Channel.EMAIL, Channel.SMS
_ABOUT = (
    GIVEN_NAME,
    REFERENCE,
    Placeholder("amount", "the amount", "$167.50"),
    Placeholder("what", "what the money is for", "fee for a late cancellation"),
)
_ROWS = Placeholder("visit_rows", "day, place and reference of the visit", is_block=True)
_HAPPENED = Placeholder("what_happened", "what was taken or given back, and why", "Your deposit of $50.00 was taken.")

TEXTS = (
    Text(
        "payment_receipt",
        "Receipt",
        "When a deposit or a fee was taken.",
        "money",
        {
            EMAIL: Words(
                "Receipt: {amount}, {what} ({reference})",
                "Thank you, your {what} is paid",
                "{what_happened}\n\n{money_rows}\n\n{button}\n\nYour portal has it to be printed. This e-mail is a "
                "receipt too.",
            )
        },
        (
            *_ABOUT,
            _HAPPENED,
            Placeholder("money_rows", "what was paid, how, and for which visit", is_block=True),
            BUTTON,
        ),
        {EMAIL: ("money_rows",)},
    ),
    Text(
        "fee_failed",
        "A fee could not be charged",
        "When a card refuses a fee; with the page on which it is paid.",
        "money",
        {
            EMAIL: Words(
                "Please pay {amount}: your card could not be charged ({reference})",
                "{amount} could not be charged",
                "{what_it_is}\n\n{why} Nothing was taken from your card.\n\nYou can pay it with this or another card. "
                "It takes a minute, and you need no password.\n\n{visit_rows}\n\n{button}\n\nThe link works until "
                "{until}. Something not right, or is it hard to pay now? Call us on {phone}: we will find a way.",
            ),
            SMS: Words(
                body="{clinic}: the {what} of {amount} could not be charged; nothing was taken. Please pay it here: "
                "{link} or call {phone}"
            ),
        },
        (
            *_ABOUT,
            Placeholder(
                "what_it_is",
                "the fee, by which policy, and what a deposit paid of it",
                "The fee for a late cancellation is $167.50, by the cancellation policy you accepted.",
            ),
            Placeholder("why", "why the bank refused it", "Your card has expired."),
            Placeholder("until", "how long the link works", "Thursday, December 10, 2026, 10:30 AM"),
            Placeholder("link", "the address where it is paid", "https://lumen.example/pay?t=…"),
            _ROWS,
            BUTTON,
        ),
        {EMAIL: ("amount", "button"), SMS: ("amount", "link")},
    ),
    Text(
        "fee_waived",
        "A fee was let go",
        "When you forgive a fee that was not paid.",
        "money",
        {
            EMAIL: Words(
                "You owe nothing any more ({reference})",
                "Nothing is left to pay",
                "We let go of the {what}, {amount}. Nothing was taken from your card, and nothing will."
                "\n\n{visit_rows}",
            )
        },
        (*_ABOUT, _ROWS),
        {EMAIL: ()},
    ),
    Text(
        "refund_done",
        "Money given back",
        "When a refund has gone through.",
        "money",
        {
            EMAIL: Words(
                "{amount} is on its way back to you ({reference})",
                "We gave {amount} back to you",
                "{what_happened} Some banks take 5 to 10 days to show it.\n\n{visit_rows}",
            )
        },
        (*_ABOUT, _HAPPENED, _ROWS),
        {EMAIL: ("amount",)},
    ),
    Text(
        "package_bought",
        "Your package",
        "When a package was bought; with its receipt.",
        "money",
        {
            EMAIL: Words(
                "Your package at {clinic} ({reference})",
                "Thank you, {given_name}: your package is ready",
                "Your treatments are waiting for you. {until}\n\n{package_rows}\n\nTo use one, book as you always do: "
                "signed in, you are offered to pay with it. No portal yet? Sign up at {portal} with this e-mail "
                "address, and your package is there.\n\n{button}\n\nThis e-mail is a receipt too.",
            )
        },
        (
            GIVEN_NAME,
            REFERENCE,
            Placeholder("amount", "what was paid", "$540.00"),
            Placeholder("until", "until when it is to be used, as a sentence", "Use them by Friday, December 3, 2027."),
            Placeholder("package_rows", "what is in it, until when, and what was paid", is_block=True),
            BUTTON,
        ),
        {EMAIL: ("package_rows",)},
    ),
    Text(
        "not_booked",
        "Not booked after all",
        "When a card was given and the time was gone, or something had changed meanwhile.",
        "booking",
        {
            EMAIL: Words(
                "Not booked yet: please choose another time",
                "{in_short}",
                "{why}\n\nNothing is booked and nothing was charged. {what_is_released}\n\n{button}\n\nWhat you had "
                "chosen is kept for a while in the browser you booked with.",
            ),
            SMS: Words(
                body="{clinic}: {in_short}. Nothing is booked and nothing was charged. Please choose another time: "
                "{link}"
            ),
        },
        (
            Placeholder("in_short", "what went wrong, in short", "Your card was fine, but the time was gone"),
            Placeholder("why", "what went wrong", "Someone else booked your time while you were at your card."),
            Placeholder(
                "what_is_released",
                "what becomes of the money reserved on the card",
                "The $0.50 reserved on your card is released; some banks take a few days to show it.",
            ),
            Placeholder("link", "the address where another time is chosen", "https://lumen.example/book/time"),
            BUTTON,
        ),
        {EMAIL: ("button",), SMS: ("link",)},
    ),
)
