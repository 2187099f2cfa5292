"""Decisions about wallets, from values: until when something is valid, what staff may type. No database, no clock."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from clinic_portal.clinic import editing_rules as fields
from clinic_portal.core.errors import Invalid, Unusable
from clinic_portal.wallet.types import MOST, MOST_ITEMS, LotInfo

T = TypeVar("T")
SHORTEST_REASON, LONGEST_REASON = 3, 300
LATEST_YEARS = 20
"""How far ahead an expiry may lie: what is further is a mistyped year."""
SOON = timedelta(days=30)
"""How long before it expires a patient is warned."""
CREDIT, SERVICE, CATEGORY, PRODUCT = "credit", "service", "category", "product"
GIFT, ADDED = "gift", "added"


@dataclass(frozen=True, slots=True)
class Giving:
    """What staff put into a wallet, as it was typed and understood."""

    what: str  # credit | service | category | product
    row_id: int  # of the service or category
    product: str
    count: int  # how many, or how much money in minor units
    each_minor: int | None  # what one is worth, where it was said
    until_on: date | None
    is_gift: bool
    reason: str


def expires_at(until_on: date, zone: str) -> datetime:
    """The first instant at which what is valid through a day is not valid any more: the day after begins.

    Where the clocks skip midnight that is when they jump; where midnight comes twice, the first time.
    """
    return datetime.combine(until_on + timedelta(days=1), time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def last_day(expires: datetime, zone: str) -> date:
    """The day through which something is valid that expires at an instant."""
    return (expires - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()


def is_soon(expires: datetime | None, now: datetime) -> bool:
    """Whether a patient should be warned that something expires."""
    return expires is not None and now < expires <= now + SOON


def together(lots: Iterable[LotInfo]) -> tuple[LotInfo, ...]:
    """What a patient need not tell apart as one: the same thing, come by the same way, good until the same day.

    Each stands where its first stood, under that one's id and day.
    """
    found: dict[tuple[object, ...], LotInfo] = {}
    for one in lots:
        alike = (one.origin, one.name, one.service_id, one.category_id, one.product, one.currency, one.expires_at)
        same = found.get(alike)
        found[alike] = one if same is None else _both(same, one)
    return tuple(found.values())


def _both(one: LotInfo, other: LotInfo) -> LotInfo:
    sums = {name: getattr(one, name) + getattr(other, name) for name in ("granted", "left", "reserved", "worth_minor")}
    return replace(one, granted_at=min(one.granted_at, other.granted_at), **sums)


def reason(typed: str) -> str:
    """Why staff do something with a wallet, in their words. Raises Invalid where they say nothing, or a novel."""
    told = " ".join(typed.split())
    if len(told) < SHORTEST_REASON:
        raise Invalid("reason", "reason_missing")
    if len(told) > LONGEST_REASON:
        raise Invalid("reason", "text_long", limit=LONGEST_REASON)
    return str(fields.line(LONGEST_REASON)("reason", told))


def amount(field: str, typed: str, currency: str) -> int:
    """Money as people write it, in minor units: more than nothing, and no more than goes through a wallet at once."""
    minor = int(fields.money(currency)(field, typed))
    if not 0 < minor <= MOST:
        raise Invalid(field, "wallet_amount", most_minor=MOST, currency=currency)
    return minor


def count(field: str, typed: str, most: int = MOST_ITEMS) -> int:
    """How many: at least one."""
    return int(fields.number(1, min(most, MOST_ITEMS))(field, typed))


def giving(typed: Mapping[str, str], *, currency: str, today: date) -> Giving:
    """What staff typed to put into a wallet. Raises Unusable with what is wrong, field by field."""
    faults: list[Invalid] = []

    def read(reader: Callable[[], T], usual: T) -> T:
        try:
            return reader()
        except Invalid as fault:
            faults.append(fault)
            return usual

    what, row_id = read(lambda: _what(typed.get("what", "")), (CREDIT, 0))
    is_money = what == CREDIT
    many = read(
        lambda: (
            amount("amount", typed.get("amount", ""), currency) if is_money else count("count", typed.get("count", ""))
        ),
        1,
    )
    product = (
        read(lambda: fields.line(80, required=True)("product", typed.get("product", "")), "") if what == PRODUCT else ""
    )
    each = None if is_money else read(lambda: _each(typed.get("each", ""), currency), None)
    if each is not None and each * many > MOST:
        faults.append(Invalid("each", "wallet_amount", most_minor=MOST, currency=currency))
    until = read(lambda: _until(typed.get("until", ""), today), None)
    how = read(lambda: fields.choice(GIFT, ADDED)("how", typed.get("how", "")), GIFT)
    why = read(lambda: reason(typed.get("reason", "")), "")
    if faults:
        raise Unusable(faults)
    return Giving(what, row_id, product, many, each, until, how == GIFT, why)


def _what(typed: str) -> tuple[str, int]:
    kind, _, number = typed.partition(":")
    if kind in (CREDIT, PRODUCT) and not number:
        return kind, 0
    if kind in (SERVICE, CATEGORY) and number.isascii() and number.isdigit() and len(number) <= 9:
        return kind, int(number)
    raise Invalid("what", "history_choice")


def _each(typed: str, currency: str) -> int | None:
    return int(fields.money(currency)("each", typed)) if typed.strip() else None


def _until(typed: str, today: date) -> date | None:
    if not typed.strip():
        return None
    try:
        found = date.fromisoformat(typed.strip())
    except ValueError:
        raise Invalid("until", "wallet_day") from None
    if found < today:
        raise Invalid("until", "wallet_day_past")
    if found.year > today.year + LATEST_YEARS:
        raise Invalid("until", "wallet_day")
    return found
