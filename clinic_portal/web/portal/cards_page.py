"""How payment methods look: a member's cards, one under the other (S32)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.components.awake import awake
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, card, step_title
from clinic_portal.web.components.follow import follow
from clinic_portal.web.components.leave import leave
from clinic_portal.web.portal.cards import HERE, CardsPage
from clinic_portal.web.portal.frame import portal_frame
from clinic_portal.web.portal.pieces import PILL, nowhere

CHECK_EVERY_SECONDS = 4
UNDER_NAME = "ml-[68px]"
"""What belongs to a card stands under its name, not under its sign."""


def page() -> rx.Component:
    """The cards, and the way to another; for who is no member, what any address shows that leads nowhere."""
    return portal_frame(
        rx.cond(CardsPage.is_missing, nowhere(), _methods()),
        leave(),
        follow(to=CardsPage.focus_on, number=CardsPage.focus_number),
        here=HERE,
    )


def _methods() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            step_title(HERE),
            rx.cond(
                CardsPage.cards & (CardsPage.told != "away"), button("Add a card", small=True, on_click=CardsPage.add)
            ),
            class_name="flex justify-between items-center gap-4 flex-wrap",
        ),
        rx.el.p(
            "The cards we keep on file for you. A fee is charged to the card you booked the visit with; where that is "
            "gone, to the one that is charged first.",
            class_name=f"{MUTED} mt-2 max-w-[65ch]",
        ),
        rx.el.div(
            rx.match(CardsPage.told, ("looking", _looking()), ("away", _away()), rx.fragment()),
            rx.cond(
                CardsPage.cards,
                rx.el.ul(
                    rx.foreach(CardsPage.cards, _one),
                    id="cards",
                    class_name=f"{CARD} list-none m-0 !py-1",
                ),
                rx.cond(CardsPage.told == "away", rx.fragment(), _none()),
            ),
            rx.el.p(
                "You type your card on the page of our payment service. We never see its number.",
                class_name=SMALL,
            ),
            class_name="grid gap-5 mt-6",
        ),
        class_name="max-w-[760px]",
    )


def _looking() -> rx.Component:
    return rx.el.p("One moment: we are looking whether your card was saved.", role="status", class_name=MUTED)


def _away() -> rx.Component:
    return card(
        awake(seconds=CHECK_EVERY_SECONDS, on_look=CardsPage.look_again, key=CardsPage.looks.to_string()),
        rx.el.h2("Our payment service does not answer"),
        rx.el.p(
            "We cannot see yet whether your card was saved, so please do not add it again. This page asks by itself "
            "every few seconds; a card that was saved appears below, also when you come back later.",
            role="status",
            class_name="mt-2 max-w-[65ch]",
        ),
        button("Look again now", on_click=CardsPage.look_again, ghost=True, small=True, class_name="mt-4"),
    )


def _none() -> rx.Component:
    return card(
        rx.el.h2("No card is on file"),
        rx.el.p(
            "Add one and it is there when you need it. Adding a card charges nothing.", class_name=f"{MUTED} mt-1 mb-4"
        ),
        button("Add a card", on_click=CardsPage.add),
        id="no-cards",
    )


def _one(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.div(_sign(one), _facts(one), class_name="flex items-center gap-4 grow min-w-0"),
            rx.cond(CardsPage.asking == one.id, rx.fragment(), _deeds(one)),
            class_name="flex flex-wrap items-center gap-x-4 gap-y-3",
        ),
        rx.el.p(one.why_kept, class_name=f"{SMALL} mt-2.5 {UNDER_NAME} max-w-[60ch] empty:hidden"),
        rx.cond(CardsPage.asking == one.id, _ask(one)),
        class_name="py-4 border-b border-[var(--line)] last:border-0",
    )


def _sign(one: Any) -> rx.Component:
    return rx.el.span(
        one.sign,
        aria_hidden="true",
        class_name="w-[52px] h-[34px] shrink-0 rounded-[7px] border border-[var(--line)] bg-[var(--sunken)] "
        "grid place-items-center font-bold text-[11px] tracking-wide text-[var(--ink-2)]",
    )


def _facts(one: Any) -> rx.Component:
    first = rx.el.span("Charged first", class_name=f"{PILL} bg-[var(--brand-soft)] text-[var(--brand-strong)]")
    return rx.el.div(
        rx.el.p(
            rx.el.span(one.name, class_name="font-semibold mr-2.5"),
            rx.cond(one.is_default, first),
        ),
        rx.el.p(
            rx.el.span(one.until, class_name="mr-2.5"),
            rx.match(
                one.state,
                ("over", rx.el.b("Cannot be charged any more", class_name="text-[var(--danger)]")),
                ("soon", rx.el.b("Expires soon", class_name="text-[var(--warn)]")),
                rx.fragment(),
            ),
            class_name=SMALL,
        ),
        class_name="min-w-0",
    )


def _deeds(one: Any) -> rx.Component:
    return rx.el.div(
        rx.cond(
            one.is_default | (one.state == "over"),
            rx.fragment(),
            button(
                "Charge first",
                ghost=True,
                small=True,
                aria_label=f"Charge {one.name} first",
                on_click=CardsPage.make_default(one.id),
            ),
        ),
        rx.cond(
            one.why_kept == "",
            button(
                "Remove",
                ghost=True,
                small=True,
                id=f"remove-{one.id}",
                aria_label=f"Remove {one.name}",
                on_click=CardsPage.ask_to_remove(one.id),
            ),
        ),
        class_name=f"flex gap-2.5 flex-wrap max-sm:{UNDER_NAME} empty:hidden",
    )


def _ask(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.h2(f"Remove {one.name}?", id="ask-title", tab_index=-1, class_name="!text-[19px]"),
        rx.el.p("It is forgotten here and by our payment service. You can add it again later.", class_name="mt-1"),
        rx.el.div(
            button("Yes, remove it", small=True, on_click=CardsPage.remove(one.id)),
            button("Keep it", ghost=True, small=True, on_click=CardsPage.keep),
            class_name="flex flex-wrap gap-3 mt-4",
        ),
        role="group",
        aria_labelledby="ask-title",
        class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#5c3d00] p-4 mt-4",
    )
