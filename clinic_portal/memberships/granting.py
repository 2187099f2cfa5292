"""What a paid period puts into the wallet, once (P8)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.memberships.plan_types import Brings, PlanInfo
from clinic_portal.wallet import lots, rules
from clinic_portal.wallet.types import EntryKind, NewLot, Origin

ACTOR = "membership"


def grant(
    work: UnitOfWork, patient_id: int, period_id: int, plan: PlanInfo, until_at: datetime, payment_id: int
) -> None:
    """Put what a plan brings into a wallet: banked for good, or until the day on which the period ends."""
    expires_at = None if plan.is_banked else day_after(work, until_at)
    for number, one in enumerate(plan.brings):
        new = NewLot(
            origin=Origin.MEMBERSHIP,
            name=one.name or plan.name,
            count=one.credit_minor or one.count,
            worth_minor=worth_minor(work, one),
            currency=plan.currency,
            service_id=one.service_id,
            category_id=one.category_id,
            product=one.product,
            expires_at=expires_at,
            payment_id=payment_id,
        )
        lots.grant(work, EntryKind.GRANTED, new, key=key(period_id, number), patient_id=patient_id, actor=ACTOR)


def key(period_id: int, number: int) -> str:
    """Under which a wallet knows what a period brought."""
    return f"{period_id}:{number}"


def worth_minor(read: Reading, one: Brings) -> int:
    """What the clinic owes for it: credit, or the price of the treatments; of any of a category, the dearest one's."""
    if one.credit_minor:
        return one.credit_minor
    services = catalogue(read).services
    if one.service_id is not None:
        return services[one.service_id].price_minor * one.count if one.service_id in services else 0
    prices = [each.price_minor for each in services.values() if each.category_id == one.category_id]
    return max(prices, default=0) * one.count if one.category_id is not None else 0


def day_after(read: Reading, instant: datetime) -> datetime:
    """The start of the day after an instant, by the clock of the clinic's first location."""
    zone = catalogue(read).time_zone
    return rules.expires_at(instant.astimezone(ZoneInfo(zone)).date(), zone)
