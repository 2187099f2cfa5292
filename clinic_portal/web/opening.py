"""Before opening: while nothing can be booked here, every page leads to the first run, and nothing else is answered."""

from __future__ import annotations

import asyncio
from pathlib import PurePosixPath

from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from clinic_portal.core.work import Services
from clinic_portal.setup.first_run import is_open
from clinic_portal.web.http import plain

SETUP = "/setup"
_WORKS_BEFORE = (
    SETUP, "/auth/setup", "/auth/staff", "/admin/sign-in", "/admin/code", "/admin/second-factor", "/admin/forgot",
    "/admin/join", "/challenge", "/healthz", "/readyz", "/assets", "/fonts", "/_event", "/ping",
)  # fmt: skip
"""What the first run itself needs: its pages, signing in, files of the build, and what tells that we are alive."""
_FILES = frozenset({".css", ".js", ".svg", ".png", ".ico", ".woff2", ".webmanifest", ".json", ".txt", ".map"})


class BeforeOpening:
    """Answers in place of the pages until a first service stands; then it steps aside for good."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app, self._services, self._is_open = app, services, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection (ASGI)."""
        is_behind = scope["type"] == "http" and not self._is_open and not works_before_opening(scope["path"])
        if not is_behind or await asyncio.to_thread(self._look):
            await self._app(scope, receive, send)
            return
        await _not_open_yet(scope)(scope, receive, send)

    def _look(self) -> bool:
        """Whether it is open; a database that is away or without tables is for others to tell."""
        try:
            self._is_open = self._services.ask(is_open)
        except Exception:
            return True
        return self._is_open


def works_before_opening(path: str) -> bool:
    """Whether an address is answered in an empty installation."""
    if any(path == one or path.startswith(f"{one}/") for one in _WORKS_BEFORE):
        return True
    return path.count("/") == 1 and PurePosixPath(path).suffix in _FILES


def _not_open_yet(scope: Scope) -> Response:
    if scope["method"] not in ("GET", "HEAD"):
        return plain.page("Not open yet", "This clinic cannot be booked yet. Nothing was done.", status=503)
    if scope["path"].startswith("/admin"):
        return RedirectResponse(SETUP, status_code=303)
    return plain.page(
        "We are not open for booking yet",
        "This clinic is just being set up. Please come back soon.",
        "If it is yours: a few steps, and the first visit can be booked.",
        onward=("Set up my clinic", SETUP),
    )
