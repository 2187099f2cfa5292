"""Letters about money: what, how much, for which visit, by which card. Pure: facts in, a message out.

They name no treatment, neither in a subject nor in the text: day, place and reference say which visit it was.
"""

from dataclasses import dataclass
from datetime import datetime

from clinic_portal.booking.types import Visit
from clinic_portal.core import wording
from clinic_portal.messaging import rendering
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.rendering import Letterhead, day_and_time, plain, shared
from clinic_portal.payments.types import PaymentInfo, Purpose, RefundInfo

WHAT = {
    Purpose.HOLD: "card check",
    Purpose.DEPOSIT: "deposit",
    Purpose.CANCELLATION_FEE: "fee for a late cancellation",
    Purpose.NOSHOW_FEE: "fee for a missed visit",
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
        rows.append((_by_card(about), about.owed))
    letter = Letter(
        subject=f"Receipt: {about.fee}, {about.what}{_reference(about)}",
        heading="Thank you, your deposit is paid" if is_deposit else f"The {about.what} is paid",
        paragraphs=(
            f"Your deposit of {about.fee} was taken. It counts towards your visit."
            if is_deposit
            else f"{about.fee} was taken, by {about.policy}.",
        ),
        rows=(*rows, *_visit(about)),
        button="Open the receipt",
        url=f"{head.public_url}/portal/receipt?id={paid.id}",
        after="Your portal has it to be printed. This e-mail is a receipt too.",
    )
    return _written(head, about, letter, to, message_id)


def fee_failed(head: Letterhead, about: About, *, url: str, until: datetime, to: str, message_id: str) -> Email:
    """A fee could not be charged: why, that nothing was taken, and where it is paid."""
    paid = about.paid
    zone = about.visit.location.time_zone if about.visit else "UTC"
    deposit = (
        f"{about.money(paid.from_deposit_minor)} of it was paid out of your deposit, {about.owed} is left. "
        if paid.from_deposit_minor
        else ""
    )
    letter = Letter(
        subject=f"Please pay {about.owed}: your card could not be charged{_reference(about)}",
        heading=f"{about.owed} could not be charged",
        paragraphs=(
            f"The {about.what} is {about.fee}, by {about.policy}. {deposit}".strip(),
            f"{why_failed(paid.failure_code)} Nothing was taken from your card.",
            "You can pay it with this or another card. It takes a minute, and you need no password.",
        ),
        rows=_visit(about),
        button=f"Pay {about.owed}",
        url=url,
        after=f"The link works until {day_and_time(until, zone, paid.language)}. Something not right, or is it hard to "
        f"pay now? Call us on {wording.phone(plain(head.clinic.phone))}: we will find a way.",
        is_url_told=True,
    )
    return _written(head, about, letter, to, message_id)


def fee_failed_sms(head: Letterhead, about: About, *, url: str, to: str, message_id: str) -> Sms:
    """The same in one line."""
    facts = {**shared(head), "fee": about.what, "amount": about.owed, "url": url}
    return Sms(message_id, to, rendering.sms("fee_failed", facts))


def fee_waived(head: Letterhead, about: About, *, to: str, message_id: str) -> Email:
    """A fee was forgiven."""
    letter = Letter(
        subject=f"You owe nothing any more{_reference(about)}",
        heading="Nothing is left to pay",
        paragraphs=(
            f"We let go of the {about.what}, {about.owed}. Nothing was taken from your card, and nothing will.",
        ),
        rows=_visit(about),
    )
    return _written(head, about, letter, to, message_id)


def refund_done(head: Letterhead, about: About, given: RefundInfo, *, to: str, message_id: str) -> Email:
    """Money was given back."""
    amount = about.money(given.amount_minor)
    card = f"your card ending in {about.card_ends}" if about.card_ends else "the card you paid with"
    of = f"{amount} of the {about.money(about.paid.captured_minor)}"
    told = amount if given.amount_minor == about.paid.captured_minor else of
    what = about.what if about.paid.purpose is Purpose.DEPOSIT else f"the {about.what}"
    letter = Letter(
        subject=f"{amount} is on its way back to you{_reference(about)}",
        heading=f"We gave {amount} back to you",
        paragraphs=(f"{told} you paid as {what} went back to {card}. Some banks take 5 to 10 days to show it.",),
        rows=_visit(about),
    )
    return _written(head, about, letter, to, message_id)


def not_booked(head: Letterhead, about: About, *, to: str, message_id: str) -> Email:
    """A card was given and nothing could be booked: why, that nothing was charged, and where to go on (S81)."""
    heading, why = why_not_booked(about.paid.failure_code)
    what = f"deposit of {about.owed}" if about.paid.purpose is Purpose.DEPOSIT else about.owed
    letter = Letter(
        subject="Not booked yet: please choose another time",
        heading=heading,
        paragraphs=(
            why,
            f"Nothing is booked and nothing was charged. The {what} reserved on your card is released; some banks take "
            "a few days to show it.",
        ),
        button="Choose another time",
        url=f"{head.public_url}/book/time",
        after="What you had chosen is kept for a while in the browser you booked with.",
    )
    return _written(head, about, letter, to, message_id)


def not_booked_sms(head: Letterhead, about: About, *, to: str, message_id: str) -> Sms:
    """The same in one line."""
    told, _ = why_not_booked(about.paid.failure_code)
    facts = {**shared(head), "told": told[0].lower() + told[1:], "url": f"{head.public_url}/book/time"}
    return Sms(message_id, to, rendering.sms("not_booked", facts))


def why_failed(code: str | None) -> str:
    """Why a fee could not be charged, in kind words; what the bank says beyond these it tells its customer alone."""
    return WHY_FAILED.get(code or "", BANK_SAID_NO)


def why_not_booked(code: str | None) -> tuple[str, str]:
    """Why a card that was given booked nothing: in short, and in a sentence."""
    return WHY_NOT_BOOKED.get(code or "", VISIT_CHANGED)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says; at most one button."""

    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    rows: tuple[tuple[str, str], ...] = ()
    button: str = ""
    url: str = ""
    after: str = ""
    is_url_told: bool = False  # also in writing, for who cannot press a button


def _written(head: Letterhead, about: About, letter: Letter, to: str, message_id: str) -> Email:
    facts = {
        **shared(head),
        "language": about.paid.language,
        "subject_line": letter.subject,
        "heading": letter.heading,
        "paragraphs": letter.paragraphs,
        "rows": letter.rows,
        "button": letter.button,
        "url": letter.url,
        "after": letter.after,
        "is_url_told": letter.is_url_told,
    }
    name = f"{about.visit.given_name} {about.visit.family_name}" if about.visit else ""
    return rendering.email(head, "money", facts, to, name, message_id)


def _visit(about: About) -> tuple[tuple[str, str], ...]:
    if about.visit is None:
        return ()
    zone, language = about.visit.location.time_zone, about.paid.language
    return (
        ("Your visit", day_and_time(about.visit.start_at, zone, language)),
        ("Where", plain(about.visit.location.name)),
        ("Reference", about.visit.reference),
    )


def _by_card(about: About) -> str:
    return f"From your card ending in {about.card_ends}" if about.card_ends else "From your card"


def _reference(about: About) -> str:
    return f" ({about.paid.reference})" if about.paid.reference else ""


def _capital(told: str) -> str:
    return told[0].upper() + told[1:]
