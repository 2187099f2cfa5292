"""What a visit costs this patient: a member's price, and treatments of the wallet in place of money (S33, P8)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic_portal.booking import actions, changes, drafts, fees, holds, queries
from clinic_portal.booking.invariants import broken
from clinic_portal.booking.models import AppointmentService
from clinic_portal.booking.types import CartLine, Visit
from clinic_portal.clinic import models as clinic
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.scheduling.availability import instant
from clinic_portal.wallet import lots
from clinic_portal.wallet import queries as wallet
from clinic_portal.wallet.types import EntryKind
from tests import factories
from tests.card_kit import Till, till
from tests.factories import SmallClinic, minute
from tests.member_kit import books, has_in_cart, has_lot, is_on_plan

FRIDAY = date(2026, 12, 4)


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def desk(services: Services) -> Till:
    return till(services)


@pytest.fixture
def me(made: SmallClinic) -> int:
    """A patient whose phone was proved at a visit before."""
    factories.booked(made, "earlier", date(2026, 11, 25), "10:00", "hair")
    return int(factories.patient(made.services).actor.patient_id)


def lines(made: SmallClinic, owner: str = "here") -> list[CartLine]:
    return list(made.services.ask(queries.draft, owner).lines)


def left(made: SmallClinic, lot_id: int) -> tuple[int, int]:
    """Free ones and reserved ones of a lot."""
    found = made.services.ask(wallet.lot, lot_id)
    assert found is not None
    return found.left, found.reserved


def cancels(made: SmallClinic, visit: Visit) -> None:
    fee = made.services.ask(changes.fee_minor, visit)
    made.services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=fee)


# ---- a member's price ------------------------------------------------------------------------------------------------


@pytest.mark.req("P8")
def test_a_member_sees_and_pays_their_own_price(made: SmallClinic, desk: Till, me: int) -> None:
    is_on_plan(made.services, me, 15)
    visit = books(made, desk, me, FRIDAY, "10:00", "facial")
    assert (visit.total_minor, visit.services[0].price_minor, visit.covered_minor) == (8075, 8075, 8075)
    (_, row) = factories.rows(made.services, AppointmentService)
    assert row.list_price_minor == 9500


@pytest.mark.req("P8")
def test_the_fee_of_a_late_cancellation_is_of_the_members_price(
    made: SmallClinic, desk: Till, clock: FixedClock, me: int
) -> None:
    is_on_plan(made.services, me, 50)
    visit = books(made, desk, me, FRIDAY, "10:00", "facial")
    clock.advance(visit.start_at - timedelta(hours=3) - clock.now())
    assert made.services.ask(changes.fee_minor, visit) == 2375


def test_what_a_guest_chose_before_they_signed_in_costs_them_less_without_a_second_look(
    made: SmallClinic, me: int
) -> None:
    is_on_plan(made.services, me, 10)
    made.services.do(drafts.add_service, "here", made["facial"])
    made.services.do(drafts.sign_in, "here", me)
    (line,) = lines(made)
    assert (line.price_minor, line.list_price_minor, line.is_repriced) == (8550, 9500, False)


def test_whoever_signs_out_has_everybodys_price_again_and_is_told(made: SmallClinic, me: int) -> None:
    is_on_plan(made.services, me, 10)
    has_in_cart(made, "here", me, "facial")
    made.services.do(drafts.sign_out, "here")
    (line,) = lines(made)
    assert (line.price_minor, line.is_repriced) == (9500, True)


@pytest.mark.parametrize("state", ["joining", "paused", "ended", "overdue"])
def test_who_is_no_member_now_pays_what_everybody_does(
    made: SmallClinic, clock: FixedClock, me: int, state: str
) -> None:
    now = clock.now()
    more = {"ended": {"ended_at": now}, "joining": {"started_at": None}, "overdue": {"grace_until_at": now}}
    is_on_plan(made.services, me, 10, state=state, **more.get(state, {}))
    has_in_cart(made, "here", me, "facial")
    assert lines(made)[0].price_minor == 9500


def test_an_overdue_member_has_their_price_within_the_grace(made: SmallClinic, clock: FixedClock, me: int) -> None:
    is_on_plan(made.services, me, 10, state="overdue", grace_until_at=clock.now() + timedelta(seconds=1))
    has_in_cart(made, "here", me, "facial")
    assert lines(made)[0].price_minor == 8550


def test_a_guest_who_types_a_members_address_pays_what_everybody_does(made: SmallClinic, me: int) -> None:
    is_on_plan(made.services, me, 10)
    has_lot(made, me)
    factories.visitor(made, "guest", "facial")
    (line,) = lines(made, "guest")
    assert (line.price_minor, line.offer) == (9500, None)


# ---- paid with the wallet --------------------------------------------------------------------------------------------


@pytest.mark.req("P8")
def test_a_treatment_of_the_wallet_is_offered_where_it_fits(made: SmallClinic, me: int) -> None:
    lot_id = has_lot(made, me, 2)
    has_in_cart(made, "here", me, "facial", "peel")
    offered = {line.service_id: line.offer and (line.offer.id, line.offer.left) for line in lines(made)}
    assert offered == {made["facial"]: (lot_id, 2), made["peel"]: None}


@pytest.mark.req("P8")
def test_one_of_a_category_pays_for_any_service_of_it_once(made: SmallClinic, me: int) -> None:
    has_lot(made, me, 1, category="injectables")
    has_in_cart(made, "here", me, "facial", "peel", uses=("facial",))
    facial, peel = lines(made)
    assert (facial.price_minor, peel.price_minor, peel.offer) == (0, 18000, None)


@pytest.mark.req("P8")
def test_what_is_booked_with_the_wallet_is_reserved_and_costs_nothing(made: SmallClinic, desk: Till, me: int) -> None:
    lot_id = has_lot(made, me, 2)
    visit = books(made, desk, me, FRIDAY, "10:00", "facial", uses=("facial",))
    assert (visit.total_minor, visit.prepaid, left(made, lot_id)) == (0, 1, (1, 1))
    assert desk.of_visit(visit.appointment_id) == ()  # nothing is asked of a card
    assert made.services.ask(broken) == []


def test_what_is_not_paid_with_the_wallet_is_secured_by_a_card_as_ever(made: SmallClinic, desk: Till, me: int) -> None:
    made.change(clinic.Service, "peel", deposit_minor=5000)
    has_lot(made, me, 1)
    visit = books(made, desk, me, FRIDAY, "10:00", "facial", "peel", uses=("facial",))
    assert (visit.total_minor, visit.covered_minor) == (18000, 18000)
    assert [one.amount_minor for one in desk.of_visit(visit.appointment_id)] == [5000]


@pytest.mark.req("P8")
def test_cancelled_in_time_it_goes_back_into_the_wallet(made: SmallClinic, desk: Till, me: int) -> None:
    lot_id = has_lot(made, me, 2)
    visit = books(made, desk, me, FRIDAY, "10:00", "facial", uses=("facial",))
    assert made.services.ask(fees.ending, visit, 0).items_back == 1
    cancels(made, visit)
    assert left(made, lot_id) == (2, 0)
    assert made.services.ask(fees.ended, visit).items_back == 1


@pytest.mark.req("P8")
def test_cancelled_late_it_counts_as_used(made: SmallClinic, desk: Till, clock: FixedClock, me: int) -> None:
    lot_id = has_lot(made, me, 2)
    visit = books(made, desk, me, FRIDAY, "10:00", "facial", uses=("facial",))
    clock.advance(visit.start_at - timedelta(hours=47) - clock.now())
    assert made.services.ask(fees.ending, visit, 0).items_kept == 1
    cancels(made, visit)
    assert left(made, lot_id) == (1, 0)
    assert made.services.ask(fees.ended, visit).items_kept == 1


def test_without_a_policy_it_goes_back_whenever_the_visit_is_cancelled(
    made: SmallClinic, desk: Till, clock: FixedClock, me: int
) -> None:
    made.change(clinic.Service, "facial", policy_rule="none")
    lot_id = has_lot(made, me, 1)
    visit = books(made, desk, me, FRIDAY, "10:00", "facial", uses=("facial",))
    clock.advance(visit.start_at - timedelta(minutes=1) - clock.now())
    cancels(made, visit)
    assert left(made, lot_id) == (1, 0)


def test_a_visit_missed_uses_it_up(made: SmallClinic, desk: Till, clock: FixedClock, me: int) -> None:
    lot_id = has_lot(made, me, 1)
    visit = books(made, desk, me, FRIDAY, "10:00", "facial", uses=("facial",))
    clock.advance(visit.start_at + timedelta(hours=1) - clock.now())
    owner = factories.staff(made.services, "owner").actor
    made.services.do(fees.charge_noshow, owner, visit.appointment_id, shown_fee_minor=0)
    assert left(made, lot_id) == (0, 0)


def test_a_treatment_used_elsewhere_meanwhile_books_nothing(made: SmallClinic, me: int) -> None:
    lot_id = has_lot(made, me, 1)
    has_in_cart(made, "here", me, "facial", uses=("facial",))
    for verb in (drafts.agree_to_visit, lambda work, owner: drafts.choose_provider(work, owner, None)):
        made.services.do(verb, "here")
    made.services.do(holds.hold, "here", minute(FRIDAY, "10:00"))
    made.services.do(lots.take, EntryKind.USED, me, lot_id, 1, key="x", actor="staff:1")
    with pytest.raises(Conflict, match="price_changed"):
        made.services.do(actions.book, "here", accepted_policy_id=made["policy"], patient_id=me)


def test_an_expired_treatment_is_neither_offered_nor_used(made: SmallClinic, clock: FixedClock, me: int) -> None:
    has_lot(made, me, 1, expires_at=clock.now() + timedelta(hours=1))
    has_in_cart(made, "here", me, "facial", uses=("facial",))
    clock.advance(timedelta(hours=1))
    (line,) = lines(made)
    assert (line.lot, line.offer, line.price_minor, line.is_repriced) == (None, None, 9500, True)


def test_a_treatment_must_be_good_on_the_day_of_its_visit(made: SmallClinic, me: int) -> None:
    last_second = instant(minute(FRIDAY, "10:00"))
    has_lot(made, me, 1, expires_at=last_second)
    has_in_cart(made, "here", me, "facial", uses=("facial",))
    made.services.do(drafts.agree_to_visit, "here")
    made.services.do(drafts.choose_provider, "here", None)
    with pytest.raises(Conflict, match="item_expires"):
        made.services.do(holds.hold, "here", minute(FRIDAY, "10:00"))
    made.services.do(holds.hold, "here", minute(FRIDAY, "09:45"))
    assert lines(made)[0].lot is not None


def test_one_that_ends_before_the_time_that_is_held_is_not_offered(made: SmallClinic, me: int) -> None:
    has_lot(made, me, 1, expires_at=instant(minute(FRIDAY, "09:00")))
    has_in_cart(made, "here", me, "facial")
    made.services.do(drafts.agree_to_visit, "here")
    made.services.do(drafts.choose_provider, "here", None)
    made.services.do(holds.hold, "here", minute(FRIDAY, "10:00"))
    assert lines(made)[0].offer is None
    with pytest.raises(Conflict, match="item_gone"):
        made.services.do(drafts.use_item, "here", made["facial"], is_used=True)


def test_a_visit_is_not_moved_beyond_the_day_of_what_pays_it(made: SmallClinic, desk: Till, me: int) -> None:
    has_lot(made, me, 1, expires_at=instant(minute(date(2026, 12, 6), "00:00")))
    visit = books(made, desk, me, FRIDAY, "10:00", "facial", uses=("facial",))
    with pytest.raises(Conflict, match="item_expires"):
        made.services.do(changes.move, me, visit.reference, minute(date(2026, 12, 7), "10:00"))
    moved = made.services.do(changes.move, me, visit.reference, minute(date(2026, 12, 5), "10:00"))
    assert moved == instant(minute(date(2026, 12, 5), "10:00"))


def test_paying_for_it_after_all_takes_nothing_from_the_wallet(made: SmallClinic, desk: Till, me: int) -> None:
    lot_id = has_lot(made, me, 1)
    has_in_cart(made, "here", me, "facial", uses=("facial",))
    made.services.do(drafts.use_item, "here", made["facial"], is_used=False)
    assert [(line.price_minor, line.is_repriced) for line in lines(made)] == [(9500, False)]
    assert left(made, lot_id) == (1, 0)


@pytest.mark.parametrize("slug", ["peel", "hair"])
def test_nothing_is_used_for_a_service_it_does_not_fit_or_that_is_not_chosen(
    made: SmallClinic, me: int, slug: str
) -> None:
    has_lot(made, me, 1)
    has_in_cart(made, "here", me, "peel")
    with pytest.raises((Conflict, NotAllowed)):
        made.services.do(drafts.use_item, "here", made[slug], is_used=True)


def test_another_patients_wallet_pays_for_nothing_of_mine(made: SmallClinic, me: int) -> None:
    other = factories.patient(made.services, "other@example.org", phone="+15125550143").actor.patient_id
    has_lot(made, other, 1)
    has_in_cart(made, "here", me, "facial")
    assert lines(made)[0].offer is None
