"""Reports in words: figures, shares, pieces of a period, comparisons (P18)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from clinic_portal.core.errors import Invalid
from clinic_portal.reports.periods import Preset, Step
from clinic_portal.web.admin.reports import asking, reach_words, shapes
from clinic_portal.web.admin.reports.shapes import Cash, Piece, Share
from clinic_portal.web.inputs import BadInput

pytestmark = pytest.mark.req("P18")
TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("cell", "told", "plain"),
    [
        ("Hydrating facial", "Hydrating facial", "Hydrating facial"),
        (12345, "12,345", 12345),
        (Cash(-8005, "USD"), "-$80.05", Decimal("-80.05")),
        (Cash(1200, "JPY"), "¥1,200", Decimal("1200")),
        (Cash(1234, "KWD"), "KWD1.234", Decimal("1.234")),
        (Share(1, 3), "33%", Decimal("33.3")),
        (Share(1, 24), "4.2%", Decimal("4.2")),
        (Share(0, 9), "0%", Decimal("0.0")),
        (Share(0, 0), "–", ""),
        (Piece(date(2026, 11, 3), date(2026, 11, 3), Step.DAY), "Tue, Nov 3", "2026-11-03"),
        (Piece(date(2026, 11, 1), date(2026, 11, 7), Step.WEEK), "Nov 1 – Nov 7", "2026-11-01/2026-11-07"),
        (Piece(date(2026, 11, 1), date(2026, 11, 30), Step.MONTH), "November 2026", "2026-11-01/2026-11-30"),
        (Piece(date(2026, 1, 1), date(2026, 12, 31), Step.YEAR), "2026", "2026-01-01/2026-12-31"),
    ],
)
def test_a_cell_is_told_on_the_page_and_plain_in_the_file(cell: shapes.Cell, told: str, plain: object) -> None:
    assert (shapes.text(cell, "en"), shapes.plain(cell)) == (told, plain)


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (5, 3, "2 more than in the period before (3)"),
        (3, 1500, "1,497 fewer than in the period before (1,500)"),
        (3, 3, "as many as in the period before"),
        (3, 0, "none in the period before"),
        (0, 0, "none in the period before either"),
    ],
)
def test_a_count_says_how_it_compares(now: int, before: int, told: str) -> None:
    assert shapes.compared(now, before) == told


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (5000, 3000, "$20.00 more than in the period before ($30.00)"),
        (-1000, 3000, "$40.00 less than in the period before ($30.00)"),
        (0, 0, "the same as in the period before"),
    ],
)
def test_an_amount_says_how_it_compares(now: int, before: int, told: str) -> None:
    assert shapes.money_compared(Cash(now, "USD"), Cash(before, "USD"), "en") == told


@pytest.mark.parametrize(
    ("hours", "told"), [(None, "–"), (0, "less than an hour"), (5, "5 hr"), (24, "1 day"), (53, "2 days 5 hr")]
)
def test_a_lead_is_told_in_days_and_hours(hours: int | None, told: str) -> None:
    assert reach_words.hours(hours, "en") == told


def test_an_address_asks_for_what_its_link_said() -> None:
    for asked in (
        {"show": "revenue", "period": "last_90_days", "location": "2"},
        {"show": "forms", "from": "2026-11-01", "until": "2026-11-09", "location": "2", "provider": "7"},
    ):
        found = asking.wanted(asked, TODAY, "en")
        query = asking.address(found).partition("?")[2]
        assert dict(part.split("=") for part in query.split("&")) == asked


def test_an_address_that_says_nothing_asks_for_this_months_appointments() -> None:
    found = asking.wanted({}, TODAY, "en")
    assert (found.report, found.preset, found.location_id) == ("appointments", Preset.THIS_MONTH, None)


@pytest.mark.parametrize(
    "asked",
    [
        {"show": "passwords"},
        {"period": "always"},
        {"from": "2026-11-01"},
        {"from": "1", "until": "2"},
        {"location": "x"},
        {"provider": "0"},
    ],
)
def test_what_no_page_sends_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        asking.wanted(asked, TODAY, "en")


def test_days_that_are_no_period_are_refused() -> None:
    with pytest.raises(Invalid):
        asking.wanted({"from": "2026-11-02", "until": "2026-11-01"}, TODAY, "en")
