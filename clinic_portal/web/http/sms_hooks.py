"""Where the SMS service tells what became of messages and what people reply: proved, kept once, answered at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from clinic_portal.bootstrap import services, sms_notices
from clinic_portal.messaging import heard
from clinic_portal.messaging.ports import SmsNoticeRefused
from clinic_portal.web.gate import SIGNED, access

log = logging.getLogger(__name__)
MOST_BYTES, MOST_FIELDS = 16_384, 100
NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
"""The answer to a reply: the service sends nothing back by itself."""


@access(SIGNED)
async def status(request: Request) -> Response:
    """What became of a message."""
    return await _hear(request, "read_told", heard.told, Response(status_code=204))


@access(SIGNED)
async def inbound(request: Request) -> Response:
    """What somebody replied."""
    answer = Response(NOTHING_TO_SAY, media_type="text/xml")
    return await _hear(request, "read_incoming", heard.replied, answer)


async def _hear(request: Request, reader: str, verb: Callable[..., object], answer: Response) -> Response:
    """The answer for what is signed, be it new or known; 403 for anything else, and not a word why."""
    try:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MOST_BYTES:
                return Response(status_code=403)
    except ClientDisconnect:
        return Response(status_code=403)
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    signed = (
        request.headers.get("x-twilio-signature", ""),
        request.headers.get("x-twilio-webhooks-signature-settings", ""),
    )
    is_heard = await asyncio.to_thread(_heard, reader, verb, path, body, signed)
    return answer if is_heard else Response(status_code=403)


def _heard(reader: str, verb: Callable[..., Any], path: str, body: bytes, signed: tuple[str, str]) -> bool:
    its = sms_notices(services())
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=False, max_num_fields=MOST_FIELDS)
        notice = getattr(its, reader)(path, fields, *signed)
    except (SmsNoticeRefused, ValueError):
        log.warning("refused a notice of the SMS service")
        return False
    if notice is not None:
        services().do(verb, notice)
    return True
