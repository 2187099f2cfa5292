"""What goes wrong on the way: each gets a clear sentence, and nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from clinic_portal.booking.models import Appointment
from clinic_portal.clinic import models as clinic
from clinic_portal.core.work import UnitOfWork
from clinic_portal.scheduling.models import TimeOff
from tests.browser.journey import Visitor
from tests.factories import rows
from tests.site import Site

Make = Callable[..., Visitor]


def live(site: Site) -> list[str]:
    return [one.status for one in rows(site.services, Appointment) if one.status in ("held", "booked")]


@pytest.mark.req("S63")
def test_each_unusable_field_gets_a_sentence_beside_it_and_nothing_typed_is_lost(site: Site, visitor: Make) -> None:
    amara = visitor().opens().adds("Hydrating facial").goes_on("details").fills_details(family="")
    amara.page.locator("#email").fill("amara@")
    amara.page.locator("#phone").fill("12")
    amara.button("Continue").click()
    expect(amara.page.locator("#family_name-error")).to_have_text("Please tell us this name.")
    expect(amara.page.locator("#email-error")).to_contain_text("does not look like an e-mail address")
    expect(amara.page.locator("#phone-error")).to_contain_text("does not look like a phone number")
    expect(amara.page.locator("#family_name")).to_be_focused()
    expect(amara.page.locator("#given_name")).to_have_value("Amara")
    expect(amara.page.locator("#email")).to_have_value("amara@")


@pytest.mark.req("S67")
def test_a_wrong_an_expired_and_a_missing_code_stop_and_a_pasted_one_goes_on(site: Site, visitor: Make) -> None:
    amara = visitor().opens().adds("Hydrating facial").goes_on("details").fills_details().goes_on("code")
    expect(amara.page.get_by_text("We sent six digits")).to_be_visible()
    code = amara.code()
    amara.types_code("12")
    expect(amara.page.locator("#code-error")).to_contain_text("six digits")
    amara.types_code(f"{(int(code) + 1) % 10**6:06}")
    expect(amara.page.locator("#code-error")).to_contain_text("not the code we sent")
    site.clock.advance(timedelta(minutes=11))
    amara.types_code(code)
    expect(amara.page.locator("#code-error")).to_contain_text("ten minutes")
    amara.page.reload()
    amara.has_read_all_letters().button("Send a new code").click()
    expect(amara.page.get_by_text("New code in")).to_be_visible()
    fresh = amara.code()
    assert fresh != code
    amara.types_code(f" {fresh[:3]} {fresh[3:]} ").is_at("visit")


@pytest.mark.req("S67")
def test_no_address_leads_past_a_step_that_is_not_done(visitor: Make) -> None:
    amara = visitor().opens().adds("Hydrating facial")
    for path in ("time", "policy", "provider", "visit", "code", "confirmed"):
        amara.page.goto(f"{amara.site.url}/book/{path}")
        amara.is_at("details")


def test_of_two_browsers_racing_for_one_time_one_gets_it_and_the_other_is_offered_the_nearest(
    site: Site, visitor: Make
) -> None:
    first = visitor().reaches_times("Botox — forehead").picks_day("Monday, November 30")
    second = visitor().reaches_times("Botox — forehead").picks_day("Monday, November 30")
    first.time("9:30 AM").click(no_wait_after=True)
    second.time("9:30 AM").click(no_wait_after=True)
    expect(second.notice).to_contain_text("is taken")
    expect(first.page.get_by_role("timer")).to_be_visible()
    second.notice.get_by_role("button", name=re.compile("Nov 30")).first.click()
    expect(second.page.get_by_role("timer")).to_be_visible()


@pytest.mark.req("B3")
def test_a_time_another_browser_takes_vanishes_from_an_open_page(site: Site, visitor: Make) -> None:
    watching = visitor().reaches_times("Botox — forehead").picks_day("Tuesday, November 24")
    expect(watching.time("2:00 PM")).to_be_visible()
    visitor("phone").reaches_times("Botox — forehead").picks_day("Tuesday, November 24").holds("2:00 PM")
    expect(watching.time("2:00 PM")).to_have_count(0, timeout=4_000)
    expect(watching.page.get_by_text(re.compile(r"2:00\sPM.*just taken"))).to_be_visible()
    expect(watching.time("4:00 PM")).to_be_visible()


def test_a_hold_that_runs_out_says_so_books_nothing_and_lets_the_visitor_choose_again(
    site: Site, visitor: Make
) -> None:
    amara = visitor().reaches_times("Hydrating facial").picks_day("Saturday, November 28").holds("1:00 PM")
    amara.goes_on("policy").page.locator("#accept").check()
    site.clock.advance(timedelta(minutes=11))
    amara.button("Continue to your card").click()
    amara.is_at("time")
    expect(amara.notice).to_contain_text("Your time ran out")
    expect(amara.notice).to_contain_text("Nothing was booked")
    amara.picks_day("Saturday, November 28").holds("1:00 PM").goes_on("policy").accepts_and_confirms()


def test_the_countdown_reaching_zero_leads_back_to_the_times(site: Site, visitor: Make) -> None:
    amara = visitor().reaches_times("Hydrating facial").picks_day("Saturday, November 28").holds("3:00 PM")
    site.clock.advance(timedelta(minutes=9, seconds=55))
    amara.button("Continue").click()
    expect(amara.notice).to_contain_text("Your time ran out", timeout=20_000)
    amara.is_at("time")


def test_a_reload_comes_back_to_the_step_with_everything_kept(site: Site, visitor: Make) -> None:
    amara = visitor().opens().adds("Botox — forehead")
    amara.page.reload()
    expect(amara.button("Remove Botox — forehead")).to_be_visible()
    amara.goes_on("details").fills_details().goes_on("code")
    amara.page.reload()
    amara.proves_phone()
    amara.goes_on("provider").chooses("Dr. Maya Osei").picks_day("Friday, November 27").holds("2:00 PM")
    amara.page.reload()
    expect(amara.time("2:00 PM")).to_have_attribute("aria-pressed", "true")
    expect(amara.page.get_by_role("timer")).to_be_visible()
    amara.goes_on("policy")
    amara.page.reload()
    amara.is_at("policy")
    amara.page.go_back()
    expect(amara.time("2:00 PM")).to_have_attribute("aria-pressed", "true")
    amara.page.goto(f"{site.url}/book/details")
    expect(amara.page.locator("#given_name")).to_have_value("Amara")
    expect(amara.page.locator("#phone")).to_have_value(amara.phone)


def test_a_server_killed_on_the_way_costs_the_visitor_nothing(site: Site, visitor: Make) -> None:
    amara = visitor().reaches_times("Hydrating facial").picks_day("Sunday, November 29").holds("9:00 AM")
    site.kill()
    site.start()
    amara.page.reload()
    expect(amara.page.get_by_role("timer")).to_be_visible()
    amara.goes_on("policy").accepts_and_confirms()


@pytest.mark.req("S62")
def test_links_may_name_a_service_a_category_a_location_and_a_provider(site: Site, visitor: Make) -> None:
    amara = visitor().opens("/book?service=facial&category=injectables&location=downtown&provider=lena")
    expect(amara.button("Remove Hydrating facial")).to_be_visible()
    amara.goes_on("details").fills_details().goes_on("code").proves_phone().goes_on("provider")
    expect(amara.button(re.compile("Lena Brandt"))).to_have_attribute("aria-pressed", "true")
    noor = visitor().opens("/book?service=no-such&provider=no-such&location=%3Cscript%3E")
    expect(noor.page.get_by_text("Nothing chosen yet.")).to_be_visible()


def test_a_price_changed_on_the_way_is_shown_and_asked_again(site: Site, visitor: Make) -> None:
    amara = visitor().reaches_times("Chemical peel").picks_day("Monday, November 30").holds("3:00 PM")
    amara.goes_on("policy").page.locator("#accept").check()
    site.clinic.change(clinic.Service, "peel", price_minor=19900)
    try:
        amara.button("Continue to your card").click()
        amara.is_at("visit")
        expect(amara.notice).to_contain_text("A price has changed")
        expect(amara.page.get_by_text("$199").first).to_be_visible()
        amara.goes_on("policy").accepts_and_confirms()
        expect(amara.page.get_by_text("$199").first).to_be_visible()
    finally:
        site.clinic.change(clinic.Service, "peel", price_minor=18000)


def test_a_service_withdrawn_on_the_way_is_named_and_not_booked(site: Site, visitor: Make) -> None:
    amara = visitor().reaches_times("Laser hair removal").picks_day("Monday, November 30").holds("11:00 AM")
    amara.goes_on("policy").page.locator("#accept").check()
    before = len(live(site))
    site.clinic.change(clinic.Service, "hair", is_bookable_online=False)
    try:
        amara.button("Continue to your card").click()
        amara.is_at("visit")
        expect(amara.notice).to_contain_text("Laser hair removal cannot be booked here")
        assert "booked" not in live(site)[before:]
    finally:
        site.clinic.change(clinic.Service, "hair", is_bookable_online=True)


def test_a_day_with_nothing_free_offers_the_next_days_and_a_wider_search(site: Site, visitor: Make) -> None:
    def away(work: UnitOfWork) -> int:
        row = TimeOff(
            provider_id=site.clinic["lena"],
            start_at=work.now,
            end_at=work.now + timedelta(days=60),
        )
        work.session.add(row)
        work.session.get_one(clinic.Clinic, 1).version += 1
        work.session.flush()
        assert row.id
        return row.id

    def back(work: UnitOfWork) -> None:
        work.session.delete(work.session.get_one(TimeOff, row_id))
        work.session.get_one(clinic.Clinic, 1).version += 1

    row_id = site.services.do(away)
    try:
        amara = visitor().reaches_times("Hydrating facial", provider="Lena Brandt")
        expect(amara.page.get_by_text("Nothing is free in this month.")).to_be_visible()
        amara.button("See times with any provider").click()
        expect(amara.page.locator("button.time").first).to_be_visible()
    finally:
        site.services.do(back)


def test_the_window_ends_where_the_clinic_says(site: Site, visitor: Make) -> None:
    amara = visitor().reaches_times("Hydrating facial")
    amara.button("Month after").click()
    expect(amara.page.locator("#month-title")).to_have_text("December 2026")
    last = date(2026, 11, 23) + timedelta(days=30)
    expect(amara.button(re.compile(f"December {last.day}, 2026, times available"))).to_be_enabled()
    expect(amara.button(re.compile(f"December {last.day + 1}, 2026, no times"))).to_be_disabled()
    expect(amara.button("Month after")).to_be_disabled()
