"""What messaging needs of the outside: someone who sends e-mail, someone who sends SMS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from clinic_portal.messaging.types import Fate


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail ready to be sent. `message_id` (without angle brackets) is the same when it is sent again.

    `ics` is a calendar file whose METHOD is `method`; it travels both inline and as an attachment.
    """

    message_id: str
    to: str
    to_name: str
    from_name: str
    reply_to: str
    subject: str
    text: str
    html: str
    ics: bytes | None = None
    method: str = "REQUEST"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sms:
    """A text message ready to be sent; `to` is E.164, `key` is the same when the send is repeated.

    `tried_at` is when it was first tried, where nobody knows whether that arrived: the sender looks first, if it can.
    """

    key: str
    to: str
    body: str
    tried_at: datetime | None = None


class SendFailed(Exception):
    """A message was not taken. `reason` is a code, no personal data.

    `permanent`: trying this message again is useless. `is_unknown`: it was handed over and no answer came, so it may
    have been taken. `retry_after_seconds`: the whole channel is to be left alone for so long.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool,
        is_unknown: bool = False,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.is_unknown = is_unknown
        self.retry_after_seconds = retry_after_seconds


class EmailSender(Protocol):
    """Sends e-mail."""

    def send(self, email: Email) -> str:
        """Hand an e-mail over; the sender's own id for it. Raises SendFailed."""

    def check(self) -> None:
        """Come as far as can be without sending anything. Raises SendFailed."""

    def close(self) -> None:
        """Let go of what is kept open for further e-mails."""


class SmsSender(Protocol):
    """Sends SMS."""

    def send(self, sms: Sms) -> str:
        """Hand an SMS over; the sender's own id for it. Raises SendFailed."""

    def check(self) -> None:
        """Come as far as can be without sending anything. Raises SendFailed."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the SMS service says of a message: our id of it, its own, and for a failure why, as a code."""

    message_id: str
    sender_id: str
    fate: Fate
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A text message that came in. `keyword` (stop, start, help) where the service itself took it for one."""

    sender_id: str
    from_address: str  # E.164
    body: str
    keyword: str | None = None
    media: int = 0  # pictures and the like that came with it, and stay where they are


class SmsNoticeRefused(Exception):
    """A notice that the SMS service did not sign, or that makes no sense. Its text is a code."""


class SmsNotices(Protocol):
    """Proves and reads what an SMS service tells by itself; `path` as it was asked for, with its query."""

    def read_told(
        self, path: str, fields: Sequence[tuple[str, str]], signature: str, signed_how: str = ""
    ) -> Told | None:
        """What became of a message; None for what says nothing. Raises SmsNoticeRefused."""

    def read_incoming(
        self, path: str, fields: Sequence[tuple[str, str]], signature: str, signed_how: str = ""
    ) -> Incoming | None:
        """What somebody replied; None where nobody can be told from it. Raises SmsNoticeRefused."""


@dataclass(frozen=True, slots=True)
class Senders:
    """The senders of one installation."""

    email: EmailSender
    sms: SmsSender

    def close(self) -> None:
        """Let go of what is kept open for further messages."""
        self.email.close()
