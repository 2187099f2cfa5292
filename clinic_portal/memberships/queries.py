"""Reads of memberships. For the domain's own use and the patient's: the caller knows who asks."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, and_, select

from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.memberships import models, plan_queries
from clinic_portal.memberships.plan_types import PlanInfo
from clinic_portal.memberships.types import ACTIVE, OVERDUE, Benefits, MembershipInfo, PeriodInfo

_MEMBERSHIP = table(models.Membership)
_PERIOD = table(models.MembershipPeriod)


def of_patient(read: Reading, patient_id: int) -> MembershipInfo | None:
    """A patient's membership that has not ended, also one they are about to join; None where there is none."""
    mine = and_(_MEMBERSHIP.c.patient_id == patient_id, _MEMBERSHIP.c.ended_at.is_(None))
    row = read.execute(select(_MEMBERSHIP).where(mine)).first()
    return _info(read, row) if row else None


def membership(read: Reading, membership_id: int) -> MembershipInfo:
    """A membership, ended or not. Raises NotAllowed for none."""
    row = read.execute(select(_MEMBERSHIP).where(_MEMBERSHIP.c.id == membership_id)).first()
    if row is None:
        raise NotAllowed()
    return _info(read, row)


def benefits(read: Reading, patient_id: int) -> Benefits | None:
    """What a patient has as a member: None unless a plan of theirs is active, or overdue within its grace.

    By the clock: a period that was the last one, or is followed by a pause, is over when it ends; and one of which
    nobody has heard that it was renewed is good for no longer than the grace of one that was refused.
    """
    row = next(iter(_enjoyed(read, [patient_id])), None)
    return Benefits(row.id, plan_queries.plan_version(read, row.version_id).discount_percent) if row else None


def plans_of(read: Reading, patient_ids: Collection[int]) -> dict[int, str]:
    """The names of the plans that patients enjoy now, by patient: of those alone who have benefits."""
    rows = _enjoyed(read, patient_ids)
    plans = plan_queries.versions(read, {row.version_id for row in rows})
    return {row.patient_id: plans[row.version_id].name for row in rows if row.version_id in plans}


def _enjoyed(read: Reading, patient_ids: Collection[int]) -> list[Row[Any]]:
    theirs = and_(_MEMBERSHIP.c.patient_id.in_(patient_ids), _MEMBERSHIP.c.ended_at.is_(None))
    rows = read.execute(select(_MEMBERSHIP).where(theirs, _MEMBERSHIP.c.version_id.is_not(None)))
    return [row for row in rows if _is_good(read, row)]


def _is_good(read: Reading, row: Row[Any]) -> bool:
    if row.state not in (ACTIVE, OVERDUE):
        return False
    good_until_at = row.grace_until_at
    if row.state == ACTIVE and row.period_until_at is not None:
        is_last = row.is_ending or row.is_pausing
        good_until_at = row.period_until_at + timedelta(days=0 if is_last else catalogue(read).clinic.grace_days)
    is_over = good_until_at is not None and good_until_at <= read.now
    return not (is_over or (row.state == OVERDUE and good_until_at is None))


def periods(read: Reading, membership_id: int) -> tuple[PeriodInfo, ...]:
    """The periods of a membership, the newest first."""
    mine = select(_PERIOD).where(_PERIOD.c.membership_id == membership_id)
    found = read.execute(mine.order_by(_PERIOD.c.from_at.desc(), _PERIOD.c.id.desc()))
    return tuple(_period(row) for row in found)


def period(read: Reading, period_id: int) -> PeriodInfo:
    """A period. Raises NotAllowed for none."""
    row = read.execute(select(_PERIOD).where(_PERIOD.c.id == period_id)).first()
    if row is None:
        raise NotAllowed()
    return _period(row)


def of_payment(read: Reading, payment_id: int) -> tuple[PeriodInfo, PlanInfo] | None:
    """The period that a payment is for, and the plan as it was agreed to; None for a payment of anything else."""
    row = read.execute(select(_PERIOD).where(_PERIOD.c.payment_id == payment_id)).first()
    return (_period(row), plan_queries.plan_version(read, row.version_id)) if row else None


def _info(read: Reading, row: Row[Any]) -> MembershipInfo:
    plans = plan_queries.versions(read, [one for one in (row.version_id, row.next_version_id) if one is not None])
    fields = set(MembershipInfo.__dataclass_fields__) - {"plan", "next_plan", "failure_code"}
    return MembershipInfo(
        **{name: getattr(row, name) for name in fields},
        plan=plans.get(row.version_id),
        next_plan=plans.get(row.next_version_id),
        failure_code=_failure(read, row.id) if row.state == OVERDUE else None,
    )


def _failure(read: Reading, membership_id: int) -> str | None:
    failed = and_(_PERIOD.c.membership_id == membership_id, _PERIOD.c.state == "failed")
    found: str | None = read.execute(
        select(_PERIOD.c.failure_code).where(failed).order_by(_PERIOD.c.from_at.desc()).limit(1)
    ).scalar()
    return found


def _period(row: Row[Any]) -> PeriodInfo:
    return PeriodInfo(**{name: getattr(row, name) for name in PeriodInfo.__dataclass_fields__})
