"""Is the process alive, and can it serve?"""

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from clinic_portal import migrations
from clinic_portal.bootstrap import services
from clinic_portal.clinic.queries import version
from clinic_portal.core.errors import DomainError
from clinic_portal.web.gate import PUBLIC, access


@access(PUBLIC)
async def alive(request: Request) -> Response:
    """200 as long as the process answers."""
    return PlainTextResponse("alive")


@access(PUBLIC)
async def ready(request: Request) -> Response:
    """200 when the database answers, is migrated and holds a clinic; else 503 with the reason."""
    reason = await asyncio.to_thread(_unready)
    return PlainTextResponse(reason or "ready", 503 if reason else 200)


def _unready() -> str:
    try:
        if not migrations.is_current(services().database):
            return "the database is not migrated: run `clinic-portal migrate`"
        services().ask(version)
    except DomainError:
        return "no clinic is loaded: run `clinic-portal load FILE`"
    except Exception:
        return "the database does not answer"
    return ""
