"""How a patient and the clinic's plans stand, read at once for the page of memberships."""

from __future__ import annotations

from dataclasses import dataclass

from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.work import Reading
from clinic_portal.forms.types import Standing
from clinic_portal.memberships import joining, queries, words
from clinic_portal.memberships.offers import joinable
from clinic_portal.memberships.plan_types import PlanInfo
from clinic_portal.memberships.types import MembershipInfo
from clinic_portal.patients.queries import language_of
from clinic_portal.web.memberships.cards import PlanCard, plan_card
from clinic_portal.web.portal import member_views as views
from clinic_portal.web.portal.member_views import MemberView, Told


@dataclass
class JoinView:
    """A plan that is being joined: what is signed, what is to be paid."""

    plan: PlanCard
    is_signed: bool
    is_begun: bool
    document: str
    pay: str


@dataclass(frozen=True)
class Facts:
    """How everything stands, read at once."""

    clinic: Catalogue
    info: MembershipInfo | None
    standing: Standing | None
    is_paying: bool
    plans: tuple[PlanInfo, ...]
    told: Told
    member: MemberView | None


def facts(read: Reading, patient_id: int) -> Facts:
    """Everything the page shows."""
    clinic, info = catalogue(read), queries.of_patient(read, patient_id)
    told = Told(clinic.time_zone, language_of(read, patient_id))
    shown = clinic.clinic.is_wallet_shown
    return Facts(
        clinic=clinic,
        info=info,
        standing=joining.agreement(read, info.id) if info else None,
        is_paying=info is not None and joining.under_way(read, info.id) is not None,
        plans=joinable(read),
        told=told,
        member=views.member(read, info, told, has_wallet=shown) if info and views.is_live(info) else None,
    )


def join(plan: PlanInfo, found: Facts) -> JoinView:
    """A plan that is being joined, step by step."""
    standing = found.standing
    is_signed = plan.agreement_id is None or (standing is not None and standing.state == "done")
    first = words.amount(plan.fee_minor + plan.setup_fee_minor, plan.currency, found.told.language)
    return JoinView(
        plan=plan_card(plan, found.told.language),
        is_signed=is_signed,
        is_begun=standing is not None and standing.state == "begun",
        document=f"/portal/document?id={standing.document_id}"
        if is_signed and standing and standing.document_id
        else "",
        pay=f"Pay {first} and join",
    )
