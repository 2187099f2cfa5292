"""What Twilio tells by itself: proved by its signature over the public address and every field, then read.

The signature holds no time, so an old one can be told again; whatever is told twice changes nothing.
"""

import re
from collections.abc import Sequence
from urllib.parse import unquote

from twilio.request_validator import RequestValidator, get_signature_algorithm  # type: ignore[import-untyped]

from clinic_portal.core.settings import Settings
from clinic_portal.messaging.ports import Incoming, SmsNoticeRefused, Told
from clinic_portal.messaging.types import Fate

_FATES = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), Fate.TAKEN),
    **dict.fromkeys(("delivered", "read"), Fate.DELIVERED),
    **dict.fromkeys(("undelivered", "failed", "canceled"), Fate.FAILED),
}
_KEYWORDS = {"STOP": "stop", "START": "start", "HELP": "help"}
_SID, _E164 = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}"), re.compile(r"\+[1-9][0-9]{1,14}")
_LONGEST = 1600
Fields = Sequence[tuple[str, str]]


class TwilioNotices:
    """Reads notices of one account, posted to our public address."""

    def __init__(self, settings: Settings) -> None:
        self._base = settings.public_url.rstrip("/")
        self._account = settings.twilio_account_sid
        self._validator = RequestValidator(settings.twilio_auth_token.get_secret_value())

    def read_told(self, path: str, fields: Fields, signature: str, signed_how: str = "") -> Told | None:
        """What became of a message; None for a state that says nothing. Raises SmsNoticeRefused."""
        given = self._proved(path, fields, signature, signed_how)
        fate = _FATES.get(given.get("MessageStatus", ""))
        if fate is None:
            return None
        code = given.get("ErrorCode", "")
        message_id = unquote(path.partition("?m=")[2])  # however the caller wrote the @
        return Told(message_id, _sid(given), fate, f"sms_{code}" if code.isdecimal() else "sms_undelivered")

    def read_incoming(self, path: str, fields: Fields, signature: str, signed_how: str = "") -> Incoming | None:
        """What somebody replied; None where no number is told. Raises SmsNoticeRefused."""
        given = self._proved(path, fields, signature, signed_how)
        number = given.get("From", "")
        if not _E164.fullmatch(number):
            return None
        media = given.get("NumMedia", "0")
        return Incoming(
            sender_id=_sid(given),
            from_address=number,
            body=given.get("Body", "").replace("\x00", "")[:_LONGEST],
            keyword=_KEYWORDS.get(given.get("OptOutType", "").upper()),
            media=int(media) if media.isdecimal() and len(media) < 3 else 0,
        )

    def _proved(self, path: str, fields: Fields, signature: str, signed_how: str) -> dict[str, str]:
        algorithm = get_signature_algorithm(signed_how)
        url = f"{self._base}{path}"
        if not self._validator.validate(url, _Fields(fields), signature, algorithm):
            raise SmsNoticeRefused("signature")
        given = dict(fields)
        if given.get("AccountSid") != self._account:
            raise SmsNoticeRefused("another_account")
        return given


class _Fields(dict[str, str]):
    """A form's fields as Twilio's validator asks for them: a name may stand there more than once."""

    def __init__(self, fields: Fields) -> None:
        super().__init__(fields)
        self._fields = fields

    def getlist(self, name: str) -> list[str]:
        """All values of a name."""
        return [value for known, value in self._fields if known == name]


def _sid(given: dict[str, str]) -> str:
    found = given.get("MessageSid") or given.get("SmsSid", "")
    if not _SID.fullmatch(found):
        raise SmsNoticeRefused("unreadable")
    return found
