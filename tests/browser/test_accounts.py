"""Patients' accounts: registering, the Welcome Email, signing in from anywhere, and looking after all of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from clinic_portal.accounts import sessions
from clinic_portal.accounts.types import Kind
from clinic_portal.booking.models import Appointment
from tests.browser import accounts_journey as steps
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.factories import PASSWORD, rows
from tests.site import OPENING, Site

Make = Callable[..., Visitor]
both_sizes = pytest.mark.parametrize("size", ["desktop", "phone"])


@pytest.fixture
def welcoming(site: Site) -> Iterator[None]:
    """The clinic's switch for the Welcome Email is on."""
    site.clinic.settings(activation_email_enabled=True)
    yield
    site.clinic.settings(activation_email_enabled=False)


def whose(site: Site, reference: str) -> int:
    """The id of the profile an appointment stands under."""
    [found] = [one.patient_id for one in rows(site.services, Appointment) if one.reference == reference]
    return int(found)


# Registering


@pytest.mark.req("S9")
@pytest.mark.req("S17")
@both_sizes
def test_the_portals_address_opens_the_log_in_which_offers_to_sign_up(visitor: Make, size: str) -> None:
    amara = visitor(size).opens("/portal")
    steps.is_asked_to_sign_in(amara)
    expect(amara.page.locator("#password")).to_be_visible()
    amara.page.get_by_role("link", name="Sign up").click()
    amara.page.wait_for_url(re.compile("/register$"))
    expect(amara.heading).to_have_text("Sign up")


@pytest.mark.req("S9")
@pytest.mark.req("S18")
@both_sizes
def test_all_information_is_asked_for_and_stands_in_the_portal_afterwards(visitor: Make, size: str) -> None:
    amara = visitor(size)
    steps.signs_up(amara, **steps.ALL_INFORMATION)
    steps.presses(amara, steps.link_to(amara, "/register/confirm"), "Confirm and open my portal")
    steps.is_in_portal(amara)
    amara.opens("/portal/profile")
    for name, value in {"given_name": "Amara", "family_name": "Reed", **steps.ALL_INFORMATION}.items():
        expect(amara.page.locator(f"#{name}")).to_have_value(value)
    expect(amara.page.locator("#email-shown")).to_have_text(amara.email)
    expect(amara.page.locator("#phone-shown")).to_contain_text(amara.phone[-4:])


@pytest.mark.req("S21")
@both_sizes
def test_the_warning_about_the_address_is_there_first_and_must_be_ticked(visitor: Make, size: str) -> None:
    amara = visitor(size).opens("/register")
    expect(amara.page.get_by_text("Use the e-mail address the clinic has on file for you")).to_be_visible()
    expect(amara.page.get_by_text("With another address you get a new, empty profile.")).to_be_visible()
    steps.fills_sign_up(amara)
    amara.button("Sign up").click()
    expect(amara.page.locator("#understood:invalid")).to_be_visible()
    assert steps.links_made(amara, "register") == 0
    amara.page.locator("#understood").evaluate("tick => tick.required = false")  # as one would who skips the page
    amara.button("Sign up").click()
    expect(steps.beside(amara, "understood")).to_contain_text("right profile")
    expect(amara.page.locator("#understood")).to_be_focused()
    expect(amara.page.locator("#email")).to_have_value(amara.email)
    assert steps.links_made(amara, "register") == 0


@pytest.mark.req("S18")
@both_sizes
def test_what_cannot_be_used_is_said_beside_its_field_and_nothing_but_the_password_is_typed_anew(
    visitor: Make, size: str
) -> None:
    amara = visitor(size)
    steps.fills_sign_up(amara.opens("/register"), password="lumenaesthetics", **steps.ALL_INFORMATION)
    amara.page.locator("#phone").fill("12")
    amara.page.locator("#understood").check()
    amara.button("Sign up").click()
    expect(steps.beside(amara, "phone")).to_contain_text("does not look like a phone number")
    expect(steps.beside(amara, "password")).to_contain_text("easily guessed")
    expect(amara.page.locator("#phone")).to_be_focused()
    for name, value in steps.ALL_INFORMATION.items():
        expect(amara.page.locator(f"#{name}")).to_have_value(value)
    expect(amara.page.locator("#password")).to_have_value("")
    amara.page.locator("#phone").fill(amara.phone)
    amara.page.locator("#password").fill(PASSWORD)
    amara.page.locator("#understood").check()
    amara.is_seen_as_a_person().button("Sign up").click()
    amara.page.wait_for_url(re.compile("/register/sent"))


@pytest.mark.req("S9")
@pytest.mark.req("S19")
@both_sizes
def test_who_registered_is_not_let_in_before_the_button_behind_the_link_is_pressed(visitor: Make, size: str) -> None:
    amara = steps.signs_up(visitor(size))
    link = steps.link_to(amara, "/register/confirm")
    steps.is_refused(amara)
    expect(steps.told(amara)).to_contain_text("Just signed up? Open the link in our e-mail first.")
    amara.page.goto(link)
    expect(amara.button("Confirm and open my portal")).to_be_visible()
    assert not steps.has_account(amara)  # opening a link changes nothing: scanners of e-mail open them too
    amara.button("Confirm and open my portal").click()
    steps.is_in_portal(amara)
    elsewhere = visitor(size)
    steps.gets_in(elsewhere, amara.email)


@pytest.mark.req("S19")
@both_sizes
def test_in_another_browser_the_link_asks_for_the_password_chosen_at_registration(visitor: Make, size: str) -> None:
    amara = steps.signs_up(visitor(size))
    link = steps.link_to(amara, "/register/confirm")
    elsewhere = visitor(size)
    elsewhere.page.goto(link)
    elsewhere.page.locator("#password").fill("not the one she chose")
    elsewhere.button("Confirm and open my portal").click()
    expect(steps.beside(elsewhere, "password")).to_have_text("That is not the password you chose when you signed up.")
    assert not steps.has_account(amara)
    elsewhere.page.locator("#password").fill(PASSWORD)
    elsewhere.button("Confirm and open my portal").click()
    steps.is_in_portal(elsewhere)


@pytest.mark.req("S19")
@both_sizes
def test_a_link_of_a_registration_works_once_and_for_a_day(site: Site, visitor: Make, size: str) -> None:
    amara = steps.signs_up(visitor(size))
    link = steps.link_to(amara, "/register/confirm")
    site.clock.advance(timedelta(hours=25))
    steps.has_ended(amara, link)
    site.clock.set(OPENING)
    steps.presses(amara, link, "Confirm and open my portal")
    steps.is_in_portal(amara)
    steps.has_ended(amara, link)


@pytest.mark.req("S19")
@both_sizes
def test_a_button_pressed_after_its_link_has_ended_says_so(site: Site, visitor: Make, size: str) -> None:
    amara = steps.signs_up(visitor(size))
    amara.page.goto(steps.link_to(amara, "/register/confirm"))
    expect(amara.heading).to_have_text("Welcome, Amara")
    site.clock.advance(timedelta(hours=25))
    amara.button("Confirm and open my portal").click()
    expect(amara.heading).to_have_text("This link has ended")
    assert not steps.has_account(amara)


@pytest.mark.req("S19")
@both_sizes
def test_send_it_again_sends_another_link_and_ends_the_first(visitor: Make, size: str) -> None:
    amara = steps.signs_up(visitor(size))
    first = steps.link_to(amara, "/register/confirm")
    amara.has_read_all_letters().button("Send it again").click()
    expect(steps.told(amara)).to_contain_text("on its way once more")
    second = steps.link_to(amara, "/register/confirm")
    steps.has_ended(amara, first)
    steps.presses(amara, second, "Confirm and open my portal")
    steps.is_in_portal(amara)


@pytest.mark.req("S20")
@both_sizes
def test_the_address_of_an_existing_patient_opens_their_profile_once_it_is_verified(
    site: Site, visitor: Make, size: str
) -> None:
    amara = visitor(size)
    reference = steps.booked_as_guest(amara)
    steps.signs_up(amara)
    [profile] = steps.profiles(amara)
    assert profile.account_id is None
    steps.presses(amara, steps.link_to(amara, "/register/confirm"), "Confirm and open my portal")
    steps.is_in_portal(amara)
    expect(amara.page.locator("#next-visit")).to_contain_text(reference)
    [profile] = steps.profiles(amara)
    assert profile.account_id is not None
    assert whose(site, reference) == profile.id


@pytest.mark.req("S21")
@both_sizes
def test_another_address_makes_a_separate_empty_profile(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size)
    reference = steps.booked_as_guest(amara)
    amara.email = f"other-{amara.email}"
    steps.signs_up(amara)
    steps.presses(amara, steps.link_to(amara, "/register/confirm"), "Confirm and open my portal")
    steps.is_in_portal(amara)
    expect(amara.page.locator("#next-visit")).to_contain_text("There is none yet.")
    [profile] = steps.profiles(amara)
    assert whose(site, reference) != profile.id


@both_sizes
def test_registering_an_address_that_has_an_account_looks_the_same_and_changes_nothing(
    visitor: Make, size: str
) -> None:
    amara = visitor(size).has_portal()
    stranger = visitor(size)
    stranger.email = amara.email
    steps.signs_up(stranger, password="a stranger's own password")
    expect(stranger.page.get_by_text("Press the button in that e-mail")).to_be_visible()
    letter = amara.site.letter_to(amara.email, "email", holding="/sign-in", after=stranger._last_read)
    assert "You have a portal" in letter.subject
    steps.is_refused(stranger, password="a stranger's own password")
    steps.gets_in(amara)


# The Welcome Email


@pytest.mark.usefixtures("welcoming")
@pytest.mark.req("S9")
@pytest.mark.req("S10")
@pytest.mark.req("S11")
@both_sizes
def test_a_first_booking_sends_a_welcome_email_whose_link_opens_the_portal_once(visitor: Make, size: str) -> None:
    amara = visitor(size).reaches_times("Laser hair removal")
    steps.holds_any_time(amara, "Saturday, December 19")
    reference = steps.confirms(amara)
    letter = amara.site.letter_to(amara.email, "email", holding="/welcome")
    assert letter.subject == "Welcome to Lumen Aesthetics: your patient portal"
    link = steps.link_to(amara, "/welcome")
    elsewhere = visitor(size)
    elsewhere.page.goto(link)
    expect(elsewhere.heading).to_have_text("Welcome, Amara")
    expect(elsewhere.page.get_by_text(amara.email)).to_be_visible()
    assert not steps.has_account(amara)
    elsewhere.page.locator("#phone").fill(amara.phone)
    elsewhere.page.locator("#password").fill(PASSWORD)
    elsewhere.button("Open my portal").click()
    steps.is_in_portal(elsewhere)
    expect(elsewhere.page.locator("#next-visit")).to_contain_text(reference)
    steps.has_ended(amara, link)
    steps.gets_in(amara)


@pytest.mark.usefixtures("welcoming")
@pytest.mark.req("S11")
@both_sizes
def test_a_welcome_link_is_for_two_weeks_and_for_choosing_a_password_alone(
    site: Site, visitor: Make, size: str
) -> None:
    amara = visitor(size)
    steps.booked_as_guest(amara)
    link = steps.link_to(amara, "/welcome")
    for other in ("/reset", "/register/confirm", "/new-email"):
        steps.has_ended(amara, link.replace("/welcome", other))
    site.clock.advance(timedelta(days=15))
    steps.has_ended(amara, link)
    site.clock.set(OPENING)
    amara.page.goto(link)
    expect(amara.heading).to_have_text("Welcome, Amara")
    amara.page.locator("#phone").fill(amara.phone)
    amara.page.locator("#password").fill("short")
    amara.button("Open my portal").click()
    expect(steps.beside(amara, "password")).to_contain_text("15 characters or more")
    expect(amara.page.locator("#phone")).to_have_value(amara.phone)
    amara.page.locator("#password").fill(PASSWORD)
    amara.button("Open my portal").click()
    steps.is_in_portal(amara)


@pytest.mark.usefixtures("welcoming")
@pytest.mark.req("S13")
@both_sizes
def test_a_later_booking_sends_no_welcome_email(visitor: Make, size: str) -> None:
    amara = visitor(size)
    steps.booked_as_guest(amara)
    steps.link_to(amara, "/welcome")
    again = steps.booked_as_guest(amara)
    amara.site.letter_to(amara.email, "email", holding=again)  # what else that booking sends was planned with it
    assert steps.links_made(amara, "activate") == 1


@pytest.mark.req("S12")
@both_sizes
def test_with_the_switch_off_no_welcome_email_is_sent(visitor: Make, size: str) -> None:
    amara = visitor(size).reaches_times("Laser hair removal")
    steps.holds_any_time(amara, "Saturday, December 19")
    reference = steps.confirms(amara)
    amara.site.letter_to(amara.email, "email", holding=reference)
    assert steps.links_made(amara, "activate") == 0


# Signing in from the booking page


@pytest.mark.req("S9")
@pytest.mark.req("S22")
@pytest.mark.req("S23")
@pytest.mark.req("S24")
@pytest.mark.req("S25")
@both_sizes
def test_log_in_on_the_booking_page_leads_back_with_the_cart_kept_and_the_name_opens_the_portal(
    visitor: Make, size: str
) -> None:
    amara = visitor(size).has_portal().opens().adds("Laser hair removal")
    amara.page.get_by_role("link", name="Log in").click()
    steps.is_asked_to_sign_in(amara)
    expect(amara.page.get_by_label("E-mail")).to_be_visible()
    expect(amara.page.get_by_label("Password", exact=True)).to_be_visible()
    amara.fills_sign_in().button("Sign in").click()
    amara.is_at("")
    expect(amara.button("Remove Laser hair removal")).to_be_visible()
    name = amara.page.get_by_role("link", name="Amara Reed")
    expect(name).to_be_visible()
    name.click()
    steps.is_in_portal(amara)


@pytest.mark.req("S24")
@pytest.mark.req("S60")
@both_sizes
def test_who_logs_in_goes_from_treatments_to_visit_and_books_under_their_own_profile(
    site: Site, visitor: Make, size: str
) -> None:
    amara = visitor(size)
    steps.booked_as_guest(amara)
    amara.has_portal().opens().adds("Laser hair removal")
    steps.logs_in_from_here(amara)
    amara.is_at("").goes_on("visit").goes_on("provider").chooses("First available")
    steps.holds_any_time(amara, "Saturday, December 19")
    reference = steps.confirms(amara)
    [profile] = steps.profiles(amara)
    assert profile.account_id is not None
    assert whose(site, reference) == profile.id


@pytest.mark.req("S66")
@both_sizes
def test_who_logs_in_and_never_proved_a_phone_skips_the_details_and_proves_it(visitor: Make, size: str) -> None:
    amara = visitor(size).has_portal().opens().adds("Laser hair removal")
    steps.logs_in_from_here(amara)
    amara.is_at("").goes_on("code").proves_phone()


@pytest.mark.req("S66")
@both_sizes
def test_who_logs_in_and_has_another_phone_by_now_proves_that_one_in_the_portal_and_books_on(
    visitor: Make, size: str
) -> None:
    amara = visitor(size).has_portal().opens().adds("Laser hair removal")
    steps.logs_in_from_here(amara)
    amara.is_at("").goes_on("code").page.get_by_role("link", name="Another number?").click()
    amara.page.wait_for_url(re.compile("/portal/profile"))
    amara.button("Confirm or change it").click()
    amara.phone = f"(512) 555-1{amara.phone[-3:]}"
    amara.has_read_all_letters().page.locator("#new_phone").fill(amara.phone)
    amara.button("Send me a code").click()
    amara.page.locator("#code").fill(amara.code())
    amara.button("Confirm").click()
    expect(amara.page.locator("#phone-shown")).to_contain_text("confirmed")
    amara.page.get_by_role("link", name="Book", exact=True).click()
    amara.is_at("").goes_on("visit")


@pytest.mark.req("S22")
@pytest.mark.req("S24")
@both_sizes
def test_log_in_in_the_middle_keeps_the_step_and_the_time_held(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size)
    steps.booked_as_guest(amara)
    amara.has_portal().reaches_times("Laser hair removal")
    held = steps.holds_any_time(amara, "Saturday, December 19")
    steps.logs_in_from_here(amara)
    amara.is_at("time")
    expect(amara.page.locator("#me")).to_contain_text("Amara Reed")
    expect(amara.time(held)).to_have_attribute("aria-pressed", "true")
    expect(amara.page.get_by_role("timer")).to_be_visible()
    reference = steps.confirms(amara)
    [profile] = steps.profiles(amara)
    assert whose(site, reference) == profile.id


@pytest.mark.req("S24")
@both_sizes
def test_what_a_guest_typed_before_logging_in_gives_way_to_the_patients_own_details(
    site: Site, visitor: Make, size: str
) -> None:
    amara = visitor(size)
    steps.booked_as_guest(amara)
    amara.has_portal().opens().adds("Laser hair removal").goes_on("details")
    own = amara.email
    amara.email = f"typo-{own}"
    amara.fills_details(given="Amarra").goes_on("code")
    amara.email = own
    steps.logs_in_from_here(amara)
    amara.is_at("visit").goes_on("provider").chooses("First available")
    steps.holds_any_time(amara, "Saturday, December 19")
    reference = steps.confirms(amara)
    [profile] = steps.profiles(amara)
    assert whose(site, reference) == profile.id
    assert site.letter_to(own, "email", holding=reference)


@pytest.mark.req("S23")
@both_sizes
def test_a_wrong_password_and_an_unknown_address_get_one_and_the_same_sentence(visitor: Make, size: str) -> None:
    amara = visitor(size).has_portal()
    sentences = set()
    for email in (amara.email, f"nobody-{amara.email}"):
        steps.is_refused(amara, email, "not the right password")
        sentences.add(steps.told(amara).inner_text())
        expect(amara.page.locator("#email")).to_have_value(email)
        expect(amara.page.locator("#password")).to_have_value("")
    assert len(sentences) == 1


@pytest.mark.req("S23")
@both_sizes
def test_without_the_captcha_nobody_gets_in(visitor: Make, size: str) -> None:
    amara = visitor(size).has_portal()
    amara.page.route("**/challenge/**", lambda route: route.abort("connectionrefused"))
    amara.opens("/sign-in")
    amara.page.locator("#email").fill(amara.email)
    amara.page.locator("#password").fill(PASSWORD)
    amara.page.locator("form#sign-in").evaluate("form => HTMLFormElement.prototype.submit.call(form)")
    expect(amara.page.locator("#captcha")).to_contain_text("tick the box and wait for its mark")
    expect(amara.page.locator("#email")).to_have_value(amara.email)


# A forgotten password


@both_sizes
def test_a_forgotten_password_is_replaced_by_a_link_and_everybody_is_signed_out(visitor: Make, size: str) -> None:
    amara, elsewhere = visitor(size).has_portal(), visitor(size)
    steps.gets_in(elsewhere, amara.email)
    amara.has_read_all_letters().opens("/sign-in").page.get_by_role("link", name="Forgot your password?").click()
    amara.page.wait_for_url(re.compile("/forgot"))
    amara.page.locator("#email").fill(amara.email)
    amara.is_seen_as_a_person().button("Send me a link").click()
    expect(steps.told(amara)).to_contain_text("a link is on its way to it")
    link = steps.link_to(amara, "/reset")
    amara.page.goto(link)
    amara.page.locator("#password").fill("qwertyuiopasdfgh")
    amara.button("Keep this password").click()
    expect(steps.beside(amara, "password")).to_contain_text("easily guessed")
    amara.page.locator("#password").fill(steps.NEW_PASSWORD)
    amara.button("Keep this password").click()
    steps.is_asked_to_sign_in(amara)
    expect(steps.told(amara)).to_have_text("Your password is changed. Sign in with the new one.")
    steps.is_refused(amara)
    steps.gets_in(amara, password=steps.NEW_PASSWORD)
    elsewhere.page.get_by_role("link", name="Appointments", exact=True).click()
    steps.is_asked_to_sign_in(elsewhere)
    steps.has_ended(elsewhere, link)
    assert amara.site.letter_to(amara.email, "email", holding="was changed just now")


@both_sizes
def test_the_link_of_a_forgotten_password_works_for_an_hour(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size).has_portal().has_read_all_letters().opens("/forgot")
    amara.page.locator("#email").fill(amara.email)
    amara.is_seen_as_a_person().button("Send me a link").click()
    link = steps.link_to(amara, "/reset")
    site.clock.advance(timedelta(minutes=61))
    steps.has_ended(amara, link)
    site.clock.set(OPENING)
    amara.page.goto(link)
    expect(amara.button("Keep this password")).to_be_visible()


@both_sizes
def test_asking_for_a_new_password_answers_the_same_for_an_unknown_address(visitor: Make, size: str) -> None:
    amara = visitor(size).has_portal()
    pages = set()
    for email in (amara.email, f"nobody-{amara.email}"):
        amara.opens("/forgot").page.locator("#email").fill(email)
        amara.is_seen_as_a_person().button("Send me a link").click()
        expect(steps.told(amara)).to_contain_text("If that address has a portal")
        amara.is_seen_as_a_person()
        pages.add(amara.page.locator("main").inner_text())
    assert len(pages) == 1


# Settings


@pytest.mark.req("S9")
@pytest.mark.req("S35")
@pytest.mark.req("S36")
@both_sizes
def test_the_gear_opens_the_settings_and_information_can_be_changed(visitor: Make, size: str) -> None:
    amara = steps.comes_in(visitor(size).has_portal())
    steps.opens_settings(amara).page.get_by_role("link", name="Change my details").click()
    expect(amara.page.locator("#given_name")).to_have_value("Amara")
    amara.page.locator("#given_name").fill("Amara Jo")
    amara.page.locator("#city").fill("Round Rock")
    amara.button("Save").click()
    expect(amara.notice).to_contain_text("Your details are up to date.")
    amara.page.reload()
    expect(amara.page.locator("#city")).to_have_value("Round Rock")
    amara.opens("/book")
    expect(amara.page.get_by_role("link", name="Amara Jo Reed")).to_be_visible()


@pytest.mark.req("S9")
@pytest.mark.req("S37")
@both_sizes
def test_the_password_is_changed_by_who_knows_the_present_one_and_others_are_signed_out(
    visitor: Make, size: str
) -> None:
    amara, elsewhere = steps.comes_in(visitor(size).has_portal()), visitor(size)
    steps.gets_in(elsewhere, amara.email)
    steps.opens_settings(amara)
    steps.changes_password(amara, "not the present one", steps.NEW_PASSWORD)
    expect(steps.beside(amara, "current")).to_have_text("That is not your present password. Nothing was changed.")
    expect(amara.page.locator("#password-form #current")).to_be_focused()
    steps.changes_password(amara, PASSWORD, "too short")
    expect(steps.beside(amara, "password")).to_contain_text("15 characters or more")
    steps.changes_password(amara, PASSWORD, steps.NEW_PASSWORD)
    expect(amara.page.get_by_text("Your new password is kept. Your other devices were signed out.")).to_be_in_viewport()
    elsewhere.page.get_by_role("link", name="Appointments", exact=True).click()
    steps.is_asked_to_sign_in(elsewhere)
    amara.page.get_by_role("link", name="Appointments", exact=True).click()
    expect(amara.heading).to_have_text("Appointments")
    steps.is_refused(elsewhere, amara.email)
    steps.gets_in(elsewhere, amara.email, steps.NEW_PASSWORD)
    assert amara.site.letter_to(amara.email, "email", holding="was changed just now")


@both_sizes
def test_a_new_email_address_counts_once_it_is_proved_and_then_everybody_signs_in_with_it(
    visitor: Make, size: str
) -> None:
    amara, elsewhere = steps.comes_in(visitor(size).has_portal()), visitor(size)
    old, new = amara.email, f"new-{amara.email}"
    steps.gets_in(elsewhere, old)
    steps.opens_settings(amara).has_read_all_letters()
    steps.changes_email(amara, new, "not the present one")
    expect(steps.beside(amara, "email-current")).to_have_text("That is not your present password. Nothing was changed.")
    expect(amara.page.locator("#email-form #email")).to_have_value(new)
    steps.changes_email(amara, new)
    expect(amara.page.get_by_text("It counts once you press the button there.")).to_be_in_viewport()
    link = steps.link_to(amara, "/new-email", email=new)
    amara.page.goto(link)
    expect(amara.button("Yes, use this address")).to_be_visible()
    assert steps.has_account(amara)
    assert steps.links_made(amara, "email_changed") == 0
    amara.button("Yes, use this address").click()
    steps.is_asked_to_sign_in(amara)
    expect(steps.told(amara)).to_have_text("Your e-mail address is changed. Sign in with the new one.")
    assert amara.site.letter_to(old, "email", holding="now has another e-mail address")
    elsewhere.page.get_by_role("link", name="Appointments", exact=True).click()
    steps.is_asked_to_sign_in(elsewhere)
    steps.is_refused(amara, old)
    steps.gets_in(amara, new)
    amara.opens("/portal/profile")
    expect(amara.page.locator("#email-shown")).to_have_text(new)
    steps.has_ended(amara, link)


@both_sizes
def test_a_new_email_address_that_has_a_portal_of_its_own_is_refused_by_its_link_alone(
    visitor: Make, size: str
) -> None:
    noor = visitor(size).has_portal()
    amara = steps.comes_in(visitor(size).has_portal())
    steps.opens_settings(amara).has_read_all_letters()
    steps.changes_email(amara, noor.email)
    expect(amara.page.get_by_text("It counts once you press the button there.")).to_be_visible()
    steps.presses(amara, steps.link_to(amara, "/new-email", email=noor.email), "Yes, use this address")
    expect(steps.told(amara)).to_contain_text("This address has a portal already. Nothing was changed")
    steps.gets_in(amara)


@both_sizes
def test_devices_are_listed_and_one_is_signed_out_from_another(visitor: Make, size: str) -> None:
    amara = steps.comes_in(visitor(size).has_portal())
    phone = visitor(size, user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) CriOS/140.0 Mobile Safari/604.1")
    steps.gets_in(phone, amara.email)
    listed = steps.opens_settings(amara).page.locator("#devices li")
    expect(listed.filter(has_text="here, now")).to_have_count(1)
    expect(listed.filter(has_text="Chrome on iPhone")).to_have_count(1)
    amara.button("Sign out Chrome on iPhone").click()
    expect(amara.notice).to_contain_text("Signed out there")
    expect(listed.filter(has_text="Chrome on iPhone")).to_have_count(0)
    phone.page.get_by_role("link", name="Appointments", exact=True).click()
    steps.is_asked_to_sign_in(phone)
    expect(steps.told(phone)).to_contain_text("You were signed out here")


@both_sizes
def test_sign_out_here_leaves_the_others_and_nothing_in_this_browser(visitor: Make, size: str) -> None:
    amara, elsewhere = steps.comes_in(visitor(size).has_portal()), visitor(size)
    steps.gets_in(elsewhere, amara.email)
    steps.opens_settings(amara).button("Sign out here").click()
    steps.is_asked_to_sign_in(amara)
    expect(steps.told(amara)).to_contain_text("You are signed out")
    amara.page.go_back()
    steps.is_asked_to_sign_in(amara)
    amara.opens("/book")
    expect(amara.page.get_by_role("link", name="Log in")).to_be_visible()
    elsewhere.page.reload()
    steps.is_in_portal(elsewhere)


@both_sizes
def test_sign_out_everywhere_means_everywhere(visitor: Make, size: str) -> None:
    amara, elsewhere = steps.comes_in(visitor(size).has_portal()), visitor(size)
    steps.gets_in(elsewhere, amara.email)
    steps.opens_settings(amara).button("Sign out everywhere").click()
    steps.is_asked_to_sign_in(amara)
    elsewhere.page.reload()
    steps.is_asked_to_sign_in(elsewhere)


# Automatic logoff


@both_sizes
def test_a_session_nobody_used_for_half_an_hour_is_over_on_the_server(site: Site, visitor: Make, size: str) -> None:
    amara = steps.comes_in(visitor(size).has_portal())
    site.clock.advance(timedelta(minutes=31))
    amara.page.get_by_role("link", name="Appointments", exact=True).click()
    steps.is_asked_to_sign_in(amara)
    expect(steps.told(amara)).to_contain_text("You were signed out here")
    amara.fills_sign_in().button("Sign in").click()
    amara.page.wait_for_url(re.compile("/portal"))


@both_sizes
def test_the_page_warns_a_minute_before_and_a_click_keeps_them_in(site: Site, visitor: Make, size: str) -> None:
    amara = steps.comes_in(visitor(size).has_portal())
    amara.page.clock.install()
    amara.page.reload()
    steps.is_in_portal(amara)
    site.clock.advance(timedelta(minutes=29, seconds=30))
    amara.page.clock.fast_forward(timedelta(minutes=29, seconds=30).total_seconds() * 1000)
    warning = amara.page.get_by_role("dialog", name="Are you still there?")
    expect(warning).to_contain_text("you are signed out in")
    is_clean_and_fits(amara, "warning of the automatic logoff")
    expect(amara.button("Stay signed in")).to_be_focused()
    amara.button("Stay signed in").click()
    expect(warning).to_be_hidden()
    amara.page.get_by_role("link", name="Appointments", exact=True).click()
    expect(amara.heading).to_have_text("Appointments")  # and so the server has heard that they stay
    site.clock.advance(timedelta(minutes=20))
    amara.page.get_by_role("link", name="Medical history", exact=True).click()
    expect(amara.heading).to_have_text("Medical history")


@both_sizes
def test_who_does_not_answer_the_warning_is_signed_out_and_nothing_of_theirs_can_be_seen(
    site: Site, visitor: Make, size: str
) -> None:
    amara = steps.comes_in(visitor(size).has_portal())
    amara.page.clock.install()
    amara.opens("/portal/profile")
    expect(amara.page.locator("#email-shown")).to_have_text(amara.email)
    site.clock.advance(timedelta(minutes=30, seconds=1))
    amara.page.clock.fast_forward(timedelta(minutes=30, seconds=1).total_seconds() * 1000)
    steps.is_asked_to_sign_in(amara)
    expect(steps.told(amara)).to_contain_text("You were signed out")
    steps.sees_nothing_of_theirs_going_back(amara)


@both_sizes
def test_a_patient_who_falls_idle_while_booking_is_signed_out_there_too(site: Site, visitor: Make, size: str) -> None:
    amara = steps.comes_in(visitor(size).has_portal())
    amara.page.clock.install()
    site.clock.advance(timedelta(minutes=29, seconds=40))
    amara.opens("/book")
    expect(amara.page.get_by_role("dialog", name="Are you still there?")).to_be_visible()
    site.clock.advance(timedelta(seconds=20))
    amara.page.clock.fast_forward(20_000)
    steps.is_asked_to_sign_in(amara)
    expect(steps.told(amara)).to_have_text(
        "You were signed out after a while without a click, to keep your details safe."
    )
    seen = steps.everything_seen(amara)
    amara.page.go_back()
    expect(amara.page.get_by_role("link", name="Log in")).to_be_visible()
    assert [one for one in seen if "Amara" in one] == []


@both_sizes
def test_who_was_signed_out_elsewhere_leaves_nothing_to_be_seen_going_back(
    site: Site, visitor: Make, size: str
) -> None:
    amara = steps.comes_in(visitor(size).has_portal()).opens("/portal/profile")
    expect(amara.page.locator("#email-shown")).to_have_text(amara.email)
    site.services.do(sessions.end_all, Kind.PATIENT, steps.account_id(amara))
    amara.page.get_by_role("link", name="Appointments", exact=True).click()
    steps.is_asked_to_sign_in(amara)
    steps.sees_nothing_of_theirs_going_back(amara)


@both_sizes
def test_a_session_that_ends_in_the_wizard_is_told_there_and_the_cart_is_kept(
    site: Site, visitor: Make, size: str
) -> None:
    amara = visitor(size)
    steps.booked_as_guest(amara)
    amara.has_portal().opens().adds("Laser hair removal")
    steps.logs_in_from_here(amara)
    amara.is_at("").goes_on("visit")
    expect(amara.page.get_by_text("Injectables")).to_be_visible()
    site.services.do(sessions.end_all, Kind.PATIENT, steps.account_id(amara))
    amara.button("Continue").click()
    amara.is_at("details")
    expect(amara.notice).to_contain_text("You were signed out")
    expect(amara.page.locator("#email")).to_have_value("")
    expect(amara.page.get_by_role("link", name="Log in")).to_be_visible()
    expect(amara.page.get_by_text("Laser hair removal")).to_be_visible()


# For everyone


@pytest.mark.usefixtures("welcoming")
@pytest.mark.req("B9")
@both_sizes
def test_every_page_of_getting_in_is_clean_and_fits_a_small_screen_also_when_it_refuses(
    visitor: Make, size: str
) -> None:
    amara, elsewhere = visitor(size).opens("/sign-in").is_seen_as_a_person(), visitor(size)
    titles = []

    def look(where: str, who: Visitor = amara) -> None:
        titles.append(who.page.title())
        is_clean_and_fits(who, where)

    look("sign-in")
    amara.opens("/register").is_seen_as_a_person()
    look("registration")
    steps.fills_sign_up(amara, password="short").page.locator("#phone").fill("12")
    amara.page.locator("#understood").evaluate("tick => tick.required = false")
    amara.button("Sign up").click()
    expect(steps.beside(amara, "understood")).not_to_be_empty()
    is_clean_and_fits(amara.is_seen_as_a_person(), "registration refused")
    steps.signs_up(amara)
    look("a link is on its way")
    link = steps.link_to(amara, "/register/confirm")
    steps.is_refused(amara)
    is_clean_and_fits(amara.is_seen_as_a_person(), "sign-in refused")
    elsewhere.page.goto(link)
    elsewhere.page.locator("#password").fill("not the one she chose")
    elsewhere.button("Confirm and open my portal").click()
    expect(steps.beside(elsewhere, "password")).not_to_be_empty()
    look("registration's link in another browser", elsewhere)
    steps.presses(amara, link, "Confirm and open my portal")
    steps.is_in_portal(amara)
    steps.has_ended(elsewhere, link)
    is_clean_and_fits(elsewhere, "a link that has ended")

    elsewhere.opens("/forgot").is_seen_as_a_person().page.locator("#email").fill(amara.email)
    look("forgotten password", elsewhere)
    elsewhere.has_read_all_letters().button("Send me a link").click()
    expect(steps.told(elsewhere)).to_be_visible()
    is_clean_and_fits(elsewhere.is_seen_as_a_person(), "forgotten password answered")
    elsewhere.page.goto(steps.link_to(elsewhere, "/reset", email=amara.email))
    elsewhere.page.locator("#password").fill("short")
    elsewhere.button("Keep this password").click()
    expect(steps.beside(elsewhere, "password")).not_to_be_empty()
    look("choosing another password", elsewhere)

    steps.opens_settings(amara)
    look("settings")
    steps.changes_password(amara, "not the present one", steps.NEW_PASSWORD)
    expect(steps.beside(amara, "current")).not_to_be_empty()
    is_clean_and_fits(amara, "settings refusing a password")
    steps.changes_email(amara.has_read_all_letters(), f"new-{amara.email}")
    expect(amara.page.get_by_text("It counts once you press the button there.")).to_be_visible()
    is_clean_and_fits(amara, "settings answering")
    amara.page.goto(steps.link_to(amara, "/new-email", email=f"new-{amara.email}"))
    expect(amara.button("Yes, use this address")).to_be_visible()
    look("a new address")

    guest = visitor(size)
    steps.booked_as_guest(guest)
    guest.page.goto(steps.link_to(guest, "/welcome"))
    guest.page.locator("#phone").fill(guest.phone)
    guest.page.locator("#password").fill("short")
    guest.button("Open my portal").click()
    expect(steps.beside(guest, "password")).not_to_be_empty()
    look("the Welcome Email's link", guest)
    assert len(set(titles)) == len(titles)


@pytest.mark.req("B9")
@both_sizes
def test_signing_up_and_in_works_by_keyboard_alone(visitor: Make, size: str) -> None:
    amara = visitor(size).has_read_all_letters().opens("/portal")
    steps.is_asked_to_sign_in(amara)
    keys = amara.page.keyboard
    steps.tabs_to(amara, "Sign up")
    keys.press("Enter")
    amara.page.wait_for_url(re.compile("/register$"))
    amara.is_seen_as_a_person()
    for name, value in (
        ("given_name", "Amara"),
        ("family_name", "Reed"),
        ("email", amara.email),
        ("phone", amara.phone),
        ("password", PASSWORD),
    ):
        steps.tabs_to(amara, name)
        keys.type(value)
    steps.tabs_to(amara, "understood")
    keys.press("Space")
    steps.tabs_to(amara, "Sign up")
    keys.press("Enter")
    amara.page.wait_for_url(re.compile("/register/sent"))
    amara.page.goto(steps.link_to(amara, "/register/confirm"))
    expect(amara.heading).to_be_focused()
    steps.tabs_to(amara, "Confirm and open my portal")
    keys.press("Enter")
    steps.is_in_portal(amara)
    steps.tabs_to(amara, "Sign out")
    keys.press("Enter")
    steps.is_asked_to_sign_in(amara)
    amara.is_seen_as_a_person()
    steps.tabs_to(amara, "email")
    keys.type(amara.email)
    steps.tabs_to(amara, "password")
    keys.type(PASSWORD)
    keys.press("Enter")
    steps.is_in_portal(amara)
