"""What a patient's page lists of their visits, payments and of what was done (P15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import activity, around, models, till
from clinic_portal.booking.around import Around
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.patients import notes
from tests import desk_kit, factories
from tests.desk_kit import FRIDAY, books, front_desk
from tests.factories import SmallClinic, small_clinic

pytestmark = pytest.mark.req("P15")


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return small_clinic(services)


def becomes(services: Services, appointment_id: int, status: str) -> None:
    appointment = table(models.Appointment)
    mine = update(appointment).where(appointment.c.id == appointment_id)
    services.do(lambda work: work.execute(mine.values(status=status)))


def own_patients(made: SmallClinic, who: str, role: str = "provider") -> StaffActor:
    found = desk_kit.provider(made.services, made[who], sees_every_patient=False)
    return replace(found, role=role)


def test_the_last_visit_they_came_to_and_the_next_that_is_booked(made: SmallClinic, clock: FixedClock) -> None:
    services = made.services
    amara, bob = desk_kit.patient(services), desk_kit.patient(services, "Bob", phone="+15125550143")
    came, missed, cancelled = (books(made, amara, at) for at in ("10:00", "11:00", "12:00"))
    coming = books(made, amara, "10:00", on=FRIDAY)
    later = books(made, amara, "12:00", on=FRIDAY)
    becomes(services, cancelled.appointment_id, "cancelled")
    clock.advance(coming.start_at - timedelta(hours=1) - clock.now())
    becomes(services, came.appointment_id, "fulfilled")
    becomes(services, missed.appointment_id, "noshow")
    found = services.ask(around.around, front_desk(services), [amara, bob])
    assert found == {amara: Around(came.start_at, coming.start_at), bob: Around()}
    assert services.ask(around.last_came_at, amara, came.start_at) is None
    assert services.ask(around.last_came_at, amara, later.start_at) == came.start_at


def test_activity_is_about_the_patient_and_their_visits_alone_and_goes_on_without_a_gap(made: SmallClinic) -> None:
    services, owner = made.services, factories.staff(made.services).actor
    amara, bob = desk_kit.patient(services), desk_kit.patient(services, "Bob", phone="+15125550143")
    visit = books(made, amara, "10:00")
    books(made, bob, "11:00")
    services.do(notes.write, owner, amara, "note", "Prefers mornings")
    found = services.ask(activity.of_patient, owner, amara)
    assert {one.subject for one in found} == {f"patient:{amara}", f"appointment:{visit.appointment_id}"}
    assert (found[0].action, found[0].who) == ("note.written", owner.name)
    walked, before = [], 0
    while part := services.ask(activity.of_patient, owner, amara, before_id=before, most=1):
        walked += part
        before = part[-1].id
    assert walked == found


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_activity_is_for_those_who_read_the_log(made: SmallClinic, role: str) -> None:
    with pytest.raises(NotAllowed):
        made.services.ask(
            activity.of_patient, factories.staff(made.services, role).actor, desk_kit.patient(made.services)
        )


def test_payments_are_for_those_who_see_payments(made: SmallClinic) -> None:
    services, amara = made.services, desk_kit.patient(made.services)
    assert services.ask(till.of_patient, front_desk(services), amara) == ((), False)
    for actor in (own_patients(made, "maya"), factories.staff(services, "read_only").actor):
        with pytest.raises(NotAllowed):
            services.ask(till.of_patient, actor, amara)
    with pytest.raises(NotAllowed):
        services.ask(till.of_patient, front_desk(services), 999)
