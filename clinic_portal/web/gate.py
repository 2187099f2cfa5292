"""Who may call: denied unless marked, before every event of every State and every plain endpoint (security rule 1).

The gate says *may call*. Whose rows they may see is the domain's to say, behind it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar
from urllib.parse import quote

import reflex as rx
from reflex.app import App
from reflex.event import Event
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.registry import RegistrationContext

from clinic_portal.accounts import sessions, staff
from clinic_portal.accounts.roles import PatientActor, Permission, StaffActor
from clinic_portal.accounts.types import SessionInfo
from clinic_portal.core.work import Services
from clinic_portal.patients import access as patients
from clinic_portal.web.identity import Cookies, cookies_of

log = logging.getLogger(__name__)
MARK = "_may_call"
F = TypeVar("F", bound=Callable[..., Any])

ROOT = "reflex___state____state"
FRAMEWORK = frozenset(
    {
        f"{ROOT}.hydrate",
        f"{ROOT}.hydrate_and_load",
        f"{ROOT}.set_is_hydrated",
        f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal",
        f"{ROOT}.reflex___state____on_load_internal_state.set_is_hydrated",
        f"{ROOT}.reflex___state____frontend_event_exception_state.handle_frontend_exception",
    }
)
"""The framework's own events that the front end cannot do without. (No page keeps vars in the browser, so
`update_vars_internal`, which would let a browser set them, is not among them.)"""


class May(Enum):
    """Who may call. A `Permission` in its place: staff whose role has it."""

    PUBLIC = "anyone"
    DEMO = "anyone, in demo mode only"
    PATIENT = "a patient who is signed in"
    STAFF = "anyone of the staff who is signed in"
    HALFWAY = "staff whose password was right and whose second factor is due"


PUBLIC, DEMO, PATIENT, STAFF, HALFWAY = May.PUBLIC, May.DEMO, May.PATIENT, May.STAFF, May.HALFWAY
Mark = May | Permission


def access(who: Mark) -> Callable[[F], F]:
    """Mark a handler or an HTTP endpoint with who may call it."""

    def mark(function: F) -> F:
        setattr(function, MARK, who)
        return function

    return mark


def marker(name: str) -> Mark | None:
    """Who may call the handler of that full name; None when nobody said so."""
    registered = RegistrationContext.get().event_handlers.get(name)
    return getattr(registered.handler.fn, MARK, None) if registered else None


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who calls; at most one of the two for a given mark."""

    patient: PatientActor | None = None
    staff: StaffActor | None = None
    signed_in: SessionInfo | None = None


def admit(services: Services, who: Mark | None, cookies: Cookies, *, is_alive: bool = True) -> Admitted | None:
    """Who calls, if the mark lets them; None otherwise. Their session gives a sign of life where `is_alive`."""
    if who is May.PUBLIC or (who is May.DEMO and services.settings.is_demo):
        return Admitted()
    if who is None or who is May.DEMO:
        return None
    if who is May.PATIENT:
        patient = services.ask(patients.signed_in, cookies.portal)
        if patient is None:
            return None
        found = Admitted(patient=patient[0], signed_in=patient[1])
        return _alive(services, found) if is_alive else found
    find = staff.halfway if who is May.HALFWAY else staff.signed_in
    member = services.ask(find, cookies.staff)
    if member is None or (isinstance(who, Permission) and not member[0].may(who)):
        return None
    admitted = Admitted(staff=member[0], signed_in=member[1])
    return _alive(services, admitted) if is_alive else admitted


def entrance(who: Mark | None, next_path: str = "") -> str:
    """Where those go who are not let in: the page to sign in at, which says why."""
    page = "/sign-in" if who is May.PATIENT else "/admin/sign-in"
    back = f"&next={quote(next_path, safe='/')}" if next_path.startswith("/") else ""
    return f"{page}?why=signed_out{back}"


class Gate(Middleware):
    """Drops every event whose handler is not marked, or whose mark its sender does not meet."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def preprocess(self, app: App, state: BaseState, event: Event) -> StateUpdate | None:
        """Let an event through (None), or drop it; who was signed out meanwhile is sent to sign in."""
        if event.name in FRAMEWORK:
            return None
        who = marker(event.name)
        if who is May.PUBLIC:
            return None
        cookies = cookies_of(state.router.headers.cookie)
        # A page enters by itself when its connection comes back: with nobody there, the idle time must go on.
        is_alive = not event.name.endswith(".enter")
        if await asyncio.to_thread(admit, self._services, who, cookies, is_alive=is_alive) is not None:
            return None
        log.warning("refused an event of %r", event.name[:120])
        if who is None or who is May.DEMO:
            return StateUpdate()
        if isinstance(who, Permission) and (
            await asyncio.to_thread(admit, self._services, May.STAFF, cookies) is not None
        ):
            return StateUpdate(events=Event.from_event_type(rx.redirect("/admin?why=not_permitted")))
        return StateUpdate(events=Event.from_event_type(rx.redirect(entrance(who, state.router.url.path))))


def _alive(services: Services, admitted: Admitted) -> Admitted:
    live = admitted.signed_in
    if live is not None and sessions.needs_touch(live, services.clock.now()):
        services.do(sessions.touch, live.id)
    return admitted
