"""What pages show goes when the session they were drawn for is over, however it ended (security rule 2).

The state behind a page outlives its session, and so does what the page keeps in the browser's memory: "back" would
show it again, and so would a reload. Likewise what staff may see no more once an owner narrowed it. Before every event
the sessions of this browser's cookies are looked at. When one is over that pages were drawn for, everything is emptied,
on the server and, by the same answer, in the browser.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from reflex.app import App
from reflex.event import Event
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, OnLoadInternalState, StateUpdate
from reflex_base.registry import RegistrationContext

from clinic_portal.accounts import sessions, staff
from clinic_portal.accounts.types import Kind
from clinic_portal.core.work import Reading, Services
from clinic_portal.web.gate import FRAMEWORK
from clinic_portal.web.identity import Cookies, cookies_of

F = TypeVar("F", bound=Callable[..., Any])
_MARK = "_even_when_over"


class Leftovers(Middleware):
    """Empties a browser's state before anything else is done with it once its session is over.

    `memory` is the State whose `_drawn_for` holds the sessions that pages were drawn for. (One of its own would cost
    every first page a kilobyte.)
    """

    def __init__(self, services: Services, memory: type[BaseState]) -> None:
        self._services, self._memory = services, memory

    async def preprocess(self, app: App, state: BaseState, event: Event) -> StateUpdate | None:
        """Let an event through (None), or answer with the page emptied and opened anew."""
        live = await asyncio.to_thread(self._live, cookies_of(state.router.headers.cookie))
        memory: Any = await state.get_state(self._memory)
        before: frozenset[str] = memory._drawn_for
        if before <= live:
            if before != live:
                memory._drawn_for = live
            return None
        root = await wipe(state)
        memory._drawn_for = live
        if event.name in FRAMEWORK or _runs_all_the_same(event.name):
            return None
        delta = root.get_delta()
        root._clean()
        return StateUpdate(delta=delta, events=Event.from_event_type(OnLoadInternalState.on_load_internal))

    def _live(self, cookies: Cookies) -> frozenset[str]:
        """Which of the sessions that the cookies name are not over; of staff, with what they may see."""
        if not (cookies.portal or cookies.staff):
            return frozenset()

        def look(read: Reading) -> frozenset[str]:
            live = {cookies.portal} if sessions.find(read, Kind.PATIENT, cookies.portal) else set()
            found = staff.halfway(read, cookies.staff)
            return frozenset(live | ({f"{cookies.staff}:{found[0].scope}"} if found else set()))

        return self._services.ask(look)


def even_when_over(handler: F) -> F:
    """Mark a handler that runs although what its page showed was just taken away."""
    setattr(handler, _MARK, True)
    return handler


async def wipe(state: BaseState) -> Any:
    """Empty a browser's whole state; the next answer empties its pages. Returns the root."""
    root: Any = state._get_root_state()
    for one in _all(type(root)):
        await root.get_state(one)
    is_hydrated = root.is_hydrated
    root.reset()
    root.is_hydrated = is_hydrated
    return root


def _runs_all_the_same(name: str) -> bool:
    registered = RegistrationContext.get().event_handlers.get(name)
    return registered is not None and getattr(registered.handler.fn, _MARK, False)


def _all(state: type[BaseState]) -> Iterator[type[BaseState]]:
    for one in state.get_substates():
        yield one
        yield from _all(one)
