"""News of a membership: told once, to whom it is about, and only if it is so still."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from clinic_portal.booking import receipt_words, receipts
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.memberships import actions as memberships
from clinic_portal.memberships import changing, queries
from clinic_portal.messaging import models
from clinic_portal.messaging.ports import Email
from clinic_portal.worker import Worker
from tests import factories, membership_kit
from tests.actions.messaging.conftest import Notebook, finish
from tests.card_kit import LATER_DECLINED
from tests.membership_kit import Desk
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


# ---- on a plan


@pytest.fixture
def desk(clinic: factories.SmallClinic, clock: FixedClock) -> Desk:
    return membership_kit.desk(clinic, clock)


@pytest.fixture
def glow(clinic: factories.SmallClinic) -> int:
    return membership_kit.plan(clinic, agreement_id=membership_kit.agreement(clinic), setup_fee_minor=5000)


def told(desk: Desk, worker: Worker) -> None:
    """All that is due is done: the gateway is told, letters go out."""
    desk.works()
    finish(worker)
    desk.works()
    finish(worker)


def newest(sent: Notebook) -> Email:
    return sent.emails[-1]


def test_who_joins_a_plan_is_told_what_they_paid_and_what_follows(
    worker: Worker, sent: Notebook, who: int, desk: Desk, glow: int
) -> None:
    desk.joins(who, glow)
    told(desk, worker)
    [letter] = sent.emails
    assert letter.subject == "Welcome as a member of Lumen Aesthetics"
    for line in (
        "Paid: $149", "For: Mon, Nov 23, 2026 to Wed, Dec 23, 2026", "Prices for members: 10% off every treatment",
        "Next payment: $99 on Wed, Dec 23, 2026", "/portal/receipt?id=",
    ):  # fmt: skip
        assert line in letter.text
    assert "facial" not in letter.text.lower()


def test_plan_and_treatments_are_named_where_the_clinic_chose_so(
    worker: Worker, sent: Notebook, who: int, desk: Desk, glow: int, clinic: factories.SmallClinic
) -> None:
    clinic.settings(email_names_services=True)
    desk.joins(who, glow)
    told(desk, worker)
    assert "Plan: Glow" in newest(sent).text
    assert "Each month: 1 × Hydrating facial" in newest(sent).text


def test_each_period_that_is_paid_is_told_once(worker: Worker, sent: Notebook, who: int, desk: Desk, glow: int) -> None:
    desk.joins(who, glow)
    told(desk, worker)
    for _ in range(2):
        desk.passes(membership_kit.MONTH)
        told(desk, worker)
    assert [one.subject for one in sent.emails[1:]] == ["Receipt: $99 for your membership"] * 2
    assert "Next payment: $99 on Tue, Feb 23, 2027" in newest(sent).text


def test_a_renewal_that_is_refused_is_told_by_email_and_sms_with_how_to_pay(
    worker: Worker, sent: Notebook, who: int, desk: Desk, glow: int
) -> None:
    desk.joins(who, glow, LATER_DECLINED)
    told(desk, worker)
    desk.clock.advance(datetime(2026, 12, 23, 16, tzinfo=UTC) - desk.clock.now())
    told(desk, worker)
    letter, text = newest(sent), sent.texts[-1]
    assert letter.subject == "Please pay $99: your membership could not be charged"
    for line in ("Your bank did not accept it.", "We try your card again on Thursday, December 24, 2026.",
                 "until Wednesday, January 6, 2027", "/portal/membership"):  # fmt: skip
        assert line in letter.text
    assert "$99 for your membership could not be charged" in text.body
    assert "/portal/membership" in text.body


def test_a_membership_that_was_not_paid_in_time_ends_with_a_letter_of_its_own(
    worker: Worker, sent: Notebook, who: int, desk: Desk, glow: int
) -> None:
    desk.joins(who, glow, LATER_DECLINED)
    told(desk, worker)
    for _ in range(5):
        desk.passes(timedelta(days=10))
        told(desk, worker)
    assert newest(sent).subject == "Your membership of Lumen Aesthetics has ended"
    assert "the time to pay it is over" in newest(sent).text
    assert "you owe nothing for it" in newest(sent).text


def test_pausing_and_going_on_are_told_with_their_dates(
    services: Services, worker: Worker, sent: Notebook, who: int, desk: Desk, glow: int
) -> None:
    desk.joins(who, glow)
    told(desk, worker)
    services.do(changing.pause, who, date(2027, 1, 23))
    told(desk, worker)
    assert newest(sent).subject == "Your membership is going to pause"
    assert "From Wednesday, December 23, 2026 you pay nothing." in newest(sent).text
    assert "On Saturday, January 23, 2027 $99 is charged" in newest(sent).text
    services.do(changing.resume, who)
    told(desk, worker)
    assert newest(sent).subject == "Your membership goes on"
    assert "The pause is called off. On Wednesday, December 23, 2026 $99 is charged as usual." in newest(sent).text


def test_a_pause_that_is_over_is_told_with_its_receipt(
    services: Services, worker: Worker, sent: Notebook, who: int, desk: Desk, glow: int
) -> None:
    desk.joins(who, glow)
    told(desk, worker)
    services.do(changing.pause, who, date(2027, 1, 23))
    told(desk, worker)
    for _ in range(3):
        desk.passes(membership_kit.MONTH)
        told(desk, worker)
    resumed = [one for one in sent.emails if one.subject == "Your membership goes on"]
    assert len(resumed) == 1
    assert "Your pause is over: $99 was paid, and a new period has begun." in resumed[0].text
    assert "/portal/receipt?id=" in resumed[0].text


def test_another_plan_is_told_with_the_day_it_begins(
    services: Services, worker: Worker, sent: Notebook, who: int, desk: Desk, glow: int, clinic: factories.SmallClinic
) -> None:
    more = membership_kit.plan(clinic, "Radiance", fee_minor=15000)
    desk.joins(who, glow)
    told(desk, worker)
    services.do(changing.change_plan, who, more)
    told(desk, worker)
    assert newest(sent).subject == "Your membership changes"
    assert "From Wednesday, December 23, 2026 you are on the plan you chose: $150 a month." in newest(sent).text
    services.do(changing.change_plan, who, glow)
    told(desk, worker)
    assert "You stay on your plan: $99 a month." in newest(sent).text


def test_cancelling_and_keeping_are_told_and_the_end_when_it_comes(
    services: Services, worker: Worker, sent: Notebook, who: int, desk: Desk, glow: int, clock: FixedClock
) -> None:
    desk.joins(who, glow)
    told(desk, worker)
    sent.kept.clear()
    for verb in (changing.cancel, changing.keep, changing.cancel):
        clock.advance(timedelta(minutes=2))
        services.do(verb, who)
        told(desk, worker)
    desk.passes(membership_kit.MONTH)
    told(desk, worker)
    ends = "Your membership of Lumen Aesthetics ends on Wednesday, December 23, 2026"
    goes_on, ended = "Your membership of Lumen Aesthetics goes on", "Your membership of Lumen Aesthetics has ended"
    assert [one.subject for one in sent.emails] == [ends, goes_on, ends, ended]


def test_a_cancellation_taken_back_before_its_letter_goes_out_is_not_told(
    services: Services, worker: Worker, sent: Notebook, who: int, desk: Desk, glow: int
) -> None:
    desk.joins(who, glow)
    told(desk, worker)
    sent.kept.clear()
    services.do(changing.cancel, who)
    desk.works()
    services.do(changing.keep, who)
    told(desk, worker)
    assert all("ends on" not in one.subject for one in sent.emails)


def test_the_receipt_of_a_period_says_what_was_paid_for(services: Services, who: int, desk: Desk, glow: int) -> None:
    member = desk.joins(who, glow)
    (period,) = services.ask(queries.periods, member.id)
    assert period.payment_id is not None
    said = receipt_words.told(services.ask(receipts.own, who, period.payment_id))
    assert said.about == (
        ("Membership", "Glow"),
        ("For", "Monday, November 23, 2026 to Wednesday, December 23, 2026"),
    )
    asked = [("Membership", "$99.00"), ("To join, once", "$50.00")]
    assert [(one.what, one.amount) for one in said.lines[:2]] == asked


def test_anothers_receipt_of_a_period_looks_like_none(services: Services, who: int, desk: Desk, glow: int) -> None:
    member = desk.joins(who, glow)
    (period,) = services.ask(queries.periods, member.id)
    thief = factories.patient(services, "thief@example.org", phone="+15125550199").actor.patient_id
    with pytest.raises(NotAllowed):
        services.ask(receipts.own, thief, period.payment_id or 0)
