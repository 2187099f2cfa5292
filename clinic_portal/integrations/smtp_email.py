"""E-mail through an SMTP relay, which signs it (DKIM). Without TLS nothing is sent unless settings say so."""

import smtplib
import ssl
from contextlib import suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from clinic_portal.core.clock import Clock
from clinic_portal.core.settings import Settings
from clinic_portal.messaging.calendar import FILE_NAME
from clinic_portal.messaging.ports import Email, SendFailed

TIMEOUT_SECONDS = 15
_TLS_FROM_THE_START = 465


class SmtpEmail:
    """Sends e-mail through the relay named in the settings; one connection for each message."""

    def __init__(self, settings: Settings, clock: Clock, *, tls: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._tls = tls or ssl.create_default_context()

    def send(self, email: Email) -> str:
        """Hand an e-mail to the relay; the id is its Message-ID. Raises SendFailed."""
        try:
            message = self.compose(email)
            sender, to = self._settings.email_from, _envelope(email.to)
        except (ValueError, MessageError):
            raise SendFailed("email_malformed", permanent=True) from None
        try:
            relay = self._connect()
            try:
                relay.send_message(message, from_addr=sender, to_addrs=[to])
            finally:
                with suppress(Exception):  # taken or refused already: a clumsy farewell changes nothing
                    relay.quit()
        except smtplib.SMTPRecipientsRefused as refusal:
            raise _refused(next(iter(refusal.recipients.values()))[0]) from None
        except smtplib.SMTPDataError as refusal:
            raise _refused(refusal.smtp_code) from None
        except smtplib.SMTPResponseException as refusal:
            # A greeting, sign-in or sender refused concerns every message: the settings are to be put right.
            raise SendFailed(f"smtp_{refusal.smtp_code}", permanent=False) from None
        except smtplib.SMTPNotSupportedError:
            raise SendFailed("smtp_unsupported", permanent=False) from None
        except OSError:  # no connection, no valid certificate, no answer in time
            raise SendFailed("smtp_unreachable", permanent=False) from None
        return email.message_id

    def compose(self, email: Email) -> EmailMessage:
        """The message as it goes over the wire. Raises ValueError when a header holds a line break."""
        message = EmailMessage(policy=SMTP)
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

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        host, port = settings.smtp_host, settings.smtp_port
        if port == _TLS_FROM_THE_START:
            relay: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=self._tls)
        else:
            relay = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
        try:
            if settings.smtp_starttls and port != _TLS_FROM_THE_START:
                relay.starttls(context=self._tls)
            if settings.smtp_username:
                relay.login(settings.smtp_username, settings.smtp_password.get_secret_value())
        except BaseException:
            relay.close()
            raise
        return relay


def _envelope(address: str) -> str:
    """An address with its domain as it stands in the DNS, so that any relay takes it. Raises ValueError."""
    local, _, domain = address.rpartition("@")
    if not local or not domain:
        raise ValueError("no address")
    return f"{local}@{domain.encode('idna').decode()}"


def _refused(code: int) -> SendFailed:
    return SendFailed(f"smtp_{code}", permanent=500 <= code < 600)
