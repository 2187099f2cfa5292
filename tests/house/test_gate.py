"""Every door is marked with who may come in; what is not marked stays shut."""

from __future__ import annotations

import inspect
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import RouterData
from reflex_base.registry import RegistrationContext

import clinic_portal.clinic_portal as entry
from clinic_portal.accounts import sessions
from clinic_portal.accounts import staff as people
from clinic_portal.accounts.roles import MAY, ROLES, Permission
from clinic_portal.core import crypto
from clinic_portal.core.settings import Mode, Settings
from clinic_portal.core.work import Services
from clinic_portal.web.gate import (
    DEMO,
    FRAMEWORK,
    HALFWAY,
    MARK,
    PATIENT,
    PUBLIC,
    SIGNED,
    STAFF,
    Gate,
    May,
    admit,
    marker,
)
from clinic_portal.web.gate import ROOT as ROOT_STATE
from clinic_portal.web.http.routes import DEMO_ROUTES, HOOKS, ROUTES, endpoints
from clinic_portal.web.identity import Cookies, header_of, raw
from clinic_portal.web.leftovers import Leftovers
from clinic_portal.web.me import Me
from clinic_portal.web.portal.history import HistoryPage, KindView
from clinic_portal.web.socket import is_event
from clinic_portal.web.transport import Bucket
from tests.factories import patient, small_clinic, staff

ROOT = Path(__file__).resolve().parents[2]
HANDLERS = sorted(RegistrationContext.get().event_handlers)
OURS = [name for name in HANDLERS if "clinic_portal___web" in name]
MINE = [name for name in OURS if not name.endswith(".setvar")]


MARKS = (*May, *Permission)


class Event:
    def __init__(self, name: str) -> None:
        self.name = name


def browser(cookies: Cookies | None = None, path: str = "/portal") -> rx.State:
    """What the server keeps of a browser's pages: every state, empty, and what its last request said."""
    root = rx.State(_reflex_internal_init=True)
    told = {"headers": {"cookie": header_of(cookies or Cookies())}, "pathname": path, "asPath": path}
    root.router = RouterData.from_router_data(told)
    root._clean()
    return root


@pytest.fixture
def callers(services: Services) -> dict[str, Cookies]:
    """Everyone who could call: nobody, a patient, each role, staff who owe a code, and cookies that ended."""
    small_clinic(services)
    found = {"nobody": Cookies(visitor="a" * 64), "patient": Cookies(portal=patient(services).digest)}
    for role in ROLES:
        found[role] = Cookies(staff=staff(services, role).digest)
    owing = services.ask(people.credentials, "owner@lumen.example")
    assert owing is not None
    how = {"device": "x", "address": "x", "is_second_factor_required": True}
    found["halfway"] = Cookies(staff=crypto.digest(services.do(people.entered, owing, **how)[0]))
    gone = staff(services, "owner")
    services.do(sessions.end, gone.actor.session_id)
    found["signed out"] = Cookies(staff=gone.digest)
    found["the other kind"] = Cookies(staff=found["patient"].portal, portal=found["owner"].staff)
    return found


def allowed(caller: str, who: Any) -> bool:
    """The table of who may call what, in words of its own."""
    if who in (PUBLIC, DEMO):
        return True
    if who is PATIENT:
        return caller == "patient"
    if who is HALFWAY:
        return caller in (*ROLES, "halfway")
    if who is STAFF:
        return caller in ROLES
    return caller in ROLES and who in MAY[caller]


def test_the_app_has_handlers_to_audit() -> None:
    assert len(OURS) > 120
    assert entry.app is not None


@pytest.mark.parametrize("name", MINE)
def test_every_handler_of_ours_says_who_may_call_it(name: str) -> None:
    assert marker(name) in MARKS


@pytest.mark.parametrize("name", MINE)
def test_handlers_of_the_portal_and_the_staffs_pages_are_for_those_signed_in(name: str) -> None:
    """But for putting a notice away and the end of an idle page, which show and change nothing of anyone's."""
    quiet = name.endswith(("portal.dismiss_notice", "desk.dismiss_notice", "desk.idle"))
    if "web___portal___" in name and not quiet:
        assert marker(name) is PATIENT
    if "web___admin___" in name and not quiet:
        assert marker(name) in (STAFF, HALFWAY, *Permission)


@pytest.mark.parametrize("name", MINE)
def test_every_handler_takes_what_comes_and_parses_it_itself(name: str) -> None:
    """A narrower annotation is not enforced, and a value that does not fit it is written to the log."""
    handler = RegistrationContext.get().event_handlers[name].handler.fn
    arguments = list(inspect.signature(handler).parameters.values())[1:]
    assert [one.name for one in arguments if one.annotation not in (Any, "Any")] == []


@pytest.mark.parametrize("name", [name for name in HANDLERS if name not in OURS and name not in FRAMEWORK])
def test_the_frameworks_other_handlers_are_refused(name: str) -> None:
    assert marker(name) is None


@pytest.mark.parametrize("route", [*ROUTES, *DEMO_ROUTES, *HOOKS.values()], ids=lambda route: route.path)
def test_every_endpoint_says_who_may_call_it(route) -> None:
    assert getattr(route.endpoint, MARK, None) in MARKS


@pytest.mark.parametrize("route", [*ROUTES, *DEMO_ROUTES, *HOOKS.values()], ids=lambda route: route.path)
def test_nothing_but_what_proves_a_signature_is_posted_to_from_outside(route) -> None:
    from_outside = ("/hooks/stripe", "/hooks/sandbox", "/unsubscribe/{token:str}")
    is_posted = route.path in from_outside and route.methods == {"POST"}
    assert (getattr(route.endpoint, MARK, None) is SIGNED) is is_posted


def test_no_event_of_a_page_is_marked_as_signed_and_none_would_be_let_in(services: Services) -> None:
    assert [name for name in HANDLERS if marker(name) is SIGNED] == []
    assert admit(services, SIGNED, Cookies()) is None


@pytest.mark.parametrize("name", [*[n for n in HANDLERS if n.endswith("setvar")], "no.such.handler"])
async def test_the_gate_drops_what_is_not_marked(services: Services, name: str) -> None:
    assert await Gate(services).preprocess(None, browser(), Event(name)) is not None  # type: ignore[arg-type]


@pytest.mark.req("P15")
async def test_every_handler_is_called_by_those_it_names_and_by_nobody_else(
    services: Services, callers: dict[str, Cookies]
) -> None:
    """Each handler, by each kind of caller: let through exactly where the table says so."""
    gate = Gate(services)
    wrong = []
    for caller, cookies in callers.items():
        pages = browser(cookies)
        for name in (*FRAMEWORK, *MINE):
            passed = await gate.preprocess(None, pages, Event(name)) is None  # type: ignore[arg-type]
            if passed is not (name in FRAMEWORK or allowed(caller, marker(name))):
                wrong.append((caller, name))
    assert wrong == []


@pytest.mark.req("P15")
async def test_every_endpoint_is_called_by_those_it_names_and_by_nobody_else(
    services: Services, callers: dict[str, Cookies]
) -> None:
    wrong = []
    for caller, cookies in callers.items():
        for route in ROUTES:
            who = getattr(route.endpoint, MARK)
            if (admit(services, who, cookies) is not None) is not allowed(caller, who):
                wrong.append((caller, route.path))
    assert wrong == []


async def test_who_was_signed_out_is_sent_to_sign_in_and_told_why(services: Services) -> None:
    name = next(name for name in MINE if name.endswith("home.enter"))
    was_in = browser(Cookies(portal="a" * 64), "/portal/visit?ref=LMN-7Q4KXT")
    update = await Gate(services).preprocess(None, was_in, Event(name))  # type: ignore[arg-type]
    assert update is not None
    assert "/sign-in?why=signed_out&next=/portal/visit%3Fref%3DLMN-7Q4KXT" in str(update.events)


async def test_who_never_was_signed_in_is_sent_to_sign_in_without_a_reproach(services: Services) -> None:
    name = next(name for name in MINE if name.endswith("home.enter"))
    update = await Gate(services).preprocess(None, browser(), Event(name))  # type: ignore[arg-type]
    assert update is not None
    assert "/sign-in?next=/portal" in str(update.events)


def told(pages: rx.State) -> HistoryPage:
    """A browser in which somebody's medical history is on the screen."""
    state: rx.State = pages
    for name in HistoryPage.get_full_name().split(".")[1:]:
        state = state.substates[name]
    assert isinstance(state, HistoryPage)
    state.kinds = [KindView("allergy", "Allergies", "allergy", "")]
    pages._clean()
    return state


@pytest.mark.parametrize("how", ["hydrate", "hydrate_and_load"])
@pytest.mark.parametrize("is_over", [True, False])
async def test_a_page_that_opens_again_after_its_session_ended_shows_nothing_of_it(
    services: Services, how: str, is_over: bool
) -> None:
    """The cookie is still there, and so the states it opens: they are emptied before a page is told what they hold."""
    small_clinic(services)
    me = patient(services)
    pages = browser(Cookies(portal=me.digest))
    history, leftovers = told(pages), Leftovers(services, Me)
    assert await leftovers.preprocess(None, pages, Event(f"{ROOT_STATE}.hydrate")) is None  # type: ignore[arg-type]
    if is_over:
        services.do(sessions.end, me.actor.session_id)
    assert await leftovers.preprocess(None, pages, Event(f"{ROOT_STATE}.{how}")) is None  # type: ignore[arg-type]
    assert bool(history.kinds) is not is_over


async def test_a_click_after_the_session_ended_empties_the_page_here_and_there(services: Services) -> None:
    small_clinic(services)
    me = patient(services)
    pages = browser(Cookies(portal=me.digest))
    history, leftovers = told(pages), Leftovers(services, Me)
    await leftovers.preprocess(None, pages, Event(f"{ROOT_STATE}.hydrate"))  # type: ignore[arg-type]
    services.do(sessions.end, me.actor.session_id)
    name = next(name for name in MINE if name.endswith("history_page.add"))
    update = await leftovers.preprocess(None, pages, Event(name))  # type: ignore[arg-type]
    assert update is not None
    assert history.kinds == []
    assert update.delta[HistoryPage.get_full_name()]["kinds_rx_state_"] == []


async def test_what_a_page_calls_by_itself_is_no_sign_of_life(services: Services) -> None:
    small_clinic(services)
    me = staff(services)
    services.clock.advance(timedelta(minutes=5))  # type: ignore[attr-defined]
    for name, is_alive in (("portal_access.refresh", False), ("portal_access.enter", False), ("desk.stay", True)):
        handler = next(one for one in MINE if one.endswith(name))
        assert await Gate(services).preprocess(None, browser(Cookies(staff=me.digest)), Event(handler)) is None  # type: ignore[arg-type]
        found = services.ask(people.signed_in, me.digest)
        assert found is not None
        assert (found[1].seen_at == services.clock.now()) is is_alive


@pytest.mark.req("B7")
async def test_in_production_the_rehearsals_handlers_are_refused_and_its_endpoints_do_not_exist(
    services: Services,
) -> None:
    earnest = Services(services.database, services.clock, services.settings.model_copy(update={"mode": "production"}))
    earnest.settings.mode = Mode.PRODUCTION
    for name in MINE:
        if marker(name) is DEMO:
            assert await Gate(earnest).preprocess(None, browser(), Event(name)) is not None  # type: ignore[arg-type]
    paths = [route.path for route in endpoints(earnest).routes]  # type: ignore[attr-defined]
    assert not [path for path in paths if path.startswith(("/demo", "/sandbox", "/hooks"))]


@pytest.mark.parametrize("name", ["stripe", "sandbox"])
def test_a_gateway_tells_things_at_its_own_door_alone(services: Services, name: str) -> None:
    one = Services(services.database, services.clock, services.settings.model_copy(update={"payment_gateway": name}))
    paths = [route.path for route in endpoints(one).routes]  # type: ignore[attr-defined]
    assert [path for path in paths if path.startswith("/hooks")] == [f"/hooks/{name}"]


def test_a_connection_that_floods_is_cut_down() -> None:
    bucket = Bucket(burst=60, per_second=25)
    assert 60 <= sum(bucket.take() for _ in range(1000)) < 70


SAVE = next(name for name in OURS if name.endswith("details.save"))
CHOOSE_DAY = next(name for name in OURS if name.endswith("time_step.choose_day"))


def test_an_event_as_the_pages_send_it_comes_through() -> None:
    where = {"pathname": "/book/time", "asPath": "/book/time?x=1", "query": {"x": "1"}}
    assert is_event({"name": CHOOSE_DAY, "payload": {"iso": "2026-12-03"}, "router_data": where})
    assert is_event({"name": CHOOSE_DAY, "payload": {"iso": None}})
    assert is_event({"name": SAVE, "payload": {"form": {"__reflex_form_data__": [["email", "a@b.org"], ["x", True]]}}})


@pytest.mark.parametrize(
    "entries", [None, "text", {}, ["email"], [["email"]], [["email", "a", "b"]], [[["x"], "a"]]], ids=str
)
def test_a_form_that_is_no_list_of_names_and_values_stops_at_the_socket(entries: object) -> None:
    assert not is_event({"name": SAVE, "payload": {"form": {"__reflex_form_data__": entries}}})
    assert is_event({"name": f"{ROOT_STATE}.hydrate_and_load", "payload": {"vars": {}, "hashes": ["a1"]}})
    assert is_event({"name": f"{ROOT_STATE}.set_is_hydrated", "payload": {"value": True}})


@pytest.mark.parametrize(
    "event",
    [
        None, "text", [], {}, {"name": 1}, {"name": ["x"]}, {"name": "no.such.handler", "payload": {}},
        {"name": CHOOSE_DAY}, {"name": CHOOSE_DAY, "payload": None}, {"name": CHOOSE_DAY, "payload": "text"},
        {"name": CHOOSE_DAY, "payload": {"iso": 1, "more": 1}}, {"name": CHOOSE_DAY, "payload": {"self": 1, "iso": 1}},
        {"name": CHOOSE_DAY, "payload": {"iso": 1}, "router_data": "text"},
        {"name": CHOOSE_DAY, "payload": {"iso": 1}, "router_data": {"ip": "1.2.3.4"}},
        {"name": CHOOSE_DAY, "payload": {"iso": 1}, "router_data": {"pathname": ["x"]}},
        {"name": CHOOSE_DAY, "payload": {"iso": 1}, "router_data": {"query": {"x": ["y"]}}},
        {"name": CHOOSE_DAY, "payload": {"iso": b"bytes"}}, {"name": CHOOSE_DAY, "payload": {"iso": "half \ud800"}},
        {"name": f"{ROOT_STATE}.set_is_hydrated", "payload": {"value": "text"}},
        {"name": f"{ROOT_STATE}.hydrate_and_load", "payload": {"vars": {"x": 1}}},
        {"name": f"{ROOT_STATE}.hydrate_and_load", "payload": {"hashes": [1]}},
    ],
    ids=str,
)  # fmt: skip
def test_an_event_that_no_page_sends_stops_at_the_socket(event: object) -> None:
    assert not is_event(event)


@pytest.mark.parametrize(
    "header",
    ["visitor={}", "a=b; visitor={}", 'json={{"odd": [1, 2]}}; visitor={}; z', "=; ;;visitor={} ;x=\u00ff"],
)
def test_the_visitors_cookie_is_found_among_whatever_else_lies_there(header: str) -> None:
    token = "t" * 43
    scope = {"headers": [(b"host", b"x"), (b"cookie", header.format(token).encode("latin-1"))]}
    assert raw(scope, Settings(_env_file=None), "visitor") == token


@pytest.mark.parametrize("header", ["", "visitor", "visitor=short", "visitors={}", "my-visitor={}", "visitor={}x"])
def test_what_is_not_the_visitors_cookie_is_none(header: str) -> None:
    scope = {"headers": [(b"cookie", header.format("t" * 43).encode())]}
    assert raw(scope, Settings(_env_file=None), "visitor") is None


def test_no_page_runs_a_script_from_the_server() -> None:
    """The content policy forbids it, and so it would only fail. Rich text is shown in one place, and is clean."""
    for path in (ROOT / "clinic_portal" / "web").rglob("*.py"):
        forbidden = r"rx\.(call_script|call_function|toast)\b|dangerously" + (
            r"|rx\.html\b" * (path.name != "prose.py")
        )
        assert not re.search(forbidden, path.read_text()), path


def test_no_computed_var_reaches_beyond_its_own_state() -> None:
    """Computed vars run for every visitor, and once at build time."""
    for path in (ROOT / "clinic_portal" / "web").rglob("*.py"):
        assert "@rx.var" not in path.read_text(), path
