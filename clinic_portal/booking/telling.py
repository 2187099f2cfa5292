"""What cancelling or missing a visit costs, in words for the patient: the same ones on pages and in messages (B4).

Pure: values in, sentences out.
"""

from dataclasses import dataclass
from datetime import datetime

from clinic_portal.booking import rules
from clinic_portal.booking.fees import Ending
from clinic_portal.booking.types import Visit
from clinic_portal.clinic.types import PolicyInfo
from clinic_portal.core import wording
from clinic_portal.payments.types import PaymentInfo, Purpose


@dataclass(frozen=True, slots=True)
class Told:
    """The terms of a visit: until when it is free to cancel, and what it costs after that, if anything."""

    free: str
    costs: str

    @property
    def sentence(self) -> str:
        """Both in one."""
        return " ".join(part for part in (self.free, self.costs) if part)


def visit_terms(visit: Visit, now: datetime) -> Told | None:
    """The terms a visit was booked under, as they stand now; None without a policy, or once it has begun."""
    if visit.policy is None or visit.start_at <= now:
        return None
    return terms(
        visit.policy,
        start_at=visit.start_at,
        zone=visit.location.time_zone,
        covered_minor=visit.covered_minor,
        currency=visit.currency,
        language=visit.language,
        now=now,
        prepaid=visit.prepaid,
    )


def terms(
    policy: PolicyInfo,
    *,
    start_at: datetime,
    zone: str,
    covered_minor: int,
    currency: str,
    language: str,
    now: datetime,
    prepaid: int = 0,
) -> Told:
    """The terms of a policy for a visit, its date and fees worked out. `covered_minor` is what the policy is about,
    `prepaid` how many of its services are paid with something of the patient's wallet."""
    until = rules.free_until(policy, start_at)
    told = _fees(policy, start_at, zone, covered_minor, currency, language, now)
    if not prepaid or until is None:
        return told
    what = "what you took from your wallet counts as used"
    if now > until:
        return Told(told.free, f"{told.costs} If you cancel now, {what}.".strip())
    if not told.costs:
        return Told(f"Free to cancel until {_moment(until, zone, language)}.", f"After that, {what}.")
    return Told(told.free, f"{told.costs} Then {what} too.")


def _fees(
    policy: PolicyInfo,
    start_at: datetime,
    zone: str,
    covered_minor: int,
    currency: str,
    language: str,
    now: datetime,
) -> Told:
    late_minor = rules.late_fee_minor(policy, covered_minor)
    missed_minor = rules.noshow_fee_minor(policy, covered_minor)
    late, missed = (wording.money(minor, currency, language) for minor in (late_minor, missed_minor))
    missing = f"Missing it costs {missed}." if missed_minor else ""
    until = rules.free_until(policy, start_at)
    if not (late_minor or missed_minor):
        return Told("Cancelling this visit costs nothing.", "")
    if not late_minor or until is None or until >= start_at:
        return Told("Free to cancel until it begins.", missing)
    if now > until:
        free, costs = "Free cancellation is over for this visit.", f"Cancelling now costs {late}"
    else:
        free, costs = f"Free to cancel until {_moment(until, zone, language)}.", f"After that, cancelling costs {late}"
    if missed_minor == late_minor:
        return Told(free, f"{costs}, and so does missing it.")
    return Told(free, f"{costs}. {missing}".strip())


def _moment(at: datetime, zone: str, language: str) -> str:
    return f"{wording.day(at, zone, language, length='medium')}, {wording.time(at, zone, language)}"


def card_at_booking(paid: PaymentInfo) -> str:
    """What became of the card a visit was booked with, in the patient's words (S79, S80, P6)."""
    amount = wording.money(paid.amount_minor, paid.currency, paid.language)
    if paid.purpose is Purpose.DEPOSIT:
        return f"Your deposit of {amount} is taken from your card. It counts towards your visit."
    return f"{amount} was reserved to check your card and is released at once: it is never taken."


def ending(plan: Ending, language: str) -> str:
    """What becomes of the money when a visit ends: the same words before it is confirmed, after it, and in letters."""

    def money(minor: int) -> str:
        return wording.money(minor, plan.currency, language)

    told = []
    if plan.from_deposit_minor:
        told.append(f"{money(plan.from_deposit_minor)} of your deposit is kept as the fee.")
    if plan.charged_minor and plan.card:
        told.append(f"{money(plan.charged_minor)} is charged to your card ending in {plan.card.last_four}.")
    elif plan.charged_minor:
        told.append(f"{money(plan.charged_minor)} is due; we have no card of yours, and write to you how to pay it.")
    if plan.back_minor and plan.back_to == "wallet":
        told.append(f"{money(plan.back_minor)} of your deposit stays with us as credit for another visit.")
    elif plan.back_minor:
        told.append(f"{money(plan.back_minor)} of your deposit goes back to the card you paid it with.")
    if plan.let_go_minor:
        told.append(f"Your deposit of {money(plan.let_go_minor)} was only reserved: it is not taken.")
    if plan.items_back:
        told.append("What you took from your wallet for this visit goes back there: you can use it again.")
    if plan.items_kept:
        told.append("What you took from your wallet for this visit counts as used.")
    return " ".join(told)
