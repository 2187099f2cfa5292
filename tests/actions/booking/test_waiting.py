"""Who changes a patient's membership, cards and wallet waits in one order: nobody waits for one another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from clinic_portal.booking import actions, drafts, holds, on_file, paying
from clinic_portal.booking.models import Appointment
from clinic_portal.clinic import models as clinic_models
from clinic_portal.core.db import table
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.memberships import telling
from clinic_portal.patients.models import Patient, ProfileClaim
from clinic_portal.patients.queries import claim as claim_sheet
from clinic_portal.payments import books, cards
from clinic_portal.payments import queries as payments
from clinic_portal.payments.models import Payment
from clinic_portal.payments.ports import GatewayCard
from tests.at_once import meanwhile
from tests.card_kit import till
from tests.factories import SmallClinic, booked, minute, patient, rows, small_clinic

FRIDAY = date(2026, 12, 4)
VISA = GatewayCard("pm_1", "cus_1", "print-visa", "visa", "4242", 12, 2030)
Deed = Callable[[UnitOfWork], Any]
BY_MEMBERS: dict[str, Callable[[UnitOfWork, int, Any], None]] = {
    "makes a card the first": lambda work, whose, card: on_file.make_default(work, whose, card.id),
    "removes a card": lambda work, whose, card: on_file.remove(work, whose, card.id),
    "pays by a card": lambda work, whose, card: telling.use_card(work, whose, "sandbox", card.id),
    "is told that a card is gone": lambda work, _whose, card: on_file.detached(work, card.method_id),
}


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return small_clinic(services)


def tries(services: Services, holds_first: Deed, second: Deed, then: Deed) -> int:
    """How often the two were begun: more than twice where the database had to end one of them."""
    begun: list[str] = []

    def counted(name: str, deed: Deed) -> Deed:
        def act(work: UnitOfWork) -> Any:
            begun.append(name)
            return deed(work)

        return act

    assert meanwhile(services, counted("first", holds_first), counted("second", second), then) == "done"
    return len(begun)


@pytest.mark.req("S32")
@pytest.mark.parametrize("deed", BY_MEMBERS)
def test_a_member_changes_a_card_while_a_first_invoice_keeps_one(made: SmallClinic, deed: str) -> None:
    whose: int = patient(made.services).actor.patient_id
    till(made.services).adds_card(whose)
    made.services.do(cards.keep, "sandbox", whose, VISA)
    [card] = made.services.ask(payments.cards_of, whose, account="sandbox")
    assert (
        tries(
            made.services,
            lambda work: work.in_turn("membership", str(whose)),
            lambda work: BY_MEMBERS[deed](work, whose, card),
            lambda work: cards.in_turn(work, whose),
        )
        == 2
    )


@pytest.mark.req("S78")
def test_a_visit_is_booked_by_card_while_a_first_invoice_keeps_one(made: SmallClinic) -> None:
    booked(made, "earlier", date(2026, 11, 25), "10:00", "facial")
    whose: int = patient(made.services).actor.patient_id
    desk = till(made.services)
    made.services.do(drafts.add_service, "here", made["botox"])
    made.services.do(drafts.sign_in, "here", whose)
    made.services.do(drafts.agree_to_visit, "here")
    made.services.do(drafts.choose_provider, "here", None)
    made.services.do(holds.hold, "here", minute(FRIDAY, "10:30"))
    desk.gives("here", made["policy"], patient_id=whose)
    paid = made.services.ask(payments.newest_of_owner, "here")
    assert paid is not None
    assert paid.session_id is not None
    told = desk.gateway.checkout(paid.session_id)
    held = table(Appointment).c.id == paid.appointment_id
    assert (
        tries(
            made.services,
            lambda work: cards.in_turn(work, whose),
            lambda work: paying.authorised(work, paid.id, told),
            lambda work: work.execute(update(table(Appointment)).where(held).values(total_minor=1)),
        )
        == 2
    )


@pytest.mark.req("S60")
def test_whoever_is_signed_in_books_while_something_about_their_visits_is_done(made: SmallClinic) -> None:
    booked(made, "earlier", date(2026, 11, 25), "10:00", "facial")
    whose: int = patient(made.services).actor.patient_id
    made.change(clinic_models.PolicyVersion, "policy", is_in_force=False)  # no card is asked for
    made.services.do(drafts.add_service, "here", made["botox"])
    made.services.do(drafts.sign_in, "here", whose)
    made.services.do(drafts.agree_to_visit, "here")
    made.services.do(drafts.choose_provider, "here", None)
    made.services.do(holds.hold, "here", minute(FRIDAY, "10:30"))
    mine = update(table(Patient)).where(table(Patient).c.id == whose)
    made.services.do(lambda work: work.execute(mine.values(phone_verified_at=None)))
    assert (
        tries(
            made.services,
            lambda work: work.in_turn("visits of", str(whose)),
            lambda work: actions.book(work, "here", accepted_policy_id=None, patient_id=whose),
            lambda work: work.execute(mine.values(given_name="Amara")),
        )
        == 2
    )


@pytest.mark.req("P16")
@pytest.mark.parametrize("first", ["membership", "cards", "payment", "wallet"])
def test_a_profile_kept_apart_is_claimed_while_something_of_it_changes(made: SmallClinic, first: str) -> None:
    """Whoever has the turn of one of these may wait for each that comes after it."""
    known = booked(made, "one", FRIDAY, "10:30", "botox").patient_id
    apart = booked(made, "two", FRIDAY, "13:00", "botox", phone="+15125550199").patient_id
    [claim] = rows(made.services, ProfileClaim)
    token = made.services.ask(claim_sheet, claim.id).token
    [paid] = made.services.ask(payments.of_patient, apart)
    row = table(Payment).c.id == paid.id
    turns: dict[str, Deed] = {
        "membership": lambda work: work.in_turn("membership", str(apart)),
        "cards": lambda work: cards.in_turn(work, known),
        "payment": lambda work: books.in_turn(work, paid.id),
        "wallet": lambda work: work.in_turn("wallet", str(apart)),
        "forms": lambda work: work.in_turn("forms", str(apart)),
    }
    later = list(turns)[list(turns).index(first) + 1 :]

    def then(work: UnitOfWork) -> None:
        for one in later:
            turns[one](work)
        if first in ("membership", "cards", "payment"):  # a payment's own row is changed by who has its turn
            work.execute(update(table(Payment)).where(row).values(credited_minor=0))

    claims: Deed = lambda work: actions.answer_claim(work, token, is_mine=True)  # noqa: E731
    assert tries(made.services, turns[first], claims, then) == 2
