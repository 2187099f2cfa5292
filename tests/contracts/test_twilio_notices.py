"""What Twilio posts to us: believed for its signature alone, over the address patients use and every field."""

from __future__ import annotations

import pytest
from pydantic import SecretStr
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from clinic_portal.core.settings import Settings
from clinic_portal.integrations.twilio_notices import TwilioNotices
from clinic_portal.messaging.ports import SmsNoticeRefused
from clinic_portal.messaging.types import Fate

ACCOUNT, SID, TOKEN = "AC" + "a" * 32, "SM" + "b" * 32, "a token of this test"
SETTINGS = Settings(
    _env_file=None,
    public_url="https://book.example.org",
    sms_sender="twilio",
    twilio_account_sid=ACCOUNT,
    twilio_auth_token=SecretStr(TOKEN),
)
STATUS, INBOUND = "/hooks/twilio/status?m=abc@lumen.example", "/hooks/twilio/inbound"
Fields = list[tuple[str, str]]


def told(**more: str) -> Fields:
    return [("AccountSid", ACCOUNT), ("MessageSid", SID), ("MessageStatus", "delivered"), ("From", ""), *more.items()]


def signed(path: str, fields: Fields, *, token: str = TOKEN, algorithm: str | None = None) -> str:
    return str(RequestValidator(token).compute_signature(f"https://book.example.org{path}", dict(fields), algorithm))


@pytest.fixture
def notices() -> TwilioNotices:
    return TwilioNotices(SETTINGS)


@pytest.mark.parametrize(
    ("status", "fate"),
    [("queued", Fate.TAKEN), ("sent", Fate.TAKEN), ("delivered", Fate.DELIVERED), ("undelivered", Fate.FAILED)],
)
def test_a_signed_status_is_read_with_our_own_id_of_the_message(
    notices: TwilioNotices, status: str, fate: Fate
) -> None:
    fields = [(name, status if name == "MessageStatus" else value) for name, value in told(ErrorCode="30003")]
    found = notices.read_told(STATUS, fields, signed(STATUS, fields))
    assert found is not None
    assert (found.message_id, found.sender_id, found.fate, found.reason) == (
        "abc@lumen.example",
        SID,
        fate,
        "sms_30003",
    )


def test_our_own_id_is_found_however_its_address_was_written(notices: TwilioNotices) -> None:
    fields, path = told(), STATUS.replace("@", "%40")
    found = notices.read_told(path, fields, signed(path, fields))
    assert found is not None
    assert found.message_id == "abc@lumen.example"


def test_a_signature_of_the_newer_kind_is_believed_too(notices: TwilioNotices) -> None:
    fields = told()
    signature = signed(STATUS, fields, algorithm="HMAC_SHA256")
    assert notices.read_told(STATUS, fields, signature, "key=shared,algorithm=HMAC_SHA256") is not None


@pytest.mark.parametrize(
    "forged",
    [
        lambda fields: (STATUS, fields, ""),
        lambda fields: (STATUS, fields, signed(STATUS, fields, token="another")),
        lambda fields: (STATUS, [*fields, ("Extra", "1")], signed(STATUS, fields)),
        lambda fields: (STATUS.replace("abc", "xyz"), fields, signed(STATUS, fields)),
        lambda fields: (STATUS, [one for one in fields if one[0] != "From"] + [("To", "")], signed(STATUS, fields)),
        lambda fields: (INBOUND, fields, signed(STATUS, fields)),
        lambda fields: (STATUS, fields, "é" + signed(STATUS, fields)),
    ],
)
def test_anything_else_is_refused(notices: TwilioNotices, forged: object) -> None:
    path, fields, signature = forged(told())  # type: ignore[operator]
    with pytest.raises(SmsNoticeRefused):
        notices.read_told(path, fields, signature)


def test_another_accounts_notice_is_refused_though_the_token_is_the_same(notices: TwilioNotices) -> None:
    fields = [("AccountSid", "AC" + "f" * 32), *told()[1:]]
    with pytest.raises(SmsNoticeRefused):
        notices.read_told(STATUS, fields, signed(STATUS, fields))


def test_a_state_that_says_nothing_is_nothing(notices: TwilioNotices) -> None:
    fields = [(name, "partially_delivered" if name == "MessageStatus" else value) for name, value in told()]
    assert notices.read_told(STATUS, fields, signed(STATUS, fields)) is None


def test_a_reply_is_read_with_its_number_words_and_what_twilio_made_of_it(notices: TwilioNotices) -> None:
    fields = [
        ("AccountSid", ACCOUNT),
        ("MessageSid", SID),
        ("From", "+15125550142"),
        ("Body", "Stop it 😀" + "x" * 2000),
    ]
    fields += [("OptOutType", "STOP"), ("NumMedia", "2")]
    found = notices.read_incoming(INBOUND, fields, signed(INBOUND, fields))
    assert found is not None
    assert (found.from_address, found.keyword, found.media, len(found.body)) == ("+15125550142", "stop", 2, 1600)


@pytest.mark.parametrize("number", ["", "anonymous", "+", "15125550142", "whatsapp:+15125550142", "+1" + "5" * 20])
def test_a_reply_from_no_number_is_nothing(notices: TwilioNotices, number: str) -> None:
    fields = [("AccountSid", ACCOUNT), ("MessageSid", SID), ("From", number), ("Body", "hello")]
    assert notices.read_incoming(INBOUND, fields, signed(INBOUND, fields)) is None
