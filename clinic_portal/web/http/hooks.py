"""Where a gateway tells something by itself: proved, kept once, answered at once. Everything else is the worker's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from clinic_portal.bootstrap import gateway, services
from clinic_portal.payments import notices
from clinic_portal.payments.ports import NoticeRefused
from clinic_portal.web.gate import SIGNED, access

log = logging.getLogger(__name__)
SIGNATURE = "stripe-signature"


@access(SIGNED)
async def hear(request: Request) -> Response:
    """200 for a notice that is signed, be it new or known; 400 for any other, and not a word why."""
    try:
        body = await request.body()
    except ClientDisconnect:
        return Response(status_code=400)
    return Response(status_code=await asyncio.to_thread(_heard, body, request.headers.get(SIGNATURE, "")))


async def quietly(endpoint: Callable[[Request], Awaitable[Response]], request: Request) -> Response:
    """A machine is told no more than that it should try again."""
    try:
        return await endpoint(request)
    except Exception as fault:
        log.error("a notice was not kept: %s", type(fault).__name__)
        return Response(status_code=500)


def _heard(body: bytes, signature: str) -> int:
    its = gateway(services())
    try:
        notice = its.read_notice(body, signature)
    except NoticeRefused:
        log.warning("refused a notice")
        return 400
    if notice is not None:
        services().do(notices.keep, its.account, notice)
    return 200
