"""What was done with a payment, in order: from its rows, its visit's and the activity log. Values in, view values out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from clinic_portal.booking.till import Entry, Sheet
from clinic_portal.core import wording
from clinic_portal.packages.types import sold
from clinic_portal.payments.types import AT_BOOKING, FEES, PaymentInfo, Purpose, RefundState, State
from clinic_portal.web.admin.payments import words


@dataclass
class EventView:
    """Something that was done, and when."""

    when: str
    what: str
    detail: str = ""
    kind: str = words.DONE


Told = tuple[datetime, str, str, str]


def timeline(sheet: Sheet, staff: Mapping[str, str], zone: str, language: str) -> list[EventView]:
    """Everything that is known to have been done, in order."""
    paid = sheet.payment
    found = [*_booking(sheet, language), *_visit(sheet, staff), *_asked(paid, language), *_settled(sheet, language)]
    found += [*_refunds(sheet, staff, language)]
    found += [one for entry in sheet.log if (one := _logged(entry, paid, staff, language))]
    for differs in sheet.differences:
        if differs.kind.startswith("refund_failed"):
            continue  # the refund itself says so
        by_itself = differs.mended_at == differs.found_at
        told = words.difference(differs.kind)
        found.append(
            (
                differs.found_at,
                told,
                "Put right by itself." if by_itself else "",
                words.NOTHING if by_itself else words.WARN,
            )
        )
    ordered = sorted(enumerate(found), key=lambda pair: (pair[1][0], pair[0]))
    return [
        EventView(wording.moment(at, zone, language), what, detail, kind) for _, (at, what, detail, kind) in ordered
    ]


def _booking(sheet: Sheet, language: str) -> list[Told]:
    """How the visit came to be: what was accepted, from where, and the card that was given for it."""
    if sheet.payment.purpose is Purpose.PACKAGE:
        return _buying(sheet, language)
    some = (sheet.payment, *sheet.others)
    booked = (
        sheet.payment if sheet.payment.purpose in AT_BOOKING else next((one for one in some if one.is_booked), None)
    )
    if booked is None:
        return [(sheet.visit.booked_at, "Visit booked", "", words.DONE)] if sheet.visit else []
    found: list[Told] = []
    if booked.phone_verified_at:
        found.append((booked.phone_verified_at, "Phone proved by a code", wording.phone(booked.phone), words.DONE))
    if booked.accepted_at:
        version = f" version {sheet.policy.version}" if sheet.policy else ""
        device = " · ".join(part for part in (booked.accepted_from, booked.accepted_device) if part)
        found.append((booked.accepted_at, f"Policy{version} accepted", f"from {device}" if device else "", words.DONE))
    if booked is not sheet.payment:
        return [*found, (sheet.visit.booked_at, "Visit booked", "", words.DONE)] if sheet.visit else found
    amount = wording.money(booked.amount_minor, booked.currency, language)
    asked = (
        f"Deposit of {amount} asked for" if booked.purpose is Purpose.DEPOSIT else f"Card asked for, to hold {amount}"
    )
    found.append((booked.created_at, asked, booked.email, words.DONE))
    if booked.is_booked and sheet.visit is not None:
        found.append((sheet.visit.booked_at, f"{amount} reserved, visit booked", words.card(sheet.card), words.DONE))
    return found


def _buying(sheet: Sheet, language: str) -> list[Told]:
    """How a package came to be bought."""
    paid, bought = sheet.payment, sold(sheet.payment.sold)
    amount = wording.money(paid.amount_minor, paid.currency, language)
    found: list[Told] = []
    if paid.phone_verified_at:
        found.append((paid.phone_verified_at, "Phone proved by a code", wording.phone(paid.phone), words.DONE))
    device = " · ".join(part for part in (paid.accepted_from, paid.accepted_device) if part)
    name = bought.name if bought else "Package"
    detail = f"from {device}" if device else ""
    found.append((paid.created_at, f"Went to pay {amount} for “{name}”", detail, words.DONE))
    if sheet.package is not None:
        found.append((sheet.package.lot.granted_at, f"{amount} paid", words.card(sheet.card), words.DONE))
    return found


def _visit(sheet: Sheet, staff: Mapping[str, str]) -> list[Told]:
    """How the visit went: that the patient came and left, or that it did not take place."""
    told = {
        "appointment.arrived": ("Patient checked in", words.DONE),
        "appointment.arrival_undone": ("Check-in taken back", words.NOTHING),
        "appointment.fulfilled": ("Patient checked out", words.DONE),
        "appointment.cancelled": ("Visit cancelled", words.NOTHING),
        "appointment.missed": ("Visit marked as missed", words.NOTHING),
    }
    return [
        (one.at, told[one.action][0], f"by {words.who(one.actor, staff)}", told[one.action][1])
        for one in sheet.log
        if one.action in told
    ]


def _asked(paid: PaymentInfo, language: str) -> list[Told]:
    """Of a fee: how much, and what the deposit paid of it."""
    if paid.purpose not in FEES:
        return []
    amount, deposit = (
        wording.money(minor, paid.currency, language) for minor in (words.asked_minor(paid), paid.from_deposit_minor)
    )
    detail = f"{deposit} of it paid by the deposit" if paid.from_deposit_minor else ""
    return [(paid.created_at, f"Fee of {amount} asked", detail, words.DONE)]


def _settled(sheet: Sheet, language: str) -> list[Told]:
    paid = sheet.payment
    amount = wording.money(paid.captured_minor or paid.amount_minor, paid.currency, language)
    found: list[Told] = []
    if paid.purpose is Purpose.MEMBERSHIP and paid.captured_minor:
        found.append((sheet.taken_at or paid.updated_at, f"{amount} paid", words.card(sheet.card), words.DONE))
    if paid.purpose is Purpose.DEPOSIT and paid.captured_minor:
        found.append((sheet.taken_at or paid.updated_at, f"{amount} taken", words.card(sheet.card), words.DONE))
    if paid.state is State.RELEASED:
        found.append((paid.updated_at, f"{amount} released: nothing was taken", "", words.DONE))
    if paid.state is State.EXPIRED:
        page = "payment page" if paid.purpose in (Purpose.PACKAGE, Purpose.MEMBERSHIP) else "card page"
        found.append((paid.updated_at, f"The {page} was left", "Nothing was reserved or taken.", words.NOTHING))
    if paid.purpose in FEES and paid.state is State.PAID and not paid.amount_minor:
        found.append((paid.created_at, "Paid by the deposit", "", words.DONE))
    if paid.state is State.WAIVED and paid.failure_code == "too_small":
        found.append((paid.created_at, "Not charged", words.failure("too_small"), words.NOTHING))
    return found


def _refunds(sheet: Sheet, staff: Mapping[str, str], language: str) -> list[Told]:
    found: list[Told] = []
    for one in sheet.refunds:
        amount = wording.money(one.amount_minor, one.currency, language)
        told = f"{words.refund_reason(one)} ({words.who(one.asked_by, staff)})"
        found.append((one.created_at, f"{amount} to be given back", told, words.GOING))
        if one.settled_at and one.state is RefundState.DONE:
            found.append((one.settled_at, f"{amount} given back", "", words.DONE))
        if one.state is RefundState.FAILED:
            why = f"The payment service said: {(one.failure_code or 'refused').replace('_', ' ')}."
            found.append((one.settled_at or one.created_at, f"{amount} could not be given back", why, words.WARN))
    return found


def _logged(entry: Entry, paid: PaymentInfo, staff: Mapping[str, str], language: str) -> Told | None:
    """What the activity log adds; what stands in the payment itself is left out."""
    by, detail = words.who(entry.actor, staff), entry.detail
    amount = wording.money(paid.amount_minor, paid.currency, language)
    credited = wording.money(int(detail.get("amount_minor", 0)), paid.currency, language)
    reason = f"{detail.get('reason', '')} ({by})"
    told = {
        "payment.not_booked": ("Not booked", f"{words.not_booked(detail.get('why')).capitalize()}.", words.WARN),
        "payment.failed": ("Could not be charged", words.failure(detail.get("why")), words.WARN),
        "payment.paid": (f"{amount} paid", "", words.DONE),
        "payment.retried": ("Tried again", f"by {by}", words.GOING),
        "payment.waived": ("Waived", reason, words.NOTHING),
        "payment.credited": (f"{credited} given back into the wallet", reason, words.DONE),
        "payment.disputed": ("The patient’s bank disputes it", "", words.WARN),
        "payment.attended": ("Dealt with", reason, words.DONE),
    }.get(entry.action)
    return (entry.at, *told) if told else None
