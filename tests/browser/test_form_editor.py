"""Staff write forms in their pages, and patients get what was published."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from clinic_portal.forms import queries as forms
from clinic_portal.forms.definition import Consent, Instruction, Questionnaire
from clinic_portal.forms.types import FormInfo
from tests.browser import forms_journey as patients
from tests.browser import staff_journey as staff
from tests.browser.journey import Visitor
from tests.browser.portal_journey import at_home
from tests.browser.test_access import is_clean_and_fits
from tests.forms_kit import INTAKE, put
from tests.site import Site

Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])


def begins(visitor: Visitor, kind: str, name: str) -> Visitor:
    """A new form of a kind, from the list."""
    staff.goes_to(visitor, "/admin/forms")
    visitor.button("New form").click()
    visitor.page.get_by_role("radio", name=re.compile(f"^{kind}")).check()
    visitor.page.get_by_label("What you call it").fill(name)
    visitor.button("Begin").click()
    visitor.page.wait_for_url(re.compile(r"/admin/forms/edit\?id="))
    return is_writing(visitor, name)


def edits(visitor: Visitor, name: str) -> Visitor:
    """Open a form from the list."""
    staff.goes_to(visitor, "/admin/forms")
    visitor.page.get_by_role("link", name=f"Edit {name}", exact=True).click()
    return is_writing(visitor, name)


def is_writing(visitor: Visitor, name: str) -> Visitor:
    """The editor shows that form."""
    expect(visitor.heading).to_have_text(name)
    expect(visitor.page.get_by_label("Title, as patients read it")).to_be_visible()
    return visitor


def adds(visitor: Visitor, kind: str, words: str) -> Visitor:
    """One more question at the end."""
    visitor.button("Add a question").click()
    visitor.page.get_by_role("group", name="What to add").get_by_text(kind, exact=True).click()
    return writes(visitor, words)


def writes(visitor: Visitor, words: str) -> Visitor:
    """Write the question that is open, which the list then names."""
    at = field(visitor)
    expect(at).to_be_focused()
    at.fill(words)
    expect(listed(visitor).filter(has_text=words)).to_have_count(1)
    return visitor


def field(visitor: Visitor) -> Locator:
    """Where the open question's words are written."""
    return visitor.page.locator("li[data-item] label", has_text=re.compile("^(Question|Heading|Text)$")).locator(
        "xpath=following-sibling::textarea"
    )


def listed(visitor: Visitor) -> Locator:
    """The questions in the list, by what opens them."""
    return visitor.page.get_by_role("list", name="Questions").locator("button[aria-expanded][id^=open-]")


def tried(visitor: Visitor) -> Locator:
    """The form as patients see it."""
    return visitor.page.get_by_role("region", name="As patients see it")


def publishes(visitor: Visitor, version: int = 1) -> Visitor:
    """Publish, and be told so."""
    visitor.button("Publish…").click()
    visitor.button(f"Publish version {version}").click()
    expect(visitor.notice).to_contain_text(f"Version {version} is in force")
    return visitor


def belongs_to(visitor: Visitor, *services: str) -> Visitor:
    """Tick services and keep them."""
    visitor.button("Rules and services").click()
    for service in services:
        tick = visitor.page.get_by_role("checkbox", name=service, exact=True)
        tick.click()
        expect(tick).to_be_checked()
    return staff.saves(visitor)


def form(site: Site, name: str) -> FormInfo:
    return next(one for one in site.services.ask(forms.forms).values() if one.name == name)


def tabs_to(visitor: Visitor, told: str) -> None:
    """Press Tab until something of that name or text has the focus."""
    for _ in range(150):
        visitor.page.keyboard.press("Tab")
        name = visitor.page.evaluate(
            "() => { const e = document.activeElement; return (e.getAttribute('aria-label') || "
            "e.labels?.[0]?.innerText || e.innerText || '').replace(/\\s+/g, ' ').trim() }"
        )
        if name.startswith(told):
            return
    raise AssertionError(f"no Tab leads to {told}")


@pytest.mark.req("S7")
@pytest.mark.req("S39")
@pytest.mark.req("B9")
def test_a_questionnaire_is_built_from_nothing_by_keyboard_and_a_patient_answers_it(site: Site, visitor: Make) -> None:
    owner = staff.sits_down(visitor(), path="/admin/forms")
    keys = owner.page.keyboard

    def presses(name: str) -> None:
        tabs_to(owner, name)
        keys.press("Enter")

    presses("New form")
    expect(owner.page.get_by_label("What you call it")).to_be_focused()
    keys.type("Sun and skin")
    keys.press("Enter")
    owner.page.wait_for_url(re.compile(r"/admin/forms/edit\?id="))
    is_writing(owner, "Sun and skin")
    presses("+ Add a question")
    expect(owner.page.locator("#type-short_text")).to_be_focused()
    presses("Yes or no")
    expect(field(owner)).to_be_focused()
    keys.type("Do you burn easily?")
    expect(listed(owner)).to_have_text(re.compile("Do you burn easily"))
    tabs_to(owner, "Must be answered")
    keys.press("Space")
    expect(listed(owner).get_by_role("img", name="must be answered")).to_be_visible()
    presses("+ Add a question")
    presses("One answer")
    expect(field(owner)).to_be_focused()
    keys.type("Where?")
    for n, words in ((1, "Face"), (2, "Arms")):
        tabs_to(owner, f"Answer {n}")
        keys.type(words)
    presses("Add a condition")
    expect(listed(owner).nth(1)).to_contain_text("Shown when “Do you burn easily?” is Yes")
    presses("Rules and services")
    expect(owner.page.get_by_label("What you call it")).to_be_visible()
    tabs_to(owner, "Laser hair removal")
    keys.press("Space")
    expect(owner.page.get_by_role("checkbox", name="Laser hair removal")).to_be_checked()
    presses("Save")
    expect(owner.notice).to_contain_text("Saved")
    owner.page.locator("#step-title").focus()
    presses("Publish…")
    expect(owner.page.locator("#publish-title")).to_be_focused()
    presses("Publish version 1")
    expect(owner.notice).to_contain_text("Version 1 is in force")

    amara = at_home(visitor())
    patients.visits(amara, "hair")
    patients.opens_form(amara, "sun-and-skin")
    expect(amara.page.get_by_text("Where?")).to_have_count(0)
    patients.picks(amara, "Do you burn easily?", "Yes")
    patients.sends(patients.picks(amara, "Where?", "Arms"))
    expect(amara.page.locator("#send")).to_have_count(0)
    assert [one.answers for one in patients.completed(amara)] == [{"q1": "yes", "q2": "o2"}]


@pytest.mark.req("P11")
def test_what_is_written_is_kept_as_one_goes_and_changes_nothing_until_it_is_published(
    site: Site, visitor: Make
) -> None:
    put(site.clinic, "kept", "questionnaire", {**INTAKE, "title": "Kept as one goes"}, ("peel",))
    owner = edits(staff.sits_down(visitor()), "Kept as one goes")
    adds(owner, "Short text", "What is your work?")
    owner.page.reload()
    is_writing(owner, "Kept as one goes")
    expect(listed(owner).last).to_contain_text("What is your work?")
    expect(owner.page.get_by_text("Changes saved, not published yet")).to_be_visible()
    assert form(site, "Kept as one goes").version == 1
    owner.button("Publish…").click()
    expect(owner.page.get_by_role("listitem").filter(has_text="New: “What is your work?”")).to_be_visible()
    owner.page.get_by_role("radio", name=re.compile("^Earlier answers stay valid")).check()
    owner.button("Publish version 2").click()
    expect(owner.notice).to_contain_text("Version 2 is in force")
    found = form(site, "Kept as one goes")
    assert (found.version, found.counts_from, found.has_draft) == (2, 1, False)
    owner.button("Versions").click()
    owner.button("Look at it (version 1)").click()
    expect(tried(owner)).to_contain_text("Anything else?")
    expect(tried(owner)).not_to_contain_text("What is your work?")


@pytest.mark.req("P10")
@pytest.mark.req("S8")
def test_a_consent_is_written_in_sections_and_asks_for_initials_and_signatures(site: Site, visitor: Make) -> None:
    owner = begins(staff.sits_down(visitor()), "Consent", "Peel consent")
    for n, title in ((1, "What it is"), (2, "Risks")):
        owner.button("Add a section").click()
        at = owner.page.get_by_label(f"Section {n}: title")
        expect(at).to_be_focused()
        at.fill(title)
        writes_text(owner, f"Section {n}: text", f"About {title.lower()}.")
    owner.page.get_by_role("checkbox", name="Patients put their initials under it").last.check()
    expect(tried(owner)).to_contain_text("Your initials")
    owner.page.get_by_role("checkbox", name="The provider").check()
    owner.page.get_by_label("A parent or guardian signs as well").select_option(label="Always")
    expect(tried(owner)).to_contain_text("your provider")
    owner.button("Move section 2 up").click()
    expect(owner.page.get_by_label("Section 1: title")).to_have_value("Risks")
    publishes(owner)
    found = site.services.ask(forms.version, form(site, "Peel consent").version_id)
    assert isinstance(found.content, Consent)
    told = [(one.title, one.html, one.asks_initials) for one in found.content.sections]
    assert told == [("Risks", "<p>About risks.</p>", True), ("What it is", "<p>About what it is.</p>", False)]
    assert (found.content.guardian, found.content.asks_provider, found.content.asks_witness) == ("always", True, False)


def writes_text(visitor: Visitor, label: str, words: str) -> None:
    """Write rich text; the page shows patients the same."""
    at = visitor.page.get_by_role("textbox", name=label, exact=True)
    at.click()
    visitor.page.keyboard.type(words)
    expect(tried(visitor)).to_contain_text(words)


PASTE = """(box, html) => {
    const data = new DataTransfer();
    data.setData("text/html", html);
    box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def test_rich_text_is_written_with_buttons_and_what_is_pasted_keeps_its_structure_only(
    site: Site, visitor: Make
) -> None:
    owner = begins(staff.sits_down(visitor()), "Instructions before", "Before peels")
    writes_text(owner, "Text", "Please")
    owner.page.keyboard.press("Enter")
    owner.button("Bold").click()
    owner.page.keyboard.type("rest")
    owner.page.keyboard.press("Enter")
    pasted = (
        "<html><head><style>p{color:red}</style></head><body><h2 style='font-size:40px'>Do</h2>"
        "<ul class=MsoList><li><span lang=EN>Drink <b>water</b></span></li></ul><script>x()</script></body></html>"
    )
    owner.page.get_by_role("textbox", name="Text", exact=True).evaluate(PASTE, pasted)
    expect(tried(owner)).to_contain_text("Drink water")
    expect(tried(owner).get_by_role("heading", name="Do")).to_be_visible()
    found = site.services.ask(forms.newest, form(site, "Before peels").id).content
    assert isinstance(found, Instruction)
    assert found.html.startswith("<p>Please</p><p><strong>rest</strong></p><h2>Do</h2>")
    assert "<li><p>Drink <strong>water</strong></p></li>" in found.html
    assert not re.search("style|class|lang|script|onclick", found.html)


def test_what_is_typed_into_one_field_and_then_another_is_all_kept(site: Site, visitor: Make) -> None:
    owner = begins(staff.sits_down(visitor()), "Questionnaire", "Fast hands")
    owner.page.get_by_label("Title, as patients read it").fill("Typed fast")
    owner.page.get_by_label("Introduction").fill("And at once")
    owner.button("Add a question").click()
    owner.page.locator("#type-long_text").click()
    expect(field(owner)).to_be_focused()
    owner.page.keyboard.type("Who are you?")
    owner.button("Done").click()
    expect(listed(owner)).to_contain_text("Who are you?")
    found = site.services.ask(forms.newest, form(site, "Fast hands").id).content
    assert isinstance(found, Questionnaire)
    assert (found.title, found.intro, found.items[0].text) == ("Typed fast", "And at once", "Who are you?")


@pytest.mark.req("P12")
@pytest.mark.req("S6")
def test_instructions_for_afterwards_are_sent_at_their_delay(site: Site, visitor: Make) -> None:
    owner = begins(staff.sits_down(visitor()), "Instructions after", "After laser")
    writes_text(owner, "Text", "Keep out of the sun.")
    owner.button("Rules and services").click()
    owner.page.get_by_label("How long after").fill("3")
    owner.page.get_by_label("Minutes, hours, days or weeks").select_option(label="days")
    owner.page.get_by_role("checkbox", name="All of Injectables").click()
    expect(owner.page.get_by_role("checkbox", name="Chemical peel")).to_be_checked()
    staff.saves(owner)
    publishes(owner)
    found = form(site, "After laser")
    assert (found.delay_minutes, len(found.service_ids), found.version) == (3 * 24 * 60, 4, 1)
    content = site.services.ask(forms.version, found.version_id).content
    assert isinstance(content, Instruction)
    assert content.html == "<p>Keep out of the sun.</p>"
    staff.goes_to(owner, "/admin/forms")
    line = staff.line_of(owner, "After laser")
    expect(line).to_contain_text("All services · Sent 3 days after the visit")
    line.get_by_role("button", name="Switch off").click()
    expect(line).to_contain_text("Switched off")


def test_a_question_appears_in_the_preview_when_its_condition_is_met(site: Site, visitor: Make) -> None:
    put(site.clinic, "appears", "questionnaire", {**INTAKE, "title": "Appears"}, ("peel",))
    owner = edits(staff.sits_down(visitor()), "Appears")
    expect(tried(owner)).not_to_contain_text("In which week?")
    tried(owner).get_by_role("group", name="Are you pregnant?").get_by_text("Yes").click()
    expect(tried(owner)).to_contain_text("In which week?")
    tried(owner).get_by_role("group", name="Are you pregnant?").get_by_text("No").click()
    expect(tried(owner)).not_to_contain_text("In which week?")


def test_an_answer_is_made_to_take_the_others_away(site: Site, visitor: Make) -> None:
    spots = {"link_id": "spots", "type": "choices", "text": "Any of these?"}
    options = [{"code": "sore", "label": "A cold sore"}, {"code": "none", "label": "None of these"}]
    asks = {"title": "Alone", "items": [{**spots, "options": options}]}
    put(site.clinic, "alone", "questionnaire", asks, ("peel",))
    owner = edits(staff.sits_down(visitor()), "Alone")
    listed(owner).filter(has_text="Any of these?").click()
    owner.page.get_by_label("Answer that takes the others away").select_option("None of these")
    box = {name: tried(owner).get_by_label(name) for name in ("A cold sore", "None of these")}
    box["A cold sore"].check()
    box["None of these"].click()
    expect(box["A cold sore"]).not_to_be_checked()
    content = site.services.ask(forms.newest, form(site, "Alone").id).content
    assert isinstance(content, Questionnaire)
    assert [one.stands_alone for one in content.items[0].options] == [False, True]


def test_what_depends_on_a_question_that_goes_is_told_and_undone(site: Site, visitor: Make) -> None:
    put(site.clinic, "undone", "questionnaire", {**INTAKE, "title": "Undone"}, ("peel",))
    owner = edits(staff.sits_down(visitor()), "Undone")
    listed(owner).filter(has_text="Are you pregnant?").first.click()
    owner.button("Delete").click()
    expect(owner.page.get_by_role("status").filter(has_text="was taken out")).to_contain_text(
        "“In which week?” is shown without that condition now"
    )
    expect(listed(owner)).to_have_count(4)
    expect(owner.button("Undo")).to_be_focused()
    owner.page.keyboard.press("Enter")
    expect(listed(owner)).to_have_count(5)
    expect(listed(owner).nth(2)).to_contain_text("Shown when “Are you pregnant?” is Yes")


def test_questions_are_moved_by_keyboard_and_by_mouse(site: Site, visitor: Make) -> None:
    put(site.clinic, "moved", "questionnaire", {**INTAKE, "title": "Moved"}, ("peel",))
    owner = edits(staff.sits_down(visitor()), "Moved")
    up = owner.button("Move up: Anything else?")
    up.focus()
    owner.page.keyboard.press("Enter")
    expect(listed(owner).nth(3)).to_contain_text("Anything else?")
    expect(up).to_be_focused()
    handle = owner.page.locator("li[data-item=note] [data-handle]")
    handle.drag_to(owner.page.locator("li[data-item=pregnant]"), target_position={"x": 60, "y": 4})
    expect(listed(owner).nth(1)).to_contain_text("Anything else?")
    listed(owner).nth(1).click()
    owner.page.get_by_label("Where it stands").select_option(label="After “Any allergies?”")
    expect(listed(owner).last).to_contain_text("Anything else?")
    expect(owner.page.get_by_label("Where it stands")).to_be_focused()


def test_of_two_editors_the_second_is_told_and_overwrites_nothing(site: Site, visitor: Make) -> None:
    put(site.clinic, "both", "questionnaire", {**INTAKE, "title": "Both"}, ("peel",))
    one, other = (edits(staff.sits_down(visitor()), "Both") for _ in range(2))
    adds(one, "Date", "When were you born?")
    other.button("Add a question").click()
    other.page.get_by_role("group", name="What to add").get_by_text("Long text", exact=True).click()
    expect(other.page.get_by_role("alert").filter(has_text="Somebody else changed this form")).to_be_visible()
    expect(listed(other)).to_have_count(5)
    other.button("Load it").click()
    expect(listed(other).last).to_contain_text("When were you born?")
    adds(other, "Long text", "And what else?")
    expect(listed(other)).to_have_count(7)


def test_what_keeps_a_form_from_being_published_is_said_beside_it_and_leads_there(site: Site, visitor: Make) -> None:
    owner = begins(staff.sits_down(visitor()), "Questionnaire", "Half written")
    owner.button("Add a question").click()
    owner.page.get_by_role("group", name="What to add").get_by_text("One answer", exact=True).click()
    expect(field(owner)).to_be_focused()
    owner.page.get_by_label("Title, as patients read it").fill("")
    owner.button("Publish…").click()
    owner.button("Publish version 1").click()
    told = owner.page.locator("#faults")
    expect(told).to_be_focused()
    expect(told).to_contain_text("2 things are to be put right first. Nothing was published.")
    told.get_by_role("button", name="One answer").click()
    expect(field(owner)).to_be_focused()
    expect(owner.page.locator("#fault-q1")).to_contain_text("There is nothing to read here yet")
    writes(owner, "Which one?")
    for n in (1, 2):
        owner.page.get_by_role("textbox", name=f"Answer {n}").fill(f"The {n}.")
    expect(owner.page.locator("#fault-q1")).to_be_empty()
    expect(owner.page.locator("#form_title-error")).to_contain_text("There is nothing to read here yet")
    owner.page.get_by_label("Title, as patients read it").fill("Half written")
    publishes(owner)


def test_who_may_not_write_forms_finds_no_way_in(site: Site, visitor: Make) -> None:
    desk = staff.sits_down(visitor(), "front_desk")
    expect(desk.page.get_by_role("link", name="Forms", exact=True)).to_have_count(0)
    desk.page.goto(f"{site.url}/admin/forms")
    desk.page.wait_for_url(re.compile(r"/admin\?why=not_permitted"))


@pytest.mark.req("B9")
@SIZES
def test_every_side_of_a_form_is_clean_and_fits_a_small_screen(site: Site, visitor: Make, size: str) -> None:
    title = f"Medical questionnaire with an uncommonly long name, for {size}"
    put(site.clinic, f"clean-{size}", "questionnaire", {**INTAKE, "title": title}, ("peel",))
    owner = staff.sits_down(visitor(size), path="/admin/forms")
    is_clean_and_fits(owner, "list")
    owner.button("New form").click()
    expect(owner.page.get_by_label("What you call it")).to_be_focused()
    is_clean_and_fits(owner, "new form")
    edits(owner, title)
    listed(owner).filter(has_text="In which week?").click()
    expect(field(owner)).to_be_focused()
    is_clean_and_fits(owner, "a question")
    owner.button("Add a question").click()
    owner.page.get_by_role("group", name="What to add").get_by_text("Scale", exact=True).click()
    expect(field(owner)).to_be_focused()
    is_clean_and_fits(owner, "a scale")
    owner.button("Add a question").click()
    expect(owner.page.get_by_role("group", name="What to add")).to_be_visible()
    is_clean_and_fits(owner, "the menu")
    if size == "phone":
        owner.button("Preview").click()
        expect(tried(owner)).to_be_visible()
        is_clean_and_fits(owner, "preview")
    owner.button("Publish…").click()
    owner.button("Publish version 2").click()
    expect(owner.page.locator("#faults")).to_be_focused()
    is_clean_and_fits(owner, "publishing")
    owner.button("Rules and services").click()
    expect(owner.page.get_by_label("What you call it")).to_be_visible()
    is_clean_and_fits(owner, "rules")
    owner.button("Versions").click()
    owner.button(re.compile("Look at it")).click()
    expect(tried(owner)).to_be_visible()
    is_clean_and_fits(owner, "versions")
    begins(owner, "Consent", f"Consent for {size}")
    owner.button("Add a section").click()
    expect(owner.page.get_by_label("Section 1: title")).to_be_focused()
    is_clean_and_fits(owner, "consent")
    begins(owner, "Instructions before", f"Before for {size}")
    is_clean_and_fits(owner, "instructions")


def test_a_draft_is_thrown_away_only_after_a_second_word(site: Site, visitor: Make) -> None:
    put(site.clinic, "thrown", "questionnaire", {**INTAKE, "title": "Thrown away"}, ("peel",))
    owner = edits(staff.sits_down(visitor()), "Thrown away")
    adds(owner, "Date", "Since when?")
    owner.button("Publish…").click()
    owner.button("Throw the draft away").click()
    expect(owner.button("Throw it away")).to_be_focused()
    owner.button("Keep the draft").click()
    assert form(site, "Thrown away").has_draft
    owner.button("Throw the draft away").click()
    owner.button("Throw it away").click()
    expect(owner.notice).to_contain_text("Version 1 is in force as before")
    expect(listed(owner)).to_have_count(5)
    assert not form(site, "Thrown away").has_draft


def test_ticks_that_were_not_saved_are_told(site: Site, visitor: Make) -> None:
    put(site.clinic, "ticks", "questionnaire", {**INTAKE, "title": "Ticks"}, ("peel",))
    owner = edits(staff.sits_down(visitor()), "Ticks")
    owner.button("Rules and services").click()
    owner.page.get_by_role("checkbox", name="Hydrating facial").click()
    expect(owner.page.get_by_text("2 of 4")).to_be_visible()
    owner.button("Questions").click()
    expect(owner.page.get_by_role("status").filter(has_text="was not saved")).to_be_visible()
    assert form(site, "Ticks").service_ids == {site.clinic["peel"]}


def test_rules_out_of_bounds_are_said_beside_their_field(site: Site, visitor: Make) -> None:
    put(site.clinic, "bounds", "questionnaire", {**INTAKE, "title": "Bounds"}, ("peel",))
    owner = edits(staff.sits_down(visitor()), "Bounds")
    owner.button("Rules and services").click()
    for typed, told in (("often", "whole number"), ("9999", "from 1 to 3650")):
        owner.page.get_by_label("Days").fill(typed)
        owner.button("Save").click()
        staff.is_refused_beside(owner, "days", told)
    owner.page.get_by_label("Days").fill("90")
    staff.saves(owner)
    assert form(site, "Bounds").validity.days == 90
