"""The websocket's first door: what no page of ours sends stops here (security rules 1, 2 and 5).

Reflex would write such a message into the log, values and all. And it would take a message that is *called* `connect`
for a new connection: its sender would choose the cookie, the network address and the state it opens.
"""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Callable
from functools import cache
from typing import Any

import reflex as rx
from reflex.app import EventNamespace
from reflex_base.registry import RegistrationContext
from reflex_base.utils.form import FORM_DATA_ENTRIES_KEY

from clinic_portal.web.gate import FRAMEWORK

log = logging.getLogger(__name__)
WHERE = frozenset({"pathname", "asPath", "query"})


class Doorkeeper(EventNamespace):
    """Lets through what the pages send: known messages, and events that fit the handler they name."""

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """Take one message of a connection."""
        if not (self._is_from_page(event, *args) or self._is_from_server(event, *args)):
            log.warning("dropped a message that no page of ours sends")
            return None
        return await super().trigger_event(event, *args)

    async def on_event(self, sid: str, data: Any) -> None:
        """Take one event for a handler."""
        if sid not in self.sid_to_token or not is_event(data):
            log.warning("dropped an event that no page of ours sends")
            return
        await super().on_event(sid, data)

    @staticmethod
    def _is_from_page(event: str, *args: Any) -> bool:
        """Whether it is one of the two messages a page sends."""
        return event in ("event", "client_error") and len(args) == 2

    def _is_from_server(self, event: str, sid: str, about: object = None, *_: object) -> bool:
        """Whether the server itself says that someone came, with the very object it holds of them, or has gone."""
        if event == "connect":
            return about is not None and about is self.server.get_environ(sid, self.namespace)
        return event == "disconnect" and not self.server.manager.is_connected(sid, self.namespace)


def keep_door(app: rx.App) -> None:
    """Put the doorkeeper in the place of Reflex's own namespace."""
    usual = app.event_namespace
    assert usual is not None
    assert app.sio is not None
    app._event_namespace = Doorkeeper(usual.namespace, app)
    app.sio.register_namespace(app._event_namespace)


def is_event(data: object) -> bool:
    """Whether this is an event of a handler that exists, with the arguments it takes and the page it came from."""
    if not isinstance(data, dict) or not isinstance(name := data.get("name"), str) or not _is_text(data):
        return False
    return (
        name in RegistrationContext.get().event_handlers
        and _fits(name, data.get("payload", {}))
        and _is_page(data.get("router_data", {}))
    )


def _is_text(data: dict[Any, Any]) -> bool:
    """Whether it could be written down at all: no bytes, no half of a character, which no database or page takes."""
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _fits(name: str, payload: object) -> bool:
    try:
        given = _signature(name).bind(None, **payload).arguments  # type: ignore[arg-type]
    except TypeError:
        return False
    if name in FRAMEWORK:
        return all(USUAL[told](value) for told, value in given.items() if told != "self")
    return all(
        _is_form(value) for value in given.values() if isinstance(value, dict) and FORM_DATA_ENTRIES_KEY in value
    )


def _is_form(value: dict[Any, Any]) -> bool:
    """Whether it is a submitted form as the pages send it, names and values in pairs; Reflex logs another one."""
    entries = value[FORM_DATA_ENTRIES_KEY]
    return isinstance(entries, list) and all(
        isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) for pair in entries
    )


USUAL: dict[str, Callable[[Any], bool]] = {
    "value": lambda value: isinstance(value, bool),  # set_is_hydrated
    "vars": lambda value: not value,  # no page keeps vars in the browser
    "hashes": lambda value: not value or (isinstance(value, list) and all(isinstance(one, str) for one in value)),
    "info": lambda value: isinstance(value, str),
    "component_stack": lambda value: isinstance(value, str),
}
"""What the pages send to the framework's own handlers, by argument; another would be written into the log."""


@cache
def _signature(name: str) -> inspect.Signature:
    return inspect.signature(RegistrationContext.get().event_handlers[name].handler.fn)


def _is_page(where: object) -> bool:
    if not isinstance(where, dict) or not where.keys() <= WHERE:
        return False
    query = where.get("query", {})
    told = [where.get("pathname", ""), where.get("asPath", "")]
    return isinstance(query, dict) and all(isinstance(one, str) for one in [*told, *query.values()])
