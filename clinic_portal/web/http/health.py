"""Is the process alive, and can it serve?"""

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from clinic_portal import migrations
from clinic_portal.bootstrap import services
from clinic_portal.setup import first_run
from clinic_portal.web.gate import PUBLIC, access


@access(PUBLIC)
async def alive(request: Request) -> Response:
    """200 as long as the process answers."""
    return PlainTextResponse("alive")


@access(PUBLIC)
async def ready(request: Request) -> Response:
    """200 when the database answers and is migrated, else 503 with the reason. An empty installation is ready, too:
    what stands in front must let the first run through."""
    is_ready, told = await asyncio.to_thread(_look)
    return PlainTextResponse(told, 200 if is_ready else 503)


def _look() -> tuple[bool, str]:
    try:
        if not migrations.is_current(services().database):
            return False, "the database is not migrated: run `clinic-portal migrate`"
        is_founded = services().ask(first_run.is_open)
    except Exception:
        return False, "the database does not answer"
    return True, "ready" if is_founded else "ready to be set up: open /setup"
