"""Documents as PDF files: for their patient, and for staff who may read charts; for nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

import httpx
import pypdfium2
import pytest

from clinic_portal.booking import paperwork
from clinic_portal.core.audit import AuditEntry
from tests.factories import SignedIn, booked, patient, rows, staff
from tests.forms_kit import HAND, fill_intake, put_all, sign_consent
from tests.http.browser import Browser
from tests.site import Site

MINE, STAFFS = "/portal/document.pdf", "/admin/document.pdf"
_numbers = count(1)
Make = Callable[[], Browser]


@dataclass
class Papers:
    """A patient with an answered intake, a signed consent, and instructions."""

    me: SignedIn
    intake: int
    consent: int


@pytest.fixture
def papers(site: Site) -> Papers:
    put_all(site.clinic)
    n = next(_numbers)
    email, phone = f"papers{n}@example.org", f"+151255501{40 + n}"
    on = date(2026, 11, 25) + timedelta(days=n)
    booked(site.clinic, f"papers {n}", on, "15:00", "botox", email=email, phone=phone)
    me = patient(site.services, email, phone=phone)
    asked = {
        one.request.title: one.request.id for one in site.services.ask(paperwork.papers_of_patient, me.actor.patient_id)
    }
    return Papers(
        me,
        fill_intake(site.services, me.actor.patient_id, asked["About your health"]),
        sign_consent(site.services, me.actor.patient_id, asked["Consent to neurotoxin"]),
    )


def text_of(answer: httpx.Response) -> str:
    return " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(answer.content))


def reads(site: Site) -> list[AuditEntry]:
    return [one for one in rows(site.services, AuditEntry) if one.action == "document.read"]


def is_refused(answer: httpx.Response, unknown: httpx.Response) -> None:
    assert answer.status_code == 404
    assert "We could not find that document" in answer.text
    assert answer.text == unknown.text


@pytest.mark.req("S28")
@pytest.mark.req("S29")
def test_a_patient_gets_their_own_documents(papers: Papers, browser: Make) -> None:
    amara = browser().has("portal", papers.me.cookie)
    for number, told in ((papers.intake, "Are you pregnant?"), (papers.consent, "Bruises.")):
        answer = amara.get(f"{MINE}?id={number}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"] == f'attachment; filename="document-{number}.pdf"'
        assert answer.headers["cache-control"] == "private, no-store"
        assert told in text_of(answer)


def test_anothers_document_looks_like_none(site: Site, papers: Papers, browser: Make) -> None:
    thief = browser().has("portal", patient(site.services, "thief@example.org", phone="+15125550199").cookie)
    unknown = thief.get(f"{MINE}?id=987654")
    is_refused(thief.get(f"{MINE}?id={papers.intake}"), unknown)
    for odd in ("", "?id=", "?id=x", "?id=-1", "?id=1e9", f"?id={'9' * 40}", "?id=0", "?id=%00"):
        is_refused(thief.get(MINE + odd), unknown)


def test_a_draft_is_no_document_yet(site: Site, papers: Papers, browser: Make) -> None:
    n = next(_numbers)
    email, phone = f"drafts{n}@example.org", f"+151255501{40 + n}"
    booked(
        site.clinic, f"draft {n}", date(2026, 11, 25) + timedelta(days=n), "10:00", "botox", email=email, phone=phone
    )
    me = patient(site.services, email, phone=phone)
    listed = site.services.ask(paperwork.to_do, me.actor.patient_id)
    draft = site.services.do(paperwork.begin, me.actor.patient_id, listed[0].request.id, HAND)
    noor = browser().has("portal", me.cookie)
    is_refused(noor.get(f"{MINE}?id={draft.document_id}"), noor.get(f"{MINE}?id=987654"))
    provider = browser().has("staff", staff(site.services, "provider").cookie)
    is_refused(provider.get(f"{STAFFS}?id={draft.document_id}"), provider.get(f"{STAFFS}?id=987654"))


def test_who_is_signed_out_is_sent_to_sign_in(site: Site, papers: Papers, browser: Make) -> None:
    before = len(reads(site))
    for path, entrance in ((MINE, "/sign-in"), (STAFFS, "/admin/sign-in")):
        answer = browser().get(f"{path}?id={papers.intake}")
        assert (answer.status_code, answer.headers["location"]) == (303, entrance)
    patients = browser().has("portal", papers.me.cookie).get(f"{STAFFS}?id={papers.intake}")
    assert patients.status_code == 303
    assert len(reads(site)) == before


@pytest.mark.req("S49")
def test_staff_who_treat_read_it_and_that_they_did_is_in_the_log(site: Site, papers: Papers, browser: Make) -> None:
    provider = staff(site.services, "provider")
    answer = browser().has("staff", provider.cookie).get(f"{STAFFS}?id={papers.consent}")
    assert answer.status_code == 200
    assert "Consent to neurotoxin" in text_of(answer)
    last = reads(site)[-1]
    assert (last.actor, last.subject) == (provider.actor.tag, f"patient:{papers.me.actor.patient_id}")
    assert last.detail == {"document": papers.consent}


def test_staff_who_do_not_treat_do_not(site: Site, papers: Papers, browser: Make) -> None:
    before = len(reads(site))
    answer = browser().has("staff", staff(site.services, "front_desk").cookie).get(f"{STAFFS}?id={papers.intake}")
    assert answer.status_code == 303
    assert b"%PDF" not in answer.content
    assert len(reads(site)) == before
