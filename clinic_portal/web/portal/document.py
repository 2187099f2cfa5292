"""A completed document, as it was signed (S28, S29, B5)."""

from __future__ import annotations

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.booking import paperwork
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.forms import documents
from clinic_portal.patients.queries import language_of
from clinic_portal.web.components import paper
from clinic_portal.web.components.basics import MUTED, NATIVE, button, card, link_button, step_title
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.portal import document_views, paper_pieces
from clinic_portal.web.portal.base import PortalPage
from clinic_portal.web.portal.document_views import AnswerView, FactView, SectionView, SignatureView
from clinic_portal.web.portal.frame import portal_frame
from clinic_portal.web.portal.pieces import pill, row


class DocumentPage(PortalPage, rx.State):
    """A document of the patient's own; any other looks like one that does not exist."""

    is_missing: bool = False
    title: str = ""
    state: str = ""
    kind: str = ""
    completed: str = ""
    pdf: str = ""
    may_change: bool = False
    sections: list[SectionView] = []
    answers: list[AnswerView] = []
    signatures: list[SignatureView] = []
    proof: list[FactView] = []

    @rx.event
    @access(PATIENT)
    async def enter(self) -> None:
        """Show the document the address names."""
        async with self._answering():
            await self._open("Forms")
            patient = await self._patient()

            def read(read: Reading) -> None:
                found = documents.own(read, patient.patient_id, self._number())
                shown = document_views.document(read, found, language_of(read, patient.patient_id))
                self.title, self.state, self.kind = shown.title, shown.state, shown.kind
                self.completed, self.proof = shown.completed, shown.proof
                self.sections, self.answers, self.signatures = shown.sections, shown.answers, shown.signatures
                self.pdf = f"/portal/document.pdf?id={found.line.id}"
                self.may_change = paperwork.may_answer_anew(read, patient.patient_id, found.line.id)

            try:
                await self._ask(read)
                self.is_missing = False
            except NotAllowed:
                self.is_missing = True
                self.sections, self.answers, self.signatures, self.proof = [], [], [], []

    @rx.event
    @access(PATIENT)
    async def answer_anew(self) -> EventSpec | None:
        """Their answers have changed: to the form, with those of this document to begin with."""
        async with self._answering():
            patient = await self._patient()
            request_id = await self._do(paperwork.answer_anew, patient.patient_id, self._number())
            return rx.redirect(f"/portal/form?id={request_id}")
        return None


def page() -> rx.Component:
    """What was told and signed; beside it, what proves it."""
    return portal_frame(
        rx.cond(
            DocumentPage.is_missing,
            paper_pieces.gone("We could not find that document"),
            rx.fragment(
                rx.el.p(
                    rx.el.a("‹ Forms and instructions", href="/portal/forms", class_name="link"), class_name="no-print"
                ),
                rx.el.div(
                    step_title(DocumentPage.title),
                    pill(DocumentPage.state, DocumentPage.kind),
                    class_name="flex items-center gap-x-4 gap-y-2 flex-wrap mt-2 overflow-anywhere",
                ),
                rx.el.p(DocumentPage.completed, class_name=f"{MUTED} mt-1"),
                rx.el.div(
                    rx.el.div(
                        rx.cond(DocumentPage.sections, paper.consent_text(DocumentPage.sections, id="text")),
                        rx.cond(DocumentPage.answers, paper.questions(DocumentPage.answers)),
                        rx.cond(DocumentPage.signatures, paper.signatures(DocumentPage.signatures)),
                        class_name="grid gap-5",
                    ),
                    _beside(),
                    class_name="grid grid-cols-1 lg:grid-cols-[minmax(0,1fr)_340px] gap-6 mt-6 items-start",
                ),
            ),
        ),
        here="Forms",
    )


def _beside() -> rx.Component:
    return rx.el.aside(
        card(
            rx.el.h2("Keep a copy"),
            rx.el.div(
                link_button("Download PDF", href=DocumentPage.pdf, small=True, custom_attrs=NATIVE),
                rx.cond(
                    DocumentPage.may_change,
                    button("My answers have changed", ghost=True, small=True, on_click=DocumentPage.answer_anew),
                ),
                class_name="flex flex-wrap gap-3 mt-3",
            ),
            class_name="no-print",
        ),
        card(
            rx.el.h2(
                rx.cond(DocumentPage.signatures, "What was signed is kept exactly", "What you told us is kept exactly")
            ),
            rx.el.p("Nobody can change it unseen, not even the clinic.", class_name=f"{MUTED} mt-1"),
            rx.el.dl(rx.foreach(DocumentPage.proof, lambda one: row(one.name, one.told)), class_name="m-0 mt-2"),
            id="proof",
        ),
        aria_label="About this document",
        class_name="grid gap-5",
    )
