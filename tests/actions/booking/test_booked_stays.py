"""A service changes its name, price, length, buffers and deposit: what is booked stays as it was when it was booked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic_portal.booking import changes, visit_receipts
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import editing
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.scheduling import models as scheduling
from tests import factories
from tests.card_kit import Till, till
from tests.factories import SmallClinic, minute, rows
from tests.fees_kit import asks_deposit, cancels_late, deposit_of, has_booked, misses
from tests.visits_kit import at_desk, begins, checks_in, checks_out, now_of

DAY = date(2026, 12, 7)
NEW = {
    "name": "Botox deluxe",
    "price_minor": "500",
    "duration_minutes": "90",
    "buffer_before_minutes": "15",
    "buffer_after_minutes": "30",
    "deposit_minor": "250",
}
"""Of a service that was $240 and 45 minutes, with five to clean up and a deposit of $50."""


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def desk(services: Services) -> Till:
    return till(services)


@pytest.fixture
def visit(made: SmallClinic, desk: Till) -> Visit:
    """Booked with a deposit, before its service became another in all but number."""
    asks_deposit(made)
    found = has_booked(made, desk)
    owner = factories.staff(made.services).actor
    shelf = made.services.do(editing.add, owner, "category", {"name": "Luxury", "description": ""})
    made.services.do(editing.change, owner, "service", made["botox"], NEW, category_id=shelf)
    made.services.do(editing.link, owner, "service_pool", made["botox"], [made["laser"]])
    return found


def occupied(made: SmallClinic, visit: Visit) -> list[tuple[int, int, int]]:
    """What the visit keeps: kind, first and last minute, counted from its start."""
    start = int(visit.start_at.timestamp()) // 60
    return sorted(
        (one.subject_kind, one.start_minute - start, one.end_minute - start)
        for one in rows(made.services, scheduling.Occupancy)
        if one.appointment_id == visit.appointment_id and one.is_blocking
    )


@pytest.mark.req("P15")
def test_a_booked_visit_keeps_name_length_price_and_what_it_occupies(made: SmallClinic, visit: Visit) -> None:
    assert now_of(made.services, visit) == visit
    (service,) = visit.services
    assert (service.name, service.duration_minutes, service.price_minor) == ("Botox — forehead", 45, 24000)
    assert occupied(made, visit) == [(scheduling.PROVIDER, 0, 50), (scheduling.UNIT, 0, 50)]


@pytest.mark.req("S59")
def test_a_moved_visit_keeps_name_length_and_price_and_is_cleaned_up_after_as_one_is_today(
    made: SmallClinic, visit: Visit
) -> None:
    made.services.do(changes.move, visit.patient_id, visit.reference, minute(DAY, "14:00"))
    moved = now_of(made.services, visit)
    assert moved.end_at - moved.start_at == timedelta(minutes=45)
    assert (moved.services, moved.total_minor, moved.covered_minor) == (visit.services, 24000, 24000)
    assert occupied(made, moved) == [(scheduling.PROVIDER, -15, 75), (scheduling.UNIT, -15, 75)]


@pytest.mark.req("P6")
def test_its_deposit_stays_what_was_paid(made: SmallClinic, desk: Till, visit: Visit) -> None:
    assert deposit_of(desk, visit).amount_minor == 5000


@pytest.mark.req("S56")
def test_a_late_cancellation_costs_its_share_of_the_price_that_was_booked(
    desk: Till, clock: FixedClock, visit: Visit
) -> None:
    assert cancels_late(desk, clock, visit).amount_minor == 12000 - 5000, "half of $240; the deposit counts"


@pytest.mark.req("P5")
def test_a_missed_visit_costs_its_share_of_the_price_that_was_booked(
    desk: Till, clock: FixedClock, visit: Visit
) -> None:
    assert misses(desk, clock, visit, fee_minor=12000).amount_minor == 12000 - 5000


@pytest.mark.req("P6")
@pytest.mark.req("P8")
def test_check_out_and_receipt_are_by_the_price_and_name_that_were_booked(
    made: SmallClinic, clock: FixedClock, visit: Visit
) -> None:
    begins(clock, visit)
    checks_in(made.services, visit)
    assert [(one.name, one.price_minor) for one in at_desk(made.services, visit).visit.services] == [
        ("Botox — forehead", 24000)
    ]
    paid = checks_out(made.services, visit).sums
    assert (paid.total_minor, paid.deposit_minor, paid.desk_minor) == (24000, 5000, 19000)
    receipt = made.services.ask(visit_receipts.own, visit.patient_id, visit.reference)
    told = str(visit_receipts.told(receipt))
    assert "Botox — forehead" in told
    assert "deluxe" not in told


@pytest.mark.req("S72")
def test_a_visit_of_a_service_that_is_switched_off_is_checked_out_like_any(
    made: SmallClinic, clock: FixedClock, visit: Visit
) -> None:
    owner = factories.staff(made.services).actor
    made.services.do(editing.switch, owner, "service", made["botox"], is_active=False)
    begins(clock, visit)
    checks_in(made.services, visit)
    assert checks_out(made.services, visit).sums.total_minor == 24000
