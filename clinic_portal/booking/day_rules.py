"""How the visits of a day stand: who is late, which are over, what they come to. Values in, values out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clinic_portal.booking.board import BoardVisit

LATE_AFTER = timedelta(minutes=5)


def standing(status: str, start_at: datetime, now: datetime, time_zone: str) -> str:
    """Where a visit stands for the desk: done, missed, open (of an earlier day, not settled), here, late or coming."""
    if status in ("fulfilled", "noshow"):
        return "done" if status == "fulfilled" else "missed"
    zone = ZoneInfo(time_zone)
    if start_at.astimezone(zone).date() < now.astimezone(zone).date():
        return "open"
    if status == "arrived":
        return "here"
    return "late" if now - start_at > LATE_AFTER else "coming"


def is_over(visit: BoardVisit, now: datetime) -> bool:
    """Whether a visit counts as past: its patient is there or was, or its time is over (S51)."""
    return visit.status in ("arrived", "fulfilled") or visit.end_at <= now


def takings_minor(visits: Iterable[BoardVisit]) -> dict[str, int]:
    """What visits come to, those missed left out, by the currency they were booked in; none that comes to nothing."""
    sums: dict[str, int] = {}
    for one in visits:
        if one.status != "noshow" and one.total_minor:
            sums[one.currency] = sums.get(one.currency, 0) + one.total_minor
    return sums
