"""For everyone: keyboard, screen reader, small screens, less motion (B9)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.journey import Visitor

Make = Callable[..., Visitor]
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "rules": {"target-size": {"enabled": True}},  # 2.2's only rule, which axe leaves out unless asked
}

HIDDEN = """() => {
    const at = document.activeElement, box = at.getBoundingClientRect();
    if (at === document.body) return "";
    const seen = [0.1, 0.5, 0.9].some((part) => {
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height * part);
        return top && at.contains(top);
    });
    return seen ? "" : at.outerHTML.slice(0, 120);
}"""
"""What has the focus but lies entirely behind something else, or nothing."""


def is_clean(visitor: Visitor, where: str) -> None:
    found = Axe().run(visitor.page, options=RULES).response["violations"]
    told = [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]
    assert told == [], where


def is_clean_and_fits(visitor: Visitor, where: str) -> None:
    is_clean(visitor, where)
    size = visitor.page.viewport_size
    assert size
    visitor.page.set_viewport_size({"width": 320, "height": 700})
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 320, where
    visitor.page.set_viewport_size(size)


@pytest.mark.req("B9")
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_every_step_is_clean_has_its_title_and_fits_a_small_screen(visitor: Make, size: str) -> None:
    amara = visitor(size)
    titles = []

    def look(where: str) -> None:
        titles.append(amara.page.title())
        is_clean_and_fits(amara, where)

    amara.opens("/")
    expect(amara.page.get_by_role("heading", name="Treatments")).to_be_visible()
    look("front page")
    amara.opens().adds("Hydrating facial")
    look("treatments")
    amara.goes_on("details").button("Continue").click()
    expect(amara.page.locator("#email-error")).not_to_be_empty()
    look("details with errors")
    amara.fills_details(given="Wilhelmina-Alexandrina", family="van der Westhuizen-Featherstonehaugh").goes_on("code")
    expect(amara.page.get_by_text("We sent six digits")).to_be_visible()
    look("code")
    amara.proves_phone()
    look("visit")
    amara.goes_on("provider")
    look("provider")
    amara.chooses("First available").picks_day("Monday, November 30").holds(
        "1:00 PM" if size == "desktop" else "2:00 PM"
    )
    look("time")
    amara.goes_on("policy")
    look("policy")
    amara.accepts_and_confirms()
    expect(amara.page.locator("#reference")).to_be_visible()
    look("confirmed")
    amara.page.goto(f"{amara.site.url}/demo")
    expect(amara.page.locator(".sms").first).to_be_visible()
    look("demo")
    assert len(set(titles)) == len(titles)


@pytest.mark.req("B9")
def test_the_whole_way_works_by_keyboard_alone(visitor: Make) -> None:
    amara = visitor().opens()
    keys = amara.page.keyboard

    def tab_to(name: str) -> None:
        for _ in range(120):
            keys.press("Tab")
            told = amara.page.evaluate(
                "() => { const e = document.activeElement; "
                "return (e.getAttribute('aria-label') || e.innerText || e.id || '').replace(/\\s/g, ' ') }"
            )
            if told.startswith(name) or amara.page.evaluate("document.activeElement.id") == name:
                return
        raise AssertionError(f"no Tab leads to {name}")

    expect(amara.button("Book now: Hydrating facial")).to_be_visible()
    tab_to("Book now: Hydrating facial")
    keys.press("Enter")
    expect(amara.button("Remove Hydrating facial")).to_be_visible()
    tab_to("Continue")
    keys.press("Enter")
    amara.is_at("details")
    for name, value in (
        ("given_name", "Amara"),
        ("family_name", "Reed"),
        ("email", amara.email),
        ("phone", amara.phone),
    ):
        tab_to(name)
        keys.type(value)
    keys.press("Enter")
    amara.is_at("code")
    expect(amara.page.get_by_text("We sent six digits")).to_be_visible()
    tab_to("code")
    keys.type(amara.code())
    keys.press("Enter")
    amara.is_at("visit")
    tab_to("Continue")
    keys.press("Enter")
    amara.is_at("provider")
    tab_to("★ First available")
    keys.press("Space")
    amara.is_at("time")
    expect(amara.page.locator("button.time").first).to_be_visible()
    tab_to("Friday, November 27")
    keys.press("Enter")
    expect(amara.page.locator("#day-title")).to_contain_text("November 27")
    tab_to("3:30")
    keys.press("Enter")
    expect(amara.page.get_by_role("timer")).to_be_visible()
    tab_to("Continue")
    keys.press("Enter")
    amara.is_at("policy")
    tab_to("accept")
    keys.press("Space")
    tab_to("Continue to your card")
    keys.press("Enter")
    amara.page.wait_for_url(re.compile("/sandbox/pay/"))
    tab_to("4242 4242 4242 4242")
    keys.press("Enter")
    expect(amara.page.get_by_label("Security code")).to_have_value("123")
    tab_to("Confirm card")
    keys.press("Enter")
    amara.is_at("confirmed")


@pytest.mark.req("B9")
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_rarer_states_are_clean_and_fit_too(visitor: Make, size: str) -> None:
    hour = "9:00 AM" if size == "desktop" else "2:00 PM"
    first = visitor(size).reaches_times("Botox — forehead").picks_day("Tuesday, December 15")
    other = visitor(size).reaches_times("Botox — forehead").picks_day("Tuesday, December 15")
    first.time(hour).click(no_wait_after=True)
    other.time(hour).click(no_wait_after=True)
    expect(other.notice).to_contain_text("is taken")
    is_clean_and_fits(other, "time taken by another")

    amara = visitor(size).opens().adds("Botox — forehead", "Chemical peel").goes_on("details").fills_details()
    amara.goes_on("code").proves_phone()
    expect(amara.page.get_by_role("heading", name="These need two visits")).to_be_visible()
    is_clean_and_fits(amara, "two visits")
    amara.button("Book one after the other").click()
    amara.goes_on("provider").chooses("First available").button("Month after").click()
    expect(amara.page.get_by_text("Choose a day with a dot")).to_be_visible()
    is_clean_and_fits(amara, "month without a day")


@pytest.mark.req("B9")
def test_no_bar_hides_what_has_the_focus(visitor: Make) -> None:
    amara = visitor("phone").opens().adds("Hydrating facial", "Botox — forehead")
    for step in ("treatments", "details"):
        for _ in range(30):
            amara.page.keyboard.press("Tab")
            assert amara.page.evaluate(HIDDEN) == "", step
        if step == "treatments":
            amara.goes_on("details")


@pytest.mark.req("B9")
def test_who_asks_for_less_motion_gets_none(visitor: Make) -> None:
    amara = visitor(reduced_motion="reduce").opens()
    moving = amara.page.evaluate(
        "() => [...document.querySelectorAll('*')].filter(e => getComputedStyle(e).animationName !== 'none').length"
    )
    assert moving == 0
