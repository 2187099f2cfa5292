"""Notes and alerts about a patient: who reads and writes them, sealed, never in the log (P15)."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from clinic_portal import keys
from clinic_portal.accounts.roles import StaffActor
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed
from clinic_portal.core.sealing import Unreadable
from clinic_portal.core.work import Services
from clinic_portal.patients import access, notes
from clinic_portal.patients.models import PatientNote
from tests import factories
from tests.factories import rows, small_clinic

pytestmark = pytest.mark.req("P15")
SECRET = "Faints at the sight of needles"


@pytest.fixture
def amara(services: Services) -> int:
    small_clinic(services)
    return int(factories.patient(services).actor.patient_id)


def desk(services: Services, role: str = "front_desk") -> StaffActor:
    found: StaffActor = factories.staff(services, role).actor
    return found


def writes(
    services: Services, patient_id: int, body: str = SECRET, kind: str = "note", role: str = "front_desk"
) -> int:
    return services.do(notes.write, desk(services, role), patient_id, kind, body)


@pytest.mark.parametrize("role", ["owner", "front_desk", "provider"])
def test_what_one_notes_others_read_with_who_and_when(services: Services, amara: int, role: str) -> None:
    writes(services, amara, f"  {SECRET}\r\nTwice.  ", role=role)
    (one,) = services.do(notes.open_notes, desk(services, "owner"), amara)
    assert (one.body, one.kind, one.written_by) == (f"{SECRET}\nTwice.", "note", desk(services, role).tag)
    assert one.written_at == services.clock.now()
    assert one.ended_at is None


def test_a_role_without_notes_reads_writes_and_ends_none(services: Services, amara: int) -> None:
    number = writes(services, amara, kind="alert")
    reader = desk(services, "read_only")
    for verb, more in ((notes.open_notes, ()), (notes.write, ("note", "x")), (notes.end, (number,))):
        with pytest.raises(NotAllowed):
            services.do(verb, reader, amara, *more)
    assert services.ask(notes.alerts_of, reader, amara) == []


def test_a_provider_reads_no_note_about_a_patient_who_is_not_theirs(services: Services, amara: int) -> None:
    number = writes(services, amara, kind="alert")
    own = StaffActor(9, 9, "P", "provider", provider_id=1, sees_every_patient=False)
    for verb, more in ((notes.open_notes, ()), (notes.write, ("note", "x")), (notes.end, (number,))):
        with pytest.raises(NotAllowed):
            services.do(verb, own, amara, *more)
    with pytest.raises(NotAllowed):
        services.ask(notes.alerts_of, own, amara)
    services.do(access.joins_care_team, amara, 1)
    assert [one.body for one in services.ask(notes.alerts_of, own, amara)] == [SECRET]


def test_an_alert_stands_until_it_is_ended_and_stays_on_record(services: Services, amara: int) -> None:
    number = writes(services, amara, kind="alert")
    assert services.ask(notes.with_alert, [amara, 999]) == {amara}
    for _ in range(2):
        services.do(notes.end, desk(services), amara, number)
    assert services.ask(notes.alerts_of, desk(services), amara) == []
    assert services.ask(notes.with_alert, [amara]) == set()
    (one,) = services.do(notes.open_notes, desk(services), amara)
    assert (one.body, one.ended_by, one.ended_at) == (SECRET, desk(services).tag, services.clock.now())
    assert [row.action for row in rows(services, AuditEntry) if row.action == "alert.ended"] == ["alert.ended"]


def test_what_stands_comes_first_and_the_newest_before_others(services: Services, amara: int) -> None:
    first, second, third = (writes(services, amara, word) for word in ("one", "two", "three"))
    services.do(notes.end, desk(services), amara, third)
    assert [one.id for one in services.do(notes.open_notes, desk(services), amara)] == [second, first, third]


def test_another_patients_note_is_not_ended_from_here(services: Services, amara: int) -> None:
    other = factories.patient(services, "bob@example.org", phone="+15125550143").actor.patient_id
    number = writes(services, other)
    with pytest.raises(NotAllowed):
        services.do(notes.end, desk(services), amara, number)
    with pytest.raises(NotAllowed):
        writes(services, 999)


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [("note", " \n ", "note_missing"), ("note", "a\x00b", "text_characters"), ("note", "a\u202eb", "text_characters"),
     ("note", "x" * 4001, "text_long"), ("alert", "x" * 201, "text_long")],
)  # fmt: skip
def test_what_cannot_stand_is_refused_beside_its_field(
    services: Services, amara: int, kind: str, body: str, code: str
) -> None:
    with pytest.raises(Invalid, match=code) as refusal:
        writes(services, amara, body, kind)
    assert refusal.value.field == "body"
    assert rows(services, PatientNote) == []


def test_a_kind_that_is_none_is_refused(services: Services, amara: int) -> None:
    with pytest.raises(NotAllowed):
        writes(services, amara, kind="chart")


def test_more_alerts_than_anybody_reads_are_refused(services: Services, amara: int) -> None:
    for number in range(notes.MOST_OPEN_ALERTS):
        writes(services, amara, f"Alert {number}", "alert")
    with pytest.raises(Conflict, match="alerts_full"):
        writes(services, amara, kind="alert")
    assert writes(services, amara)


def test_emoji_and_letters_from_right_to_left_are_read_back_equal(services: Services, amara: int) -> None:
    writes(services, amara, "🙂 שלום עולם e\u0301")
    assert services.do(notes.open_notes, desk(services), amara)[0].body == "🙂 שלום עולם é"


def test_no_word_of_a_note_is_readable_in_the_table_or_in_the_log(services: Services, amara: int) -> None:
    number = writes(services, amara)
    services.do(notes.open_notes, desk(services), amara)
    services.do(notes.end, desk(services), amara, number)
    told = [(one.action, one.detail) for one in rows(services, AuditEntry) if "note" in one.action]
    assert told == [("note.written", {"number": number}), ("notes.read", {}), ("note.ended", {"number": number})]
    assert "needle" not in str([dict(one) for one in rows(services, PatientNote) + rows(services, AuditEntry)]).lower()


def test_a_note_moved_to_another_patient_does_not_open(services: Services, amara: int) -> None:
    other = factories.patient(services, "bob@example.org", phone="+15125550143").actor.patient_id
    number = writes(services, amara)
    services.do(lambda work: setattr(work.session.get_one(PatientNote, number), "patient_id", other))
    with pytest.raises(Unreadable):
        services.do(notes.open_notes, desk(services), other)


def test_notes_are_sealed_anew_when_keys_change(services: Services, amara: int) -> None:
    writes(services, amara)
    services.settings.old_data_keys = [services.settings.secret_key]
    services.settings.data_key = SecretStr("a new data key of more than thirty-two characters")
    assert keys.rotate(services) == 1
    services.settings.old_data_keys = []
    assert services.do(notes.open_notes, desk(services), amara)[0].body == SECRET
