"""A completed document as staff see it: what it holds, what proves it, signing it too, declaring it void (S49, P10)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.accounts import staff
from clinic_portal.accounts.roles import Permission
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.errors import Invalid, NotAllowed
from clinic_portal.core.work import UnitOfWork
from clinic_portal.forms import documents
from clinic_portal.forms.types import Hand
from clinic_portal.patients.queries import names
from clinic_portal.web import inputs
from clinic_portal.web.admin import document_views
from clinic_portal.web.admin.base import AdminPage, Desk
from clinic_portal.web.admin.document_parts import beside, held
from clinic_portal.web.admin.document_views import Contents, Outline, ProofView, SignView
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.components.basics import CARD, link_button
from clinic_portal.web.components.follow import follow
from clinic_portal.web.gate import access
from clinic_portal.web.identity import device_called
from clinic_portal.web.portal.document_views import AnswerView, FactView, SectionView, SignatureView
from clinic_portal.web.portal.pieces import pill
from clinic_portal.web.problems import problem


class DeskDocument(AdminPage, rx.State):
    """One document; what it holds only for those who may read charts, which the activity log notes."""

    document_id: int = 0
    patient_id: int = 0
    patient: str = ""
    is_missing: bool = False
    may_read: bool = False
    may_void: bool = False
    title: str = ""
    state: str = ""
    kind: str = ""
    void: str = ""
    pdf: str = ""
    facts: list[FactView] = []
    sections: list[SectionView] = []
    newer: list[SectionView] = []
    answers: list[AnswerView] = []
    signatures: list[SignatureView] = []
    proofs: list[ProofView] = []
    signs: list[SignView] = []
    signer: str = ""
    sign_role: str = ""
    sign_error: str = ""
    is_voiding: bool = False
    reason_error: str = ""
    focus_on: str = ""
    focus_number: int = 0

    @rx.event
    @access(Permission.HANDLE_FORMS)
    async def enter(self) -> None:
        """Show the document the address names."""
        async with self._answering():
            await self._open("Document")
            self._forget()
            self.document_id = inputs.id_in_address(self.router.url.query_parameters.get("id", ""))
            try:
                await self._look()
            except NotAllowed:
                self._forget()
                return
            self.is_missing = False

    @rx.event
    @access(Permission.HANDLE_FORMS)
    async def sign(self, form: Any) -> None:
        """Countersign, as the provider or as a witness."""
        async with self._answering():
            role = inputs.choice(inputs.fields(form, "role", most=20)["role"], list(document_views.SIGNS))
            link = f"sign-{role}"
            told = inputs.fields(form, f"{link}-name", f"{link}-method", most=120)
            raw = {
                "method": told[f"{link}-method"],
                "name": told[f"{link}-name"],
                "relation": "",
                "strokes": inputs.json_list(form.get(f"{link}-strokes") or "[]", most=inputs.MOST_INK),
            }
            actor, number = await self._staff(), inputs.row_id(self.document_id)
            address, device = self.router.session.client_ip, device_called(self.router.headers.user_agent)
            hand = Hand(actor.tag, actor.name, address, device)
            self.sign_role = self.sign_error = ""
            try:
                await self._do(documents.countersign, actor, number, role, raw, hand)
            except Invalid as refusal:
                self.sign_role, self.sign_error = role, problem(refusal).sentence
                self._focus(f"{link}-error")
                return
            await self._look()
            await self._tell("Signed", f"You signed as the {role}. It is sealed with the document.")

    @rx.event
    @access(Permission.SIGN_FORMS)
    async def consider(self, is_voiding: Any) -> None:
        """Declare it void? Says what that does, before anything happens; or no, it stays as it is."""
        async with self._answering():
            self.is_voiding, self.reason_error = inputs.choice(is_voiding, (True, False)), ""
            self._focus("reason" if self.is_voiding else "void-begin")

    @rx.event
    @access(Permission.SIGN_FORMS)
    async def declare_void(self, form: Any) -> None:
        """It counts no more, for a reason."""
        async with self._answering():
            reason = inputs.fields(form, "reason", most=5000)["reason"]
            actor, number = await self._staff(), inputs.row_id(self.document_id)
            self.reason_error = ""
            try:
                await self._do(documents.void, actor, number, reason)
            except Invalid as refusal:
                self.reason_error = problem(refusal).sentence
                self._focus("reason")
                return
            self.is_voiding = False
            await self._look()
            await self._tell("It is void", "It stays here with your reason. What still needs it asks for it again.")

    async def _look(self) -> None:
        actor, number = await self._staff(), inputs.row_id(self.document_id)

        def read(work: UnitOfWork) -> tuple[Outline, Contents, int, str]:
            clinic = catalogue(work).clinic
            line = documents.line_for_staff(work, actor, number)
            patient = names(work, [line.patient_id])[line.patient_id]
            members = staff.names(work)
            shown = document_views.outline(work, line, actor, members, clinic.language)
            if not actor.may(Permission.SEE_CHARTS):
                return shown, Contents(), line.patient_id, patient
            found = documents.for_staff(work, actor, number)
            inside = document_views.contents(work, found, patient, clinic.name, members, clinic.language)
            return shown, inside, line.patient_id, patient

        shown, inside, self.patient_id, self.patient = await self._do(read)
        self.may_read, self.signer = actor.may(Permission.SEE_CHARTS), actor.name
        self.may_void = actor.may(Permission.SIGN_FORMS) and shown.state != "Void"
        self.pdf = f"/admin/document.pdf?id={number}" if self.may_read else ""
        self._show(shown, inside)

    def _show(self, shown: Outline, inside: Contents) -> None:
        self.title, self.state, self.kind, self.facts, self.signs = (
            shown.title, shown.state, shown.kind, shown.facts, shown.signs,
        )  # fmt: skip
        self.sections, self.answers, self.signatures = inside.sections, inside.answers, inside.signatures
        self.proofs, self.void, self.newer = inside.proofs, inside.void, inside.newer

    def _forget(self) -> None:
        """Nothing of a document is on the page."""
        self._show(Outline("", "", "", [], []), Contents())
        self.document_id = self.patient_id = self.focus_number = 0
        self.patient = self.pdf = self.signer = self.sign_role = self.sign_error = self.reason_error = ""
        self.is_missing, self.may_read, self.may_void, self.is_voiding = True, False, False, False

    def _focus(self, on: str) -> None:
        self.focus_on = on
        self.focus_number += 1


def page() -> rx.Component:
    """What it holds; beside it, how it stands and what can be done."""
    return admin_frame(
        rx.cond((Desk.page == "Document") & ~DeskDocument.is_missing, DeskDocument.title, "Document"),
        rx.cond(
            DeskDocument.is_missing,
            rx.el.div(
                rx.el.p("There is no such document. The link may be old.", class_name="mb-5"),
                link_button("All patients", href="/admin/patients", small=True),
                class_name=CARD,
            ),
            rx.fragment(
                rx.el.div(
                    rx.el.a(
                        f"‹ Documents of {DeskDocument.patient}",
                        href=f"/admin/patient?id={DeskDocument.patient_id}&view=more",
                        class_name="link no-print overflow-anywhere",
                    ),
                    rx.el.span(pill(DeskDocument.state, DeskDocument.kind), id="standing"),
                    class_name="flex flex-wrap items-center gap-x-4 gap-y-1 -mt-3 mb-4",
                ),
                rx.el.div(
                    held(DeskDocument),
                    beside(DeskDocument),
                    class_name="grid grid-cols-1 xl:grid-cols-[minmax(0,1fr)_340px] gap-5 items-start",
                ),
            ),
        ),
        follow(to=DeskDocument.focus_on, number=DeskDocument.focus_number),
        here="Patients",
        page="Document",
    )
