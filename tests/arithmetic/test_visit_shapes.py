"""What a visit occupies, from the services booked."""

import pytest

from clinic_portal.scheduling.availability import ServiceShape, VisitShape, visit_shape


def test_one_service_occupies_its_time_and_its_buffers() -> None:
    shape = visit_shape([ServiceShape(30, 5, 10, pool_ids=(7,))])
    assert shape == VisitShape(30, ((-5, 40),), ((7, -5, 40),))
    assert shape.padded == (-5, 40)


@pytest.mark.req("S69")
def test_several_services_are_one_contiguous_sum_with_buffers_only_at_the_ends() -> None:
    shape = visit_shape([ServiceShape(30, 5, 10), ServiceShape(20, 15, 25), ServiceShape(10, 3, 7)])
    assert shape == VisitShape(60, ((-5, 67),), ())


@pytest.mark.req("S69")
@pytest.mark.req("P9")
def test_a_pool_is_needed_from_the_first_to_the_last_service_that_needs_it_with_their_clean_up() -> None:
    shape = visit_shape(
        [
            ServiceShape(30, 1, 2, pool_ids=(8,)),
            ServiceShape(20, 3, 4, pool_ids=(9,)),
            ServiceShape(10, 5, 6, pool_ids=(8,)),
            ServiceShape(40, 7, 8),
        ]
    )
    assert shape.duration_minutes == 100
    assert shape.provider_spans == ((-1, 108),)
    assert shape.pool_spans == ((8, -1, 66), (9, 27, 54))


@pytest.mark.req("P9")
def test_a_pool_named_twice_by_a_service_is_needed_once() -> None:
    assert visit_shape([ServiceShape(30, pool_ids=(8, 8))]).pool_spans == ((8, 0, 30),)


@pytest.mark.req("P9")
def test_processing_time_splits_the_provider_and_not_the_room() -> None:
    colour = ServiceShape(60, 5, 10, processing_offset_minutes=20, processing_minutes=30, pool_ids=(8,))
    shape = visit_shape([colour])
    assert shape.provider_spans == ((-5, 20), (50, 70))
    assert shape.pool_spans == ((8, -5, 70),)
    assert shape.padded == (-5, 70)


def test_processing_time_falls_where_its_service_does_in_the_visit() -> None:
    shape = visit_shape([ServiceShape(15), ServiceShape(60, 0, 0, 20, 30), ServiceShape(15, 0, 5)])
    assert shape.provider_spans == ((0, 35), (65, 95))


def test_processing_time_at_an_edge_leaves_no_empty_stretch() -> None:
    assert visit_shape([ServiceShape(60, processing_minutes=20)]).provider_spans == ((20, 60),)
    assert visit_shape([ServiceShape(60, 0, 0, 40, 20)]).provider_spans == ((0, 40),)
    assert visit_shape([ServiceShape(60, 0, 5, 40, 20)]).provider_spans == ((0, 40), (60, 65))
    assert visit_shape([ServiceShape(60, processing_minutes=20)]).padded == (0, 60)


@pytest.mark.parametrize(
    "services",
    [
        [],
        [ServiceShape(0)],
        [ServiceShape(30, -1)],
        [ServiceShape(30, 0, -1)],
        [ServiceShape(30, 0, 0, -1, 5)],
        [ServiceShape(30, 0, 0, 5, -1)],
        [ServiceShape(30, 0, 0, 20, 11)],
        [ServiceShape(30), ServiceShape(-5)],
    ],
    ids=str,
)
def test_lengths_that_make_no_sense_are_refused(services: list[ServiceShape]) -> None:
    with pytest.raises(ValueError, match=r"visit|service|length"):
        visit_shape(services)
