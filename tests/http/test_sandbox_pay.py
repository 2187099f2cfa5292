"""The rehearsal's checkout page: every test card, no other card, once and only once (B7)."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text

from clinic_portal.integrations.sandbox.cards import PUBLISHED
from clinic_portal.integrations.sandbox.gateway import SandboxGateway
from clinic_portal.payments.ports import CheckoutRequest, CheckoutStatus, IntentStatus
from clinic_portal.payments.types import Purpose
from clinic_portal.web.http.sandbox_pay import DECLINES
from tests.http.browser import Browser
from tests.site import Site

Make = Callable[[], Browser]
VISA, TRUE_CARD = "4242424242424242", "4539578763621486"
pytestmark = pytest.mark.req("B7")
_numbers = count(1)


class Shop:
    """The gateway of the running app, and pages opened at it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.gateway = SandboxGateway(site.services)

    def opens(self, purpose: Purpose = Purpose.HOLD, **other: Any) -> str:
        """A page's id."""
        number = next(_numbers)
        asked: dict[str, Any] = {
            "payment_id": number,
            "purpose": purpose,
            "amount_minor": 0 if purpose is Purpose.CARD else 5000,
            "currency": "USD",
            "item": "Card check",
            "consent": "Small Clinic may charge this card if you cancel late.",
            "reference": "LMN-7Q4KXT",
            "email": "ana@example.com",
            "customer_id": None,
            "language": "en",
            "expires_at": self.site.clock.now() + timedelta(minutes=31),
            "back_url": f"{self.site.url}/book/card?session_id={{CHECKOUT_SESSION_ID}}",
            "cancel_url": f"{self.site.url}/book/card",
            "key": f"checkout:{number}:1",
        }
        return self.gateway.open_checkout(CheckoutRequest(**asked | other)).id

    def status(self, page: str) -> CheckoutStatus:
        return self.gateway.checkout(page).status


def path(page: str) -> str:
    return f"/sandbox/pay/{page}"


def typed(number: str = VISA, **other: str) -> dict[str, str]:
    return {"act": "card", "number": number, "expiry": "12 / 40", "cvc": "123", "name": "Ana Ruiz"} | other


def told(answer: Any) -> str:
    return html.unescape(answer.text)


@pytest.fixture
def shop(site: Site, fresh: None) -> Shop:
    return Shop(site)


@pytest.fixture
def ana(browser: Make) -> Browser:
    return browser()


def test_the_page_says_who_asks_for_what_and_that_it_is_a_rehearsal(shop: Shop, ana: Browser) -> None:
    answer = ana.get(path(shop.opens()))
    assert answer.status_code == 200
    name = shop.site.services.ask(lambda read: read.execute(text("SELECT name FROM clinic")).scalar_one())
    for words in (name, "$50.00", "released at once", "Card check", "LMN-7Q4KXT", "ana@example.com", "Rehearsal"):
        assert words in told(answer), words


@pytest.mark.parametrize(
    ("purpose", "button"),
    [(Purpose.HOLD, "Confirm card"), (Purpose.DEPOSIT, "Pay $50.00"), (Purpose.CARD, "Save card"),
     (Purpose.CANCELLATION_FEE, "Pay $50.00"), (Purpose.NOSHOW_FEE, "Pay $50.00")],
)  # fmt: skip
def test_the_button_says_what_it_does(shop: Shop, ana: Browser, purpose: Purpose, button: str) -> None:
    assert f">{button}</button>" in told(ana.get(path(shop.opens(purpose))))


def test_a_currency_without_minor_units_is_told_as_it_is(shop: Shop, ana: Browser) -> None:
    assert "¥5,000" in told(ana.get(path(shop.opens(currency="JPY"))))


def test_the_page_lets_nothing_run_and_no_frame_hold_it(shop: Shop, ana: Browser) -> None:
    answer = ana.get(path(shop.opens()))
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("card", PUBLISHED, ids=lambda card: card.number)
def test_every_test_card_does_what_the_page_says(shop: Shop, ana: Browser, card: Any) -> None:
    page = shop.opens()
    code = "1234" if card.brand == "amex" else "123"
    answer = ana.post(path(page), **typed(card.spaced, cvc=code))
    if card.now:
        assert answer.status_code == 422
        assert DECLINES[card.now][1] in told(answer)
        assert shop.status(page) is CheckoutStatus.OPEN
        return
    if card.asks:
        assert "Is it you?" in answer.text
        answer = ana.post(path(page), act="approve", number=card.spaced, expiry="12 / 40")
    assert ana.lands_at(answer) == f"{shop.site.url}/book/card?session_id={page}"
    assert shop.status(page) is CheckoutStatus.COMPLETE


def test_who_refuses_the_bank_is_back_at_the_page_and_has_paid_nothing(shop: Shop, ana: Browser) -> None:
    page = shop.opens()
    ana.post(path(page), **typed("4000002760003184"))
    answer = ana.post(path(page), act="refuse", number="4000 0027 6000 3184", expiry="12 / 40")
    assert "did not hear a yes" in told(answer)
    assert shop.status(page) is CheckoutStatus.OPEN


@pytest.mark.parametrize("number", [TRUE_CARD, "4539 5787 6362 1486", "4111111111111111", "1234", "4" * 19])
def test_any_other_number_is_refused_and_lies_nowhere(shop: Shop, ana: Browser, number: str) -> None:
    page = shop.opens()
    answer = ana.post(path(page), **typed(number, cvc="987", expiry="01 / 01"))
    assert answer.status_code == 422
    assert "type no card of your own" in told(answer)
    shown = re.sub(r'href="[^"]*"', "", answer.text.replace(page, ""))
    assert number not in shown or number == "1234"
    assert "987" not in re.findall(r'value="([^"]*)"', shown)
    assert number not in re.findall(r'value="([^"]*)"', shown)
    assert shop.gateway.checkout(page).intent is None


def test_a_true_card_is_in_no_row_and_no_log(shop: Shop, ana: Browser) -> None:
    ana.post(path(shop.opens()), **typed(TRUE_CARD))
    ana.post(path(shop.opens()), act="approve", number=TRUE_CARD, expiry="12 / 40")
    ana.post(path(shop.opens()), **typed(TRUE_CARD, name=""), extra=TRUE_CARD)
    folder = shop.site.settings.data_dir
    for file in [*folder.rglob("*"), shop.site.log]:
        if file.is_file():
            held = file.read_bytes()
            assert TRUE_CARD.encode() not in held, file
            assert TRUE_CARD[:8].encode() not in held, file


@pytest.mark.parametrize(
    ("other", "says"),
    [({"number": ""}, "Type the number"), ({"expiry": ""}, "month and year"), ({"expiry": "13 / 40"}, "month and year"),
     ({"expiry": "10 / 26"}, "has passed"), ({"expiry": "²2/40"}, "month and year"), ({"cvc": ""}, "three digits"),
     ({"cvc": "12"}, "three digits"), ({"cvc": "abc"}, "three digits"), ({"cvc": "1234"}, "three digits"),
     ({"number": "378282246310005"}, "four digits")],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_tried(
    shop: Shop, ana: Browser, other: dict[str, str], says: str
) -> None:
    page = shop.opens()
    answer = ana.post(path(page), **typed() | other)
    assert answer.status_code == 422
    assert says in told(answer)
    assert 'aria-invalid="true"' in answer.text
    assert shop.gateway.checkout(page).intent is None


@pytest.mark.parametrize("expiry", ["11 / 26", "11/26", "1126", "11/2026", "11-26", " 12 / 2031 "])
def test_a_date_is_read_as_people_write_it(shop: Shop, ana: Browser, expiry: str) -> None:
    page = shop.opens()
    ana.lands_at(ana.post(path(page), **typed(expiry=expiry)))
    card = shop.gateway.checkout(page).card
    assert card is not None
    assert (card.exp_month, card.exp_year) in ((11, 2026), (12, 2031))


def test_a_link_fills_a_test_card_in(shop: Shop, ana: Browser) -> None:
    page = path(shop.opens())
    links = re.findall(r'href="([^"]*\?card=\d+)"', ana.get(page).text)
    assert len(links) == len(PUBLISHED)
    for link, card in zip(links, PUBLISHED, strict=True):
        assert f'value="{card.spaced}"' in ana.get(link).text


@pytest.mark.parametrize("odd", ["0", "99", "-1", "x", "²", "1" * 400, TRUE_CARD])
def test_an_odd_link_fills_nothing_in(shop: Shop, ana: Browser, odd: str) -> None:
    answer = ana.get(f"{path(shop.opens())}?card={odd}")
    assert answer.status_code == 200
    assert re.findall(r'id="number"[^>]*value="([^"]*)"', answer.text) == [""]


def test_two_submits_at_once_pay_once_and_both_go_on(shop: Shop, browser: Make) -> None:
    page = shop.opens(Purpose.NOSHOW_FEE)
    browsers = [browser() for _ in range(4)]
    with ThreadPoolExecutor(4) as at_once:
        answers = list(at_once.map(lambda one: one.post(path(page), **typed()), browsers))
    assert {answer.headers.get("location") for answer in answers} == {f"{shop.site.url}/book/card?session_id={page}"}
    intent = shop.gateway.checkout(page).intent
    assert intent is not None
    assert (intent.status, intent.captured_minor) == (IntentStatus.PAID, 5000)


def test_a_page_that_is_done_says_so_and_leads_on(shop: Shop, ana: Browser) -> None:
    page = shop.opens()
    shop.gateway.pay(page, VISA)
    answer = ana.get(path(page))
    assert "done already" in answer.text
    assert f"/book/card?session_id={page}" in told(answer)


def test_a_page_that_ended_takes_nothing(shop: Shop, ana: Browser) -> None:
    page = shop.opens()
    shop.gateway.expire_checkout(page)
    for answer in (ana.get(path(page)), ana.post(path(page), **typed())):
        assert "This page has ended" in answer.text
        assert 'id="number"' not in answer.text


def test_a_saved_card_is_chosen_with_one_click(shop: Shop, ana: Browser) -> None:
    first = shop.opens(Purpose.CARD)
    shop.gateway.pay(first, VISA)
    card = shop.gateway.checkout(first).card
    assert card is not None
    page = shop.opens(customer_id=card.customer_id)
    assert "Visa ending in 4242" in ana.get(path(page)).text
    ana.lands_at(ana.post(path(page), method=card.method_id))
    assert shop.status(page) is CheckoutStatus.COMPLETE


def test_a_saved_card_of_somebody_else_is_not_there(shop: Shop, ana: Browser) -> None:
    first = shop.opens(Purpose.CARD)
    shop.gateway.pay(first, VISA)
    card = shop.gateway.checkout(first).card
    page = shop.opens()
    assert card is not None
    assert card.method_id not in ana.get(path(page)).text
    assert ana.post(path(page), method=card.method_id).status_code == 404
    assert shop.status(page) is CheckoutStatus.OPEN


def test_an_unknown_page_does_not_exist(shop: Shop, ana: Browser) -> None:
    assert ana.get(path("cs_sandbox_none")).status_code == 404
    assert ana.post(path("cs_sandbox_none"), **typed()).status_code == 404


def test_a_form_of_another_site_is_not_taken(shop: Shop, ana: Browser) -> None:
    page = shop.opens()
    answer = ana.client.post(path(page), data=typed(), headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert shop.status(page) is CheckoutStatus.OPEN


def test_words_from_elsewhere_stay_words(shop: Shop, ana: Browser) -> None:
    page = shop.opens(item='<b>"x"</b>', consent="<script>1</script>", email="<i>@example.com")
    answer = ana.post(path(page), **typed("1", name='"><script>2</script>'))
    assert "<script" not in answer.text
    assert "<b>" not in answer.text


def test_what_was_paid_is_told_to_the_clinics_own_door_by_the_worker(shop: Shop, ana: Browser) -> None:
    page = shop.opens()
    ana.post(path(page), **typed())
    until = time.monotonic() + 15
    kinds: list[str] = []
    while time.monotonic() < until and len(kinds) < 2:
        with shop.site.services.database.reading() as session:
            query = text("SELECT kind FROM gateway_notice WHERE payment_id = :it")
            number = shop.gateway.checkout(page).payment_id
            kinds = list(session.execute(query, {"it": number}).scalars())
    assert sorted(kinds) == ["checkout.session.completed", "payment_intent.amount_capturable_updated"]
