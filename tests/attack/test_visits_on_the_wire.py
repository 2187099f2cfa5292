"""The page of a visit at the desk over a raw socket: by other roles, by patients and nobody, with junk."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from clinic_portal.booking import models, queries
from clinic_portal.booking.bills import bill_of
from clinic_portal.booking.types import Visit
from tests import factories
from tests.attack.attacker import ROOT_STATE, Attacker, told
from tests.attack.free_days import keeps
from tests.attack.test_portal_on_the_wire import MARKER, MORE_JUNK, log_is_clean
from tests.card_kit import till
from tests.factories import patient, rows, staff
from tests.site import Site
from tests.visits_kit import has_credit, has_items, left

DESK = f"{ROOT_STATE}.clinic_portal___web___admin___visit____desk_visit"
_numbers = count(1)


class Booked:
    """A visit whose hour it is, one of a package and some credit in its patient's wallet."""

    def __init__(self, site: Site) -> None:
        n = next(_numbers)
        self.site, self.email, self.phone = site, f"desk{n}@example.org", f"+1512555{7700 + n}"
        factories.visitor(site.clinic, f"desk {n}", "botox", email=self.email, phone=self.phone)
        keeps(site, f"desk {n}", "10:00")
        done = till(site.services).books(f"desk {n}", site.clinic["policy"])
        self.visit: Visit = site.services.ask(queries.visit, done.appointment_id)
        self.lot = has_items(site.services, self.visit.patient_id, service_id=site.clinic["botox"])
        has_credit(site.services, self.visit.patient_id, 3000)
        site.clock.set(self.visit.start_at)
        services = rows(site.services, models.AppointmentService)
        self.line = next(one.id for one in services if one.appointment_id == self.visit.appointment_id)

    @property
    def path(self) -> str:
        return f"/admin/visit?id={self.visit.appointment_id}"

    def calls(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield "enter", {}
        yield "check_in", {}
        yield "undo", {}
        yield "check_in", {}
        yield "pay_with", {"line_id": self.line, "value": str(self.lot)}
        yield "add", {"form": {"words": "A longer session", "amount": "25"}}
        yield "credit", {"form": {"credit": "10"}}
        yield "paid", {"how": "cash"}
        yield "check_out", {}


@pytest.fixture
def victim(site: Site) -> Booked:
    return Booked(site)


async def all_of(victim: Booked, **who: str) -> str:
    async with Attacker(victim.site.url, cookie=secrets.token_urlsafe(32), **who) as attacker:  # type: ignore[arg-type]
        for name, payload in victim.calls():
            await attacker._emit(f"{DESK}.{name}", payload, victim.path)
        return told(await attacker.listen(0.8))


def stands(victim: Booked) -> tuple[Any, ...]:
    now = victim.site.services.ask(queries.visit, victim.visit.appointment_id)
    bill = victim.site.services.ask(bill_of, victim.visit.appointment_id)
    return now.status, now.sequence, left(victim.site.services, victim.lot), bill


@pytest.mark.parametrize("role", ["owner", "front_desk", "provider"])
async def test_who_runs_visits_checks_in_and_out(site: Site, victim: Booked, role: str) -> None:
    """The control."""
    heard = await all_of(victim, staff=staff(site.services, role).cookie)
    assert victim.visit.reference in heard
    status, _, items, bill = stands(victim)
    assert (status, items) == ("fulfilled", (1, 0))
    assert (bill.sums.total_minor, bill.sums.credit_minor, bill.sums.desk_minor) == (26500, 1000, 1500)


@pytest.mark.req("P15")
@pytest.mark.parametrize("caller", ["read only", "patient", "nobody"])
async def test_anyone_else_sees_and_moves_nothing(site: Site, victim: Booked, caller: str) -> None:
    who = {
        "read only": {"staff": staff(site.services, "read_only").cookie},
        "patient": {"portal": patient(site.services, victim.email, phone=victim.phone).cookie},
        "nobody": {},
    }[caller]
    before = stands(victim)
    heard = await all_of(victim, **who)
    assert [one for one in (victim.visit.reference, "Amara", "A longer session") if one in heard] == []
    assert stands(victim) == before


async def test_junk_moves_nothing_and_is_not_logged(site: Site, victim: Booked) -> None:
    before, owner = stands(victim), staff(site.services, "owner").cookie
    arguments = {
        "done": ("line_id", "is_done"),
        "pay_with": ("line_id", "value"),
        "add": ("form",),
        "drop": ("number",),
        "credit": ("form",),
        "paid": ("how",),
    }
    strange: list[Any] = [
        {"words": MARKER, "amount": one, "credit": one} for one in ("-1e9", "٣", "9" * 15, "NaN", "--1", 1, None, "−")
    ]
    for name, wanted in arguments.items():
        async with Attacker(site.url, staff=owner, cookie="v" * 43) as attacker:
            for junk in (*MORE_JUNK, MARKER, [MARKER], *strange):
                await attacker._emit(f"{DESK}.{name}", dict.fromkeys(wanted, junk), victim.path)
            await attacker.send(f"{DESK}.enter", path=victim.path)
            for junk in (*MORE_JUNK, MARKER, [MARKER], *strange):
                await attacker._emit(f"{DESK}.{name}", dict.fromkeys(wanted, junk), victim.path)
            heard = told(await attacker.listen(0.4))
            assert attacker.is_connected, name
        assert "Something broke" not in heard, name
    for query in ("", "?id=-1", f"?id={'9' * 20}", f"?id={MARKER}", f"?ref={MARKER}", "?ref=" + "x" * 500, "?ref=%00"):
        async with Attacker(site.url, staff=owner, cookie="w" * 43) as attacker:
            for name in ("enter", "check_in", "undo", "no_credit", "check_out"):
                await attacker._emit(f"{DESK}.{name}", {}, f"/admin/visit{query}")
            heard = told(await attacker.listen(0.3))
        assert "Something broke" not in heard, query
    assert stands(victim) == before
    log_is_clean(site)


async def test_what_is_anothers_pays_nothing(site: Site, victim: Booked) -> None:
    other = Booked(site)
    before = stands(victim), stands(other)
    site.clock.set(max(victim.visit.start_at, other.visit.start_at))
    async with Attacker(site.url, staff=staff(site.services, "owner").cookie, cookie="x" * 43) as attacker:
        await attacker.send(f"{DESK}.enter", path=victim.path)
        for line_id, lot_id in ((victim.line, other.lot), (other.line, victim.lot), (other.line, other.lot)):
            payload = {"line_id": line_id, "value": str(lot_id)}
            await attacker._emit(f"{DESK}.pay_with", payload, victim.path)
        await attacker.listen(0.4)
    assert (stands(victim), stands(other)) == before
