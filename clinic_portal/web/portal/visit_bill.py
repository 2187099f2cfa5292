"""How a visit was paid for once it is over: a part of the visit's page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from clinic_portal.booking import bill_words, bills
from clinic_portal.booking.types import Visit
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.web.components.basics import SMALL, card
from clinic_portal.web.components.receipt import AmountView


@dataclass
class BillLineView:
    """What was paid for, and what of the wallet paid it."""

    name: str
    amount: str
    told: str


@dataclass
class BillView:
    """The bill."""

    on: str
    lines: list[BillLineView]
    parts: list[AmountView]
    note: str
    receipt: str


def of_visit(read: Reading, visit: Visit, language: str) -> list[BillView]:
    """The bill of a visit; none before its patient is checked out. The caller has authorised it."""
    bill = bills.bill_of(read, visit.appointment_id)
    if bill is None:
        return []

    def money(minor: int) -> str:
        return wording.money(minor, bill.currency, language)

    parts = bill_words.parts(bill.sums, bill.currency, language, how=bill.desk_how)
    shown = BillView(
        on=f"On {wording.day(bill.made_at, visit.location.time_zone, language)}.",
        lines=[
            BillLineView(
                one.name,
                money(one.amount_minor) if one.is_done else "–",
                bill_words.paid_with(one) if one.is_done else "Not done: you paid nothing for it",
            )
            for one in bill.lines
        ],
        parts=[
            AmountView("Total", money(bill.sums.total_minor), True),
            *(AmountView(what, amount, False) for what, amount in parts),
        ],
        note=bill_words.went_back(bill, language),
        receipt=f"/portal/receipt?visit={visit.reference}",
    )
    return [shown]


def section(shown: Any) -> rx.Component:
    """The section, for a list of one."""
    return rx.foreach(shown, _bill)


def _bill(one: Any) -> rx.Component:
    return card(
        rx.el.h2("How it was paid"),
        rx.el.p(one.on, class_name=SMALL),
        rx.el.ul(rx.foreach(one.lines, _line), class_name="list-none p-0 mt-2 mb-0"),
        rx.el.dl(rx.foreach(one.parts, _part), class_name="m-0 mt-3"),
        rx.el.p(one.note, class_name=f"{SMALL} mt-2 empty:hidden"),
        rx.el.p(
            rx.el.a("Receipt", href=one.receipt, aria_label="Receipt of this visit", class_name="link"),
            class_name="mt-3",
        ),
        id="bill",
    )


def _line(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.el.span(one.name, class_name="block overflow-anywhere"),
            rx.el.span(one.told, class_name=f"{SMALL} block overflow-anywhere empty:hidden"),
            class_name="min-w-0",
        ),
        rx.el.span(one.amount, class_name="num whitespace-nowrap"),
        class_name="flex justify-between gap-3 py-2.5 border-b border-[var(--line)]",
    )


def _part(one: Any) -> rx.Component:
    look = "flex justify-between gap-3 py-1 num"
    return rx.el.div(
        rx.el.dt(one.what, class_name="min-w-0"),
        rx.el.dd(one.amount, class_name="m-0 whitespace-nowrap"),
        class_name=rx.cond(one.is_total, f"{look} font-semibold", f"{look} text-[var(--ink-2)]"),
    )
