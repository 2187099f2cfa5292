"""What pages show of a wallet, as words: the patient's own, and staff's. Values in, view values out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from clinic_portal.booking.statement import KeptFor, Statement
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.wallet import rules
from clinic_portal.wallet.telling import Line
from clinic_portal.wallet.types import LotInfo, Origin

ORIGINS = {Origin.PACKAGE: "From a package", Origin.MEMBERSHIP: "With your membership"}
DESK_ORIGINS = {
    Origin.PACKAGE: "Package",
    Origin.MEMBERSHIP: "Membership",
    Origin.GIFT: "Gift",
    Origin.STAFF: "Added by staff",
}


@dataclass
class ItemView:
    """Treatments or products of one kind, or credit of one gift."""

    id: int
    left: str
    name: str
    detail: str
    until: str
    is_soon: bool
    is_product: bool
    book: str  # where it can be booked; empty for what cannot be


@dataclass
class KeptView:
    """A deposit, and the visit it is kept for."""

    amount: str
    when: str
    what: str
    href: str


@dataclass
class LineView:
    """One thing that happened; `way` is in, out or within."""

    on: str
    what: str
    amount: str
    way: str
    reason: str
    who: str


@dataclass
class WalletView:
    """A whole wallet."""

    credit: list[str] = field(default_factory=list)
    money: list[ItemView] = field(default_factory=list)  # credit that has a day, or a giver
    kept: list[KeptView] = field(default_factory=list)
    things: list[ItemView] = field(default_factory=list)
    lines: list[LineView] = field(default_factory=list)
    more: bool = False
    has_credit: bool = False
    empty: bool = False


def mine(found: Statement, clinic: Catalogue, now: datetime) -> WalletView:
    """A wallet as its patient sees it."""
    name = clinic.clinic.name
    giver = {Origin.GIFT: f"A gift from {name}", Origin.STAFF: f"Added by {name}"}
    found = replace(found, lots=rules.together(found.lots))
    view = _wallet(found, clinic.clinic.currency, ORIGINS | giver, {}, now)
    for one, lot in zip(view.things, found.lots, strict=True):
        one.book = _book(lot, clinic)
    view.money = [one for one in view.money if one.until]
    return view


def summary(found: Statement) -> list[list[str]]:
    """The most of it in a few numbers, each with what it counts: credit, then what expires soonest."""
    credit = [[wording.money(minor, one, found.language), "Credit"] for one, minor in sorted(found.credit.items())]
    lots = rules.together(found.lots)
    return (credit + [[str(one.left), f"{one.name} left"] for one in lots if one.left])[:4]


def desk(found: Statement, currency: str, now: datetime, staff_names: Mapping[str, str]) -> WalletView:
    """The same as staff see it: with reasons and who."""
    return _wallet(found, currency, DESK_ORIGINS, staff_names, now)


def use_by(expires_at: datetime | None, zone: str, language: str) -> str:
    """`Use by Wed, Mar 3, 2027`; empty for what has no day."""
    if expires_at is None:
        return ""
    return f"Use by {wording.day(rules.last_day(expires_at, zone), zone, language, length='medium')}"


def _wallet(
    found: Statement, currency: str, origins: Mapping[Origin, str], who: Mapping[str, str], now: datetime
) -> WalletView:
    credit = found.credit or {currency: 0}
    return WalletView(
        credit=[wording.money(minor, one, found.language) for one, minor in sorted(credit.items())],
        money=[
            _item(one, wording.money(one.left, one.currency, found.language), found, origins, now)
            for one in found.money
        ],
        kept=[_kept(one, found.language) for one in found.kept],
        things=[_item(one, str(one.left), found, origins, now) for one in found.lots],
        lines=[_line(one, found, who) for one in found.history],
        more=found.has_more,
        has_credit=bool(found.credit),
        empty=found.is_empty,
    )


def _item(one: LotInfo, left: str, found: Statement, origins: Mapping[Origin, str], now: datetime) -> ItemView:
    since = wording.day(one.granted_at, found.zone, found.language, length="medium")
    told = [f"{origins[one.origin]}, {since}"]
    if one.category_id is not None:
        told.insert(0, "Any treatment of these")
    if one.reserved:
        told.append(f"{one.reserved} more kept for a visit")
    return ItemView(
        id=one.id,
        left=left,
        name=one.name,
        detail=" · ".join(told),
        until=use_by(one.expires_at, found.zone, found.language),
        is_soon=rules.is_soon(one.expires_at, now),
        is_product=bool(one.product),
        book="",
    )


def _book(one: LotInfo, clinic: Catalogue) -> str:
    """The page on which one of it can be booked, where one is left and it is still offered."""
    service, shelf = clinic.services.get(one.service_id or 0), clinic.categories.get(one.category_id or 0)
    if not one.left or one.product:
        return ""
    if service is not None:
        return f"/book?service={service.slug}"
    return f"/book?category={shelf.slug}" if shelf is not None else "/book"


def _kept(one: KeptFor, language: str) -> KeptView:
    on = wording.day(one.start_at, one.time_zone, language, length="medium")
    return KeptView(
        amount=wording.money(one.minor, one.currency, language),
        when=f"{on}, {wording.time(one.start_at, one.time_zone, language)}",
        what=" and ".join(one.service_names),
        href=f"/portal/visit?ref={one.reference}",
    )


def _line(one: Line, found: Statement, who: Mapping[str, str]) -> LineView:
    return LineView(
        on=wording.day(one.made_at, found.zone, found.language, length="medium"),
        what=one.what,
        amount=one.amount,
        way=one.way,
        reason=one.reason,
        who=who.get(one.actor, ""),
    )
