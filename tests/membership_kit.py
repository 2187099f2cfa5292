"""Plans of the small clinic, and a patient who joins one: the agreement signed, the first period paid on the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select

from clinic_portal.booking import paperwork
from clinic_portal.booking.cashier import Cashier
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.outbox import OUTBOX
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.forms.models import FormTemplate
from clinic_portal.forms.rules import PATIENT, Validity
from clinic_portal.integrations.sandbox.gateway import SandboxGateway
from clinic_portal.memberships import joining, queries
from clinic_portal.memberships.models import MembershipPlan, PlanVersion
from clinic_portal.memberships.subscriptions import Subscriptions
from clinic_portal.memberships.types import MembershipInfo
from clinic_portal.messaging.ports import Senders
from clinic_portal.worker import Worker
from tests.card_kit import VISA, Till, till
from tests.factories import SmallClinic, rows
from tests.forms_kit import HAND, SIGNATURE, answer, finish, put

AGREEMENT: dict[str, Any] = {
    "title": "Membership agreement",
    "sections": [{"link_id": "terms", "title": "Terms", "html": "<p>You pay every month.</p>"}],
}
MONTH = timedelta(days=31)


def agreement(made: SmallClinic, slug: str = "agreement", **values: Any) -> int:
    """Publish an agreement; again with other words, its next version. The form's id."""
    put(made, slug, "consent", AGREEMENT | values, (), validity=Validity(False, None))
    return next(one.id for one in rows(made.services, FormTemplate) if one.slug == slug)


def plan(made: SmallClinic, name: str = "Glow", **values: Any) -> int:
    """A plan on offer at 99.00 a month: 10 % off, a facial each month that stays; its id."""

    def action(work: UnitOfWork) -> int:
        about = {"name": name, "description": "", "is_active": True, "position": 0, "revision": 0}
        about |= {"agreement_id": values.pop("agreement_id", None), "changed_at": work.now}
        made_plan = insert(table(MembershipPlan)).returning(table(MembershipPlan).c.id)
        plan_id = int(work.execute(made_plan, about).scalar_one())
        _version(work, made, plan_id, 1, values)
        return plan_id

    return made.services.do(action)


def next_version(made: SmallClinic, plan_id: int, **values: Any) -> None:
    """The plan changes for those who join later."""

    def action(work: UnitOfWork) -> None:
        of_plan = table(PlanVersion).c.plan_id == plan_id
        known = work.execute(select(table(PlanVersion).c.version).where(of_plan)).scalars().all()
        _version(work, made, plan_id, max(known) + 1, values)

    made.services.do(action)


def _version(work: UnitOfWork, made: SmallClinic, plan_id: int, number: int, values: dict[str, Any]) -> None:
    given = {
        "plan_id": plan_id,
        "version": number,
        "period": "month",
        "fee_minor": 9900,
        "setup_fee_minor": 0,
        "currency": "USD",
        "discount_percent": 10,
        "brings": [{"service_id": made["facial"], "count": 1}],
        "is_banked": True,
        "made_at": work.now,
        "made_by": "staff:1",
    }
    work.execute(insert(table(PlanVersion)), given | values)


@dataclass(frozen=True)
class Desk:
    """Who has memberships paid, and the gateway they stand at."""

    made: SmallClinic
    clock: FixedClock
    till: Till

    @property
    def services(self) -> Services:
        return self.made.services

    @property
    def gateway(self) -> SandboxGateway:
        return self.till.gateway

    @property
    def cashier(self) -> Cashier:
        return self.till.cashier

    @property
    def subscriptions(self) -> Subscriptions:
        return self.cashier.subscriptions

    def begins(self, patient_id: int, plan_id: int) -> int:
        """A patient chooses a plan and signs what it asks; the membership's id."""
        membership_id = self.services.do(joining.begin, patient_id, plan_id)
        self.signs(patient_id, membership_id)
        return membership_id

    def signs(self, patient_id: int, membership_id: int) -> None:
        """The agreement that is asked for is signed, where one is."""
        standing = self.services.ask(joining.agreement, membership_id)
        if standing is not None and standing.state != "done":
            sign(self.services, patient_id, standing.request.id)

    def goes_to_page(self, patient_id: int) -> str:
        """The id of the gateway's page."""
        return self.subscriptions.open_page(patient_id).rpartition("/")[2]

    def joins(self, patient_id: int, plan_id: int, number: str = VISA) -> MembershipInfo:
        """A patient joins, all the way."""
        self.begins(patient_id, plan_id)
        self.gateway.pay(self.goes_to_page(patient_id), number, authenticated=True)
        found = self.subscriptions.returned(patient_id)
        assert found is not None
        return found

    def of(self, patient_id: int) -> MembershipInfo:
        """How a patient's membership stands."""
        found = self.services.ask(queries.of_patient, patient_id)
        assert found is not None
        return found

    def passes(self, by: timedelta) -> None:
        """Time goes by, and the worker looks after money."""
        self.clock.advance(by)
        self.works()

    def works(self) -> None:
        """What the worker does by itself, until nothing is left to do."""
        worker = Worker(self.services, Senders(None, None), self.cashier)  # type: ignore[arg-type]
        for _ in range(3):
            worker.tend_money()
            while worker.run_once(only={"membership.tell", "payment.refund", "payment.notice", "card.forget"}):
                pass

    def events(self, membership_id: int, kind: str = "membership.") -> list[str]:
        """What was told of a membership, in its order."""
        found = self.services.ask(lambda read: read.execute(select(OUTBOX).order_by(OUTBOX.c.id)).all())
        mine = [one for one in found if (one.payload or {}).get("membership_id") == membership_id]
        return [one.kind for one in mine if one.kind.startswith(kind) and one.kind != "membership.tell"]


def desk(made: SmallClinic, clock: FixedClock) -> Desk:
    """A desk at the sandbox gateway whose notices go nowhere."""
    return Desk(made, clock, till(made.services))


def sign(services: Services, patient_id: int, request_id: int) -> int:
    """Sign a consent of one page; the document's id."""
    draft = services.do(paperwork.begin, patient_id, request_id, HAND)
    return finish(services, patient_id, answer(services, patient_id, draft, PATIENT, SIGNATURE))
