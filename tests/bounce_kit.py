"""Reports of mail servers about one of our messages, as Postfix and others write them."""

from __future__ import annotations

POSTFIX = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: bounces@lumen.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Description: Notification
Content-Type: text/plain; charset=utf-8

I'm sorry to have to inform you that your message could not be delivered.

--B
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 23 Nov 2026 15:00:00 +0000

Final-Recipient: rfc822; amara@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}

--B
{returned}
--B--
"""
WHOLE = """\
Content-Description: Undelivered Message
Content-Type: message/rfc822

From: hello@lumen.example
To: amara@example.org
Message-ID: <{message_id}>
Subject: Your appointment
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="X"

--X
Content-Type: text/plain

You are booked.
--X--
"""
HEADERS_ALONE = """\
Content-Type: text/rfc822-headers

From: hello@lumen.example
Message-Id: <{message_id}>
Subject: Your appointment
"""


def report(
    message_id: str,
    status: str = "5.1.1",
    action: str = "failed",
    *,
    diagnostic: str = "550 no such user",
    returned: str = WHOLE,
) -> bytes:
    """A report about a message, with line ends as they travel."""
    text = POSTFIX.format(
        action=action, status=status, diagnostic=diagnostic, returned=returned.format(message_id=message_id)
    )
    return text.replace("\n", "\r\n").encode()
