"""Native form posts: where a password travels (rule 3). Checked for origin and size, answered by a redirect."""

from __future__ import annotations

import asyncio
import os
import urllib.parse
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clinic_portal.accounts import captcha as captchas
from clinic_portal.accounts import notes, passwords
from clinic_portal.accounts.captcha import Solved
from clinic_portal.bootstrap import captcha, services
from clinic_portal.core.errors import DomainError, TooMany
from clinic_portal.core.work import UnitOfWork
from clinic_portal.web import inputs
from clinic_portal.web.identity import address_of, cookies_in

T = TypeVar("T")
MOST_FIELDS = 60
MOST_WAITING = 64
_hashing = ThreadPoolExecutor(max_workers=max(1, (os.cpu_count() or 2) - 1), thread_name_prefix="hashing")
_waiting = 0


async def fields(request: Request, *names: str, most: int = 500) -> dict[str, str]:
    """The named fields of an urlencoded form; one that is absent is empty. Raises BadInput, also for one sent twice."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/x-www-form-urlencoded":
        raise inputs.BadInput
    try:
        body = (await request.body()).decode()
        pairs = urllib.parse.parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise inputs.BadInput from None
    form = dict(pairs)
    if any(sum(name == sent for sent, _ in pairs) > 1 for name in names):
        raise inputs.BadInput
    return {name: inputs.text(form.get(name, ""), most=4000 if name == captcha_field() else most) for name in names}


def captcha_field() -> str:
    """The name of the field a CAPTCHA's answer stands in."""
    return captcha(services()).field


def is_from_here(request: Request) -> bool:
    """Whether a post was sent by a page of ours: its origin says so, and browsers let nobody else say it."""
    origin = request.headers.get("origin")
    if origin is not None:
        return origin in services().settings.origins
    return request.headers.get("sec-fetch-site") == "same-origin"


async def do(action: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Run an action in a transaction of its own, off the event loop."""
    return await asyncio.to_thread(lambda: services().do(action, *args, **kwargs))


async def ask(query: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Run a query off the event loop."""
    return await asyncio.to_thread(lambda: services().ask(query, *args, **kwargs))


async def slowly(call: Callable[..., T], *args: Any) -> T:
    """Hash or weigh a password in the few threads kept for it: everyone else's clicks go on meanwhile. Raises TooMany."""
    global _waiting
    if _waiting >= MOST_WAITING:
        raise TooMany("busy", 15)
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_hashing, call, *args)
    finally:
        _waiting -= 1


async def new_hash(password: str, *about: str) -> str:
    """The hash of a password somebody chose. Raises Invalid for one that is short, long or easily guessed, TooMany."""
    return await slowly(passwords.new_hash, services().settings, password, about)


async def solved(request: Request, purpose: str, answer: str) -> Solved:
    """The CAPTCHA's answer, looked at; it is still to be spent. Raises Invalid."""
    return await asyncio.to_thread(captcha(services()).check, purpose, answer, address=here(request))


def spend_captcha(work: UnitOfWork, answer: Solved) -> None:
    """Use a solved challenge up. Raises Invalid when it was used before."""
    captchas.spend(work, answer)


def here(request: Request) -> str:
    """The network address a request came from."""
    return address_of(request.scope, services().settings)


async def refuse(
    request: Request, form: str, told: DomainError | str, back: str, typed: Mapping[str, str] | None = None
) -> Response:
    """Back to the form, which says what was wrong and shows again what was typed (never a password)."""
    visitor = cookies_in(request.scope, services().settings).visitor
    if visitor:
        await do(notes.leave, visitor, form, told, typed or {})
    return go(back)


def go(path: str, *cookies: str) -> Response:
    """Go to a page of ours; with cookies to be set."""
    response = RedirectResponse(path, status_code=303)
    for one in cookies:
        response.headers.append("set-cookie", one)
    return response


def safe_next(typed: str, usual: str, *, under: tuple[str, ...] = ("/book", "/portal")) -> str:
    """Where to go after signing in: a page of ours, else the usual one. No other site, whatever the link said."""
    plain = typed.isascii() and typed.isprintable() and not any(odd in typed for odd in ("\\", "//", ".."))
    if not plain or not typed.startswith("/") or len(typed) > 300:
        return usual
    parts = urllib.parse.urlsplit(typed)
    ours = any(parts.path == one or parts.path.startswith(f"{one}/") for one in under)
    return typed if ours else usual
