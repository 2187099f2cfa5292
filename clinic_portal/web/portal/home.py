"""The portal's first page: the next visit, what is to be done, and a calendar (S4, S27, S40, S43, S50)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from clinic_portal.booking import changes, paperwork, queries, statement
from clinic_portal.booking.types import Visit, Visits
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.patients import wishes
from clinic_portal.patients.queries import language_of, time_zone_of
from clinic_portal.web import inputs
from clinic_portal.web.components.awake import awake
from clinic_portal.web.components.basics import MUTED, NATIVE, SMALL, card, link_button, step_title
from clinic_portal.web.components.time_zone import zone_told
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.portal import paper_views, views, wallet_views
from clinic_portal.web.portal.base import PortalPage
from clinic_portal.web.portal.frame import portal_frame
from clinic_portal.web.portal.paper_pieces import nothing, papers
from clinic_portal.web.portal.paper_views import PaperView
from clinic_portal.web.portal.pieces import PILL, month_of_visits, pill, visit_entry
from clinic_portal.web.portal.views import CellView, VisitView


class Home(PortalPage, rx.State):
    """What a patient sees first."""

    greeting: str = ""
    hint: str = ""
    has_next: bool = False
    next_when: str = ""
    next_what: str = ""
    next_where: str = ""
    next_reference: str = ""
    may_move: bool = False
    may_cancel: bool = False
    month_iso: str = ""
    month_title: str = ""
    weekdays: list[str] = []
    cells: list[CellView] = []
    beside: list[VisitView] = []
    to_do: list[PaperView] = []
    after: list[PaperView] = []
    older: list[PaperView] = []
    wakes_in: int = 0
    knows_zone: bool = True
    purse: list[list[str]] = []

    @rx.event
    @access(PATIENT)
    async def enter(self) -> None:
        """Show how things stand."""
        async with self._answering():
            await self._open("Home")
            self.month_iso = ""
            await self._look(0)

    @rx.event
    @access(PATIENT)
    async def turn_month(self, months: Any) -> None:
        """A month on or back."""
        async with self._answering():
            await self._look(inputs.choice(months, (-1, 1)))

    @rx.event
    @access(PATIENT, by_itself=True)
    async def note_zone(self, zone: Any) -> None:
        """The browser tells its time zone: quiet hours go by it, as long as the patient chose none."""
        async with self._answering():
            patient = await self._patient()
            await self._do(wishes.note_time_zone, patient.patient_id, inputs.text(zone, most=60))
            self.knows_zone = True

    @rx.event
    @access(PATIENT, by_itself=True)
    async def look_again(self) -> None:
        """The page was left open and is seen again, or a visit begins: show how things stand now (S44)."""
        async with self._answering():
            await self._look(0)

    async def _look(self, turn: int) -> None:
        patient = await self._patient()
        shown = inputs.iso_date(self.month_iso) if self.month_iso else None

        def read(read: Reading) -> None:
            clinic = catalogue(read)
            language = language_of(read, patient.patient_id)
            zone = clinic.time_zone
            known, coming = queries.visits_of(read, patient.patient_id), queries.next_visit(read, patient.patient_id)
            self._show_papers(read, patient.patient_id, language)
            is_shown = statement.is_shown(read)
            self.purse = (
                wallet_views.summary(statement.of_patient(read, patient.patient_id, most=1)) if is_shown else []
            )
            self._greet(patient.given_name, coming, read, zone, _left(read, patient.patient_id, coming))
            self._show_next(coming, read, language)
            self._show_month(known, shown, turn, read, zone, language)
            self.knows_zone = time_zone_of(read, patient.patient_id) is not None

        await self._ask(read)

    def _greet(self, name: str, coming: Visit | None, read: Reading, zone: str, waiting: int) -> None:
        here = read.now.astimezone(ZoneInfo(zone))
        part = "morning" if here.hour < 12 else "afternoon" if here.hour < 18 else "evening"
        self.greeting = f"Good {part}, {name}"
        left = paper_views.counted(waiting) if waiting else ""
        if coming is None:
            none = "You have no visit booked. Whenever you like, there is a time for you."
            self.hint = f"{left} to do below." if left else none
            return
        days = (wording.local(coming.start_at, coming.location.time_zone).date() - here.date()).days
        told = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
        self.hint = f"Your next visit is {told}." + (f" {left} to do before then." if left else "")

    def _show_papers(self, read: Reading, patient_id: int, language: str) -> None:
        self.to_do = [paper_views.paper(read, one, language) for one in paperwork.to_do(read, patient_id)]
        told = paperwork.after_visits(read, patient_id)
        self.after, self.older = paper_views.after(read, told, language)
        self.wakes_in = paper_views.seconds_to_next(read, patient_id)

    def _show_next(self, coming: Visit | None, read: Reading, language: str) -> None:
        self.has_next = coming is not None
        if coming is None:
            return
        self.next_when = views.when(coming, language)
        names = " and ".join(one.name for one in coming.services)
        self.next_what = f"{names} with {coming.provider_name}"
        self.next_where = f"{coming.location.name}, {coming.location.street}"
        self.next_reference = coming.reference
        self.may_move = changes.refusal(read, coming, "reschedule") is None
        self.may_cancel = changes.refusal(read, coming, "cancel") is None

    def _show_month(
        self, known: Visits, shown: date | None, turn: int, read: Reading, zone: str, language: str
    ) -> None:
        today = read.now.astimezone(ZoneInfo(zone)).date()
        if shown is None:
            first = known.upcoming[0] if known.upcoming else None
            shown = wording.local(first.start_at, first.time_zone).date() if first else today
        on = shown.replace(day=1)
        if turn:
            on = (on + timedelta(days=32 if turn > 0 else -1)).replace(day=1)
        self.month_iso, self.month_title = on.isoformat(), wording.month(on, language)
        self.weekdays = wording.weekdays(language)
        lines = [*known.upcoming, *known.past]
        self.cells = views.month(on, lines, today, language)
        self.beside = [views.visit(line, language) for line in (*known.upcoming[:4], *known.past[:4])]


def _left(read: Reading, patient_id: int, coming: Visit | None) -> int:
    """How many things are to be done before the next visit: what a later one needs has time."""
    due = (coming.appointment_id, None) if coming else ()
    waiting = paperwork.to_do(read, patient_id)
    return sum(coming is None or one.request.appointment_id in due for one in waiting)


def page() -> rx.Component:
    """Left: what to do; right: the calendar."""
    return portal_frame(
        step_title(Home.greeting),
        rx.el.p(Home.hint, class_name=f"{MUTED} mt-1"),
        rx.el.div(
            rx.el.div(_next(), _to_do(), _after(), class_name="grid gap-5"),
            rx.el.div(
                card(
                    month_of_visits(Home.month_title, Home.weekdays, Home.cells, on_turn=Home.turn_month),
                    rx.el.ul(rx.foreach(Home.beside, visit_entry), class_name="list-none p-0 mt-4 mb-0"),
                    rx.el.a("All appointments", href="/portal/appointments", class_name="link"),
                ),
                rx.cond(Home.purse, _wallet()),
                class_name="grid gap-5",
            ),
            class_name="grid grid-cols-1 lg:grid-cols-[minmax(0,1fr)_400px] gap-7 mt-7 items-start",
        ),
        awake(seconds=Home.wakes_in, on_look=Home.look_again),
        rx.cond(Home.knows_zone, rx.fragment(), zone_told(name="", on_told=Home.note_zone)),
        here="Home",
    )


def _wallet() -> rx.Component:
    """The wallet in a few numbers (S33)."""
    return card(
        rx.el.div(
            rx.el.h2("Wallet"),
            rx.el.a("Open", rx.el.span(" your wallet", class_name="sr"), href="/portal/wallet", class_name="link"),
            class_name="flex justify-between items-baseline gap-3",
        ),
        rx.el.ul(
            rx.foreach(
                Home.purse,
                lambda one: rx.el.li(
                    rx.el.span(one[0], " ", class_name="block font-[family-name:var(--serif)] text-[24px] num"),
                    rx.el.span(one[1], class_name=f"{SMALL} overflow-anywhere"),
                    class_name="min-w-0",
                ),
            ),
            class_name="list-none p-0 mt-2 mb-0 grid grid-cols-2 gap-x-5 gap-y-3",
        ),
        id="purse",
    )


def _next() -> rx.Component:
    return rx.cond(
        Home.has_next,
        card(
            rx.el.div(
                pill("Upcoming", "upcoming"),
                rx.el.span("Confirmation ", Home.next_reference, class_name=SMALL),
                class_name="flex justify-between items-center gap-3 flex-wrap",
            ),
            rx.el.h2(Home.next_when, class_name="mt-3"),
            rx.el.p(Home.next_what, class_name=f"{MUTED} mt-1"),
            rx.el.p(Home.next_where, class_name=MUTED),
            rx.el.div(
                link_button(
                    "Add to calendar",
                    href=f"/portal/appointment.ics?ref={Home.next_reference}",
                    ghost=True,
                    small=True,
                    custom_attrs=NATIVE,
                ),
                rx.cond(
                    Home.may_move,
                    link_button(
                        "Reschedule", href=f"/portal/visit/move?ref={Home.next_reference}", ghost=True, small=True
                    ),
                ),
                rx.cond(
                    Home.may_cancel,
                    link_button(
                        "Cancel", href=f"/portal/visit?ref={Home.next_reference}#change", ghost=True, small=True
                    ),
                ),
                link_button("Details", href=f"/portal/visit?ref={Home.next_reference}", ghost=True, small=True),
                class_name="flex flex-wrap gap-3 mt-4",
            ),
            id="next-visit",
        ),
        card(
            rx.el.h2("Your next visit"),
            rx.el.p("There is none yet.", class_name=f"{MUTED} mt-1 mb-4"),
            link_button("Book a visit", href="/book"),
            id="next-visit",
        ),
    )


def _to_do() -> rx.Component:
    return card(
        rx.el.div(
            rx.el.h2("Action required"),
            rx.cond(
                Home.to_do,
                rx.el.span(
                    Home.to_do.length(),
                    " left",
                    class_name=f"{PILL} bg-[var(--warn-soft)] text-[var(--warn)]",
                ),
            ),
            class_name="flex justify-between items-center gap-3",
        ),
        rx.cond(
            Home.to_do,
            papers(Home.to_do),
            nothing("You are all set. What a visit needs from you appears here the moment it is booked."),
        ),
        id="action-required",
    )


def _after() -> rx.Component:
    return card(
        rx.el.h2("Post-treatment instructions"),
        rx.cond(
            Home.after,
            papers(Home.after),
            nothing("What to do after a treatment appears here as soon as the visit begins."),
        ),
        rx.cond(
            Home.older,
            rx.el.details(
                rx.el.summary("Earlier", class_name="link cursor-pointer"),
                papers(Home.older),
                class_name="mt-3",
            ),
        ),
        id="after-treatment",
    )
