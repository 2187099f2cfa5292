"""What a browser that does not play by the rules gets: nothing."""

from __future__ import annotations

import inspect
import secrets
from datetime import date

import pytest
import socketio
from reflex_base.registry import RegistrationContext

import clinic_portal.clinic_portal
from clinic_portal.booking import drafts, queries
from clinic_portal.booking.models import Appointment, BookingDraft
from clinic_portal.core import crypto
from clinic_portal.patients.models import Patient
from tests.attack.attacker import JUNK, ROOT_STATE, WIZARD, Attacker, told
from tests.factories import minute, rows, visitor
from tests.site import Site

TUESDAY = date(2026, 11, 24)
assert clinic_portal.clinic_portal.app


def ready(site: Site, *wanted: str, phone: str) -> tuple[str, str]:
    """A browser that has done every step up to the time: its raw cookie and digest."""
    cookie = secrets.token_urlsafe(32)
    owner = crypto.digest(cookie)
    visitor(site.clinic, owner, *wanted, phone=phone, email=f"{phone[-4:]}@example.org")
    return cookie, owner


async def test_unmarked_and_inherited_handlers_do_nothing(site: Site) -> None:
    cookie, _ = ready(site, "botox", phone="+15125551001")
    state = f"{WIZARD}policy_state____policy_step"
    async with Attacker(site.url, cookie=cookie) as attacker:
        for handler, payload in (
            (f"{state}.setvar", {"var_name": "is_accepted", "value": True}),
            (f"{state}._show", {}),
            (f"{state}._do", {}),
            (f"{ROOT_STATE}.reflex___state____update_vars_internal_state.update_vars_internal", {"vars": {"x": 1}}),
        ):
            await attacker._emit(handler, payload, "/book/policy")
        assert '"is_accepted_rx_state_": true' not in told(await attacker.listen())


@pytest.mark.req("S67")
async def test_a_time_cannot_be_held_or_booked_without_the_code(site: Site) -> None:
    cookie = secrets.token_urlsafe(32)
    owner = crypto.digest(cookie)
    site.services.do(drafts.add_service, owner, site.clinic["botox"])
    who = {"given_name": "A", "family_name": "B", "email": "ab@example.org", "phone": "512 555 1002"}
    site.services.do(drafts.save_details, owner, **who)
    site.services.do(drafts.agree_to_visit, owner)
    site.services.do(drafts.choose_provider, owner, None)
    before = len(rows(site.services, Appointment))
    async with Attacker(site.url, cookie=cookie) as attacker:
        answers = await attacker.wizard(
            "time_state____time_step", "choose_time", {"key": str(minute(TUESDAY, "10:30"))}
        )
        assert "prove your phone" in told(answers)
        await attacker.wizard("policy_state____policy_step", "accept", {"is_accepted": True})
        await attacker.wizard("policy_state____policy_step", "confirm")
    assert len(rows(site.services, Appointment)) == before
    assert "ab@example.org" not in {one.email for one in rows(site.services, Patient)}


@pytest.mark.req("B1")
async def test_a_time_that_was_never_offered_cannot_be_taken(site: Site) -> None:
    cookie, owner = ready(site, "botox", phone="+15125551003")
    async with Attacker(site.url, cookie=cookie) as attacker:
        for when in ("3:00", "8:59", "10:37", "16:45", "23:45"):
            await attacker.wizard("time_state____time_step", "choose_time", {"key": str(minute(TUESDAY, when))})
        await attacker.wizard("time_state____time_step", "choose_time", {"key": str(minute(date(2020, 1, 7), "10:00"))})
    assert site.services.ask(queries.draft, owner).hold is None


async def test_a_price_or_provider_from_the_browser_has_no_effect(site: Site) -> None:
    cookie, owner = ready(site, "peel", phone="+15125551004")
    async with Attacker(site.url, cookie=cookie) as attacker:
        await attacker.wizard("visit_state____visit_step", "add", {"service_id": 1, "price_minor": 1})
        await attacker.wizard("provider_state____provider_step", "choose", {"provider_id": site.clinic["maya"]})
        await attacker.wizard("visit_state____visit_step", "add", {"service_id": site.clinic["facial"]})
    assert site.services.ask(queries.draft, owner).provider_id is None
    assert {line.price_minor for line in site.services.ask(queries.draft, owner).lines} == {18000, 9500}


async def test_junk_in_every_argument_of_every_handler_changes_nothing_and_is_not_logged(site: Site) -> None:
    cookie, _ = ready(site, "botox", phone="+15125551005")
    before = (len(rows(site.services, Appointment)), len(rows(site.services, Patient)))
    marker = "leak-me-not-4711"
    for name, registered in sorted(RegistrationContext.get().event_handlers.items()):
        if "clinic_portal___web" not in name or name.endswith(".setvar"):
            continue
        arguments = [one for one in inspect.signature(registered.handler.fn).parameters if one != "self"]
        if not arguments:
            continue
        async with Attacker(site.url, cookie=cookie) as attacker:
            for junk in [*JUNK, marker, {"at": marker, "code": marker, "email": marker}]:
                event = {"name": name, "payload": dict.fromkeys(arguments, junk), "router_data": {"pathname": "/book"}}
                await attacker._socket.emit("event", event, namespace="/_event")
            await attacker.listen(0.1)
            assert attacker.is_connected, name
    assert (len(rows(site.services, Appointment)), len(rows(site.services, Patient))) == before
    log = site.log.read_text()
    for sign in (marker, "DROP TABLE", "<script>", "Traceback", "fault E-"):
        assert sign not in log, log[max(0, log.index(sign) - 500) :][:1500]


async def test_a_client_token_without_its_cookie_opens_an_empty_state(site: Site) -> None:
    cookie, _ = ready(site, "botox", phone="+15125551006")
    async with Attacker(site.url, cookie=cookie, token="shared-token") as owner:
        answers = await owner.wizard("details_state____details", "enter")
        assert "1006@example.org" in told(answers)
    for thief in (
        Attacker(site.url, token="shared-token"),
        Attacker(site.url, token="shared-token", cookie=secrets.token_urlsafe(32)),
    ):
        async with thief as stolen:
            answers = await stolen.send(f"{ROOT_STATE}.hydrate")
            answers += await stolen.wizard("details_state____details", "enter")
            assert "1006@example.org" not in told(answers)


async def test_the_raw_cookie_never_comes_back_over_the_socket(site: Site) -> None:
    cookie, _ = ready(site, "botox", phone="+15125551007")
    async with Attacker(site.url, cookie=cookie) as attacker:
        answers = await attacker.send(f"{ROOT_STATE}.hydrate")
        answers += await attacker.wizard("time_state____time_step", "enter")
    assert cookie not in told(answers)


async def test_without_a_cookie_nothing_is_kept(site: Site) -> None:
    before = len(rows(site.services, BookingDraft))
    async with Attacker(site.url) as attacker:
        answers = await attacker.wizard("treatments_state____treatments", "add", {"service_id": site.clinic["botox"]})
        assert "blocks cookies" in told(answers)
    assert len(rows(site.services, BookingDraft)) == before


async def test_a_flood_from_one_connection_is_cut_down(site: Site) -> None:
    cookie, _ = ready(site, "botox", phone="+15125551008")
    async with Attacker(site.url, cookie=cookie) as attacker:
        event = {"name": f"{WIZARD}code_state____code.resend", "payload": {}, "router_data": {"pathname": "/book/code"}}
        for _ in range(400):
            await attacker._socket.emit("event", event, namespace="/_event")
        await attacker.listen()
    assert "too many from one connection" in site.log.read_text()


async def test_an_oversized_message_ends_the_connection(site: Site) -> None:
    async with Attacker(site.url) as attacker:
        event = {"name": f"{WIZARD}details_state____details.save", "payload": {"form": {"email": "x" * 200_000}}}
        await attacker._socket.emit("event", event, namespace="/_event")
        await attacker.listen(0.5)
        assert not attacker.is_connected


async def test_another_site_may_not_open_the_websocket(site: Site) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        async with Attacker(site.url, origin="https://evil.example"):
            pass
