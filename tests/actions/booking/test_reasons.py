"""Why staff went beyond a rule for a visit, or cancelled it: kept for good, sealed, for those who run visits (P15)."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from clinic_portal import keys
from clinic_portal.booking import desk, models, reasons
from clinic_portal.booking.types import Visit
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.sealing import Unreadable
from clinic_portal.core.work import Services
from tests import factories
from tests.desk_kit import books, front_desk, moves, now_of, patient, provider, whys
from tests.factories import SmallClinic, rows, small_clinic

pytestmark = pytest.mark.req("P15")
SECRET = "Faints at the sight of needles"


@pytest.fixture
def clinic(services: Services) -> SmallClinic:
    return small_clinic(services)


@pytest.fixture
def visit(clinic: SmallClinic) -> Visit:
    """At eight, an hour before the clinic opens."""
    return books(clinic, patient(clinic.services), "08:00", reason=SECRET)


def test_each_is_kept_with_who_and_when_whatever_is_done_later(clinic: SmallClinic, visit: Visit) -> None:
    after = moves(clinic, moves(clinic, visit, "18:00", reason="Works until five"), "15:00")
    told = {"seen_sequence": after.sequence, "reason": "Lena is ill", "waives_fee": True}
    owner = factories.staff(clinic.services).actor
    clinic.services.do(desk.cancel, owner, visit.appointment_id, **told)
    gone = now_of(clinic.services, visit.appointment_id)
    assert whys(clinic, gone) == [
        ("cancelled", "Lena is ill"),
        ("override", "Works until five"),
        ("override", SECRET),
    ]
    newest = clinic.services.do(reasons.of_visit, owner, visit.appointment_id)[0]
    assert (newest.written_by, newest.written_at) == (owner.tag, clinic.services.clock.now())


def test_neither_the_database_nor_the_log_holds_the_words(clinic: SmallClinic, visit: Visit) -> None:
    kept = [rows(clinic.services, one) for one in (models.VisitReason, models.Appointment, AuditEntry)]
    assert "needles" not in str([dict(one) for found in kept for one in found])


def read_by(services: Services) -> list[tuple[str, str, dict[str, object]]]:
    return [(one.actor, one.subject, one.detail) for one in rows(services, AuditEntry) if one.action == "reasons.read"]


def test_that_they_were_read_is_in_the_log_and_that_there_were_none_is_not(clinic: SmallClinic, visit: Visit) -> None:
    other = books(clinic, visit.patient_id, "14:00")
    for one in (visit, other):
        whys(clinic, one)
    assert read_by(clinic.services) == [
        (front_desk(clinic.services).tag, f"appointment:{visit.appointment_id}", {}),
    ]


def test_one_put_beside_another_visit_is_unreadable(clinic: SmallClinic, visit: Visit) -> None:
    other = books(clinic, visit.patient_id, "14:00")

    theirs = table(models.VisitReason).update().values(appointment_id=other.appointment_id)
    clinic.services.do(lambda work: work.execute(theirs))
    with pytest.raises(Unreadable):
        whys(clinic, other)


def test_a_role_that_runs_no_visits_reads_none(clinic: SmallClinic, visit: Visit) -> None:
    reader = factories.staff(clinic.services, "read_only").actor
    with pytest.raises(NotAllowed):
        clinic.services.do(reasons.of_visit, reader, visit.appointment_id)


def test_a_provider_reads_none_of_a_visit_in_a_colleagues_calendar(clinic: SmallClinic, visit: Visit) -> None:
    maya = provider(clinic.services, clinic["maya"], sees_every_calendar=False)
    with pytest.raises(NotAllowed):
        clinic.services.do(reasons.of_visit, maya, visit.appointment_id)


def test_they_are_sealed_anew_when_keys_change(clinic: SmallClinic, visit: Visit) -> None:
    settings = clinic.services.settings
    settings.old_data_keys = [settings.secret_key]
    settings.data_key = SecretStr("a new data key of more than thirty-two characters")
    assert keys.rotate(clinic.services) == 1
    settings.old_data_keys = []
    assert whys(clinic, visit) == [("override", SECRET)]


def test_the_front_desk_reads_them(clinic: SmallClinic, visit: Visit) -> None:
    (one,) = clinic.services.do(reasons.of_visit, front_desk(clinic.services), visit.appointment_id)
    assert (one.kind, one.body) == (reasons.OVERRIDE, SECRET)
