"""The staff's pages and their addresses."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin import (
    account,
    document,
    entry,
    feeds,
    folder,
    form,
    frame,
    liability,
    liability_page,
    log,
    patient_form,
    patients,
    receipt,
    today,
    today_page,
    visit,
    visit_page,
)
from clinic_portal.web.admin.calendar import page as calendar
from clinic_portal.web.admin.chart import page as chart
from clinic_portal.web.admin.chart.state import PatientPage
from clinic_portal.web.admin.forms import pages as forms
from clinic_portal.web.admin.memberships import page as members
from clinic_portal.web.admin.messages import pages as messages
from clinic_portal.web.admin.messages import text_pages as texts
from clinic_portal.web.admin.new_visit import page as new_visit
from clinic_portal.web.admin.new_visit.state import NewVisit
from clinic_portal.web.admin.payments import pages as payments
from clinic_portal.web.admin.reports import page as reports
from clinic_portal.web.admin.settings import (
    booking,
    hours,
    packages_page,
    plans_page,
    policy_page,
    portal,
    reminders,
    team,
    things,
    time_off,
    wallet,
)

PAGES: tuple[tuple[str, Any, Any, str], ...] = (
    ("/admin", today_page.page, [today.Today.enter], "Today"),
    (frame.NEW_VISIT, new_visit.page, [NewVisit.enter], "New appointment"),
    *calendar.PAGES,
    ("/admin/visit", visit_page.page, [visit.DeskVisit.enter], "Visit"),
    ("/admin/patients", patients.page, [patients.Patients.enter], "Patients"),
    ("/admin/patients/new", patient_form.page, [patient_form.PatientForm.enter], "New patient"),
    ("/admin/patient", chart.page, [PatientPage.enter, folder.Documents.enter], "Patient"),
    ("/admin/document", document.page, [document.DeskDocument.enter], "Document"),
    ("/admin/receipt", receipt.page, [receipt.DeskReceipt.enter], "Receipt"),
    ("/admin/form", form.page, [form.DeskForm.enter], "Form"),
    ("/admin/liability", liability_page.page, [liability.Owing.enter], "Liability"),
    *forms.PAGES,
    *payments.PAGES,
    *members.PAGES,
    *reports.PAGES,
    *messages.PAGES,
    *texts.PAGES,
    ("/admin/log", log.page, [log.Log.enter], "Activity log"),
    ("/admin/account", account.page, [account.Account.enter, feeds.Feeds.enter], "My account"),
    ("/admin/settings", booking.addresses_page, [booking.Addresses.enter], "Settings"),
    *things.PAGES,
    *packages_page.PAGES,
    *booking.PAGES,
    *policy_page.PAGES,
    *plans_page.PAGES,
    *wallet.PAGES,
    *hours.PAGES,
    *time_off.PAGES,
    *portal.PAGES,
    *reminders.PAGES,
    *team.PAGES,
)


def add(app: rx.App) -> None:
    """Add the pages to the app."""
    entry.add(app)
    for route, page, enter, title in PAGES:
        app.add_page(page, route=route, title=f"{title} · Staff", on_load=enter)
