"""A patient's form over a raw socket: by another patient, with junk, and once the session is over."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from clinic_portal.accounts import sessions
from clinic_portal.booking import paperwork, queries
from clinic_portal.forms import filling
from clinic_portal.forms.models import FormDocument
from clinic_portal.forms.types import Draft, Hand
from tests.attack.attacker import ROOT_STATE, Attacker, told
from tests.attack.free_days import books
from tests.attack.test_portal_on_the_wire import MARKER, MORE_JUNK, log_is_clean
from tests.factories import SignedIn, patient, rows, staff
from tests.forms_kit import CONSENT, put
from tests.site import Site

WEB = f"{ROOT_STATE}.clinic_portal___web___"
MINE, DESK = f"{WEB}portal___form____form_page", f"{WEB}admin___form____desk_form"
_numbers = count(1)
ITEMS = {
    "yes": {"type": "yes_no"}, "more": {"type": "yes_no_explain"}, "long": {"type": "long_text"},
    "home": {"type": "address"}, "drugs": {"type": "medications"}, "day": {"type": "date"},
    "some": {"type": "choices", "options": [{"code": "a", "label": "A"}]},
    "other": {"type": "choice_other", "options": [{"code": "a", "label": "A"}]},
    "sign": {"type": "signature"}, "photo": {"type": "photo"},
}  # fmt: skip


class Victim:
    """A patient with a form half filled in."""

    def __init__(self, site: Site) -> None:
        n = next(_numbers)
        self.secret = f"loganberry-rash-{n}-"
        self.email, self.phone = f"forms{n}@example.org", f"+1512555{8100 + n}"
        items = [{"link_id": link, "text": link, **more} for link, more in ITEMS.items()]
        put(site.clinic, "wire", "questionnaire", {"title": "On the wire", "items": items}, ("hair",))
        put(site.clinic, "wire-consent", "consent", CONSENT, ("hair",))
        known = books(site, f"forms {n}", "16:30", "hair", email=self.email, phone=self.phone)
        self.me: SignedIn = patient(site.services, self.email, phone=self.phone)
        self.patient_id = site.services.ask(queries.visit, known.appointment_id).patient_id
        papers = site.services.ask(paperwork.papers_of_patient, self.patient_id)
        self.request_id = next(one.request.id for one in papers if one.request.title == "On the wire")
        hand = Hand(self.me.actor.tag, "Vera")
        self.draft: Draft = site.services.do(paperwork.begin, self.patient_id, self.request_id, hand)
        site.services.do(filling.save, self.patient_id, self.draft.document_id, "long", self.secret, seen=0, hand=hand)

    @property
    def path(self) -> str:
        return f"/portal/form?id={self.request_id}"

    @property
    def desk_path(self) -> str:
        return f"/admin/form?patient={self.patient_id}&id={self.request_id}"

    def calls(self, page: str) -> Iterator[tuple[str, dict[str, Any]]]:
        yield f"{page}.enter", {}
        answer = {"form": self.request_id, "link": "long", "value": "changed", "base": 99, "mark": "m"}
        yield f"{page}.save", answer
        yield f"{page}.look", {}
        yield f"{page}.go", {"step": "-start", "link": "long"}
        yield f"{page}.tell_change", {"has_changes": False}
        yield f"{page}.show_all", {}
        yield f"{page}.resolve", {"link": "long", "which": "mine"}
        yield f"{page}.add_row", {"link": "drugs"}
        yield f"{page}.remove_row", {"link": "drugs", "place": 0}
        yield f"{page}.send", {}


@pytest.fixture
def victim(site: Site) -> Victim:
    return Victim(site)


def documents(site: Site) -> list[Any]:
    return [one.model_dump() for one in rows(site.services, FormDocument)]


async def test_the_patient_themselves_reads_and_changes_it(site: Site, victim: Victim) -> None:
    """The control."""
    async with Attacker(site.url, portal=victim.me.cookie, cookie="v" * 43) as mine:
        for name, payload in victim.calls(MINE):
            await mine._emit(name, payload, victim.path)
        heard = told(await mine.listen(0.6))
    assert victim.secret in heard
    document = next(one for one in rows(site.services, FormDocument) if one.request_id == victim.request_id)
    assert document.state == "completed"


@pytest.mark.parametrize("caller", ["another patient", "nobody", "read only", "staff at the portal's page"])
async def test_a_form_of_anothers_is_neither_read_nor_changed(site: Site, victim: Victim, caller: str) -> None:
    other = Victim(site)
    who: dict[str, str] = {
        "another patient": {"portal": other.me.cookie},
        "nobody": {},
        "read only": {"staff": staff(site.services, "read_only").cookie},
        "staff at the portal's page": {"staff": staff(site.services, "owner").cookie},
    }[caller]
    page, path = (DESK, victim.desk_path) if caller == "read only" else (MINE, victim.path)
    before = documents(site)
    async with Attacker(site.url, cookie=secrets.token_urlsafe(32), **who) as attacker:  # type: ignore[arg-type]
        for name, payload in victim.calls(page):
            await attacker._emit(name, payload, path)
        heard = told(await attacker.listen(0.6))
    assert victim.secret not in heard
    assert documents(site) == before


async def test_a_page_opened_on_ones_own_form_saves_nothing_into_anothers(site: Site, victim: Victim) -> None:
    other = Victim(site)
    before = [one for one in documents(site) if one["patient_id"] == victim.patient_id]
    async with Attacker(site.url, portal=other.me.cookie, cookie="v" * 43) as attacker:
        assert "On the wire" in told(await attacker.send(f"{MINE}.enter", path=other.path))
        for name, payload in victim.calls(MINE):
            await attacker._emit(name, payload, victim.path)
        heard = told(await attacker.listen(0.6))
    assert victim.secret not in heard
    assert [one for one in documents(site) if one["patient_id"] == victim.patient_id] == before


async def test_those_at_the_desk_who_read_no_charts_see_nothing_of_what_the_patient_began(
    site: Site, victim: Victim
) -> None:
    async with Attacker(site.url, staff=staff(site.services, "front_desk").cookie, cookie="v" * 43) as desk:
        for name, payload in victim.calls(DESK):
            await desk._emit(name, payload, victim.desk_path)
        heard = told(await desk.listen(0.6))
    assert victim.secret not in heard
    assert "The patient has begun this form" in heard


async def test_a_form_is_empty_on_the_page_once_the_session_is_over(site: Site, victim: Victim) -> None:
    async with Attacker(site.url, portal=victim.me.cookie, cookie="v" * 43, token=victim.email) as mine:
        assert victim.secret in told(await mine.send(f"{MINE}.enter", path=victim.path))
        assert victim.secret in told(await mine.send(f"{ROOT_STATE}.hydrate", path=victim.path))
        site.services.do(sessions.end, victim.me.actor.session_id)
        assert victim.secret not in told(await mine.send(f"{ROOT_STATE}.hydrate", path=victim.path))
        for name, payload in victim.calls(MINE):
            assert victim.secret not in told(await mine.send(name, payload, path=victim.path))


async def test_junk_in_an_answer_breaks_nothing_and_is_not_logged(site: Site, victim: Victim) -> None:
    shapes: list[Any] = [
        *MORE_JUNK, MARKER, {"value": ["yes"], "text": 1}, {"value": {}, "text": MARKER}, {"none": MARKER, "rows": {}},
        {"none": True, "rows": [{"name": {}}]}, {"none": False, "rows": [[MARKER]]}, [{}], [[MARKER]],
        {"method": "drawn", "name": MARKER, "strokes": [[[1e9, -1]]]}, {"method": [], "name": "x", "strokes": []},
        {"method": "drawn", "name": "x", "strokes": [[["1", "2"]]]}, {"street": [MARKER]},
    ]  # fmt: skip
    for link in ITEMS:
        async with Attacker(site.url, portal=victim.me.cookie, cookie="v" * 43) as mine:
            await mine.send(f"{MINE}.enter", path=victim.path)
            for n, value in enumerate(shapes):
                payload = {"form": victim.request_id, "link": link, "value": value, "base": 99, "mark": str(n)}
                await mine._emit(f"{MINE}.save", payload, victim.path)
            await mine.listen(0.3)
            assert mine.is_connected, link
    log_is_clean(site)
    assert site.services.ask(filling.standing, victim.patient_id, victim.draft.document_id).answers
