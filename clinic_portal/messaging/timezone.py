"""Time zones for calendar files: a VTIMEZONE of two yearly rules, from the POSIX footer of the zone's data.

The library's own generator lists every change of the clocks, with onsets that Thunderbird, Nextcloud and
vobject read an hour wrong. A zone that two yearly rules do not tell gives None, and the caller writes UTC.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.prop import vRecur

_WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_FIRST_YEAR = 1970
_NAME = r"(?:<([^>]+)>|([A-Za-z]{3,}))"
_OFFSET = r"([+-]?\d{1,2}(?::\d{2}){0,2})"
_FOOTER = re.compile(rf"{_NAME}{_OFFSET}(?:{_NAME}{_OFFSET}?,([^,]+),([^,]+))?")
_RULE = re.compile(r"M(\d{1,2})\.([1-5])\.([0-6])(?:/(\d{1,2}(?::\d{2}){0,2}))?")


@dataclass(frozen=True, slots=True)
class Change:
    """A yearly change of the clocks: the `week`-th (5: last) `weekday` (0: Sunday) of a month."""

    month: int
    week: int
    weekday: int
    at: timedelta

    def in_year(self, year: int) -> datetime:
        """The wall time, by the clock before the change."""
        first = date(year, self.month, 1)
        days = (self.weekday - first.isoweekday() % 7) % 7 + 7 * (self.week - 1)
        while days >= monthrange(year, self.month)[1]:
            days -= 7
        return datetime.combine(first + timedelta(days=days), datetime.min.time()) + self.at  # wall time


@dataclass(frozen=True, slots=True)
class Yearly:
    """What a footer says: standard time, and daylight time between two changes where the zone has it."""

    name: str
    offset: timedelta
    daylight_name: str = ""
    daylight_offset: timedelta = timedelta(0)
    begins: Change | None = None
    ends: Change | None = None

    def offset_at(self, at: datetime) -> timedelta:
        """The offset from UTC at an instant, by these rules alone."""
        if self.begins is None or self.ends is None:
            return self.offset
        wall = at.astimezone(UTC).replace(tzinfo=None)
        year = (wall + self.offset).year
        begins = self.begins.in_year(year) - self.offset
        ends = self.ends.in_year(year) - self.daylight_offset
        if begins < ends:
            return self.daylight_offset if begins <= wall < ends else self.offset
        return self.offset if ends <= wall < begins else self.daylight_offset


def vtimezone(zone: str, *instants: datetime) -> Timezone | None:
    """The VTIMEZONE that tells `instants` rightly, or None: then they must be written in UTC."""
    rules = yearly(zone)
    known = ZoneInfo(zone)
    if rules is None or any(not _is_told(rules, known, instant) for instant in instants):
        return None
    made = Timezone()
    made.add("tzid", zone)
    if rules.begins is None or rules.ends is None:
        made.add_component(_part(TimezoneStandard(), rules.name, rules.offset, rules.offset, None))
        return made
    made.add_component(
        _part(TimezoneDaylight(), rules.daylight_name, rules.offset, rules.daylight_offset, rules.begins)
    )
    made.add_component(_part(TimezoneStandard(), rules.name, rules.daylight_offset, rules.offset, rules.ends))
    return made


def yearly(zone: str) -> Yearly | None:
    """The rules in the footer of a zone's data; None where there are none or they are odd (Cairo, Nuuk)."""
    try:
        data = resources.files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes()
    except OSError:
        return None
    return parse(data.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii", "replace"))


def parse(footer: str) -> Yearly | None:
    """The rules of a POSIX TZ string such as `CST6CDT,M3.2.0,M11.1.0`."""
    found = _FOOTER.fullmatch(footer)
    if found is None:
        return None
    quoted, plain, offset, day_quoted, day_plain, day_offset, begins, ends = found.groups()
    standard = -_length(offset)  # POSIX counts westward
    if not begins:
        return Yearly(quoted or plain, standard)
    first, second = _change(begins), _change(ends)
    if first is None or second is None:
        return None
    daylight = -_length(day_offset) if day_offset else standard + timedelta(hours=1)
    return Yearly(quoted or plain, standard, day_quoted or day_plain, daylight, first, second)


def _is_told(rules: Yearly, known: ZoneInfo, instant: datetime) -> bool:
    local = instant.astimezone(known)
    ambiguous = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return not ambiguous and rules.offset_at(instant) == local.utcoffset()


def _change(text: str) -> Change | None:
    found = _RULE.fullmatch(text)
    if found is None:
        return None
    at = _length(found[4]) if found[4] else timedelta(hours=2)
    return Change(int(found[1]), int(found[2]), int(found[3]), at) if at < timedelta(days=1) else None


def _length(text: str) -> timedelta:
    hours, minutes, seconds = (*map(int, text.lstrip("+-").split(":")), 0, 0)[:3]
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -length if text.startswith("-") else length


def _part(
    part: TimezoneStandard | TimezoneDaylight,
    name: str,
    before: timedelta,
    after: timedelta,
    change: Change | None,
) -> TimezoneStandard | TimezoneDaylight:
    part.add("tzname", name)
    part.add("tzoffsetfrom", before)
    part.add("tzoffsetto", after)
    part.add("dtstart", change.in_year(_FIRST_YEAR) if change else datetime(_FIRST_YEAR, 1, 1))  # noqa: DTZ001
    if change:
        which = -1 if change.week == 5 else change.week
        part.add(
            "rrule",
            vRecur({"freq": "YEARLY", "bymonth": change.month, "byday": f"{which}{_WEEKDAYS[change.weekday]}"}),
        )
    return part
