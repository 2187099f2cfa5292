"""No more reminders by e-mail, from the letter itself: one click, signed in or not (RFC 8058)."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from clinic_portal.bootstrap import services
from clinic_portal.patients import wishes
from clinic_portal.web.gate import PUBLIC, SIGNED, access
from clinic_portal.web.http import plain

ONWARD = ("All my settings", "/portal/settings")


@access(PUBLIC)
async def ask(request: Request) -> Response:
    """A button. Opening the page changes nothing, whatever the address holds: mail scanners follow links."""
    return plain.page(
        "No more reminders by e-mail?",
        "You still get what concerns a visit you book, move or cancel, and reminders by text message if you have them.",
        press=("Stop these e-mails", f"/unsubscribe/{quote(request.path_params['token'], safe='')}"),
        onward=("Keep them", "/"),
    )


@access(SIGNED)
async def stop(request: Request) -> Response:
    """Done at once, for who holds the address of a letter: it is signed with our key. Mail services post here too."""
    done = await asyncio.to_thread(services().do, wishes.unsubscribe, request.path_params["token"])
    if not done:
        return plain.page(
            "This link does not work",
            "It may be cut off, or from a letter of long ago. You can stop reminders in your portal’s settings, or "
            "call us.",
            onward=ONWARD,
            status=404,
        )
    return plain.page(
        "No more reminders by e-mail",
        "Done, at once. If you change your mind, switch them on again in your portal’s settings.",
        onward=ONWARD,
    )
