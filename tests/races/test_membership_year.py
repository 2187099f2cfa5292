"""A simulated year of members: money in, wallets and the gateway's side agree to the cent (P8)."""

from __future__ import annotations

import pytest

from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from tests.factories import small_clinic
from tests.membership_year import Year

pytestmark = pytest.mark.req("P8")


@pytest.mark.parametrize("seed", [1])
def test_a_year_of_members_balances(services: Services, clock: FixedClock, seed: int) -> None:
    year = Year(small_clinic(services), clock, seed, members=40)
    year.play()
    assert year.wrong() == [], "\n".join(year.told[-60:])
    assert year.figures()["taken_minor"] > 0


@pytest.mark.parametrize("seed", [3, 4])
def test_a_year_of_members_balances_with_a_bad_line_and_killed_processes(
    services: Services, clock: FixedClock, seed: int
) -> None:
    year = Year(small_clinic(services), clock, seed, members=15, with_faults=True)
    year.play()
    assert year.wrong() == [], "\n".join(year.told[-60:])
    assert year.counts["killed"] > 0
