"""What stands between the wire and Reflex: cookies, headers, limits (security rules 2, 4, 5, 6, 7)."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
import time
import urllib.parse
from pathlib import Path

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clinic_portal.core import crypto, ids
from clinic_portal.core.settings import Settings
from clinic_portal.forms.uploads import MOST_BYTES
from clinic_portal.web import identity
from clinic_portal.web.identity import VISITOR

log = logging.getLogger(__name__)
BODY_LIMIT = 64 * 1024
FILE_LIMIT = MOST_BYTES + BODY_LIMIT
TAKES_FILES = frozenset({"/portal/files", "/admin/files", "/admin/pictures"})
HOOKS, HOOK_LIMIT = "/hooks/", 256 * 1024
CLOSED = ("/_upload", "/_all_routes", "/auth-codespace")
_NOTHING = b"default-src 'none'; frame-ancestors 'none'"
_GOOGLE = " https://www.google.com/recaptcha/ https://www.gstatic.com/recaptcha/"
_OF_DOCUMENTS = {b"x-frame-options", b"permissions-policy", b"cross-origin-opener-policy"}
"""What says nothing about a font or a script: left out there, a first visit is two kilobytes lighter."""
_OF_CHANGING = {b"etag", b"last-modified", b"accept-ranges"}
"""What asks whether a file has changed: left out where its name says that it never does, and one kilobyte lighter."""
_SCRIPT = re.compile(rb"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL)


class SessionBinding:
    """The raw cookies never reach Reflex, and a page's state belongs to token *and* cookies (rule 2).

    The websocket's Cookie header is replaced by the cookies' digests, and the client token by an HMAC of all of them:
    a stolen or guessed client token without the cookies opens an empty state, and so does one's own after signing in
    or out.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection (ASGI)."""
        if scope["type"] == "websocket":
            header = identity.header_of(identity.cookies_in(scope, self._settings))
            kept = [(k, v) for k, v in scope["headers"] if k not in (b"cookie", b"authorization")]
            query = urllib.parse.parse_qs(scope["query_string"].decode("latin-1"))
            if "token" in query:
                query["token"] = [crypto.keyed(self._settings.key, "state", query["token"][0], header)[:32]]
            scope = {
                **scope,
                "headers": [*kept, (b"cookie", header.encode())],
                "query_string": urllib.parse.urlencode(query, doseq=True).encode(),
            }
        await self._app(scope, receive, send)


class Bucket:
    """So many at once, so many a second after."""

    def __init__(self, *, burst: int, per_second: int) -> None:
        self._most, self._per_second = float(burst), per_second
        self._left, self._at = self._most, time.monotonic()

    def take(self) -> bool:
        """Whether one more is within the limit."""
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Pace:
    """Ends a websocket that sends more than a person can, be it events or noise (rule 5)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection (ASGI)."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        bucket = Bucket(burst=100, per_second=25)

        async def paced() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and not bucket.take():
                log.warning("ended a websocket: too many from one connection")
                return {"type": "websocket.disconnect", "code": 1008}
            return message

        await self._app(scope, paced, send)


class VisitorCookie:
    """Gives every browser that loads a page a random pre-session cookie (rule 4)."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection (ASGI)."""
        if scope["type"] != "http" or scope["method"] != "GET" or identity.raw(scope, self._settings, VISITOR):
            await self._app(scope, receive, send)
            return

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_html(message):
                cookie = identity.cookie(self._settings, VISITOR, ids.token())
                message = {**message, "headers": [*message["headers"], (b"set-cookie", cookie.encode())]}
            await send(message)

        await self._app(scope, receive, with_cookie)


class Headers:
    """The security headers of every response (rule 7), and how long what may be kept."""

    def __init__(self, app: ASGIApp, settings: Settings, pages: Path) -> None:
        self._app = app
        self._hashes = {path: _hashes(path.read_bytes()) for path in pages.rglob("*.html")}
        self._pages = pages
        self._every = sorted({one for hashes in self._hashes.values() for one in hashes})
        hosts = " ".join(origin.replace("http", "ws", 1) for origin in settings.origins)
        self._connect = f"'self' {hosts}"
        self._captcha = _GOOGLE if settings.captcha == "recaptcha" else ""
        self._always = {
            b"x-content-type-options": b"nosniff",
            b"referrer-policy": b"same-origin",
            b"cross-origin-opener-policy": b"same-origin",
            b"x-frame-options": b"DENY",
            b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
        }
        if settings.public_url.startswith("https://"):
            self._always[b"strict-transport-security"] = b"max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = {k.lower() for k, _ in message["headers"]}
                is_file = b"etag" in sent and not _is_html(message)
                ours = {k: v for k, v in self._always.items() if not (is_file and k in _OF_DOCUMENTS)}
                ours[b"content-security-policy"] = self._policy(path).encode() if _is_html(message) else _NOTHING
                if _is_html(message):
                    ours[b"cache-control"] = b"no-store"
                elif b"cache-control" not in sent:
                    ours[b"cache-control"] = _keep(path, is_file=b"etag" in sent)
                if b"content-security-policy" in sent:  # an endpoint knows better: a letter in a frame
                    ours.pop(b"content-security-policy")
                    ours.pop(b"x-frame-options", None)
                unsaid = _OF_CHANGING if b"immutable" in ours.get(b"cache-control", b"") else set()
                kept = [(k, v) for k, v in message["headers"] if k.lower() not in ours and k.lower() not in unsaid]
                message = {**message, "headers": [*kept, *ours.items()]}
            await send(message)

        await self._app(scope, receive, with_headers)

    def _policy(self, path: str) -> str:
        """Inline scripts by hash; inline styles are allowed, because React and emotion write style attributes."""
        page = self._pages / path.strip("/") / "index.html"
        hashes = " ".join(self._hashes.get(page, self._every))
        return (
            f"default-src 'none'; script-src 'self' {hashes}{self._captcha}; style-src 'self' 'unsafe-inline'; "
            f"img-src 'self' data:; font-src 'self'; connect-src {self._connect}; manifest-src 'self'; "
            "worker-src 'self' blob:; "
            f"form-action 'self'; base-uri 'none'; object-src 'none'; frame-src 'self'{self._captcha}; "
            "frame-ancestors 'none'"
        )


class Address:
    """Tells the pages where their server is: the address is a setting, not something to build anew for.

    A page opened at one of the further origins is told that one: the visitor's cookie belongs to its host.
    """

    def __init__(self, app: ASGIApp, settings: Settings, pages: Path) -> None:
        self._app, self._usual = app, _host_of(settings.public_url)
        self._scripts = {}
        for script in pages.glob("assets/reflex-env-*.js"):
            for origin in settings.origins:
                told = re.sub(r"https?://[^/`\"']+", origin, script.read_text())
                told = re.sub(r"wss?://[^/`\"']+", origin.replace("http", "ws", 1), told)
                self._scripts[f"/assets/{script.name}", _host_of(origin)] = told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection (ASGI)."""
        if scope["type"] == "http" and (path := scope["path"], self._usual) in self._scripts:
            host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
            script = self._scripts.get((path, host)) or self._scripts[path, self._usual]
            headers = {"cache-control": "no-cache"}  # its name says nothing of the settings told in it
            await Response(script, media_type="text/javascript", headers=headers)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _host_of(origin: str) -> str:
    return urllib.parse.urlsplit(origin).netloc


class Limits:
    """Closes the framework routes nobody needs, refuses big bodies, and spares a redirect to `/page/`.

    (That redirect also downgrades https to http behind a proxy.)
    """

    def __init__(self, app: ASGIApp, pages: Path) -> None:
        self._app = app
        self._pages = {"/" + str(p.parent.relative_to(pages)) for p in pages.rglob("index.html")} - {"/."}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if path.startswith(CLOSED):
            await PlainTextResponse("Not found", 404)(scope, receive, send)
            return
        limit = FILE_LIMIT if path in TAKES_FILES else HOOK_LIMIT if path.startswith(HOOKS) else BODY_LIMIT
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > limit or _is_chunked(scope):
            await PlainTextResponse("That is more than this page takes.", 413)(scope, receive, send)
            return
        if path in self._pages:
            scope = {**scope, "path": f"{path}/", "raw_path": f"{path}/".encode()}
        await self._app(scope, _bounded(receive, limit), send)


def _keep(path: str, *, is_file: bool) -> bytes:
    """How long a browser may keep what is not a page: built files carry a hash in their names, fonts hardly change."""
    if not is_file:
        return b"no-store"
    if path.startswith("/assets/"):
        return b"public, max-age=31536000, immutable"
    return b"public, max-age=2592000" if path.startswith("/fonts/") else b"no-cache"


def _is_chunked(scope: Scope) -> bool:
    return b"chunked" in dict(scope["headers"]).get(b"transfer-encoding", b"").lower()


def _bounded(receive: Receive, limit: int) -> Receive:
    """A body that says nothing of its length, as HTTP/2 allows, ends at the limit too."""
    left = limit

    async def bounded() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        return message if left >= 0 else {"type": "http.disconnect"}

    return bounded


def _is_html(message: Message) -> bool:
    return any(k.lower() == b"content-type" and v.startswith(b"text/html") for k, v in message["headers"])


def _hashes(html: bytes) -> list[str]:
    found = []
    for script in _SCRIPT.finditer(html):
        if b"src=" not in script["attributes"] and script["body"]:
            found.append(f"'sha256-{base64.b64encode(hashlib.sha256(script['body']).digest()).decode()}'")
    return found
