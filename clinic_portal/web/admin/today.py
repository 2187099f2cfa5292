"""The day of a location: who comes when, to whom (P15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking.day import Day, day
from clinic_portal.booking.paperwork import STANDING, outstanding
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.messaging import untold
from clinic_portal.patients.joining import about_how_many_never_signed_in
from clinic_portal.web import inputs
from clinic_portal.web.admin import day_views
from clinic_portal.web.admin.base import AdminPage, Desk
from clinic_portal.web.admin.day_views import (
    ColumnView,
    HourView,
    LackView,
    Lost,
    Missing,
    UntoldView,
    grid,
    is_over,
    lacks,
    takings,
)
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, link_button
from clinic_portal.web.gate import STAFF, access
from clinic_portal.web.problems import Problem


@dataclass
class PlaceView:
    """A location to look at."""

    id: str
    name: str


class Today(AdminPage, rx.State):
    """One location, one day."""

    location_id: int = 0
    day_iso: str = ""
    title: str = "Today"
    subtitle: str = ""
    places: list[PlaceView] = []
    hours: list[HourView] = []
    columns: list[ColumnView] = []
    height: str = "0px"
    now_top: str = ""
    done: str = ""
    total: str = ""
    money: str = ""
    never: str = ""
    handles_forms: bool = False
    lacking: str = ""
    lacks: list[LackView] = []
    untold: list[UntoldView] = []

    @rx.event
    @access(STAFF)
    async def enter(self) -> None:
        """Show today."""
        async with self._answering():
            refused = self.router.url.query_parameters.get("why") == "not_permitted"
            self.day_iso = ""
            await self._look()
            if refused:
                await self._say(Problem.of("not_permitted"))

    @rx.event
    @access(STAFF)
    async def turn(self, days: Any) -> None:
        """A day on or back; 0 is today."""
        async with self._answering():
            step = inputs.choice(days, (-1, 0, 1))
            shown = inputs.iso_date(self.day_iso)
            self.day_iso = (shown + timedelta(days=step)).isoformat() if step else ""
            await self._look()

    @rx.event
    @access(STAFF)
    async def go_to(self, location_id: Any) -> None:
        """Another location."""
        async with self._answering():
            self.location_id = inputs.row_id(location_id)
            await self._look()

    async def _look(self) -> None:
        clinic = await self._open("Today")
        actor = await self._staff()
        if self.location_id not in clinic.locations:
            self.location_id = next(iter(clinic.locations))
        zone = ZoneInfo(clinic.locations[self.location_id].time_zone)
        wished = inputs.iso_date(self.day_iso) if self.day_iso else None

        def read(read: Reading) -> tuple[Day, datetime, int, Missing, Lost]:
            found = day(read, actor, self.location_id, wished or read.now.astimezone(zone).date())
            never = about_how_many_never_signed_in(read)
            return found, read.now, never, _missing(read, actor, found), _lost(read, actor, found)

        found, now, never, missing, lost = await self._ask(read)
        self.never = str(never)
        self.handles_forms = actor.may(Permission.HANDLE_FORMS)
        self._show(clinic, found, now, missing, lost, to_visit=actor.may(Permission.RUN_VISITS))

    def _show(
        self, clinic: Catalogue, found: Day, now: datetime, missing: Missing, lost: Lost, *, to_visit: bool
    ) -> None:
        language = clinic.clinic.language
        self.day_iso = found.on.isoformat()
        self.title = wording.day(found.on, found.time_zone, language)
        place = clinic.locations[self.location_id]
        count = len(found.visits)
        self.subtitle = f"{place.name} · {count} {'appointment' if count == 1 else 'appointments'}"
        self.places = [PlaceView(str(one.id), one.name) for one in clinic.locations.values()]
        self.done, self.total = str(sum(is_over(one, now) for one in found.visits)), f"of {count}"
        self.money = takings(found, clinic.clinic.currency, language)
        self.lacks = lacks(found, missing, now, language)
        self.lacking = str(len(self.lacks))
        self.untold = day_views.untold(found, lost, language)
        shown = grid(found, now, language, missing, lost, to_visit=to_visit)
        self.height, self.now_top, self.hours, self.columns = shown.height, shown.now_top, shown.hours, shown.columns


def _missing(read: Reading, actor: StaffActor, found: Day) -> Missing:
    """What each visit misses, for those who handle forms."""
    if not actor.may(Permission.HANDLE_FORMS):
        return {}
    standing = [one.appointment_id for one in found.visits if one.status in STANDING and one.end_at > read.now]
    return {
        number: [one.request.title for one in listed] for number, listed in outstanding(read, actor, standing).items()
    }


def _lost(read: Reading, actor: StaffActor, found: Day) -> Lost:
    """The message about each visit still to come that reached nobody, for those who handle messages."""
    coming = [one.appointment_id for one in found.visits if one.status in STANDING and one.end_at > read.now]
    lost = untold.of_visits(read, actor, coming)
    return {number: f"/admin/message?id={one.message_id}" for number, one in lost.items()}


def page() -> rx.Component:
    """Figures, then a column for each provider; who was not told of their visit, and who comes without all forms."""
    return admin_frame(
        rx.cond(Desk.page == "Today", Today.title, "Today"),
        rx.el.div(
            rx.el.p(Today.subtitle, id="day-subtitle", class_name=MUTED),
            rx.el.div(
                rx.cond(Today.places.length() > 1, _places()),
                button("‹", ghost=True, small=True, aria_label="Day before", on_click=Today.turn(-1)),
                button("Today", ghost=True, small=True, on_click=Today.turn(0)),
                button("›", ghost=True, small=True, aria_label="Day after", on_click=Today.turn(1)),
                class_name="flex gap-2 items-center flex-wrap",
            ),
            class_name="flex justify-between items-center gap-3 flex-wrap -mt-3 mb-4",
        ),
        rx.el.div(
            _figure(Today.done, "Arrived or done", Today.total),
            rx.cond(Today.handles_forms, _figure(Today.lacking, "Missing forms before their visit")),
            _figure(Today.money, "Booked this day"),
            rx.cond(
                Desk.invites,
                rx.el.div(
                    rx.el.div(
                        rx.el.p(Today.never, class_name="font-[family-name:var(--serif)] text-[26px] leading-tight"),
                        rx.el.p("Never logged in", class_name=SMALL),
                    ),
                    link_button("Activate now", href="/admin/settings/portal", small=True),
                    class_name=f"{CARD} !p-5 flex justify-between items-center gap-3",
                ),
                _figure(Today.never, "Never logged in"),
            ),
            class_name=rx.cond(
                Today.handles_forms, "grid sm:grid-cols-2 xl:grid-cols-4 gap-4 mb-5", "grid sm:grid-cols-3 gap-4 mb-5"
            ),
        ),
        rx.cond(
            Today.columns,
            rx.el.div(
                _grid(),
                rx.cond(Today.untold, _untold()),
                rx.cond(Today.lacks, _lacks()),
                class_name="grid gap-5 min-w-0",
            ),
            rx.el.p("Nobody works here on this day.", class_name=CARD),
        ),
        here="Today",
        page="Today",
    )


def _places() -> rx.Component:
    return rx.el.div(
        rx.el.label("Location", html_for="location", class_name="sr"),
        rx.el.select(
            rx.foreach(Today.places, lambda one: rx.el.option(one.name, value=one.id)),
            id="location",
            value=Today.location_id.to(str),
            on_change=Today.go_to,
            class_name="field !min-h-[36px] !py-1",
        ),
    )


def _figure(number: Any, what: str, of: Any = "") -> rx.Component:
    return rx.el.div(
        rx.el.p(
            number,
            " ",
            rx.el.span(of, class_name="text-[13px]"),
            class_name="font-[family-name:var(--serif)] text-[26px] leading-tight",
        ),
        rx.el.p(what, class_name=SMALL),
        class_name=f"{CARD} !p-5",
    )


def _form(count: Any) -> rx.Component:
    return rx.cond(count == "1", "form", "forms")


def _lacks() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Missing before they come", class_name="!text-[18px]"),
        rx.el.ol(
            rx.foreach(
                Today.lacks,
                lambda one: rx.el.li(
                    rx.el.p(
                        rx.el.span(one.when, class_name=f"{SMALL} num whitespace-nowrap mr-2"),
                        rx.el.a(
                            one.name, href=one.href, class_name="link !text-[14px] font-semibold overflow-anywhere"
                        ),
                    ),
                    rx.el.ul(
                        rx.foreach(one.forms, lambda title: rx.el.li(title, class_name="overflow-anywhere")),
                        class_name="list-none p-0 m-0 text-[13px]",
                    ),
                    class_name="py-2.5 border-t border-[var(--line)] break-inside-avoid",
                ),
            ),
            class_name="list-none p-0 m-0 mt-3 sm:columns-2 xl:columns-3 gap-8",
        ),
        id="lacks",
        class_name=f"{CARD} !p-5",
    )


def _untold() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Not told of their visit", class_name="!text-[18px]"),
        rx.el.p("Nothing we sent about it arrived. A call helps.", class_name=SMALL),
        rx.el.ol(
            rx.foreach(
                Today.untold,
                lambda one: rx.el.li(
                    rx.el.span(one.when, class_name=f"{SMALL} num whitespace-nowrap mr-2"),
                    rx.el.a(
                        one.name,
                        rx.el.span(": what did not arrive", class_name="sr"),
                        href=one.href,
                        class_name="link !text-[14px] font-semibold overflow-anywhere",
                    ),
                    class_name="py-2.5 border-t border-[var(--line)] break-inside-avoid",
                ),
            ),
            class_name="list-none p-0 m-0 mt-3 sm:columns-2 xl:columns-3 gap-8",
        ),
        id="untold",
        class_name=f"{CARD} !p-5",
    )


def _grid() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.div(class_name="day-head"),
            rx.el.div(
                rx.foreach(
                    Today.hours,
                    lambda hour: rx.el.span(
                        hour.label,
                        class_name="absolute right-2 text-[12px] text-[var(--ink-2)] whitespace-nowrap",
                        style={"top": hour.top},
                    ),
                ),
                class_name="relative",
                style={"height": Today.height},
            ),
        ),
        rx.foreach(Today.columns, _column),
        class_name="day-grid",
        style={"gridTemplateColumns": f"80px repeat({Today.columns.length()}, minmax(150px, 1fr))"},
        tab_index=0,
        role="region",
        aria_label="Appointments of the day",
    )


def _column(column: Any) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(column.name, class_name="!font-[family-name:var(--sans)] !text-[15px] !font-semibold truncate"),
            rx.el.p(column.note, class_name=SMALL),
            class_name="day-head",
        ),
        rx.el.ul(
            rx.foreach(
                column.slots,
                lambda slot: rx.el.li(
                    rx.cond(
                        slot.href != "",
                        rx.el.a(
                            rx.el.b(
                                rx.el.span(slot.title),
                                rx.cond(
                                    slot.lacks != "", rx.el.span(slot.lacks, " ", _form(slot.lacks), class_name="lacks")
                                ),
                                rx.cond(slot.is_untold, rx.el.span("! Not told", class_name="lacks")),
                            ),
                            rx.el.span(slot.detail),
                            href=slot.href,
                            aria_label=slot.label,
                            title=slot.lacking,
                        ),
                        rx.el.b(slot.title),
                    ),
                    class_name=f"slot {slot.kind}",
                    style={"top": slot.top, "height": slot.height, "left": slot.left, "width": slot.width},
                ),
            ),
            rx.cond(
                Today.now_top != "", rx.el.li(class_name="now-line", aria_hidden="true", style={"top": Today.now_top})
            ),
            class_name="relative list-none p-0 m-0",
            style={"height": Today.height},
        ),
        aria_label=column.name,
        class_name="day-column !border-l",
    )
