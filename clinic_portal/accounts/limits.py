"""How often something may be tried, counted in the database so that all workers share the count (rule 5)."""

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, insert, select

from clinic_portal.accounts import models
from clinic_portal.accounts.types import Limit
from clinic_portal.core import crypto
from clinic_portal.core.db import table
from clinic_portal.core.errors import TooMany
from clinic_portal.core.work import Reading, UnitOfWork

_TABLE = table(models.Attempt)
LONGEST = timedelta(days=1)


def spend(work: UnitOfWork, limit: Limit, whom: str) -> None:
    """Count one more attempt by `whom`. Raises TooMany, counting nothing, when the limit is reached."""
    check_in_turn(work, limit, whom)
    work.execute(insert(_TABLE), [{"key": _key(work, limit, whom), "at": work.now}])


def forgive(work: UnitOfWork, limit: Limit, whom: str) -> None:
    """Take the newest attempt by `whom` off the count: it turned out to be none."""
    mine = select(func.max(_TABLE.c.id)).where(_TABLE.c.key == _key(work, limit, whom)).scalar_subquery()
    work.execute(delete(_TABLE).where(_TABLE.c.id == mine))


def check_in_turn(work: UnitOfWork, limit: Limit, whom: str) -> None:
    """As `check`, but many at once wait for one another: else each would see the last room."""
    work.in_turn("limit", limit.name, whom)
    check(work, limit, whom)


def check(read: Reading, limit: Limit, whom: str) -> None:
    """Raises TooMany when `whom` has reached the limit."""
    recent = and_(_TABLE.c.key == _key(read, limit, whom), _TABLE.c.at > read.now - limit.within)
    times, first = read.execute(select(func.count(), func.min(_TABLE.c.at)).where(recent)).one()
    if times >= limit.times:
        wait = first + limit.within - read.now
        raise TooMany(limit.name, retry_seconds=max(1, round(wait.total_seconds())))


def forget(work: UnitOfWork, before: datetime) -> int:
    """Delete counts that no limit looks back to."""
    return work.execute(delete(_TABLE).where(_TABLE.c.at < before)).rowcount  # type: ignore[no-any-return]


def _key(read: Reading, limit: Limit, whom: str) -> str:
    return crypto.keyed(read.settings.key, "limit", limit.name, whom)[:32]
