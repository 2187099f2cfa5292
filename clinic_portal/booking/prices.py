"""What services cost this patient: a member's price, and what their wallet may pay instead (S33, P8)."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from clinic_portal.booking.types import CartLine
from clinic_portal.clinic.types import Catalogue, ServiceInfo
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict
from clinic_portal.core.money import percent_of
from clinic_portal.core.work import Reading
from clinic_portal.memberships.queries import benefits
from clinic_portal.wallet import queries as wallet
from clinic_portal.wallet.rules import last_day
from clinic_portal.wallet.types import ITEM, LotInfo


@dataclass(frozen=True, slots=True)
class Purse:
    """What changes a patient's prices: a member's discount, and the treatments in their wallet."""

    discount_percent: int = 0
    lots: tuple[LotInfo, ...] = ()


def purse(read: Reading, patient_id: int | None, *, at: datetime | None = None) -> Purse:
    """A patient's, for a visit at an instant (now, unless told); a guest's is empty, whoever they say they are."""
    if patient_id is None:
        return Purse()
    member, day = benefits(read, patient_id), max(read.now, at or read.now)
    lots = wallet.lots(read, patient_id)
    usable = (one for one in lots if one.unit == ITEM and not one.product and one.left and not is_over(one, day))
    return Purse(member.discount_percent if member else 0, tuple(usable))


def is_over(lot: LotInfo, at: datetime) -> bool:
    """Whether something of the wallet is not good any more at an instant: a visit's, that is to use it."""
    return lot.expires_at is not None and lot.expires_at <= at


def must_be_good(lots: Collection[LotInfo], start_at: datetime, zone: str, language: str) -> None:
    """Raises Conflict ("item_expires") where one of these is not good any more when a visit begins."""
    over = [one for one in lots if is_over(one, start_at)]
    if over:
        day = min(last_day(one.expires_at, zone) for one in over if one.expires_at)
        until = wording.day(day, zone, language, length="medium")
        raise Conflict("item_expires", names=[one.name for one in over], until=until)


def price_minor(service: ServiceInfo, mine: Purse) -> int:
    """What a service costs whoever has this purse."""
    return service.price_minor - percent_of(service.price_minor, mine.discount_percent)


def fits(lot: LotInfo, service: ServiceInfo) -> bool:
    """Whether one of a lot pays for a service."""
    return service.id == lot.service_id or service.category_id == lot.category_id


def with_items(clinic: Catalogue, lines: Collection[CartLine], mine: Purse) -> tuple[CartLine, ...]:
    """Lines of a cart with the treatments of the wallet that are chosen or offered for them.

    One that is chosen pays for its line as long as it is there; offered is what expires soonest, once for each left.
    """
    taken: Counter[int] = Counter()
    known, found = {one.id: one for one in mine.lots}, []
    for line in lines:
        service = clinic.services.get(line.service_id)
        chosen = known.get(line.lot_id or 0)
        if service and chosen and fits(chosen, service) and taken[chosen.id] < chosen.left:
            taken[chosen.id] += 1
            line = _priced(clinic, replace(line, price_minor=0, lot=chosen))
        else:
            line = replace(line, lot_id=None)
        found.append(line)
    return tuple(_offered(clinic, line, mine, taken) for line in found)


def _offered(clinic: Catalogue, line: CartLine, mine: Purse, taken: Counter[int]) -> CartLine:
    service = clinic.services.get(line.service_id)
    if service is None or line.lot is not None or not line.worth_minor:
        return line
    free = (one for one in mine.lots if fits(one, service) and taken[one.id] < one.left)
    return _priced(clinic, replace(line, offer=next(free, None)))


def _priced(clinic: Catalogue, line: CartLine) -> CartLine:
    seen = (line.seen_price_minor, line.seen_currency)
    return replace(line, is_repriced=(line.price_minor, clinic.clinic.currency) != seen)
