"""How the staff's day is drawn: visits that overlap lie side by side, the day ends where the work ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_portal.booking.board import BoardBlock, BoardVisit
from clinic_portal.web.admin.day_shapes import lanes
from clinic_portal.web.admin.day_views import GridView, LackView, grid, lacks, takings
from tests.board_kit import at, blocks, board_of, visit

Span = tuple[int, int]


def drawn(*visits: BoardVisit, now: datetime | None = None) -> GridView:
    return grid(board_of(*visits), now or at(8), "en")


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
    shown = [slot for slot in drawn(visit(at(16), at(17, 15))).columns[0].slots if not slot.href]
    assert [(one.title, one.top, one.height) for one in shown] == [
        ("Not working", f"{8 * 84}px", "84px"),
        ("Break", f"{3 * 84}px", "84px"),
    ]


@pytest.mark.parametrize(
    ("kind", "reason", "told"),
    [
        ("time_off", "", "Time off"),
        ("time_off", "Training", "Training"),
        ("break", "Lunch", "Lunch"),
        ("holiday", "", "Closed"),
    ],
)
def test_time_off_says_what_it_is(kind: str, reason: str, told: str) -> None:
    day = replace(board_of(visit(at(9), at(10))), blocks=(BoardBlock(kind, 7, at(11), at(12), None, reason),))
    assert [slot.title for slot in grid(day, at(8), "en").columns[0].slots if not slot.href] == [told]


def test_a_column_says_until_when_its_provider_is_off_on_the_day_itself() -> None:
    late = replace(board_of(), blocks=blocks((13, 17)))
    told = [
        grid(late, now, "en").columns[0].note.replace("\u00a0", " ") for now in (at(8), at(14), at(8).replace(day=2))
    ]
    assert told == ["0 visits · off until 1:00 PM", "0 visits", "0 visits"]


def test_of_a_patient_they_may_not_see_a_block_shows_the_time_alone() -> None:
    hidden = replace(visit(at(9), at(10)), patient_id=0, patient_name="", service_names=())
    slot = drawn(hidden).columns[0].slots[-1]
    assert (slot.title, slot.href) == ("Booked", "")


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
    day = board_of(visit(at(10), at(11)))
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
    day = board_of(visit(at(10), at(11)))
    (desk,), (reader,) = (grid(day, at(8), "en", to_visit=runs).columns[0].slots[-1:] for runs in (True, False))
    assert (desk.href, reader.href) == ("/admin/visit?id=1", "/admin/patient?id=42")


@pytest.mark.parametrize("status", ["fulfilled", "noshow"])
def test_a_visit_that_was_or_was_missed_misses_no_forms(status: str) -> None:
    day = board_of(visit(at(10), at(11), status))
    assert lacks(day, {1: ["Intake"]}, at(8), "en") == []


def test_a_day_tells_each_currency_its_visits_were_booked_in() -> None:
    one = visit(at(9), at(10))
    visits = (one, replace(one, currency="EUR"), replace(one, currency="EUR", status="noshow"))
    assert takings(board_of(*visits), "EUR", "en") == "€240.00 + $240.00"


def test_a_day_without_visits_comes_to_nothing_in_the_clinics_currency() -> None:
    assert takings(board_of(), "USD", "en") == "$0.00"


SPRING, AUTUMN = date(2027, 3, 14), date(2026, 11, 1)


def utc(on: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{on}T{clock}").replace(tzinfo=UTC)


@pytest.mark.req("P3")
@pytest.mark.parametrize(
    ("start", "end", "top", "height"),
    [
        ("06:45", "07:15", "147px", "21px"),  # from 1:45 to 1:15, when the clock goes back
        ("06:30", "07:30", "126px", "21px"),  # from 1:30 to 1:30
        ("05:30", "07:30", "42px", "84px"),  # from 0:30 to 1:30, two hours
    ],
)
def test_in_the_night_the_clock_goes_back_a_visit_still_has_a_height(
    start: str, end: str, top: str, height: str
) -> None:
    late = visit(utc(AUTUMN, start), utc(AUTUMN, end))
    shown = grid(replace(board_of(late), first_on=AUTUMN, blocks=()), at(8), "en")
    assert [(one.top, one.height) for one in shown.columns[0].slots] == [(top, height)]


@pytest.mark.req("P3")
def test_in_the_night_the_clock_goes_back_time_off_within_the_doubled_hour_is_no_block() -> None:
    away = BoardBlock("time_off", 7, utc(AUTUMN, "06:45"), utc(AUTUMN, "07:15"), 5)  # from 1:45 to 1:15
    shown = grid(replace(board_of(), first_on=AUTUMN, blocks=(away,)), at(8), "en")
    assert shown.columns[0].slots == []


@pytest.mark.req("P3")
def test_on_the_day_with_23_hours_a_visit_and_the_hours_lie_where_the_clock_says() -> None:
    morning = visit(utc(SPRING, "06:00"), utc(SPRING, "08:30"))  # from midnight to 3:30
    shown = grid(replace(board_of(morning), first_on=SPRING, blocks=()), at(8), "en")
    slot = shown.columns[0].slots[-1]
    assert (slot.top, slot.height) == ("0px", f"{84 * 7 // 2}px")
    assert [one.label.replace("\u00a0", " ") for one in shown.hours[:4]] == [
        "12:00 AM", "1:00 AM", "2:00 AM", "3:00 AM",
    ]  # fmt: skip
