"""A patient's page: alerts above all, the views one may open, and the one that is open (S49, P7, P15, B6)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin import folder
from clinic_portal.web.admin.base import Desk
from clinic_portal.web.admin.chart import parts
from clinic_portal.web.admin.chart.notes import patient_notes
from clinic_portal.web.admin.chart.state import (
    ACTIVITY,
    APPOINTMENTS,
    DOCUMENTS,
    HISTORY,
    MESSAGES,
    NOTES,
    OVERVIEW,
    PAYMENTS,
    WALLET,
    PatientPage,
)
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.admin.membership_views import membership
from clinic_portal.web.admin.messages.chart import messages
from clinic_portal.web.admin.patient_form import PatientForm, person_form
from clinic_portal.web.admin.wallet_view import wallet
from clinic_portal.web.admin.wishes import reminders
from clinic_portal.web.components.basics import CARD, link_button

TABS = (
    ("Appointments", APPOINTMENTS),
    ("Wallet", WALLET),
    ("Payments", PAYMENTS),
    ("Messages", MESSAGES),
    ("Notes", NOTES),
)


def page() -> rx.Component:
    """The frame of the views."""
    return admin_frame(
        rx.cond((Desk.page == "Patient") & ~PatientPage.is_missing, PatientPage.name, "Patient"),
        rx.cond(
            PatientPage.is_missing,
            rx.el.div(
                rx.el.p("There is no such patient. The link may be old.", class_name="mb-5"),
                link_button("All patients", href="/admin/patients", small=True),
                class_name=CARD,
            ),
            rx.fragment(
                alerts_band(PatientPage.alerts),
                _views(),
                rx.match(
                    PatientPage.view,
                    (APPOINTMENTS, parts.visits(few=False)),
                    (WALLET, wallet()),
                    (PAYMENTS, parts.payments()),
                    (MESSAGES, messages()),
                    (NOTES, patient_notes()),
                    (DOCUMENTS, rx.fragment(_more(), folder.documents())),
                    (HISTORY, rx.fragment(_more(), parts.medical_history())),
                    (ACTIVITY, parts.activity()),
                    _overview(),
                ),
            ),
        ),
        here="Patients",
        page="Patient",
    )


def alerts_band(alerts: Any) -> rx.Component:
    """The alerts about a patient (`notes.alerts_of`), for the head of a page about them: a word beside the colour."""
    return rx.cond(
        alerts,
        rx.el.section(
            rx.foreach(
                alerts,
                lambda told: rx.el.p(
                    rx.el.b(rx.el.span("! ", aria_hidden="true"), "Alert: "),
                    rx.el.span(told, dir="auto"),
                    class_name="overflow-anywhere",
                ),
            ),
            id="patient-alerts",
            aria_label="Alerts",
            class_name="alert-band",
        ),
    )


def _overview() -> rx.Component:
    return rx.cond(
        PatientForm.form,
        rx.el.section(
            rx.el.h2("How to reach them", class_name="mb-4"), person_form(), class_name=f"{CARD} max-w-[760px]"
        ),
        rx.el.div(
            rx.el.div(parts.person(), reminders(), membership(), class_name="grid gap-5 min-w-0"),
            parts.visits(few=True),
            class_name="grid grid-cols-1 xl:grid-cols-[320px_minmax(0,1fr)] gap-5 items-start",
        ),
    )


def _views() -> rx.Component:
    """What the role may open; nothing where that is the overview alone."""
    may, is_more = PatientPage.may, (PatientPage.view == DOCUMENTS) | (PatientPage.view == HISTORY)
    more = rx.cond(may.contains(DOCUMENTS), DOCUMENTS, HISTORY)
    return rx.el.nav(
        _view("Overview", OVERVIEW, PatientPage.view == OVERVIEW, "tab"),
        *[rx.cond(may.contains(view), _view(name, view, PatientPage.view == view, "tab")) for name, view in TABS],
        rx.cond(may.contains(DOCUMENTS) | may.contains(HISTORY), _view("More info", more, is_more, "tab")),
        rx.cond(may.contains(ACTIVITY), _view("Activity", ACTIVITY, PatientPage.view == ACTIVITY, "tab")),
        aria_label="Patient",
        class_name="tabs",
    )


def _more() -> rx.Component:
    """The parts of More info."""
    return rx.el.nav(
        *[
            rx.cond(PatientPage.may.contains(view), _view(name, view, PatientPage.view == view, "settings-link"))
            for name, view in (("Documents", DOCUMENTS), ("Medical history", HISTORY))
        ],
        aria_label="More info",
        class_name="flex gap-1 mb-4",
    )


def _view(label: str, view: Any, is_here: Any, look: str) -> rx.Component:
    return rx.el.a(
        label,
        href=f"/admin/patient?id={PatientPage.patient_id}" + rx.cond(view == "", "", f"&view={view}"),
        aria_current=rx.cond(is_here, "page", "false"),
        class_name=rx.cond(is_here, f"{look} on", look),
    )
