"""Questionnaires are answered and consents signed, on a phone as on a desktop; whatever happens meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from clinic_portal.booking import changes
from clinic_portal.booking.access import visit_of
from clinic_portal.forms.rules import PATIENT, Validity
from tests.browser.forms_journey import (
    completed,
    form_of,
    identity,
    is_saved,
    opens_form,
    picks,
    put_form,
    question,
    request_of,
    sends,
    types,
    visits,
)
from tests.browser.portal_journey import Make, at_home, clears_calendar, opens, other_browser, tabs_to
from tests.browser.test_access import is_clean_and_fits
from tests.site import OPENING, Site

SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])

INTAKE: dict[str, Any] = {
    "title": "About your health",
    "intro": "About five minutes.",
    "items": [
        {"link_id": "you", "type": "heading", "text": "About you"},
        {"link_id": "job", "type": "short_text", "text": "What do you do for a living?"},
        {"link_id": "health", "type": "heading", "text": "Your health"},
        {"link_id": "pregnant", "type": "yes_no", "text": "Are you pregnant?", "is_required": True},
        {
            "link_id": "weeks",
            "type": "number",
            "text": "In which week?",
            "unit": "weeks",
            "least": "1",
            "most": "45",
            "is_required": True,
            "shown_when": [{"question": "pregnant", "answer": "yes"}],
        },
        {"link_id": "allergies", "type": "allergies", "text": "Any allergies?", "is_required": True},
    ],
}
SHORT: dict[str, Any] = {
    "title": "Before your visit",
    "items": [
        {"link_id": "sun", "type": "yes_no", "text": "Were you in the sun?", "is_required": True},
        {"link_id": "note", "type": "long_text", "text": "Anything else?"},
    ],
}
EVERYTHING: dict[str, Any] = {
    "title": "Everything",
    "items": [
        {"link_id": "said", "type": "paragraph", "text": "Please take your time."},
        {"link_id": "line", "type": "short_text", "text": "A line", "help": "A short one."},
        {"link_id": "mail", "type": "email", "text": "An e-mail address"},
        {"link_id": "dial", "type": "phone", "text": "A phone"},
        {"link_id": "home", "type": "address", "text": "An address"},
        {"link_id": "kilos", "type": "number", "text": "A number", "unit": "kg", "least": "30", "most": "300"},
        {"link_id": "day", "type": "date", "text": "A date"},
        {"link_id": "yes", "type": "yes_no_explain", "text": "Yes or no, explained"},
        {
            "link_id": "one",
            "type": "choice",
            "text": "One of these",
            "options": [{"code": "a", "label": "The first"}, {"code": "b", "label": "The second"}],
        },
        {
            "link_id": "some",
            "type": "choices",
            "text": "Some of these",
            "options": [{"code": "a", "label": "Lines"}, {"code": "b", "label": "Tone"}],
        },
        {
            "link_id": "other",
            "type": "choice_other",
            "text": "One or another",
            "options": [{"code": "a", "label": "A friend"}],
        },
        {
            "link_id": "much",
            "type": "scale",
            "text": "How much",
            "least": "0",
            "most": "10",
            "least_label": "Not at all",
            "most_label": "Very",
        },
        {"link_id": "drugs", "type": "medications", "text": "Medications"},
        {"link_id": "tick", "type": "acknowledgement", "text": "I have read this"},
        {"link_id": "letters", "type": "initials", "text": "Initials"},
    ],
}
CONSENT: dict[str, Any] = {
    "title": "Consent to a facial",
    "sections": [
        {"link_id": "what", "title": "What it is", "html": "<p>It <strong>cleans</strong> the skin.</p>"},
        {"link_id": "risks", "title": "Risks", "html": "<ul><li>Redness</li></ul>", "asks_initials": True},
    ],
    "asks_provider": True,
}


@pytest.fixture(autouse=True)
def _forms(site: Site) -> Iterator[None]:
    put_form(site, "intake", "questionnaire", INTAKE)
    put_form(site, "short", "questionnaire", SHORT, validity=Validity(False, 7))
    put_form(site, "consent", "consent", CONSENT, validity=Validity(True, None))
    yield
    clears_calendar(site)


@pytest.mark.req("S7")
@pytest.mark.req("S46")
@SIZES
def test_a_questionnaire_is_answered_part_by_part_looked_through_and_sent(visitor: Make, size: str) -> None:
    amara = visitor(size)
    visits(amara)
    opens_form(at_home(amara), "intake")
    is_clean_and_fits(amara, "first part")
    types(amara, "What do you do for a living?", "Painter").button("Next").click()
    expect(amara.page.get_by_role("heading", name="Your health", exact=True)).to_be_focused()
    expect(amara.page.get_by_text("In which week?")).to_have_count(0)
    picks(amara, "Are you pregnant?", "Yes")
    expect(amara.page.get_by_text("1 of 3 required answers given")).to_be_visible()
    types(amara, "In which week?", "12")
    types(amara, "Name", "Latex").button("Add another").click()
    expect(amara.page.get_by_role("group", name="Allergy 2").get_by_label("Name")).to_be_focused()
    amara.page.keyboard.type("Penicillin")
    is_clean_and_fits(is_saved(amara), "second part")
    amara.button("Next").click()
    expect(amara.page.get_by_text("Everything is answered.")).to_be_visible()
    for told in ("Painter", "12 weeks", "Latex; Penicillin"):
        expect(amara.page.get_by_text(told)).to_be_visible()
    is_clean_and_fits(amara, "look through")
    sends(amara)
    expect(amara.page.get_by_role("heading", name="Thank you")).to_be_focused()
    expect(amara.page.get_by_role("link", name="See the document")).to_be_visible()
    is_clean_and_fits(amara, "thank you")
    assert completed(amara)[0].answers["allergies"]["rows"] == [
        {"name": "Latex", "reaction": ""},
        {"name": "Penicillin", "reaction": ""},
    ]


@pytest.mark.req("S7")
@pytest.mark.req("B9")
def test_a_form_is_filled_in_by_keyboard_alone(visitor: Make) -> None:
    amara = visitor()
    visits(amara)
    opens_form(at_home(amara), "short")
    keys = amara.page.keyboard
    tabs_to(amara, "sun-yes")
    keys.press("Space")
    keys.press("ArrowRight")
    tabs_to(amara, "note")
    keys.type("No")
    is_saved(amara)
    tabs_to(amara, "send")
    keys.press("Enter")
    expect(amara.page.get_by_role("heading", name="Thank you")).to_be_focused()
    assert completed(amara)[0].answers == {"sun": "no", "note": "No"}


@pytest.mark.req("S7")
def test_a_tab_closed_a_second_after_typing_loses_nothing_and_another_device_goes_on(visitor: Make) -> None:
    amara = visitor("phone")
    visits(amara)
    opens_form(at_home(amara), "intake")
    amara.button("Next").click()
    picks(amara, "Are you pregnant?", "No")
    is_saved(types(amara, "Name", "Latex")).page.close()
    later = other_browser(visitor, amara, form_of(amara, "intake"))
    expect(later.page.get_by_text("Everything is answered.")).to_be_visible()
    later.button("Change Your health").click()
    expect(later.page.locator("#pregnant-no")).to_be_checked()
    expect(later.page.get_by_label("Name")).to_have_value("Latex")


@pytest.mark.req("S7")
def test_what_is_typed_while_the_clinic_cannot_be_reached_arrives_once_it_can(site: Site, visitor: Make) -> None:
    amara = visitor()
    visits(amara)
    opens_form(at_home(amara), "short")
    types(amara, "Anything else?", "Before. ")
    is_saved(amara)
    site.kill()
    types(amara, "Anything else?", "While nobody listened.")
    expect(amara.page.locator("#save-state")).to_have_text("Not saved yet: no connection")
    site.start()
    is_saved(amara)
    elsewhere = other_browser(visitor, amara, form_of(amara, "short"))
    expect(elsewhere.page.get_by_label("Anything else?")).to_have_value("Before. While nobody listened.")
    expect(amara.page.get_by_label("Anything else?")).to_have_value("Before. While nobody listened.")


@pytest.mark.parametrize("keeps", ["mine", "theirs"])
def test_two_devices_that_answer_one_question_see_both_answers_and_choose(visitor: Make, keeps: str) -> None:
    amara = visitor()
    visits(amara)
    opens_form(at_home(amara), "short")
    phone = other_browser(visitor, amara, form_of(amara, "short"))
    picks(is_saved(types(phone, "Anything else?", "From the phone")), "Were you in the sun?", "No")
    is_saved(phone)
    types(amara, "Anything else?", "From the desk")
    expect(amara.page.get_by_text("This was answered on another device meanwhile.")).to_be_visible()
    expect(amara.page.locator("#sun-no")).to_be_checked()
    is_clean_and_fits(amara, "two answers")
    amara.button("Keep mine" if keeps == "mine" else "Take theirs").click()
    expect(amara.page.get_by_text("This was answered on another device")).to_have_count(0)
    wanted = "From the desk" if keeps == "mine" else "From the phone"
    expect(amara.page.get_by_label("Anything else?")).to_have_value(wanted)
    sends(amara)
    expect(amara.page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert completed(amara)[0].answers["note"] == wanted


@SIZES
def test_an_empty_form_is_refused_and_what_is_missing_is_said_beside_each_answer(visitor: Make, size: str) -> None:
    amara = visitor(size)
    visits(amara)
    opens_form(at_home(amara), "intake")
    amara.button("Next").click()
    expect(amara.page.get_by_text("Step 2 of 3")).to_be_visible()
    amara.button("Next").click()
    expect(amara.page.get_by_text("2 answers are missing")).to_be_visible()
    sends(amara)
    expect(amara.page.locator("#pregnant")).to_be_focused()
    expect(question(amara, "Are you pregnant?")).to_contain_text("Please answer this one.")
    expect(question(amara, "Any allergies?")).to_contain_text("Please answer this one.")
    is_clean_and_fits(amara, "with errors")
    picks(amara, "Are you pregnant?", "Yes")
    expect(question(amara, "Are you pregnant?")).not_to_contain_text("Please answer this one.")
    types(amara, "In which week?", "99")
    picks(amara, "Any allergies?", "I have no allergies")
    is_saved(amara).button("Next").click()
    amara.button("In which week?").click()
    expect(amara.page.get_by_label("In which week?")).to_be_focused()
    amara.button("Next").click()
    sends(amara)
    expect(question(amara, "In which week?")).to_contain_text("from 1 to 45 weeks")
    expect(amara.page.get_by_label("In which week?")).to_be_focused()
    assert completed(amara) == []


@SIZES
def test_every_kind_of_question_has_a_control_that_keeps_its_answer(site: Site, visitor: Make, size: str) -> None:
    put_form(site, "everything", "questionnaire", EVERYTHING)
    amara = visitor(size)
    visits(amara)
    opens_form(at_home(amara), "everything")
    page = amara.page
    is_clean_and_fits(amara, "all controls")
    for name, text in (("A line", "Ünal 李"), ("An e-mail", "a@example.org"), ("A phone", "(512) 555-0188")):
        page.get_by_label(name).fill(text)
    for name, text in (("Street and number", "12 Elm St"), ("City", "Austin"), ("A number", "72,5")):
        page.get_by_label(name).fill(text)
    page.get_by_label("A date").fill("2026-03-05")
    picks(amara, "Yes or no", "Yes")
    page.get_by_label("Tell us more").fill("Last year")
    picks(amara, "One of these", "The second")
    picks(picks(amara, "Some of these", "Tone"), "Some of these", "Lines")
    picks(amara, "One or another", "Something else")
    page.get_by_label("What is it?").fill("A poster")
    picks(amara, "How much", "7")
    page.get_by_label("Name").fill("Ibuprofen")
    page.get_by_label("Dose, how often").fill("200 mg")
    page.get_by_text("I have read this").click()
    page.get_by_label("Initials").fill("AR")
    is_saved(amara)
    page.reload()
    expect(page.get_by_label("Initials")).to_have_value("AR")
    sends(amara)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert completed(amara)[0].answers == {
        "line": "Ünal 李",
        "mail": "a@example.org",
        "dial": "+15125550188",
        "home": {"street": "12 Elm St", "city": "Austin", "region": "", "postal_code": "", "country": ""},
        "kilos": "72.5",
        "day": "2026-03-05",
        "yes": {"value": "yes", "text": "Last year"},
        "one": "b",
        "some": ["a", "b"],
        "other": {"value": "other", "text": "A poster"},
        "much": "7",
        "drugs": {"none": False, "rows": [{"name": "Ibuprofen", "dose": "200 mg"}]},
        "tick": "yes",
        "letters": "AR",
    }
