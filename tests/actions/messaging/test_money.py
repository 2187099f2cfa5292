"""Letters about money: what they say, to whom, when they are not sent any more, and what they never say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from clinic_portal.accounts import links
from clinic_portal.accounts.types import Purpose as LinkPurpose
from clinic_portal.booking import changes, fees, holds, queries
from clinic_portal.booking.types import Visit
from clinic_portal.bootstrap import cashier
from clinic_portal.clinic import models as clinic_models
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.messaging import money_letters, rules
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.queries import letterhead
from clinic_portal.payments import cards
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import PaymentInfo, Purpose, State
from clinic_portal.worker import Worker
from tests import factories
from tests.actions.messaging.conftest import THURSDAY, Notebook, finish, ledger
from tests.actions.messaging.test_texts import HOSTILE, Words
from tests.card_kit import LATER_DECLINED, VISA, Till, till

TREATMENTS = ("Botox", "facial", "forehead")


@pytest.fixture
def desk(services: Services) -> Till:
    return till(services)


@pytest.fixture
def deposit(clinic: factories.SmallClinic) -> int:
    """Botox asks a deposit of 60.00."""
    clinic.change(clinic_models.Service, "botox", deposit_minor=6000)
    return 6000


def books(clinic: factories.SmallClinic, desk: Till, number: str = VISA, *, day: date = THURSDAY) -> Visit:
    """Amara books a visit of 240.00 on Thursday at 10:30 with that card."""
    factories.visitor(clinic, "browser", "botox")
    clinic.services.do(holds.hold, "browser", factories.minute(day, "10:30"))
    made = desk.books("browser", clinic["policy"], number)
    return clinic.services.ask(queries.visit, made.appointment_id)


def cancels_late(services: Services, clock: FixedClock, visit: Visit) -> None:
    """Amara cancels three hours before."""
    clock.advance(visit.start_at - timedelta(hours=3) - clock.now())
    fee = services.ask(changes.fee_minor, visit)
    services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=fee)


def fee_of(services: Services, visit: Visit, purpose: Purpose = Purpose.CANCELLATION_FEE) -> PaymentInfo:
    found = services.ask(payments.fee_of, visit.appointment_id, purpose)
    assert found is not None
    return found


def letter(sent: Notebook, subject: str) -> Email:
    """The one e-mail whose subject holds that."""
    [found] = [one for one in sent.emails if subject in one.subject]
    return found


def none(sent: Notebook, subject: str) -> bool:
    return not [one for one in sent.emails if subject in one.subject]


def says(made: Email, *facts: str) -> None:
    """Each is said in both parts; no treatment is named anywhere."""
    for text in (Words(made.html).text, " ".join(made.text.split())):
        for fact in facts:
            assert fact in text, text
        assert not any(one in text + made.subject for one in TREATMENTS)


def paying_link(made: Email | Sms) -> str:
    """The token of the link by which a fee is paid."""
    text = made.text if isinstance(made, Email) else made.body
    return text.partition("/pay?t=")[2].split()[0]


# --- booked and cancelled


@pytest.mark.req("S79")
@pytest.mark.req("S80")
def test_the_confirmation_says_that_the_fifty_cents_are_never_taken(
    clinic: factories.SmallClinic, desk: Till, worker: Worker, sent: Notebook
) -> None:
    books(clinic, desk)
    finish(worker)
    told = letter(sent, "Your appointment on")
    for text in (Words(told.html).text, " ".join(told.text.split())):
        assert "$0.50 was reserved to check your card and is released at once: it is never taken." in text
    assert none(sent, "Receipt")


@pytest.mark.req("P6")
def test_the_confirmation_says_that_the_deposit_is_taken_and_a_receipt_follows(
    clinic: factories.SmallClinic, desk: Till, worker: Worker, sent: Notebook, deposit: int
) -> None:
    visit = books(clinic, desk)
    finish(worker)
    assert "Your deposit of $60.00 is taken from your card." in letter(sent, "Your appointment on").text
    receipt = letter(sent, "Receipt: $60.00, deposit")
    paid = desk.of_visit(visit.appointment_id)[0]
    says(receipt, "Deposit", "$60.00", "ending in 4242", "Thursday, December 3, 2026, 10:30", visit.reference)
    says(receipt, "Lumen Downtown")
    assert f"/portal/receipt?id={paid.id}" in receipt.text
    assert f"/portal/receipt?id={paid.id}" in receipt.html


@pytest.mark.req("S56")
@pytest.mark.req("B4")
def test_cancelled_late_the_letter_says_what_is_charged_and_to_which_card(
    clinic: factories.SmallClinic, desk: Till, worker: Worker, sent: Notebook, services: Services, clock: FixedClock
) -> None:
    cancels_late(services, clock, books(clinic, desk))
    finish(worker)
    told = letter(sent, "Cancelled: your appointment")
    for text in (Words(told.html).text, " ".join(told.text.split())):
        assert "A late cancellation costs $120.00 under the policy you accepted." in text
        assert "$120.00 is charged to your card ending in 4242." in text


@pytest.mark.req("S57")
@pytest.mark.parametrize(
    ("returns_to", "words"),
    [
        ("card", "$60.00 of your deposit goes back to the card you paid it with."),
        ("wallet", "$60.00 of your deposit stays with us as credit for another visit."),
    ],
)
def test_cancelled_in_time_the_letter_says_where_the_deposit_goes(
    clinic: factories.SmallClinic,
    desk: Till,
    worker: Worker,
    sent: Notebook,
    services: Services,
    deposit: int,
    returns_to: str,
    words: str,
) -> None:
    clinic.settings(deposit_returns_to=returns_to)
    visit = books(clinic, desk)
    services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=0)
    finish(worker)
    told = letter(sent, "Cancelled: your appointment").text
    assert "Cancelling it cost nothing." in told
    assert words in told


def test_a_fee_the_deposit_pays_in_part_is_told_in_its_parts(
    clinic: factories.SmallClinic,
    desk: Till,
    worker: Worker,
    sent: Notebook,
    services: Services,
    clock: FixedClock,
    deposit: int,
) -> None:
    cancels_late(services, clock, books(clinic, desk))
    finish(worker)
    told = letter(sent, "Cancelled: your appointment").text
    assert "$60.00 of your deposit is kept as the fee." in told
    assert "$60.00 is charged to your card ending in 4242." in told
    receipt = letter(sent, "Receipt: $120.00, fee for a late cancellation")
    says(receipt, "Paid out of your deposit", "From your card ending in 4242", "$60.00", "$120.00")


def test_a_fee_that_failed_before_the_letter_is_written_is_not_told_as_charged(
    clinic: factories.SmallClinic, desk: Till, worker: Worker, sent: Notebook, services: Services, clock: FixedClock
) -> None:
    cancels_late(services, clock, books(clinic, desk, LATER_DECLINED))
    finish(worker)
    told = letter(sent, "Cancelled: your appointment").text
    assert "is charged to" not in told
    assert "$120.00 could not be charged so far" in told


# --- fees that were taken


@pytest.mark.req("S56")
@pytest.mark.req("P4")
def test_a_fee_that_was_taken_has_a_receipt_that_names_the_policy_and_the_day_it_was_accepted(
    clinic: factories.SmallClinic, desk: Till, worker: Worker, sent: Notebook, services: Services, clock: FixedClock
) -> None:
    visit = books(clinic, desk)
    accepted = desk.of_visit(visit.appointment_id)[0].accepted_at
    assert accepted is not None
    cancels_late(services, clock, visit)
    finish(worker)
    receipt = letter(sent, "Receipt: $120.00, fee for a late cancellation")
    says(
        receipt,
        "by the cancellation policy you accepted on",
        f"{accepted:%B} {accepted.day}",
        "ending in 4242",
        "$120.00",
        visit.reference,
    )


@pytest.mark.req("P5")
def test_a_missed_visit_has_its_receipt(
    clinic: factories.SmallClinic, desk: Till, worker: Worker, sent: Notebook, services: Services, clock: FixedClock
) -> None:
    visit = books(clinic, desk)
    clock.advance(visit.end_at + timedelta(hours=1) - clock.now())
    owner = factories.staff(services).actor
    services.do(fees.charge_noshow, owner, visit.appointment_id, shown_fee_minor=12000)
    finish(worker)
    says(letter(sent, "Receipt: $120.00, fee for a missed visit"), "Thursday, December 3, 2026", "ending in 4242")


# --- fees that failed


@pytest.mark.req("S56")
def test_a_fee_that_failed_is_told_by_email_and_sms_with_a_link_and_the_phone(
    clinic: factories.SmallClinic, desk: Till, worker: Worker, sent: Notebook, services: Services, clock: FixedClock
) -> None:
    clinic.settings(quiet_from_minutes=0, quiet_until_minutes=0)
    visit = books(clinic, desk, LATER_DECLINED)
    cancels_late(services, clock, visit)
    finish(worker)
    told = letter(sent, "Please pay $120.00")
    says(told, "Nothing was taken from your card.", "+1 512-555-0100", "It can tell you why", visit.reference)
    [text] = [one for one in sent.texts if "could not be charged" in one.body]
    assert paying_link(told) == paying_link(text)
    assert services.ask(links.look, LinkPurpose.PAY_FEE, paying_link(told)).subject_id == fee_of(services, visit).id
    assert "nothing was taken" in text.body
    assert "+1 512-555-0100" in text.body
    assert not any(one in text.body for one in (*TREATMENTS, "Amara"))
    assert rules.sms_size(text.body).alphabet == "GSM-7"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("insufficient_funds", "not enough money on your card"),
        ("expired_card", "Your card has expired."),
        ("authentication_required", "confirm this payment yourself"),
        ("no_card", "We have no card of yours"),
        ("lost_card", "It can tell you why; we are not told."),
        ("<script>", "It can tell you why; we are not told."),
    ],
)
def test_each_reason_has_kind_words_and_a_code_is_never_shown(code: str, words: str) -> None:
    told = money_letters.why_failed(code)
    assert words in told
    assert code not in told


def test_a_fee_without_a_card_says_so(
    clinic: factories.SmallClinic, desk: Till, worker: Worker, sent: Notebook, services: Services, clock: FixedClock
) -> None:
    visit = books(clinic, desk)
    [card] = services.ask(payments.cards_of, visit.patient_id, account="sandbox")
    services.do(cards.remove, "sandbox", visit.patient_id, card.id)
    cancels_late(services, clock, visit)
    finish(worker)
    assert "We have no card of yours to charge." in letter(sent, "Please pay $120.00").text


def test_a_fee_that_was_forgiven_before_its_letter_is_written_is_not_asked_for(
    clinic: factories.SmallClinic, desk: Till, worker: Worker, sent: Notebook, services: Services, clock: FixedClock
) -> None:
    visit = books(clinic, desk, LATER_DECLINED)
    finish(worker)
    cancels_late(services, clock, visit)
    fee = fee_of(services, visit)
    desk.cashier.charge(fee.id)
    services.do(fees.waive, factories.staff(services).actor, fee.id, reason="Moved house")
    finish(worker)
    assert none(sent, "Please pay")
    assert ledger(services, "fee_failed")["email"].state == "dropped"
    assert ledger(services, "fee_failed")["sms"].state == "dropped"
    told = letter(sent, "You owe nothing any more")
    says(told, "Nothing was taken from your card, and nothing will", "$120.00", visit.reference)
    assert "Moved house" not in told.text + told.html


@pytest.mark.parametrize("ending", ["paid", "waived"])
def test_the_link_ends_when_the_fee_is_settled(
    clinic: factories.SmallClinic,
    desk: Till,
    worker: Worker,
    sent: Notebook,
    services: Services,
    clock: FixedClock,
    ending: str,
) -> None:
    visit = books(clinic, desk, LATER_DECLINED)
    cancels_late(services, clock, visit)
    finish(worker)
    token, fee = paying_link(letter(sent, "Please pay $120.00")), fee_of(services, visit)
    if ending == "paid":
        desk.gateway.pay(desk.cashier.pay_fee(fee.id, "her phone").rpartition("/")[2], VISA)
        desk.cashier.settle(fee.id)
    else:
        services.do(fees.waive, factories.staff(services).actor, fee.id, reason="Moved house")
    finish(worker)
    with pytest.raises(NotAllowed):
        services.ask(links.look, LinkPurpose.PAY_FEE, token)


def test_a_fee_paid_on_the_page_is_receipted_with_the_card_that_paid_it(
    clinic: factories.SmallClinic, desk: Till, worker: Worker, sent: Notebook, services: Services, clock: FixedClock
) -> None:
    visit = books(clinic, desk, LATER_DECLINED)
    cancels_late(services, clock, visit)
    finish(worker)
    desk.gateway.pay(desk.cashier.pay_fee(fee_of(services, visit).id).rpartition("/")[2], "5555555555554444")
    desk.cashier.settle(fee_of(services, visit).id)
    finish(worker)
    says(letter(sent, "Receipt: $120.00"), "From your card ending in 4444")


def test_tried_again_and_refused_again_is_told_again_and_the_first_link_goes_on_working(
    clinic: factories.SmallClinic, desk: Till, worker: Worker, sent: Notebook, services: Services, clock: FixedClock
) -> None:
    visit = books(clinic, desk, LATER_DECLINED)
    cancels_late(services, clock, visit)
    finish(worker)
    desk.cashier.retry(factories.staff(services).actor, fee_of(services, visit).id)
    finish(worker)
    asked = [one for one in sent.emails if "Please pay" in one.subject]
    assert len(asked) == 2
    assert paying_link(asked[0]) == paying_link(asked[1])


def test_a_link_to_pay_ends_after_thirty_days(
    clinic: factories.SmallClinic, desk: Till, worker: Worker, sent: Notebook, services: Services, clock: FixedClock
) -> None:
    cancels_late(services, clock, books(clinic, desk, LATER_DECLINED))
    finish(worker)
    token = paying_link(letter(sent, "Please pay $120.00"))
    clock.advance(timedelta(days=30) - timedelta(seconds=1))
    assert services.ask(links.look, LinkPurpose.PAY_FEE, token)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(NotAllowed):
        services.ask(links.look, LinkPurpose.PAY_FEE, token)


def test_a_link_to_pay_opens_nothing_else(
    clinic: factories.SmallClinic, desk: Till, worker: Worker, sent: Notebook, services: Services, clock: FixedClock
) -> None:
    cancels_late(services, clock, books(clinic, desk, LATER_DECLINED))
    finish(worker)
    token = paying_link(letter(sent, "Please pay $120.00"))
    for purpose in LinkPurpose:
        if purpose is not LinkPurpose.PAY_FEE:
            with pytest.raises(NotAllowed):
                services.ask(links.look, purpose, token)


# --- given back, not booked


@pytest.mark.parametrize(("amount", "words"), [(6000, "$60.00 you paid as deposit"), (2500, "$25.00 of the $60.00")])
def test_money_given_back_is_told_with_its_card_and_the_days_a_bank_takes(
    clinic: factories.SmallClinic,
    desk: Till,
    worker: Worker,
    sent: Notebook,
    services: Services,
    deposit: int,
    amount: int,
    words: str,
) -> None:
    visit = books(clinic, desk)
    paid = desk.of_visit(visit.appointment_id)[0]
    actor = factories.staff(services).actor
    services.do(fees.refund, actor, paid.id, amount, reason="A rash after the Botox")
    finish(worker)
    told = letter(sent, "is on its way back to you")
    says(told, words, "your card ending in 4242", "5 to 10 days", visit.reference)
    assert "rash" not in told.text + told.html + told.subject


@pytest.mark.req("S81")
def test_a_time_that_was_lost_is_told_to_the_email_and_phone_that_were_typed(
    clinic: factories.SmallClinic, desk: Till, worker: Worker, sent: Notebook, services: Services, clock: FixedClock
) -> None:
    loses_the_time(clinic, desk, clock)
    finish(worker)
    told = letter(sent, "Not booked yet: please choose another time")
    assert (told.to, told.to_name) == ("slow@example.org", "")
    says(told, "Your card was fine, but the time was gone", "nothing was charged", "$0.50")
    assert "/book/time" in told.text
    assert "/book/time" in told.html
    [text] = [one for one in sent.texts if one.to == "+15125550177" and "nothing was charged" in one.body]
    assert "your card was fine, but the time was gone" in text.body
    assert text.body.endswith("/book/time")
    assert rules.sms_size(text.body).segments <= 2


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("hold_ran_out", "your time had run out"),
        ("price_changed", "A price changed"),
        ("policy_changed", "Our policy changed"),
        ("provider_gone", "your visit had changed"),
    ],
)
def test_each_reason_why_nothing_was_booked_has_its_words(
    clinic: factories.SmallClinic, desk: Till, services: Services, code: str, words: str
) -> None:
    factories.visitor(clinic, "browser", "botox")
    services.do(holds.hold, "browser", factories.minute(THURSDAY, "10:30"))
    desk.goes_to_page("browser", clinic["policy"])
    paid = services.ask(payments.newest_of_owner, "browser")
    assert paid is not None
    about = money_letters.About(replace(paid, failure_code=code), None)
    told = money_letters.not_booked(services.ask(letterhead), about, to=paid.email, message_id="1@x")
    says(told, words, "Nothing is booked and nothing was charged.")
    assert code not in told.text


@pytest.mark.req("S81")
def test_who_has_booked_another_time_meanwhile_is_not_told_to_choose_one(
    clinic: factories.SmallClinic, desk: Till, worker: Worker, sent: Notebook, services: Services, clock: FixedClock
) -> None:
    loses_the_time(clinic, desk, clock)
    services.do(holds.hold, "slow", factories.minute(THURSDAY, "14:00"))
    desk.books("slow", clinic["policy"])
    finish(worker)
    assert none(sent, "Not booked yet")
    assert ledger(services, "not_booked")["email"].state == "dropped"


def loses_the_time(clinic: factories.SmallClinic, desk: Till, clock: FixedClock) -> None:
    """A visitor whose time is booked by a faster one while they are at their card."""
    factories.visitor(clinic, "slow", "botox", email="slow@example.org", phone="+15125550177")
    clinic.services.do(holds.hold, "slow", factories.minute(THURSDAY, "10:30"))
    page = desk.goes_to_page("slow", clinic["policy"])
    clock.advance(timedelta(minutes=25))
    factories.booked(clinic, "faster", THURSDAY, "10:30", "botox", email="f@example.org", phone="+15125550143")
    desk.gateway.pay(page, VISA)
    lost = desk.cashier.returned("slow")
    assert lost is not None
    assert lost.failure_code == "slot_taken"


# --- people's words in them


def test_a_hostile_name_begins_no_header_no_line_and_no_tag(
    clinic: factories.SmallClinic, desk: Till, services: Services
) -> None:
    visit = books(clinic, desk)
    hostile = replace(
        visit, given_name=f"Amara\r\nBcc: all@example.org {HOSTILE}", location=replace(visit.location, name=HOSTILE)
    )
    paid = replace(desk.of_visit(visit.appointment_id)[0], state=State.PAID, purpose=Purpose.DEPOSIT)
    head = services.ask(letterhead)
    head = replace(head, clinic=replace(head.clinic, name=f"Lumen\r\nBcc: all@example.org {HOSTILE}"))
    told = money_letters.receipt(head, money_letters.About(paid, hostile), to=visit.email, message_id="1@x")
    for header in (told.subject, told.to_name, told.from_name):
        assert "\n" not in header
        assert "\r" not in header
    assert "\nBcc" not in told.text
    assert "script" not in Words(told.html).tags


def test_amounts_follow_the_currency_and_the_language(
    clinic: factories.SmallClinic, desk: Till, services: Services
) -> None:
    visit = books(clinic, desk)
    paid = desk.of_visit(visit.appointment_id)[0]
    yen = replace(paid, purpose=Purpose.NOSHOW_FEE, amount_minor=5000, currency="JPY", language="de")
    told = money_letters.receipt(
        services.ask(letterhead), money_letters.About(yen, visit), to=visit.email, message_id="1@x"
    )
    assert "5.000" in told.subject
    assert "Donnerstag, 3. Dezember 2026" in told.text


def test_a_repeated_event_sends_one_letter(
    clinic: factories.SmallClinic, desk: Till, worker: Worker, sent: Notebook, services: Services, deposit: int
) -> None:
    visit = books(clinic, desk)
    finish(worker)
    paid = desk.of_visit(visit.appointment_id)[0]
    services.do(lambda work: work.emit("payment.paid", "once more", payment_id=paid.id))
    finish(Worker(services, worker._senders, cashier(services)))
    assert len([one for one in sent.emails if "Receipt" in one.subject]) == 1
