"""Visits at the desk: the day they take place, what is in a wallet for them, and how they are paid."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update

from clinic_portal.booking import bills, models, queries, visiting
from clinic_portal.booking.bills import Bill, DeskSheet, Wish
from clinic_portal.booking.types import Visit
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.work import Services
from clinic_portal.wallet import actions as wallet
from clinic_portal.wallet import lots
from clinic_portal.wallet import queries as wallets
from clinic_portal.wallet.types import EntryKind, NewLot, Origin
from tests import factories
from tests.card_kit import Till

_keys = iter(range(10**6))


def begins(clock: FixedClock, visit: Visit) -> None:
    """It is the visit's hour."""
    clock.advance(visit.start_at - clock.now())


def has_items(
    services: Services,
    patient_id: int,
    count: int = 2,
    *,
    name: str = "Botox — forehead",
    origin: Origin = Origin.PACKAGE,
    expires_at: datetime | None = None,
    **of: Any,
) -> int:
    """A lot in a patient's wallet: `service_id` or `category_id` says what it pays."""
    new = NewLot(origin, name, count, 20000 * count, "USD", expires_at=expires_at, **of)
    key = f"kit {next(_keys)}"
    made = services.do(lots.grant, EntryKind.GIFT, new, key=key, patient_id=patient_id, actor="staff:1")
    assert made is not None
    return made


def has_credit(services: Services, patient_id: int, minor: int, *, expires_at: datetime | None = None) -> None:
    """Free credit in a patient's wallet; with an expiry, as a lot."""
    key = f"kit {next(_keys)}"
    if expires_at is not None:
        new = NewLot(Origin.GIFT, "Credit", minor, minor, "USD", expires_at=expires_at)
        services.do(lots.grant, EntryKind.GIFT, new, key=key, patient_id=patient_id, actor="staff:1")
        return
    told: dict[str, Any] = {"key": key, "patient_id": patient_id, "currency": "USD", "actor": "staff:1"}
    services.do(wallet.enter, EntryKind.ADDED, amount_minor=minor, **told)


def reserves(services: Services, visit: Visit, lot_id: int, service: int = 0) -> None:
    """One of a lot is kept for a service of the visit, as booking does it."""
    rows = table(models.AppointmentService)

    def action(work: Any) -> None:
        lots.reserve(work, visit.patient_id, lot_id, visit.appointment_id, key=f"kit {next(_keys)}", actor="patient:1")
        mine = (rows.c.appointment_id == visit.appointment_id) & (rows.c.position == service)
        work.execute(update(rows).where(mine).values(lot_id=lot_id))

    services.do(action)


def now_of(services: Services, visit: Visit) -> Visit:
    """The visit as it stands."""
    return services.ask(queries.visit, visit.appointment_id)


def at_desk(services: Services, visit: Visit, role: str = "front_desk") -> DeskSheet:
    """What the desk sees of a visit."""
    return services.ask(bills.sheet, factories.staff(services, role).actor, visit.appointment_id)


def checks_in(services: Services, visit: Visit) -> None:
    """The front desk checks the patient in."""
    actor, now = factories.staff(services, "front_desk").actor, now_of(services, visit)
    services.do(visiting.check_in, actor, visit.appointment_id, seen_sequence=now.sequence)


def undoes(services: Services, visit: Visit) -> None:
    """And takes it back."""
    actor, now = factories.staff(services, "front_desk").actor, now_of(services, visit)
    services.do(visiting.undo_check_in, actor, visit.appointment_id, seen_sequence=now.sequence)


def checks_out(services: Services, visit: Visit, wish: Wish | None = None, *, how: str = "card") -> Bill:
    """The front desk checks the patient out, as the page shows it."""
    actor, found = factories.staff(services, "front_desk").actor, at_desk(services, visit)
    wanted = wish or Wish(items=found.wish.items, desk_how=how)
    told: dict[str, Any] = {"shown": bills.reckon(found, wanted), "seen_sequence": found.visit.sequence}
    return services.do(visiting.check_out, actor, visit.appointment_id, wanted, **told)


def left(services: Services, lot_id: int) -> tuple[int, int]:
    """How many of a lot are free, and how many reserved."""
    found = services.ask(wallets.lot, lot_id)
    assert found is not None
    return found.left, found.reserved


def free_credit(services: Services, visit: Visit) -> int:
    """The patient's free credit."""
    return services.ask(wallets.credit, visit.patient_id).get("USD", 0)


def worked(desk: Till, visit: Visit) -> None:
    """The worker has taken or let go what was authorised, and made the refunds asked for."""
    from tests.fees_kit import refunds_made

    for one in desk.of_visit(visit.appointment_id):
        desk.cashier.settle(one.id)
    refunds_made(desk, visit)
