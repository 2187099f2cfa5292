"""Staff handle payments: what needs them first, one payment beside its policy, refunds, failed fees, missed visits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import cycle

import pytest
from playwright.sync_api import expect

from clinic_portal.booking import changes, queries
from clinic_portal.booking.actions import Booked
from clinic_portal.clinic import models as clinic
from clinic_portal.payments import books, cards
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import PaymentInfo, Purpose, State
from tests import factories
from tests.browser import staff_journey as staff
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.card_kit import LATER_DECLINED, VISA, Till, till
from tests.site import Site

Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
_days = cycle(date(2026, 11, 27) + timedelta(days=n) for n in range(25))
"""Each visit has a day of its own."""


@pytest.fixture(autouse=True)
def _kept(site: Site) -> Iterator[None]:
    with staff.clinic_kept(site):
        yield


@pytest.fixture
def desk(site: Site) -> Till:
    return till(site.services)


def books_visit(who: Visitor, desk: Till, service: str, number: str = VISA) -> Booked:
    """A visit that someone booked with a card, at ten on a day of its own, a minute after anything else."""
    made = who.site.clinic
    who.site.clock.advance(timedelta(minutes=1, seconds=1))
    owner = f"browser of {who.email}"
    name = ("Amara", who.email.partition("@")[0].capitalize())
    factories.visitor(made, owner, service, name=name, email=who.email, phone=who.e164)
    made.services.do(factories.holds.hold, owner, factories.minute(next(_days), "10:00"))
    return desk.books(owner, made["policy"], number)


def it_is(site: Site, desk: Till, visit: Booked, hours: int) -> None:
    """So many hours after the visit began, or before."""
    begins = desk.services.ask(queries.visit, visit.appointment_id).start_at
    site.clock.set(begins + timedelta(hours=hours))


def name_of(who: Visitor) -> str:
    return f"Amara {who.email.partition('@')[0].capitalize()}"


def cancels_late(who: Visitor, desk: Till, visit: Booked) -> None:
    """The day before, at half the price."""
    it_is(who.site, desk, visit, -20)
    who.site.services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=12000)


def settled(who: Visitor, desk: Till, visit: Booked, purpose: Purpose) -> PaymentInfo:
    """A payment of a visit, once nothing of it is under way."""

    def found() -> PaymentInfo:
        return next(one for one in desk.of_visit(visit.appointment_id) if one.purpose is purpose)

    staff.until(who.page, lambda: found().is_settled)
    return found()


def owes(who: Visitor, desk: Till) -> PaymentInfo:
    """A fee the bank declined."""
    visit = books_visit(who, desk, "botox", LATER_DECLINED)
    cancels_late(who, desk, visit)
    return settled(who, desk, visit, Purpose.CANCELLATION_FEE)


def deposit(who: Visitor, desk: Till) -> PaymentInfo:
    """A deposit of $60.00 that was paid."""
    who.site.clinic.change(clinic.Service, "peel", deposit_minor=6000)
    visit = books_visit(who, desk, "peel")
    return desk.of_visit(visit.appointment_id)[0]


def at(boss: Visitor, paid: PaymentInfo) -> Visitor:
    return staff.goes_to(boss, f"/admin/payment?id={paid.id}")


def stands(boss: Visitor, told: str) -> None:
    expect(boss.page.locator("#standing")).to_contain_text(told)


# ---- the list --------------------------------------------------------------------------------------------------------


@SIZES
def test_a_fee_that_failed_is_the_first_thing_staff_see(site: Site, visitor: Make, desk: Till, size: str) -> None:
    amara = visitor()
    owed = owes(amara, desk)
    boss = staff.follows(staff.sits_down(visitor(size)), "Payments")
    first = boss.page.locator("#asking > li", has_text=name_of(amara))
    for told in ("Late cancellation", owed.reference, "$120.00", "Not paid", "The fee could not be charged"):
        expect(first).to_contain_text(told)
    is_clean_and_fits(boss, "payments")
    first.get_by_role("link").click()
    boss.page.wait_for_url(re.compile(rf"/admin/payment\?id={owed.id}$"))
    expect(boss.heading).to_have_text(name_of(amara))
    stands(boss, "Not paid")


@SIZES
def test_payments_are_looked_through_by_kind_and_by_patient(site: Site, visitor: Make, desk: Till, size: str) -> None:
    noor, ines = visitor(), visitor()
    deposit(noor, desk)
    hold = books_visit(ines, desk, "facial")
    boss = staff.sits_down(visitor(size), "front_desk", "/admin/payments")
    shown = boss.page.locator("#payments")
    expect(shown).to_contain_text(name_of(noor))
    expect(shown).to_contain_text(name_of(ines))
    staff.follows(boss, "Deposits")
    expect(shown.locator("li", has_text=name_of(noor))).to_contain_text("Paid")
    expect(shown).not_to_contain_text(name_of(ines))
    staff.follows(boss, "Holds")
    expect(shown.locator("li", has_text=name_of(ines))).to_contain_text("Released")
    staff.follows(boss, "All")
    for wanted in (ines.email, hold.reference):
        boss.page.locator("#wanted").fill(wanted)
        boss.page.locator("#wanted").press("Enter")
        expect(boss.page.get_by_role("heading", name=f"Found for “{wanted}”")).to_be_visible()
        expect(shown.locator("> li")).to_have_count(1)
        expect(shown).to_contain_text(name_of(ines))
    boss.page.locator("#wanted").fill("nobody of that name")
    boss.page.locator("#wanted").press("Enter")
    expect(boss.page.locator("#nothing")).to_have_text("No payment of that patient or visit was found.")
    is_clean_and_fits(boss, "no payment found")


def test_who_treats_patients_sees_no_payments(site: Site, visitor: Make, desk: Till) -> None:
    owed = owes(visitor(), desk)
    lena = staff.sits_down(visitor(), "provider")
    expect(lena.page.get_by_role("link", name="Payments", exact=True)).to_have_count(0)
    for path in ("/admin/payments", f"/admin/payment?id={owed.id}", "/admin/payments/missed"):
        lena.page.goto(site.url + path)
        lena.page.wait_for_url(re.compile(r"/admin\?why=not_permitted"))
        expect(lena.notice).to_contain_text("Your role does not allow that")
        expect(lena.page.locator("body")).not_to_contain_text("$120.00")


def test_a_payment_that_does_not_exist_is_none(site: Site, visitor: Make) -> None:
    boss = staff.sits_down(visitor(), path="/admin/payment?id=999999")
    expect(boss.page.get_by_text("There is no such payment.")).to_be_visible()
    is_clean_and_fits(boss, "no such payment")


# ---- one payment -----------------------------------------------------------------------------------------------------


@pytest.mark.req("S56")
@SIZES
def test_what_was_done_stands_beside_what_the_policy_says(site: Site, visitor: Make, desk: Till, size: str) -> None:
    amara = visitor()
    visit = books_visit(amara, desk, "botox")
    cancels_late(amara, desk, visit)
    fee = settled(amara, desk, visit, Purpose.CANCELLATION_FEE)
    boss = at(staff.sits_down(visitor(size)), fee)
    stands(boss, "Paid")
    events = boss.page.locator("#events")
    for told in (
        "Policy version 1 accepted",
        "from 10.0.0.9 · Firefox on Linux",
        "Visit booked",
        "Visit cancelled",
        "by the patient",
        "Fee of $120.00 asked",
        "$120.00 paid",
    ):
        expect(events).to_contain_text(told)
    expect(boss.page.locator("#facts")).to_contain_text("Visa ending 4242")
    expect(boss.page.locator("#terms")).to_contain_text("Free to cancel until")
    expect(boss.page.locator("#followed")).to_contain_text("after free cancellation ended: a fee of $120.00.")
    boss.page.get_by_text("Its words, as they were accepted").click()
    expect(boss.page.get_by_text("Please tell us two days before.")).to_be_visible()
    is_clean_and_fits(boss, "a fee that was paid")
    boss.page.locator("#others").get_by_role("link").click()
    expect(boss.page.locator("#standing")).to_contain_text("Released")
    expect(events).to_contain_text("$0.50 released: nothing was taken")


@pytest.mark.req("S57")
@SIZES
def test_a_visit_cancelled_in_time_says_that_no_fee_followed(site: Site, visitor: Make, desk: Till, size: str) -> None:
    noor = visitor()
    paid = deposit(noor, desk)
    assert paid.patient_id is not None
    site.services.do(changes.cancel, paid.patient_id, paid.reference, shown_fee_minor=0)
    staff.until(noor.page, lambda: bool(desk.services.ask(payments.payment, paid.id).refunded_minor))
    boss = at(staff.sits_down(visitor(size)), paid)
    stands(boss, "Given back")
    expect(boss.page.locator("#followed")).to_contain_text("in time: no fee.")
    expect(boss.page.locator("#events")).to_contain_text("$60.00 given back")


@pytest.mark.req("P6")
@SIZES
def test_a_deposit_is_given_back_in_part_and_then_whole(site: Site, visitor: Make, desk: Till, size: str) -> None:
    paid = deposit(visitor(), desk)
    boss = at(staff.sits_down(visitor(size)), paid)
    boss.button("Refund").click()
    expect(boss.page.locator("#amount")).to_be_focused()
    expect(boss.page.locator("#amount")).to_have_value("60.00")
    is_clean_and_fits(boss, "refund")
    staff.fills(boss, {"Amount, USD": "60.01", "Why": "Goodwill"}).button("Go on").click()
    staff.is_refused_beside(boss, "amount", "no more than $60.00")
    staff.fills(boss, {"Amount, USD": "15", "Why": ""}).button("Go on").click()
    staff.is_refused_beside(boss, "reason", "Please say why")
    staff.fills(boss, {"Why": "The room was cold"}).button("Go on").click()
    expect(boss.page.get_by_role("heading", name="Give $15.00 back?")).to_be_focused()
    is_clean_and_fits(boss, "refund, sure?")
    boss.button("Give $15.00 back").click()
    expect(boss.notice).to_contain_text("$15.00 on its way back")
    stands(boss, "Partly given back")
    expect(boss.page.locator("#events")).to_contain_text("The room was cold (The owner)")
    boss.button("Refund").click()
    expect(boss.page.locator("#amount")).to_have_value("45.00")
    staff.fills(boss, {"Why": "And the rest"}).button("Go on").click()
    boss.button("Give $45.00 back").click()
    stands(boss, "Given back")
    expect(boss.button("Refund")).to_have_count(0)
    assert desk.services.ask(payments.payment, paid.id).refunded_minor == 6000


@pytest.mark.req("B9")
def test_a_refund_is_made_by_keyboard_alone(site: Site, visitor: Make, desk: Till) -> None:
    paid = deposit(visitor(), desk)
    boss = at(staff.sits_down(visitor()), paid)
    keys = boss.page.keyboard
    boss.button("Refund").focus()
    keys.press("Enter")
    expect(boss.page.locator("#amount")).to_be_focused()
    keys.press("Tab")
    keys.type("The room was cold")
    keys.press("Enter")
    expect(boss.page.get_by_role("heading", name="Give $60.00 back?")).to_be_focused()
    keys.press("Tab")
    expect(boss.button("Give $60.00 back")).to_be_focused()
    keys.press("Enter")
    expect(boss.notice).to_contain_text("$60.00 on its way back")
    expect(boss.notice).to_be_focused()


def test_a_refund_thought_better_of_gives_nothing_back(site: Site, visitor: Make, desk: Till) -> None:
    paid = deposit(visitor(), desk)
    boss = at(staff.sits_down(visitor()), paid)
    boss.button("Refund").click()
    staff.fills(boss, {"Why": "Goodwill"}).button("Go on").click()
    boss.button("Never mind").click()
    expect(boss.button("Refund")).to_be_visible()
    assert desk.services.ask(payments.refunds_of, paid.id) == ()


def test_what_another_gave_back_meanwhile_is_not_given_back_again(site: Site, visitor: Make, desk: Till) -> None:
    paid = deposit(visitor(), desk)
    boss, other = (at(staff.sits_down(visitor()), paid) for _ in range(2))
    for one in (boss, other):
        one.button("Refund").click()
        staff.fills(one, {"Amount, USD": "20", "Why": "Goodwill"}).button("Go on").click()
        expect(one.button("Give $20.00 back")).to_be_visible()
    boss.button("Give $20.00 back").click()
    expect(boss.notice).to_contain_text("on its way back")
    other.button("Give $20.00 back").click()
    expect(other.notice).to_contain_text("This has changed meanwhile")
    expect(other.page.locator("#facts")).to_contain_text("$20.00")
    assert [one.amount_minor for one in desk.services.ask(payments.refunds_of, paid.id)] == [2000]


def test_the_front_desk_gives_nothing_back(site: Site, visitor: Make, desk: Till) -> None:
    paid = deposit(visitor(), desk)
    boss = at(staff.sits_down(visitor(), "front_desk"), paid)
    stands(boss, "Paid")
    expect(boss.button("Refund")).to_have_count(0)


# ---- fees that failed ------------------------------------------------------------------------------------------------


@SIZES
def test_a_failed_fee_is_tried_again_and_then_waived(site: Site, visitor: Make, desk: Till, size: str) -> None:
    owed = owes(visitor(), desk)
    boss = at(staff.sits_down(visitor(size)), owed)
    expect(boss.page.get_by_text("The bank declined the card.").first).to_be_visible()
    boss.button("Charge $120.00 to Visa ending 0341 again").click()
    expect(boss.notice).to_contain_text("It could not be charged")
    stands(boss, "Not paid")
    boss.button("Waive the fee").click()
    is_clean_and_fits(boss, "waive")
    boss.page.locator("#why").get_by_role("button", name="Waive the fee").click()
    staff.is_refused_beside(boss, "reason", "Please say why")
    staff.fills(boss, {"Why": "Was in hospital"})
    boss.page.locator("#why").get_by_role("button", name="Waive the fee").click()
    expect(boss.notice).to_contain_text("The fee is waived")
    stands(boss, "Waived")
    expect(boss.page.locator("#events")).to_contain_text("Was in hospital (The owner)")
    assert desk.services.ask(payments.payment, owed.id).state is State.WAIVED


def test_a_failed_fee_is_charged_to_the_card_that_was_added_since(site: Site, visitor: Make, desk: Till) -> None:
    owed = owes(visitor(), desk)
    assert owed.patient_id is not None
    desk.adds_card(owed.patient_id, VISA)
    desk.cashier.card_returned(owed.patient_id)
    added = max(one.id for one in desk.services.ask(payments.cards_of, owed.patient_id, account="sandbox"))
    desk.services.do(cards.make_default, "sandbox", owed.patient_id, added)
    boss = at(staff.sits_down(visitor(), "front_desk"), owed)
    boss.button("Charge $120.00 to Visa ending 4242 again").click()
    expect(boss.notice).to_contain_text("$120.00 paid")
    stands(boss, "Paid")


def test_a_dispute_asks_for_attention_until_it_is_dealt_with(site: Site, visitor: Make, desk: Till) -> None:
    paid = deposit(visitor(), desk)
    desk.services.do(books.change, paid.id, disputed_at=site.clock.now())
    boss = staff.sits_down(visitor(), path="/admin/payments?show=attention")
    expect(boss.page.locator("#payments > li", has_text=paid.reference)).to_contain_text("The bank disputes it")
    at(boss, paid).button("Dealt with").click()
    staff.fills(boss, {"Why": "Evidence sent to the bank"}).button("It is dealt with").click()
    expect(boss.notice).to_contain_text("Noted")
    staff.goes_to(boss, "/admin/payments?show=attention")
    expect(boss.page.locator("main")).not_to_contain_text(paid.reference)


# ---- missed visits ---------------------------------------------------------------------------------------------------


@pytest.mark.req("P5")
@SIZES
def test_staff_charge_a_visit_nobody_came_to(site: Site, visitor: Make, desk: Till, size: str) -> None:
    amara = visitor()
    visit = books_visit(amara, desk, "botox")
    it_is(site, desk, visit, 3)
    boss = staff.follows(staff.sits_down(visitor(size), "front_desk", "/admin/payments"), "Missed visits")
    line = boss.page.locator("#missed > li", has_text=visit.reference)
    expect(line).to_contain_text("Botox — forehead")
    line.get_by_role("button", name="Did not come: charge $120.00").click()
    expect(boss.page.get_by_role("heading", name=f"{name_of(amara)} did not come?")).to_be_focused()
    expect(line).to_contain_text("$120.00 is charged to Visa ending 4242.")
    is_clean_and_fits(boss, "did not come?")
    line.get_by_role("button", name="Not yet").click()
    expect(line.get_by_role("button", name="Did not come: charge $120.00")).to_be_focused()
    line.get_by_role("button", name="Did not come: charge $120.00").click()
    expect(boss.page.get_by_role("heading", name=f"{name_of(amara)} did not come?")).to_be_focused()
    line.get_by_role("button", name="Did not come: charge $120.00").click()
    expect(boss.notice).to_contain_text("Marked as missed, $120.00 paid")
    expect(line).to_have_count(0)
    fee = settled(amara, desk, visit, Purpose.NOSHOW_FEE)
    assert (fee.state, fee.captured_minor) == (State.PAID, 12000)
    at(boss, fee)
    expect(boss.page.locator("#followed")).to_contain_text("Nobody came: a fee of $120.00.")
    expect(boss.page.locator("#events")).to_contain_text("by The front_desk")


@pytest.mark.req("P5")
def test_a_missed_visit_without_a_fee_is_marked_and_charged_nothing(site: Site, visitor: Make, desk: Till) -> None:
    site.clinic.change(clinic.Service, "facial", policy_rule="none")
    amara = visitor()
    site.clock.advance(timedelta(minutes=1, seconds=1))
    factories.visitor(site.clinic, "free", "facial", email=amara.email, phone=amara.e164)
    site.services.do(factories.holds.hold, "free", factories.minute(next(_days), "10:00"))
    visit = desk.books("free", None)
    it_is(site, desk, visit, 3)
    boss = staff.sits_down(visitor(), path="/admin/payments/missed")
    line = boss.page.locator("#missed > li", has_text=visit.reference)
    line.get_by_role("button", name="Did not come: no fee").click()
    expect(line).to_contain_text("nothing is charged")
    line.get_by_role("button", name="Did not come", exact=True).click()
    expect(boss.notice).to_contain_text("nothing was charged")
    assert desk.of_visit(visit.appointment_id) == ()


@pytest.mark.req("P5")
def test_a_missed_visit_whose_card_is_declined_says_so(site: Site, visitor: Make, desk: Till) -> None:
    visit = books_visit(visitor(), desk, "botox", LATER_DECLINED)
    it_is(site, desk, visit, 3)
    boss = staff.sits_down(visitor(), path="/admin/payments/missed")
    line = boss.page.locator("#missed > li", has_text=visit.reference)
    line.get_by_role("button", name="Did not come: charge $120.00").click()
    expect(line).to_contain_text("is charged to Visa ending 0341")
    line.get_by_role("button", name="Did not come: charge $120.00").click()
    expect(boss.notice).to_contain_text("Marked as missed, but $120.00 could not be charged")
    expect(boss.notice).to_contain_text("The bank declined the card.")
