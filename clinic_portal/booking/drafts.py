"""Verbs of the wizard's draft: cart, details, phone code, choices. Each takes the browser's digest as `owner`."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, select, update

from clinic_portal.accounts import codes
from clinic_portal.accounts.emails import email_key
from clinic_portal.accounts.types import CodeAnswer
from clinic_portal.booking import models, prices, rules
from clinic_portal.booking.holds import let_go
from clinic_portal.booking.queries import cart_services, draft_to_change, working_at
from clinic_portal.booking.types import Draft
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.packages import purchase
from clinic_portal.patients import profile, wishes
from clinic_portal.patients import rules as patient_rules
from clinic_portal.patients.queries import known_contact
from clinic_portal.payments import books

BOOKING_CODE = "booking"
FORGOTTEN_AFTER = timedelta(days=1)
_DRAFT = table(models.BookingDraft)
_ITEM = table(models.DraftItem)
_APPOINTMENT = table(models.Appointment)
_NOBODY = dict.fromkeys(("given_name", "family_name", "email", "phone", "phone_typed", "verified_phone"), "")


def add_service(work: UnitOfWork, owner: str, service_id: int) -> None:
    """Put a service into the cart (S62); one that is there already stays once. Raises NotAllowed, Conflict."""
    clinic = catalogue(work)
    service = rules.bookable(clinic, service_id)
    if service is None:
        raise NotAllowed()
    draft_id = _mine(work, owner)
    items = work.execute(
        select(_ITEM.c.service_id, _ITEM.c.position, _ITEM.c.is_later).where(_ITEM.c.draft_id == draft_id)
    ).all()
    if any(item.service_id == service_id for item in items):
        return
    if len(items) >= rules.MOST_SERVICES:
        raise Conflict("cart_full", limit=rules.MOST_SERVICES)
    minutes = sum(clinic.services[i.service_id].duration_minutes for i in items if i.service_id in clinic.services)
    if minutes + service.duration_minutes > rules.MOST_MINUTES:
        raise Conflict("cart_long", limit_minutes=rules.MOST_MINUTES)
    work.execute(
        insert(_ITEM),
        {
            "draft_id": draft_id,
            "service_id": service_id,
            "seen_price_minor": prices.price_minor(service, prices.purse(work, _patient(work, draft_id))),
            "seen_currency": clinic.clinic.currency,
            "position": max((item.position for item in items), default=0) + 1,
            "is_later": False,
        },
    )
    _cart_changed(work, owner)


def use_item(work: UnitOfWork, owner: str, service_id: int, *, is_used: bool) -> None:
    """Pay for a service of the cart with one of the treatments in the patient's wallet, or with money after all.

    Raises Conflict ("item_gone") where there is none for it.
    """
    mine = draft_to_change(work, owner)
    line = next((one for one in mine.lines if one.service_id == service_id), None)
    if line is None or mine.patient_id is None:
        raise NotAllowed()
    lot = line.lot or line.offer
    if is_used and lot is None:
        raise Conflict("item_gone")
    lot_id = lot.id if is_used and lot else None
    seen = {"lot_id": lot_id, "seen_price_minor": 0 if lot_id else line.worth_minor}
    work.execute(update(_ITEM).where(_item(mine.id, service_id)).values(**seen))
    _change(work, owner)


def remove_service(work: UnitOfWork, owner: str, service_id: int) -> None:
    """Take a service out of the cart."""
    work.execute(delete(_ITEM).where(_item(_mine(work, owner), service_id)))
    _cart_changed(work, owner)


def set_aside(work: UnitOfWork, owner: str, service_ids: Sequence[int], *, is_later: bool) -> None:
    """Move services to a visit of their own, or back (S70)."""
    draft_id = _mine(work, owner)
    mine = and_(_ITEM.c.draft_id == draft_id, _ITEM.c.service_id.in_(service_ids))
    work.execute(update(_ITEM).where(mine).values(is_later=is_later))
    _cart_changed(work, owner)


def choose_location(work: UnitOfWork, owner: str, location_id: int) -> None:
    """Choose where to be treated. Raises NotAllowed."""
    if location_id not in catalogue(work).locations:
        raise NotAllowed()
    _mine(work, owner)
    _cart_changed(work, owner, location_id=location_id)


def save_details(
    work: UnitOfWork, owner: str, *, given_name: str, family_name: str, email: str, phone: str, time_zone: str = ""
) -> None:
    """Keep who the patient says they are (S63). Raises Unusable, with every field that cannot be used.

    A phone other than the one proved needs a new code; the proof of the old one stays for it. Whoever is signed in
    changes their details in their portal. Raises NotAllowed for them. `time_zone` is what the browser tells of its
    own; one that is none is passed over.
    """
    if draft_to_change(work, owner).patient_id is not None:
        raise NotAllowed()
    region = catalogue(work).clinic.phone_region
    contact = patient_rules.contact(
        given_name=given_name, family_name=family_name, email=email, phone=phone, region=region
    )
    zone = time_zone if time_zone in wishes.time_zones() else None
    _change(work, owner, phone_typed=phone.strip(), time_zone=zone, **asdict(contact))


def send_code(work: UnitOfWork, owner: str, *, address: str) -> None:
    """Send a code to the draft's phone, `address` being where the request came from (S66). Raises TooMany."""
    mine = draft_to_change(work, owner)
    if not mine.phone:
        raise Conflict("details_missing")
    codes.send(work, purpose=BOOKING_CODE, owner=owner, phone=mine.phone, address=address)


def answer_code(work: UnitOfWork, owner: str, digits: str) -> CodeAnswer:
    """Try a code against the draft's phone; the right one proves it (S66, S67)."""
    mine = draft_to_change(work, owner)
    if mine.is_phone_verified:
        return CodeAnswer.RIGHT
    answer = codes.answer(work, purpose=BOOKING_CODE, owner=owner, phone=mine.phone, digits=digits)
    if answer is CodeAnswer.RIGHT:
        _change(work, owner, verified_phone=mine.phone, verified_at=work.now)
    return answer


def sign_in(work: UnitOfWork, owner: str, patient_id: int) -> None:
    """A patient who is signed in books for themselves: their details are known, and so is a phone proved before.

    What somebody else began or booked in this browser is not theirs: it goes.
    """
    known, is_proved = known_contact(work, patient_id)
    before = draft_to_change(work, owner)
    is_other_patient = before.patient_id not in (None, patient_id)
    is_other_guest = before.booked_reference is not None and email_key(before.email) != email_key(known.email)
    if is_other_patient or is_other_guest:
        forget(work, owner)
    _show_own_prices(work, before, patient_id)
    proved_at = profile.own(work, patient_id).phone_verified_at
    proof = {"verified_phone": known.phone, "verified_at": proved_at} if is_proved else {}
    _change(work, owner, patient_id=patient_id, phone_typed=known.phone, **asdict(known), **proof)


def is_as_on_file(read: Reading, mine: Draft, patient_id: int) -> bool:
    """Whether a draft is that patient's and knows what their profile knows, which they may change on the way."""
    known, is_proved = known_contact(read, patient_id)
    same = all(getattr(mine, name) == value for name, value in asdict(known).items())
    return mine.patient_id == patient_id and same and (mine.is_phone_verified or not is_proved)


def sign_out(work: UnitOfWork, owner: str) -> None:
    """Nobody is signed in here any more: what was known of the patient leaves the draft, the cart stays."""
    mine = and_(_DRAFT.c.owner == owner, _DRAFT.c.patient_id.is_not(None))
    work.execute(update(_DRAFT).where(mine).values(patient_id=None, verified_at=None, booked_id=None, **_NOBODY))


def change_owner(work: UnitOfWork, old: str, new: str) -> None:
    """The browser has a new pre-session cookie (it signed in): its cart and held time go over to it."""
    work.in_turn("draft", old)
    work.execute(update(_DRAFT).where(_DRAFT.c.owner == old).values(owner=new))
    work.execute(update(_APPOINTMENT).where(_APPOINTMENT.c.hold_owner == old).values(hold_owner=new))
    books.change_owner(work, old, new)
    purchase.change_owner(work, old, new)


def forget(work: UnitOfWork, owner: str) -> None:
    """This browser is to know nothing any more: its draft goes, the time it held, and the fee it went to pay."""
    books.disown_fees(work, owner)
    mine = draft_to_change(work, owner)
    if mine.hold:
        let_go(work, mine.hold, mine.location_id)
    work.execute(delete(_ITEM).where(_ITEM.c.draft_id == mine.id))
    work.execute(delete(_DRAFT).where(_DRAFT.c.owner == owner))
    books.change_owner(work, owner, None)
    purchase.forget(work, owner)


def agree_to_visit(work: UnitOfWork, owner: str) -> None:
    """The patient looked at the visit's services and today's prices and goes on (S68).

    Raises Conflict when the cart is empty, holds a service that is gone, or no single provider performs it all.
    """
    clinic, mine = catalogue(work), draft_to_change(work, owner)
    services = cart_services(clinic, mine)
    if not services:
        raise Conflict("cart_empty")
    if not rules.able(clinic, services, working_at(work, clinic, mine.location_id)):
        raise Conflict("no_single_provider")
    for service in services:
        seen = {"seen_price_minor": service.price_minor, "seen_currency": clinic.clinic.currency}
        work.execute(update(_ITEM).where(_item(mine.id, service.id)).values(**seen))
    assigned = clinic.clinic.provider_choice == "first_available"
    _change(work, owner, has_reviewed_visit=True, has_chosen_provider=mine.has_chosen_provider or assigned)


def choose_provider(work: UnitOfWork, owner: str, provider_id: int | None) -> None:
    """Choose a provider by name, or None for first available, as far as the clinic offers it (S71, S72).

    Raises NotAllowed for a choice that is not offered.
    """
    clinic, mine = catalogue(work), draft_to_change(work, owner)
    services = cart_services(clinic, mine)
    if provider_id is None:
        allowed = rules.may_take_first_available(clinic)
    else:
        choices = rules.choosable(clinic, services, working_at(work, clinic, mine.location_id))
        allowed = any(provider.id == provider_id for provider in choices)
    if not allowed:
        raise NotAllowed()
    if mine.hold and provider_id not in (None, mine.hold.provider_id):
        let_go(work, mine.hold, mine.location_id)
    _change(work, owner, provider_id=provider_id, has_chosen_provider=True)


def wish_for_provider(work: UnitOfWork, owner: str, provider_id: int) -> None:
    """Remember whom a link named; the provider step suggests them. Raises NotAllowed."""
    if not rules.is_choosable(catalogue(work), provider_id):
        raise NotAllowed()
    _change(work, owner, provider_id=provider_id, has_chosen_provider=False)


def look_at(work: UnitOfWork, owner: str, on: date) -> None:
    """Remember the day the patient is looking at, so that a reload comes back to it."""
    _change(work, owner, looking_at_on=on)


def forget_old(work: UnitOfWork) -> int:
    """Delete drafts a day after their last change; an abandoned wizard or purchase leaves nothing (S64)."""
    purchase.forget_old(work)
    old = select(_DRAFT.c.id).where(_DRAFT.c.updated_at < work.now - FORGOTTEN_AFTER)
    work.execute(delete(_ITEM).where(_ITEM.c.draft_id.in_(old)))
    return work.execute(delete(_DRAFT).where(_DRAFT.c.id.in_(old))).rowcount  # type: ignore[no-any-return]


def after_booking(work: UnitOfWork, mine: Draft, appointment_id: int) -> None:
    """Empty the cart of what was booked; what was set aside stands in it for the next visit (S70)."""
    work.execute(delete(_ITEM).where(_ITEM.c.draft_id == mine.id, _ITEM.c.is_later.is_(False)))
    if mine.later_lines:
        work.execute(update(_ITEM).where(_ITEM.c.draft_id == mine.id).values(is_later=False))
    work.execute(
        update(_DRAFT)
        .where(_DRAFT.c.id == mine.id)
        .values(
            hold_id=None,
            booked_id=appointment_id,
            has_reviewed_visit=False,
            has_chosen_provider=False,
            provider_id=None,
            looking_at_on=None,
            updated_at=work.now,
        )
    )


def _show_own_prices(work: UnitOfWork, mine: Draft, patient_id: int) -> None:
    """What was in the cart at everybody's price is there at the member's: less needs no second look."""
    services, own = catalogue(work).services, prices.purse(work, patient_id)
    for line in mine.lines if own.discount_percent else ():
        service = services.get(line.service_id)
        if service and line.seen_price_minor == service.price_minor:
            less = {"seen_price_minor": prices.price_minor(service, own)}
            work.execute(update(_ITEM).where(_item(mine.id, service.id)).values(**less))


def _patient(read: Reading, draft_id: int) -> int | None:
    found: int | None = read.execute(select(_DRAFT.c.patient_id).where(_DRAFT.c.id == draft_id)).scalar()
    return found


def _cart_changed(work: UnitOfWork, owner: str, **values: Any) -> None:
    """Another cart or place asks for another time: what was held is let go, and the visit is looked at again."""
    mine = draft_to_change(work, owner)
    if mine.hold:
        let_go(work, mine.hold, mine.location_id)
    clinic = catalogue(work)
    place = values.get("location_id", mine.location_id)
    services = [clinic.services[line.service_id] for line in mine.now_lines if line.service_id in clinic.services]
    still_able = mine.provider_id in rules.able(clinic, services, working_at(work, clinic, place))
    if mine.provider_id is not None and not still_able:
        values |= {"provider_id": None, "has_chosen_provider": False}
    _change(work, owner, has_reviewed_visit=False, hold_id=None, **values)


def _change(work: UnitOfWork, owner: str, **values: Any) -> None:
    draft_id = _mine(work, owner)
    work.execute(update(_DRAFT).where(_DRAFT.c.id == draft_id).values(updated_at=work.now, **values))


def _mine(work: UnitOfWork, owner: str) -> int:
    """The id of this browser's draft, made at its first change."""
    if not owner:
        raise NotAllowed("no_cookie")
    work.in_turn("draft", owner)
    found = work.execute(select(_DRAFT.c.id).where(_DRAFT.c.owner == owner)).scalar()
    return int(found) if found is not None else _begin(work, owner, work.now)


def _begin(work: UnitOfWork, owner: str, now: datetime) -> int:
    blank = models.BookingDraft(owner=owner, created_at=now, updated_at=now)
    work.session.add(blank)
    work.session.flush()
    assert blank.id is not None
    return blank.id


def _item(draft_id: int, service_id: int) -> ColumnElement[bool]:
    return and_(_ITEM.c.draft_id == draft_id, _ITEM.c.service_id == service_id)
