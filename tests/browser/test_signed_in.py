"""Signing in, the shortest way: what the longer journeys begin with."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.journey import Visitor


def test_a_patient_comes_in(visitor: Callable[..., Visitor]) -> None:
    amara = visitor().has_portal().signs_in()
    expect(amara.heading).to_contain_text("Amara")


def test_staff_come_in(visitor: Callable[..., Visitor]) -> None:
    owner = visitor().works_here().signs_in_as_staff()
    expect(owner.page.locator("#day-subtitle")).to_be_visible()
