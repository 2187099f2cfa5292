"""A wallet with what it belongs to, for its patient and for staff (S33, S34)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic_portal.booking import statement
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.wallet import actions, lots
from clinic_portal.wallet.types import EntryKind
from tests import factories
from tests.card_kit import Till, till
from tests.factories import SmallClinic
from tests.fees_kit import asks_deposit, has_booked
from tests.wallet_kit import facials, gives, is_whole, key

FRIDAY = date(2026, 12, 4)


@pytest.fixture
def made(services: Services) -> SmallClinic:
    found = factories.small_clinic(services)
    found.settings(is_wallet_shown=True)
    return found


@pytest.fixture
def desk(made: SmallClinic) -> Till:
    return till(made.services)


@pytest.fixture
def amara(services: Services, made: SmallClinic) -> int:
    return int(factories.patient(services).actor.patient_id)


def other(services: Services) -> int:
    return int(factories.patient(services, "noor@example.org", phone="+15125550143").actor.patient_id)


@pytest.mark.req("S34")
def test_a_wallet_that_is_not_shown_does_not_exist_for_its_patient(
    services: Services, made: SmallClinic, amara: int
) -> None:
    gives(services, amara)
    made.settings(is_wallet_shown=False)
    with pytest.raises(NotAllowed):
        services.ask(statement.of_patient, amara)
    front_desk = factories.staff(services, "front_desk").actor
    assert services.ask(statement.for_staff, front_desk, amara).credit == {"USD": 5000}


@pytest.mark.req("S33")
@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_staff_who_do_not_handle_wallets_see_none(services: Services, amara: int, role: str) -> None:
    with pytest.raises(NotAllowed):
        services.ask(statement.for_staff, factories.staff(services, role).actor, amara)


@pytest.mark.req("P6")
@pytest.mark.req("S33")
def test_a_deposit_stands_in_the_wallet_with_the_visit_it_is_kept_for(made: SmallClinic, desk: Till) -> None:
    asks_deposit(made)
    visit = has_booked(made, desk)
    found = made.services.ask(statement.of_patient, visit.patient_id)
    assert [(one.reference, one.minor, one.service_names, one.start_at) for one in found.kept] == [
        (visit.reference, 5000, ("Botox — forehead",), visit.start_at)
    ]
    assert [one.what for one in found.history] == ["Deposit, kept for your visit on Fri, Dec 4, 2026"]
    assert found.credit == {}


@pytest.mark.req("S33")
def test_an_empty_wallet_is_told_from_one_that_was_used_up(services: Services, made: SmallClinic, amara: int) -> None:
    assert services.ask(statement.of_patient, amara).is_empty
    lot_id = facials(services, amara, made["facial"], 1)
    services.do(lots.take, EntryKind.USED, amara, lot_id, 1, key=key(), actor="staff:1")
    found = services.ask(statement.of_patient, amara)
    assert (found.is_empty, found.lots, len(found.history)) == (False, (), 2)


@pytest.mark.req("S33")
def test_what_has_expired_is_gone_before_the_worker_comes(
    services: Services, made: SmallClinic, clock: FixedClock, amara: int
) -> None:
    gives(services, amara, until="2026-11-30")
    facials(services, amara, made["facial"], expires_at=clock.now() + timedelta(days=1))
    clock.advance(timedelta(days=30))
    found = services.ask(statement.of_patient, amara)
    assert (found.credit, found.lots, found.money) == ({}, (), ())


@pytest.mark.req("S33")
def test_history_is_read_newest_first_and_bit_by_bit(services: Services, amara: int) -> None:
    for n in range(5):
        gives(services, amara, amount=str(n + 1))
    found = services.ask(statement.of_patient, amara, most=3)
    assert ([one.amount for one in found.history], found.has_more) == (["+$5.00", "+$4.00", "+$3.00"], True)
    assert not services.ask(statement.of_patient, amara, most=5).has_more


@pytest.mark.req("S33")
def test_what_spends_several_gifts_at_once_is_one_thing_that_happened(services: Services, amara: int) -> None:
    gives(services, amara, amount="10")
    gives(services, amara, amount="20")
    told = {"key": key(), "patient_id": amara, "currency": "USD", "actor": "staff:1"}
    services.do(actions.enter, EntryKind.USED, amount_minor=-2500, **told)  # type: ignore[arg-type]
    found = services.ask(statement.of_patient, amara)
    assert [one.amount for one in found.history] == ["−$25.00", "+$20.00", "+$10.00"]


@pytest.mark.req("S33")
@pytest.mark.req("S20")
def test_a_profile_that_turned_out_to_be_anothers_brings_its_wallet_and_its_history(
    services: Services, made: SmallClinic, amara: int
) -> None:
    apart = other(services)
    gives(services, apart)
    facials(services, apart, made["facial"], 2)
    gives(services, amara, amount="10")
    services.do(actions.move, apart, amara)
    found = services.ask(statement.of_patient, amara)
    assert (found.credit, [one.left for one in found.lots], len(found.history)) == ({"USD": 6000}, [2], 3)
    assert services.ask(statement.of_patient, apart).is_empty
    is_whole(services)


@pytest.mark.req("S33")
def test_who_did_what_and_why_is_for_staff_alone(services: Services, amara: int) -> None:
    gives(services, amara, reason="For her birthday")
    front_desk = factories.staff(services, "front_desk").actor
    mine = services.ask(statement.of_patient, amara).history[0]
    theirs = services.ask(statement.for_staff, front_desk, amara).history[0]
    assert (mine.reason, theirs.reason) == ("", "For her birthday")
    assert theirs.actor == front_desk.tag


@pytest.mark.req("S33")
def test_nobody_has_no_wallet_to_be_seen(services: Services, made: SmallClinic) -> None:
    with pytest.raises(NotAllowed):
        services.ask(statement.for_staff, factories.staff(services, "front_desk").actor, 9999)
