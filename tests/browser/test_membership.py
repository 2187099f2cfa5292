"""A patient joins a membership plan, and does all that a member can do (S3, S32, P8)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from clinic_portal.core.db import table
from clinic_portal.core.work import UnitOfWork
from clinic_portal.forms import requests
from clinic_portal.memberships import models
from tests import plans_kit
from tests.browser.journey import Visitor
from tests.browser.member_journey import PATH, identity, is_member, membership, passes, signs
from tests.browser.portal_journey import at_home, opens, other_tab
from tests.browser.test_access import is_clean_and_fits
from tests.card_kit import LATER_DECLINED
from tests.membership_kit import next_version
from tests.site import Site

Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
JOINS = pytest.mark.req("S3")


@pytest.fixture(scope="module")
def glow(site: Site) -> int:
    """A plan with a facial and $25 in credit each month; its id."""
    return plans_kit.offered(site.clinic)


@pytest.fixture(autouse=True)
def _glow_only(site: Site, glow: int) -> Iterator[None]:
    yield
    plans = table(models.MembershipPlan)
    site.services.do(lambda work: _withdraw(work, plans, glow))


def _withdraw(work: UnitOfWork, plans: object, glow: int) -> None:
    columns = table(models.MembershipPlan)
    work.execute(update(columns).where(columns.c.id != glow).values(is_active=False))


@JOINS
@SIZES
def test_a_patient_joins_by_signing_and_paying(site: Site, visitor: Make, glow: int, size: str) -> None:
    amara = visitor(size).has_portal()
    amara.opens("/memberships")
    amara.page.get_by_role("link", name="Join Glow").click()
    amara.page.wait_for_url(re.compile("/sign-in"))
    amara.is_seen_as_a_person().fills_sign_in().button("Sign in").click()
    amara.page.wait_for_url(re.compile(r"/portal/membership\?plan="))
    expect(amara.page.get_by_role("heading", name="Choose your plan")).to_be_visible()
    is_clean_and_fits(amara, "choosing")
    amara.page.get_by_role("button", name="Go on Glow").click()
    expect(amara.page.get_by_role("heading", name="Join Glow")).to_be_focused()
    expect(amara.page.locator("#pay")).to_have_count(0)
    is_clean_and_fits(amara, "to be signed")
    amara.button("Read and sign").click()
    signs(amara)
    amara.page.get_by_role("link", name="Go on", exact=True).click()
    amara.page.wait_for_url(re.compile(f"{PATH}$"))
    expect(amara.page.locator("#pay")).to_have_text("Pay $149 and join")
    is_clean_and_fits(amara, "to be paid")
    amara.page.locator("#pay").click()
    amara.page.wait_for_url(re.compile(r"/sandbox/pay/"))
    amara.gives_card(act="Pay $149.00")
    expect(amara.notice).to_contain_text("Welcome to Glow")
    expect(amara.page.locator("#next")).to_have_text("Next payment: $99 on Wednesday, December 23, 2026.")
    for told in ("1 × Hydrating facial", "$25 in credit", "Paid", "$149", "Visa ending in 4242"):
        expect(amara.page.locator("#member")).to_contain_text(told)
    expect(amara.page.get_by_role("link", name="Payment methods").first).to_be_visible()
    is_clean_and_fits(amara, "a member")
    found = membership(amara)
    assert found is not None
    assert (found.state, found.document_id is not None) == ("active", True)


@JOINS
def test_each_step_can_be_left_and_taken_up_again(site: Site, visitor: Make, glow: int) -> None:
    amara = at_home(visitor(), f"{PATH}?plan={glow}")
    amara.page.get_by_role("button", name="Go on Glow").click()
    opens(amara, "/portal")
    expect(amara.page.get_by_text("Membership agreement").first).to_be_visible()
    opens(amara, PATH).button("Read and sign").click()
    signs(amara)
    opens(amara, PATH).page.locator("#pay").click()
    amara.page.wait_for_url(re.compile(r"/sandbox/pay/"))
    amara.page.get_by_role("link", name="Back to Lumen Aesthetics").click()
    amara.page.wait_for_url(re.compile(r"left=1"))
    expect(amara.notice).to_contain_text("You have not joined yet")
    assert membership(amara).state == "joining"  # type: ignore[union-attr]
    amara.page.locator("#pay").click()
    amara.page.wait_for_url(re.compile(r"/sandbox/pay/"))
    amara.gives_card(act="Pay $149.00")
    expect(amara.notice).to_contain_text("Welcome to Glow")


@JOINS
def test_another_plan_can_be_chosen_instead_or_none(site: Site, visitor: Make, glow: int) -> None:
    plans_kit.offered(site.clinic, name="Radiance", fee="150", agreement_id=_agreement(site))
    amara = at_home(visitor(), PATH)
    amara.page.get_by_role("button", name="Choose Glow").click()
    expect(amara.page.get_by_role("heading", name="Join Glow")).to_be_focused()
    amara.page.get_by_role("button", name="Choose this instead Radiance").click()
    expect(amara.page.get_by_role("heading", name="Join Radiance")).to_be_visible()
    is_clean_and_fits(amara, "another plan")
    amara.button("I do not want to join").click()
    expect(amara.page.locator("#ask-title")).to_be_focused()
    is_clean_and_fits(amara, "rather not")
    amara.button("Do not join").click()
    expect(amara.notice).to_contain_text("You are not joining")
    expect(amara.page.get_by_role("heading", name="Choose your plan")).to_be_visible()
    assert membership(amara) is None


@JOINS
def test_two_tabs_join_once(site: Site, visitor: Make, glow: int) -> None:
    amara = at_home(visitor(), PATH)
    amara.page.get_by_role("button", name="Choose Glow").click()
    amara.button("Read and sign").click()
    signs(amara)
    opens(amara, PATH)
    second = other_tab(amara, PATH)
    amara.page.locator("#pay").click()
    amara.page.wait_for_url(re.compile(r"/sandbox/pay/"))
    amara.gives_card(act="Pay $149.00")
    expect(amara.notice).to_contain_text("Welcome to Glow")
    second.page.locator("#pay").click()
    expect(second.page.locator("#next")).to_contain_text("Next payment")
    assert len(membership_payments(site, second)) == 1


def membership_payments(site: Site, made: Visitor) -> list[int]:
    from clinic_portal.payments import queries as payments

    found = membership(made)
    assert found is not None
    return [one.id for one in site.services.ask(payments.of_membership, found.id) if one.state.value == "paid"]


def _agreement(site: Site) -> str:
    from clinic_portal.forms import queries as forms

    return str(next(one.id for one in site.services.ask(forms.forms).values() if one.slug == "membership"))


@pytest.mark.req("P8")
@SIZES
def test_a_member_pauses_and_goes_on(site: Site, visitor: Make, glow: int, size: str) -> None:
    amara = is_member(visitor(size), glow)
    amara.page.locator("#pause").click()
    expect(amara.page.locator("#ask-title")).to_be_focused()
    effects = amara.page.locator("#effects")
    expect(effects).to_contain_text("Until Wednesday, December 23, 2026 nothing changes")
    expect(effects).to_contain_text("On Saturday, January 23, 2027 $99 is charged")
    amara.page.locator("#choice").select_option(label="Tuesday, February 23, 2027")
    expect(effects).to_contain_text("On Tuesday, February 23, 2027 $99 is charged")
    is_clean_and_fits(amara, "asking for a pause")
    amara.button("Yes, pause it").click()
    expect(amara.notice).to_contain_text("Your pause is arranged")
    expect(amara.page.locator("#next")).to_contain_text("It pauses on Wednesday, December 23, 2026.")
    at_home(passes(amara, days=40), PATH)
    expect(amara.page.locator("#member")).to_contain_text("Paused")
    expect(amara.page.locator("#next")).to_contain_text("You pay nothing until Tuesday, February 23, 2027")
    is_clean_and_fits(amara, "paused")
    amara.page.locator("#resume").click()
    expect(effects).to_contain_text("$99 is charged to your card now")
    amara.button("Yes, pay $99 and go on").click()
    expect(amara.notice).to_contain_text("It goes on")


@pytest.mark.req("P8")
@SIZES
def test_a_member_cancels_and_changes_their_mind(site: Site, visitor: Make, glow: int, size: str) -> None:
    amara = is_member(visitor(size), glow)
    amara.page.locator("#cancel").click()
    effects = amara.page.locator("#effects")
    expect(effects).to_contain_text("Until Wednesday, December 23, 2026 you have all of it")
    expect(effects).to_contain_text("What is in your wallet stays yours")
    is_clean_and_fits(amara, "asking to cancel")
    amara.button("Keep it").click()
    expect(amara.page.locator("#cancel")).to_be_focused()
    amara.page.locator("#cancel").click()
    amara.button("Yes, cancel it").click()
    expect(amara.notice).to_contain_text("Your membership is cancelled")
    expect(amara.page.locator("#next")).to_have_text(
        "It ends on Wednesday, December 23, 2026. Nothing more is charged."
    )
    amara.page.locator("#keep").click()
    amara.button("Yes, keep it").click()
    expect(amara.notice).to_contain_text("Your membership goes on")
    expect(amara.page.locator("#next")).to_contain_text("Next payment: $99")


def asked(made: Visitor, form_id: int) -> bool:
    """Whether a form is asked of them."""
    found = made.site.services.ask(requests.of_patient, identity(made))
    return any(one.template_id == form_id for one in found)


@pytest.mark.req("P8")
@SIZES
def test_a_member_changes_to_a_plan_with_an_agreement_of_its_own(
    site: Site, visitor: Make, glow: int, size: str
) -> None:
    other = plans_kit.agreement(site.clinic, f"radiance-{size}", "Radiance agreement")
    plans_kit.offered(site.clinic, name="Radiance", fee="150", agreement_id=str(other))
    amara = is_member(visitor(size), glow)
    amara.page.locator("#change").click()
    amara.page.locator("#choice").select_option(label="Radiance, $150 a month")
    effects = amara.page.locator("#effects")
    expect(effects).to_contain_text("you pay $150 a month instead of $99 a month")
    expect(amara.page.locator("#yes")).to_have_count(0)
    is_clean_and_fits(amara, "asking for another plan")
    assert not asked(amara, other)
    amara.page.get_by_role("button", name="Read and sign it").click()
    amara.page.wait_for_url(re.compile(r"/portal/form\?id="))
    assert asked(amara, other)
    opens(amara, PATH).button("Rather not").click()
    expect(amara.page.locator("#effects")).to_have_count(0)
    assert not asked(amara, other)
    amara.page.locator("#change").click()
    amara.page.locator("#choice").select_option(label="Radiance, $150 a month")
    amara.page.get_by_role("button", name="Read and sign it").click()
    signs(amara)
    amara.page.get_by_role("link", name="Go on", exact=True).click()
    amara.button("Yes, change to Radiance").click()
    expect(amara.notice).to_contain_text("Your plan is changed")
    expect(amara.page.locator("#then")).to_have_text(
        "From Wednesday, December 23, 2026 you are on Radiance: $150 a month."
    )
    at_home(passes(amara, days=31), PATH)
    expect(amara.page.locator("#plan-name")).to_have_text("Radiance")
    expect(amara.page.locator("#payments")).to_contain_text("$150")


@pytest.mark.req("P8")
def test_a_plan_that_changed_while_it_was_read_is_read_again(site: Site, visitor: Make, glow: int) -> None:
    radiance = plans_kit.offered(site.clinic, name="Radiance", fee="150")
    amara = is_member(visitor(), glow)
    amara.page.locator("#change").click()
    amara.page.locator("#choice").select_option(label="Radiance, $150 a month")
    expect(amara.page.locator("#yes")).to_be_visible()
    next_version(site.clinic, radiance, fee_minor=19900)
    amara.page.locator("#yes").click()
    expect(amara.notice).to_contain_text("This plan has changed")
    found = membership(amara)
    assert found is not None
    assert found.next_plan is None


@pytest.mark.req("P8")
@SIZES
def test_a_payment_that_failed_is_made_up_for(site: Site, visitor: Make, glow: int, size: str) -> None:
    amara = is_member(visitor(size), glow, card=LATER_DECLINED)
    at_home(passes(amara, days=31), PATH)
    owed = amara.page.locator("#owed")
    expect(owed).to_contain_text("$99 could not be charged on Wednesday, December 23, 2026.")
    expect(owed).to_contain_text("You have what members get until")
    is_clean_and_fits(amara, "overdue")
    owed.get_by_role("button", name="Pay now").click()
    amara.page.wait_for_url(re.compile(r"/sandbox/pay/"))
    amara.gives_card(act="Pay $99.00")
    expect(amara.notice).to_contain_text("Paid, thank you")
    expect(owed).to_have_count(0)


@pytest.mark.req("S32")
def test_the_cards_are_there_exactly_for_members(site: Site, visitor: Make, glow: int) -> None:
    joining = at_home(visitor(), PATH)
    joining.page.get_by_role("button", name="Choose Glow").click()
    expect(joining.page.get_by_role("heading", name="Join Glow")).to_be_visible()
    sees_no_cards(joining)

    paused = is_member(visitor(), glow)
    paused.page.locator("#pause").click()
    paused.button("Yes, pause it").click()
    expect(paused.notice).to_contain_text("Your pause is arranged")
    passes(paused, days=31)
    assert membership(paused).state == "paused"  # type: ignore[union-attr]
    at_home(paused, "/portal/cards")
    expect(paused.page.locator("#cards")).to_contain_text("Visa ending in 4242")

    ended = is_member(visitor(), glow)
    ended.page.locator("#cancel").click()
    ended.button("Yes, cancel it").click()
    opens(ended, "/portal/cards")
    expect(ended.page.locator("#cards")).to_contain_text("Visa ending in 4242")
    passes(ended, days=31)
    assert membership(ended) is None
    sees_no_cards(ended)


def sees_no_cards(made: Visitor) -> None:
    at_home(made, "/portal/cards")
    expect(made.heading).to_have_text("This page does not exist")
    expect(made.page.get_by_role("link", name="Payment methods")).to_have_count(0)
