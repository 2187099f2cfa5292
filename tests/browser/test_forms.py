"""Questionnaires are answered and consents signed, on a phone as on a desktop; whatever happens meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import WebSocketRoute, expect

from clinic_portal.booking import changes
from clinic_portal.booking.access import visit_of
from clinic_portal.forms.rules import PATIENT, Validity
from tests import forms_kit
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
from tests.browser.journey import Visitor
from tests.browser.portal_journey import Make, at_home, clears_calendar, opens, other_browser, tabs_to
from tests.browser.test_access import is_clean_and_fits
from tests.site import Site

SPOTS: dict[str, Any] = {
    "title": "Spots",
    "items": [
        {
            "link_id": "spots",
            "type": "choices",
            "text": "Do you have any of these?",
            "is_required": True,
            "options": [
                {"code": "sore", "label": "A cold sore"},
                {"code": "burn", "label": "Sunburn"},
                {"code": "none", "label": "None of these", "stands_alone": True},
            ],
        }
    ],
}
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])

INTAKE: dict[str, Any] = {
    "title": "About your health",
    "intro": "About five minutes.",
    "items": [
        {"link_id": "you", "type": "heading", "text": "About you"},
        {"link_id": "job", "type": "short_text", "text": "What do you do for a living?"},
        *forms_kit.INTAKE["items"][:4],  # health, pregnant, weeks, allergies
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
def test_a_tab_closed_right_after_typing_loses_nothing_and_another_device_goes_on(visitor: Make) -> None:
    amara = visitor("phone")
    visits(amara)
    opens_form(at_home(amara), "intake")
    amara.button("Next").click()
    picks(amara, "Are you pregnant?", "No")
    types(amara, "Name", "Latex")
    with amara.page.expect_event("close"):
        amara.page.close(run_before_unload=True)
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


@pytest.mark.req("S7")
def test_an_answer_that_is_lost_on_its_way_is_sent_again(visitor: Make) -> None:
    """A phone that loses its network does not know it for a while: what it sends goes nowhere."""
    amara = visitor("phone")
    visits(amara)
    lost: list[str] = []

    def watch(wire: WebSocketRoute) -> None:
        clinic = wire.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if "form_page.save" in str(message) and not lost:
                lost.append(str(message))
            else:
                clinic.send(message)

        wire.on_message(pass_on)

    amara.page.route_web_socket(re.compile("/_event"), watch)
    opens_form(at_home(amara), "short")
    picks(amara, "Were you in the sun?", "No")
    expect(amara.page.locator("#save-state")).to_have_text("Saving…")
    expect(amara.page.locator("#save-state")).to_have_text("Saved", timeout=15_000)
    elsewhere = other_browser(visitor, amara, form_of(amara, "short"))
    expect(elsewhere.page.locator("#sun-no")).to_be_checked()
    assert len(lost) == 1


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
    expect(amara.page.get_by_text("2 things need a look")).to_be_visible()
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


@pytest.mark.req("S7")
def test_none_of_these_takes_the_others_away_and_they_take_it_away(site: Site, visitor: Make) -> None:
    put_form(site, "spots", "questionnaire", SPOTS)
    amara = visitor()
    visits(amara)
    opens_form(at_home(amara), "spots")
    box = {name: amara.page.get_by_label(name) for name in ("A cold sore", "Sunburn", "None of these")}
    picks(picks(amara, SPOTS["items"][0]["text"], "A cold sore"), SPOTS["items"][0]["text"], "Sunburn")
    is_saved(picks(amara, SPOTS["items"][0]["text"], "None of these"))
    expect(box["A cold sore"]).not_to_be_checked()
    expect(box["None of these"]).to_be_checked()
    is_saved(picks(amara, SPOTS["items"][0]["text"], "Sunburn"))
    expect(box["None of these"]).not_to_be_checked()
    sends(amara)
    expect(amara.page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert completed(amara)[0].answers == {"spots": ["burn"]}


@SIZES
def test_every_kind_of_question_has_a_control_that_keeps_its_answer(site: Site, visitor: Make, size: str) -> None:
    put_form(site, "everything", "questionnaire", EVERYTHING)
    amara = visitor(size)
    visits(amara)
    opens_form(at_home(amara), "everything")
    page = amara.page
    is_clean_and_fits(amara, "all controls")
    sends(amara)
    expect(amara.notice).to_contain_text("Nothing is filled in yet")
    assert completed(amara) == []
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


# --- consents


def draws(made: Visitor, *, touches: bool) -> Visitor:
    """A signature of two strokes, by finger or by mouse."""
    pad = made.page.locator("canvas[data-pad]").first
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    across, down = box["width"], box["height"]
    for stroke in ([(0.1, 0.7), (0.25, 0.2), (0.4, 0.75)], [(0.5, 0.4), (0.7, 0.5), (0.9, 0.3)]):
        points = [(box["x"] + x * across, box["y"] + y * down) for x, y in stroke]
        if touches:
            swipes(made, points)
        else:
            made.page.mouse.move(*points[0])
            made.page.mouse.down()
            for point in points[1:]:
                made.page.mouse.move(*point, steps=6)
            made.page.mouse.up()
    return made


def swipes(made: Visitor, points: list[tuple[float, float]]) -> None:
    """One finger, down and along these points."""
    wire = made.page.context.new_cdp_session(made.page)
    for n, (x, y) in enumerate(points):
        kind = "touchMove" if n else "touchStart"
        wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.req("S8")
@pytest.mark.req("S47")
@pytest.mark.req("P10")
@SIZES
def test_a_consent_is_read_initialled_and_signed_by_drawing(visitor: Make, size: str) -> None:
    amara = visitor(size)
    visits(amara)
    opens_form(at_home(amara), "consent")
    expect(amara.page.get_by_label("Full name")).to_have_value("Amara Reed")
    expect(amara.page.get_by_text("your provider will sign this as well")).to_be_visible()
    is_clean_and_fits(amara, "to be signed")
    amara.page.get_by_label("Your initials").fill("AR")
    draws(amara, touches=size == "phone")
    expect(amara.page.get_by_role("img", name="The signature is drawn")).to_be_visible()
    is_clean_and_fits(is_saved(amara), "drawn")
    amara.page.reload()
    expect(amara.page.get_by_role("img", name="The signature is drawn")).to_be_visible()
    sends(amara)
    expect(amara.page.get_by_role("heading", name="Thank you")).to_be_focused()
    signed = completed(amara)[0]
    assert (signed.answers["risks"], signed.answers[PATIENT]["method"]) == ("AR", "drawn")
    assert [len(stroke) > 2 for stroke in signed.answers[PATIENT]["strokes"]] == [True, True]
    assert signed.seals[0].evidence["device"] == "Chrome on Linux"


@pytest.mark.req("P10")
def test_whoever_cannot_draw_types_their_name_and_nothing_else_counts_as_signed(visitor: Make) -> None:
    amara = visitor("phone")
    visits(amara)
    opens_form(at_home(amara), "consent")
    amara.page.get_by_label("Your initials").fill("AR")
    sends(amara)
    expect(question(amara, "Your signature")).to_contain_text("Please sign here")
    expect(amara.page.locator(f"#{PATIENT}")).to_be_focused()
    assert completed(amara) == []
    amara.page.get_by_text("Type", exact=True).click()
    expect(amara.page.get_by_text("Your full name, as typed above, is your signature.")).to_be_visible()
    sends(amara)
    expect(amara.page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert completed(amara)[0].answers[PATIENT]["method"] == "typed"


def test_a_consent_is_not_signed_once_the_visit_was_cancelled_and_the_page_says_why(site: Site, visitor: Make) -> None:
    amara = visitor()
    known = visits(amara)
    opens_form(at_home(amara), "consent")
    amara.page.get_by_label("Your initials").fill("AR")
    is_saved(amara)
    who = identity(amara)
    fee = site.services.ask(lambda read: changes.fee_minor(read, visit_of(read, who, known.reference)))
    site.services.do(changes.cancel, who, known.reference, shown_fee_minor=fee)
    sends(draws(amara, touches=False))
    expect(amara.page.get_by_role("heading", name="The visit this was for is off")).to_be_visible()
    is_clean_and_fits(amara, "off")
    assert completed(amara) == []


def test_a_form_that_was_sent_is_not_begun_again_and_leads_to_the_next(visitor: Make) -> None:
    amara = visitor()
    visits(amara)
    here = form_of(amara, "short")
    opens(at_home(amara), here)
    other = other_browser(visitor, amara, here)
    sends(picks(amara, "Were you in the sun?", "No"))
    expect(amara.page.get_by_role("link", name="Go on")).to_be_visible()
    sends(other)
    expect(other.page.get_by_role("heading", name=re.compile("Thank you|This form is complete"))).to_be_visible()
    opens(amara, here)
    expect(amara.page.get_by_role("heading", name="This form is complete")).to_be_visible()
    expect(amara.page.get_by_role("link", name="See the document")).to_be_visible()
    assert len(completed(amara)) == 1


# --- what was said before, and what the clinic changes


@pytest.mark.req("P11")
@pytest.mark.parametrize("changed", [False, True])
def test_what_was_answered_before_is_asked_as_one_question(site: Site, visitor: Make, changed: bool) -> None:
    amara = visitor()
    visits(amara)
    opens_form(at_home(amara), "short")
    types(picks(amara, "Were you in the sun?", "No"), "Anything else?", "A scar")
    sends(amara)
    expect(amara.page.get_by_role("heading", name="Thank you")).to_be_visible()
    more = {"link_id": "smokes", "type": "yes_no", "text": "Do you smoke?", "is_required": True}
    put_form(site, "short", "questionnaire", {**SHORT, "items": [*SHORT["items"], more]})
    opens_form(amara, "short")
    expect(amara.page.get_by_role("heading", name="Has anything changed since")).to_be_visible()
    expect(amara.page.get_by_text("A scar")).to_be_visible()
    is_clean_and_fits(amara, "has anything changed")
    amara.button("Something has changed" if changed else "Nothing has changed").click()
    expect(question(amara, "Do you smoke?")).to_be_visible()
    if changed:
        expect(amara.page.get_by_label("Anything else?")).to_have_value("A scar")
    else:
        expect(question(amara, "Anything else?")).to_have_count(0)
        is_clean_and_fits(amara, "only what is new")
        amara.button("See all questions").click()
        expect(amara.page.get_by_label("Anything else?")).to_have_value("A scar")
    picks(amara, "Do you smoke?", "No")
    sends(amara)
    expect(amara.page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert completed(amara)[0].answers == {"sun": "no", "note": "A scar", "smokes": "no"}


def test_a_form_the_clinic_changed_meanwhile_goes_on_in_its_new_version_with_its_answers(
    site: Site, visitor: Make
) -> None:
    amara = visitor()
    visits(amara)
    opens_form(at_home(amara), "short")
    types(picks(amara, "Were you in the sun?", "No"), "Anything else?", "Kept")
    is_saved(amara)
    items = [{**SHORT["items"][0], "text": "Were you in the sun this week?"}, SHORT["items"][1]]
    put_form(site, "short", "questionnaire", {**SHORT, "items": items})
    sends(amara)
    expect(amara.notice).to_contain_text("The clinic changed this form meanwhile")
    expect(amara.page.get_by_label("Anything else?")).to_have_value("Kept")
    picks(amara, "Were you in the sun this week?", "Yes")
    sends(amara)
    expect(amara.page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert completed(amara)[0].answers == {"sun": "yes", "note": "Kept"}


# --- at the desk


def test_staff_fill_a_form_in_with_the_patient_who_signs_on_their_screen(visitor: Make) -> None:
    amara = visitor()
    visits(amara)
    desk = visitor().works_here("front_desk")
    who = identity(amara)
    desk.signs_in_as_staff().page.goto(f"{desk.site.url}/admin/form?patient={who}&id={request_of(amara, 'consent')}")
    expect(desk.page.get_by_role("heading", name="With Amara Reed")).to_be_visible()
    desk.page.get_by_label("Your initials").fill("AR")
    draws(desk, touches=False)
    is_clean_and_fits(is_saved(desk), "at the desk")
    sends(desk)
    expect(desk.page.get_by_role("heading", name="It is complete")).to_be_focused()
    is_clean_and_fits(desk, "complete at the desk")
    told = completed(amara)[0].seals[0].evidence
    assert (told["at_the_desk"], told["patient"], told["name"]) == (True, "Amara Reed", "The front_desk")
