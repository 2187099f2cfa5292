"""What is read out of the mail that comes back, and what out of junk."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_portal.integrations import bounces
from clinic_portal.messaging.types import Bounce
from tests.bounce_kit import HEADERS_ALONE, WHOLE, report

pytestmark = pytest.mark.req("B6")
ID = "a-b_c.1@lumen.example"


@pytest.mark.parametrize("returned", [WHOLE, HEADERS_ALONE])
@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
def test_a_report_names_our_message_and_what_was_wrong(returned: str, newline: bytes) -> None:
    raw = report(ID, returned=returned).replace(b"\r\n", newline)
    assert bounces.read(raw) == Bounce(ID, "5.1.1", "failed")


def test_a_report_that_returns_nothing_is_known_by_what_it_answers() -> None:
    raw = report(ID, returned="Content-Type: text/plain\n\nnothing\n")
    assert bounces.read(raw) is None
    assert bounces.read(f"In-Reply-To: <{ID}>\r\n".encode() + raw) == Bounce(ID, "5.1.1", "failed")


@pytest.mark.parametrize(
    ("status", "action", "diagnostic", "told"),
    [
        ("4.4.1", "delayed", "host not reached", ("4.4.1", "delayed")),
        ("4.4.7", "failed", "gave up after five days", ("4.4.7", "failed")),
        ("5.2.2 (mailbox full)", "Failed", "", ("5.2.2", "failed")),
        ("2.0.0", "relayed", "", ("2.0.0", "relayed")),
        ("", "failed", "550-5.1.10 no MX", ("5.1.10", "failed")),
        ("nonsense", "failed", "nonsense", ("5.0.0", "failed")),
        ("", "delayed", "550 5.1.1 quoted", ("4.0.0", "delayed")),
    ],
)
def test_status_and_action_are_read_as_they_are_written(
    status: str, action: str, diagnostic: str, told: tuple[str, str]
) -> None:
    assert bounces.read(report(ID, status, action, diagnostic=diagnostic)) == Bounce(ID, *told)


def test_of_several_recipients_the_gravest_counts() -> None:
    both = b"Action: delivered\r\nStatus: 2.1.5\r\n\r\nFinal-Recipient: rfc822; b@example.org\r\nAction: failed"
    assert bounces.read(report(ID).replace(b"Action: failed", both)) == Bounce(ID, "5.1.1", "failed")


def test_a_report_within_a_message_that_is_returned_is_no_report() -> None:
    inner = report("other@lumen.example").decode().replace("\r\n", "\n").replace('"B"', '"C"').replace("--B", "--C")
    outer = f'Content-Type: multipart/mixed; boundary="O"\n\n--O\nContent-Type: message/rfc822\n\n{inner}\n--O--\n'
    assert bounces.read(outer.encode()) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"Subject: I am on holiday\r\nIn-Reply-To: <a@lumen.example>\r\n\r\nBack on Monday\r\n",
        report(ID, action="exploded"),
        report("no-at-sign"),
        report(ID)[:200],
        b'Content-Type: multipart/report; boundary="B"\r\n\r\n' + b"--B\r\n" * 50_000,
        b"Content-Type: message/delivery-status\r\n\r\n" * 100,
        (b'Content-Type: multipart/mixed; boundary="B"\r\n\r\n--B\r\n' * 3000),
    ],
)
def test_what_is_no_report_tells_nothing(raw: bytes) -> None:
    assert bounces.read(raw) is None


def test_a_huge_report_is_read_as_far_as_is_needed() -> None:
    assert bounces.read(report(ID) + b"x" * 5_000_000) == Bounce(ID, "5.1.1", "failed")


@given(st.binary(max_size=400), st.integers(0, 900), st.integers(0, 60))
def test_whatever_a_report_is_damaged_with_nothing_breaks(junk: bytes, at: int, less: int) -> None:
    raw = report(ID)
    found = bounces.read(raw[:at] + junk + raw[at + less :])
    assert found is None or isinstance(found, Bounce)
