"""Who is a member: enrolled and ended by staff, once at a time, and moved with a profile (S32)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.forms import requests
from clinic_portal.memberships import actions, joining
from clinic_portal.memberships.models import Membership
from tests.at_once import meanwhile
from tests.factories import patient, rows, small_clinic, staff
from tests.membership_kit import agreement, plan

pytestmark = pytest.mark.req("S32")


@pytest.fixture
def amara(services: Services) -> int:
    small_clinic(services)
    found: int = patient(services).actor.patient_id
    return found


def recorded(services: Services) -> list[str]:
    return [one.action for one in rows(services, AuditEntry) if one.action.startswith("membership.")]


def test_a_patient_is_no_member_until_staff_enrols_them(services: Services, amara: int) -> None:
    assert not services.ask(actions.is_member, amara)
    services.do(actions.enrol, staff(services, "front_desk").actor, amara)
    assert services.ask(actions.is_member, amara)
    assert recorded(services) == ["membership.started"]


def test_one_who_is_enrolled_stays_so_since_the_first_time(services: Services, amara: int, clock: FixedClock) -> None:
    desk, first = staff(services, "front_desk").actor, clock.now()
    services.do(actions.enrol, desk, amara)
    clock.advance(timedelta(days=1))
    services.do(actions.enrol, staff(services, "owner").actor, amara)
    assert services.ask(actions.since, staff(services, "read_only").actor, amara) == first
    assert recorded(services) == ["membership.started"]


def test_a_membership_ends_and_begins_anew(services: Services, amara: int) -> None:
    desk = staff(services, "front_desk").actor
    services.do(actions.enrol, desk, amara)
    services.do(actions.end, desk, amara)
    services.do(actions.end, desk, amara)
    assert services.ask(actions.since, desk, amara) is None
    services.do(actions.enrol, desk, amara)
    assert services.ask(actions.is_member, amara)
    assert recorded(services) == ["membership.started", "membership.ended", "membership.started"]


@pytest.mark.parametrize("role", ["provider", "read_only"])
@pytest.mark.parametrize("verb", [actions.enrol, actions.end])
def test_who_may_not_handle_memberships_changes_none(services: Services, amara: int, role: str, verb: object) -> None:
    with pytest.raises(NotAllowed):
        services.do(verb, staff(services, role).actor, amara)  # type: ignore[arg-type]
    assert recorded(services) == []


def test_nobody_is_enrolled_who_is_no_patient(services: Services, amara: int) -> None:
    with pytest.raises(NotAllowed):
        services.do(actions.enrol, staff(services, "owner").actor, amara + 1000)


def test_two_who_enrol_at_once_enrol_once(services: Services, amara: int) -> None:
    desk, owner = staff(services, "front_desk").actor, staff(services, "owner").actor
    told = meanwhile(
        services, lambda work: actions.enrol(work, desk, amara), lambda work: actions.enrol(work, owner, amara)
    )
    assert (told, len(rows(services, Membership))) == ("done", 1)


@pytest.mark.parametrize("is_member_already", [False, True])
def test_a_membership_of_a_profile_kept_apart_goes_over(
    services: Services, amara: int, is_member_already: bool
) -> None:
    desk = staff(services, "front_desk").actor
    apart = patient(services, "bob@example.org", phone="+15125550177").actor.patient_id
    services.do(actions.enrol, desk, apart)
    if is_member_already:
        services.do(actions.enrol, desk, amara)
    services.do(actions.move, apart, amara)
    assert services.ask(actions.is_member, amara)
    assert not services.ask(actions.is_member, apart)


@pytest.mark.parametrize("is_live_too", [False, True])
def test_memberships_that_have_ended_go_over_with_their_profile(
    services: Services, amara: int, is_live_too: bool
) -> None:
    desk = staff(services, "front_desk").actor
    apart = patient(services, "bob@example.org", phone="+15125550177").actor.patient_id
    services.do(actions.enrol, desk, apart)
    services.do(actions.end, desk, apart)
    if is_live_too:
        services.do(actions.enrol, desk, apart)
    services.do(actions.move, apart, amara)
    assert {one.patient_id for one in rows(services, Membership)} == {amara}
    assert services.ask(actions.is_member, amara) is is_live_too


@pytest.mark.req("P8")
def test_one_who_was_joining_a_plan_is_asked_for_its_agreement_no_more_when_a_membership_comes_over(
    services: Services,
) -> None:
    made = small_clinic(services)
    amara = patient(services).actor.patient_id
    services.do(joining.begin, amara, plan(made, agreement_id=agreement(made)))
    assert len(services.ask(requests.of_patient, amara)) == 1
    apart = patient(services, "bob@example.org", phone="+15125550177").actor.patient_id
    services.do(actions.enrol, staff(services, "front_desk").actor, apart)
    services.do(actions.move, apart, amara)
    assert services.ask(actions.is_member, amara)
    assert services.ask(requests.of_patient, amara) == []


@pytest.mark.req("P8")
def test_the_agreement_of_a_plan_nobody_joins_after_all_comes_over_asked_for_no_more(
    services: Services,
) -> None:
    made = small_clinic(services)
    amara = patient(services).actor.patient_id
    apart = patient(services, "bob@example.org", phone="+15125550177").actor.patient_id
    services.do(actions.enrol, staff(services, "front_desk").actor, amara)
    services.do(joining.begin, apart, plan(made, agreement_id=agreement(made)))
    assert len(services.ask(requests.of_patient, apart)) == 1

    def comes_over(work: UnitOfWork) -> None:
        requests.move(work, apart, amara)
        actions.move(work, apart, amara)

    services.do(comes_over)
    assert services.ask(requests.of_patient, amara) == []
