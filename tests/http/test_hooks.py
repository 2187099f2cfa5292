"""The door where a gateway tells things by itself: only what it signed comes in, and each once (B7)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from clinic_portal.integrations.notice_seals import seal
from clinic_portal.integrations.sandbox import notices
from tests.site import Site

DOOR = "/hooks/sandbox"
pytestmark = pytest.mark.req("B7")


def notice(name: str, kind: str = "payment_intent.succeeded") -> bytes:
    thing = {"id": "pi_sandbox_1", "object": "payment_intent", "metadata": {"payment_id": "7"}}
    told = {"id": f"evt_{name}", "type": kind, "created": 1_795_000_000, "data": {"object": thing}}
    return json.dumps(told).encode()


class Outside:
    """A machine elsewhere: no cookie, no origin."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.client = httpx.Client(base_url=site.url, timeout=20)

    def signature(self, body: bytes, late: timedelta = timedelta(0)) -> str:
        return seal(body, notices.secret(self.site.settings), self.site.clock.now() - late)

    def posts(self, body: bytes, signature: str | None = None) -> httpx.Response:
        signed = self.signature(body) if signature is None else signature
        return self.client.post(DOOR, content=body, headers={"stripe-signature": signed})

    def kept(self, name: str) -> int:
        return self.count("SELECT count(*) FROM gateway_notice WHERE id = :it", f"evt_{name}")

    def asked(self, name: str) -> int:
        return self.count("SELECT count(*) FROM outbox WHERE dedupe_key = :it", f"payment.notice:evt_{name}")

    def count(self, query: str, it: str) -> int:
        with self.site.services.database.reading() as session:
            return int(session.execute(text(query), {"it": it}).scalar_one())


@pytest.fixture
def outside(site: Site, fresh: None) -> Iterator[Outside]:
    made = Outside(site)
    yield made
    made.client.close()


def test_a_signed_notice_is_kept_and_left_to_the_worker(outside: Outside) -> None:
    answer = outside.posts(notice("new"))
    assert (answer.status_code, answer.content) == (200, b"")
    assert (outside.kept("new"), outside.asked("new")) == (1, 1)


def test_a_repeated_notice_is_answered_alike_and_changes_nothing(outside: Outside) -> None:
    answers = [outside.posts(notice("twice")).status_code for _ in range(3)]
    assert answers == [200, 200, 200]
    assert (outside.kept("twice"), outside.asked("twice")) == (1, 1)


def test_a_notice_of_no_concern_is_taken_and_not_kept(outside: Outside) -> None:
    assert outside.posts(notice("else", "customer.created")).status_code == 200
    assert outside.kept("else") == 0


@pytest.mark.parametrize("signature", ["", "t=1", "v1=00", "t=1,v1=00", "nonsense", "t=x,v1=y", "t=,v1="])
def test_a_forged_notice_is_refused_without_a_word(outside: Outside, signature: str) -> None:
    answer = outside.posts(notice("forged"), signature)
    assert (answer.status_code, answer.content) == (400, b"")
    assert outside.kept("forged") == 0


def test_a_notice_without_any_signature_is_refused(outside: Outside) -> None:
    assert outside.client.post(DOOR, content=notice("bare")).status_code == 400


def test_a_tampered_notice_is_refused(outside: Outside) -> None:
    signature = outside.signature(notice("mine"))
    assert outside.posts(notice("yours"), signature).status_code == 400
    assert outside.kept("yours") == 0


def test_a_notice_signed_more_than_five_minutes_ago_is_refused(outside: Outside) -> None:
    body = notice("old")
    assert outside.posts(body, outside.signature(body, timedelta(seconds=310))).status_code == 400
    assert outside.kept("old") == 0


def test_a_replayed_notice_is_heard_once(outside: Outside) -> None:
    body = notice("replayed")
    signature = outside.signature(body, timedelta(seconds=200))
    assert [outside.posts(body, signature).status_code for _ in range(2)] == [200, 200]
    assert outside.asked("replayed") == 1


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"null", b'{"id": "evt_odd"}', b"\xff\xfe"])
def test_a_signed_body_that_makes_no_sense_is_refused(outside: Outside, body: bytes) -> None:
    assert outside.posts(body).status_code == 400


def test_a_body_of_any_size_a_gateway_sends_comes_in(outside: Outside) -> None:
    assert outside.posts(notice("wide") + b" " * 200_000).status_code == 200


def test_a_huge_body_is_refused_unread(outside: Outside) -> None:
    assert outside.posts(notice("huge") + b" " * 300_000).status_code == 413
    assert outside.kept("huge") == 0


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_nothing_but_a_post_is_heard(outside: Outside, method: str) -> None:
    assert outside.client.request(method, DOOR).status_code in (404, 405)


def test_the_other_gateways_door_does_not_exist(outside: Outside) -> None:
    body = notice("elsewhere")
    answer = outside.client.post("/hooks/stripe", content=body, headers={"stripe-signature": outside.signature(body)})
    assert answer.status_code in (404, 405)
    assert outside.kept("elsewhere") == 0
