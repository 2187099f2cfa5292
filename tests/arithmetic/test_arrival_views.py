"""The front desk's list of the day: who is late, who is here, what each visit says and lets one do (P15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from clinic_portal.booking.arrivals import AllLeftOpen, Arrival, LeftOpen, Pays
from clinic_portal.booking.board import BoardVisit
from clinic_portal.booking.day_rules import standing
from clinic_portal.wallet.types import Origin
from clinic_portal.web.admin.arrival_views import NEXT, GroupView, May, RowView, groups, left, used
from tests.board_kit import at, board_of, visit

pytestmark = pytest.mark.req("P15")
ZONE = "America/Chicago"
DESK = May(run=True, charge=True)
AMARA = Arrival(1, None, None, phone="+15125550142", knows_money=True)


def listed(*visits: BoardVisit, now: datetime, told: Arrival = AMARA, may: May = DESK) -> list[GroupView]:
    known = {one.appointment_id: told for one in visits}
    return groups(board_of(*visits), known, now, "en", may=may, lost={})


def row(one: BoardVisit, now: datetime, told: Arrival = AMARA, may: May = DESK) -> RowView:
    return listed(one, now=now, told=told, may=may)[0].rows[0]


def marks(one: BoardVisit, now: datetime, told: Arrival = AMARA) -> list[str]:
    return [mark.told for mark in row(one, now, told).marks]


@pytest.mark.parametrize(
    ("status", "now", "expected"),
    [
        ("booked", at(9, 59), "coming"),
        ("booked", at(10, 5), "coming"),
        ("booked", at(10, 5) + timedelta(seconds=1), "late"),
        ("booked", at(23, 59), "late"),
        ("booked", at(24), "open"),
        ("arrived", at(9, 30), "here"),
        ("arrived", at(23, 59), "here"),
        ("arrived", at(24), "open"),
        ("fulfilled", at(24), "done"),
        ("noshow", at(24), "missed"),
    ],
)
def test_a_visit_at_ten_stands_among_its_like(status: str, now: datetime, expected: str) -> None:
    assert standing(status, at(10), now, ZONE) == expected


def test_groups_come_in_the_order_a_desk_looks_at_them_and_empty_ones_do_not() -> None:
    visits = [
        visit(at(8), at(9), "fulfilled", 1),
        visit(at(9), at(10), "noshow", 2),
        visit(at(10), at(11), "booked", 3),
        visit(at(11), at(12), "arrived", 4),
        visit(at(14), at(15), "booked", 5),
    ]
    shown = listed(*visits, now=at(11))
    assert [(one.key, one.is_open, len(one.rows)) for one in shown] == [
        ("late", True, 1),
        ("coming", True, 1),
        ("here", True, 1),
        ("done", False, 1),
        ("missed", False, 1),
    ]
    assert listed(now=at(11)) == []


def test_of_a_long_day_the_next_visits_are_shown_and_the_later_ones_folded() -> None:
    visits = [visit(at(9, n), at(9, n + 1), "booked", n) for n in range(NEXT + 3)]
    shown = listed(*reversed(visits), now=at(8))
    assert [(one.key, len(one.rows), one.is_open) for one in shown] == [("coming", NEXT, True), ("later", 3, False)]
    assert [one.id for one in shown[0].rows] == list(range(NEXT))


@pytest.mark.parametrize(
    ("status", "now", "does", "undoes", "misses", "call"),
    [
        ("booked", at(8), "in", False, False, ""),
        ("booked", at(10), "in", False, True, ""),
        ("booked", at(10, 20), "in", False, True, "+15125550142"),
        ("arrived", at(10), "out", True, False, ""),
        ("fulfilled", at(12), "", False, False, ""),
        ("noshow", at(12), "", False, False, ""),
        ("booked", at(8) - timedelta(days=1), "", False, False, ""),
        ("booked", at(8) + timedelta(days=1), "", False, True, ""),
        ("arrived", at(8) + timedelta(days=1), "out", False, False, ""),
    ],
)
def test_a_row_offers_the_one_next_thing_to_do(
    status: str, now: datetime, does: str, undoes: bool, misses: bool, call: str
) -> None:
    shown = row(visit(at(10), at(11), status), now)
    assert (shown.does, shown.undoes, shown.misses, shown.call) == (does, undoes, misses, call)


def test_who_may_do_nothing_is_offered_nothing() -> None:
    for one, now in ((visit(at(10), at(11)), at(12)), (visit(at(10), at(11), "arrived"), at(10))):
        shown = row(one, now, may=May(run=False, charge=False))
        assert (shown.does, shown.undoes, shown.misses, shown.visit_href) == ("", False, False, "")


def test_of_a_patient_they_may_not_see_the_list_shows_the_time_alone() -> None:
    hidden = replace(visit(at(10), at(11)), patient_id=0, patient_name="", service_names=(), total_minor=0)
    shown = groups(board_of(hidden), {}, at(12), "en", may=DESK, lost={})[0].rows[0]
    assert (shown.who, shown.href, shown.visit_href, shown.does, shown.misses) == ("Booked", "", "", "", False)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (at(9, 52), "Waiting, here since 9:45 AM"),
        (at(10, 1), "In treatment, here since 9:45 AM"),
        (at(11), "Time is over, here since 9:45 AM"),
    ],
)
def test_who_is_here_is_told_since_when(now: datetime, told: str) -> None:
    here = replace(AMARA, arrived_at=at(9, 45))
    assert row(visit(at(10), at(11), "arrived"), now, here).since.replace("\u00a0", " ") == told


def test_who_is_late_is_told_by_how_much() -> None:
    assert row(visit(at(10), at(11)), at(10, 12)).since == "12 min late"


def test_a_row_says_in_words_what_is_missing_who_they_are_and_what_pays() -> None:
    told = replace(
        AMARA,
        forms=("Intake", "Consent"),
        plan="Glow",
        pays=(Pays("Facial", Origin.PACKAGE, 1, 2),),
        deposit_minor=5000,
        due_minor=19000,
        owed_minor=4750,
        alerts=("Latex allergy",),
    )
    one = replace(visit(at(10), at(11)), is_first=True, is_override=True, has_alert=True)
    assert marks(one, at(9), told) == [
        "Alert: Latex allergy",
        "2 forms missing",
        "First visit",
        "Member: Glow",
        "Beyond the rules",
        "Owes $47.50 from before",
        "Package pays 1 Facial, 2 left",
        "Deposit $50.00 held",
        "$190.00 due",
    ]


def test_an_alert_that_may_not_be_read_is_still_told_of() -> None:
    assert marks(replace(visit(at(10), at(11)), has_alert=True), at(9))[0] == "Has an alert"


def test_money_is_not_told_to_who_may_not_know_it() -> None:
    assert marks(visit(at(10), at(11)), at(9), Arrival(1, None, None)) == []


@pytest.mark.parametrize(
    ("status", "paid_minor", "expected"),
    [("booked", None, ["Nothing due"]), ("fulfilled", 9500, ["$95.00 paid here"]), ("fulfilled", 0, [])],
)
def test_a_row_says_how_the_money_stands(status: str, paid_minor: int | None, expected: list[str]) -> None:
    assert marks(visit(at(10), at(11), status), at(9), replace(AMARA, paid_minor=paid_minor)) == expected


def test_what_is_due_stands_on_the_way_out() -> None:
    assert row(visit(at(10), at(11), "arrived"), at(10), replace(AMARA, due_minor=19000)).out == "$190.00"


def test_a_check_in_says_what_it_used() -> None:
    pays = [Pays("Facial", Origin.PACKAGE, 1, 2), Pays("Peel", Origin.GIFT, 2, 0)]
    assert used(pays) == "Used from the wallet: 1 Facial (2 left), 2 Peel (0 left)."
    assert used([]) == ""


@pytest.mark.parametrize(
    ("status", "reserved", "told", "misses"),
    [
        ("booked", 0, "never checked in", True),
        ("booked", 2, "never checked in, 2 treatments of the wallet kept for it", True),
        ("arrived", 0, "not checked out", False),
    ],
)
def test_what_earlier_days_left_open_is_told_with_what_it_keeps(
    status: str, reserved: int, told: str, misses: bool
) -> None:
    found = AllLeftOpen((LeftOpen(5, 42, "Amara Reed", status, at(10), reserved),), 1)
    (shown,) = left(found, ZONE, "en", may=DESK)
    assert (shown.told, shown.misses, shown.href) == (told, misses, "/admin/visit?id=5")
