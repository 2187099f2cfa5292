"""Memberships: the plans that can be joined, what they cost and bring, and what people ask first (S3, P8)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.memberships.offers import joinable
from clinic_portal.memberships.plan_types import PlanInfo
from clinic_portal.web.components.basics import CARD, MUTED, link_button, phone_link, skeleton, step_title
from clinic_portal.web.door import Door
from clinic_portal.web.gate import PUBLIC, access
from clinic_portal.web.layout import frame
from clinic_portal.web.me import Me
from clinic_portal.web.memberships.answers import Answer, answers
from clinic_portal.web.memberships.cards import PlanCard, card_view, plan_card
from clinic_portal.web.problems import Problem


class Plans(Door, rx.State):
    """The plans on offer."""

    name: str = ""
    phone: str = ""
    plans: list[PlanCard] = []
    answers: list[Answer] = []
    trouble: str = ""

    @rx.event
    @access(PUBLIC)
    async def enter(self) -> None:
        """Show the plans as they stand now."""
        self.trouble = ""
        async with self._answering():
            clinic, found = await self._ask(_offered)
            info = clinic.clinic
            self.plans = [plan_card(one, info.language) for one in found]
            self.answers = answers(info, found)
            self.name, self.phone = info.name, wording.phone(info.phone)

    async def _say(self, told: Problem) -> None:
        self.trouble = f"{told.title}. {told.sentence}"


def _offered(read: Reading) -> tuple[Catalogue, tuple[PlanInfo, ...]]:
    return catalogue(read), joinable(read)


def page() -> rx.Component:
    """The cards, then the answers; without a plan, a way to book."""
    return frame(
        step_title("Memberships"),
        rx.cond(
            Plans.name != "",
            rx.cond(Plans.plans, _plans(), _none()),
            rx.cond(
                Plans.trouble != "",
                rx.el.p(Plans.trouble, role="alert", class_name="mt-3"),
                rx.el.div(*[skeleton("h-96") for _ in range(3)], aria_busy="true", class_name=f"{_GRID} mt-8"),
            ),
        ),
        clinic_name=rx.cond(Plans.name != "", Plans.name, "Home"),
        phone=Plans.phone,
    )


_GRID = "grid grid-cols-[repeat(auto-fit,minmax(min(100%,300px),1fr))] gap-5"


def _plans() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            "More of what does you good, for less. Join in a few minutes; leave whenever you like.",
            class_name="text-[19px] text-[var(--ink-2)] mt-3 max-w-[46ch]",
        ),
        rx.el.div(rx.foreach(Plans.plans, _plan), id="plans", class_name=f"{_GRID} mt-8"),
        rx.el.h2("Good to know", class_name="mt-14 mb-5 !text-[26px]"),
        rx.el.div(rx.foreach(Plans.answers, _answer), class_name="grid md:grid-cols-2 gap-x-10 gap-y-7"),
    )


def _plan(one: Any) -> rx.Component:
    return card_view(
        one,
        link_button(
            "Join",
            rx.el.span(" ", one.name, class_name="sr"),
            href=f"/portal/membership?plan={one.id}",
            class_name="text-center",
        ),
        class_name="max-w-[420px] w-full",
    )


def _answer(one: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h3(one.question, class_name="!text-[18px]"),
        rx.el.p(one.answer, class_name=f"{MUTED} mt-1.5 max-w-[60ch]"),
    )


def _none() -> rx.Component:
    return rx.el.div(
        rx.el.h2("There is nothing to join just now"),
        rx.el.p(
            "We offer no membership at the moment. Your visits are as welcome as ever",
            rx.cond(Plans.phone != "", rx.fragment("; questions? Call us on ", phone_link(Plans.phone), "."), "."),
            class_name=f"{MUTED} mt-1.5 mb-5 max-w-[55ch]",
        ),
        link_button("Book a visit", href="/book"),
        class_name=f"{CARD} mt-6 max-w-[640px]",
    )


def add(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(page, route="/memberships", title="Memberships", on_load=[Me.enter, Plans.enter])
