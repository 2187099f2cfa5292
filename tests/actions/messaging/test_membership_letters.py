"""News of a membership: told once, to whom it is about, and only if it is so still."""

from __future__ import annotations

import pytest

from clinic_portal.core.work import Services
from clinic_portal.memberships import actions as memberships
from clinic_portal.messaging import models
from clinic_portal.worker import Worker
from tests import factories
from tests.actions.messaging.conftest import Notebook, finish
from tests.reminder_kit import person

pytestmark = pytest.mark.req("S32")


@pytest.fixture
def who(services: Services, clinic: factories.SmallClinic) -> int:
    return person(services)


def test_a_new_member_is_told_and_where_their_cards_are(
    services: Services, worker: Worker, sent: Notebook, who: int
) -> None:
    services.do(memberships.enrol, factories.staff(services).actor, who)
    finish(worker)
    [letter] = sent.emails
    assert letter.subject == "Welcome as a member of Lumen Aesthetics"
    assert "began on Monday, November 23, 2026" in letter.text
    assert "/portal/cards" in letter.text


def test_whose_membership_has_ended_is_told(services: Services, worker: Worker, sent: Notebook, who: int) -> None:
    owner = factories.staff(services).actor
    services.do(memberships.enrol, owner, who)
    finish(worker)
    services.do(memberships.end, owner, who)
    finish(worker)
    assert sent.emails[-1].subject == "Your membership of Lumen Aesthetics has ended"
    assert "/portal/cards" not in sent.emails[-1].text


def test_who_is_enrolled_twice_or_never_was_is_told_nothing_more(
    services: Services, worker: Worker, sent: Notebook, who: int
) -> None:
    owner = factories.staff(services).actor
    services.do(memberships.end, owner, who)
    services.do(memberships.enrol, owner, who)
    services.do(memberships.enrol, owner, who)
    finish(worker)
    assert len(sent.emails) == 1


def test_a_membership_that_ends_before_its_letter_goes_out_is_not_welcomed(
    services: Services, worker: Worker, sent: Notebook, who: int
) -> None:
    owner = factories.staff(services).actor
    services.do(memberships.enrol, owner, who)
    services.do(memberships.end, owner, who)
    finish(worker)
    assert [one.subject for one in sent.emails] == ["Your membership of Lumen Aesthetics has ended"]
    [started] = [one for one in factories.rows(services, models.Message) if one.kind == "membership_started"]
    assert started.last_error == "not_member"


def test_who_is_a_member_again_by_then_is_not_told_that_it_ended(
    services: Services, worker: Worker, sent: Notebook, who: int
) -> None:
    owner = factories.staff(services).actor
    services.do(memberships.enrol, owner, who)
    finish(worker)
    sent.kept.clear()
    services.do(memberships.end, owner, who)
    services.do(memberships.enrol, owner, who)
    finish(worker)
    assert [one.subject for one in sent.emails] == ["Welcome as a member of Lumen Aesthetics"]
