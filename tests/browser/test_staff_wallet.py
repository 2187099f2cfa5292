"""Staff and wallets: what a patient has, whether patients see it, what the clinic owes, a payment given back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from clinic_portal.payments.types import Purpose
from clinic_portal.wallet import queries
from tests.browser import staff_journey as staff
from tests.browser.journey import Visitor
from tests.browser.portal_journey import at_home
from tests.browser.test_access import is_clean_and_fits
from tests.browser.test_payments import books_visit, cancels_late, desk, settled
from tests.browser.test_wallet import who
from tests.card_kit import Till
from tests.site import Site
from tests.wallet_kit import credit, facials, gives

__all__ = ["desk"]
Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])


@pytest.fixture(autouse=True)
def _kept(site: Site) -> Iterator[None]:
    with staff.clinic_kept(site):
        yield


def at_wallet(boss: Visitor, patient_id: int, role: str = "front_desk") -> Visitor:
    """Someone of the staff at a patient's wallet."""
    return staff.sits_down(boss, role, f"/admin/patient?id={patient_id}&view=wallet")


@SIZES
@pytest.mark.req("P7")
def test_staff_give_credit_with_a_reason_that_the_patient_does_not_read(visitor: Make, site: Site, size: str) -> None:
    patient_id = who(amara := visitor(size))
    boss = at_wallet(visitor(size), patient_id)
    is_clean_and_fits(boss, "an empty wallet")
    boss.button("Give credit").click()
    staff.fills(boss, {"Amount, USD": "75", "Good until (with that day)": "2027-03-03", "Why": "For her birthday"})
    is_clean_and_fits(boss, "giving credit")
    staff.saves(boss, told="Credit added")
    expect(boss.page.locator("#credit")).to_have_text("$75.00")
    expect(boss.page.locator("#gifts")).to_contain_text("Use by Wed, Mar 3, 2027")
    line = boss.page.locator("#happened > li").first
    expect(line).to_contain_text("For her birthday")
    expect(line).to_contain_text("The front_desk")
    is_clean_and_fits(boss, "a wallet")
    site.clinic.settings(is_wallet_shown=True)
    at_home(amara, "/portal/wallet")
    expect(amara.page.locator("#credit")).to_have_text("$75.00")
    expect(amara.page.locator("main")).not_to_contain_text("birthday")


@pytest.mark.req("P7")
def test_staff_give_treatments_and_products_and_hand_one_over(visitor: Make, site: Site) -> None:
    patient_id = who(visitor())
    boss = at_wallet(visitor(), patient_id)
    boss.button("Give treatments").click()
    staff.fills(boss, {"Which": "Any of Injectables", "How many": "2", "Why": "We cancelled on her"})
    staff.saves(boss, told="Added to the wallet")
    boss.button("Give a product").click()
    staff.fills(boss, {"What it is called": "Vitamin C serum", "What one is worth, USD": "30", "Why": "A promotion"})
    staff.saves(boss, told="Added to the wallet")
    expect(boss.page.locator("#items > li", has_text="Injectables")).to_contain_text("2 left")
    boss.page.get_by_role("button", name="Hand over: Vitamin C serum").click()
    boss.button("Yes, hand it over").click()
    expect(boss.notice).to_contain_text("Handed over")
    expect(boss.page.locator("#items > li", has_text="Vitamin C serum")).to_have_count(0)
    expect(boss.page.locator("#happened > li").first).to_contain_text("Handed over")


@pytest.mark.req("P7")
def test_staff_take_credit_and_items_but_no_more_than_there_is(visitor: Make, site: Site) -> None:
    patient_id = who(visitor())
    gives(site.services, patient_id)
    facials(site.services, patient_id, site.clinic["facial"])
    boss = at_wallet(visitor(), patient_id)
    boss.button("Take credit out").click()
    for amount in ("50.01", "-5", "0"):
        staff.fills(boss, {"Amount": amount, "Why": "A mistake"})
        boss.button("Save").click()
        expect(boss.page.locator("#amount-error")).not_to_be_empty()
        expect(boss.page.locator("#amount")).to_have_value(amount)
    staff.fills(boss, {"Amount": "20", "Why": ""})
    boss.button("Save").click()
    staff.is_refused_beside(boss, "reason", "Please say why")
    staff.fills(boss, {"Why": "A mistake"})
    staff.saves(boss, told="Credit taken out")
    expect(boss.page.locator("#credit")).to_have_text("$30.00")
    boss.page.get_by_role("button", name="Take out: Hydrating facial").click()
    staff.fills(boss, {"How many": "2", "Why": "Booked by mistake"})
    staff.saves(boss, told="Taken out")
    expect(boss.page.locator("#items > li")).to_contain_text("1 left")
    assert credit(site.services, patient_id) == 3000


@pytest.mark.req("P7")
@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_who_does_not_handle_wallets_finds_none(visitor: Make, site: Site, role: str) -> None:
    patient_id = who(visitor())
    gives(site.services, patient_id)
    boss = at_wallet(visitor(), patient_id, role)
    expect(boss.page.get_by_role("link", name="Wallet")).to_have_count(0)
    expect(boss.page.locator("main")).not_to_contain_text("$50.00")


@SIZES
@pytest.mark.req("S34")
def test_the_clinic_switches_wallets_on_for_patients(visitor: Make, site: Site, size: str) -> None:
    amara = at_home(visitor(size))
    expect(amara.page.get_by_role("link", name="Wallet")).to_have_count(0)
    boss = staff.sits_down(visitor(size), "owner", "/admin/settings/wallet")
    switch = boss.page.get_by_role("switch", name="Patients see their wallet")
    expect(switch).to_have_attribute("aria-checked", "false")
    is_clean_and_fits(boss, "wallet settings")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    at_home(amara)
    amara.page.get_by_role("link", name="Wallet").click()
    expect(amara.heading).to_have_text("Wallet")


@pytest.mark.req("P8")
def test_the_rules_of_memberships_are_kept_within_bounds(visitor: Make) -> None:
    boss = staff.sits_down(visitor(), "owner", "/admin/settings/wallet")
    form = staff.part(boss, "Memberships")
    staff.fills(boss, {"Days of grace after a refused renewal": "61"}, form)
    form.get_by_role("button", name="Save").click()
    expect(boss.page.locator("#grace_days-error")).to_contain_text("from 0 to 60")
    staff.fills(boss, {"Days of grace after a refused renewal": "7"}, form)
    staff.saves(boss, form)
    expect(boss.page.locator("#grace_days")).to_have_value("7")


@SIZES
@pytest.mark.req("P7")
@pytest.mark.req("P18")
def test_an_owner_reads_what_the_clinic_owes(visitor: Make, site: Site, size: str) -> None:
    patient_id = who(visitor(size))
    boss = staff.sits_down(visitor(size), "owner", "/admin/liability")
    shown = boss.page.locator("#total-USD")
    before = shown.inner_text()
    gives(site.services, patient_id, amount="1234.50", until=(site.clock.now().date() + timedelta(days=20)).isoformat())
    staff.goes_to(boss, "/admin/liability")
    expect(shown).not_to_have_text(before)
    expect(boss.page.get_by_role("table", name="Where it came from, USD")).to_contain_text("Gifts and promotions")
    is_clean_and_fits(boss, "liability")
    boss.page.locator("#on").fill("2026-11-20")
    expect(boss.page.locator("main")).to_contain_text("At the end of Friday, November 20, 2026")
    expect(shown).to_have_text("$0.00")
    boss.page.locator("#on").fill("2030-01-01")
    expect(boss.page.locator("#on-error")).to_contain_text("still to come")


@pytest.mark.req("P18")
def test_an_owner_downloads_it_wallet_by_wallet(visitor: Make, site: Site) -> None:
    patient_id = who(visitor())
    gives(site.services, patient_id, what="product", product="=1+1", count="2", each="11.10")
    boss = staff.sits_down(visitor(), "owner", "/admin/liability")
    with boss.page.expect_download() as loading:
        boss.page.get_by_role("link", name="Download (CSV)").click()
    text = loading.value.path().read_text("utf-8-sig")
    found = [row for row in csv.DictReader(io.StringIO(text)) if row["Number"] == str(patient_id)]
    assert [(row["What"], row["Left"], row["Worth"], row["From"]) for row in found] == [
        ("'=1+1", "2", "22.20", "Gifts and promotions")
    ]
    assert loading.value.suggested_filename == "liability-2026-11-23.csv"


@pytest.mark.req("P18")
@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_only_who_sees_sales_reads_or_downloads_it(visitor: Make, role: str) -> None:
    boss = staff.sits_down(visitor(), role)
    expect(boss.page.get_by_role("link", name="Liability")).to_have_count(0)
    answer = boss.page.context.request.get(f"{boss.site.url}/admin/liability.csv", max_redirects=0)
    assert answer.status == 303
    boss.page.goto(f"{boss.site.url}/admin/liability")
    expect(boss.page.locator("#total-USD")).to_have_count(0)


@SIZES
@pytest.mark.req("P7")
def test_a_fee_is_given_back_into_the_wallet(visitor: Make, site: Site, desk: Till, size: str) -> None:
    amara = visitor(size)
    visit = books_visit(amara, desk, "botox")
    cancels_late(amara, desk, visit)
    fee = settled(amara, desk, visit, Purpose.CANCELLATION_FEE)
    boss = staff.sits_down(visitor(size), "owner", f"/admin/payment?id={fee.id}")
    boss.button("Refund").click()
    boss.page.get_by_label("Into the patient’s wallet").check()
    staff.fills(boss, {"Amount, USD": "20", "Why": "The bus was late"})
    is_clean_and_fits(boss, "giving back")
    boss.button("Go on").click()
    expect(boss.page.locator("[aria-labelledby=sure]")).to_contain_text("credit in the patient’s wallet")
    boss.button("Give $20.00 back").click()
    expect(boss.notice).to_contain_text("$20.00 is in the wallet")
    expect(boss.page.locator("#facts")).to_contain_text("Given back as credit")
    expect(boss.page.locator("#events")).to_contain_text("$20.00 given back into the wallet")
    assert credit(site.services, visit.patient_id) == 2000
    assert site.services.ask(queries.entries, visit.patient_id)[0].reason == "The bus was late"
