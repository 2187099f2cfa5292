"""Forms and instructions in the portal: what is to be done, what was done, what to read, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from clinic_portal.booking import changes, paperwork
from clinic_portal.booking.models import Appointment
from clinic_portal.booking.types import Visit
from clinic_portal.core.work import UnitOfWork
from clinic_portal.forms import documents, filling
from clinic_portal.forms.rules import Validity
from clinic_portal.scheduling.availability import epoch_minute
from tests.browser.journey import Visitor
from tests.browser.portal_journey import (
    Make,
    as_it_stands,
    at_home,
    clears_calendar,
    had_visit,
    has_visit,
    listed,
    opens,
    page_of,
)
from tests.browser.test_access import is_clean_and_fits
from tests.factories import patient, staff
from tests.forms_kit import BEFORE, HAND, INTAKE, answer, fill, fill_intake, finish, put, put_all, sign_consent
from tests.site import OPENING, Site

SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
FRIDAY = date(2026, 11, 27)
CLOSE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _clinic(site: Site) -> Iterator[None]:
    put_all(site.clinic)
    put(site.clinic, "toxin-before", "before", BEFORE)
    yield
    clears_calendar(site)


def who(made: Visitor) -> int:
    return patient(made.site.services, made.email, phone=made.e164).actor.patient_id


def asked(made: Visitor, known: Visit) -> dict[str, int]:
    """What is asked for a visit: titles, and the numbers of their requests."""
    listed = made.site.services.ask(paperwork.papers_of_patient, who(made))
    return {one.request.title: one.request.id for one in listed if one.visit and one.visit.reference == known.reference}


def has_status(made: Visitor, known: Visit, status: str) -> None:
    def change(work: UnitOfWork) -> None:
        work.session.get_one(Appointment, known.appointment_id).status = status

    made.site.services.do(change)


def card(made: Visitor, name: str) -> Locator:
    return made.page.locator(f"#{name}")


def titles(part: Locator) -> Locator:
    return part.get_by_role("listitem").locator("p.font-semibold")


def comes_back(made: Visitor) -> None:
    """The page, left open, is looked at again."""
    made.page.evaluate("window.dispatchEvent(new Event('focus'))")


# --- to do


@pytest.mark.req("S38")
@pytest.mark.req("S40")
@pytest.mark.req("S41")
@SIZES
def test_what_a_visit_needs_is_under_action_required_as_soon_as_it_is_booked(visitor: Make, size: str) -> None:
    amara = at_home(visitor(size))
    expect(card(amara, "action-required")).to_contain_text("You are all set")
    is_clean_and_fits(amara, "nothing to do")
    known = has_visit(amara, "botox", "facial", on=FRIDAY, provider="maya")
    opens(amara, "/portal")
    to_do = card(amara, "action-required")
    expect(titles(to_do)).to_have_text(["About your health", "Consent to neurotoxin", "Before your visit"])
    expect(to_do).to_contain_text("3 left")
    expect(amara.page.get_by_text("Three things to do before then.")).to_be_visible()
    intake, consent, before = to_do.get_by_role("listitem").all()
    both = "for Botox — forehead and Hydrating facial on Fri, Nov 27"
    expect(intake).to_contain_text(f"Questionnaire · about 1 minute · {both}")
    expect(consent).to_contain_text("for Botox — forehead on Fri, Nov 27")
    numbers = asked(amara, known)
    for part, action, href in (
        (intake, "Fill in: About your health", f"/portal/form?id={numbers['About your health']}"),
        (consent, "Sign: Consent to neurotoxin", f"/portal/form?id={numbers['Consent to neurotoxin']}"),
        (before, "Read: Before your visit", f"/portal/instructions?id={numbers['Before your visit']}"),
    ):
        expect(part.get_by_role("link", name=action)).to_have_attribute("href", href)
    is_clean_and_fits(amara, "three things to do")


@pytest.mark.req("S39")
def test_only_the_forms_of_the_booked_services_are_asked(visitor: Make) -> None:
    amara = visitor()
    has_visit(amara, "facial", on=FRIDAY, provider="maya")
    at_home(amara)
    expect(titles(card(amara, "action-required"))).to_have_text(["About your health"])


@pytest.mark.req("S40")
@SIZES
def test_a_form_that_has_expired_or_changed_or_was_begun_says_so(site: Site, visitor: Make, size: str) -> None:
    def is_asked(content: dict[str, Any], days: int) -> None:
        services = ("botox", "facial", "peel", "hair")
        put(site.clinic, "intake", "questionnaire", content, services, validity=Validity(False, days))

    amara = visitor(size)
    earlier = had_visit(amara, "facial", on=date(2026, 11, 20), provider="maya")
    is_asked(INTAKE, 5)
    site.clock.set(OPENING - timedelta(days=4))
    fill_intake(site.services, who(amara), asked(amara, earlier)["About your health"])
    site.clock.set(OPENING)
    known = has_visit(amara, "facial", on=FRIDAY, provider="maya")
    to_do = card(at_home(amara), "action-required")
    expect(to_do).to_contain_text("Your last one holds until Tue, Nov 24, 2026, and this visit is later")
    site.clock.set(OPENING + timedelta(days=2))
    expect(card(at_home(amara), "action-required")).to_contain_text("Expired on Tue, Nov 24, 2026: please look")

    is_asked({**INTAKE, "items": [*INTAKE["items"], {"link_id": "new", "type": "short_text", "text": "New?"}]}, 365)
    opens(amara, "/portal")
    expect(to_do).to_contain_text("It has changed since you filled it in: please look through it again.")
    is_clean_and_fits(amara, "look through it again")
    number = asked(amara, known)["About your health"]
    draft = site.services.do(paperwork.begin, who(amara), number, HAND)
    answer(site.services, who(amara), draft, "note", "Nothing.")
    opens(amara, "/portal")
    expect(to_do).to_contain_text("2 of 2 answered")
    expect(to_do.get_by_role("link", name="Continue: About your health")).to_be_visible()
    is_asked(INTAKE, 365)


@pytest.mark.req("S41")
def test_after_booking_a_guest_reads_what_anybody_would_and_a_patient_what_is_theirs(site: Site, visitor: Make) -> None:
    amara = visitor().has_portal()
    earlier = had_visit(amara, "facial", on=date(2026, 11, 20), provider="maya")
    fill_intake(site.services, who(amara), asked(amara, earlier)["About your health"])
    amara.books("Botox — forehead", day="Wednesday, November 25", time="10:30 AM")
    told = card(amara, "before-visit")
    expect(told.get_by_role("heading")).to_have_text("3 things to do before you come")
    everything = ["About your health", "Consent to neurotoxin", "Before your visit"]
    expect(told.get_by_role("listitem")).to_have_text(everything)
    expect(told.get_by_role("link", name="Sign up")).to_have_attribute("href", "/register")
    expect(told.get_by_role("link", name="Log in")).to_be_visible()
    is_clean_and_fits(amara, "booked")
    at_home(amara, "/book/confirmed")
    expect(told.get_by_role("listitem")).to_have_text(everything[1:])
    told.get_by_role("link", name="Go to your forms").click()
    expect(titles(card(amara, "to-do"))).to_have_text(everything[1:])


# --- instructions


@pytest.mark.req("S6")
@pytest.mark.req("S48")
@SIZES
def test_instructions_open_on_a_click_and_are_read_from_then_on(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size)
    html = '<h2>The day before</h2><p>No <b>alcohol</b>.</p><ul><li>Sleep well</li></ul><p><a href="/">Call us</a></p>'
    put(site.clinic, "toxin-before", "before", {**BEFORE, "html": html})
    has_visit(amara, "botox", on=FRIDAY, provider="maya")
    at_home(amara)
    card(amara, "action-required").get_by_role("link", name="Read: Before your visit").click()
    expect(amara.heading).to_have_text("Before your visit")
    expect(amara.page.get_by_text("Before Botox — forehead · Friday, November 27, 2026")).to_be_visible()
    text = amara.page.locator("article .rich")
    expect(text.get_by_role("heading", name="The day before")).to_be_visible()
    expect(text.get_by_role("listitem")).to_have_text("Sleep well")
    is_clean_and_fits(amara, "instructions")
    amara.page.get_by_role("link", name="‹ Forms and instructions").click()
    expect(titles(card(amara, "to-do"))).to_have_text(["About your health", "Consent to neurotoxin"])
    expect(card(amara, "instructions")).to_contain_text("Before your visit")


@pytest.mark.req("S43")
@pytest.mark.req("S44")
@SIZES
def test_post_treatment_instructions_appear_at_the_start_and_not_a_minute_before(
    site: Site, visitor: Make, size: str
) -> None:
    amara = visitor(size)
    known = has_visit(amara, "botox", on=FRIDAY, provider="maya")
    number = asked(amara, known)["After your visit"]
    site.clock.set(known.start_at - CLOSE)
    at_home(amara, f"/portal/instructions?id={number}")
    expect(amara.heading).to_have_text("We could not find these instructions")
    for path, place in (("/portal/forms", "instructions"), (page_of(known), "papers"), ("/portal", "after-treatment")):
        opens(amara, path)
        expect(card(amara, place)).to_be_visible()
        expect(card(amara, place)).not_to_contain_text("After your visit")
    expect(card(amara, "after-treatment")).to_contain_text("as soon as the visit begins")

    site.clock.set(known.start_at)  # the page stays open
    comes_back(amara)
    after = card(amara, "after-treatment")
    expect(titles(after)).to_have_text("After your visit")
    expect(after).to_contain_text("After Botox — forehead on Fri, Nov 27")
    is_clean_and_fits(amara, "after the start")
    after.get_by_role("link", name="Read: After your visit").click()
    expect(amara.page.get_by_text("Stay upright for four hours.")).to_be_visible()
    for path, place in (("/portal/forms", "instructions"), (page_of(known), "papers")):
        opens(amara, path)
        expect(card(amara, place)).to_contain_text("After your visit")


@pytest.mark.req("S44")
def test_a_reschedule_moves_the_instructions_to_the_new_start(site: Site, visitor: Make) -> None:
    amara = visitor()
    known = has_visit(amara, "botox", on=FRIDAY, provider="maya")
    later = known.start_at + timedelta(days=2)
    site.services.do(changes.move, who(amara), known.reference, epoch_minute(later))
    assert as_it_stands(site, known).start_at == later
    for now, is_there in ((known.start_at, 0), (later - CLOSE, 0), (later, 1)):
        site.clock.set(now)
        at_home(amara)
        expect(card(amara, "after-treatment")).to_be_visible()
        expect(titles(card(amara, "after-treatment"))).to_have_count(is_there)


@pytest.mark.req("S43")
@pytest.mark.parametrize("status", ["cancelled", "noshow"])
def test_a_visit_that_was_cancelled_or_missed_brings_no_instructions(site: Site, visitor: Make, status: str) -> None:
    amara = visitor()
    known = has_visit(amara, "botox", on=FRIDAY, provider="maya")
    number = asked(amara, known)["After your visit"]
    has_status(amara, known, status)
    site.clock.set(known.start_at + timedelta(hours=1))
    at_home(amara)
    expect(card(amara, "after-treatment")).to_contain_text("as soon as the visit begins")
    expect(titles(card(amara, "action-required"))).to_have_count(0)
    opens(amara, f"/portal/instructions?id={number}")
    expect(amara.heading).to_have_text("We could not find these instructions")


@pytest.mark.req("S43")
def test_instructions_of_long_ago_are_folded(site: Site, visitor: Make) -> None:
    amara = visitor()
    had_visit(amara, "botox", on=date(2026, 10, 1), provider="maya")
    had_visit(amara, "botox", on=date(2026, 11, 20), provider="maya")
    after = card(at_home(amara), "after-treatment")
    expect(after.get_by_text("After Botox — forehead on Fri, Nov 20")).to_be_visible()
    older = after.get_by_text("After Botox — forehead on Thu, Oct 1")
    expect(older).to_be_hidden()
    after.get_by_text("Earlier").click()
    expect(older).to_be_visible()


# --- completed


@pytest.mark.req("S28")
@pytest.mark.req("S29")
@pytest.mark.req("S30")
@SIZES
def test_forms_and_instructions_have_a_page_with_how_each_stands(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size)
    at_home(amara, "/portal/forms")
    for name in ("to-do", "completed", "instructions"):
        expect(card(amara, name)).to_be_visible()
    is_clean_and_fits(amara, "nothing yet")
    known = has_visit(amara, "botox", on=FRIDAY, provider="maya")
    numbers, me = asked(amara, known), who(amara)
    fill_intake(site.services, me, numbers["About your health"])
    first = sign_consent(site.services, me, numbers["Consent to neurotoxin"])
    site.services.do(documents.void, staff(site.services, "provider").actor, first, "Signed for somebody else")
    sign_consent(site.services, me, numbers["Consent to neurotoxin"])
    opens(amara, "/portal").page.get_by_role("navigation", name="Portal").get_by_role("link", name="Forms").click()
    done = card(amara, "completed").get_by_role("listitem")
    expect(done).to_have_count(3)
    expect(done.nth(0)).to_contain_text("Awaiting the provider’s signature")
    expect(done.nth(1)).to_contain_text("Void")
    expect(done.nth(2)).to_contain_text("Questionnaire, version")
    expect(done.nth(2)).to_contain_text("Mon, Nov 23, 2026 · by you")
    expect(done.nth(2)).to_contain_text("Valid until Tue, Nov 23, 2027")
    expect(done.nth(2).get_by_role("link", name="PDF: About your health")).to_be_visible()
    expect(titles(card(amara, "to-do"))).to_have_text("Before your visit")
    expect(card(amara, "instructions")).to_contain_text("Fri, Nov 27, 2026 · Botox — forehead")
    is_clean_and_fits(amara, "something of everything")


@pytest.mark.req("S28")
@pytest.mark.req("S29")
@SIZES
def test_a_completed_document_is_shown_as_it_was_signed(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size)
    known = has_visit(amara, "botox", on=FRIDAY, provider="maya")
    numbers, me = asked(amara, known), who(amara)
    latex = {"none": False, "rows": [{"name": "Latex", "reaction": "hives"}]}
    intake = fill(
        site.services, me, numbers["About your health"],
        pregnant="yes", weeks="12", allergies=latex, note="<b>No</b> rush.\n" + "Long" * 80,
    )  # fmt: skip
    consent = sign_consent(site.services, me, numbers["Consent to neurotoxin"])
    at_home(amara, f"/portal/document?id={intake}")
    answers = card(amara, "answers")
    for told in ("Are you pregnant?Yes", "In which week?12 weeks", "Any allergies?Latex: hives", "<b>No</b> rush."):
        expect(answers).to_contain_text(told)
    expect(amara.button("My answers have changed")).to_be_visible()
    is_clean_and_fits(amara, "a questionnaire")

    opens(amara, "/portal/forms")
    card(amara, "completed").get_by_role("link", name="Read: Consent to neurotoxin").click()
    expect(amara.heading).to_have_text("Consent to neurotoxin")
    expect(card(amara, "text")).to_contain_text("Initials AR")
    drawn = card(amara, "signatures").get_by_role("img", name="Signature of Amara Reed")
    expect(drawn.locator("path")).to_have_attribute("d", "M40 150Q120 40 160 95L200 150M230 100L400 100")
    digest = site.services.ask(documents.own, me, consent).version.digest
    expect(card(amara, "proof")).to_contain_text(f"{digest[:4]} {digest[4:8]}")
    expect(amara.page.get_by_role("link", name="Download PDF")).to_have_attribute(
        "href", f"/portal/document.pdf?id={consent}"
    )
    with amara.page.expect_download() as kept:
        amara.page.get_by_role("link", name="Download PDF").click()
    assert kept.value.suggested_filename == f"document-{consent}.pdf"
    assert kept.value.path().read_bytes().startswith(b"%PDF")
    expect(amara.button("My answers have changed")).to_have_count(0)
    assert amara.page.title().startswith("Your document")
    is_clean_and_fits(amara, "a consent")


@pytest.mark.req("S29")
def test_answers_that_have_changed_are_given_anew(site: Site, visitor: Make) -> None:
    amara = visitor()
    known = has_visit(amara, "facial", on=FRIDAY, provider="maya")
    intake = fill_intake(site.services, who(amara), asked(amara, known)["About your health"])
    at_home(amara, f"/portal/document?id={intake}")
    amara.button("My answers have changed").click()
    amara.page.wait_for_url("**/portal/form?id=*")
    opens(amara, "/portal")
    expect(card(amara, "action-required")).to_contain_text("your answers have changed")
    number = amara.site.services.ask(paperwork.to_do, who(amara))[0].request.id
    draft = site.services.do(paperwork.begin, who(amara), number, HAND)
    draft = site.services.do(filling.confirm, who(amara), draft.document_id, hand=HAND)
    again = finish(site.services, who(amara), answer(site.services, who(amara), draft, "note", "New."))
    opens(amara, "/portal")
    expect(titles(card(amara, "action-required"))).to_have_count(0)
    opens(amara, f"/portal/document?id={intake}")
    expect(amara.button("My answers have changed")).to_have_count(0)
    opens(amara, f"/portal/document?id={again}")
    expect(amara.button("My answers have changed")).to_be_visible()


@pytest.mark.req("S28")
@pytest.mark.req("S48")
def test_what_is_anothers_looks_like_what_does_not_exist(site: Site, visitor: Make) -> None:
    amara, noor = visitor(), visitor()
    known = has_visit(amara, "botox", on=FRIDAY, provider="maya")
    numbers = asked(amara, known)
    intake = fill_intake(site.services, who(amara), numbers["About your health"])
    at_home(noor)
    for page, number, sentence in (
        ("document", intake, "We could not find that document"),
        ("instructions", numbers["Before your visit"], "We could not find these instructions"),
    ):
        for tried in (number, 987654, "x", ""):
            opens(noor, f"/portal/{page}?id={tried}")
            expect(noor.heading).to_have_text(sentence)
            expect(noor.notice).to_have_count(0)
    is_clean_and_fits(noor, "nothing found")
    assert "read" not in {one.standing.state for one in site.services.ask(paperwork.papers_of_patient, who(amara))}


@pytest.mark.req("S38")
@SIZES
def test_a_visits_page_shows_its_forms_and_how_each_stands(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size)
    known = has_visit(amara, "botox", on=FRIDAY, provider="maya")
    fill_intake(site.services, who(amara), asked(amara, known)["About your health"])
    at_home(amara, page_of(known))
    papers = card(amara, "papers").get_by_role("listitem")
    expect(titles(card(amara, "papers"))).to_have_text(
        ["About your health", "Consent to neurotoxin", "Before your visit"]
    )
    expect(papers.nth(0)).to_contain_text("Completed")
    expect(papers.nth(0).get_by_role("link", name="Read: About your health")).to_be_visible()
    expect(papers.nth(1).get_by_role("link", name="Sign: Consent to neurotoxin")).to_be_visible()
    expect(papers.nth(2).get_by_role("link", name="Read: Before your visit")).to_be_visible()
    is_clean_and_fits(amara, "a visit with forms")
    opens(amara, "/portal/appointments")
    expect(listed(amara, "Upcoming")).to_contain_text("2 things to do before you come")
