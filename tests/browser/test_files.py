"""Photos and files are added to a form, shown, taken away, and what goes wrong is said in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Route, expect

from tests.browser.forms_journey import completed, is_saved, opens_form, put_form, question, sends, visits
from tests.browser.journey import Visitor
from tests.browser.portal_journey import Make, at_home, clears_calendar
from tests.browser.test_access import is_clean_and_fits
from tests.pictures import pdf, photo
from tests.site import Site

SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
ASKS: dict[str, Any] = {
    "title": "Photos of your skin",
    "items": [
        {
            "link_id": "skin",
            "type": "photo",
            "text": "A photo of the spot",
            "help": "In daylight.",
            "is_required": True,
        },
        {"link_id": "letter", "type": "file", "text": "A letter of your doctor"},
    ],
}


@pytest.fixture(autouse=True)
def _forms(site: Site) -> Iterator[None]:
    put_form(site, "photos", "questionnaire", ASKS)
    yield
    clears_calendar(site)


def begins(made: Visitor) -> Visitor:
    visits(made)
    return opens_form(at_home(made), "photos")


def field(made: Visitor, name: str = "A photo of the spot") -> Locator:
    return question(made, name).locator("input[type=file]")


def sent(data: bytes, name: str = "IMG_0001.jpg", kind: str = "image/jpeg") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": data}


def listed(made: Visitor, name: str = "A photo of the spot") -> Locator:
    return question(made, name).locator(".files-list > .file")


def removes(made: Visitor, what: str) -> Locator:
    return made.page.get_by_role("button", name=f"Remove {what}")


@pytest.mark.req("S7")
@SIZES
def test_photos_and_a_letter_are_added_shown_and_sent(visitor: Make, size: str) -> None:
    amara = begins(visitor(size))
    is_clean_and_fits(amara, "empty")
    field(amara).set_input_files([sent(photo(width=1200, height=900)), sent(photo(width=900, height=1200))])
    expect(listed(amara)).to_have_count(2)
    field(amara, "A letter").set_input_files(sent(pdf(), "letter.pdf", "application/pdf"))
    expect(listed(amara, "A letter")).to_contain_text("File 1")
    expect(removes(amara, "photo 2")).to_be_visible()
    is_clean_and_fits(is_saved(amara), "with files")
    sends(amara)
    expect(amara.page.get_by_role("heading", name="Thank you")).to_be_visible()
    answers = completed(amara)[0].answers
    assert [len(answers["skin"]), len(answers["letter"])] == [2, 1]


@pytest.mark.req("S29")
def test_what_was_sent_is_seen_in_the_document(visitor: Make) -> None:
    amara = begins(visitor())
    field(amara).set_input_files(sent(photo(width=300, height=200)))
    field(amara, "A letter").set_input_files(sent(pdf(), "letter.pdf", "application/pdf"))
    expect(removes(amara, "file 1")).to_be_visible()
    sends(is_saved(amara))
    expect(amara.page.get_by_role("heading", name="Thank you")).to_be_visible()
    amara.page.goto(f"{amara.site.url}/portal/document?id={completed(amara)[0].line.id}")
    expect(amara.page.get_by_role("img", name="Photo 1")).to_have_js_property("complete", True)
    expect(amara.page.get_by_role("link", name="File 1")).to_be_visible()
    is_clean_and_fits(amara, "document with files")


@pytest.mark.req("S7")
def test_what_was_added_is_shown_when_the_page_opens_again(visitor: Make) -> None:
    amara = begins(visitor())
    field(amara).set_input_files(sent(photo()))
    expect(removes(amara, "photo 1")).to_be_visible()
    is_saved(amara)
    amara.page.reload()
    expect(listed(amara).locator("img")).to_have_attribute("src", re.compile("/portal/file.*small"))
    expect(listed(amara)).to_contain_text("Photo 1")


def test_what_was_added_is_taken_away_by_keyboard(visitor: Make, site: Site) -> None:
    amara = begins(visitor())
    field(amara).set_input_files([sent(photo()), sent(photo(width=40))])
    expect(removes(amara, "photo 2")).to_be_visible()
    removes(amara, "photo 1").focus()
    amara.page.keyboard.press("Enter")
    expect(listed(amara)).to_have_count(1)
    expect(removes(amara, "photo 1")).to_be_focused()
    amara.page.keyboard.press("Enter")
    expect(listed(amara)).to_have_count(0)
    expect(field(amara)).to_be_focused()
    is_saved(amara)


@pytest.mark.req("S7")
def test_a_required_photo_that_is_missing_is_asked_for(visitor: Make) -> None:
    amara = begins(visitor())
    field(amara, "A letter").set_input_files(sent(pdf(), "letter.pdf", "application/pdf"))
    expect(listed(amara, "A letter")).to_have_count(1)
    sends(amara)
    expect(question(amara, "A photo of the spot")).to_contain_text("Please answer this one")
    assert completed(amara) == []


@pytest.mark.req("S7")
@SIZES
def test_a_file_that_will_not_do_is_refused_in_words_beside_it(visitor: Make, size: str) -> None:
    amara = begins(visitor(size))
    field(amara).set_input_files(sent(b"MZ no photo at all"))
    expect(question(amara, "A photo of the spot").get_by_role("alert")).to_contain_text("Only photos can go here")
    field(amara, "A letter").set_input_files(sent(b"\xff\xd8\xff" + b"x" * 11_000_000))
    expect(question(amara, "A letter").get_by_role("alert").first).to_contain_text("larger than 10 MB")
    is_clean_and_fits(amara, "refused")
    expect(listed(amara)).to_have_count(0)


def test_a_form_is_not_sent_while_a_photo_is_on_its_way(visitor: Make) -> None:
    amara = begins(visitor())
    field(amara).set_input_files(sent(photo()))
    expect(removes(amara, "photo 1")).to_be_visible()
    held: list[Route] = []
    amara.page.route("**/portal/files", lambda route: held.append(route))
    field(amara).set_input_files(sent(photo(width=40)))
    expect(listed(amara)).to_have_count(2)
    sends(amara)
    expect(question(amara, "A photo of the spot").get_by_role("alert").first).to_contain_text("still on its way")
    assert completed(amara) == []
    held[0].continue_()
    expect(removes(amara, "photo 2")).to_be_visible()
    sends(amara)
    expect(amara.page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert len(completed(amara)[0].answers["skin"]) == 2


def test_a_photo_waits_for_a_connection_and_is_sent_once_there_is_one(visitor: Make) -> None:
    amara = begins(visitor())
    amara.page.route("**/portal/files", lambda route: route.abort("connectionrefused"))
    field(amara).set_input_files(sent(photo()))
    expect(listed(amara)).to_contain_text("Not sent yet")
    amara.page.unroute("**/portal/files")
    amara.page.get_by_role("button", name="Try again").click()
    expect(listed(amara)).to_contain_text("Photo 1")
    is_saved(amara)
