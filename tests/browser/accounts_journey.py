"""How a visitor comes to an account, gets into it and looks after it, in steps."""

from __future__ import annotations

import itertools
import re
from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Locator, expect

from clinic_portal.accounts import entry
from clinic_portal.accounts.models import Link
from clinic_portal.patients.models import Patient
from tests.browser.journey import Visitor
from tests.factories import PASSWORD, booked, rows

NEW_PASSWORD = "another horse, another battery"
ALL_INFORMATION = {
    "birth_on": "1990-05-17",
    "pronouns": "she/her",
    "street": "9 Elm Street",
    "city": "Austin",
    "region": "TX",
    "postal_code": "78702",
    "country": "USA",
}
_guests = itertools.count()


def told(visitor: Visitor) -> Locator:
    """What the form says at its top about the last try."""
    return visitor.page.locator("#told")


def beside(visitor: Visitor, field: str) -> Locator:
    """What stands beside a field."""
    return visitor.page.locator(f"#{field}-error")


def is_asked_to_sign_in(visitor: Visitor) -> None:
    """They stand before the door."""
    visitor.page.wait_for_url(re.compile(r"/sign-in"))
    expect(visitor.heading).to_have_text("Sign in")


def is_in_portal(visitor: Visitor) -> None:
    """They see the portal's first page, and it is theirs."""
    visitor.page.wait_for_url(re.compile(r"/portal(\?.*)?$"))
    expect(visitor.heading).to_contain_text("Amara")


def tries_to_sign_in(visitor: Visitor, email: str = "", password: str = PASSWORD) -> None:
    """Send the form of signing in."""
    visitor.opens("/sign-in").fills_sign_in(email, password).button("Sign in").click()


def is_refused(visitor: Visitor, email: str = "", password: str = PASSWORD) -> None:
    """Try to sign in, and be told that it does not fit."""
    tries_to_sign_in(visitor, email, password)
    expect(told(visitor)).to_contain_text("do not go together")


def gets_in(visitor: Visitor, email: str = "", password: str = PASSWORD) -> None:
    """Try to sign in, and be in the portal."""
    tries_to_sign_in(visitor, email, password)
    is_in_portal(visitor)


def fills_sign_up(visitor: Visitor, *, password: str = PASSWORD, **more: str) -> Visitor:
    """Type what the registration page must know, and more if given."""
    visitor.fills_details()
    for name, value in more.items():
        visitor.page.locator(f"#{name}").fill(value)
    visitor.page.locator("#password").fill(password)
    return visitor.is_seen_as_a_person()


def signs_up(visitor: Visitor, **more: str) -> Visitor:
    """Register, up to the page that says: look into your e-mail."""
    visitor.has_read_all_letters()
    fills_sign_up(visitor.opens("/register"), **more)
    visitor.page.locator("#understood").check()
    visitor.button("Sign up").click()
    visitor.page.wait_for_url(re.compile("/register/sent"))
    expect(visitor.button("Send it again")).to_be_visible()
    return visitor


def link_to(visitor: Visitor, path: str, *, email: str = "") -> str:
    """The newest link of a kind in their mailbox that they have not read yet."""
    letter = visitor.site.letter_to(email or visitor.email, "email", holding=path, after=visitor._last_read)
    found = re.search(rf"http\S+{path}\?t=[0-9a-f]+", letter.text)
    assert found
    return found[0]


def links_made(visitor: Visitor, purpose: str) -> int:
    """How many links of a kind were ever made for their address."""
    return len(
        [one for one in rows(visitor.site.services, Link) if (one.purpose, one.email) == (purpose, visitor.email)]
    )


def presses(visitor: Visitor, link: str, button: str) -> None:
    """Open a link, and press the button there."""
    visitor.page.goto(link)
    visitor.button(button).click()


def has_ended(visitor: Visitor, link: str) -> None:
    """Open a link that works no more: the page says so, and offers no form."""
    visitor.page.goto(link)
    expect(visitor.heading).to_have_text("This link has ended")
    expect(visitor.page.get_by_text("used already or is too old. Nothing was changed.")).to_be_visible()
    expect(visitor.page.locator("main form")).to_have_count(0)


def has_account(visitor: Visitor) -> bool:
    """Whether an account with their address exists."""
    return visitor.site.services.ask(entry.credentials, visitor.email) is not None


def account_id(visitor: Visitor) -> int:
    """The id of the account with their address."""
    known = visitor.site.services.ask(entry.credentials, visitor.email)
    assert known is not None
    return known.subject_id


def sees_nothing_of_theirs_going_back(visitor: Visitor) -> None:
    """Go back from signing in to a page that showed their address: it is not there, not for a moment."""
    seen = everything_seen(visitor)
    visitor.page.go_back()
    visitor.page.wait_for_url(re.compile("/portal"))
    is_asked_to_sign_in(visitor)
    assert [one for one in seen if visitor.email in one] == []


def everything_seen(visitor: Visitor) -> list[str]:
    """What their page says at every moment from now on."""
    seen: list[str] = []
    visitor.page.expose_function("seen", lambda text: seen.append(text))
    watch = (
        "new MutationObserver(() => document.body && seen(document.body.innerText))"
        ".observe(document, {childList: true, subtree: true, characterData: true})"
    )
    visitor.page.add_init_script(watch)
    visitor.page.evaluate(f"() => {{ {watch} }}")
    return seen


def profiles(visitor: Visitor) -> list[Any]:
    """The profiles with their address."""
    return [one for one in rows(visitor.site.services, Patient) if one.email == visitor.email]


def booked_as_guest(visitor: Visitor) -> str:
    """They booked without an account some other day, and proved their phone then. The reference."""
    number = next(_guests)
    day, slot = date(2026, 12, 20) + timedelta(days=number // 12), number % 12
    made = booked(
        visitor.site.clinic,
        f"guest {number}",
        day,
        f"{9 + slot // 2}:{slot % 2 * 30:02}",
        "hair",
        email=visitor.email,
        phone=visitor.e164,
    )
    return made.reference


def holds_any_time(visitor: Visitor, day: str) -> str:
    """Choose the first time of a day that is still free, and have it held; its label."""
    visitor.picks_day(day)
    first = visitor.page.locator("button.time").first
    label = " ".join(first.inner_text().split())
    visitor.holds(label)
    return label


def confirms(visitor: Visitor) -> str:
    """From a held time to the booking; the reference."""
    visitor.goes_on("policy").accepts_and_confirms()
    return visitor.page.locator("#reference").inner_text()


def logs_in_from_here(visitor: Visitor) -> None:
    """Press "Log in" at the top of the page, and sign in."""
    visitor.page.get_by_role("link", name="Log in").click()
    is_asked_to_sign_in(visitor)
    visitor.fills_sign_in().button("Sign in").click()


def comes_in(visitor: Visitor) -> Visitor:
    """Sign in, and see the portal."""
    visitor.signs_in()
    is_in_portal(visitor)
    return visitor


def opens_settings(visitor: Visitor) -> Visitor:
    """Press the gear."""
    visitor.page.locator("#settings-link").click()
    visitor.page.wait_for_url(re.compile("/portal/settings"))
    expect(visitor.heading).to_have_text("Settings")
    expect(visitor.page.locator("#devices li").first).to_be_visible()
    return visitor


def changes_password(visitor: Visitor, current: str, new: str) -> None:
    """Fill in the settings' form and send it."""
    form = visitor.page.locator("#password-form")
    form.locator("#current").fill(current)
    form.locator("#password").fill(new)
    form.get_by_role("button", name="Change password").click()


def changes_email(visitor: Visitor, to: str, password: str = PASSWORD) -> None:
    """Fill in the settings' form and send it."""
    form = visitor.page.locator("#email-form")
    form.locator("#email").fill(to)
    form.locator("#email-current").fill(password)
    form.get_by_role("button", name="Send a link").click()


def tabs_to(visitor: Visitor, name: str) -> None:
    """Press Tab until the focus is on what has that id or begins with those words."""
    for _ in range(60):
        visitor.page.keyboard.press("Tab")
        told = visitor.page.evaluate(
            "() => { const at = document.activeElement; return [at.id, at.getAttribute('aria-label') || at.innerText] }"
        )
        if told[0] == name or told[1].startswith(name):
            return
    raise AssertionError(f"no Tab leads to {name}")
