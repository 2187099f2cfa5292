"""Patients with something in their wallet, and members: what tests of prices and bookings begin from."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import insert

from clinic_portal.booking import drafts, holds, queries
from clinic_portal.booking.types import Visit
from clinic_portal.core.db import table
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.memberships import models
from clinic_portal.wallet import lots
from clinic_portal.wallet.types import EntryKind, NewLot, Origin
from tests.card_kit import Till
from tests.factories import SmallClinic, minute

_keys = count(1)


def has_lot(
    made: SmallClinic,
    patient_id: int,
    many: int = 2,
    *,
    service: str | None = "facial",
    category: str | None = None,
    worth_minor: int = 16000,
    expires_at: datetime | None = None,
) -> int:
    """A patient has so many of a service, or of any of a category, in their wallet; the lot's id."""
    new = NewLot(
        origin=Origin.GIFT,
        name="Hydrating facial",
        count=many,
        worth_minor=worth_minor,
        currency="USD",
        service_id=made[service] if service and not category else None,
        category_id=made[category] if category else None,
        expires_at=expires_at,
    )
    key = f"test {next(_keys)}"
    found = made.services.do(lots.grant, EntryKind.GIFT, new, key=key, patient_id=patient_id, actor="staff:1")
    assert found is not None
    return found


def is_on_plan(services: Services, patient_id: int, percent: int = 10, **values: Any) -> int:
    """A patient on a plan that takes so many percent off; the membership's id. `values` are further columns."""

    def join(work: UnitOfWork) -> int:
        plan = table(models.MembershipPlan)
        version, membership = table(models.PlanVersion), table(models.Membership)
        made = {"name": "Glow", "description": "", "is_active": True, "position": 0, "revision": 0}
        plan_id = work.execute(insert(plan).returning(plan.c.id), made | {"changed_at": work.now}).scalar_one()
        terms = {
            "plan_id": plan_id,
            "version": 1,
            "period": "month",
            "fee_minor": 9900,
            "setup_fee_minor": 0,
            "currency": "USD",
            "discount_percent": percent,
            "brings": [],
            "is_banked": True,
            "made_at": work.now,
            "made_by": "staff:1",
        }
        version_id = work.execute(insert(version).returning(version.c.id), terms).scalar_one()
        row = {
            "patient_id": patient_id,
            "state": "active",
            "version_id": version_id,
            "nonce": "",
            "attempt": 1,
            "begun_at": work.now,
            "started_at": work.now,
            "is_ending": False,
            "is_pausing": False,
            "is_told": True,
        }
        made_id = work.execute(insert(membership).returning(membership.c.id), row | values).scalar_one()
        return int(made_id)

    return services.do(join)


def has_in_cart(made: SmallClinic, owner: str, patient_id: int, *wanted: str, uses: tuple[str, ...] = ()) -> None:
    """A patient who is signed in has chosen services, some of them to be paid with their wallet."""
    do = made.services.do
    do(drafts.sign_in, owner, patient_id)
    for slug in wanted:
        do(drafts.add_service, owner, made[slug])
    for slug in uses:
        do(drafts.use_item, owner, made[slug], is_used=True)


def books(
    made: SmallClinic, desk: Till, patient_id: int, on: Any, clock: str, *wanted: str, uses: tuple[str, ...] = ()
) -> Visit:
    """A patient who is signed in books, paying with their wallet what `uses` names."""
    owner, do = f"signed in {next(_keys)}", made.services.do
    has_in_cart(made, owner, patient_id, *wanted, uses=uses)
    do(drafts.agree_to_visit, owner)
    do(drafts.choose_provider, owner, None)
    do(holds.hold, owner, minute(on, clock))
    done = desk.books(owner, made["policy"], patient_id=patient_id)
    return made.services.ask(queries.visit, done.appointment_id)
