"""How the membership looks: the plans, joining one in three steps, and what a member sees."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.components.awake import awake
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, card, link_button, step_title
from clinic_portal.web.components.follow import follow
from clinic_portal.web.components.leave import leave
from clinic_portal.web.memberships.cards import card_view
from clinic_portal.web.portal.frame import portal_frame
from clinic_portal.web.portal.member_page import asked, member
from clinic_portal.web.portal.membership import HERE, MembershipPage

CHECK_EVERY_SECONDS = 4
GRID = "grid grid-cols-[repeat(auto-fit,minmax(min(100%,300px),1fr))] gap-5"


def page() -> rx.Component:
    """What they are first, then what they may become."""
    return portal_frame(
        step_title(HERE),
        rx.match(MembershipPage.told, ("looking", _looking()), ("away", _away()), rx.fragment()),
        rx.cond(
            MembershipPage.told == "away",
            rx.fragment(),
            rx.fragment(
                rx.foreach(MembershipPage.member, member),
                rx.foreach(MembershipPage.joins, _join),
                rx.cond(MembershipPage.plans, _plans()),
                rx.cond(MembershipPage.plans | MembershipPage.member | MembershipPage.joins, rx.fragment(), _nothing()),
            ),
        ),
        leave(),
        follow(to=MembershipPage.focus_on, number=MembershipPage.focus_number),
        here=HERE,
    )


def _looking() -> rx.Component:
    return rx.el.p(
        "One moment: we are looking whether your payment went through.", role="status", class_name=f"{MUTED} mt-4"
    )


def _away() -> rx.Component:
    return card(
        awake(seconds=CHECK_EVERY_SECONDS, on_look=MembershipPage.look_again, key=MembershipPage.looks.to_string()),
        rx.el.h2("Our payment service does not answer"),
        rx.el.p(
            "We cannot see yet whether your payment went through, so please do not pay again. This page asks by itself "
            "every few seconds; once it is paid you are a member, also when you come back later.",
            role="status",
            class_name="mt-2 max-w-[65ch]",
        ),
        button("Look again now", on_click=MembershipPage.look_again, ghost=True, small=True, class_name="mt-4"),
        class_name="mt-6",
    )


def _nothing() -> rx.Component:
    return card(
        rx.el.h2("There is nothing to join just now"),
        rx.el.p(
            "We offer no membership at the moment. Your visits are as welcome as ever.", class_name=f"{MUTED} mt-1"
        ),
        link_button("Book a visit", href="/book", class_name="mt-4"),
        class_name="mt-6 max-w-[640px]",
    )


def _join(one: Any) -> rx.Component:
    """Three steps, each of which can be left and taken up again, beside the plan they are for."""
    signed = rx.fragment(
        rx.el.p("Signed. ", rx.cond(one.document != "", rx.el.a("See it", href=one.document, class_name="link"))),
    )
    unsigned = rx.fragment(
        rx.el.p("What you and we promise each other. It takes a minute, and you can stop and go on later."),
        button(
            rx.cond(one.is_begun, "Go on signing", "Read and sign"), on_click=MembershipPage.sign, class_name="mt-3"
        ),
    )
    return rx.el.section(
        rx.el.div(
            rx.el.div(
                rx.el.h2(f"Join {one.plan.name}", id="join-title", tab_index=-1, class_name="!text-[26px]"),
                rx.el.ol(
                    _step("1", "The plan", True, rx.el.p(one.plan.payments)),
                    _step("2", "The agreement", one.is_signed, rx.cond(one.is_signed, signed, unsigned)),
                    _step(
                        "3",
                        "The first payment",
                        False,
                        rx.cond(
                            one.is_signed,
                            rx.fragment(
                                rx.el.p(
                                    "You type your card on the page of our payment service. We never see its number.",
                                ),
                                button(one.pay, id="pay", on_click=MembershipPage.pay, class_name="mt-3"),
                            ),
                            rx.el.p("Once the agreement is signed.", class_name=MUTED),
                        ),
                    ),
                    class_name="list-none p-0 m-0 mt-5 grid gap-6",
                ),
                asked(MembershipPage.ask),
                rx.cond(
                    MembershipPage.ask,
                    rx.fragment(),
                    rx.el.button(
                        "I do not want to join",
                        id="leave",
                        type="button",
                        class_name="link mt-7",
                        on_click=MembershipPage.ask_for("leave", ""),
                    ),
                ),
                class_name=f"{CARD} min-w-0",
            ),
            card_view(one.plan, heading="h3"),
            class_name="grid lg:grid-cols-[minmax(0,1fr)_360px] gap-5 items-start mt-6",
        ),
        aria_labelledby="join-title",
        id="join",
    )


def _step(number: str, title: str, is_done: Any, *content: Any) -> rx.Component:
    sign = rx.cond(is_done, "✓", number)
    colours = rx.cond(
        is_done, "bg-[var(--past-soft)] text-[var(--past)]", "bg-[var(--brand-soft)] text-[var(--brand-strong)]"
    )
    return rx.el.li(
        rx.el.span(
            sign,
            aria_hidden="true",
            class_name=f"w-8 h-8 shrink-0 rounded-full grid place-items-center font-semibold text-[14px] {colours}",
        ),
        rx.el.div(
            rx.el.h3(
                title, rx.cond(is_done, rx.el.span(": done", class_name="sr"), ""), class_name="!text-[17px] mt-0.5"
            ),
            rx.el.div(*content, class_name="mt-1"),
            class_name="min-w-0",
        ),
        class_name="flex gap-4",
    )


def _plans() -> rx.Component:
    return rx.el.section(
        rx.cond(
            MembershipPage.plans,
            rx.el.h2(
                rx.cond(MembershipPage.joins, "Or another plan", "Choose your plan"),
                class_name=rx.cond(MembershipPage.joins, "mt-12 mb-4", "mt-6 mb-4"),
            ),
        ),
        rx.el.div(rx.foreach(MembershipPage.plans, _plan), id="plans", class_name=GRID),
        rx.cond(
            MembershipPage.joins,
            rx.fragment(),
            rx.fragment(
                rx.el.h2("Good to know", class_name="mt-12 mb-4"),
                rx.el.div(
                    rx.foreach(
                        MembershipPage.answers,
                        lambda told: rx.el.section(
                            rx.el.h3(told.question, class_name="!text-[17px]"),
                            rx.el.p(told.answer, class_name=f"{MUTED} mt-1 max-w-[60ch]"),
                        ),
                    ),
                    class_name="grid md:grid-cols-2 gap-x-10 gap-y-6",
                ),
            ),
        ),
    )


def _plan(one: Any) -> rx.Component:
    spoken = rx.el.span(" ", one.name, class_name="sr")
    is_wished = MembershipPage.wished == one.id
    return card_view(
        one,
        button(
            rx.cond(MembershipPage.joins, "Choose this instead", rx.cond(is_wished, "Go on", "Choose")),
            spoken,
            on_click=MembershipPage.choose(one.id),
        ),
        rx.el.p("Next you sign its agreement, then you pay.", class_name=SMALL),
        heading="h3",
        class_name=rx.cond(is_wished, "max-w-[420px] w-full !border-[var(--brand)] !border-2", "max-w-[420px] w-full"),
    )
