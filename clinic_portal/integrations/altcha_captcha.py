"""ALTCHA: a small proof of work, made and checked here; no foreign host learns of the visitor."""

import base64
import binascii
import json
from datetime import timedelta
from typing import Any

import altcha

from clinic_portal.accounts.captcha import Solved
from clinic_portal.core import crypto, ids
from clinic_portal.core.clock import Clock
from clinic_portal.core.errors import Invalid
from clinic_portal.core.settings import Settings

LASTS = timedelta(hours=1)  # a form may be left open for a while; what is in it counts once
COST = 5000
LEAST_WORK, MORE_WORK = 50, 200


class AltchaCaptcha:
    """Challenges signed with keys that follow from the installation's."""

    name = field = "altcha"

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        self._secret = crypto.keyed(settings.key, "captcha", "challenge")
        self._key_secret = crypto.keyed(settings.key, "captcha", "key")

    def challenge(self, purpose: str) -> dict[str, Any]:
        """What the widget is to solve, for this purpose.

        When it ends is said in our own field, by our own clock: the library would ask the machine's.
        """
        until = int((self._clock.now() + LASTS).timestamp())
        made = altcha.create_challenge(
            "PBKDF2/SHA-256",
            COST,
            counter=ids.below(MORE_WORK) + LEAST_WORK,
            data={"purpose": purpose, "until": until},
            hmac_secret=self._secret,
            hmac_key_secret=self._key_secret,
        )
        return dict(made.to_dict())

    def check(self, purpose: str, answer: str, *, address: str) -> Solved:
        """Look at an answer. Raises Invalid on `captcha`."""
        if not answer or len(answer) > 4000:
            raise Invalid("captcha", "captcha_missing")
        try:
            payload = json.loads(base64.b64decode(answer, validate=True))
            challenge = payload["challenge"]
            signature, signed = challenge["signature"], challenge["parameters"]["data"]
            meant, until = signed["purpose"], signed["until"]
        except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
            raise Invalid("captcha", "captcha_wrong") from None
        result = altcha.verify_solution(answer, self._secret, hmac_key_secret=self._key_secret)
        if not result.verified or meant != purpose:
            raise Invalid("captcha", "captcha_wrong")
        if until <= self._clock.now().timestamp():
            raise Invalid("captcha", "captcha_old")
        return Solved(crypto.digest(signature))
