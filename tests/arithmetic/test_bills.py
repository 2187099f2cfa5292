"""A visit's bill, whatever is done, chosen, added and taken off: its parts are its total, and none is below nothing."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clinic_portal.booking.bills import DeskSheet, Extra, Item, Line, Wish, reckon, wanted_items, written
from clinic_portal.core.errors import DomainError
from clinic_portal.wallet.types import Origin

MONEY = st.integers(0, 60_000)
LOTS = (1, 2, 3)


@st.composite
def sheets(draw: st.DrawFn) -> DeskSheet:
    lots = [Item(lot, "A treatment", Origin.PACKAGE, draw(st.integers(1, 3)), None) for lot in LOTS]
    lines = tuple(
        Line(number, number, "A treatment", draw(MONEY), None, None, tuple(draw(st.sets(st.sampled_from(lots)))))
        for number in range(1, draw(st.integers(1, 4)) + 1)
    )
    nothing: Any = None
    return DeskSheet(nothing, lines, draw(MONEY), draw(MONEY), 0, "card", None, None)


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    lines = st.integers(1, 4)
    extras = st.lists(st.builds(Extra, st.just("For something"), st.integers(-40_000, 40_000)), max_size=3)
    return Wish(
        not_done=draw(st.frozensets(lines, max_size=2)),
        items=draw(st.dictionaries(lines, st.sampled_from(LOTS), max_size=3)),
        extras=tuple(draw(extras)),
        credit_minor=draw(st.just(0) | st.integers(-10, 60_000)),
    )


@given(sheets(), wishes())
def test_every_bill_that_is_not_refused_adds_up(found: DeskSheet, wish: Wish) -> None:
    try:
        sums = reckon(found, wish)
    except DomainError:
        return
    parts = (sums.items_minor, sums.deposit_minor, sums.credit_minor, sums.desk_minor)
    assert sum(parts) == sums.total_minor
    assert min(*parts, sums.back_minor) >= 0
    assert sums.deposit_minor + sums.back_minor == found.kept_minor
    assert sums.credit_minor <= sums.most_credit_minor <= found.credit_minor
    assert not (sums.back_minor and sums.credit_minor + sums.desk_minor)  # the deposit pays before anything else
    kept = written(found, wish)
    assert sum(one["amount_minor"] for one in kept if one["is_done"]) == sums.total_minor
    used = wanted_items(found, wish)
    assert used == Counter(one["lot_id"] for one in kept if one["lot_id"] is not None)
    left = {item.lot_id: item.left for line in found.lines for item in line.fits}
    assert all(count <= left[lot_id] for lot_id, count in used.items())


@given(sheets())
def test_a_visit_as_it_was_booked_is_never_refused(found: DeskSheet) -> None:
    assert reckon(found, found.wish).total_minor == sum(one.price_minor for one in found.lines)
