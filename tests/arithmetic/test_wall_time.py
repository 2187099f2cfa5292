"""Wall time becomes instants: both clock changes in three zones, midnight, and the way back."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_portal.scheduling.availability import (
    BookingRules,
    ProviderDay,
    Shift,
    WallShift,
    ceil_minute,
    epoch_minute,
    free_starts,
    instant,
    local_date,
    part_of_day,
    place_shift,
    wall_to_minute,
)
from tests.arithmetic.builders import CHICAGO, LORD_HOWE, WARSAW, utc, visit, wall

SPRING = {CHICAGO: date(2026, 3, 8), WARSAW: date(2026, 3, 29), LORD_HOWE: date(2026, 10, 4)}
AUTUMN = {CHICAGO: date(2026, 11, 1), WARSAW: date(2026, 10, 25), LORD_HOWE: date(2026, 4, 5)}


def offered(on: date, shift: WallShift, zone: ZoneInfo, minutes: int, every: int) -> list[str]:
    """What the wall clock shows at each start offered."""
    day = ProviderDay(1, on, (place_shift(on, shift, zone),), ())
    rules = BookingRules(every, earliest=0, first_on=on, last_on=on)
    return [wall(start, zone) for start in free_starts(visit(minutes), day, {}, rules)]


@pytest.mark.req("P3")
@pytest.mark.parametrize(
    ("zone", "on", "minute", "expected"),
    [
        pytest.param(CHICAGO, date(2026, 6, 1), 9 * 60, "2026-06-01T14:00", id="Chicago in summer"),
        pytest.param(CHICAGO, date(2026, 12, 1), 9 * 60, "2026-12-01T15:00", id="Chicago in winter"),
        pytest.param(CHICAGO, SPRING[CHICAGO], 119, "2026-03-08T07:59", id="Chicago before the gap"),
        pytest.param(CHICAGO, SPRING[CHICAGO], 150, "2026-03-08T08:30", id="Chicago skipped 02:30 is 03:30"),
        pytest.param(CHICAGO, SPRING[CHICAGO], 180, "2026-03-08T08:00", id="Chicago after the gap"),
        pytest.param(CHICAGO, AUTUMN[CHICAGO], 90, "2026-11-01T06:30", id="Chicago 01:30 is the earlier"),
        pytest.param(CHICAGO, AUTUMN[CHICAGO], 120, "2026-11-01T08:00", id="Chicago after the hour twice"),
        pytest.param(WARSAW, SPRING[WARSAW], 150, "2026-03-29T01:30", id="Warsaw skipped 02:30 is 03:30"),
        pytest.param(WARSAW, AUTUMN[WARSAW], 150, "2026-10-25T00:30", id="Warsaw 02:30 is the earlier"),
        pytest.param(WARSAW, AUTUMN[WARSAW], 180, "2026-10-25T02:00", id="Warsaw after the hour twice"),
        pytest.param(LORD_HOWE, SPRING[LORD_HOWE], 135, "2026-10-03T15:45", id="Lord Howe 02:15 is 02:45"),
        pytest.param(LORD_HOWE, AUTUMN[LORD_HOWE], 105, "2026-04-04T14:45", id="Lord Howe 01:45, earlier"),
        pytest.param(LORD_HOWE, AUTUMN[LORD_HOWE], 120, "2026-04-04T15:30", id="Lord Howe after the change"),
    ],
)
def test_a_wall_time_is_one_instant(zone: ZoneInfo, on: date, minute: int, expected: str) -> None:
    assert wall_to_minute(on, minute, zone) == utc(expected)


@pytest.mark.req("P3")
@pytest.mark.parametrize(("zone", "gap"), [(CHICAGO, 60), (WARSAW, 60), (LORD_HOWE, 30)], ids=str)
def test_a_day_is_as_long_as_its_clock_change_makes_it(zone: ZoneInfo, gap: int) -> None:
    def length(on: date) -> int:
        return wall_to_minute(on, 1440, zone) - wall_to_minute(on, 0, zone)

    assert length(SPRING[zone]) == 1440 - gap
    assert length(AUTUMN[zone]) == 1440 + gap
    assert length(date(2026, 6, 10)) == 1440


def test_midnight_that_the_clock_skips_ends_one_day_where_the_next_begins() -> None:
    beirut = ZoneInfo("Asia/Beirut")  # 2026-03-29 begins at 01:00
    assert wall_to_minute(date(2026, 3, 28), 1440, beirut) == utc("2026-03-28T22:00")
    assert wall_to_minute(date(2026, 3, 29), 0, beirut) == utc("2026-03-28T22:00")
    assert local_date(utc("2026-03-28T22:00"), beirut) == date(2026, 3, 29)


@given(st.sampled_from([CHICAGO, WARSAW, LORD_HOWE]), st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.data())
def test_a_day_ends_where_the_next_begins_and_the_date_comes_back(
    zone: ZoneInfo, on: date, data: st.DataObject
) -> None:
    first, end = wall_to_minute(on, 0, zone), wall_to_minute(on, 1440, zone)
    assert end == wall_to_minute(date.fromordinal(on.toordinal() + 1), 0, zone)
    assert local_date(data.draw(st.integers(first, end - 1)), zone) == on
    assert local_date(first - 1, zone) != on != local_date(end, zone)


# The grid inside a shift is elapsed time


@pytest.mark.req("P3")
@pytest.mark.req("S73")
@pytest.mark.parametrize(
    ("zone", "on", "expected"),
    [
        pytest.param(
            CHICAGO,
            SPRING[CHICAGO],
            ["00:00-06:00", "01:00-06:00", "03:00-05:00"],
            id="Chicago: two o'clock does not exist",
        ),
        pytest.param(
            CHICAGO,
            AUTUMN[CHICAGO],
            ["00:00-05:00", "01:00-05:00", "01:00-06:00", "02:00-06:00", "03:00-06:00"],
            id="Chicago: one o'clock comes twice",
        ),
        pytest.param(
            WARSAW,
            SPRING[WARSAW],
            ["00:00+01:00", "01:00+01:00", "03:00+02:00"],
            id="Warsaw: two o'clock does not exist",
        ),
        pytest.param(
            WARSAW,
            AUTUMN[WARSAW],
            ["00:00+02:00", "01:00+02:00", "02:00+02:00", "02:00+01:00", "03:00+01:00"],
            id="Warsaw: two o'clock comes twice",
        ),
        pytest.param(
            LORD_HOWE,
            SPRING[LORD_HOWE],
            ["00:00+10:30", "01:00+10:30", "02:30+11:00"],
            id="Lord Howe: half an hour is missing and the rest no longer fits",
        ),
        pytest.param(
            LORD_HOWE,
            AUTUMN[LORD_HOWE],
            ["00:00+11:00", "01:00+11:00", "01:30+10:30", "02:30+10:30"],
            id="Lord Howe: half an hour comes twice",
        ),
    ],
)
def test_a_night_shift_over_a_clock_change_counts_elapsed_minutes(
    zone: ZoneInfo, on: date, expected: list[str]
) -> None:
    assert offered(on, WallShift(0, 240), zone, minutes=60, every=60) == expected


@pytest.mark.req("P3")
def test_the_day_of_a_clock_change_opens_at_its_wall_time() -> None:
    for on in (SPRING[CHICAGO], AUTUMN[CHICAGO], date(2026, 6, 1)):
        nine = [text[:5] for text in offered(on, WallShift(540, 720), CHICAGO, minutes=60, every=60)]
        assert nine == ["09:00", "10:00", "11:00"]


def test_hours_and_breaks_that_the_clock_skips_are_empty_never_negative() -> None:
    night = WallShift(150, 180)  # 02:30 moves to 03:30, 03:00 stays
    half_past_three = utc("2026-03-08T08:30")
    assert place_shift(SPRING[CHICAGO], night, CHICAGO) == Shift(half_past_three, half_past_three)
    assert offered(SPRING[CHICAGO], night, CHICAGO, minutes=15, every=15) == []
    broken = place_shift(SPRING[CHICAGO], WallShift(0, 360, ((150, 180),)), CHICAGO)
    assert broken.breaks == ((half_past_three, half_past_three),)
    assert len(offered(SPRING[CHICAGO], WallShift(0, 360, ((150, 180),)), CHICAGO, minutes=60, every=60)) == 5


def test_a_break_from_an_ambiguous_time_lasts_through_both() -> None:
    placed = place_shift(AUTUMN[CHICAGO], WallShift(0, 240, ((90, 120),)), CHICAGO)
    assert placed.breaks == ((utc("2026-11-01T06:30"), utc("2026-11-01T08:00")),)
    starts = offered(AUTUMN[CHICAGO], WallShift(0, 240, ((90, 120),)), CHICAGO, minutes=30, every=30)
    assert starts == [
        "00:00-05:00",
        "00:30-05:00",
        "01:00-05:00",
        "02:00-06:00",
        "02:30-06:00",
        "03:00-06:00",
        "03:30-06:00",
    ]


@pytest.mark.req("S73")
def test_a_shift_may_last_until_midnight() -> None:
    evening = offered(date(2026, 6, 1), WallShift(22 * 60, 1440), CHICAGO, minutes=60, every=30)
    assert [text[:5] for text in evening] == ["22:00", "22:30", "23:00"]


def test_a_shift_over_midnight_belongs_to_the_date_it_began_on() -> None:
    on = date(2026, 6, 1)
    shift = WallShift(23 * 60, 1440 + 60)
    late = [text[:5] for text in offered(on, shift, CHICAGO, minutes=30, every=30)]
    assert late == ["23:00", "23:30", "00:00", "00:30"]


# Instants


def test_an_instant_without_a_zone_is_refused() -> None:
    for convert in (epoch_minute, ceil_minute):
        with pytest.raises(ValueError, match="zone"):
            convert(datetime(2026, 6, 1, 9, 0))  # noqa: DTZ001


def test_epoch_minutes_count_from_1970_in_any_zone() -> None:
    assert epoch_minute(datetime(1970, 1, 1, 0, 1, tzinfo=UTC)) == 1
    assert epoch_minute(datetime(1969, 12, 31, 23, 59, tzinfo=UTC)) == -1
    assert epoch_minute(datetime(1969, 12, 31, 19, 0, tzinfo=CHICAGO)) == 60
    assert epoch_minute(datetime(2026, 11, 1, 1, 30, tzinfo=CHICAGO, fold=1)) == utc("2026-11-01T07:30")


@given(st.integers(-(10**6), 10**8))
def test_an_instant_comes_back_as_the_minute_it_was(minute: int) -> None:
    assert epoch_minute(instant(minute)) == ceil_minute(instant(minute)) == minute
    assert instant(minute).utcoffset() == datetime.now(UTC).utcoffset()


@pytest.mark.parametrize(
    ("text", "down", "up"),
    [
        ("2026-06-01T09:00:00", "2026-06-01T09:00", "2026-06-01T09:00"),
        ("2026-06-01T09:00:01", "2026-06-01T09:00", "2026-06-01T09:01"),
        ("2026-06-01T09:00:00.000001", "2026-06-01T09:00", "2026-06-01T09:01"),
        ("2026-06-01T09:00:59.999999", "2026-06-01T09:00", "2026-06-01T09:01"),
    ],
)
def test_seconds_are_cut_off_or_rounded_up(text: str, down: str, up: str) -> None:
    at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    assert epoch_minute(at) == utc(down)
    assert ceil_minute(at) == utc(up)


def test_parts_of_the_day_change_at_noon_and_at_five_on_the_wall() -> None:
    def part(hour: int, minute: int) -> str:
        return part_of_day(wall_to_minute(date(2026, 6, 1), hour * 60 + minute, CHICAGO), CHICAGO)

    assert [part(0, 0), part(11, 59)] == ["morning", "morning"]
    assert [part(12, 0), part(16, 59)] == ["afternoon", "afternoon"]
    assert [part(17, 0), part(23, 59)] == ["evening", "evening"]


def test_the_date_is_the_one_on_the_clinics_wall() -> None:
    late = utc("2026-06-02T03:30")  # 22:30 the evening before in Chicago
    assert local_date(late, CHICAGO) == date(2026, 6, 1)
    assert local_date(late, WARSAW) == date(2026, 6, 2)
