"""A patient's documents as staff find them: missing, completed, void; read, countersigned, asked for (S49)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Locator, expect

from clinic_portal.booking import paperwork
from clinic_portal.booking.types import Visit
from clinic_portal.forms import documents
from clinic_portal.forms.rules import Validity
from tests.browser import staff_journey as staff
from tests.browser.forms_journey import identity
from tests.browser.journey import Visitor
from tests.browser.portal_journey import Make, at_home, clears_calendar, has_visit
from tests.browser.test_access import is_clean_and_fits
from tests.browser.test_forms import draws
from tests.browser.test_staff import listens
from tests.factories import patient
from tests.forms_kit import CONSENT, INTAKE, fill, put, put_all, sign_consent
from tests.site import Site

SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
TODAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 27)
SECRET = "Loganberries give me a rash."
WITNESSED = {**CONSENT, "title": "Consent to a peel", "asks_witness": True}


@pytest.fixture(autouse=True)
def _clinic(site: Site) -> Iterator[None]:
    put_all(site.clinic)
    put(site.clinic, "extra", "questionnaire", {**INTAKE, "title": "How it went"}, ())
    put(site.clinic, "peel-consent", "consent", WITNESSED, ("peel",), validity=Validity(True, None))
    yield
    clears_calendar(site)


def asked(made: Visitor, known: Visit) -> dict[str, int]:
    listed = made.site.services.ask(paperwork.papers_of_patient, identity(made))
    return {one.request.title: one.request.id for one in listed if one.visit and one.visit.reference == known.reference}


def has_papers(made: Visitor, *services: str, provider: str = "maya") -> Visit:
    """They have a visit on Friday, answered its intake and signed its consent."""
    known = has_visit(made, *(services or ("botox",)), on=FRIDAY, provider=provider)
    numbers, who = asked(made, known), identity(made)
    none = {"none": True, "rows": []}
    fill(made.site.services, who, numbers["About your health"], pregnant="no", allergies=none, note=SECRET)
    sign_consent(made.site.services, who, next(one for title, one in numbers.items() if title.startswith("Consent")))
    return known


def papers_of(made: Visitor) -> str:
    return f"/admin/patient?id={identity(made)}&view=more"


def document_of(made: Visitor, title: str) -> str:
    lines = made.site.services.ask(documents.of_patient, identity(made), with_void=True)
    return f"/admin/document?id={next(one.id for one in lines if one.title.startswith(title))}"


def part(made: Visitor, name: str) -> Locator:
    return made.page.locator(f"#{name}")


# --- finding and reading


@pytest.mark.req("S49")
@SIZES
def test_a_provider_finds_what_was_completed_under_more_info_documents(visitor: Make, size: str) -> None:
    amara = visitor()
    has_papers(amara)
    maya = staff.sits_down(visitor(size), "provider", f"/admin/patient?id={identity(amara)}")
    page = maya.page
    is_clean_and_fits(maya, "overview")
    page.get_by_role("link", name="More info").click()
    expect(page.get_by_role("link", name="Documents", exact=True)).to_have_attribute("aria-current", "page")
    expect(part(maya, "missing")).to_contain_text("All that was asked for is here")
    done = part(maya, "completed").get_by_role("listitem")
    expect(done).to_have_count(2)
    expect(done.filter(has_text="About your health")).to_contain_text("version 1 · Mon, Nov 23, 2026 · by the patient")
    expect(done.filter(has_text="About your health")).to_contain_text("Valid until Tue, Nov 23, 2027")
    expect(done.filter(has_text="Consent to neurotoxin")).to_contain_text("Awaiting the provider")
    is_clean_and_fits(maya, "documents")
    page.get_by_role("link", name="Read: About your health").click()
    expect(maya.heading).to_have_text("About your health")
    answers = part(maya, "answers")
    for told in ("Are you pregnant?", "No", "Any allergies?", "None", SECRET):
        expect(answers).to_contain_text(told)
    expect(page.get_by_role("link", name="PDF")).to_have_attribute(
        "href", re.compile(r"^/admin/document\.pdf\?id=\d+$")
    )
    is_clean_and_fits(maya, "questionnaire")
    page.get_by_role("link", name="‹ Documents of").click()
    page.get_by_role("link", name="Read: Consent to neurotoxin").click()
    expect(part(maya, "text")).to_contain_text("A treatment of lines.")
    expect(part(maya, "text")).to_contain_text("Initials AR")
    expect(page.get_by_role("img", name="Signature of Amara Reed")).to_be_visible()
    evidence = part(maya, "evidence")
    evidence.get_by_text("Completed and signed").click()
    for told in ("10.0.0.1", "Firefox on Linux", "Link in the chain", "Mark of the link"):
        expect(evidence).to_contain_text(told)
    is_clean_and_fits(maya, "consent")


@pytest.mark.req("S49")
@SIZES
def test_the_front_desk_sees_that_it_is_there_and_does_not_read_it(visitor: Make, size: str) -> None:
    amara = visitor()
    has_papers(amara)
    desk, heard = visitor(size), list[str]()
    listens(desk.page, heard)
    staff.sits_down(desk, "front_desk", papers_of(amara))
    expect(part(desk, "completed").get_by_role("listitem")).to_have_count(2)
    expect(desk.page.get_by_role("link", name="Medical history")).to_have_count(0)
    desk.page.get_by_role("link", name="Open: About your health").click()
    expect(desk.heading).to_have_text("About your health")
    expect(part(desk, "closed")).to_contain_text("read by those who treat")
    expect(desk.page.get_by_role("link", name="PDF")).to_have_count(0)
    expect(desk.button("Declare void")).to_have_count(0)
    is_clean_and_fits(desk, "closed document")
    told = "\n".join(heard)
    assert "About your health" in told
    assert [one for one in (SECRET, "Loganberries", "Are you pregnant?", "A treatment of lines") if one in told] == []


def test_who_only_reads_the_day_finds_no_documents(visitor: Make) -> None:
    amara = visitor()
    has_papers(amara)
    reader, heard = visitor(), list[str]()
    listens(reader.page, heard)
    staff.sits_down(reader, "read_only", papers_of(amara))
    expect(reader.page.get_by_role("heading", name="How to reach them")).to_be_visible()
    expect(reader.page.get_by_role("link", name="More info")).to_have_count(0)
    reader.page.goto(reader.site.url + document_of(amara, "About your health"))
    reader.page.wait_for_url(re.compile("why=not_permitted"))
    assert "About your health" not in "\n".join(heard)


def test_a_document_nobody_knows_says_so(visitor: Make) -> None:
    owner = staff.sits_down(visitor(), path="/admin/document?id=987654")
    expect(owner.page.get_by_text("There is no such document")).to_be_visible()
    is_clean_and_fits(owner, "no such document")


# --- the day


@SIZES
def test_the_day_shows_who_comes_without_their_forms(visitor: Make, size: str) -> None:
    amara, noor = visitor(), visitor()
    coming = has_visit(amara, "botox", on=TODAY, provider="maya")
    known = has_visit(noor, "facial", on=TODAY, provider="lena")
    fill(
        noor.site.services,
        identity(noor),
        asked(noor, known)["About your health"],
        pregnant="no",
        allergies={"none": True, "rows": []},
    )
    desk = staff.sits_down(visitor(size), "front_desk")
    who = f"/admin/patient?id={identity(amara)}"
    slot = desk.page.locator(f'.slot a[href="/admin/visit?id={coming.appointment_id}"]')
    expect(slot).to_contain_text("2 forms")
    expect(slot).to_have_accessible_name(re.compile("Amara Reed, Botox — forehead, 2 forms missing$"))
    expect(slot).to_have_attribute("title", "Missing: About your health, Consent to neurotoxin")
    expect(desk.page.locator(f'.slot a[href="/admin/visit?id={known.appointment_id}"]')).not_to_contain_text("form")
    line = part(desk, "lacks").get_by_role("listitem").filter(has=desk.page.locator(f'a[href="{who}&view=more"]'))
    expect(line).to_contain_text("Consent to neurotoxin")
    is_clean_and_fits(desk, "the day")
    line.get_by_role("link").click()
    expect(part(desk, "missing")).to_contain_text("for Botox — forehead on Mon, Nov 23")


def test_who_only_reads_the_day_is_not_told_which_forms_are_missing(visitor: Make) -> None:
    amara, reader, heard = visitor(), visitor(), list[str]()
    has_visit(amara, "botox", on=TODAY, provider="maya")
    listens(reader.page, heard)
    staff.sits_down(reader, "read_only")
    expect(reader.page.locator(f'.slot a[href="/admin/patient?id={identity(amara)}"]')).to_be_visible()
    assert "Consent to neurotoxin" not in "\n".join(heard)


# --- asking and taking back


@SIZES
def test_a_form_asked_for_at_the_desk_is_in_the_patients_portal_until_it_is_taken_back(
    visitor: Make, size: str
) -> None:
    amara = visitor()
    known = has_visit(amara, "botox", on=FRIDAY, provider="maya")
    desk = staff.sits_down(visitor(size), "front_desk", papers_of(amara))
    desk.page.get_by_label("Form", exact=True).select_option(label="How it went")
    desk.page.get_by_label("For", exact=True).select_option(known.reference)
    desk.button("Ask for it").click()
    expect(desk.notice).to_contain_text("How it went: the patient finds it in their portal")
    line = part(desk, "missing").get_by_role("listitem").filter(has_text="How it went")
    expect(line).to_contain_text("for Botox — forehead on Fri, Nov 27")
    expect(line).to_contain_text("Asked for on Mon, Nov 23 by The front_desk")
    expect(line).to_contain_text("Not begun")
    expect(line.get_by_role("link")).to_have_attribute(
        "href", f"/admin/form?patient={identity(amara)}&id={asked(amara, known)['How it went']}"
    )
    is_clean_and_fits(desk, "asked")
    at_home(amara)
    expect(amara.page.locator("#action-required")).to_contain_text("How it went")
    line.get_by_role("button", name="Take back: How it went").click()
    expect(line.get_by_role("group", name="Take back: How it went")).to_be_focused()
    line.get_by_role("button", name="Keep it").click()
    expect(line.get_by_role("button", name="Take back: How it went")).to_be_focused()
    desk.page.keyboard.press("Enter")
    is_clean_and_fits(desk, "take back?")
    line.get_by_role("button", name="Take it back").click()
    expect(desk.notice).to_contain_text("Taken back")
    expect(line).to_have_count(0)
    amara.page.reload()
    expect(amara.page.locator("#action-required")).to_contain_text("Consent to neurotoxin")
    expect(amara.page.locator("#action-required")).not_to_contain_text("How it went")


def test_a_form_that_is_asked_for_already_is_not_asked_for_twice(visitor: Make) -> None:
    amara = visitor()
    known = has_visit(amara, "botox", on=FRIDAY, provider="maya")
    desk = staff.sits_down(visitor(), "front_desk", papers_of(amara))
    desk.page.get_by_label("Form", exact=True).select_option(label="About your health")
    desk.page.get_by_label("For", exact=True).select_option(known.reference)
    desk.button("Ask for it").click()
    expect(desk.notice).to_contain_text("It is asked for already")
    expect(part(desk, "missing").get_by_role("listitem")).to_have_count(2)


# --- signing and declaring void


@pytest.mark.req("P10")
def test_a_provider_countersigns_by_typing_their_name(visitor: Make) -> None:
    amara = visitor()
    has_papers(amara)
    maya = staff.sits_down(visitor(), "provider", document_of(amara, "Consent"))
    form = part(maya, "sign-provider")
    expect(form.get_by_label("Full name")).to_have_value("The provider")
    form.get_by_role("button", name="Sign", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text("Please sign here")
    is_clean_and_fits(maya, "not signed")
    form.get_by_text("Type", exact=True).click()
    form.get_by_label("Full name").fill("Dr. Maya Osei")
    form.get_by_role("button", name="Sign", exact=True).click()
    expect(maya.notice).to_contain_text("You signed as the provider")
    expect(form).to_have_count(0)
    expect(part(maya, "signatures")).to_contain_text("Dr. Maya Osei · provider")
    expect(part(maya, "standing")).to_contain_text("Complete")


@pytest.mark.req("P10")
def test_the_front_desk_witnesses_by_drawing_on_a_phone(visitor: Make) -> None:
    amara = visitor()
    has_papers(amara, "peel", provider="lena")
    desk = staff.sits_down(visitor("phone"), "front_desk", document_of(amara, "Consent"))
    expect(part(desk, "sign-provider")).to_have_count(0)
    form = part(desk, "sign-witness")
    draws(desk, touches=True)
    expect(form.get_by_role("img", name="The signature is drawn")).to_be_visible()
    is_clean_and_fits(desk, "drawn")
    form.get_by_role("button", name="Sign", exact=True).click()
    expect(desk.notice).to_contain_text("You signed as the witness")
    expect(form).to_have_count(0)
    lena = staff.sits_down(visitor(), "provider", document_of(amara, "Consent"))
    expect(lena.page.get_by_role("img", name="Signature of The front_desk")).to_be_visible()
    expect(part(lena, "standing")).to_contain_text("Awaiting the provider")


@SIZES
def test_a_document_is_declared_void_with_a_reason_and_asked_for_again(visitor: Make, size: str) -> None:
    amara = visitor()
    has_papers(amara)
    owner = staff.sits_down(visitor(size), path=document_of(amara, "Consent"))
    owner.button("Declare void").click()
    expect(owner.page.get_by_label("Why")).to_be_focused()
    expect(owner.page.get_by_text("It is never deleted")).to_be_visible()
    owner.button("Declare it void").click()
    expect(owner.page.locator("#reason-error")).to_contain_text("Please say why")
    expect(owner.page.get_by_label("Why")).to_be_focused()
    is_clean_and_fits(owner, "why?")
    owner.page.get_by_label("Why").fill("Signed by the sister.")
    owner.button("Declare it void").click()
    expect(owner.notice).to_contain_text("It is void")
    expect(part(owner, "void")).to_contain_text("Signed by the sister.")
    expect(owner.button("Declare void")).to_have_count(0)
    expect(part(owner, "sign-provider")).to_have_count(0)
    is_clean_and_fits(owner, "void document")
    staff.goes_to(owner, papers_of(amara))
    expect(part(owner, "void")).to_contain_text("Why: Signed by the sister.")
    expect(part(owner, "missing")).to_contain_text("Consent to neurotoxin")
    is_clean_and_fits(owner, "folder with a void one")
    at_home(amara)
    expect(amara.page.locator("#action-required")).to_contain_text("Consent to neurotoxin")
    desk = staff.sits_down(visitor(size), "front_desk", papers_of(amara))
    expect(part(desk, "void")).to_contain_text("Void")
    expect(part(desk, "void")).not_to_contain_text("sister")


def test_the_log_says_who_read_and_who_declared_void(visitor: Make) -> None:
    amara = visitor()
    has_papers(amara)
    owner = staff.sits_down(visitor(), path=document_of(amara, "About your health"))
    owner.button("Declare void").click()
    owner.page.get_by_label("Why").fill("For the wrong person.")
    owner.button("Declare it void").click()
    expect(owner.notice).to_contain_text("It is void")
    staff.follows(owner, "Activity log")
    staff.goes_to(owner, "/admin/log?what=health")
    for deed in ("read a document", "declared a document void"):
        expect(owner.page.locator("#log li", has_text=f"{deed} patient {identity(amara)}").first).to_be_visible()
    expect(owner.page.locator("#log")).not_to_contain_text("wrong person")


def test_the_medical_history_is_under_more_info_for_those_who_treat(visitor: Make) -> None:
    amara = visitor()
    number = patient(amara.site.services, amara.email, phone=amara.e164).actor.patient_id
    maya = staff.sits_down(visitor(), "provider", f"/admin/patient?id={number}")
    maya.page.get_by_role("link", name="More info").click()
    maya.page.get_by_role("link", name="Medical history").click()
    maya.button("Open the history").click()
    expect(maya.page.locator("#chart")).to_contain_text("Nothing was told yet")
    is_clean_and_fits(maya, "history")
