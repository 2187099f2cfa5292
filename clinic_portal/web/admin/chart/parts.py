"""The views of a patient's page that only show: who they are, visits, history, payments, activity."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin.chart.state import FEW, PatientPage
from clinic_portal.web.admin.day_words import UNTOLD
from clinic_portal.web.admin.frame import NEW_VISIT
from clinic_portal.web.admin.patient_form import PatientForm
from clinic_portal.web.admin.payments import pieces
from clinic_portal.web.admin.payments.pieces import standing
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, link_button
from clinic_portal.web.portal.pieces import pill, row


def person() -> rx.Component:
    """How to reach them."""
    return rx.el.section(
        rx.el.h2("How to reach them"),
        rx.el.dl(
            rx.foreach(
                PatientPage.facts,
                lambda one: row(
                    one.name,
                    rx.cond(
                        one.href != "",
                        rx.el.a(one.value, href=one.href, class_name="link"),
                        rx.el.span(one.value, dir="auto"),
                    ),
                ),
            ),
            class_name="m-0 mt-1",
        ),
        rx.cond(
            PatientPage.may.contains("change"),
            button("Change", id="change-person", ghost=True, small=True, class_name="mt-3", on_click=PatientForm.begin),
        ),
        class_name=CARD,
    )


def visits(*, few: bool) -> rx.Component:
    """What comes and what was; `few`: the nearest, with the way to all of them."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Upcoming"),
            rx.cond(
                PatientPage.may.contains("book"),
                link_button(
                    "Book a visit",
                    href=f"{NEW_VISIT}?patient={PatientPage.patient_id}",
                    ghost=True,
                    small=True,
                ),
            ),
            class_name="flex flex-wrap justify-between items-center gap-3 mb-2",
        ),
        rx.cond(
            PatientPage.upcoming,
            rx.el.ul(rx.foreach(PatientPage.upcoming, _visit), id="upcoming", class_name="list-none p-0 m-0"),
            rx.el.p("No visit is booked.", class_name=MUTED),
        ),
        rx.el.h2("Past", class_name="mt-6 mb-2"),
        rx.cond(
            PatientPage.past,
            rx.el.ul(rx.foreach(PatientPage.past, _visit), id="past", class_name="list-none p-0 m-0"),
            rx.el.p("No visit lies behind them.", class_name=MUTED),
        ),
        rx.cond(
            (PatientPage.upcoming.length() == FEW) | (PatientPage.past.length() == FEW),
            rx.el.a(
                "All appointments",
                href=f"/admin/patient?id={PatientPage.patient_id}&view=appointments",
                class_name="link",
            ),
        )
        if few
        else rx.fragment(),
        class_name=CARD,
    )


def _visit(one: Any) -> rx.Component:
    when = (one.on, ", ", one.hours)
    return rx.el.li(
        rx.el.div(
            rx.cond(
                PatientPage.may.contains("run"),
                rx.el.a(*when, href=f"/admin/visit?ref={one.reference}", class_name="link font-semibold"),
                rx.el.span(*when, class_name="font-semibold"),
            ),
            pill(one.status, one.kind),
            class_name="flex justify-between items-start gap-3",
        ),
        rx.el.p(one.services, " · ", one.provider, class_name="overflow-anywhere"),
        rx.el.p(one.place, " · ", one.reference, class_name=f"{SMALL} overflow-anywhere"),
        rx.cond(
            PatientPage.untold.contains(one.reference),
            rx.el.a(
                rx.el.span("! ", aria_hidden="true"),
                UNTOLD,
                rx.el.span(" of the visit of ", one.on, class_name="sr"),
                href=PatientPage.untold[one.reference],
                class_name="lacks mt-1 underline",
            ),
        ),
        class_name="py-3 border-b border-[var(--line)] last:border-0",
    )


def medical_history() -> rx.Component:
    """The history, once it is opened; what changed since the last visit is marked in words."""
    return rx.el.section(
        rx.el.h2("Medical history"),
        rx.cond(
            PatientPage.since != "",
            rx.fragment(
                rx.el.p(PatientPage.since, id="since", class_name=f"{MUTED} mt-1"),
                rx.cond(
                    PatientPage.chart,
                    rx.el.ul(rx.foreach(PatientPage.chart, _line), id="chart", class_name="list-none p-0 mt-2 mb-0"),
                    rx.el.p("Nothing was told yet.", id="chart", class_name=f"{MUTED} mt-1"),
                ),
            ),
            rx.el.div(
                rx.el.p("That you read it is kept in the activity log.", class_name=f"{MUTED} mt-1 mb-4"),
                button("Open the history", ghost=True, small=True, on_click=PatientPage.open_chart),
            ),
        ),
        class_name=CARD,
    )


def _line(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(one.kind, class_name=SMALL),
        rx.el.div(
            rx.el.p(
                rx.cond(one.mark != "", rx.el.span(standing(one.mark, "warn"), " "), ""),
                rx.el.b(
                    one.title,
                    class_name=rx.cond(
                        one.mark == "Taken out", "line-through", rx.cond(one.is_alert, "text-[var(--danger)]", "")
                    ),
                ),
                rx.cond(one.detail != "", f" · {one.detail}", ""),
                class_name="overflow-anywhere",
            ),
            rx.foreach(one.was, lambda was: rx.el.p(was, class_name="was")),
            rx.el.p(one.told, class_name=SMALL),
            class_name="min-w-0",
        ),
        class_name=rx.cond(one.mark != "", "chart-line changed", "chart-line"),
    )


def payments() -> rx.Component:
    """Their payments, each a link to all about it."""
    return rx.el.section(
        rx.el.h2("Payments", class_name="mb-2"),
        rx.cond(
            PatientPage.payments,
            pieces.lines(PatientPage.payments, "payments"),
            rx.el.p("They were not asked for a payment yet.", id="payments", class_name=MUTED),
        ),
        _older(),
        class_name=CARD,
    )


def activity() -> rx.Component:
    """What was done about them and their visits, the newest first."""
    return rx.el.section(
        rx.el.h2("Activity", class_name="mb-2"),
        rx.cond(
            PatientPage.activity,
            rx.el.ol(rx.foreach(PatientPage.activity, _deed), id="activity", class_name="list-none p-0 m-0"),
            rx.el.p("Nothing was done yet.", id="activity", class_name=MUTED),
        ),
        _older(),
        class_name=CARD,
    )


def _deed(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(one.when, class_name=SMALL),
        rx.el.span(rx.el.b(one.who), " ", one.what, class_name="overflow-anywhere"),
        rx.el.span(one.detail, class_name="text-[13px] overflow-anywhere empty:hidden"),
        class_name="deed",
    )


def _older() -> rx.Component:
    return rx.cond(
        PatientPage.older != "",
        link_button("Older", href=PatientPage.older, ghost=True, small=True, class_name="mt-4"),
    )
