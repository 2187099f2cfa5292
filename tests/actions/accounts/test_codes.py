"""Codes by SMS: who may try how often, and what the database never holds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_portal.accounts import codes
from clinic_portal.accounts.models import Attempt, OneTimeCode
from clinic_portal.accounts.types import CodeAnswer
from clinic_portal.core import crypto
from clinic_portal.core.errors import TooMany
from tests.factories import MOBILE, code_for, rows

ME = {"purpose": "booking", "owner": "my browser", "phone": MOBILE}


def send(services, address: str = "192.0.2.1", **who: str) -> str:
    services.do(codes.send, **(ME | who), address=address)
    return code_for(services, (ME | who)["owner"])


def answer(services, digits: str, **who: str) -> CodeAnswer:
    return services.do(codes.answer, **(ME | who), digits=digits)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


@pytest.mark.req("S66")
def test_the_right_digits_prove_the_phone_once(services) -> None:
    code = send(services)
    assert len(code) == 6
    assert answer(services, code) is CodeAnswer.RIGHT
    assert answer(services, code) is CodeAnswer.MISSING


@pytest.mark.req("S67")
def test_a_code_lasts_ten_minutes_and_not_a_second_more(services, clock) -> None:
    code = send(services)
    clock.advance(timedelta(minutes=10) - timedelta(seconds=1))
    assert answer(services, wrong(code)) is CodeAnswer.WRONG
    clock.advance(timedelta(seconds=1))
    assert answer(services, code) is CodeAnswer.EXPIRED


@pytest.mark.req("S67")
def test_five_wrong_tries_void_it(services) -> None:
    code = send(services)
    answers = [answer(services, wrong(code)) for _ in range(5)]
    assert answers == [CodeAnswer.WRONG] * 4 + [CodeAnswer.SPENT]
    assert answer(services, code) is CodeAnswer.SPENT


@pytest.mark.req("S67")
def test_a_new_code_voids_the_one_before(services, clock) -> None:
    old = send(services)
    clock.advance(timedelta(seconds=30))
    new = send(services)
    assert old != new
    assert answer(services, old) is CodeAnswer.WRONG
    assert answer(services, new) is CodeAnswer.RIGHT


@pytest.mark.parametrize("other", [{"owner": "another browser"}, {"purpose": "sign-in"}, {"phone": "+15125550199"}])
def test_a_code_is_good_only_for_its_browser_purpose_and_phone(services, other: dict[str, str]) -> None:
    code = send(services)
    assert answer(services, code, **other) is CodeAnswer.MISSING


def test_another_code_may_be_asked_for_after_half_a_minute(services, clock) -> None:
    send(services)
    clock.advance(timedelta(seconds=29))
    with pytest.raises(TooMany) as refusal:
        send(services)
    assert refusal.value.facts["retry_seconds"] == 1
    clock.advance(timedelta(seconds=1))
    send(services)


def test_a_number_gets_six_codes_an_hour_from_whatever_browser(services) -> None:
    for n in range(6):
        send(services, owner=f"browser {n}", address=f"192.0.2.{n}")
    with pytest.raises(TooMany, match="code_per_phone"):
        send(services, owner="browser 7", address="192.0.2.7")


def test_a_browser_and_an_address_have_limits_too(services, clock) -> None:
    for n in range(10):
        send(services, phone=f"+1512555{1000 + n}", address=f"192.0.2.{n}")
    with pytest.raises(TooMany, match="code_per_browser"):
        send(services, phone="+15125552000", address="192.0.2.77")
    clock.advance(timedelta(hours=2))
    for n in range(30):
        send(services, owner=f"b{n}", phone=f"+1512555{3000 + n}")
    with pytest.raises(TooMany, match="code_per_address"):
        send(services, owner="b31", phone="+15125554000")


def test_guessing_from_many_browsers_ends_for_the_day(services, clock) -> None:
    tried = 0
    for n in range(5):
        code = send(services, owner=f"browser {n}")
        for _ in range(4):
            answer(services, wrong(code), owner=f"browser {n}")
            tried += 1
        clock.advance(timedelta(minutes=20))
    assert tried == 20
    with pytest.raises(TooMany, match="code_wrong_per_phone"):
        send(services, owner="browser 9")


def test_neither_the_digits_nor_who_tried_stand_in_the_database(services) -> None:
    code = send(services)
    told = repr([one.model_dump() for model in (OneTimeCode, Attempt) for one in rows(services, model)])
    assert code not in told.replace(MOBILE, "")
    assert "192.0.2.1" not in told


def test_digits_keep_their_leading_zeros() -> None:
    codes_made = [crypto.one_time_code("key", "booking", str(n)) for n in range(300)]
    assert all(len(code) == 6 and code.isdigit() for code in codes_made)
    assert any(code.startswith("0") for code in codes_made)
