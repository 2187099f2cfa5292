"""Patients move and cancel visits: their own, as far as the clinic allows, at the price that was shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

import httpx
import pytest
from icalendar import Calendar
from playwright.sync_api import expect

from clinic_portal.booking.types import Visit
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import PaymentInfo, Purpose
from tests.browser.journey import Visitor
from tests.browser.portal_journey import (
    Make,
    as_it_stands,
    asks_to_cancel,
    at_home,
    cancels,
    clears_calendar,
    clinic_rules,
    day_of,
    has_visit,
    listed,
    move_of,
    opens,
    other_tab,
    page_of,
    picks_new_time,
    tabs_to,
    time_of,
    turns_to,
)
from tests.browser.staff_journey import until
from tests.card_kit import ALWAYS_ASKS, LATER_DECLINED
from tests.site import Site

SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
ACTIONS = ("Reschedule appointment", "Cancel appointment")


def fee_of(site: Site, visit: Visit) -> PaymentInfo:
    """The fee a cancelled visit was charged."""
    found = site.services.ask(payments.fee_of, visit.appointment_id, Purpose.CANCELLATION_FEE)
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def _calendar(site: Site) -> Iterator[None]:
    yield
    clears_calendar(site)


def action(made: Visitor, name: str):  # type: ignore[no-untyped-def]
    """Either action of a visit's page: one is a link, the other a button."""
    return made.page.get_by_role("link", name=name).or_(made.button(name))


def entry_sent(made: Visitor, method: str) -> dict[str, str]:
    """The calendar entry in the e-mail of that method, once it has arrived."""
    letter = made.site.letter_to(made.email, "email", holding="cancelled" if method == "CANCEL" else "new time")
    calendar = Calendar.from_ical(letter.attachment)
    assert str(calendar["METHOD"]) == method
    [event] = calendar.walk("VEVENT")
    return {name: str(event[name]) for name in ("UID", "SEQUENCE", "STATUS")} | {
        "DTSTART": event["DTSTART"].dt.astimezone().isoformat(),
        "LETTER": letter.text,
    }


def is_unchanged(site: Site, known: Visit) -> None:
    assert as_it_stands(site, known) == known


# --- whether they may


@pytest.mark.req("S53")
@SIZES
def test_a_coming_visit_is_opened_and_offers_both_actions(visitor: Make, size: str) -> None:
    amara = visitor(size)
    coming = has_visit(amara)
    at_home(amara)
    for name in ("Reschedule", "Cancel"):
        expect(amara.page.locator("#next-visit").get_by_role("link", name=name)).to_be_visible()
    opens(amara, "/portal/appointments")
    listed(amara, "Upcoming").get_by_role("link").click()
    amara.page.wait_for_url(re.compile(coming.reference))
    for name in ACTIONS:
        expect(action(amara, name)).to_be_visible()


@pytest.mark.req("S54")
@SIZES
def test_where_the_clinic_allows_neither_there_is_no_action_on_any_page(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size)
    coming = has_visit(amara)
    at_home(amara)
    with clinic_rules(site, patients_may_cancel=False, patients_may_reschedule=False):
        opens(amara, "/portal")
        expect(amara.page.locator("#next-visit").get_by_role("link", name="Add to calendar")).to_be_visible()
        for name in ("Reschedule", "Cancel"):
            expect(amara.page.locator("#next-visit").get_by_role("link", name=name)).to_have_count(0)
        opens(amara, page_of(coming))
        expect(amara.page.get_by_text("Please call us to change this visit; it cannot be done online.")).to_be_visible()
        for name in ACTIONS:
            expect(action(amara, name)).to_have_count(0)
        opens(amara, move_of(coming))
        expect(amara.page.get_by_text("it cannot be done online")).to_be_visible()
        expect(amara.page.locator("button.time")).to_have_count(0)


@pytest.mark.req("S53")
@pytest.mark.req("S54")
@pytest.mark.parametrize(
    ("rule", "gone", "stays"),
    [
        ("patients_may_cancel", "Cancel appointment", "Reschedule appointment"),
        ("patients_may_reschedule", "Reschedule appointment", "Cancel appointment"),
    ],
)
@SIZES
def test_each_is_allowed_without_the_other(
    site: Site, visitor: Make, size: str, rule: str, gone: str, stays: str
) -> None:
    amara = visitor(size)
    coming = has_visit(amara)
    at_home(amara)
    with clinic_rules(site, **{rule: False}):
        opens(amara, page_of(coming))
        expect(action(amara, stays)).to_be_visible()
        expect(action(amara, gone)).to_have_count(0)


@pytest.mark.req("S54")
@SIZES
def test_cancelling_on_a_page_opened_before_it_was_switched_off_is_refused_behind_it(
    site: Site, visitor: Make, size: str
) -> None:
    amara = visitor(size)
    coming = has_visit(amara)
    asks_to_cancel(at_home(amara, page_of(coming)))
    with clinic_rules(site, patients_may_cancel=False):
        amara.button("Yes, cancel it").click()
        expect(amara.notice).to_contain_text("Please call us to change this visit")
        expect(action(amara, "Cancel appointment")).to_have_count(0)
        expect(amara.button("Yes, cancel it")).to_have_count(0)
        is_unchanged(site, coming)


@pytest.mark.req("S54")
@SIZES
def test_moving_on_a_page_opened_before_it_was_switched_off_is_refused_behind_it(
    site: Site, visitor: Make, size: str
) -> None:
    amara = visitor(size)
    coming = has_visit(amara)
    picks_new_time(at_home(amara, move_of(coming)))
    with clinic_rules(site, patients_may_reschedule=False):
        amara.button("Move my visit here").click()
        expect(amara.notice).to_contain_text("Please call us to change this visit")
        expect(amara.page.locator("button.time")).to_have_count(0)
        is_unchanged(site, coming)


@pytest.mark.req("S54")
@SIZES
def test_too_close_to_the_visit_it_is_changed_by_phone_only(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size)
    coming = has_visit(amara)
    with clinic_rules(site, change_until_minutes=7 * 1440):
        site.clock.set(coming.start_at - timedelta(days=7, minutes=5))
        expect(action(at_home(amara, page_of(coming)), "Reschedule appointment")).to_be_visible()
        asks_to_cancel(amara)
        site.clock.advance(timedelta(minutes=10))
        amara.button("Yes, cancel it").click()
        expect(amara.notice).to_contain_text("too close to the visit to change it online")
        for name in ACTIONS:
            expect(action(amara, name)).to_have_count(0)
        is_unchanged(site, coming)


# --- cancelling


@pytest.mark.req("S55")
@pytest.mark.req("S57")
@pytest.mark.req("B4")
@SIZES
def test_in_time_a_visit_is_cancelled_for_nothing_and_leaves_the_calendar(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size)
    coming = has_visit(amara)
    at_home(amara, page_of(coming))
    expect(amara.page.get_by_text("Free to cancel until Tue, Dec 15, 2026")).to_be_visible()
    asks_to_cancel(amara)
    expect(amara.page.locator("#ask-title + p")).to_contain_text("It costs you nothing.")
    amara.button("Yes, cancel it").click()
    expect(amara.notice).to_contain_text("It cost you nothing.")
    expect(amara.notice).to_be_focused()
    expect(amara.page.get_by_text("✕ Cancelled")).to_be_visible()
    expect(amara.page.locator("#late-fee")).to_have_count(0)
    for name in ACTIONS:
        expect(action(amara, name)).to_have_count(0)
    sent = entry_sent(amara, "CANCEL")
    assert (sent["UID"], sent["SEQUENCE"], sent["STATUS"]) == (coming.uid, "1", "CANCELLED")
    assert "Cancelling it cost nothing." in sent["LETTER"]
    assert as_it_stands(site, coming).late_fee_minor == 0


@pytest.mark.req("S55")
@SIZES
def test_they_can_think_better_of_it(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size)
    coming = has_visit(amara)
    asks_to_cancel(at_home(amara, page_of(coming))).button("Keep my visit").click()
    expect(amara.button("Cancel appointment")).to_be_visible()
    expect(amara.button("Yes, cancel it")).to_have_count(0)
    is_unchanged(site, coming)


@pytest.mark.req("S55")
@SIZES
def test_a_freed_time_is_offered_to_others_again(visitor: Make, size: str) -> None:
    amara, theo = visitor(size), visitor()
    coming, other = has_visit(amara), has_visit(theo, on=date(2026, 12, 18))
    turns_to(at_home(theo, move_of(other)), "December").picks_day("Thursday, December 17")
    expect(theo.time(time_of(coming))).to_have_count(0)
    cancels(at_home(amara, page_of(coming)))
    turns_to(opens(theo, move_of(other)), "December").picks_day("Thursday, December 17")
    expect(theo.time(time_of(coming))).to_be_visible()


@pytest.mark.req("S55")
def test_an_impatient_finger_cancels_once(site: Site, visitor: Make) -> None:
    amara = visitor()
    coming = has_visit(amara)
    asks_to_cancel(at_home(amara, page_of(coming))).button("Yes, cancel it").dblclick(no_wait_after=True)
    expect(amara.page.get_by_text("✕ Cancelled")).to_be_visible()
    assert as_it_stands(site, coming).sequence == coming.sequence + 1


@pytest.mark.req("B4")
@pytest.mark.req("S56")
@SIZES
def test_late_the_fee_is_shown_before_it_is_confirmed_and_stays_on_the_page(
    site: Site, visitor: Make, size: str
) -> None:
    amara = visitor(size)
    soon = has_visit(amara, "peel", on=date(2026, 11, 24))
    at_home(amara, page_of(soon))
    expect(amara.page.get_by_text("Cancelling now costs $90.00")).to_be_visible()
    asks_to_cancel(amara)
    expect(amara.page.locator("#ask-title + p")).to_contain_text("It is late: cancelling costs $90.00.")
    expect(amara.page.locator("#what-becomes")).to_have_text("$90.00 is charged to your card ending in 4242.")
    is_unchanged(site, soon)
    amara.button("Yes, cancel it").click()
    expect(amara.notice).to_contain_text("$90.00 is charged to your card ending in 4242.")
    expect(amara.page.locator("#late-fee")).to_have_text("$90.00")
    assert "A late cancellation costs $90.00" in entry_sent(amara, "CANCEL")["LETTER"]
    assert as_it_stands(site, soon).late_fee_minor == 9000
    until(amara.page, lambda: fee_of(site, soon).state == "paid")
    assert (fee_of(site, soon).captured_minor, fee_of(site, soon).attempt) == (9000, 1)


@pytest.mark.req("S56")
@pytest.mark.parametrize(("card", "why"), [(LATER_DECLINED, "card_declined"), (ALWAYS_ASKS, "authentication_required")])
@SIZES
def test_a_fee_the_bank_refuses_is_owed_and_charged_to_nobody(
    site: Site, visitor: Make, size: str, card: str, why: str
) -> None:
    amara = visitor(size)
    soon = has_visit(amara, "peel", on=date(2026, 11, 24), card=card)
    cancels(at_home(amara, page_of(soon)))
    until(amara.page, lambda: fee_of(site, soon).state == "failed")
    assert (fee_of(site, soon).failure_code, fee_of(site, soon).captured_minor) == (why, 0)


@pytest.mark.req("B4")
@pytest.mark.req("S57")
@SIZES
def test_a_fee_that_fell_due_between_showing_and_confirming_is_shown_before_anything_is_done(
    site: Site, visitor: Make, size: str
) -> None:
    amara = visitor(size)
    coming = has_visit(amara, "peel")
    site.clock.set(coming.start_at - timedelta(hours=48, minutes=5))
    asks_to_cancel(at_home(amara, page_of(coming)))
    expect(amara.page.locator("#ask-title + p")).to_contain_text("It costs you nothing.")
    site.clock.advance(timedelta(minutes=10))
    amara.button("Yes, cancel it").click()
    expect(amara.notice).to_contain_text("Cancelling costs something else by now")
    expect(amara.notice).to_contain_text("Nothing was cancelled")
    expect(amara.page.locator("#ask-title + p")).to_contain_text("It is late: cancelling costs $90.00.")
    is_unchanged(site, coming)
    amara.button("Yes, cancel it").click()
    expect(amara.notice).to_contain_text("$90.00 is charged to your card ending in 4242.")
    assert as_it_stands(site, coming).late_fee_minor == 9000


@pytest.mark.req("B4")
@pytest.mark.req("S54")
@SIZES
def test_a_late_fee_cannot_be_moved_away(visitor: Make, size: str) -> None:
    amara = visitor(size)
    soon = has_visit(amara, "peel", on=date(2026, 11, 24))
    at_home(amara, page_of(soon))
    expect(amara.button("Cancel appointment")).to_be_visible()
    expect(action(amara, "Reschedule appointment")).to_have_count(0)
    expect(amara.page.get_by_text("Free changes are over for this visit")).to_be_visible()
    opens(amara, move_of(soon))
    expect(amara.page.get_by_text("Free changes are over for this visit")).to_be_visible()


# --- moving


@pytest.mark.req("S5")
@pytest.mark.req("S58")
@pytest.mark.req("S59")
@SIZES
def test_a_visit_gets_a_new_day_and_time_and_keeps_all_else(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size)
    coming = has_visit(amara, "facial", "hair")
    at_home(amara, page_of(coming))
    amara.page.get_by_role("link", name="Reschedule appointment").click()
    expect(amara.page.get_by_text("Hydrating facial and Laser hair removal with Lena Brandt RN")).to_be_visible()
    expect(amara.page.get_by_text(f"Now: {day_of(coming)} · {time_of(coming)}")).to_be_visible()
    label = picks_new_time(amara, "Saturday, December 19")
    amara.button("Move my visit here").click()
    amara.page.wait_for_url(site.url + page_of(coming))
    expect(amara.notice).to_contain_text("Your visit has a new time")
    expect(amara.heading).to_contain_text(f"Saturday, December 19, 2026 · {label}")
    expect(amara.page.get_by_text("Lena Brandt RN")).to_be_visible()
    moved = as_it_stands(site, coming)
    for name in ("services", "provider_id", "location", "total_minor", "reference", "uid", "policy", "status"):
        assert getattr(moved, name) == getattr(coming, name), name
    sent = entry_sent(amara, "REQUEST")
    assert (sent["UID"], sent["SEQUENCE"], sent["STATUS"]) == (coming.uid, "1", "CONFIRMED")
    assert sent["DTSTART"] == moved.start_at.astimezone().isoformat()
    opens(amara, "/portal/appointments")
    expect(amara.notice).to_have_count(0)
    expect(listed(amara, "Upcoming")).to_contain_text(f"Sat, Dec 19, 2026 · {label}")


@pytest.mark.req("S58")
@SIZES
def test_the_time_they_have_is_not_offered_as_a_new_one(visitor: Make, size: str) -> None:
    amara = visitor(size)
    coming = has_visit(amara)
    turns_to(at_home(amara, move_of(coming)), "December").picks_day("Thursday, December 17")
    expect(amara.page.locator("button.time").first).to_be_visible()
    expect(amara.time(time_of(coming))).to_have_count(0)


@pytest.mark.req("S58")
@SIZES
def test_a_time_that_someone_else_took_meanwhile_is_refused_and_the_visit_stays(
    site: Site, visitor: Make, size: str
) -> None:
    amara, theo = visitor(size), visitor()
    coming = has_visit(amara)
    label = picks_new_time(at_home(amara, move_of(coming)))
    taken = has_visit(theo, on=date(2026, 12, 18))
    assert time_of(taken) == label
    amara.button("Move my visit here").click()
    expect(amara.notice).to_contain_text(f"{label} is taken")
    expect(amara.notice).to_contain_text("Your visit stays where it is")
    expect(amara.time(label)).to_have_count(0)
    expect(amara.page.locator("#confirm-move")).to_have_count(0)
    is_unchanged(site, coming)
    picks_new_time(amara)
    amara.button("Move my visit here").click()
    amara.page.wait_for_url(site.url + page_of(coming))


@pytest.mark.req("S58")
@SIZES
def test_a_time_taken_before_it_is_pressed_is_said_at_once(site: Site, visitor: Make, size: str) -> None:
    amara, theo = visitor(size), visitor()
    coming = has_visit(amara)
    turns_to(at_home(amara, move_of(coming)), "December").picks_day("Friday, December 18")
    label = time_of(has_visit(theo, on=date(2026, 12, 18)))
    amara.time(label).click()
    expect(amara.notice).to_contain_text(f"{label} is taken")
    expect(amara.page.locator("#confirm-move")).to_have_count(0)
    is_unchanged(site, coming)


@pytest.mark.req("S58")
@SIZES
def test_of_two_tabs_that_move_one_visit_the_second_is_told_and_shown_how_it_stands(
    site: Site, visitor: Make, size: str
) -> None:
    amara = visitor(size)
    coming = has_visit(amara)
    picks_new_time(at_home(amara, move_of(coming)))
    tab = other_tab(amara, move_of(coming))
    label = picks_new_time(tab, "Saturday, December 19")
    tab.button("Move my visit here").click()
    tab.page.wait_for_url(site.url + page_of(coming))
    amara.button("Move my visit here").click()
    expect(amara.notice).to_contain_text("This visit has changed meanwhile")
    expect(amara.page.get_by_text(f"Now: Saturday, December 19, 2026 · {label}")).to_be_visible()
    moved = as_it_stands(site, coming)
    assert (day_of(moved), moved.sequence) == ("Saturday, December 19, 2026", 1)


@pytest.mark.req("S58")
@SIZES
def test_a_visit_cancelled_in_another_tab_is_not_moved_nor_cancelled_twice(
    site: Site, visitor: Make, size: str
) -> None:
    amara = visitor(size)
    coming = has_visit(amara)
    picks_new_time(at_home(amara, move_of(coming)))
    asking = asks_to_cancel(other_tab(amara, page_of(coming)))
    cancels(other_tab(amara, page_of(coming)))
    amara.button("Move my visit here").click()
    expect(amara.notice).to_contain_text("This visit has changed meanwhile")
    expect(amara.page.locator("button.time")).to_have_count(0)
    asking.button("Yes, cancel it").click()
    expect(asking.page.get_by_text("✕ Cancelled")).to_be_visible()
    assert as_it_stands(site, coming).sequence == 1


@pytest.mark.req("B4")
@SIZES
def test_a_visit_moved_in_another_tab_is_not_cancelled_unseen(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size)
    coming = has_visit(amara)
    asks_to_cancel(at_home(amara, page_of(coming)))
    tab = other_tab(amara, move_of(coming))
    label = picks_new_time(tab)
    tab.button("Move my visit here").click()
    tab.page.wait_for_url(site.url + page_of(coming))
    amara.button("Yes, cancel it").click()
    expect(amara.notice).to_contain_text("This visit has changed meanwhile")
    expect(amara.heading).to_contain_text(f"Friday, December 18, 2026 · {label}")
    assert as_it_stands(site, coming).status == "booked"


@pytest.mark.req("S52")
@SIZES
def test_a_visit_never_shows_under_the_address_of_another(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size)
    first, second = has_visit(amara, "peel"), has_visit(amara, on=date(2026, 12, 18))
    at_home(amara, page_of(first))
    expect(amara.page.locator("#reference")).to_have_text(first.reference)
    amara.page.get_by_role("link", name="All appointments").click()
    expect(listed(amara, "Upcoming")).to_have_count(2)
    amara.page.evaluate(
        """reference => {
            window.seen = [];
            const look = () => {
                const shown = document.querySelector("#reference");
                if (location.search.includes(reference) && shown) window.seen.push(shown.textContent);
            };
            new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
        }""",
        second.reference,
    )
    listed(amara, "Upcoming").last.get_by_role("link").click()
    expect(amara.page.locator("#reference")).to_have_text(second.reference)
    assert set(amara.page.evaluate("window.seen")) == {second.reference}


# --- other people's


@pytest.mark.req("S53")
@SIZES
@pytest.mark.parametrize("path", ["/portal/visit", "/portal/visit/move"])
def test_anothers_visit_looks_exactly_like_one_that_does_not_exist(visitor: Make, size: str, path: str) -> None:
    amara = at_home(visitor(size))
    theirs = has_visit(visitor())
    seen = []
    for reference in (theirs.reference, "LMN-NOSUCH", "", "'--", theirs.reference.lower()):
        opens(amara, f"{path}?ref={reference}")
        expect(amara.heading).to_have_text("We could not find that visit")
        seen.append((amara.page.title(), amara.page.locator("body").inner_text()))
    assert len(set(seen)) == 1


@pytest.mark.req("S83")
def test_anothers_calendar_file_is_answered_like_one_that_does_not_exist(site: Site, visitor: Make) -> None:
    amara = at_home(visitor())
    mine, theirs = has_visit(amara), has_visit(visitor())
    asked = amara.page.context.request
    file = f"{site.url}/portal/appointment.ics?ref="
    assert asked.get(file + mine.reference).ok
    answers = [asked.get(file + reference) for reference in (theirs.reference, "LMN-NOSUCH", "")]
    assert len({(one.status, one.text()) for one in answers}) == 1
    assert (answers[0].status, "We could not find that visit" in answers[0].text()) == (404, True)
    nobody = httpx.get(file + mine.reference)
    assert (nobody.status_code, nobody.headers["location"]) == (303, "/sign-in")


# --- for everyone


@pytest.mark.req("B9")
def test_a_visit_is_moved_by_keyboard_alone(site: Site, visitor: Make) -> None:
    amara = visitor()
    coming = has_visit(amara)
    keys = at_home(amara).page.keyboard
    tabs_to(amara, "Reschedule")
    keys.press("Enter")
    amara.page.wait_for_url(site.url + move_of(coming))
    expect(amara.heading).to_be_focused()
    tabs_to(amara, "Month after")
    keys.press("Enter")
    expect(amara.page.locator("#month-title")).to_contain_text("December")
    tabs_to(amara, "Saturday, December 19")
    keys.press("Enter")
    expect(amara.page.locator("#day-title")).to_contain_text("December 19")
    tabs_to(amara, "1:")
    keys.press("Space")
    expect(amara.page.locator("#confirm-move")).to_be_focused()
    keys.press("Enter")
    amara.page.wait_for_url(site.url + page_of(coming))
    expect(amara.notice).to_contain_text("Your visit has a new time")
    assert day_of(as_it_stands(site, coming)) == "Saturday, December 19, 2026"


@pytest.mark.req("B9")
def test_a_visit_is_cancelled_by_keyboard_alone(site: Site, visitor: Make) -> None:
    amara = visitor()
    coming = has_visit(amara)
    keys = at_home(amara).page.keyboard
    tabs_to(amara, "Cancel")
    keys.press("Enter")
    amara.page.wait_for_url(re.compile(f"{coming.reference}"))
    expect(amara.heading).to_be_visible()
    tabs_to(amara, "Cancel appointment")
    keys.press("Enter")
    expect(amara.page.locator("#ask-title")).to_be_focused()
    tabs_to(amara, "Keep my visit")
    keys.press("Enter")
    expect(amara.button("Cancel appointment")).to_be_focused()
    keys.press("Enter")
    expect(amara.page.locator("#ask-title")).to_be_focused()
    tabs_to(amara, "Yes, cancel it")
    keys.press("Enter")
    expect(amara.notice).to_be_focused()
    assert as_it_stands(site, coming).status == "cancelled"
