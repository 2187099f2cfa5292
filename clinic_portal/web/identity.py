"""Who sends this request: cookies in, digests out. Nothing else of the cookies travels any further (rules 2, 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.types import Scope

from clinic_portal.core import crypto
from clinic_portal.core.settings import Settings

VISITOR, PORTAL, STAFF = "visitor", "portal", "staff"
VISITOR_DAYS = 30
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
_SHORT = {VISITOR: "vref", PORTAL: "pref", STAFF: "sref"}


@dataclass(frozen=True, slots=True)
class Cookies:
    """The SHA-256 of each cookie a browser sent, empty where it sent none."""

    visitor: str = ""
    portal: str = ""
    staff: str = ""


def cookie_name(settings: Settings, which: str) -> str:
    """A cookie's name; the `__Host-` prefix needs TLS."""
    return f"__Host-{which}" if _is_tls(settings) else which


def cookie(settings: Settings, which: str, token: str) -> str:
    """A `Set-Cookie` value. A session's cookie goes with the browser; the visitor's stays for a month."""
    lasts = f"; Max-Age={VISITOR_DAYS * 86400}" if which == VISITOR else ""
    secure = "; Secure" if _is_tls(settings) else ""
    return f"{cookie_name(settings, which)}={token}; Path=/{lasts}; HttpOnly; SameSite=Lax{secure}"


def no_cookie(settings: Settings, which: str) -> str:
    """A `Set-Cookie` value that takes a cookie away."""
    secure = "; Secure" if _is_tls(settings) else ""
    return f"{cookie_name(settings, which)}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{secure}"


def raw(scope: Scope, settings: Settings, which: str) -> str | None:
    """The raw token of a cookie, whatever other sites of the clinic have put beside it."""
    wanted = f"{cookie_name(settings, which)}=".encode()
    for key, value in scope["headers"]:
        for pair in value.split(b";") if key == b"cookie" else ():
            if pair.strip().startswith(wanted):
                token = pair.strip().removeprefix(wanted).decode("latin-1")
                return token if _TOKEN.fullmatch(token) else None
    return None


def cookies_in(scope: Scope, settings: Settings) -> Cookies:
    """The digests of the cookies a request carries."""

    def digest(which: str) -> str:
        token = raw(scope, settings, which)
        return crypto.digest(token) if token else ""

    return Cookies(digest(VISITOR), digest(PORTAL), digest(STAFF))


def header_of(found: Cookies) -> str:
    """The header that Reflex is given in place of the browser's."""
    return "; ".join(f"{short}={getattr(found, which)}" for which, short in _SHORT.items())


def cookies_of(header: str) -> Cookies:
    """Back from that header."""
    pairs = dict(pair.strip().partition("=")[::2] for pair in header.split(";"))
    told = {which: pairs.get(short, "") for which, short in _SHORT.items()}
    return Cookies(**{which: value if re.fullmatch(r"[0-9a-f]{64}", value) else "" for which, value in told.items()})


def address_of(scope: Scope, settings: Settings) -> str:
    """The network address a request came from, behind as many proxies as are trusted."""
    direct = str((scope.get("client") or ("unknown", 0))[0])
    if settings.trusted_proxy_hops < 1:
        return direct
    told = ",".join(value.decode("latin-1") for key, value in scope["headers"] if key == b"x-forwarded-for")
    hops = [one.strip() for one in told.split(",") if one.strip()]
    return hops[-settings.trusted_proxy_hops] if len(hops) >= settings.trusted_proxy_hops else direct


def device_of(scope: Scope) -> str:
    """The browser a request came from, as people call it."""
    return device_called(next((value.decode("latin-1") for key, value in scope["headers"] if key == b"user-agent"), ""))


def device_called(agent: str) -> str:
    """A browser as people call it: `Firefox on Android`; from what it says of itself."""
    browser = next((name for sign, name in _BROWSERS.items() if sign in agent), "A browser")
    system = next((name for sign, name in _SYSTEMS.items() if sign in agent), "an unknown device")
    return f"{browser} on {system}"


def _is_tls(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")
