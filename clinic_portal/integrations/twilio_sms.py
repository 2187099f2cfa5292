"""SMS through Twilio. It knows no idempotency key: when an answer is lost, a message may go out twice."""

import logging
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from twilio.base.exceptions import TwilioException, TwilioRestException  # type: ignore[import-untyped]
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from clinic_portal.core.settings import Settings
from clinic_portal.messaging.ports import SendFailed, Sms

TIMEOUT_SECONDS = 10
_FAULTS_OF_OURS = {401, 403}  # wrong credentials: put right in the settings, not in the message
_TOO_MANY = 429

_SILENT = logging.getLogger("clinic_portal.twilio.wire")  # Twilio's client logs addresses; this logger drops them
_SILENT.disabled = True


class TwilioSms:
    """Sends SMS from the number or messaging service named in the settings."""

    def __init__(self, settings: Settings) -> None:
        sender = settings.twilio_from
        self._from = {"messaging_service_sid": sender} if sender.startswith("MG") else {"from_": sender}
        self._client = Client(
            settings.twilio_account_sid,
            settings.twilio_auth_token.get_secret_value(),
            http_client=_Wire(settings.twilio_api_base),
        )

    def send(self, sms: Sms) -> str:
        """Hand an SMS to Twilio; the id is its SID. Raises SendFailed."""
        try:
            sent = self._client.messages.create(to=sms.to, body=sms.body, **self._from)
        except TwilioRestException as refusal:
            reason = f"sms_{refusal.code or refusal.status}"
            raise SendFailed(reason, permanent=refusal.status not in _FAULTS_OF_OURS) from None
        except (OSError, ValueError, TwilioException):
            # No connection, no answer in time, or an answer that makes no sense.
            raise SendFailed("sms_unreachable", permanent=False) from None
        return str(sent.sid)


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
