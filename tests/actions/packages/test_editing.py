"""Staff write packages: what can be written, who may, and what patients then see."""

from __future__ import annotations

import pytest

from clinic_portal.booking import standing
from clinic_portal.clinic import editing as clinic_editing
from clinic_portal.clinic import models as clinic
from clinic_portal.core.audit import ENTRY
from clinic_portal.core.errors import Conflict, NotAllowed, Unusable
from clinic_portal.core.work import Services
from clinic_portal.packages import editing, queries
from tests import factories
from tests.member_kit import has_lot
from tests.packages_kit import on_sale, typed

pytestmark = pytest.mark.req("P8")


@pytest.fixture
def made(services: Services) -> factories.SmallClinic:
    return factories.small_clinic(services)


def owner(made: factories.SmallClinic):
    return factories.staff(made.services, "owner").actor


def test_a_package_is_on_sale_with_what_it_saves(made: factories.SmallClinic) -> None:
    offer = on_sale(made)
    assert (offer.what, offer.package.count, offer.package.price_minor) == ("Hydrating facial", 6, 48000)
    assert offer.saves_least_minor == offer.saves_most_minor == 6 * 9500 - 48000


def test_a_package_of_a_category_saves_between_its_cheapest_and_its_dearest_treatment(
    made: factories.SmallClinic,
) -> None:
    offer = on_sale(made, what=f"category:{made['injectables']}", count="3", price_minor="270")
    assert (offer.what, offer.saves_least_minor, offer.saves_most_minor) == ("Injectables", 1500, 45000)


@pytest.mark.parametrize(
    ("field", "told", "code"),
    [
        ("name", "  ", "history_missing"),
        ("name", "x" * 81, "text_long"),
        ("what", "", "owner_missing"),
        ("what", "service:999999", "owner_missing"),
        ("what", "category:0", "owner_missing"),
        ("what", "provider:1", "owner_missing"),
        ("count", "0", "number_bounds"),
        ("count", "-3", "number_bounds"),
        ("count", "101", "number_bounds"),
        ("count", "1.5", "number_bounds"),
        ("price_minor", "0", "charge_small"),
        ("price_minor", "0.49", "charge_small"),
        ("price_minor", "-5", "money_invalid"),
        ("price_minor", "1e9", "money_invalid"),
        ("price_minor", "1000000.01", "package_dear"),
        ("valid_days", "0", "number_bounds"),
        ("valid_days", "3651", "number_bounds"),
        ("description", "x" * 601, "text_long"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(made: factories.SmallClinic, field: str, told: str, code: str) -> None:
    with pytest.raises(Unusable) as refusal:
        made.services.do(editing.add, owner(made), typed(made, **{field: told}))
    assert [(fault.field, fault.code) for fault in refusal.value.faults] == [(field, code)]
    assert made.services.ask(queries.every) == ()


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_nobody_but_who_changes_the_clinic_writes_packages(made: factories.SmallClinic, role: str) -> None:
    offer, actor = on_sale(made), factories.staff(made.services, role).actor
    do, mine = made.services.do, offer.package
    for refused in (
        lambda: do(editing.add, actor, typed(made)),
        lambda: do(editing.change, actor, mine.id, typed(made, name="Mine"), revision=mine.revision),
        lambda: do(editing.switch, actor, mine.id, is_active=False, revision=mine.revision),
        lambda: do(editing.move_up, actor, mine.id),
        lambda: do(standing.remove_category, actor, made["injectables"]),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert made.services.ask(queries.on_sale) == (offer,)


def test_two_who_change_the_same_package_notice_each_other(made: factories.SmallClinic) -> None:
    seen, do = on_sale(made).package, made.services.do
    do(editing.change, owner(made), seen.id, typed(made, price_minor="500"), revision=seen.revision)
    with pytest.raises(Conflict, match="package_moved_on"):
        do(editing.change, owner(made), seen.id, typed(made, price_minor="400"), revision=seen.revision)
    with pytest.raises(Conflict, match="package_moved_on"):
        do(editing.switch, owner(made), seen.id, is_active=False, revision=seen.revision)
    assert made.services.ask(queries.package, seen.id).price_minor == 50000


def test_a_change_says_in_the_log_what_was_before(made: factories.SmallClinic) -> None:
    seen = on_sale(made).package
    made.services.do(editing.change, owner(made), seen.id, typed(made, price_minor="500"), revision=seen.revision)
    made.services.do(editing.change, owner(made), seen.id, typed(made, price_minor="500"), revision=seen.revision + 1)
    logged = made.services.ask(
        lambda read: read.execute(ENTRY.select().where(ENTRY.c.action == "package.changed")).all()
    )
    assert [one.detail for one in logged] == [{"before": {"price_minor": 48000}, "after": {"price_minor": 50000}}]


def test_a_package_sold_no_more_is_not_offered_and_can_be_again(made: factories.SmallClinic) -> None:
    seen, do = on_sale(made).package, made.services.do
    do(editing.switch, owner(made), seen.id, is_active=False, revision=seen.revision)
    assert made.services.ask(queries.on_sale) == ()
    assert not made.services.ask(queries.is_any_on_sale)
    do(editing.switch, owner(made), seen.id, is_active=True, revision=seen.revision + 1)
    assert made.services.ask(queries.is_any_on_sale)


def test_packages_stand_in_the_order_staff_gives_them(made: factories.SmallClinic) -> None:
    first, second = on_sale(made, name="One"), on_sale(made, name="Two")
    made.services.do(editing.move_up, owner(made), first.package.id)
    made.services.do(editing.move_up, owner(made), second.package.id)
    assert [one.package.name for one in made.services.ask(queries.on_sale)] == ["Two", "One"]


def test_a_package_of_a_treatment_that_is_offered_no_more_is_not_on_sale(made: factories.SmallClinic) -> None:
    on_sale(made)
    made.services.do(clinic_editing.switch, owner(made), "service", made["facial"], is_active=False)
    assert made.services.ask(queries.on_sale) == ()


def test_a_package_priced_in_another_money_than_the_clinics_is_not_on_sale_until_it_is_saved_anew(
    made: factories.SmallClinic,
) -> None:
    seen = on_sale(made).package
    made.settings(currency="EUR")
    assert made.services.ask(queries.on_sale) == ()
    made.services.do(editing.change, owner(made), seen.id, typed(made, price_minor="450"), revision=seen.revision)
    (offer,) = made.services.ask(queries.on_sale)
    assert (offer.package.price_minor, offer.package.currency) == (45000, "EUR")


def test_a_category_that_packages_are_of_stays(made: factories.SmallClinic) -> None:
    on_sale(made, what=f"category:{made['injectables']}")
    for slug in ("botox", "facial", "peel", "hair"):
        other = made.services.do(
            clinic_editing.add, owner(made), "category", {"name": f"Other {slug}", "description": ""}
        )
        made.change(clinic.Service, slug, category_id=other)
    with pytest.raises(Conflict, match="category_in_package"):
        made.services.do(standing.remove_category, owner(made), made["injectables"])


def test_a_category_of_which_a_patient_has_something_stays(made: factories.SmallClinic) -> None:
    empty = made.services.do(clinic_editing.add, owner(made), "category", {"name": "Massages", "description": ""})
    patient_id = factories.patient(made.services).actor.patient_id
    made.ids["massages"] = empty
    has_lot(made, patient_id, 1, category="massages")
    with pytest.raises(Conflict, match="category_in_wallet"):
        made.services.do(standing.remove_category, owner(made), empty)
