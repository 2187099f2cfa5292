"""What is typed for time off, as the instants that are meant."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.errors import Unusable
from clinic_portal.core.work import Services
from clinic_portal.web.admin.settings.time_off import _instants
from tests.factories import small_clinic

GOOD = "2026-12-03T10:00"


def instants(services: Services, start_at: str, end_at: str) -> tuple[datetime, datetime]:
    small_clinic(services)
    return _instants(services.ask(catalogue), {"start_at": start_at, "end_at": end_at})


def test_a_time_is_the_wall_clock_of_the_first_location(services: Services) -> None:
    start_at, _ = instants(services, GOOD, "2026-12-03T12:00")
    assert start_at.astimezone(UTC) == datetime(2026, 12, 3, 16, tzinfo=UTC)


@pytest.mark.req("P3")
@pytest.mark.parametrize(
    "typed", ["9999-12-31T23:59", "7000-01-01T10:00", "1900-01-01T10:00", "2026-02-30T10:00", "tomorrow", ""]
)
def test_what_is_no_day_of_our_time_is_refused_where_it_was_typed(services: Services, typed: str) -> None:
    with pytest.raises(Unusable) as refused:
        instants(services, GOOD, typed)
    assert [(one.field, one.code) for one in refused.value.faults] == [("end_at", "moment_missing")]
