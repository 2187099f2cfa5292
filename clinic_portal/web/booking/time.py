"""Sixth step: a day and a time."""

from __future__ import annotations

import reflex as rx

from clinic_portal.web.booking.scaffold import on_button, step_page
from clinic_portal.web.booking.steps import TIME
from clinic_portal.web.booking.time_state import TimeStep
from clinic_portal.web.booking.wizard import Summary
from clinic_portal.web.components.basics import SMALL, button, card, phone_link, skeleton
from clinic_portal.web.components.calendar import month_grid, slot_picker


def page() -> rx.Component:
    """A month of days, a day of times; what others take disappears (B3)."""
    return step_page(
        TIME,
        card(
            rx.cond(
                TimeStep.month_title != "",
                rx.el.div(_month(), _day(), class_name="grid grid-cols-1 md:grid-cols-2 gap-7 lg:gap-9"),
                skeleton("h-96"),
            )
        ),
        aside_action=rx.cond(Summary.hold_key != "", on_button(TimeStep.go_on)),
        notice_more=rx.cond(TimeStep.nearest, _nearest()),
    )


def _month() -> rx.Component:
    return rx.el.div(
        month_grid(
            TimeStep.month_title,
            TimeStep.days,
            on_day=TimeStep.choose_day,
            on_turn=TimeStep.turn_month,
            has_earlier=TimeStep.has_earlier,
            has_later=TimeStep.has_later,
        ),
        rx.el.p(TimeStep.zone_note, class_name=f"{SMALL} mt-4"),
    )


def _day() -> rx.Component:
    return rx.el.section(
        rx.cond(
            TimeStep.day_iso != "",
            rx.fragment(
                rx.el.h2(TimeStep.day_title, id="day-title"),
                rx.el.p(TimeStep.day_detail, class_name=f"{SMALL} mt-1 mb-3.5"),
                rx.cond(
                    TimeStep.parts,
                    rx.fragment(
                        slot_picker(TimeStep.parts, on_time=TimeStep.choose_time),
                        rx.el.p(
                            rx.el.span("● ", aria_hidden="true"),
                            "Live: times disappear here as others take them.",
                            class_name="text-[13px] text-[var(--upcoming)]",
                        ),
                    ),
                    _nothing("Nothing is free on this day."),
                ),
            ),
            rx.cond(
                TimeStep.month_is_empty,
                _nothing("Nothing is free in this month."),
                rx.el.p("Choose a day with a dot to see its times.", class_name=SMALL),
            ),
        ),
        rx.el.p(TimeStep.live_note, aria_live="polite", class_name=f"{SMALL} mt-2"),
        aria_label="Times",
    )


def _nothing(text: str) -> rx.Component:
    """No dead end: the next free days, and ways to look wider."""
    return rx.el.div(
        rx.el.p(text, class_name="font-semibold"),
        rx.cond(
            TimeStep.next_days,
            rx.el.div(
                rx.el.p("Next free:", class_name=f"{SMALL} mt-2"),
                rx.el.div(
                    rx.foreach(
                        TimeStep.next_days,
                        lambda day: button(day.label, ghost=True, small=True, on_click=TimeStep.choose_day(day.iso)),
                    ),
                    class_name="flex flex-wrap gap-2 mt-1.5",
                ),
            ),
            rx.el.p(
                "Nothing further is free online. Call us, and we will find you a time: ",
                phone_link(Summary.clinic_phone),
                class_name=f"{SMALL} mt-2",
            ),
        ),
        rx.el.div(
            rx.cond(TimeStep.may_widen, button("See times with any provider", small=True, on_click=TimeStep.widen)),
            rx.foreach(
                TimeStep.other_places,
                lambda place: button(
                    f"Try {place.name}", ghost=True, small=True, on_click=TimeStep.go_elsewhere(place.id)
                ),
            ),
            class_name="flex flex-wrap gap-2 mt-4",
        ),
    )


def _nearest() -> rx.Component:
    return rx.el.div(
        rx.foreach(
            TimeStep.nearest,
            lambda time: button(time.label, ghost=True, small=True, on_click=TimeStep.choose_time(time.key)),
        ),
        class_name="flex flex-wrap gap-2 mt-2",
    )
