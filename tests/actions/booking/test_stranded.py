"""Hours, people, places and services change under visits: shown, asked about, and nothing booked is touched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import absences, actions, changes, drafts, holds, queries, stranded
from clinic_portal.booking.models import Appointment
from clinic_portal.clinic import editing as clinic_editing
from clinic_portal.clinic import sheets
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.scheduling import editing
from tests import factories
from tests.factories import CHICAGO, SmallClinic, booked, minute, rows, seen, small_clinic, visitor
from tests.offers import starts

DAY = date(2026, 12, 3)  # a Thursday
SPRING, AUTUMN = date(2027, 3, 14), date(2027, 11, 7)  # Sundays on which Chicago's clocks change
WEEK = dict.fromkeys(editing.WEEKDAYS, "09:00-17:00")
Change = Callable[..., Any]


@pytest.fixture
def clinic(services: Services) -> SmallClinic:
    made = small_clinic(services)
    made.settings(booking_window_days=730)
    return made


@pytest.fixture
def owner(services: Services) -> StaffActor:
    return factories.staff(services).actor  # type: ignore[no-any-return]


def visit(made: SmallClinic, at: str = "10:00", service: str = "facial", *, on: date = DAY, n: int = 1) -> int:
    """Lena's visit; the patient is another for each `n`."""
    contact = {"email": f"p{n}@example.org", "phone": f"+1512555{n:04}"}
    return booked(made, f"browser {n}", on, at, service, provider="lena", **contact).appointment_id


def asked(change: Change) -> tuple[int, ...]:
    """The visits a change asks about; it is not done."""
    with pytest.raises(Conflict) as refusal:
        change()
    assert refusal.value.code == stranded.VISITS_STAY
    found = refusal.value.facts["appointment_ids"]
    assert refusal.value.facts["visits"] == len(found)  # type: ignore[arg-type]
    return found  # type: ignore[return-value]


def week(made: SmallClinic, who: StaffActor, *, seen: Any = (), opened: Any = None, **days: str) -> None:
    where = made["lena"], made["downtown"]
    made.services.do(stranded.set_week, who, *where, WEEK | days, opened=opened, seen=seen)


def at(clock: str, on: date = DAY) -> datetime:
    return datetime.fromisoformat(f"{on} {clock}").replace(tzinfo=CHICAGO)


def off(made: SmallClinic, who: StaffActor, start: str, end: str, *, seen: Any = ()) -> None:
    span = {"start_at": at(start), "end_at": at(end)}
    made.services.do(absences.add, who, made["lena"], kind="time_off", **span, reason="Away", seen=seen)


def visits(made: SmallClinic) -> list[tuple[Any, ...]]:
    """All that a visit is."""
    return [tuple(one.model_dump().values()) for one in rows(made.services, Appointment)]


# Weekly hours


@pytest.mark.req("P3")
def test_hours_shortened_under_a_visit_are_not_saved_until_it_is_said_that_it_stays(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    visit(clinic, "09:00")
    late, before = visit(clinic, "16:00", n=2), visits(clinic)
    assert asked(lambda: week(clinic, owner, thu="09:00-16:00")) == (late,)
    assert editing.told(clinic.services.ask(editing.week, clinic["lena"], clinic["downtown"])[3]) == "09:00-17:00"
    week(clinic, owner, thu="09:00-16:00", seen=(late,))
    assert editing.told(clinic.services.ask(editing.week, clinic["lena"], clinic["downtown"])[3]) == "09:00-16:00"
    assert visits(clinic) == before, "what is booked stays as it was"
    assert max(starts(clinic, DAY)) == minute(DAY, "15:15"), "and nothing more is booked there"


def test_what_touches_the_new_hours_lies_within_them(clinic: SmallClinic, owner: StaffActor) -> None:
    visit(clinic, "16:00")  # until 16:30, and ten minutes to clean up
    week(clinic, owner, thu="16:00-16:30")


@pytest.mark.req("P1")
def test_where_buffers_must_fit_so_must_those_of_what_is_booked(clinic: SmallClinic, owner: StaffActor) -> None:
    late = visit(clinic, "16:00")
    clinic.settings(buffers_must_fit=True)
    assert asked(lambda: week(clinic, owner, thu="16:00-16:30")) == (late,)
    assert asked(lambda: week(clinic, owner, thu="09:00-17:00 (16:35-16:45)")) == (late,)
    week(clinic, owner, thu="16:00-16:40")


@pytest.mark.parametrize(
    ("thursday", "is_asked"),
    [("", True), ("10:15-17:00", True), ("09:00-10:15", True), ("09:00-10:30,10:30-17:00", False)],
)
def test_a_visit_lies_within_one_stretch_of_work(
    clinic: SmallClinic, owner: StaffActor, thursday: str, is_asked: bool
) -> None:
    visit(clinic, "10:00")
    if is_asked:
        assert len(asked(lambda: week(clinic, owner, thu=thursday))) == 1
    else:
        week(clinic, owner, thu=thursday)


@pytest.mark.req("P3")
def test_a_new_break_asks_about_the_visits_it_falls_into(clinic: SmallClinic, owner: StaffActor) -> None:
    visit(clinic, "09:00")
    inside = visit(clinic, "12:00", n=2)
    assert asked(lambda: week(clinic, owner, thu="09:00-17:00 (12:15-13:00)")) == (inside,)
    week(clinic, owner, thu="09:00-17:00 (12:30-13:00)")


def test_longer_hours_and_other_days_ask_nothing(clinic: SmallClinic, owner: StaffActor) -> None:
    visit(clinic, "10:00")
    week(clinic, owner, thu="08:00-18:00", fri="", mon="12:00-13:00")


def test_a_visit_booked_meanwhile_is_asked_about_once_more(clinic: SmallClinic, owner: StaffActor) -> None:
    first = visit(clinic, "16:00")
    assert asked(lambda: week(clinic, owner, thu="09:00-12:00")) == (first,)
    second = visit(clinic, "15:00", n=2)
    both = asked(lambda: week(clinic, owner, thu="09:00-12:00", seen=(first,)))
    assert both == (first, second)
    week(clinic, owner, thu="09:00-12:00", seen=both)


def test_a_week_that_a_colleague_changed_meanwhile_is_not_written_over(clinic: SmallClinic, owner: StaffActor) -> None:
    opened = editing.written(clinic.services.ask(editing.week, clinic["lena"], clinic["downtown"]))
    week(clinic, owner, fri="10:00-12:00", opened=opened)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        week(clinic, owner, fri="13:00-15:00", opened=opened)
    assert editing.told(clinic.services.ask(editing.week, clinic["lena"], clinic["downtown"])[4]) == "10:00-12:00"


def test_one_cancelled_meanwhile_hinders_nothing(clinic: SmallClinic, owner: StaffActor) -> None:
    found = clinic.services.ask(queries.visit, visit(clinic, "16:00"))
    seen = asked(lambda: week(clinic, owner, thu=""))
    clinic.services.do(changes.cancel, found.patient_id, found.reference, shown_fee_minor=0)
    week(clinic, owner, thu="", seen=seen)


def test_what_lay_outside_before_is_not_asked_about_again(clinic: SmallClinic, owner: StaffActor) -> None:
    late = visit(clinic, "16:00")
    week(clinic, owner, thu="09:00-16:00", seen=(late,))
    week(clinic, owner, thu="09:00-15:00")


def test_what_is_over_cancelled_or_with_another_is_not_asked_about(
    clinic: SmallClinic, owner: StaffActor, clock: FixedClock
) -> None:
    past = visit(clinic, "09:00", on=date(2026, 11, 26))
    gone = clinic.services.ask(queries.visit, visit(clinic, "10:00", n=2))
    clinic.services.do(changes.cancel, gone.patient_id, gone.reference, shown_fee_minor=0)
    booked(clinic, "maya's", DAY, "10:00", "facial", provider="maya", email="m@example.org", phone="+15125550999")
    assert asked(lambda: week(clinic, owner, thu="")) == (past,)
    clock.advance(at("09:30", date(2026, 11, 26)) - clock.now())
    week(clinic, owner, thu="")


def test_a_time_that_a_patient_holds_is_asked_about_until_it_runs_out(
    clinic: SmallClinic, owner: StaffActor, clock: FixedClock
) -> None:
    visitor(clinic, "b", "facial", provider="lena")
    held = clinic.services.do(holds.hold, "b", minute(DAY, "16:00")).appointment_id
    assert asked(lambda: week(clinic, owner, thu="")) == (held,)
    (shown,) = clinic.services.ask(stranded.told, owner, [held])
    assert (shown.patient_name, shown.service_names) == ("", ())
    clock.advance(timedelta(minutes=10))
    week(clinic, owner, thu="")


@pytest.mark.req("P3")
@pytest.mark.parametrize(
    ("on", "clock_time", "inside", "outside"),
    [
        # the hour from two on 14 March does not exist: hours until 02:30 end when it is 03:30
        (SPRING, "03:00", "00:30-02:30", "00:30-02:00"),
        # it is one o'clock twice on 7 November: hours until 02:00 hold both, those until 01:45 end in the first
        (AUTUMN, "01:30", "00:30-02:00", "00:30-01:45"),
    ],
)
def test_the_hours_of_a_day_on_which_the_clock_changes_are_by_the_wall(
    clinic: SmallClinic, owner: StaffActor, on: date, clock_time: str, inside: str, outside: str
) -> None:
    week(clinic, owner, sun="00:30-05:00")
    found = visit(clinic, clock_time, on=on)
    week(clinic, owner, sun=inside)
    assert asked(lambda: week(clinic, owner, sun=outside)) == (found,)


# One date, time off, holidays


@pytest.mark.req("P3")
def test_other_hours_on_a_date_ask_about_the_visits_of_that_date(clinic: SmallClinic, owner: StaffActor) -> None:
    found = visit(clinic, "16:00")
    visit(clinic, "16:00", on=DAY + timedelta(days=7), n=2)

    def change(*seen: int) -> None:
        where = clinic["lena"], clinic["downtown"], DAY, "09:00-12:00"
        clinic.services.do(stranded.set_date, owner, *where, seen=seen)

    assert asked(change) == (found,)
    assert clinic.services.ask(editing.dates, clinic["lena"], DAY) == []
    change(found)
    assert len(clinic.services.ask(editing.dates, clinic["lena"], DAY)) == 1


def test_the_weekly_hours_again_ask_about_what_was_booked_beyond_them(clinic: SmallClinic, owner: StaffActor) -> None:
    where = clinic["lena"], clinic["downtown"], DAY
    clinic.services.do(stranded.set_date, owner, *where, "09:00-20:00")
    late = visit(clinic, "19:00")
    assert asked(lambda: clinic.services.do(stranded.clear_date, owner, *where)) == (late,)
    assert clinic.services.ask(editing.dates, clinic["lena"], DAY)
    clinic.services.do(stranded.clear_date, owner, *where, seen=(late,))


@pytest.mark.req("P3")
def test_time_off_asks_about_the_visits_in_it_clean_up_included(clinic: SmallClinic, owner: StaffActor) -> None:
    found = visit(clinic, "10:00")  # until 10:30, cleaned up by 10:40
    off(clinic, owner, "10:40", "11:00")
    assert asked(lambda: off(clinic, owner, "10:35", "12:00")) == (found,)
    assert len(clinic.services.ask(editing.time_off, clinic.services.clock.now())) == 1
    off(clinic, owner, "10:00", "12:00", seen=(found,))
    assert len(clinic.services.ask(editing.time_off, clinic.services.clock.now())) == 2


@pytest.mark.req("P3")
def test_a_closed_day_asks_about_everyones_visits_at_that_place(clinic: SmallClinic, owner: StaffActor) -> None:
    north = {"name": "North", "street": "9 Elm St", "city": "Denver", "country": "US", "time_zone": "America/Denver"}
    elsewhere = clinic.services.do(clinic_editing.add, owner, "location", north)
    both = (visit(clinic, "10:00"), booked(clinic, "m", DAY, "11:00", "facial", provider="maya").appointment_id)
    visit(clinic, "10:00", on=DAY + timedelta(days=1), n=2)

    def close(place: int | None, *seen: int) -> None:
        clinic.services.do(stranded.add_holiday, owner, on=DAY, name="Inventory", location_id=place, seen=seen)

    close(elsewhere)
    assert asked(lambda: close(clinic["downtown"])) == both
    assert asked(lambda: close(None)) == both
    assert len(clinic.services.ask(sheets.holidays)) == 1
    close(None, *both)
    assert not starts(clinic, DAY)


# What visits stand on


@pytest.mark.req("P15")
@pytest.mark.parametrize(
    ("kind", "slug"), [("provider", "lena"), ("location", "downtown"), ("unit", "laser-1"), ("service", "hair")]
)
def test_what_visits_stand_on_is_switched_off_once_it_is_said_that_they_stay(
    clinic: SmallClinic, owner: StaffActor, kind: str, slug: str
) -> None:
    north = {"name": "North", "street": "9 Elm St", "city": "Denver", "country": "US", "time_zone": "America/Denver"}
    clinic.services.do(clinic_editing.add, owner, "location", north)  # so that none is the last
    found, before = visit(clinic, "10:00", "hair"), visits(clinic)

    def switch(*seen: int) -> None:
        clinic.services.do(stranded.switch, owner, kind, clinic[slug], is_active=False, seen=seen)

    assert asked(switch) == (found,)
    assert clinic.services.ask(sheets.sheet, kind, clinic[slug]).is_active
    switch(found)
    assert not clinic.services.ask(sheets.sheet, kind, clinic[slug]).is_active
    assert visits(clinic) == before
    stays = clinic.services.ask(queries.visit, found)
    assert (stays.provider_name, stays.location.name) == ("Lena Brandt RN", "Lumen Downtown")
    clinic.services.do(stranded.switch, owner, kind, clinic[slug], is_active=True)


def test_a_kind_of_device_is_switched_off_once_it_is_said_that_its_visits_stay(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    found = visit(clinic, "10:00", "hair")
    clinic.services.do(clinic_editing.link, owner, "service_pool", clinic["hair"], [])

    def switch(*seen: int) -> None:
        clinic.services.do(stranded.switch, owner, "pool", clinic["laser"], is_active=False, seen=seen)

    assert asked(switch) == (found,)
    switch(found)


def test_whoever_is_switched_off_is_offered_no_more(clinic: SmallClinic, owner: StaffActor) -> None:
    found = visit(clinic, "10:00")
    clinic.services.do(stranded.switch, owner, "provider", clinic["lena"], is_active=False, seen=(found,))
    visitor(clinic, "b", "facial")
    assert clinic["lena"] not in seen(clinic).providers
    with pytest.raises(NotAllowed):
        clinic.services.do(drafts.choose_provider, "b", clinic["lena"])


@pytest.mark.req("S69")
def test_whoever_performs_a_service_no_more_keeps_its_visits(clinic: SmallClinic, owner: StaffActor) -> None:
    visit(clinic, "10:00", "peel")
    found = visit(clinic, "12:00", "facial", n=2)
    booked(clinic, "m", DAY, "12:00", "facial", provider="maya", email="m@example.org", phone="+15125550999")

    def leave(*seen: int) -> None:
        clinic.services.do(stranded.link, owner, "service_provider", clinic["facial"], [clinic["maya"]], seen=seen)

    assert asked(leave) == (found,)
    assert clinic["lena"] in seen(clinic).services[clinic["facial"]].provider_ids
    leave(found)
    assert clinic["lena"] not in seen(clinic).services[clinic["facial"]].provider_ids
    assert clinic.services.ask(queries.visit, found).provider_id == clinic["lena"]


@pytest.mark.req("S69")
def test_what_a_provider_performs_is_these_and_no_others_and_their_visits_are_asked_about_together(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    both = visit(clinic, "10:00", "peel"), visit(clinic, "12:00", "facial", n=2)
    visit(clinic, "14:00", "hair", n=3)

    def perform(*services: str, seen: Any = ()) -> None:
        wanted = [clinic[one] for one in services]
        clinic.services.do(stranded.performs, owner, clinic["lena"], wanted, seen=seen)

    assert asked(lambda: perform("hair", "botox")) == both
    assert clinic.services.ask(sheets.performed, clinic["lena"]) == {clinic[one] for one in ("facial", "peel", "hair")}
    perform("hair", "botox", seen=both)
    assert clinic.services.ask(sheets.performed, clinic["lena"]) == {clinic["hair"], clinic["botox"]}
    assert clinic.services.ask(sheets.linked, "provider", clinic["facial"]) == {clinic["maya"]}


def test_a_service_that_is_switched_off_stays_with_whoever_performed_it(clinic: SmallClinic, owner: StaffActor) -> None:
    clinic.services.do(clinic_editing.switch, owner, "service", clinic["peel"], is_active=False)
    clinic.services.do(stranded.performs, owner, clinic["lena"], [clinic["hair"]])
    assert clinic.services.ask(sheets.performed, clinic["lena"]) == {clinic["hair"], clinic["peel"]}
    with pytest.raises(NotAllowed):
        clinic.services.do(stranded.performs, owner, clinic["lena"], [clinic["peel"]])


@pytest.mark.req("S72")
def test_a_service_switched_off_in_a_cart_cannot_be_booked_even_with_its_time_held(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    visitor(clinic, "b", "facial", provider="lena")
    clinic.services.do(holds.hold, "b", minute(DAY, "10:00"))
    clinic.services.do(stranded.switch, owner, "service", clinic["facial"], is_active=False)
    with pytest.raises(Conflict, match="service_gone"):
        clinic.services.do(actions.ready_to_book, "b", accepted_policy_id=clinic["policy"])
    assert [one.is_offered for one in clinic.services.ask(queries.draft, "b").lines] == [False]


# In words, and for whom


def test_visits_are_told_with_who_when_and_what_the_soonest_first(clinic: SmallClinic, owner: StaffActor) -> None:
    later, sooner = visit(clinic, "16:00"), visit(clinic, "09:00", "hair", n=2)
    first, second = clinic.services.ask(stranded.told, owner, [later, sooner])
    assert (first.appointment_id, second.appointment_id) == (sooner, later)
    assert first == stranded.StrandedVisit(
        appointment_id=sooner,
        patient_name="Amara Reed",
        provider_name="Lena Brandt RN",
        location_name="Lumen Downtown",
        time_zone="America/Chicago",
        start_at=at("09:00").astimezone(UTC),
        end_at=at("09:30").astimezone(UTC),
        service_names=("Laser hair removal",),
    )
    assert len(clinic.services.ask(stranded.told, owner, [later, sooner], most=1)) == 1


@pytest.mark.req("P15")
@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_a_role_that_may_not_change_hours_learns_nothing_of_what_is_booked(
    clinic: SmallClinic, services: Services, role: str
) -> None:
    visit(clinic, "10:00")
    who = factories.staff(services, role).actor
    for change in (
        lambda: week(clinic, who, thu=""),
        lambda: off(clinic, who, "09:00", "12:00"),
        lambda: services.do(stranded.set_date, who, clinic["lena"], clinic["downtown"], DAY, ""),
        lambda: services.do(stranded.clear_date, who, clinic["lena"], clinic["downtown"], DAY),
        lambda: services.do(stranded.add_holiday, who, on=DAY, name="x", location_id=None),
        lambda: services.do(stranded.switch, who, "provider", clinic["lena"], is_active=False),
        lambda: services.do(stranded.link, who, "service_provider", clinic["peel"], []),
        lambda: services.do(stranded.performs, who, clinic["lena"], []),
    ):
        with pytest.raises(NotAllowed, match="not_permitted"):
            change()


def test_a_form_that_is_wrong_is_told_before_anything_is_asked(clinic: SmallClinic, owner: StaffActor) -> None:
    from clinic_portal.core.errors import Unusable

    visit(clinic, "10:00")
    with pytest.raises(Unusable):
        week(clinic, owner, thu="", fri="nine to five")
