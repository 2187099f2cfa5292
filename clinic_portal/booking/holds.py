"""Keeping a time for a browser while its patient finishes; it runs out by itself."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import and_, insert, select, update

from clinic_portal.accounts import limits
from clinic_portal.accounts.types import Limit
from clinic_portal.booking import models, prices, queries
from clinic_portal.booking.types import Draft, HoldInfo
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import ids
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, SlotTaken
from clinic_portal.core.work import UnitOfWork
from clinic_portal.scheduling import guard
from clinic_portal.scheduling import queries as scheduling
from clinic_portal.scheduling.availability import epoch_minute, instant
from clinic_portal.scheduling.types import Placement

HOLDS_PER_PHONE = Limit("holds_per_phone", 40, timedelta(hours=1))
_APPOINTMENT = table(models.Appointment)
_DRAFT = table(models.BookingDraft)


def hold(work: UnitOfWork, owner: str, start: int) -> HoldInfo:
    """Keep `start` (epoch minute) for this browser, for the minutes the clinic set; its earlier hold is let go.

    The steps before must be done, whoever asks: Conflict otherwise. Raises SlotTaken when the time is not offered,
    be it taken, never free, too soon or outside the window: from outside they look the same. What the wallet pays must
    be good on that day ("item_expires").
    """
    mine = queries.draft_to_change(work, owner)
    ready(mine)
    if mine.hold and epoch_minute(mine.hold.start_at) == start and mine.provider_id in (None, mine.hold.provider_id):
        return mine.hold
    limits.spend(work, HOLDS_PER_PHONE, mine.phone)
    found = queries.search(work, mine)
    placement = scheduling.placement(work, found, start)
    if placement is None:
        raise SlotTaken(start=start)
    chosen = [line.lot for line in mine.now_lines if line.lot]
    clinic = catalogue(work)
    zone = clinic.locations[mine.location_id].time_zone
    prices.must_be_good(chosen, instant(placement.start), zone, clinic.clinic.language)
    if mine.hold:
        let_go(work, mine.hold, mine.location_id)
    expires_at = work.now + timedelta(minutes=clinic.clinic.hold_minutes)
    appointment_id = _insert(work, owner, mine, placement, expires_at)
    guard.occupy(
        work,
        appointment_id=appointment_id,
        location_id=mine.location_id,
        placement=placement,
        hold_expires_at=expires_at,
    )
    work.execute(update(_DRAFT).where(_DRAFT.c.id == mine.id).values(hold_id=appointment_id, updated_at=work.now))
    return HoldInfo(appointment_id, placement.provider_id, instant(placement.start), instant(placement.end), expires_at)


def lengthen(work: UnitOfWork, held: HoldInfo) -> HoldInfo:
    """Whoever goes to the page that takes their card has the clinic's minutes for it once more, three times at most."""
    minutes = timedelta(minutes=catalogue(work).clinic.hold_minutes)
    mine = and_(_APPOINTMENT.c.id == held.appointment_id, _APPOINTMENT.c.status == queries.HELD)
    made_at = work.execute(select(_APPOINTMENT.c.created_at).where(mine)).scalar_one()
    until = max(held.expires_at, min(work.now + minutes, made_at + 3 * minutes))
    work.execute(update(_APPOINTMENT).where(mine).values(hold_expires_at=until))
    guard.lengthen(work, appointment_id=held.appointment_id, hold_expires_at=until)
    return replace(held, expires_at=until)


def take_again(work: UnitOfWork, owner: str, appointment_id: int) -> None:
    """A card was given after the held time had run out: keep that time once more, if it is still free.

    Nothing to do while it is held. Raises Conflict where the patient meanwhile left it for another time or cart;
    SlotTaken when it is not offered any more.
    """
    mine = queries.draft_to_change(work, owner)
    row = work.execute(select(_APPOINTMENT).where(_APPOINTMENT.c.id == appointment_id)).first()
    kept_for = work.execute(select(_DRAFT.c.hold_id).where(_DRAFT.c.id == mine.id)).scalar()
    if row is None or row.status not in (queries.HELD, "expired") or kept_for != appointment_id:
        raise Conflict("hold_ran_out")
    if row.status == queries.HELD and row.hold_expires_at > work.now:
        return
    found = replace(queries.search(work, mine), provider_ids=(row.provider_id,), without_appointment_id=appointment_id)
    start = epoch_minute(row.start_at)
    placement = scheduling.placement(work, found, start)
    if placement is None or instant(placement.end) != row.end_at or mine.location_id != row.location_id:
        raise SlotTaken(start=start)
    until = work.now + timedelta(minutes=catalogue(work).clinic.hold_minutes)
    values = {"status": queries.HELD, "hold_expires_at": until}
    work.execute(update(_APPOINTMENT).where(_APPOINTMENT.c.id == appointment_id).values(**values))
    end = epoch_minute(row.end_at)
    guard.vacate(work, appointment_id=appointment_id, location_id=row.location_id, start=start, end=end)
    guard.occupy(
        work,
        appointment_id=appointment_id,
        location_id=row.location_id,
        placement=placement,
        hold_expires_at=until,
    )


def release(work: UnitOfWork, owner: str) -> None:
    """Let the browser's held time go."""
    mine = queries.draft_to_change(work, owner)
    if mine.hold:
        let_go(work, mine.hold, mine.location_id)
    work.execute(update(_DRAFT).where(_DRAFT.c.id == mine.id).values(hold_id=None))


def let_go(work: UnitOfWork, held: HoldInfo, location_id: int) -> bool:
    """End a hold and free its time; False when it had ended or become an appointment meanwhile."""
    ended = work.execute(
        update(_APPOINTMENT)
        .where(and_(_APPOINTMENT.c.id == held.appointment_id, _APPOINTMENT.c.status == queries.HELD))
        .values(status="expired")
    )
    if ended.rowcount != 1:
        return False
    guard.release(
        work,
        appointment_id=held.appointment_id,
        location_id=location_id,
        start=epoch_minute(held.start_at),
        end=epoch_minute(held.end_at),
    )
    return True


def expire(work: UnitOfWork, *, limit: int = 200) -> int:
    """End the holds that ran out; how many. They block nobody meanwhile: this only tidies up and tells open pages."""
    ran_out = and_(_APPOINTMENT.c.status == queries.HELD, _APPOINTMENT.c.hold_expires_at <= work.now)
    rows = work.execute(select(_APPOINTMENT).where(ran_out).limit(limit)).all()
    return sum(
        let_go(work, HoldInfo(r.id, r.provider_id, r.start_at, r.end_at, r.hold_expires_at), r.location_id)
        for r in rows
    )


def ready(mine: Draft) -> None:
    """Every step before a time is done. Raises Conflict naming the first that is not."""
    if not mine.now_lines:
        raise Conflict("cart_empty")
    if not (mine.given_name and mine.email and mine.phone):
        raise Conflict("details_missing")
    if not mine.is_phone_verified:
        raise Conflict("phone_unverified")
    changed = [line for line in mine.now_lines if line.is_offered and line.is_repriced]
    if changed:
        raise Conflict("price_changed", names=[line.name for line in changed])
    if not mine.has_reviewed_visit:
        raise Conflict("visit_unreviewed")
    if not mine.has_chosen_provider:
        raise Conflict("provider_missing")


def _insert(work: UnitOfWork, owner: str, mine: Draft, placement: Placement, expires_at: datetime) -> int:
    clinic = catalogue(work).clinic
    reference = ids.reference(clinic.reference_prefix)
    return int(
        work.execute(
            insert(_APPOINTMENT).returning(_APPOINTMENT.c.id),
            {
                "reference": reference,
                "uid": f"appt-{ids.nonce()}",
                "sequence": 0,
                "status": queries.HELD,
                "location_id": mine.location_id,
                "provider_id": placement.provider_id,
                "start_at": instant(placement.start),
                "end_at": instant(placement.end),
                "hold_owner": owner,
                "hold_expires_at": expires_at,
                "currency": clinic.currency,
                "total_minor": sum(line.price_minor for line in mine.now_lines),
                "created_at": work.now,
            },
        ).scalar_one()
    )
