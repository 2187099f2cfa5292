"""The page of an unpaid fee, over a raw socket: the link of one fee, or a browser's cookie, opens no other."""

from __future__ import annotations

import re
import secrets
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest

from clinic_portal.accounts import links
from clinic_portal.accounts.types import Purpose as LinkPurpose
from clinic_portal.booking import changes, queries
from clinic_portal.core import crypto
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import PaymentInfo, Purpose, State
from tests.attack.attacker import JUNK, ROOT_STATE, Attacker, told
from tests.attack.free_days import keeps
from tests.card_kit import LATER_DECLINED, till
from tests.factories import visitor
from tests.site import Site

PAY = f"{ROOT_STATE}.clinic_portal___web___public___pay_state____pay_fee"
HANDLERS = ("enter", "look_again", "pay", "close_notice")
_numbers = count(1)


def owed(site: Site) -> tuple[PaymentInfo, str, str]:
    """A fee that failed, its visit's reference, and the token of its link."""
    number = next(_numbers)
    owner, phone = f"owes-{number}", f"+1512555{2100 + number}"
    visitor(site.clinic, owner, "botox", email=f"{owner}@example.org", phone=phone)
    keeps(site, owner, "10:30", first=date(2026, 12, 1))
    desk = till(site.services)
    visit = site.services.ask(queries.visit, desk.books(owner, site.clinic["policy"], LATER_DECLINED).appointment_id)
    site.clock.set(visit.start_at - timedelta(hours=3))
    site.services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=12000)
    fee = site.services.ask(payments.fee_of, visit.appointment_id, Purpose.CANCELLATION_FEE)
    assert fee is not None
    assert desk.cashier.charge(fee.id).state is State.FAILED
    link = site.services.do(links.make, LinkPurpose.PAY_FEE, fee.id, fee.email)
    return fee, visit.reference, site.services.ask(links.sheet, link).token


async def hears(attacker: Attacker, handler: str, path: str, awaited: str) -> str:
    """Call a handler until what is awaited was heard: the gateway's page takes its time on a busy machine."""
    heard = told(await attacker.send(f"{PAY}.{handler}", path=path))
    for _ in range(20):
        if awaited in heard:
            break
        heard += told(await attacker.listen(patience_seconds=1.0))
    return heard


def stands(site: Site, fee: PaymentInfo) -> PaymentInfo:
    return site.services.ask(payments.payment, fee.id)


async def test_a_link_opens_and_pays_its_own_fee_whatever_the_page_says_besides(site: Site) -> None:
    mine, my_reference, token = owed(site)
    other, others_reference, _ = owed(site)
    async with Attacker(site.url, cookie=secrets.token_urlsafe(32)) as attacker:
        for payload in ({}, {"payment_id": other.id}, {"fee_id": other.id, "t": "0" * 64}):
            for handler in HANDLERS:
                heard = told(await attacker.send(f"{PAY}.{handler}", payload, path=f"/pay?t={token}"))
                assert others_reference not in heard
        assert my_reference in await hears(attacker, "enter", f"/pay?t={token}", my_reference)
        gone = await hears(attacker, "pay", f"/pay?t={token}", "/sandbox/pay/")
        assert "/sandbox/pay/" in gone
        assert token not in re.sub(r"t=[0-9a-f]{64}", "", gone)
    assert stands(site, mine).state is State.OPEN
    assert stands(site, other).state is State.FAILED


@pytest.mark.parametrize("path", ["/pay", "/pay/done", "/pay?t=", f"/pay?t={'0' * 64}", "/pay/done?id=1&payment_id=1"])
async def test_without_a_link_of_ones_own_nothing_is_shown_or_paid(site: Site, path: str) -> None:
    fee, reference, _ = owed(site)
    for cookie in ("", secrets.token_urlsafe(32)):
        async with Attacker(site.url, cookie=cookie) as attacker:
            for handler in HANDLERS:
                heard = told(await attacker.send(f"{PAY}.{handler}", path=path))
                for secret in (reference, "120.00", "/sandbox/pay/", fee.email):
                    assert secret not in heard
    assert stands(site, fee).state is State.FAILED


async def test_the_link_of_another_purpose_pays_nothing(site: Site) -> None:
    fee, reference, _ = owed(site)
    link = site.services.do(links.send, LinkPurpose.RESET, fee.id, fee.email)
    token = site.services.ask(links.sheet, link).token
    async with Attacker(site.url, cookie=secrets.token_urlsafe(32)) as attacker:
        for handler in HANDLERS:
            assert reference not in told(await attacker.send(f"{PAY}.{handler}", path=f"/pay?t={token}"))
    assert stands(site, fee).state is State.FAILED


async def test_what_one_browser_went_to_pay_no_other_sees(site: Site) -> None:
    fee, reference, token = owed(site)
    cookie = secrets.token_urlsafe(32)
    async with Attacker(site.url, cookie=cookie) as mine:
        assert "/sandbox/pay/" in await hears(mine, "pay", f"/pay?t={token}", "/sandbox/pay/")
        assert reference in await hears(mine, "enter", "/pay/done", reference)
    assert stands(site, fee).owner == crypto.digest(cookie)
    async with Attacker(site.url, cookie=secrets.token_urlsafe(32)) as other:
        for handler in HANDLERS:
            assert reference not in told(await other.send(f"{PAY}.{handler}", path="/pay/done"))


async def test_a_browser_without_a_cookie_may_pay_but_is_told_nothing_on_its_way_back(site: Site) -> None:
    fee, reference, token = owed(site)
    async with Attacker(site.url) as attacker:
        assert "/sandbox/pay/" in await hears(attacker, "pay", f"/pay?t={token}", "/sandbox/pay/")
    assert stands(site, fee).owner is None
    async with Attacker(site.url) as attacker:
        assert reference not in told(await attacker.send(f"{PAY}.enter", path="/pay/done"))


@pytest.mark.parametrize("junk", JUNK)
async def test_junk_for_an_argument_does_nothing_and_breaks_nothing(site: Site, junk: Any) -> None:
    async with Attacker(site.url, cookie=secrets.token_urlsafe(32)) as attacker:
        for handler in HANDLERS:
            await attacker.send(f"{PAY}.{handler}", {"token": junk, "payment_id": junk}, path="/pay")
        assert attacker.is_connected
