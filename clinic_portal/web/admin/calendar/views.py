"""Days of a location as columns of blocks: what the board holds, where it lies, what it says. Values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic_portal.booking.board import Board, BoardBlock, BoardVisit
from clinic_portal.core import wording
from clinic_portal.web.admin import day_shapes, day_words
from clinic_portal.web.admin.calendar.address import Asked
from clinic_portal.web.admin.day_shapes import DAY, Span, clock, lanes, pixels, room

COLUMN_PIXELS, LANE_PIXELS = 150, 110


@dataclass
class BlockView:
    """A block in a column: a visit, or time nobody can be booked (`visit` is 0 then).

    `at` is where it lies, as the page's style takes it: pixels, and shares of the column's width. `start` is its minute
    of the day, `off` the time off that can be removed, `goes` the number its link ends with (0: no link). `more` is
    what the eye has from its place or from a sign. Short, for three hundred of them are sent whenever one changes.
    """

    kind: str
    at: dict[str, str]
    title: str
    detail: str = ""
    marks: str = ""
    more: str = ""
    goes: int = 0
    visit: int = 0
    sequence: int = 0
    start: int = 0
    minutes: int = 0
    off: int = 0


@dataclass
class ColumnView:
    """A day of a provider, of a room or device, or of everybody; `provider` is 0 where it is not one provider's."""

    key: str
    name: str
    note: str
    on: str
    provider: int
    href: str = ""
    now_top: int = -1
    blocks: list[BlockView] = field(default_factory=list)


@dataclass
class GridView:
    """All columns. `first` is the minute of the day at the top; `hours` are labels of lines, a whole hour apart; `tracks`
    says to the page's style how wide each column is at least."""

    first: int
    height: int
    tracks: str
    hours: list[str]
    columns: list[ColumnView]


@dataclass(frozen=True, slots=True)
class Looks:
    """Who looks, and when: the language, and what a block leads to and lets do."""

    now: datetime
    language: str
    to_visit: bool = True
    may_move: bool = True
    may_unblock: bool = True


@dataclass(frozen=True, slots=True)
class _Place:
    """A column before it is drawn."""

    key: str
    name: str
    on: date
    provider_id: int = 0
    unit_id: int = 0
    href: str = ""

    def holds(self, visit: BoardVisit) -> bool:
        """Whether a visit of its day belongs into it."""
        if self.unit_id:
            return self.unit_id in visit.unit_ids
        return not self.provider_id or visit.provider_id == self.provider_id


def grid(board: Board, asked: Asked, looks: Looks) -> GridView:
    """The columns the address asks for, an hour more at each end than anybody works or is booked."""
    zone = ZoneInfo(board.time_zone)
    visits = sorted(board.visits, key=lambda one: (one.start_at, one.patient_name, one.appointment_id))
    by_day: dict[date, list[tuple[BoardVisit, Span]]] = {}
    for one in visits:
        on = one.start_at.astimezone(zone).date()
        by_day.setdefault(on, []).append((one, day_shapes.span(one.start_at, one.end_at, zone, on)))
    places = _places(board, asked, looks.language)
    blocked = {place.key: _blocked(board, place, zone) for place in places}
    spans = [span for seen in by_day.values() for _, span in seen]
    spans += [span for place in places if place.provider_id for span in _worked(blocked[place.key])]
    first, last = _range(spans)
    names = {one.id: one.name for one in board.providers} if len(board.providers) > 1 else {}
    drawn = _Drawn(zone, first, last, looks, names)
    columns, tracks = [], []
    for place in places:
        theirs = [(one, span) for one, span in by_day.get(place.on, ()) if place.holds(one)]
        shown = lanes([span for _, span in theirs])
        most = 1 if place.provider_id else max([1, *(count for _, count in shown)])
        width = max(COLUMN_PIXELS, most * LANE_PIXELS)
        tracks.append(f"minmax(max({width}px, var(--least)), {width}fr)")
        count = "1 visit" if len(theirs) == 1 else f"{len(theirs)} visits"
        columns.append(
            ColumnView(
                key=place.key,
                name=place.name,
                note=count,
                on=place.on.isoformat(),
                provider=place.provider_id,
                href=place.href,
                now_top=drawn.now_top(place.on),
                blocks=[
                    *(drawn.block(one, span) for one, span in blocked[place.key] if drawn.shows(span)),
                    *(drawn.visit(one, span, lane, place) for (one, span), lane in zip(theirs, shown, strict=True)),
                ],
            )
        )
    hours = [clock(hour * 60, board.time_zone, looks.language) for hour in range(first // 60, last // 60)]
    return GridView(first, pixels(last - first), " ".join(tracks), hours, columns)


def title(asked: Asked, time_zone: str, language: str) -> str:
    """The day, or the first and the last day of the week."""
    if asked.view == "day":
        return wording.day(asked.on, time_zone, language)
    last_on = asked.first_on + timedelta(days=6)
    first, last = (wording.day(on, time_zone, language, length="short") for on in (asked.first_on, last_on))
    return f"{first} – {last}"


def marks(visit: BoardVisit, *, short: bool = False) -> str:
    """What is to be known about a visit, in words, or where there is no room for words, in signs."""
    told = (
        (visit.has_alert, "Alert", "⚑"),
        (visit.forms_missing > 0, day_words.forms_missing(visit.forms_missing), f"✎{visit.forms_missing}"),
        (visit.is_untold, day_words.UNTOLD, "!"),
        (visit.is_unpaid, "Unpaid", "$"),
        (visit.is_first, "First visit", "★"),
        (visit.is_override, day_words.OVERRIDE, "↯"),
    )
    return (" " if short else " · ").join(sign if short else word for holds, word, sign in told if holds)


def _places(board: Board, asked: Asked, language: str) -> list[_Place]:
    """The columns: of a day, one for each provider or unit; of a week, one for each day."""
    if asked.view == "day":
        week = replace(asked, view="week")
        if asked.by == "room":
            units = [one for one in board.units if asked.who in (0, one.id)]
            return [
                _Place(f"u{one.id}", one.name, asked.on, unit_id=one.id, href=replace(week, who=one.id).href)
                for one in units
            ]
        people = [one for one in board.providers if asked.who in (0, one.id)]
        return [
            _Place(f"p{one.id}", one.name, asked.on, provider_id=one.id, href=replace(week, who=one.id).href)
            for one in people
        ]
    found = []
    for n in range(board.days):
        on = board.first_on + timedelta(days=n)
        name = wording.day(on, board.time_zone, language, length="short")
        who = {"unit_id" if asked.by == "room" else "provider_id": asked.who}
        found.append(_Place(on.isoformat(), name, on, href=replace(asked, view="day", on=on).href, **who))
    return found


def _blocked(board: Board, place: _Place, zone: ZoneInfo) -> list[tuple[BoardBlock, Span]]:
    """The stretches of a provider's day that cannot be booked, cut to the day."""
    if not place.provider_id:
        return []
    found = []
    for one in board.blocks:
        if one.provider_id == place.provider_id:
            span = day_shapes.cut(one.start_at, one.end_at, zone, place.on)
            if span:
                found.append((one, span))
    return sorted(found, key=lambda pair: pair[1])


def _worked(blocked: Iterable[tuple[BoardBlock, Span]]) -> list[Span]:
    """What is left of a day without hours off and holidays; a break and time off lie within it."""
    return day_shapes.worked(span for one, span in blocked if one.kind in ("off", "holiday"))


def _range(spans: Sequence[Span]) -> Span:
    first, last = day_shapes.hours(spans, spare=60)
    return max(first, 0), min(last, DAY)


class _Drawn:
    """Blocks of one page."""

    def __init__(self, zone: ZoneInfo, first: int, last: int, looks: Looks, names: dict[int, str]) -> None:
        self._zone, self._first, self._last, self._looks, self._names = zone, first, last, looks, names
        self._today = looks.now.astimezone(zone).date()
        self._told: dict[datetime, str] = {}

    def now_top(self, on: date) -> int:
        """Where the line of now lies in a column; -1 where it does not."""
        minute = day_shapes.wall(self._looks.now, self._zone, on)
        return pixels(minute - self._first) if on == self._today and self._first <= minute <= self._last else -1

    def shows(self, span: Span) -> bool:
        """Whether any of it lies on the page."""
        return span[0] < self._last and self._first < span[1]

    def visit(self, one: BoardVisit, span: Span, lane: tuple[int, int], place: _Place) -> BlockView:
        """A visit's block."""
        sign, status = day_words.STATUS.get(one.status, ("", ""))
        size, what = _size(span), " and ".join(one.service_names)
        is_short = size != "" or lane[1] > 1
        whose = "" if place.provider_id else self._names.get(one.provider_id, "")
        words = marks(one) if is_short else ""
        kind = day_words.kind(one, self._looks.now)
        still = not (self._looks.may_move and one.patient_id and one.status in ("booked", "arrived"))
        told = (self._time(one.start_at), what, whose, f"{sign} {status}" if status else "")
        return BlockView(
            kind=" ".join(part for part in (kind, size, "still" if still else "") if part),
            at=self._at(span, lane),
            title=one.patient_name or day_words.NOBODY,
            detail=" · ".join(part for part in told if part),
            marks=marks(one, short=is_short),
            more=f"until {self._time(one.end_at)}{f' · {words}' if words else ''}",
            goes=(one.appointment_id if self._looks.to_visit else one.patient_id) if one.patient_id else 0,
            visit=one.appointment_id,
            sequence=one.sequence,
            start=span[0],
            minutes=int((one.end_at - one.start_at).total_seconds() // 60),
        )

    def block(self, one: BoardBlock, span: Span) -> BlockView:
        """Time nobody can be booked."""
        start, end = max(span[0], self._first), min(span[1], self._last)
        removable = one.time_off_id if self._looks.may_unblock and one.time_off_id else 0
        return BlockView(
            kind=" ".join(part for part in ("off", _size((start, end)), one.kind) if part),
            at=self._at((start, end), (0, 1)),
            title=one.reason or day_words.BLOCKS[one.kind],
            more=f"{self._time(one.start_at)} to {self._time(one.end_at)}" if removable else "",
            start=span[0],
            off=removable,
        )

    def _at(self, span: Span, lane: tuple[int, int]) -> dict[str, str]:
        number, count = lane
        found = {"top": f"{pixels(span[0] - self._first)}px", "height": f"{pixels(span[1] - span[0])}px"}
        if count > 1:
            found |= {"left": f"{number * 100 / count:.2f}%", "width": f"calc({100 / count:.2f}% - 10px)"}
        return found

    def _time(self, at: datetime) -> str:
        if at not in self._told:
            self._told[at] = wording.time(at, str(self._zone), self._looks.language)
        return self._told[at]


def _size(span: Span) -> str:
    return room(span[1] - span[0])
