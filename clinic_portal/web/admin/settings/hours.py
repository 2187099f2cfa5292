"""Who works when: weekly hours, and other hours on a date (P3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.booking import stranded
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict, Invalid, Unusable
from clinic_portal.core.work import Reading
from clinic_portal.scheduling import editing
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import zone_of
from clinic_portal.web.admin.frame import settings_frame
from clinic_portal.web.admin.settings import stretches
from clinic_portal.web.admin.settings.asked import Asks, asks
from clinic_portal.web.admin.settings.dated import DateView, removable
from clinic_portal.web.admin.settings.meanwhile import CHANGED
from clinic_portal.web.admin.settings.stretches import DayView, LineView
from clinic_portal.web.components.basics import CARD, SMALL, button
from clinic_portal.web.components.fields import FieldView, fields, focused, picker
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem

DAYS = dict(
    zip(
        editing.WEEKDAYS,
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)
ON_DATE, WEEK = "date", "week"
"""What a question of the page is about; that of a line of dates is about its date."""


@dataclass
class PickView:
    """Something to choose."""

    value: str
    name: str


class Hours(Asks, rx.State):
    """One provider at one location."""

    providers: list[PickView] = []
    places: list[PickView] = []
    provider: str = ""
    place: str = ""
    whose: str = ""
    week: list[DayView] = []
    week_key: int = 0
    dates: list[DateView] = []
    date_form: list[FieldView] = []
    date_hours: list[DayView] = []
    date_key: int = 0
    _last_line: int = 0
    _opened: dict[str, str] = {}

    @rx.event
    @access(Permission.CHANGE_HOURS)
    async def enter(self) -> None:
        """Show whom the address names, the one looked at last, or the first."""
        async with self._answering():
            named = self.router.url.query_parameters
            self.provider = str(inputs.id_in_address(named.get("provider", "")) or self.provider)
            self.place = str(inputs.id_in_address(named.get("place", "")) or self.place)
            await self._look()

    @rx.event
    @access(Permission.CHANGE_HOURS)
    async def choose(self, form: Any) -> None:
        """Another provider or location."""
        async with self._answering():
            wanted = inputs.fields(form, "provider", "place", most=20)
            self.provider, self.place = str(inputs.row_id(wanted["provider"])), str(inputs.row_id(wanted["place"]))
            await self._look()

    @rx.event
    @access(Permission.CHANGE_HOURS)
    async def add_line(self, day: Any, kind: Any) -> None:
        """One more stretch of work on a day, or a break; what was typed so far stays typed."""
        async with self._answering():
            name = inputs.choice(day, (*editing.WEEKDAYS, ON_DATE))
            line = LineView(self._fresh_key(), inputs.choice(kind, (stretches.WORK, stretches.BREAK)), has_focus=True)
            self.week, self.date_hours = (
                [
                    replace(one, lines=[*one.lines, line])
                    if one.name == name and len(one.lines) < stretches.MOST_LINES
                    else one
                    for one in days
                ]
                for days in (self.week, self.date_hours)
            )

    @rx.event
    @access(Permission.CHANGE_HOURS)
    async def remove_line(self, key: Any) -> None:
        """Take a stretch of work or a break away; it counts once it is saved."""
        async with self._answering():
            gone = inputs.text(key, most=20)
            self.week, self.date_hours = (
                [replace(one, lines=[line for line in one.lines if line.key != gone]) for one in days]
                for days in (self.week, self.date_hours)
            )

    @rx.event
    @access(Permission.CHANGE_HOURS)
    async def save_week(self, form: Any) -> None:
        """Keep the weekly hours."""
        async with self._answering():
            typed = inputs.fields(form, *stretches.names(self.week), most=5)
            days = [stretches.as_typed(one, typed) for one in self.week]
            provider_id, location_id = inputs.row_id(self.provider), inputs.row_id(self.place)
            try:
                told, seen = stretches.told_all(days), self._agreed(WEEK)
                kept = {"opened": dict(self._opened), "seen": seen}
                await self._do(stranded.set_week, await self._staff(), provider_id, location_id, told, **kept)
            except Unusable as refusal:
                self._settle()
                self._draw_week(typed, refusal)
                return
            except Conflict as refusal:
                if refusal.code == CHANGED:
                    await self._draw_changed(provider_id, location_id, typed)
                    raise
                await self._wonder(refusal, await self._ask(catalogue), WEEK)
                self._draw_week(typed, Unusable([]))
                return
            await self._look()
            await self._tell("Saved", "Visits booked before stay booked.")

    @rx.event
    @access(Permission.CHANGE_HOURS)
    async def save_date(self, form: Any) -> None:
        """Keep other hours on a date."""
        async with self._answering():
            typed = inputs.fields(form, "on", *stretches.names(self.date_hours), most=10)
            days = [stretches.as_typed(one, typed) for one in self.date_hours]
            provider_id, location_id = inputs.row_id(self.provider), inputs.row_id(self.place)
            try:
                on = inputs.iso_date(typed["on"])
                hours, seen = stretches.told_all(days)[ON_DATE], self._agreed(ON_DATE)
                await self._do(stranded.set_date, await self._staff(), provider_id, location_id, on, hours, seen=seen)
            except Conflict as refusal:
                await self._wonder(refusal, await self._ask(catalogue), ON_DATE)
                self._draw_date(typed["on"], "")
                self.date_hours = days
                return
            except inputs.BadInput:
                self._settle()
                self._draw_date(typed["on"], "Please choose a date.")
                self.date_hours = days
                return
            except (Invalid, Unusable) as refusal:
                self._settle()
                self._draw_date(typed["on"], "")
                told = refusal if isinstance(refusal, Unusable) else Unusable([Invalid(ON_DATE, refusal.code)])
                self.date_hours = _with_errors(self.date_hours, typed, told)
                return
            await self._look()
            await self._tell("Saved", "Visits booked before stay booked.")

    @rx.event
    @access(Permission.CHANGE_HOURS)
    async def clear_date(self, iso: Any) -> None:
        """Back to the weekly hours."""
        async with self._answering():
            provider_id, location_id = inputs.row_id(self.provider), inputs.row_id(self.place)
            on = inputs.iso_date(iso)
            seen = self._agreed(on.isoformat())
            try:
                await self._do(stranded.clear_date, await self._staff(), provider_id, location_id, on, seen=seen)
            except Conflict as refusal:
                await self._wonder(refusal, await self._ask(catalogue), on.isoformat())
                return
            await self._look()

    @rx.event
    @access(Permission.CHANGE_HOURS)
    async def leave(self) -> None:
        """The hours stay as they were."""
        async with self._answering():
            await self._look()

    async def _look(self) -> None:
        clinic = await self._open("Hours")
        self._settle()
        self.providers = [PickView(str(one.id), one.name) for one in clinic.providers.values()]
        self.places = [PickView(str(one.id), one.name) for one in clinic.locations.values()]
        if self.provider not in {one.value for one in self.providers}:
            self.provider = self.providers[0].value
        if self.place not in {one.value for one in self.places}:
            self.place = self.places[0].value
        provider_id, location_id = int(self.provider), int(self.place)
        self.whose = f"{clinic.providers[provider_id].name}, {clinic.locations[location_id].name}"
        found = await self._ask(editing.week, provider_id, location_id)
        self._opened = editing.written(found)
        self.week_key += 1
        self.week = []
        for n, (name, label) in enumerate(DAYS.items()):
            shown = stretches.day(name, label, found.get(n, ()), self._last_line + 1)
            self._last_line += len(shown.lines)
            self.week.append(shown)
        self._draw_date("", "")
        self.date_hours = [DayView(ON_DATE, "Hours", lines=[LineView(self._fresh_key(), stretches.WORK)])]
        language = clinic.clinic.language

        def coming(read: Reading) -> list[editing.DateHoursSheet]:
            return editing.dates(read, provider_id, read.now.astimezone(zone_of(clinic)).date())

        self.dates = [
            DateView(
                one.on.isoformat(),
                wording.day(one.on, "UTC", language, length="medium"),
                editing.told(one.shifts).replace("-", "–") or "not working",
            )
            for one in await self._ask(coming)
            if one.location_id == location_id
        ]

    def _draw_week(self, typed: Mapping[str, str], refusal: Unusable) -> None:
        self.week_key += 1
        self.week = _with_errors(self.week, typed, refusal)

    async def _draw_changed(self, provider_id: int, location_id: int, typed: Mapping[str, str]) -> None:
        """The week as it was typed, each day marked that someone else changed meanwhile."""
        now = editing.written(await self._ask(editing.week, provider_id, location_id))
        changed = [name for name in now if now[name] != self._opened.get(name)]
        self._settle()
        self._opened = now
        self.week_key += 1
        self.week = [
            stretches.as_typed(one, typed, _became(now[one.name]) if one.name in changed else "") for one in self.week
        ]

    def _draw_date(self, on: str, error: str) -> None:
        self.date_key += 1
        self.date_form = focused([FieldView("on", "Date", on, "date", error)], is_opened=False)

    def _fresh_key(self) -> str:
        self._last_line += 1
        return f"line{self._last_line}"


def _became(hours: str) -> str:
    return f"Meanwhile this became {hours.replace('-', '–') or 'not working'}. Saving again puts yours in its place."


def _with_errors(days: Sequence[DayView], typed: Mapping[str, str], refusal: Unusable) -> list[DayView]:
    """The days as they were typed, each with what is wrong with it; the focus goes to the first."""
    errors = {fault.field: problem(fault).sentence for fault in refusal.faults}
    return stretches.with_errors(days, typed, errors)


def hours_page() -> rx.Component:
    """Choose whom and where; then the week."""
    return settings_frame(
        "Hours",
        rx.el.form(
            _pick("provider", "Provider", Hours.providers, Hours.provider),
            _pick("place", "Location", Hours.places, Hours.place),
            button("Show", type="submit", ghost=True, small=True),
            id="whose-hours",
            on_submit=Hours.choose,
            class_name="flex flex-wrap items-end gap-4 mb-5",
        ),
        rx.el.form(
            rx.el.h2("Every week"),
            rx.el.p(Hours.whose, id="whose", class_name=SMALL),
            stretches.days_form(
                Hours.week, Hours.week_key, on_add=Hours.add_line, on_remove=Hours.remove_line, breaks=True
            ),
            asks(
                Hours.asked,
                WEEK,
                button("Keep the visits and save", type="submit", small=True),
                leave="Do not save",
                on_leave=Hours.leave,
            ),
            rx.cond(Hours.asked, rx.fragment(), button("Save", type="submit", class_name="mt-5")),
            id="week",
            no_validate=True,
            on_submit=Hours.save_week,
            class_name=f"{CARD} mb-5",
        ),
        rx.el.form(
            rx.el.h2("On one date", class_name="mb-1"),
            rx.el.p(
                "Other hours, in place of the weekly ones. Without any: not working that day.",
                class_name=f"{SMALL} mb-3",
            ),
            fields(Hours.date_form, Hours.date_key),
            stretches.days_form(
                Hours.date_hours, Hours.date_key, on_add=Hours.add_line, on_remove=Hours.remove_line, breaks=False
            ),
            asks(
                Hours.asked,
                ON_DATE,
                button("Keep the visits and save", type="submit", small=True),
                leave="Do not save",
                on_leave=Hours.leave,
            ),
            rx.cond(Hours.asked, rx.fragment(), button("Save", type="submit", small=True, class_name="mt-4")),
            removable(
                Hours.dates,
                "Weekly hours again",
                Hours.clear_date,
                beneath=lambda one: asks(
                    Hours.asked,
                    one.key,
                    button("Keep the visits, weekly hours again", small=True, on_click=Hours.clear_date(one.key)),
                    leave="Leave it",
                    on_leave=Hours.leave,
                ),
            ),
            id="one-date",
            no_validate=True,
            on_submit=Hours.save_date,
            class_name=CARD,
        ),
        page="Hours",
    )


def _pick(name: str, label: str, choices: Any, chosen: Any) -> rx.Component:
    options = rx.foreach(choices, lambda one: rx.el.option(one.name, value=one.value))
    return picker(name, label, options, default_value=chosen, key=chosen, class_name="field min-w-[200px]", around="")


PAGES: tuple[tuple[str, Any, Any, str], ...] = (("/admin/settings/hours", hours_page, [Hours.enter], "Hours"),)
