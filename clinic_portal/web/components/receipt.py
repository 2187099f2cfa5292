"""A receipt as a page shows it: a sheet that prints as it stands. No State, no queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from clinic_portal.booking import receipt_words
from clinic_portal.booking.receipt_words import Told
from clinic_portal.booking.receipts import Receipt
from clinic_portal.web.components.basics import CARD, SMALL


@dataclass
class FactView:
    """A fact with its name."""

    name: str
    told: str


@dataclass
class AmountView:
    """A line of the sum."""

    what: str
    amount: str
    is_total: bool


@dataclass
class ReceiptView:
    """A receipt in words."""

    number: str = ""
    clinic: str = ""
    place: str = ""
    phone: str = ""
    facts: list[FactView] = field(default_factory=list)
    lines: list[AmountView] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def shown(found: Receipt) -> ReceiptView:
    """A receipt in words."""
    return told_as(receipt_words.told(found))


def told_as(told: Told) -> ReceiptView:
    """Any receipt that is in words already."""
    facts = (("Patient", told.patient), ("Paid on", told.paid_on), *told.about)
    return ReceiptView(
        number=told.number,
        clinic=told.clinic,
        place=told.place,
        phone=told.phone,
        facts=[FactView(*one) for one in facts],
        lines=[AmountView(one.what, one.amount, one.is_total) for one in told.lines],
        notes=list(told.notes),
    )


def receipt_sheet(of: Any) -> rx.Component:
    """The sheet. `of` is a var of a ReceiptView."""
    return rx.el.article(
        rx.el.div(
            rx.el.div(
                rx.el.p(of.clinic, class_name="font-[family-name:var(--serif)] font-medium text-[22px] leading-tight"),
                rx.el.p(of.place, class_name=f"{SMALL} mt-1"),
                rx.el.p(of.phone, class_name=SMALL),
                class_name="min-w-0 overflow-anywhere",
            ),
            rx.el.div(
                rx.el.p("Receipt", class_name=SMALL),
                rx.el.p(of.number, id="receipt-number", class_name="font-semibold whitespace-nowrap"),
                class_name="sm:text-right",
            ),
            class_name="flex flex-wrap justify-between gap-x-6 gap-y-3 pb-5 border-b border-[var(--line)]",
        ),
        rx.el.dl(rx.foreach(of.facts, _fact), class_name="m-0 py-5 grid grid-cols-1 sm:grid-cols-2 gap-x-8 gap-y-3.5"),
        rx.el.table(
            rx.el.caption("What was paid", class_name="sr"),
            rx.el.thead(
                rx.el.tr(
                    rx.el.th("What for", scope="col", class_name=f"{SMALL} text-left font-medium py-2.5 px-3.5"),
                    rx.el.th("Amount", scope="col", class_name=f"{SMALL} text-right font-medium py-2.5 px-3.5"),
                    class_name="bg-[var(--sunken)]",
                )
            ),
            rx.el.tbody(rx.foreach(of.lines, _line)),
            id="amounts",
            class_name="w-full border-collapse num",
        ),
        rx.el.div(
            rx.foreach(of.notes, lambda one: rx.el.p(one, class_name=f"{SMALL} mt-3")), class_name="empty:hidden"
        ),
        aria_label="Receipt",
        class_name=f"{CARD} receipt",
    )


def _fact(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(one.name, class_name=SMALL),
        rx.el.dd(one.told, class_name="m-0 overflow-anywhere"),
    )


def _line(one: Any) -> rx.Component:
    weight = rx.cond(one.is_total, "font-semibold", "font-normal")
    return rx.el.tr(
        rx.el.th(one.what, scope="row", class_name=f"text-left py-3 px-3.5 overflow-anywhere {weight}"),
        rx.el.td(one.amount, class_name=f"text-right whitespace-nowrap align-top py-3 px-3.5 {weight}"),
        class_name="border-b border-[var(--line)]",
    )
