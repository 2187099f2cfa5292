"""What the database says of an overlap, in the domain's word."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from psycopg import errors
from sqlalchemy.exc import OperationalError

from clinic_portal.core.errors import SlotTaken
from clinic_portal.scheduling.guard import refused_as_taken

PLACEMENT: Any = SimpleNamespace(start=29_700_000)


@pytest.mark.req("B1")
def test_of_two_who_wait_for_one_another_the_one_postgres_ends_is_told_that_the_time_is_taken() -> None:
    with pytest.raises(SlotTaken), refused_as_taken(PLACEMENT):
        raise OperationalError("INSERT", {}, errors.DeadlockDetected("deadlock detected"))


def test_any_other_fault_of_the_database_stays_what_it_is() -> None:
    with pytest.raises(OperationalError), refused_as_taken(PLACEMENT):
        raise OperationalError("INSERT", {}, errors.DiskFull("no space left"))
