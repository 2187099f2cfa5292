"""State of the sixth step: a month with days, a day with times, a time that is held (S73)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.booking import drafts, holds, queries, rules
from clinic_portal.core import wording
from clinic_portal.core.errors import SlotTaken
from clinic_portal.core.work import Reading
from clinic_portal.scheduling.availability import ZoneInfo, epoch_minute, instant, local_date, wall_to_minute
from clinic_portal.scheduling.types import FreeTime
from clinic_portal.web import inputs
from clinic_portal.web.booking import live, views
from clinic_portal.web.booking.steps import TIME
from clinic_portal.web.booking.views import ChoiceView, DayView, PartView, TimeView
from clinic_portal.web.booking.wizard import Scene, WizardStep, scene
from clinic_portal.web.gate import PUBLIC, access
from clinic_portal.web.problems import Problem


@dataclass(frozen=True)
class TimeScene:
    """What the step shows, from one read: a month's free days, one day's times, and ways on where there are none."""

    scene: Scene
    month_on: date
    free_on: frozenset[date]
    day_on: date | None
    times: tuple[FreeTime, ...]
    next_on: tuple[date, ...]


def look(
    read: Reading,
    owner: str,
    month_on: date | None,
    day_on: date | None,
    known_free_on: frozenset[date] | None = None,
) -> TimeScene:
    """The times of this browser's draft; without a day, the one held, looked at last, or first free.

    `known_free_on` are the month's free days where the page shows them already: a day costs a tenth of a month.
    """
    now = scene(read, owner)
    zone = ZoneInfo(now.clinic.locations[now.draft.location_id].time_zone)
    today = now.now.astimezone(zone).date()
    last_on = today + timedelta(days=now.clinic.clinic.booking_window_days)
    if not now.draft.now_lines or any(not line.is_offered for line in now.draft.now_lines):
        return TimeScene(now, today.replace(day=1), frozenset(), None, (), ())
    search = queries.search(read, now.draft)
    if day_on is None and month_on is None:
        day_on = _held_on(now, zone) or now.draft.looking_at_on
        if day_on is None or day_on < today:
            soonest = queries.next_free_days(read, search, today - timedelta(days=1), most=1)
            day_on = soonest[0] if soonest else None
    month_on = (month_on or day_on or today).replace(day=1)
    month_on = min(max(month_on, today.replace(day=1)), last_on.replace(day=1))
    times = tuple(queries.free_times(read, search, day_on)) if day_on else ()
    free_on = known_free_on
    if free_on is None:
        free_on = frozenset(queries.free_days(read, search, month_on, _month_end(month_on)))
    elif day_on is not None:
        free_on = free_on | {day_on} if times else free_on - {day_on}
    empty = not free_on or (day_on is not None and not times)
    next_on = queries.next_free_days(read, search, day_on or _month_end(month_on)) if empty else []
    return TimeScene(now, month_on, free_on, day_on, times, tuple(next_on))


class TimeStep(WizardStep, rx.State):
    """A day and a time; the time is held the moment it is chosen."""

    month_iso: str = ""
    month_title: str = ""
    days: list[DayView] = []
    has_earlier: bool = False
    has_later: bool = False
    day_iso: str = ""
    day_title: str = ""
    day_detail: str = ""
    parts: list[PartView] = []
    zone_note: str = ""
    next_days: list[DayView] = []
    month_is_empty: bool = False
    nearest: list[TimeView] = []
    may_widen: bool = False
    other_places: list[ChoiceView] = []
    live_note: str = ""

    @rx.event
    @access(PUBLIC)
    async def enter(self) -> EventSpec | None:
        """Show the day that is held, was looked at last, or is the first with a time."""
        async with self._answering():
            now, redirect = await self._open(TIME)
            if redirect is not None:
                return redirect
            self.nearest = []
            if now.draft.hold_ran_out:
                await self._say(Problem.of("hold_ran_out"))
                await self._do(holds.release, self._visitor)
            await self._look(None, None)
        return None

    @rx.event
    @access(PUBLIC)
    async def turn_month(self, months: Any) -> None:
        """A month on or back."""
        async with self._answering():
            shown = inputs.iso_date(self.month_iso)
            step = inputs.choice(months, (-1, 1))
            turned = (shown + timedelta(days=31)) if step > 0 else (shown - timedelta(days=1))
            await self._look(turned.replace(day=1), None)

    @rx.event
    @access(PUBLIC)
    async def choose_day(self, iso: Any) -> None:
        """Show the times of a day."""
        async with self._answering():
            on = inputs.iso_date(iso)
            await self._do(drafts.look_at, self._visitor, on)
            self.nearest = []
            await self._look(on.replace(day=1), on, month_is_known=True)

    @rx.event
    @access(PUBLIC)
    async def choose_time(self, key: Any) -> None:
        """Hold a time; if another was faster, say so and offer the nearest."""
        async with self._answering():
            start = inputs.epoch_minute(key)
            self.nearest = []
            try:
                await self._do(holds.hold, self._visitor, start)
            except SlotTaken:
                await self._offer_nearest(start)
            else:
                await self._say(Problem.none())
            now, _ = await self._open(TIME)
            zone = now.clinic.locations[now.draft.location_id].time_zone
            on = local_date(start, ZoneInfo(zone))
            await self._look(on.replace(day=1), on, month_is_known=True)

    @rx.event
    @access(PUBLIC)
    async def widen(self) -> None:
        """Look with any provider."""
        async with self._answering():
            await self._do(drafts.choose_provider, self._visitor, None)
            await self._open(TIME)
            await self._look(None, None)

    @rx.event
    @access(PUBLIC)
    async def go_elsewhere(self, location_id: Any) -> EventSpec | None:
        """Look at another location; the visit is looked at once more, since not everything is done everywhere."""
        async with self._answering():
            await self._do(drafts.choose_location, self._visitor, inputs.row_id(location_id))
            return await self._go_on(TIME)
        return None

    @rx.event
    @access(PUBLIC)
    async def go_on(self) -> EventSpec | None:
        """To the policy, with the held time."""
        async with self._answering():
            return await self._go_on(TIME)
        return None

    async def _look(self, month_on: date | None, day_on: date | None, *, month_is_known: bool = False) -> None:
        known = self._known(month_on) if month_is_known else None
        found = await self._ask(look, self._visitor, month_on, day_on, known)
        self._show(found)
        live.watch(self.router.session.client_token, found.scene.draft.location_id, found.day_on)

    def _known(self, month_on: date | None) -> frozenset[date] | None:
        """The free days the page shows, if it shows that month."""
        if month_on is None or self.month_iso != month_on.isoformat():
            return None
        return frozenset(date.fromisoformat(day.iso) for day in self.days if day.has_times)

    async def _offer_nearest(self, start: int) -> None:
        def nearest(read: Reading) -> tuple[list[FreeTime], str, str]:
            now = scene(read, self._visitor)
            zone = now.clinic.locations[now.draft.location_id].time_zone
            found = queries.nearest_times(read, queries.search(read, now.draft), start)
            return found, zone, now.clinic.clinic.language

        times, zone, language = await self._ask(nearest)
        told = wording.time(instant(start), zone, language)
        self.nearest = [
            TimeView(
                str(time.start),
                wording.moment(instant(time.start), zone, language, length="short"),
                False,
            )
            for time in times
        ]
        await self._say(Problem.of("slot_taken", time=told))

    async def _refresh(self) -> None:
        """Another browser took or freed a time of the day shown (B3)."""
        shown = inputs.iso_date(self.day_iso)
        before = {time.label for part in self.parts for time in part.times}
        month_on = shown.replace(day=1)
        found = await self._ask(look, self._visitor, month_on, shown, self._known(month_on))
        self._show(found)
        gone = sorted(before - {time.label for part in self.parts for time in part.times})
        self.live_note = f"{', '.join(gone)} was just taken." if gone else ""

    def _show(self, found: TimeScene) -> None:
        now, on = found.scene, found.day_on
        clinic, draft = now.clinic, now.draft
        place, language = clinic.locations[draft.location_id], clinic.clinic.language
        zone = ZoneInfo(place.time_zone)
        held = epoch_minute(draft.hold.start_at) if draft.hold and _held_on(now, zone) == on else None
        today = now.now.astimezone(zone).date()
        last_on = today + timedelta(days=clinic.clinic.booking_window_days)
        provider = clinic.providers.get(draft.hold.provider_id if draft.hold else draft.provider_id or 0)
        minutes = sum(line.duration_minutes for line in draft.now_lines)
        length = f"{wording.duration(minutes, language)} in all"
        self.month_iso = found.month_on.isoformat()
        self.month_title = wording.month(found.month_on, language)
        self.days = views.month(found.month_on, found.free_on, on, language)
        self.has_earlier = found.month_on > today.replace(day=1)
        self.has_later = found.month_on < last_on.replace(day=1)
        self.day_iso = on.isoformat() if on else ""
        self.day_title = wording.day(on, place.time_zone, language) if on else ""
        self.day_detail = f"With {provider.name} · {length}" if provider else length
        self.parts = views.parts(found.times, place.time_zone, language, held)
        noon = instant(wall_to_minute(on or today, 12 * 60, zone))
        self.zone_note = f"All times are {place.name}’s, {wording.zone_name(noon, place.time_zone, language)}."
        self.next_days = [
            DayView(day.isoformat(), "", wording.day(day, place.time_zone, language, length="short"), True, False)
            for day in found.next_on
        ]
        self.month_is_empty = not found.free_on
        self.may_widen = draft.provider_id is not None and rules.may_take_first_available(clinic)
        self.other_places = [one for one in views.places(clinic, draft.location_id) if not one.is_chosen]
        self.live_note = ""


def _held_on(now: Scene, zone: ZoneInfo) -> date | None:
    return now.draft.hold.start_at.astimezone(zone).date() if now.draft.hold else None


def _month_end(on: date) -> date:
    return (on.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
