"""The activity log in words: what was done, to what, what stood there before and after. Values in, words out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clinic_portal.clinic.types import Catalogue

DEEDS = {
    "account.created": "opened a portal account",
    "account.email_changed": "changed their e-mail address",
    "account.password_changed": "changed their password",
    "account.signed_in": "signed in",
    "account.signed_out": "signed out",
    "account.tied": "was tied to a profile",
    "activation.finished": "finished sending Welcome Emails",
    "activation.started": "began to send Welcome Emails",
    "alert.ended": "took down an alert about a patient",
    "alert.written": "put up an alert about a patient",
    "appointment.arrival_undone": "took back a check-in",
    "appointment.arrived": "checked a patient in",
    "appointment.booked": "booked a visit",
    "appointment.cancelled": "cancelled a visit",
    "appointment.changed": "changed a visit",
    "appointment.fulfilled": "checked a patient out",
    "appointment.moved": "moved a visit",
    "appointment.missed": "marked a visit as missed",
    "break.added": "added a break",
    "break.removed": "removed a break",
    "card.added": "added a card",
    "card.made_default": "chose the card that is charged first",
    "card.removed": "removed a card",
    "category.removed": "removed a category",
    "chart.read": "read a medical history",
    "clinic.founded": "founded the clinic",
    "clinic.loaded": "loaded the clinic from a file",
    "date_hours.cleared": "put one date back to weekly hours",
    "date_hours.set": "set the hours of one date",
    "dispute_file.read": "made a dispute file",
    "document.begun": "began a form with a patient",
    "document.completed": "completed a form",
    "document.countersigned": "countersigned a document",
    "document.read": "read a document",
    "document.voided": "declared a document void",
    "file.attached": "attached a file to a form",
    "file.read": "looked at a patient’s file",
    "file.removed": "took a file off a form",
    "first_steps.put_away": "put the list of first steps away",
    "form.added": "began a form",
    "form.asked": "asked for a form",
    "form.assigned": "changed the services of a form",
    "form.changed": "changed a form’s rules",
    "form.published": "published a form",
    "form.switched_off": "asked for a form no more",
    "form.switched_on": "asked for a form again",
    "form.withdrawn": "took back that a form was asked for",
    "demo.seeded": "filled the demo",
    "history.amended": "changed a medical history",
    "history.recorded": "added to a medical history",
    "history.removed": "took something out of a medical history",
    "holiday.added": "added a closed day",
    "holiday.removed": "removed a closed day",
    "hours.changed": "changed weekly hours",
    "membership.begun": "began to join a membership plan",
    "membership.cancelled": "cancelled a membership",
    "liability.downloaded": "downloaded what is owed in wallets",
    "report.downloaded": "downloaded a table of a report",
    "membership.ended": "ended a membership",
    "membership.joined": "joined a membership plan",
    "membership.kept": "kept a membership that was to end",
    "membership.left": "left before joining a membership plan",
    "membership.paused": "paused a membership",
    "membership.plan_changed": "changed the plan of a membership",
    "membership.resumed": "resumed a membership",
    "membership.retried": "tried an overdue membership’s card again",
    "membership.started": "enrolled a member",
    "members.exported": "made a file of members",
    "address.tried_again": "had an address tried again",
    "message.attended": "saw to a message that did not arrive",
    "message.send_again": "sent a message again",
    "note.ended": "ended a note about a patient",
    "note.written": "wrote a note about a patient",
    "notes.read": "read the notes about a patient",
    "patient.added": "added a patient",
    "patient.changed": "changed a patient’s details",
    "patient.created": "created a profile",
    "patient.feed_started": "opened a private calendar address",
    "patient.feed_stopped": "ended a private calendar address",
    "provider.feed_started": "opened a provider’s private calendar address",
    "provider.feed_stopped": "ended a provider’s private calendar address",
    "patient.language_changed": "changed a patient’s language",
    "patient.notifications_changed": "changed a patient’s notifications",
    "patient.phone_changed": "changed a patient’s phone",
    "patient.time_zone_changed": "changed a patient’s time zone",
    "patient.unsubscribed": "wants no more reminders by e-mail",
    "package.bought": "bought a package",
    "package.switched_off": "sells a package no more",
    "package.switched_on": "sells a package again",
    "reminder.added": "set a reminder",
    "reminder.removed": "took back a reminder",
    "payment.attended": "dealt with what a payment asked attention for",
    "payment.credited": "gave back a payment into the wallet",
    "payment.disputed": "heard that a bank disputes a payment",
    "payment.failed": "could not charge a fee",
    "payment.not_booked": "gave back a card’s reservation, since nothing could be booked",
    "payment.paid": "was paid a fee",
    "payment.refunded": "gave back a payment",
    "payment.retried": "tried a fee again",
    "payment.waived": "waived a fee",
    "picture.added": "added a picture for instructions",
    "plan.added": "wrote a membership plan",
    "plan.changed": "changed a membership plan",
    "plan.moved": "changed the order of membership plans",
    "plan.offered": "offered a membership plan",
    "plan.withdrawn": "offers a membership plan no more",
    "policy.published": "put a cancellation policy in force",
    "policy.withdrawn": "withdrew a cancellation policy",
    "profile_claim.answered": "said whether a booking was theirs",
    "reply.attended": "saw to a patient’s reply",
    "reasons.read": "read why a rule was bent for a visit, or it was cancelled",
    "reply.read": "read a patient’s reply",
    "sms.started": "wants text messages again (START)",
    "sms.stopped": "wants no more text messages (STOP)",
    "tasks.tried_again": "had the worker try again what it gave up",
    "text.back_to_ours": "went back to our words for a message",
    "text.changed": "changed a message’s words",
    "text.previewed": "filled in a message’s words with a patient’s data, to look at them",
    "text.tried": "sent a message’s words to themselves",
    "staff.added": "added someone to the team",
    "service.copied": "copied a service",
    "staff.changed": "changed someone of the team",
    "staff.password_changed": "changed their password",
    "staff.password_chosen": "chose a password",
    "staff.recovery_code_used": "came in with a recovery code",
    "staff.recovery_codes_renewed": "made new recovery codes",
    "staff.second_factor_set": "set up an authenticator",
    "staff.second_factor_taken_off": "took an authenticator off",
    "staff.signed_in": "signed in",
    "staff.signed_out": "signed out",
    "staff.signed_out_everywhere": "signed someone out everywhere",
    "staff.switched_off": "let someone in no more",
    "staff.switched_on": "let someone in again",
    "time_off.added": "added time off",
    "time_off.removed": "removed time off",
    "wallet.added": "added to a wallet",
    "wallet.gift": "gave a patient a gift",
    "wallet.handed": "handed over a product of a wallet",
    "wallet.taken": "took something out of a wallet",
}
THINGS = {
    "clinic": "the clinic’s settings",
    "location": "a location",
    "provider": "a provider",
    "category": "a category",
    "service": "a service",
    "package": "a package",
    "pool": "rooms or devices",
    "unit": "a room or device",
    "service_provider": "who performs a service",
    "service_pool": "what a service needs",
}
GROUPS = {
    "visits": ("Visits", ("appointment",)),
    "patients": ("Patients and their accounts", ("patient", "account", "profile_claim", "activation")),
    "health": (
        "Medical histories, notes and documents",
        ("chart", "history", "note", "notes", "alert", "document", "file", "reasons"),
    ),
    "forms": ("Forms", ("form", "picture")),
    "money": ("Payments and wallets", ("payment", "card", "dispute_file", "wallet", "liability", "report")),
    "members": ("Memberships and packages", ("membership", "members", "plan", "package")),
    "messages": ("Messages", ("message", "reply", "sms", "text", "address", "tasks", "reminder")),
    "calendar": ("Hours and time off", ("hours", "date_hours", "time_off", "break", "holiday")),
    "clinic": (
        "The clinic’s settings",
        (*(one for one in THINGS if one != "package"), "policy", "demo", "first_steps"),
    ),
    "team": ("The team", ("staff",)),
}
"""What deeds are about, for whoever looks for them: in words, and the kinds of deeds."""
PAGES = {"patient": "/admin/patient?id=", "appointment": "/admin/visit?id=", "payment": "/admin/payment?id="}
"""Where a subject is seen."""
CALLED = {"appointment": "visit"}
_UNSAID = ("before", "after", "item", "seal", "mark")  # told otherwise, or a number that says nothing to anyone
VERBS = {"added": "added", "changed": "changed", "moved": "reordered"}


def deed(action: str) -> str:
    """What was done, such as `changed a service`."""
    if action in DEEDS:
        return DEEDS[action]
    thing, _, verb = action.partition(".")
    if thing in THINGS and verb in VERBS:
        return f"{VERBS[verb]} {THINGS[thing]}"
    return action.replace(".", ": ").replace("_", " ")


def deeds() -> dict[str, str]:
    """Every deed the log knows, and its words."""
    things = (f"{thing}.{verb}" for thing in THINGS for verb in VERBS)
    return {action: deed(action) for action in (*DEEDS, *things)}


def group(name: str) -> tuple[str, ...]:
    """The deeds of a group; none for a name that is none's."""
    _, kinds = GROUPS.get(name, ("", ()))
    return tuple(action for action in deeds() if action.partition(".")[0] in kinds)


def meant(typed: str) -> tuple[str, ...]:
    """The deeds whose words, or whose name in the books, hold every word that was typed."""
    wanted = typed.casefold().split()
    told = {action: f"{words} {action}".casefold() for action, words in deeds().items()}
    return tuple(action for action, words in told.items() if all(one in words for one in wanted))


def subject(told: str, clinic: Catalogue, staff_names: Mapping[str, str]) -> str:
    """To what: by its name where it is of the clinic or the team, else by kind and number."""
    kind, _, number = told.partition(":")
    if told in staff_names:
        return staff_names[told]
    named: dict[str, Mapping[int, Any]] = {
        "provider": clinic.providers,
        "service": clinic.services,
        "location": clinic.locations,
    }
    found = named.get(kind, {}).get(int(number)) if number.isdigit() else None
    return found.name if found else f"{CALLED.get(kind, kind).replace('_', ' ')} {number}"


def page(told: str) -> str:
    """Where a subject is seen; empty for one that has no page."""
    kind, _, number = told.partition(":")
    return f"{PAGES[kind]}{number}" if kind in PAGES and number.isdigit() else ""


def detail(told: Mapping[str, Any]) -> str:
    """What stood there before and after, one thing after the other, and the rest."""
    before, after = told.get("before"), told.get("after")
    rest = [f"{_name(name)}: {_value(value)}" for name, value in told.items() if name not in _UNSAID]
    changes = []
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        changes = [
            f"{_name(name)}: {_value(before.get(name))} → {_value(after.get(name))}"
            for name in dict.fromkeys([*before, *after])
            if before.get(name) != after.get(name)
        ]
    elif "before" in told:
        changes = [f"{_value(before)} → {_value(after)}"]
    elif "after" in told:
        changes = [_value(after)]
    return "; ".join(changes + rest)[:600]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{_name(name)}: {_value(one)}" for name, one in value.items()) or "nothing"
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value)) or "nothing"
    return "nothing" if value is None or value == "" else str(value)


def _name(name: str) -> str:
    return str(name).replace("_", " ")
