"""Staff look for patients: a part of the name, the e-mail or the phone is enough."""

from __future__ import annotations

from datetime import date

import pytest

from clinic_portal.core.work import Services
from clinic_portal.patients.queries import search
from tests.factories import booked, small_clinic, staff


@pytest.mark.parametrize("wanted", ["Ökmen", "ökmen", "ÖKMEN", "öykü ökm", "Weiß"])
def test_a_name_is_found_whatever_its_letters_and_their_case(services: Services, wanted: str) -> None:
    made = small_clinic(services)
    booked(made, "b", date(2026, 11, 24), "10:00", "facial", name=("Öykü", "Ökmen-Weiß"))
    found = services.ask(search, staff(services).actor, wanted)
    assert [one.name for one in found] == ["Öykü Ökmen-Weiß"]


@pytest.mark.parametrize("wanted", ["%", "_", "\\", "'", "🐴"])
def test_signs_that_databases_read_otherwise_are_only_signs(services: Services, wanted: str) -> None:
    made = small_clinic(services)
    booked(made, "b", date(2026, 11, 24), "10:00", "facial")
    assert services.ask(search, staff(services).actor, wanted) == []
