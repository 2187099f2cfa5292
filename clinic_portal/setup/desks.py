"""How the demo clinic's visits were paid for at the desk: the deposit first, the rest by card or in cash."""

import random
from typing import Any

from sqlalchemy import and_, func, insert, select

from clinic_portal.booking import models as booking
from clinic_portal.core.db import table
from clinic_portal.core.work import UnitOfWork
from clinic_portal.wallet.ledger import ACCOUNT, ENTRY, POSTING
from clinic_portal.wallet.types import Account, EntryKind

HOW, HOW_OFTEN = ("card", "cash"), (8, 2)
_APPOINTMENT = table(booking.Appointment)
_BILL = table(booking.VisitBill)
_SERVICE = table(booking.AppointmentService)


def seed(work: UnitOfWork, rng: random.Random) -> int:
    """Give every visit that took place its bill; how many."""
    deposits = _deposits(work)
    both = _SERVICE.join(_APPOINTMENT, _SERVICE.c.appointment_id == _APPOINTMENT.c.id)
    columns = (_SERVICE, _APPOINTMENT.c.currency, _APPOINTMENT.c.end_at)
    billed = select(_BILL.c.appointment_id)
    took_place = and_(_APPOINTMENT.c.status == "fulfilled", _APPOINTMENT.c.id.not_in(billed))
    rows = work.execute(select(*columns).select_from(both).where(took_place).order_by(_SERVICE.c.id)).all()
    bills: dict[int, dict[str, Any]] = {}
    for row in rows:
        bill = bills.setdefault(row.appointment_id, _empty(row))
        bill["total_minor"] += row.price_minor
        bill["lines"].append(
            {
                "name": row.name,
                "amount_minor": row.price_minor,
                "service_id": row.service_id,
                "lot_id": None,
                "is_done": True,
            }
        )
    for number, bill in bills.items():
        bill["from_deposit_minor"] = min(deposits.get(number, 0), bill["total_minor"])
        bill["at_desk_minor"] = bill["total_minor"] - bill["from_deposit_minor"]
        bill["desk_how"] = rng.choices(HOW, HOW_OFTEN)[0] if bill["at_desk_minor"] else ""
    if bills:
        work.execute(insert(_BILL), list(bills.values()))
    return len(bills)


def _empty(row: Any) -> dict[str, Any]:
    return {
        "appointment_id": row.appointment_id,
        "currency": row.currency,
        "total_minor": 0,
        "from_wallet_items_minor": 0,
        "from_credit_minor": 0,
        "deposit_back_minor": 0,
        "deposit_back_to": "",
        "lines": [],
        "made_at": row.end_at,
        "made_by": "demo",
    }


def _deposits(work: UnitOfWork) -> dict[int, int]:
    """What of deposits was used, by visit."""
    joined = POSTING.join(ENTRY, ENTRY.c.id == POSTING.c.entry_id).join(ACCOUNT, ACCOUNT.c.id == POSTING.c.account_id)
    used = and_(ENTRY.c.kind == EntryKind.USED.value, ACCOUNT.c.kind == Account.DEPOSIT.value)
    columns = (ACCOUNT.c.appointment_id, (-func.sum(POSTING.c.amount)).label("used"))
    rows = work.execute(select(*columns).select_from(joined).where(used).group_by(ACCOUNT.c.appointment_id))
    return {row.appointment_id: int(row.used) for row in rows}
