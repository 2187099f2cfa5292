"""What staff see of a patient, by role."""

from __future__ import annotations

import pytest

from clinic_portal.accounts.roles import ROLES
from clinic_portal.booking.access import visits_of_patient
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.patients import history, profile
from clinic_portal.patients.models import Patient
from tests import factories
from tests.factories import rows, small_clinic


@pytest.fixture
def amara(services: Services) -> int:
    small_clinic(services)
    return int(factories.patient(services).actor.patient_id)


@pytest.mark.req("P15")
@pytest.mark.parametrize("role", ROLES)
def test_every_role_finds_out_how_to_reach_a_patient(services: Services, amara: int, role: str) -> None:
    found = services.ask(profile.for_staff, factories.staff(services, role).actor, amara)
    assert (found.profile.email, found.has_portal) == ("amara@example.org", True)
    assert services.ask(visits_of_patient, factories.staff(services, role).actor, amara).upcoming == ()


def test_a_merged_profile_and_no_profile_look_the_same(services: Services, amara: int) -> None:
    who = factories.staff(services).actor

    def merge(work) -> None:
        work.session.get_one(Patient, amara).merged_into_id = amara

    services.do(merge)
    for patient_id in (amara, 999):
        with pytest.raises(NotAllowed, match="not_found"):
            services.ask(profile.for_staff, who, patient_id)


def test_seeing_how_to_reach_them_reads_no_chart_and_opening_the_chart_is_in_the_log(
    services: Services, amara: int
) -> None:
    who = factories.staff(services, "provider").actor
    services.ask(profile.for_staff, who, amara)
    assert not [one for one in rows(services, AuditEntry) if one.action == "chart.read"]
    services.do(history.open_chart, who, amara)
    assert [one.subject for one in rows(services, AuditEntry) if one.action == "chart.read"] == [f"patient:{amara}"]
