"""How a patient's wallet looks: credit as a big number, what is kept for visits, what is left, what happened (S33)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.components import wallet as parts
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, link_button, step_title
from clinic_portal.web.me import Me
from clinic_portal.web.portal.frame import portal_frame
from clinic_portal.web.portal.pieces import nowhere
from clinic_portal.web.portal.wallet import HERE, Purse

WAYS = (
    ("A deposit", "you pay when you book stays here, kept for that visit."),
    ("A package or a membership", "brings treatments and products that wait here until you use them."),
    ("Credit", "comes from a gift, or from a payment we give back to you."),
)


def page() -> rx.Component:
    """The wallet; where there is none, what any address shows that leads nowhere."""
    return portal_frame(
        rx.cond(
            Purse.is_missing,
            nowhere(),
            rx.el.div(
                step_title(HERE),
                rx.cond(Purse.w.empty, _empty(), _wallet()),
            ),
        ),
        here=HERE,
    )


def _wallet() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            _credit(),
            rx.cond(Purse.w.kept, _kept()),
            rx.cond(Me.sells, link_button("Buy a package", href="/portal/packages", ghost=True)),
            class_name="grid gap-5 min-w-0 justify-items-stretch",
        ),
        rx.el.div(_items(), _history(), class_name="grid gap-5 min-w-0"),
        class_name="grid grid-cols-1 lg:grid-cols-[380px_minmax(0,1fr)] gap-5 items-start mt-6",
    )


def _credit() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Credit", class_name="!text-[15px] !font-[family-name:var(--sans)] font-semibold"),
        parts.amounts(Purse.w.credit),
        rx.cond(
            Purse.w.money,
            rx.el.ul(
                rx.foreach(
                    Purse.w.money,
                    lambda one: rx.el.li(
                        rx.el.p(rx.el.b(one.left, class_name="num"), " of it · ", one.detail, class_name="text-[14px]"),
                        parts.until(one),
                        class_name="py-2.5 border-b border-[#e4cfc5] last:border-0 last:pb-0",
                    ),
                ),
                id="gifts",
                class_name="list-none p-0 mt-4 mb-0 border-t border-[#e4cfc5]",
            ),
        ),
        rx.el.p("It pays towards your next visit at the clinic.", class_name="text-[14px] mt-4"),
        class_name=f"{CARD} !bg-[var(--brand-soft)] !border-[#ecd9cf] !shadow-none",
    )


def _kept() -> rx.Component:
    def when(one: Any) -> rx.Component:
        return rx.el.a(one.when, href=one.href, class_name="link font-semibold")

    return parts.kept("Kept for your visits", Purse.w.kept, when)


def _items() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Treatments and products"),
        rx.cond(
            Purse.w.things,
            rx.el.ul(rx.foreach(Purse.w.things, _item), id="items", class_name="list-none p-0 mt-1 mb-0"),
            rx.el.p("None are waiting for you just now.", id="items", class_name=f"{MUTED} mt-1"),
        ),
        class_name=CARD,
    )


def _item(one: Any) -> rx.Component:
    return parts.item(
        one,
        rx.cond(
            one.is_product,
            rx.el.span("Ask for it at your next visit", class_name=SMALL),
            rx.cond(
                one.book != "",
                link_button("Book", href=one.book, ghost=True, small=True, aria_label=f"Book {one.name}"),
            ),
        ),
    )


def _history() -> rx.Component:
    return rx.el.section(
        rx.el.h2("What happened", id="history", tab_index=-1),
        parts.happened(Purse.w.lines),
        rx.cond(Purse.w.more, button("Show more", ghost=True, small=True, on_click=Purse.more, class_name="mt-4")),
        class_name=CARD,
    )


def _empty() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Nothing is in your wallet yet"),
        rx.el.p(
            "It is where everything waits that you have paid for or were given, and have not used yet.",
            class_name=f"{MUTED} mt-1 max-w-[60ch]",
        ),
        rx.el.ul(
            *[rx.el.li(rx.el.b(what), " ", told, class_name="py-1.5") for what, told in WAYS],
            class_name="list-none p-0 mt-4 mb-6",
        ),
        link_button("Book a visit", href="/book", small=True),
        id="no-wallet",
        class_name=f"{CARD} mt-6 max-w-[760px]",
    )
