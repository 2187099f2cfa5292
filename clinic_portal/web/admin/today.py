"""The day of a location as the front desk lives in it: who comes, who is here, what is due (P15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import visiting
from clinic_portal.booking.arrivals import AllLeftOpen, Arrival, arrivals, left_open, next_day
from clinic_portal.booking.board import Board, board
from clinic_portal.booking.places import places
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.work import Reading
from clinic_portal.messaging import untold
from clinic_portal.patients.joining import about_how_many_never_signed_in
from clinic_portal.web import inputs
from clinic_portal.web.admin import arrival_views
from clinic_portal.web.admin.arrival_views import May
from clinic_portal.web.admin.base import Desk
from clinic_portal.web.admin.day_views import Lost
from clinic_portal.web.admin.noshow import AsksNoShow
from clinic_portal.web.admin.today_views import DayPage, day_page
from clinic_portal.web.booking import live
from clinic_portal.web.gate import STAFF, access
from clinic_portal.web.problems import Problem

PAGE = "Today"
LIVE = "today"


@dataclass(frozen=True)
class Seen:
    """A day, all of it from one read."""

    board: Board
    now: datetime
    told: dict[int, Arrival]
    lost: Lost
    left: AllLeftOpen
    never: int | None
    next_on: date | None


class Today(AsksNoShow, rx.State):
    """One location, one day; of one provider, or of all (0)."""

    location_id: int = 0
    provider_id: int = 0
    shown: list[DayPage] = []
    _day_iso: str = ""

    @rx.event
    @access(STAFF)
    async def enter(self) -> None:
        """Show today, or the day the address names."""
        async with self._answering():
            asked = self.router.url.query_parameters
            on = inputs.day_in_address(asked.get("on", ""))
            self._day_iso = on.isoformat() if on else ""
            self.asked, self.provider_id = [], 0
            await self._look()
            if asked.get("why") == "not_permitted":
                await self._say(Problem.of("not_permitted"))

    @rx.event
    @access(STAFF)
    async def turn(self, days: Any) -> None:
        """A day on or back; 0 is today."""
        async with self._answering():
            step = inputs.choice(days, (-1, 0, 1))
            shown = inputs.iso_date(self._day_iso)
            self._day_iso, self.asked = (shown + timedelta(days=step)).isoformat() if step else "", []
            await self._look()

    @rx.event
    @access(STAFF)
    async def go_to(self, location_id: Any) -> None:
        """Another location."""
        async with self._answering():
            self.location_id, self.asked = inputs.row_id(location_id), []
            await self._look()

    @rx.event
    @access(STAFF)
    async def narrow(self, provider_id: Any) -> None:
        """One provider's visits; 0 is everybody's."""
        async with self._answering():
            self.provider_id, self.asked = inputs.row_id(provider_id, least=0), []
            await self._look()

    @rx.event
    @access(Permission.RUN_VISITS)
    async def check_in(self, appointment_id: Any, sequence: Any) -> EventSpec:
        """Somebody has come; say what of their wallet was used."""
        async with self._answering():
            wanted, seen = inputs.row_id(appointment_id), inputs.row_id(sequence, least=0)
            actor = await self._staff()
            await self._do(visiting.check_in, actor, wanted, seen_sequence=seen)
            told = (await self._ask(arrivals, actor, [wanted])).get(wanted)
            await self._tell(f"{self._who(wanted)} is here", arrival_views.used(told.pays) if told else "")
        return await self._again()

    @rx.event
    @access(Permission.RUN_VISITS)
    async def undo(self, appointment_id: Any, sequence: Any) -> EventSpec:
        """They were checked in by mistake."""
        async with self._answering():
            wanted, seen = inputs.row_id(appointment_id), inputs.row_id(sequence, least=0)
            await self._do(visiting.undo_check_in, await self._staff(), wanted, seen_sequence=seen)
            await self._tell("The check-in is taken back", f"The visit of {self._who(wanted)} stands as it was booked.")
        return await self._again()

    def _who(self, appointment_id: int) -> str:
        rows = (row for page in self.shown for one in page.groups for row in one.rows)
        return next((row.who for row in rows if row.id == appointment_id), "The patient")

    async def _again(self) -> EventSpec:
        async with self._answering():
            await self._anew()
        return rx.set_focus("notice")

    async def _anew(self) -> None:
        await self._look(keeps_notice=True)

    async def _refresh(self) -> None:
        """Another desk changed something of the day shown: the same again, unless they went to another page."""
        if (await self.get_state(Desk)).page == PAGE and self.shown:
            await self._show(await self._ask(catalogue), await self._staff())
        else:
            live.watch(self.router.session.client_token, self.location_id, None)

    async def _look(self, *, keeps_notice: bool = False) -> None:
        clinic = await self._open(PAGE, keeps_notice=keeps_notice)
        await self._show(clinic, await self._staff())
        on = inputs.iso_date(self._day_iso)
        live.watch(self.router.session.client_token, self.location_id, on, page=LIVE)

    async def _show(self, clinic: Catalogue, actor: StaffActor) -> None:
        known = await self._ask(places)
        if self.location_id not in known:
            self.location_id = next(iter(known))
        if self.provider_id not in clinic.providers or actor.only_calendar_of is not None:
            self.provider_id = 0
        zone = ZoneInfo(known[self.location_id].time_zone)
        wished = inputs.iso_date(self._day_iso) if self._day_iso else None
        seen = await self._ask(_read, actor, self.location_id, wished, zone, self.provider_id or None)
        self._day_iso = seen.board.first_on.isoformat()
        self.shown = [
            day_page(
                clinic,
                list(known),
                seen.board,
                seen.told,
                seen.now,
                lost=seen.lost,
                left=seen.left,
                never=seen.never,
                next_on=seen.next_on,
                may=May(run=actor.may(Permission.RUN_VISITS), charge=actor.may(Permission.CHARGE_FEES)),
                handles_forms=actor.may(Permission.HANDLE_FORMS),
                sees_all=actor.only_calendar_of is None,
            )
        ]


def _read(
    read: Reading, actor: StaffActor, location_id: int, wished: date | None, zone: ZoneInfo, provider_id: int | None
) -> Seen:
    found = board(read, actor, location_id, wished or read.now.astimezone(zone).date(), provider_id=provider_id)
    known = [one.appointment_id for one in found.visits if one.patient_id]
    coming = [
        one.appointment_id for one in found.visits if one.status in ("booked", "arrived") and one.end_at > read.now
    ]
    lost = {
        number: f"/admin/message?id={one.message_id}" for number, one in untold.of_visits(read, actor, coming).items()
    }
    runs = actor.may(Permission.RUN_VISITS)
    return Seen(
        board=found,
        now=read.now,
        told=arrivals(read, actor, known),
        lost=lost,
        left=left_open(read, actor, location_id) if runs else AllLeftOpen((), 0),
        never=about_how_many_never_signed_in(read) if actor.may(Permission.INVITE_PATIENTS) else None,
        next_on=None if found.visits else next_day(read, actor, location_id, found.first_on, provider_id=provider_id),
    )
