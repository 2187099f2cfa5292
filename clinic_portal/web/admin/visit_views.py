"""A visit at the desk as its page shows it: values in, view values out. No State, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from clinic_portal.booking import bill_words, reasons
from clinic_portal.booking.bills import Bill, DeskSheet, Item, Line, Sums, Wish
from clinic_portal.booking.types import Reason, Visit
from clinic_portal.core import wording
from clinic_portal.payments.types import Purpose, State
from clinic_portal.web.admin import day_words
from clinic_portal.web.admin.payments import words
from clinic_portal.web.admin.settings.policy_views import amount as typed_amount
from clinic_portal.web.components.receipt import AmountView, FactView
from clinic_portal.web.portal.views import hours

MONEY = "money"
STANDING = {
    "booked": ("Booked", "booked"),
    "arrived": ("Arrived", "arrived"),
    "fulfilled": ("Done", "done"),
    "cancelled": ("Cancelled", "off"),
    "noshow": ("Missed", "off"),
}
WHY = {reasons.OVERRIDE: day_words.OVERRIDE, reasons.CANCELLED: "Why it was cancelled"}


@dataclass
class AlertView:
    """Something to be seen to before the treatment."""

    told: str
    href: str
    label: str


@dataclass
class LineView:
    """A service, and what pays it. `choices` are (value, words)."""

    id: int
    name: str
    price: str
    before: str  # the price without a membership
    is_done: bool
    pays: str
    choices: list[list[str]]
    note: str


@dataclass
class ExtraView:
    """An amount added or taken off."""

    number: int
    words: str
    amount: str


@dataclass
class DoneView:
    """A line of a finished bill."""

    name: str
    amount: str
    told: str


@dataclass
class DeskView:
    """The visit."""

    who: str
    patient_href: str
    status: str
    kind: str
    since: str
    facts: list[FactView]
    alerts: list[AlertView]
    may_check_in: bool = False
    may_undo: bool = False
    why_not: str = ""
    move_href: str = ""  # where it is moved; empty for who may not, and once it cannot be
    may_cancel: bool = False
    is_open: bool = False  # its bill can be made
    lines: list[LineView] = field(default_factory=list)
    extras: list[ExtraView] = field(default_factory=list)
    total: str = ""
    parts: list[AmountView] = field(default_factory=list)
    desk: str = ""  # what is to be paid now; empty where nothing is
    how: str = ""
    currency: str = ""
    credit: str = ""  # what is free; empty where none is
    credit_used: str = ""
    credit_typed: str = ""
    notes: list[str] = field(default_factory=list)
    done: list[DoneView] = field(default_factory=list)
    done_by: str = ""
    receipt: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    turn: int = 0  # rises when a box is to be drawn anew


def view(
    found: DeskSheet,
    wish: Wish,
    sums: Sums | None,
    *,
    now: datetime,
    card: str,
    alerts: Sequence[AlertView],
    names: dict[str, str],
    errors: dict[str, str],
    sees_payments: bool,
    language: str,
) -> DeskView:
    """The visit as it stands, and its bill as it would be, or as it was."""
    visit, zone = found.visit, found.visit.location.time_zone
    status, kind = STANDING.get(visit.status, (visit.status, "off"))
    today, day = (wording.local(at, zone).date() for at in (now, visit.start_at))
    is_its_day = today >= day
    stands = visit.status in ("booked", "arrived")
    shown = DeskView(
        who=f"{visit.given_name} {visit.family_name}",
        patient_href=f"/admin/patient?id={visit.patient_id}",
        status=status,
        kind=kind,
        since=_since(found, zone, language),
        facts=_facts(found, card, language),
        alerts=list(alerts),
        may_check_in=visit.status == "booked" and is_its_day,
        may_undo=visit.arrived_at is not None
        and visit.status == "arrived"
        and wording.local(visit.arrived_at, zone).date() == today,
        why_not="" if is_its_day or not stands else "They can be checked in on the day they come.",
        is_open=stands and is_its_day and sums is not None,
        errors={name: errors.get(name, "") for name in ("credit", "amount", "words", "how")},
    )
    if found.bill is not None:
        _show_bill(shown, found.bill, names, zone, language)
        shown.receipt = f"/admin/receipt.pdf?visit={visit.reference}" if sees_payments else ""
    elif stands and sums is not None:
        _show_plan(shown, found, wish, sums, language)
    return shown


def move_href(visit: Visit) -> str:
    """The calendar on the day of a visit."""
    on = wording.local(visit.start_at, visit.location.time_zone).date()
    return f"/admin/calendar?on={on}&location={visit.location.id}"


def why(told: Sequence[Reason], names: Mapping[str, str], found: DeskSheet, language: str) -> list[FactView]:
    """Why it was cancelled, and each rule that was bent for it: in whose words, and when."""
    zone = found.visit.location.time_zone
    return [
        FactView(
            f"{WHY[one.kind]}: {names.get(one.written_by, 'staff')}, {wording.moment(one.written_at, zone, language)}",
            one.body,
        )
        for one in told
    ]


def _since(found: DeskSheet, zone: str, language: str) -> str:
    visit = found.visit
    if visit.fulfilled_at is not None:
        return f"since {wording.time(visit.fulfilled_at, zone, language)}"
    return f"at {wording.time(visit.arrived_at, zone, language)}" if visit.arrived_at is not None else ""


def _facts(found: DeskSheet, card: str, language: str) -> list[FactView]:
    visit, zone = found.visit, found.visit.location.time_zone
    when = f"{wording.day(visit.start_at, zone, language)}, {hours(visit.start_at, visit.end_at, zone, language)}"
    return [
        FactView("When", when),
        FactView("With", visit.provider_name),
        FactView("Where", visit.location.name),
        FactView("Confirmation", visit.reference),
        FactView("Phone", wording.phone(visit.phone)),
        FactView("Paid when booked", _at_booking(found, card, language)),
    ]


def _at_booking(found: DeskSheet, card: str, language: str) -> str:
    paid = found.booked_with
    if paid is None:
        return "Nothing: no card was asked for"
    if paid.purpose is not Purpose.DEPOSIT:
        return f"Nothing: {card or 'a card'} was checked"
    amount = wording.money(paid.amount_minor, paid.currency, language)
    what = f"Deposit {amount}" + (f" with {card}" if card else "")
    state, _ = words.state(paid)
    return what if paid.state is State.PAID and not paid.refunded_minor else f"{what}: {state.lower()}"


def _show_plan(shown: DeskView, found: DeskSheet, wish: Wish, sums: Sums, language: str) -> None:
    currency = found.visit.currency

    def money(minor: int) -> str:
        return wording.money(minor, currency, language)

    shown.currency = currency
    shown.lines = [_line(one, wish, found, language) for one in found.lines]
    shown.extras = [ExtraView(number, one.words, money(one.amount_minor)) for number, one in enumerate(wish.extras)]
    shown.total = money(sums.total_minor)
    told = bill_words.parts(replace(sums, desk_minor=0), currency, language, is_done=False)
    shown.parts = [AmountView(what, f"−{minor}", False) for what, minor in told]
    shown.desk = money(sums.desk_minor) if sums.desk_minor else ""
    shown.how = wish.desk_how
    if sums.most_credit_minor:
        shown.credit = money(found.credit_minor)
        shown.credit_typed = typed_amount(sums.credit_minor or sums.most_credit_minor, currency)
        shown.credit_used = money(sums.credit_minor) if sums.credit_minor else ""
    if sums.back_minor:
        where = bill_words.BACK_TO[found.back_to]
        shown.notes.append(f"{money(sums.back_minor)} of the deposit is left over and {where}.")
    if found.let_go_minor:
        shown.notes.append(
            f"The deposit of {money(found.let_go_minor)} was not taken yet: it is let go, and paid here instead."
        )


def _line(one: Line, wish: Wish, found: DeskSheet, language: str) -> LineView:
    price = wording.money(one.price_minor, found.visit.currency, language)
    before = wording.money(one.list_price_minor, found.visit.currency, language) if one.list_price_minor else ""
    paid_with = wish.items.get(one.id)
    is_done = one.id not in wish.not_done
    return LineView(
        id=one.id,
        name=one.name,
        price=price,
        before=before,
        is_done=is_done,
        pays=str(paid_with) if paid_with is not None else MONEY,
        choices=[[MONEY, f"Money, {price}"], *([str(item.lot_id), _item(item, found, language)] for item in one.fits)],
        note="" if is_done else "Not done: nothing is asked for it",
    )


def _item(item: Item, found: DeskSheet, language: str) -> str:
    """`Package: Hydrating facial, 2 left, until Dec 31`."""
    told = f"{bill_words.ORIGINS[item.origin].capitalize()}: {item.name}, {item.left} left"
    if item.expires_at is None:
        return told
    last = item.expires_at - timedelta(seconds=1)
    return f"{told}, until {wording.day(last, found.visit.location.time_zone, language, length='medium')}"


def _show_bill(shown: DeskView, bill: Bill, names: dict[str, str], zone: str, language: str) -> None:
    def money(minor: int) -> str:
        return wording.money(minor, bill.currency, language)

    shown.done = [
        DoneView(
            name=one.name,
            amount=money(one.amount_minor) if one.is_done else "–",
            told=bill_words.paid_with(one).replace("your ", "the ") if one.is_done else "Not done",
        )
        for one in bill.lines
    ]
    shown.total = money(bill.sums.total_minor)
    told = bill_words.parts(bill.sums, bill.currency, language, how=bill.desk_how)
    shown.parts = [AmountView(what, amount, False) for what, amount in told]
    back = bill_words.went_back(bill, language)
    shown.notes = [back] if back else []
    on = wording.moment(bill.made_at, zone, language)
    shown.done_by = f"Checked out {on}, by {names.get(bill.made_by, 'staff')}"
