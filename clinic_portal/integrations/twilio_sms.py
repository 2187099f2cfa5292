"""SMS through Twilio. It knows no idempotency key: where an answer was lost, its list is asked before a repeat."""

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from twilio.base.exceptions import TwilioException, TwilioRestException  # type: ignore[import-untyped]
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from clinic_portal.core.settings import Settings
from clinic_portal.messaging.ports import SendFailed, Sms

TIMEOUT_SECONDS = 10
REST_SECONDS, LONG_REST_SECONDS = 30, 300
"""How long the channel rests when Twilio is away; and when the settings or the account are to be put right."""
CLOCKS_DIFFER = timedelta(minutes=1)
_MOST_LISTED = 50
_TOO_MANY, _UNAUTHORISED, _FORBIDDEN = 429, 401, 403
_OF_OURS = frozenset({20003, 20005, 20404, 21212, 21603, 21606, 21660, 21703, 21705})
"""Codes of a wrong sender, service or account: put right in the settings, not in the message."""
_QUEUE_FULL = 21611
_NEVER_ARRIVES = frozenset({"failed", "undelivered", "canceled"})

_SILENT = logging.getLogger("clinic_portal.twilio.wire")  # Twilio's client logs addresses; this logger drops them
_SILENT.disabled = True


class TwilioSms:
    """Sends SMS from the number or messaging service named in the settings."""

    def __init__(self, settings: Settings) -> None:
        sender, public = settings.twilio_from, settings.public_url.rstrip("/")
        self._from = {"messaging_service_sid": sender} if sender.startswith("MG") else {"from_": sender}
        self._told_at = f"{public}/hooks/twilio/status?m=" if public.startswith("https://") else ""
        self._client = Client(
            settings.twilio_account_sid,
            settings.twilio_auth_token.get_secret_value(),
            http_client=_Wire(settings.twilio_api_base),
        )

    def send(self, sms: Sms) -> str:
        """Hand an SMS to Twilio; the id is its SID. Raises SendFailed."""
        found = self._found(sms) if sms.tried_at else None
        if found:
            return found
        asked = {"to": sms.to, "body": sms.body, **self._from}
        if self._told_at:
            asked["status_callback"] = self._told_at + quote(sms.key, safe="@")
        with _translated():
            sent = self._client.messages.create(**asked)
            if not sent.sid:
                raise ValueError("no SID")
        return str(sent.sid)

    def check(self) -> None:
        """Ask Twilio for the newest message, under the settings' credentials. Raises SendFailed."""
        with _translated():
            self._client.messages.list(limit=1)

    def _found(self, sms: Sms) -> str | None:
        """The SID of this very text to this number, if an earlier try arrived after all."""
        assert sms.tried_at is not None
        since = sms.tried_at - CLOCKS_DIFFER
        try:
            with _translated():
                listed = self._client.messages.list(to=sms.to, date_sent_after=since, limit=_MOST_LISTED)
        except SendFailed as failure:
            if failure.reason in ("sms_403", "sms_404"):  # a key that may send and not list
                return None
            # Nothing was handed over by asking.
            raise SendFailed(failure.reason, permanent=False, retry_after_seconds=failure.retry_after_seconds) from None
        same = (one.sid for one in listed if one.body == sms.body and one.status not in _NEVER_ARRIVES)
        return next(same, None)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except TwilioRestException as refusal:
        reason = f"sms_{refusal.code or refusal.status}"
        if refusal.status in (_UNAUTHORISED, _FORBIDDEN) or refusal.code in _OF_OURS:
            raise SendFailed(reason, permanent=False, retry_after_seconds=LONG_REST_SECONDS) from None
        if refusal.code == _QUEUE_FULL:
            raise SendFailed(reason, permanent=False, retry_after_seconds=REST_SECONDS) from None
        raise SendFailed(reason, permanent=True) from None
    except (OSError, ValueError, TwilioException) as fault:
        status = getattr(fault.args[-1] if fault.args else None, "status_code", 0)  # of a list that was refused
        if 400 <= status < 500:
            raise SendFailed(f"sms_{status}", permanent=False, retry_after_seconds=LONG_REST_SECONDS) from None
        if _is_no_connection(fault):
            raise SendFailed("sms_unreachable", permanent=False, retry_after_seconds=REST_SECONDS) from None
        # No answer in time, or one that makes no sense: it may have been taken.
        raise SendFailed("sms_no_answer", permanent=False, is_unknown=True) from None


def _is_no_connection(fault: Exception) -> bool:
    """Whether nothing can have been handed over: no connection came about, or not to Twilio itself."""
    reason = getattr(next(iter(fault.args), None), "reason", None)
    if isinstance(reason, NewConnectionError | ConnectTimeoutError):
        return True
    return isinstance(next(iter(getattr(reason, "args", ())), None), ssl.SSLCertVerificationError)


class _Wire(TwilioHttpClient):  # type: ignore[misc]
    """Twilio's HTTP client with a timeout, another base address if asked, and an eye on "try again later"."""

    def __init__(self, base: str | None) -> None:
        super().__init__(pool_connections=False, timeout=TIMEOUT_SECONDS, logger=_SILENT)
        self._base = urlsplit(base) if base else None

    def request(self, method: str, url: str, *arguments: Any, **named: Any) -> Response:
        if self._base:
            asked = urlsplit(url)
            path = self._base.path.rstrip("/") + asked.path
            url = urlunsplit((self._base.scheme, self._base.netloc, path, asked.query, ""))
        answer: Response = super().request(method, url, *arguments, **named)
        if answer.status_code == _TOO_MANY or answer.status_code >= 500:
            wait = (answer.headers or {}).get("Retry-After", "")
            raise SendFailed(
                f"sms_{answer.status_code}",
                permanent=False,
                retry_after_seconds=int(wait) if wait.isdecimal() else None,
            )
        return answer
