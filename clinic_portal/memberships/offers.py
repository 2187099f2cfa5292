"""What patients may join today."""

from clinic_portal.core.work import Reading
from clinic_portal.forms.types import Request
from clinic_portal.memberships import queries
from clinic_portal.memberships.editing import agreements
from clinic_portal.memberships.plan_queries import plans
from clinic_portal.memberships.plan_types import PlanInfo


def joinable(read: Reading) -> tuple[PlanInfo, ...]:
    """The plans on offer whose agreement can be signed today, in the clinic's order."""
    fit = {one.id for one in agreements(read)}
    return tuple(one for one in plans(read) if one.is_active and one.agreement_id in fit)


def is_agreement(read: Reading, patient_id: int, asked: Request) -> bool:
    """Whether a form was asked for a membership that is being joined, or another plan of one."""
    if asked.appointment_id is not None or queries.of_patient(read, patient_id) is None:
        return False
    return any(one.agreement_id == asked.template_id for one in plans(read))
