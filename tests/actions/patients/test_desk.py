"""Staff add patients and change how to reach them (P15)."""

from __future__ import annotations

from typing import Any

import pytest

from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.errors import Conflict, NotAllowed, Unusable
from clinic_portal.core.work import Services
from clinic_portal.patients import desk, joining, profile
from clinic_portal.patients.models import Patient
from clinic_portal.patients.queries import language_of, search
from tests import factories
from tests.factories import everything, rows, small_clinic

SIGNED_IN = ("account_session", "audit_entry")
HERE = {"phone_region": "US", "zone": "America/Chicago"}
NORA = {"given_name": " Nora ", "family_name": "Ek", "email": "Nora@Example.org", "phone": "(512) 555-0177",
        "birth_on": "1990-03-14"}  # fmt: skip


@pytest.fixture(autouse=True)
def clinic(services: Services) -> None:
    small_clinic(services)


def added(services: Services, role: str = "front_desk", *, is_another: bool = False, **typed: str) -> int:
    who = factories.staff(services, role).actor
    return services.do(desk.add, who, {**NORA, **typed}, is_another=is_another, language="en", **HERE)


def changed(services: Services, patient_id: int, seen: dict[str, str], role: str = "front_desk", **typed: str) -> None:
    services.do(desk.change, factories.staff(services, role).actor, patient_id, typed, seen=seen, **HERE)


def seen(services: Services, patient_id: int) -> dict[str, str]:
    return desk.fields_of(services.ask(profile.own, patient_id))


def row(services: Services, patient_id: int) -> Any:
    return next(one for one in rows(services, Patient) if one.id == patient_id)


@pytest.mark.req("P15")
def test_a_patient_is_added_in_normal_forms_and_found_at_once(services: Services) -> None:
    patient_id = added(services)
    known = row(services, patient_id)
    assert (known.given_name, known.email, known.phone, known.phone_verified_at) == (
        "Nora", "Nora@example.org", "+15125550177", None)  # fmt: skip
    who = factories.staff(services, "front_desk").actor
    assert [one.id for one in services.ask(search, who, "nora ek")] == [patient_id]


def test_they_are_written_to_in_the_language_the_clinic_speaks(services: Services) -> None:
    who = factories.staff(services, "front_desk").actor
    patient_id = services.do(desk.add, who, NORA, language="de", **HERE)
    assert services.ask(language_of, patient_id) == "de"


def test_the_log_says_that_somebody_was_added_and_nothing_of_who_they_are(services: Services) -> None:
    patient_id = added(services)
    entry = rows(services, AuditEntry)[-1]
    assert (entry.action, entry.subject, entry.detail) == ("patient.added", f"patient:{patient_id}", {})


@pytest.mark.req("P15")
@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_who_may_not_change_patients_adds_and_changes_nobody(services: Services, role: str) -> None:
    patient_id = added(services)
    before = seen(services, patient_id)
    with pytest.raises(NotAllowed):
        added(services, role, email="other@example.org", phone="(512) 555-0178")
    with pytest.raises(NotAllowed):
        changed(services, patient_id, before, role, family_name="Other")


def test_every_field_at_fault_is_told_at_once(services: Services) -> None:
    with pytest.raises(Unusable) as refusal:
        added(services, given_name="", email="nora", phone="12", birth_on="2099-01-01", emergency_phone="x")
    told = [(one.field, one.code) for one in refusal.value.faults]
    assert told == [("given_name", "name_missing"), ("email", "email_invalid"), ("phone", "phone_invalid"),
                    ("birth_on", "birth_date_invalid"), ("emergency_phone", "phone_invalid")]  # fmt: skip


def test_one_way_to_reach_them_is_enough_and_none_is_not(services: Services) -> None:
    by_phone = added(services, email="")
    by_email = added(services, phone="", family_name="Oak")
    assert (row(services, by_phone).email_key, row(services, by_email).phone) == ("", "")
    with pytest.raises(Unusable) as refusal:
        added(services, email=" ", phone="")
    assert [one.code for one in refusal.value.faults] == ["reach_missing"]


def test_whom_no_letter_reaches_is_not_counted_among_those_to_be_welcomed(services: Services) -> None:
    patient_id = added(services, email="")
    assert services.ask(joining.count_never_signed_in) == 0
    assert services.do(joining.welcome, patient_id, again=True) is False


@pytest.mark.parametrize("shared", [{"email": "NORA@example.org", "phone": ""}, {"email": "", "phone": "512-555-0177"}])
def test_a_known_address_or_number_is_said_with_whom_it_reaches(services: Services, shared: dict[str, str]) -> None:
    known = added(services)
    with pytest.raises(Conflict) as refusal:
        added(services, given_name="Ida", birth_on="2018-05-05", **shared)
    assert (refusal.value.code, refusal.value.facts["ids"], refusal.value.facts["names"]) == (
        "patient_known", [known], ["Nora Ek"])  # fmt: skip
    assert refusal.value.facts["may_add"] is True


def test_a_child_with_the_parents_address_is_added_once_staff_say_so(services: Services) -> None:
    parent = added(services)
    child = added(services, given_name="Ida", birth_on="2018-05-05", is_another=True)
    assert child != parent
    assert row(services, child).email_key == row(services, parent).email_key


@pytest.mark.parametrize("birth_on", ["", "1990-03-14"])
def test_the_same_person_is_not_added_twice_whatever_staff_say(services: Services, birth_on: str) -> None:
    added(services)
    with pytest.raises(Conflict) as refusal:
        added(services, given_name="NÖRA", birth_on=birth_on, is_another=True)
    assert refusal.value.facts["may_add"] is False


def test_a_namesake_born_on_another_day_is_another_person(services: Services) -> None:
    added(services)
    assert added(services, birth_on="1961-01-02", is_another=True)


def test_what_was_changed_is_kept_and_the_log_names_the_fields_alone(services: Services) -> None:
    patient_id = added(services)
    changed(services, patient_id, seen(services, patient_id), family_name="Åk", phone="512 555 0179", city="Austin")
    known = row(services, patient_id)
    assert (known.family_name, known.search_key, known.phone, known.city) == (
        "Åk",
        "  nora  ak ",
        "+15125550179",
        "Austin",
    )
    entry = rows(services, AuditEntry)[-1]
    assert (entry.action, entry.detail) == ("patient.changed", {"fields": ["city", "family_name", "phone"]})


def test_a_number_changed_by_staff_is_not_proved_any_more(services: Services) -> None:
    patient_id = factories.patient(services).actor.patient_id
    services.do(lambda work: setattr(work.session.get_one(Patient, patient_id), "phone_verified_at", work.now))
    changed(services, patient_id, seen(services, patient_id), city="Austin")
    assert row(services, patient_id).phone_verified_at is not None
    changed(services, patient_id, seen(services, patient_id), phone="512 555 0179")
    assert row(services, patient_id).phone_verified_at is None


def test_a_field_somebody_else_changed_meanwhile_is_not_written_over(services: Services) -> None:
    patient_id = added(services)
    drawn = seen(services, patient_id)
    changed(services, patient_id, drawn, city="Austin")
    before = everything(services, but=SIGNED_IN)
    with pytest.raises(Conflict, match="patient_changed"):
        changed(services, patient_id, drawn, city="Dallas")
    assert everything(services, but=SIGNED_IN) == before
    changed(services, patient_id, drawn, street="1 Main St")
    assert (row(services, patient_id).city, row(services, patient_id).street) == ("Austin", "1 Main St")


@pytest.mark.req("P15")
def test_the_address_somebody_signs_in_with_is_theirs_to_change(services: Services) -> None:
    patient_id = factories.patient(services).actor.patient_id
    with pytest.raises(Conflict, match="email_is_login"):
        changed(services, patient_id, seen(services, patient_id), email="new@example.org")
    without = added(services)
    changed(services, without, seen(services, without), email="new@example.org")
    assert row(services, without).email_key == "new@example.org"


def test_an_address_of_somebody_else_is_asked_about_when_it_is_changed_to(services: Services) -> None:
    known, other = added(services), added(services, email="oak@example.org", phone="512 555 0179", given_name="Ida")
    drawn = seen(services, other)
    with pytest.raises(Conflict) as refusal:
        changed(services, other, drawn, email="nora@example.org")
    assert refusal.value.facts["ids"] == [known]
    who = factories.staff(services, "front_desk").actor
    services.do(desk.change, who, other, {"email": "nora@example.org"}, seen=drawn, is_another=True, **HERE)
    assert row(services, other).email_key == "nora@example.org"


def test_an_unchanged_form_changes_and_logs_nothing(services: Services) -> None:
    patient_id = added(services)
    drawn = seen(services, patient_id)
    before = everything(services, but=SIGNED_IN)
    changed(services, patient_id, drawn, **drawn)
    assert everything(services, but=SIGNED_IN) == before
    assert "patient.changed" not in {one.action for one in rows(services, AuditEntry)}


def test_nobody_and_a_merged_profile_are_not_changed(services: Services) -> None:
    patient_id = added(services)
    drawn = seen(services, patient_id)
    services.do(lambda work: setattr(work.session.get_one(Patient, patient_id), "merged_into_id", patient_id))
    for wanted in (patient_id, 999):
        with pytest.raises(NotAllowed):
            changed(services, wanted, drawn, city="Austin")
