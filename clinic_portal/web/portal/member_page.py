"""How a member's own part looks: what it is, what comes next, what is left, what was paid, and what can be done."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, link_button
from clinic_portal.web.portal.membership import MembershipPage
from clinic_portal.web.portal.pieces import PILL

_LOOKS = {
    "going": ("• ", "bg-[var(--upcoming-soft)] text-[var(--upcoming)]"),
    "done": ("✓ ", "bg-[var(--past-soft)] text-[var(--past)]"),
    "warn": ("! ", "bg-[var(--warn-soft)] text-[#6b4600]"),
    "nothing": ("– ", "bg-[var(--sunken)] text-[var(--ink-2)]"),
}


def member(one: Any) -> rx.Component:
    """Everything about a membership."""
    return rx.el.div(
        rx.el.div(
            _standing(one),
            rx.cond(one.left, _left(one)),
            rx.cond(one.paid, _paid(one)),
            class_name="grid gap-5 min-w-0",
        ),
        rx.el.div(
            rx.cond(one.gets, _gets(one)),
            _cards(one),
            class_name="grid gap-5 min-w-0",
        ),
        id="member",
        class_name="grid grid-cols-1 lg:grid-cols-[minmax(0,1fr)_380px] gap-5 items-start mt-6",
    )


def pill(text: Any, look: Any) -> rx.Component:
    """How something stands: a word and a sign, in its colour."""
    return rx.el.span(
        rx.el.span(rx.match(look, *[(name, sign) for name, (sign, _) in _LOOKS.items()], ""), aria_hidden="true"),
        text,
        class_name=rx.match(look, *[(name, f"{PILL} {colours}") for name, (_, colours) in _LOOKS.items()], PILL),
    )


def _standing(one: Any) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(one.name, id="plan-name", class_name="!text-[28px] overflow-anywhere"),
            pill(one.state, one.look),
            class_name="flex flex-wrap justify-between items-center gap-3",
        ),
        rx.el.p(f"Member since {one.since}", class_name=f"{SMALL} mt-1"),
        rx.cond(one.owed != "", _owed(one)),
        rx.el.p(one.next, id="next", class_name="text-[17px] mt-4 empty:hidden"),
        rx.el.p(one.then, id="then", class_name="mt-2 empty:hidden"),
        rx.cond(
            MembershipPage.joins,
            rx.fragment(),
            rx.cond(MembershipPage.ask, asked(MembershipPage.ask), _deeds(one)),
        ),
        class_name=CARD,
    )


def _owed(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.p(one.owed, class_name="font-semibold"),
        rx.el.p(one.why, class_name="mt-1"),
        rx.el.div(
            button("Pay now", id="pay-owed", small=True, on_click=MembershipPage.pay_owed),
            link_button("Use another card", href="/portal/cards", ghost=True, small=True),
            class_name="flex flex-wrap gap-3 mt-4",
        ),
        id="owed",
        role="group",
        aria_label="Payment overdue",
        class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#5c3d00] p-4 mt-4",
    )


def _deeds(one: Any) -> rx.Component:
    labels = {"keep": "Keep my membership", "resume": "Go on", "pause": "Pause", "change": "Change plan"}

    def deed(name: str, label: Any, *, ghost: bool) -> rx.Component:
        return rx.cond(
            one.may.contains(name),
            button(label, id=name, ghost=ghost, small=True, on_click=MembershipPage.ask_for(name, "")),
        )

    return rx.el.div(
        *[deed(name, label, ghost=name not in ("keep", "resume")) for name, label in labels.items()],
        deed("cancel", "Cancel membership", ghost=True),
        class_name="flex flex-wrap gap-2.5 mt-5 pt-5 border-t border-[var(--line)] empty:hidden",
    )


def asked(ask: Any) -> rx.Component:
    """The question, with what it does; drawn where it was asked."""
    return rx.foreach(ask, _ask)


def _ask(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.h3(one.title, id="ask-title", tab_index=-1, class_name="!text-[19px]"),
        rx.cond(
            one.choices,
            rx.el.div(
                rx.el.label(one.label, html_for="choice", class_name="block font-semibold mb-1.5"),
                rx.el.select(
                    rx.foreach(one.choices, lambda pair: rx.el.option(pair[1], value=pair[0])),
                    id="choice",
                    value=one.chosen,
                    on_change=lambda chosen: MembershipPage.ask_for(one.deed, chosen),
                    class_name="field max-w-[420px]",
                ),
                class_name="mt-3",
            ),
        ),
        rx.cond(
            one.points,
            rx.el.ul(
                rx.foreach(
                    one.points,
                    lambda told: rx.el.li(
                        rx.el.span("•", aria_hidden="true", class_name="text-[var(--brand)]"),
                        rx.el.span(told),
                        class_name="flex gap-2.5",
                    ),
                ),
                id="effects",
                class_name="list-none p-0 m-0 mt-3 grid gap-2 max-w-[62ch]",
            ),
        ),
        rx.el.div(
            rx.cond(one.sign, button("Read and sign it", small=True, on_click=MembershipPage.sign)),
            rx.cond(one.yes != "", button(one.yes, id="yes", small=True, on_click=MembershipPage.confirm)),
            button(one.no, ghost=True, small=True, on_click=MembershipPage.unask),
            class_name="flex flex-wrap gap-3 mt-5",
        ),
        role="group",
        aria_labelledby="ask-title",
        class_name="rounded-[var(--radius-m)] bg-[var(--sunken)] p-5 mt-5",
    )


def _gets(one: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2("What you get", class_name="!text-[18px]"),
        rx.el.ul(
            rx.foreach(
                one.gets,
                lambda told: rx.el.li(
                    rx.el.span("✓", aria_hidden="true", class_name="text-[var(--brand)] font-bold"),
                    rx.el.span(told, class_name="overflow-anywhere"),
                    class_name="flex gap-2.5",
                ),
            ),
            class_name="list-none p-0 m-0 mt-3 grid gap-2",
        ),
        rx.el.p(one.keeps, class_name=f"{SMALL} mt-3 empty:hidden"),
        rx.cond(
            one.agreement != "",
            rx.el.p(rx.el.a("The agreement you signed", href=one.agreement, class_name="link"), class_name="mt-4"),
        ),
        class_name=CARD,
    )


def _left(one: Any) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Left to use", class_name="!text-[18px]"),
            rx.cond(one.has_wallet, rx.el.a("My wallet", href="/portal/wallet", class_name="link")),
            class_name="flex justify-between items-baseline gap-3",
        ),
        rx.el.ul(
            rx.foreach(
                one.left,
                lambda lot: rx.el.li(
                    rx.el.span(lot.what, class_name="font-medium overflow-anywhere min-w-0"),
                    rx.el.span(lot.until, class_name=SMALL),
                    class_name="flex flex-wrap justify-between gap-x-4 py-2.5 border-b border-[var(--line)] last:border-0",
                ),
            ),
            id="left",
            class_name="list-none p-0 m-0 mt-1",
        ),
        link_button("Book a visit", href="/book", ghost=True, small=True, class_name="mt-3"),
        class_name=CARD,
    )


def _paid(one: Any) -> rx.Component:
    listed = "list-none p-0 m-0 mt-1"
    return rx.el.section(
        rx.el.h2("Payments", class_name="!text-[18px]"),
        rx.el.ul(rx.foreach(one.paid, _period), id="payments", class_name=listed),
        rx.cond(
            one.earlier,
            rx.el.details(
                rx.el.summary("Earlier payments", class_name="link inline-block cursor-pointer"),
                rx.el.ul(rx.foreach(one.earlier, _period), class_name=listed),
                class_name="mt-3",
            ),
        ),
        class_name=CARD,
    )


def _period(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(one.span, class_name="font-medium"),
            rx.cond(
                one.href != "",
                rx.el.a("Receipt", rx.el.span(" for ", one.span, class_name="sr"), href=one.href, class_name="link"),
            ),
            class_name="min-w-0 grow",
        ),
        pill(one.state, one.look),
        rx.el.span(one.amount, class_name="font-semibold num w-[80px] text-right"),
        class_name="flex flex-wrap items-center gap-x-4 gap-y-1 py-3 border-b border-[var(--line)] last:border-0",
    )


def _cards(one: Any) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Card", class_name="!text-[18px]"),
            rx.el.a("Payment methods", href="/portal/cards", class_name="link"),
            class_name="flex justify-between items-baseline gap-3",
        ),
        rx.cond(
            one.cards,
            rx.el.ul(rx.foreach(one.cards, _card), id="my-cards", class_name="list-none p-0 m-0 mt-1"),
            rx.el.p("No card is on file.", class_name=f"{MUTED} mt-2"),
        ),
        class_name=CARD,
    )


def _card(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(one.name, class_name="font-medium"),
            rx.el.p(
                one.until,
                class_name=rx.cond(one.state == "over", "text-[13px] text-[var(--danger)] font-medium", SMALL),
            ),
            class_name="min-w-0 grow",
        ),
        rx.cond(
            one.is_default,
            rx.el.span("In use", class_name=f"{PILL} bg-[var(--brand-soft)] text-[var(--brand-strong)]"),
            rx.cond(
                one.state == "over",
                rx.fragment(),
                button(
                    "Use this one",
                    rx.el.span(", ", one.name, class_name="sr"),
                    ghost=True,
                    small=True,
                    on_click=MembershipPage.use_card(one.id),
                ),
            ),
        ),
        class_name="flex flex-wrap items-center gap-3 py-2.5 border-b border-[var(--line)] last:border-0",
    )
