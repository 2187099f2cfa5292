"""Guessing codes and hoarding times over raw sockets: the limits hold whatever the number of connections."""

from __future__ import annotations

import asyncio
import json
import secrets
from datetime import date, timedelta

import pytest

from clinic_portal.accounts.models import OneTimeCode
from clinic_portal.booking import drafts, holds, queries
from clinic_portal.booking.models import Appointment
from clinic_portal.core import crypto
from tests.attack.attacker import Attacker
from tests.card_kit import till
from tests.factories import code_for, minute, rows, visitor
from tests.site import OPENING, Site

TUESDAY = date(2026, 11, 24)
CODE = "code_state____code"


@pytest.fixture(autouse=True)
def _another_day(site: Site) -> None:
    """Limits of the tests before have passed."""
    site.clock.set(OPENING + timedelta(days=2))


def at_the_code_step(site: Site, phone: str) -> tuple[str, str]:
    """A browser whose next step is the code: its raw cookie and digest."""
    cookie = secrets.token_urlsafe(32)
    owner = crypto.digest(cookie)
    site.services.do(drafts.add_service, owner, site.clinic["botox"])
    site.services.do(drafts.save_details, owner, given_name="A", family_name="B", email="a@example.org", phone=phone)
    return cookie, owner


def wrong(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 10**6:06}"


def told(answers: list) -> str:
    return json.dumps(answers)


def codes_of(site: Site, owner: str) -> list[OneTimeCode]:
    return [row for row in rows(site.services, OneTimeCode) if row.owner == owner]


@pytest.mark.req("S67")
async def test_five_wrong_codes_void_it_and_the_right_one_comes_too_late(site: Site) -> None:
    cookie, owner = at_the_code_step(site, "+15125552001")
    async with Attacker(site.url, cookie=cookie) as attacker:
        await attacker.wizard(CODE, "enter")
        code = code_for(site.services, owner)
        for n in range(1, 6):
            await attacker.emit(CODE, "check", {"form": {"code": wrong(code, n)}})
        assert "void" in told(await attacker.wizard(CODE, "check", {"form": {"code": code}}))
    assert not site.services.ask(queries.draft, owner).is_phone_verified


async def test_asking_for_codes_over_and_over_sends_one(site: Site) -> None:
    cookie, owner = at_the_code_step(site, "+15125552002")
    async with Attacker(site.url, cookie=cookie) as attacker:
        for _ in range(8):
            await attacker.emit(CODE, "resend")
        await attacker.listen()
    assert len(codes_of(site, owner)) == 1


async def test_guesses_from_many_sockets_of_one_browser_count_together(site: Site) -> None:
    cookie, owner = at_the_code_step(site, "+15125552003")
    site.services.do(drafts.send_code, owner, address="a")
    code = code_for(site.services, owner)

    async def guess(n: int) -> None:
        async with Attacker(site.url, cookie=cookie) as attacker:
            for m in range(10):
                await attacker.emit(CODE, "check", {"form": {"code": wrong(code, 1 + 10 * n + m)}})
            await attacker.listen()

    await asyncio.gather(*[guess(n) for n in range(4)])
    assert [(one.tries, one.state) for one in codes_of(site, owner)] == [(5, "void")]


async def test_a_code_sent_to_one_browser_does_nothing_in_another(site: Site) -> None:
    _, victim = at_the_code_step(site, "+15125552004")
    cookie, owner = at_the_code_step(site, "+15125552004")
    site.services.do(drafts.send_code, victim, address="a")
    async with Attacker(site.url, cookie=cookie) as attacker:
        await attacker.wizard(CODE, "check", {"form": {"code": code_for(site.services, victim)}})
    assert not site.services.ask(queries.draft, owner).is_phone_verified


async def test_another_phone_typed_after_the_code_needs_a_code_of_its_own(site: Site) -> None:
    cookie = secrets.token_urlsafe(32)
    owner = visitor(site.clinic, crypto.digest(cookie), "botox", phone="+15125552005")
    async with Attacker(site.url, cookie=cookie) as attacker:
        form = {"given_name": "A", "family_name": "B", "email": "a@example.org", "phone": "512 555 2006"}
        await attacker.wizard("details_state____details", "save", {"form": form})
        await attacker.wizard("time_state____time_step", "choose_time", {"key": str(minute(TUESDAY, "10:30"))})
    draft = site.services.ask(queries.draft, owner)
    assert (draft.phone, draft.is_phone_verified, draft.hold) == ("+15125552006", False, None)


@pytest.mark.parametrize("sockets", [1, 4])
async def test_a_browser_holds_one_time_however_many_it_asks_for(site: Site, sockets: int) -> None:
    cookie = secrets.token_urlsafe(32)
    owner = visitor(site.clinic, crypto.digest(cookie), "hair", phone=f"+1512555201{sockets}")
    day = TUESDAY + timedelta(days=7)

    async def grab(n: int) -> None:
        async with Attacker(site.url, cookie=cookie) as attacker:
            for hour in range(9, 17):
                await attacker.emit(
                    "time_state____time_step", "choose_time", {"key": str(minute(day, f"{hour}:00") + 15 * (n % 2))}
                )
            await attacker.listen(0.4)

    await asyncio.gather(*[grab(n) for n in range(sockets)])
    mine = [row for row in rows(site.services, Appointment) if row.hold_owner == owner]
    assert [row.status for row in mine].count("held") == 1


async def test_the_hold_and_visit_of_one_browser_cannot_be_reached_from_another(site: Site) -> None:
    victim = visitor(site.clinic, "victim of a stranger", "facial", phone="+15125552020", email="v@example.org")
    cookie = secrets.token_urlsafe(32)
    owner = visitor(site.clinic, crypto.digest(cookie), "facial", phone="+15125552021", email="o@example.org")
    start = minute(TUESDAY + timedelta(days=8), "10:00")
    hold = site.services.do(holds.hold, victim, start)
    async with Attacker(site.url, cookie=cookie) as attacker:
        await attacker.emit("policy_state____policy_step", "enter")
        await attacker.emit("policy_state____policy_step", "accept", {"is_accepted": True})
        await attacker.emit("policy_state____policy_step", "confirm")
        await attacker.emit("wizard____summary", "hold_over")
        await attacker.emit("confirmed_state____confirmed", "enter")
        answers = await attacker.listen()
    assert site.services.ask(queries.draft, victim).hold == hold
    till(site.services).books(victim, site.clinic["policy"])
    reference = site.services.ask(queries.booked_here, victim).reference
    async with Attacker(site.url, cookie=cookie) as attacker:
        answers += await attacker.wizard("confirmed_state____confirmed", "enter")
    for secret in (reference, "v@example.org", "552020"):
        assert secret not in told(answers)
    assert site.services.ask(queries.draft, owner).booked_reference is None


async def test_the_header_of_a_proxy_is_not_believed_without_one(site: Site) -> None:
    """Else every request would come from an address of its own choice, and no limit by address would hold."""
    async with Attacker(site.url, more={"X-Forwarded-For": "6.6.6.6", "Forwarded": "for=6.6.6.6"}) as attacker:
        answers = await attacker.send("reflex___state____state.hydrate")
    assert '"client_ip": "127.0.0.1"' in told(answers)
