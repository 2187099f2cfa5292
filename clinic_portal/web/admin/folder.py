"""A patient's documents: what is missing, what was completed, and asking for more (S49)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.accounts import staff
from clinic_portal.accounts.roles import Permission
from clinic_portal.booking import paperwork
from clinic_portal.booking.folder import folder
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.forms import queries, requests
from clinic_portal.web import inputs
from clinic_portal.web.admin import folder_views
from clinic_portal.web.admin.base import AdminPage
from clinic_portal.web.admin.folder_views import ChoiceView, FolderView, HeldView, MissingView
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, link_button
from clinic_portal.web.components.fields import picker
from clinic_portal.web.components.follow import follow
from clinic_portal.web.gate import access
from clinic_portal.web.portal.pieces import pill

ENTRY = "grid sm:grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-2.5 items-center py-4 border-b border-[var(--line)] "
LAST = "last:border-0 last:pb-0"


class Documents(AdminPage, rx.State):
    """The documents of the patient whose page is open, without what they hold."""

    patient_id: int = 0
    missing: list[MissingView] = []
    held: list[HeldView] = []
    expired: list[HeldView] = []
    void: list[HeldView] = []
    forms: list[ChoiceView] = []
    visits: list[ChoiceView] = []
    may_read: bool = False
    putting_back: int = 0
    focus_on: str = ""
    focus_number: int = 0
    asked: int = 0  # rises with each form asked for: the choices begin anew

    @rx.event
    @access(Permission.SEE_PATIENTS)
    async def enter(self) -> None:
        """Show the folder, where the address is its own and the role allows it."""
        async with self._answering():
            self._show(FolderView([], [], [], [], [], []))
            self.patient_id = self.putting_back = self.focus_number = 0
            wanted = self.router.url.query_parameters
            if wanted.get("view", "") != "more" or not (await self._staff()).may(Permission.HANDLE_FORMS):
                return
            self.patient_id = inputs.id_in_address(wanted.get("id", ""))
            try:
                await self._look()
            except NotAllowed:
                self.patient_id = 0

    @rx.event
    @access(Permission.HANDLE_FORMS)
    async def ask(self, form: Any) -> None:
        """Ask for a form, for a visit or for none."""
        async with self._answering():
            told = inputs.fields(form, "form", "visit", most=40)
            number = inputs.row_id(told["form"])
            actor, patient_id = await self._staff(), inputs.row_id(self.patient_id)
            await self._do(paperwork.ask_for_form, actor, patient_id, number, reference=told["visit"])
            title = (await self._ask(queries.form, number)).title
            self.asked += 1
            await self._look()
            await self._tell("Asked for", f"{title}: the patient finds it in their portal, under Action required.")

    @rx.event
    @access(Permission.HANDLE_FORMS)
    async def consider(self, request_id: Any) -> None:
        """Take back what is asked? 0: no, it stays."""
        async with self._answering():
            before, self.putting_back = self.putting_back, inputs.row_id(request_id, least=0)
            self._focus(f"put-back-{self.putting_back}" if self.putting_back else f"take-back-{before}")

    @rx.event
    @access(Permission.HANDLE_FORMS)
    async def take_back(self, request_id: Any) -> None:
        """Ask for it no more."""
        async with self._answering():
            self.putting_back = 0
            try:
                await self._do(requests.withdraw, await self._staff(), inputs.row_id(request_id))
            finally:
                await self._look()
            await self._tell("Taken back", "The patient is not asked for it any more.")

    async def _look(self) -> None:
        actor = await self._staff()
        self.may_read = actor.may(Permission.SEE_CHARTS)
        patient_id = inputs.row_id(self.patient_id)
        language = (await self._ask(catalogue)).clinic.language

        def read(read: Reading) -> FolderView:
            names = staff.names(read)
            return folder_views.folder(read, folder(read, actor, patient_id), names, language)

        self._show(await self._ask(read))

    def _focus(self, on: str) -> None:
        self.focus_on = on
        self.focus_number += 1

    def _show(self, view: FolderView) -> None:
        self.missing, self.held, self.expired, self.void = view.missing, view.held, view.expired, view.void
        self.forms, self.visits = view.forms, view.visits


def documents() -> rx.Component:
    """What is missing and what is there; beside it, what can be asked for."""
    return rx.el.div(
        rx.el.div(
            rx.el.section(
                rx.el.h2("Missing"),
                rx.cond(
                    Documents.missing,
                    rx.el.ul(rx.foreach(Documents.missing, _missing), class_name="list-none p-0 m-0"),
                    rx.el.p("Nothing. All that was asked for is here.", class_name=f"{MUTED} mt-1"),
                ),
                id="missing",
                class_name=CARD,
            ),
            rx.el.section(
                rx.el.h2("Completed"),
                rx.cond(
                    Documents.held,
                    _listed(Documents.held),
                    rx.el.p(
                        rx.cond(Documents.expired | Documents.void, "Nothing that holds now.", "Nothing yet."),
                        class_name=f"{MUTED} mt-1",
                    ),
                ),
                id="completed",
                class_name=CARD,
            ),
            _older("Expired", "expired", Documents.expired),
            _older("Void", "void", Documents.void),
            class_name="grid gap-5 min-w-0",
        ),
        _ask(),
        follow(to=Documents.focus_on, number=Documents.focus_number),
        class_name="grid grid-cols-1 xl:grid-cols-[minmax(0,1fr)_300px] gap-5 items-start",
    )


def _listed(listed: Any) -> rx.Component:
    return rx.el.ul(rx.foreach(listed, _held), class_name="list-none p-0 m-0")


def _older(title: str, name: str, listed: Any) -> rx.Component:
    return rx.cond(listed, rx.el.section(rx.el.h2(title), _listed(listed), id=name, class_name=CARD))


def _missing(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(one.title, class_name="font-semibold overflow-anywhere"),
            rx.el.p(one.detail, class_name=f"{SMALL} overflow-anywhere"),
            rx.el.p(one.since, class_name=SMALL),
            rx.el.p(one.note, class_name="text-[13px] font-medium text-[var(--warn)] empty:hidden"),
            rx.el.p(
                rx.el.span(rx.cond(one.is_begun, "Begun, not sent yet", "Not begun"), class_name="lacks"),
                class_name="mt-1.5",
            ),
        ),
        rx.cond(
            Documents.putting_back == one.request_id,
            rx.el.div(
                rx.el.p(
                    rx.cond(
                        one.is_begun,
                        "What was written so far is put away.",
                        "The patient is not asked for it any more.",
                    ),
                    class_name=f"{SMALL} mb-2 max-w-[240px]",
                ),
                button("Take it back", small=True, on_click=Documents.take_back(one.request_id), class_name="mr-2"),
                button("Keep it", ghost=True, small=True, on_click=Documents.consider(0)),
                key="sure",
                id=f"put-back-{one.request_id}",
                tab_index=-1,
                role="group",
                aria_label=f"Take back: {one.title}",
            ),
            rx.el.div(
                link_button(
                    "Fill in with the patient",
                    href=one.fill,
                    aria_label=f"Fill in with the patient: {one.title}",
                    ghost=True,
                    small=True,
                ),
                button(
                    "Take back",
                    id=f"take-back-{one.request_id}",
                    aria_label=f"Take back: {one.title}",
                    ghost=True,
                    small=True,
                    on_click=Documents.consider(one.request_id),
                ),
                key="choose",
                class_name="flex flex-wrap gap-2",
            ),
        ),
        id=one.key,
        class_name=ENTRY + LAST,
    )


def _held(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(one.title, class_name="font-semibold overflow-anywhere"),
            rx.el.p(one.detail, class_name=f"{SMALL} overflow-anywhere"),
            rx.el.p(pill(one.state, one.kind), class_name="mt-1.5"),
            rx.cond(
                one.reason != "",
                rx.el.p("Why: ", one.reason, class_name="text-[13px] mt-1.5 overflow-anywhere"),
            ),
        ),
        link_button(
            rx.cond(Documents.may_read, "Read", "Open"),
            href=one.href,
            aria_label=rx.cond(Documents.may_read, f"Read: {one.title}", f"Open: {one.title}"),
            ghost=True,
            small=True,
            class_name="justify-self-start",
        ),
        id=one.key,
        class_name=ENTRY + LAST,
    )


def _ask() -> rx.Component:
    return rx.cond(
        Documents.forms,
        rx.el.form(
            rx.el.h2("Ask for a form"),
            rx.el.p("It appears in the patient’s portal at once.", class_name=f"{MUTED} mt-1 mb-4"),
            picker("form", "Form", rx.foreach(Documents.forms, _option), around="mb-4"),
            picker(
                "visit",
                "For",
                rx.el.option("No visit in particular", value=""),
                rx.foreach(Documents.visits, _option),
                around="mb-4",
            ),
            button("Ask for it", type="submit", small=True, class_name="mt-1"),
            key=Documents.asked,
            on_submit=Documents.ask,
            id="ask-form",
            class_name=CARD,
        ),
    )


def _option(one: Any) -> rx.Component:
    return rx.el.option(one.label, value=one.value)
