"""Memberships as others may know them: frozen values, never rows. Money in minor units of its currency."""

from dataclasses import dataclass
from datetime import datetime

from clinic_portal.memberships.plan_types import PlanInfo

JOINING, ACTIVE, OVERDUE, PAUSED, ENDED = "joining", "active", "overdue", "paused", "ended"


@dataclass(frozen=True, slots=True)
class MembershipInfo:
    """A membership as it stands. `state`: joining, active, overdue, paused, ended.

    `plan` is the one they are on, or while joining the one they wish; None for one enrolled by staff without a plan.
    `next_plan` follows with the next period, or is the plan that one enrolled by staff is about to join.
    """

    id: int
    patient_id: int
    state: str
    plan: PlanInfo | None
    next_plan: PlanInfo | None
    started_at: datetime | None
    period_from_at: datetime | None
    period_until_at: datetime | None
    is_ending: bool
    is_pausing: bool
    paused_at: datetime | None
    resumes_at: datetime | None  # when a pause is over, and the next period is charged
    overdue_at: datetime | None
    grace_until_at: datetime | None
    failure_code: str | None  # why the bank refused the last renewal
    document_id: int | None  # the agreement, signed
    is_told: bool  # the gateway knows what is wanted
    ended_at: datetime | None
    end_reason: str | None

    @property
    def joins(self) -> PlanInfo | None:
        """The plan they are about to join; None where they join none."""
        if self.state == JOINING:
            return self.plan
        return self.next_plan if self.state == ACTIVE and self.plan is None else None


@dataclass(frozen=True, slots=True)
class Benefits:
    """What a member has now."""

    membership_id: int
    discount_percent: int


@dataclass(frozen=True, slots=True)
class PeriodInfo:
    """A period as the gateway billed it. `state`: open, paid, failed, void, returned."""

    id: int
    membership_id: int
    version_id: int
    state: str
    from_at: datetime
    until_at: datetime
    amount_minor: int
    currency: str
    attempts: int
    next_try_at: datetime | None
    failure_code: str | None
    payment_id: int | None
    paid_at: datetime | None
