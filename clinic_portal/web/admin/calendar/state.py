"""The calendar's State: what is shown, what is asked before something is done, and what was just done (P15)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import absences, desk, stranded
from clinic_portal.booking import board as boards
from clinic_portal.booking.board import BoardVisit
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict, DomainError, Invalid, NotAllowed, Unusable
from clinic_portal.scheduling import staffing
from clinic_portal.scheduling.availability import local_date
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage
from clinic_portal.web.admin.calendar import boxes, moving
from clinic_portal.web.admin.calendar.address import PATH
from clinic_portal.web.admin.calendar.boxes import BoxView
from clinic_portal.web.admin.calendar.moving import Fits, Moving
from clinic_portal.web.admin.calendar.sheet import CalendarView, Look, look, page_view, people, wish
from clinic_portal.web.admin.calendar.typed import moving_of, span_of, start_of, visit_of
from clinic_portal.web.admin.refused import sentence
from clinic_portal.web.booking import live
from clinic_portal.web.gate import access
from clinic_portal.web.problems import Problem, problem

PAGE = "Calendar"


@dataclass(frozen=True, slots=True)
class Pending:
    """What the open dialog is about."""

    visit_id: int = 0
    sequence: int = 0
    provider_id: int = 0
    on: date = date(2000, 1, 1)
    minute: int | None = None
    off_id: int = 0
    may_override: bool = False
    seen: tuple[int, ...] = ()


class Calendar(AdminPage, rx.State):
    """Some days of a location; one dialog at most."""

    sheet: list[CalendarView] = []
    box: list[BoxView] = []
    turn: int = 0
    _pending: Pending = Pending()
    _undo: Moving | None = None
    _news: str = ""

    @rx.event
    @access(Permission.SEE_DAY)
    async def enter(self) -> None:
        """Show what the address asks for."""
        self.box, self._news, self._undo = [], "", None
        async with self._answering():
            await self._open(PAGE)
            self._show(await self._look())

    @rx.event
    @access(Permission.SEE_DAY)
    async def go(self, name: Any, value: Any) -> EventSpec | None:
        """Another day, location, provider or room, chosen from a list."""
        async with self._answering():
            which = inputs.choice(name, ("on", "location", "who"))
            shown = await self._ask(wish, await self._staff(), dict(self.router.url.query_parameters))
            if which == "on":
                try:
                    return rx.redirect(replace(shown, on=inputs.iso_date(value)).href)
                except inputs.BadInput:  # a year that is still being typed
                    return None
            if which == "location":
                return rx.redirect(replace(shown, location_id=inputs.row_id(value), who=0).href)
            return rx.redirect(replace(shown, who=inputs.row_id(value, least=0)).href)
        return None

    @rx.event
    @access(Permission.SEE_DAY, by_itself=True)
    async def tick(self) -> None:
        """Time went by: the line of now is elsewhere, and what was to come may be over."""
        async with self._answering():
            await self._refresh()

    @rx.event
    @access(Permission.SEE_DAY)
    async def leave(self) -> None:
        """Put the dialog away; what was dropped goes back."""
        self.box, self._pending = [], Pending()
        self.turn += 1
        await self._say(Problem.none())

    # A visit elsewhere

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def put(self, visit: Any, sequence: Any, provider: Any, on: Any, minute: Any, minutes: Any) -> None:
        """A visit was dropped: if it fits there, or may be made to, ask once more; else say why not."""
        self.turn += 1
        async with self._answering():
            found = await self._look()
            before = visit_of(found.board, inputs.row_id(visit))
            was = moving.as_it_is(before)
            wanted = Moving(
                was.appointment_id,
                inputs.row_id(sequence, least=0),
                start_of(found, before, inputs.iso_date(on), inputs.choice(minute, range(1440))),
                inputs.row_id(provider, least=0) or was.provider_id,
                inputs.choice(minutes, range(1, 1441)),
            )
            if wanted != was:
                await self._consider(found, before, wanted)

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def ask(self, visit: Any) -> None:
        """The move of a visit, by its fields."""
        async with self._answering():
            found = await self._look()
            before = visit_of(found.board, inputs.row_id(visit))
            await self._open_move(found, before, moving.as_it_is(before))

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def move(self, form: Any) -> None:
        """Move it as the dialog says."""
        async with self._answering():
            found, actor, pending = await self._look(), await self._staff(), self._pending
            typed = inputs.fields(form, "date", "time", "provider", "minutes", "reason", most=500)
            tells = inputs.ticks(form, "tells")["tells"]
            before = visit_of(found.board, pending.visit_id)
            was = replace(moving.as_it_is(before), sequence=pending.sequence, tells_patient=tells)
            wanted, errors = moving_of(found, before, typed, was)
            override = desk.Override(typed["reason"]) if pending.may_override and typed["reason"].strip() else None
            told: dict[str, Any] = {
                "refusal": self._refusal,
                "may_override": pending.may_override,
                "reason": typed["reason"],
            }
            if errors:
                await self._open_move(found, before, wanted, **told, errors=errors)
                return
            try:
                await self._do(moving.move, actor, wanted, override)
            except Invalid as fault:
                await self._open_move(found, before, wanted, **told, errors={fault.field: problem(fault).sentence})
            except Conflict as refusal:
                errors = {"reason": "Please say why in a few words."} if pending.may_override else {}
                await self._refuse(found, before, wanted, refusal, errors)
            else:
                await self._done(found, before, wanted)

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def undo(self) -> None:
        """Back to where it was."""
        async with self._answering():
            back = self._undo
            if back is None:
                return
            found, actor = await self._look(), await self._staff()
            self._undo, self._news = None, ""
            try:
                await self._do(moving.move, actor, back)
                self._news = "Moved back." if not back.tells_patient else "Moved back; the patient is told."
            except Conflict as refusal:
                if refusal.code != "desk_refused":
                    raise
                self._news = f"It cannot go back. {await self._words(found, refusal, back)}"
            finally:
                self._show(await self._look())

    # An empty place

    @rx.event
    @access(Permission.SEE_DAY)
    async def place(self, provider: Any, on: Any, minute: Any) -> None:
        """What can be done at an empty place; a `minute` below 0 is none in particular."""
        async with self._answering():
            found, actor = await self._look(), await self._staff()
            at = inputs.row_id(minute, least=-1)
            self._pending = Pending(
                provider_id=inputs.row_id(provider, least=0),
                on=inputs.iso_date(on),
                minute=at if 0 <= at < 1440 else None,
            )
            if found.is_open and (actor.may(Permission.BOOK_VISITS) or actor.may(Permission.CHANGE_HOURS)):
                await self._open_place(found, actor)

    @rx.event
    @access(Permission.CHANGE_HOURS)
    async def block(self, form: Any) -> None:
        """Nobody can book someone for a while; asks once more where visits lie there."""
        async with self._answering():
            found, actor = await self._look(), await self._staff()
            typed = inputs.fields(form, "kind", "provider", "start_at", "end_at", "reason", most=300)
            kind = inputs.choice(typed["kind"], tuple(boxes.KINDS))
            provider_id = inputs.row_id(typed["provider"])
            span, errors = span_of(found, typed)
            if span is None:
                await self._open_place(found, actor, typed=typed, errors=errors)
                return
            absence = {"kind": kind, "start_at": span[0], "end_at": span[1], "reason": typed["reason"]}
            try:
                await self._do(absences.add, actor, provider_id, **absence, seen=self._pending.seen)
            except Unusable as refusal:
                errors = {fault.field: problem(fault).sentence for fault in refusal.faults}
                await self._open_place(found, actor, typed=typed, errors=errors)
                return
            except Conflict as refusal:
                ids = refusal.facts["appointment_ids"]
                assert isinstance(ids, tuple)
                under = await self._ask(stranded.told, actor, ids)
                self._pending = replace(self._pending, seen=ids)
                await self._open_place(found, actor, typed=typed, listed=boxes.lying_in(under, found.language))
                return
            self._news, self._undo = f"{boxes.KINDS[kind]} is in the calendar.", None
            await self._close()

    @rx.event
    @access(Permission.CHANGE_HOURS)
    async def off(self, off_id: Any) -> None:
        """Time off was chosen: it can be removed."""
        async with self._answering():
            found, wanted = await self._look(), inputs.row_id(off_id)
            block = next((one for one in found.board.blocks if one.time_off_id == wanted), None)
            if block is None:
                raise NotAllowed()
            self._pending = Pending(off_id=wanted)
            near = await self._ask(staffing.absences, block.start_at, block.end_at)
            whole = next((one for one in near if one.id == wanted), None)
            if whole is not None:  # the page shows only as much of it as lies on its days
                block = replace(block, start_at=whole.start_at, end_at=whole.end_at)
            self._draw(boxes.off_box(found.board, block, people(found), found.language))

    @rx.event
    @access(Permission.CHANGE_HOURS)
    async def unblock(self) -> None:
        """Remove it."""
        async with self._answering():
            await self._do(absences.remove, await self._staff(), self._pending.off_id)
            self._news, self._undo = "Removed: the time can be booked again.", None
            await self._close()

    # How it goes on

    async def _consider(self, found: Look, before: BoardVisit, wanted: Moving) -> None:
        """Ask the domain whether it would fit, then the person whether it shall be."""
        try:
            await self._do(moving.try_out, await self._staff(), wanted)
        except Fits:
            await self._open_move(found, before, wanted)
        except Conflict as refusal:
            await self._refuse(found, before, wanted, refusal)

    async def _refuse(
        self, found: Look, before: BoardVisit, wanted: Moving, refusal: Conflict, errors: dict[str, str] | None = None
    ) -> None:
        """Say why not: in the dialog where it may be overridden or is open, else on the page."""
        if refusal.code not in ("desk_refused", "slot_taken"):
            await self._close()
            raise refusal
        words = await self._words(found, refusal, wanted)
        may = bool(refusal.facts.get("may_override"))
        if may or self.box:
            await self._open_move(found, before, wanted, refusal=words, may_override=may, errors=errors)
        else:
            await self._say(Problem("It does not fit there", words))

    async def _words(self, found: Look, refusal: DomainError, wanted: Moving) -> str:
        names = {}
        if refusal.facts.get("in_the_way"):
            actor, on = await self._staff(), local_date(wanted.start, found.zone)
            there = await self._ask(boards.board, actor, found.asked.location_id, on, provider_id=wanted.provider_id)
            names = {one.appointment_id: one.patient_name for one in there.visits}
        who = found.clinic.providers.get(wanted.provider_id)

        def told_time(at: datetime) -> str:
            return wording.time(at, found.board.time_zone, found.language)

        return sentence(refusal.facts, who=who.name if who else "", names=names, told_time=told_time)

    @property
    def _refusal(self) -> str:
        return self.box[0].refusal if self.box else ""

    async def _open_move(self, found: Look, before: BoardVisit, wanted: Moving, **told: Any) -> None:
        self._pending = Pending(
            visit_id=before.appointment_id, sequence=wanted.sequence, may_override=bool(told.get("may_override"))
        )
        self._draw(boxes.move_box(found.board, before, wanted, people(found), found.language, **told))

    async def _open_place(self, found: Look, actor: StaffActor, **told: Any) -> None:
        pending = self._pending
        shown = boxes.place_box(
            found.board,
            pending.provider_id,
            pending.on,
            pending.minute,
            people(found),
            found.language,
            may_book=found.is_open and actor.may(Permission.BOOK_VISITS),
            may_block=found.is_open and actor.may(Permission.CHANGE_HOURS),
            **told,
        )
        self._draw(shown)

    def _draw(self, box: BoxView) -> None:
        box.turn = self.turn = self.turn + 1
        self.box = [box]

    async def _done(self, found: Look, before: BoardVisit, wanted: Moving) -> None:
        self._news = moving.told(found.board, before, wanted, found.language)
        was = moving.as_it_is(before)
        self._undo = replace(was, sequence=wanted.sequence + 1, tells_patient=wanted.tells_patient)
        await self._close()

    async def _close(self) -> None:
        self.box, self._pending = [], Pending()
        self.turn += 1
        await self._say(Problem.none())
        self._show(await self._look())

    async def _say(self, told: Problem) -> None:
        """In the dialog where one is open: what is behind it cannot be read."""
        if self.box and told.sentence:
            self._draw(replace(self.box[0], refusal=told.sentence))
        else:
            await AdminPage._say(self, told)

    # What is shown

    async def _look(self) -> Look:
        return await self._ask(look, await self._staff(), dict(self.router.url.query_parameters))

    async def _refresh(self) -> None:
        """Something changed in what is shown: another browser's doing, or a patient's."""
        if self.router.url.path.rstrip("/") != PATH:
            live.watch(self.router.session.client_token, 0, None)
            return
        self._show(await self._look())

    def _show(self, found: Look) -> None:
        wanted = found.asked
        live.watch(self.router.session.client_token, wanted.location_id, wanted.first_on, days=wanted.days, page=PAGE)
        shown = page_view(found, self._news, may_undo=self._undo is not None)
        if self.sheet != [shown]:
            self.sheet = [shown]
