"""Staff put something into a wallet or take it out, with a reason (P7)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from clinic_portal.core import audit
from clinic_portal.core.errors import Conflict, NotAllowed, Unusable
from clinic_portal.core.work import Services
from clinic_portal.wallet import giving, queries
from clinic_portal.wallet.types import EntryKind, Origin
from tests import factories
from tests.factories import SmallClinic, everything
from tests.wallet_kit import credit, facials, form, gives, is_whole, key, lot

pytestmark = pytest.mark.req("P7")


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def amara(services: Services, made: SmallClinic) -> int:
    return int(factories.patient(services).actor.patient_id)


@pytest.fixture
def other(services: Services, made: SmallClinic) -> int:
    return int(factories.patient(services, "noor@example.org", phone="+15125550143").actor.patient_id)


def test_a_gift_of_credit_can_be_spent_until_the_end_of_its_day(services: Services, amara: int) -> None:
    found = lot(services, gives(services, amara, until="2026-12-25"))
    assert credit(services, amara) == 5000
    assert found.origin is Origin.GIFT
    assert found.expires_at == datetime(2026, 12, 26, 6, tzinfo=UTC)


def test_a_correction_is_told_from_a_gift(services: Services, amara: int) -> None:
    gives(services, amara, how="added", reason="Paid in cash on Friday")
    entry = services.ask(queries.entries, amara)[0]
    assert (entry.kind, entry.reason, entry.actor[:6]) == (EntryKind.ADDED, "Paid in cash on Friday", "staff:")


def test_treatments_count_for_what_they_cost(services: Services, made: SmallClinic, amara: int) -> None:
    found = lot(services, gives(services, amara, what=f"service:{made['facial']}", count="2"))
    assert (found.name, found.left, found.worth_minor, found.service_id) == (
        "Hydrating facial",
        2,
        19000,
        made["facial"],
    )


def test_any_of_a_category_counts_for_the_dearest_of_it(services: Services, made: SmallClinic, amara: int) -> None:
    found = lot(services, gives(services, amara, what=f"category:{made['injectables']}", count="1"))
    assert (found.name, found.worth_minor, found.category_id) == ("Injectables", 24000, made["injectables"])


def test_a_product_counts_for_what_staff_say(services: Services, amara: int) -> None:
    found = lot(services, gives(services, amara, what="product", product="Vitamin C serum", count="2", each="30"))
    assert (found.name, found.product, found.worth_minor) == ("Vitamin C serum", "Vitamin C serum", 6000)


def test_the_same_form_sent_twice_gives_once(services: Services, amara: int) -> None:
    actor = factories.staff(services, "front_desk").actor
    for _ in range(2):
        services.do(giving.give, actor, amara, form(), key="the form")
    assert credit(services, amara) == 5000
    assert len(services.ask(queries.entries, amara)) == 1


def test_what_was_given_and_why_is_in_the_activity_log(services: Services, amara: int) -> None:
    gives(services, amara)
    told = services.ask(lambda read: audit.about(read.session, f"patient:{amara}"))
    assert [(one.detail["credit_minor"], one.detail["reason"]) for one in told if one.action == "wallet.gift"] == [
        (5000, "For your birthday")
    ]


@pytest.mark.parametrize("what", ["service:9999", "category:9999"])
def test_what_the_clinic_does_not_have_cannot_be_given(services: Services, amara: int, what: str) -> None:
    with pytest.raises(Unusable):
        gives(services, amara, what=what, count="1")


@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_only_who_handles_wallets_gives_or_takes(services: Services, amara: int, role: str) -> None:
    lot_id = gives(services, amara, what="product", product="Serum", count="1")
    before, actor = (
        everything(services, but=("account_session", "account", "staff")),
        factories.staff(services, role).actor,
    )
    with pytest.raises(NotAllowed):
        services.do(giving.give, actor, amara, form(), key=key())
    with pytest.raises(NotAllowed):
        services.do(giving.take_credit, actor, amara, "1", currency="USD", reason="just so", key=key())
    with pytest.raises(NotAllowed):
        services.do(giving.take_items, actor, amara, lot_id, "1", reason="just so", key=key())
    with pytest.raises(NotAllowed):
        services.do(giving.hand_over, actor, amara, lot_id, key=key())
    after = everything(services, but=("account_session", "account", "staff"))
    assert {name: rows for name, rows in after.items() if rows != before[name]}.keys() <= {"audit_entry"}


def test_nobody_has_no_wallet(services: Services, made: SmallClinic) -> None:
    with pytest.raises(NotAllowed):
        gives(services, 9999)


def test_credit_is_taken_first_from_what_expires_soonest(services: Services, amara: int) -> None:
    stays, goes = gives(services, amara), gives(services, amara, until="2026-12-25")
    actor = factories.staff(services, "front_desk").actor
    assert services.do(giving.take_credit, actor, amara, "60", currency="USD", reason="A mistake", key=key())
    assert (lot(services, goes).left, lot(services, stays).left) == (0, 4000)


@pytest.mark.parametrize("typed", ["50.01", "0", "-1", "", "999999999"])
def test_no_more_credit_is_taken_than_there_is(services: Services, amara: int, typed: str) -> None:
    gives(services, amara)
    actor = factories.staff(services, "front_desk").actor
    with pytest.raises(Unusable):
        services.do(giving.take_credit, actor, amara, typed, currency="USD", reason="A mistake", key=key())
    assert credit(services, amara) == 5000


def test_taking_without_a_reason_is_refused(services: Services, amara: int) -> None:
    gives(services, amara)
    actor = factories.staff(services, "front_desk").actor
    with pytest.raises(Unusable):
        services.do(giving.take_credit, actor, amara, "10", currency="USD", reason=" ", key=key())


def test_the_same_form_sent_twice_takes_once(services: Services, amara: int) -> None:
    gives(services, amara)
    actor = factories.staff(services, "front_desk").actor
    told = {"currency": "USD", "reason": "A mistake", "key": "the form"}
    assert [services.do(giving.take_credit, actor, amara, "10", **told) for _ in range(2)] == [True, False]
    assert credit(services, amara) == 4000


def test_items_are_taken_from_what_is_free(services: Services, made: SmallClinic, amara: int) -> None:
    lot_id = facials(services, amara, made["facial"])
    actor = factories.staff(services, "front_desk").actor
    assert services.do(giving.take_items, actor, amara, lot_id, "2", reason="A mistake", key=key())
    with pytest.raises(Unusable):
        services.do(giving.take_items, actor, amara, lot_id, "2", reason="A mistake", key=key())
    assert lot(services, lot_id).left == 1
    is_whole(services)


def test_nothing_is_taken_from_a_lot_of_another_wallet(
    services: Services, made: SmallClinic, amara: int, other: int
) -> None:
    lot_id = facials(services, other, made["facial"])
    actor = factories.staff(services, "front_desk").actor
    with pytest.raises(NotAllowed):
        services.do(giving.take_items, actor, amara, lot_id, "1", reason="A mistake", key=key())
    assert lot(services, lot_id).left == 3


def test_a_product_is_handed_over_once_for_each_time_it_is_there(services: Services, amara: int) -> None:
    lot_id = gives(services, amara, what="product", product="Serum", count="1")
    actor = factories.staff(services, "front_desk").actor
    assert [services.do(giving.hand_over, actor, amara, lot_id, key="one press") for _ in range(2)] == [True, False]
    with pytest.raises(Conflict):
        services.do(giving.hand_over, actor, amara, lot_id, key="another press")
    assert lot(services, lot_id).left == 0


def test_a_treatment_is_not_handed_over(services: Services, made: SmallClinic, amara: int) -> None:
    lot_id = facials(services, amara, made["facial"])
    actor = factories.staff(services, "front_desk").actor
    with pytest.raises(NotAllowed):
        services.do(giving.hand_over, actor, amara, lot_id, key=key())
