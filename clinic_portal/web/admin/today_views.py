"""The page of a day: figures, arrivals, grid. Values in, view values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from clinic_portal.booking import day_rules
from clinic_portal.booking.arrivals import AllLeftOpen, Arrival
from clinic_portal.booking.board import Board
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.web.admin import arrival_views, day_views
from clinic_portal.web.admin.arrival_views import GroupView, LeftView, May
from clinic_portal.web.admin.base import place_name
from clinic_portal.web.admin.day_views import ColumnView, HourView, LackView, Lost, UntoldView, grid, takings


@dataclass
class PlaceView:
    """Something to choose: a location, a provider."""

    id: str
    name: str


@dataclass
class DayPage:
    """A day of a location. `lacking` is empty for who handles no forms, `never` for who invites nobody."""

    title: str
    subtitle: str
    places: list[PlaceView]
    providers: list[PlaceView]
    done: str
    total: str
    money: str
    never: str
    lacking: str
    calendar: str
    next_href: str
    next_told: str
    groups: list[GroupView]
    left: list[LeftView]
    left_told: str
    lacks: list[LackView]
    untold: list[UntoldView]
    height: str
    now_top: str
    hours: list[HourView] = field(default_factory=list)
    columns: list[ColumnView] = field(default_factory=list)


def day_page(
    clinic: Catalogue,
    places: Sequence[int],
    found: Board,
    told: Mapping[int, Arrival],
    now: datetime,
    *,
    lost: Lost,
    left: AllLeftOpen,
    never: int | None,
    next_on: date | None,
    may: May,
    handles_forms: bool,
    sees_all: bool,
) -> DayPage:
    """All of it. `places`: the locations to choose from."""
    language, place = clinic.clinic.language, place_name(clinic, found.location_id)
    count = len(found.visits)
    missing = {number: one.forms for number, one in told.items() if one.forms}
    lacking = day_views.lacks(found, missing, now, language)
    shown = grid(found, now, language, missing, lost, to_visit=may.run)
    return DayPage(
        title=wording.day(found.first_on, found.time_zone, language),
        subtitle=f"{place} · {count} {'appointment' if count == 1 else 'appointments'}",
        places=[PlaceView(str(one), place_name(clinic, one)) for one in places],
        providers=[PlaceView(str(one.id), one.name) for one in clinic.providers.values()] if sees_all else [],
        done=str(sum(day_rules.is_over(one, now) for one in found.visits)),
        total=f"of {count}",
        money=takings(found, clinic.clinic.currency, language),
        never="" if never is None else str(never),
        lacking=str(len(lacking)) if handles_forms else "",
        calendar=f"/admin/calendar?on={found.first_on.isoformat()}&location={found.location_id}",
        next_href=f"/admin?on={next_on.isoformat()}" if next_on else "",
        next_told=wording.day(next_on, found.time_zone, language) if next_on else "",
        groups=arrival_views.groups(found, told, now, language, may=may, lost=lost),
        left=arrival_views.left(left, found.time_zone, language, may=may),
        left_told=_left_told(left.count),
        lacks=lacking,
        untold=day_views.untold(found, lost, language),
        height=shown.height,
        now_top=shown.now_top,
        hours=shown.hours,
        columns=shown.columns,
    )


def _left_told(count: int) -> str:
    if not count:
        return ""
    return "1 visit of an earlier day is still open" if count == 1 else f"{count} visits of earlier days are still open"
