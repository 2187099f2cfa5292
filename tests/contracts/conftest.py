"""What the contract suites share: one message of each kind, free ports, a counterpart."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from clinic_portal.core.settings import Settings
from clinic_portal.messaging.ports import Email, Sms
from tests.contracts.sides import sandbox, side, standin
from tests.contracts.smtp_kit import certificate, relay, serve, smtp

__all__ = ["certificate", "relay", "sandbox", "serve", "side", "smtp", "standin"]


@pytest.fixture
def plain_settings() -> Settings:
    """Settings of a clinic without a database, for senders that need none."""
    return Settings(_env_file=None, database_url="sqlite://")  # type: ignore[call-arg]


@pytest.fixture
def email() -> Callable[..., Email]:
    """Makes an e-mail; each with its own id unless told."""
    made = iter(range(1000))

    def make(**values: object) -> Email:
        given: dict[str, object] = {
            "message_id": f"m{next(made)}@lumen.example",
            "to": "amara@example.org",
            "to_name": "Amara Żółć",
            "from_name": "Lumen, Aesthetics",
            "reply_to": "desk@lumen.example",
            "subject": "Your appointment · Thursday",
            "text": "Żółć, you are booked.\n",
            "html": "<p>Żółć, you are booked.</p>",
            "ics": b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n",
            "headers": {"Auto-Submitted": "auto-generated"},
        }
        return Email(**{**given, **values})  # type: ignore[arg-type]

    return make


@pytest.fixture
def sms() -> Callable[..., Sms]:
    """Makes an SMS; each with its own key unless told."""
    made = iter(range(1000))

    def make(**values: object) -> Sms:
        given: dict[str, object] = {"key": f"k{next(made)}", "to": "+15125550142", "body": "Lumen: 123456 ✓"}
        return Sms(**{**given, **values})  # type: ignore[arg-type]

    return make


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def counterpart() -> Iterator[str]:
    """The address of a strict counterpart of Stripe's and Twilio's APIs, running."""
    script = os.environ.get("CONTRACT_COUNTERPART")
    if not script:
        pytest.skip("CONTRACT_COUNTERPART names no counterpart of Stripe's and Twilio's APIs")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen([sys.executable, script, str(port)], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()  # "counterpart on …"
        base = f"http://127.0.0.1:{port}"
        for _ in range(50):
            try:
                urllib.request.urlopen(f"{base}/_requests", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield base
    finally:
        process.kill()
        process.wait()
