"""What comes over the websocket is looked at before Reflex sees it (security rules 1 and 5).

Reflex writes an event it cannot place into the log, values, cookie and all: one of another version's page, one with
an argument too many, one that is no event. Its socket also takes a browser's own "connect" for the real one, with
headers and address of the browser's choice. So nothing reaches it but events of marked handlers with the arguments
they have, from connections that were really opened.
"""

from __future__ import annotations

import inspect
import json
import logging
from typing import Any

import reflex as rx
from reflex_base.registry import RegistrationContext

from clinic_portal.web.gate import Bucket, Gate
from clinic_portal.web.problems import bug

log = logging.getLogger(__name__)
LONGEST_ADDRESS = 2_000
Told = dict[str, Any]


def guard(app: rx.App, gate: Gate) -> None:
    """Put the gate, and this look, in front of every event of the app."""
    namespace = app.event_namespace
    assert namespace is not None
    opened, heard, bucket = namespace.trigger_event, namespace.on_event, Bucket(burst=60, per_second=25)

    async def trigger(event: object, sid: str, *told: Any) -> Any:
        if event == "connect" and told[:1] != (namespace.server.get_environ(sid, namespace.namespace),):
            log.warning("refused a connection inside a connection")
            return None
        if event in ("connect", "disconnect", "ping") or (event in ("event", "client_error") and len(told) == 1):
            return await opened(event, sid, *told)
        log.warning("refused a message that is no event")
        return None

    async def on_event(sid: str, told: object) -> None:
        if not bucket.take(sid):
            log.warning("dropped an event: too many from one connection")
        elif sid not in namespace.sid_to_token or (event := well_formed(told)) is None:
            log.warning("refused an event that no page of ours sends")
        elif not gate.lets_through(event["name"]):
            log.warning("refused an event of %r", event["name"][:120])
        else:
            await heard(sid, event)

    namespace.trigger_event = trigger  # type: ignore[method-assign]
    namespace.on_event = on_event  # type: ignore[method-assign, assignment]
    app.add_middleware(gate, index=0)
    app.frontend_exception_handler = _page_fault
    app.backend_exception_handler = _fault


def well_formed(told: object) -> Told | None:
    """An event of a handler we have, with just the arguments it takes and a page's address; None for anything else."""
    try:
        json.dumps(told, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):  # bytes, half a character, no number
        return None
    if not isinstance(told, dict) or not isinstance(name := told.get("name"), str):
        return None
    payload, address = told.get("payload") or {}, _address(told.get("router_data") or {})
    registered = RegistrationContext.get().event_handlers.get(name)
    if address is None or not isinstance(payload, dict) or (registered and not _fits(registered.handler.fn, payload)):
        return None
    return {"name": name, "payload": payload, "router_data": address}


def _fits(handler: Any, payload: Told) -> bool:
    """Whether a handler takes these arguments; the framework's own are told apart by name."""
    try:
        inspect.signature(handler).bind(None, **payload)
    except TypeError:
        return False
    return all(_FRAMEWORK_TAKES[name](value) for name, value in payload.items() if name in _FRAMEWORK_TAKES)


_FRAMEWORK_TAKES = {
    "value": lambda value: isinstance(value, bool),  # set_is_hydrated
    "vars": lambda value: not value,  # hydrate_and_load: no page keeps vars in the browser
    "hashes": lambda value: value is None
    or (isinstance(value, list) and len(value) < 500 and all(isinstance(one, str) for one in value)),
}


def _address(told: object) -> Told | None:
    """Where the page says it is: the three things a page sends, and nothing else that Reflex would believe."""
    if not isinstance(told, dict):
        return None
    path, whole, query = told.get("pathname", "/"), told.get("asPath", "/"), told.get("query") or {}
    texts = [path, whole, *(query if isinstance(query, dict) else [None])]
    texts += query.values() if isinstance(query, dict) else []
    if not all(isinstance(text, str) and len(text) <= LONGEST_ADDRESS for text in texts) or len(texts) > 50:
        return None
    if not (path.startswith("/") and whole.startswith("/") and not whole.startswith("//")):
        return None
    return {"pathname": path, "asPath": whole, "query": query}


def _page_fault(exception: Exception) -> None:
    """A page says that something broke in it. Its words are the browser's: the log tells the fact alone."""
    log.warning("a page reported a fault of its own")


def _fault(exception: Exception) -> None:
    """A handler failed outside its own care: to the log with a reference, without a value."""
    bug(exception)
