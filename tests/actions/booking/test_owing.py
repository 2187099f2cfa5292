"""A fee that failed, paid on the gateway's page: by whom, which browser is told what came of it, what is refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic_portal.accounts import links
from clinic_portal.accounts.types import Purpose as LinkPurpose
from clinic_portal.booking import changes, drafts, fees, holds, owing, queries
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import models as clinic_models
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import PaymentInfo, Purpose, State
from tests import factories
from tests.card_kit import LATER_DECLINED, VISA, Till, till
from tests.factories import SmallClinic, minute

FRIDAY = date(2026, 12, 4)
PHONES = {"10:30": "+15125550142", "14:00": "+15125550143"}


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def desk(services: Services) -> Till:
    return till(services)


def visit_of(made: SmallClinic, desk: Till, hour: str, number: str = LATER_DECLINED) -> Visit:
    """A visit booked with a card that declines every later charge."""
    phone = PHONES[hour]
    factories.visitor(made, hour, "botox", email=f"at{phone}@example.org", phone=phone)
    made.services.do(holds.hold, hour, minute(FRIDAY, hour))
    booked = desk.books(hour, made["policy"], number)
    return made.services.ask(queries.visit, booked.appointment_id)


def failed(made: SmallClinic, desk: Till, clock: FixedClock, *hours: str) -> list[PaymentInfo]:
    """Fees that failed, of visits cancelled three hours before."""
    visits = [visit_of(made, desk, hour) for hour in hours]
    clock.advance(min(one.start_at for one in visits) - timedelta(hours=3) - clock.now())
    found = []
    for one in visits:
        fee = made.services.ask(changes.fee_minor, one)
        made.services.do(changes.cancel, one.patient_id, one.reference, shown_fee_minor=fee)
        owed = made.services.ask(payments.fee_of, one.appointment_id, Purpose.CANCELLATION_FEE)
        assert owed is not None
        found.append(desk.cashier.charge(owed.id))
    assert {one.state for one in found} == {State.FAILED}
    return found


def test_the_browser_that_goes_to_pay_is_told_what_came_of_it(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    [fee] = failed(made, desk, clock, "10:30")
    page = desk.cashier.pay_fee(fee.id, "her phone").rpartition("/")[2]
    assert desk.services.ask(payments.fee_of_owner, "her phone").id == fee.id  # type: ignore[union-attr]
    assert desk.services.ask(payments.fee_of_owner, "another") is None
    desk.gateway.pay(page, VISA)
    assert desk.cashier.settle(fee.id).state is State.PAID
    assert desk.services.ask(payments.fee_of_owner, "her phone").state is State.PAID  # type: ignore[union-attr]


def test_a_second_browser_goes_on_with_the_same_page_and_is_told_instead(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    [fee] = failed(made, desk, clock, "10:30")
    first = desk.cashier.pay_fee(fee.id, "her phone")
    assert desk.cashier.pay_fee(fee.id, "her desk") == first
    assert desk.services.ask(payments.fee_of_owner, "her phone") is None
    assert desk.services.ask(payments.fee_of_owner, "her desk") is not None


def test_a_browser_pays_one_fee_at_a_time(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    one, other = failed(made, desk, clock, "10:30", "14:00")
    desk.cashier.pay_fee(other.id, "shared")
    desk.cashier.pay_fee(one.id, "shared")
    assert desk.services.ask(payments.fee_of_owner, "shared").id == one.id  # type: ignore[union-attr]


def test_a_browser_of_which_nothing_is_known_is_told_nothing(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    [fee] = failed(made, desk, clock, "10:30")
    desk.cashier.pay_fee(fee.id)
    assert desk.services.ask(payments.payment, fee.id).owner is None


def test_signing_in_keeps_the_fee_and_signing_out_forgets_it(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    [fee] = failed(made, desk, clock, "10:30")
    desk.cashier.pay_fee(fee.id, "before")
    desk.services.do(drafts.change_owner, "before", "after")
    assert desk.services.ask(payments.fee_of_owner, "after") is not None
    desk.services.do(drafts.forget, "after")
    assert desk.services.ask(payments.fee_of_owner, "after") is None


def test_what_is_no_fee_is_neither_shown_nor_paid_on_that_page(made: SmallClinic, desk: Till) -> None:
    visit = visit_of(made, desk, "10:30", VISA)
    hold = desk.of_visit(visit.appointment_id)[0]
    for refused in (hold.id, 4711):
        with pytest.raises(NotAllowed):
            desk.services.ask(owing.sheet, refused)
        with pytest.raises(NotAllowed):
            desk.cashier.pay_fee(refused, "a stranger")
    assert desk.services.ask(payments.payment, hold.id).owner == "10:30"


@pytest.mark.parametrize("ending", ["paid", "waived"])
def test_a_settled_fee_is_not_paid_again(made: SmallClinic, desk: Till, clock: FixedClock, ending: str) -> None:
    [fee] = failed(made, desk, clock, "10:30")
    if ending == "paid":
        desk.gateway.pay(desk.cashier.pay_fee(fee.id, "her phone").rpartition("/")[2], VISA)
        desk.cashier.settle(fee.id)
    else:
        desk.services.do(fees.waive, factories.staff(desk.services).actor, fee.id, reason="Moved house")
    with pytest.raises(Conflict, match="payment_moved_on"):
        desk.cashier.pay_fee(fee.id, "a stranger")
    assert desk.services.ask(payments.fee_of_owner, "a stranger") is None


def test_the_link_of_one_fee_opens_no_other(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    one, other = failed(made, desk, clock, "10:30", "14:00")
    tokens = {}
    for fee in (one, other):
        link = desk.services.do(links.make, LinkPurpose.PAY_FEE, fee.id, fee.email)
        tokens[fee.id] = desk.services.ask(links.sheet, link).token
    assert {token: desk.services.ask(owing.fee_of_link, token) for token in tokens.values()} == {
        token: fee_id for fee_id, token in tokens.items()
    }
    for wrong in ("", "0" * 64, tokens[one.id][:-1], tokens[one.id].upper(), f"{tokens[one.id]}0"):
        with pytest.raises(NotAllowed):
            desk.services.ask(owing.fee_of_link, wrong)


def test_a_link_for_something_else_pays_no_fee(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    [fee] = failed(made, desk, clock, "10:30")
    link = desk.services.do(links.send, LinkPurpose.RESET, fee.id, fee.email)
    with pytest.raises(NotAllowed):
        desk.services.ask(owing.fee_of_link, desk.services.ask(links.sheet, link).token)


@pytest.mark.req("P4")
def test_the_page_shows_the_terms_as_they_were_accepted(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    [fee] = failed(made, desk, clock, "10:30")
    made.change(clinic_models.PolicyVersion, "policy", is_in_force=False)
    found = desk.services.ask(owing.sheet, fee.id)
    assert found.terms.startswith("Free to cancel until Wed, Dec 2, 2026, 10:30")
    assert "After that, cancelling costs $120.00" in found.terms
    assert found.accepted_at is not None
    assert found.visit.policy is not None
    assert found.visit.policy.text == "Please tell us two days before."
