"""What payments are called, how they stand and why they failed, in words. Values in, words out."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from clinic_portal.payments.listing import Attention, UsedCard
from clinic_portal.payments.types import CardInfo, PaymentInfo, Purpose, RefundInfo, State, Wanted

PURPOSES = {
    Purpose.HOLD: "Card check",
    Purpose.DEPOSIT: "Deposit",
    Purpose.CANCELLATION_FEE: "Late cancellation",
    Purpose.NOSHOW_FEE: "Missed visit",
    Purpose.CARD: "Card added",
    Purpose.PACKAGE: "Package",
    Purpose.MEMBERSHIP: "Membership",
}
ATTENTION = {
    Attention.FEE_FAILED: "The fee could not be charged",
    Attention.DISPUTED: "The bank disputes it",
    Attention.REFUND_FAILED: "A refund failed",
    Attention.DIFFERENCE: "Differs from the payment service’s books",
}
FAILURES = {
    "card_declined": "The bank declined the card.",
    "generic_decline": "The bank declined the card.",
    "do_not_honor": "The bank declined the card.",
    "insufficient_funds": "There was too little money on the card.",
    "expired_card": "The card has expired.",
    "authentication_required": "The bank wants the patient to confirm it themselves: they can pay online.",
    "no_card": "There was no card on file.",
    "lost_card": "The card was reported lost.",
    "stolen_card": "The card was reported stolen.",
    "pickup_card": "The bank has blocked the card.",
    "incorrect_cvc": "The card’s security code was not accepted.",
    "too_small": "It is less than can be charged to a card.",
}
NOT_BOOKED = {
    "slot_taken": "the time was another’s by then",
    "hold_ran_out": "the time had run out",
    "policy_changed": "the policy had changed",
    "price_changed": "a price had changed",
}
DIFFERENCES = {
    "deposit_not_taken": "The deposit could not be taken: its reservation had ended",
    "taken_instead_of_released": "It was taken although it should have been released",
    "taken_and_not_ours": "The payment service took money that our books know nothing of",
    "ours_and_not_taken": "Our books say that it was paid; the payment service says that it was not",
    "reserved_and_not_ours": "Money was reserved for nothing",
    "refunded_elsewhere": "It was given back at the payment service itself",
    "another_payment": "The payment service answered about another payment",
    "another_currency": "The payment service answered in another currency",
    "another_amount": "The payment service answered with another amount",
    "another_intent": "The payment service answered about another payment",
    "another_sum_taken": "The payment service took another sum than was asked",
    "taken_and_unknown": "The payment service took money of which our books say nothing",
    "ours_and_not_there": "Our books say that it was paid; the payment service does not know it",
    "package_used": "More was given back of a package than was left of it",
    "returned_twice": "More went back than was taken: into the wallet, and at the payment service itself",
    "refund_came_back": "A refund came back from the bank",
    "refund_failed": "A refund failed",
    "payment_refused": "The payment service refuses to go on with it",
    "refund_refused": "The payment service refuses to give it back",
}
REASONS = {
    "visit_ended": "The visit was cancelled; the rest of its deposit",
    "visit_done": "The visit cost less than its deposit",
}
BRANDS = {"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "unionpay": "UnionPay", "jcb": "JCB"}
GOING, DONE, NOTHING, WARN = "going", "done", "nothing", "warn"
"""What a state looks like: under way, settled with money or as it should be, nothing came of it, to be looked at."""


def card(told: UsedCard | CardInfo | None) -> str:
    """A card as people know theirs, such as `Visa ending 4242`."""
    return f"{BRANDS.get(told.brand, told.brand.capitalize())} ending {told.last_four}" if told else ""


def failure(code: str | None) -> str:
    """Why a charge was refused, as a sentence."""
    if not code:
        return "The patient left the page on which it could be paid."
    return FAILURES.get(code, f"The card was not accepted ({code.replace('_', ' ')}).")


def not_booked(code: str | None) -> str:
    """Why a card that was given became no booking, as part of a sentence."""
    return NOT_BOOKED.get(code or "", "the visit had changed")


def difference(kind: str) -> str:
    """What differs, as a sentence without its full stop; what is new to us by its own name."""
    name, _, more = kind.partition(":")
    told = DIFFERENCES.get(name, name.replace("_", " ").capitalize())
    return f"{told} ({more.replace('_', ' ')})" if more and name.endswith("_refused") else told


def purpose(paid: PaymentInfo) -> str:
    """What a payment is called."""
    return PURPOSES[paid.purpose]


def asked_minor(paid: PaymentInfo) -> int:
    """What is asked altogether: of a fee, also what the deposit paid."""
    return paid.amount_minor + paid.from_deposit_minor


def state(paid: PaymentInfo, returning_minor: int = 0, attention: Collection[Attention] = ()) -> tuple[str, str]:
    """How a payment stands in a few words, and what that looks like."""
    if paid.disputed_at is not None:
        return "Disputed", WARN if Attention.DISPUTED in attention else NOTHING
    back = paid.refunded_minor + paid.credited_minor
    if back and back >= paid.captured_minor:
        return ("Given back" if paid.refunded_minor else "Given back as credit"), NOTHING
    if returning_minor:
        return "Being given back", GOING
    if back:
        return "Partly given back", DONE
    if paid.purpose in (Purpose.PACKAGE, Purpose.MEMBERSHIP):
        return _BOUGHT.get(paid.state, ("Buyer is paying", GOING))
    return _FEE.get(paid.state, _at_booking(paid)) if paid.purpose.value.endswith("fee") else _at_booking(paid)


_BOUGHT = {State.PAID: ("Paid", DONE), State.EXPIRED: ("Left, nothing paid", NOTHING)}


_FEE = {
    State.PREPARED: ("Being charged", GOING),
    State.OPEN: ("Patient is paying", GOING),
    State.PAID: ("Paid", DONE),
    State.FAILED: ("Not paid", WARN),
    State.WAIVED: ("Waived", NOTHING),
}


def _at_booking(paid: PaymentInfo) -> tuple[str, str]:
    is_booked = paid.is_booked
    if paid.state is State.AUTHORISED:
        if not is_booked:
            return "Not booked, going back", GOING
        return ("Being taken", GOING) if paid.wanted is Wanted.CAPTURE else ("Being released", GOING)
    if paid.state is State.RELEASED:
        if paid.wanted is not None and not is_booked:
            return "Not booked, given back", NOTHING
        return ("Released", DONE) if paid.purpose is Purpose.HOLD else ("Let go, not taken", NOTHING)
    return {
        State.PAID: ("Paid", DONE),
        State.EXPIRED: ("Left, no card given", NOTHING),
    }.get(paid.state, ("Waiting for the card", GOING))


def who(tag: str, staff: Mapping[str, str]) -> str:
    """Who did something, from their tag in the books."""
    if tag in staff:
        return staff[tag]
    return "the patient" if tag.startswith("patient:") else "by itself"


def refund_reason(one: RefundInfo) -> str:
    """Why money was given back: staff's words, or ours."""
    return REASONS.get(one.reason, one.reason)
