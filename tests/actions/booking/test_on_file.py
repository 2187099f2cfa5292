"""A member's cards on file, with the visits they are kept for; and what moves with a profile (S32)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic_portal.booking import actions, changes, holds, on_file, queries
from clinic_portal.booking.models import Appointment
from clinic_portal.clinic import models as clinic
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.memberships import actions as memberships
from clinic_portal.patients.models import ProfileClaim
from clinic_portal.patients.queries import claim as claim_sheet
from clinic_portal.payments import cards
from clinic_portal.payments import queries as payments
from clinic_portal.payments.models import Payment
from clinic_portal.payments.ports import GatewayCard
from clinic_portal.payments.types import State
from clinic_portal.wallet.queries import kept_for
from tests import factories
from tests.card_kit import VISA, Till, till
from tests.factories import SmallClinic, booked, patient, rows, staff

pytestmark = pytest.mark.req("S32")
FRIDAY, TUESDAY = date(2026, 12, 4), date(2026, 12, 1)
MASTER = "5555555555554444"


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def desk(services: Services) -> Till:
    return till(services)


@pytest.fixture
def amara(made: SmallClinic) -> int:
    """A patient who is a member."""
    whose: int = patient(made.services).actor.patient_id
    enrols(made.services, whose)
    return whose


def enrols(services: Services, patient_id: int) -> None:
    services.do(memberships.enrol, staff(services, "owner").actor, patient_id)


def adds(desk: Till, patient_id: int, number: str = VISA) -> int:
    """A member who goes to the gateway's page, gives a card and comes back; the card's id."""
    page = desk.cashier.add_card(patient_id).rpartition("/")[2]
    desk.gateway.pay(page, number, authenticated=True)
    paid = desk.cashier.card_returned(patient_id)
    assert paid is not None
    assert paid.card_id is not None
    return paid.card_id


def refusals(services: Services, patient_id: int) -> dict[str, str | None]:
    """Why each card is kept, by its last digits."""
    found = services.ask(on_file.of_member, patient_id)
    return {one.card.last_four: one.kept.code if one.kept else None for one in found}


def booked_card(desk: Till, patient_id: int) -> int:
    """The newest card of a patient."""
    return max(one.card.id for one in desk.services.ask(on_file.of_member, patient_id))


def test_a_member_adds_a_card_on_the_gateways_page(desk: Till, amara: int) -> None:
    added = adds(desk, amara)
    [kept] = desk.services.ask(on_file.of_member, amara)
    assert (kept.card.id, kept.card.last_four, kept.card.is_default, kept.kept) == (added, "4242", True, None)


def test_two_tabs_that_add_a_card_are_sent_to_one_page(desk: Till, amara: int) -> None:
    assert desk.cashier.add_card(amara) == desk.cashier.add_card(amara)


def test_a_member_whom_the_gateway_has_forgotten_is_somebody_new_to_it(desk: Till, amara: int) -> None:
    gone = GatewayCard("pm_gone", "cus_gone", "print", "visa", "1111", 12, 2030)
    desk.services.do(cards.keep, "sandbox", amara, gone)
    added = adds(desk, amara, MASTER)
    assert {one.card.id for one in desk.services.ask(on_file.of_member, amara)} >= {added}


def test_a_page_that_ended_is_followed_by_a_new_one(desk: Till, amara: int, clock: FixedClock) -> None:
    first = desk.cashier.add_card(amara)
    clock.advance(timedelta(minutes=40))
    assert desk.cashier.add_card(amara) != first


def test_a_page_that_was_left_saves_nothing(desk: Till, amara: int, clock: FixedClock) -> None:
    desk.cashier.add_card(amara)
    paid = desk.cashier.card_returned(amara)
    assert paid is not None
    assert paid.state is State.OPEN
    clock.advance(timedelta(minutes=40))
    desk.cashier.tend()
    assert [one.state for one in rows(desk.services, Payment)] == ["expired"]
    assert desk.services.ask(on_file.of_member, amara) == ()


def test_for_one_who_is_no_member_there_are_no_cards(made: SmallClinic, desk: Till) -> None:
    visit = booked(made, "browser", FRIDAY, "10:00", "botox")
    card = desk.of_visit(visit.appointment_id)[0].card_id
    for verb in (on_file.make_default, on_file.remove):
        with pytest.raises(NotAllowed):
            desk.services.do(verb, visit.patient_id, card)
    with pytest.raises(NotAllowed):
        desk.services.ask(on_file.of_member, visit.patient_id)
    with pytest.raises(NotAllowed):
        desk.cashier.add_card(visit.patient_id)


def test_one_whose_membership_ended_sees_their_cards_no_more(desk: Till, amara: int) -> None:
    adds(desk, amara)
    desk.services.do(memberships.end, staff(desk.services, "owner").actor, amara)
    with pytest.raises(NotAllowed):
        desk.services.ask(on_file.of_member, amara)


def test_anothers_card_is_neither_made_the_first_nor_removed(made: SmallClinic, desk: Till, amara: int) -> None:
    other = patient(made.services, "bob@example.org", phone="+15125550177").actor.patient_id
    enrols(made.services, other)
    theirs = adds(desk, other, MASTER)
    adds(desk, amara)
    for verb in (on_file.make_default, on_file.remove):
        with pytest.raises(NotAllowed):
            desk.services.do(verb, amara, theirs)
    assert refusals(made.services, other) == {"4444": None}


def test_a_card_a_coming_visit_was_booked_with_is_kept(made: SmallClinic, desk: Till, amara: int) -> None:
    booked(made, "browser", FRIDAY, "10:00", "botox")
    adds(desk, amara, MASTER)
    assert refusals(made.services, amara) == {"4242": "card_kept", "4444": None}
    visa = next(one.card.id for one in made.services.ask(on_file.of_member, amara) if one.card.last_four == "4242")
    with pytest.raises(Conflict, match="card_kept") as refusal:
        made.services.do(on_file.remove, amara, visa)
    assert refusal.value.facts == {"on": FRIDAY}


def test_a_card_saved_again_is_still_the_one_a_visit_was_booked_with(made: SmallClinic, desk: Till, amara: int) -> None:
    booked(made, "browser", FRIDAY, "10:00", "botox")
    adds(desk, amara, VISA)
    adds(desk, amara, MASTER)
    assert refusals(made.services, amara) == {"4242": "card_kept", "4444": None}


def test_the_last_card_is_kept_for_a_coming_visit_that_was_booked_with_another(
    made: SmallClinic, desk: Till, amara: int
) -> None:
    visit = booked(made, "browser", FRIDAY, "10:00", "botox")
    with_card = desk.of_visit(visit.appointment_id)[0].card_id
    assert with_card is not None
    adds(desk, amara, MASTER)
    method = made.services.ask(payments.card, with_card)
    assert method is not None
    desk.gateway.forget_card(method.method_id)
    made.services.do(cards.detached, method.method_id)
    assert refusals(made.services, amara) == {"4444": "card_kept_last"}
    with pytest.raises(Conflict, match="card_kept_last"):
        made.services.do(on_file.remove, amara, booked_card(desk, amara))


def test_the_last_card_may_go_where_no_policy_was_accepted(made: SmallClinic, desk: Till, amara: int) -> None:
    made.change(clinic.PolicyVersion, "policy", is_in_force=False)
    factories.visitor(made, "browser", "botox")
    made.services.do(holds.hold, "browser", factories.minute(FRIDAY, "10:00"))
    desk.books("browser", None)
    card = adds(desk, amara)
    made.services.do(on_file.remove, amara, card)
    assert refusals(made.services, amara) == {}


def test_once_the_visit_is_cancelled_in_time_its_card_may_go(made: SmallClinic, desk: Till, amara: int) -> None:
    visit = booked(made, "browser", FRIDAY, "10:00", "botox")
    made.services.do(changes.cancel, amara, visit.reference, shown_fee_minor=0)
    made.services.do(on_file.remove, amara, booked_card(desk, amara))
    assert refusals(made.services, amara) == {}


def test_a_card_is_kept_while_a_fee_is_under_way_on_it(
    made: SmallClinic, desk: Till, amara: int, clock: FixedClock
) -> None:
    visit = booked(made, "browser", TUESDAY, "10:00", "botox")
    clock.advance(timedelta(days=7))
    made.services.do(changes.cancel, amara, visit.reference, shown_fee_minor=12000)
    assert refusals(made.services, amara) == {"4242": "card_kept_fee"}
    adds(desk, amara, VISA)
    assert refusals(made.services, amara) == {"4242": "card_kept_fee"}
    [fee] = [one for one in desk.of_visit(visit.appointment_id) if one.purpose == "cancellation_fee"]
    assert desk.cashier.charge(fee.id).state is State.PAID
    made.services.do(on_file.remove, amara, booked_card(desk, amara))


def test_after_a_visit_its_card_is_kept_for_a_day_in_case_it_was_missed(
    made: SmallClinic, desk: Till, amara: int, clock: FixedClock
) -> None:
    visit = booked(made, "browser", TUESDAY, "10:00", "botox")
    end_at = made.services.ask(queries.visit, visit.appointment_id).end_at
    clock.advance(end_at - clock.now())
    assert refusals(made.services, amara) == {"4242": "card_kept_after"}
    clock.advance(timedelta(days=1))
    assert refusals(made.services, amara) == {"4242": None}


def test_a_visit_that_took_place_keeps_no_card(made: SmallClinic, amara: int, clock: FixedClock) -> None:
    visit = booked(made, "browser", TUESDAY, "10:00", "botox")

    def fulfil(work: object) -> None:
        work.session.get_one(Appointment, visit.appointment_id).status = "fulfilled"  # type: ignore[attr-defined]

    made.services.do(fulfil)
    clock.advance(timedelta(days=8, hours=2))
    assert refusals(made.services, amara) == {"4242": None}


def test_staff_who_see_payments_see_the_cards_of_anyone(made: SmallClinic) -> None:
    visit = booked(made, "browser", FRIDAY, "10:00", "botox", provider="maya")
    seen = made.services.ask(on_file.for_staff, staff(made.services, "front_desk").actor, visit.patient_id)
    assert [one.last_four for one in seen] == ["4242"]


@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_staff_who_may_not_see_payments_see_no_cards(made: SmallClinic, amara: int, role: str) -> None:
    with pytest.raises(NotAllowed):
        made.services.ask(on_file.for_staff, staff(made.services, role).actor, amara)


def test_a_booking_that_was_kept_apart_brings_its_money_its_card_and_its_membership(
    made: SmallClinic, desk: Till
) -> None:
    made.change(clinic.Service, "facial", deposit_minor=3000)
    first = booked(made, "one", FRIDAY, "10:30", "botox")
    apart = booked(made, "two", FRIDAY, "13:00", "facial", phone="+15125550199")
    assert apart.patient_id != first.patient_id
    enrols(made.services, apart.patient_id)
    [claim] = rows(made.services, ProfileClaim)
    made.services.do(actions.answer_claim, made.services.ask(claim_sheet, claim.id).token, is_mine=True)
    paid = made.services.ask(payments.of_patient, first.patient_id)
    assert {one.appointment_id for one in paid} == {first.appointment_id, apart.appointment_id}
    assert made.services.ask(payments.of_patient, apart.patient_id) == ()
    assert made.services.ask(kept_for, apart.appointment_id) == 3000
    assert made.services.ask(memberships.is_member, first.patient_id)
    assert set(refusals(made.services, first.patient_id).values()) == {"card_kept"}


def test_a_late_cancellation_charges_the_card_that_came_along(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    booked(made, "one", FRIDAY, "10:30", "botox")
    factories.visitor(made, "two", "facial", phone="+15125550199")
    made.services.do(holds.hold, "two", factories.minute(TUESDAY, "13:00"))
    apart = desk.books("two", made["policy"], MASTER)
    [claim] = rows(made.services, ProfileClaim)
    made.services.do(actions.answer_claim, made.services.ask(claim_sheet, claim.id).token, is_mine=True)
    clock.advance(timedelta(days=7))
    visit = made.services.ask(queries.visit, apart.appointment_id)
    made.services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=4750)
    [fee] = [one for one in desk.of_visit(apart.appointment_id) if one.purpose == "cancellation_fee"]
    assert desk.cashier.charge(fee.id).state is State.PAID
    assert fee.card_id is not None
    charged = made.services.ask(payments.card, fee.card_id)
    assert charged is not None
    assert charged.last_four == "4444"
