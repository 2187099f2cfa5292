"""Payments as the staff's pages show them: values in, view values out. No State, no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from clinic_portal.booking import rules, telling
from clinic_portal.booking.receipts import number
from clinic_portal.booking.till import Sheet, TillLine
from clinic_portal.core import wording
from clinic_portal.packages import words as package_words
from clinic_portal.packages.types import sold
from clinic_portal.payments.types import PaymentInfo, Purpose
from clinic_portal.wallet.types import ITEM, LotInfo
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
    told, kind = words.state(paid, one.returning_minor, one.attention)
    visit = wording.moment(one.visit_at, zone, language, length="short").replace(" ", "\u00a0") if one.visit_at else ""
    bought = sold(paid.sold)
    services = bought.name if bought else " and ".join(one.service_names)
    return LineView(
        href=f"/admin/payment?id={paid.id}",
        when=wording.moment(paid.created_at, zone, language, length="short"),
        who=one.who or "Nobody yet",
        what=" · ".join(part for part in (words.purpose(paid), services, visit) if part),
        reference=paid.reference,
        amount=wording.money(words.asked_minor(paid), paid.currency, language),
        state=told,
        kind=kind,
        note=" · ".join(words.ATTENTION[why] for why in one.attention),
    )


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
    view.seen = f"As it was read at booking, {wording.moment(seen, zone, language)}"
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
        FactView("Free until", wording.moment(until, visit.location.time_zone, language) if until else "it begins"),
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
    when = wording.moment(sheet.cancelled_at, zone, language)
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
        ("Begins", wording.moment(visit.start_at, visit.location.time_zone, language) if visit else ""),
        ("With", visit.provider_name if visit else ""),
        ("Reference", paid.reference if paid.reference != number(paid.id) else ""),
        ("Number", number(paid.id)),
        ("Card", _card(sheet)),
        ("From the deposit", money(paid.from_deposit_minor) if paid.from_deposit_minor else ""),
        ("From the card", money(paid.captured_minor) if paid.captured_minor and paid.from_deposit_minor else ""),
        ("Given back", money(paid.refunded_minor) if paid.refunded_minor else ""),
        ("Given back as credit", money(paid.credited_minor) if paid.credited_minor else ""),
        ("Used for the visit or its fee", money(sheet.used_minor) if sheet.used_minor else ""),
        ("Became credit, and is spent", money(sheet.spent_minor) if sheet.spent_minor else ""),
        ("On its way back", money(sheet.returning_minor) if sheet.returning_minor else ""),
        ("At the payment service", paid.intent_id or ""),
    ]
    return [FactView(name, what) for name, what in told if what]


def package(sheet: Sheet, zone: str, language: str) -> list[FactView]:
    """A package that was bought: what is in it, what is left of it, and what can be given back."""
    one = sheet.package
    if one is None:
        return []
    is_any = one.sold.category_id is not None
    name = package_words.anything(one.sold.what) if is_any else one.sold.what
    counts = ((one.left, "left"), (one.reserved, "kept for visits"), (one.used, "used or expired"))
    stands = [f"{count} {told}" for count, told in counts if count]
    stands += [f"{one.taken_back} taken back"] if one.taken_back else []
    return [
        FactView("Package", one.sold.name),
        FactView("In it", package_words.what(one.sold.count, name)),
        FactView("To be used by", package_words.last_day(one.lot.expires_at, zone, language) or "No expiry date"),
        FactView("Stands at", ", ".join(stands)),
        FactView("Can be given back", wording.money(sheet.left_minor, one.sold.currency, language)),
    ]


def stays(brought: Sequence[LotInfo], language: str) -> str:
    """What a membership's period put into the wallet, before its payment is given back; empty for nothing."""
    if not brought:
        return ""

    def told(one: LotInfo, amount: int) -> str:
        return str(amount) if one.unit == ITEM else wording.money(amount, one.unit, language)

    def what(one: LotInfo) -> str:
        left = one.left + one.reserved
        name = f"× {one.name}" if one.unit == ITEM else "of credit"
        return f"{told(one, one.granted)} {name} ({told(one, left) if left else 'none'} left)"

    said = f"It put into the wallet: {', '.join(map(what, brought))}."
    if not any(one.left + one.reserved for one in brought):
        return said
    return f"{said} That stays there: take out of the patient’s wallet what is not to be used any more."


def other(paid: PaymentInfo, language: str) -> FactView:
    """Another payment of the same visit: its address, and what it is."""
    amount = wording.money(words.asked_minor(paid), paid.currency, language)
    return FactView(f"/admin/payment?id={paid.id}", f"{words.purpose(paid)}, {amount}: {words.state(paid)[0].lower()}")


def _card(sheet: Sheet) -> str:
    told = words.card(sheet.card)
    is_once = sheet.payment.purpose is Purpose.PACKAGE  # its card is used once, and kept by nobody
    return f"{told}, not on file any more" if sheet.card and sheet.card.is_removed and not is_once else told
