"""Packages over a raw socket: prices and ids from the browser are wishes, and what others buy is nobody's business."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from clinic_portal.core import crypto
from clinic_portal.packages import editing, queries
from clinic_portal.packages.models import Package, PackageDraft
from clinic_portal.packages.types import Offer
from clinic_portal.payments.models import Payment
from clinic_portal.wallet.models import WalletLot
from tests import factories
from tests.attack.attacker import JUNK, ROOT_STATE, Attacker, told
from tests.card_kit import till
from tests.packages_kit import GUEST, bought, is_somebody, on_sale, order, pays
from tests.site import Site

SHOP = f"{ROOT_STATE}.clinic_portal___web___shop___state____shop"
DESK = f"{ROOT_STATE}.clinic_portal___web___admin___settings___packages____package_desk"
RECEIPT = f"{ROOT_STATE}.clinic_portal___web___portal___receipt____receipt_page"
HANDLERS = ("enter", "buy", "back", "save", "send_again", "may_send", "check", "look_back", "enter_signed_in")
STAFF = ("enter", "edit", "close", "write", "save", "switch", "move_up")
PATH = "/packages"
_numbers = count(1)


@pytest.fixture
def offer(site: Site) -> Iterator[Offer]:
    """A package on sale while a test runs."""
    made = on_sale(site.clinic, name=f"Package {next(_numbers)}")
    yield made
    owner = factories.staff(site.services, "owner").actor
    now = site.services.ask(queries.package, made.package.id)
    site.services.do(editing.switch, owner, now.id, is_active=False, revision=now.revision)


def sales(site: Site) -> list[tuple[int, str, int]]:
    """Every purchase: of what, how it stands, at what price."""
    known = factories.rows(site.services, Payment)
    return [(one.package_id, one.state, one.amount_minor) for one in known if one.purpose == "package"]


async def hears(attacker: Attacker, handler: str, payload: dict[str, Any], awaited: str, path: str = PATH) -> str:
    """Call a handler until what is awaited was heard."""
    heard = told(await attacker.send(f"{SHOP}.{handler}", payload, path=path))
    for _ in range(20):
        if awaited in heard:
            break
        heard += told(await attacker.listen(patience_seconds=1.0))
    return heard


async def test_whatever_price_a_browser_names_the_clinics_own_is_asked(site: Site, offer: Offer) -> None:
    me = factories.patient(site.services, "names@example.org", phone="+15125558101")
    wish = {"package_id": offer.package.id, "price_minor": 1, "revision": 999, "amount": "0.01", "seen_id": 10**6}
    async with Attacker(site.url, cookie=secrets.token_urlsafe(32), portal=me.cookie) as attacker:
        await hears(attacker, "enter", {}, offer.package.name)
        assert "/sandbox/pay/" not in told(await attacker.send(f"{SHOP}.buy", wish, path=PATH))
        assert "/sandbox/pay/" in await hears(attacker, "buy", {"package_id": offer.package.id}, "/sandbox/pay/")
    assert sales(site)[-1] == (offer.package.id, "open", 48000)


@pytest.mark.parametrize("forged", [0, -1, 10**9, "1 OR 1=1", None, [1], {"id": 1}, 1.5, True])
async def test_an_id_that_is_none_of_ours_buys_nothing(site: Site, offer: Offer, forged: Any) -> None:
    before = sales(site)
    me = factories.patient(site.services, "forges@example.org", phone="+15125558102")
    async with Attacker(site.url, cookie=secrets.token_urlsafe(32), portal=me.cookie) as attacker:
        await hears(attacker, "enter", {}, offer.package.name)
        assert "/sandbox/pay/" not in told(await attacker.send(f"{SHOP}.buy", {"package_id": forged}, path=PATH))
    assert sales(site) == before


async def test_what_is_not_on_sale_is_not_bought_by_its_id(site: Site, offer: Offer) -> None:
    owner = factories.staff(site.services, "owner").actor
    hidden = on_sale(site.clinic, name="Not for you").package
    site.services.do(editing.switch, owner, hidden.id, is_active=False, revision=hidden.revision)
    before = sales(site)
    me = factories.patient(site.services, "hidden@example.org", phone="+15125558103")
    async with Attacker(site.url, cookie=secrets.token_urlsafe(32), portal=me.cookie) as attacker:
        assert "Not for you" not in await hears(attacker, "enter", {}, offer.package.name)
        heard = told(await attacker.send(f"{SHOP}.buy", {"package_id": hidden.id}, path=PATH))
        assert "Not for you" not in heard
    assert sales(site) == before


async def test_who_proved_no_phone_comes_to_no_page(site: Site, offer: Offer) -> None:
    before = sales(site)
    async with Attacker(site.url, cookie=secrets.token_urlsafe(32)) as attacker:
        await hears(attacker, "enter", {}, offer.package.name)
        await attacker.send(f"{SHOP}.buy", {"package_id": offer.package.id}, path=PATH)
        heard = told(await attacker.send(f"{SHOP}.save", {"form": GUEST | {"phone": "+15125558104"}}, path=PATH))
        for digits in ("000000", "123456", "999999"):
            heard += told(await attacker.send(f"{SHOP}.check", {"form": {"code": digits}}, path=PATH))
        assert "/sandbox/pay/" not in heard
    assert sales(site) == before


async def test_without_a_cookie_nobody_buys_and_nothing_is_kept(site: Site, offer: Offer) -> None:
    before, drafts = sales(site), len(factories.rows(site.services, PackageDraft))
    async with Attacker(site.url) as attacker:
        await hears(attacker, "enter", {}, offer.package.name)
        await attacker.send(f"{SHOP}.buy", {"package_id": offer.package.id}, path=PATH)
        assert "cookies" in told(await attacker.send(f"{SHOP}.save", {"form": GUEST}, path=PATH))
    assert sales(site) == before
    assert len(factories.rows(site.services, PackageDraft)) == drafts


async def test_what_somebody_bought_or_typed_no_other_browser_sees(site: Site, offer: Offer) -> None:
    cookie = secrets.token_urlsafe(32)
    number = next(_numbers)
    email, phone = f"private{number}@example.org", f"+1512555{8200 + number}"
    is_somebody(site.services, crypto.digest(cookie), email=email, phone=phone)
    async with Attacker(site.url, cookie=cookie) as mine:
        await hears(mine, "enter", {}, offer.package.name)
        assert email in await hears(mine, "buy", {"package_id": offer.package.id}, email)
    paid = pays(till(site.services), order(offer, None, crypto.digest(cookie)))
    assert paid.patient_id is not None
    victim = factories.patient(site.services, email, phone=phone)
    other = factories.patient(site.services, f"other{number}@example.org", phone=f"+1512555{8300 + number}")
    for portal in ("", other.cookie):
        async with Attacker(site.url, cookie=secrets.token_urlsafe(32), portal=portal) as attacker:
            heard = ""
            for handler in HANDLERS:
                payload = {"package_id": offer.package.id, "payment_id": paid.id, "patient_id": paid.patient_id}
                heard += told(await attacker.send(f"{SHOP}.{handler}", payload, path="/packages/done"))
            heard += told(await attacker.send(f"{RECEIPT}.enter", path=f"/portal/receipt?id={paid.id}"))
            for secret in (email, phone, paid.reference, "Thank you"):
                assert secret not in heard
    async with Attacker(site.url, cookie=cookie, portal=victim.cookie) as mine:
        assert paid.reference in told(await mine.send(f"{RECEIPT}.enter", path=f"/portal/receipt?id={paid.id}"))


async def test_nobody_but_who_changes_the_clinic_writes_packages_over_the_wire(site: Site, offer: Offer) -> None:
    before = [str(one) for one in factories.rows(site.services, Package)]
    me = factories.patient(site.services, "writes@example.org", phone="+15125558105")
    desk = factories.staff(site.services, "front_desk")
    form = {"name": "Mine", "what": f"service:{site.clinic['facial']}", "count": "100", "price_minor": "0.50"}
    for cookies in ({}, {"portal": me.cookie}, {"staff": desk.cookie}):
        async with Attacker(site.url, cookie=secrets.token_urlsafe(32), **cookies) as attacker:
            for handler in STAFF:
                payload = {"package_id": offer.package.id, "form": form, "field": "price_minor", "text": "0.50"}
                heard = told(await attacker.send(f"{DESK}.{handler}", payload, path="/admin/settings/packages"))
                assert offer.package.name not in heard
    assert [str(one) for one in factories.rows(site.services, Package)] == before


async def test_junk_for_an_argument_does_nothing_and_breaks_nothing(site: Site, offer: Offer) -> None:
    bought(site.clinic, till(site.services), offer)
    before, lots = sales(site), len(factories.rows(site.services, WalletLot))
    owner = factories.staff(site.services, "owner")
    async with Attacker(site.url, cookie=secrets.token_urlsafe(32), staff=owner.cookie) as attacker:
        for junk in JUNK[::3]:
            for handler in ("buy", "save", "check"):
                await attacker.send(f"{SHOP}.{handler}", {"package_id": junk, "form": junk}, path=PATH)
            for handler in ("edit", "write", "save", "switch", "move_up"):
                payload = {"package_id": junk, "form": junk, "field": junk, "text": junk}
                await attacker.send(f"{DESK}.{handler}", payload, path="/admin/settings/packages")
        assert attacker.is_connected
    assert (sales(site), len(factories.rows(site.services, WalletLot))) == (before, lots)
