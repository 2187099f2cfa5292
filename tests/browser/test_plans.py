"""Staff write membership plans, and patients find them (P8)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, update

from clinic_portal.core.db import table
from clinic_portal.core.work import UnitOfWork
from clinic_portal.memberships import models
from tests import plans_kit
from tests.browser import staff_journey as staff
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.site import Site

pytestmark = pytest.mark.req("P8")
Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
PATH = "/admin/settings/memberships"


@pytest.fixture(autouse=True)
def _no_plans(site: Site) -> Iterator[None]:
    yield

    def away(work: UnitOfWork) -> None:
        work.execute(update(table(models.Membership)).values(version_id=None, next_version_id=None))
        work.execute(delete(table(models.PlanVersion)))
        work.execute(delete(table(models.MembershipPlan)))

    site.services.do(away)


def writes(owner: Visitor, **fields: str) -> Visitor:
    """Fill in fields of the plan's form by their names."""
    for name, value in fields.items():
        at = owner.page.locator(f"#{name}")
        expect(at).to_be_visible()
        if at.evaluate("element => element.tagName") == "SELECT":
            at.select_option(label=value)
        else:
            at.fill(value)
    return owner


@SIZES
def test_the_owner_writes_a_plan_sees_its_card_and_offers_it(site: Site, visitor: Make, size: str) -> None:
    plans_kit.agreement(site.clinic)
    owner = staff.sits_down(visitor(size), path=PATH)
    expect(owner.page.get_by_role("heading", name="No plan yet")).to_be_visible()
    is_clean_and_fits(owner, "no plan")
    owner.button("Add a plan").click()
    expect(owner.page.locator("#name")).to_be_focused()
    writes(owner, name="Glow", description="A facial a month, and better prices.", fee="99", setup_fee="50")
    writes(owner, discount="10", what_0="Hydrating facial", count_0="1")
    owner.button("Add another").click()
    expect(owner.page.locator("#what_1")).to_be_focused()
    writes(owner, what_1="Credit in money", count_1="25")
    owner.button("Add another").click()
    writes(owner, what_2="A product", called_2="Sunscreen", count_2="1", agreement_id="Membership agreement")
    card = owner.page.locator("#preview-card")
    for told in (
        "Glow", "$99", "a month", "and $50 once, to join", "10% off every treatment",
        "1 × Hydrating facial each month", "$25 in credit each month", "1 × Sunscreen each month",
        "First payment $149, then $99 a month.", "What you do not use in a month stays yours for later.",
    ):  # fmt: skip
        expect(card).to_contain_text(told)
    is_clean_and_fits(owner, "a plan being written")
    staff.saves(owner, told="Patients see it as soon as you offer it")
    line = staff.line_of(owner, "Glow").first
    expect(line).to_contain_text("Not on offer · No members yet")
    line.get_by_role("button", name="Offer").click()
    expect(owner.notice).to_contain_text("On offer")
    is_clean_and_fits(owner, "a plan on offer")

    amara = visitor(size)
    amara.opens("/")
    amara.page.get_by_role("link", name="See the memberships").click()
    expect(amara.page.locator("#plans")).to_contain_text("First payment $149, then $99 a month.")
    is_clean_and_fits(amara, "memberships")
    amara.page.get_by_role("link", name="Join Glow").click()
    amara.page.wait_for_url(re.compile(r"/sign-in/?\?.*next=.*membership"))


def test_what_makes_no_sense_is_said_at_its_field(site: Site, visitor: Make) -> None:
    owner = staff.sits_down(visitor(), path=PATH)
    owner.button("Add a plan").click()
    writes(owner, name="Glow", fee="much", what_0="Credit in money", count_0="-5")
    owner.page.get_by_role("button", name="Save", exact=True).click()
    staff.is_refused_beside(owner, "fee", "Please write an amount such as 240 or 240.00.")
    expect(owner.page.locator("#count_0-error")).to_contain_text("Please write an amount")
    is_clean_and_fits(owner, "refusals")
    expect(owner.page.locator("#name")).to_have_value("Glow")


def test_before_saving_it_is_said_who_stays_on_the_old_terms(site: Site, visitor: Make) -> None:
    plan_id = plans_kit.offered(site.clinic)
    plans_kit.joins(site.clinic, plan_id)
    owner = staff.sits_down(visitor(), path=f"{PATH}?open={plan_id}")
    writes(owner, fee="120")
    expect(owner.page.locator("#stays")).to_contain_text("1 member stays on the terms they signed")
    staff.saves(owner, told="members keep theirs")


def test_two_editors_notice_each_other(site: Site, visitor: Make) -> None:
    plan_id = plans_kit.offered(site.clinic)
    first = staff.sits_down(visitor(), path=f"{PATH}?open={plan_id}")
    second = staff.sits_down(visitor(), path=f"{PATH}?open={plan_id}")
    staff.saves(writes(first, fee="120"))
    writes(second, fee="130").page.get_by_role("button", name="Save", exact=True).click()
    expect(second.notice).to_contain_text("Somebody else changed this plan meanwhile")
    assert plans_kit.plan(site.clinic, plan_id).fee_minor == 12000


@SIZES
def test_where_nothing_is_on_offer_the_page_says_so_and_nothing_leads_there(
    site: Site, visitor: Make, size: str
) -> None:
    amara = visitor(size)
    amara.opens("/memberships")
    expect(amara.page.get_by_role("heading", name="There is nothing to join just now")).to_be_visible()
    is_clean_and_fits(amara, "no memberships")
    amara.opens("/")
    expect(amara.page.get_by_role("heading", name="Where to find us")).to_be_visible()
    expect(amara.page.get_by_role("link", name="See the memberships")).to_have_count(0)
