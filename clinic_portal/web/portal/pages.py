"""The portal's pages and their addresses."""

from __future__ import annotations

import reflex as rx

from clinic_portal.web.me import Me
from clinic_portal.web.portal import (
    appointments,
    cards,
    cards_page,
    document,
    form,
    history,
    home,
    instructions,
    membership,
    membership_page,
    move,
    papers,
    profile,
    receipt,
    settings,
    settings_page,
    visit,
    visit_page,
    wallet,
    wallet_page,
)

PAGES = (
    ("/portal", home.page, home.Home.enter, "My portal"),
    ("/portal/appointments", appointments.page, appointments.Appointments.enter, "Appointments"),
    ("/portal/visit", visit_page.page, visit.VisitPage.enter, "Your visit"),
    ("/portal/visit/move", move.page, move.Move.enter, "Choose a new time"),
    ("/portal/receipt", receipt.page, receipt.ReceiptPage.enter, "Receipt"),
    ("/portal/form", form.page, form.FormPage.enter, "A form"),
    ("/portal/forms", papers.page, papers.FormsPage.enter, "Forms and instructions"),
    ("/portal/document", document.page, document.DocumentPage.enter, "Your document"),
    ("/portal/instructions", instructions.page, instructions.InstructionsPage.enter, "Instructions"),
    ("/portal/history", history.page, history.HistoryPage.enter, "Medical history"),
    ("/portal/profile", profile.page, profile.ProfilePage.enter, "My details"),
    ("/portal/wallet", wallet_page.page, wallet.Purse.enter, "Wallet"),
    ("/portal/cards", cards_page.page, cards.CardsPage.enter, "Payment methods"),
    ("/portal/membership", membership_page.page, membership.MembershipPage.enter, "Membership"),
    ("/portal/settings", settings_page.page, settings.SettingsPage.enter, "Settings"),
)


def add(app: rx.App) -> None:
    """Add the pages to the app."""
    for route, page, enter, title in PAGES:
        app.add_page(page, route=route, title=title, on_load=[Me.enter, enter])
