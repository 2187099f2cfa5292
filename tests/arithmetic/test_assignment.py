"""Who takes a visit asked of "first available"."""

import pytest

from clinic_portal.scheduling.availability import ProviderDay, assign_provider, free_starts, merged_starts
from tests.arithmetic.builders import at, provider, rules, times, visit


def assigned(*days: ProviderDay, start: str = "10:00", before: int = 0, after: int = 0) -> int | None:
    return assign_provider(at(start), visit(30, before, after), days, {}, rules())


@pytest.mark.req("S71")
def test_first_available_offers_the_union_and_knows_who_is_free() -> None:
    offered = merged_starts({2: times("09:00", "10:00"), 1: times("09:30", "10:00"), 3: []})
    assert list(offered.items()) == [(at("09:00"), (2,)), (at("09:30"), (1,)), (at("10:00"), (1, 2))]


@pytest.mark.req("S71")
def test_the_one_with_the_fewest_minutes_booked_that_day_is_assigned() -> None:
    anna = provider(provider_id=1, booked_minutes=60, last_booked=None)
    bert = provider(provider_id=2, booked_minutes=59, last_booked=at("09:00"))
    assert assigned(anna, bert) == 2


@pytest.mark.req("S71")
def test_at_equal_minutes_the_least_recently_booked_is_assigned() -> None:
    anna = provider(provider_id=1, booked_minutes=60, last_booked=at("09:00"))
    bert = provider(provider_id=2, booked_minutes=60, last_booked=at("08:59"))
    assert assigned(anna, bert) == 2


@pytest.mark.req("S71")
@pytest.mark.parametrize("ever", [at("09:00"), 0, -5])
def test_who_was_never_booked_goes_before_who_was(ever: int) -> None:
    assert assigned(provider(provider_id=1, last_booked=ever), provider(provider_id=2)) == 2


@pytest.mark.req("S71")
def test_at_equal_turns_the_lowest_id_is_assigned_whatever_the_order() -> None:
    days = [provider(provider_id=n) for n in (3, 1, 2)]
    assert assigned(*days) == 1
    assert assigned(*reversed(days)) == 1


@pytest.mark.req("S71")
def test_only_who_is_free_for_the_whole_padded_visit_is_assigned() -> None:
    idle = provider(provider_id=1, busy="10:30-11:00")
    worked = provider(provider_id=2, booked_minutes=300)
    assert assigned(idle, worked) == 1
    assert assigned(idle, worked, after=1) == 2
    early = provider(provider_id=1, busy="09:00-10:00")
    assert assigned(early, worked, before=1) == 2


@pytest.mark.req("S71")
def test_nobody_is_assigned_when_nobody_is_free() -> None:
    assert assigned(provider(busy="10:15-10:20"), provider(provider_id=2, hours="11:00-12:00")) is None
    assert assigned() is None


@pytest.mark.req("S71")
@pytest.mark.req("B1")
def test_a_start_is_listed_for_first_available_exactly_when_someone_can_be_assigned() -> None:
    days = [
        provider("09:00-12:00", "09:30-10:15", provider_id=1),
        provider("09:10-11:10", "10:00-10:20", provider_id=2),
    ]
    shape = visit(30, 0, 5)
    offered = merged_starts({day.provider_id: free_starts(shape, day, {}, rules()) for day in days})
    assert offered, "or the rest would prove nothing"
    for start in range(at("08:30"), at("12:30")):
        who = assign_provider(start, shape, days, {}, rules())
        assert who in offered.get(start, (None,))
