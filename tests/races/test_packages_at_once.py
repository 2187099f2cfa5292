"""Packages in several hands in the same instant: tabs, returns and workers, staff and the patient who uses one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from clinic_portal.booking import fees, holds, invariants, selling
from clinic_portal.core.work import Services
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import PaymentInfo, State
from clinic_portal.wallet import lots
from tests import factories
from tests.card_kit import VISA, Till, till
from tests.factories import SmallClinic
from tests.packages_kit import bought, is_somebody, lot_of, on_sale, order
from tests.races.racing import at_once

pytestmark = pytest.mark.req("P8")
MANY, TIMES = 4, range(3)
Act = Callable[[Till], str]


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def desk(services: Services) -> Till:
    return till(services)


def together(desk: Till, *acts: Act) -> Counter[str]:
    """Each in a process of its own, all at once; what came of each."""

    def attempt(own: Services, number: int, ready: Any) -> str:
        mine = till(own)
        ready.wait()
        return acts[number](mine)

    return at_once(desk.services, len(acts), attempt)


def amara(made: SmallClinic) -> int:
    return factories.patient(made.services).actor.patient_id


@pytest.mark.parametrize("turn", TIMES)
@pytest.mark.parametrize("who", ["patient", "guest"])
def test_tabs_that_buy_at_once_are_led_to_one_page(made: SmallClinic, desk: Till, who: str, turn: int) -> None:
    owner = f"browser {turn}"
    is_somebody(made.services, owner)
    patient_id = amara(made) if who == "patient" else None
    asked = order(on_sale(made), patient_id, owner)
    found = together(desk, *[lambda own: own.cashier.buy(asked)] * MANY)
    assert list(found.values()) == [MANY]
    assert len(made.services.ask(payments.packages_of, patient_id=patient_id, owner=owner)) == 1


@pytest.mark.parametrize("turn", TIMES)
@pytest.mark.parametrize("who", ["patient", "guest"])
def test_what_was_paid_comes_into_the_wallet_once_whoever_hears_of_it(
    made: SmallClinic, desk: Till, who: str, turn: int
) -> None:
    owner = f"browser {turn}"
    is_somebody(made.services, owner)
    patient_id = amara(made) if who == "patient" else None
    page = desk.cashier.buy(order(on_sale(made), patient_id, owner)).rpartition("/")[2]
    desk.gateway.pay(page, VISA, authenticated=True)
    mine = made.services.ask(payments.by_session, page)
    assert mine is not None

    def hears(own: Till) -> str:
        return own.cashier.settle(mine.id).state.value

    assert together(desk, *[hears] * MANY) == {"paid": MANY}
    now = made.services.ask(payments.payment, mine.id)
    assert (now.state, lot_of(made.services, now).left) == (State.PAID, 6)
    assert made.services.ask(invariants.broken) == []


def gives_back(paid: PaymentInfo, actor: Any, minor: int) -> Act:
    def act(own: Till) -> str:
        told = {"reason": "As agreed.", "seen_left_minor": 48000}
        own.services.do(fees.refund, actor, paid.id, minor, **told)
        return "given back"

    return act


@pytest.mark.parametrize("turn", TIMES)
def test_staff_who_give_back_the_same_at_once_do_it_once(made: SmallClinic, desk: Till, turn: int) -> None:
    paid, actor = bought(made, desk), factories.staff(made.services).actor
    found = together(desk, *[gives_back(paid, actor, 24000)] * MANY)
    assert found == {"given back": 1, "payment_moved_on": MANY - 1}
    assert lot_of(made.services, paid).left == 3


@pytest.mark.parametrize("turn", TIMES)
def test_what_is_given_back_is_not_used_and_what_is_used_is_not_given_back(
    made: SmallClinic, desk: Till, turn: int
) -> None:
    paid, actor = bought(made, desk), factories.staff(made.services).actor
    owner = factories.visitor(made, f"visit {turn}", "facial")
    made.services.do(holds.hold, owner, factories.minute(date(2026, 12, 4), "10:00"))
    visit = desk.books(owner, made["policy"]).appointment_id
    lot = lot_of(made.services, paid)

    def uses_one(own: Till) -> str:
        told = {"key": f"visit {visit}", "actor": "patient:1"}
        own.services.do(lots.reserve, lot.patient_id, lot.id, visit, **told)
        return "used"

    found = together(desk, gives_back(paid, actor, 48000), uses_one)
    assert found in ({"given back": 1, "item_gone": 1}, {"used": 1, "payment_moved_on": 1})
    now = made.services.ask(selling.standing, made.services.ask(payments.payment, paid.id))
    assert now is not None
    assert (now.left, now.reserved, now.taken_back) in ((0, 0, 6), (5, 1, 0))
    assert made.services.ask(invariants.broken) == []
