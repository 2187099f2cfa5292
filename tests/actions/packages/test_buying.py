"""Packages are bought: by a patient, by somebody without a portal, once a click, and never for what nobody read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from clinic_portal.accounts.types import CodeAnswer
from clinic_portal.booking import actions, drafts, invariants, receipts, selling, settling
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, NotAllowed, TooMany, Unusable
from clinic_portal.core.outbox import OUTBOX
from clinic_portal.core.work import Services
from clinic_portal.packages import editing, purchase
from clinic_portal.patients import models as patients
from clinic_portal.patients.actions import claim_token
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import CheckoutStatus
from clinic_portal.payments.types import State
from clinic_portal.wallet import queries as wallet
from clinic_portal.wallet.types import EntryKind, Origin
from tests import factories
from tests.card_kit import DECLINED, VISA, Till, till
from tests.packages_kit import GUEST, bought, is_somebody, lot_of, on_sale, order, pays, typed

pytestmark = pytest.mark.req("P8")
BROWSER = "a browser"


@pytest.fixture
def made(services: Services) -> factories.SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def desk(services: Services) -> Till:
    return till(services)


def amara(made: factories.SmallClinic) -> int:
    return factories.patient(made.services).actor.patient_id


def all_is_well(services: Services) -> bool:
    return services.ask(invariants.broken) == []


def test_what_a_patient_pays_for_stands_in_their_wallet_at_once(made: factories.SmallClinic, desk: Till) -> None:
    paid = bought(made, desk)
    assert (paid.state, paid.captured_minor, paid.reference) == (State.PAID, 48000, receipts.number(paid.id))
    lot = lot_of(made.services, paid)
    assert (lot.origin, lot.service_id, lot.granted, lot.left) == (Origin.PACKAGE, made["facial"], 6, 6)
    assert (lot.worth_minor, lot.owed_minor, lot.patient_id) == (48000, 48000, amara(made))
    (entry,) = made.services.ask(wallet.entries, lot.patient_id)
    assert (entry.kind, entry.amount, entry.payment_id) == (EntryKind.BOUGHT, 6, paid.id)
    assert all_is_well(made.services)


def test_it_holds_until_its_last_local_day_has_ended(
    made: factories.SmallClinic, desk: Till, clock: FixedClock
) -> None:
    clock.advance(datetime(2026, 11, 24, 5, 30, tzinfo=UTC) - clock.now())  # 23:30 on Monday in Chicago
    paid = bought(made, desk, on_sale(made, valid_days="30"))
    assert lot_of(made.services, paid).expires_at == datetime(2026, 12, 24, 6, 0, tzinfo=UTC)


def test_it_counts_from_the_day_it_is_paid_however_long_the_page_was_open(
    made: factories.SmallClinic, desk: Till, clock: FixedClock
) -> None:
    clock.advance(datetime(2026, 11, 24, 5, 50, tzinfo=UTC) - clock.now())
    asked = order(on_sale(made, valid_days="30"), amara(made))
    page = desk.cashier.buy(asked).rpartition("/")[2]
    clock.advance(timedelta(minutes=20))
    desk.gateway.pay(page, VISA, authenticated=True)
    paid = desk.cashier.package_returned(asked.patient_id, "")
    assert paid is not None
    assert lot_of(made.services, paid).expires_at == datetime(2026, 12, 25, 6, 0, tzinfo=UTC)


def test_a_declined_card_buys_nothing_and_the_page_stays(made: factories.SmallClinic, desk: Till) -> None:
    asked = order(on_sale(made), amara(made))
    paid = pays(desk, asked, DECLINED)
    assert paid.state is State.OPEN
    assert made.services.ask(wallet.lots, amara(made)) == ()
    assert desk.cashier.buy(asked) == paid.page_url


@pytest.mark.parametrize("change", ["price_minor", "count", "valid_days", "name"])
def test_what_changed_since_it_was_read_is_not_bought(made: factories.SmallClinic, desk: Till, change: str) -> None:
    offer, owner = on_sale(made), factories.staff(made.services, "owner").actor
    new = typed(made, **{change: {"price_minor": "490", "count": "5", "valid_days": "90", "name": "Glow"}[change]})
    made.services.do(editing.change, owner, offer.package.id, new, revision=offer.package.revision)
    with pytest.raises(Conflict, match="package_changed"):
        desk.cashier.buy(order(offer, amara(made)))
    assert made.services.ask(payments.packages_of, patient_id=amara(made), owner="") == ()


def test_what_is_sold_no_more_is_not_bought(made: factories.SmallClinic, desk: Till) -> None:
    offer, owner = on_sale(made), factories.staff(made.services, "owner").actor
    made.services.do(editing.switch, owner, offer.package.id, is_active=False, revision=offer.package.revision)
    with pytest.raises(Conflict, match="package_gone"):
        desk.cashier.buy(order(offer, amara(made)))


def test_an_unknown_package_is_not_there(made: factories.SmallClinic, desk: Till) -> None:
    with pytest.raises(NotAllowed):
        desk.cashier.buy(order(on_sale(made), amara(made), package_id=999))


def test_what_was_read_is_what_is_got_also_where_it_is_changed_while_the_buyer_pays(
    made: factories.SmallClinic, desk: Till
) -> None:
    offer, owner = on_sale(made), factories.staff(made.services, "owner").actor
    asked = order(offer, amara(made))
    page = desk.cashier.buy(asked).rpartition("/")[2]
    new = typed(made, count="3", price_minor="900")
    made.services.do(editing.change, owner, offer.package.id, new, revision=offer.package.revision)
    desk.gateway.pay(page, VISA, authenticated=True)
    paid = desk.cashier.package_returned(asked.patient_id, "")
    assert paid is not None
    assert (paid.captured_minor, lot_of(made.services, paid).granted) == (48000, 6)


def test_two_tabs_pay_one_page(made: factories.SmallClinic, desk: Till) -> None:
    asked = order(on_sale(made), amara(made))
    assert desk.cashier.buy(asked) == desk.cashier.buy(asked)
    assert len(made.services.ask(payments.packages_of, patient_id=asked.patient_id, owner="")) == 1


def test_a_second_tab_does_not_buy_again_what_the_first_has_paid(made: factories.SmallClinic, desk: Till) -> None:
    asked = order(on_sale(made), amara(made))
    pays(desk, asked)
    with pytest.raises(Conflict, match="package_bought_meanwhile"):
        desk.cashier.buy(asked)


def test_nor_while_nobody_has_heard_of_it_yet(made: factories.SmallClinic, desk: Till) -> None:
    asked = order(on_sale(made), amara(made))
    desk.gateway.pay(desk.cashier.buy(asked).rpartition("/")[2], VISA, authenticated=True)
    with pytest.raises(Conflict, match="payment_moved_on"):
        desk.cashier.buy(asked)
    assert [one.granted for one in made.services.ask(wallet.lots, amara(made))] == [6]


def test_whoever_knows_of_their_first_buys_a_second_on_purpose(made: factories.SmallClinic, desk: Till) -> None:
    offer = on_sale(made)
    first = pays(desk, order(offer, amara(made)))
    pays(desk, order(offer, amara(made), seen_id=first.id))
    assert [one.left for one in made.services.ask(wallet.lots, amara(made))] == [6, 6]


def test_another_package_ends_the_page_of_the_one_before(made: factories.SmallClinic, desk: Till) -> None:
    one, other = on_sale(made), on_sale(made, name="Peels", what=f"service:{made['peel']}")
    left = desk.cashier.buy(order(one, amara(made))).rpartition("/")[2]
    pays(desk, order(other, amara(made)))
    desk.gateway.pay(left, VISA, authenticated=True)
    first = made.services.ask(payments.by_session, left)
    assert first is not None
    assert first.state is State.EXPIRED
    assert [lot.service_id for lot in made.services.ask(wallet.lots, amara(made))] == [made["peel"]]


def test_a_page_that_was_left_ends_and_nothing_is_bought(
    made: factories.SmallClinic, desk: Till, clock: FixedClock
) -> None:
    asked = order(on_sale(made), amara(made))
    first = desk.cashier.buy(asked)
    clock.advance(timedelta(minutes=40))
    left = desk.cashier.package_returned(asked.patient_id, "")
    assert left is not None
    assert left.state is State.EXPIRED
    assert desk.cashier.buy(asked) != first
    assert made.services.ask(wallet.lots, amara(made)) == ()


def test_heard_of_twice_it_is_bought_once(made: factories.SmallClinic, desk: Till) -> None:
    paid = bought(made, desk)
    told = desk.gateway.checkout(str(paid.session_id))
    made.services.do(selling.paid, paid.id, told)
    desk.cashier.settle(paid.id)
    assert [one.left for one in made.services.ask(wallet.lots, amara(made))] == [6]


def test_of_another_sum_than_was_asked_nothing_is_believed(made: factories.SmallClinic, desk: Till) -> None:
    asked = order(on_sale(made), amara(made))
    page = desk.cashier.buy(asked).rpartition("/")[2]
    desk.gateway.pay(page, VISA, authenticated=True)
    told = desk.gateway.checkout(page)
    assert told.intent is not None
    mine = made.services.ask(payments.by_session, page)
    assert mine is not None
    other = replace(told, intent=replace(told.intent, amount_minor=1))
    assert made.services.do(selling.paid, mine.id, other).state is State.OPEN
    assert made.services.ask(wallet.lots, amara(made)) == ()


def test_the_patient_is_told_once_what_they_bought(made: factories.SmallClinic, desk: Till) -> None:
    paid = bought(made, desk)
    rows = made.services.ask(lambda read: read.execute(OUTBOX.select().where(OUTBOX.c.kind == "package.bought")).all())
    assert [one.payload for one in rows] == [{"payment_id": paid.id}]
    kinds = made.services.ask(lambda read: {row.kind for row in read.execute(OUTBOX.select())})
    assert settling.PAID not in kinds


# ---- without a portal ------------------------------------------------------------------------------------------------


def test_somebody_without_a_portal_gets_a_profile_when_they_have_paid_and_not_before(
    made: factories.SmallClinic, desk: Till
) -> None:
    offer = on_sale(made)
    is_somebody(made.services, BROWSER)
    page = desk.cashier.buy(order(offer, None, BROWSER)).rpartition("/")[2]
    assert factories.rows(made.services, patients.Patient) == []
    desk.gateway.pay(page, VISA, authenticated=True)
    paid = desk.cashier.package_returned(None, BROWSER)
    assert paid is not None
    (ines,) = factories.rows(made.services, patients.Patient)
    assert (ines.given_name, ines.email, ines.phone) == ("Ines", GUEST["email"], GUEST["phone"])
    assert ines.phone_verified_at is not None
    assert (paid.patient_id, lot_of(made.services, paid).patient_id) == (ines.id, ines.id)
    assert all_is_well(made.services)


@pytest.mark.parametrize("told", [{"phone": "+15125550188"}, {"family_name": "Moreau-Diaz"}])
def test_what_is_corrected_before_it_is_paid_is_what_the_profile_is_made_of(
    made: factories.SmallClinic, desk: Till, told: dict[str, str]
) -> None:
    offer = on_sale(made)
    is_somebody(made.services, BROWSER)
    first = desk.cashier.buy(order(offer, None, BROWSER)).rpartition("/")[2]
    if "phone" in told:
        is_somebody(made.services, BROWSER, **told)
    else:
        made.services.do(purchase.save_details, BROWSER, **GUEST | told)
    pays(desk, order(offer, None, BROWSER))
    (ines,) = factories.rows(made.services, patients.Patient)
    assert {name: getattr(ines, name) for name in told} == told
    assert desk.gateway.checkout(first).status is CheckoutStatus.EXPIRED


def test_a_known_e_mail_with_its_own_phone_buys_for_that_profile(made: factories.SmallClinic, desk: Till) -> None:
    known = amara(made)
    is_somebody(made.services, BROWSER, email="amara@example.org", phone=factories.MOBILE)
    assert pays(desk, order(on_sale(made), None, BROWSER)).patient_id == known


def test_a_known_e_mail_with_another_phone_is_kept_apart_until_its_owner_says_it_is_theirs(
    made: factories.SmallClinic, desk: Till
) -> None:
    known = amara(made)
    is_somebody(made.services, BROWSER, email="amara@example.org")
    paid = pays(desk, order(on_sale(made), None, BROWSER))
    assert paid.patient_id != known
    assert made.services.ask(wallet.lots, known) == ()
    (claim,) = factories.rows(made.services, patients.ProfileClaim)
    made.services.do(actions.answer_claim, claim_token(made.services.settings.key, claim.nonce), is_mine=True)
    assert [one.left for one in made.services.ask(wallet.lots, known)] == [6]
    assert made.services.ask(payments.payment, paid.id).patient_id == known
    assert all_is_well(made.services)


@pytest.mark.parametrize("field", ["given_name", "family_name", "email", "phone"])
def test_whoever_is_nobody_is_asked_for_what_is_missing(made: factories.SmallClinic, field: str) -> None:
    with pytest.raises(Unusable) as refusal:
        made.services.do(purchase.save_details, BROWSER, **GUEST | {field: ""})
    assert [fault.field for fault in refusal.value.faults] == [field]


def test_without_details_a_proof_or_a_cookie_nothing_is_sold(made: factories.SmallClinic, desk: Till) -> None:
    asked = order(on_sale(made), None, BROWSER)
    with pytest.raises(Conflict, match="details_missing"):
        desk.cashier.buy(asked)
    with pytest.raises(Conflict, match="details_missing"):
        made.services.do(purchase.send_code, BROWSER, address="here")
    made.services.do(purchase.save_details, BROWSER, **GUEST)
    with pytest.raises(Conflict, match="phone_unverified"):
        desk.cashier.buy(asked)
    with pytest.raises(NotAllowed):
        made.services.do(purchase.save_details, "", **GUEST)
    with pytest.raises(Conflict, match="details_missing"):
        desk.cashier.buy(order(on_sale(made), None, ""))


def test_a_code_that_was_sent_to_book_proves_nothing_here(made: factories.SmallClinic) -> None:
    made.services.do(drafts.save_details, BROWSER, **GUEST)
    made.services.do(drafts.send_code, BROWSER, address="here")
    digits = factories.code_for(made.services, BROWSER)
    made.services.do(purchase.save_details, BROWSER, **GUEST)
    assert made.services.do(purchase.answer_code, BROWSER, digits) is CodeAnswer.MISSING


def test_a_wrong_code_proves_nothing_and_codes_are_not_sent_without_end(made: factories.SmallClinic) -> None:
    made.services.do(purchase.save_details, BROWSER, **GUEST)
    made.services.do(purchase.send_code, BROWSER, address="here")
    right = factories.code_for(made.services, BROWSER)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    assert made.services.do(purchase.answer_code, BROWSER, wrong) is CodeAnswer.WRONG
    with pytest.raises(TooMany):
        made.services.do(purchase.send_code, BROWSER, address="here")


def test_another_phone_needs_a_proof_of_its_own(made: factories.SmallClinic, desk: Till) -> None:
    is_somebody(made.services, BROWSER)
    made.services.do(purchase.save_details, BROWSER, **GUEST | {"phone": "+15125550178"})
    with pytest.raises(Conflict, match="phone_unverified"):
        desk.cashier.buy(order(on_sale(made), None, BROWSER))


def test_what_one_browser_is_buying_no_other_knows(made: factories.SmallClinic, desk: Till) -> None:
    is_somebody(made.services, BROWSER)
    pays(desk, order(on_sale(made), None, BROWSER))
    assert desk.cashier.package_returned(None, "another browser") is None
    assert desk.cashier.package_returned(None, "") is None
    assert desk.cashier.package_returned(amara(made), BROWSER) is None


def test_a_browser_that_is_to_forget_knows_neither_the_buyer_nor_what_they_bought(
    made: factories.SmallClinic, desk: Till
) -> None:
    is_somebody(made.services, BROWSER)
    paid = pays(desk, order(on_sale(made), None, BROWSER))
    made.services.do(drafts.forget, BROWSER)
    assert made.services.ask(purchase.buyer, BROWSER) is None
    assert desk.cashier.package_returned(None, BROWSER) is None
    assert lot_of(made.services, paid).left == 6


def test_once_it_is_paid_the_browser_knows_no_more_who_bought_it(made: factories.SmallClinic, desk: Till) -> None:
    is_somebody(made.services, BROWSER)
    pays(desk, order(on_sale(made), None, BROWSER))
    assert made.services.ask(purchase.buyer, BROWSER) is None
    assert desk.cashier.package_returned(None, BROWSER) is not None


def test_who_did_not_buy_is_forgotten_after_a_day(made: factories.SmallClinic, clock: FixedClock) -> None:
    made.services.do(purchase.save_details, BROWSER, **GUEST)
    clock.advance(timedelta(hours=23))
    made.services.do(drafts.forget_old)
    assert made.services.ask(purchase.buyer, BROWSER) is not None
    clock.advance(timedelta(hours=2))
    made.services.do(drafts.forget_old)
    assert made.services.ask(purchase.buyer, BROWSER) is None


def test_who_paid_gets_it_also_where_their_browser_forgot_them_meanwhile(
    made: factories.SmallClinic, desk: Till
) -> None:
    is_somebody(made.services, BROWSER)
    page = desk.cashier.buy(order(on_sale(made), None, BROWSER)).rpartition("/")[2]
    made.services.do(drafts.forget, BROWSER)
    desk.gateway.pay(page, VISA, authenticated=True)
    mine = made.services.ask(payments.by_session, page)
    assert mine is not None
    assert desk.cashier.settle(mine.id).state is State.PAID
    (ines,) = factories.rows(made.services, patients.Patient)
    assert (ines.given_name, ines.family_name) == ("Ines", "Moreau")
