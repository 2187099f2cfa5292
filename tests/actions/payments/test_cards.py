"""Cards on file in the books: charged first, saved again, removed, moved, told gone by the gateway (S32)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.outbox import OutboxRow
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.payments import cards, queries
from clinic_portal.payments.models import Card
from clinic_portal.payments.ports import GatewayCard
from clinic_portal.payments.types import CardInfo
from tests.at_once import Deed, meanwhile
from tests.factories import SignedIn, patient, rows, small_clinic

pytestmark = pytest.mark.req("S32")
VISA = GatewayCard("pm_1", "cus_1", "print-visa", "visa", "4242", 12, 2030)
MASTER = GatewayCard("pm_2", "cus_1", "print-master", "mastercard", "4444", 3, 2029)
AMEX = GatewayCard("pm_3", "cus_1", "print-amex", "amex", "0005", 1, 2031)

Heard = Callable[[UnitOfWork, str, int, GatewayCard], int]


@pytest.fixture
def amara(services: Services) -> SignedIn:
    small_clinic(services)
    return patient(services)


def keeps(services: Services, whose: SignedIn, *told: GatewayCard) -> list[int]:
    """The ids of the cards a patient saved, one after the other."""
    return [services.do(cards.keep, "sandbox", whose.actor.patient_id, one) for one in told]


def on_file(services: Services, whose: SignedIn) -> list[CardInfo]:
    return list(services.ask(queries.cards_of, whose.actor.patient_id, account="sandbox"))


def endings(services: Services, whose: SignedIn) -> list[str]:
    """The last digits, and a star after the one that is charged first."""
    return [one.last_four + "*" * one.is_default for one in on_file(services, whose)]


def forgotten(services: Services) -> list[str]:
    """What the gateway was asked to forget."""
    return [one.payload["method_id"] for one in rows(services, OutboxRow) if one.kind == cards.FORGET]


def bob(services: Services) -> SignedIn:
    return patient(services, "bob@example.org", phone="+15125550177")


def test_the_first_card_is_the_one_that_is_charged_first(services: Services, amara: SignedIn) -> None:
    keeps(services, amara, VISA, MASTER)
    assert endings(services, amara) == ["4242*", "4444"]


def test_the_same_card_saved_again_stands_there_once_and_stays_the_first(services: Services, amara: SignedIn) -> None:
    keeps(services, amara, VISA, MASTER, replace(VISA, method_id="pm_9", exp_year=2034))
    assert endings(services, amara) == ["4242*", "4444"]
    assert on_file(services, amara)[0].exp_year == 2034


def test_the_same_id_told_twice_is_one_card(services: Services, amara: SignedIn) -> None:
    first, again = keeps(services, amara, VISA, VISA)
    assert first == again


def test_an_older_entry_of_a_card_is_its_newer_one(services: Services, amara: SignedIn) -> None:
    older, newer = keeps(services, amara, VISA, replace(VISA, method_id="pm_9"))
    found = services.ask(queries.card, older)
    assert found is not None
    assert found.id == newer


def test_a_fee_under_way_is_asked_for_again_with_the_entry_it_was_put_to(services: Services, amara: SignedIn) -> None:
    older, _ = keeps(services, amara, VISA, replace(VISA, method_id="pm_9"))
    asked = services.ask(queries.card_used, older)
    assert asked is not None
    assert asked.method_id == "pm_1"


def test_no_new_fee_is_put_to_a_card_that_was_removed(services: Services, amara: SignedIn) -> None:
    older, newer = keeps(services, amara, VISA, replace(VISA, method_id="pm_9"))
    services.do(cards.remove, "sandbox", amara.actor.patient_id, newer)
    assert services.ask(queries.card, older) is None


def test_another_card_is_made_the_first(services: Services, amara: SignedIn) -> None:
    _, second = keeps(services, amara, VISA, MASTER)
    services.do(cards.make_default, "sandbox", amara.actor.patient_id, second)
    assert endings(services, amara) == ["4444*", "4242"]


@pytest.mark.parametrize("verb", [cards.make_default, cards.remove])
def test_anothers_card_is_nobodys(services: Services, amara: SignedIn, verb: object) -> None:
    [hers] = keeps(services, amara, VISA)
    with pytest.raises(NotAllowed):
        services.do(verb, "sandbox", bob(services).actor.patient_id, hers)  # type: ignore[arg-type]
    assert endings(services, amara) == ["4242*"]


@pytest.mark.parametrize("verb", [cards.make_default, cards.remove])
def test_a_card_of_another_account_of_the_clinic_is_not_there(
    services: Services, amara: SignedIn, verb: object
) -> None:
    [hers] = keeps(services, amara, VISA)
    with pytest.raises(NotAllowed):
        services.do(verb, "stripe:live", amara.actor.patient_id, hers)  # type: ignore[arg-type]


def test_a_card_that_is_removed_is_forgotten_by_the_gateway_under_every_id(services: Services, amara: SignedIn) -> None:
    *_, newer = keeps(services, amara, VISA, replace(VISA, method_id="pm_9"))
    services.do(cards.remove, "sandbox", amara.actor.patient_id, newer)
    assert endings(services, amara) == []
    assert sorted(forgotten(services)) == ["pm_1", "pm_9"]


def test_a_card_can_be_added_again_and_removed_again(services: Services, amara: SignedIn) -> None:
    for method in ("pm_1", "pm_9"):
        [kept] = keeps(services, amara, replace(VISA, method_id=method))
        services.do(cards.remove, "sandbox", amara.actor.patient_id, kept)
    assert endings(services, amara) == []


def test_when_the_first_is_removed_the_newest_of_the_others_is_first(services: Services, amara: SignedIn) -> None:
    first, *_ = keeps(services, amara, VISA, MASTER, AMEX)
    services.do(cards.remove, "sandbox", amara.actor.patient_id, first)
    assert endings(services, amara) == ["0005*", "4444"]


def test_two_who_remove_a_card_at_once_remove_it_once(services: Services, amara: SignedIn) -> None:
    first, _ = keeps(services, amara, VISA, MASTER)

    def remove(work: object) -> None:
        cards.remove(work, "sandbox", amara.actor.patient_id, first)  # type: ignore[arg-type]

    assert meanwhile(services, remove, remove) == NotAllowed().code
    assert endings(services, amara) == ["4444*"]
    assert forgotten(services) == ["pm_1"]


@pytest.mark.parametrize("second", [cards.note_used, cards.keep])
def test_a_card_that_two_hear_of_at_once_is_noted_once(services: Services, amara: SignedIn, second: Heard) -> None:
    noted: list[int] = []

    def hears(verb: Heard) -> Deed:
        return lambda work: noted.append(verb(work, "sandbox", amara.actor.patient_id, VISA))

    assert meanwhile(services, hears(cards.note_used), hears(second)) == "done"
    [card] = rows(services, Card)
    assert noted == [card.id, card.id]


def test_two_cards_removed_at_once_leave_one_first(services: Services, amara: SignedIn) -> None:
    first, second, _ = keeps(services, amara, VISA, MASTER, AMEX)
    whose = amara.actor.patient_id
    told = meanwhile(
        services,
        lambda work: cards.remove(work, "sandbox", whose, first),
        lambda work: cards.remove(work, "sandbox", whose, second),
    )
    assert (told, endings(services, amara)) == ("done", ["0005*"])


def test_a_card_the_gateway_forgot_is_off_file_and_another_is_first(services: Services, amara: SignedIn) -> None:
    keeps(services, amara, VISA, MASTER)
    services.do(cards.detached, "pm_1")
    services.do(cards.detached, "pm_1")
    services.do(cards.detached, "pm_unknown")
    assert endings(services, amara) == ["4444*"]


def test_a_card_told_gone_while_another_is_made_the_first_leaves_one_first(services: Services, amara: SignedIn) -> None:
    _, second, _ = keeps(services, amara, VISA, MASTER, AMEX)
    meanwhile(
        services,
        lambda work: cards.make_default(work, "sandbox", amara.actor.patient_id, second),
        lambda work: cards.detached(work, "pm_1"),
    )
    assert endings(services, amara) == ["4444*", "0005"]


def test_cards_of_a_profile_kept_apart_go_over_and_the_others_first_stays(services: Services, amara: SignedIn) -> None:
    keeps(services, amara, VISA)
    apart = bob(services)
    keeps(services, apart, replace(MASTER, customer_id="cus_2"))
    services.do(cards.move, apart.actor.patient_id, amara.actor.patient_id)
    assert endings(services, amara) == ["4242*", "4444"]
    assert endings(services, apart) == []
    assert services.ask(queries.customer_of, apart.actor.patient_id, account="sandbox") is None


def test_the_first_card_comes_along_where_the_other_profile_has_none(services: Services, amara: SignedIn) -> None:
    apart = bob(services)
    keeps(services, apart, MASTER)
    services.do(cards.move, apart.actor.patient_id, amara.actor.patient_id)
    assert endings(services, amara) == ["4444*"]


def test_a_card_that_paid_once_is_known_and_not_on_file(services: Services, amara: SignedIn) -> None:
    keeps(services, amara, VISA)
    used = services.do(cards.note_used, "sandbox", amara.actor.patient_id, MASTER)
    assert endings(services, amara) == ["4242*"]
    assert services.ask(queries.card, used) is None
    found = services.ask(queries.card_used, used)
    assert found is not None
    assert found.last_four == "4444"
