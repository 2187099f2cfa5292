"""The first run's plain endpoints: become the owner of an empty installation; the booking address as a picture."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from clinic_portal.accounts import setup_key, staff
from clinic_portal.accounts.emails import email_address
from clinic_portal.bootstrap import services
from clinic_portal.core.errors import Conflict, DomainError, Invalid, Unusable
from clinic_portal.core.work import UnitOfWork
from clinic_portal.web.gate import PUBLIC, STAFF, access
from clinic_portal.web.http import forms
from clinic_portal.web.http.qr import qr_code
from clinic_portal.web.identity import STAFF as STAFF_COOKIE
from clinic_portal.web.identity import cookie, device_of

FORM, PAGE, SIGN_IN = "setup", "/setup", "/admin/sign-in?next=/setup"


@access(PUBLIC)
async def claim(request: Request) -> Response:
    """Whoever has the setup key becomes the owner, once; signed in, they go on with the clinic."""
    typed = await forms.fields(request, "key", "name", "email", "password")
    settings, address = services().settings, forms.here(request)
    is_key = False
    try:
        if await forms.ask(staff.is_anybody):
            return forms.go(SIGN_IN)
        await forms.do(setup_key.knock, address)
        is_key = setup_key.is_right(settings, typed["key"])
        if not is_key:
            raise Invalid("key", "setup_key_wrong")
        _usable(typed)
        password_hash = await forms.new_hash(typed["password"], typed["email"], typed["name"])

        def become(work: UnitOfWork) -> str:
            return staff.found_owner(
                work,
                email=typed["email"],
                name=typed["name"],
                password_hash=password_hash,
                device=device_of(request.scope),
                address=address,
            )

        token = await forms.do(become)
    except Conflict:
        return forms.go(SIGN_IN)
    except DomainError as refusal:
        back = f"{PAGE}?{urlencode({'key': typed['key']})}" if is_key else PAGE
        return await forms.refuse(request, FORM, refusal, back, {one: typed[one] for one in ("name", "email")})
    return forms.go(f"{PAGE}/clinic", cookie(settings, STAFF_COOKIE, token))


def _usable(typed: dict[str, str]) -> None:
    """Name and address, before the slow part. Raises Unusable."""
    faults = []
    for check in (lambda: staff.usable(typed["name"], "owner"), lambda: email_address(typed["email"])):
        try:
            check()
        except Invalid as fault:
            faults.append(fault)
    if faults:
        raise Unusable(faults)


@access(STAFF)
async def booking_picture(request: Request) -> Response:
    """The booking address as a QR code, for a window, a card or a flyer."""
    told = {"content-disposition": 'inline; filename="booking-address.svg"'}
    return qr_code(f"{services().settings.public_url.rstrip('/')}/book", scale=6, border=4, **told)
