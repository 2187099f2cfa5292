"""Visits for the patient's own calendar (S83): the file of one visit, and a private feed of all."""

import asyncio
import re
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from clinic_portal.booking.access import visit_of
from clinic_portal.booking.queries import booked_here
from clinic_portal.bootstrap import services
from clinic_portal.core.errors import DomainError
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.messaging import feeds
from clinic_portal.messaging.feeds import Followed
from clinic_portal.patients.profile import note_feed_read, patient_of_feed
from clinic_portal.web.gate import PATIENT, PUBLIC, access
from clinic_portal.web.http import plain
from clinic_portal.web.identity import cookies_in

_FEED = re.compile(r"[0-9a-f]{64}")


@access(PUBLIC)
async def booked(request: Request) -> Response:
    """The calendar entry of the last visit booked with this browser's cookie; 404 for any other browser."""
    visitor = cookies_in(request.scope, services().settings).visitor
    try:
        body = await asyncio.to_thread(
            lambda: services().ask(lambda read: feeds.file_of(read, booked_here(read, visitor)))
        )
    except DomainError:
        return plain.page(
            "There is no booking to download",
            "Not in this browser, at least.",
            onward=("Book a visit", "/book"),
            status=404,
        )
    return _ics(body, "attachment")


@access(PATIENT)
async def mine(request: Request) -> Response:
    """The calendar entry of one of the patient's visits; 404 for any other's."""
    reference = request.query_params.get("ref", "")[:20]
    patient_id = request.state.admitted.patient.patient_id
    try:
        body = await asyncio.to_thread(
            lambda: services().ask(lambda read: feeds.file_of(read, visit_of(read, patient_id, reference)))
        )
    except DomainError:
        return plain.page(
            "We could not find that visit",
            "The link may be old.",
            onward=("All appointments", "/portal/appointments"),
            status=404,
        )
    return _ics(body, "attachment")


@access(PUBLIC)
async def by_token(request: Request) -> Response:
    """The calendar entry of the visit whose address came in an e-mail; 404 for any other, and a month after it."""
    token = request.path_params["token"][:100]
    body = await asyncio.to_thread(lambda: services().ask(feeds.file_by_token, token))
    if body is None:
        return plain.page(
            "We could not find that visit",
            "The link may be old, or cut off at the end.",
            onward=("To my portal", "/portal"),
            status=404,
        )
    return _ics(body, "attachment")


@access(PUBLIC)
async def feed(request: Request) -> Response:
    """All visits of the patient whose private address this is; 404 once it was revoked."""
    token = request.path_params["token"]

    def read_feed(read: Reading) -> tuple[int, Followed] | None:
        patient_id = patient_of_feed(read, token) if _FEED.fullmatch(token) else None
        return (patient_id, feeds.of_patient(read, patient_id)) if patient_id is not None else None

    return await _followed(request, read_feed, note_feed_read)


@access(PUBLIC)
async def provider_feed(request: Request) -> Response:
    """The calendar of the provider whose private address this is; 404 once it was revoked."""
    token = request.path_params["token"]

    def read_feed(read: Reading) -> tuple[int, Followed] | None:
        return feeds.of_provider_by_token(read, token) if _FEED.fullmatch(token) else None

    return await _followed(request, read_feed, feeds.note_read)


async def _followed(
    request: Request,
    read_feed: Callable[[Reading], tuple[int, Followed] | None],
    note: Callable[[UnitOfWork, int], None],
) -> Response:
    """A feed, or that it has not changed since (304); that a calendar looked is written down."""
    found = await asyncio.to_thread(lambda: services().ask(read_feed))
    if found is None:
        return PlainTextResponse("There is no such calendar.", 404, headers={"cache-control": "no-store"})
    whose, followed = found
    if followed.is_news:
        await asyncio.to_thread(lambda: services().do(note, whose))
    tag = f'W/"{followed.tag}"'  # weak: the file says when it was made
    headers = {"etag": tag, "cache-control": "private, max-age=900"}
    known = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    if tag in known:
        return Response(status_code=304, headers=headers)
    headers["content-disposition"] = 'inline; filename="visits.ics"'
    return Response(followed.body, media_type="text/calendar; charset=utf-8", headers=headers)


def _ics(body: bytes, how: str) -> Response:
    return Response(
        body,
        media_type="text/calendar; charset=utf-8; method=PUBLISH",
        headers={
            "content-disposition": f'{how}; filename="appointment.ics"',
            "cache-control": "no-store",
        },
    )
