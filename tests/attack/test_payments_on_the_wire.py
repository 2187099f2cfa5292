"""The staff's pages of payments over a raw socket: by other roles, by patients and nobody, with junk."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from clinic_portal.booking import changes, queries
from clinic_portal.payments.models import Payment, Refund
from clinic_portal.payments.types import State
from tests import factories
from tests.attack.attacker import ROOT_STATE, Attacker, told
from tests.attack.free_days import keeps
from tests.attack.test_portal_on_the_wire import MARKER, MORE_JUNK, log_is_clean
from tests.card_kit import LATER_DECLINED, VISA, till
from tests.factories import patient, rows, staff
from tests.site import Site

WEB = f"{ROOT_STATE}.clinic_portal___web___admin___payments___"
LIST, ONE, MISSED = f"{WEB}list____payments", f"{WEB}payment____payment_page", f"{WEB}missed____missed"
REASON = "Because I say so"
_numbers = count(1)


class Till:
    """A fee that failed, one that was paid, and a visit nobody came to; it is the evening of that visit."""

    def __init__(self, site: Site) -> None:
        self.site, self.desk = site, till(site.services)
        self.others = max((one.id for one in rows(site.services, Payment)), default=0)
        self.owed = self._late(LATER_DECLINED)
        self.paid = self._late(VISA)
        self.visit = self._books(VISA)
        self.me = patient(site.services, self.email, phone=self.phone)
        site.clock.set(site.services.ask(queries.visit, self.visit).end_at + timedelta(hours=4))

    def _books(self, number: str) -> int:
        self.n = next(_numbers)
        self.email, self.phone, who = f"till{self.n}@example.org", f"+1512555{7300 + self.n}", f"till {self.n}"
        self.site.clock.advance(timedelta(minutes=1, seconds=1))
        factories.visitor(self.site.clinic, who, "botox", email=self.email, phone=self.phone)
        keeps(self.site, who, "10:00")
        return self.desk.books(who, self.site.clinic["policy"], number).appointment_id

    def _late(self, number: str) -> int:
        visit = self.site.services.ask(queries.visit, self._books(number))
        began = self.site.clock.now()
        self.site.clock.set(visit.start_at - timedelta(hours=1))
        self.site.services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=12000)
        fee = self.desk.cashier.settle(self.desk.of_visit(visit.appointment_id)[-1].id)
        self.site.clock.set(began)
        return fee.id

    def calls(self) -> Iterator[tuple[str, dict[str, Any], str]]:
        yield f"{LIST}.enter", {}, "/admin/payments"
        yield f"{LIST}.look_for", {"form": {"wanted": self.email}}, "/admin/payments"
        yield f"{MISSED}.enter", {}, "/admin/payments/missed"
        yield f"{MISSED}.ask", {"appointment_id": self.visit}, "/admin/payments/missed"
        yield f"{MISSED}.charge", {}, "/admin/payments/missed"
        for paid in (self.owed, self.paid):
            at = f"/admin/payment?id={paid}"
            yield f"{ONE}.enter", {}, at
            yield f"{ONE}.waive", {"form": {"reason": REASON}}, at
            yield f"{ONE}.attend", {"form": {"reason": REASON}}, at
            yield f"{ONE}.ask", {"what": "refund"}, at
            yield f"{ONE}.check_refund", {"form": {"amount": "1", "reason": REASON}}, at
            yield f"{ONE}.give_back", {}, at

    def retry(self) -> Iterator[tuple[str, dict[str, Any], str]]:
        for handler in ("enter", "retry"):
            yield f"{ONE}.{handler}", {}, f"/admin/payment?id={self.owed}"


@pytest.fixture
def victim(site: Site) -> Till:
    return Till(site)


def kept(victim: Till) -> list[dict[str, Any]]:
    """Its books, but for when something was looked at last; those of others the worker may settle meanwhile."""
    paid = [one for one in rows(victim.site.services, Payment) if one.id > victim.others]
    back = [one for one in rows(victim.site.services, Refund) if one.payment_id > victim.others]
    return [one.model_dump(exclude={"updated_at"}) for one in (*paid, *back)]


async def all_of(site: Site, *calls: tuple[str, dict[str, Any], str], **who: str) -> str:
    async with Attacker(site.url, cookie=secrets.token_urlsafe(32), **who) as attacker:  # type: ignore[arg-type]
        for name, payload, path in calls:
            await attacker._emit(name, payload, path)
        return told(await attacker.listen(0.8))


async def test_an_owner_gives_back_waives_and_charges(site: Site, victim: Till) -> None:
    """The control."""
    heard = await all_of(site, *victim.calls(), staff=staff(site.services, "owner").cookie)
    assert "Late cancellation" in heard
    found = {one.id: one for one in rows(site.services, Payment)}
    assert found[victim.owed].state == State.WAIVED
    assert [one.amount_minor for one in rows(site.services, Refund) if one.payment_id == victim.paid] == [100]
    assert site.services.ask(queries.visit, victim.visit).status == "noshow"


async def test_the_front_desk_charges_and_gives_nothing_back(site: Site, victim: Till) -> None:
    before = {one.id: one.state for one in rows(site.services, Payment)}
    refunds = len(rows(site.services, Refund))
    await all_of(site, *victim.calls(), *victim.retry(), staff=staff(site.services, "front_desk").cookie)
    after = {one.id: one for one in rows(site.services, Payment)}
    assert (after[victim.owed].state, after[victim.owed].attempt) == (State.FAILED, 2)
    assert after[victim.paid].state == before[victim.paid]
    assert len(rows(site.services, Refund)) == refunds
    assert site.services.ask(queries.visit, victim.visit).status == "noshow"


@pytest.mark.parametrize("caller", ["provider", "read only", "patient", "nobody"])
async def test_anyone_else_sees_and_moves_nothing(site: Site, victim: Till, caller: str) -> None:
    who = {
        "provider": {"staff": staff(site.services, "provider").cookie},
        "read only": {"staff": staff(site.services, "read_only").cookie},
        "patient": {"portal": victim.me.cookie},
        "nobody": {},
    }[caller]
    before = kept(victim)
    heard = await all_of(site, *victim.calls(), *victim.retry(), **who)
    secret = [one.reference for one in rows(site.services, Payment) if one.id in (victim.owed, victim.paid)]
    assert [one for one in (*secret, "Late cancellation", "0341", "pi_", REASON) if one in heard] == []
    assert kept(victim) == before
    assert site.services.ask(queries.visit, victim.visit).status == "booked"


async def test_junk_moves_nothing_and_is_not_logged(site: Site, victim: Till) -> None:
    before, owner = kept(victim), staff(site.services, "owner").cookie
    handlers = {
        f"{LIST}.look_for": ("form", "/admin/payments"),
        f"{MISSED}.ask": ("appointment_id", "/admin/payments/missed"),
        **{f"{ONE}.{one}": ("form", f"/admin/payment?id={victim.paid}") for one in ("check_refund", "waive", "attend")},
        f"{ONE}.ask": ("what", f"/admin/payment?id={victim.paid}"),
    }
    strange: list[Any] = [
        {"amount": one, "reason": MARKER} for one in ("-1", "1e9", "٣", "0", "9" * 30, "NaN", 1, None)
    ]
    for name, (argument, path) in handlers.items():
        async with Attacker(site.url, staff=owner, cookie="v" * 43) as attacker:
            await attacker.send(f"{name.rsplit('.', 1)[0]}.enter", path=path)
            for junk in (*MORE_JUNK, MARKER, [MARKER], *strange):
                await attacker._emit(name, {argument: junk}, path)
            heard = told(await attacker.listen(0.3))
            assert attacker.is_connected, name
        assert "Something broke" not in heard, name
    for query in ("?id=", "?id=-1", "?id=99999999999999999999", f"?id={MARKER}", "?show=x&before=x&q=" + "x" * 500):
        await all_of(site, *((f"{of}.enter", {}, f"/admin/payment{query}") for of in (LIST, ONE)), staff=owner)
    assert kept(victim) == before
    log_is_clean(site)
