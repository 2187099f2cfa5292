"""The medical history: structured, sealed, and nothing of it ever lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, NotAllowed, Unusable
from clinic_portal.core.sealing import Unreadable
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.patients import history
from clinic_portal.patients.models import HistoryEntry
from clinic_portal.patients.types import HistoryItem
from tests import factories
from tests.factories import rows, small_clinic

pytestmark = pytest.mark.req("S31")
LATEX = {"name": "Latex", "reaction": "Hives", "severity": "moderate"}


@pytest.fixture
def amara(services: Services) -> int:
    small_clinic(services)
    return int(factories.patient(services).actor.patient_id)


def tell(services: Services, patient_id: int, kind: str = "allergy", **typed: str) -> str:
    return services.do(history.record, f"patient:{patient_id}", patient_id, kind, typed or LATEX)


def stands(services: Services, patient_id: int) -> list[HistoryItem]:
    return services.ask(history.current, patient_id)


def test_what_was_told_is_read_back_equal(services: Services, amara: int) -> None:
    tell(services, amara)
    (item,) = stands(services, amara)
    assert (item.kind, item.fields, item.version, item.recorded_by) == ("allergy", LATEX, 1, f"patient:{amara}")


def test_kinds_come_in_their_order_and_items_as_they_were_told(services: Services, amara: int) -> None:
    tell(services, amara, "medication", name="Ibuprofen")
    tell(services, amara, "allergy", name="Latex")
    tell(services, amara, "allergy", name="Nuts")
    tell(services, amara, "condition", name="Asthma")
    assert [one.fields["name"] for one in stands(services, amara)] == ["Asthma", "Latex", "Nuts", "Ibuprofen"]


def test_every_change_is_kept_with_who_and_when(services: Services, clock: FixedClock, amara: int) -> None:
    item = tell(services, amara)
    clock.advance(timedelta(days=1))
    worse = LATEX | {"severity": "severe"}
    services.do(history.amend, "staff:1", amara, item, worse, seen_version=1)
    clock.advance(timedelta(days=1))
    services.do(history.remove, f"patient:{amara}", amara, item, seen_version=2)
    known = services.ask(history.versions, amara, item)
    assert [(one.version, one.fields, one.is_removed, one.recorded_by) for one in known] == [
        (3, worse, True, f"patient:{amara}"),
        (2, worse, False, "staff:1"),
        (1, LATEX, False, f"patient:{amara}"),
    ]
    assert known[0].recorded_at - known[2].recorded_at == timedelta(days=2)
    assert stands(services, amara) == []


def test_saving_without_a_change_makes_no_version(services: Services, amara: int) -> None:
    item = tell(services, amara)
    services.do(history.amend, "staff:1", amara, item, LATEX, seen_version=1)
    assert len(services.ask(history.versions, amara, item)) == 1


def test_of_two_tabs_that_change_one_item_the_second_is_told(services: Services, amara: int) -> None:
    item = tell(services, amara)
    services.do(history.amend, "staff:1", amara, item, {"name": "Latex gloves"}, seen_version=1)
    with pytest.raises(Conflict, match="history_changed"):
        services.do(history.amend, f"patient:{amara}", amara, item, {"name": "Rubber"}, seen_version=1)
    with pytest.raises(Conflict, match="history_changed"):
        services.do(history.remove, f"patient:{amara}", amara, item, seen_version=1)
    assert stands(services, amara)[0].fields["name"] == "Latex gloves"


def test_none_known_is_an_answer_and_gives_way_to_a_real_one(services: Services, amara: int) -> None:
    tell(services, amara, none="yes")
    assert stands(services, amara)[0].fields == {"none": "yes"}
    tell(services, amara)
    assert [one.fields for one in stands(services, amara)] == [LATEX]


def test_none_known_does_not_stand_beside_a_real_one(services: Services, amara: int) -> None:
    tell(services, amara)
    with pytest.raises(Conflict, match="history_none_taken"):
        tell(services, amara, none="yes")


@pytest.mark.parametrize(
    ("kind", "typed"), [("allergy", {"none": "yes"}), ("pregnancy", {"status": "not_pregnant"})], ids=["none", "one"]
)
def test_what_can_stand_only_once_is_told_once(
    services: Services, amara: int, kind: str, typed: dict[str, str]
) -> None:
    tell(services, amara, kind, **typed)
    with pytest.raises(Conflict, match="history_known"):
        tell(services, amara, kind, **typed)


@pytest.mark.parametrize(
    ("kind", "typed", "field"),
    [
        ("allergy", {"name": " "}, "name"),
        ("allergy", {"name": "x" * 121}, "name"),
        ("allergy", {"name": "Latex\u202e"}, "name"),
        ("allergy", {"name": "Latex", "severity": "terrible"}, "severity"),
        ("surgery", {"name": "Appendix", "year": "3020"}, "year"),
        ("note", {"text": "\x00"}, "text"),
        ("pregnancy", {"status": ""}, "status"),
    ],
)
def test_what_cannot_be_used_is_refused_field_by_field(
    services: Services, amara: int, kind: str, typed: dict[str, str], field: str
) -> None:
    with pytest.raises(Unusable) as refused:
        tell(services, amara, kind, **typed)
    assert [one.field for one in refused.value.faults] == [field]
    assert rows(services, HistoryEntry) == []


@pytest.mark.parametrize(("kind", "typed"), [("diagnosis", {"name": "x"}), ("note", {"none": "yes"})])
def test_a_kind_or_an_answer_that_is_not_offered_is_refused(
    services: Services, amara: int, kind: str, typed: dict[str, str]
) -> None:
    with pytest.raises(NotAllowed):
        tell(services, amara, kind, **typed)


@pytest.mark.parametrize("text", ["العربية", "日本語の薬", "O'Brien <b>&amp;</b> \\ %_", "line\nline", "🙂"])
def test_any_script_is_kept_as_text(services: Services, amara: int, text: str) -> None:
    tell(services, amara, "note", text=text)
    assert stands(services, amara)[0].fields == {"text": text}


def test_another_patients_item_looks_like_one_that_does_not_exist(services: Services, amara: int) -> None:
    item = tell(services, amara)
    other = int(factories.patient(services, "sofia@example.org", phone="+15125550143").actor.patient_id)
    for wanted in (item, "never"):
        with pytest.raises(NotAllowed) as refused:
            services.do(history.amend, f"patient:{other}", other, wanted, LATEX, seen_version=1)
        assert refused.value.code == "not_found"
        with pytest.raises(NotAllowed):
            services.do(history.remove, f"patient:{other}", other, wanted, seen_version=1)
        with pytest.raises(NotAllowed):
            services.ask(history.versions, other, wanted)
    assert stands(services, other) == []


def test_it_is_not_readable_in_the_database_nor_in_the_log(services: Services, amara: int) -> None:
    tell(services, amara)
    (entry,) = rows(services, HistoryEntry)
    assert "Latex" not in entry.body
    assert "Hives" not in entry.body
    assert not any("Latex" in str(one.detail) for one in rows(services, AuditEntry))


def test_an_entry_moved_to_another_patient_is_not_opened(services: Services, amara: int) -> None:
    tell(services, amara)
    other = int(factories.patient(services, "sofia@example.org", phone="+15125550143").actor.patient_id)

    def move(work: UnitOfWork) -> None:
        work.execute(update(table(HistoryEntry)).values(patient_id=other))

    services.do(move)
    with pytest.raises(Unreadable):
        stands(services, other)


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("provider", True), ("front_desk", False)])
def test_that_staff_read_a_history_is_in_the_log(services: Services, amara: int, role: str, may: bool) -> None:
    tell(services, amara)
    who = factories.staff(services, role)
    if may:
        assert len(services.do(history.open_chart, who.actor, amara)) == 1
    else:
        with pytest.raises(NotAllowed):
            services.do(history.open_chart, who.actor, amara)
    read = [one for one in rows(services, AuditEntry) if one.action == "chart.read"]
    assert [(one.actor, one.subject) for one in read] == ([(who.actor.tag, f"patient:{amara}")] if may else [])


def test_only_the_newest_version_is_current(services: Services, amara: int) -> None:
    item = tell(services, amara)
    services.do(history.amend, "staff:1", amara, item, {"name": "Nickel"}, seen_version=1)
    entry = table(HistoryEntry)
    found = services.ask(lambda read: read.execute(select(entry.c.version).where(entry.c.is_current)).scalars().all())
    assert list(found) == [2]


def test_it_is_sealed_anew_in_portions(services: Services, amara: int) -> None:
    for name in ("Latex", "Nuts", "Nickel"):
        tell(services, amara, name=name)
    services.settings.old_data_keys = [services.settings.secret_key]
    services.settings.data_key = SecretStr("a new data key of more than thirty-two characters")
    first, last = services.do(history.reseal, after_id=0, limit=2)
    assert (first, services.do(history.reseal, after_id=last, limit=2)[0]) == (2, 1)
    assert services.do(history.reseal, after_id=0) == (0, 3)
    assert [one.fields["name"] for one in stands(services, amara)] == ["Latex", "Nuts", "Nickel"]


def test_a_history_has_room_for_a_long_life_and_not_for_a_flood(
    services: Services, amara: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST_ITEMS", 2)
    for name in ("Latex", "Nuts"):
        tell(services, amara, name=name)
    with pytest.raises(Conflict, match="history_full"):
        tell(services, amara, name="Nickel")
    assert len(stands(services, amara)) == 2
