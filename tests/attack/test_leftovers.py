"""What a page showed to somebody is not told again once their session is over."""

from __future__ import annotations

import secrets

import pytest

from clinic_portal.accounts import sessions
from clinic_portal.accounts.types import Kind
from tests.attack.attacker import ROOT_STATE, Attacker
from tests.attack.test_socket import told
from tests.factories import patient, staff
from tests.site import Site

WEB = f"{ROOT_STATE}.clinic_portal___web___"
ENTER = {
    "portal": f"{WEB}portal___profile____profile_page.enter",
    "staff": f"{WEB}admin___patients____patients.enter",
}


@pytest.mark.parametrize("who", ["portal", "staff"])
@pytest.mark.parametrize(
    "asked", [f"{ROOT_STATE}.hydrate", f"{ROOT_STATE}.hydrate_and_load", f"{WEB}me____me.enter", "the page"]
)
async def test_a_state_filled_for_a_session_is_empty_once_it_is_over(site: Site, who: str, asked: str) -> None:
    email = f"{secrets.token_hex(6)}@example.org"
    amara = patient(site.services, email)
    comes = amara if who == "portal" else staff(site.services)
    kind, subject = (Kind.PATIENT, amara.actor.account_id) if who == "portal" else (Kind.STAFF, comes.actor.staff_id)
    cookies = {"Cookie": f"visitor={secrets.token_urlsafe(32)}; {who}={comes.cookie}"}
    async with Attacker(site.url, token=email, more=cookies) as browser:
        assert email in told(await browser.send(ENTER[who], path="/portal/profile"))
        assert email in told(await browser.send(f"{ROOT_STATE}.hydrate"))
        site.services.do(sessions.end_all, kind, subject)
        assert email not in told(await browser.send(ENTER[who] if asked == "the page" else asked))
    async with Attacker(site.url, token=email, more=cookies) as again:
        assert email not in told(await again.send(f"{ROOT_STATE}.hydrate"))
