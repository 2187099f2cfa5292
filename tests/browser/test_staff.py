"""Staff come in, see what their role may see, and leave (P15)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from clinic_portal.accounts.roles import LABELS
from tests.browser import staff_journey as staff
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.factories import booked
from tests.site import Site

pytestmark = pytest.mark.req("P15")
Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
NEW_PASSWORD = "several quiet herons at dawn"
WRONG = "That e-mail and password do not go together"
ALL_SETTINGS = [
    "Portal access", "Booking portal", "Booking rules", "Cancellation policy", "Wallet", "Reminders",
    "Categories", "Services", "Packages", "Memberships",
    "Locations", "Rooms and devices", "Providers", "Hours", "Time off and holidays", "Team",
]  # fmt: skip
SEES = {
    "owner": (
        [
            "Today",
            "Calendar",
            "Patients",
            "Payments",
            "Members",
            "Liability",
            "Reports",
            "Messages",
            "Forms",
            "Settings",
            "Activity log",
        ],
        ALL_SETTINGS,
    ),
    "front_desk": (
        ["Today", "Calendar", "Patients", "Payments", "Members", "Messages", "Settings"],
        ["Portal access", "Booking portal", "Hours", "Time off and holidays"],
    ),
    "provider": (["Today", "Calendar", "Patients", "Settings"], ["Booking portal"]),
    "read_only": (["Today", "Calendar", "Patients", "Settings"], ["Booking portal"]),
}
PAGES = {
    "Portal access": "/admin/settings/portal",
    "Booking rules": "/admin/settings/booking",
    "Cancellation policy": "/admin/settings/policy",
    "Wallet": "/admin/settings/wallet",
    "Reminders": "/admin/settings/reminders",
    "Locations": "/admin/settings/locations",
    "Providers": "/admin/settings/providers",
    "Categories": "/admin/settings/categories",
    "Services": "/admin/settings/services",
    "Rooms and devices": "/admin/settings/rooms",
    "Hours": "/admin/settings/hours",
    "Time off and holidays": "/admin/settings/time-off",
    "Team": "/admin/settings/team",
    "Packages": "/admin/settings/packages",
    "Memberships": "/admin/settings/memberships",
    "Payments": "/admin/payments",
    "Members": "/admin/memberships",
    "Liability": "/admin/liability",
    "Reports": "/admin/reports",
    "Activity log": "/admin/log",
}
ONLY_THERE = (
    "owner@lumen.example", "Please tell us two days before", "214 Congress Ave", "Laser 1", "staff.signed_in",
    "staff: signed in", "09:00-17:00",
)  # fmt: skip
"""What only pages that a role may not open would send."""


@pytest.fixture
def kept(site: Site) -> Iterator[None]:
    with staff.clinic_kept(site):
        yield


# Coming in


@SIZES
def test_staff_sign_in_with_email_password_and_captcha(visitor: Make, size: str) -> None:
    desk = visitor(size).works_here("front_desk")
    desk.page.goto(f"{desk.site.url}/admin")
    staff.ends_at_sign_in(desk)
    desk.fills_sign_in()
    expect(desk.page.locator("altcha-widget")).to_be_visible()
    desk.button("Sign in").click()
    staff.is_in(desk)
    expect(desk.page.locator(".desk-foot")).to_contain_text("Front desk")


def test_staff_come_back_to_the_page_they_wanted(visitor: Make) -> None:
    owner = visitor().works_here()
    owner.page.goto(f"{owner.site.url}/admin/settings/hours")
    owner.page.wait_for_url(re.compile("/admin/sign-in"))
    owner.fills_sign_in().button("Sign in").click()
    owner.page.wait_for_url(owner.site.url + "/admin/settings/hours")
    expect(staff.is_open(owner).heading).to_have_text("Hours")


@pytest.mark.parametrize("email", ["owner@lumen.example", "nobody@lumen.example"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_sentence(visitor: Make, email: str) -> None:
    owner = visitor().works_here()
    owner.email = email
    staff.types_password(owner, "not the right password")
    expect(owner.page.locator("#told")).to_contain_text(WRONG)
    expect(owner.page.locator("#email")).to_have_value(email)
    expect(owner.page.locator("#password")).to_have_value("")


def test_the_sentence_about_a_wrong_password_speaks_to_staff(visitor: Make) -> None:
    owner = visitor().works_here()
    staff.types_password(owner, "not the right password")
    expect(owner.page.locator("#told")).to_contain_text(WRONG)
    expect(owner.page.locator("#told")).not_to_contain_text("signed up")


def test_a_patients_password_opens_nothing_of_the_staffs(visitor: Make) -> None:
    amara = visitor().has_portal()
    staff.types_password(amara)
    expect(amara.page.locator("#told")).to_contain_text(WRONG)
    amara.signs_in()
    amara.page.goto(f"{amara.site.url}/admin")
    staff.ends_at_sign_in(amara)


def test_signing_in_leads_to_no_other_site(visitor: Make) -> None:
    owner = visitor().works_here()
    for elsewhere in ("https://evil.example/admin", "//evil.example/admin", "/portal", "/admin/../portal"):
        owner.page.context.clear_cookies()
        owner.page.goto(f"{owner.site.url}/admin/sign-in?next={elsewhere}")
        owner.fills_sign_in().button("Sign in").click()
        staff.is_in(owner)


# The second factor


@SIZES
def test_a_second_factor_is_set_up_and_asked_for_from_then_on(site: Site, visitor: Make, size: str) -> None:
    lena = visitor(size)
    email = f"lena-{size}@lumen.example"
    staff.sits_down(lena, "provider", "/admin/account", email=email)
    lena.page.get_by_role("link", name="Set it up").click()
    app, codes = staff.sets_up_authenticator(lena)
    assert len(set(codes)) == 10

    staff.goes_to(lena, "/admin/account")
    expect(lena.page.locator("main")).to_contain_text("10 recovery codes are left")
    lena.page.goto(f"{site.url}/admin/second-factor")
    expect(lena.page.get_by_text("It is set up.")).to_be_visible()
    expect(lena.page.locator("body")).not_to_contain_text(staff.RECOVERY_CODE)
    staff.signs_out(staff.goes_to(lena, "/admin"))

    staff.types_password(lena)
    staff.types_second_factor(lena, f"{(int(staff.code_of(site, app, steps=1)) + 1) % 10**6:06}")
    expect(lena.page.locator("#code-error")).to_contain_text("That code does not fit")
    code = staff.code_of(site, app, steps=1)
    staff.is_in(staff.types_second_factor(lena, code))
    staff.signs_out(lena)

    staff.types_password(lena)
    staff.types_second_factor(lena, code)
    expect(lena.page.locator("#code-error")).to_contain_text("That code does not fit")
    staff.is_in(staff.types_second_factor(lena, codes[3].lower()))
    staff.signs_out(lena)

    staff.types_password(lena)
    staff.types_second_factor(lena, codes[3])
    expect(lena.page.locator("#code-error")).to_contain_text("That code does not fit")
    staff.is_in(staff.types_second_factor(lena, codes[4]))
    expect(staff.goes_to(lena, "/admin/account").page.locator("main")).to_contain_text("8 recovery codes are left")


def test_a_wrong_first_code_puts_no_authenticator_in_force(site: Site, visitor: Make) -> None:
    lena = staff.sits_down(visitor(), "provider", "/admin/account", email="lena-wrong@lumen.example")
    lena.page.get_by_role("link", name="Set it up").click()
    lena.button("Set it up").click()
    lena.page.locator("#code").fill("000000")
    lena.button(re.compile("^Confirm")).click()
    expect(lena.page.locator("#code-error")).to_contain_text("That code does not fit")
    expect(lena.page.get_by_alt_text("QR code for your authenticator app")).to_be_visible()
    staff.is_in(staff.types_password(visitor_of(lena)))


def visitor_of(one: Visitor) -> Visitor:
    """The same person, whose browser has forgotten them."""
    one.page.context.clear_cookies()
    return one


def test_halfway_in_is_not_in(site: Site, visitor: Make) -> None:
    lena = staff.sits_down(visitor(), "provider", "/admin/account", email="lena-half@lumen.example")
    lena.page.get_by_role("link", name="Set it up").click()
    staff.sets_up_authenticator(lena)
    staff.types_password(visitor_of(lena))
    lena.page.wait_for_url(re.compile("/admin/code"))
    lena.page.goto(f"{site.url}/admin")
    staff.ends_at_sign_in(lena, "sign in to go on")


def test_an_authenticator_is_taken_off_by_oneself_and_by_an_owner(site: Site, visitor: Make) -> None:
    lena = staff.sits_down(visitor(), "provider", "/admin/account", email="lena-off@lumen.example")
    lena.page.get_by_role("link", name="Set it up").click()
    app, _ = staff.sets_up_authenticator(lena)
    staff.goes_to(lena, "/admin/account").page.locator("#code").fill("000000")
    lena.button("Take it off").click()
    expect(lena.page.locator("#code-error")).to_contain_text("That code does not fit")
    staff.takes_authenticator_off(site, lena, app)
    lena.page.get_by_role("link", name="Set it up").click()
    staff.sets_up_authenticator(lena)

    owner = staff.sits_down(visitor(), path="/admin/settings/team")
    line = owner.page.locator("li", has_text="lena-off@lumen.example")
    expect(line).to_contain_text("authenticator on")
    line.get_by_role("button", name="Authenticator off").click()
    expect(owner.notice).to_contain_text("The authenticator is off")
    staff.is_in(staff.types_password(visitor_of(lena)))


def test_everyone_needs_an_authenticator_once_the_clinic_says_so(site: Site, visitor: Make, kept: None) -> None:
    owner = staff.sits_down(visitor())
    staff.changes_rules(owner, {"Everyone of the staff needs an authenticator app": True})
    desk = visitor()
    desk.works_here("front_desk")
    staff.types_password(desk)
    desk.page.wait_for_url(site.url + "/admin/second-factor")
    desk.page.goto(f"{site.url}/admin/patients")
    staff.ends_at_sign_in(desk, "sign in to go on")
    staff.types_password(desk)
    desk.page.wait_for_url(site.url + "/admin/second-factor")
    app, _ = staff.sets_up_authenticator(desk)
    staff.takes_authenticator_off(site, desk, app)


# Passwords and invitations


def test_a_forgotten_password_is_chosen_anew_by_a_link_that_works_once(site: Site, visitor: Make) -> None:
    lena = visitor().has_read_all_letters()
    staff.sits_down(lena, "provider", email="lena-forgot@lumen.example")
    visitor_of(lena).page.goto(f"{site.url}/admin/sign-in")
    lena.page.get_by_role("link", name="Forgot your password?").click()
    lena.page.wait_for_url(re.compile("/admin/forgot"))
    lena.page.locator("#email").fill(lena.email)
    lena.is_seen_as_a_person().button("Send me a link").click()
    expect(lena.page.locator("#told")).to_contain_text("a link is on its way")
    expect(lena.page.locator("#told")).not_to_contain_text("portal")
    link = staff.link_in(lena, "/admin/join")

    lena.page.goto(link)
    expect(lena.page.get_by_text("For lena-forgot@lumen.example.")).to_be_visible()
    lena.page.locator("#password").fill("short")
    lena.button("Keep this password").click()
    expect(lena.page.locator("#password-error")).to_contain_text("15 characters or more")
    lena.page.locator("#password").fill(NEW_PASSWORD)
    lena.button("Keep this password").click()
    staff.ends_at_sign_in(lena, "Your password is changed")
    staff.types_password(lena)
    expect(lena.page.locator("#told")).to_contain_text(WRONG)
    staff.is_in(staff.types_password(lena, NEW_PASSWORD))

    lena.page.goto(link)
    expect(lena.page.get_by_text("It was used already or is too old")).to_be_visible()


def test_asking_for_a_nobody_gets_the_same_answer_and_no_letter(site: Site, visitor: Make) -> None:
    nobody = visitor()
    nobody.page.goto(f"{site.url}/admin/forgot")
    nobody.page.locator("#email").fill(nobody.email)
    nobody.is_seen_as_a_person().button("Send me a link").click()
    expect(nobody.page.locator("#told")).to_contain_text("a link is on its way")
    assert not [one for one in site.letters() if one.to_address == nobody.email]


@SIZES
def test_someone_invited_chooses_a_password_and_comes_in(site: Site, visitor: Make, size: str) -> None:
    owner = staff.sits_down(visitor(size), path="/admin/settings/team")
    new = visitor(size).has_read_all_letters()
    owner.button("Invite someone").click()
    staff.fills(
        owner,
        {"Name": "Noor Haddad", "E-mail": new.email, "Role": "Front desk", "Whose calendar is theirs": "None"},
    )
    staff.saves(owner, told="Invited")
    expect(owner.page.locator("li", has_text=new.email)).to_contain_text("invited")
    new.page.goto(staff.link_in(new, "/admin/join"))
    expect(new.page.get_by_text(f"For {new.email}.")).to_be_visible()
    new.page.locator("#password").fill(NEW_PASSWORD)
    new.button("Keep this password").click()
    new.page.wait_for_url(re.compile("/admin/sign-in"))
    staff.is_in(staff.types_password(new, NEW_PASSWORD))
    expect(new.page.locator(".desk-foot")).to_contain_text("Noor Haddad")
    expect(new.page.locator(".desk-foot")).to_contain_text("Front desk")
    staff.goes_to(owner, "/admin/settings/team")
    expect(owner.page.locator("li", has_text=new.email)).to_contain_text("last in Mon, Nov 23, 2026")


def test_an_invitation_sent_again_ends_the_earlier_link(site: Site, visitor: Make) -> None:
    owner = staff.sits_down(visitor(), path="/admin/settings/team")
    new = visitor().has_read_all_letters()
    owner.button("Invite someone").click()
    staff.saves(staff.fills(owner, {"Name": "Ines", "E-mail": new.email}), told="Invited")
    first = staff.link_in(new, "/admin/join")
    new.has_read_all_letters()
    owner.page.locator("li", has_text=new.email).get_by_role("button", name="Invite again").click()
    expect(owner.notice).to_contain_text("The earlier link has ended")
    second = staff.link_in(new, "/admin/join")
    new.page.goto(first)
    expect(new.page.get_by_text("It was used already or is too old")).to_be_visible()
    new.page.goto(second)
    expect(new.page.locator("#password")).to_be_visible()


def test_an_invitation_that_cannot_be_used_is_refused_beside_the_field(site: Site, visitor: Make) -> None:
    owner = staff.sits_down(visitor(), path="/admin/settings/team")
    owner.button("Invite someone").click()
    for values, field, sentence in (
        ({"Name": "", "E-mail": "ok@lumen.example"}, "name", "Please tell us this name"),
        ({"Name": "Ines", "E-mail": "no address"}, "email", "does not look like an e-mail address"),
        ({"Name": "Ines", "E-mail": "OWNER@lumen.example"}, "email", "is there already"),
    ):
        staff.fills(owner, values)
        owner.page.get_by_role("button", name="Save", exact=True).click()
        staff.is_refused_beside(owner, field, sentence)
    owner.button("Do not save").click()
    expect(owner.page.locator("main")).not_to_contain_text("ok@lumen.example")


def test_the_password_is_changed_in_my_account_by_who_knows_it(site: Site, visitor: Make) -> None:
    lena = staff.sits_down(visitor(), "provider", "/admin/account", email="lena-change@lumen.example")
    for current, chosen, field, sentence in (
        ("not this one", NEW_PASSWORD, "current", "That is not your present password"),
        (staff.PASSWORD, "passwordpassword", "password", "easily guessed"),
    ):
        lena.page.locator("#current").fill(current)
        lena.page.locator("#password").fill(chosen)
        lena.button("Change password").click()
        expect(lena.page.locator(f"#{field}-error")).to_contain_text(sentence)
    lena.page.locator("#current").fill(staff.PASSWORD)
    lena.page.locator("#password").fill(NEW_PASSWORD)
    lena.button("Change password").click()
    expect(lena.notice).to_contain_text("Your new password is kept")
    staff.is_in(staff.types_password(visitor_of(lena), NEW_PASSWORD))


def test_another_browser_is_signed_out_from_my_account(site: Site, visitor: Make) -> None:
    email = "lena-two@lumen.example"
    here = staff.sits_down(visitor(), "provider", email=email)
    there = staff.sits_down(visitor(), "provider", email=email)
    staff.goes_to(here, "/admin/account")
    expect(here.page.locator("main")).to_contain_text("· here, now")
    here.page.locator("main li").get_by_role("button", name="Sign out").click()
    expect(here.page.locator("main li")).to_have_count(1)
    there.page.get_by_role("link", name="Patients", exact=True).click()
    staff.ends_at_sign_in(there, "You were signed out")


# Changed while signed in


def test_a_lesser_role_holds_at_the_next_click(site: Site, visitor: Make) -> None:
    email = "demoted@lumen.example"
    desk = staff.sits_down(visitor(), "front_desk", "/admin/settings/hours", email=email)
    owner = staff.sits_down(visitor(), path="/admin/settings/team")
    owner.page.locator("li", has_text=email).get_by_role("button", name="Change").click()
    staff.saves(staff.fills(owner, {"Role": "Read only"}))
    expect(owner.page.locator("li", has_text=email)).to_contain_text("Read only")
    desk.page.locator("#week").get_by_role("button", name="Save").click()
    staff.ends_at_sign_in(desk, "You were signed out")
    staff.is_in(staff.types_password(desk))
    expect(desk.page.locator(".desk-foot")).to_contain_text("Read only")
    staff.goes_to(desk, "/admin/settings")
    expect(desk.page.get_by_role("navigation", name="Settings").get_by_role("link")).to_have_text(["Booking portal"])


def test_who_is_let_in_no_more_is_out_at_the_next_click(site: Site, visitor: Make) -> None:
    email = "gone@lumen.example"
    desk = staff.sits_down(visitor(), "front_desk", email=email)
    owner = staff.sits_down(visitor(), path="/admin/settings/team")
    line = owner.page.locator("li", has_text=email)
    line.get_by_role("button", name="Switch off").click()
    expect(line).to_contain_text("not let in")
    desk.page.get_by_role("button", name="Day after").click()
    staff.ends_at_sign_in(desk, "You were signed out")
    staff.types_password(desk)
    expect(desk.page.locator("#told")).to_contain_text(WRONG)
    line.get_by_role("button", name="Switch on").click()
    expect(line).not_to_contain_text("not let in")
    staff.is_in(staff.types_password(desk))


def test_an_owner_signs_someone_out(site: Site, visitor: Make) -> None:
    email = "left-open@lumen.example"
    desk = staff.sits_down(visitor(), "front_desk", email=email)
    owner = staff.sits_down(visitor(), path="/admin/settings/team")
    owner.page.locator("li", has_text=email).get_by_role("button", name="Sign out").click()
    expect(owner.notice).to_contain_text("Signed out everywhere")
    desk.page.get_by_role("button", name="Day after").click()
    staff.ends_at_sign_in(desk, "You were signed out")


def test_the_last_owner_must_stay(site: Site, visitor: Make) -> None:
    owner = staff.sits_down(visitor(), path="/admin/settings/team")
    line = owner.page.locator("li", has_text="owner@lumen.example")
    line.get_by_role("button", name="Switch off").click()
    expect(owner.notice).to_contain_text("One owner must stay")
    line.get_by_role("button", name="Change").click()
    staff.fills(owner, {"Role": "Read only"})
    owner.page.get_by_role("button", name="Save", exact=True).click()
    staff.is_refused_beside(owner, "role", "Make someone else an owner first")
    staff.goes_to(owner, "/admin/settings/team")
    expect(line).to_contain_text("Owner")


# Going out


@SIZES
def test_signing_out_leaves_nothing_behind_the_back_button(visitor: Make, size: str) -> None:
    owner = staff.sits_down(visitor(size), path="/admin/settings/team")
    expect(owner.page.locator("main")).to_contain_text("owner@lumen.example")
    staff.signs_out(owner)
    owner.page.go_back()
    owner.page.wait_for_url(re.compile("/admin/sign-in"))
    expect(owner.page.locator("body")).not_to_contain_text("owner@lumen.example")


def test_a_desk_left_alone_is_warned_and_then_signed_out(site: Site, visitor: Make) -> None:
    owner = staff.sits_down(visitor())
    owner.page.clock.install()  # after the page has its connection, whose own timers go on as before
    nobody_is_there(owner, site.settings.staff_idle_minutes * 60 - 50)
    expect(owner.page.get_by_role("dialog", name="Are you still there?")).to_be_visible()
    nobody_is_there(owner, 55)
    staff.ends_at_sign_in(owner, "You were signed out")


def test_who_is_still_there_stays_signed_in(site: Site, visitor: Make) -> None:
    owner = staff.sits_down(visitor())
    owner.page.clock.install()
    nobody_is_there(owner, site.settings.staff_idle_minutes * 60 - 50)
    owner.button("Stay signed in").click()
    expect(owner.page.get_by_role("dialog", name="Are you still there?")).to_be_hidden()
    staff.is_seen_at(site, site.clock.now())
    site.clock.advance(timedelta(minutes=site.settings.staff_idle_minutes - 1))
    expect(staff.goes_to(owner, "/admin/patients").heading).to_have_text("Patients")


def test_a_connection_that_comes_back_is_no_sign_of_life(site: Site, visitor: Make) -> None:
    owner = visitor()
    sockets: list[WebSocketRoute] = []
    sent: list[str] = []

    def through(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    owner.page.route_web_socket("**/_event/**", through)
    listens(owner.page, sent)
    staff.sits_down(owner)
    sent.clear()
    site.clock.advance(timedelta(minutes=site.settings.staff_idle_minutes - 5))
    sockets[0].close()
    staff.until(owner.page, lambda: any("idle_key" in one for one in sent))
    site.clock.advance(timedelta(minutes=6))
    owner.page.keyboard.press("Shift")
    staff.ends_at_sign_in(owner, "You were signed out")


def nobody_is_there(desk: Visitor, seconds: int) -> None:
    """Time goes by, for the clinic and in the browser."""
    desk.site.clock.advance(timedelta(seconds=seconds))
    desk.page.clock.fast_forward(seconds * 1000)


def test_a_click_after_the_idle_time_ends_at_the_sign_in_page(site: Site, visitor: Make) -> None:
    owner = staff.sits_down(visitor())
    site.clock.advance(timedelta(minutes=site.settings.staff_idle_minutes, seconds=1))
    owner.page.get_by_role("button", name="Day after").click()
    staff.ends_at_sign_in(owner, "You were signed out")


def test_a_day_at_the_desk_ends_however_busy_it_was(site: Site, visitor: Make) -> None:
    owner = staff.sits_down(visitor())
    for _ in range(47):
        shown = owner.heading.inner_text()
        site.clock.advance(timedelta(minutes=15))
        owner.page.get_by_role("button", name="Day after").click()
        expect(owner.heading).not_to_have_text(shown)
    site.clock.advance(timedelta(minutes=15))
    owner.page.get_by_role("button", name="Day after").click()
    staff.ends_at_sign_in(owner, "You were signed out")


# Roles


@SIZES
@pytest.mark.parametrize("role", list(LABELS))
def test_each_role_sees_its_entries(visitor: Make, role: str, size: str) -> None:
    someone = staff.sits_down(visitor(size), role, "/admin/settings")
    navigation, settings = SEES[role]
    page = someone.page
    expect(page.get_by_role("navigation", name="Staff").get_by_role("link")).to_have_text(navigation)
    expect(page.get_by_role("navigation", name="Settings").get_by_role("link")).to_have_text(settings)
    for name in settings:
        page.get_by_role("navigation", name="Settings").get_by_role("link", name=name, exact=True).click()
        expect(someone.heading).to_have_text(name)
        staff.is_open(someone)


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_a_page_outside_ones_role_ends_with_a_sentence_and_sends_nothing(visitor: Make, role: str) -> None:
    visitor().works_here("owner")
    someone = visitor()
    sent: list[str] = []
    listens(someone.page, sent)
    staff.sits_down(someone, role, "/admin/settings/addresses")
    sent.clear()
    navigation, settings = SEES[role]
    for name in [one for one in PAGES if one not in (*navigation, *settings)]:
        someone.page.goto(someone.site.url + PAGES[name])
        someone.page.wait_for_url(re.compile(r"/admin/?\?why=not_permitted"))
        expect(someone.notice).to_contain_text("Your role does not allow that")
        expect(someone.page.locator("#day-subtitle")).to_be_visible()
    told = "\n".join(sent)
    assert "not_permitted" in told
    assert [one for one in ONLY_THERE if one in told] == []


def listens(page: Page, sent: list[str]) -> None:
    """Note all that the server sends over the page's websockets."""
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: sent.append(str(frame))))


def test_front_desk_sees_how_the_welcome_email_is_set_and_cannot_switch_it(visitor: Make) -> None:
    desk = staff.sits_down(visitor(), "front_desk", "/admin/settings/portal")
    expect(desk.page.get_by_role("switch", name="Activation email enabled")).to_be_disabled()


# The activity log


@SIZES
def test_the_log_says_who_changed_what_when_before_and_after(visitor: Make, kept: None, size: str) -> None:
    owner = staff.sits_down(visitor(size))
    minutes = "20" if size == "desktop" else "25"
    staff.changes_rules(owner, {"Times every … minutes": minutes})
    staff.follows(owner, "Activity log")
    staff.goes_to(owner, "/admin/log?what=clinic&first=2026-11-23&last=2026-11-23")
    line = owner.page.locator("#log li", has_text=f"15 → {minutes}").first
    for told in ("The owner", "Nov 23", "9:0", "clinic", "changed", "start interval", f"15 → {minutes}"):
        expect(line).to_contain_text(told)


def test_older_lines_of_the_log_come_on_request(site: Site, visitor: Make) -> None:
    owner = staff.sits_down(visitor())
    for _ in range(60):
        staff.staff(site.services, "front_desk")
        known = staff.staff_id(site, "front_desk@lumen.example")
        site.services.do(staff.people.note_sign_in, known, "Firefox on Linux")
    staff.follows(owner, "Activity log")
    expect(owner.page.locator("#log li")).to_have_count(50)
    newest = owner.page.locator("#log li").first.inner_text()
    owner.page.get_by_role("link", name="Older").click()
    expect(owner.page.get_by_role("link", name="Newest")).to_be_visible()
    expect(owner.page.locator("#log li").first).not_to_have_text(newest)


# Search


@SIZES
def test_a_patient_is_found_by_name_email_and_phone(site: Site, visitor: Make, size: str) -> None:
    amara = visitor()
    given = "Zenobia" if size == "desktop" else "Zoraya"
    on = date(2026, 12, 20) if size == "desktop" else date(2026, 12, 21)
    booked(
        site.clinic, f"b-{size}", on, "16:00", "hair", name=(given, "Quillfeather"), email=amara.email, phone=amara.e164
    )
    desk = staff.sits_down(visitor(size), "read_only")
    for wanted in (given, given.upper(), f"quillf {given[:3]}", amara.email, amara.phone, amara.e164[-7:]):
        staff.goes_to(desk, "/admin").page.get_by_label("Search patients").fill(wanted)
        desk.page.get_by_label("Search patients").press("Enter")
        expect(desk.page.locator("main")).to_contain_text(f"Found for “{wanted}”")
        expect(desk.page.locator("#found li")).to_have_count(1)
        expect(desk.page.locator("#found")).to_contain_text(f"{given} Quillfeather")
        expect(desk.page.locator("#found")).to_contain_text(amara.email)


def test_a_name_is_found_whatever_its_letters_and_their_case(site: Site, visitor: Make) -> None:
    someone = visitor()
    booked(
        site.clinic,
        "b-letters",
        date(2026, 12, 22),
        "16:00",
        "hair",
        name=("Öykü", "Ökmen"),
        email=someone.email,
        phone=someone.e164,
    )
    desk = staff.sits_down(visitor(), "read_only")
    for wanted in ("Ökmen", "ökmen", "ÖYKÜ"):
        staff.goes_to(desk, "/admin").page.get_by_label("Search patients").fill(wanted)
        desk.page.get_by_label("Search patients").press("Enter")
        expect(desk.page.locator("main")).to_contain_text(f"Found for “{wanted}”")
        expect(desk.page.locator("#found")).to_contain_text("Öykü Ökmen")


@pytest.mark.parametrize("wanted", ["nobody of that name", "%", "_", "'", "\\", "🐴", "<b>x</b>", "x" * 500])
def test_odd_searches_find_nobody_and_break_nothing(visitor: Make, wanted: str) -> None:
    desk = staff.sits_down(visitor(), "read_only")
    desk.page.get_by_label("Search patients").fill(wanted)
    desk.page.get_by_label("Search patients").press("Enter")
    shown = desk.page.locator("main").get_by_text("Nobody was found")
    expect(shown).to_be_visible()
    expect(desk.notice).to_be_hidden()


def test_an_address_with_five_hundred_letters_finds_nobody(visitor: Make) -> None:
    desk = staff.sits_down(visitor(), "read_only", f"/admin/patients?q={'x' * 500}")
    expect(desk.page.get_by_text("Nobody was found")).to_be_visible()


# For everyone


@pytest.mark.req("B9")
@SIZES
def test_the_pages_before_coming_in_are_clean_and_fit(visitor: Make, size: str) -> None:
    lena = visitor(size)
    for path in ("sign-in", "forgot", "join"):
        lena.page.goto(f"{lena.site.url}/admin/{path}")
        expect(lena.heading).to_be_focused()
        is_clean_and_fits(lena, path)
    staff.sits_down(lena, "provider", "/admin/account", email=f"lena-axe-{size}@lumen.example")
    lena.page.get_by_role("link", name="Set it up").click()
    expect(lena.button("Set it up")).to_be_visible()
    is_clean_and_fits(lena, "second factor, beginning")
    lena.button("Set it up").click()
    expect(lena.page.get_by_alt_text("QR code for your authenticator app")).to_be_visible()
    is_clean_and_fits(lena, "second factor, scanning")


@pytest.mark.req("B9")
@SIZES
def test_every_page_of_the_staff_is_clean_has_its_title_and_fits(visitor: Make, size: str) -> None:
    owner = staff.sits_down(visitor(size))
    titles = []
    for path in ("/admin", "/admin/patients", "/admin/account", "/admin/settings/addresses", *PAGES.values()):
        staff.goes_to(owner, path)
        expect(owner.heading).to_be_focused()
        is_clean_and_fits(owner, path)
        titles.append(owner.page.title())
    assert len(set(titles)) == len(titles)


@pytest.mark.req("B9")
def test_staff_sign_in_and_change_a_setting_by_keyboard_alone(site: Site, visitor: Make, kept: None) -> None:
    owner = visitor().works_here()
    keys = owner.page.keyboard

    def tab_to(name: str) -> None:
        for _ in range(80):
            keys.press("Tab")
            told = owner.page.evaluate(
                "() => { const e = document.activeElement; return [e.id, e.getAttribute('aria-label'), e.innerText] }"
            )
            if name in [str(one or "").split("\n")[0].strip() for one in told]:
                return
        raise AssertionError(f"no Tab leads to {name}")

    owner.page.goto(f"{site.url}/admin/sign-in")
    expect(owner.heading).to_be_focused()
    tab_to("email")
    keys.type(owner.email)
    tab_to("password")
    keys.type(staff.PASSWORD)
    owner.is_seen_as_a_person()
    keys.press("Enter")
    staff.is_in(owner)
    tab_to("Settings")
    keys.press("Enter")
    expect(owner.heading).to_be_focused()
    tab_to("Booking rules")
    keys.press("Enter")
    expect(owner.heading).to_have_text("Booking rules")
    staff.is_open(owner)
    tab_to("hold_minutes")
    keys.press("Control+a")
    keys.type("12")
    keys.press("Enter")
    expect(owner.notice).to_contain_text("Saved")
    assert site.services.ask(staff.hold_minutes) == 12
