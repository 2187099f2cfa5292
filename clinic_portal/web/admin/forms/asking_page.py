"""How the rules of a form look: its name, how long it holds, when it is sent, its services."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.forms.definition import Kind
from clinic_portal.forms.templates import NAME_MOST
from clinic_portal.web.admin.forms import words
from clinic_portal.web.admin.forms.pieces import BOX, LABEL
from clinic_portal.web.components.basics import CARD, ERROR, MUTED, SMALL, button
from clinic_portal.web.components.tick import tick


def rules(state: Any) -> rx.Component:
    """One form with one button: unlike the text, this holds as soon as it is saved."""
    return rx.el.form(
        rx.el.section(
            rx.el.label("What you call it", html_for="rule_name", class_name=LABEL),
            _input(state, "rule_name", state.rule_name, max_length=NAME_MOST),
            rx.el.p("Staff see this name; patients read the title.", class_name=f"{SMALL} mt-1.5 mb-0"),
            _error(state, "rule_name"),
            aria_label="Name",
            class_name=CARD,
        ),
        rx.match(
            state.kind,
            (Kind.BEFORE.value, rx.fragment()),
            (Kind.AFTER.value, _delay(state)),
            _validity(state),
        ),
        _services(state),
        rx.el.div(
            button("Save", type="submit"),
            rx.el.p(
                "It holds at once for new bookings. What was asked for a booked visit stays.",
                class_name=f"{SMALL} m-0",
            ),
            class_name="flex items-center gap-4 flex-wrap",
        ),
        key=state.rules_key,
        no_validate=True,
        on_submit=state.save_rules,
        class_name="grid gap-4 max-w-[760px]",
    )


def _input(state: Any, name: str, value: Any, **more: Any) -> rx.Component:
    extra = more.pop("class_name", "")
    return rx.el.input(
        id=name,
        name=name,
        default_value=value,
        aria_invalid=rx.cond(state.rule_errors[name], "true", "false"),
        aria_describedby=f"{name}-error",
        class_name=f"field {extra}",
        **more,
    )


def _error(state: Any, name: str) -> rx.Component:
    return rx.el.p(state.rule_errors[name], id=f"{name}-error", role="alert", class_name=ERROR)


def _validity(state: Any) -> rx.Component:
    def choice(value: str, label: str, about: str, *more: Any) -> rx.Component:
        return rx.el.div(
            rx.el.label(
                rx.el.input(
                    type="radio",
                    name="validity",
                    value=value,
                    default_checked=state.validity == value,
                    on_change=lambda _: state.choose_validity(value),
                    class_name=BOX,
                ),
                rx.el.span(
                    rx.el.span(label, class_name="block font-semibold"), rx.el.span(about, class_name=f"block {SMALL}")
                ),
                class_name="flex items-start gap-3",
            ),
            *more,
        )

    return rx.el.fieldset(
        rx.el.legend("How long an answer holds", class_name="sr"),
        rx.el.h2("How long an answer holds", aria_hidden="true"),
        choice("per_visit", "For one visit", "Patients answer or sign it before each visit."),
        choice(
            "days",
            "For some time",
            "Within it, patients are only asked whether anything has changed.",
            rx.cond(
                state.validity == "days",
                rx.el.div(
                    rx.el.label("Days", html_for="days", class_name=f"{SMALL} block mb-1"),
                    _input(state, "days", state.days, input_mode="numeric", max_length=6, class_name="max-w-[140px]"),
                    _error(state, "days"),
                    class_name="ml-8 mt-2",
                ),
            ),
        ),
        choice("for_good", "For good", "Once is enough, until a new version asks anew."),
        class_name=f"{CARD} grid gap-4 m-0 min-w-0",
    )


def _delay(state: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2("When it is sent"),
        rx.el.p(
            "It stands in the patient’s portal from the visit’s start. By e-mail it is sent so long after the visit’s end:",
            class_name=f"{MUTED} mt-1 mb-3",
        ),
        rx.el.div(
            rx.el.div(
                rx.el.label("How long after", html_for="delay_number", class_name="sr"),
                _input(
                    state,
                    "delay_number",
                    state.delay_number,
                    input_mode="numeric",
                    max_length=6,
                    class_name="!w-[120px]",
                ),
            ),
            rx.el.select(
                *[rx.el.option(unit, value=unit) for unit in words.UNITS],
                name="delay_unit",
                id="delay_unit",
                default_value=state.delay_unit,
                aria_label="Minutes, hours, days or weeks",
                class_name="field !w-[150px]",
            ),
            class_name="flex gap-2",
        ),
        _error(state, "delay_number"),
        aria_label="When it is sent",
        class_name=CARD,
    )


def _services(state: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2("Services it belongs to"),
        rx.el.p(
            "It is asked for whenever one of these is booked, and never with others.", class_name=f"{MUTED} mt-1 mb-4"
        ),
        rx.cond(
            state.categories,
            rx.el.div(rx.foreach(state.categories, lambda one: _category(state, one)), class_name="grid gap-5"),
            rx.el.p("The clinic offers no service yet.", class_name=MUTED),
        ),
        aria_label="Services",
        class_name=CARD,
    )


def _category(state: Any, category: Any) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(category.name, class_name="sr"),
        tick(
            rx.el.span("All of ", category.name, class_name="font-semibold"),
            category.is_whole,
            lambda _: state.tick_category(category.id),
            rx.el.span(category.told, class_name=f"{SMALL} ml-auto whitespace-nowrap"),
            class_name="min-h-[32px] border-b border-[var(--line)] pb-1.5 mb-2",
        ),
        rx.el.div(
            rx.foreach(
                category.services,
                lambda one: tick(one.name, one.is_ticked, lambda _: state.tick_service(one.id)),
            ),
            class_name="grid sm:grid-cols-2 gap-x-5",
        ),
        class_name="border-0 p-0 m-0 min-w-0",
    )
