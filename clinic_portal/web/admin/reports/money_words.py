"""Money and wallets in words: a set of tables for each currency, never one for two. Values in, tables out."""

from __future__ import annotations

from clinic_portal.core import wording
from clinic_portal.reports.periods import Step
from clinic_portal.reports.revenue import DESK, Flow, Money, Paid, Revenue
from clinic_portal.reports.wallets import Owing, Point
from clinic_portal.web.admin.reports.shapes import (
    BLUE,
    GREEN,
    SAND,
    Cash,
    Cell,
    Figure,
    Piece,
    Series,
    Share,
    Sheet,
    Told,
    money_compared,
    pieces,
)

KINDS = {
    "deposit": "Deposits by card",
    DESK: "Visits, at the desk",
    "cancellation_fee": "Fees for late cancellations",
    "noshow_fee": "Fees for missed visits",
    "package": "Packages",
    "membership": "Memberships",
    "hold": "Card checks, taken by mistake",
}
NO_VISIT = "Packages and memberships, of no visit"
_HEADS = ("Taken", "Given back", "Net")
_WHEN = "By card, money counts on the day it was taken or went back; at the desk, on the day of the visit it paid for."
_WALLET = (
    "What visits cost, and how their patients paid when they checked out, by the day of the visit. Deposits, packages, "
    "memberships and credit were taken before, and count above on that day, not again here."
)


def revenue(found: Revenue, language: str) -> Told:
    """What came in and went back, each currency by itself."""
    is_alone = len(found.sums) == 1
    sheets: list[Sheet] = []
    for one in found.sums:
        sheets += _currency(found, one, "" if is_alone else f", {one.currency}", "" if is_alone else f"-{one.currency}")
    first = found.sums[0]
    net = [_cash(one.total.net_minor, one, language) for one in found.sums]
    notes = () if found.scope.is_whole else ("Packages and memberships belong to no visit, and so are left out here.",)
    is_empty = all(not (one.total.taken_minor or one.total.back_minor or one.paid.visits) for one in found.sums)
    return Told(
        summary=" ".join(
            f"Taken {_cash(one.total.taken_minor, one, language)}, given back "
            f"{_cash(one.total.back_minor, one, language)}: {told} net."
            for one, told in zip(found.sums, net, strict=True)
        ),
        figures=tuple(_figures(found, first, language))
        if is_alone
        else tuple(
            Figure(f"Net, {one.currency}", Cash(one.total.net_minor, one.currency), _changed(one, language))
            for one in found.sums
        ),
        sheets=tuple(sheets),
        empty="No money moved in these days." if is_empty else "",
        notes=notes,
    )


def owing(found: Owing, language: str) -> Told:
    """What the clinic owed in wallets, from the eve of the period to its end."""
    sheets, figures, told = [], [], []
    for code, points in found.by_currency:
        if not points:
            continue
        suffix = "" if len(found.by_currency) == 1 else f", {code}"
        first, last = points[0], points[-1]
        change = Cash(last.minor, code), Cash(first.minor, code)
        when = "now" if last.is_now else f"at the end of {wording.day(last.on, 'UTC', language)}"
        told.append(f"Owed {when}: {wording.money(last.minor, code, language)}.")
        figures.append(Figure(f"Owed {'now' if last.is_now else 'at the end'}{suffix}", change[0]))
        figures.append(Figure(f"At the beginning{suffix}", change[1], _difference(*change, language)))
        sheets.append(
            Sheet(
                "by-time" if not suffix else f"by-time-{code}",
                f"Over time{suffix}",
                "What stood in all wallets at the end of each day named, by the clinic’s calendar: credit, deposits kept "
                "for visits, and what treatments and products left are worth. Wallets belong to no location or provider.",
                ("At the end of", "Credit", "Deposits", "Treatments and products", "All"),
                tuple(_point(one, code) for one in points),
                series=(Series(1, BLUE), Series(2, SAND), Series(3, GREEN)),
            )
        )
    is_empty = not any(one.minor for _, points in found.by_currency for one in points)
    return Told(
        summary=" ".join(told) or "These days are still to come.",
        figures=tuple(figures),
        sheets=tuple(sheets),
        empty="Nothing stood in any wallet in these days." if is_empty else "",
    )


def _currency(found: Revenue, one: Money, suffix: str, key: str) -> list[Sheet]:
    about = found.scope
    step = about.asked.period.step
    by_time = zip(pieces(about.pieces, step), one.by_piece, strict=True)
    kinds: tuple[tuple[Cell, ...], ...] = tuple(
        (KINDS[kind], flow.count, *_flow(flow, one), Share(flow.taken_minor, one.total.taken_minor))
        for kind, flow in one.by_kind
    )
    sheets = [
        Sheet(
            f"by-time{key}",
            f"By {step.value}{suffix}",
            f"{_WHEN} Each day is the location’s own, or the clinic’s for what belongs to no visit.",
            (step.value.capitalize(), *_HEADS),
            tuple((at, *_flow(flow, one)) for at, flow in by_time),
            series=(Series(1, GREEN), Series(2, SAND)),
            is_stacked=False,
        ),
        Sheet(
            f"by-kind{key}",
            f"By kind{suffix}",
            "The same money by what it was for. What went into a wallet instead of back to a card stays taken.",
            ("For", "Payments", *_HEADS, "Of all taken"),
            kinds,
            bar=2,
        ),
        _named(f"by-provider{key}", f"By provider{suffix}", "Provider", "whom it was with", one.by_provider, one),
    ]
    if len([name for name, _ in one.by_location if name]) > 1:
        sheets.append(
            _named(f"by-location{key}", f"By location{suffix}", "Location", "where it was", one.by_location, one)
        )
    sheets.append(_paid(f"visits{key}", f"How visits were paid for{suffix}", one))
    return sheets


def _named(key: str, title: str, head: str, by: str, rows: tuple[tuple[str, Flow], ...], one: Money) -> Sheet:
    told = f"The same money: of a visit by {by}, the rest by itself."
    lines: tuple[tuple[Cell, ...], ...] = tuple((name or NO_VISIT, *_flow(flow, one)) for name, flow in rows)
    return Sheet(key, title, told, (head, *_HEADS), lines, bar=1)


def _paid(key: str, title: str, one: Money) -> Sheet:
    paid: Paid = one.paid
    parts = (
        ("At the desk", paid.desk_minor),
        ("From deposits", paid.deposit_minor),
        ("From credit in the wallet", paid.credit_minor),
        ("With packages and memberships", paid.items_minor),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (name, Cash(minor, one.currency), Share(minor, paid.total_minor)) for name, minor in parts
    )
    whole: tuple[Cell, ...] = (f"All of {paid.visits:,} checked out", Cash(paid.total_minor, one.currency), "")
    return Sheet(key, title, _WALLET, ("Paid", "Amount", "Of all"), (*rows, whole) if paid.visits else (), bar=None)


def _figures(found: Revenue, one: Money, language: str) -> list[Figure]:
    code, total = one.currency, one.total
    return [
        Figure("Net", Cash(total.net_minor, code), _changed(one, language)),
        Figure("Taken", Cash(total.taken_minor, code)),
        Figure("Given back", Cash(total.back_minor, code)),
        Figure("Worth of visits", Cash(one.paid.total_minor, code), f"{one.paid.visits:,} checked out"),
    ]


def _changed(one: Money, language: str) -> str:
    now, before = Cash(one.total.net_minor, one.currency), Cash(one.before.net_minor, one.currency)
    return money_compared(now, before, language)


def _difference(last: Cash, first: Cash, language: str) -> str:
    if last.minor == first.minor:
        return "unchanged since"
    change = wording.money(abs(last.minor - first.minor), last.currency, language)
    return f"{change} {'more' if last.minor > first.minor else 'less'} since"


def _flow(flow: Flow, one: Money) -> tuple[Cash, ...]:
    return tuple(Cash(minor, one.currency) for minor in (flow.taken_minor, flow.back_minor, flow.net_minor))


def _point(one: Point, code: str) -> tuple[Cell, ...]:
    parts = (one.credit_minor, one.deposit_minor, one.items_minor, one.minor)
    return (Piece(one.on, one.on, Step.DAY), *(Cash(minor, code) for minor in parts))


def _cash(minor: int, one: Money, language: str) -> str:
    return wording.money(minor, one.currency, language)
