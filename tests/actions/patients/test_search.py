"""Staff find patients by whatever they have: a part of a name, an address, a number."""

from __future__ import annotations

from datetime import date

import pytest

from clinic_portal.core.work import Services
from clinic_portal.patients import profile
from clinic_portal.patients.queries import search
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
