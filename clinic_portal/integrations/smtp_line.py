"""One connection to an SMTP relay, in which every step ends in time, however slowly the relay speaks.

What a refusal means depends on the step: a greeting, a sign-in or a sender refused concerns every message, and the
whole channel rests; a recipient or the text of one message concerns that one alone. Once the dot that ends a message
is on its way and no answer comes, nobody knows whether it was taken.
"""

import io
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from clinic_portal.core.settings import Settings
from clinic_portal.messaging.ports import SendFailed
from clinic_portal.messaging.types import GONE, bounced

CONNECT_SECONDS = 10
STEP_SECONDS = 15
MESSAGE_SECONDS = 45
"""The longest one message may take, from the first word to the last; well within a lease of the outbox."""
REST_SECONDS, LONG_REST_SECONDS = 30, 300
"""How long the channel rests when the relay is away or busy; and when the settings are to be put right."""
TLS_FROM_THE_START = 465
_CLOSING = 421
_SIGN_IN = frozenset({530, 534, 535, 538})
_STATUS = re.compile(rb"\b5\.\d{1,3}\.\d{1,3}\b")
_DOT = re.compile(rb"^\.", re.MULTILINE)


class LineDead(Exception):
    """The relay ended a connection before a message began; another connection may do."""


class Line:
    """A connection, signed in and ready, with `ends` to open it by. Raises SendFailed when there is none to be had."""

    def __init__(self, settings: Settings, tls: ssl.SSLContext, *, ends: float) -> None:
        self.idle_since = 0.0
        self.used = 0
        self._ends = ends
        with _definite():
            relay = _connected(self, settings, tls)
        try:
            with _definite():
                if settings.smtp_starttls and settings.smtp_port != TLS_FROM_THE_START:
                    relay.starttls(context=tls)
                if settings.smtp_username:
                    relay.login(settings.smtp_username, settings.smtp_password.get_secret_value())
                else:
                    relay.ehlo_or_helo_if_needed()
        except BaseException:
            relay.close()
            raise
        self._relay = relay

    def send(self, sender: str, to: str, body: bytes, *, ends: float) -> None:
        """Hand a message over; `body` ends its lines in CR LF. Raises SendFailed, or LineDead where nothing was."""
        self._ends = ends
        self.used += 1
        with _definite(is_old=self.used > 1):
            code, said = self._relay.mail(sender)
            if code != 250:
                raise _of_channel(code)
            code, said = self._relay.rcpt(to)
            if code not in (250, 251):
                raise _of_message(code, said)
            code, said = self._relay.docmd("DATA")
            if code != 354:
                raise _of_message(code, said)
        with _definite():
            self._relay.send(_DOT.sub(b"..", body))
        try:
            self._relay.send(b".\r\n")
            code, said = self._relay.getreply()
        except (OSError, ValueError):
            raise SendFailed("smtp_no_answer", permanent=False, is_unknown=True) from None
        if code != 250:
            raise _of_message(code, said)

    def is_sound(self) -> bool:
        """Whether the relay forgets the message that was refused, and takes another."""
        self._ends = time.monotonic() + 5
        try:
            return self._relay.rset()[0] == 250
        except (OSError, ValueError):
            return False

    def close(self) -> None:
        """Say goodbye; whatever goes wrong then changes nothing."""
        self._ends = time.monotonic() + 2
        with suppress(Exception):
            self._relay.docmd("QUIT")
        self._relay.close()

    def seconds_left(self) -> float:
        """How long the next word may take. Raises TimeoutError when all the time is spent."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, STEP_SECONDS)


class _Timely(smtplib.SMTP):
    """The library's client, with an end to each answer as a whole and not only to each of its bytes."""

    def __init__(self, line: Line, host: str, port: int) -> None:
        self._line = line
        super().__init__(host, port, timeout=min(CONNECT_SECONDS, line.seconds_left()))

    def getreply(self) -> tuple[int, bytes]:
        """The relay's next answer."""
        if self.file is None and self.sock is not None:
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.file = io.BufferedReader(_Incoming(self._line, self.sock))
        return super().getreply()

    def send(self, s: Any) -> None:
        """Words or bytes to the relay."""
        if self.sock is not None:
            self.sock.settimeout(self._line.seconds_left())
        super().send(s)


class _TimelyTls(_Timely, smtplib.SMTP_SSL):
    def __init__(self, line: Line, host: str, port: int, tls: ssl.SSLContext) -> None:
        self._line = line
        smtplib.SMTP_SSL.__init__(self, host, port, timeout=min(CONNECT_SECONDS, line.seconds_left()), context=tls)


class _Incoming(io.RawIOBase):
    """What the relay says, byte by byte if it must be, but only until the time is spent."""

    def __init__(self, line: Line, sock: socket.socket) -> None:
        self._line, self._sock = line, sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._line.seconds_left())
        return self._sock.recv_into(buffer)


def _connected(line: Line, settings: Settings, tls: ssl.SSLContext) -> _Timely:
    if settings.smtp_port == TLS_FROM_THE_START:
        return _TimelyTls(line, settings.smtp_host, settings.smtp_port, tls)
    return _Timely(line, settings.smtp_host, settings.smtp_port)


@contextmanager
def _definite(*, is_old: bool = False) -> Iterator[None]:
    """Faults of a step at which nothing was sent yet; a connection used before may just have ended meanwhile."""
    try:
        yield
    except SendFailed as refusal:
        if is_old and refusal.reason == f"smtp_{_CLOSING}":
            raise LineDead from None
        raise
    except ssl.SSLCertVerificationError:
        raise SendFailed("smtp_certificate", permanent=False, retry_after_seconds=LONG_REST_SECONDS) from None
    except smtplib.SMTPNotSupportedError:
        raise SendFailed("smtp_unsupported", permanent=False, retry_after_seconds=LONG_REST_SECONDS) from None
    except smtplib.SMTPResponseException as refusal:
        raise _of_channel(refusal.smtp_code) from None
    except (OSError, ValueError):  # no connection, no answer in time; smtplib's errors are OSErrors too
        if is_old:
            raise LineDead from None
        raise SendFailed("smtp_unreachable", permanent=False, retry_after_seconds=REST_SECONDS) from None


def _of_channel(code: int) -> SendFailed:
    """A refusal that every message would meet."""
    rest = REST_SECONDS if code < 500 and code not in _SIGN_IN else LONG_REST_SECONDS
    return SendFailed(f"smtp_{code}", permanent=False, retry_after_seconds=rest)


def _of_message(code: int, said: bytes) -> SendFailed:
    """A refusal of this recipient or this text, unless its code tells of us."""
    if code in (_CLOSING, *_SIGN_IN):
        return _of_channel(code)
    status = _STATUS.search(said)
    if 500 <= code < 600 and status and status[0].decode() in GONE:
        return SendFailed(bounced(status[0].decode()), permanent=True)
    return SendFailed(f"smtp_{code}", permanent=500 <= code < 600)
