"""Staff find patients by whatever they have: a part of a name, an address, a number."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import column, delete, insert, select, text, update

from clinic_portal.accounts import roles
from clinic_portal.accounts.roles import StaffActor
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.doctor import examine
from clinic_portal.patients import desk, profile
from clinic_portal.patients.access import joins_care_team
from clinic_portal.patients.models import Patient
from clinic_portal.patients.queries import search
from clinic_portal.patients.searching import has_parts, page
from tests import factories
from tests.factories import SmallClinic, booked, small_clinic

NAMES = [("Élodie", "Ñandú"), ("Örjan", "Åberg"), ("Søren", "Strauß"), ("Amara", "Reed"), ("日本", "太郎")]


@pytest.fixture
def clinic(services: Services) -> SmallClinic:
    made = small_clinic(services)
    for number, name in enumerate(NAMES):
        day = date(2026, 12, 1 + number)
        booked(made, f"b{number}", day, "10:00", "facial", name=name, email=f"p{number}@example.org",
               phone=f"+1512555012{number}")  # fmt: skip
    return made


def found(clinic: SmallClinic, wanted: str) -> list[str]:
    who = factories.staff(clinic.services, "front_desk").actor
    return [one.name for one in clinic.services.ask(search, who, wanted)]


@pytest.mark.req("P15")
@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("elodie", "Élodie Ñandú"),
        ("ÉLODIE nandu", "Élodie Ñandú"),
        ("aberg", "Örjan Åberg"),
        ("soren strauss", "Søren Strauß"),
        ("STRAUß", "Søren Strauß"),
        ("太郎", "日本 太郎"),
        ("P3@example", "Amara Reed"),
        ("512 555 0123", "Amara Reed"),
        ("+1 (512) 555-0123", "Amara Reed"),
        ("0123", "Amara Reed"),
        ("٠١٢٣", "Amara Reed"),
    ],
)
def test_a_patient_is_found_without_regard_to_case_accents_and_spacing(
    clinic: SmallClinic, wanted: str, name: str
) -> None:
    assert found(clinic, wanted) == [name]


@pytest.mark.parametrize("wanted", ["%", "_", "\\", "'", "nobody", "🙂", "x" * 100, "reed elodie"])
def test_odd_words_find_nobody_and_break_nothing(clinic: SmallClinic, wanted: str) -> None:
    assert found(clinic, wanted) == []


def test_without_a_word_the_newest_come_first(clinic: SmallClinic) -> None:
    assert found(clinic, "  ") == [f"{given} {family}" for given, family in reversed(NAMES)]


def test_a_changed_name_is_found_by_the_new_one(clinic: SmallClinic) -> None:
    typed = {"given_name": "Amara", "family_name": "Müller"}
    clinic.services.do(profile.change, "patient:4", 4, phone_region="US", zone="America/Chicago", typed=typed)
    assert (found(clinic, "muller"), found(clinic, "reed")) == (["Amara Müller"], [])


@pytest.mark.req("P15")
@pytest.mark.parametrize(
    "typed", ["1990-03-14", "3/14/1990", "03/14/1990", "14.3.1990", "14. 3. 1990", "14-03-1990", "3/14/90", "1990/3/14"]
)
def test_a_date_of_birth_is_found_however_it_is_written(clinic: SmallClinic, typed: str) -> None:
    born = {"birth_on": "1990-03-14"}
    clinic.services.do(profile.change, "patient:4", 4, phone_region="US", zone="America/Chicago", typed=born)
    assert found(clinic, typed) == ["Amara Reed"]


@pytest.mark.parametrize("typed", ["1990-14-14", "0/0/0000", "14/3", "3/14/1790", "1/1/999", "99999/1/1"])
def test_what_is_no_date_of_birth_finds_nobody_by_it(clinic: SmallClinic, typed: str) -> None:
    assert found(clinic, typed) == []


def test_the_very_name_comes_first_then_what_begins_so_then_the_rest_each_the_newest_first(services: Services) -> None:
    made = people(services, "Hannah Oak", "Ana Oak", "Anastasia Elm", "Diana Ash", "Ana Fir")
    assert found(made, "ana") == ["Ana Fir", "Ana Oak", "Anastasia Elm", "Diana Ash"]
    assert found(made, "oak an") == ["Ana Oak"]


def test_a_short_word_is_looked_for_where_a_name_begins(services: Services) -> None:
    made = people(services, "Desmond Oak", "Sara Smith")
    assert (found(made, "sm"), found(made, "s o"), found(made, "es")) == (["Sara Smith"], [], [])


def test_signs_beside_a_word_do_not_matter(services: Services) -> None:
    assert found(people(services, "Sara Smith", "Ida Oak"), "- smith %") == ["Sara Smith"]


@pytest.mark.parametrize("typed", ["an", "an oak", "555", ""])
def test_pages_follow_one_another_without_a_gap_or_anybody_twice(services: Services, typed: str) -> None:
    people(services, *(f"{name} Oak" for name in ("Ana", "Anja", "An", "Anna", "An", "Anouk", "Anke")))
    who = factories.staff(services, "front_desk").actor
    whole = [one.id for one in services.ask(page, who, typed, most=50).found]
    walked: list[int] = []
    after = None
    while True:
        part = services.ask(page, who, typed, most=2, after=after)
        walked += [one.id for one in part.found]
        after = part.older
        if after is None:
            break
    assert walked == whole
    assert len(set(walked)) == 7


@pytest.mark.req("P15")
def test_a_provider_who_sees_only_their_own_patients_finds_no_other(services: Services) -> None:
    made = people(services, "Ana Oak", "Ana Elm")
    services.do(joins_care_team, 1, made["maya"])
    for only, names in ((made["maya"], ["Ana Oak"]), (made["lena"], []), (None, [])):
        who = StaffActor(9, 9, "P", "provider", provider_id=only, sees_every_patient=False)
        for typed in ("ana", "", "5125550", "oak"):
            assert [one.name for one in services.ask(search, who, typed)] == names


def test_who_may_not_see_patients_is_refused(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(roles.MAY, "read_only", frozenset())
    with pytest.raises(NotAllowed):
        services.ask(search, StaffActor(9, 9, "P", "read_only"), "")


def test_without_the_parts_the_same_people_are_found(clinic: SmallClinic) -> None:
    typed = ("elodie", "太郎", "P3@example", "0123", "aberg", "%", "so st")
    before = {word: sorted(found(clinic, word)) for word in typed}
    clinic.services.do(forget_parts)
    bare = SmallClinic(Services(clinic.services.database, clinic.services.clock, clinic.services.settings), clinic.ids)
    try:
        assert not bare.services.ask(has_parts)
        assert {word: sorted(found(bare, word)) for word in typed} == before
        assert any("reads them all" in finding.text for finding in examine(bare.services))
    finally:
        bare.services.do(remember_parts)


def test_the_parts_follow_every_change_of_a_patient(clinic: SmallClinic) -> None:
    if not clinic.services.database.is_sqlite:
        pytest.skip("an index follows by itself")

    def change(work: UnitOfWork) -> None:
        work.execute(update(table(Patient)).values(email_key=Patient.id, phone="+1512", search_key=" new "))
        work.execute(
            insert(table(Patient)).from_select(["id", *COPIED], select(Patient.id + 100, *map(column, COPIED)))
        )
        work.execute(delete(table(Patient)).where(table(Patient).c.id > 102))
        work.execute(text("INSERT INTO patient_trigrams (patient_trigrams, rank) VALUES ('integrity-check', 1)"))

    clinic.services.do(change)
    assert len(found(clinic, "new")) == 7


COPIED = [one.name for one in table(Patient).c if one.name not in ("id", "account_id", "feed_digest")]


def people(services: Services, *names: str) -> SmallClinic:
    made = small_clinic(services)
    who = factories.staff(services, "front_desk").actor
    for number, name in enumerate(names):
        given, family = name.split()
        typed = {"given_name": given, "family_name": family, "phone": f"+1512555{number:04}", "email": ""}
        services.do(desk.add, who, typed, phone_region="US", zone="America/Chicago", language="en")
    return made


def forget_parts(work: UnitOfWork) -> None:
    if work.session.connection().dialect.name == "postgresql":
        work.execute(text("DROP INDEX ix_patient_trigrams"))
        return
    for name in ("insert", "delete", "update"):
        work.execute(text(f"DROP TRIGGER patient_trigrams_{name}"))
    work.execute(text("DROP TABLE patient_trigrams"))


def remember_parts(work: UnitOfWork) -> None:
    """PostgreSQL's database is washed and used again; SQLite's is a copy of its own."""
    if work.session.connection().dialect.name == "postgresql":
        parts = ", ".join(f"{name} gin_trgm_ops" for name in ("search_key", "email_key", "phone"))
        work.execute(text(f"CREATE INDEX ix_patient_trigrams ON patient USING gin ({parts})"))
