"""The mailbox in which reports about e-mail that came back arrive, read over IMAP with TLS; a mailbox for nothing else.

What was looked at is marked as seen, after what it told is written down: killed in between, it is looked at again, and
told again, which changes nothing.
"""

import imaplib
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from clinic_portal.core.settings import Settings
from clinic_portal.integrations import bounces
from clinic_portal.messaging.types import Bounce

TIMEOUT_SECONDS = 15
MOST_SECONDS = 60
MOST_AT_ONCE = 200
LOOK_EVERY_SECONDS = 120
_TLS_FROM_THE_START = 993


class MailboxAway(Exception):
    """The mailbox cannot be read; `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BounceMailbox:
    """The mailbox named in the settings."""

    def __init__(self, settings: Settings, *, tls: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._tls = tls or ssl.create_default_context()
        self._next_at = 0.0

    def hear_when_due(self, take: Callable[[Bounce], object]) -> int:
        """Look into it if that was not done lately; how many mails were looked at. Raises MailboxAway."""
        if time.monotonic() < self._next_at:
            return 0
        self._next_at = time.monotonic() + LOOK_EVERY_SECONDS
        return self.hear(take)

    def hear(self, take: Callable[[Bounce], object]) -> int:
        """Give what unseen mails tell to `take`, one by one; how many mails were looked at. Raises MailboxAway."""
        ends, seen = time.monotonic() + MOST_SECONDS, 0
        with self._open() as mailbox:
            for uid in _unseen(mailbox)[:MOST_AT_ONCE]:
                if time.monotonic() > ends:
                    break
                bounce = bounces.read(_fetched(mailbox, uid))
                if bounce is not None:
                    take(bounce)
                _ok(mailbox.uid("STORE", uid, "+FLAGS.SILENT", "(\\Seen)"))
                seen += 1
        return seen

    def check(self) -> int:
        """Sign in and open the folder; how many mails wait unseen. Raises MailboxAway."""
        with self._open() as mailbox:
            return len(_unseen(mailbox))

    @contextmanager
    def _open(self) -> Iterator[imaplib.IMAP4]:
        settings = self._settings
        mailbox: imaplib.IMAP4 | None = None
        try:
            with _translated("imap_unreachable"):
                mailbox = self._connected()
            with _translated("imap_sign_in"):
                password = settings.bounce_imap_password.get_secret_value()
                mailbox.login(_quoted(settings.bounce_imap_username), password)
            with _translated("imap_folder"):
                _ok(mailbox.select(_quoted(settings.bounce_imap_folder)))
            with _translated("imap_broken"):
                yield mailbox
        finally:
            if mailbox is not None:
                with suppress(Exception):
                    mailbox.logout()

    def _connected(self) -> imaplib.IMAP4:
        host, port = self._settings.bounce_imap_host, self._settings.bounce_imap_port
        if port == _TLS_FROM_THE_START:
            return imaplib.IMAP4_SSL(host, port, ssl_context=self._tls, timeout=TIMEOUT_SECONDS)
        mailbox = imaplib.IMAP4(host, port, timeout=TIMEOUT_SECONDS)
        try:
            _ok(mailbox.starttls(self._tls))
        except BaseException:
            with suppress(Exception):  # what went wrong before is what counts
                mailbox.shutdown()
            raise
        return mailbox


@contextmanager
def _translated(reason: str) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise MailboxAway("imap_certificate") from None
    except (imaplib.IMAP4.error, OSError, ValueError):
        raise MailboxAway(reason) from None


def _unseen(mailbox: imaplib.IMAP4) -> list[str]:
    found = _ok(mailbox.uid("SEARCH", "UNSEEN"))
    words = found[0].decode("ascii", "replace").split() if found and isinstance(found[0], bytes) else []
    return [one for one in words if one.isdecimal()]


def _fetched(mailbox: imaplib.IMAP4, uid: str) -> bytes:
    """The beginning of a mail, which is all that is needed of it; empty for one that is gone."""
    for part in _ok(mailbox.uid("FETCH", uid, f"(BODY.PEEK[]<0.{bounces.MOST_BYTES}>)")):
        if isinstance(part, tuple) and isinstance(part[1], bytes):
            return part[1]
    return b""


def _ok(answer: tuple[str, Sequence[object]]) -> Sequence[object]:
    state, told = answer
    if state != "OK":
        raise imaplib.IMAP4.error(state)
    return told


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
