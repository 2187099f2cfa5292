"""Two of the staff at once: the second begins while what the first did is not kept yet."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from sqlalchemy import text

from clinic_portal.core.db import Database
from clinic_portal.core.errors import DomainError
from clinic_portal.core.work import Services, UnitOfWork

Deed = Callable[[UnitOfWork], Any]
WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


def meanwhile(services: Services, first: Deed, second: Deed, then: Deed | None = None) -> str:
    """What came of `second`, which began after `first` was done and before it was kept: `done`, or a refusal's code.

    `then` is what the first does once the second waits.

    `second` is another process's: its own engine, its own copies of the clinic in memory.
    """
    other = Services(Database(services.settings.database_url, pool_size=1), services.clock, services.settings)
    coming: list[Future[str]] = []

    def attempt() -> str:
        try:
            other.do(second)
        except DomainError as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(1) as pool:

        def both(work: UnitOfWork) -> None:
            first(work)
            coming.append(pool.submit(attempt))
            _wait_for_it(services, coming[0])
            if then is not None:
                then(work)

        try:
            services.do(both)
            return coming[0].result(timeout=30)
        finally:
            other.database.dispose()


def _wait_for_it(services: Services, coming: Future[str]) -> None:
    """Until the second waits for the first, or is through. (SQLite has one writer: it cannot even begin.)"""
    if services.database.is_sqlite:
        return
    with services.database.engine.connect() as looking:
        while not coming.done() and not looking.execute(WAITING).scalar():
            looking.rollback()
