"""Membership plans for tests: a consent that is their agreement, and plans as the owner writes them."""

from __future__ import annotations

from typing import Any

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.core.work import Services
from clinic_portal.forms import queries as forms
from clinic_portal.memberships import editing, plan_queries, sheets
from clinic_portal.memberships.plan_types import PlanInfo
from clinic_portal.memberships.sheets import PlanSheet
from tests import forms_kit
from tests.factories import SmallClinic, staff

AGREEMENT: dict[str, Any] = {
    "title": "Membership agreement",
    "sections": [
        {"link_id": "terms", "title": "Terms", "html": "<p>You pay each month, and may leave at any time.</p>"}
    ],
}
GLOW = {
    "name": "Glow",
    "description": "A facial a month.",
    "period": "month",
    "fee": "99",
    "setup_fee": "50",
    "discount": "10",
    "is_banked": "yes",
}


def agreement(made: SmallClinic, slug: str = "membership", title: str = "Membership agreement") -> int:
    """Publish a consent that can be an agreement; its id."""
    forms_kit.put(made, slug, "consent", AGREEMENT | {"title": title}, services=())
    found = made.services.ask(forms.forms)
    return next(one.id for one in found.values() if one.slug == slug)


def owner(services: Services) -> StaffActor:
    """Who writes plans."""
    return staff(services, "owner").actor


def write(made: SmallClinic, who: StaffActor | None = None, *, currency: str = "USD", **typed: str) -> int:
    """Write a plan; its id."""
    actor = who or owner(made.services)
    return made.services.do(editing.create, actor, GLOW | typed, currency=currency)


def offered(made: SmallClinic, who: StaffActor | None = None, **typed: str) -> int:
    """A plan that patients may join, with a facial and $25 each month; its id."""
    actor = who or owner(made.services)
    told = {"what_0": f"service:{made['facial']}", "count_0": "1", "what_1": "credit", "count_1": "25"}
    plan_id = write(made, actor, **({"agreement_id": str(agreement(made))} | told | typed))
    made.services.do(editing.offer, actor, plan_id, is_offered=True)
    return plan_id


def sheet(made: SmallClinic, who: StaffActor, plan_id: int) -> PlanSheet:
    """A plan as staff see it."""
    return made.services.ask(sheets.sheet, who, plan_id)


def plan(made: SmallClinic, plan_id: int) -> PlanInfo:
    """A plan in its newest version."""
    return made.services.ask(plan_queries.plan, plan_id)


def joins(made: SmallClinic, plan_id: int, email: str = "member@example.org", **values: Any) -> int:
    """A patient who is on a plan already, as if by the gateway; the membership's id."""
    from clinic_portal.core.work import UnitOfWork
    from clinic_portal.memberships.models import Membership
    from tests.factories import patient

    patient_id = patient(made.services, email).actor.patient_id
    version_id = plan(made, plan_id).version_id

    def action(work: UnitOfWork) -> int:
        told = {"state": "active", "begun_at": work.now, "started_at": work.now} | values
        row = Membership(patient_id=patient_id, version_id=version_id, **told)
        work.session.add(row)
        work.session.flush()
        assert row.id is not None
        return row.id

    return made.services.do(action)
