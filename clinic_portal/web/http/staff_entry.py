"""Staff sign in, with a second factor where it is set up or asked for; and out."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from clinic_portal.accounts import entry, links, passwords, second_factor, sessions, staff
from clinic_portal.accounts.types import Credentials, Kind, Purpose, Stage
from clinic_portal.bootstrap import services
from clinic_portal.clinic.queries import about
from clinic_portal.core.errors import Conflict, DomainError, Invalid, NotAllowed, TooMany
from clinic_portal.core.work import UnitOfWork
from clinic_portal.web.gate import HALFWAY, PUBLIC, STAFF, access
from clinic_portal.web.http import forms, plain
from clinic_portal.web.http.qr import qr_code
from clinic_portal.web.identity import STAFF as STAFF_COOKIE
from clinic_portal.web.identity import cookie, cookies_in, device_of, no_cookie

FORM, HOME, CODE, SET_UP = "staff", "/admin", "/admin/code", "/admin/second-factor"
ACCOUNT = "/admin/account"
UNDER = ("/admin", "/setup")


@access(PUBLIC)
async def sign_in(request: Request) -> Response:
    """E-mail, password and CAPTCHA; then the second factor, where one is due."""
    typed = await forms.fields(request, "email", "password", "next", forms.captcha_field())
    onward = forms.safe_next(typed["next"], HOME, under=UNDER)
    settings, address, device = services().settings, forms.here(request), device_of(request.scope)
    try:
        answer = await forms.solved(request, FORM, typed[forms.captcha_field()])

        def knock(work: UnitOfWork) -> None:
            forms.spend_captcha(work, answer)
            entry.knock(work, typed["email"], address=address, kind=Kind.STAFF)

        await forms.do(knock)
        known = await forms.ask(staff.credentials, typed["email"])
        right = await forms.slowly(
            passwords.matches, settings, typed["password"], known.password_hash if known else None
        )
        if not right or known is None:
            raise Conflict("staff_sign_in_wrong")
        new_hash = None
        if passwords.is_outdated(settings, known.password_hash):
            new_hash = await forms.slowly(passwords.hashed, settings, typed["password"])
        clinic = await forms.ask(about)
        required = clinic is not None and clinic.is_second_factor_required
        before = cookies_in(request.scope, settings).staff

        def enter(work: UnitOfWork) -> tuple[str, Stage]:
            old = sessions.find(work, Kind.STAFF, before)
            if old:
                sessions.end(work, old.id)
            return staff.entered(
                work, known, device=device, address=address, is_second_factor_required=required, new_hash=new_hash
            )

        token, stage = await forms.do(enter)
    except DomainError as refusal:
        back = f"/admin/sign-in?next={quote(onward, safe='/')}"
        return await forms.refuse(request, FORM, refusal, back, {"email": typed["email"]})
    page = {Stage.FULL: onward, Stage.CODE: f"{CODE}?next={quote(onward, safe='/')}", Stage.ENROL: SET_UP}[stage]
    return forms.go(page, cookie(settings, STAFF_COOKIE, token))


@access(HALFWAY)
async def code(request: Request) -> Response:
    """The authenticator's six digits, or a recovery code."""
    typed = await forms.fields(request, "code", "next")
    onward = forms.safe_next(typed["next"], HOME, under=UNDER)
    session = request.state.admitted.signed_in
    if session.stage is not Stage.CODE:
        return forms.go(onward if session.stage is Stage.FULL else SET_UP)
    try:
        token = await forms.do(second_factor.come_in, session, typed["code"], **_browser(request))
        if token is None:
            raise Invalid("code", "second_factor_wrong")
    except DomainError as refusal:
        return await forms.refuse(request, "staff-code", refusal, f"{CODE}?next={quote(onward, safe='/')}")
    return forms.go(onward, cookie(services().settings, STAFF_COOKIE, token))


@access(HALFWAY)
async def begin_second_factor(request: Request) -> Response:
    """Make a new secret for an authenticator to scan. One's own only, and only where none is in force."""
    try:
        await forms.do(second_factor.begin, _owing(request))
    except DomainError as refusal:
        return await forms.refuse(request, "second-factor", refusal, SET_UP)
    return forms.go(SET_UP)


@access(HALFWAY)
async def confirm_second_factor(request: Request) -> Response:
    """The first code puts it in force. The answer is a page with the recovery codes, shown this once."""
    typed = await forms.fields(request, "code")
    session = request.state.admitted.signed_in
    try:
        _owing(request)
        done = await forms.do(second_factor.confirm_and_come_in, session, typed["code"], **_browser(request))
        if done is None:
            raise Invalid("code", "second_factor_wrong")
    except DomainError as refusal:
        return await forms.refuse(request, "second-factor", refusal, SET_UP)
    codes, token = done
    response = _shown_once("Your authenticator is set up", codes)
    response.headers.append("set-cookie", cookie(services().settings, STAFF_COOKIE, token))
    return response


@access(STAFF)
async def renew_recovery_codes(request: Request) -> Response:
    """New recovery codes, by one who types a code of the authenticator."""
    typed = await forms.fields(request, "code")
    try:
        codes = await forms.do(second_factor.renew_recovery_codes, request.state.admitted.staff, typed["code"])
        if codes is None:
            raise Invalid("code", "second_factor_wrong")
    except DomainError as refusal:
        return await forms.refuse(request, "second-factor-off", refusal, ACCOUNT)
    return _shown_once("Your new recovery codes", codes)


@access(STAFF)
async def give_up_second_factor(request: Request) -> Response:
    """Use no authenticator any more, by one who types a code of it."""
    typed = await forms.fields(request, "code")
    try:
        if not await forms.do(second_factor.give_up, request.state.admitted.staff, typed["code"]):
            raise Invalid("code", "second_factor_wrong")
    except DomainError as refusal:
        return await forms.refuse(request, "second-factor-off", refusal, ACCOUNT)
    return await forms.refuse(request, "second-factor-off", "second_factor_off", ACCOUNT)


def _browser(request: Request) -> dict[str, str]:
    return {"device": device_of(request.scope), "address": forms.here(request)}


def _shown_once(title: str, codes: list[str]) -> Response:
    return plain.page(
        title,
        "These are your recovery codes. Each lets you in once without your phone: print them, or keep them where you "
        "keep passports.",
        "They are shown this once.",
        listed=codes,
        onward=("I have kept them", HOME),
    )


@access(HALFWAY)
async def picture(request: Request) -> Response:
    """The QR code an authenticator scans, while it is being set up."""
    uri = await _uri(request)
    if uri is None:
        return PlainTextResponse("There is nothing to scan.", 404)
    return qr_code(uri, scale=5, border=3)


@access(HALFWAY)
async def key(request: Request) -> Response:
    """The same for typing in, for those who cannot scan."""
    uri = await _uri(request)
    if uri is None:
        return PlainTextResponse("There is nothing to type.", 404)
    secret = uri.split("secret=")[1].split("&")[0]
    return PlainTextResponse(" ".join(secret[n : n + 4] for n in range(0, len(secret), 4)))


@access(PUBLIC)
async def sign_out(request: Request) -> Response:
    """End this browser's session of the staff's pages."""
    settings = services().settings
    digest = cookies_in(request.scope, settings).staff

    def end(work: UnitOfWork) -> None:
        session = sessions.find(work, Kind.STAFF, digest)
        if session:
            sessions.end(work, session.id)
            work.record(f"staff:{session.subject_id}", "staff.signed_out", f"staff:{session.subject_id}")

    await forms.do(end)
    response = forms.go("/admin/sign-in?why=goodbye", no_cookie(settings, STAFF_COOKIE))
    response.headers["clear-site-data"] = '"cache", "storage"'
    return response


@access(PUBLIC)
async def forgot(request: Request) -> Response:
    """Ask for a link; the answer is the same for every address."""
    typed = await forms.fields(request, "email", forms.captcha_field())
    kept = {"email": typed["email"]}
    try:
        answer = await forms.solved(request, "staff-forgot", typed[forms.captcha_field()])
        await forms.do(forms.spend_captcha, answer)
        await forms.do(staff.forgot, typed["email"], address=forms.here(request))
    except TooMany as refusal:
        if refusal.code != "mail_per_email":
            return await forms.refuse(request, "staff-forgot", refusal, "/admin/forgot", kept)
    except DomainError as refusal:
        return await forms.refuse(request, "staff-forgot", refusal, "/admin/forgot", kept)
    return await forms.refuse(request, "staff-forgot", "staff_reset_sent", "/admin/forgot", kept)


@access(PUBLIC)
async def join(request: Request) -> Response:
    """The button behind an invitation or a forgotten password: one of their own."""
    typed = await forms.fields(request, "token", "password")
    back = f"/admin/join?t={typed['token']}" if typed["token"].isalnum() else "/admin/join"
    try:
        purpose = await forms.ask(purpose_of, typed["token"])
        link = await forms.ask(links.look, purpose, typed["token"])
        password_hash = await forms.new_hash(typed["password"], link.email)
        await forms.do(staff.choose_password, purpose, typed["token"], password_hash)
    except DomainError as refusal:
        return await forms.refuse(request, "join", refusal, back)
    return forms.go("/admin/sign-in?why=password_changed")


@access(STAFF)
async def change_password(request: Request) -> Response:
    """A new password by one who knows the old one."""
    typed = await forms.fields(request, "current", "password")
    actor = request.state.admitted.staff
    try:
        known: Credentials = await forms.ask(staff.credentials_of, actor.staff_id)
        await forms.do(entry.knock, known.email, address=forms.here(request), kind=Kind.STAFF)
        if not await forms.slowly(passwords.matches, services().settings, typed["current"], known.password_hash):
            raise Invalid("current", "current_wrong")
        await forms.do(entry.right, known.email, kind=Kind.STAFF)
        password_hash = await forms.new_hash(typed["password"], known.email, actor.name)
        await forms.do(staff.change_password, known, password_hash, here=actor.session_id)
    except DomainError as refusal:
        return await forms.refuse(request, "staff-password", refusal, ACCOUNT)
    return await forms.refuse(request, "staff-password", "password_changed", ACCOUNT)


def purpose_of(read: object, token: str) -> Purpose:
    """Which of the two links for a staff's password a token opens. Raises NotAllowed."""
    for purpose in (Purpose.INVITE, Purpose.STAFF_RESET):
        try:
            links.look(read, purpose, token)  # type: ignore[arg-type]
        except NotAllowed:
            continue
        return purpose
    raise NotAllowed("link_ended")


def _owing(request: Request) -> int:
    """Whose second factor may be set up in this session: not of one who owes the code of another. Raises NotAllowed."""
    session = request.state.admitted.signed_in
    if session.stage is Stage.CODE:
        raise NotAllowed()
    return int(session.subject_id)


async def _uri(request: Request) -> str | None:
    try:
        staff_id = _owing(request)
        clinic = await forms.ask(about)
        return await forms.ask(second_factor.enrolment_uri, staff_id, clinic.name if clinic else "Clinic")
    except DomainError:
        return None
