"""Reads of drafts, of what is free for them, and of booked visits."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, and_, select

from clinic_portal.booking import models, prices, rules
from clinic_portal.booking.types import (
    BOOKED,
    STANDING,
    BookedService,
    CartLine,
    Draft,
    HoldInfo,
    ProviderVisit,
    Visit,
    VisitLine,
    VisitName,
    Visits,
)
from clinic_portal.booking.visit_rows import service_names
from clinic_portal.clinic import queries as clinic_queries
from clinic_portal.clinic.types import Catalogue, ServiceInfo
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.patients.queries import contact, language_of
from clinic_portal.scheduling import queries as scheduling
from clinic_portal.scheduling.availability import local_date
from clinic_portal.scheduling.types import FreeTime, Search

VERIFIED_LASTS = timedelta(hours=2)
HELD = "held"
_DRAFT = table(models.BookingDraft)
_ITEM = table(models.DraftItem)
_APPOINTMENT = table(models.Appointment)
_SERVICE = table(models.AppointmentService)


def draft_to_change(work: UnitOfWork, owner: str) -> Draft:
    """What a browser has filled in so far, while its other tabs wait: two clicks at once are one after the other."""
    work.in_turn("draft", owner)
    return draft(work, owner)


def draft(read: Reading, owner: str) -> Draft:
    """What a browser has filled in so far; an empty one where it has not begun."""
    clinic = clinic_queries.catalogue(read)
    row = read.execute(select(_DRAFT).where(_DRAFT.c.owner == owner)).first()
    if row is None:
        return _empty(next(iter(clinic.locations)))
    items = read.execute(select(_ITEM).where(_ITEM.c.draft_id == row.id).order_by(_ITEM.c.position, _ITEM.c.id)).all()
    location_id = row.location_id if row.location_id in clinic.locations else next(iter(clinic.locations))
    working = working_at(read, clinic, location_id)
    held, ran_out = _hold(read, row.hold_id, owner)
    mine = prices.purse(read, row.patient_id, at=held.start_at if held else None)
    gone = clinic_queries.retired(read, [one.service_id for one in items if one.service_id not in clinic.services])
    names = {number: one.name for number, one in gone.items()}
    lines = tuple(_line(clinic, item, names, location_id, working, mine) for item in items)
    return Draft(
        id=row.id,
        patient_id=row.patient_id,
        location_id=location_id,
        lines=prices.with_items(clinic, lines, mine) if mine.lots else lines,
        given_name=row.given_name,
        family_name=row.family_name,
        email=row.email,
        phone=row.phone,
        phone_typed=row.phone_typed,
        time_zone=row.time_zone,
        is_phone_verified=bool(row.phone)
        and row.phone == row.verified_phone
        and (row.patient_id is not None or row.verified_at > read.now - VERIFIED_LASTS),
        has_reviewed_visit=row.has_reviewed_visit,
        has_chosen_provider=row.has_chosen_provider,
        provider_id=row.provider_id,
        looking_at_on=row.looking_at_on,
        hold=held,
        hold_ran_out=ran_out,
        booked_reference=_reference(read, row.booked_id),
        discount_percent=mine.discount_percent,
    )


def working_at(read: Reading, clinic: Catalogue, location_id: int) -> frozenset[int]:
    """The providers who have hours at a location, weekly or on some date."""
    return scheduling.hours(read, clinic.version).working_at.get(location_id, frozenset())


def cart_services(clinic: Catalogue, draft: Draft) -> list[ServiceInfo]:
    """The services of the visit being booked, as they are now, at the patient's prices: nothing for what their wallet
    pays. Raises Conflict when one is not offered any more."""
    gone = [line.name for line in draft.now_lines if not line.is_offered]
    if gone:
        raise Conflict("service_gone", names=gone)
    return priced_services(clinic, draft)


def priced_services(clinic: Catalogue, draft: Draft) -> list[ServiceInfo]:
    """The same, those that are gone left out."""
    return [
        replace(clinic.services[line.service_id], price_minor=line.price_minor)
        for line in draft.now_lines
        if line.service_id in clinic.services
    ]


def search(read: Reading, draft: Draft) -> Search:
    """What this draft is looking for.

    Raises Conflict when the cart is empty, holds a service that is gone, or no single provider performs it all.
    """
    clinic = clinic_queries.catalogue(read)
    services = cart_services(clinic, draft)
    if not services:
        raise Conflict("cart_empty")
    able = rules.able(clinic, services, working_at(read, clinic, draft.location_id))
    chosen = able if draft.provider_id is None else [one for one in able if one == draft.provider_id]
    if not able:
        raise Conflict("no_single_provider")
    if not chosen:
        raise Conflict("provider_gone")
    return Search(
        location_id=draft.location_id,
        services=tuple(rules.shape(service) for service in services),
        provider_ids=tuple(chosen),
        without_appointment_id=draft.hold.appointment_id if draft.hold else None,
    )


def free_days(read: Reading, found: Search, first_on: date, last_on: date) -> list[date]:
    """The dates, of a range, on which anything is offered (S73)."""
    return scheduling.calendar(read, found, first_on, last_on).free_days()


def free_times(read: Reading, found: Search, on: date) -> list[FreeTime]:
    """The starts offered on a date."""
    return scheduling.calendar(read, found, on, on).free_times(on)


def next_free_days(read: Reading, found: Search, after_on: date, *, most: int = 3) -> list[date]:
    """The next dates after one, to the end of the booking window, on which anything is offered."""
    window = clinic_queries.catalogue(read).clinic.booking_window_days
    days: list[date] = []
    first_on = after_on + timedelta(days=1)
    for week in range(window // 14 + 1):
        begin = first_on + timedelta(days=14 * week)
        days += free_days(read, found, begin, begin + timedelta(days=13))
        if len(days) >= most:
            break
    return days[:most]


def nearest_times(read: Reading, found: Search, start: int, *, most: int = 3) -> list[FreeTime]:
    """The offered starts nearest to one that was taken: the same day first, then the next day with any."""
    clinic = clinic_queries.catalogue(read)
    zone = ZoneInfo(clinic.locations[found.location_id].time_zone)
    on = local_date(start, zone)
    times = free_times(read, found, on)
    if not times:
        times = [time for day in next_free_days(read, found, on, most=1) for time in free_times(read, found, day)]
    nearest = sorted(times, key=lambda time: (abs(time.start - start), time.start))[:most]
    return sorted(nearest, key=lambda time: time.start)


def visit(read: Reading, appointment_id: int) -> Visit:
    """A booked appointment, whole. For the domain's own use: a page asks for it through `access`. Raises NotAllowed."""
    row = read.execute(select(_APPOINTMENT).where(_APPOINTMENT.c.id == appointment_id)).first()
    if row is None or row.patient_id is None:
        raise NotAllowed()
    clinic = clinic_queries.catalogue(read)
    who = contact(read, row.patient_id)
    provider = clinic_queries.provider_name(read, row.provider_id)
    policy = clinic_queries.policy(read, row.policy_version_id) if row.policy_version_id else None
    booked = read.execute(select(_SERVICE).where(_SERVICE.c.appointment_id == row.id).order_by(_SERVICE.c.position))
    return Visit(
        appointment_id=row.id,
        reference=row.reference,
        uid=row.uid,
        sequence=row.sequence,
        status=row.status,
        patient_id=row.patient_id,
        given_name=who.given_name,
        family_name=who.family_name,
        email=who.email,
        phone=who.phone,
        language=language_of(read, row.patient_id),
        provider_id=row.provider_id,
        provider_name=provider[0],
        provider_title=provider[1],
        location=clinic_queries.location(read, row.location_id),
        start_at=row.start_at,
        end_at=row.end_at,
        services=tuple(
            BookedService(
                service_id=service.service_id,
                name=service.name,
                duration_minutes=service.duration_minutes,
                price_minor=service.price_minor,
                what_to_bring=bring.what_to_bring if (bring := clinic.services.get(service.service_id)) else "",
                lot_id=service.lot_id,
            )
            for service in booked
        ),
        currency=row.currency,
        total_minor=row.total_minor,
        covered_minor=row.total_minor if row.covered_minor is None else row.covered_minor,
        policy=policy,
        free_until_at=rules.free_until(policy, row.start_at),
        booked_at=row.booked_at,
        late_fee_minor=row.late_fee_minor or 0,
        arrived_at=row.arrived_at,
        fulfilled_at=row.fulfilled_at,
        booked_by=row.booked_by,
        cancelled_by=row.cancelled_by,
        is_overridden=row.is_overridden,
        told_sequence=row.told_sequence,
    )


def is_anything_booked(read: Reading) -> bool:
    """Whether a visit was ever booked, called off since or not; a time that somebody only holds is none."""
    return (
        read.execute(select(_APPOINTMENT.c.id).where(_APPOINTMENT.c.patient_id.is_not(None)).limit(1)).first()
        is not None
    )


def named(read: Reading, appointment_ids: Collection[int]) -> dict[int, VisitName]:
    """What some visits are called, by id."""
    columns = (
        *(_APPOINTMENT.c[name] for name in ("reference", "start_at", "status", "location_id")),
        _APPOINTMENT.c.id,
    )
    rows = read.execute(select(*columns).where(_APPOINTMENT.c.id.in_(appointment_ids)))
    return {row.id: VisitName(row.reference, row.start_at, row.status, row.location_id) for row in rows}


def booked_ahead(read: Reading, patient_id: int) -> dict[int, VisitName]:
    """The visits a patient has booked and that have not begun, by id, the soonest first."""
    which = and_(
        _APPOINTMENT.c.patient_id == patient_id,
        _APPOINTMENT.c.status == "booked",
        _APPOINTMENT.c.start_at > read.now,
    )
    ids = read.execute(select(_APPOINTMENT.c.id).where(which).order_by(_APPOINTMENT.c.start_at)).scalars().all()
    visits = named(read, ids)
    return {number: visits[number] for number in ids}


def of_provider(read: Reading, provider_id: int, since: datetime, until: datetime) -> list[ProviderVisit]:
    """A provider's visits that begin between two instants, cancelled ones too, in their order."""
    columns = [_APPOINTMENT.c[name] for name in ProviderVisit.__dataclass_fields__]
    theirs = and_(
        _APPOINTMENT.c.provider_id == provider_id,
        _APPOINTMENT.c.start_at >= since,
        _APPOINTMENT.c.start_at < until,
        _APPOINTMENT.c.status.in_(BOOKED),
        _APPOINTMENT.c.patient_id.is_not(None),
    )
    rows = read.execute(select(*columns).where(theirs).order_by(_APPOINTMENT.c.start_at))
    return [ProviderVisit(**row._mapping) for row in rows]


def called(reference: str) -> Select[Any]:
    """The id of the visit of a reference, as a part of another domain's statement."""
    return select(_APPOINTMENT.c.id).where(_APPOINTMENT.c.reference == reference.upper())


def starts_at(read: Reading, appointment_id: int) -> datetime | None:
    """When a visit starts as it stands now; None where there is none."""
    found: datetime | None = read.execute(
        select(_APPOINTMENT.c.start_at).where(_APPOINTMENT.c.id == appointment_id)
    ).scalar()
    return found


def policy_accepted_at(read: Reading, appointment_id: int) -> datetime | None:
    """When the policy of a visit was accepted; None without one."""
    found: datetime | None = read.execute(
        select(_APPOINTMENT.c.policy_accepted_at).where(_APPOINTMENT.c.id == appointment_id)
    ).scalar()
    return found


def visits_of(read: Reading, patient_id: int) -> Visits:
    """All visits of a patient (S27, S50)."""
    shown = and_(_APPOINTMENT.c.patient_id == patient_id, _APPOINTMENT.c.status.not_in((HELD, "expired")))
    rows = read.execute(select(_APPOINTMENT).where(shown).order_by(_APPOINTMENT.c.start_at)).all()
    names = service_names(read, [row.id for row in rows])
    lines = [_visit_line(read, row, names[row.id]) for row in rows]
    upcoming = tuple(line for line in lines if line.is_upcoming)
    past = tuple(line for line in reversed(lines) if not line.is_upcoming)
    return Visits(upcoming, past)


def next_visit(read: Reading, patient_id: int) -> Visit | None:
    """The visit that comes next, whole; None when there is none."""
    coming = and_(
        _APPOINTMENT.c.patient_id == patient_id,
        _APPOINTMENT.c.status.in_(STANDING),
        _APPOINTMENT.c.end_at > read.now,
    )
    found = read.execute(select(_APPOINTMENT.c.id).where(coming).order_by(_APPOINTMENT.c.start_at).limit(1)).scalar()
    return visit(read, found) if found is not None else None


def _visit_line(read: Reading, row: Row[Any], names: tuple[str, ...]) -> VisitLine:
    place = read.once(f"location {row.location_id}", lambda: clinic_queries.location(read, row.location_id))
    provider = read.once(f"provider {row.provider_id}", lambda: clinic_queries.provider_name(read, row.provider_id))
    return VisitLine(
        reference=row.reference,
        status=row.status,
        start_at=row.start_at,
        end_at=row.end_at,
        time_zone=place.time_zone,
        location_name=place.name,
        location_street=place.street,
        provider_name=provider[0],
        service_names=names,
        is_upcoming=row.status in STANDING and row.end_at > read.now,
    )


def booked_here(read: Reading, owner: str) -> Visit:
    """The visit last booked from this browser, for whom it was typed here: the profile's own details, which may be
    older, or another's by mistake, are not this browser's to see (rule 10a). Raises NotAllowed."""
    row = read.execute(select(_DRAFT).where(_DRAFT.c.owner == owner)).first()
    if row is None or row.booked_id is None:
        raise NotAllowed()
    return replace(
        visit(read, row.booked_id),
        given_name=row.given_name,
        family_name=row.family_name,
        email=row.email,
        phone=row.phone,
    )


def _hold(read: Reading, hold_id: int | None, owner: str) -> tuple[HoldInfo | None, bool]:
    """The live hold, and whether the last one ran out."""
    if hold_id is None:
        return None, False
    mine = and_(_APPOINTMENT.c.id == hold_id, _APPOINTMENT.c.hold_owner == owner)
    row = read.execute(select(_APPOINTMENT).where(mine)).first()
    if row is None or row.status != HELD or row.hold_expires_at <= read.now:
        return None, True
    return HoldInfo(row.id, row.provider_id, row.start_at, row.end_at, row.hold_expires_at), False


def _line(
    clinic: Catalogue,
    item: Row[Any],
    gone: Mapping[int, str],
    location_id: int,
    working: frozenset[int],
    mine: prices.Purse,
) -> CartLine:
    """`gone`: what services are called that the clinic retired since."""
    service = clinic.services.get(item.service_id)
    offered = service is not None and rules.offered_at(clinic, service, location_id, working)
    price_minor = prices.price_minor(service, mine) if service else item.seen_price_minor
    return CartLine(
        service_id=item.service_id,
        name=service.name if service else gone[item.service_id],
        duration_minutes=service.duration_minutes if service else 0,
        seen_price_minor=item.seen_price_minor,
        seen_currency=item.seen_currency,
        price_minor=price_minor,
        worth_minor=price_minor,
        list_price_minor=service.price_minor if service else price_minor,
        lot_id=item.lot_id,
        is_repriced=(price_minor, clinic.clinic.currency) != (item.seen_price_minor, item.seen_currency),
        is_offered=offered,
        is_later=item.is_later,
    )


def _reference(read: Reading, appointment_id: int | None) -> str | None:
    if appointment_id is None:
        return None
    found: str | None = read.execute(
        select(_APPOINTMENT.c.reference).where(_APPOINTMENT.c.id == appointment_id)
    ).scalar()
    return found


def _empty(location_id: int) -> Draft:
    return Draft(
        id=0,
        patient_id=None,
        location_id=location_id,
        lines=(),
        given_name="",
        family_name="",
        email="",
        phone="",
        phone_typed="",
        time_zone=None,
        is_phone_verified=False,
        has_reviewed_visit=False,
        has_chosen_provider=False,
        provider_id=None,
        looking_at_on=None,
        hold=None,
        hold_ran_out=False,
        booked_reference=None,
    )
