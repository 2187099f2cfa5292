"""E-mail through an SMTP relay, which signs it (DKIM). Without TLS nothing is sent unless settings say so.

A few connections stay open for the next messages; one that the relay ended meanwhile is replaced without a word.
"""

import ssl
import threading
import time
from contextlib import suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime

from clinic_portal.core.clock import Clock
from clinic_portal.core.settings import Settings
from clinic_portal.integrations.smtp_line import MESSAGE_SECONDS, Line, LineDead
from clinic_portal.messaging.calendar import FILE_NAME
from clinic_portal.messaging.ports import Email, SendFailed

KEPT_OPEN = 8  # as many as the worker sends side by side
MOST_USES = 100
IDLE_SECONDS = 30


class _Wire(EmailPolicy):
    """How a message is written for the wire. A long address in `List-Unsubscribe` stays as it is: the library would
    encode it as if it were somebody's words, and no mail program would find it again.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        """One header with its line ends."""
        if name.lower().startswith("list-"):
            return f"{name}: {str(value).replace(', ', f',{self.linesep} ')}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


_WIRE = _Wire(linesep=SMTP.linesep, cte_type="7bit")
"""Seven bits: any relay takes it as it is, and no signature breaks on the way."""


class SmtpEmail:
    """Sends e-mail through the relay named in the settings; several threads may send at once."""

    def __init__(self, settings: Settings, clock: Clock, *, tls: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._tls = tls or ssl.create_default_context()
        self._lock = threading.Lock()
        self._free: list[Line] = []
        self._is_closed = False

    def send(self, email: Email) -> str:
        """Hand an e-mail to the relay; the id is its Message-ID. Raises SendFailed."""
        try:
            body = self.compose(email).as_bytes()
            sender, to = self._settings.bounce_address or self._settings.email_from, _envelope(email.to)
        except (ValueError, MessageError):
            raise SendFailed("email_malformed", permanent=True) from None
        ends = time.monotonic() + MESSAGE_SECONDS
        line = self._taken()
        if line is not None:
            with suppress(LineDead):
                self._hand_over(line, sender, to, body, ends)
                return email.message_id
        self._hand_over(Line(self._settings, self._tls, ends=ends), sender, to, body, ends)
        return email.message_id

    def check(self) -> None:
        """Connect and sign in, and send nothing. Raises SendFailed."""
        Line(self._settings, self._tls, ends=time.monotonic() + MESSAGE_SECONDS).close()

    def close(self) -> None:
        """Say goodbye to the relay; what is being sent meanwhile is sent, and its connection not kept."""
        with self._lock:
            self._is_closed = True
            free, self._free = self._free, []
        for line in free:
            line.close()

    def compose(self, email: Email) -> EmailMessage:
        """The message as it goes over the wire. Raises ValueError when a header holds a line break."""
        message = EmailMessage(policy=_WIRE)
        message["From"] = Address(email.from_name, addr_spec=self._settings.email_from)
        message["To"] = Address(email.to_name, addr_spec=_envelope(email.to))
        if email.reply_to:
            message["Reply-To"] = Address(email.from_name, addr_spec=email.reply_to)
        message["Subject"] = email.subject
        message["Message-ID"] = f"<{email.message_id}>"
        message["Date"] = format_datetime(self._clock.now())
        for name, value in email.headers.items():
            message[name] = value
        message.set_content(email.text)
        message.add_alternative(email.html, subtype="html")
        if email.ics:
            calendar = email.ics.decode()
            message.add_alternative(calendar, subtype="calendar", cte="base64", params={"method": email.method})
            message.add_attachment(email.ics, "application", "ics", filename=FILE_NAME)
        return message

    def _hand_over(self, line: Line, sender: str, to: str, body: bytes, ends: float) -> None:
        try:
            line.send(sender, to, body, ends=ends)
        except SendFailed as refusal:
            # Of one message alone: the connection is good for the next.
            is_of_one = not refusal.is_unknown and refusal.retry_after_seconds is None
            self._give_back(line, is_sound=is_of_one and line.is_sound())
            raise
        except BaseException:
            line.close()
            raise
        self._give_back(line)

    def _taken(self) -> Line | None:
        """An open connection for this message alone; the one used last, so that the others may end."""
        oldest = time.monotonic() - IDLE_SECONDS
        with self._lock:
            stale = [one for one in self._free if one.idle_since < oldest]
            self._free = [one for one in self._free if one.idle_since >= oldest]
            line = self._free.pop() if self._free else None
        for one in stale:
            one.close()
        return line

    def _give_back(self, line: Line, *, is_sound: bool = True) -> None:
        line.idle_since = time.monotonic()
        if is_sound and line.used < MOST_USES:
            with self._lock:
                if not self._is_closed and len(self._free) < KEPT_OPEN:
                    self._free.append(line)
                    return
        line.close()


def _envelope(address: str) -> str:
    """An address with its domain as it stands in the DNS, so that any relay takes it. Raises ValueError."""
    local, _, domain = address.rpartition("@")
    if not local or not domain or not local.isascii():
        raise ValueError("no address")
    return f"{local}@{domain.encode('idna').decode()}"
