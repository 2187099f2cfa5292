"""Our words of memberships. They name no treatment unless the clinic's e-mails do."""

from clinic_portal.messaging.text_types import BUTTON, GIVEN_NAME, Placeholder, Text
from clinic_portal.messaging.types import Channel
from clinic_portal.messaging.words import Words

EMAIL, SMS = Channel.EMAIL, Channel.SMS
_DAY = "Thursday, December 24, 2026"
_PLAN = Placeholder("plan", "the plan’s name, or “your membership” where e-mails name no treatments", "Glow")
_AMOUNT = Placeholder("amount", "the amount", "$99")
_HAPPENED = Placeholder(
    "what_happened", "what follows from it, with dates and amounts", f"From {_DAY} you are on Glow: $99 a month."
)
_ROWS = Placeholder("membership_rows", "the plan, what is paid, and when", is_block=True)
_CALL = "Questions? Call {phone} or reply to this e-mail."


def _text(
    name: str,
    title: str,
    sent: str,
    subject: str,
    heading: str,
    body: str,
    *more: Placeholder,
    needs: tuple[str, ...] = (),
    sms: str = "",
) -> Text:
    words = {EMAIL: Words(subject, heading, body)}
    required = {EMAIL: needs}
    if sms:
        words[SMS] = Words(body=sms)
        required[SMS] = ("amount", "link")
    return Text(name, title, sent, "member", words, (GIVEN_NAME, _PLAN, *more, BUTTON), required)


TEXTS = (
    _text(
        "membership_started",
        "Membership begun",
        "When a patient joins a plan, or you enrol them.",
        "Welcome as a member of {clinic}",
        "Welcome as a member, {given_name}",
        "Your membership began on {day}.\n\n{membership_rows}\n\nYour portal shows what is left of it, each payment "
        "and your payment methods; what can be changed, you change there.\n\n{button}\n\n" + _CALL,
        Placeholder("day", "the day it began", _DAY),
        _ROWS,
        needs=("button",),
    ),
    _text(
        "membership_renewed",
        "Membership renewed",
        "When a further period was paid: its receipt.",
        "Receipt: {amount} for your membership",
        "Your membership goes on, {given_name}",
        "Thank you: {amount} was paid for {plan}.\n\n{membership_rows}\n\n{button}\n\n" + _CALL,
        _AMOUNT,
        _ROWS,
        needs=("membership_rows",),
    ),
    _text(
        "membership_failed",
        "Membership could not be charged",
        "When a card refuses a renewal; once for each try.",
        "Please pay {amount}: your membership could not be charged",
        "{amount} could not be charged",
        "Your card was to pay {amount} for {plan}. {why} Nothing was taken from it.\n\nYou can pay it with this or "
        "another card in your portal; it takes a minute. {next_try}\n\n{button}\n\nYou have what members get until "
        "{until}. If it is not paid by then, your membership ends. Is it hard to pay now? Call us on {phone}: we will "
        "find a way.",
        _AMOUNT,
        Placeholder("why", "why the bank refused it", "Your card has expired."),
        Placeholder("next_try", "when the card is tried again, if it is", f"We try it again on {_DAY}."),
        Placeholder("until", "until when it is to be paid", _DAY),
        Placeholder("link", "the address where it is paid", "https://lumen.example/portal/membership"),
        needs=("amount", "button"),
        sms="{clinic}: {amount} for your membership could not be charged; nothing was taken. Please pay it until "
        "{until}: {link} or call {phone}",
    ),
    _text(
        "membership_unpaid",
        "Membership ended unpaid",
        "When a renewal was not paid in time.",
        "Your membership of {clinic} has ended",
        "Your membership has ended, {given_name}",
        "{amount} for {plan} could not be charged, and the time to pay it is over. So it ended on {day}, and you owe "
        "nothing for it. What is in your wallet stays yours.\n\nYou are welcome back whenever you like.\n\n{button}\n\n"
        + _CALL,
        _AMOUNT,
        Placeholder("day", "the day it ended", _DAY),
        needs=("day",),
    ),
    _text(
        "membership_paused",
        "Membership paused",
        "When a pause is arranged.",
        "Your membership is going to pause",
        "Your pause is arranged, {given_name}",
        "{what_happened}\n\nPrices for members, and what each month brings, rest meanwhile. What is in your wallet "
        "stays yours, and you can go on earlier in your portal.\n\n{button}\n\n" + _CALL,
        _HAPPENED,
        needs=("what_happened",),
    ),
    _text(
        "membership_resumed",
        "Membership resumed",
        "When a pause is over, or was called off.",
        "Your membership goes on",
        "Good to have you back, {given_name}",
        "{what_happened}\n\n{membership_rows}\n\n{button}\n\n" + _CALL,
        _HAPPENED,
        _ROWS,
        needs=("what_happened",),
    ),
    _text(
        "membership_changed",
        "Another plan",
        "When another plan is arranged, or the one they are on is kept.",
        "Your membership changes",
        "Your plan, {given_name}",
        "{what_happened}\n\n{button}\n\nYou did not expect this? Call {phone} or reply to this e-mail.",
        _HAPPENED,
        needs=("what_happened",),
    ),
    _text(
        "membership_ending",
        "Membership is to end",
        "When a membership was cancelled.",
        "Your membership of {clinic} ends on {day}",
        "Your membership ends on {day}",
        "Until then you have all of it; nothing more is charged. What is in your wallet stays yours.\n\nYou can change "
        "your mind in your portal up to that day.\n\n{button}\n\nYou did not expect this? Call {phone} or reply to "
        "this e-mail.",
        Placeholder("day", "the day it ends", _DAY),
        needs=("day",),
    ),
    _text(
        "membership_kept",
        "Membership kept",
        "When one that was to end goes on after all.",
        "Your membership of {clinic} goes on",
        "We are glad that you stay, {given_name}",
        "Your membership does not end after all. {what_happened}\n\n{button}\n\nYou did not expect this? Call {phone} "
        "or reply to this e-mail.",
        _HAPPENED,
        needs=("what_happened",),
    ),
    _text(
        "membership_ended",
        "Membership ended",
        "When a membership has ended.",
        "Your membership of {clinic} has ended",
        "Your membership has ended, {given_name}",
        "It ended on {day}. Your portal stays open to you, with your visits, forms and receipts; your payment "
        "methods are not shown there any more. A card on file stays with us for visits you booked with it."
        "\n\n{button}\n\nYou did not expect this? Call {phone} or reply to this e-mail.",
        Placeholder("day", "the day it ended", _DAY),
        needs=("button",),
    ),
)
