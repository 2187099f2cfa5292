"""Letters about a membership. Pure: facts in, a message out.

They name the plan and what it brings only where the clinic's e-mails name treatments.
"""

from dataclasses import dataclass
from datetime import datetime

from clinic_portal.core import wording
from clinic_portal.memberships import words as plans
from clinic_portal.memberships.plan_types import PlanInfo
from clinic_portal.memberships.types import MembershipInfo, PeriodInfo
from clinic_portal.messaging import blocks, rendering
from clinic_portal.messaging.money_letters import why_failed
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.rendering import Letterhead
from clinic_portal.messaging.words import NOTHING, Block, Fact, Inline, plain

HOME = "/portal/membership"
STARTED, RENEWED, FAILED, UNPAID = "membership_started", "membership_renewed", "membership_failed", "membership_unpaid"
PAUSED, RESUMED, CHANGED = "membership_paused", "membership_resumed", "membership_changed"
ENDING, KEPT, ENDED = "membership_ending", "membership_kept", "membership_ended"


@dataclass(frozen=True, slots=True)
class About:
    """A membership, whose it is, and the period the letter is about, where it is about one."""

    info: MembershipInfo
    given_name: str
    to_name: str
    language: str
    zone: str
    period: PeriodInfo | None = None

    def day(self, at: datetime | None) -> str:
        """`Thursday, December 24, 2026`."""
        return wording.day(at, self.zone, self.language) if at else ""

    def brief(self, at: datetime | None) -> str:
        """`Thu, Dec 24, 2026`."""
        return wording.day(at, self.zone, self.language, length="medium") if at else ""

    def fee(self, plan: PlanInfo) -> str:
        """`$99`."""
        return plans.amount(plan.fee_minor, plan.currency, self.language)

    @property
    def coming(self) -> PlanInfo | None:
        """The plan whose fee is charged next."""
        return self.info.next_plan or self.info.plan

    @property
    def amount(self) -> str:
        """What the period costs; without one, the fee."""
        if self.period is not None:
            return plans.amount(self.period.amount_minor, self.period.currency, self.language)
        return self.fee(self.coming) if self.coming else ""


def letter(head: Letterhead, name: str, about: About, *, to: str, message_id: str) -> Email:
    """A letter by the name of its text."""
    facts = _facts(head, name, about)
    facts |= {"membership_rows": _rows(head, name, about), "button": _button(head, name, about)}
    return rendering.email(head, name, facts, to, about.to_name, message_id, language=about.language)


def failed_sms(head: Letterhead, about: About, *, to: str, message_id: str) -> Sms:
    """A renewal was refused, in one line."""
    facts = _facts(head, FAILED, about) | {"until": about.brief(about.info.grace_until_at)}
    return rendering.sms(head, FAILED, facts, to, message_id)


def _facts(head: Letterhead, name: str, about: About) -> dict[str, Fact]:
    info, url = about.info, f"{head.public_url}{HOME}"
    days = {STARTED: info.started_at, ENDING: info.period_until_at, ENDED: info.ended_at, UNPAID: info.ended_at}
    next_try = about.period.next_try_at if about.period else None
    return {
        "given_name": plain(about.given_name),
        "plan": _named(head, info.plan),
        "amount": about.amount,
        "day": about.day(days.get(name)),
        "what_happened": _happened(head, name, about),
        "why": why_failed(about.period.failure_code if about.period else info.failure_code),
        "next_try": f"We try your card again on {about.day(next_try)}." if next_try else "",
        "until": about.day(info.grace_until_at),
        "link": Inline(url, url),
    }


def _named(head: Letterhead, plan: PlanInfo | None) -> str:
    return plain(plan.name) if plan is not None and head.clinic.email_names_services else "your membership"


def _happened(head: Letterhead, name: str, about: About) -> str:
    info, coming = about.info, about.coming
    if coming is None:
        return ""
    charged = f"{about.fee(coming)} is charged"
    if name == PAUSED:
        begins, resumes = about.day(info.paused_at or info.period_until_at), about.day(info.resumes_at)
        return f"From {begins} you pay nothing. On {resumes} {charged}, and your membership goes on by itself."
    if name == RESUMED and about.period is not None:
        return f"Your pause is over: {about.amount} was paid, and a new period has begun."
    if name == RESUMED:
        return f"The pause is called off. On {about.day(info.period_until_at)} {charged} as usual."
    if name == KEPT:
        return f"On {about.day(info.period_until_at)} {charged}, and it goes on as before."
    if name == CHANGED and info.next_plan is not None:
        starts = about.day(info.resumes_at or info.period_until_at)
        fee = plans.fee(info.next_plan, about.language)
        if not head.clinic.email_names_services:
            return f"From {starts} you are on the plan you chose: {fee}. Until then nothing changes."
        return f"From {starts} you are on {plain(info.next_plan.name)}: {fee}. Until then nothing changes."
    if name == CHANGED:
        return f"You stay on your plan: {plans.fee(coming, about.language)}."
    return ""


def _rows(head: Letterhead, name: str, about: About) -> Block:
    info, period, coming = about.info, about.period, about.coming
    if info.plan is None or coming is None or name not in (STARTED, RENEWED, RESUMED):
        return NOTHING
    names = head.clinic.email_names_services
    told = [("Plan", plain(info.plan.name))] if names else []
    if period is not None:
        told += [("Paid", about.amount), ("For", f"{about.brief(period.from_at)} to {about.brief(period.until_at)}")]
    if name == STARTED:
        told += [("Prices for members", one) for one in filter(None, [plans.discount(info.plan)])]
        if names:
            each, currency = f"Each {info.plan.period}", info.plan.currency
            told += [(each, plain(plans.thing(one, currency, about.language))) for one in info.plan.brings]
    if not info.is_ending and not info.is_pausing:
        told.append(("Next payment", f"{about.fee(coming)} on {about.brief(info.period_until_at)}"))
    return blocks.rows(told)


def _button(head: Letterhead, name: str, about: About) -> Block:
    if name == ENDED:
        return blocks.button(f"{head.public_url}/portal", "Open my portal")
    if name == UNPAID:
        return blocks.button(f"{head.public_url}/memberships", "See the memberships")
    if name == FAILED:
        return blocks.button(f"{head.public_url}{HOME}", f"Pay {about.amount}", is_told=True)
    if name == STARTED and about.info.plan is None:
        return blocks.button(f"{head.public_url}/portal/cards", "See my payment methods")
    if about.period is not None and about.period.payment_id is not None:
        return blocks.button(f"{head.public_url}/portal/receipt?id={about.period.payment_id}", "Open the receipt")
    return blocks.button(f"{head.public_url}{HOME}", "My membership")
