"""A patient as staff see them, one view at a time: what one may not see is not there, and its handlers refuse (P15)."""

from __future__ import annotations

import reflex as rx

from clinic_portal.accounts import staff
from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import activity, around, till
from clinic_portal.booking.access import visits_of_patient
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.messaging import untold
from clinic_portal.patients import access as patients
from clinic_portal.patients import history, history_changes, notes, profile
from clinic_portal.scheduling.availability import instant, wall_to_minute
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, zone_of
from clinic_portal.web.admin.chart import views
from clinic_portal.web.admin.chart.views import ActivityView, ChartLine, FactView
from clinic_portal.web.admin.membership import MembershipPart
from clinic_portal.web.admin.messages.chart import MessagesPart
from clinic_portal.web.admin.patient_form import PatientForm
from clinic_portal.web.admin.payments import views as payment_views
from clinic_portal.web.admin.payments.views import LineView
from clinic_portal.web.admin.wallet import WalletPart
from clinic_portal.web.admin.wishes import WishesPart
from clinic_portal.web.gate import access
from clinic_portal.web.portal.views import VisitView

OVERVIEW, APPOINTMENTS, WALLET, PAYMENTS, MESSAGES, NOTES, DOCUMENTS, HISTORY, ACTIVITY = (
    "", "appointments", "wallet", "payments", "messages", "notes", "more", "history", "activity",
)  # fmt: skip
"""The page's views, as its address names them."""
MAY = {
    APPOINTMENTS: Permission.SEE_DAY,
    WALLET: Permission.HANDLE_WALLETS,
    PAYMENTS: Permission.SEE_PAYMENTS,
    MESSAGES: Permission.HANDLE_MESSAGES,
    NOTES: Permission.WRITE_NOTES,
    DOCUMENTS: Permission.HANDLE_FORMS,
    HISTORY: Permission.SEE_CHARTS,
    ACTIVITY: Permission.SEE_LOG,
    "change": Permission.CHANGE_PATIENTS,
    "run": Permission.RUN_VISITS,
    "book": Permission.BOOK_VISITS,
}
"""What a role may do here: open a view, change who they are, open a visit, book one."""
FEW = 5


class PatientPage(AdminPage, rx.State):
    """One patient; the history only once it is opened, which the activity log notes."""

    patient_id: int = 0
    is_missing: bool = False
    name: str = ""
    facts: list[FactView] = []
    alerts: list[str] = []
    may: list[str] = []
    view: str = OVERVIEW
    upcoming: list[VisitView] = []
    past: list[VisitView] = []
    untold: dict[str, str] = {}  # what did not arrive, by the visit it is about
    chart: list[ChartLine] = []
    since: str = ""  # empty: the history is not open
    payments: list[LineView] = []
    activity: list[ActivityView] = []
    older: str = ""

    @rx.event
    @access(Permission.SEE_PATIENTS)
    async def enter(self) -> None:
        """Show the patient the address names."""
        async with self._answering():
            self.chart, self.since, self.is_missing, self.alerts = [], "", True, []
            self.payments, self.activity, self.older = [], [], ""
            (await self.get_state(PatientForm)).form = []
            clinic = await self._open("Patient")
            try:
                actor = await self._look(clinic)
            except NotAllowed:
                return
            wanted = self._wanted()
            asked = self.router.url.query_parameters.get("view", "")
            self.view = asked if asked in self.may and asked in MAY else OVERVIEW
            await self._enter_view(clinic, actor, wanted)

    @rx.event
    @access(Permission.SEE_CHARTS)
    async def open_chart(self) -> None:
        """Read the medical history, what changed since the last visit apart."""
        async with self._answering():
            clinic, actor, wanted = await self._open("Patient"), await self._staff(), inputs.row_id(self._wanted())
            zone, language = zone_of(clinic), clinic.clinic.language

            def read(work: UnitOfWork) -> tuple[list[ChartLine], str]:
                patients.must_see(work, actor, wanted)
                items = history.open_chart(work, actor, wanted)
                midnight = wall_to_minute(work.now.astimezone(zone).date(), 0, zone)
                last_at = around.last_came_at(work, wanted, instant(midnight))
                changes = history_changes.since(work, actor, wanted, last_at) if last_at else {}
                told = views.since(last_at, changes, str(zone), language)
                return views.history(items, changes, str(zone), language), told

            self.chart, self.since = await self._do(read)

    def _wanted(self) -> int:
        return inputs.id_in_address(self.router.url.query_parameters.get("id", ""))

    async def _show(self) -> None:
        """The same patient once more, after something changed."""
        await self._look(await self._open("Patient", keeps_notice=True))

    async def _look(self, clinic: Catalogue) -> StaffActor:
        """Who they are, and what stands on every view. Raises NotAllowed."""
        actor, wanted = await self._staff(), self._wanted()
        zone, language = zone_of(clinic), clinic.clinic.language

        def read(read: Reading) -> tuple[str, list[FactView], list[str]]:
            patients.must_see(read, actor, wanted)
            found = profile.for_staff(read, actor, wanted)
            name = f"{found.profile.given_name} {found.profile.family_name}"
            facts = views.facts(found, read.now.astimezone(zone).date(), str(zone), language)
            return name, facts, [one.body for one in notes.alerts_of(read, actor, wanted)]

        self.name, self.facts, self.alerts = await self._ask(read)
        self.patient_id, self.is_missing = wanted, False
        self.may = [name for name, permission in MAY.items() if actor.may(permission)]
        return actor

    async def _enter_view(self, clinic: Catalogue, actor: StaffActor, wanted: int) -> None:
        zone, language = str(zone_of(clinic)), clinic.clinic.language
        if self.view in (OVERVIEW, APPOINTMENTS):
            await self._visits(actor, wanted, language)
        if self.view == OVERVIEW:
            await (await self.get_state(MembershipPart))._look(clinic, actor, wanted)
            await (await self.get_state(WishesPart))._look(clinic, actor, wanted)
        elif self.view == WALLET:
            await (await self.get_state(WalletPart))._enter(clinic, actor, wanted)
        elif self.view == MESSAGES:
            await (await self.get_state(MessagesPart))._enter(clinic, actor, wanted)
        elif self.view == NOTES:
            from clinic_portal.web.admin.chart.notes import NotesPart  # it brings this page's alerts up to date

            await (await self.get_state(NotesPart))._enter(clinic, actor, wanted)
        elif self.view == PAYMENTS:
            before = self._before()
            found, has_more = await self._ask(till.of_patient, actor, wanted, before_id=before or None)
            self.payments = [payment_views.line(one, zone, language) for one in found]
            self.older = self._address(found[-1].payment.id) if has_more else ""
        elif self.view == ACTIVITY:
            lines = await self._ask(
                activity.of_patient, actor, wanted, before_id=self._before(), most=activity.PAGE + 1
            )
            shown = lines[: activity.PAGE]
            names = await self._ask(staff.names)
            self.activity = views.activity(shown, wanted, clinic, names, zone, language)
            self.older = self._address(shown[-1].id) if len(lines) > len(shown) else ""

    async def _visits(self, actor: StaffActor, wanted: int, language: str) -> None:
        found = await self._ask(visits_of_patient, actor, wanted)
        few = FEW if self.view == OVERVIEW else None
        self.upcoming = [views.visit(line, language) for line in found.upcoming[:few]]
        self.past = [views.visit(line, language) for line in found.past[:few]]
        lost = await self._ask(untold.of_patient, actor, wanted)
        self.untold = {one: f"/admin/message?id={found.message_id}" for one, found in lost.items()}

    def _before(self) -> int:
        return inputs.id_in_address(self.router.url.query_parameters.get("before", ""))

    def _address(self, before: int) -> str:
        return f"/admin/patient?id={self.patient_id}&view={self.view}&before={before}"
