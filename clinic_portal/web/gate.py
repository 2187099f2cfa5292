"""Who may call a handler: denied unless marked, before every event of every State (security rule 1)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from reflex.app import App
from reflex.event import Event
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.registry import RegistrationContext

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
    """Who may call. It says *may call*; whose rows they may see is the domain's to say."""

    PUBLIC = "anyone"
    DEMO = "anyone, in demo mode only"


PUBLIC, DEMO = May.PUBLIC, May.DEMO


def access(who: May) -> Callable[[F], F]:
    """Mark a handler or an HTTP endpoint with who may call it."""

    def mark(function: F) -> F:
        setattr(function, MARK, who)
        return function

    return mark


def marker(name: str) -> May | None:
    """Who may call the handler of that full name; None when nobody said so."""
    registered = RegistrationContext.get().event_handlers.get(name)
    return getattr(registered.handler.fn, MARK, None) if registered else None


class Gate(Middleware):
    """Drops every event whose handler is not marked."""

    def __init__(self, *, is_demo: bool) -> None:
        self._is_demo = is_demo

    async def preprocess(self, app: App, state: BaseState, event: Event) -> StateUpdate | None:
        """Let an event through (None) or drop it."""
        if event.name in FRAMEWORK:
            return None
        who = marker(event.name)
        if who is May.PUBLIC or (who is May.DEMO and self._is_demo):
            return None
        log.warning("refused an event of %r", event.name[:120])
        return StateUpdate()
