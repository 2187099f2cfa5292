"""What patients may join today."""

from clinic_portal.core.work import Reading
from clinic_portal.memberships.editing import agreements
from clinic_portal.memberships.plan_queries import plans_on_offer
from clinic_portal.memberships.plan_types import PlanInfo


def joinable(read: Reading) -> tuple[PlanInfo, ...]:
    """The plans on offer whose agreement can be signed today, in the clinic's order."""
    fit = {one.id for one in agreements(read)}
    return tuple(one for one in plans_on_offer(read) if one.agreement_id in fit)
