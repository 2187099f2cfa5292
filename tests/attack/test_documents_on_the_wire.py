"""The staff's pages of a patient's documents over a raw socket: by other roles, by patients and nobody, with junk."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from clinic_portal.booking import paperwork, queries
from clinic_portal.core.audit import AuditEntry
from clinic_portal.forms import queries as forms
from clinic_portal.forms.models import DocumentSeal, FormDocument, FormRequest
from tests.attack.attacker import ROOT_STATE, Attacker, told
from tests.attack.free_days import books
from tests.attack.test_portal_on_the_wire import MARKER, MORE_JUNK, log_is_clean
from tests.factories import SignedIn, patient, rows, staff
from tests.forms_kit import CONSENT, INTAKE, TYPED, fill, put, sign_consent
from tests.site import Site

WEB = f"{ROOT_STATE}.clinic_portal___web___admin___"
DOCUMENT, FOLDER = f"{WEB}document____desk_document", f"{WEB}folder____documents"
REASON = "Signed by the sister."
_numbers = count(1)


class Victim:
    """A patient who has answered an intake and signed a consent, and is asked for one form more."""

    def __init__(self, site: Site) -> None:
        n = next(_numbers)
        self.secret = f"loganberry-rash-{n}-"
        put(site.clinic, "desk-intake", "questionnaire", {**INTAKE, "title": "Desk intake"}, ("peel",))
        put(site.clinic, "desk-consent", "consent", {**CONSENT, "title": "Desk consent"}, ("peel",))
        put(site.clinic, "desk-extra", "questionnaire", {**INTAKE, "title": "Desk extra"}, ())
        email, phone = f"desk{n}@example.org", f"+1512555{8300 + n}"
        known = books(site, f"desk {n}", "13:00", "peel", email=email, phone=phone)
        self.me: SignedIn = patient(site.services, email, phone=phone)
        self.patient_id = site.services.ask(queries.visit, known.appointment_id).patient_id
        papers = site.services.ask(paperwork.papers_of_patient, self.patient_id)
        asked = {one.request.title: one.request.id for one in papers}
        none = {"none": True, "rows": []}
        self.intake = fill(
            site.services, self.patient_id, asked["Desk intake"], pregnant="no", allergies=none, note=self.secret
        )
        self.consent = sign_consent(site.services, self.patient_id, asked["Desk consent"])
        slugs = {one.slug: one.id for one in site.services.ask(forms.forms).values()}
        self.extra = slugs["desk-extra"]
        owner = staff(site.services, "owner").actor
        self.request_id = site.services.do(paperwork.ask_for_form, owner, self.patient_id, self.extra)

    @property
    def folder_path(self) -> str:
        return f"/admin/patient?id={self.patient_id}&view=more"

    def path(self, document_id: int) -> str:
        return f"/admin/document?id={document_id}"

    def calls(self) -> Iterator[tuple[str, dict[str, Any], str]]:
        signed = {f"sign-provider-{name}": value for name, value in TYPED.items() if isinstance(value, str)}
        yield f"{FOLDER}.enter", {}, self.folder_path
        yield f"{FOLDER}.consider", {"request_id": self.request_id}, self.folder_path
        yield f"{FOLDER}.take_back", {"request_id": self.request_id}, self.folder_path
        yield f"{FOLDER}.ask", {"form": {"form": str(self.extra), "visit": ""}}, self.folder_path
        yield f"{DOCUMENT}.enter", {}, self.path(self.intake)
        yield f"{DOCUMENT}.enter", {}, self.path(self.consent)
        yield f"{DOCUMENT}.sign", {"form": {"role": "provider", **signed}}, self.path(self.consent)
        yield f"{DOCUMENT}.consider", {"is_voiding": True}, self.path(self.consent)
        yield f"{DOCUMENT}.declare_void", {"form": {"reason": REASON}}, self.path(self.consent)


@pytest.fixture
def victim(site: Site) -> Victim:
    return Victim(site)


def kept(site: Site) -> list[list[Any]]:
    return [[one.model_dump() for one in rows(site.services, model)] for model in (FormDocument, DocumentSeal)]


def asked(site: Site) -> list[Any]:
    return [one.model_dump() for one in rows(site.services, FormRequest)]


async def all_of(site: Site, victim: Victim, **who: str) -> str:
    async with Attacker(site.url, cookie=secrets.token_urlsafe(32), **who) as attacker:  # type: ignore[arg-type]
        for name, payload, path in victim.calls():
            await attacker._emit(name, payload, path)
        return told(await attacker.listen(0.8))


async def test_a_provider_reads_signs_and_declares_void(site: Site, victim: Victim) -> None:
    """The control."""
    heard = await all_of(site, victim, staff=staff(site.services, "provider").cookie)
    assert victim.secret in heard
    assert REASON in heard
    deeds = [one.deed for one in rows(site.services, DocumentSeal) if one.document_id == victim.consent]
    assert deeds == ["completed", "countersigned", "voided"]


async def test_the_front_desk_reads_signs_and_declares_nothing(site: Site, victim: Victim) -> None:
    before = kept(site)
    heard = await all_of(site, victim, staff=staff(site.services, "front_desk").cookie)
    assert "Desk intake" in heard
    assert [one for one in (victim.secret, "Are you pregnant?", "A treatment of lines", REASON) if one in heard] == []
    assert kept(site) == before
    assert "document.read" not in [one.action for one in rows(site.services, AuditEntry)[-3:]]


@pytest.mark.parametrize("caller", ["read only", "patient", "nobody"])
async def test_anyone_else_sees_and_changes_nothing(site: Site, victim: Victim, caller: str) -> None:
    who = {
        "read only": {"staff": staff(site.services, "read_only").cookie},
        "patient": {"portal": victim.me.cookie},
        "nobody": {},
    }[caller]
    before, requests = kept(site), asked(site)
    heard = await all_of(site, victim, **who)
    assert [one for one in (victim.secret, "Desk intake", "Desk consent", "Desk extra") if one in heard] == []
    assert (kept(site), asked(site)) == (before, requests)


async def test_junk_breaks_nothing_and_is_not_logged(site: Site, victim: Victim) -> None:
    deep = "[" * 20_000
    strokes: list[Any] = [deep, "[[[1e999, -1]]]", "[NaN]", "{}", "null", "[1", "9" * 5000, json.dumps([[MARKER]])]
    before, owner = kept(site), staff(site.services, "owner").cookie
    at = victim.path(victim.consent)
    handlers = [(f"{FOLDER}.{one}", victim.folder_path) for one in ("ask", "consider", "take_back")]
    handlers += [(f"{DOCUMENT}.{one}", at) for one in ("sign", "consider", "declare_void")]
    argument = {
        "ask": "form",
        "sign": "form",
        "declare_void": "form",
        "consider": "request_id",
        "take_back": "request_id",
    }
    for name, path in handlers:
        wanted = "is_voiding" if name == f"{DOCUMENT}.consider" else argument[name.rsplit(".", 1)[1]]
        async with Attacker(site.url, staff=owner, cookie="v" * 43) as attacker:
            await attacker.send(f"{name.rsplit('.', 1)[0]}.enter", path=path)
            for junk in (*MORE_JUNK, MARKER, [MARKER], {"role": MARKER, "reason": [MARKER], "form": {}, "visit": 7}):
                await attacker._emit(name, {wanted: junk}, path)
            await attacker.listen(0.3)
            assert attacker.is_connected, name
    async with Attacker(site.url, staff=owner, cookie="v" * 43) as attacker:
        await attacker.send(f"{DOCUMENT}.enter", path=at)
        for drawn in strokes:
            form = {"role": "provider", "sign-provider-name": "x", "sign-provider-method": "drawn"}
            await attacker._emit(f"{DOCUMENT}.sign", {"form": {**form, "sign-provider-strokes": drawn}}, at)
        heard = told(await attacker.listen(0.5))
        assert attacker.is_connected
    assert "Something broke" not in heard
    assert kept(site) == before
    log_is_clean(site)
