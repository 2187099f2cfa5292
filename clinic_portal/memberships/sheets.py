"""Plans as staff see them: on offer or not, with how many are on which version."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.forms import queries as forms
from clinic_portal.memberships import models

_PLAN = table(models.MembershipPlan)
_VERSION = table(models.PlanVersion)
_MEMBERSHIP = table(models.Membership)


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """A plan and its newest version; `members` are all who are on it, `on_newest` those of them on that version."""

    id: int
    name: str
    description: str
    agreement_id: int | None
    agreement: str  # its title; empty for none
    is_agreement_fit: bool  # it can be signed today
    is_active: bool
    revision: int
    version: int
    period: str
    fee_minor: int
    setup_fee_minor: int
    currency: str
    discount_percent: int
    brings: tuple[dict[str, Any], ...]
    is_banked: bool
    members: int
    on_newest: int


def sheets(read: Reading, actor: StaffActor) -> list[PlanSheet]:
    """Every plan in the clinic's order. Raises NotAllowed."""
    actor.must(Permission.CHANGE_CLINIC)
    newest: dict[int, Any] = {}
    plan_of: dict[int, int] = {}
    for row in read.execute(select(_VERSION).order_by(_VERSION.c.version)):
        newest[row.plan_id] = row
        plan_of[row.id] = row.plan_id
    live = _MEMBERSHIP.c.ended_at.is_(None) & _MEMBERSHIP.c.started_at.is_not(None)
    counts = select(_MEMBERSHIP.c.version_id, func.count()).where(live, _MEMBERSHIP.c.version_id.is_not(None))
    on_version = {key: int(n) for key, n in read.execute(counts.group_by(_MEMBERSHIP.c.version_id))}
    members: dict[int, int] = defaultdict(int)
    for version_id, n in on_version.items():
        members[plan_of[version_id]] += n
    known = forms.forms(read)
    found = []
    for row in read.execute(select(_PLAN).order_by(_PLAN.c.position, _PLAN.c.id)):
        terms, agreement = newest[row.id], known.get(row.agreement_id or 0)
        found.append(
            PlanSheet(
                id=row.id,
                name=row.name,
                description=row.description,
                agreement_id=row.agreement_id,
                agreement=agreement.title if agreement else "",
                is_agreement_fit=agreement is not None and agreement.is_active and agreement.version > 0,
                is_active=row.is_active,
                revision=row.revision,
                version=terms.version,
                period=terms.period,
                fee_minor=terms.fee_minor,
                setup_fee_minor=terms.setup_fee_minor,
                currency=terms.currency,
                discount_percent=terms.discount_percent,
                brings=tuple(terms.brings),
                is_banked=terms.is_banked,
                members=members[row.id],
                on_newest=on_version.get(terms.id, 0),
            )
        )
    return found


def sheet(read: Reading, actor: StaffActor, plan_id: int) -> PlanSheet:
    """One of them. Raises NotAllowed."""
    found = next((one for one in sheets(read, actor) if one.id == plan_id), None)
    if found is None:
        raise NotAllowed()
    return found
