"""The `.ics` file of the visit booked from this browser (S83)."""

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from clinic_portal.booking.queries import booked_here
from clinic_portal.bootstrap import services
from clinic_portal.core import crypto
from clinic_portal.core.errors import DomainError
from clinic_portal.messaging.queries import calendar_file
from clinic_portal.web.gate import PUBLIC, access
from clinic_portal.web.transport import cookie_name, visitor_in


@access(PUBLIC)
async def booked(request: Request) -> Response:
    """The calendar entry of the last visit booked with this browser's cookie; 404 for any other browser."""
    token = visitor_in(request.scope, cookie_name(services().settings))
    try:
        body = await asyncio.to_thread(_file, crypto.digest(token or ""))
    except DomainError:
        return PlainTextResponse("There is no booking to download in this browser.", 404)
    return Response(
        body,
        media_type="text/calendar; charset=utf-8; method=PUBLISH",
        headers={
            "content-disposition": 'attachment; filename="appointment.ics"',
            "cache-control": "no-store",
        },
    )


def _file(visitor: str) -> bytes:
    return services().ask(lambda read: calendar_file(read, booked_here(read, visitor)))
