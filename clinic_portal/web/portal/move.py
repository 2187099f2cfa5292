"""A new day and time for a visit; treatment, provider and place stay (S58, S59)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.booking import changes, queries
from clinic_portal.booking.access import visit_of
from clinic_portal.booking.types import Visit
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict, SlotTaken
from clinic_portal.core.work import Reading
from clinic_portal.scheduling.availability import ZoneInfo, epoch_minute, instant, local_date
from clinic_portal.scheduling.types import FreeTime
from clinic_portal.web import inputs
from clinic_portal.web.booking.views import DayView, PartView, month, parts
from clinic_portal.web.components.basics import MUTED, SMALL, button, card, link_button, step_title
from clinic_portal.web.components.calendar import month_grid, slot_picker
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.portal import views
from clinic_portal.web.portal.base import PortalPage
from clinic_portal.web.portal.frame import portal_frame
from clinic_portal.web.problems import Problem


@dataclass(frozen=True)
class Scene:
    """What the page shows, from one read."""

    visit: Visit
    why_not: str | None
    today: date
    last_on: date
    month_on: date
    free_on: frozenset[date]
    day_on: date | None
    times: tuple[FreeTime, ...]
    next_on: tuple[date, ...]


def look(read: Reading, patient_id: int, reference: str, month_on: date | None, day_on: date | None) -> Scene:
    """The times a visit can move to; without a day, the first that has any."""
    found = visit_of(read, patient_id, reference)
    zone = ZoneInfo(found.location.time_zone)
    today = read.now.astimezone(zone).date()
    last_on = today + timedelta(days=catalogue(read).clinic.booking_window_days)
    why_not = changes.refusal(read, found, "reschedule")
    if why_not:
        return Scene(found, why_not, today, last_on, today.replace(day=1), frozenset(), None, (), ())
    wanted = changes.search(read, found)
    if day_on is None and month_on is None:
        soonest = queries.next_free_days(read, wanted, today - timedelta(days=1), most=1)
        day_on = soonest[0] if soonest else None
    month_on = min(max((month_on or day_on or today).replace(day=1), today.replace(day=1)), last_on.replace(day=1))
    end_on = (month_on + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    own = epoch_minute(found.start_at)
    times = tuple(one for one in queries.free_times(read, wanted, day_on) if one.start != own) if day_on else ()
    free_on = frozenset(queries.free_days(read, wanted, month_on, end_on))
    empty = not free_on or (day_on is not None and not times)
    next_on = tuple(queries.next_free_days(read, wanted, day_on or end_on)) if empty else ()
    return Scene(found, None, today, last_on, month_on, free_on, day_on, times, next_on)


class Move(PortalPage, rx.State):
    """A day, a time, and a last look before it moves."""

    reference: str = ""
    sequence: int = 0
    is_missing: bool = False
    why_not: str = ""
    now_when: str = ""
    what: str = ""
    where: str = ""
    month_iso: str = ""
    month_title: str = ""
    days: list[DayView] = []
    has_earlier: bool = False
    has_later: bool = False
    day_iso: str = ""
    day_title: str = ""
    parts: list[PartView] = []
    next_days: list[DayView] = []
    zone_note: str = ""
    chosen: str = ""
    chosen_when: str = ""

    @rx.event
    @access(PATIENT)
    async def enter(self) -> None:
        """Show the first day with a time."""
        async with self._answering():
            await self._open("Appointments")
            self.reference = inputs.text(self.router.url.query_parameters.get("ref", ""), most=20)
            self.chosen = ""
            self.is_missing = True
            await self._look(None, None)
            self.is_missing = False

    @rx.event
    @access(PATIENT)
    async def turn_month(self, months: Any) -> None:
        """A month on or back."""
        async with self._answering():
            shown = inputs.iso_date(self.month_iso)
            turned = shown + timedelta(days=31) if inputs.choice(months, (-1, 1)) > 0 else shown - timedelta(days=1)
            await self._look(turned.replace(day=1), None)

    @rx.event
    @access(PATIENT)
    async def choose_day(self, iso: Any) -> None:
        """Show the times of a day."""
        async with self._answering():
            on = inputs.iso_date(iso)
            self.chosen = ""
            await self._look(on.replace(day=1), on)

    @rx.event
    @access(PATIENT)
    async def choose_time(self, key: Any) -> EventSpec | None:
        """Look at a time once more before the visit moves there."""
        async with self._answering():
            start = inputs.epoch_minute(key)
            self.chosen = str(start)
            shown = inputs.iso_date(self.day_iso)
            await self._look(shown.replace(day=1), shown)
            if not any(time.is_chosen for part in self.parts for time in part.times):
                await self._taken(start)
                return None
            return rx.set_focus("confirm-move")
        return None

    @rx.event
    @access(PATIENT)
    async def confirm(self) -> EventSpec | None:
        """Move it."""
        async with self._answering():
            patient = await self._patient()
            start = inputs.epoch_minute(self.chosen)
            try:
                await self._do(changes.move, patient.patient_id, self.reference, start, seen_sequence=self.sequence)
            except SlotTaken:
                await self._taken(start)
                return None
            except Conflict as refusal:
                self.chosen = ""
                await self._look(None, None)
                await self._say(Problem.of(refusal.code, **refusal.facts))
                return None
            await self._tell(
                "Your visit has a new time",
                "The same entry in your calendar moves along; a message is on its way.",
                on_next_page=True,
            )
            return rx.redirect(f"/portal/visit?ref={self.reference}")
        return None

    async def _taken(self, start: int) -> None:
        self.chosen = ""
        patient = await self._patient()
        found = await self._ask(visit_of, patient.patient_id, self.reference)
        zone = found.location.time_zone
        on = local_date(start, ZoneInfo(zone))
        await self._look(on.replace(day=1), on)
        await self._say(Problem.of("move_taken", time=wording.time(instant(start), zone, found.language)))

    async def _look(self, month_on: date | None, day_on: date | None) -> None:
        patient = await self._patient()
        self._show(await self._ask(look, patient.patient_id, self.reference, month_on, day_on))

    def _show(self, found: Scene) -> None:
        visit, on = found.visit, found.day_on
        self.sequence = visit.sequence
        language, zone = visit.language, visit.location.time_zone
        self.why_not = Problem.of(found.why_not).sentence if found.why_not else ""
        self.now_when = views.when(visit, language)
        self.what = f"{' and '.join(one.name for one in visit.services)} with {visit.provider_name}"
        self.where = f"{visit.location.name}, {visit.location.street}"
        self.month_iso, self.month_title = found.month_on.isoformat(), wording.month(found.month_on, language)
        self.days = month(found.month_on, found.free_on, on, language)
        self.has_earlier = found.month_on > found.today.replace(day=1)
        self.has_later = found.month_on < found.last_on.replace(day=1)
        self.day_iso = on.isoformat() if on else ""
        self.day_title = wording.day(on, zone, language) if on else ""
        chosen = int(self.chosen) if self.chosen else None
        offered = {one.start for one in found.times}
        self.parts = parts(found.times, zone, language, chosen if chosen in offered else None)
        self.zone_note = f"All times are {visit.location.name}’s, {wording.zone_name(visit.start_at, zone, language)}."
        self.next_days = [
            DayView(day.isoformat(), "", wording.day(day, zone, language, length="short"), True, False)
            for day in found.next_on
        ]
        if chosen is not None:
            at = instant(chosen)
            self.chosen_when = wording.moment(at, zone, language, length="long")


def page() -> rx.Component:
    """The month, the times, and what stays."""
    return portal_frame(
        rx.cond(
            Move.is_missing,
            rx.el.div(
                step_title("We could not find that visit"),
                rx.el.p("The link may be old.", class_name=f"{MUTED} mt-2 mb-6"),
                link_button("All appointments", href="/portal/appointments"),
            ),
            rx.fragment(
                step_title("Choose a new time"),
                rx.el.p(Move.what, ", ", Move.where, class_name=f"{MUTED} mt-1"),
                rx.el.p("Now: ", rx.el.b(Move.now_when), class_name="mt-1"),
                rx.cond(Move.why_not != "", _cannot(), _choose()),
            ),
        ),
        here="Appointments",
    )


def _cannot() -> rx.Component:
    return card(
        rx.el.p(Move.why_not, class_name="mb-5"),
        link_button("Back to the visit", href=f"/portal/visit?ref={Move.reference}"),
        class_name="mt-6 max-w-[620px]",
    )


def _choose() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            card(
                rx.el.div(
                    month_grid(
                        Move.month_title,
                        Move.days,
                        on_day=Move.choose_day,
                        on_turn=Move.turn_month,
                        has_earlier=Move.has_earlier,
                        has_later=Move.has_later,
                    ),
                    rx.el.section(
                        rx.el.h2(Move.day_title, id="day-title", class_name="mb-3"),
                        slot_picker(Move.parts, on_time=Move.choose_time),
                        rx.cond(
                            Move.next_days,
                            rx.el.div(
                                rx.el.p("Nothing else is free here. Next days with times:", class_name=MUTED),
                                rx.foreach(
                                    Move.next_days,
                                    lambda day: button(
                                        day.label, ghost=True, small=True, on_click=Move.choose_day(day.iso)
                                    ),
                                ),
                                class_name="flex flex-wrap gap-3 items-center",
                            ),
                        ),
                    ),
                    class_name="grid md:grid-cols-[340px_minmax(0,1fr)] gap-8",
                ),
                rx.el.p(Move.zone_note, class_name=f"{SMALL} mt-4"),
            ),
        ),
        card(
            rx.el.h2("Your new time"),
            rx.cond(
                Move.chosen != "",
                rx.fragment(
                    rx.el.p(rx.el.s(Move.now_when), class_name=f"{SMALL} mt-2"),
                    rx.el.p(Move.chosen_when, id="new-time", class_name="font-semibold mt-1"),
                    button("Move my visit here", id="confirm-move", on_click=Move.confirm, class_name="w-full mt-4"),
                ),
                rx.el.p(
                    "Choose a day and a time. Your present time stays yours until then.", class_name=f"{MUTED} mt-1"
                ),
            ),
            rx.el.p(
                rx.el.a("Keep the time I have", href=f"/portal/visit?ref={Move.reference}", class_name="link"),
                class_name="mt-3",
            ),
        ),
        class_name="grid grid-cols-1 xl:grid-cols-[minmax(0,1fr)_320px] gap-6 mt-6 items-start",
    )
