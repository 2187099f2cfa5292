"""Visitors change their minds, and the clinic changes under them: nothing is lost, nothing is booked twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import WebSocketRoute, expect

from clinic_portal.booking.models import Appointment
from clinic_portal.booking.queries import visit
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import models as clinic
from clinic_portal.core.work import UnitOfWork
from clinic_portal.scheduling.models import TimeOff, WeeklyShift
from tests.browser.journey import Visitor
from tests.factories import rows
from tests.site import Site

Make = Callable[..., Visitor]


def booked_by(site: Site, visitor: Visitor) -> list[Visit]:
    """What was booked under a visitor's e-mail address."""
    ids = [one.id for one in rows(site.services, Appointment) if one.status == "booked"]
    made = [site.services.ask(visit, appointment_id) for appointment_id in ids]
    return [one for one in made if one.email == visitor.email]


@pytest.mark.req("S67")
def test_a_code_opens_no_other_browser_and_a_new_one_voids_the_old(site: Site, visitor: Make) -> None:
    amara = visitor().opens().adds("Hydrating facial").goes_on("details").fills_details().goes_on("code")
    expect(amara.page.get_by_text("We sent six digits")).to_be_visible()
    first = amara.code()
    site.clock.advance(timedelta(minutes=1))
    thief = visitor()
    thief.phone = amara.phone
    thief.opens().adds("Hydrating facial").goes_on("details").fills_details().goes_on("code")
    expect(thief.page.get_by_text("We sent six digits")).to_be_visible()
    thief.types_code(first)
    expect(thief.page.locator("#code-error")).to_contain_text("not the code we sent")
    site.clock.advance(timedelta(minutes=1))
    amara.page.reload()
    amara.has_read_all_letters().button("Send a new code").click()
    expect(amara.page.get_by_text("New code in")).to_be_visible()
    fresh = amara.code()
    amara.types_code(first)
    expect(amara.page.locator("#code-error")).to_contain_text("not the code we sent")
    amara.types_code(fresh).is_at("visit")


@pytest.mark.req("S67")
def test_after_five_wrong_codes_the_right_one_is_void_too(visitor: Make) -> None:
    amara = visitor().opens().adds("Hydrating facial").goes_on("details").fills_details().goes_on("code")
    expect(amara.page.get_by_text("We sent six digits")).to_be_visible()
    code = amara.code()
    for wrong in range(1, 6):
        amara.types_code(f"{(int(code) + wrong) % 10**6:06}")
        expect(amara.page.locator("#code-error")).to_contain_text("void" if wrong == 5 else "not the code we sent")
        amara.page.locator("#code").fill("")
    amara.types_code(code)
    expect(amara.page.locator("#code-error")).to_contain_text("void")
    amara.opens("/book/time").is_at("code")


@pytest.mark.req("S66")
def test_another_phone_needs_another_code(visitor: Make) -> None:
    amara = visitor().opens().adds("Hydrating facial").goes_on("details").fills_details().goes_on("code")
    amara.proves_phone()
    amara.page.get_by_role("link", name="Your details").click()
    amara.is_at("details")
    amara.phone = "(512) 555-0999"
    amara.fills_details().goes_on("code")
    amara.opens("/book/visit").is_at("code").proves_phone()


def test_back_and_forward_keep_what_was_chosen(visitor: Make) -> None:
    amara = visitor().opens().adds("Botox — forehead").goes_on("details").fills_details().goes_on("code")
    amara.proves_phone()
    amara.page.go_back()
    amara.page.go_back()
    amara.is_at("details")
    expect(amara.page.locator("#email")).to_have_value(amara.email)
    amara.page.go_back()
    amara.is_at("").adds("Hydrating facial")
    amara.page.go_forward()
    amara.is_at("details")
    expect(amara.page.get_by_label("Your visit").get_by_text("Hydrating facial")).to_be_visible()
    amara.goes_on("visit")
    expect(amara.page.get_by_text("$335").first).to_be_visible()


@pytest.mark.req("S68")
def test_a_changed_cart_lets_the_held_time_go(site: Site, visitor: Make) -> None:
    amara = visitor().reaches_times("Hydrating facial").picks_day("Tuesday, December 8").holds("9:00 AM")
    amara.opens("/book/visit").is_at("visit")
    amara.page.get_by_text("Injectables").click()
    amara.button("Book now: Laser hair removal").click()
    expect(amara.page.get_by_text("$245").first).to_be_visible()
    expect(amara.page.get_by_role("timer")).to_have_count(0)
    amara.goes_on("provider").chooses("First available")
    others = visitor().reaches_times("Hydrating facial").picks_day("Tuesday, December 8")
    expect(others.time("9:00 AM")).to_be_visible()
    amara.picks_day("Tuesday, December 8").holds("11:00 AM").goes_on("policy").accepts_and_confirms()
    assert len(booked_by(site, amara)) == 1


def test_two_tabs_and_impatient_clicks_book_once(site: Site, visitor: Make) -> None:
    amara = visitor().reaches_times("Chemical peel").picks_day("Tuesday, December 8").holds("2:00 PM")
    amara.goes_on("policy").page.locator("#accept").check()
    other = Visitor(site, amara.page.context.new_page(), email=amara.email, phone=amara.phone)
    other.opens("/book/policy").is_at("policy").page.locator("#accept").check()
    amara.button("Continue to your card").dblclick()
    other.button("Continue to your card").click()
    for tab in (amara, other):
        tab.page.wait_for_url(re.compile("/sandbox/pay/"))
    assert amara.page.url == other.page.url
    amara.gives_card().is_at("confirmed")
    other.page.reload()
    other.page.get_by_role("link", name="Continue to Lumen Aesthetics").click()
    [made] = booked_by(site, amara)
    expect(amara.page.locator("#reference")).to_have_text(made.reference)
    other.is_at("confirmed")
    expect(other.page.locator("#reference")).to_have_text(made.reference)
    assert booked_by(site, amara) == [made]


def test_going_back_after_booking_begins_anew_and_books_nothing_more(site: Site, visitor: Make) -> None:
    amara = visitor()
    amara.books("Hydrating facial", day="Saturday, December 12", time="9:00 AM")
    amara.page.go_back()
    amara.page.get_by_role("link", name="Continue to Lumen Aesthetics").click()
    amara.is_at("confirmed")
    amara.opens("/book/policy").is_at("")
    expect(amara.page.get_by_text("Nothing chosen yet.")).to_be_visible()
    amara.opens("/book/confirmed").is_at("confirmed")
    assert len(booked_by(site, amara)) == 1


@pytest.mark.req("B3")
def test_a_time_that_is_let_go_comes_back_to_an_open_page(visitor: Make) -> None:
    fickle = visitor().reaches_times("Botox — forehead").picks_day("Wednesday, December 9").holds("2:00 PM")
    watching = visitor("phone").reaches_times("Botox — forehead").picks_day("Wednesday, December 9")
    expect(watching.time("2:00 PM")).to_have_count(0)
    fickle.holds("10:00 AM")
    expect(watching.time("2:00 PM")).to_be_visible(timeout=4_000)
    expect(watching.time("10:00 AM")).to_have_count(0)


@pytest.mark.req("S72")
def test_a_provider_who_takes_no_online_bookings_is_not_offered(site: Site, visitor: Make) -> None:
    site.clinic.change(clinic.Provider, "lena", is_bookable_online=False)
    try:
        amara = visitor().opens("/book?provider=lena&service=peel")
        expect(amara.button("Book now: Hydrating facial")).to_be_visible()
        expect(amara.button(re.compile("Chemical peel"))).to_have_count(0)
        amara.adds("Hydrating facial").goes_on("details").fills_details().goes_on("code").proves_phone()
        amara.goes_on("provider")
        expect(amara.button(re.compile("Maya Osei"))).to_be_visible()
        expect(amara.button(re.compile("Lena Brandt"))).to_have_count(0)
    finally:
        site.clinic.change(clinic.Provider, "lena", is_bookable_online=True)


@pytest.mark.req("S75")
def test_a_policy_changed_on_the_way_is_read_again(site: Site, visitor: Make) -> None:
    amara = visitor().reaches_times("Chemical peel").picks_day("Wednesday, December 9").holds("3:00 PM")
    amara.goes_on("policy").page.locator("#accept").check()
    site.clinic.change(clinic.PolicyVersion, "policy", is_in_force=False)
    stricter = site.services.do(_publish, "Please tell us three days before.")
    try:
        amara.button("Continue to your card").click()
        expect(amara.notice).to_contain_text("The policy has changed")
        expect(amara.page.get_by_text("three days before")).to_be_visible()
        expect(amara.page.locator("#accept")).not_to_be_checked()
        assert booked_by(site, amara) == []
        amara.accepts_and_confirms()
    finally:
        site.services.do(_withdraw, stricter)
        site.clinic.change(clinic.PolicyVersion, "policy", is_in_force=True)


@pytest.mark.req("S75")
def test_without_a_policy_there_is_nothing_to_tick(site: Site, visitor: Make) -> None:
    site.clinic.change(clinic.PolicyVersion, "policy", is_in_force=False)
    try:
        amara = visitor().reaches_times("Chemical peel").picks_day("Thursday, December 10").holds("3:00 PM")
        amara.goes_on("policy")
        expect(amara.page.locator("#accept")).to_have_count(0)
        amara.button("Confirm booking").click()
        amara.is_at("confirmed")
    finally:
        site.clinic.change(clinic.PolicyVersion, "policy", is_in_force=True)


def test_a_month_without_times_names_the_next_free_days(site: Site, visitor: Make) -> None:
    away = site.services.do(_away, site.clinic["lena"], days=9)
    try:
        amara = visitor().reaches_times("Chemical peel", provider="Lena Brandt")
        amara.button("Month before").click()
        expect(amara.page.get_by_text("Nothing is free in this month.")).to_be_visible()
        amara.button("Wed, Dec 2").click()
        expect(amara.page.locator("#day-title")).to_contain_text("December 2")
        expect(amara.page.locator("button.time").first).to_be_visible()
    finally:
        site.services.do(_delete, TimeOff, away)


def test_a_day_closed_meanwhile_says_so_and_names_the_next_free_days(site: Site, visitor: Make) -> None:
    amara = visitor().reaches_times("Hydrating facial").picks_day("Thursday, December 10")
    closed = site.services.do(_close, date(2026, 12, 10))
    try:
        amara.page.reload()
        expect(amara.page.get_by_text("Nothing is free on this day.")).to_be_visible()
        amara.button("Fri, Dec 11").click()
        expect(amara.page.locator("#day-title")).to_contain_text("December 11")
    finally:
        site.services.do(_delete, clinic.Holiday, closed)


def test_a_server_that_comes_back_is_noticed_without_a_reload(site: Site, visitor: Make) -> None:
    amara = visitor().reaches_times("Hydrating facial").picks_day("Friday, December 11").holds("9:00 AM")
    site.kill()
    expect(amara.page.get_by_text("We cannot reach the clinic")).to_be_visible()
    site.start()
    expect(amara.page.get_by_text("We cannot reach the clinic")).to_have_count(0, timeout=30_000)
    expect(amara.time("9:00 AM")).to_have_attribute("aria-pressed", "true")
    amara.goes_on("policy").accepts_and_confirms()
    assert len(booked_by(site, amara)) == 1


def test_a_dropped_connection_loses_nothing_typed_and_no_box_looks_ticked_that_is_not(visitor: Make) -> None:
    amara = visitor()
    connections: list[WebSocketRoute] = []

    def pass_on(connection: WebSocketRoute) -> None:
        connection.connect_to_server()
        connections.append(connection)

    amara.page.route_web_socket(re.compile("_event"), pass_on)
    amara.opens().adds("Hydrating facial").goes_on("details").fills_details()
    connections[-1].close()
    expect(amara.page.locator("#email")).to_have_value(amara.email)
    amara.goes_on("code").proves_phone().goes_on("provider").chooses("First available")
    amara.picks_day("Friday, December 11").holds("3:00 PM").goes_on("policy").page.locator("#accept").check()
    connections[-1].close()
    expect(amara.page.locator("#accept")).not_to_be_checked()
    amara.accepts_and_confirms()


@pytest.mark.req("P3")
def test_at_another_location_the_times_are_that_locations_own(site: Site, visitor: Make) -> None:
    seaside = site.services.do(_open_seaside, provider_id=site.clinic["maya"], laser_id=site.clinic["laser"])
    try:
        amara = visitor().opens("/book?location=seaside")
        expect(amara.button(re.compile("Lumen Seaside"))).to_have_attribute("aria-pressed", "true")
        expect(amara.page.get_by_text("Not at Lumen Seaside").first).to_be_visible()
        amara.adds("Laser hair removal").goes_on("details").fills_details().goes_on("code").proves_phone()
        amara.goes_on("provider").chooses("First available").picks_day("Monday, December 14")
        expect(amara.page.get_by_text("All times are Lumen Seaside’s, Pacific Standard Time.")).to_be_visible()
        amara.holds("9:00 AM").goes_on("policy").accepts_and_confirms()
        expect(amara.page.get_by_text("9:00").first).to_be_visible()
        [made] = booked_by(site, amara)
        assert made.start_at.isoformat() == "2026-12-14T17:00:00+00:00"
        elsewhere = visitor().reaches_times("Botox — forehead").picks_day("Monday, December 14")
        expect(elsewhere.time("9:00 AM")).to_be_visible()
        expect(elsewhere.time("11:00 AM")).to_have_count(0)
    finally:
        site.services.do(_shut, seaside)


def _change(work: UnitOfWork) -> None:
    work.session.get_one(clinic.Clinic, 1).version += 1
    work.session.flush()


def _away(work: UnitOfWork, provider_id: int, *, days: int) -> int:
    row = TimeOff(provider_id=provider_id, start_at=work.now, end_at=work.now + timedelta(days=days))
    work.session.add(row)
    _change(work)
    return row.id or 0


def _close(work: UnitOfWork, on: date) -> int:
    row = clinic.Holiday(on=on, name="Staff day")
    work.session.add(row)
    _change(work)
    return row.id or 0


def _delete(work: UnitOfWork, model: type[TimeOff] | type[clinic.Holiday], row_id: int) -> None:
    work.session.delete(work.session.get_one(model, row_id))
    _change(work)


def _publish(work: UnitOfWork, text: str) -> int:
    row = clinic.PolicyVersion(version=2, text=text, free_hours=72, fee_percent=50, published_at=work.now)
    work.session.add(row)
    _change(work)
    return row.id or 0


def _withdraw(work: UnitOfWork, policy_id: int) -> None:
    work.session.get_one(clinic.PolicyVersion, policy_id).is_in_force = False
    _change(work)


def _open_seaside(work: UnitOfWork, *, provider_id: int, laser_id: int) -> int:
    """A second location, two hours behind, with a laser but no room; Maya is there on Mondays."""
    row = clinic.Location(
        slug="seaside",
        name="Lumen Seaside",
        street="9 Ocean Ave",
        city="Santa Monica",
        region="CA",
        time_zone="America/Los_Angeles",
        position=1,
    )
    work.session.add(row)
    work.session.flush()
    assert row.id
    work.session.add(clinic.PoolUnit(pool_id=laser_id, location_id=row.id, slug="laser-2", name="Laser 2"))
    work.session.add(
        WeeklyShift(provider_id=provider_id, location_id=row.id, weekday=0, start_minute=540, end_minute=1020)
    )
    _change(work)
    return row.id


def _shut(work: UnitOfWork, location_id: int) -> None:
    work.session.get_one(clinic.Location, location_id).is_active = False
    _change(work)
