"""What the CAPTCHA's widget is to solve."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from clinic_portal.bootstrap import captcha, services
from clinic_portal.web.gate import PUBLIC, access

PURPOSES = ("sign-in", "register", "forgot", "staff", "staff-forgot")


@access(PUBLIC)
async def challenge(request: Request) -> Response:
    """A new challenge for a form."""
    purpose = request.path_params["purpose"]
    if purpose not in PURPOSES:
        return PlainTextResponse("There is no such form.", 404)
    return JSONResponse(captcha(services()).challenge(purpose), headers={"cache-control": "no-store"})
