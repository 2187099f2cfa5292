"""An e-mail the sandbox "sent", as its reader would see it; demo mode only (B7)."""

import asyncio

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from clinic_portal.bootstrap import services
from clinic_portal.messaging.queries import sandbox
from clinic_portal.web.gate import DEMO, access

_ALONE = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
_ALONE += "img-src data:; frame-ancestors 'self'"


@access(DEMO)
async def letter(request: Request) -> Response:
    """The HTML of one letter, alone in its frame: no script, no cookie, no address of ours."""
    letters = await asyncio.to_thread(services().ask, sandbox)
    wanted = request.path_params["letter_id"]
    for one in letters:
        if one.id == wanted and one.html:
            return HTMLResponse(one.html, headers={"content-security-policy": _ALONE})
    return PlainTextResponse("There is no such letter.", 404)
