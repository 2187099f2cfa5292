"""The delivery ledger in words: what a message is about, how it stands, why it did not arrive and what helps. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from clinic_portal.messaging.types import GONE, Channel, Kind, State

KINDS = {
    Kind.APPOINTMENT_BOOKED.value: "Booking confirmation",
    Kind.APPOINTMENT_MOVED.value: "New time",
    Kind.APPOINTMENT_CANCELLED.value: "Cancellation",
    Kind.BEFORE_VISIT.value: "How to get ready",
    Kind.AFTER_VISIT.value: "Advice for afterwards",
    Kind.PAYMENT_RECEIPT.value: "Receipt",
    Kind.FEE_FAILED.value: "Fee to be paid",
    Kind.FEE_WAIVED.value: "Fee waived",
    Kind.REFUND_DONE.value: "Refund",
    Kind.NOT_BOOKED.value: "Nothing could be booked",
    Kind.PACKAGE_BOUGHT.value: "Package bought",
    Kind.PHONE_CODE.value: "Code",
    Kind.PROFILE_CLAIM.value: "Is this booking yours?",
    Kind.ACCOUNT_LINK.value: "Account letter",
    Kind.VISIT_REMINDER.value: "Reminder",
    Kind.FORMS_REMINDER.value: "Reminder of forms",
    Kind.MEMBERSHIP_STARTED.value: "Membership begun",
    Kind.MEMBERSHIP_RENEWED.value: "Membership renewed",
    Kind.MEMBERSHIP_FAILED.value: "Membership to be paid",
    Kind.MEMBERSHIP_UNPAID.value: "Membership ended unpaid",
    Kind.MEMBERSHIP_PAUSED.value: "Membership paused",
    Kind.MEMBERSHIP_RESUMED.value: "Membership resumed",
    Kind.MEMBERSHIP_CHANGED.value: "Another plan",
    Kind.MEMBERSHIP_ENDING.value: "Membership is to end",
    Kind.MEMBERSHIP_KEPT.value: "Membership kept",
    Kind.MEMBERSHIP_ENDED.value: "Membership ended",
    Kind.TRIAL.value: "Trial of a text",
}
CHANNELS = {Channel.EMAIL.value: "E-mail", Channel.SMS.value: "SMS"}
WITHIN = {Channel.EMAIL.value: "e-mail", Channel.SMS.value: "SMS"}
"""The channels within a sentence."""
STATES = {
    State.QUEUED.value: ("Waiting", "going"),
    State.SENT.value: ("Sent", "done"),
    State.DELIVERED.value: ("Delivered", "done"),
    State.FAILED.value: ("Did not arrive", "warn"),
    State.DROPPED.value: ("Not sent", "nothing"),
}
TASKS = {
    "card.forget": "a card to be taken off at the payment service",
    "payment.charge": "a fee to be charged",
    "payment.finish": "a card hold to be released or a deposit to be taken",
    "payment.notice": "news from the payment service to be read",
    "payment.refund": "a refund to be made",
    "payment.reconcile": "the nightly comparison with the payment service",
}
"""Tasks of the worker that are no messages; of any other it is said that it is one."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why a message did not go out or arrive, and what helps, where something does."""

    told: str
    helps: str = ""


_ADDRESS = "Ask the patient for their address and put it right in their profile."
_NUMBER = "Ask the patient for their number and put it right in their profile."
_SETTINGS = "Whoever runs this installation can look with “clinic-portal doctor”."
_AGAIN = "You can send it again, or call the patient."
_WHY = {
    "cancelled": Why("The visit was cancelled before its turn came."),
    "past": Why("The visit had begun before its turn came."),
    "moved_again": Why("The visit was moved meanwhile; a letter with the new time went out instead."),
    "not_cancelled": Why("The visit was not cancelled after all."),
    "no_instructions": Why("There are no instructions for this visit any more."),
    "not_taken_place": Why("The visit did not take place."),
    "forms_done": Why("The forms were filled in meanwhile."),
    "code_ended": Why("The code had ended or a newer one was asked for."),
    "claim_ended": Why("The question was answered or had ended."),
    "link_ended": Why("The link in it was used or had ended."),
    "returned": Why("It was given back meanwhile."),
    "not_paid": Why("The payment turned out not to be made."),
    "not_owed": Why("The fee was paid or waived meanwhile."),
    "moved_on": Why("The fee was tried again meanwhile."),
    "not_waived": Why("The fee was not waived after all."),
    "not_refunded": Why("The refund was not made after all."),
    "booked_meanwhile": Why("They booked another time meanwhile."),
    "member_moved_on": Why("The membership was changed again meanwhile."),
    "not_member": Why("The membership is another by now."),
    "gone": Why("What it was about is not there any more."),
    "settled": Why("It was settled already."),
    "opted_out": Why("The patient does not want reminders this way."),
    "unreachable_stop": Why("They replied STOP to our texts.", "Only they can take it back, by texting START."),
    "unreachable_bounced": Why("Earlier e-mails to this address came back.", _ADDRESS),
    "unreachable_invalid": Why("Texts cannot be sent to this number.", _NUMBER),
    "outcome_unknown": Why(
        "It was handed over twice and no answer came: it may have arrived once, twice or not at all.", _AGAIN
    ),
    "email_malformed": Why("The address is not one that mail can be sent to.", _ADDRESS),
    "smtp_unreachable": Why("The mail server did not answer.", _SETTINGS),
    "smtp_unsupported": Why("The mail server offers no safe connection.", _SETTINGS),
    "smtp_certificate": Why("The mail server’s certificate is of another name.", _SETTINGS),
    "smtp_no_answer": Why("The mail server took it and never said so; it may have arrived.", _AGAIN),
    "smtp_535": Why("The mail server refused our user name or password.", _SETTINGS),
    "smtp_552": Why("Their mailbox is full.", _AGAIN),
    "sms_unreachable": Why("The SMS service did not answer.", _SETTINGS),
    "sms_no_answer": Why("The SMS service never said whether it took it; it may have arrived.", _AGAIN),
    "sms_401": Why("The SMS service refused our account’s name or token.", _SETTINGS),
    "sms_21606": Why("The SMS service knows our number not as ours.", _SETTINGS),
    "sms_429": Why("The SMS service asked us to slow down."),
    "sms_20003": Why("The SMS service refused our account’s name or token.", _SETTINGS),
    "sms_21211": Why("This is not a phone number.", _NUMBER),
    "sms_21214": Why("This number cannot be reached.", _NUMBER),
    "sms_21217": Why("This is not a phone number.", _NUMBER),
    "sms_21408": Why("Our account may not send texts to this country.", _SETTINGS),
    "sms_21610": Why("They replied STOP to our texts.", "Only they can take it back, by texting START."),
    "sms_21614": Why("This number cannot receive texts.", _NUMBER),
    "sms_30003": Why("Their phone was switched off or out of reach.", _AGAIN),
    "sms_30004": Why("The phone company blocked it.", _AGAIN),
    "sms_30005": Why("Their phone company does not know this number.", _NUMBER),
    "sms_30006": Why("This is a landline, or cannot receive texts.", _NUMBER),
    "sms_30007": Why("The phone company took it for spam.", _SETTINGS),
    "sms_30008": Why("The phone company does not say why.", _AGAIN),
    "sms_30034": Why("Our number is not registered with the phone companies (10DLC).", _SETTINGS),
    "sms_undelivered": Why("It did not arrive; nobody says why.", _AGAIN),
}


def kind(name: str) -> str:
    """What a message is about."""
    return KINDS.get(name, name.replace("_", " ").capitalize())


def task(name: str) -> str:
    """What a task of the worker was to do."""
    return TASKS.get(name, f"a task ({name.replace('.', ' ').replace('_', ' ')})")


def why(reason: str | None) -> Why:
    """Why a message did not go out or arrive; a code nobody foresaw is told with the code."""
    if not reason:
        return Why("")
    if reason in _WHY:
        return _WHY[reason]
    code = reason.rpartition("_")[2]
    if reason.startswith("bounced_"):
        is_mailbox = code in GONE
        return Why(
            "It came back: there is no such mailbox." if is_mailbox else f"It came back ({code}).",
            _ADDRESS if is_mailbox else _AGAIN,
        )
    if reason.startswith("delayed_"):
        return Why("Their mail server does not take it yet; ours goes on trying.")
    if reason.startswith("smtp_5"):
        return Why(f"Their mail server refused it ({code}).", _ADDRESS)
    if reason.startswith("smtp_"):
        return Why(f"The mail server did not take it ({code}).", _AGAIN)
    if reason.startswith("sms_5"):
        return Why("The SMS service had a fault of its own.", _AGAIN)
    if reason.startswith("sms_"):
        return Why(f"The SMS service refused it ({code}).", _AGAIN)
    return Why(f"Something went wrong here ({reason}).", _SETTINGS)
