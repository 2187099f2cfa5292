"""Fourth step: the visit once more, to add to and to edit."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.booking.scaffold import on_button, step_page
from clinic_portal.web.booking.shelves import shelf
from clinic_portal.web.booking.steps import VISIT
from clinic_portal.web.booking.visit_state import VisitStep
from clinic_portal.web.booking.wizard import Summary
from clinic_portal.web.components.basics import SMALL, button, card


def page() -> rx.Component:
    """The cart, what needs two visits, and everything that could be added (S68-S70)."""
    return step_page(
        VISIT,
        card(
            rx.el.h2("In this visit"),
            rx.cond(
                Summary.lines,
                rx.el.ul(rx.foreach(Summary.lines, _line), class_name="list-none p-0 mt-3 mb-0"),
                rx.el.p("Nothing yet. Choose a treatment below.", class_name=f"{SMALL} mt-2"),
            ),
            rx.cond(
                VisitStep.is_repriced,
                _callout("A price has changed since you chose. Continue if the new one is all right."),
            ),
            rx.cond(
                VisitStep.has_gone,
                _callout("One of these is not offered here. Remove it, or change the location."),
            ),
            class_name="mb-5",
        ),
        rx.cond(VisitStep.needs_split, _split()),
        rx.cond(
            Summary.later,
            card(
                rx.el.h2("To book afterwards"),
                rx.el.ul(rx.foreach(Summary.later, _later), class_name="list-none p-0 mt-3 mb-0"),
                class_name="mb-5",
            ),
        ),
        rx.el.h2("Add something?", class_name="mb-3"),
        rx.foreach(
            VisitStep.shelves,
            lambda category: shelf(category, on_add=VisitStep.add, on_remove=VisitStep.remove, is_open=False),
        ),
        aside_action=rx.cond(
            VisitStep.needs_split,
            on_button(VisitStep.part, "Book one after the other"),
            on_button(VisitStep.go_on),
        ),
    )


def _split() -> rx.Component:
    return rx.el.section(
        rx.el.h2("These need two visits"),
        rx.el.p(
            "No one provider performs all of these. We book ",
            rx.el.b(VisitStep.first_visit),
            " first, and then ",
            rx.el.b(VisitStep.other_visits),
            " with the details you have given.",
            class_name="mt-2",
        ),
        class_name="rounded-[var(--radius-l)] bg-[var(--upcoming-soft)] p-5 sm:p-6 mb-5",
    )


def _callout(text: str) -> rx.Component:
    return rx.el.p(text, class_name="mt-4 rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#6b4600] px-4 py-3")


def _line(line: Any) -> rx.Component:
    return _row(
        line,
        button(
            "Remove",
            ghost=True,
            small=True,
            aria_label=f"Remove {line.name}",
            on_click=VisitStep.remove(line.service_id),
        ),
    )


def _later(line: Any) -> rx.Component:
    return _row(
        line,
        button(
            "Bring back",
            ghost=True,
            small=True,
            aria_label=f"Bring back {line.name}",
            on_click=VisitStep.bring_back(line.service_id),
        ),
    )


def _wallet(line: Any, told: Any, label: str, is_used: bool) -> rx.Component:
    return rx.el.p(
        told,
        " ",
        rx.el.button(
            label,
            type="button",
            aria_label=f"{label}: {line.name}",
            on_click=VisitStep.use(line.service_id, is_used),
            class_name="link",
        ),
        class_name=f"{SMALL} mt-1",
    )


def _row(line: Any, action: rx.Component) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(line.name, class_name="font-semibold overflow-anywhere"),
            rx.el.p(
                line.detail,
                " · ",
                rx.cond(line.was != "", rx.fragment(rx.el.s(line.was), " "), ""),
                line.price,
                class_name=SMALL,
            ),
            rx.cond(
                line.offer != "",
                _wallet(line, f"{line.offer}", "Use one", True),
                rx.cond(line.is_prepaid, _wallet(line, "", "Pay for it instead", False)),
            ),
        ),
        action,
        class_name="flex items-center justify-between gap-4 py-3.5 border-t border-[var(--line)]",
    )
