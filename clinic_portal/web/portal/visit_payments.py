"""What was paid for a visit, what is owed, and what went back: a part of the visit's page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from clinic_portal.booking import receipts
from clinic_portal.booking.receipt_words import PAID_FOR, card_named
from clinic_portal.booking.receipts import Receipt
from clinic_portal.booking.types import Visit
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import FEES, PaymentInfo, Purpose, RefundInfo, RefundState, State, Wanted
from clinic_portal.web.components.basics import SMALL, button, card
from clinic_portal.web.portal.pieces import PILL

WHY = {
    "no_card": "There was no card to charge.",
    "expired_card": "The card on file has expired.",
    "authentication_required": "Your bank wants you to confirm it.",
    "insufficient_funds": "There was not enough on the card.",
}
_COLOURS = {
    "paid": "bg-[var(--past-soft)] text-[var(--past)]",
    "owed": "bg-[var(--warn-soft)] text-[#6b4600]",
}


@dataclass
class PaymentView:
    """A payment of the visit. `kind`: paid, owed, or neither."""

    key: str
    title: str
    amount: str
    status: str
    kind: str
    told: str = ""
    more: list[str] = field(default_factory=list)
    receipt: str = ""
    pay_id: int = 0
    pay: str = ""


def of_visit(read: Reading, visit: Visit, language: str) -> list[PaymentView]:
    """What there is to say of a visit's payments; of a hold that was released, nothing. The caller has authorised it."""
    found = payments.of_appointment(read, visit.appointment_id)
    mine = [one for one in found if one.patient_id == visit.patient_id]
    return [_view(read, one, visit, language) for one in mine if _is_worth_saying(one)]


def section(shown: Any, *, on_pay: Any) -> rx.Component:
    """The section, for a list that is not empty. `on_pay` takes a payment's id."""
    return card(
        rx.el.h2("Payments"),
        rx.el.ul(rx.foreach(shown, lambda one: _entry(one, on_pay)), class_name="list-none p-0 mt-1 mb-0"),
        id="payments",
    )


def _is_worth_saying(paid: PaymentInfo) -> bool:
    return paid.purpose in FEES or receipts.has_receipt(paid) or (paid.purpose is Purpose.DEPOSIT and paid.is_booked)


def _view(read: Reading, paid: PaymentInfo, visit: Visit, language: str) -> PaymentView:
    found = receipts.own(read, visit.patient_id, paid.id) if receipts.has_receipt(paid) else None
    whole = paid.amount_minor + paid.from_deposit_minor
    status, kind, told = _standing(paid, found, visit, language)
    view = PaymentView(
        key=f"payment-{paid.id}",
        title=PAID_FOR.get(paid.purpose, "Payment"),
        amount=wording.money(whole, paid.currency, language),
        status=status,
        kind=kind,
        told=told,
        more=list(_more(paid, found, visit, language)),
        receipt=f"/portal/receipt?id={paid.id}" if found else "",
    )
    if kind == "owed":
        view.pay_id, view.pay = paid.id, wording.money(paid.amount_minor, paid.currency, language)
    return view


def _standing(paid: PaymentInfo, found: Receipt | None, visit: Visit, language: str) -> tuple[str, str, str]:
    """Status, kind, and a sentence."""
    if paid.state is State.PAID and found:
        how = f" with {card_named(found.card)}" if found.card else " from your deposit" if found.deposit else ""
        on = wording.day(found.paid_at, visit.location.time_zone, language, length="medium")
        return "Paid", "paid", f"On {on}{how}."
    if paid.state in (State.FAILED, State.OPEN):
        return "To be paid", "owed", WHY.get(paid.failure_code or "", "The bank did not let it through.")
    if paid.state is State.WAIVED:
        is_small = paid.failure_code == "too_small"
        return "Waived", "", "It is too small for a card: you owe nothing." if is_small else "You owe nothing for it."
    if paid.state is State.RELEASED or paid.wanted is Wanted.RELEASE:
        return "Let go", "", "Nothing was taken from your card."
    return "On its way", "", "Your card is being charged."


def _more(paid: PaymentInfo, found: Receipt | None, visit: Visit, language: str) -> list[str]:
    """What else became of it."""

    def money(minor: int) -> str:
        return wording.money(minor, paid.currency, language)

    told = []
    if paid.from_deposit_minor and paid.amount_minor:
        told.append(f"{money(paid.from_deposit_minor)} of it was paid from your deposit.")
    if found is None:
        return told
    if found.kept_minor:
        told.append(f"{money(found.kept_minor)} of it paid the fee for this visit.")
    if found.used_minor:
        told.append(f"{money(found.used_minor)} of it paid for your visit.")
    if found.credit_minor:
        told.append(f"{money(found.credit_minor)} of it became credit for your next visit.")
    told += [_refund(one, visit, language) for one in found.refunds]
    if found.refunded_elsewhere_minor:
        told.append(f"{money(found.refunded_elsewhere_minor)} went back to your card.")
    if found.payment.credited_minor:
        told.append(f"{money(found.payment.credited_minor)} was given back to you as credit.")
    return told


def _refund(one: RefundInfo, visit: Visit, language: str) -> str:
    amount = wording.money(one.amount_minor, one.currency, language)
    if one.state is RefundState.DONE:
        at = one.settled_at or one.created_at
        on = wording.day(at, visit.location.time_zone, language, length="medium")
        return f"{amount} went back to your card on {on}. Your bank may take a few days to show it."
    if one.state is RefundState.FAILED:
        return f"{amount} could not be sent back to your card. Please call us, and we will settle it with you."
    return f"{amount} is on its way back to your card."


def _entry(one: Any, on_pay: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(one.title, class_name="font-semibold"),
            rx.el.span(one.amount, class_name="whitespace-nowrap font-semibold num"),
            class_name="flex justify-between gap-3",
        ),
        rx.el.p(
            _pill(one.status, one.kind),
            rx.el.span(one.told, class_name=SMALL),
            class_name="flex flex-wrap items-center gap-x-2.5 gap-y-1 mt-1",
        ),
        rx.foreach(one.more, lambda told: rx.el.p(told, class_name=f"{SMALL} mt-1")),
        rx.el.div(
            rx.cond(
                one.pay_id > 0,
                button(
                    f"Pay {one.pay} now",
                    id=f"pay-{one.pay_id}",
                    small=True,
                    on_click=on_pay(one.pay_id),
                ),
            ),
            rx.cond(
                one.receipt != "",
                rx.el.a("Receipt", href=one.receipt, aria_label=f"Receipt: {one.title}", class_name="link"),
            ),
            class_name="flex flex-wrap items-center gap-x-4 gap-y-2 mt-2 empty:hidden",
        ),
        id=one.key,
        class_name="py-3.5 border-b border-[var(--line)] last:border-0 last:pb-0",
    )


def _pill(text: Any, kind: Any) -> rx.Component:
    return rx.el.span(
        rx.match(kind, ("paid", "✓ "), ("owed", "! "), ""),
        text,
        class_name=rx.match(
            kind,
            ("paid", f"{PILL} {_COLOURS['paid']}"),
            ("owed", f"{PILL} {_COLOURS['owed']}"),
            f"{PILL} bg-[var(--sunken)] text-[var(--ink-2)]",
        ),
    )
