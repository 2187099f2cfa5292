"""Memberships on the wire: another's, a plan nobody may join, no signature, staff without leave (P8)."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from clinic_portal.bootstrap import subscriptions
from clinic_portal.core.db import table
from clinic_portal.memberships import joining, queries
from clinic_portal.memberships.models import MembershipPlan
from clinic_portal.memberships.types import MembershipInfo
from clinic_portal.payments import queries as payments
from clinic_portal.payments.models import Payment
from tests import plans_kit
from tests.attack.attacker import JUNK, ROOT_STATE, Attacker, told
from tests.factories import SignedIn, everything, patient, rows, staff
from tests.membership_kit import sign
from tests.site import Site

pytestmark = pytest.mark.req("P8")
WEB = f"{ROOT_STATE}.clinic_portal___web___"
PAGE = f"{WEB}portal___membership____membership_page"
PART = f"{WEB}admin___membership____membership_part"
MEMBERS = f"{WEB}admin___memberships___list____members"
EDITOR = f"{WEB}admin___settings___plans____plan_editor"
HERE = "/portal/membership"
BESIDE = ("account_session", "link", "staff_session", "membership")
"""What comes and goes by itself; a membership notes when it was looked at, so it is compared as it stands."""
_numbers = count(1)


@pytest.fixture(scope="module")
def glow(site: Site) -> int:
    """A plan on offer; its id."""
    return plans_kit.offered(site.clinic)


def somebody(site: Site) -> SignedIn:
    n = next(_numbers)
    return patient(site.services, f"wire{n}@example.org", phone=f"+1512555{7300 + n}")


def member(site: Site, plan_id: int) -> SignedIn:
    """A patient who joined all the way."""
    who = somebody(site)
    membership_id = site.services.do(joining.begin, who.actor.patient_id, plan_id)
    standing = site.services.ask(joining.agreement, membership_id)
    assert standing is not None
    sign(site.services, who.actor.patient_id, standing.request.id)
    its: Any = subscriptions(site.services)
    its._gateway.pay(its.open_page(who.actor.patient_id).rpartition("/")[2], "4242424242424242", authenticated=True)
    its.returned(who.actor.patient_id)
    return who


def stands(site: Site, who: SignedIn) -> MembershipInfo | None:
    """Somebody's membership."""
    return site.services.ask(queries.of_patient, who.actor.patient_id)


def state_of(site: Site, who: SignedIn) -> str:
    found = stands(site, who)
    return found.state if found else "none"


async def test_a_page_is_not_paid_without_the_signature(site: Site, glow: int) -> None:
    me = somebody(site)
    async with Attacker(site.url, cookie="v" * 43, portal=me.cookie) as attacker:
        await attacker.send(f"{PAGE}.choose", {"plan_id": glow}, path=HERE)
        heard = told(await attacker.send(f"{PAGE}.pay", path=HERE))
    assert "/sandbox/pay" not in heard
    assert state_of(site, me) == "joining"
    assert [one for one in rows(site.services, Payment) if one.patient_id == me.actor.patient_id] == []


@pytest.mark.parametrize("which", ["none at all", "withdrawn", "junk"])
async def test_a_plan_nobody_may_join_is_not_joined(site: Site, glow: int, which: str) -> None:
    me, withdrawn = somebody(site), plans_kit.write(site.clinic, name=f"Old {next(_numbers)}")
    wanted: list[Any] = {"none at all": [987654], "withdrawn": [withdrawn], "junk": JUNK}[which]
    async with Attacker(site.url, cookie="v" * 43, portal=me.cookie) as attacker:
        for plan_id in wanted:
            await attacker.send(f"{PAGE}.choose", {"plan_id": plan_id}, path=HERE)
    assert state_of(site, me) == "none"


@pytest.mark.parametrize("deed", ["pause", "cancel", "change", "resume", "keep", "leave"])
async def test_nobody_changes_anothers_membership(site: Site, glow: int, deed: str) -> None:
    mine, thief = member(site, glow), somebody(site)
    before = everything(site.services, but=BESIDE), stands(site, mine)
    for who in ({"portal": thief.cookie}, {}):
        async with Attacker(site.url, cookie="v" * 43, **who) as attacker:
            await attacker.send(f"{PAGE}.ask_for", {"deed": deed, "choice": str(glow)}, path=HERE)
            heard = told(await attacker.send(f"{PAGE}.confirm", path=HERE))
            heard += told(await attacker.send(f"{PAGE}.pay_owed", path=HERE))
            assert "4242" not in heard
    assert (everything(site.services, but=BESIDE), stands(site, mine)) == before


async def test_nobody_charges_a_membership_to_anothers_card(site: Site, glow: int) -> None:
    mine, thief = member(site, glow), member(site, glow)
    (card,) = site.services.ask(payments.cards_of, mine.actor.patient_id, account="sandbox")
    async with Attacker(site.url, cookie="v" * 43, portal=thief.cookie) as attacker:
        await attacker.send(f"{PAGE}.use_card", {"card_id": card.id}, path=HERE)
        for junk in JUNK:
            await attacker.send(f"{PAGE}.use_card", {"card_id": junk}, path=HERE)
    assert site.services.ask(payments.cards_of, mine.actor.patient_id, account="sandbox") == (card,)


async def test_confirming_what_was_never_asked_does_nothing(site: Site, glow: int) -> None:
    mine = member(site, glow)
    async with Attacker(site.url, cookie="v" * 43, portal=mine.cookie) as attacker:
        await attacker.send(f"{PAGE}.confirm", path=HERE)
        for junk in JUNK:
            await attacker.send(f"{PAGE}.ask_for", {"deed": junk, "choice": junk}, path=HERE)
        await attacker.send(f"{PAGE}.confirm", path=HERE)
    found = site.services.ask(queries.of_patient, mine.actor.patient_id)
    assert found is not None
    assert (found.state, found.is_ending, found.is_pausing) == ("active", False, False)


@pytest.mark.parametrize("role", ["provider", "read_only", ""])
async def test_staff_without_leave_change_and_see_no_membership(site: Site, glow: int, role: str) -> None:
    mine = member(site, glow)
    who = {"staff": staff(site.services, role).cookie} if role else {"portal": somebody(site).cookie}
    before = everything(site.services, but=BESIDE), stands(site, mine)
    here = f"/admin/patient?id={mine.actor.patient_id}"
    async with Attacker(site.url, cookie="v" * 43, **who) as attacker:
        for deed in ("pause", "cancel", "end"):
            await attacker.send(f"{PART}.ask_for", {"deed": deed, "choice": ""}, path=here)
            await attacker.send(f"{PART}.confirm", {"form": {"reason": "because"}}, path=here)
        await attacker.send(f"{PART}.retry", path=here)
        await attacker.send(f"{PART}.enrol", path=here)
        heard = told(await attacker.send(f"{MEMBERS}.enter", path="/admin/memberships"))
    assert "Amara Reed" not in heard
    assert (everything(site.services, but=BESIDE), stands(site, mine)) == before


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only", ""])
async def test_nobody_but_who_changes_the_clinic_writes_plans(site: Site, glow: int, role: str) -> None:
    who = {"staff": staff(site.services, role).cookie} if role else {"portal": somebody(site).cookie}
    before = _plans(site)
    form = {"name": "Free", "period": "month", "fee": "1", "is_banked": "yes"}
    async with Attacker(site.url, cookie="v" * 43, **who) as attacker:
        for handler, payload in (
            ("edit", {"plan_id": glow}), ("save", {"form": form}), ("switch", {"plan_id": glow}),
            ("move_up", {"plan_id": glow}), ("write", {"field": "fee", "value": "1"}),
        ):  # fmt: skip
            await attacker.send(f"{EDITOR}.{handler}", payload, path="/admin/settings/memberships")
    assert _plans(site) == before


async def test_junk_breaks_no_editor(site: Site, glow: int) -> None:
    before = _plans(site)
    async with Attacker(site.url, cookie="v" * 43, staff=staff(site.services, "owner").cookie) as attacker:
        for junk in JUNK:
            for handler, payload in (
                ("edit", {"plan_id": junk}), ("save", {"form": junk}), ("switch", {"plan_id": junk}),
                ("move_up", {"plan_id": junk}), ("write", {"field": junk, "value": junk}),
            ):  # fmt: skip
                await attacker.send(f"{EDITOR}.{handler}", payload, path="/admin/settings/memberships")
        assert attacker.is_connected
    assert _plans(site) == before


def _plans(site: Site) -> list[Any]:
    plans = table(MembershipPlan)
    return site.services.ask(lambda read: list(read.execute(select(plans).order_by(plans.c.id))))
