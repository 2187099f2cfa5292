"""What the first run says of an installation: whether patients can reach it, and whether they get their codes."""

from __future__ import annotations

import pytest

from clinic_portal.core.settings import Settings
from clinic_portal.web.admin.first_steps import delivery
from clinic_portal.web.setup.views import reach, texts

HERE = "https://book.aurora.example"


def installation(**settings: object) -> Settings:
    return Settings(_env_file=None, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "origin", "level", "word"),
    [
        (HERE, HERE, "good", "encrypted"),
        (f"{HERE}/", HERE, "good", "encrypted"),
        (HERE, "https://other.example", "odd", "another address"),
        (HERE, "", "odd", "another address"),
        ("http://book.aurora.example", "http://book.aurora.example", "bad", "https"),
        ("http://localhost:3000", "http://localhost:3000", "bad", "Only this computer"),
        ("https://192.168.1.7", "https://192.168.1.7", "bad", "Only this computer"),
        ("https://[::1]:3000", "https://[::1]:3000", "bad", "Only this computer"),
        ("https://desk.local", "https://desk.local", "bad", "Only this computer"),
        ("https://93.184.216.34", "https://93.184.216.34", "good", "encrypted"),
    ],
)
def test_an_address_is_said_to_work_only_where_patients_can_open_it(
    address: str, origin: str, level: str, word: str
) -> None:
    found, why = reach(installation(public_url=address), origin)
    assert (found, word in why) == (level, True)


@pytest.mark.parametrize(
    ("mode", "sender", "level", "word"),
    [
        ("demo", "sandbox", "bad", "/demo"),
        ("production", "sandbox", "bad", "connect Twilio"),
        ("production", "twilio", "good", "Twilio"),
    ],
)
def test_texts_that_reach_nobody_are_told_as_such(mode: str, sender: str, level: str, word: str) -> None:
    found, why = texts(installation(mode=mode, sms_sender=sender))
    assert (found, word in why) == (level, True)


@pytest.mark.parametrize(
    ("mode", "email", "sms", "told"),
    [
        ("demo", "sandbox", "sandbox", "This is a rehearsal: e-mails and texts stay here, and are read at /demo."),
        ("demo", "smtp", "sandbox", "This is a rehearsal: texts stay here, and are read at /demo."),
        ("production", "sandbox", "sandbox",
         "E-mails and texts reach nobody yet: whoever runs the server connects SMTP and Twilio."),
        ("production", "sandbox", "twilio", "E-mails reach nobody yet: whoever runs the server connects SMTP."),
        ("production", "smtp", "sandbox", "Texts reach nobody yet: whoever runs the server connects Twilio."),
        ("production", "smtp", "twilio", "E-mails go out by SMTP, texts by Twilio."),
        ("demo", "smtp", "twilio", "E-mails go out by SMTP, texts by Twilio."),
    ],
)  # fmt: skip
def test_the_first_steps_ask_only_for_the_sender_that_is_missing(mode: str, email: str, sms: str, told: str) -> None:
    assert delivery(installation(mode=mode, email_sender=email, sms_sender=sms)) == told
