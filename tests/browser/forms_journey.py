"""A patient's way through a form, in sentences."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from playwright.sync_api import Locator, expect

from clinic_portal.booking import paperwork
from clinic_portal.booking.types import Visit
from clinic_portal.core.work import Reading
from clinic_portal.forms import documents
from clinic_portal.forms import queries as forms
from clinic_portal.forms.types import Document
from tests.browser.journey import Visitor
from tests.browser.portal_journey import has_visit, opens
from tests.factories import patient
from tests.forms_kit import put
from tests.site import Site

SOME_DAY = date(2026, 12, 17)
REVIEW = re.compile("Check and send")


def put_form(site: Site, slug: str, kind: str, content: dict[str, Any], **more: Any) -> None:
    """A form of the clinic, for facials."""
    put(site.clinic, slug, kind, content, ("facial",), **more)


def visits(made: Visitor, *wanted: str) -> Visit:
    """A visit is booked, and with it its forms are asked for."""
    return has_visit(made, *(wanted or ("facial",)))


def identity(made: Visitor) -> int:
    """The patient's id."""
    return int(patient(made.site.services, made.email, phone=made.e164).actor.patient_id)


def request_of(made: Visitor, slug: str) -> int:
    """The newest request for a form of that slug."""
    who = identity(made)

    def read(read: Reading) -> int:
        slugs = {one.id: one.slug for one in forms.forms(read).values()}
        found = [one.request for one in paperwork.papers_of_patient(read, who)]
        return max(one.id for one in found if slugs[one.template_id] == slug)

    return made.site.services.ask(read)


def form_of(made: Visitor, slug: str) -> str:
    """The address of the form."""
    return f"/portal/form?id={request_of(made, slug)}"


def opens_form(made: Visitor, slug: str) -> Visitor:
    """Open a form of one's own."""
    return opens(made, form_of(made, slug))


def question(made: Visitor, name: str) -> Locator:
    """A question by its text."""
    return made.page.locator(".question").filter(has_text=name)


def picks(made: Visitor, name: str, answer: str) -> Visitor:
    """Choose one of a question's answers."""
    question(made, name).get_by_text(answer, exact=True).click()
    return made


def types(made: Visitor, name: str, text: str) -> Visitor:
    """Type an answer, key by key."""
    made.page.get_by_label(name).press_sequentially(text)
    return made


def is_saved(made: Visitor) -> Visitor:
    """The page says that everything is with the clinic."""
    expect(made.page.locator("#save-state")).to_have_text("Saved")
    return made


def sends(made: Visitor) -> Visitor:
    """Press the last button."""
    is_saved(made).page.locator("#send").click()
    return made


def completed(made: Visitor) -> list[Document]:
    """What the clinic has of them, newest first."""
    who = identity(made)
    lines = made.site.services.ask(documents.of_patient, who)
    return [made.site.services.ask(documents.own, who, one.id) for one in lines]
