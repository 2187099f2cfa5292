"""A browser that speaks to the socket itself: it chooses no address, no cookie, no state, and writes no log."""

from __future__ import annotations

from typing import Any

from tests.attack.attacker import ROOT_STATE, WIZARD, Attacker
from tests.site import Site

LEAK = "leak-me-not-0815"
HYDRATE = f"{ROOT_STATE}.hydrate"


async def test_a_message_called_connect_does_not_choose_who_one_is(site: Site) -> None:
    forged = {
        "asgi.scope": {"headers": [[b"cookie", b"vref=" + b"ab" * 32]], "client": ["6.6.6.6", 1]},
        "QUERY_STRING": "token=someone-elses",
    }
    async with Attacker(site.url, token="mine") as attacker:
        before = await attacker.send(HYDRATE)
        assert "127.0.0.1" in str(before)
        for message in ("connect", "disconnect", "connect"):
            await attacker._socket.emit(message, (forged,), namespace="/_event")
        after = str(await attacker.send(HYDRATE))
        assert "127.0.0.1" in after
        assert "6.6.6.6" not in after
        assert "someone-elses" not in after


async def test_what_no_page_sends_is_dropped_and_its_content_is_not_logged(site: Site) -> None:
    add = f"{WIZARD}treatments_state____treatments.add"
    events: list[Any] = [
        LEAK,
        [LEAK],
        {"nome": LEAK},
        {"name": f"no.such.{LEAK}", "payload": {"x": LEAK}},
        {"name": add, "payload": LEAK},
        {"name": add, "payload": {"service_id": 1, LEAK: LEAK}},
        {"name": f"{WIZARD}details_state____details.save", "payload": {"form": {"__reflex_form_data__": LEAK}}},
        {"name": HYDRATE, "router_data": LEAK},
        {"name": HYDRATE, "router_data": {"pathname": [LEAK], "query": LEAK}},
        {
            "name": f"{ROOT_STATE}.reflex___state____frontend_event_exception_state.handle_frontend_exception",
            "payload": {"info": f"{LEAK}\nforged line", "component_stack": LEAK},
        },
    ]
    async with Attacker(site.url) as attacker:
        for event in events:
            await attacker._socket.emit("event", event, namespace="/_event")
        for name in ("client_error", "ping", "whatever"):
            await attacker._socket.emit(name, {"message": LEAK, "error_type": LEAK}, namespace="/_event")
        await attacker.listen()
        assert attacker.is_connected
        assert "127.0.0.1" in str(await attacker.send(HYDRATE))
    nobody = Attacker(site.url)
    nobody.token = ""
    async with nobody as unknown:
        await unknown._socket.emit("event", {"name": HYDRATE, "payload": {LEAK: LEAK}}, namespace="/_event")
        await unknown.listen()
    log = site.log.read_text()
    assert LEAK not in log
    assert "forged line" not in log


async def test_a_flood_of_noise_ends_the_connection_and_the_site_goes_on(site: Site) -> None:
    before = len(site.log.read_text().splitlines())
    async with Attacker(site.url) as attacker:
        for _ in range(400):
            await attacker._socket.emit("noise", {}, namespace="/_event")
        await attacker.listen(0.5)
        assert not attacker.is_connected
    assert len(site.log.read_text().splitlines()) - before < 150
    async with Attacker(site.url) as visitor:
        assert "127.0.0.1" in str(await visitor.send(HYDRATE))
