"""A provider who sees only their own calendar and patients, over a raw socket and HTTP, with a colleague's ids."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from clinic_portal.accounts.models import Staff
from clinic_portal.booking import paperwork, queries
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.db import table
from clinic_portal.forms.models import DocumentSeal
from clinic_portal.patients import history, notes
from clinic_portal.web.identity import STAFF, cookie_name
from tests.attack.attacker import ROOT_STATE, Attacker, told
from tests.attack.free_days import keeps
from tests.attack.test_portal_on_the_wire import STAFFS, arguments
from tests.card_kit import till
from tests.factories import SignedIn, everything, rows, staff, visitor
from tests.forms_kit import INTAKE, TYPED, fill, put
from tests.site import Site

WEB = f"{ROOT_STATE}.clinic_portal___web___admin___"
PATIENT, NOTES = f"{WEB}chart___state____patient_page", f"{WEB}chart___notes____notes_part"
FOLDER, DOCUMENT, FORM = f"{WEB}folder____documents", f"{WEB}document____desk_document", f"{WEB}form____desk_form"
VISIT, TODAY, PATIENTS = f"{WEB}visit____desk_visit", f"{WEB}today____today", f"{WEB}patients____patients"
CALENDAR, NEW_VISIT = f"{WEB}calendar___state____calendar", f"{WEB}new_visit___state____new_visit"
_numbers = count(1)


class Chart:
    """Somebody's patient: a visit, an answered form and one that is asked for, a history, a note."""

    def __init__(self, site: Site, service: str, clock: str, given: str) -> None:
        n = next(_numbers)
        put(site.clinic, "scope-intake", "questionnaire", {**INTAKE, "title": "Scope intake"}, ("peel", "botox"))
        put(site.clinic, "scope-extra", "questionnaire", {**INTAKE, "title": "Scope extra"}, ())
        self.family = f"Quint{chr(97 + n)}{chr(97 + n)}son"
        self.secret, email, phone = f"saskatoon-rash-{n}-", f"scope{n}@example.org", f"+1512555{8600 + n}"
        who = {"email": email, "phone": phone, "name": (given, self.family)}
        visitor(site.clinic, f"scope {n}", service, **who)
        self.on = keeps(site, f"scope {n}", clock)
        visit = till(site.services).books(f"scope {n}", site.clinic["policy"])
        self.visit, self.reference = visit.appointment_id, visit.reference
        self.patient = site.services.ask(queries.visit, self.visit).patient_id
        papers = site.services.ask(paperwork.papers_of_patient, self.patient)
        asked = {one.request.title: one.request for one in papers}
        none = {"none": True, "rows": []}
        intake = asked["Scope intake"].id
        self.document = fill(site.services, self.patient, intake, pregnant="no", allergies=none, note=self.secret)
        owner = staff(site.services, "owner").actor
        typed = {"name": self.secret, "reaction": "", "since": "", "severity": "", "note": ""}
        told_by = f"patient:{self.patient}"
        site.services.do(history.record, told_by, self.patient, "allergy", {"substance": self.secret, **typed})
        site.services.do(notes.write, owner, self.patient, "alert", self.secret)
        extra = next(one.id for one in site.services.ask(_forms).values() if one.slug == "scope-extra")
        self.request = site.services.do(paperwork.ask_for_form, owner, self.patient, extra)
        self.extra = extra

    @property
    def marks(self) -> tuple[str, ...]:
        """What would give them away."""
        return self.secret, self.family, self.reference

    def calls(self) -> Iterator[tuple[str, dict[str, Any], str]]:
        chart = f"/admin/patient?id={self.patient}"
        for view in ("", "notes", "more", "history", "appointments", "payments", "activity", "wallet", "messages"):
            yield f"{PATIENT}.enter", {}, f"{chart}&view={view}" if view else chart
        yield f"{PATIENT}.open_chart", {}, f"{chart}&view=history"
        yield f"{NOTES}.write", {"form": {"kind": "note", "body": "An intruder's note."}}, f"{chart}&view=notes"
        yield f"{FOLDER}.enter", {}, f"{chart}&view=more"
        yield f"{FOLDER}.take_back", {"request_id": self.request}, f"{chart}&view=more"
        yield f"{FOLDER}.ask", {"form": {"form": str(self.extra), "visit": self.reference}}, f"{chart}&view=more"
        paper = f"/admin/document?id={self.document}"
        yield f"{DOCUMENT}.enter", {}, paper
        signed = {f"sign-provider-{name}": value for name, value in TYPED.items() if isinstance(value, str)}
        yield f"{DOCUMENT}.sign", {"form": {"role": "provider", **signed}}, paper
        yield f"{DOCUMENT}.consider", {"is_voiding": True}, paper
        yield f"{DOCUMENT}.declare_void", {"form": {"reason": "An intruder's reason."}}, paper
        form = f"/admin/form?patient={self.patient}&id={self.request}"
        yield f"{FORM}.enter", {}, form
        yield f"{FORM}.save", {"form": self.request, "link": "note", "value": "x", "base": 0, "mark": "m"}, form
        yield f"{FORM}.send", {}, form
        for address in (f"/admin/visit?id={self.visit}", f"/admin/visit?ref={self.reference}"):
            yield f"{VISIT}.enter", {}, address
            yield f"{VISIT}.check_in", {}, address
            yield f"{VISIT}.check_out", {}, address
        yield f"{PATIENTS}.look", {"typed": self.family}, "/admin/patients"
        yield f"{PATIENTS}.enter", {}, "/admin/patients?words=kept"
        yield f"{NEW_VISIT}.enter", {}, f"/admin/appointments/new?patient={self.patient}"
        yield f"{NEW_VISIT}.seek", {"wanted": self.family}, "/admin/appointments/new"
        yield f"{NEW_VISIT}.pick", {"patient_id": self.patient}, "/admin/appointments/new"
        yield f"{CALENDAR}.enter", {}, f"/admin/calendar?on={self.on.isoformat()}"
        yield f"{CALENDAR}.enter", {}, f"/admin/calendar?on={self.on.isoformat()}&view=week"
        yield f"{TODAY}.enter", {}, f"/admin?on={self.on.isoformat()}"

    def files(self) -> Iterator[str]:
        yield f"/admin/document.pdf?id={self.document}"
        yield f"/admin/receipt.pdf?visit={self.reference}"
        yield f"/admin/receipt.pdf?id={self.visit}"


def _forms(read: Any) -> Any:
    from clinic_portal.forms import queries as forms

    return forms.forms(read)


class Nobody(Chart):
    """The same calls about ids that were never given out."""

    def __init__(self, like: Chart) -> None:
        vars(self).update(vars(like))
        self.patient = self.visit = self.document = self.request = 987_654
        self.reference, self.family = "LMN-NOBODY", "Nobodyson"


@pytest.fixture(scope="module")
def foreign(site: Site) -> Chart:
    return Chart(site, "peel", "13:00", "Zelda")  # Lena alone does peels


@pytest.fixture(scope="module")
def own(site: Site) -> Chart:
    return Chart(site, "botox", "09:00", "Amara")  # Maya alone does neurotoxin


def narrow(site: Site, who: SignedIn, *, calendar: bool = True, patients: bool = True) -> SignedIn:
    """From now on they see Maya's own calendar or patients alone, as an owner set it."""
    mine = table(Staff).c.id == who.actor.staff_id
    sees = {"sees_every_calendar": not calendar, "sees_every_patient": not patients}
    set_so = update(table(Staff)).where(mine).values(provider_id=site.clinic["maya"], **sees)
    site.services.do(lambda work: work.execute(set_so))
    return who


def maya(site: Site, **sees: bool) -> SignedIn:
    return narrow(site, staff(site.services, "provider", email=f"maya{next(_numbers)}@lumen.example"), **sees)


async def all_of(site: Site, chart: Chart, cookie: str) -> list[str]:
    """What came back for each call."""
    heard = []
    async with Attacker(site.url, staff=cookie, cookie=secrets.token_urlsafe(32)) as attacker:
        for name, payload, path in chart.calls():
            heard.append(f"{name.rpartition('.')[2]} {path}: {told(await attacker.send(name, payload, path=path))}")
    return heard


def kept(site: Site) -> dict[str, list[str]]:
    return everything(site.services, but=("audit_entry", "account_session", "staff", "attempt"))


async def test_of_their_own_patient_they_see_and_do_all(site: Site, own: Chart) -> None:
    """The control."""
    heard = "".join(await all_of(site, own, maya(site).cookie))
    assert [one for one in own.marks if one not in heard] == []
    assert [one for one in rows(site.services, DocumentSeal) if one.document_id == own.document][-1].deed == "voided"


@pytest.mark.req("P15")
@pytest.mark.parametrize("sees", [{}, {"calendar": False}], ids=["own calendar", "every calendar"])
async def test_of_a_colleagues_patient_nothing_comes_and_nothing_is_done(
    site: Site, foreign: Chart, sees: dict[str, bool]
) -> None:
    who, before = maya(site, **sees), kept(site)
    heard = await all_of(site, foreign, who.cookie)
    assert [one for one in heard if foreign.secret in one or "Zelda" in one] == []
    unasked = [one for one in heard if "ref=" not in one.partition(": ")[0]]  # what they typed comes back to them
    assert [one for one in unasked if foreign.reference in one] == []
    assert kept(site) == before
    read = [one for one in rows(site.services, AuditEntry) if one.actor == who.actor.tag]
    assert [one.action for one in read if one.subject == f"patient:{foreign.patient}"] == []


@pytest.mark.req("P15")
async def test_they_hear_what_they_would_hear_of_nobody(site: Site, foreign: Chart) -> None:
    who, nobody = maya(site), Nobody(foreign)
    mine, theirs = await all_of(site, foreign, who.cookie), await all_of(site, nobody, who.cookie)

    def plain(answers: list[str], chart: Chart) -> list[str]:
        return [_without(one.partition(": ")[2], chart.reference, chart.family) for one in answers]

    different = [
        (call[0], *_apart(one, other))
        for one, other, call in zip(plain(mine, foreign), plain(theirs, nobody), foreign.calls(), strict=True)
        if one != other and CALENDAR not in call[0]
    ]
    assert different == []


def _apart(one: str, other: str) -> tuple[str, str]:
    """The first place where two answers differ."""
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[max(0, at - 60) : at + 60], other[max(0, at - 60) : at + 60]


def _without(answer: str, *typed: str) -> str:
    """An answer without what was typed, the connection's own, and every number: ids, counts, clocks."""
    heard = [one.get("delta", {}) for one in json.loads(answer)]
    said = json.dumps(
        [{name: told for name, told in one.items() if name != ROOT_STATE} for one in heard], sort_keys=True
    )
    for one in typed:
        said = said.replace(one, "#")
    return re.sub(r"[\d.]+", "#", said)


@pytest.mark.req("P15")
async def test_files_of_a_colleagues_patient_are_not_found(site: Site, foreign: Chart, own: Chart) -> None:
    who = maya(site)
    cookies = {cookie_name(site.settings, STAFF): who.cookie}
    async with httpx.AsyncClient(base_url=site.url, cookies=cookies) as browser:
        for theirs, nobodys in zip(foreign.files(), Nobody(foreign).files(), strict=True):
            one, other = await browser.get(theirs), await browser.get(nobodys)
            assert (one.status_code, one.content) == (other.status_code, other.content), theirs
            assert one.status_code in (303, 404), theirs
        assert (await browser.get(next(own.files()))).status_code == 200


@pytest.mark.req("P15")
async def test_what_was_open_closes_at_the_next_click_once_they_see_less(site: Site, foreign: Chart) -> None:
    """Narrowed while a patient's page and a visit stand open: on the same connection, with the same state."""
    who = narrow(site, maya(site), calendar=False, patients=False)
    path, visit = f"/admin/patient?id={foreign.patient}", f"/admin/visit?id={foreign.visit}"
    async with Attacker(site.url, staff=who.cookie, cookie=secrets.token_urlsafe(32)) as attacker:
        assert foreign.family in told(await attacker.send(f"{PATIENT}.enter", path=path))
        assert foreign.reference in told(await attacker.send(f"{VISIT}.enter", path=visit))
        narrow(site, who)
        before = kept(site)
        for name, payload, at in (
            (f"{PATIENT}.open_chart", {}, path),
            (f"{VISIT}.check_in", {}, visit),
            (f"{NOTES}.write", {"form": {"kind": "note", "body": "Still here."}}, path),
            (f"{ROOT_STATE}.hydrate", {}, path),
        ):
            heard = told(await attacker.send(name, payload, path=at))
            assert [one for one in foreign.marks if one in heard] == [], name
        assert kept(site) == before


@pytest.mark.req("P15")
async def test_who_may_only_read_finds_no_button_that_works(site: Site, own: Chart) -> None:
    """Every event of the staff's pages, at an address that is there, with values of every kind."""
    cookie, before = staff(site.services, "read_only").cookie, kept(site)
    for name in (one for one in STAFFS if not one.endswith(".end")):
        async with Attacker(site.url, staff=cookie, cookie="r" * 43) as attacker:
            for value in (own.patient, "note", {"kind": "note", "body": "A reader's note.", "reason": "none"}):
                payload = dict.fromkeys(arguments(name), value)
                await attacker._emit(name, payload, f"/admin/patient?id={own.patient}")
            heard = told(await attacker.listen(0.02, patience_seconds=0.5))
        assert own.secret not in heard, name
    assert kept(site) == before
