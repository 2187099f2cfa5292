"""What staff noted about a patient: written, read, ended; alerts, which stand on every page about them (P15)."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts import staff
from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.errors import Invalid
from clinic_portal.patients import notes
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, zone_of
from clinic_portal.web.admin.chart import views
from clinic_portal.web.admin.chart.state import PatientPage
from clinic_portal.web.admin.chart.views import NoteView
from clinic_portal.web.components.basics import CARD, ERROR, MUTED, SMALL, button
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem


class NotesPart(AdminPage, rx.State):
    """The notes about the patient the address names."""

    notes: list[NoteView] = []
    wrong: str = ""
    edition: int = 0  # rises with each note kept: the form begins anew

    @rx.event
    @access(Permission.WRITE_NOTES)
    async def write(self, form: Any) -> EventSpec | None:
        """Keep a note, or put up an alert."""
        async with self._answering():
            typed = inputs.fields(form, "body", "kind", most=9000)
            kind = inputs.choice(typed["kind"] or notes.NOTE, (notes.NOTE, notes.ALERT))
            try:
                await self._do(notes.write, await self._staff(), inputs.row_id(self._wanted()), kind, typed["body"])
            except Invalid as refusal:
                self.wrong = problem(refusal).sentence
                return rx.set_focus("body")
            self.edition += 1
            await self._again()
            await self._tell("Saved", "It stands on every page about them." if kind == notes.ALERT else "")
        return None

    @rx.event
    @access(Permission.WRITE_NOTES)
    async def end(self, note_id: Any) -> EventSpec | None:
        """It holds no more."""
        async with self._answering():
            note = inputs.row_id(note_id)
            await self._do(notes.end, await self._staff(), inputs.row_id(self._wanted()), note)
            await self._again()
            return rx.set_focus("notes-title")
        return None

    async def _again(self) -> None:
        await self._enter(await self._open("Patient", keeps_notice=True), await self._staff(), self._wanted())
        await (await self.get_state(PatientPage))._show()

    async def _enter(self, clinic: Catalogue, actor: StaffActor, wanted: int) -> None:
        self.wrong, self.notes = "", []
        found = await self._do(notes.open_notes, actor, wanted)
        names = await self._ask(staff.names)
        self.notes = [views.note(one, names, str(zone_of(clinic)), clinic.clinic.language) for one in found]

    def _wanted(self) -> int:
        return inputs.id_in_address(self.router.url.query_parameters.get("id", ""))


def patient_notes() -> rx.Component:
    """A form, and what stands."""
    return rx.el.div(
        rx.el.section(
            rx.el.h2("Notes", id="notes-title", tab_index=-1),
            rx.cond(
                NotesPart.notes,
                rx.el.ul(rx.foreach(NotesPart.notes, _note), id="notes", class_name="list-none p-0 mt-2 mb-0"),
                rx.el.p("Nothing was noted yet.", id="notes", class_name=f"{MUTED} mt-1"),
            ),
            class_name=f"{CARD} min-w-0",
        ),
        rx.el.section(
            rx.el.h2("Write one"),
            rx.el.form(
                rx.el.label("What the team should know", html_for="body", class_name="block font-semibold mb-1.5 mt-3"),
                rx.el.textarea(
                    id="body",
                    name="body",
                    rows="5",
                    max_length=4000,
                    dir="auto",
                    key=NotesPart.edition,
                    aria_invalid=rx.cond(NotesPart.wrong != "", "true", "false"),
                    aria_describedby="body-error",
                    class_name="field",
                ),
                rx.el.p(
                    NotesPart.wrong,
                    id="body-error",
                    role="alert",
                    class_name=ERROR,
                ),
                rx.el.label("As", html_for="kind", class_name="block font-semibold mb-1.5 mt-3"),
                rx.el.select(
                    rx.el.option("A note", value=notes.NOTE),
                    rx.el.option("An alert on every page", value=notes.ALERT),
                    id="kind",
                    key=f"kind-{NotesPart.edition}",
                    name="kind",
                    class_name="field",
                ),
                rx.el.p("Patients do not see notes. They cannot be changed, only ended.", class_name=f"{SMALL} mt-3"),
                button("Save", type="submit", small=True, class_name="mt-3"),
                id="note-form",
                no_validate=True,
                on_submit=NotesPart.write,
            ),
            class_name=CARD,
        ),
        class_name="grid grid-cols-1 xl:grid-cols-[minmax(0,1fr)_320px] gap-5 items-start",
    )


def _note(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(
                one.kind,
                class_name=rx.cond((one.kind == "Alert") & (one.ended == ""), "mark red", "mark"),
            ),
            rx.el.p(
                one.body,
                dir="auto",
                class_name=rx.cond(one.ended != "", "note-body ended", "note-body"),
            ),
            rx.el.p(one.told, class_name=f"{SMALL} mt-1"),
            rx.el.p(one.ended, class_name=f"{SMALL} empty:hidden"),
            class_name="min-w-0",
        ),
        rx.cond(
            one.ended == "",
            button(
                "End",
                aria_label=f"End: {one.kind} of {one.told}",
                ghost=True,
                small=True,
                on_click=NotesPart.end(one.id),
            ),
        ),
        class_name="flex justify-between items-start gap-4 py-3 border-b border-[var(--line)] last:border-0",
    )
