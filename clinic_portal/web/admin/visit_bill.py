"""The bill of a visit on its page: as it will be, and as it was. Components alone."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.booking.bills import HOW
from clinic_portal.web.admin.visit import DeskVisit
from clinic_portal.web.components.basics import CARD, ERROR, MUTED, NATIVE, SMALL, button, field, link_button
from clinic_portal.web.components.tick import tick

_HOW_WORDS = {"card": "Card terminal", "cash": "Cash", "other": "Other"}
_SUM = "flex justify-between gap-4 py-1.5 num"
_STAYS = (
    "A finished bill stays as it is. What turns out wrong is put right in the patient’s wallet, or given back under "
    "Payments."
)


# ---- the bill as it will be ------------------------------------------------------------------------------------------


def bill(one: Any) -> rx.Component:
    """What is asked, what pays it, and the way out."""
    return rx.el.section(
        rx.el.h2("Bill", id="bill"),
        rx.el.p("Untick what was not done. What is reserved in the wallet is chosen already.", class_name=SMALL),
        rx.el.ul(rx.foreach(one.lines, lambda line: _line(line, one)), id="lines", class_name="list-none p-0 m-0 mt-2"),
        _extras(one),
        rx.cond(one.credit != "", _credit(one)),
        _sums(one),
        rx.foreach(one.notes, lambda told: rx.el.p(told, class_name=f"{SMALL} mt-2")),
        rx.cond(one.is_open, _check_out(one)),
        class_name=f"{CARD} min-w-0",
    )


def _line(line: Any, one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            tick(
                rx.el.span(
                    rx.el.span(line.name, class_name="font-semibold overflow-anywhere"),
                    rx.el.span(line.note, class_name=f"{SMALL} block empty:hidden"),
                    class_name="min-w-0",
                ),
                line.is_done,
                lambda is_done: DeskVisit.done(line.id, is_done),
                class_name="min-w-0 min-h-[32px]",
            ),
            rx.el.span(
                rx.cond(
                    line.before != "",
                    rx.el.s(
                        rx.el.span("Without a membership: ", class_name="sr"), line.before, class_name=f"{SMALL} mr-2"
                    ),
                ),
                rx.cond(line.is_done, line.price, rx.el.s(line.price)),
                class_name="num whitespace-nowrap text-right",
            ),
            class_name="flex justify-between items-start gap-4",
            key=f"{line.id}-{one.turn}",
        ),
        rx.cond(
            line.is_done & (line.choices.length() > 1),
            rx.el.div(
                rx.el.label("Paid with", rx.el.span(": ", line.name, class_name="sr"), html_for=f"pay-{line.id}"),
                rx.el.select(
                    rx.foreach(line.choices, lambda choice: rx.el.option(choice[1], value=choice[0])),
                    id=f"pay-{line.id}",
                    value=line.pays,
                    on_change=lambda value: DeskVisit.pay_with(line.id, value),
                    class_name="field !min-h-[40px] !py-1.5 min-w-0 grow max-w-[460px]",
                ),
                class_name="flex flex-wrap items-center gap-x-3 gap-y-1 text-[14px] sm:ml-8 mt-1.5",
            ),
        ),
        class_name="py-3 border-b border-[var(--line)]",
    )


def _extras(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.h3("Add or take off", id="extra-title", tab_index=-1, class_name="!text-[15px]"),
        rx.el.ul(
            rx.foreach(
                one.extras,
                lambda extra: rx.el.li(
                    rx.el.span(extra.words, class_name="min-w-0 overflow-anywhere"),
                    rx.el.span(
                        extra.amount,
                        rx.el.button(
                            "Leave out",
                            rx.el.span(": ", extra.words, class_name="sr"),
                            type="button",
                            on_click=DeskVisit.drop(extra.number),
                            class_name="link ml-4",
                        ),
                        class_name="num whitespace-nowrap",
                    ),
                    class_name="flex justify-between gap-4 py-2",
                ),
            ),
            id="extras",
            class_name="list-none p-0 m-0 empty:hidden",
        ),
        rx.el.form(
            field("words", "What for", error=one.errors["words"], max_length=120, auto_complete="off"),
            field(
                "amount",
                f"Amount, {one.currency}",
                error=one.errors["amount"],
                placeholder="25 or -10",
                max_length=20,
                auto_complete="off",
            ),
            button("Add", type="submit", ghost=True, small=True, class_name="sm:mt-[30px] justify-self-start"),
            id="extra",
            on_submit=DeskVisit.add,
            reset_on_submit=True,
            no_validate=True,
            class_name="grid sm:grid-cols-[minmax(0,1fr)_150px_auto] gap-x-4 gap-y-3 items-start mt-2 text-[14px]",
        ),
        class_name="py-4 border-b border-[var(--line)]",
    )


def _credit(one: Any) -> rx.Component:
    return rx.el.form(
        field(
            "credit",
            f"Use credit, {one.currency}",
            error=one.errors["credit"],
            value=one.credit_typed,
            key=one.credit_typed,
            input_mode="decimal",
            max_length=20,
            auto_complete="off",
        ),
        rx.el.div(
            button(rx.cond(one.credit_used != "", "Use this instead", "Use it"), type="submit", ghost=True, small=True),
            rx.cond(
                one.credit_used != "",
                rx.el.button("Use none", type="button", on_click=DeskVisit.no_credit, class_name="link"),
            ),
            class_name="flex flex-wrap items-center gap-4 sm:mt-[30px]",
        ),
        rx.el.p(one.credit, " is free in the wallet.", class_name=f"{SMALL} sm:col-span-2"),
        id="use-credit",
        on_submit=DeskVisit.credit,
        no_validate=True,
        class_name="grid sm:grid-cols-[190px_minmax(0,1fr)] gap-x-4 gap-y-2 items-start py-4 border-b border-[var(--line)]"
        " text-[14px]",
    )


def _sums(one: Any) -> rx.Component:
    return rx.el.dl(
        _sum("Total", one.total, look="font-semibold"),
        rx.foreach(one.parts, lambda part: _sum(part.what, part.amount)),
        rx.cond(
            one.done_by == "",
            _sum(
                "To be paid now",
                rx.cond(one.desk != "", one.desk, "Nothing"),
                look="font-semibold border-t border-[var(--line)] mt-1.5 !pt-3",
            ),
        ),
        id="sums",
        aria_live="polite",
        class_name="m-0 mt-4",
    )


def _sum(what: Any, amount: Any, *, look: str = MUTED) -> rx.Component:
    return rx.el.div(
        rx.el.dt(what, class_name="min-w-0"),
        rx.el.dd(amount, class_name="m-0 whitespace-nowrap"),
        class_name=f"{_SUM} {look}",
    )


def _check_out(one: Any) -> rx.Component:
    return rx.el.div(
        rx.cond(
            one.desk != "",
            rx.el.fieldset(
                rx.el.legend("How is it paid?", class_name="font-semibold mb-2 p-0"),
                rx.el.div(*[_way(name, one) for name in HOW], class_name="flex flex-wrap gap-2.5"),
                rx.el.p(
                    one.errors["how"],
                    id="how-error",
                    role="alert",
                    class_name=ERROR,
                ),
                class_name="border-0 p-0 m-0 mb-5 min-w-0",
            ),
        ),
        button(
            "Check out",
            rx.cond(one.desk != "", f", {one.desk}", ""),
            id="check-out",
            on_click=DeskVisit.check_out,
        ),
        rx.el.p(_STAYS, class_name=f"{SMALL} mt-3 max-w-[520px]"),
        class_name="mt-6 pt-5 border-t border-[var(--line)] no-print",
    )


def _way(name: str, one: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="how",
            id=f"how-{name}",
            value=name,
            default_checked=one.how == name,
            on_change=lambda _: DeskVisit.paid(name),
            aria_describedby="how-error",
            class_name="w-5 h-5 accent-[var(--brand)]",
        ),
        _HOW_WORDS[name],
        class_name=(
            "flex items-center gap-2.5 min-h-[44px] rounded-[var(--radius-m)] border border-[var(--line)] px-4 "
            "cursor-pointer hover:bg-[var(--sunken)] has-[:checked]:border-[var(--brand)] "
            "has-[:checked]:bg-[var(--brand-soft)]"
        ),
    )


# ---- the bill as it was ----------------------------------------------------------------------------------------------


def finished(one: Any) -> rx.Component:
    """What was asked, and what paid it."""
    return rx.el.section(
        rx.el.h2("Bill", id="bill"),
        rx.el.p(one.done_by, class_name=SMALL),
        rx.el.ul(
            rx.foreach(
                one.done,
                lambda line: rx.el.li(
                    rx.el.span(
                        rx.el.span(line.name, class_name="block font-semibold overflow-anywhere"),
                        rx.el.span(line.told, class_name=f"{SMALL} block empty:hidden overflow-anywhere"),
                        class_name="min-w-0",
                    ),
                    rx.el.span(line.amount, class_name="num whitespace-nowrap"),
                    class_name="flex justify-between gap-4 py-3 border-b border-[var(--line)]",
                ),
            ),
            id="lines",
            class_name="list-none p-0 m-0 mt-2",
        ),
        _sums(one),
        rx.foreach(one.notes, lambda told: rx.el.p(told, class_name=f"{SMALL} mt-2")),
        rx.cond(
            one.receipt != "",
            link_button(
                "Receipt (PDF)", href=one.receipt, ghost=True, small=True, custom_attrs=NATIVE, class_name="mt-4"
            ),
        ),
        rx.el.p(_STAYS, class_name=f"{SMALL} mt-5 pt-4 border-t border-[var(--line)] no-print"),
        class_name=f"{CARD} min-w-0",
    )
