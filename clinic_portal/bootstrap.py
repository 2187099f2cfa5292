"""Settings become things: the only module that knows which clock, database and senders are real."""

from functools import lru_cache

from clinic_portal.core.clock import Clock, RehearsalClock, SystemClock
from clinic_portal.core.db import Database
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Services


def build(settings: Settings) -> Services:
    """The services of one installation, from its settings."""
    return Services(Database(settings.database_url), clock(settings), settings)


def clock(settings: Settings) -> Clock:
    """The machine's clock, or in demo mode one that can be moved."""
    return RehearsalClock(settings.data_dir / "rehearsal-clock") if settings.is_demo else SystemClock()


@lru_cache(maxsize=1)
def services() -> Services:
    """The services of this process, built at the first call."""
    return build(Settings())
