"""Files of answers and pictures of instructions: sent, taken away, shown to those who may see them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial, wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from clinic_portal.accounts import limits
from clinic_portal.accounts.roles import Permission
from clinic_portal.bootstrap import services
from clinic_portal.core.errors import Conflict, DomainError, Invalid, NotAllowed, TooMany
from clinic_portal.core.work import Reading
from clinic_portal.forms import attached, files, pictured, pictures, uploads
from clinic_portal.forms.definition import Type
from clinic_portal.forms.files import FileInfo, Kept
from clinic_portal.forms.uploads import Checked
from clinic_portal.web import inputs
from clinic_portal.web.gate import PATIENT, PUBLIC, access
from clinic_portal.web.http import forms, uploading
from clinic_portal.web.problems import problem

Endpoint = Callable[[Request], Awaitable[Response]]
_STATUS = {NotAllowed: 404, TooMany: 429, Conflict: 409, Invalid: 422, inputs.BadInput: 400}
_ALONE = "default-src 'none'; sandbox; frame-ancestors 'none'"


def _in_words(endpoint: Endpoint) -> Endpoint:
    """Refusals are told as JSON: a script of the page reads them, and shows the sentence."""

    @wraps(endpoint)
    async def telling(request: Request) -> Response:
        try:
            return await endpoint(request)
        except DomainError as refusal:
            status = 413 if refusal.code == "file_big" else _STATUS.get(type(refusal), 400)
            return _told({"error": problem(refusal).sentence}, status)

    return telling


@access(PATIENT)
@_in_words
async def attach(request: Request) -> Response:
    """A patient adds a file to an answer of a form they fill in."""
    patient = request.state.admitted.patient
    return await _attach(request, patient.tag, lambda read, document_id: patient.patient_id)


@access(PATIENT)
@_in_words
async def remove(request: Request) -> Response:
    """A patient takes a file away again."""
    patient = request.state.admitted.patient
    return await _remove(request, patient.tag, lambda read, file_id: patient.patient_id)


@access(Permission.HANDLE_FORMS)
@_in_words
async def attach_at_desk(request: Request) -> Response:
    """Staff who fill in a form with a patient add a file."""
    actor = request.state.admitted.staff
    return await _attach(request, actor.tag, lambda read, document_id: files.owner(read, actor, document_id))


@access(Permission.HANDLE_FORMS)
@_in_words
async def remove_at_desk(request: Request) -> Response:
    """Staff who fill in a form with a patient take a file away again."""
    actor = request.state.admitted.staff
    return await _remove(request, actor.tag, lambda read, file_id: files.patient_of(read, actor, file_id))


@access(PATIENT)
async def mine(request: Request) -> Response:
    """A file of the patient's own; 404 for any other's."""
    patient_id = request.state.admitted.patient.patient_id
    try:
        found = await forms.ask(files.opened, patient_id, _id(request.query_params.get("id", "")))
    except NotAllowed:
        return _missing()
    return await _shown(request, *found)


@access(Permission.SEE_CHARTS)
async def for_staff(request: Request) -> Response:
    """A patient's file, for those who treat; that it was looked at is in the log."""
    actor = request.state.admitted.staff
    try:
        found = await forms.do(files.opened_for_staff, actor, _id(request.query_params.get("id", "")))
    except NotAllowed:
        return _missing()
    return await _shown(request, *found)


@access(Permission.WRITE_FORMS)
@_in_words
async def add_picture(request: Request) -> Response:
    """Staff add a picture of the clinic's own, to stand in instructions."""
    actor = request.state.admitted.staff
    async with uploading.turn(actor.tag):
        await forms.do(limits.spend, files.PER_SENDER, actor.tag)
        told, data = await uploading.posted(request, "alt")
        checked = await uploading.looked_at(partial(uploads.checked, only_images=True), data)
        where = pictured.room(services().settings)
        kept = await _kept(where, checked)
        try:
            address = await forms.do(pictures.add, actor, kept, told["alt"])
        except DomainError:
            where.remove(kept.id)
            raise
        if kept.id not in address:  # it was there already
            where.remove(kept.id)
    return _told({"url": address, "alt": told["alt"]})


@access(PUBLIC)
async def picture(request: Request) -> Response:
    """A picture of the clinic's own. It never changes: another one has another address."""
    try:
        media_type, data = await forms.ask(pictures.opened, request.path_params["name"])
    except NotAllowed:
        return _missing()
    headers = {"cache-control": "public, max-age=31536000, immutable", "content-security-policy": _ALONE}
    return Response(data, media_type=media_type, headers=headers)


async def _attach(request: Request, tag: str, owner_of: Callable[[Reading, int], int]) -> Response:
    """Whose form it is, and whether it takes a file there, is asked before the file is unpacked, and again with it."""
    async with uploading.turn(tag):
        await forms.do(limits.spend, files.PER_SENDER, tag)
        told, data = await uploading.posted(request, "document", "item")
        document_id, item = inputs.row_id(told["document"]), told["item"]
        patient_id = await forms.ask(owner_of, document_id)
        asked = await forms.ask(files.item_of, patient_id, document_id, item)
        look = partial(uploads.checked, only_images=asked.type is Type.PHOTO)
        checked = await uploading.looked_at(look, data)
        where = attached.room(services().settings)
        kept = await _kept(where, checked)
        try:
            info = await forms.do(files.attach, patient_id, document_id, item, kept, tag)
        except DomainError:
            where.remove(kept.id)
            raise
    return _told({"id": info.id, "name": info.name, "size": info.size_bytes, "image": info.is_image})


async def _remove(request: Request, tag: str, owner_of: Callable[[Reading, str], int]) -> Response:
    file_id = _id((await forms.fields(request, "id"))["id"])
    patient_id = await forms.ask(owner_of, file_id)
    if await forms.do(files.detach, patient_id, file_id, tag):
        await uploading.looked_at(attached.room(services().settings).remove, file_id)
    return _told({"id": file_id})


async def _kept(where: Any, checked: Checked) -> Kept:
    made = services()
    return await uploading.looked_at(files.keep, made.settings, where, checked, made.clock.now())


async def _shown(request: Request, info: FileInfo, data: bytes) -> Response:
    """An image inside a page, perhaps small; anything else to be saved, and nothing of it run."""
    if info.is_image and "small" in request.query_params:
        return _file(await uploading.looked_at(uploads.small, data), uploads.JPEG, "inline", "photo.jpg")
    return _file(data, info.media_type, "inline" if info.is_image else "attachment", info.name)


def _file(data: bytes, media_type: str, how: str, name: str) -> Response:
    headers = {
        "content-disposition": f'{how}; filename="{name}"',
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "content-security-policy": _ALONE,
    }
    return Response(data, media_type=media_type, headers=headers)


def _id(value: str) -> str:
    """The id of a file, as far as one can be; what is none is not found like any other."""
    if not (len(value) == 32 and value.isascii() and value.isalnum()):
        raise NotAllowed()
    return value


def _missing() -> Response:
    return PlainTextResponse("There is no such file.", 404, {"cache-control": "no-store"})


def _told(what: dict[str, Any], status: int = 200) -> Response:
    return JSONResponse(what, status, {"cache-control": "no-store"})
