"""The doors where the SMS service tells what became of a message and what people reply: only what it signed."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from clinic_portal.messaging import unreachable
from clinic_portal.messaging.models import Reply
from clinic_portal.messaging.types import Channel
from tests import factories
from tests.site import Site, running

ACCOUNT, TOKEN = "AC" + "a" * 32, "a token of this test"
INBOUND, STATUS = "/hooks/twilio/inbound", "/hooks/twilio/status"
pytestmark = pytest.mark.req("P14")


@pytest.fixture(scope="module")
def texting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A clinic that sends its texts by Twilio (and none in these tests)."""
    told = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN, "twilio_from": "+15125550100"}
    yield from running(tmp_path_factory.mktemp("texting"), sms_sender="twilio", worker="separate", **told)


def posts(site: Site, path: str, *, sid: str, signature: str | None = None, **fields: str) -> httpx.Response:
    given = {"AccountSid": ACCOUNT, "MessageSid": sid, **fields}
    proof = (
        str(RequestValidator(TOKEN).compute_signature(f"{site.url}{path}", given)) if signature is None else signature
    )
    sent = {"content": urlencode(given), "headers": {"x-twilio-signature": proof, "content-type": FORM}}
    return httpx.post(f"{site.url}{path}", **sent, timeout=20)  # type: ignore[arg-type]


FORM = "application/x-www-form-urlencoded"


def test_a_signed_reply_is_kept_and_nothing_is_said_back(texting: Site) -> None:
    answer = posts(texting, INBOUND, sid="SM" + "1" * 32, From="+15125550142", Body="Running late", NumMedia="")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert answer.text.endswith("<Response/>")
    assert [one.from_address for one in factories.rows(texting.services, Reply)].count("+15125550142") == 1


def test_stop_holds_at_once(texting: Site) -> None:
    posts(texting, INBOUND, sid="SM" + "2" * 32, From="+15125550143", Body="STOP")
    found = texting.services.ask(unreachable.silence, Channel.SMS, "+15125550143")
    assert found is not None
    assert found.reason == "stop"


@pytest.mark.parametrize("path", [INBOUND, STATUS])
@pytest.mark.parametrize("signature", ["nonsense", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "="])
def test_what_is_not_signed_is_refused_without_a_word(texting: Site, path: str, signature: str) -> None:
    known = len(factories.rows(texting.services, Reply))
    fields = {"From": "+15125550144", "Body": "STOP", "MessageStatus": "delivered"}
    answer = posts(texting, path, sid="SM" + "3" * 32, signature=signature, **fields)
    assert (answer.status_code, answer.content) == (403, b"")
    assert len(factories.rows(texting.services, Reply)) == known


def test_what_is_too_long_to_be_true_is_refused(texting: Site) -> None:
    answer = posts(texting, INBOUND, sid="SM" + "4" * 32, From="+15125550145", Body="x" * 20_000)
    assert answer.status_code == 403


def test_a_status_of_no_message_of_ours_is_answered_like_any_other(texting: Site) -> None:
    answer = posts(texting, f"{STATUS}?m=nobody@example.org", sid="SM" + "5" * 32, MessageStatus="delivered")
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_clinic_that_texts_by_nobody_has_no_such_door(site: Site, fresh: None) -> None:
    assert httpx.post(f"{site.url}{INBOUND}", timeout=20).status_code in (403, 404, 405)
