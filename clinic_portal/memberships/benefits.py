"""What being a member is worth now: nothing while joining or paused, or once the grace of an overdue one is over."""

from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from clinic_portal.core.db import table
from clinic_portal.core.work import Reading
from clinic_portal.memberships import models

_MEMBERSHIP = table(models.Membership)
_VERSION = table(models.PlanVersion)


@dataclass(frozen=True, slots=True)
class Benefits:
    """What a member has at each booking."""

    discount_percent: int  # on every service


def benefits(read: Reading, patient_id: int) -> Benefits | None:
    """What a patient has as a member now; None for nobody, and for one enrolled without a plan."""
    in_grace = and_(_MEMBERSHIP.c.state == "overdue", _MEMBERSHIP.c.grace_until_at > read.now)
    mine = and_(
        _MEMBERSHIP.c.patient_id == patient_id,
        _MEMBERSHIP.c.started_at.is_not(None),
        _MEMBERSHIP.c.ended_at.is_(None),
        or_(_MEMBERSHIP.c.state == "active", in_grace),
    )
    joined = select(_VERSION.c.discount_percent).join(_MEMBERSHIP, _MEMBERSHIP.c.version_id == _VERSION.c.id)
    percent = read.execute(joined.where(mine)).scalar()
    return None if percent is None else Benefits(int(percent))
