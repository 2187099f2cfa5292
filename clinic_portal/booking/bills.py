"""What a visit comes to and what pays it: as it would be, and as it was when the patient checked out. Reads only."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import models, prices
from clinic_portal.booking.access import visit_for_staff
from clinic_portal.booking.types import Visit
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import ServiceInfo
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import PaymentInfo, Purpose, State
from clinic_portal.wallet import queries as wallet
from clinic_portal.wallet import visits
from clinic_portal.wallet.types import ITEM, LotInfo, Origin

HOW = ("card", "cash", "other")
"""How the rest is paid at the clinic."""
MOST_EXTRAS, MOST_EXTRA, LONGEST_WORDS = 5, 1_000_000, 120
_BILL = table(models.VisitBill)
_SERVICE = table(models.AppointmentService)


@dataclass(frozen=True, slots=True)
class Item:
    """What may pay a service: one of a lot of the patient's; `left` counts those this visit has reserved or used."""

    lot_id: int
    name: str
    origin: Origin
    left: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """A service of the visit, and with what it was to be paid (`lot_id`; None: money)."""

    id: int
    service_id: int
    name: str
    price_minor: int
    list_price_minor: int | None  # without their membership, where that is more
    lot_id: int | None
    fits: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Extra:
    """An amount added to the bill, or taken off it, and what for."""

    words: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Wish:
    """How staff and patient want the visit to be paid. Ids are of the visit's own lines and of the patient's lots."""

    not_done: frozenset[int] = frozenset()
    items: Mapping[int, int] = field(default_factory=dict)  # the lot that pays a line; a line without one is money
    extras: tuple[Extra, ...] = ()
    credit_minor: int = 0
    desk_how: str = ""


@dataclass(frozen=True, slots=True)
class Sums:
    """What a visit comes to, what pays it, and what of its deposit is left over. Whole minor units."""

    total_minor: int
    items_minor: int
    deposit_minor: int
    credit_minor: int
    desk_minor: int
    most_credit_minor: int  # as much credit as could be used
    back_minor: int  # of the deposit: goes back


@dataclass(frozen=True, slots=True)
class DoneLine:
    """A line of a finished bill. An extra has no service; what was not done counts for nothing."""

    name: str
    amount_minor: int
    service_id: int | None
    lot_id: int | None
    origin: Origin | None  # of what paid it
    item: str  # and its name
    is_done: bool


@dataclass(frozen=True, slots=True)
class Bill:
    """How a visit was paid for."""

    currency: str
    lines: tuple[DoneLine, ...]
    sums: Sums
    desk_how: str
    back_to: str  # card, wallet; empty where nothing went back
    made_at: datetime
    made_by: str
    kept: list[dict[str, Any]]  # the lines as they are kept


@dataclass(frozen=True, slots=True)
class DeskSheet:
    """A visit at the desk: what it would come to while it is not over, and what it came to."""

    visit: Visit
    lines: tuple[Line, ...]
    kept_minor: int  # the deposit kept for it
    credit_minor: int  # the patient's free credit
    let_go_minor: int  # a deposit that was only reserved, never taken
    back_to: str  # where the rest of a deposit goes: card, wallet
    booked_with: PaymentInfo | None
    bill: Bill | None

    @property
    def wish(self) -> Wish:
        """What is done unless somebody wants it otherwise: all was done, and paid as it was booked."""
        return Wish(items={one.id: one.lot_id for one in self.lines if one.lot_id is not None})


def sheet(read: Reading, actor: StaffActor, appointment_id: int) -> DeskSheet:
    """A visit for whoever checks patients in and out. Raises NotAllowed, also for one they may not see."""
    actor.must(Permission.RUN_VISITS)
    return of_visit(read, visit_for_staff(read, actor, appointment_id))


def of_visit(read: Reading, visit: Visit) -> DeskSheet:
    """The same for the domain's own use."""
    booked = payments.booked_with(read, visit.appointment_id)
    deposit = booked if booked and booked.purpose is Purpose.DEPOSIT else None
    return DeskSheet(
        visit=visit,
        lines=_lines(read, visit),
        kept_minor=wallet.kept_for(read, visit.appointment_id),
        credit_minor=wallet.credit(read, visit.patient_id).get(visit.currency, 0),
        let_go_minor=deposit.amount_minor if deposit and deposit.state is State.AUTHORISED else 0,
        back_to=catalogue(read).clinic.deposit_returns_to,
        booked_with=booked,
        bill=bill_of(read, visit.appointment_id),
    )


def reckon(found: DeskSheet, wish: Wish) -> Sums:
    """What the visit comes to so. Pure.

    Raises NotAllowed for what is not of this visit, Conflict ("bill_item_short") where a lot has fewer, and Invalid
    with the field it is about.
    """
    if not {*wish.not_done, *wish.items} <= {one.id for one in found.lines}:
        raise NotAllowed()
    done = [one for one in found.lines if one.id not in wish.not_done]
    _must_fit(done, wish)
    _must_be_amounts(wish.extras)
    items = sum(one.price_minor for one in done if one.id in wish.items)
    money = sum(one.price_minor for one in done if one.id not in wish.items)
    money += sum(one.amount_minor for one in wish.extras)
    if money < 0:
        raise Invalid("extra", "bill_below_nothing")
    deposit = min(found.kept_minor, money)
    most_credit = min(found.credit_minor, money - deposit)
    if not 0 <= wish.credit_minor <= most_credit:
        raise Invalid("credit", "bill_credit_too_much")
    return Sums(
        total_minor=items + money,
        items_minor=items,
        deposit_minor=deposit,
        credit_minor=wish.credit_minor,
        desk_minor=money - deposit - wish.credit_minor,
        most_credit_minor=most_credit,
        back_minor=found.kept_minor - deposit,
    )


def wanted_items(found: DeskSheet, wish: Wish) -> Counter[int]:
    """How many of which lots the visit uses so."""
    return Counter(lot_id for line_id, lot_id in wish.items.items() if line_id not in wish.not_done)


def written(found: DeskSheet, wish: Wish) -> list[dict[str, Any]]:
    """The lines of a bill as they are kept."""
    lines: list[dict[str, Any]] = []
    for one in found.lines:
        is_done = one.id not in wish.not_done
        lot_id = wish.items.get(one.id) if is_done else None
        lines.append(_kept(one.name, one.price_minor, one.service_id, lot_id, is_done=is_done))
    return lines + [_kept(one.words, one.amount_minor, None, None, is_done=True) for one in wish.extras]


def bill_of(read: Reading, appointment_id: int) -> Bill | None:
    """How a visit was paid for; None while its patient is not checked out. The caller has authorised it."""
    row = read.execute(select(_BILL).where(_BILL.c.appointment_id == appointment_id)).first()
    return _bill(read, row) if row is not None else None


def _bill(read: Reading, row: Row[Any]) -> Bill:
    return Bill(
        currency=row.currency,
        lines=tuple(_done(read, one) for one in row.lines),
        sums=Sums(
            total_minor=row.total_minor,
            items_minor=row.from_wallet_items_minor,
            deposit_minor=row.from_deposit_minor,
            credit_minor=row.from_credit_minor,
            desk_minor=row.at_desk_minor,
            most_credit_minor=row.from_credit_minor,
            back_minor=row.deposit_back_minor,
        ),
        desk_how=row.desk_how,
        back_to=row.deposit_back_to,
        made_at=row.made_at,
        made_by=row.made_by,
        kept=row.lines,
    )


def _done(read: Reading, kept: dict[str, Any]) -> DoneLine:
    lot = wallet.lot(read, kept["lot_id"]) if kept["lot_id"] is not None else None
    return DoneLine(**kept, origin=lot.origin if lot else None, item=lot.name if lot else "")


def _kept(name: str, amount_minor: int, service_id: int | None, lot_id: int | None, *, is_done: bool) -> dict[str, Any]:
    return {
        "name": name,
        "amount_minor": amount_minor,
        "service_id": service_id,
        "lot_id": lot_id,
        "is_done": is_done,
    }


def _lines(read: Reading, visit: Visit) -> tuple[Line, ...]:
    here = select(_SERVICE).where(_SERVICE.c.appointment_id == visit.appointment_id)
    rows = read.execute(here.order_by(_SERVICE.c.position, _SERVICE.c.id)).all()
    mine = Counter(visits.reserved(read, visit.appointment_id)) + Counter(visits.used(read, visit.appointment_id))
    lots = [one for one in wallet.lots(read, visit.patient_id, with_gone=True) if one.unit == ITEM and not one.product]
    known = catalogue(read).services
    lines, kept = [], mine.copy()
    for row in rows:
        service = known.get(row.service_id)
        lot_id = row.lot_id if kept[row.lot_id] > 0 else None
        if lot_id is not None:
            kept[lot_id] -= 1
        fits = (_item(read, one, mine[one.id]) for one in lots if _fits(one, row, service))
        lines.append(
            Line(
                id=row.id,
                service_id=row.service_id,
                name=row.name,
                price_minor=row.price_minor,
                list_price_minor=row.list_price_minor,
                lot_id=lot_id,
                fits=tuple(one for one in fits if one.left > 0),
            )
        )
    return tuple(lines)


def _fits(lot: LotInfo, row: Row[Any], service: ServiceInfo | None) -> bool:
    """As in the wizard; of a service that is switched off by now, what is for it alone, or was reserved for it."""
    is_fit = prices.fits(lot, service) if service else lot.service_id == row.service_id
    return is_fit or lot.id == row.lot_id


def _item(read: Reading, lot: LotInfo, mine: int) -> Item:
    is_over = lot.expires_at is not None and lot.expires_at <= read.now
    return Item(lot.id, lot.name, lot.origin, mine + (0 if is_over else lot.left), lot.expires_at)


def _must_fit(done: list[Line], wish: Wish) -> None:
    """Each line is paid with what fits it, and no lot with more than it has."""
    asked: Counter[int] = Counter()
    for one in done:
        lot_id = wish.items.get(one.id)
        if lot_id is None:
            continue
        asked[lot_id] += 1
        left = next((item.left for item in one.fits if item.lot_id == lot_id), None)
        if left is None or asked[lot_id] > left:
            raise Conflict("bill_item_short")


def _must_be_amounts(extras: tuple[Extra, ...]) -> None:
    if len(extras) > MOST_EXTRAS:
        raise Invalid("extra", "bill_extras_many", most=MOST_EXTRAS)
    for one in extras:
        if not one.words or len(one.words) > LONGEST_WORDS:
            raise Invalid("words", "bill_words_missing")
        if not 0 < abs(one.amount_minor) <= MOST_EXTRA:
            raise Invalid("amount", "bill_amount")
