"""Amara as a member, to fill in the texts of memberships. Pure."""

from dataclasses import replace
from datetime import timedelta

from clinic_portal.booking.types import Visit
from clinic_portal.memberships.plan_types import Brings, PlanInfo
from clinic_portal.memberships.types import MembershipInfo, PeriodInfo
from clinic_portal.messaging.membership_letters import (
    CHANGED,
    ENDED,
    ENDING,
    FAILED,
    PAUSED,
    RENEWED,
    RESUMED,
    STARTED,
    UNPAID,
    About,
)
from clinic_portal.messaging.rendering import Letterhead

MONTH = timedelta(days=30)
_OF_PERIOD = (STARTED, RENEWED, FAILED, RESUMED)


def about(head: Letterhead, who: Visit, name: str) -> About:
    """A member of whom holds what the letter of that name is about."""
    return About(
        info=_info(head, name),
        given_name=who.given_name,
        to_name=f"{who.given_name} {who.family_name}",
        language=who.language,
        zone=who.location.time_zone,
        period=_period(head, name) if name in _OF_PERIOD else None,
    )


def _info(head: Letterhead, name: str) -> MembershipInfo:
    at, is_failed, has_ended = head.now, name == FAILED, name in (ENDED, UNPAID)
    plan = _plan(head)
    return MembershipInfo(
        id=0,
        patient_id=0,
        state="overdue" if is_failed else "active",
        plan=plan,
        next_plan=replace(plan, version_id=1, name="Radiance", fee_minor=15000) if name == CHANGED else None,
        started_at=at,
        period_from_at=at,
        period_until_at=at + MONTH,
        is_ending=name == ENDING,
        is_pausing=name == PAUSED,
        paused_at=None,
        resumes_at=at + 2 * MONTH if name == PAUSED else None,
        overdue_at=at if is_failed else None,
        grace_until_at=at + timedelta(days=head.clinic.grace_days) if is_failed else None,
        failure_code="expired_card" if is_failed else None,
        document_id=None,
        is_told=True,
        ended_at=at if has_ended else None,
        end_reason="asked" if has_ended else None,
    )


def _plan(head: Letterhead) -> PlanInfo:
    return PlanInfo(
        id=0,
        version_id=0,
        version=1,
        name="Glow",
        description="",
        agreement_id=None,
        period="month",
        fee_minor=9900,
        setup_fee_minor=0,
        currency=head.clinic.currency,
        discount_percent=10,
        brings=(Brings(service_id=1, name="Hydrating facial"), Brings(credit_minor=2500)),
        is_banked=True,
        is_active=True,
    )


def _period(head: Letterhead, name: str) -> PeriodInfo:
    at, is_failed = head.now, name == FAILED
    return PeriodInfo(
        id=0,
        membership_id=0,
        version_id=0,
        state="failed" if is_failed else "paid",
        from_at=at,
        until_at=at + MONTH,
        amount_minor=9900,
        currency=head.clinic.currency,
        attempts=1,
        next_try_at=at + timedelta(days=3) if is_failed else None,
        failure_code="expired_card" if is_failed else None,
        payment_id=None if is_failed else 0,
        paid_at=None if is_failed else at,
    )
