"""A patient as staff see them: how to reach them and their visits; their wallet (P7); their messages (B6); under More info
their documents and, for those who treat them, the medical history (S49)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.booking.access import visits_of_patient
from clinic_portal.core import wording
from clinic_portal.core.errors import NotAllowed
from clinic_portal.messaging import untold
from clinic_portal.patients import history, profile
from clinic_portal.patients import history_rules as rules
from clinic_portal.patients.types import PatientSheet
from clinic_portal.web import inputs
from clinic_portal.web.admin import folder
from clinic_portal.web.admin.base import AdminPage, Desk, zone_of
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.admin.membership import MembershipPart
from clinic_portal.web.admin.membership_views import membership
from clinic_portal.web.admin.messages.chart import MessagesPart, messages
from clinic_portal.web.admin.wallet import WalletPart
from clinic_portal.web.admin.wallet_view import wallet
from clinic_portal.web.admin.wishes import WishesPart, reminders
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, link_button, phone_link
from clinic_portal.web.gate import access
from clinic_portal.web.portal import views
from clinic_portal.web.portal.pieces import pill, row
from clinic_portal.web.portal.views import VisitView

OVERVIEW, WALLET, MESSAGES, DOCUMENTS, HISTORY = "", "wallet", "messages", "more", "history"
"""The page's views, as its address names them."""


@dataclass
class ChartLine:
    """An item of the medical history in words."""

    kind: str
    title: str
    detail: str
    told: str
    is_alert: bool


class PatientPage(AdminPage, rx.State):
    """One patient; the history only once it is opened, which the activity log notes."""

    patient_id: int = 0
    is_missing: bool = False
    name: str = ""
    pronouns: str = ""
    email: str = ""
    phone: str = ""
    birth: str = ""
    address: str = ""
    emergency: str = ""
    portal: str = ""
    since: str = ""
    upcoming: list[VisitView] = []
    past: list[VisitView] = []
    untold: dict[str, str] = {}  # what did not arrive, by the visit it is about
    view: str = OVERVIEW
    may_handle_messages: bool = False
    may_handle_wallet: bool = False
    may_handle_forms: bool = False
    may_open_chart: bool = False
    may_run_visits: bool = False
    is_chart_open: bool = False
    chart: list[ChartLine] = []

    @rx.event
    @access(Permission.SEE_PATIENTS)
    async def enter(self) -> None:
        """Show the patient the address names."""
        async with self._answering():
            self.chart, self.is_chart_open, self.is_missing = [], False, True
            clinic = await self._open("Patient")
            actor = await self._staff()
            wanted = inputs.row_id(self.router.url.query_parameters.get("id", ""))
            try:
                found = await self._ask(profile.for_staff, actor, wanted)
                visits = await self._ask(visits_of_patient, actor, wanted)
            except NotAllowed:
                return
            language = clinic.clinic.language
            self.patient_id, self.is_missing = wanted, False
            self._show(found, str(zone_of(clinic)), language)
            self.upcoming = [views.visit(line, language) for line in visits.upcoming]
            self.past = [views.visit(line, language) for line in visits.past]
            self.may_handle_forms = actor.may(Permission.HANDLE_FORMS)
            self.may_open_chart = actor.may(Permission.SEE_CHARTS)
            self.may_run_visits = actor.may(Permission.RUN_VISITS)
            self.may_handle_messages = actor.may(Permission.HANDLE_MESSAGES)
            self.may_handle_wallet = actor.may(Permission.HANDLE_WALLETS)
            views_open = {
                WALLET: self.may_handle_wallet,
                MESSAGES: self.may_handle_messages,
                DOCUMENTS: self.may_handle_forms,
                HISTORY: self.may_open_chart,
            }
            asked = self.router.url.query_parameters.get("view", "")
            self.view = asked if views_open.get(asked) else OVERVIEW
            if self.view == OVERVIEW:
                lost = await self._ask(untold.of_patient, actor, wanted)
                self.untold = {one: f"/admin/message?id={found.message_id}" for one, found in lost.items()}
                await (await self.get_state(MembershipPart))._look(clinic, actor, wanted)
                await (await self.get_state(WishesPart))._look(clinic, actor, wanted)
            elif self.view == WALLET:
                await (await self.get_state(WalletPart))._enter(clinic, actor, wanted)
            elif self.view == MESSAGES:
                await (await self.get_state(MessagesPart))._enter(clinic, actor, wanted)

    @rx.event
    @access(Permission.SEE_CHARTS)
    async def open_chart(self) -> None:
        """Read the medical history."""
        async with self._answering():
            clinic = await self._open("Patient")
            language, zone = clinic.clinic.language, str(zone_of(clinic))
            found = await self._do(history.open_chart, await self._staff(), inputs.row_id(self.patient_id))
            self.chart = [
                ChartLine(
                    rules.KINDS[one.kind].title,
                    *rules.told(one.kind, one.fields),
                    f"{'by the patient' if one.recorded_by.startswith('patient:') else 'by the clinic'}, "
                    f"{wording.day(one.recorded_at, zone, language, length='medium')}",
                    one.kind == "allergy" and not rules.says_none(one.fields),
                )
                for one in found
            ]
            self.is_chart_open = True

    def _show(self, found: PatientSheet, zone: str, language: str) -> None:
        known = found.profile
        self.name, self.pronouns = f"{known.given_name} {known.family_name}", known.pronouns
        self.email, self.phone = known.email, wording.phone(known.phone)
        self.birth = wording.day(known.birth_on, zone, language, length="medium") if known.birth_on else ""
        place = (known.street, f"{known.postal_code} {known.city}".strip(), known.region, known.country)
        self.address = ", ".join(part for part in place if part)
        number = wording.phone(known.emergency_phone) if known.emergency_phone else ""
        self.emergency = ", ".join(part for part in (known.emergency_name, number) if part)
        self.since = wording.day(found.created_at, zone, language, length="medium")
        if found.has_portal:
            self.portal = "Has a portal"
        elif found.welcomed_at:
            self.portal = f"Welcomed {wording.day(found.welcomed_at, zone, language, length='medium')}, not in yet"
        else:
            self.portal = "No portal yet"


def page() -> rx.Component:
    """Left: the person; right: visits and history."""
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
                rx.cond(
                    PatientPage.may_handle_forms | PatientPage.may_open_chart | PatientPage.may_handle_messages,
                    _views(),
                ),
                rx.match(
                    PatientPage.view,
                    (WALLET, wallet()),
                    (MESSAGES, messages()),
                    (DOCUMENTS, rx.fragment(_more(), folder.documents())),
                    (HISTORY, rx.fragment(_more(), _chart())),
                    rx.el.div(
                        rx.el.div(_person(), reminders(), membership(), class_name="grid gap-5"),
                        _visits(),
                        class_name="grid grid-cols-1 xl:grid-cols-[320px_minmax(0,1fr)] gap-5 items-start",
                    ),
                ),
            ),
        ),
        here="Patients",
        page="Patient",
    )


def _views() -> rx.Component:
    is_more = (PatientPage.view == DOCUMENTS) | (PatientPage.view == HISTORY)
    more = rx.cond(PatientPage.may_handle_forms, DOCUMENTS, HISTORY)
    return rx.el.nav(
        _view("Overview", "", PatientPage.view == OVERVIEW, "tab"),
        rx.cond(PatientPage.may_handle_wallet, _view("Wallet", WALLET, PatientPage.view == WALLET, "tab")),
        rx.cond(PatientPage.may_handle_messages, _view("Messages", MESSAGES, PatientPage.view == MESSAGES, "tab")),
        rx.cond(PatientPage.may_handle_forms | PatientPage.may_open_chart, _view("More info", more, is_more, "tab")),
        aria_label="Patient",
        class_name="tabs",
    )


def _more() -> rx.Component:
    """The parts of More info."""
    return rx.el.nav(
        rx.cond(
            PatientPage.may_handle_forms, _view("Documents", DOCUMENTS, PatientPage.view == DOCUMENTS, "settings-link")
        ),
        rx.cond(
            PatientPage.may_open_chart, _view("Medical history", HISTORY, PatientPage.view == HISTORY, "settings-link")
        ),
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


def _person() -> rx.Component:
    return rx.el.section(
        rx.el.h2("How to reach them"),
        rx.el.dl(
            row("E-mail", rx.el.a(PatientPage.email, href=f"mailto:{PatientPage.email}", class_name="link")),
            row("Phone", phone_link(PatientPage.phone)),
            *[
                rx.cond(value != "", row(title, value))
                for title, value in (
                    ("Pronouns", PatientPage.pronouns),
                    ("Born", PatientPage.birth),
                    ("Address", PatientPage.address),
                    ("In an emergency", PatientPage.emergency),
                )
            ],
            row("Portal", PatientPage.portal),
            row("Known since", PatientPage.since),
            class_name="m-0 mt-1",
        ),
        class_name=CARD,
    )


def _chart() -> rx.Component:
    return rx.cond(
        PatientPage.may_open_chart,
        rx.el.section(
            rx.el.h2("Medical history"),
            rx.cond(
                PatientPage.is_chart_open,
                rx.cond(
                    PatientPage.chart,
                    rx.el.ul(rx.foreach(PatientPage.chart, _line), id="chart", class_name="list-none p-0 mt-2 mb-0"),
                    rx.el.p("Nothing was told yet.", id="chart", class_name=f"{MUTED} mt-1"),
                ),
                rx.el.div(
                    rx.el.p("That you read it is kept in the activity log.", class_name=f"{MUTED} mt-1 mb-4"),
                    button("Open the history", ghost=True, small=True, on_click=PatientPage.open_chart),
                ),
            ),
            class_name=CARD,
        ),
    )


def _line(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(one.kind, class_name=SMALL),
        rx.el.div(
            rx.el.p(
                rx.el.b(one.title, class_name=rx.cond(one.is_alert, "text-[var(--danger)]", "")),
                rx.cond(one.detail != "", f" · {one.detail}", ""),
                class_name="overflow-anywhere",
            ),
            rx.el.p(one.told, class_name=SMALL),
        ),
        class_name="grid sm:grid-cols-[170px_minmax(0,1fr)] gap-x-4 py-2.5 border-b border-[var(--line)] last:border-0",
    )


def _visits() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Upcoming", class_name="mb-2"),
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
        class_name=CARD,
    )


def _visit(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.cond(
                PatientPage.may_run_visits,
                rx.el.a(
                    one.on,
                    ", ",
                    one.hours,
                    href=f"/admin/visit?ref={one.reference}",
                    class_name="link font-semibold",
                ),
                rx.el.span(one.on, ", ", one.hours, class_name="font-semibold"),
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
                "Not told",
                rx.el.span(" of the visit of ", one.on, class_name="sr"),
                href=PatientPage.untold[one.reference],
                class_name="lacks mt-1 underline",
            ),
        ),
        class_name="py-3 border-b border-[var(--line)] last:border-0",
    )
