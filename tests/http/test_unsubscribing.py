"""No more reminders by e-mail, from the letter: a page that changes nothing, and a post that needs no session."""

from __future__ import annotations

import httpx
import pytest

from clinic_portal.patients import models, wishes
from tests import factories
from tests.reminder_kit import person
from tests.site import Site

pytestmark = pytest.mark.req("P14")
ONE_CLICK = {"List-Unsubscribe": "One-Click"}  # RFC 8058, 3.2


def wants(site: Site, patient_id: int) -> bool:
    [known] = [one for one in factories.rows(site.services, models.Patient) if one.id == patient_id]
    return known.wants_email_reminders


def address(site: Site, patient_id: int) -> str:
    return f"{site.url}/unsubscribe/{site.services.ask(wishes.unsubscribe_token, patient_id)}"


def test_opening_the_page_changes_nothing_so_that_scanners_may_follow_it(site: Site) -> None:
    who = person(site.services, "Opens")
    answer = httpx.get(address(site, who))
    assert answer.status_code == 200
    assert "Stop these e-mails" in answer.text
    assert "Opens" not in answer.text
    assert wants(site, who)


def test_a_mail_service_posts_from_outside_without_a_session(site: Site) -> None:
    who = person(site.services, "Clicks")
    headers = {"origin": "https://mail.example", "sec-fetch-site": "cross-site"}
    answer = httpx.post(address(site, who), data=ONE_CLICK, headers=headers)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert not wants(site, who)


def test_the_button_of_the_page_does_it_and_again_is_harmless(site: Site) -> None:
    who = person(site.services, "Presses")
    answers = [httpx.post(address(site, who)) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert "Done, at once" in answers[1].text
    assert not wants(site, who)


def test_a_forged_address_and_one_of_nobody_are_told_the_same(site: Site) -> None:
    who = person(site.services, "Stays")
    told = [
        httpx.post(one).text
        for one in (f"{site.url}/unsubscribe/{who}-{'0' * 64}", address(site, 10**9), f"{site.url}/unsubscribe/%C3%A9")
    ]
    assert len(set(told)) == 1
    assert "This link does not work" in told[0]
    assert wants(site, who)


def test_what_stands_in_the_address_is_never_read_as_a_page(site: Site) -> None:
    answer = httpx.get(f"{site.url}/unsubscribe/%22%3E%3Cscript%3Ealert(1)")
    assert "Stop these e-mails" in answer.text
    assert "<script>" not in answer.text
