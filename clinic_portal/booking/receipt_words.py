"""A receipt in words: the same ones on its page and on paper. Values in, words and a `Sheet` out."""

from dataclasses import dataclass
from datetime import datetime

from clinic_portal.booking.receipts import Receipt, number
from clinic_portal.booking.selling import Standing
from clinic_portal.core import wording
from clinic_portal.forms.ports import Amount, Amounts, Block, Facts, Heading, Paragraph, Sheet, Words
from clinic_portal.packages import words
from clinic_portal.payments.types import CardInfo, Purpose, RefundState

PAID_FOR = {
    Purpose.DEPOSIT: "Deposit",
    Purpose.CANCELLATION_FEE: "Late cancellation",
    Purpose.NOSHOW_FEE: "Missed visit",
    Purpose.HOLD: "Card check",
    Purpose.PACKAGE: "Package",
    Purpose.MEMBERSHIP: "Membership",
}
_BRANDS = {"amex": "American Express", "diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay"}


@dataclass(frozen=True, slots=True)
class Told:
    """A receipt in words."""

    number: str
    paid_on: str
    patient: str
    clinic: str
    place: str
    phone: str
    about: tuple[tuple[str, str], ...]  # the visit: label and value
    lines: tuple[Amount, ...]
    notes: tuple[str, ...]


def told(of: Receipt) -> Told:
    """A receipt in its patient's language."""
    return Told(
        number=of.number,
        paid_on=_day(of, of.paid_at),
        patient=of.patient_name,
        clinic=of.clinic.name,
        place=", ".join(dict.fromkeys(part for part in (of.place.name, of.place.address) if part)),
        phone=wording.phone(of.place.phone or of.clinic.phone),
        about=tuple(_about(of)),
        lines=tuple(_lines(of)),
        notes=tuple(_notes(of)),
    )


def sheet(of: Receipt) -> Sheet:
    """A receipt on paper."""
    about = "What was bought" if of.package else "The visit"
    return paper(told(of), about=about, language=of.language, country=of.place.country)


def paper(said: Told, *, about: str = "The visit", language: str, country: str) -> Sheet:
    """Any receipt on paper; `country` says how large its sheets are."""
    body: list[Block] = []
    if said.about:
        body += [Heading(about), Facts(said.about)]
    body += [Heading("What was paid"), Amounts(("What for", "Amount"), said.lines)]
    body += [Paragraph(one) for one in said.notes]
    return Sheet(
        language=language,
        title="Receipt",
        clinic=said.clinic,
        number=said.number,
        patient_name=said.patient,
        lines=(
            ("Receipt", said.number),
            ("Paid on", said.paid_on),
            ("Clinic", said.clinic),
            ("Address", said.place),
            ("Phone", said.phone),
        ),
        body=tuple(body),
        paper="us-letter" if country in ("", "US", "USA") else "a4",
        words=Words(document="Receipt"),
    )


def card_named(card: CardInfo) -> str:
    """A card as its owner knows it: `Visa ending in 4242`."""
    brand = _BRANDS.get(card.brand, card.brand.replace("_", " ").title()) or "Card"
    return f"{brand} ending in {card.last_four}"


def _about(of: Receipt) -> list[tuple[str, str]]:
    if of.package is not None:
        return _bought(of, of.package)
    if of.period is not None:
        period, plan = of.period
        return [("Membership", plan.name), ("For", f"{_day(of, period.from_at)} to {_day(of, period.until_at)}")]
    if of.visit is None:
        return [] if of.payment.purpose is Purpose.MEMBERSHIP else [("Visit", "None came of it")]
    return [
        ("Confirmation", of.visit.reference),
        ("Day of the visit", _day(of, of.visit.start_at)),
        ("Services", ", ".join(one.name for one in of.visit.services)),
        ("With", of.visit.provider_name),
    ]


def _bought(of: Receipt, package: Standing) -> list[tuple[str, str]]:
    sold, until = package.sold, words.last_day(package.lot.expires_at, of.place.time_zone, of.language)
    what = words.anything(sold.what) if sold.category_id is not None else sold.what
    return [
        ("Package", sold.name),
        ("In it", words.what(sold.count, what)),
        ("To be used by", until or "No expiry date"),
    ]


def _lines(of: Receipt) -> list[Amount]:
    """What was asked, how it was paid, what went back, and what that leaves."""
    paid = of.payment
    lines = [Amount(PAID_FOR.get(paid.purpose, "Payment"), _money(of, of.asked_minor - _to_join(of)))]
    if _to_join(of):
        lines.append(Amount("To join, once", _money(of, _to_join(of))))
    if paid.from_deposit_minor:
        deposit = f" (receipt {number(of.deposit.id)})" if of.deposit else ""
        lines.append(Amount(f"Paid from the deposit{deposit}", _money(of, paid.from_deposit_minor)))
    if paid.captured_minor:
        how = f"Paid with {card_named(of.card)}" if of.card else "Paid by card"
        lines.append(Amount(how, _money(of, paid.captured_minor)))
    if of.waived_minor:
        lines.append(Amount("Waived by the clinic", _money(of, of.waived_minor)))
    back = [one for one in of.refunds if one.state is RefundState.DONE]
    for one in back:
        on = _day(of, one.settled_at or one.created_at)
        lines.append(Amount(f"Refunded on {on}", _money(of, -one.amount_minor)))
    if of.refunded_elsewhere_minor:
        lines.append(Amount("Refunded", _money(of, -of.refunded_elsewhere_minor)))
    if paid.credited_minor:
        lines.append(Amount("Given back as credit", _money(of, -paid.credited_minor)))
    whole = "Paid after refunds" if paid.refunded_minor or paid.credited_minor else "Paid"
    lines.append(Amount(whole, _money(of, of.remains_minor), is_total=True))
    if of.owed_minor:
        lines.append(Amount("Still to be paid", _money(of, of.owed_minor), is_total=True))
    return lines


def _to_join(of: Receipt) -> int:
    """What of a membership's first payment was the fee for joining."""
    if of.period is None:
        return 0
    plan = of.period[1]
    return plan.setup_fee_minor if of.asked_minor == plan.fee_minor + plan.setup_fee_minor else 0


def _notes(of: Receipt) -> list[str]:
    notes = [
        f"A refund of {_money(of, one.amount_minor)} is on its way to the card since {_day(of, one.created_at)}."
        for one in of.refunds
        if one.state in (RefundState.PREPARED, RefundState.PENDING)
    ]
    if of.package is not None and of.package.taken_back:
        count = of.package.taken_back
        told = "1 treatment" if count == 1 else f"{count} treatments"
        notes.append(f"{told} of this package went back with the money.")
    if of.kept_minor:
        notes.append(f"{_money(of, of.kept_minor)} of this deposit paid a fee under the cancellation policy.")
    if of.used_minor:
        notes.append(f"{_money(of, of.used_minor)} of this deposit paid for the visit.")
    if of.credit_minor:
        notes.append(f"{_money(of, of.credit_minor)} of this deposit became credit at the clinic.")
    return notes


def _money(of: Receipt, minor: int) -> str:
    return wording.money(minor, of.payment.currency, of.language)


def _day(of: Receipt, at: datetime) -> str:
    return wording.day(at, of.place.time_zone, of.language)
