"""Reflex's entry: the app, its pages, and what stands around it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import reflex as rx

from clinic_portal.bootstrap import senders, services
from clinic_portal.web.booking import live, pages
from clinic_portal.web.booking.time_state import TimeStep
from clinic_portal.web.demo import page as demo
from clinic_portal.web.gate import Gate
from clinic_portal.web.http.routes import endpoints
from clinic_portal.web.layout import HEAD
from clinic_portal.web.public import claim, landing
from clinic_portal.web.transport import Address, Headers, Limits, SessionBinding, VisitorCookie
from clinic_portal.worker import Worker

PAGES = Path(".web/build/client")
settings = services().settings


@asynccontextmanager
async def background() -> AsyncIterator[None]:
    """The worker, unless it is a process of its own, and the listener of live times."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(live.listen(services(), _is_connected, _refresh))]
    if settings.worker == "embedded":
        tasks.append(asyncio.create_task(Worker(services(), senders(services())).run(stop)))
    yield
    stop.set()
    tasks[0].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _is_connected(token: str) -> bool:
    return app.event_namespace is not None and token in app.event_namespace.token_to_sid


async def _refresh(token: str) -> None:
    async with app.modify_state(rx.BaseStateToken(ident=token, cls=TimeStep)) as state:
        await (await state.get_state(TimeStep))._refresh()


app = rx.App(
    stylesheets=["/portal.css"],
    head_components=HEAD,
    toaster=None,
    api_transformer=[
        endpoints(is_demo=settings.is_demo),
        lambda inner: SessionBinding(inner, settings),
        lambda inner: Address(inner, settings, PAGES),
        lambda inner: Limits(inner, PAGES),
        lambda inner: VisitorCookie(inner, settings),
        lambda inner: Headers(inner, settings, PAGES),
    ],
)
app.add_middleware(Gate(is_demo=settings.is_demo), index=0)
app.register_lifespan_task(background)
landing.add(app)
pages.add(app)
claim.add(app)
if settings.is_demo:
    demo.add(app)
