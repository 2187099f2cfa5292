"""Reports of the clinic for its owner: one at a time, of the period, location and provider the address says (P18)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.clinic.everything import Everything, everything
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Invalid
from clinic_portal.core.work import Reading
from clinic_portal.reports import periods
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage
from clinic_portal.web.admin.reports import asking, shapes
from clinic_portal.web.admin.reports.asking import Wanted
from clinic_portal.web.admin.reports.shapes import Sheet, Told
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem

PAGE = "Reports"


@dataclass
class ChoiceView:
    """A link, or an option of a list."""

    label: str
    href: str
    is_here: bool


@dataclass
class FigureView:
    """A number that stands by itself."""

    name: str
    told: str
    note: str


@dataclass
class SeriesView:
    """What is drawn of a table: the key of its values, and its colour."""

    key: str
    name: str
    colour: str
    stack: str


@dataclass
class PointView:
    """What is drawn for one piece of the period, in whole units; the table beside it is exact."""

    at: str
    c1: int = 0
    c2: int = 0
    c3: int = 0
    c4: int = 0
    c5: int = 0
    c6: int = 0


@dataclass
class LineView:
    """A row: its head, the other cells, and how long its bar is."""

    head: str
    cells: list[str]
    bar: str


@dataclass
class SheetView:
    """A table, and what is drawn of it."""

    key: str
    title: str
    note: str
    csv: str
    head: str
    heads: list[str]
    lines: list[LineView] = field(default_factory=list)
    series: list[SeriesView] = field(default_factory=list)
    drawn: list[PointView] = field(default_factory=list)


@dataclass
class ReportView:
    """A report, the ways to other ones, and what the form holds."""

    key: str
    title: str
    period: str
    first_on: str
    last_on: str
    location: str
    provider: str
    summary: str
    empty: str
    tabs: list[ChoiceView] = field(default_factory=list)
    presets: list[ChoiceView] = field(default_factory=list)
    locations: list[ChoiceView] = field(default_factory=list)
    providers: list[ChoiceView] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    figures: list[FigureView] = field(default_factory=list)
    sheets: list[SheetView] = field(default_factory=list)


class Reports(AdminPage, rx.State):
    """The report that is shown; none while it is counted."""

    shown: list[ReportView] = []
    error: str = ""
    _wanted: Wanted | None = None

    @rx.event
    @access(Permission.SEE_REPORTS)
    async def enter(self) -> AsyncIterator[None]:
        """Show what the address says."""
        async with self._answering():
            self.shown, self.error = [], ""
            clinic, actor = await self._open(PAGE), await self._staff()
            yield
            today, language = await self._ask(_today, clinic), clinic.clinic.language
            try:
                self._wanted = asking.wanted(self.router.url.query_parameters, today, language)
            except (Invalid, inputs.BadInput) as refusal:
                self.error = problem(refusal).sentence
                self._wanted = asking.standard(today, language)
            self.shown = [await self._ask(_view, actor, self._wanted, clinic)]

    @rx.event
    @access(Permission.SEE_REPORTS)
    async def look(self, form: Any) -> EventSpec | None:
        """Show the days, the location and the provider that were chosen."""
        async with self._answering():
            typed, before = inputs.fields(form, "from", "until", "location", "provider", most=20), self._wanted
            self.error = ""
            if before is None:
                return None
            try:
                period = periods.between(inputs.iso_date(typed["from"]), inputs.iso_date(typed["until"]))
            except Invalid as refusal:
                self.error = problem(refusal).sentence
                return rx.set_focus("until")
            is_same = (period.first_on, period.last_on) == (before.period.first_on, before.period.last_on)
            chosen = {name: inputs.row_id(typed[name]) if typed[name] else None for name in ("location", "provider")}
            return rx.redirect(
                asking.address(
                    before,
                    period=period,
                    preset=before.preset if is_same else None,
                    location_id=chosen["location"],
                    provider_id=chosen["provider"],
                )
            )
        return None


def _today(read: Reading, clinic: Catalogue) -> date:
    return wording.local(read.now, clinic.time_zone).date()


def _view(read: Reading, actor: StaffActor, wanted: Wanted, clinic: Catalogue) -> ReportView:
    language, known = clinic.clinic.language, everything(read)
    told = asking.told(read, actor, wanted, clinic.clinic.currency, language)
    return ReportView(
        key=wanted.report,
        title=asking.REPORTS[wanted.report],
        period=_period(wanted, known, language),
        first_on=wanted.period.first_on.isoformat(),
        last_on=wanted.period.last_on.isoformat(),
        location=str(wanted.location_id or ""),
        provider=str(wanted.provider_id or ""),
        summary=told.summary,
        empty=told.empty,
        tabs=[
            ChoiceView(label, asking.address(wanted, report=key), key == wanted.report)
            for key, label in asking.REPORTS.items()
        ],
        presets=[
            ChoiceView(label, asking.address(wanted, preset=one), one is wanted.preset)
            for one, label in asking.PRESETS.items()
        ],
        locations=_options(known.locations, wanted.location_id) if len(known.locations) > 1 else [],
        providers=_options(known.providers, wanted.provider_id),
        notes=list(told.notes),
        figures=[FigureView(one.name, shapes.text(one.value, language), one.note) for one in told.figures],
        sheets=sheets(told, wanted, language),
    )


def sheets(told: Told, wanted: Wanted, language: str) -> list[SheetView]:
    """The tables of a report, and what is drawn of them."""
    return [] if told.empty else [_sheet(one, asking.address(wanted, table=one.key), language) for one in told.sheets]


def _options(names: dict[int, str], chosen: int | None) -> list[ChoiceView]:
    return [ChoiceView(name, str(one), one == chosen) for one, name in names.items()]


def _period(wanted: Wanted, known: Everything, language: str) -> str:
    first, last, *before = (
        wording.day(on, "UTC", language, length="medium")
        for on in (
            wanted.period.first_on,
            wanted.period.last_on,
            wanted.period.before_first_on,
            wanted.period.before_last_on,
        )
    )
    days = first if first == last else f"{first} – {last}"
    earlier = before[0] if before[0] == before[1] else f"{before[0]} – {before[1]}"
    where = known.locations.get(wanted.location_id or 0, "")
    who = known.providers.get(wanted.provider_id or 0, "")
    return " · ".join(one for one in (f"{days}, compared with {earlier}", where, who) if one)


def _sheet(one: Sheet, csv: str, language: str) -> SheetView:
    most = max((shapes.drawn(row[one.bar]) for row in one.rows), default=0) if one.bar is not None else 0
    return SheetView(
        key=one.key,
        title=one.title,
        note=one.note,
        csv=csv,
        head=one.heads[0],
        heads=list(one.heads[1:]),
        lines=[
            LineView(
                head=shapes.text(row[0], language),
                cells=[shapes.text(cell, language) for cell in row[1:]],
                bar=f"{max(0.0, shapes.drawn(row[one.bar])) / most:.1%}" if one.bar is not None and most > 0 else "",
            )
            for row in one.rows
        ],
        series=[
            SeriesView(f"c{n}", one.heads[of.column], of.colour, "all" if one.is_stacked else f"c{n}")
            for n, of in enumerate(one.series, 1)
        ],
        drawn=[
            PointView(_short(row[0], language), *(round(shapes.drawn(row[of.column])) for of in one.series))
            for row in one.rows
            if one.series
        ],
    )


def _short(cell: shapes.Cell, language: str) -> str:
    return shapes.piece(cell, language, is_short=True) if isinstance(cell, shapes.Piece) else str(cell)
