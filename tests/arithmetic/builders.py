"""Days, visits and rules in few words, for the tests of availability. "09:30" is of one Monday, in UTC."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic_portal.scheduling import availability
from clinic_portal.scheduling.availability import (
    BookingRules,
    Interval,
    PoolUnits,
    ProviderDay,
    ServiceShape,
    Shift,
    VisitShape,
    visit_shape,
)

MONDAY = date(2026, 6, 1)
MIDNIGHT = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp()) // 60
CHICAGO, WARSAW, LORD_HOWE = map(ZoneInfo, ("America/Chicago", "Europe/Warsaw", "Australia/Lord_Howe"))


def at(clock: str) -> int:
    """ "09:30" as an epoch minute of the Monday; "24:00" is its end."""
    hours, minutes = clock.split(":")
    return MIDNIGHT + int(hours) * 60 + int(minutes)


def clock(minute: int) -> str:
    """The other way round."""
    return "{:02d}:{:02d}".format(*divmod(minute - MIDNIGHT, 60))


def span(words: str) -> Interval:
    """ "09:00-17:00" as an interval."""
    start, end = words.split("-")
    return at(start), at(end)


def spans(words: str) -> tuple[Interval, ...]:
    """ "09:00-09:30 11:00-12:00" as intervals."""
    return tuple(span(word) for word in words.split())


def utc(text: str) -> int:
    """An ISO time in UTC as an epoch minute, by the library's own reckoning."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) // 60


def wall(minute: int, zone: ZoneInfo) -> str:
    """What a clock on the wall shows, with its offset: "01:30-05:00"."""
    return datetime.fromtimestamp(minute * 60, zone).isoformat(timespec="minutes")[11:]


def visit(minutes: int, before: int = 0, after: int = 0, *pools: int) -> VisitShape:
    """A visit for one service."""
    return visit_shape([ServiceShape(minutes, before, after, pool_ids=pools)])


def provider(
    hours: str = "09:00-17:00",
    busy: str = "",
    breaks: str = "",
    *,
    provider_id: int = 1,
    on: date = MONDAY,
    booked_minutes: int = 0,
    booked_count: int = 0,
    daily_limit: int | None = None,
    last_booked: int | None = None,
) -> ProviderDay:
    """A provider's Monday; a break belongs to every shift."""
    return ProviderDay(
        provider_id=provider_id,
        on=on,
        shifts=tuple(Shift(*shift, spans(breaks)) for shift in spans(hours)),
        busy=spans(busy),
        booked_minutes=booked_minutes,
        booked_count=booked_count,
        daily_limit=daily_limit,
        last_booked=last_booked,
    )


def rules(every: int = 30, earliest: str = "00:00", *, must_fit: bool = False, window: int = 0) -> BookingRules:
    """Starts on a grid, on the Monday and so many days after it."""
    return BookingRules(every, at(earliest), MONDAY, MONDAY + timedelta(days=window), must_fit)


def free(
    shape: VisitShape, day: ProviderDay, its_rules: BookingRules | None = None, pools: PoolUnits | None = None
) -> str:
    """The starts offered, as "09:00 09:30"."""
    return " ".join(map(clock, availability.free_starts(shape, day, pools or {}, its_rules or rules())))


def why(
    shape: VisitShape,
    start: str,
    day: ProviderDay,
    its_rules: BookingRules | None = None,
    pools: PoolUnits | None = None,
) -> str | None:
    """The reason a start is refused."""
    return availability.refusal(shape, at(start), day, pools or {}, its_rules or rules())


def times(*starts: str) -> Sequence[int]:
    """Several clock times as epoch minutes."""
    return [at(start) for start in starts]


def moved(intervals: Iterable[Interval], by: int) -> tuple[Interval, ...]:
    """Intervals so many minutes later."""
    return tuple((start + by, end + by) for start, end in intervals)
