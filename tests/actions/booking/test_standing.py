"""Staff change what visits stand on: a location's clock, a room, a device. Nobody's visit is shifted by it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import changes, holds, queries, standing
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import editing, sheets
from clinic_portal.clinic.editing import Standing
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.web.problems import problem
from tests import factories
from tests.factories import CHICAGO, SmallClinic, booked, minute, small_clinic, visitor
from tests.offers import walls

DAY = date(2026, 12, 3)
TWO = {"email": "two@example.org", "phone": "+15125550143"}


@pytest.fixture
def clinic(services: Services) -> SmallClinic:
    made = small_clinic(services)
    north = {"name": "North", "street": "9 Elm St", "city": "Denver", "country": "US", "time_zone": "America/Denver"}
    made.ids["north"] = services.do(editing.add, factories.staff(services).actor, "location", north)
    return made


@pytest.fixture
def owner(services: Services) -> StaffActor:
    return factories.staff(services).actor  # type: ignore[no-any-return]


def visit(made: SmallClinic, service: str = "facial", who: str = "one", at: str = "10:00", **more: str) -> Visit:
    done = booked(made, who, DAY, at, service, provider="lena", **more)  # type: ignore[arg-type]
    return made.services.ask(queries.visit, done.appointment_id)


def change(made: SmallClinic, who: StaffActor, kind: str, slug: str, **values: str) -> None:
    """Change one as the page does: `at` and `of` are a unit's location and kind."""
    owners = {
        name: made[values.pop(short)] for short, name in (("at", "location_id"), ("of", "pool_id")) if short in values
    }
    made.services.do(standing.change, who, kind, made[slug], values, **owners)


def zone(made: SmallClinic) -> str:
    return str(made.services.ask(sheets.sheet, "location", made["downtown"]).values["time_zone"])


@pytest.mark.req("P3")
def test_while_visits_stand_there_a_location_keeps_its_time_zone(clinic: SmallClinic, owner: StaffActor) -> None:
    first = visit(clinic)
    visit(clinic, who="two", at="11:00", **TWO)
    with pytest.raises(Conflict, match="location_booked") as refusal:
        change(clinic, owner, "location", "downtown", name="New", time_zone="America/Denver")
    assert refusal.value.facts == {"visits": 2}
    assert problem(refusal.value).title == "2 visits are booked at this location"
    assert zone(clinic) == "America/Chicago"
    stands = clinic.services.ask(queries.visit, first.appointment_id)
    assert (stands.location.name, f"{stands.start_at.astimezone(CHICAGO):%H:%M}") == ("Lumen Downtown", "10:00")


def test_one_visit_is_told_as_one(clinic: SmallClinic, owner: StaffActor) -> None:
    visit(clinic)
    with pytest.raises(Conflict) as refusal:
        change(clinic, owner, "location", "downtown", time_zone="America/Denver")
    assert problem(refusal.value).title == "One visit is booked at this location"


def test_all_else_of_a_location_changes_under_its_visits(clinic: SmallClinic, owner: StaffActor) -> None:
    found = visit(clinic)
    change(clinic, owner, "location", "downtown", name="Lumen City", time_zone=" America/Chicago ")
    assert clinic.services.ask(queries.visit, found.appointment_id).location.name == "Lumen City"


@pytest.mark.req("P3")
def test_where_nothing_stands_the_clock_is_set_and_hours_are_by_it(clinic: SmallClinic, owner: StaffActor) -> None:
    change(clinic, owner, "location", "downtown", time_zone="America/Denver")
    assert walls(clinic, DAY)[0] == "10:00"  # nine in Denver


def test_visits_elsewhere_cancelled_ones_and_those_that_are_over_do_not_stand(
    clinic: SmallClinic, owner: StaffActor, clock: FixedClock
) -> None:
    found = visit(clinic)
    change(clinic, owner, "location", "north", time_zone="America/Phoenix")
    clinic.services.do(changes.cancel, found.patient_id, found.reference, shown_fee_minor=0)
    change(clinic, owner, "location", "downtown", time_zone="America/Denver")
    change(clinic, owner, "location", "downtown", time_zone="America/Chicago")
    second = visit(clinic, who="two", at="11:00", **TWO)
    clock.advance(second.end_at - timedelta(minutes=1) - clock.now())
    with pytest.raises(Conflict):
        change(clinic, owner, "location", "downtown", time_zone="America/Denver")
    clock.advance(timedelta(minutes=1))
    change(clinic, owner, "location", "downtown", time_zone="America/Denver")


@pytest.mark.parametrize(("kind", "slug", "service"), [("location", "downtown", "facial"), ("unit", "laser-1", "hair")])
def test_a_time_that_is_held_stands_until_it_runs_out(
    clinic: SmallClinic, owner: StaffActor, clock: FixedClock, kind: str, slug: str, service: str
) -> None:
    values = {"time_zone": "America/Denver"} if kind == "location" else {"at": "north"}
    visitor(clinic, "two", service, provider="lena")
    clinic.services.do(holds.hold, "two", minute(DAY, "10:00"))
    with pytest.raises(Conflict, match=f"{kind}_held") as refusal:
        change(clinic, owner, kind, slug, **values)
    assert "try again" in problem(refusal.value).sentence
    clock.advance(timedelta(minutes=10))
    change(clinic, owner, kind, slug, **values)


@pytest.mark.req("P9")
@pytest.mark.parametrize("values", [{"at": "north"}, {"of": "room"}, {"at": "north", "of": "room"}])
def test_a_device_that_visits_need_stays_what_and_where_it_is(
    clinic: SmallClinic, owner: StaffActor, values: dict[str, str]
) -> None:
    visit(clinic, "hair")
    before = clinic.services.ask(sheets.sheet, "unit", clinic["laser-1"])
    with pytest.raises(Conflict, match="unit_booked") as refusal:
        change(clinic, owner, "unit", "laser-1", name="Moved", **values)
    assert refusal.value.facts == {"visits": 1}
    assert problem(refusal.value).title == "One visit is booked with it"
    assert clinic.services.ask(sheets.sheet, "unit", clinic["laser-1"]) == before


@pytest.mark.req("P9")
def test_a_room_nobody_needs_moves_and_one_in_use_is_renamed(clinic: SmallClinic, owner: StaffActor) -> None:
    visit(clinic)  # in room 1, the lowest free
    change(clinic, owner, "unit", "room-2", at="north")
    change(clinic, owner, "unit", "room-1", name="The blue room", at="downtown", of="room")
    found = {one.id: (one.name, one.values["location_id"]) for one in clinic.services.ask(sheets.sheets, "unit")}
    assert found[clinic["room-2"]] == ("Room 2", clinic["north"])
    assert found[clinic["room-1"]] == ("The blue room", clinic["downtown"])


def test_a_room_is_free_to_move_once_it_is_cleaned_up(
    clinic: SmallClinic, owner: StaffActor, clock: FixedClock
) -> None:
    found = visit(clinic)
    clock.advance(found.end_at + timedelta(minutes=9) - clock.now())
    assert clinic.services.ask(standing.standing, "unit", clinic["room-1"]) == Standing(1, 0)
    clock.advance(timedelta(minutes=1))
    assert clinic.services.ask(standing.standing, "unit", clinic["room-1"]) == Standing(0, 0)


@pytest.mark.req("P15")
def test_a_role_that_may_not_change_the_clinic_learns_nothing_of_its_visits(
    clinic: SmallClinic, services: Services
) -> None:
    visit(clinic)
    with pytest.raises(NotAllowed, match="not_permitted"):
        change(clinic, factories.staff(services, "front_desk").actor, "location", "downtown", time_zone="UTC")


def test_whoever_does_not_ask_what_stands_cannot_move_it(clinic: SmallClinic, owner: StaffActor) -> None:
    for kind, slug, typed, more in (
        ("location", "downtown", {"time_zone": "UTC"}, {}),
        ("unit", "laser-1", {}, {"location_id": clinic["north"]}),
    ):
        with pytest.raises(ValueError, match="not known here"):
            clinic.services.do(editing.change, owner, kind, clinic[slug], typed, **more)


def test_the_form_of_a_room_offers_where_it_stands_though_that_is_switched_off(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    """Else the first location would be chosen for it, and saving its name would move it."""
    from clinic_portal.clinic.queries import catalogue
    from clinic_portal.web.admin.settings.things import Units

    clinic.services.do(editing.switch, owner, "location", clinic["downtown"], is_active=False)

    def choices(slug: str) -> list[str]:
        def form(read: Any) -> list[Any]:
            row_id = clinic[slug] if slug else 0
            values = sheets.sheet(read, "unit", row_id).values if slug else {}
            return Units._fields(read, catalogue(read), row_id, values)

        return [name for one in clinic.services.ask(form) if one.name == "location_id" for _, name in one.choices]

    assert choices("laser-1") == ["Lumen Downtown, switched off", "North"]
    assert choices("") == ["North"]
