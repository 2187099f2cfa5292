"""Joining a plan: the agreement is signed, the first period paid, and the wallet has what it brings (P8, S3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_portal.booking.invariants import broken
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.forms import requests
from clinic_portal.memberships import actions, changing, joining, queries, telling
from clinic_portal.memberships.models import Membership
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import SubscriptionStatus
from clinic_portal.payments.types import State
from clinic_portal.wallet import queries as wallet
from clinic_portal.web.portal.member_facts import facts
from tests.card_kit import DECLINED, VISA
from tests.factories import patient, rows, small_clinic, staff
from tests.membership_kit import MONTH, Desk, agreement, desk, next_version, plan

pytestmark = [pytest.mark.req("S3"), pytest.mark.req("P8")]


@pytest.fixture
def front(services: Services, clock: FixedClock) -> Desk:
    return desk(small_clinic(services), clock)


@pytest.fixture
def amara(front: Desk) -> int:
    found: int = patient(front.services).actor.patient_id
    return found


def refused(front: Desk, verb: object, *given: object) -> str:
    with pytest.raises(Conflict) as refusal:
        front.services.do(verb, *given)  # type: ignore[arg-type]
    return refusal.value.code


def test_a_patient_signs_pays_and_is_a_member(front: Desk, amara: int) -> None:
    glow = plan(front.made, agreement_id=agreement(front.made), setup_fee_minor=5000)
    mine = front.joins(amara, glow)
    assert (mine.state, mine.plan and mine.plan.id, mine.is_told) == ("active", glow, True)
    assert mine.document_id is not None
    assert (mine.period_from_at, mine.period_until_at) == (front.clock.now(), front.clock.now().replace(month=12))
    assert front.services.ask(actions.is_member, amara)
    found = front.services.ask(queries.benefits, amara)
    assert found is not None
    assert found.discount_percent == 10
    assert front.events(mine.id) == ["membership.started"]
    assert front.services.ask(broken) == []


def test_the_first_period_is_one_payment_of_fee_and_set_up(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made, setup_fee_minor=5000))
    front.works()
    (paid,) = front.services.ask(payments.of_membership, mine.id)
    assert (paid.state, paid.amount_minor, paid.captured_minor) == (State.PAID, 14900, 14900)
    (period,) = front.services.ask(queries.periods, mine.id)
    assert (period.state, period.payment_id, period.amount_minor) == ("paid", paid.id, 14900)
    (card,) = front.services.ask(payments.cards_of, amara, account="sandbox")
    assert (card.is_default, card.last_four, paid.card_id) == (True, "4242", card.id)


@pytest.mark.parametrize("names", [True, False])
def test_the_gateway_hears_a_plans_name_only_where_e_mails_name_treatments(
    front: Desk, amara: int, names: bool
) -> None:
    front.made.settings(email_names_services=names)
    mine = front.joins(amara, plan(front.made, "Botox Club"))
    front.passes(MONTH)
    paid = front.services.ask(payments.of_membership, mine.id)
    called = {front.services.ask(telling.terms_of_page, paid[0]).plan, *(one.item for one in paid)}
    front.services.do(changing.change_plan, amara, plan(front.made, "Filler Club"))
    wanted = front.services.ask(telling.wanted, mine.id)
    assert wanted is not None
    assert wanted.wishes is not None
    assert called | {wanted.wishes.terms.plan} == ({"Botox Club", "Filler Club"} if names else {"Membership"})


def test_what_a_period_brings_is_in_the_wallet_once(front: Desk, amara: int) -> None:
    brings = [{"service_id": front.made["facial"], "count": 2}, {"credit_minor": 2500}]
    mine = front.joins(amara, plan(front.made, brings=brings))
    for _ in range(3):
        front.subscriptions.sync(mine.id)
        front.subscriptions.returned(amara)
    facials, credit = sorted(front.services.ask(wallet.lots, amara), key=lambda one: one.unit == "USD")
    assert (facials.granted, facials.left, facials.expires_at, facials.worth_minor) == (2, 2, None, 19000)
    assert (credit.granted, front.services.ask(wallet.credit, amara)) == (2500, {"USD": 2500})


@pytest.mark.req("S34")
@pytest.mark.parametrize("is_shown", [True, False])
def test_what_is_left_is_on_the_page_only_where_patients_see_their_wallet(
    front: Desk, amara: int, is_shown: bool
) -> None:
    front.made.settings(is_wallet_shown=is_shown)
    front.joins(amara, plan(front.made))
    member = front.services.ask(facts, amara).member
    assert member is not None
    assert (member.has_wallet, [one.what for one in member.left]) == (
        is_shown,
        ["1 × Hydrating facial"] if is_shown else [],
    )


@pytest.mark.req("B1")
def test_what_is_not_banked_ends_with_the_day_its_period_ends_on(front: Desk, amara: int) -> None:
    front.joins(amara, plan(front.made, is_banked=False))
    (lot,) = front.services.ask(wallet.lots, amara)
    assert lot.expires_at is not None
    assert lot.expires_at.isoformat() == "2026-12-24T06:00:00+00:00"  # midnight in Chicago


def test_one_who_joins_is_no_member_until_it_is_paid(front: Desk, amara: int) -> None:
    front.begins(amara, plan(front.made, agreement_id=agreement(front.made)))
    assert not front.services.ask(actions.is_member, amara)
    assert front.services.ask(queries.benefits, amara) is None
    assert front.of(amara).state == "joining"
    page = front.goes_to_page(amara)
    front.gateway.pay(page, DECLINED)
    found = front.subscriptions.returned(amara)
    assert found is not None
    assert (found.state, front.services.ask(wallet.lots, amara)) == ("joining", ())


def test_nothing_is_paid_without_the_signed_agreement(front: Desk, amara: int) -> None:
    membership_id = front.services.do(joining.begin, amara, plan(front.made, agreement_id=agreement(front.made)))
    with pytest.raises(Conflict, match="agreement_unsigned"):
        front.subscriptions.open_page(amara)
    assert front.services.ask(payments.of_membership, membership_id) == ()


def test_what_was_signed_for_an_earlier_membership_does_not_count(front: Desk, amara: int) -> None:
    glow = plan(front.made, agreement_id=agreement(front.made))
    front.begins(amara, glow)
    front.services.do(joining.drop, amara)
    membership_id = front.services.do(joining.begin, amara, glow)
    assert front.services.ask(joining.signed, membership_id) is None


def test_an_agreement_that_changed_meanwhile_is_signed_anew(front: Desk, amara: int) -> None:
    glow = plan(front.made, agreement_id=agreement(front.made))
    membership_id = front.begins(amara, glow)
    agreement(front.made, title="Membership agreement, revised")
    with pytest.raises(Conflict, match="agreement_unsigned"):
        front.subscriptions.open_page(amara)
    assert front.services.do(joining.begin, amara, glow) == membership_id
    front.signs(amara, membership_id)
    assert front.subscriptions.open_page(amara)


def test_another_plan_takes_the_place_of_the_one_being_joined(front: Desk, amara: int) -> None:
    glow, shine = plan(front.made, agreement_id=agreement(front.made)), plan(front.made, "Shine")
    membership_id = front.services.do(joining.begin, amara, glow)
    assert front.services.do(joining.begin, amara, shine) == membership_id
    assert front.services.ask(requests.of_patient, amara) == []
    assert len(rows(front.services, Membership)) == 1
    assert front.services.ask(joining.agreement, membership_id) is None


def test_a_page_for_another_plan_is_ended_before_the_next_is_opened(front: Desk, amara: int) -> None:
    front.begins(amara, plan(front.made))
    first = front.goes_to_page(amara)
    front.begins(amara, plan(front.made, "Shine", fee_minor=4900))
    assert front.goes_to_page(amara) != first
    assert front.gateway.pay(first, VISA).step == "expired"


def test_a_page_is_gone_on_with_in_another_tab(front: Desk, amara: int) -> None:
    front.begins(amara, plan(front.made))
    assert front.goes_to_page(amara) == front.goes_to_page(amara)


def test_one_who_paid_in_another_tab_pays_once(front: Desk, amara: int) -> None:
    front.begins(amara, plan(front.made))
    front.gateway.pay(front.goes_to_page(amara), VISA)
    with pytest.raises(Conflict, match="member_already"):
        front.subscriptions.open_page(amara)
    assert front.of(amara).state == "active"


def test_a_plan_that_changed_is_looked_at_again_before_it_is_paid(front: Desk, amara: int) -> None:
    glow = plan(front.made)
    front.begins(amara, glow)
    next_version(front.made, glow, fee_minor=19900)
    with pytest.raises(Conflict, match="plan_changed"):
        front.subscriptions.open_page(amara)
    front.begins(amara, glow)
    front.gateway.pay(front.goes_to_page(amara), VISA)
    found = front.subscriptions.returned(amara)
    assert found is not None
    assert found.plan is not None
    assert found.plan.fee_minor == 19900


def test_a_member_stays_on_the_version_they_joined(front: Desk, amara: int) -> None:
    glow = plan(front.made)
    front.joins(amara, glow)
    next_version(front.made, glow, fee_minor=19900)
    front.passes(timedelta(days=40))
    mine = front.of(amara)
    assert mine.plan is not None
    assert (mine.plan.fee_minor, [one.amount_minor for one in front.services.ask(queries.periods, mine.id)]) == (
        9900,
        [9900, 9900],
    )


def test_a_member_of_a_plan_joins_no_other(front: Desk, amara: int) -> None:
    front.joins(amara, plan(front.made))
    assert refused(front, joining.begin, amara, plan(front.made, "Shine")) == "member_already"


def test_nobody_joins_a_plan_that_is_not_on_offer_or_not_there(front: Desk, amara: int) -> None:
    from clinic_portal.memberships.models import MembershipPlan

    glow = plan(front.made)
    front.made.ids["glow"] = glow
    front.made.change(MembershipPlan, "glow", is_active=False)
    assert refused(front, joining.begin, amara, glow) == "plan_gone"
    with pytest.raises(NotAllowed):
        front.services.do(joining.begin, amara, glow + 1)


@pytest.mark.req("S32")
def test_one_enrolled_by_staff_joins_a_plan_and_stays_a_member_meanwhile(front: Desk, amara: int) -> None:
    front.services.do(actions.enrol, staff(front.services, "front_desk").actor, amara)
    began = front.of(amara).started_at
    front.clock.advance(timedelta(days=2))
    front.begins(amara, plan(front.made, agreement_id=agreement(front.made)))
    mine = front.of(amara)
    assert (mine.state, mine.plan, mine.joins and mine.joins.name) == ("active", None, "Glow")
    assert front.services.ask(queries.benefits, amara) is None
    front.gateway.pay(front.goes_to_page(amara), VISA)
    front.subscriptions.returned(amara)
    mine = front.of(amara)
    assert (mine.plan and mine.plan.name, mine.joins, mine.started_at) == ("Glow", None, began)
    assert mine.document_id is not None


def paid_and_not_looked_at(front: Desk, patient_id: int) -> int:
    """One enrolled by staff has paid for a plan, and the gateway goes away before it says what was paid; the
    membership's id."""
    front.services.do(actions.enrol, staff(front.services, "front_desk").actor, patient_id)
    membership_id = front.begins(patient_id, plan(front.made))
    page = front.goes_to_page(patient_id)
    front.gateway.pay(page, VISA)
    subscription_id = front.gateway.checkout(page).subscription_id
    assert subscription_id is not None
    (paid,) = front.services.ask(payments.of_membership, membership_id)
    assert front.services.do(joining.joined, paid.id, subscription_id)
    return membership_id


@pytest.mark.req("S32")
def test_another_card_does_not_end_what_was_paid_a_moment_ago(front: Desk, amara: int) -> None:
    paid_and_not_looked_at(front, amara)
    front.services.do(changing.card_changed, amara)
    front.works()
    mine = front.of(amara)
    assert (mine.state, mine.plan and mine.plan.name, mine.is_told) == ("active", "Glow", True)
    front.passes(MONTH)
    assert [one.state for one in front.services.ask(queries.periods, mine.id)] == ["paid", "paid"]
    assert front.services.ask(broken) == []


@pytest.mark.req("S32")
def test_one_enrolled_by_staff_does_not_leave_what_is_paid(front: Desk, amara: int) -> None:
    paid_and_not_looked_at(front, amara)
    assert refused(front, joining.drop, amara) == "member_already"


def test_one_who_leaves_is_asked_for_nothing_more(front: Desk, amara: int) -> None:
    front.services.do(joining.begin, amara, plan(front.made, agreement_id=agreement(front.made)))
    front.services.do(joining.drop, amara)
    assert front.services.ask(queries.of_patient, amara) is None
    assert front.services.ask(requests.of_patient, amara) == []
    front.services.do(joining.drop, amara)


def test_what_is_paid_on_a_page_after_leaving_goes_back(front: Desk, amara: int) -> None:
    membership_id = front.begins(amara, plan(front.made))
    page = front.goes_to_page(amara)
    front.services.do(joining.drop, amara)
    front.gateway.pay(page, VISA)
    front.passes(timedelta(minutes=2))
    (paid,) = front.services.ask(payments.of_membership, membership_id)
    assert (paid.captured_minor, paid.refunded_minor) == (9900, 9900)
    assert not front.services.ask(actions.is_member, amara)
    assert front.services.ask(wallet.lots, amara) == ()
    assert front.services.ask(broken) == []


def test_the_page_of_one_who_left_is_ended(front: Desk, amara: int) -> None:
    front.begins(amara, plan(front.made))
    page = front.goes_to_page(amara)
    front.services.do(joining.drop, amara)
    front.passes(timedelta(minutes=2))
    assert front.gateway.pay(page, VISA).step == "expired"


def test_a_page_for_a_plan_that_is_not_the_one_wanted_any_more_is_ended(front: Desk, amara: int) -> None:
    front.begins(amara, plan(front.made))
    page = front.goes_to_page(amara)
    front.begins(amara, plan(front.made, "Shine"))
    front.passes(timedelta(minutes=2))
    assert front.gateway.pay(page, VISA).step == "expired"


def enrolled_and_left(front: Desk, patient_id: int) -> tuple[int, str]:
    """One enrolled by staff was about to pay for a plan, and pressed "Do not join"; the membership and the page."""
    front.services.do(actions.enrol, staff(front.services, "front_desk").actor, patient_id)
    membership_id = front.begins(patient_id, plan(front.made))
    page = front.goes_to_page(patient_id)
    front.services.do(joining.drop, patient_id)
    return membership_id, page


@pytest.mark.req("S32")
def test_the_page_of_one_enrolled_by_staff_who_left_is_ended(front: Desk, amara: int) -> None:
    _, page = enrolled_and_left(front, amara)
    front.passes(timedelta(minutes=2))
    assert front.gateway.pay(page, VISA).step == "expired"


@pytest.mark.req("S32")
def test_what_one_enrolled_by_staff_pays_after_leaving_goes_back(front: Desk, amara: int) -> None:
    membership_id, page = enrolled_and_left(front, amara)
    front.gateway.pay(page, VISA)
    subscription_id = front.gateway.checkout(page).subscription_id
    assert subscription_id is not None
    front.passes(timedelta(minutes=2))
    assert front.gateway.subscription(subscription_id).status is SubscriptionStatus.ENDED
    (invoice,) = front.gateway.invoices_of(subscription_id)
    assert invoice.intent_id is not None
    assert front.gateway.intent(invoice.intent_id).refunded_minor == 9900
    (paid,) = front.services.ask(payments.of_membership, membership_id)
    assert (paid.state, front.of(amara).state, front.of(amara).plan) == (State.EXPIRED, "active", None)
    assert front.services.ask(wallet.lots, amara) == ()
    assert front.services.ask(broken) == []


def test_one_who_never_comes_back_is_a_member_all_the_same(front: Desk, amara: int) -> None:
    front.begins(amara, plan(front.made))
    front.gateway.pay(front.goes_to_page(amara), VISA)
    front.passes(timedelta(minutes=2))
    assert front.of(amara).state == "active"
