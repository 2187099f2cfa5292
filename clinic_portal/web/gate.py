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
from urllib.parse import urlencode

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
MARK, BY_ITSELF = "_may_call", "_by_itself"
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
    SIGNED = "another machine, or a letter's reader: the endpoint proves a signature; never a page's event"


PUBLIC, DEMO, PATIENT, STAFF, HALFWAY = May.PUBLIC, May.DEMO, May.PATIENT, May.STAFF, May.HALFWAY
SIGNED = May.SIGNED
Mark = May | Permission


def access(who: Mark, *, by_itself: bool = False) -> Callable[[F], F]:
    """Mark a handler or an HTTP endpoint with who may call it.

    `by_itself`: a page calls it without anybody's doing, and so it is no sign of life.
    """

    def mark(function: F) -> F:
        setattr(function, MARK, who)
        setattr(function, BY_ITSELF, by_itself)
        return function

    return mark


def is_by_itself(name: str) -> bool:
    """Whether the handler of that full name is called by a page without anybody's doing.

    A page enters by itself when its connection comes back: with nobody there, the idle time must go on.
    """
    if name.endswith(".enter"):
        return True
    registered = RegistrationContext.get().event_handlers.get(name)
    return bool(registered and getattr(registered.handler.fn, BY_ITSELF, False))


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


def admit(services: Services, who: Mark | None, cookies: Cookies, *, by_itself: bool = False) -> Admitted | None:
    """Who calls, if the mark lets them; None otherwise. Unless `by_itself`, it is a sign of life of their session."""
    if who is May.PUBLIC or (who is May.DEMO and services.settings.is_demo):
        return Admitted()
    if who is None or who in (May.DEMO, May.SIGNED):
        return None
    if who is May.PATIENT:
        patient = services.ask(patients.signed_in, cookies.portal)
        return _alive(services, Admitted(patient=patient[0], signed_in=patient[1]), by_itself) if patient else None
    find = staff.halfway if who is May.HALFWAY else staff.signed_in
    member = services.ask(find, cookies.staff)
    if member is None or (isinstance(who, Permission) and not member[0].may(who)):
        return None
    return _alive(services, Admitted(staff=member[0], signed_in=member[1]), by_itself)


def entrance(who: Mark | None, cookies: Cookies, next_path: str = "") -> str:
    """Where those go who are not let in: the page to sign in at, which tells those who were in that they are out."""
    page, had = ("/sign-in", cookies.portal) if who is May.PATIENT else ("/admin/sign-in", cookies.staff)
    told = {"why": "signed_out"} if had else {}
    told |= {"next": next_path} if next_path.startswith("/") else {}
    return f"{page}?{urlencode(told, safe='/')}" if told else page


class Gate(Middleware):
    """Drops every event whose handler is not marked, or whose mark its sender does not meet."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def preprocess(self, app: App, state: BaseState, event: Event) -> StateUpdate | None:
        """Let an event through (None), or drop it; who was signed out meanwhile is sent to sign in."""
        cookies = cookies_of(state.router.headers.cookie)
        if event.name in FRAMEWORK:
            return None
        who = marker(event.name)
        if who is May.PUBLIC:
            return None
        if await asyncio.to_thread(admit, self._services, who, cookies, by_itself=is_by_itself(event.name)) is not None:
            return None
        log.warning("refused an event of %r", event.name[:120])
        if who is None or who in (May.DEMO, May.SIGNED):
            return StateUpdate()
        if isinstance(who, Permission) and (
            await asyncio.to_thread(admit, self._services, May.STAFF, cookies) is not None
        ):
            return StateUpdate(events=Event.from_event_type(rx.redirect("/admin?why=not_permitted")))
        url = state.router.url
        back = f"{url.path}?{url.query}" if url.query else url.path
        away = Event.from_event_type(rx.redirect(entrance(who, cookies, back)))
        return StateUpdate(events=away)


def _alive(services: Services, admitted: Admitted, by_itself: bool) -> Admitted:
    live = admitted.signed_in
    if live is not None and not by_itself and sessions.needs_touch(live, services.clock.now()):
        services.do(sessions.touch, live.id)
    return admitted
