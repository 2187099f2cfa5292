"""Staff book for patients: by the predicate that patients meet, with the staff's rules."""

from __future__ import annotations

import pytest

from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Services
from clinic_portal.scheduling.availability import epoch_minute
from tests.desk_kit import THURSDAY, books, looks, moves, on_board, patient
from tests.factories import SmallClinic, minute, small_clinic


@pytest.fixture
def clinic(services: Services) -> SmallClinic:
    return small_clinic(services)


@pytest.mark.req("P15")
def test_the_desk_books_a_visit(clinic: SmallClinic) -> None:
    visit = books(clinic, patient(clinic.services), "10:35")
    assert (visit.status, epoch_minute(visit.start_at)) == ("booked", minute(THURSDAY, "10:35"))


def test_it_stands_on_the_board(clinic: SmallClinic) -> None:
    visit = books(clinic, patient(clinic.services), "10:35")
    assert on_board(looks(clinic), visit).patient_name == "Amara Reed"


def test_it_moves(clinic: SmallClinic) -> None:
    visit = books(clinic, patient(clinic.services), "10:35")
    after = moves(clinic, visit, "14:05", who="maya", minutes=45)
    assert (epoch_minute(after.start_at), epoch_minute(after.end_at), after.provider_id) == (
        minute(THURSDAY, "14:05"),
        minute(THURSDAY, "14:50"),
        clinic["maya"],
    )


def test_outside_hours_is_refused_and_may_be_overridden(clinic: SmallClinic) -> None:
    whose = patient(clinic.services)
    with pytest.raises(Conflict) as refused:
        books(clinic, whose, "08:00")
    assert (refused.value.facts["reason"], refused.value.facts["may_override"]) == ("outside_hours", True)
    visit = books(clinic, whose, "08:00", reason="Flies at noon")
    assert on_board(looks(clinic), visit).is_override
