"""A patient's way into a membership and through it, in sentences."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import expect

from clinic_portal.bootstrap import subscriptions
from clinic_portal.memberships import joining, queries
from clinic_portal.memberships.types import MembershipInfo
from tests.browser.forms_journey import is_saved
from tests.browser.journey import Visitor
from tests.browser.portal_journey import at_home
from tests.card_kit import VISA
from tests.factories import patient
from tests.membership_kit import sign

PATH = "/portal/membership"


def identity(made: Visitor) -> int:
    """The patient's id."""
    return int(patient(made.site.services, made.email, phone=made.e164).actor.patient_id)


def membership(made: Visitor) -> MembershipInfo | None:
    """How their membership stands."""
    return made.site.services.ask(queries.of_patient, identity(made))


def signs(made: Visitor) -> Visitor:
    """On the agreement's page: type one's name, and send it."""
    made.page.wait_for_url(re.compile(r"/portal/form\?id="))
    made.page.get_by_text("Type", exact=True).click()
    expect(made.page.get_by_text("Your full name, as typed above, is your signature.")).to_be_visible()
    is_saved(made).page.locator("#send").click()
    expect(made.page.locator("#form-done")).to_be_visible()
    return made


def is_member(made: Visitor, plan_id: int, *, card: str = VISA, path: str = PATH) -> Visitor:
    """A patient who joined a plan a moment ago, and opens a page of the portal."""
    who, services = identity(made), made.site.services
    membership_id = services.do(joining.begin, who, plan_id)
    standing = services.ask(joining.agreement, membership_id)
    assert standing is not None
    sign(services, who, standing.request.id)
    its = subscriptions(services)
    page_id = its.open_page(who).rpartition("/")[2]
    its._gateway.pay(page_id, card, authenticated=True)  # type: ignore[attr-defined]
    assert its.returned(who) is not None
    return at_home(made, path)


def passes(made: Visitor, *, days: int) -> Visitor:
    """Days go by, and how memberships stand is looked at."""
    made.site.clock.advance(timedelta(days=days))
    found = membership(made)
    if found is not None:
        subscriptions(made.site.services).sync(found.id)
    return made
