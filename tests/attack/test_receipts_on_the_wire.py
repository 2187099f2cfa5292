"""Receipts, and the button that pays a fee, on the wire: by another patient, by staff without leave, by nobody."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

import pytest

from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import PaymentInfo, State
from tests.attack.attacker import JUNK, ROOT_STATE, Attacker, told
from tests.card_kit import LATER_DECLINED, till
from tests.factories import SignedIn, everything, patient, staff
from tests.fees_kit import cancels_late, has_booked, misses
from tests.site import Site

WEB = f"{ROOT_STATE}.clinic_portal___web___"
VISIT, RECEIPT, DESK = (
    f"{WEB}portal___visit____visit_page",
    f"{WEB}portal___receipt____receipt_page",
    f"{WEB}admin___receipt____desk_receipt",
)
SESSIONS = ("account_session", "link")  # and the link of a letter, which the worker makes when it writes it
_numbers, _thieves = count(1), count(1)


class Victim:
    """A patient with a fee that was paid and another that is owed."""

    def __init__(self, site: Site) -> None:
        n = next(_numbers)
        email, phone = f"payer{n}@example.org", f"+1512555{8700 + n}"
        patient(site.services, email, phone=phone)
        desk, on = till(site.services), date(2026, 11, 30) + timedelta(days=2 * n)
        told_to = {"email": email, "phone": phone}
        owed = has_booked(
            site.clinic, desk, "facial", number=LATER_DECLINED, on=on + timedelta(days=1), clock="11:00", **told_to
        )
        paid = has_booked(site.clinic, desk, "peel", on=on, clock="11:00", **told_to)
        self.paid: PaymentInfo = misses(desk, site.clock, paid, fee_minor=9000)
        self.owed: PaymentInfo = cancels_late(desk, site.clock, owed)
        self.me: SignedIn = patient(site.services, email, phone=phone)  # now that the clock stands where it will
        self.secrets = (owed.reference, paid.reference, "Chemical peel", email, f"R-{self.paid.id:06}")


@pytest.fixture
def victim(site: Site) -> Victim:
    made = Victim(site)
    assert (made.paid.state, made.owed.state) == (State.PAID, State.FAILED)
    return made


@pytest.fixture
def thief(site: Site, victim: Victim) -> SignedIn:
    n = next(_thieves)
    return patient(site.services, f"pickpocket{n}@example.org", phone=f"+1512555{8800 + n}")


async def test_nobody_else_opens_the_page_on_which_a_fee_is_paid(site: Site, victim: Victim, thief: SignedIn) -> None:
    provider = staff(site.services, "provider")
    before = everything(site.services, but=SESSIONS)
    for who in ({"portal": thief.cookie}, {"staff": provider.cookie}, {}):
        async with Attacker(site.url, cookie="v" * 43, **who) as attacker:
            heard = told(await attacker.send(f"{VISIT}.pay", {"payment_id": victim.owed.id}, path="/portal/visit"))
            assert "/sandbox/pay" not in heard
            assert not [one for one in victim.secrets if one in heard]
    assert everything(site.services, but=SESSIONS) == before


async def test_its_patient_is_sent_to_the_page(site: Site, victim: Victim) -> None:
    async with Attacker(site.url, cookie="v" * 43, portal=victim.me.cookie) as attacker:
        heard = await attacker.send(f"{VISIT}.pay", {"payment_id": victim.owed.id}, path="/portal/visit")
    assert "/sandbox/pay" in told(heard), "the control"
    assert site.services.ask(payments.payment, victim.owed.id).state is State.OPEN


async def test_a_fee_that_was_paid_is_not_paid_again(site: Site, victim: Victim) -> None:
    async with Attacker(site.url, cookie="v" * 43, portal=victim.me.cookie) as attacker:
        heard = await attacker.send(f"{VISIT}.pay", {"payment_id": victim.paid.id}, path="/portal/visit")
    assert "/sandbox/pay" not in told(heard)
    assert site.services.ask(payments.payment, victim.paid.id).state is State.PAID


@pytest.mark.parametrize("which", ["theirs", "none at all", "junk"])
async def test_anothers_receipt_looks_like_one_that_never_was(
    site: Site, victim: Victim, thief: SignedIn, which: str
) -> None:
    wanted = {"theirs": victim.paid.id, "none at all": 987654, "junk": "%27%20OR%201=1"}[which]
    async with Attacker(site.url, cookie="v" * 43, portal=thief.cookie) as attacker:
        heard = await attacker.send(f"{RECEIPT}.enter", path=f"/portal/receipt?id={wanted}")
    (delta,) = [one["delta"][RECEIPT] for one in heard if RECEIPT in (one.get("delta") or {})]
    blank = delta.pop("shown_rx_state_", {})
    assert not any(blank.values())
    assert {name: value for name, value in delta.items() if value} == {"is_missing_rx_state_": True}


async def test_its_patient_reads_it(site: Site, victim: Victim) -> None:
    async with Attacker(site.url, cookie="v" * 43, portal=victim.me.cookie) as attacker:
        heard = await attacker.send(f"{RECEIPT}.enter", path=f"/portal/receipt?id={victim.paid.id}")
    assert f"R-{victim.paid.id:06}" in told(heard), "the control"


async def test_staff_without_leave_read_none(site: Site, victim: Victim) -> None:
    for role, may in (("provider", False), ("read_only", False), ("front_desk", True)):
        async with Attacker(site.url, cookie="v" * 43, staff=staff(site.services, role).cookie) as attacker:
            heard = told(await attacker.send(f"{DESK}.enter", path=f"/admin/receipt?id={victim.paid.id}"))
        assert (f"R-{victim.paid.id:06}" in heard) is may, role


async def test_junk_pays_nothing_and_breaks_nothing(site: Site, victim: Victim) -> None:
    async with Attacker(site.url, cookie="v" * 43, portal=victim.me.cookie) as attacker:
        for value in JUNK:
            heard = told(await attacker.send(f"{VISIT}.pay", {"payment_id": value}, path="/portal/visit"))
            assert "/sandbox/pay" not in heard
            assert attacker.is_connected
    assert site.services.ask(payments.payment, victim.owed.id).state is State.FAILED
