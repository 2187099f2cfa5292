"""The mailbox of what came back, on a real IMAP server with TLS."""

from __future__ import annotations

import imaplib
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from clinic_portal.core.settings import Settings
from clinic_portal.integrations import bounce_mailbox
from clinic_portal.integrations.bounce_mailbox import BounceMailbox, MailboxAway
from clinic_portal.messaging.types import Bounce
from tests.bounce_kit import report

pytestmark = pytest.mark.req("B6")


@pytest.fixture(scope="session")
def imap(certificate: Path) -> Iterator[int]:
    """The port of an IMAP server whose user is demouser."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    program = [str(Path(sys.executable).with_name("pymap")), "--host", "127.0.0.1", "--port", str(port)]
    program += ["--cert", str(certificate), "--key", str(certificate)]
    program += ["--no-service", "managesieve", "--no-service", "admin", "dict", "--demo-data"]
    process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def post(imap: int, certificate: Path) -> Iterator[Callable[[bytes], None]]:
    """Puts a mail into the mailbox, in which everything else is seen."""
    with imaplib.IMAP4("127.0.0.1", imap, timeout=10) as client:
        client.starttls(ssl.create_default_context(cafile=str(certificate)))
        client.login("demouser", "demopass")
        client.select("INBOX")
        client.store("1:*", "+FLAGS", "(\\Seen)")
        yield lambda raw: client.append("INBOX", "", "", raw) and None


@pytest.fixture
def mailbox(imap: int, plain_settings: Settings, certificate: Path) -> Callable[..., BounceMailbox]:
    def make(*, trusts: bool = True, **values: Any) -> BounceMailbox:
        given = {
            "bounce_imap_host": "127.0.0.1",
            "bounce_imap_port": imap,
            "bounce_imap_username": "demouser",
            "bounce_imap_password": SecretStr("demopass"),
            **values,
        }
        tls = ssl.create_default_context(cafile=str(certificate)) if trusts else None
        return BounceMailbox(plain_settings.model_copy(update=given), tls=tls)

    return make


def test_each_report_is_heard_once_and_other_mail_is_passed_over(
    mailbox: Callable[..., BounceMailbox], post: Callable[[bytes], None]
) -> None:
    post(report("one@lumen.example"))
    post(b"Subject: Holiday\r\n\r\nBack on Monday\r\n")
    post(report("two@lumen.example", "4.4.1", "delayed"))
    heard: list[Bounce] = []
    assert mailbox().hear(heard.append) == 3
    assert heard == [Bounce("one@lumen.example", "5.1.1", "failed"), Bounce("two@lumen.example", "4.4.1", "delayed")]
    assert mailbox().hear(heard.append) == 0
    assert len(heard) == 2


def test_what_could_not_be_written_down_is_heard_again(
    mailbox: Callable[..., BounceMailbox], post: Callable[[bytes], None]
) -> None:
    post(report("one@lumen.example"))

    def away(bounce: Bounce) -> None:
        raise RuntimeError("the database is away")

    with pytest.raises(RuntimeError):
        mailbox().hear(away)
    heard: list[Bounce] = []
    assert mailbox().hear(heard.append) == 1
    assert len(heard) == 1


def test_a_large_mail_is_not_fetched_whole(
    monkeypatch: pytest.MonkeyPatch, mailbox: Callable[..., BounceMailbox], post: Callable[[bytes], None]
) -> None:
    fetched: list[int] = []
    read = bounce_mailbox.bounces.read
    monkeypatch.setattr(bounce_mailbox.bounces, "read", lambda raw: fetched.append(len(raw)) or read(raw))
    post(report("one@lumen.example") + b"x" * 600_000)
    heard: list[Bounce] = []
    mailbox().hear(heard.append)
    assert fetched == [bounce_mailbox.bounces.MOST_BYTES]
    assert [one.message_id for one in heard] == ["one@lumen.example"]


def test_it_is_looked_into_now_and_then(mailbox: Callable[..., BounceMailbox], post: Callable[[bytes], None]) -> None:
    its, heard = mailbox(), []
    assert its.hear_when_due(heard.append) == 0
    post(report("one@lumen.example"))
    assert its.hear_when_due(heard.append) == 0
    assert its.check() == 1
    assert mailbox().hear_when_due(heard.append) == 1


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"bounce_imap_password": SecretStr("wrong")}, "imap_sign_in"),
        ({"bounce_imap_password": SecretStr("ważne")}, "imap_sign_in"),
        ({"bounce_imap_folder": 'No "such" folder'}, "imap_folder"),
        ({"trusts": False}, "imap_certificate"),
        ({"bounce_imap_port": 1}, "imap_unreachable"),
    ],
)
def test_what_is_wrong_is_told_by_a_code(
    mailbox: Callable[..., BounceMailbox], wrong: dict[str, Any], reason: str
) -> None:
    with pytest.raises(MailboxAway) as away:
        mailbox(**wrong).check()
    assert away.value.reason == reason


def test_a_server_that_says_nothing_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, mailbox: Callable[..., BounceMailbox], post: Callable[[bytes], None]
) -> None:
    monkeypatch.setattr(bounce_mailbox, "TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        held: list[socket.socket] = []
        threading.Thread(target=lambda: held.append(silent.accept()[0]), daemon=True).start()
        with pytest.raises(MailboxAway, match="imap_unreachable"):
            mailbox(bounce_imap_port=silent.getsockname()[1]).check()
        for one in held:
            one.close()
