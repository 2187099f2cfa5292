"""Seals the activity log from its beginning on, and passes over nothing (rule 14)."""

from datetime import datetime, timedelta

from clinic_portal.core import audit
from clinic_portal.core.work import Reading, Services

STRETCH = 20_000
"""Ids looked through at once."""
OVERLAP = 1_000
"""Ids looked at again each time: a transaction that takes long commits a lower one after higher ones."""
AGAIN = timedelta(minutes=10)
"""How often the whole log is gone through again: for what came later still."""


class Sealer:
    """Remembers how far the log is in its chain, so that an idle look costs next to nothing."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._done_to: int | None = None
        self._began_at: datetime | None = None

    def step(self) -> int:
        """Link what waits in the next stretch, the oldest first; 0 when there is nothing left to look at for now."""
        now = self._services.clock.now()
        if self._began_at is None or not self._began_at <= now < self._began_at + AGAIN:
            self._began_at, self._done_to = now, None
        among, newest, is_waiting = self._services.ask(self._next)
        if is_waiting:
            return self._services.do(lambda work: audit.seal(work.session, among=among))
        self._done_to = among[1]
        return int(among[1] < newest)

    def _next(self, read: Reading) -> tuple[audit.Span, int, bool]:
        """The next stretch, the newest id, and whether anything in the stretch is not linked yet."""
        first, newest = audit.ends(read.session) or (1, 0)
        done_to = first - 1 if self._done_to is None else self._done_to
        among = (max(first - 1, done_to - OVERLAP), min(done_to + STRETCH, newest))
        return among, newest, audit.is_waiting(read.session, among=among)
