"""A real SMTP server with TLS, and a sender that trusts it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from clinic_portal.core.clock import FixedClock
from clinic_portal.core.settings import Settings
from clinic_portal.integrations.smtp_email import SmtpEmail


@dataclass
class Relay:
    """A real SMTP server that keeps what it gets and answers recipients as told."""

    kept: list[Envelope] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    after_data: str = "250 2.0.0 taken"
    connections: int = 0

    async def handle_RCPT(  # noqa: N802 - the server's name for it
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.after_data.startswith("2"):
            self.kept.append(envelope)
        return self.after_data

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(one.content or b"", policy=default) for one in self.kept]  # type: ignore[misc, arg-type]


class Counting(Controller):
    """Counts the connections that are opened."""

    def factory(self) -> Any:
        self.handler.connections += 1
        return super().factory()

    def _trigger_server(self) -> None:
        """A connection of its own, which is none of the sender's."""
        super()._trigger_server()
        self.handler.connections = 0


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of our own for 127.0.0.1, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "relay.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


@pytest.fixture
def relay() -> Relay:
    return Relay()


@pytest.fixture
def serve(relay: Relay, certificate: Path, free_port: int) -> Iterator[Callable[..., int]]:
    """Starts the relay with TLS unless told otherwise; returns its port."""
    running: list[Controller] = []

    def start(*, with_tls: bool = True, **options: Any) -> int:
        if with_tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            options |= {"tls_context": context, "require_starttls": True}
        controller = Counting(relay, hostname="127.0.0.1", port=free_port, **options)
        controller.start()
        running.append(controller)
        return free_port

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture
def smtp(plain_settings: Settings, clock: FixedClock, certificate: Path) -> Iterator[Callable[..., SmtpEmail]]:
    """Makes a sender that trusts the relay's certificate, unless told otherwise."""
    made: list[SmtpEmail] = []

    def make(port: int, *, trusts: bool = True, **values: Any) -> SmtpEmail:
        changed = {"smtp_host": "127.0.0.1", "smtp_port": port, "email_from": "hello@lumen.example", **values}
        settings = plain_settings.model_copy(update=changed)
        tls = ssl.create_default_context(cafile=str(certificate)) if trusts else None
        made.append(SmtpEmail(settings, clock, tls=tls))
        return made[-1]

    yield make
    for sender in made:
        sender.close()
