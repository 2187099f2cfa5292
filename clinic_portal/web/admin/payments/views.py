"""Payments as the staff's pages show them: values in, view values out. No State, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from clinic_portal.booking import rules, telling
from clinic_portal.booking.till import Entry, Sheet, TillLine
from clinic_portal.core import wording
from clinic_portal.payments.types import AT_BOOKING, FEES, PaymentInfo, Purpose, State
from clinic_portal.web.admin.payments import words


@dataclass
class LineView:
    """A payment in a list."""

    href: str
    when: str
    who: str
    what: str
    reference: str
    amount: str
    state: str
    kind: str
    note: str = ""


@dataclass
class EventView:
    """Something that was done, and when."""

    when: str
    what: str
    detail: str = ""
    kind: str = words.DONE


@dataclass
class FactView:
    """A fact with its name."""

    name: str
    told: str


@dataclass
class PolicyView:
    """What the policy says of a visit, and what followed from it."""

    title: str = ""
    seen: str = ""
    terms: str = ""
    facts: list[FactView] = field(default_factory=list)
    followed: str = ""
    text: str = ""
    card_text: str = ""


def line(one: TillLine, zone: str, language: str) -> LineView:
    """A payment as a line."""
    paid = one.payment
    told, kind = words.state(paid, one.returning_minor)
    visit = moment(one.visit_at, zone, language, is_short=True).replace(" ", "\u00a0") if one.visit_at else ""
    services = " and ".join(one.service_names)
    return LineView(
        href=f"/admin/payment?id={paid.id}",
        when=moment(paid.created_at, zone, language, is_short=True),
        who=one.who or "Nobody yet",
        what=" · ".join(part for part in (words.purpose(paid), services, visit) if part),
        reference=paid.reference,
        amount=wording.money(words.asked_minor(paid), paid.currency, language),
        state=told,
        kind=kind,
        note=" · ".join(words.ATTENTION[why] for why in one.attention),
    )


def moment(at: datetime, zone: str, language: str, *, is_short: bool = False) -> str:
    """A day and a time."""
    day = wording.day(at, zone, language, length="short" if is_short else "medium")
    return f"{day}, {wording.time(at, zone, language)}"


def timeline(sheet: Sheet, staff: Mapping[str, str], zone: str, language: str) -> list[EventView]:
    """Everything that is known to have been done, in order."""
    paid = sheet.payment
    found = [*_booking(sheet, language), *_visit(sheet, staff), *_asked(paid, language), *_settled(sheet, language)]
    found += [*_refunds(sheet, staff, language)]
    found += [one for entry in sheet.log if (one := _logged(entry, paid, staff, language))]
    for differs in sheet.differences:
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
    return [EventView(moment(at, zone, language), what, detail, kind) for _, (at, what, detail, kind) in ordered]


def policy(sheet: Sheet, zone: str, language: str) -> PolicyView:
    """What the frozen policy says, worked out for the visit, and what followed from it."""
    told, visit = sheet.policy, sheet.visit
    if told is None:
        return PolicyView()
    view = PolicyView(
        title=f"Version {told.version}",
        text=told.text,
        card_text=told.card_text,
    )
    if visit is None:
        return view
    seen = visit.booked_at
    view.seen = f"As it was read at booking, {moment(seen, zone, language)}"
    view.terms = telling.terms(
        told,
        start_at=visit.start_at,
        zone=visit.location.time_zone,
        covered_minor=visit.covered_minor,
        currency=visit.currency,
        language=language,
        now=min(seen, visit.start_at),
    ).sentence
    until = rules.free_until(told, visit.start_at)
    money = {
        "Late cancellation": rules.late_fee_minor(told, visit.covered_minor),
        "Missed visit": rules.noshow_fee_minor(told, visit.covered_minor),
    }
    view.facts = [
        FactView("Free until", moment(until, visit.location.time_zone, language) if until else "it begins"),
        *(FactView(name, wording.money(minor, visit.currency, language)) for name, minor in money.items()),
    ]
    if visit.covered_minor != visit.total_minor:
        covered = wording.money(visit.covered_minor, visit.currency, language)
        view.facts.append(
            FactView("Covers", f"{covered} of {wording.money(visit.total_minor, visit.currency, language)}")
        )
    view.followed = _followed(sheet, until, zone, language)
    return view


def _followed(sheet: Sheet, until: datetime | None, zone: str, language: str) -> str:
    visit = sheet.visit
    assert visit is not None
    if visit.status == "noshow":
        fee = _fee_of((sheet.payment, *sheet.others), Purpose.NOSHOW_FEE)
        return f"Nobody came: {_owed(fee, language)}"
    if visit.status != "cancelled" or sheet.cancelled_at is None:
        return "Nothing so far: the visit was neither cancelled nor missed."
    when = moment(sheet.cancelled_at, zone, language)
    if not visit.late_fee_minor:
        return (
            f"Cancelled {when}, in time: no fee."
            if until is None or sheet.cancelled_at <= until
            else (f"Cancelled {when}, and the policy asks no fee for that.")
        )
    fee = _fee_of((sheet.payment, *sheet.others), Purpose.CANCELLATION_FEE)
    assert until is not None
    late = wording.duration(max(1, int((sheet.cancelled_at - until).total_seconds() // 60)), language, length="long")
    return f"Cancelled {when}, {late} after free cancellation ended: {_owed(fee, language)}"


def _owed(fee: PaymentInfo | None, language: str) -> str:
    if fee is None:
        return "no fee."
    parts = [f"a fee of {wording.money(words.asked_minor(fee), fee.currency, language)}"]
    if fee.from_deposit_minor:
        parts.append(f"{wording.money(fee.from_deposit_minor, fee.currency, language)} of it from the deposit")
    return f"{', '.join(parts)}."


def _fee_of(some: Sequence[PaymentInfo], purpose: Purpose) -> PaymentInfo | None:
    return next((one for one in some if one.purpose is purpose), None)


def facts(sheet: Sheet, zone: str, language: str) -> list[FactView]:
    """What a payment is about, and how much of it moved."""
    paid, visit = sheet.payment, sheet.visit

    def money(minor: int) -> str:
        return wording.money(minor, paid.currency, language)

    told = [
        ("Visit", " and ".join(one.name for one in visit.services) if visit else ""),
        ("Begins", moment(visit.start_at, visit.location.time_zone, language) if visit else ""),
        ("With", visit.provider_name if visit else ""),
        ("Reference", paid.reference),
        ("Card", _card(sheet)),
        ("From the deposit", money(paid.from_deposit_minor) if paid.from_deposit_minor else ""),
        ("From the card", money(paid.captured_minor) if paid.captured_minor and paid.from_deposit_minor else ""),
        ("Given back", money(paid.refunded_minor) if paid.refunded_minor else ""),
        ("On its way back", money(sheet.returning_minor) if sheet.returning_minor else ""),
        ("At the payment service", paid.intent_id or ""),
    ]
    return [FactView(name, what) for name, what in told if what]


def other(paid: PaymentInfo, language: str) -> FactView:
    """Another payment of the same visit: its address, and what it is."""
    amount = wording.money(words.asked_minor(paid), paid.currency, language)
    return FactView(f"/admin/payment?id={paid.id}", f"{words.purpose(paid)}, {amount}: {words.state(paid)[0].lower()}")


def _card(sheet: Sheet) -> str:
    told = words.card(sheet.card)
    return f"{told}, not on file any more" if sheet.card and sheet.card.is_removed else told


Told = tuple[datetime, str, str, str]


def _booking(sheet: Sheet, language: str) -> list[Told]:
    """How the visit came to be: what was accepted, from where, and the card that was given for it."""
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


def _visit(sheet: Sheet, staff: Mapping[str, str]) -> list[Told]:
    """How the visit ended, where it did not take place."""
    told = {"appointment.cancelled": "Visit cancelled", "appointment.missed": "Visit marked as missed"}
    return [
        (one.at, told[one.action], f"by {words.who(one.actor, staff)}", words.NOTHING)
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
    if paid.purpose is Purpose.DEPOSIT and paid.captured_minor:
        found.append((sheet.taken_at or paid.updated_at, f"{amount} taken", words.card(sheet.card), words.DONE))
    if paid.state is State.RELEASED:
        found.append((paid.updated_at, f"{amount} released: nothing was taken", "", words.DONE))
    if paid.state is State.EXPIRED:
        found.append((paid.updated_at, "The card page was left", "Nothing was reserved or taken.", words.NOTHING))
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
        if one.settled_at and one.state.value == "done":
            found.append((one.settled_at, f"{amount} given back", "", words.DONE))
        if one.state.value == "failed":
            why = f"The payment service said: {(one.failure_code or 'refused').replace('_', ' ')}."
            found.append((one.settled_at or one.created_at, f"{amount} could not be given back", why, words.WARN))
    return found


def _logged(entry: Entry, paid: PaymentInfo, staff: Mapping[str, str], language: str) -> Told | None:
    """What the activity log adds; what stands in the payment itself is left out."""
    by, detail = words.who(entry.actor, staff), entry.detail
    amount = wording.money(paid.amount_minor, paid.currency, language)
    reason = f"{detail.get('reason', '')} ({by})"
    told = {
        "payment.not_booked": ("Not booked", f"{words.not_booked(detail.get('why')).capitalize()}.", words.WARN),
        "payment.failed": ("Could not be charged", words.failure(detail.get("why")), words.WARN),
        "payment.paid": (f"{amount} paid", "", words.DONE),
        "payment.retried": ("Tried again", f"by {by}", words.GOING),
        "payment.waived": ("Waived", reason, words.NOTHING),
        "payment.disputed": ("The patient’s bank disputes it", "", words.WARN),
        "payment.attended": ("Dealt with", reason, words.DONE),
    }.get(entry.action)
    return (entry.at, *told) if told else None
