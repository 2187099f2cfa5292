"""What every report is told in: figures, sentences, tables with or without a chart; as words and as plain values.

A table is written down once. The page tells it in the clinic's language, the file holds the bare values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from babel.dates import format_skeleton
from babel.numbers import format_percent, get_currency_precision

from clinic_portal.core import wording
from clinic_portal.reports.periods import Step

BLUE, GREEN, RED, SAND, GREY = "#2456b8", "#1f7a4d", "#b3261e", "#c98a1b", "#8d8579"
"""Of what is to come, took place, was missed, ended otherwise; and of the rest. Each has a name beside it."""
NONE = "–"


@dataclass(frozen=True, slots=True)
class Cash:
    """An amount in minor units."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Share:
    """A part of something; of nothing there is no share."""

    part: int
    of: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the period: a day, a week, a month or a year, the first and the last maybe cut short."""

    first_on: date
    last_on: date
    step: Step


Cell = str | int | Cash | Share | Piece


@dataclass(frozen=True, slots=True)
class Series:
    """A column of a table that is drawn."""

    column: int
    colour: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: `note` says what is counted and by which date. `series` are drawn above it, else `bar` is the column
    whose share of the most is drawn in each row."""

    key: str
    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    series: tuple[Series, ...] = ()
    is_stacked: bool = True
    bar: int | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that stands by itself, and how it compares."""

    name: str
    value: Cell
    note: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A report: what it says in sentences, its figures and tables. `empty` stands there where nothing was counted."""

    summary: str
    figures: tuple[Figure, ...]
    sheets: tuple[Sheet, ...]
    empty: str = ""
    notes: tuple[str, ...] = field(default=())


def text(cell: Cell, language: str) -> str:
    """A cell in words."""
    match cell:
        case Cash():
            return wording.money(cell.minor, cell.currency, language)
        case Share():
            return percent(cell, language)
        case Piece():
            return piece(cell, language)
        case int():
            return f"{cell:,}" if language.startswith("en") else str(cell)
        case _:
            return cell


def plain(cell: Cell) -> object:
    """A cell as a file holds it: dates as ISO 8601 has them, amounts in the currency's own unit, shares as percent."""
    match cell:
        case Cash():
            return major(cell)
        case Share():
            return Decimal((cell.part * 2000 // cell.of + 1) // 2).scaleb(-1) if cell.of else ""
        case Piece():
            first, last = cell.first_on.isoformat(), cell.last_on.isoformat()
            return first if first == last else f"{first}/{last}"
        case _:
            return cell


def heads(sheet: Sheet) -> list[str]:
    """The heads of a file's columns, each with the unit of what stands below it."""
    first = sheet.rows[0] if sheet.rows else ()
    units = [_unit(cell) for cell in first] or [""] * len(sheet.heads)
    return [f"{head}, {unit}" if unit else head for head, unit in zip(sheet.heads, units, strict=True)]


def drawn(cell: Cell) -> float:
    """A cell as a chart draws it."""
    if isinstance(cell, Cash):
        return float(major(cell))
    return float(cell) if isinstance(cell, int) else 0.0


def major(cash: Cash) -> Decimal:
    """An amount in the currency's own unit, exactly."""
    return Decimal(cash.minor).scaleb(-get_currency_precision(cash.currency))


def percent(share: Share, language: str) -> str:
    """A share in words, to a tenth where it is small: `4.2%`, `31%`."""
    if not share.of:
        return NONE
    ratio = share.part / share.of
    return str(format_percent(ratio, "#,##0.#%" if 0 < ratio < 0.1 else "#,##0%", locale=wording.locale(language)))


def piece(one: Piece, language: str, *, is_short: bool = False) -> str:
    """A piece of the period in words; the short form stands under a chart."""
    locale = wording.locale(language)
    match one.step:
        case Step.DAY:
            if is_short:
                return str(format_skeleton("MMMd", one.first_on, locale=locale))
            return wording.day(one.first_on, "UTC", language, length="short")
        case Step.WEEK:
            first, last = (str(format_skeleton("MMMd", on, locale=locale)) for on in (one.first_on, one.last_on))
            return first if is_short or first == last else f"{first} – {last}"
        case Step.MONTH:
            return (
                str(format_skeleton("yMMM", one.first_on, locale=locale))
                if is_short
                else wording.month(one.first_on, language)
            )
        case Step.YEAR:
            return str(one.first_on.year)


def _unit(cell: Cell) -> str:
    return cell.currency if isinstance(cell, Cash) else "%" if isinstance(cell, Share) else ""


def pieces(of: Sequence[tuple[date, date]], step: Step) -> list[Piece]:
    """The pieces of a period, to be told."""
    return [Piece(first, last, step) for first, last in of]


def compared(now: int, before: int) -> str:
    """How a count compares with the one of the period before."""
    if now == before:
        return "as many as in the period before" if now else "none in the period before either"
    if not before:
        return "none in the period before"
    change = f"{abs(now - before):,} {'more' if now > before else 'fewer'} than in the period before"
    return f"{change} ({before:,})"


def money_compared(now: Cash, before: Cash, language: str) -> str:
    """How an amount compares with the one of the period before."""
    if now.minor == before.minor:
        return "the same as in the period before"
    change = wording.money(abs(now.minor - before.minor), now.currency, language)
    was = wording.money(before.minor, before.currency, language)
    return f"{change} {'more' if now.minor > before.minor else 'less'} than in the period before ({was})"


def share_compared(now: Share, before: Share, language: str) -> str:
    """How a share compares with the one of the period before."""
    return f"{percent(before, language)} in the period before" if before.of else "nothing to compare with before"


def many(count: int, one: str, more: str = "") -> str:
    """A count with its noun: `1 visit`, `2 visits`."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"
