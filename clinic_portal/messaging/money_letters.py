"""Letters about money: what, how much, for which visit, by which card. Pure: facts in, a message out.

They name no treatment, neither in a subject nor in the text: day, place and reference say which visit it was.
"""

from dataclasses import dataclass
from datetime import datetime

from clinic_portal.booking.types import Visit
from clinic_portal.core import wording
from clinic_portal.messaging import blocks, rendering
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.rendering import Letterhead, day_and_time
from clinic_portal.messaging.words import Fact, Facts, Inline, plain
from clinic_portal.payments.types import PaymentInfo, Purpose, RefundInfo

WHAT = {
    Purpose.HOLD: "card check",
    Purpose.DEPOSIT: "deposit",
    Purpose.CANCELLATION_FEE: "fee for a late cancellation",
    Purpose.NOSHOW_FEE: "fee for a missed visit",
    Purpose.PACKAGE: "package",
    Purpose.MEMBERSHIP: "membership",
}
WHY_FAILED = {
    "insufficient_funds": "Your bank says that there is not enough money on your card just now.",
    "expired_card": "Your card has expired.",
    "authentication_required": "Your bank wants you to confirm this payment yourself.",
    "no_card": "We have no card of yours to charge.",
}
BANK_SAID_NO = "Your bank did not accept it. It can tell you why; we are not told."
WHY_NOT_BOOKED = {
    "slot_taken": (
        "Your card was fine, but the time was gone",
        "Someone else booked your time while you were at your card.",
    ),
    "hold_ran_out": (
        "Your card was fine, but your time had run out",
        "Your time was kept for you for a while, and that was over before your card was confirmed.",
    ),
    "price_changed": (
        "A price changed while you were at your card",
        "We book nothing at a price that you have not seen.",
    ),
    "policy_changed": (
        "Our policy changed while you were at your card",
        "We book nothing under a cancellation policy that you have not read.",
    ),
}
VISIT_CHANGED = (
    "Your card was fine, but your visit had changed",
    "What you had chosen was not the same any more when your card was confirmed.",
)


@dataclass(frozen=True, slots=True)
class About:
    """A payment and what a letter may name with it."""

    paid: PaymentInfo
    visit: Visit | None  # None where nothing was booked
    card_ends: str = ""  # the last four of the card it was paid with, where it is known still
    accepted_at: datetime | None = None  # when the visit's policy was accepted

    def money(self, minor: int) -> str:
        """An amount in the payment's currency."""
        return wording.money(minor, self.paid.currency, self.paid.language)

    @property
    def what(self) -> str:
        """What the payment is, within a sentence."""
        return WHAT[self.paid.purpose]

    @property
    def fee(self) -> str:
        """The whole of it, what the deposit paid included."""
        return self.money(self.paid.amount_minor + self.paid.from_deposit_minor)

    @property
    def owed(self) -> str:
        """What of a fee the card is to pay."""
        return self.money(self.paid.amount_minor)

    @property
    def policy(self) -> str:
        """The policy by which a fee is asked."""
        if self.accepted_at is None or self.visit is None:
            return "the cancellation policy you accepted"
        zone, language = self.visit.location.time_zone, self.paid.language
        return f"the cancellation policy you accepted on {wording.day(self.accepted_at, zone, language)}"


def receipt(head: Letterhead, about: About, *, to: str, message_id: str) -> Email:
    """Money was taken: a deposit, or a fee, of the card or out of the deposit."""
    paid = about.paid
    is_deposit = paid.purpose is Purpose.DEPOSIT
    rows = [(_capital(about.what), about.fee)]
    if paid.from_deposit_minor:
        rows.append(("Paid out of your deposit", about.money(paid.from_deposit_minor)))
    if paid.amount_minor:
        rows.append((by_card(about), about.owed))
    facts = {
        **_facts(about, about.fee),
        "what_happened": f"Your deposit of {about.fee} was taken. It counts towards your visit."
        if is_deposit
        else f"{about.fee} was taken, by {about.policy}.",
        "money_rows": blocks.rows((*rows, *_visit(about))),
        "button": blocks.button(f"{head.public_url}/portal/receipt?id={paid.id}", "Open the receipt"),
    }
    return _written(head, "payment_receipt", about, facts, to, message_id)


def fee_failed(head: Letterhead, about: About, *, url: str, until: datetime, to: str, message_id: str) -> Email:
    """A fee could not be charged: why, that nothing was taken, and where it is paid."""
    facts = {
        **_failed_facts(about, url, until),
        "button": blocks.button(url, f"Pay {about.owed}", is_told=True),
        "visit_rows": blocks.rows(_visit(about)),
    }
    return _written(head, "fee_failed", about, facts, to, message_id)


def fee_failed_sms(head: Letterhead, about: About, *, url: str, until: datetime, to: str, message_id: str) -> Sms:
    """The same in one line."""
    return rendering.sms(head, "fee_failed", _failed_facts(about, url, until), to, message_id)


def fee_waived(head: Letterhead, about: About, *, to: str, message_id: str) -> Email:
    """A fee was forgiven."""
    facts = {**_facts(about, about.owed), "visit_rows": blocks.rows(_visit(about))}
    return _written(head, "fee_waived", about, facts, to, message_id)


def refund_done(head: Letterhead, about: About, given: RefundInfo, *, to: str, message_id: str) -> Email:
    """Money was given back."""
    amount = about.money(given.amount_minor)
    card = f"your card ending in {about.card_ends}" if about.card_ends else "the card you paid with"
    of = f"{amount} of the {about.money(about.paid.captured_minor)}"
    told = amount if given.amount_minor == about.paid.captured_minor else of
    told_of = {
        Purpose.DEPOSIT: "as deposit",
        Purpose.PACKAGE: "for your package",
        Purpose.MEMBERSHIP: "for your membership",
    }
    what = told_of.get(about.paid.purpose, f"as the {about.what}")
    facts = {
        **_facts(about, amount),
        "what_happened": f"{told} you paid {what} went back to {card}.",
        "visit_rows": blocks.rows(_visit(about)),
    }
    return _written(head, "refund_done", about, facts, to, message_id)


def not_booked(head: Letterhead, about: About, *, to: str, message_id: str) -> Email:
    """A card was given and nothing could be booked: why, that nothing was charged, and where to go on (S81)."""
    url = f"{head.public_url}/book/time"
    facts = {**_lost_facts(head, about), "button": blocks.button(url, "Choose another time")}
    return _written(head, "not_booked", about, facts, to, message_id)


def not_booked_sms(head: Letterhead, about: About, *, to: str, message_id: str) -> Sms:
    """The same in one line."""
    facts = _lost_facts(head, about)
    told, _ = why_not_booked(about.paid.failure_code)
    return rendering.sms(head, "not_booked", {**facts, "in_short": told[0].lower() + told[1:]}, to, message_id)


def why_failed(code: str | None) -> str:
    """Why a fee could not be charged, in kind words; what the bank says beyond these it tells its customer alone."""
    return WHY_FAILED.get(code or "", BANK_SAID_NO)


def why_not_booked(code: str | None) -> tuple[str, str]:
    """Why a card that was given booked nothing: in short, and in a sentence."""
    return WHY_NOT_BOOKED.get(code or "", VISIT_CHANGED)


def _facts(about: About, amount: str) -> dict[str, Fact]:
    return {
        "given_name": plain(about.visit.given_name) if about.visit else "",
        "reference": about.paid.reference,
        "amount": amount,
        "what": about.what,
    }


def _failed_facts(about: About, url: str, until: datetime) -> dict[str, Fact]:
    paid = about.paid
    zone = about.visit.location.time_zone if about.visit else "UTC"
    told = f"The {about.what} is {about.fee}, by {about.policy}."
    if paid.from_deposit_minor:
        told += f" {about.money(paid.from_deposit_minor)} of it was paid out of your deposit, {about.owed} is left."
    return {
        **_facts(about, about.owed),
        "what_it_is": told,
        "why": why_failed(paid.failure_code),
        "until": day_and_time(until, zone, paid.language),
        "link": Inline(url, url),
    }


def _lost_facts(head: Letterhead, about: About) -> dict[str, Fact]:
    in_short, why = why_not_booked(about.paid.failure_code)
    what = f"deposit of {about.owed}" if about.paid.purpose is Purpose.DEPOSIT else about.owed
    url = f"{head.public_url}/book/time"
    return {
        "in_short": in_short,
        "why": why,
        "what_is_released": f"The {what} reserved on your card is released; some banks take a few days to show it.",
        "link": Inline(url, url),
    }


def _written(head: Letterhead, name: str, about: About, facts: Facts, to: str, message_id: str) -> Email:
    to_name = f"{about.visit.given_name} {about.visit.family_name}" if about.visit else ""
    return rendering.email(head, name, facts, to, to_name, message_id, language=about.paid.language)


def _visit(about: About) -> tuple[tuple[str, str], ...]:
    if about.visit is None:
        return ()
    zone, language = about.visit.location.time_zone, about.paid.language
    return (
        ("Your visit", day_and_time(about.visit.start_at, zone, language)),
        ("Where", plain(about.visit.location.name)),
        ("Reference", about.visit.reference),
    )


def by_card(about: About) -> str:
    """With what it was paid."""
    return f"From your card ending in {about.card_ends}" if about.card_ends else "From your card"


def _capital(told: str) -> str:
    return told[0].upper() + told[1:]
