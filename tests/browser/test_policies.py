"""Staff write policies, deposits and money: what they read themselves, and what patients read from then on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from playwright.sync_api import Locator, expect

from clinic_portal.clinic.queries import catalogue, version
from clinic_portal.clinic.types import Catalogue
from tests.browser import staff_journey as staff
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.site import Site

Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
PATH = "/admin/settings/policy"
EVERY = "Every service that has no other"


@pytest.fixture(autouse=True)
def _kept(site: Site) -> Iterator[None]:
    with staff.clinic_kept(site):
        yield


def writes(owner: Visitor, **fields: str) -> Visitor:
    """Fill in the form of a policy by its fields' names: a choice by its words, or text."""
    for name, value in fields.items():
        at = owner.page.locator(f"#{name}")
        if name.endswith("kind"):
            at.select_option(label=value)
        else:
            at.fill(value)
    return owner


def is_about(owner: Visitor, name: str, standing: str) -> Visitor:
    """Turn to the policy of a service, and read how it stands."""
    owner.page.locator("#about").select_option(label=name)
    expect(owner.page.locator("#standing")).to_contain_text(standing)
    return owner


def puts_in_force(owner: Visitor) -> Visitor:
    return staff.saves(owner, button="Put in force", told="The new policy is in force")


def known(site: Site) -> Catalogue:
    return site.services.ask(catalogue)


def special(owner: Visitor, name: str) -> Locator:
    """A service among those that differ."""
    return owner.page.locator("#specials > li", has_text=name)


@pytest.mark.req("P4")
@SIZES
def test_a_new_policy_holds_for_new_bookings_and_old_ones_keep_theirs(site: Site, visitor: Make, size: str) -> None:
    lena = visitor().has_portal()
    reference = staff.visit_of(lena, date(2026, 12, 7 if size == "desktop" else 8), "15:00", "peel")
    owner = staff.sits_down(visitor(size), path=PATH)
    writes(owner, text=f"One day, please ({size}).", free_hours="24", late_kind="USD", late="35")
    puts_in_force(owner)
    newest = owner.page.locator("#versions article").first
    for told in ("in force", "Free until 24 hours before; then $35.00. Missed: the same."):
        expect(newest).to_contain_text(told)
    expect(owner.page.locator("#versions article").nth(1)).not_to_contain_text("in force")
    newest.get_by_text("Its words").click()
    expect(newest.get_by_text(f"One day, please ({size}).")).to_be_visible()

    amara = visitor(size).reaches_times("Laser hair removal", provider="Maya").picks_day("Monday, December 14")
    amara.holds("9:00 AM" if size == "desktop" else "11:00 AM").goes_on("policy")
    expect(amara.page.locator("main")).to_contain_text(f"One day, please ({size}).")
    expect(amara.page.locator("main")).to_contain_text("cancelling costs $35.00, and so does missing it.")
    amara.accepts_and_confirms()

    lena.signs_in(f"/portal/visit?ref={reference}")
    on = "Sat, Dec 5" if size == "desktop" else "Sun, Dec 6"
    expect(lena.page.locator("main")).to_contain_text(f"Free to cancel until {on}")

    owner.button("Have no policy").click()
    expect(owner.notice).to_contain_text("The clinic has no policy now")
    later = visitor(size).reaches_times("Laser hair removal", provider="Maya").picks_day("Monday, December 14")
    later.holds("9:30 AM" if size == "desktop" else "11:30 AM").goes_on("policy")
    expect(later.button("Confirm booking")).to_be_visible()
    expect(later.page.locator("#accept")).to_be_hidden()


@pytest.mark.req("P4")
@pytest.mark.req("B4")
@SIZES
def test_what_patients_will_read_stands_beside_the_form_while_it_is_written(
    site: Site, visitor: Make, size: str
) -> None:
    owner = staff.sits_down(visitor(size), path=PATH)
    terms, card = owner.page.locator("#preview-terms"), owner.page.locator("#preview-card")
    expect(owner.page.get_by_label("Preview")).to_contain_text("Botox — forehead, $240.00")
    expect(terms).to_contain_text("After that, cancelling costs $120.00, and so does missing it.")
    writes(owner, free_hours="72", late="25", missed_kind="% of the price", missed="100")
    expect(terms).to_contain_text("After that, cancelling costs $60.00. Missing it costs $240.00.")
    expect(card).to_contain_text("25% of the price if you cancel less than 72 hours before your visit, and the full")
    writes(owner, late="a lot")
    expect(owner.page.get_by_label("Preview")).to_contain_text("As soon as the numbers are there")
    writes(owner, late_kind="USD", late="30", text="Three days, please.", card_text="Only for this.")
    expect(terms).to_contain_text("cancelling costs $30.00")
    expect(owner.page.get_by_label("Preview")).to_contain_text("Three days, please.")
    expect(card).to_have_text("Only for this.")
    owner.button("Write it from the numbers").click()
    expect(owner.page.locator("#card_text")).to_have_value(
        "You allow us to keep this card and to charge it, without asking again, only for this: $30.00 if you cancel "
        "less than 72 hours before your visit, and the full price if you do not come. Never more than your visit costs."
    )
    assert known(site).policy is not None
    assert known(site).policy.version == 1, "nothing is in force until it is put in force"  # type: ignore[union-attr]


@pytest.mark.req("P4")
@SIZES
def test_a_service_gets_a_policy_of_its_own_and_gives_it_back(site: Site, visitor: Make, size: str) -> None:
    slug, name = ("peel", "Chemical peel") if size == "desktop" else ("hair", "Laser hair removal")
    owner = staff.sits_down(visitor(size), path=PATH)
    is_about(owner, name, "It has none of its own yet.")
    expect(owner.page.locator("#text")).to_have_value("Please tell us two days before.")
    writes(owner, text="Three days for this.", free_hours="72", missed_kind="USD", missed="150")
    puts_in_force(owner)
    expect(owner.page.locator("#standing")).to_contain_text("is in force since")
    expect(special(owner, name)).to_contain_text(
        "Its own. Free until 72 hours before; then 50% of the price. Missed: $150.00."
    )
    own = known(site).policy_for(site.clinic[slug])
    assert own is not None
    assert (own.service_id, own.noshow_fee_minor) == (site.clinic[slug], 15000)
    is_about(owner, EVERY, "Version 1 is in force since")
    expect(owner.page.locator("#text")).to_have_value("Please tell us two days before.")
    special(owner, name).get_by_role("button", name=f"Policy of {name}").click()
    expect(owner.page.locator("#text")).to_have_value("Three days for this.")
    owner.button("Follow the clinic’s again").click()
    expect(owner.notice).to_contain_text("The clinic’s policy holds again")
    expect(owner.page.get_by_text("the clinic’s policy holds for every service")).to_be_visible()
    assert known(site).own_policies == {}


@pytest.mark.req("P4")
@pytest.mark.req("S75")
@SIZES
def test_a_patient_reads_and_accepts_the_policy_of_the_service_itself(site: Site, visitor: Make, size: str) -> None:
    owner = staff.sits_down(visitor(size), path=PATH)
    is_about(owner, "Chemical peel", "It has none of its own yet.")
    writes(owner, text="Four days for a peel.", free_hours="96", late="80", missed_kind="The same")
    puts_in_force(owner)
    amara = visitor(size).reaches_times("Chemical peel").picks_day("Monday, December 14")
    amara.holds("1:00 PM" if size == "desktop" else "3:00 PM").goes_on("policy")
    expect(amara.page.locator("main")).to_contain_text("Four days for a peel.")
    expect(amara.page.locator("main")).to_contain_text("After that, cancelling costs $144.00, and so does missing it.")
    writes(owner, text="Five days for a peel.", free_hours="120")
    puts_in_force(owner)
    amara.page.locator("#accept").check()
    amara.button("Continue to your card").click()
    expect(amara.notice).to_contain_text("The policy has changed")
    expect(amara.page.locator("main")).to_contain_text("Five days for a peel.")
    amara.accepts_and_confirms()
    expect(amara.page.locator("main")).to_contain_text("Free to cancel until Wed, Dec 9")


@pytest.mark.req("P4")
@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"late": ""}, "late", "a percentage or an amount"),
        ({"late": "101"}, "late", "from 0 to 100"),
        ({"late_kind": "USD", "late": "ten"}, "late", "an amount such as"),
        ({"late_kind": "USD", "late": "0.10"}, "late", "make it $0.50 or more"),
        ({"missed_kind": "% of the price", "missed": "101"}, "missed", "from 0 to 100"),
        ({"missed_kind": "USD", "missed": "0.10"}, "missed", "make it $0.50 or more"),
        ({"free_hours": "-1"}, "free_hours", "from 0 to 1000"),
        ({"text": ""}, "text", "Please fill this in"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_beside_its_field(
    site: Site, visitor: Make, fields: dict[str, str], field: str, sentence: str
) -> None:
    owner = staff.sits_down(visitor(), path=PATH)
    before = site.services.ask(version)
    writes(owner, **fields)
    owner.button("Put in force").click()
    staff.is_refused_beside(owner, field, sentence)
    for name, value in fields.items():
        if not name.endswith("kind"):
            expect(owner.page.locator(f"#{name}")).to_have_value(value)
    assert site.services.ask(version) == before


@pytest.mark.req("P4")
@SIZES
def test_a_service_asks_for_a_deposit_and_is_under_no_policy(site: Site, visitor: Make, size: str) -> None:
    owner = staff.sits_down(visitor(size), path=f"/admin/settings/services?open={site.clinic['peel']}")
    expect(owner.page.locator("#deposit_minor")).to_be_visible()
    owner.page.locator("#deposit_minor").fill("200")
    owner.page.locator("main li").get_by_role("button", name="Save", exact=True).click()
    staff.is_refused_beside(owner, "deposit_minor", "cannot be more than the price")
    owner.page.locator("#deposit_minor").fill("")
    owner.page.locator("#deposit_percent").fill("20")
    owner.page.locator("#policy_rule").select_option(label="None: cancelling it never costs anything")
    staff.saves(owner)
    expect(staff.line_of(owner, "Chemical peel")).to_contain_text("deposit 20%")
    peel = known(site).services[site.clinic["peel"]]
    assert (peel.deposit_percent, peel.deposit_minor, peel.policy_rule) == (20, None, "none")
    staff.goes_to(owner, PATH)
    expect(special(owner, "Chemical peel")).to_contain_text("None: nothing is charged")
    expect(special(owner, "Chemical peel")).to_contain_text("Deposit 20%: $36.00")
    special(owner, "Chemical peel").get_by_role("link", name="Service Chemical peel").click()
    expect(owner.page.locator("#deposit_percent")).to_have_value("20")


@SIZES
def test_where_deposits_return_to_and_what_a_card_is_held_for_is_kept(site: Site, visitor: Make, size: str) -> None:
    owner = staff.sits_down(visitor(size), path=PATH)
    form = owner.page.locator("#money")
    form.get_by_label("A deposit cancelled in time goes").select_option(value="wallet")
    owner.page.locator("#card_hold_minor").fill("11")
    form.get_by_role("button", name="Save").click()
    staff.is_refused_beside(owner, "card_hold_minor", "keep it to $10.00")
    owner.page.locator("#card_hold_minor").fill("1")
    staff.saves(owner, form)
    found = known(site).clinic
    assert (found.card_hold_minor, found.deposit_returns_to) == (100, "wallet")


@pytest.mark.req("P4")
@SIZES
def test_another_currency_says_what_it_changes_before_it_is_taken(site: Site, visitor: Make, size: str) -> None:
    owner = staff.sits_down(visitor(size), path=PATH)
    is_about(owner, "Chemical peel", "It has none of its own yet.")
    puts_in_force(writes(owner, late_kind="USD", late="90"))
    at, told = owner.page.locator("#currency"), owner.page.locator("#consequences")
    at.select_option(value="JPY")
    for sentence in (
        "Botox — forehead costs ¥240 instead of $240.00. Nothing is converted.",
        "Policies that name an amount are published anew",
        "The hold on a card becomes ¥50.",
        "What is booked already stays in USD.",
    ):
        expect(told).to_contain_text(sentence)
    owner.button("Keep USD").click()
    expect(told).to_be_hidden()
    expect(at).to_have_value("USD")
    assert known(site).clinic.currency == "USD"
    at.select_option(value="HUF")
    owner.button("Change to HUF").click()
    staff.is_refused_beside(owner, "currency", "another deposit or fee first: the cancellation policy")
    assert known(site).clinic.currency == "USD"
    at.select_option(value="JPY")
    owner.button("Change to JPY").click()
    expect(owner.notice).to_contain_text("Prices are in JPY now")
    expect(owner.page.locator("#late")).to_have_value("90")
    expect(owner.page.locator("#preview-terms")).to_contain_text("cancelling costs ¥90")
    own = known(site).own_policies[site.clinic["peel"]]
    assert (own.fee_minor, own.currency, known(site).clinic.card_hold_minor) == (90, "JPY", 50)


@pytest.mark.req("P4")
@pytest.mark.req("B9")
@SIZES
def test_the_page_is_clean_and_fits_with_everything_on_it(site: Site, visitor: Make, size: str) -> None:
    owner = staff.sits_down(visitor(size), path=f"/admin/settings/services?open={site.clinic['facial']}")
    owner.page.locator("#deposit_minor").fill("25")
    staff.saves(owner)
    staff.goes_to(owner, PATH)
    is_about(owner, "Chemical peel", "It has none of its own yet.")
    puts_in_force(writes(owner, text="Donaudampfschifffahrtsgesellschaftskapitän" * 3, missed_kind="USD", missed="150"))
    owner.page.locator("#versions summary").first.click()
    owner.page.locator("#currency").select_option(value="JPY")
    expect(owner.page.locator("#consequences")).to_be_visible()
    is_clean_and_fits(owner, "the page of policies")
    writes(owner, late_kind="% of the price", late="101")
    owner.button("Put in force").click()
    staff.is_refused_beside(owner, "late", "from 0 to 100")
    is_clean_and_fits(owner, "with a refusal")


@pytest.mark.req("B9")
def test_a_policy_is_written_and_put_in_force_with_the_keyboard_alone(site: Site, visitor: Make) -> None:
    owner = staff.sits_down(visitor(), path=PATH)
    owner.page.locator("#free_hours").focus()
    owner.page.keyboard.press("Control+A")
    owner.page.keyboard.type("36")
    owner.page.keyboard.press("Tab")
    expect(owner.page.locator("#late")).to_be_focused()
    owner.page.keyboard.press("Control+A")
    owner.page.keyboard.type("40")
    owner.page.keyboard.press("Enter")
    expect(owner.notice).to_contain_text("The new policy is in force")
    found = known(site).policy
    assert found is not None
    assert (found.free_hours, found.fee_percent) == (36, 40)
