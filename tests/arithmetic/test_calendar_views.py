"""Where the calendar's blocks lie, what they say, and what its addresses ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinic_portal.booking.board import Board, BoardBlock, BoardProvider, BoardVisit
from clinic_portal.clinic.types import UnitInfo
from clinic_portal.web.admin.calendar import views
from clinic_portal.web.admin.calendar.address import Asked, asked
from clinic_portal.web.admin.calendar.views import BlockView, GridView, Looks
from clinic_portal.web.admin.day_shapes import pixels

MONDAY, ZONE = date(2026, 11, 23), ZoneInfo("America/Chicago")
MAYA, LENA = BoardProvider(1, "Dr. Maya Osei", "", True), BoardProvider(2, "Lena Brandt RN", "", True)
ROOM, LASER = UnitInfo(7, 1, 1, "Room 1"), UnitInfo(8, 2, 1, "Laser 1")
LOOKS = Looks(datetime(2026, 11, 23, 16, 0, tzinfo=UTC), "en-US")  # ten in the morning
TODAYS = {1: MONDAY, 2: date(2026, 11, 24)}


def at(clock: str, on: date = MONDAY) -> datetime:
    return datetime.fromisoformat(f"{on}T{clock}").replace(tzinfo=ZONE).astimezone(UTC)


def visit(number: int, start: str, end: str, *, on: date = MONDAY, **more: Any) -> BoardVisit:
    made = BoardVisit(
        appointment_id=number,
        reference=f"LMN-{number}",
        sequence=0,
        status="booked",
        provider_id=1,
        patient_id=number,
        patient_name="Amara Reed",
        service_names=("Chemical peel",),
        start_at=at(start, on),
        end_at=at(end, on),
        unit_ids=(7,),
        total_minor=100,
        currency="USD",
        forms_missing=0,
        is_unpaid=False,
        is_untold=False,
        is_first=False,
        is_override=False,
        has_alert=False,
    )
    return replace(made, **more)


def board(*visits: BoardVisit, blocks: tuple[BoardBlock, ...] = (), days: int = 1, first_on: date = MONDAY) -> Board:
    return Board(1, "America/Chicago", first_on, days, (MAYA, LENA), (ROOM, LASER), visits, blocks)


def off(start: str, end: str, provider_id: int = 1) -> BoardBlock:
    return BoardBlock("off", provider_id, at(start), at(end))


NINE_TO_FIVE = tuple(
    BoardBlock("off", one, start, end)
    for one in (1, 2)
    for start, end in ((at("00:00"), at("09:00")), (at("17:00"), at("00:00", date(2026, 11, 24))))
)
DAY = Asked(MONDAY, "day", "provider", 1)
WEEK = replace(DAY, view="week")


def blocks_of(grid: GridView, column: int = 0) -> list[BlockView]:
    return [one for one in grid.columns[column].blocks if one.visit]


@pytest.mark.req("P15")
def test_a_day_has_a_column_for_each_provider_and_an_hour_to_spare_at_each_end() -> None:
    grid = views.grid(board(visit(1, "10:30", "11:30"), blocks=NINE_TO_FIVE), DAY, LOOKS)
    assert [(one.name, one.note, one.provider) for one in grid.columns] == [
        ("Dr. Maya Osei", "1 visit", 1),
        ("Lena Brandt RN", "0 visits", 2),
    ]
    assert (grid.first, grid.height) == (8 * 60, 10 * 84)
    assert [grid.hours[0], grid.hours[-1]] == ["8:00\u00a0AM", "5:00\u00a0PM"]


@pytest.mark.req("P15")
def test_a_block_lies_where_its_time_is_and_says_who_comes_for_what_until_when() -> None:
    (one,) = blocks_of(views.grid(board(visit(1, "10:30", "11:30"), blocks=NINE_TO_FIVE), DAY, LOOKS))
    assert one.at == {"top": "210px", "height": "84px"}
    assert (one.start, one.minutes, one.kind) == (630, 60, "upcoming")
    assert (one.title, one.detail) == ("Amara Reed", "10:30\u00a0AM · Chemical peel")
    assert one.more == "until 11:30\u00a0AM"


@pytest.mark.req("P15")
@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"status": "booked"}, "upcoming"),
        ({"status": "arrived"}, "past"),
        ({"status": "fulfilled"}, "past still"),
        ({"status": "noshow"}, "off still"),
        ({"status": "booked", "start_at": at("08:00"), "end_at": at("09:00")}, "past"),
    ],
)
def test_blue_is_to_come_and_green_is_there_or_over(facts: dict[str, Any], kind: str) -> None:
    (one,) = blocks_of(views.grid(board(visit(1, "10:30", "11:30", **facts)), DAY, LOOKS))
    assert one.kind == kind


@pytest.mark.req("P15")
def test_what_is_to_be_known_of_a_visit_is_said_in_words_and_where_there_is_no_room_in_signs() -> None:
    facts = {"has_alert": True, "forms_missing": 2, "is_untold": True, "is_unpaid": True, "is_first": True}
    long, short = visit(1, "10:30", "11:30", **facts, is_override=True), visit(2, "14:00", "14:15", **facts)
    tall, small = blocks_of(views.grid(board(long, short), DAY, LOOKS))
    assert tall.marks == "Alert · 2 forms missing · Not told · Unpaid · First visit · Beyond the rules"
    assert small.marks == "⚑ ✎2 ! $ ★"
    assert small.more == "until 2:15\u00a0PM · Alert · 2 forms missing · Not told · Unpaid · First visit"


@pytest.mark.req("P15")
def test_a_visit_of_somebody_they_may_not_see_is_only_time_that_is_taken() -> None:
    unseen = visit(1, "10:30", "11:30", patient_id=0, patient_name="", service_names=())
    (one,) = blocks_of(views.grid(board(unseen), DAY, LOOKS))
    assert (one.title, one.goes, one.kind) == ("Booked", 0, "upcoming still")


@pytest.mark.req("P15")
def test_a_week_of_everybody_shows_visits_side_by_side_and_says_whose_they_are() -> None:
    theirs = (visit(1, "10:30", "11:30"), visit(2, "11:00", "12:00", provider_id=2), visit(3, "13:00", "14:00"))
    grid = views.grid(board(*theirs, days=7), WEEK, LOOKS)
    assert [one.on for one in grid.columns][::6] == ["2026-11-23", "2026-11-29"]
    assert {one.provider for one in grid.columns} == {0}
    first, second, third = blocks_of(grid)
    assert (first.at["left"], second.at["left"], "left" in third.at) == ("0.00%", "50.00%", False)
    assert second.detail == "11:00\u00a0AM · Chemical peel · Lena Brandt RN"
    assert [one.partition("px")[0] for one in grid.tracks.split("minmax(max(")[1:3]] == ["220", "150"]


@pytest.mark.req("P15", "P9")
def test_rooms_and_devices_have_columns_of_what_keeps_them() -> None:
    both = visit(1, "10:30", "11:30", unit_ids=(7, 8))
    grid = views.grid(board(both, visit(2, "12:00", "13:00")), replace(DAY, by="room"), LOOKS)
    assert [(one.name, one.note, one.provider) for one in grid.columns] == [
        ("Room 1", "2 visits", 0),
        ("Laser 1", "1 visit", 0),
    ]
    week = views.grid(board(both, days=7), replace(WEEK, by="room", who=8), LOOKS)
    assert [len(blocks_of(week, n)) for n in range(7)] == [1, 0, 0, 0, 0, 0, 0]


@pytest.mark.req("P3", "P15")
def test_breaks_and_time_off_are_blocks_that_can_be_removed_by_who_may() -> None:
    away = BoardBlock("time_off", 1, at("13:00"), at("14:00"), 5, "Conference")
    shown = board(blocks=(*NINE_TO_FIVE, BoardBlock("break", 1, at("12:00"), at("12:30")), away))
    told = [(one.title, one.off) for one in views.grid(shown, DAY, LOOKS).columns[0].blocks]
    assert told == [("Not working", 0), ("Break", 0), ("Conference", 5), ("Not working", 0)]
    others = views.grid(shown, DAY, replace(LOOKS, may_unblock=False)).columns[0].blocks
    assert [one.off for one in others] == [0, 0, 0, 0]


@pytest.mark.req("P3")
def test_a_visit_in_the_hour_that_comes_twice_lies_where_the_clock_says_and_keeps_its_length() -> None:
    sunday = date(2026, 11, 1)
    twice = visit(1, "00:00", "00:00", on=sunday)
    late = replace(
        twice, start_at=datetime(2026, 11, 1, 6, 30, tzinfo=UTC), end_at=datetime(2026, 11, 1, 7, 30, tzinfo=UTC)
    )  # from 1:30 to 1:30
    (one,) = blocks_of(views.grid(board(late, first_on=sunday), replace(DAY, on=sunday), LOOKS))
    assert (one.start, one.minutes, one.at["height"]) == (90, 60, "21px")


@pytest.mark.req("P3")
def test_on_the_day_with_23_hours_a_visit_after_the_gap_lies_where_the_clock_says() -> None:
    sunday = date(2027, 3, 14)
    morning = visit(1, "09:00", "10:00", on=sunday)
    grid = views.grid(board(morning, first_on=sunday), replace(DAY, on=sunday), LOOKS)
    (one,) = blocks_of(grid)
    assert (one.start, one.at) == (540, {"top": f"{pixels(540 - grid.first)}px", "height": "84px"})


@pytest.mark.req("P15")
def test_the_line_of_now_is_drawn_today_and_on_no_other_day() -> None:
    grid = views.grid(board(days=7), WEEK, LOOKS)
    assert [one.now_top >= 0 for one in grid.columns] == [True] + [False] * 6


@pytest.mark.req("P15")
def test_an_address_says_what_is_looked_at_and_makes_itself_again() -> None:
    told = {"on": "2026-12-02", "view": "week", "by": "provider", "location": "2", "provider": "2"}
    found = asked(told, TODAYS)
    assert found == Asked(date(2026, 12, 2), "week", "provider", 2, 2)
    assert (found.first_on, found.days) == (date(2026, 11, 30), 7)
    assert found.href == "/admin/calendar?on=2026-12-02&view=week&by=provider&location=2&provider=2"
    assert found.turned(-1).on == date(2026, 11, 25)


@pytest.mark.req("P15")
@pytest.mark.parametrize(
    "told",
    [
        {},
        {"on": "someday", "view": "decade", "by": "moon", "location": "99", "provider": "-1"},
        {"on": "9999-12-31", "location": "x", "provider": "9" * 30},
    ],
)
def test_what_makes_no_sense_in_an_address_is_as_if_it_were_not_there(told: dict[str, str]) -> None:
    assert asked(told, TODAYS) == Asked(MONDAY, "day", "provider", 1)
