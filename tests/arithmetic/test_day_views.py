"""How the staff's day is drawn: visits that overlap lie side by side, the day ends where the work ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_portal.booking.day import Day, DayVisit
from clinic_portal.web.admin.day_views import GridView, LackView, grid, lacks, lanes, takings

ON = date(2026, 12, 3)
Span = tuple[int, int]


def at(hour: int, minute: int = 0) -> datetime:
    """A wall time in Chicago, which is six hours behind UTC in December."""
    return datetime(2026, 12, 3, hour + 6, minute, tzinfo=UTC)


def visit(start: datetime, end: datetime, status: str = "booked") -> DayVisit:
    return DayVisit(1, 7, 42, "Amara Reed", ("Botox",), status, start, end, 24000, "USD")


def drawn(*visits: DayVisit, now: datetime | None = None) -> GridView:
    working = ((at(9), at(12)), (at(13), at(17)))
    return grid(Day(ON, "America/Chicago", ((7, "Maya", working),), visits), now or at(8), "en")


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], []),
        ([(0, 30)], [(0, 1)]),
        ([(0, 30), (30, 60)], [(0, 1), (0, 1)]),
        ([(0, 60), (45, 90)], [(0, 2), (1, 2)]),
        ([(0, 60), (30, 50), (50, 70)], [(0, 2), (1, 2), (1, 2)]),
        ([(0, 60), (30, 50), (90, 120)], [(0, 2), (1, 2), (0, 1)]),
    ],
)
def test_overlapping_visits_lie_side_by_side_and_touching_ones_do_not(spans: list[Span], expected: list[Span]) -> None:
    assert lanes(spans) == expected


@given(st.lists(st.tuples(st.integers(0, 600), st.integers(1, 120)), max_size=12))
def test_no_two_visits_ever_cover_one_another(drawn_at: list[tuple[int, int]]) -> None:
    spans = sorted((start, start + minutes) for start, minutes in drawn_at)
    placed = lanes(spans)
    for one, (lane, count) in enumerate(placed):
        assert 0 <= lane < count
        for other in range(one):
            if spans[other][1] > spans[one][0]:
                assert placed[other][0] != lane
                assert placed[other][1] == count


def test_the_day_is_drawn_from_its_first_whole_hour_to_its_last() -> None:
    shown = drawn(visit(at(16), at(17, 15)))
    assert shown.hours[0].label.replace("\u00a0", " ") == "9:00 AM"
    assert shown.height == f"{9 * 84}px"


def test_time_between_two_stretches_is_a_break_and_time_around_them_is_not_worked() -> None:
    blocks = [slot.title for slot in drawn(visit(at(16), at(17, 15))).columns[0].slots if not slot.href]
    assert blocks == ["Break", "Not working"]


@pytest.mark.req("S51")
def test_a_visit_is_blue_before_it_is_over_and_green_after() -> None:
    upcoming = drawn(visit(at(9), at(10))).columns[0].slots[-1]
    past = drawn(visit(at(9), at(10)), now=at(10)).columns[0].slots[-1]
    assert upcoming.kind.split()[0] == "upcoming"
    assert past.kind.split()[0] == "past"


def test_the_present_minute_is_marked_on_its_own_day_alone() -> None:
    assert drawn(now=at(10)).now_top == "84px"
    assert drawn(now=at(10).replace(day=4)).now_top == ""


def test_a_visit_to_come_says_what_it_misses_and_one_that_is_over_does_not() -> None:
    missing = {1: ["Intake", "Consent"]}
    day = Day(ON, "America/Chicago", ((7, "Maya", ((at(9), at(17)),)),), (visit(at(10), at(11)),))
    slot = next(one for one in grid(day, at(8), "en", missing).columns[0].slots if one.href)
    assert (slot.lacks, slot.lacking) == ("2", "Missing: Intake, Consent")
    assert slot.label.endswith("Amara Reed, Botox, 2 forms missing")
    assert lacks(day, missing, at(8), "en") == [
        LackView("10:00\N{NO-BREAK SPACE}AM", "Amara Reed", ["Intake", "Consent"], "/admin/patient?id=42&view=more")
    ]
    assert lacks(day, missing, at(11), "en") == []
    assert lacks(day, {}, at(8), "en") == []


@pytest.mark.req("P15")
@pytest.mark.parametrize(
    ("status", "told", "word"),
    [("arrived", "◐ arrived", "arrived"), ("fulfilled", "✓ done", "done"), ("noshow", "✕ missed", "missed")],
)
def test_who_is_there_was_there_or_was_missed_is_said_by_a_sign_and_a_word(status: str, told: str, word: str) -> None:
    slot = drawn(visit(at(9), at(10), status)).columns[0].slots[-1]
    assert slot.detail.endswith(f" · {told}")
    assert slot.label.endswith(f", {word}")


def test_a_block_leads_to_the_visit_for_who_checks_in_and_out_and_else_to_the_patient() -> None:
    day = Day(ON, "America/Chicago", ((7, "Maya", ()),), (visit(at(10), at(11)),))
    (desk,), (reader,) = (grid(day, at(8), "en", to_visit=runs).columns[0].slots[-1:] for runs in (True, False))
    assert (desk.href, reader.href) == ("/admin/visit?id=1", "/admin/patient?id=42")


@pytest.mark.parametrize("status", ["fulfilled", "noshow"])
def test_a_visit_that_was_or_was_missed_misses_no_forms(status: str) -> None:
    day = Day(ON, "America/Chicago", ((7, "Maya", ()),), (visit(at(10), at(11), status),))
    assert lacks(day, {1: ["Intake"]}, at(8), "en") == []


def test_a_day_tells_each_currency_its_visits_were_booked_in() -> None:
    one = visit(at(9), at(10))
    visits = (one, replace(one, currency="EUR"), replace(one, currency="EUR", status="noshow"))
    assert takings(Day(ON, "America/Chicago", (), visits), "EUR", "en") == "€240.00 + $240.00"


def test_a_day_without_visits_comes_to_nothing_in_the_clinics_currency() -> None:
    assert takings(Day(ON, "America/Chicago", (), ()), "USD", "en") == "$0.00"
