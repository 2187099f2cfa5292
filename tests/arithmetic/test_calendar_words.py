"""What the calendar says when something is moved, when it cannot be, and what it asks before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from clinic_portal.booking.board import BoardBlock
from clinic_portal.booking.desk_rules import NOT_HERE, NOT_PERFORMED
from clinic_portal.booking.stranded import StrandedVisit
from clinic_portal.core import wording
from clinic_portal.scheduling.availability import Refusal
from clinic_portal.web.admin.calendar import boxes, moving
from clinic_portal.web.admin.refused import sentence
from clinic_portal.web.problems import Problem
from tests.arithmetic.test_calendar_views import MONDAY, at, board, visit

PEOPLE = {1: "Dr. Maya Osei", 2: "Lena Brandt RN"}
AMARA = visit(1, "10:00", "10:30")


def minute(clock: str, on: date = MONDAY) -> int:
    return int(at(clock, on).timestamp()) // 60


def refused(**facts: Any) -> str:
    def told_time(moment: datetime) -> str:
        return wording.time(moment, "America/Chicago", "en-US")

    return sentence(facts, who="Lena", names={5: "Wei Chen"}, told_time=told_time)


@pytest.mark.req("P15")
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"start": minute("10:30")}, "Moved to 10:30\u00a0AM with Dr. Maya Osei; Amara is told."),
        (
            {"provider_id": 2, "tells_patient": False},
            "Moved to 10:00\u00a0AM with Lena Brandt RN; Amara is not told.",
        ),
        (
            {"start": minute("09:00", date(2026, 11, 24))},
            "Moved to Tue, Nov 24, 9:00\u00a0AM with Dr. Maya Osei; Amara is told.",
        ),
        ({"minutes": 60}, "Amara Reed now takes until 11:00\u00a0AM."),
    ],
)
def test_what_was_done_is_said_as_it_was_done(change: dict[str, Any], told: str) -> None:
    wanted = replace(moving.as_it_is(AMARA), **change)
    assert moving.told(board(AMARA), AMARA, wanted, "en-US") == told


@pytest.mark.req("P15", "B2")
@pytest.mark.parametrize(
    ("number", "is_held", "told"),
    [
        (5, False, "Lena has Wei Chen until 11:15\u00a0AM."),
        (6, False, "Lena has another visit until 11:15\u00a0AM."),
        (6, True, "Somebody is booking Lena online just now, until 11:15\u00a0AM."),
    ],
)
def test_who_is_in_the_way_is_named_and_until_when(number: int, is_held: bool, told: str) -> None:
    way = SimpleNamespace(appointment_id=number, end_at=at("11:15"), is_held=is_held)
    assert refused(reason="busy", in_the_way=(way,)) == told


@pytest.mark.req("P15", "B2")
@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"reason": "outside_hours"}, "Lena does not work at that time."),
        ({"reason": "no_room_or_device", "pool": "Treatment room"}, "No treatment room is free then."),
        ({"reason": "no_room_or_device", "pool": "IPL device"}, "No IPL device is free then."),
        ({"reason": "no_room_or_device", "pool": ""}, "No room or device for it is free then."),
        ({"reason": "busy", "in_the_way": ()}, "Lena is not free then."),
        ({"reason": "too_soon"}, "That day is over. Please choose today or a later one."),
        ({"reason": "something new"}, "It does not fit there."),
    ],
)
def test_why_not_is_said_in_a_sentence(facts: dict[str, Any], told: str) -> None:
    assert refused(**facts) == told


@pytest.mark.req("P15", "B2")
def test_booking_and_the_calendar_refuse_in_the_same_words() -> None:
    for reason in (*Refusal, NOT_PERFORMED, NOT_HERE):
        facts = {"reason": str(reason), "pool": "", "in_the_way": ()}
        assert Problem.of("desk_refused", who="Lena", **facts).sentence == refused(**facts)
        assert Problem.of("desk_refused", **facts).sentence != Problem.of("desk_refused", reason="").sentence, reason


@pytest.mark.req("P15")
def test_a_move_asks_for_a_reason_only_where_a_rule_may_be_bent() -> None:
    wanted = moving.as_it_is(AMARA)
    plain = boxes.move_box(board(AMARA), AMARA, wanted, PEOPLE, "en-US")
    bent = boxes.move_box(board(AMARA), AMARA, wanted, PEOPLE, "en-US", refusal="No.", may_override=True)
    assert [one.name for one in plain.form] == ["date", "time", "provider", "minutes", "tells"]
    assert [one.value for one in plain.form] == ["2026-11-23", "10:00", "1", "30", "yes"]
    assert (plain.act, bent.act) == ("Move", "Move anyway")
    assert [one.name for one in bent.form if one.has_focus] == ["reason"]


@pytest.mark.req("P15")
def test_an_empty_place_offers_what_they_may_do_there() -> None:
    def offered(*, may_book: bool, may_block: bool) -> tuple[str, str]:
        shown = boxes.place_box(board(), 2, MONDAY, 540, PEOPLE, "en-US", may_book=may_book, may_block=may_block)
        return shown.href, shown.act

    here = "/admin/appointments/new?location=1&provider=2&on=2026-11-23&at=540"
    assert offered(may_book=True, may_block=True) == (here, "Block this time")
    assert offered(may_book=True, may_block=False) == (here, "")
    assert offered(may_book=False, may_block=True) == ("", "Block this time")


@pytest.mark.req("P3")
@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("Amara Reed",), "A visit lies in that time and stays booked. Block it all the same?"),
        (("Amara Reed", ""), "2 visits lie in that time and stay booked. Block it all the same?"),
    ],
)
def test_who_is_booked_where_nobody_shall_be_is_named(names: tuple[str, ...], text: str) -> None:
    under = [
        StrandedVisit(n, name, "Lena", "Downtown", "America/Chicago", at("10:00"), at("10:30"), ())
        for n, name in enumerate(names)
    ]
    listed = boxes.lying_in(under, "en-US")
    told = {"may_book": True, "may_block": True, "listed": listed}
    shown = boxes.place_box(board(), 2, MONDAY, 540, PEOPLE, "en-US", **told)
    assert (shown.text, shown.act, shown.href) == (text, "Block it all the same", "")
    assert listed == [f"Mon, Nov 23, 10:00\u00a0AM: {name or 'a visit'}" for name in names]


@pytest.mark.req("P3")
def test_time_off_of_several_days_says_both() -> None:
    away = BoardBlock("time_off", 2, at("12:00"), at("09:00", date(2026, 11, 25)), 3, "Conference")
    shown = boxes.off_box(board(), away, PEOPLE, "en-US")
    assert shown.title == "Time off: Lena Brandt RN"
    assert shown.text == "Mon, Nov 23, 12:00\u00a0PM to Wed, Nov 25, 9:00\u00a0AM · Conference"
