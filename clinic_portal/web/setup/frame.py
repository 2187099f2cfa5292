"""What every page of the first run stands in: the steps at the side, one thing beside them, the way back and on."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import A

from clinic_portal.setup.first_run import STEPS
from clinic_portal.web.admin.base import Desk
from clinic_portal.web.admin.frame import desk_styles
from clinic_portal.web.components.basics import (
    CARD,
    MUTED,
    SMALL,
    button,
    forms_styles,
    link_button,
    skeleton,
    step_title,
)
from clinic_portal.web.components.idle import idle_guard
from clinic_portal.web.setup.state import DONE, Setup

TITLES = {
    "you": ("You", "Set up your clinic"),
    "clinic": ("Clinic", "Your clinic"),
    "location": ("Location", "Where patients come to"),
    "provider": ("Provider", "Who treats patients"),
    "hours": ("Hours", "When they work"),
    "service": ("Service", "What can be booked"),
    "address": ("Address", "Your booking address"),
    DONE: ("Done", "Your clinic can be booked"),
}
"""Each step: its name in the list, and its heading."""
LATER = "Everything can be changed later, under Settings."


def step_page(step: str, lead: Any, *content: Any) -> rx.Component:
    """A page with the form of a step; until its State knows the step, a sketch."""
    return frame(
        step,
        rx.el.p(lead, class_name=MUTED),
        trouble(),
        rx.cond(
            Setup.step == step,
            rx.el.form(
                rx.el.div(*content, class_name=f"{CARD} grid gap-4 mt-5"),
                buttons(step, button("Continue", type="submit")),
                id="step",
                no_validate=True,
                on_submit=Setup.save,
            ),
            rx.el.div(skeleton("h-72 mt-5"), aria_busy="true"),
        ),
    )


def frame(step: str, *content: Any, titled: bool = True) -> rx.Component:
    """A page between the list of steps and nothing else: there is one thing to do."""
    number = STEPS.index(step) + 1 if step in STEPS else 0
    return rx.el.div(
        forms_styles(),
        desk_styles(),
        A.create("Skip to content", href="#content", class_name="skip"),
        rx.el.header(
            rx.el.p("First run", class_name="desk-logo"),
            rx.el.nav(
                rx.el.ol(*[_entry(one, n, step) for n, one in enumerate(STEPS, 1)], class_name="setup-steps"),
                aria_label="Steps",
            ),
            rx.el.p(LATER, class_name="setup-note"),
            class_name="setup-side",
        ),
        rx.cond(
            Desk.idle_seconds > 0,
            idle_guard(seconds=Desk.idle_seconds, on_stay=Desk.stay, on_over=Desk.idle, key=Desk.idle_key),
        ),
        rx.el.main(
            rx.el.p(f"Step {number} of {len(STEPS)}", class_name=f"{SMALL} mb-1") if number else rx.fragment(),
            step_title(TITLES[step][1]) if titled else rx.fragment(),
            *content,
            id="content",
            class_name="setup-main",
        ),
        class_name="setup",
    )


def _entry(step: str, number: int, here: str) -> rx.Component:
    """A step in the list: a link once it is done, so that one may go back."""
    label = TITLES[step][0]
    sign = rx.el.span(str(number), aria_hidden="true", class_name="setup-sign")
    is_done = Setup.done.contains(step)
    if step == here:
        return rx.el.li(rx.el.span(sign, label, aria_current="step", class_name="setup-step on"))
    plain = rx.el.span(sign, label, class_name="setup-step")
    if step == STEPS[0]:
        return rx.el.li(rx.cond(is_done, rx.el.span(_ticked(), label, _said(), class_name="setup-step"), plain))
    onward = rx.el.a(_ticked(), label, _said(), href=f"/setup/{step}", class_name="setup-step")
    return rx.el.li(rx.cond(is_done, onward, plain))


def _ticked() -> rx.Component:
    return rx.el.span("✓", aria_hidden="true", class_name="setup-sign")


def _said() -> rx.Component:
    return rx.el.span(", done", class_name="sr")


def buttons(step: str, onward: rx.Component) -> rx.Component:
    """The way on, and back to the step before."""
    before = STEPS[STEPS.index(step) - 1]
    back = link_button("Back", href=f"/setup/{before}", ghost=True) if before != STEPS[0] else rx.fragment()
    return rx.el.div(onward, back, class_name="flex flex-row-reverse justify-between gap-4 mt-6")


def trouble() -> rx.Component:
    """What was refused, where no field is at fault."""
    told = Setup.told.get("problem", "").to(str)
    return rx.el.div(
        rx.cond(
            told != "",
            rx.el.p(
                told,
                id="notice",
                class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#6b4600] px-4 py-3 mt-4",
            ),
        ),
        role="alert",
    )
