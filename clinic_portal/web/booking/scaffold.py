"""What every step's page shares: the list of steps, the aside with the cart, the notice."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.booking.steps import STEPS, Step
from clinic_portal.web.booking.wizard import Summary
from clinic_portal.web.components.basics import CARD, SMALL, button, notice, skeleton, step_title
from clinic_portal.web.components.countdown import countdown
from clinic_portal.web.layout import frame


def step_page(
    step: Step, *content: Any, aside_action: Any = None, title: Any = None, notice_more: Any = None
) -> rx.Component:
    """A step: title, list of steps, content, and beside it the visit so far with the way on."""
    return frame(
        step_title(title if title is not None else step.title),
        _steps(step),
        notice(
            Summary.notice_title,
            Summary.notice_text,
            Summary.dismiss_notice,
            *([notice_more] if notice_more is not None else []),
        ),
        rx.el.div(
            rx.el.div(*content, class_name="min-w-0"),
            _aside(aside_action),
            class_name="grid grid-cols-1 lg:grid-cols-[minmax(0,1fr)_350px] gap-6 lg:gap-7 items-start",
        ),
        clinic_name=Summary.clinic_name,
        phone=Summary.clinic_phone,
        here="Book",
    )


def _steps(here: Step) -> rx.Component:
    at = STEPS.index(here)
    return rx.el.nav(
        rx.el.p(f"Step {at + 1} of {len(STEPS)}: {here.label}", class_name=f"{SMALL} sm:hidden mb-2"),
        rx.el.ol(
            *[_step(step, at, number) for number, step in enumerate(STEPS)],
            class_name="flex gap-1.5 sm:gap-2 list-none p-0 m-0",
        ),
        aria_label="Steps",
        class_name="mt-4 mb-4 sm:mb-7",
    )


def _step(step: Step, at: int, number: int) -> rx.Component:
    done, now = number < at, number == at
    colour = "border-[var(--brand)]" if number <= at else "border-[var(--line)]"
    tone = "text-[var(--brand-strong)] font-semibold" if now else "text-[var(--ink)]" if done else "text-[var(--ink-2)]"
    label = rx.el.span(
        step.label,
        class_name="sr sm:!static sm:!w-auto sm:!h-auto sm:![clip-path:none] sm:!whitespace-normal",
    )
    back = done and at < len(STEPS) - 1
    inside = (
        rx.el.a(label, href=step.path, class_name="no-underline text-inherit hover:underline block min-h-6 sm:min-h-0")
        if back
        else label
    )
    current = {"aria_current": "step"} if now else {}
    return rx.el.li(inside, class_name=f"flex-1 text-[12.5px] border-t-[3px] {colour} {tone} pt-2", **current)


def _aside(action: Any) -> rx.Component:
    return rx.el.aside(
        rx.el.h2("Your visit"),
        rx.cond(
            Summary.is_loaded,
            rx.fragment(
                rx.cond(
                    Summary.lines,
                    rx.el.ul(rx.foreach(Summary.lines, _line), class_name="list-none p-0 mt-2.5 mb-0"),
                    rx.el.p("Nothing chosen yet.", class_name=f"{SMALL} mt-3"),
                ),
                rx.cond(
                    Summary.later,
                    rx.el.div(
                        rx.el.p("To book afterwards", class_name="font-semibold text-[13px] mt-3"),
                        rx.el.ul(rx.foreach(Summary.later, _line), class_name="list-none p-0 m-0"),
                    ),
                ),
                rx.el.div(
                    rx.el.div(
                        rx.el.p(Summary.place, class_name="text-[var(--ink-2)]"),
                        rx.el.p(Summary.address, class_name=SMALL),
                    ),
                    rx.cond(
                        Summary.several_places,
                        rx.el.a("Change", href="/book#places", class_name="link", aria_label="Change location"),
                    ),
                    class_name="flex justify-between gap-3 py-2.5 border-b border-[var(--line)]",
                ),
                rx.cond(
                    Summary.lines,
                    rx.el.div(
                        rx.el.span("Estimated total", rx.el.span(" · ", Summary.total_duration, class_name=SMALL)),
                        rx.el.b(Summary.total, class_name="text-[18px] num"),
                        class_name="flex justify-between items-baseline py-3.5",
                    ),
                ),
                rx.cond(Summary.hold_key != "", _held()),
                _bar(action) if action is not None else rx.fragment(),
            ),
            rx.el.div(
                skeleton("h-5 w-3/4 mt-4"),
                skeleton("h-5 w-1/2 mt-3"),
                skeleton("h-11 mt-6"),
                aria_busy="true",
            ),
        ),
        aria_label="Your visit",
        class_name=f"{CARD} lg:sticky lg:top-6",
    )


def _bar(action: Any) -> rx.Component:
    """The way on: at the foot of the aside, or of the screen on a phone, where it stays in reach."""
    return rx.cond(
        Summary.lines,
        rx.el.div(
            rx.el.div(
                rx.cond(
                    Summary.hold_key != "",
                    rx.fragment(
                        rx.el.b(Summary.held_when, class_name="block text-[13px]"),
                        rx.el.span(
                            countdown(seconds=Summary.hold_seconds, key=Summary.hold_key),
                            " left",
                            class_name=f"{SMALL} num",
                        ),
                    ),
                    rx.fragment(
                        rx.el.b(Summary.total, class_name="block num"),
                        rx.el.span(Summary.total_duration, class_name=SMALL),
                    ),
                ),
                class_name="lg:hidden leading-tight",
            ),
            rx.el.div(action, class_name="grow flex"),
            class_name="bar mt-3",
        ),
    )


def _line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.el.span(line.name, class_name="overflow-anywhere"),
            rx.el.br(),
            rx.el.span(line.detail, class_name=SMALL),
            rx.cond(
                ~line.is_offered,
                rx.el.span(" · not offered here", class_name="text-[13px] text-[var(--danger)] font-medium"),
            ),
        ),
        rx.el.span(
            rx.cond(line.was != "", rx.el.s(line.was, class_name=f"{SMALL} mr-1.5")),
            rx.el.b(line.price, class_name="num"),
            class_name="whitespace-nowrap",
        ),
        class_name="flex justify-between gap-3 py-2.5 border-b border-[var(--line)]",
    )


def _held() -> rx.Component:
    return rx.el.div(
        rx.el.p(rx.el.b(Summary.held_when, class_name="font-semibold")),
        rx.el.p(
            "Held for you for ",
            rx.el.b(
                countdown(seconds=Summary.hold_seconds, on_end=Summary.hold_over, key=Summary.hold_key),
                role="timer",
                class_name="font-semibold",
            ),
            ". ",
            Summary.terms,
        ),
        class_name="text-[13px] bg-[var(--warn-soft)] text-[#6b4600] rounded-[var(--radius-m)] px-3 py-2.5",
    )


def on_button(handler: Any, label: str = "Continue", **props: Any) -> rx.Component:
    """The way on, as wide as the aside."""
    return button(label, on_click=handler, class_name="w-full", **props)
