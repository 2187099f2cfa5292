"""Staff change hours and time off: what they may write, and what patients are offered from then on."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from clinic_portal.accounts.roles import MAY, ROLES, Permission, StaffActor
from clinic_portal.booking import queries as booking
from clinic_portal.clinic import editing as clinic_editing
from clinic_portal.clinic import models as clinic_models
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed, Unusable
from clinic_portal.core.work import Services
from clinic_portal.scheduling import editing, models
from clinic_portal.scheduling.editing import Shift, read_day, told
from tests import factories
from tests.at_once import meanwhile
from tests.factories import CHICAGO, SmallClinic, booked, rows, small_clinic
from tests.offers import starts, walls

DAY = date(2026, 12, 3)
"""A Thursday."""
NEXT = DAY + timedelta(days=7)
SPRING, AUTUMN = date(2027, 3, 14), date(2027, 11, 7)
EVERY_DAY = dict.fromkeys(editing.WEEKDAYS, "09:00-17:00")


@pytest.fixture
def clinic(services: Services) -> SmallClinic:
    """The small clinic with a second location, north, at which nobody works yet; it has one room."""
    made = small_clinic(services)

    def more(work: Any) -> None:
        place = clinic_models.Location(
            slug="north", name="Lumen North", street="9 Elm St", city="Austin", time_zone="America/Chicago", position=1
        )
        work.session.add(place)
        work.session.flush()
        room = clinic_models.PoolUnit(pool_id=made["room"], location_id=place.id, slug="room-3", name="Room 3")  # type: ignore[arg-type]
        work.session.add(room)
        work.session.get_one(clinic_models.Clinic, 1).version += 1
        work.session.flush()
        made.ids |= {"north": place.id, "room-3": room.id}

    services.do(more)
    return made


@pytest.fixture
def owner(services: Services) -> StaffActor:
    return factories.staff(services).actor  # type: ignore[no-any-return]


def set_week(made: SmallClinic, who: StaffActor, place: str = "downtown", provider: str = "lena", **typed: str) -> None:
    made.services.do(editing.set_week, who, made[provider], made[place], typed)


def set_date(made: SmallClinic, who: StaffActor, typed: str, place: str = "downtown", on: date = DAY) -> None:
    made.services.do(editing.set_date, who, made["lena"], made[place], on, typed)


def clear_date(made: SmallClinic, who: StaffActor, place: str = "downtown", on: date = DAY) -> None:
    made.services.do(editing.clear_date, who, made["lena"], made[place], on)


def away(made: SmallClinic, who: StaffActor, start_at: datetime, end_at: datetime, reason: str = "") -> int:
    return made.services.do(editing.add_time_off, who, made["lena"], start_at=start_at, end_at=end_at, reason=reason)


def at(on: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{on}T{clock}").replace(tzinfo=CHICAGO)


def week(made: SmallClinic, place: str = "downtown") -> dict[str, str]:
    found = made.services.ask(editing.week, made["lena"], made[place])
    return {editing.WEEKDAYS[day]: told(shifts) for day, shifts in found.items()}


def log(made: SmallClinic) -> list[tuple[str, str, str, dict[str, Any]]]:
    found = [(one.actor, one.action, one.subject, one.detail) for one in rows(made.services, AuditEntry)]
    return [one for one in found if one[0].startswith("staff:") and not one[1].startswith("staff.")]


def state(made: SmallClinic) -> tuple[Any, ...]:
    """All that a refusal must leave as it was."""
    kinds = (models.WeeklyShift, models.WeeklyBreak, models.DateHours, models.TimeOff)
    kept = [[one.model_dump() for one in rows(made.services, kind)] for kind in kinds]
    return (made.services.ask(catalogue).version, kept, log(made))


def faults(refusal: Unusable) -> dict[str, str]:
    return {one.field: one.code for one in refusal.faults}


# What may be written for a day


@pytest.mark.parametrize(
    ("typed", "shifts"),
    [
        ("", ()),
        ("  ", ()),
        ("09:00-17:00", (Shift(540, 1020),)),
        ("9:00 – 17:00", (Shift(540, 1020),)),
        ("00:00-24:00", (Shift(0, 1440),)),
        ("13:00-17:00, 09:00-12:30", (Shift(540, 750), Shift(780, 1020))),
        ("09:00-12:00,12:00-17:00", (Shift(540, 720), Shift(720, 1020))),
        ("09:00-17:00 (15:00-15:15, 12:30-13:00)", (Shift(540, 1020, ((750, 780), (900, 915))),)),
        ("09:00-17:00 (09:00-09:30)", (Shift(540, 1020, ((540, 570),)),)),
        ("09:00-17:00 ()", (Shift(540, 1020),)),
    ],
)
def test_a_day_is_read_as_people_write_it(typed: str, shifts: tuple[Shift, ...]) -> None:
    assert read_day("mon", typed) == shifts
    assert read_day("mon", told(shifts)) == shifts


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("9-17", "hours_invalid"),
        ("09:00", "hours_invalid"),
        ("off", "hours_invalid"),
        ("17:00-09:00", "hours_invalid"),
        ("22:00-02:00", "hours_invalid"),
        ("09:00-09:00", "hours_invalid"),
        ("09:00-24:01", "hours_invalid"),
        ("09:00-25:00", "hours_invalid"),
        ("09:60-17:00", "hours_invalid"),
        ("-1:00-17:00", "hours_invalid"),
        ("09:00-17:00 13:00-18:00", "hours_invalid"),
        ("09:00-17:00 (12-13)", "hours_invalid"),
        ("09:00-17:00 (12:30-12:30)", "hours_invalid"),
        ("09:00-17:00 (12:30-13:00", "hours_invalid"),
        ("09:00-17:00\x00", "hours_invalid"),
        ("09:00-17:00, 16:59-18:00", "hours_overlap"),
        ("09:00-17:00 (08:00-09:30)", "break_outside"),
        ("09:00-17:00 (16:30-17:30)", "break_outside"),
        ("09:00-17:00 (12:00-13:00, 12:30-13:30)", "break_outside"),
    ],
)
def test_what_is_no_day_is_refused(typed: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        read_day("mon", typed)


# Weekly hours


@pytest.mark.req("P3")
@pytest.mark.req("P15")
@pytest.mark.req("S73")
def test_weekly_hours_are_what_is_offered_breaks_left_out(clinic: SmallClinic, owner: StaffActor) -> None:
    version, before = clinic.services.ask(catalogue).version, week(clinic)
    typed = {"thu": "10:00-12:00 (11:00-11:30), 14:00-15:00", "fri": "09:00-17:00"}
    set_week(clinic, owner, **typed)
    assert walls(clinic, DAY) == ["10:00", "10:15", "10:30", "11:30", "14:00", "14:15", "14:30"]
    assert walls(clinic, DAY) == walls(clinic, NEXT)
    assert starts(clinic, DAY - timedelta(days=1)) == []
    assert clinic.services.ask(catalogue).version == version + 1
    detail = {"location": clinic["downtown"], "before": before, "after": typed}
    assert log(clinic)[-1] == (owner.tag, "hours.changed", f"provider:{clinic['lena']}", detail)


def test_the_same_week_again_is_no_change(clinic: SmallClinic, owner: StaffActor) -> None:
    before = state(clinic)
    set_week(clinic, owner, **EVERY_DAY)
    assert state(clinic) == before


@pytest.mark.req("P3")
def test_a_day_to_its_very_end_offers_its_last_half_hour(clinic: SmallClinic, owner: StaffActor) -> None:
    set_week(clinic, owner, thu="23:00-24:00")
    assert walls(clinic, DAY) == ["23:00", "23:15", "23:30"]


@pytest.mark.req("P3")
def test_every_day_at_fault_is_named_and_none_of_the_others_is_saved(clinic: SmallClinic, owner: StaffActor) -> None:
    before = state(clinic)
    wrong = {"mon": "9-5", "wed": "09:00-12:00, 11:00-13:00", "sun": "09:00-10:00 (10:00-11:00)"}
    with pytest.raises(Unusable) as refusal:
        set_week(clinic, owner, **wrong, tue="10:00-11:00")
    assert faults(refusal.value) == {"mon": "hours_invalid", "wed": "hours_overlap", "sun": "break_outside"}
    assert state(clinic) == before


@pytest.mark.req("P3")
def test_nobody_works_at_two_locations_at_once(clinic: SmallClinic, owner: StaffActor) -> None:
    set_week(clinic, owner, thu="09:00-12:00")
    with pytest.raises(Unusable) as refusal:
        set_week(clinic, owner, "north", thu="11:59-17:00", fri="09:00-10:00")
    assert faults(refusal.value) == {"thu": "hours_elsewhere"}
    set_week(clinic, owner, "north", thu="12:00-17:00")
    assert walls(clinic, DAY)[-1] == "11:30"
    assert walls(clinic, DAY, place="north")[0] == "12:00"


def test_another_provider_may_work_there_meanwhile(clinic: SmallClinic, owner: StaffActor) -> None:
    set_week(clinic, owner, "north", "maya", sun="")
    set_week(clinic, owner, provider="maya", thu="09:00-12:00")
    assert walls(clinic, DAY)[-1] == "16:30"


def test_hours_are_of_a_provider_and_a_location_that_are_there(clinic: SmallClinic, owner: StaffActor) -> None:
    before = state(clinic)
    for provider_id, place_id in ((4711, clinic["downtown"]), (clinic["lena"], 4711), (clinic["hair"], 1)):
        with pytest.raises(NotAllowed):
            clinic.services.do(editing.set_week, owner, provider_id, place_id, EVERY_DAY)
        with pytest.raises(NotAllowed):
            clinic.services.do(editing.set_date, owner, provider_id, place_id, DAY, "")
        with pytest.raises(NotAllowed):
            clinic.services.do(editing.clear_date, owner, provider_id, place_id, DAY)
    assert state(clinic) == before


@pytest.mark.req("S73")
def test_a_visit_booked_before_stays_when_hours_go(clinic: SmallClinic, owner: StaffActor) -> None:
    done = booked(clinic, "one", DAY, "10:00", "facial", provider="lena")
    set_week(clinic, owner)
    assert clinic.services.ask(booking.visit, done.appointment_id).status == "booked"


# One date


@pytest.mark.req("P3")
@pytest.mark.req("P15")
@pytest.mark.req("S73")
def test_hours_of_one_date_stand_in_place_of_the_weekly_ones(clinic: SmallClinic, owner: StaffActor) -> None:
    version = clinic.services.ask(catalogue).version
    set_date(clinic, owner, "10:00-11:00, 18:00-18:30")
    assert walls(clinic, DAY) == ["10:00", "10:15", "10:30", "18:00"]
    assert len(walls(clinic, NEXT)) > 20
    found = clinic.services.ask(editing.dates, clinic["lena"], DAY)
    assert [(one.location_id, one.on, told(one.shifts)) for one in found] == [
        (clinic["downtown"], DAY, "10:00-11:00, 18:00-18:30")
    ]
    assert clinic.services.ask(catalogue).version == version + 1
    detail = {
        "location": clinic["downtown"],
        "on": "2026-12-03",
        "before": "09:00-17:00",
        "after": "10:00-11:00, 18:00-18:30",
    }
    assert log(clinic)[-1] == (owner.tag, "date_hours.set", f"provider:{clinic['lena']}", detail)


@pytest.mark.req("P3")
def test_nothing_written_for_a_date_is_not_working_that_day_until_it_is_cleared(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    usual = walls(clinic, DAY)
    set_date(clinic, owner, " ")
    assert walls(clinic, DAY) == []
    assert [one.shifts for one in clinic.services.ask(editing.dates, clinic["lena"], DAY)] == [()]
    clear_date(clinic, owner)
    assert walls(clinic, DAY) == usual
    assert clinic.services.ask(editing.dates, clinic["lena"], DAY) == []
    assert log(clinic)[-1][1] == "date_hours.cleared"
    with pytest.raises(NotAllowed):
        clear_date(clinic, owner)


def test_written_twice_the_later_hours_of_a_date_hold(clinic: SmallClinic, owner: StaffActor) -> None:
    set_date(clinic, owner, "10:00-11:00, 12:00-13:00")
    set_date(clinic, owner, "14:00-14:30")
    assert walls(clinic, DAY) == ["14:00"]


@pytest.mark.parametrize(
    ("typed", "code"), [("9-5", "hours_invalid"), ("09:00-17:00 (12:00-13:00)", "date_breaks"), ("x" * 200, "hours")]
)
def test_what_is_no_date_is_refused(clinic: SmallClinic, owner: StaffActor, typed: str, code: str) -> None:
    before = state(clinic)
    with pytest.raises(Invalid, match=code) as refusal:
        set_date(clinic, owner, typed)
    assert refusal.value.field == "hours"
    assert state(clinic) == before


@pytest.mark.req("P3")
def test_one_date_elsewhere_needs_free_hours_here(clinic: SmallClinic, owner: StaffActor) -> None:
    with pytest.raises(Invalid, match="hours_elsewhere"):
        set_date(clinic, owner, "16:00-18:00", "north")
    set_date(clinic, owner, "09:00-16:00")
    set_date(clinic, owner, "16:00-18:00", "north")
    assert walls(clinic, DAY, place="north")[0] == "16:00"
    assert walls(clinic, DAY)[-1] == "15:30"


@pytest.mark.req("P3")
def test_weekly_hours_leave_free_what_was_set_for_one_date_elsewhere(clinic: SmallClinic, owner: StaffActor) -> None:
    set_week(clinic, owner)
    set_date(clinic, owner, "11:00-13:00", "north")
    before = state(clinic)
    with pytest.raises(Unusable) as refusal:
        set_week(clinic, owner, thu="09:00-12:00", fri="09:00-12:00")
    assert faults(refusal.value) == {"thu": "hours_elsewhere_on"}
    assert refusal.value.faults[0].facts["on"] == DAY
    assert state(clinic) == before
    set_week(clinic, owner, thu="09:00-11:00")


def test_a_date_with_hours_of_its_own_here_or_one_that_is_over_is_in_no_weeks_way(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    set_week(clinic, owner)
    set_date(clinic, owner, "11:00-13:00", "north")
    set_date(clinic, owner, "", "downtown")
    set_date(clinic, owner, "11:00-13:00", "north", on=date(2026, 11, 19))  # the Thursday before
    set_week(clinic, owner, thu="09:00-12:00")
    assert walls(clinic, DAY, place="north")[0] == "11:00"


@pytest.mark.req("P3")
def test_the_weekly_hours_of_a_date_come_back_only_if_they_are_free(clinic: SmallClinic, owner: StaffActor) -> None:
    set_date(clinic, owner, "")
    set_date(clinic, owner, "11:00-13:00", "north")
    before = state(clinic)
    with pytest.raises(Conflict, match="date_elsewhere"):
        clear_date(clinic, owner)
    assert state(clinic) == before
    clear_date(clinic, owner, "north")
    clear_date(clinic, owner)
    assert walls(clinic, DAY)[0] == "09:00"


@pytest.mark.req("P3")
def test_hours_at_a_location_that_is_switched_off_are_in_nobodys_way(clinic: SmallClinic, owner: StaffActor) -> None:
    """They cannot be seen nor changed there."""
    clinic.services.do(clinic_editing.switch, owner, "location", clinic["downtown"], is_active=False)
    set_week(clinic, owner, "north", **EVERY_DAY)
    assert walls(clinic, DAY, place="north")[0] == "09:00"


# Time off


@pytest.mark.req("P3")
@pytest.mark.req("P15")
@pytest.mark.req("S73")
def test_nobody_is_offered_while_they_are_away(clinic: SmallClinic, owner: StaffActor) -> None:
    usual, version = walls(clinic, DAY), clinic.services.ask(catalogue).version
    start_at, end_at = at(DAY, "10:00"), at(DAY, "16:00")
    off = away(clinic, owner, start_at, end_at, " Dentist ")
    assert walls(clinic, DAY) == ["09:00", "09:15", "16:00", "16:15", "16:30"]
    assert walls(clinic, DAY, provider="maya") == usual
    assert log(clinic)[-1][1:3] == ("time_off.added", f"provider:{clinic['lena']}")
    assert [datetime.fromisoformat(one) for one in log(clinic)[-1][3]["after"]] == [start_at, end_at]
    assert "Dentist" not in str(log(clinic))
    found = clinic.services.ask(editing.time_off, clinic.services.clock.now())
    assert [(one.id, one.start_at, one.end_at, one.reason) for one in found] == [(off, start_at, end_at, "Dentist")]
    assert clinic.services.ask(editing.added_by, found) == {off: (owner.tag, clinic.services.clock.now())}
    clinic.services.do(editing.remove_time_off, owner, off)
    assert walls(clinic, DAY) == usual
    assert log(clinic)[-1][1:3] == ("time_off.removed", f"provider:{clinic['lena']}")
    assert clinic.services.ask(catalogue).version == version + 2
    with pytest.raises(NotAllowed):
        clinic.services.do(editing.remove_time_off, owner, off)


@pytest.mark.req("P3")
def test_they_are_away_from_every_location(clinic: SmallClinic, owner: StaffActor) -> None:
    set_week(clinic, owner, thu="09:00-12:00")
    set_week(clinic, owner, "north", thu="12:00-17:00")
    away(clinic, owner, at(DAY, "11:00"), at(DAY, "13:00"))
    assert walls(clinic, DAY)[-1] == "10:15"  # thirty minutes, and ten to clean up
    assert walls(clinic, DAY, place="north")[0] == "13:00"


@pytest.mark.parametrize(("start", "end"), [("10:00", "10:00"), ("10:00", "09:59")])
def test_time_off_ends_after_it_begins(clinic: SmallClinic, owner: StaffActor, start: str, end: str) -> None:
    before = state(clinic)
    with pytest.raises(Unusable) as refusal:
        away(clinic, owner, at(DAY, start), at(DAY, end))
    assert faults(refusal.value) == {"end_at": "time_off_ends"}
    assert state(clinic) == before


@pytest.mark.parametrize(("reason", "code"), [("x" * 201, "text_long"), ("a\x00b", "text_characters")])
def test_every_field_of_time_off_at_fault_is_named(
    clinic: SmallClinic, owner: StaffActor, reason: str, code: str
) -> None:
    before = state(clinic)
    with pytest.raises(Unusable) as refusal:
        away(clinic, owner, at(DAY, "10:00"), at(DAY, "09:00"), reason)
    assert faults(refusal.value) == {"end_at": "time_off_ends", "reason": code}
    assert state(clinic) == before


def test_somebody_who_is_not_there_is_not_away(clinic: SmallClinic, owner: StaffActor) -> None:
    before = state(clinic)
    more = {"start_at": at(DAY, "10:00"), "end_at": at(DAY, "11:00"), "reason": ""}
    with pytest.raises(NotAllowed):
        clinic.services.do(editing.add_time_off, owner, clinic["hair"], **more)  # type: ignore[arg-type]
    assert state(clinic) == before


@pytest.mark.req("P3")
@pytest.mark.parametrize(
    ("on", "hours"),
    [(SPRING, 2), (AUTUMN, 4)],
)
def test_time_off_over_a_change_of_the_clocks_is_wall_time_at_both_ends(
    clinic: SmallClinic, owner: StaffActor, on: date, hours: int
) -> None:
    """00:30 to 03:30 is two hours in spring and four in autumn."""
    clinic.settings(booking_window_days=400, start_interval_minutes=30)
    week = dict.fromkeys(editing.WEEKDAYS, "00:00-06:00")
    set_week(clinic, owner, **week)
    usual = starts(clinic, on)
    start_at, end_at = at(on, "00:30"), at(on, "03:30")
    assert end_at.astimezone(UTC) - start_at.astimezone(UTC) == timedelta(hours=hours)
    away(clinic, owner, start_at, end_at)
    left = walls(clinic, on)
    assert "03:30" in left
    assert not {"00:30", "01:00", "02:00", "02:30", "03:00"} & set(left)
    assert (
        len(usual) - len(starts(clinic, on)) == hours * 2 + 1
    )  # a half hour each, and the one whose clean-up meets it


@pytest.mark.req("P3")
@pytest.mark.parametrize(("on", "more"), [(SPRING, -4), (AUTUMN, 4)])
def test_weekly_hours_are_an_hour_shorter_or_longer_where_the_clock_says_so(
    clinic: SmallClinic, owner: StaffActor, on: date, more: int
) -> None:
    clinic.settings(booking_window_days=400)
    set_week(clinic, owner, **dict.fromkeys(editing.WEEKDAYS, "00:00-06:00"))
    assert len(starts(clinic, on)) == len(starts(clinic, on - timedelta(days=1))) + more


# Who may


def verbs(made: SmallClinic, who: StaffActor) -> dict[str, Callable[[StaffActor], Any]]:
    """Every verb of the module, in a way that would work."""
    do, lena, here = made.services.do, made["lena"], made["downtown"]
    span = {"start_at": at(DAY, "10:00"), "end_at": at(DAY, "11:00"), "reason": ""}
    set_date(made, who, "", on=NEXT)
    off = do(editing.add_time_off, who, lena, **span)  # type: ignore[arg-type]
    return {
        "set_week": lambda one: do(editing.set_week, one, lena, here, {"mon": "10:00-11:00"}),
        "set_date": lambda one: do(editing.set_date, one, lena, here, DAY, "10:00-11:00"),
        "clear_date": lambda one: do(editing.clear_date, one, lena, here, NEXT),
        "add_time_off": lambda one: do(editing.add_time_off, one, lena, **span),  # type: ignore[arg-type]
        "remove_time_off": lambda one: do(editing.remove_time_off, one, off),
    }


@pytest.mark.req("P15")
@pytest.mark.parametrize("role", ROLES)
def test_every_verb_itself_asks_for_the_roles_permission(
    clinic: SmallClinic, services: Services, owner: StaffActor, role: str
) -> None:
    who = factories.staff(services, role).actor
    for name, verb in verbs(clinic, owner).items():
        before = state(clinic)
        if Permission.CHANGE_HOURS in MAY[role]:
            verb(who)
            assert state(clinic) != before, name
        else:
            with pytest.raises(NotAllowed, match="not_permitted"):
                verb(who)
            assert state(clinic) == before, name


def test_no_verb_is_left_out_of_that_table(clinic: SmallClinic, owner: StaffActor) -> None:
    acting = {
        name
        for name, one in inspect.getmembers(editing, inspect.isfunction)
        if one.__module__ == editing.__name__ and "actor" in inspect.signature(one).parameters
    }
    assert {name for name in acting if not name.startswith("_")} == verbs(clinic, owner).keys()


# Two at once


def test_two_who_put_one_provider_at_two_locations_leave_them_at_one(clinic: SmallClinic, owner: StaffActor) -> None:
    set_week(clinic, owner)

    def there(place: str) -> Callable[[Any], None]:
        return lambda work: editing.set_week(work, owner, clinic["lena"], clinic[place], {"thu": "09:00-12:00"})

    assert meanwhile(clinic.services, there("downtown"), there("north")) == "unusable"
    assert (week(clinic), week(clinic, "north")) == ({"thu": "09:00-12:00"}, {})


def test_two_who_set_the_week_leave_the_weeks_of_the_later(clinic: SmallClinic, owner: StaffActor) -> None:
    def hours(typed: str) -> Callable[[Any], None]:
        return lambda work: editing.set_week(work, owner, clinic["lena"], clinic["downtown"], {"thu": typed})

    came = meanwhile(clinic.services, hours("09:00-12:00 (10:00-10:30)"), hours("13:00-17:00 (14:00-14:30)"))
    assert (came, week(clinic)) == ("done", {"thu": "13:00-17:00 (14:00-14:30)"})
    assert log(clinic)[-1][3]["before"] == {"thu": "09:00-12:00 (10:00-10:30)"}


def test_two_who_set_one_date_leave_the_hours_of_the_later(clinic: SmallClinic, owner: StaffActor) -> None:
    def hours(typed: str) -> Callable[[Any], None]:
        return lambda work: editing.set_date(work, owner, clinic["lena"], clinic["downtown"], DAY, typed)

    assert meanwhile(clinic.services, hours("10:00-11:00"), hours("14:00-14:30")) == "done"
    assert walls(clinic, DAY) == ["14:00"]
    assert log(clinic)[-1][3]["before"] == "10:00-11:00"


def test_a_date_and_a_week_set_at_once_leave_nobody_at_two_places(clinic: SmallClinic, owner: StaffActor) -> None:
    set_week(clinic, owner)
    came = meanwhile(
        clinic.services,
        lambda work: editing.set_week(work, owner, clinic["lena"], clinic["downtown"], {"thu": "09:00-12:00"}),
        lambda work: editing.set_date(work, owner, clinic["lena"], clinic["north"], DAY, "11:00-13:00"),
    )
    assert came == "hours_elsewhere"


def test_a_date_cleared_while_another_place_takes_it_leaves_nobody_at_two_places(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    set_date(clinic, owner, "")
    came = meanwhile(
        clinic.services,
        lambda work: editing.set_date(work, owner, clinic["lena"], clinic["north"], DAY, "11:00-13:00"),
        lambda work: editing.clear_date(work, owner, clinic["lena"], clinic["downtown"], DAY),
    )
    assert came == "date_elsewhere"


def test_time_off_and_hours_changed_at_once_both_hold(clinic: SmallClinic, owner: StaffActor) -> None:
    span: dict[str, Any] = {"start_at": at(DAY, "10:00"), "end_at": at(DAY, "16:00"), "reason": ""}
    came = meanwhile(
        clinic.services,
        lambda work: editing.add_time_off(work, owner, clinic["lena"], **span),
        lambda work: editing.set_week(work, owner, clinic["lena"], clinic["downtown"], {"thu": "09:00-12:00"}),
    )
    assert (came, walls(clinic, DAY)) == ("done", ["09:00", "09:15"])


def test_hours_changed_while_the_clinic_is_are_seen_by_a_process_that_knew_the_old(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    usual = walls(clinic, DAY)
    came = meanwhile(
        clinic.services,
        lambda work: editing.set_week(work, owner, clinic["lena"], clinic["downtown"], {"thu": "09:00-10:00"}),
        lambda work: clinic_editing.change_clinic(work, owner, {"start_interval_minutes": "30"}),
    )
    assert (came, walls(clinic, DAY)) == ("done", ["09:00", "09:30"])
    assert usual != walls(clinic, DAY)
