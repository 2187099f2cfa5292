"""Google reCAPTCHA v2: Google sees every visitor of a form, so it is off by default."""

import http.client
import json
import logging
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from clinic_portal.accounts.captcha import Solved
from clinic_portal.core import crypto
from clinic_portal.core.errors import Invalid
from clinic_portal.core.settings import Settings

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 3


class Recaptcha:
    """Asks Google about an answer; where Google does not answer, nobody is let through."""

    name = "recaptcha"
    field = "g-recaptcha-response"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def challenge(self, purpose: str) -> dict[str, Any]:
        """The site's key; the widget gets its challenge from Google."""
        return {"sitekey": self._settings.recaptcha_site_key}

    def check(self, purpose: str, answer: str, *, address: str) -> Solved:
        """Ask Google. Raises Invalid on `captcha`."""
        if not answer or len(answer) > 4000:
            raise Invalid("captcha", "captcha_missing")
        secret = self._settings.recaptcha_secret.get_secret_value()
        form = urllib.parse.urlencode({"secret": secret, "response": answer, "remoteip": address}).encode()
        try:
            with urllib.request.urlopen(self._settings.recaptcha_url, form, timeout=TIMEOUT_SECONDS) as reply:  # noqa: S310 - a setting, not a visitor's
                told = json.loads(reply.read(20_000))
        except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError, RecursionError):
            log.error("reCAPTCHA did not answer")
            raise Invalid("captcha", "captcha_away") from None
        host = urllib.parse.urlsplit(self._settings.public_url).hostname
        if not isinstance(told, dict) or told.get("success") is not True or told.get("hostname") != host:
            raise Invalid("captcha", "captcha_wrong")
        return Solved(crypto.digest(answer))
