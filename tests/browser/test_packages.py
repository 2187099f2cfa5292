"""Packages in a browser: bought by a patient and by somebody without a portal; left, refused; written by staff."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from clinic_portal.core.errors import Conflict
from clinic_portal.packages import editing, queries
from clinic_portal.patients.models import Patient
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import State
from clinic_portal.wallet import queries as wallet
from tests import factories
from tests.browser.journey import Visitor
from tests.browser.portal_journey import at_home, other_tab
from tests.browser.test_access import is_clean, is_clean_and_fits
from tests.packages_kit import on_sale, typed
from tests.site import Site

Make = Callable[..., Visitor]
pytestmark = pytest.mark.req("P8")


@pytest.fixture(autouse=True)
def _sells(site: Site) -> None:
    """One package of facials and one of any treatment are on sale, as they were first written."""
    owner = factories.staff(site.services, "owner").actor
    known = site.services.ask(queries.every)
    for name, told in (("Glow package", {}), ("Any three", _any(site))):
        one = next((one for one in known if one.name == name), None)
        if one is None:
            on_sale(site.clinic, name=name, **told)
            continue
        try:
            form = typed(site.clinic, name=name, **told)
            site.services.do(editing.change, owner, one.id, form, revision=one.revision)
        except Conflict:
            raise AssertionError("nobody else changes packages here") from None
        now = site.services.ask(queries.package, one.id)
        site.services.do(editing.switch, owner, one.id, is_active=True, revision=now.revision)


def _any(site: Site) -> dict[str, str]:
    what = f"category:{site.clinic['injectables']}"
    return {
        "what": what,
        "count": "3",
        "price_minor": "270",
        "valid_days": "",
        "description": "Whatever your skin needs.",
    }


def glow(site: Site) -> Any:
    return next(one for one in site.services.ask(queries.every) if one.name == "Glow package")


def pays_there(made: Visitor) -> None:
    """Give a card on the sandbox gateway's page."""
    made.page.wait_for_url("**/sandbox/pay/**")
    made.gives_card(act=re.compile("^Pay"))


def buys(made: Visitor, name: str = "Glow package") -> None:
    made.page.get_by_role("button", name=f"Buy {name}").click()


def is_somebody(made: Visitor) -> None:
    """Fill in who they are and the code they get."""
    for field, told in (
        ("given_name", "Ines"),
        ("family_name", "Moreau"),
        ("email", made.email),
        ("phone", made.phone),
    ):
        made.page.locator(f"#{field}").fill(told)
    made.button("Continue").click()
    expect(made.page.get_by_role("heading", name="Is this your phone?")).to_be_focused()
    made.page.locator("#code").fill(made.code())
    made.button("Continue to payment").click()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_somebody_without_a_portal_buys_a_package(visitor: Make, site: Site, size: str) -> None:
    ines = visitor(size)
    ines.opens("/")
    ines.page.get_by_role("link", name="See the packages").click()
    expect(ines.page.locator("#offers li")).to_have_count(2)
    card = ines.page.locator("#offers li").first
    for told in ("Glow package", "6 × Hydrating facial", "$480", "$570", "Saves $90", "Use within a year"):
        expect(card).to_contain_text(told)
    is_clean_and_fits(ines, "packages")
    buys(ines)
    expect(ines.page.get_by_role("heading", name="Who is it for?")).to_be_focused()
    is_clean_and_fits(ines, "who buys")
    ines.button("Continue").click()
    expect(ines.page.locator("#email-error")).not_to_be_empty()
    is_clean(ines, "who buys, refused")
    is_somebody(ines)
    ines.page.wait_for_url("**/sandbox/pay/**")
    expect(ines.page.locator("body")).to_contain_text("Package of 6 treatments")
    expect(ines.page.locator(".what")).not_to_contain_text("facial")
    pays_there(ines)
    expect(ines.heading).to_have_text("Thank you, it is yours")
    expect(ines.page.locator("#content")).to_contain_text("6 × Hydrating facial")
    is_clean_and_fits(ines, "bought")
    site.clock.advance(timedelta(days=1, minutes=1))
    ines.opens("/packages/done")
    expect(ines.heading).to_have_text("There is nothing here")
    letter = site.letter_to(ines.email, "email", holding="Your treatments are waiting")
    assert "facial" not in letter.text
    (who,) = [one for one in factories.rows(site.services, Patient) if one.email == ines.email]
    assert [one.left for one in site.services.ask(wallet.lots, who.id)] == [6]


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_patient_buys_one_in_their_portal_and_has_its_receipt(visitor: Make, site: Site, size: str) -> None:
    amara = at_home(visitor(size), "/portal/packages")
    expect(amara.page.locator("#offers li")).to_have_count(2)
    is_clean_and_fits(amara, "packages in the portal")
    buys(amara)
    pays_there(amara)
    expect(amara.heading).to_have_text("Thank you, it is yours")
    amara.page.get_by_role("link", name="Receipt").click()
    expect(amara.page.locator("#amounts")).to_contain_text("Package")
    expect(amara.page.locator("article")).to_contain_text("Glow package")
    is_clean_and_fits(amara, "receipt of a package")
    amara.opens("/portal/packages")
    expect(amara.page.locator("#mine li")).to_contain_text("Glow package")
    expect(amara.page.locator("#mine li")).not_to_contain_text("left")


def test_who_leaves_the_page_has_bought_nothing_and_can_go_on(visitor: Make, site: Site) -> None:
    amara = at_home(visitor(), "/portal/packages")
    buys(amara)
    amara.page.wait_for_url("**/sandbox/pay/**")
    here = amara.page.url
    amara.page.locator(".leave").click()
    expect(amara.heading).to_have_text("Nothing was bought")
    is_clean_and_fits(amara, "nothing bought")
    amara.page.get_by_role("link", name="Back to the packages").click()
    buys(amara)
    amara.page.wait_for_url(here)


def test_what_changed_while_it_was_read_is_not_bought(visitor: Make, site: Site) -> None:
    amara = at_home(visitor(), "/portal/packages")
    expect(amara.page.locator("#offers")).to_contain_text("$480")
    owner, seen = factories.staff(site.services, "owner").actor, glow(site)
    form = typed(site.clinic, price_minor="500")
    site.services.do(editing.change, owner, seen.id, form, revision=seen.revision)
    buys(amara)
    expect(amara.notice).to_contain_text("“Glow package” has changed")
    expect(amara.notice).to_be_focused()
    expect(amara.page.locator("#offers")).to_contain_text("$500")
    now = glow(site)
    site.services.do(editing.switch, owner, now.id, is_active=False, revision=now.revision)
    buys(amara)
    expect(amara.notice).to_contain_text("not sold any more")
    expect(amara.page.locator("#offers li")).to_have_count(1)


def test_two_tabs_buy_once(visitor: Make, site: Site) -> None:
    amara = at_home(visitor(), "/portal/packages")
    second = other_tab(amara, "/portal/packages")
    expect(second.page.locator("#offers li")).to_have_count(2)
    buys(amara)
    pays_there(amara)
    expect(amara.heading).to_have_text("Thank you, it is yours")
    buys(second)
    expect(second.notice).to_contain_text("You have just bought a package")
    buys(second)
    second.page.wait_for_url("**/sandbox/pay/**")


def test_a_wrong_code_does_not_lead_to_the_payment(visitor: Make) -> None:
    ines = visitor()
    ines.opens("/packages")
    buys(ines)
    for field, told in (
        ("given_name", "Ines"),
        ("family_name", "Moreau"),
        ("email", ines.email),
        ("phone", ines.phone),
    ):
        ines.page.locator(f"#{field}").fill(told)
    ines.button("Continue").click()
    ines.page.locator("#code").fill("12")
    ines.button("Continue to payment").click()
    expect(ines.page.locator("#code-error")).to_contain_text("six digits")
    is_clean_and_fits(ines, "code")
    ines.button("‹ Another package").click()
    expect(ines.page.locator("#offers li")).to_have_count(2)


def test_without_packages_nothing_leads_to_them_and_the_page_says_so(visitor: Make, site: Site) -> None:
    owner = factories.staff(site.services, "owner").actor
    for one in site.services.ask(queries.every):
        site.services.do(editing.switch, owner, one.id, is_active=False, revision=one.revision)
    ines = visitor()
    ines.opens("/")
    expect(ines.page.get_by_role("heading", name="Where to find us")).to_be_visible()
    expect(ines.page.get_by_role("link", name="See the packages")).to_have_count(0)
    ines.opens("/packages")
    expect(ines.page.locator("#no-packages")).to_be_visible()
    is_clean_and_fits(ines, "no packages")
    amara = at_home(visitor())
    expect(amara.page.get_by_role("link", name="Packages")).to_have_count(0)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_staff_writes_a_package_and_sees_its_card_meanwhile(visitor: Make, site: Site, size: str) -> None:
    owner = visitor(size).works_here()
    owner.signs_in_as_staff("/admin/settings/packages")
    expect(owner.page.locator("#packages li")).not_to_have_count(0)
    owner.button("Add a package").click()
    expect(owner.page.locator("#name")).to_be_focused()
    is_clean_and_fits(owner, "a new package")
    owner.page.locator("#name").fill(f"Smooth {size}")
    owner.page.locator("#what").select_option(label="Chemical peel")
    owner.page.locator("#count").fill("4")
    owner.page.locator("#price_minor").fill("0")
    owner.page.get_by_role("button", name="Save", exact=True).click()
    expect(owner.page.locator("#price_minor-error")).to_contain_text("$0.50")
    owner.page.locator("#price_minor").fill("600")
    owner.page.locator("#description").fill("A winter of good skin.")
    expect(owner.page.locator("#preview")).to_contain_text("Saves $120")
    is_clean(owner, "a package with its card")
    owner.page.get_by_role("button", name="Save", exact=True).click()
    expect(owner.page.locator("#packages")).to_contain_text(f"Smooth {size}")
    row = owner.page.locator("#packages li").filter(has_text=f"Smooth {size}")
    row.get_by_role("button", name="Sell no more").click()
    expect(row).to_contain_text("not sold any more")
    is_clean_and_fits(owner, "packages of the settings")


def test_staff_gives_back_what_is_unused_and_no_more(visitor: Make, site: Site) -> None:
    amara = at_home(visitor(), "/portal/packages")
    buys(amara)
    pays_there(amara)
    expect(amara.heading).to_have_text("Thank you, it is yours")
    who = factories.patient(site.services, amara.email, phone=amara.e164).actor.patient_id
    paid = site.services.ask(payments.of_patient, who)[0]
    from tests.packages_kit import uses

    uses(site.clinic, paid, 2)
    owner = visitor().works_here()
    owner.signs_in_as_staff(f"/admin/payment?id={paid.id}")
    expect(owner.page.locator("#bought")).to_contain_text("4 left, 2 used or expired")
    owner.button("Refund").click()
    owner.page.locator("#amount").fill("480")
    owner.page.locator("#reason").fill("She moves away.")
    owner.button("Go on").click()
    expect(owner.page.locator("#amount-error")).to_contain_text("2 of 6 are used or expired, so no more than $320.00")
    owner.page.locator("#amount").fill("100")
    owner.button("Go on").click()
    expect(owner.page.locator("#takes")).to_contain_text("2 treatments")
    is_clean(owner, "giving back a part of a package")
    owner.button("Give $100.00 back").click()
    expect(owner.page.locator("#bought")).to_contain_text("2 left, 2 used or expired, 2 taken back")
    assert site.services.ask(payments.payment, paid.id).state is State.PAID
