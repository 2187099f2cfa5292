"""What runs beside the pages for as long as the app does: the worker, and the listener of live times."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import reflex as rx

from clinic_portal.bootstrap import bounce_mailbox, cashier, senders, services
from clinic_portal.web.admin import today
from clinic_portal.web.admin.calendar import state as calendar
from clinic_portal.web.booking import live
from clinic_portal.web.booking.time_state import TimeStep
from clinic_portal.worker import Worker

LIVE: dict[str, type[Any]] = {live.TIMES: TimeStep, today.LIVE: today.Today, calendar.PAGE: calendar.Calendar}
"""The pages that are shown anew when what they show changes: each State has a `_refresh`."""


def run_beside(app: rx.App) -> None:
    """Start with the app and stop with it; the worker only where it has no process of its own."""

    def is_connected(token: str) -> bool:
        return app.event_namespace is not None and token in app.event_namespace.token_to_sid

    async def refresh(token: str, page: str) -> None:
        shown = LIVE[page]
        async with app.modify_state(rx.BaseStateToken(ident=token, cls=shown)) as state:
            await (await state.get_state(shown))._refresh()

    @asynccontextmanager
    async def background() -> AsyncIterator[None]:
        stop = asyncio.Event()
        listener = asyncio.create_task(live.listen(services(), is_connected, refresh))
        its, tasks = senders(services()), [listener]
        if services().settings.worker == "embedded":
            tasks.append(
                asyncio.create_task(Worker(services(), its, cashier(services()), bounce_mailbox(services())).run(stop))
            )
        yield
        stop.set()
        listener.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        its.close()

    app.register_lifespan_task(background)
