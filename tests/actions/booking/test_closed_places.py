"""A location is retired while visits are booked there: they are seen, moved and cancelled; nothing new is booked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import desk
from clinic_portal.booking.arrivals import left_open
from clinic_portal.booking.places import places
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import models as clinic_models
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.web.admin.base import place_name
from clinic_portal.web.admin.calendar import sheet
from clinic_portal.web.booking import live
from tests import factories
from tests.desk_kit import FRIDAY, THURSDAY, books, front_desk, looks, moves, on_board, patient, refusal, why
from tests.factories import SmallClinic, minute, small_clinic
from tests.visits_kit import begins, checks_in, checks_out

Closed = tuple[SmallClinic, Visit]


@pytest.fixture
def closed(services: Services) -> Closed:
    """A clinic that moved uptown, and a facial with Lena that is still booked downtown, Thursday at half past ten."""
    made = small_clinic(services)
    visit = books(made, patient(services), "10:30")

    def opened(work: object) -> int:
        values = {"slug": "uptown", "street": "2 High Street", "city": "Austin", "postal_code": "78702"}
        more = {"name": "Uptown", "time_zone": "Europe/Berlin", "country": "US", "position": 9}
        row = clinic_models.Location(**values, **more)
        work.session.add(row)  # type: ignore[attr-defined]
        work.session.flush()  # type: ignore[attr-defined]
        return int(row.id or 0)

    made.ids["uptown"] = services.do(opened)
    made.change(clinic_models.Location, "downtown", is_active=False)
    return made, visit


def shown(made: SmallClinic, actor: StaffActor | None = None, **asked: str) -> sheet.CalendarView:
    """The calendar's page of the closed place."""
    wanted = {"location": str(made["downtown"]), "on": THURSDAY.isoformat()} | asked
    found = made.services.ask(sheet.look, actor or front_desk(made.services), wanted)
    return sheet.page_view(found, "", may_undo=False)


@pytest.mark.req("P3")
def test_its_visits_are_on_the_board_at_the_hours_of_its_own_clock(closed: Closed) -> None:
    made, visit = closed
    found = looks(made)
    assert on_board(found, visit).start_at == visit.start_at
    assert found.time_zone == "America/Chicago"


@pytest.mark.req("P3")
def test_a_visit_there_moves_to_another_day_provider_and_length(closed: Closed) -> None:
    made, visit = closed
    after = moves(made, visit, "14:00", on=FRIDAY, who="maya", minutes=45)
    assert (after.provider_id, after.end_at - after.start_at) == (made["maya"], timedelta(minutes=45))
    assert after.location.id == made["downtown"]


def test_why_it_cannot_move_is_said_there_too(closed: Closed) -> None:
    made, visit = closed
    assert why(moves, made, visit, "18:00") == ("outside_hours", True)


@pytest.mark.req("P3")
def test_a_visit_there_is_cancelled(closed: Closed) -> None:
    made, visit = closed
    told = {"seen_sequence": visit.sequence, "reason": "We have moved", "waives_fee": True}
    made.services.do(desk.cancel, factories.staff(made.services, "owner").actor, visit.appointment_id, **told)
    assert looks(made).visits == ()


def test_a_visit_there_is_checked_in_and_out(closed: Closed, clock: FixedClock) -> None:
    made, visit = closed
    begins(clock, visit)
    checks_in(made.services, visit)
    checks_out(made.services, visit)
    assert on_board(looks(made), visit).status == "fulfilled"


def test_one_that_nobody_checked_out_is_told_of_the_day_after(closed: Closed, clock: FixedClock) -> None:
    made, visit = closed
    clock.advance(visit.start_at - clock.now() + timedelta(days=1))
    assert made.services.ask(left_open, front_desk(made.services), made["downtown"]).count == 1


def test_it_is_among_the_places_to_look_at_as_long_as_visits_are_to_come(closed: Closed, clock: FixedClock) -> None:
    made, visit = closed
    assert list(made.services.ask(places)) == [made["uptown"], made["downtown"]]
    clock.advance(visit.end_at - clock.now())
    assert list(made.services.ask(places)) == [made["uptown"]]


def test_an_open_one_is_among_them_without_any_visit(services: Services) -> None:
    made = small_clinic(services)
    assert list(services.ask(places)) == [made["downtown"]]


def test_the_calendar_offers_it_and_says_that_it_is_closed(closed: Closed) -> None:
    made, _ = closed
    found = shown(made)
    assert [name.endswith("(closed)") for _, name in found.places] == [False, True]
    assert found.place == str(made["downtown"])
    assert place_name(made.services.ask(catalogue), made["downtown"]) in found.subtitle


def test_its_calendar_leads_to_nothing_new(closed: Closed) -> None:
    made, _ = closed
    found = shown(made, factories.staff(made.services, "owner").actor)
    assert (found.may_book, found.may_block) == (False, False)
    there = shown(made, factories.staff(made.services, "owner").actor, location=str(made["uptown"]))
    assert (there.may_book, there.may_block) == (True, True)


@pytest.mark.req("P3")
def test_nothing_new_is_booked_there(closed: Closed) -> None:
    made, _ = closed
    refused = refusal(books, made, patient(made.services, "Ben", phone="+15125550177"), "11:30")
    assert isinstance(refused, NotAllowed)


# ---- open pages ------------------------------------------------------------------------------------------------------


@pytest.fixture
def watching() -> None:
    live._watches.clear()


@pytest.mark.req("B3")
@pytest.mark.usefixtures("watching")
def test_a_page_that_shows_a_retired_location_keeps_no_other_from_being_told(closed: Closed) -> None:
    made, _ = closed
    live.watch("one", made["downtown"], THURSDAY)
    live.watch("two", made["uptown"], THURSDAY)
    start = minute(THURSDAY, "10:00")
    changes = [(1, made["downtown"], start, start + 30), (2, made["uptown"], start, start + 30)]
    assert live._touched(made.services, changes) == ["one", "two"]


@pytest.mark.usefixtures("watching")
def test_a_page_that_shows_no_location_at_all_is_watched_no_longer(closed: Closed) -> None:
    made, _ = closed
    live.watch("one", 999_999, date(2026, 12, 3))
    live.watch("two", made["uptown"], THURSDAY)
    start = minute(THURSDAY, "10:00")
    assert live._touched(made.services, [(1, made["uptown"], start, start + 30)]) == ["two"]
    assert list(live._watches) == ["two"]
