"""How the membership looks on a patient's page of the staff."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin.membership import MembershipPart
from clinic_portal.web.admin.payments.pieces import standing
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button
from clinic_portal.web.components.follow import follow

_LABELS = {"keep": "Keep it", "resume": "Resume", "pause": "Pause", "change": "Change plan", "cancel": "Cancel"}


def membership() -> rx.Component:
    """A small part beside the visits."""
    part = MembershipPart
    return rx.el.section(
        rx.el.h2("Membership"),
        rx.cond(
            part.member,
            rx.foreach(part.member, _member),
            rx.fragment(
                rx.el.p("Not a member", id="member-since", class_name=f"{MUTED} mt-1"),
                rx.cond(
                    part.may_handle,
                    button("Enrol as a member", small=True, class_name="mt-3", on_click=MembershipPart.enrol),
                ),
            ),
        ),
        rx.cond(part.sees_cards, _cards()),
        follow(to=part.focus_on, number=part.focus_number),
        id="membership",
        tab_index=-1,
        class_name=CARD,
    )


def _member(one: Any) -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.el.p(one.name, class_name="font-semibold overflow-anywhere"),
            standing(one.state, one.look),
            class_name="flex flex-wrap justify-between gap-3 mt-1",
        ),
        rx.el.p(f"Member since {one.since}", id="member-since", class_name=SMALL),
        rx.cond(
            one.owed != "",
            rx.el.div(
                rx.el.p(one.owed),
                rx.el.p(one.why, class_name="mt-1 empty:hidden"),
                rx.cond(
                    one.may.contains("pay"),
                    button("Try the card now", small=True, class_name="mt-3", on_click=MembershipPart.retry),
                ),
                id="owed",
                class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#5c3d00] p-4 mt-3",
            ),
        ),
        rx.el.p(one.next, id="member-next", class_name="mt-2 empty:hidden"),
        rx.el.p(one.then, class_name="mt-1 empty:hidden"),
        rx.cond(
            one.agreement != "",
            rx.el.a(
                "Signed agreement",
                href=one.agreement.to(str).replace("/portal/document", "/admin/document"),
                class_name="link",
            ),
        ),
        rx.cond(one.paid, rx.el.ul(rx.foreach(one.paid, _period), class_name="list-none p-0 mt-2 mb-0")),
        rx.cond(
            MembershipPart.may_handle, rx.cond(MembershipPart.ask, rx.foreach(MembershipPart.ask, _ask), _deeds(one))
        ),
    )


def _period(one: Any) -> rx.Component:
    return rx.el.li(
        rx.cond(one.href != "", rx.el.a(one.span, href=one.href, class_name="link"), rx.el.span(one.span)),
        rx.el.span(one.amount, class_name="num font-medium"),
        standing(one.state, one.look),
        class_name="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 py-2 text-[13px] "
        "border-b border-[var(--line)] last:border-0",
    )


def _deeds(one: Any) -> rx.Component:
    def deed(name: str, label: str) -> rx.Component:
        return button(label, id=f"{name}-membership", ghost=True, small=True, on_click=MembershipPart.ask_for(name, ""))

    return rx.el.div(
        *[rx.cond(one.may.contains(name), deed(name, label)) for name, label in _LABELS.items()],
        deed("end", "End membership"),
        class_name="flex flex-wrap gap-2 mt-3",
    )


def _ask(one: Any) -> rx.Component:
    is_reasoned = (one.deed == "end") & (MembershipPart.member[0].may.length() > 0)
    return rx.el.form(
        rx.el.h3(one.title, id="end-title", tab_index=-1),
        rx.cond(
            one.choices,
            rx.el.div(
                rx.el.label(one.label, html_for="member-choice", class_name="block font-semibold mb-1 mt-2"),
                rx.el.select(
                    rx.foreach(one.choices, lambda pair: rx.el.option(pair[1], value=pair[0])),
                    id="member-choice",
                    value=one.chosen,
                    on_change=lambda chosen: MembershipPart.ask_for(one.deed, chosen),
                    class_name="field",
                ),
            ),
        ),
        rx.foreach(one.points, lambda told: rx.el.p(told, class_name="mt-2")),
        rx.cond(
            is_reasoned,
            rx.el.div(
                rx.el.label("Why", html_for="reason", class_name="block font-semibold mb-1 mt-3"),
                rx.el.input(
                    id="reason",
                    name="reason",
                    max_length=300,
                    aria_describedby="reason-error",
                    aria_invalid=rx.cond(MembershipPart.wrong != "", "true", "false"),
                    class_name="field",
                ),
                rx.el.p(
                    MembershipPart.wrong,
                    id="reason-error",
                    role="alert",
                    class_name="text-[13px] text-[var(--danger)] font-medium mt-1 empty:hidden",
                ),
            ),
        ),
        rx.el.div(
            rx.cond(one.yes != "", button(one.yes, type="submit", small=True)),
            rx.cond(one.sign, button("Ask them to sign it", small=True, on_click=MembershipPart.sign)),
            button(one.no, ghost=True, small=True, on_click=MembershipPart.unask),
            class_name="flex flex-wrap gap-3 mt-4",
        ),
        aria_labelledby="end-title",
        no_validate=True,
        on_submit=MembershipPart.confirm,
        class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#5c3d00] p-4 mt-3",
    )


def _cards() -> rx.Component:
    return rx.el.div(
        rx.el.h3("Cards on file"),
        rx.cond(
            MembershipPart.cards,
            rx.el.ul(rx.foreach(MembershipPart.cards, _card), id="cards-on-file", class_name="list-none p-0 mt-1 mb-0"),
            rx.el.p("None", id="cards-on-file", class_name=f"{MUTED} mt-1"),
        ),
        class_name="mt-4 pt-4 border-t border-[var(--line)]",
    )


def _card(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.p(one.name, rx.cond(one.is_default, rx.el.span(" · charged first", class_name=SMALL), "")),
        rx.el.p(
            one.until,
            class_name=rx.cond(one.state == "over", "text-[13px] text-[var(--danger)] font-medium", SMALL),
        ),
        class_name="py-2 border-b border-[var(--line)] last:border-0 last:pb-0",
    )
