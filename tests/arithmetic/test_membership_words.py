"""Plans and what people ask before they join, in words: honest totals, and only what the clinic's settings promise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_portal.clinic.types import ClinicInfo
from clinic_portal.memberships import words
from clinic_portal.memberships.plan_types import Brings, PlanInfo
from clinic_portal.web.memberships.answers import failing, pausing

pytestmark = pytest.mark.req("P8")
PLAN = PlanInfo(
    1, 1, 1, "Glow", "", None, "month", 9900, 5000, "USD", 10,
    (
        Brings(service_id=1, name="Facial", count=2), Brings(category_id=1, name="Injectables"),
        Brings(credit_minor=2550),
    ),
    True, True,
)  # fmt: skip


class _Clinic:
    def __init__(self, grace: int = 14, pause: int = 3) -> None:
        self.grace_days, self.longest_pause_months = grace, pause


def clinic(**told: int) -> ClinicInfo:
    return _Clinic(**told)  # type: ignore[return-value]


def test_what_is_paid_first_is_the_fee_and_what_joining_costs() -> None:
    assert words.payments(PLAN, "en") == "First payment $149, then $99 a month."
    assert words.payments(replace(PLAN, setup_fee_minor=0), "en") == "First payment $99, then $99 a month."
    assert words.payments(replace(PLAN, period="year", fee_minor=99050), "en").endswith("then $990.50 a year.")


def test_each_thing_is_told_with_how_many_of_it() -> None:
    assert words.things(PLAN, "en") == [
        "2 × Facial each month", "1 × any of Injectables each month", "$25.50 in credit each month",
    ]  # fmt: skip


def test_what_brings_nothing_promises_nothing() -> None:
    bare = replace(PLAN, brings=(), discount_percent=0)
    assert (words.things(bare, "en"), words.discount(bare), words.keeps(bare)) == ([], "", "")


def test_a_pause_is_promised_as_the_clinic_set_it() -> None:
    yearly = replace(PLAN, period="year")
    assert "for up to 3 months" in pausing(clinic(), [PLAN])
    assert "for up to a month" in pausing(clinic(pause=1), [PLAN])
    assert "a plan that is paid by the month" in pausing(clinic(), [PLAN, yearly])
    for told in (pausing(clinic(pause=0), [PLAN]), pausing(clinic(), [yearly])):
        assert told.startswith("Not online.")


def test_what_a_failed_payment_means_is_as_the_clinic_set_it() -> None:
    assert "goes on for 14 days" in failing(clinic())
    assert "goes on for a day" in failing(clinic(grace=1))
    assert failing(clinic(grace=0)).startswith("The membership ends.")
