"""What looks at the visits to come reads no past: however long a clinic has been there, it takes as long."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from clinic_portal.booking import absences, stranded
from clinic_portal.core.work import Reading, Services
from clinic_portal.scheduling import staffing
from tests.desk_kit import THURSDAY, books, patient
from tests.factories import SmallClinic, minute, small_clinic


@pytest.fixture
def clinic(services: Services) -> SmallClinic:
    made = small_clinic(services)
    books(made, patient(services), "10:30")
    return made


def in_the_way(read: Reading, made: SmallClinic) -> object:
    start = minute(THURSDAY, "10:00")
    return staffing.in_the_way(read, [made["lena"]], start, start + 60, but=None)


def under_time_off(read: Reading, made: SmallClinic) -> object:
    span = {"start_at": read.now, "end_at": read.now + timedelta(days=30)}
    return absences.under(read, made["lena"], kind="break", **span)


def outside_hours(read: Reading, made: SmallClinic) -> object:
    return stranded.stranded(read, provider_id=made["lena"])


def with_a_provider(read: Reading, made: SmallClinic) -> object:
    return stranded.standing_on(read, "provider", made["lena"])


def at_a_location(read: Reading, made: SmallClinic) -> object:
    return stranded.standing_on(read, "location", made["downtown"])


@pytest.mark.req("P15")
@pytest.mark.parametrize("look", [in_the_way, under_time_off, outside_hours, with_a_provider, at_a_location])
def test_it_begins_at_a_time_not_at_the_first_visit_there_ever_was(
    clinic: SmallClinic, look: Callable[[Reading, SmallClinic], object]
) -> None:
    (told,) = plans(clinic.services, lambda read: look(read, clinic))
    assert re.search(r"start_(at|minute) ?> ?", told), told


def plans(services: Services, look: Callable[[Reading], object]) -> list[str]:
    """How the database goes about a look at visits, where it goes by indexes."""
    told: list[tuple[str, Any]] = []

    def tell(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if re.search(r"FROM (occupancy|appointment)\b", statement):
            told.append((statement, parameters))

    def explain(read: Reading) -> list[str]:
        connection = read.session.connection()
        how = "EXPLAIN QUERY PLAN" if services.database.is_sqlite else "EXPLAIN"
        if not services.database.is_sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return [str(connection.exec_driver_sql(f"{how} {one}", values).all()) for one, values in told]

    event.listen(services.database.engine, "before_cursor_execute", tell)
    try:
        services.ask(look)
    finally:
        event.remove(services.database.engine, "before_cursor_execute", tell)
    return services.ask(explain)
