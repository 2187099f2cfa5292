"""What every page stands in: light, from one's own host only, kept by browsers, and passable by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Response, expect

from tests.browser.journey import Visitor
from tests.site import Site

Make = Callable[..., Visitor]


@pytest.mark.parametrize("path", ["/", "/book"])
def test_a_first_page_is_light_and_a_second_look_costs_next_to_nothing(site: Site, visitor: Make, path: str) -> None:
    noor = visitor("phone")
    answers: list[Response] = []
    noor.page.on("response", lambda answer: answers.append(answer))
    noor.page.goto(site.url + path, wait_until="networkidle")
    assert {answer.url.removeprefix(site.url)[:1] for answer in answers} == {"/"}
    weights = {answer.url.removeprefix(site.url): _wire_bytes(answer) for answer in answers}
    assert sum(weights.values()) < 200_000, weights
    answers.clear()
    noor.page.reload(wait_until="networkidle")
    assert sum(_wire_bytes(answer) for answer in answers if not _is_kept(answer)) < 12_000


def test_the_keyboard_skips_to_the_content_without_a_reload(visitor: Make) -> None:
    amara = visitor().opens("/book")
    loads: list[str] = []
    amara.page.on("request", lambda asked: loads.append(asked.url) if asked.resource_type == "document" else None)
    link = amara.page.get_by_role("link", name="Skip to content")
    link.focus()
    expect(link).to_be_in_viewport()
    link.press("Enter")
    amara.page.wait_for_url("**/book#content")
    amara.page.keyboard.press("Tab")
    assert amara.page.evaluate("document.querySelector('main').contains(document.activeElement)")
    assert loads == []


def test_two_tabs_of_one_browser_share_the_visit_and_not_the_page(visitor: Make) -> None:
    amara = visitor().opens("/book")
    with amara.page.context.expect_page() as opened:
        amara.page.evaluate("window.open(location.href)")  # takes the first one's client token along
    amara.adds("Botox — forehead")
    other = Visitor(amara.site, opened.value, email=amara.email, phone=amara.phone)
    other.page.reload()
    expect(other.button("Remove Botox — forehead")).to_be_visible()
    other.adds("Hydrating facial")
    expect(amara.button("Remove Hydrating facial")).to_have_count(0)


def _wire_bytes(answer: Response) -> int:
    sizes = answer.request.sizes()
    return sizes["responseHeadersSize"] + sizes["responseBodySize"]


def _is_kept(answer: Response) -> bool:
    """Whether the browser took it from what it had."""
    return answer.request.timing["responseStart"] < 0 or answer.request.sizes()["responseHeadersSize"] == 0
