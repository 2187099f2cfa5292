"""Who is away, and when everything is closed (P3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import reflex as rx

from clinic_portal.accounts import staff
from clinic_portal.accounts.roles import Permission
from clinic_portal.booking import absences, stranded
from clinic_portal.clinic import editing as clinic_editing
from clinic_portal.clinic import sheets
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict, Invalid, Unusable
from clinic_portal.core.work import Reading
from clinic_portal.scheduling import editing
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import zone_of
from clinic_portal.web.admin.frame import settings_frame
from clinic_portal.web.admin.settings.asked import Asks, asks
from clinic_portal.web.admin.settings.dated import DateView, removable
from clinic_portal.web.components.basics import CARD, SMALL, button
from clinic_portal.web.components.fields import FieldView, fields, focused
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem

OFF, HOLIDAY = "off", "holiday"


class TimeOff(Asks, rx.State):
    """Who is away, and when everything is closed."""

    off: list[DateView] = []
    holidays: list[DateView] = []
    off_form: list[FieldView] = []
    off_key: int = 0
    holiday_form: list[FieldView] = []
    holiday_key: int = 0

    @rx.event
    @access(Permission.CHANGE_HOURS)
    async def enter(self) -> None:
        """Show what is coming."""
        async with self._answering():
            await self._look()

    @rx.event
    @access(Permission.CHANGE_HOURS)
    async def add_off(self, form: Any) -> None:
        """Someone is away."""
        async with self._answering():
            typed = inputs.fields(form, "provider_id", "start_at", "end_at", "reason", most=300)
            clinic = await self._open("Time off and holidays")
            try:
                start_at, end_at = _instants(clinic, typed)
                await self._do(
                    absences.add,
                    await self._staff(),
                    inputs.row_id(typed["provider_id"]),
                    kind="time_off",
                    start_at=start_at,
                    end_at=end_at,
                    reason=typed["reason"],
                    seen=self._agreed(OFF),
                )
            except Unusable as refusal:
                self._settle()
                self._draw(clinic, typed, {fault.field: problem(fault).sentence for fault in refusal.faults})
                return
            except Conflict as refusal:
                await self._wonder(refusal, clinic, OFF)
                self._draw(clinic, typed, {})
                return
            kept = len(self._agreed(OFF))
            await self._look()
            await self._tell("Saved", _kept(kept))

    @rx.event
    @access(Permission.CHANGE_HOURS)
    async def remove_off(self, off_id: Any) -> None:
        """They are there after all."""
        async with self._answering():
            await self._do(editing.remove_time_off, await self._staff(), inputs.row_id(off_id))
            await self._look()

    @rx.event
    @access(Permission.CHANGE_HOURS)
    async def add_holiday(self, form: Any) -> None:
        """Closed on a date."""
        async with self._answering():
            typed = inputs.fields(form, "on", "name", "location_id", most=200)
            clinic = await self._open("Time off and holidays")
            try:
                on = inputs.iso_date(typed["on"])
                place = inputs.row_id(typed["location_id"]) if typed["location_id"] else None
                seen = self._agreed(HOLIDAY)
                await self._do(
                    stranded.add_holiday, await self._staff(), on=on, name=typed["name"], location_id=place, seen=seen
                )
            except inputs.BadInput:
                self._settle()
                self._draw_holiday(clinic, typed, {"on": "Please choose a date."})
                return
            except Unusable as refusal:
                self._settle()
                self._draw_holiday(clinic, typed, {f.field: problem(f).sentence for f in refusal.faults})
                return
            except Conflict as refusal:
                await self._wonder(refusal, clinic, HOLIDAY)
                self._draw_holiday(clinic, typed, {})
                return
            kept = len(self._agreed(HOLIDAY))
            await self._look()
            await self._tell("Saved", _kept(kept))

    @rx.event
    @access(Permission.CHANGE_HOURS)
    async def remove_holiday(self, holiday_id: Any) -> None:
        """Open on that date."""
        async with self._answering():
            await self._do(clinic_editing.remove_holiday, await self._staff(), inputs.row_id(holiday_id))
            await self._look()

    @rx.event
    @access(Permission.CHANGE_HOURS)
    async def leave(self) -> None:
        """Nothing is added."""
        async with self._answering():
            await self._look()

    async def _look(self) -> None:
        clinic = await self._open("Time off and holidays")
        self._settle()
        language, zone = clinic.clinic.language, zone_of(clinic)

        def told(at: datetime) -> str:
            day = wording.day(at, str(zone), language, length="medium")
            return f"{day}, {wording.time(at, str(zone), language)}"

        names = {one.id: one.name for one in await self._ask(sheets.sheets, "provider")}
        coming, added, team = await self._ask(_coming)

        def line(one: editing.TimeOffSheet) -> str:
            told_of = ["Break"] if one.kind == "break" else []
            told_of += [f"{told(one.start_at)} – {told(one.end_at)}", *([one.reason] if one.reason else [])]
            if one.id in added and added[one.id][0] in team:
                by, at = added[one.id]
                told_of.append(f"added by {team[by]}, {wording.day(at, str(zone), language, length='medium')}")
            return " · ".join(told_of)

        self.off = [DateView(str(one.id), names[one.provider_id], line(one)) for one in coming]
        places = {one.id: one.name for one in clinic.locations.values()}
        self.holidays = [
            DateView(
                str(one.id),
                one.name,
                f"{wording.day(one.on, 'UTC', language, length='medium')} · "
                f"{places.get(one.location_id or 0, 'everywhere')}",
            )
            for one in await self._ask(sheets.holidays)
        ]
        self._draw(clinic, {}, {})
        self._draw_holiday(clinic, {}, {})

    def _draw(self, clinic: Catalogue, values: Mapping[str, str], errors: Mapping[str, str]) -> None:
        self.off_key += 1
        who = [[str(one.id), one.name] for one in clinic.providers.values()]
        self.off_form = focused(
            [
                FieldView("provider_id", "Who", values.get("provider_id", ""), "choice", choices=who),
                FieldView("start_at", "From", values.get("start_at", ""), "datetime-local", errors.get("start_at", "")),
                FieldView("end_at", "Until", values.get("end_at", ""), "datetime-local", errors.get("end_at", "")),
                FieldView(
                    "reason", "Why (only staff see it)", values.get("reason", ""), "text", errors.get("reason", "")
                ),
            ],
            is_opened=False,
        )

    def _draw_holiday(self, clinic: Catalogue, values: Mapping[str, str], errors: Mapping[str, str]) -> None:
        self.holiday_key += 1
        where = [["", "Everywhere"], *([str(one.id), one.name] for one in clinic.locations.values())]
        self.holiday_form = focused(
            [
                FieldView("on", "Date", values.get("on", ""), "date", errors.get("on", "")),
                FieldView("name", "What it is", values.get("name", ""), "text", errors.get("name", "")),
                FieldView("location_id", "Where", values.get("location_id", ""), "choice", choices=where),
            ],
            is_opened=False,
        )


def _coming(
    read: Reading,
) -> tuple[list[editing.TimeOffSheet], dict[int, tuple[str, datetime]], dict[str, str]]:
    """Time off to come, who wrote it down (a tag) and when, by its id, and what each of the team is called."""
    found = editing.time_off(read, read.now)
    return found, editing.added_by(read, found), staff.names(read)


def _instants(clinic: Catalogue, typed: Mapping[str, str]) -> tuple[datetime, datetime]:
    """From and until, as wall times of the first location. Raises Unusable with each that is none."""
    found, faults = [], []
    for name in ("start_at", "end_at"):
        try:
            inputs.iso_date(typed[name][:10])
            found.append(datetime.fromisoformat(typed[name]).replace(tzinfo=zone_of(clinic)))
        except (ValueError, inputs.BadInput):
            faults.append(Invalid(name, "moment_missing"))
    if faults:
        raise Unusable(faults)
    return found[0], found[1]


def _kept(count: int) -> str:
    """What became of the visits that were asked about."""
    if not count:
        return ""
    stays = "One visit is booked in that time and stays" if count == 1 else f"{count} visits are booked then and stay"
    return f"{stays} booked: please call."


def _asks(about: str) -> rx.Component:
    agree = button("Keep the visits and save", type="submit", small=True)
    return asks(TimeOff.asked, about, agree, leave="Do not save", on_leave=TimeOff.leave)


def page() -> rx.Component:
    """People first, then closed dates."""
    return settings_frame(
        "Time off and holidays",
        rx.el.form(
            rx.el.h2("Someone is away", class_name="mb-1"),
            rx.el.p("Times are the first location’s.", class_name=f"{SMALL} mb-3"),
            fields(TimeOff.off_form, TimeOff.off_key),
            _asks(OFF),
            rx.cond(TimeOff.asked, rx.fragment(), button("Add", type="submit", small=True, class_name="mt-4")),
            removable(TimeOff.off, "Remove", TimeOff.remove_off),
            id="time-off",
            no_validate=True,
            on_submit=TimeOff.add_off,
            class_name=f"{CARD} mb-5",
        ),
        rx.el.form(
            rx.el.h2("Closed", class_name="mb-3"),
            fields(TimeOff.holiday_form, TimeOff.holiday_key),
            _asks(HOLIDAY),
            rx.cond(TimeOff.asked, rx.fragment(), button("Add", type="submit", small=True, class_name="mt-4")),
            removable(TimeOff.holidays, "Remove", TimeOff.remove_holiday),
            id="holidays",
            no_validate=True,
            on_submit=TimeOff.add_holiday,
            class_name=CARD,
        ),
        page="Time off and holidays",
    )


PAGES: tuple[tuple[str, Any, Any, str], ...] = (
    ("/admin/settings/time-off", page, [TimeOff.enter], "Time off and holidays"),
)
