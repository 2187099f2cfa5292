"""What the front desk has to know of visits beside what a calendar shows: who is here, what is missing, what pays, what
is due (P15). Reads alone, as many statements for a hundred visits as for one."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, func, select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import beside, models
from clinic_portal.booking.access import visits_seen_by
from clinic_portal.booking.types import STANDING
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.memberships.queries import plans_of
from clinic_portal.patients.notes import alerts_among
from clinic_portal.patients.queries import names, phones
from clinic_portal.scheduling import queries as scheduling
from clinic_portal.scheduling.availability import instant, wall_to_minute
from clinic_portal.wallet import queries as wallet
from clinic_portal.wallet import visits
from clinic_portal.wallet.types import LotInfo, Origin

LEFT_OPEN_DAYS = 60
"""How far back visits are looked for that nobody checked in or out."""
_APPOINTMENT = table(models.Appointment)
_BILL = table(models.VisitBill)
_SERVICE = table(models.AppointmentService)


@dataclass(frozen=True, slots=True)
class Pays:
    """What of a wallet pays for a visit: `count` of a lot, reserved or used; `left` of it are free."""

    name: str
    origin: Origin
    count: int
    left: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """A visit as the desk needs it, of all of it what whoever looks may know.

    `due_minor` is what would be paid at the desk if all was done and paid as it was booked; once the patient is checked
    out, `paid_minor` what was. `owed_minor` are fees from before that could not be charged.
    """

    appointment_id: int
    arrived_at: datetime | None
    fulfilled_at: datetime | None
    phone: str = ""
    forms: tuple[str, ...] = ()  # the titles of those that are missing
    alerts: tuple[str, ...] = ()
    plan: str = ""
    pays: tuple[Pays, ...] = ()
    deposit_minor: int = 0
    due_minor: int = 0
    paid_minor: int | None = None
    owed_minor: int = 0
    knows_money: bool = False  # the money is told to who checks out alone


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """A visit of an earlier day at which nobody was checked in, or that nobody checked out."""

    appointment_id: int
    patient_id: int
    patient_name: str
    status: str
    start_at: datetime
    reserved: int  # of the wallet: kept for it still


@dataclass(frozen=True, slots=True)
class AllLeftOpen:
    """The newest of them, and how many there are."""

    visits: tuple[LeftOpen, ...]
    count: int


def arrivals(read: Reading, actor: StaffActor, appointment_ids: Collection[int]) -> dict[int, Arrival]:
    """What is to be known of visits, by their ids; those they may not see are left out. Raises NotAllowed."""
    actor.must(Permission.SEE_DAY)
    wanted = and_(_APPOINTMENT.c.id.in_(appointment_ids), _APPOINTMENT.c.patient_id.is_not(None), visits_seen_by(actor))
    rows = read.execute(select(_APPOINTMENT).where(wanted)).all()
    patients = {row.patient_id for row in rows}
    numbers = phones(read, patients)
    money = _Money(read, rows) if actor.may(Permission.RUN_VISITS) else None
    plans = plans_of(read, patients) if money else {}
    owed = beside.fees_owed(read, patients) if actor.may(Permission.SEE_PAYMENTS) else {}
    alerted = beside.alerted(read, patients) if actor.may(Permission.WRITE_NOTES) else frozenset()
    alerts = alerts_among(read, alerted) if alerted else {}
    coming = {row.id: row.start_at for row in rows if row.status in STANDING}
    missing = beside.forms_missing(read, coming) if actor.may(Permission.HANDLE_FORMS) else {}
    return {
        row.id: Arrival(
            appointment_id=row.id,
            arrived_at=row.arrived_at,
            fulfilled_at=row.fulfilled_at,
            phone=numbers[row.patient_id],
            forms=tuple(one.request.title for one in missing.get(row.id, ())),
            alerts=alerts.get(row.patient_id, ()),
            plan=plans.get(row.patient_id, ""),
            owed_minor=sum(one.amount_minor for one in owed.get(row.patient_id, ()) if one.currency == row.currency),
            **(money.of(row) if money else {}),
        )
        for row in rows
    }


def next_day(
    read: Reading, actor: StaffActor, location_id: int, after_on: date, *, provider_id: int | None = None
) -> date | None:
    """The first day after one, by the location's clock, on which somebody is expected there, or by a provider; None
    where nobody is booked. Raises NotAllowed, also for no such location.
    """
    actor.must(Permission.SEE_DAY)
    zone = scheduling.location_zone(read, location_id)
    only = provider_id if actor.only_calendar_of is None else actor.only_calendar_of
    coming = and_(
        _APPOINTMENT.c.location_id == location_id,
        _APPOINTMENT.c.start_at >= instant(wall_to_minute(after_on + timedelta(days=1), 0, zone)),
        _APPOINTMENT.c.status.in_(STANDING),
        _APPOINTMENT.c.patient_id.is_not(None),
    )
    mine = coming if only is None else and_(coming, _APPOINTMENT.c.provider_id == only)
    first = read.execute(
        select(_APPOINTMENT.c.start_at).where(mine).order_by(_APPOINTMENT.c.start_at).limit(1)
    ).scalar()
    return None if first is None else first.astimezone(zone).date()


def left_open(read: Reading, actor: StaffActor, location_id: int, *, most: int = 50) -> AllLeftOpen:
    """Visits of the last weeks, before the location's own day, that nobody checked in or out, the newest first.

    What the wallet keeps for them can pay for nothing else. Raises NotAllowed, also for no such location.
    """
    actor.must(Permission.RUN_VISITS)
    place = catalogue(read).place(location_id)
    if place is None:
        raise NotAllowed()
    zone = ZoneInfo(place.time_zone)
    today = instant(wall_to_minute(read.now.astimezone(zone).date(), 0, zone))
    left = and_(
        _APPOINTMENT.c.location_id == location_id,
        _APPOINTMENT.c.start_at < today,
        _APPOINTMENT.c.start_at >= today - timedelta(days=LEFT_OPEN_DAYS),
        _APPOINTMENT.c.status.in_(STANDING),
        _APPOINTMENT.c.patient_id.is_not(None),
        visits_seen_by(actor),
    )
    count = int(read.execute(select(func.count()).select_from(_APPOINTMENT).where(left)).scalar_one())
    newest = select(_APPOINTMENT).where(left).order_by(_APPOINTMENT.c.start_at.desc(), _APPOINTMENT.c.id)
    rows = read.execute(newest.limit(most)).all() if count else []
    known = names(read, {row.patient_id for row in rows})
    kept = wallet.reserved_for(read, [row.id for row in rows])
    return AllLeftOpen(
        tuple(
            LeftOpen(
                appointment_id=row.id,
                patient_id=row.patient_id,
                patient_name=known[row.patient_id],
                status=row.status,
                start_at=row.start_at,
                reserved=len(kept.get(row.id, ())),
            )
            for row in rows
        ),
        count,
    )


class _Money:
    """What pays for some visits, and what is left to be paid, read for all of them at once."""

    def __init__(self, read: Reading, rows: Collection[Row[Any]]) -> None:
        ids = [row.id for row in rows]
        self._reserved = wallet.reserved_for(read, ids)
        self._used = visits.used_for(read, ids)
        self._deposits = wallet.kept_for_each(read, ids)
        self._lots: dict[int, LotInfo] = wallet.lots_by_id(
            read, {lot for kept in (*self._reserved.values(), *self._used.values()) for lot in kept}
        )
        self._lines: dict[int, list[Row[Any]]] = {}
        in_order = select(_SERVICE).where(_SERVICE.c.appointment_id.in_(ids)).order_by(_SERVICE.c.position)
        for line in read.execute(in_order):
            self._lines.setdefault(line.appointment_id, []).append(line)
        bills = select(_BILL.c.appointment_id, _BILL.c.at_desk_minor).where(_BILL.c.appointment_id.in_(ids))
        self._paid = {row.appointment_id: row.at_desk_minor for row in read.execute(bills)}

    def of(self, row: Row[Any]) -> dict[str, Any]:
        """The fields of one visit."""
        mine = Counter(self._reserved.get(row.id, ())) + Counter(self._used.get(row.id, {}))
        deposit = self._deposits.get(row.id, 0)
        money, left = 0, mine.copy()
        for line in self._lines.get(row.id, ()):
            if left[line.lot_id] > 0:
                left[line.lot_id] -= 1
            else:
                money += line.price_minor
        return {
            "pays": tuple(
                Pays(lot.name, lot.origin, count, lot.left)
                for lot_id, count in sorted(mine.items())
                if (lot := self._lots.get(lot_id)) is not None
            ),
            "deposit_minor": deposit,
            "due_minor": max(0, money - deposit) if row.status in STANDING else 0,
            "paid_minor": self._paid.get(row.id),
            "knows_money": True,
        }
