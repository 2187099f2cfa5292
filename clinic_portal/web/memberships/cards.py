"""A plan as patients see it: a card, on the public page, in the portal, and in the editor's preview."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from clinic_portal.memberships import words
from clinic_portal.memberships.plan_types import PlanInfo
from clinic_portal.web.components.basics import SMALL


@dataclass
class PlanCard:
    """A plan in words. `fee` is the amount, `per` what it is for."""

    id: int = 0
    name: str = ""
    description: str = ""
    fee: str = ""
    per: str = ""
    to_join: str = ""
    payments: str = ""
    gets: list[str] = field(default_factory=list)
    keeps: str = ""


def plan_card(plan: PlanInfo, language: str) -> PlanCard:
    """A plan in words."""
    gets = [*filter(None, [words.discount(plan)]), *words.things(plan, language)]
    return PlanCard(
        id=plan.id,
        name=plan.name,
        description=plan.description,
        fee=words.amount(plan.fee_minor, plan.currency, language),
        per=f"a {plan.period}",
        to_join=words.to_join(plan, language),
        payments=words.payments(plan, language),
        gets=gets,
        keeps=words.keeps(plan),
    )


def card_view(one: Any, *deed: Any, heading: str = "h2", **props: Any) -> rx.Component:
    """The card; `deed` is what can be done with it, at its foot."""
    title = rx.el.h2 if heading == "h2" else rx.el.h3
    extra = props.pop("class_name", "")
    return rx.el.article(
        title(one.name, class_name="!text-[24px] overflow-anywhere"),
        rx.el.p(
            one.description, class_name="text-[var(--ink-2)] mt-1.5 whitespace-pre-line overflow-anywhere empty:hidden"
        ),
        rx.el.p(
            rx.el.span(
                one.fee,
                class_name="font-[family-name:var(--serif)] text-[40px] leading-none font-medium num text-[var(--ink)]",
            ),
            " ",
            rx.el.span(one.per, class_name="text-[var(--ink-2)]"),
            class_name="mt-5 overflow-anywhere",
        ),
        rx.el.p(
            rx.cond(one.to_join != "", rx.fragment("and ", one.to_join), "nothing more to join"),
            class_name=f"{SMALL} mt-1.5",
        ),
        rx.cond(
            one.gets,
            rx.el.ul(
                rx.foreach(
                    one.gets,
                    lambda told: rx.el.li(
                        rx.el.span(
                            "✓",
                            aria_hidden="true",
                            class_name="w-5 h-5 shrink-0 mt-0.5 rounded-full grid place-items-center text-[11px] font-bold "
                            "bg-[var(--brand-soft)] text-[var(--brand-strong)]",
                        ),
                        rx.el.span(told, class_name="min-w-0 overflow-anywhere"),
                        class_name="flex gap-3 items-start",
                    ),
                ),
                class_name="list-none p-0 mt-5 mb-0 pt-5 border-t border-[var(--line)] grid gap-2.5",
            ),
        ),
        rx.el.p(one.keeps, class_name=f"{SMALL} mt-3 empty:hidden"),
        rx.el.div(
            rx.el.p(one.payments, class_name="font-semibold text-[14px]"),
            *deed,
            class_name="mt-auto pt-6 grid gap-3",
        ),
        class_name=(
            "bg-[var(--surface)] border border-[var(--line)] rounded-[var(--radius-l)] shadow-[var(--shadow)] "
            f"p-6 sm:p-7 flex flex-col min-w-0 {extra}"
        ),
        **props,
    )
