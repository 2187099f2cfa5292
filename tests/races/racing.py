"""Many processes that want the same thing in the same instant."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable
from typing import Any

from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import Database
from clinic_portal.core.errors import DomainError
from clinic_portal.core.work import Services

_fork = multiprocessing.get_context("fork")


def at_once(services: Services, many: int, attempt: Callable[[Services, int, Any], str]) -> Counter[str]:
    """Run `attempt` in so many processes that wait for one another; what came of each, counted."""
    settings, now = services.settings, services.clock.now()
    services.database.dispose()
    ready, outcomes = _fork.Barrier(many), _fork.SimpleQueue()

    def work(number: int) -> None:
        own = Services(Database(settings.database_url, pool_size=1), FixedClock(now), settings)
        try:
            outcomes.put(attempt(own, number, ready))
        except DomainError as refusal:
            outcomes.put(refusal.code)
        except Exception as fault:
            outcomes.put(repr(fault))

    processes = [_fork.Process(target=work, args=(number,)) for number in range(many)]
    for process in processes:
        process.start()
    counted = Counter(outcomes.get() for _ in processes)
    for process in processes:
        process.join()
    return counted
