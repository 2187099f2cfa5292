"""The calendar's page as values: one look at what the address asks for, and all that is shown of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import board as boards
from clinic_portal.booking.board import Board
from clinic_portal.booking.places import places
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue, LocationInfo
from clinic_portal.core.work import Reading
from clinic_portal.messaging import untold
from clinic_portal.web.admin.base import place_name
from clinic_portal.web.admin.calendar import views
from clinic_portal.web.admin.calendar.address import BY, VIEWS, Asked, asked
from clinic_portal.web.admin.calendar.views import ColumnView, Looks


@dataclass
class CalendarView:
    """The page. `links` are the addresses around it: earlier, today, later, day, week, provider, room; `leads_to` is how
    those of its visits begin."""

    title: str
    subtitle: str
    on: str
    view: str
    by: str
    place: str
    who: str
    language: str
    places: list[list[str]]
    whos: list[list[str]]
    links: dict[str, str]
    first: int
    height: int
    tracks: str
    hours: list[str]
    columns: list[ColumnView]
    may_book: bool
    may_block: bool
    leads_to: str
    shown: str = ""
    news: str = ""
    may_undo: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the calendar finds."""

    clinic: Catalogue
    asked: Asked
    board: Board
    now: datetime
    actor: StaffActor
    places: Mapping[int, LocationInfo]  # to choose from

    @property
    def is_open(self) -> bool:
        """Whether anything new is put into it: not at a closed location, whose visits only stand."""
        return self.asked.location_id in self.clinic.locations

    @property
    def language(self) -> str:
        """The clinic's."""
        return self.clinic.clinic.language

    @property
    def zone(self) -> ZoneInfo:
        """The location's."""
        return ZoneInfo(self.board.time_zone)


def look(read: Reading, actor: StaffActor, parameters: Mapping[str, str]) -> Look:
    """What the address asks for, as they may see it. Raises NotAllowed."""
    known = places(read)
    wanted = wish(read, actor, parameters, known)
    alone = wanted.who if wanted.by == "provider" and wanted.view == "week" else 0
    found = boards.board(read, actor, wanted.location_id, wanted.first_on, days=wanted.days, provider_id=alone or None)
    lost = untold.of_visits(read, actor, [one.appointment_id for one in found.visits if one.end_at > read.now])
    visits = tuple(replace(one, is_untold=one.appointment_id in lost) for one in found.visits)
    return Look(catalogue(read), wanted, replace(found, visits=visits), read.now, actor, known)


def wish(
    read: Reading, actor: StaffActor, parameters: Mapping[str, str], among: Mapping[int, LocationInfo] | None = None
) -> Asked:
    """What the address asks for, without what stands there; a provider's calendar is their own. `among`: `places`."""
    known = places(read) if among is None else among
    todays = {one.id: read.now.astimezone(ZoneInfo(one.time_zone)).date() for one in known.values()}
    wanted = asked(parameters, todays)
    if actor.only_calendar_of is not None and wanted.by == "provider":
        return replace(wanted, who=actor.only_calendar_of)
    return wanted


def page_view(found: Look, news: str, *, may_undo: bool) -> CalendarView:
    """The whole page, from one look."""
    wanted, actor, clinic = found.asked, found.actor, found.clinic
    may_book, may_block = actor.may(Permission.BOOK_VISITS), actor.may(Permission.CHANGE_HOURS)
    to_visit = actor.may(Permission.RUN_VISITS)
    looks = Looks(found.now, found.language, to_visit=to_visit, may_move=may_book, may_unblock=may_block)
    grid = views.grid(found.board, wanted, looks)
    today = found.now.astimezone(found.zone).date()
    count = len(found.board.visits)
    if wanted.by == "provider":
        whos = [[str(number), name] for number, name in people(found).items()]
    else:
        whos = [[str(one.id), one.name] for one in found.board.units]
    is_all = [["0", "Everybody" if wanted.by == "provider" else "All rooms and devices"]]
    links = {
        "earlier": wanted.turned(-1).href,
        "today": replace(wanted, on=today).href,
        "later": wanted.turned(1).href,
        **{view: replace(wanted, view=view).href for view in VIEWS},
        **{by: replace(wanted, by=by, who=0).href for by in BY},
    }
    return CalendarView(
        title=views.title(wanted, found.board.time_zone, found.language),
        subtitle=f"{place_name(clinic, wanted.location_id)} · {count} {'appointment' if count == 1 else 'appointments'}",
        on=wanted.on.isoformat(),
        view=wanted.view,
        by=wanted.by,
        place=str(wanted.location_id),
        who=str(wanted.who),
        language=found.language,
        places=[[str(number), place_name(clinic, number)] for number in found.places],
        whos=whos if actor.only_calendar_of is not None and wanted.by == "provider" else is_all + whos,
        links=links,
        first=grid.first,
        height=grid.height,
        tracks=grid.tracks,
        hours=grid.hours,
        columns=grid.columns,
        may_book=may_book and found.is_open,
        may_block=may_block and found.is_open,
        leads_to="/admin/visit?id=" if to_visit else "/admin/patient?id=",
        shown=wanted.href,
        news=news,
        may_undo=may_undo,
    )


def people(found: Look) -> dict[int, str]:
    """Whose calendar they may fill: the clinic's providers, and those of the page who are switched off since."""
    only = found.actor.only_calendar_of
    known = {one.id: one.name for one in found.clinic.providers.values()}
    known |= {one.id: one.name for one in found.board.providers if one.id not in known}
    return {number: name for number, name in known.items() if only in (None, number)}
