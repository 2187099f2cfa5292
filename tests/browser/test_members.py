"""Staff look through the members, and handle one's membership on their page (P8)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from clinic_portal.memberships import changing
from clinic_portal.payments import queries as payments
from tests import plans_kit
from tests.browser.journey import Visitor
from tests.browser.member_journey import identity, is_member, membership, passes
from tests.browser.portal_journey import at_home
from tests.browser.staff_journey import goes_to, sits_down
from tests.browser.test_access import is_clean_and_fits
from tests.card_kit import LATER_DECLINED
from tests.site import Site

pytestmark = pytest.mark.req("P8")
Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
LIST = "/admin/memberships"


@pytest.fixture(scope="module")
def glow(site: Site) -> int:
    return plans_kit.offered(site.clinic)


def page_of(member: Visitor) -> str:
    return f"/admin/patient?id={identity(member)}"


@SIZES
def test_the_owner_sees_members_and_what_they_will_bring_in(site: Site, visitor: Make, glow: int, size: str) -> None:
    owner = sits_down(visitor(size), path=LIST)
    is_clean_and_fits(owner, "members")
    amara, bea = is_member(visitor(), glow), is_member(visitor(), glow)
    bea.page.locator("#cancel").click()
    bea.button("Yes, cancel it").click()
    expect(bea.notice).to_contain_text("cancelled")
    owner.page.locator("#wanted").fill(amara.email)
    owner.page.keyboard.press("Enter")
    owner.page.wait_for_url(re.compile(r"\?words=kept$"))
    expect(owner.page.locator("#members")).to_contain_text("Glow · $99 a month")
    expect(owner.page.locator("#members")).to_contain_text("renews Wed, Dec 23, 2026")
    expect(owner.page.locator("#figures")).to_contain_text("Next 30 days")
    expect(owner.page.locator("#churn")).to_contain_text("November 2026")
    is_clean_and_fits(owner, "a member found")
    goes_to(owner, f"{LIST}?show=ending")
    expect(owner.page.locator("#members")).to_contain_text("on Wed, Dec 23, 2026")
    owner.page.get_by_role("link", name=re.compile("^Ended")).first.click()
    expect(owner.page.locator("#nothing")).to_be_visible()


def test_the_front_desk_sees_members_and_no_sales(site: Site, visitor: Make, glow: int) -> None:
    is_member(visitor(), glow)
    desk = sits_down(visitor(), "front_desk", LIST)
    expect(desk.page.locator("#members li").first).to_be_visible()
    expect(desk.page.locator("#figures")).to_have_count(0)
    expect(desk.page.locator("#churn")).to_have_count(0)


@SIZES
def test_staff_pause_change_cancel_and_end_with_a_reason(site: Site, visitor: Make, glow: int, size: str) -> None:
    amara = is_member(visitor(), glow)
    desk = sits_down(visitor(size), "front_desk", page_of(amara))
    part = desk.page.locator("#membership")
    expect(part).to_contain_text("Renews on Wednesday, December 23, 2026: $99.")
    is_clean_and_fits(desk, "a member's page")
    desk.page.locator("#pause-membership").click()
    expect(desk.page.locator("#end-title")).to_be_focused()
    is_clean_and_fits(desk, "asked for a pause")
    desk.button("Yes, pause it").click()
    expect(desk.notice).to_contain_text("The pause is arranged")
    expect(part).to_contain_text("Pauses on Wednesday, December 23, 2026")
    desk.page.locator("#resume-membership").click()
    desk.button("Yes, call it off").click()
    expect(desk.notice).to_contain_text("It goes on")
    desk.page.locator("#cancel-membership").click()
    desk.button("Yes, cancel it").click()
    expect(desk.notice).to_contain_text("It is cancelled")
    expect(part).to_contain_text("Ends on Wednesday, December 23, 2026.")
    desk.page.locator("#end-membership").click()
    desk.button("Yes, end it").click()
    expect(desk.page.locator("#reason-error")).to_contain_text("Please say why in a few words")
    expect(desk.page.locator("#reason")).to_be_focused()
    is_clean_and_fits(desk, "no reason given")
    desk.page.locator("#reason").fill("Moved to another town")
    desk.button("Yes, end it").click()
    expect(desk.notice).to_contain_text("The membership has ended")
    expect(part).to_contain_text("Not a member")
    assert membership(amara) is None


def test_staff_ask_for_the_agreement_of_another_plan_when_they_mean_to(site: Site, visitor: Make, glow: int) -> None:
    other = plans_kit.agreement(site.clinic, "radiance", "Radiance agreement")
    radiance = plans_kit.offered(site.clinic, name="Radiance", fee="150", agreement_id=str(other))
    amara = is_member(visitor(), glow)
    desk = sits_down(visitor(), "front_desk", page_of(amara))
    desk.page.locator("#change-membership").click()
    desk.page.locator("#member-choice").select_option(label="Radiance, $150 a month")
    expect(desk.button("Yes, change it")).to_have_count(0)
    assert site.services.ask(changing.to_sign, identity(amara), radiance) == "to_ask"
    is_clean_and_fits(desk, "asking for an agreement")
    desk.button("Ask them to sign it").click()
    expect(desk.page.locator("#membership")).to_contain_text("it stands in their portal now")
    expect(desk.page.locator("#end-title")).to_be_focused()
    assert site.services.ask(changing.to_sign, identity(amara), radiance) == "asked"


def test_staff_try_an_overdue_payment_once_more(site: Site, visitor: Make, glow: int) -> None:
    amara = passes(is_member(visitor(), glow, card=LATER_DECLINED), days=31)
    desk = sits_down(visitor(), "front_desk", page_of(amara))
    expect(desk.page.locator("#owed")).to_contain_text("Overdue since Wednesday, December 23, 2026.")
    desk.button("Try the card now").click()
    expect(desk.notice).to_contain_text("The bank said no again")


def test_who_gives_a_period_back_reads_that_what_it_brought_stays(site: Site, visitor: Make, glow: int) -> None:
    amara = is_member(visitor(), glow)
    owner = sits_down(visitor(), path="/admin/payments")
    goes_to(owner, f"/admin/payment?id={site.services.ask(payments.of_patient, identity(amara))[0].id}")
    owner.button("Refund").click()
    owner.page.locator("#reason").fill("She never came.")
    owner.button("Go on").click()
    expect(owner.page.locator("#takes")).to_contain_text("It put into the wallet:")
    expect(owner.page.locator("#takes")).to_contain_text("take out of the patient’s wallet what is not to be used")
    is_clean_and_fits(owner, "giving back a membership's period")


def test_what_changed_meanwhile_is_said_and_not_done(site: Site, visitor: Make, glow: int) -> None:
    amara = is_member(visitor(), glow)
    desk = sits_down(visitor(), "front_desk", page_of(amara))
    desk.page.locator("#cancel-membership").click()
    expect(desk.page.locator("#end-title")).to_be_focused()
    amara.page.locator("#pause").click()
    expect(amara.page.locator("#effects")).to_contain_text("Until")
    amara.button("Yes, pause it").click()
    expect(amara.notice).to_contain_text("Your pause is arranged")
    desk.button("Yes, cancel it").click()
    expect(desk.notice).to_contain_text("Something has changed meanwhile")
    found = membership(at_home(amara))
    assert found is not None
    assert not found.is_ending
