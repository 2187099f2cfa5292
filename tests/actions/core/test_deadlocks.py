"""Two transactions that wait for one another: the database ends one of them, and it is done again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import OperationalError

from clinic_portal.core import work as work_module
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.work import Services, UnitOfWork
from tests.factories import rows


class Ended(Exception):
    """What a driver says of a transaction the database ended."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


class Unlucky:
    """An action that is ended so many times before it is done."""

    def __init__(self, times: int, sqlstate: str = "40P01") -> None:
        self.left, self.tries, self.sqlstate = times, 0, sqlstate

    def __call__(self, work: UnitOfWork) -> str:
        self.tries += 1
        work.record("system", "test.tried", "clinic:1")
        if self.left:
            self.left -= 1
            raise OperationalError("UPDATE", {}, Ended(self.sqlstate))
        return "done"


def test_two_that_wait_for_one_another_are_both_done(services: Services) -> None:
    met = threading.Barrier(2)
    first_tries: set[str] = set()

    def takes(work: UnitOfWork, one: str, other: str) -> str:
        work.in_turn("test", one)
        if not services.database.is_sqlite and one not in first_tries:  # SQLite's second cannot even begin
            first_tries.add(one)
            met.wait(timeout=30)
        work.in_turn("test", other)
        return one

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(services.do, takes, *pair) for pair in (("a", "b"), ("b", "a"))]
        assert [one.result(timeout=60) for one in both] == ["a", "b"]


@pytest.mark.parametrize("times", [1, 3])
def test_what_the_database_ended_is_done_once_in_the_end(services: Services, times: int) -> None:
    action = Unlucky(times)
    assert (services.do(action), action.tries) == ("done", times + 1)
    assert len(rows(services, AuditEntry)) == 1


def test_one_that_is_ended_again_and_again_is_given_up(services: Services) -> None:
    action = Unlucky(100)
    with pytest.raises(OperationalError):
        services.do(action)
    assert action.tries == work_module.TRIES
    assert rows(services, AuditEntry) == []


def test_any_other_fault_of_the_database_is_not_tried_again(services: Services) -> None:
    action = Unlucky(1, "57014")
    with pytest.raises(OperationalError):
        services.do(action)
    assert action.tries == 1
