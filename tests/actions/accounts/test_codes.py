"""Codes by SMS: who may try how often, and what the database never holds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

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


def test_a_number_guessed_at_too_often_takes_no_answer_at_all_not_even_the_right_one(services, clock) -> None:
    """Codes sent before the limit was reached are still open: a refusal that forgets the try would let them be tried
    for ever."""
    for n in range(6):
        send(services, owner=f"browser {n}", address=f"192.0.2.{n}")
    sent = [code_for(services, f"browser {n}") for n in range(6)]
    for n in range(4):
        for _ in range(5):
            answer(services, wrong(sent[n]), owner=f"browser {n}")
    for digits in (wrong(sent[5]), sent[5]):
        with pytest.raises(TooMany, match="code_wrong_per_phone"):
            answer(services, digits, owner="browser 5")


def test_neither_the_digits_nor_who_tried_stand_in_the_database(services) -> None:
    code = send(services)
    told = repr([one.model_dump() for model in (OneTimeCode, Attempt) for one in rows(services, model)])
    assert code not in told.replace(MOBILE, "")
    assert "192.0.2.1" not in told


def test_digits_keep_their_leading_zeros() -> None:
    codes_made = [crypto.one_time_code("key", "booking", str(n)) for n in range(300)]
    assert all(len(code) == 6 and code.isdigit() for code in codes_made)
    assert any(code.startswith("0") for code in codes_made)


def test_many_at_once_do_not_slip_past_a_limit(services) -> None:
    """A count looked at by twelve transactions before the first of them is kept would let all twelve through."""

    def ask(n: int) -> bool:
        try:
            services.do(codes.send, **(ME | {"owner": f"browser {n}"}), address=f"192.0.2.{n}")
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(12) as browsers:
        assert sum(browsers.map(ask, range(24))) == 6


def test_tries_made_at_once_all_count(services) -> None:
    code = send(services)
    with ThreadPoolExecutor(12) as sockets:
        answers = list(sockets.map(lambda _: answer(services, wrong(code)), range(24)))
    assert answers.count(CodeAnswer.WRONG) == 4
    assert set(answers) == {CodeAnswer.WRONG, CodeAnswer.SPENT}


def test_the_right_digits_count_once_however_often_they_are_sent_at_once(services) -> None:
    code = send(services)
    with ThreadPoolExecutor(12) as sockets:
        answers = list(sockets.map(lambda _: answer(services, code), range(12)))
    assert answers.count(CodeAnswer.RIGHT) == 1


def test_the_digits_stand_nowhere_in_the_database(services) -> None:
    code = send(services)
    with services.database.reading() as session:
        for table in SQLModel.metadata.sorted_tables:
            for row in session.execute(select(table)):
                for value in row:
                    assert code not in str(value).replace(MOBILE, ""), table.name


@pytest.mark.parametrize(
    "digits", ["", "12345", "1234567", "abcdef", "' OR 1=1", "\u0661\u0662\u0663\u0664\u0665\u0666"]
)
def test_what_is_not_the_code_is_wrong(services, digits: str) -> None:
    send(services)
    assert answer(services, digits) is CodeAnswer.WRONG


def test_the_wait_of_every_limit_ends_when_it_says(services, clock) -> None:
    for n in range(6):
        send(services, owner=f"browser {n}")
        clock.advance(timedelta(minutes=1))
    with pytest.raises(TooMany) as refusal:
        send(services, owner="browser 7")
    clock.advance(timedelta(seconds=int(str(refusal.value.facts["retry_seconds"])) - 1))
    with pytest.raises(TooMany):
        send(services, owner="browser 7")
    clock.advance(timedelta(seconds=1))
    send(services, owner="browser 7")
