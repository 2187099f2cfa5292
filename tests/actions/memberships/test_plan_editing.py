"""Staff write membership plans: what they may write, what becomes a version of its own, and who may not (P8)."""

from __future__ import annotations

from typing import Any

import pytest

from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.errors import Conflict, NotAllowed, Unusable
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.forms import queries as forms
from clinic_portal.forms import templates
from clinic_portal.memberships import editing, offers, plan_queries, sheets
from clinic_portal.memberships.models import Membership, PlanVersion
from tests import plans_kit
from tests.at_once import meanwhile
from tests.factories import SmallClinic, everything, patient, rows, small_clinic, staff
from tests.plans_kit import GLOW

pytestmark = pytest.mark.req("P8")


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return small_clinic(services)


def change(made: SmallClinic, who: Any, plan_id: int, *, revision: int | None = None, **typed: str) -> bool:
    seen = plans_kit.sheet(made, who, plan_id).revision if revision is None else revision
    return made.services.do(editing.change, who, plan_id, GLOW | typed, currency="USD", seen_revision=seen)


def join(made: SmallClinic, plan_id: int, *, state: str = "active", has_ended: bool = False) -> None:
    """A patient on the newest version of a plan."""
    version_id = plans_kit.plan(made, plan_id).version_id
    patient_id = patient(made.services, f"{state}@example.org").actor.patient_id

    def action(work: UnitOfWork) -> None:
        started = None if state == "joining" else work.now
        ended = work.now if has_ended else None
        work.session.add(
            Membership(
                patient_id=patient_id,
                state="ended" if has_ended else state,
                version_id=version_id,
                begun_at=work.now,
                started_at=started,
                ended_at=ended,
            )
        )

    made.services.do(action)


def refused(made: SmallClinic, **typed: str) -> dict[str, str]:
    with pytest.raises(Unusable) as refusal:
        plans_kit.write(made, **typed)
    return {one.field: one.code for one in refusal.value.faults}


def codes(made: SmallClinic) -> list[str]:
    return [one.action for one in rows(made.services, AuditEntry) if one.action.startswith("plan.")]


def test_a_plan_is_what_was_typed(made: SmallClinic) -> None:
    who = plans_kit.owner(made.services)
    plan_id = plans_kit.write(
        made, who,
        what_0=f"service:{made['facial']}", count_0="2",
        what_1=f"category:{made['injectables']}", count_1="1",
        what_3="product", count_3="1", called_3=" Sunscreen ",
        what_5="credit", count_5="25.50",
    )  # fmt: skip
    one = plans_kit.plan(made, plan_id)
    assert (one.name, one.period, one.fee_minor, one.setup_fee_minor, one.discount_percent) == (
        "Glow", "month", 9900, 5000, 10,
    )  # fmt: skip
    assert (one.version, one.currency, one.is_banked, one.is_active) == (1, "USD", True, False)
    assert [(b.name, b.count, b.credit_minor) for b in one.brings] == [
        ("Hydrating facial", 2, 0),
        ("Injectables", 1, 0),
        ("Sunscreen", 1, 0),
        ("", 1, 2550),
    ]
    assert codes(made) == ["plan.added"]


def test_what_may_be_left_empty_is_nothing(made: SmallClinic) -> None:
    one = plans_kit.plan(made, plans_kit.write(made, setup_fee="", discount="", description="", is_banked=""))
    assert (one.setup_fee_minor, one.discount_percent, one.description, one.is_banked) == (0, 0, "", False)
    assert one.brings == ()


@pytest.mark.parametrize(
    ("typed", "field", "code"),
    [
        ({"name": " "}, "name", "history_missing"),
        ({"name": "x" * 81}, "name", "text_long"),
        ({"description": "x" * 2001}, "description", "text_long"),
        ({"period": "week"}, "period", "history_choice"),
        ({"fee": ""}, "fee", "money_invalid"),
        ({"fee": "0"}, "fee", "charge_small"),
        ({"fee": "0.49"}, "fee", "charge_small"),
        ({"fee": "-99"}, "fee", "money_invalid"),
        ({"fee": "99.999"}, "fee", "money_invalid"),
        ({"fee": "1000001"}, "fee", "money_invalid"),
        ({"fee": "٩٩"}, "fee", "money_invalid"),
        ({"setup_fee": "-1"}, "setup_fee", "money_invalid"),
        ({"discount": "101"}, "discount", "number_bounds"),
        ({"discount": "-5"}, "discount", "number_bounds"),
        ({"what_0": "service:1;drop", "count_0": "1"}, "what_0", "history_choice"),
        ({"what_0": "service:99999", "count_0": "1"}, "what_0", "plan_service_gone"),
        ({"what_0": "category:99999", "count_0": "1"}, "what_0", "plan_service_gone"),
        ({"what_0": "credit", "count_0": "0"}, "count_0", "money_invalid"),
        ({"what_0": "credit", "count_0": "-5"}, "count_0", "money_invalid"),
        ({"what_0": "product", "count_0": "1", "called_0": ""}, "called_0", "history_missing"),
        ({"what_0": "product", "count_0": "101", "called_0": "Cream"}, "count_0", "number_bounds"),
        ({"what_0": "product", "count_0": "0", "called_0": "Cream"}, "count_0", "number_bounds"),
        ({"what_0": "credit", "count_0": "5", "what_1": "credit", "count_1": "6"}, "what_1", "brings_twice"),
        ({"agreement_id": "99999"}, "agreement_id", "plan_agreement_unpublished"),
        ({"agreement_id": "one"}, "agreement_id", "number_bounds"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    made: SmallClinic, typed: dict[str, str], field: str, code: str
) -> None:
    before = everything(made.services, but=("staff", "staff_session", "audit_entry"))
    assert refused(made, **typed) == {field: code}
    after = everything(made.services, but=("staff", "staff_session", "audit_entry"))
    assert after["membership_plan"] == before["membership_plan"] == []


def test_every_field_at_fault_is_named_at_once(made: SmallClinic) -> None:
    assert set(refused(made, name="", fee="x", discount="500")) == {"name", "fee", "discount"}


def test_a_plan_nobody_is_on_is_changed_in_place(made: SmallClinic) -> None:
    who = plans_kit.owner(made.services)
    plan_id = plans_kit.write(made, who)
    assert change(made, who, plan_id, fee="120") is False
    one = plans_kit.plan(made, plan_id)
    assert (one.version, one.fee_minor, len(rows(made.services, PlanVersion))) == (1, 12000, 1)


@pytest.mark.parametrize(
    ("state", "has_ended"), [("active", False), ("joining", False), ("paused", False), ("ended", True)]
)
def test_members_keep_the_terms_they_signed(made: SmallClinic, state: str, has_ended: bool) -> None:
    who = plans_kit.owner(made.services)
    plan_id = plans_kit.write(made, who)
    join(made, plan_id, state=state, has_ended=has_ended)
    theirs = plans_kit.plan(made, plan_id).version_id
    assert change(made, who, plan_id, fee="120") is True
    assert plans_kit.plan(made, plan_id).fee_minor == 12000
    assert made.services.ask(plan_queries.plan_version, theirs).fee_minor == 9900


@pytest.mark.parametrize(
    "typed",
    [
        {"fee": "98"}, {"setup_fee": "0"}, {"discount": "11"}, {"is_banked": ""}, {"period": "year"},
        {"what_0": "credit", "count_0": "5"},
    ],
)  # fmt: skip
def test_each_term_makes_a_version_of_its_own(made: SmallClinic, typed: dict[str, str]) -> None:
    who = plans_kit.owner(made.services)
    plan_id = plans_kit.write(made, who)
    join(made, plan_id)
    assert change(made, who, plan_id, **typed) is True
    assert plans_kit.plan(made, plan_id).version == 2


def test_the_words_of_a_plan_are_the_same_for_all_its_versions(made: SmallClinic) -> None:
    who = plans_kit.owner(made.services)
    plan_id = plans_kit.write(made, who)
    join(made, plan_id)
    assert change(made, who, plan_id, name="Glow Club", description="Better.") is False
    assert (plans_kit.plan(made, plan_id).name, plans_kit.plan(made, plan_id).version) == ("Glow Club", 1)


def test_saving_what_stands_there_changes_nothing(made: SmallClinic) -> None:
    who = plans_kit.owner(made.services)
    plan_id = plans_kit.write(made, who)
    join(made, plan_id)
    assert change(made, who, plan_id) is False
    assert (plans_kit.sheet(made, who, plan_id).revision, codes(made)) == (0, ["plan.added"])


def test_how_many_stay_on_which_terms_is_counted(made: SmallClinic) -> None:
    who = plans_kit.owner(made.services)
    plan_id = plans_kit.write(made, who)
    join(made, plan_id, state="active")
    join(made, plan_id, state="paused")
    join(made, plan_id, state="joining")
    change(made, who, plan_id, fee="120")
    one = plans_kit.sheet(made, who, plan_id)
    assert (one.members, one.on_newest) == (2, 0)


def test_the_second_of_two_editors_is_told(made: SmallClinic) -> None:
    who = plans_kit.owner(made.services)
    plan_id = plans_kit.write(made, who)
    change(made, who, plan_id, fee="120")
    with pytest.raises(Conflict, match="plan_moved_on"):
        change(made, who, plan_id, revision=0, fee="130")
    assert plans_kit.plan(made, plan_id).fee_minor == 12000


def test_of_two_who_save_at_once_one_is_told(made: SmallClinic) -> None:
    who = plans_kit.owner(made.services)
    plan_id = plans_kit.write(made, who)

    def save(fee: str) -> Any:
        return lambda work: editing.change(work, who, plan_id, GLOW | {"fee": fee}, currency="USD", seen_revision=0)

    assert meanwhile(made.services, save("120"), save("130")) == "plan_moved_on"


def test_a_plan_is_offered_with_a_published_agreement_only(made: SmallClinic) -> None:
    who = plans_kit.owner(made.services)
    plan_id = plans_kit.write(made, who)
    with pytest.raises(Conflict, match="plan_agreement_missing"):
        made.services.do(editing.offer, who, plan_id, is_offered=True)
    change(made, who, plan_id, agreement_id=str(plans_kit.agreement(made)))
    made.services.do(editing.offer, who, plan_id, is_offered=True)
    assert [one.id for one in made.services.ask(offers.joinable)] == [plan_id]


def test_an_offered_plan_cannot_lose_its_agreement(made: SmallClinic) -> None:
    who = plans_kit.owner(made.services)
    plan_id = plans_kit.offered(made, who)
    with pytest.raises(Conflict, match="plan_agreement_missing"):
        change(made, who, plan_id, agreement_id="")


def test_nobody_may_join_where_the_agreement_is_switched_off(made: SmallClinic) -> None:
    who = plans_kit.owner(made.services)
    plan_id = plans_kit.offered(made, who)
    form_id = next(one.id for one in made.services.ask(forms.forms).values())
    made.services.do(templates.switch, who, form_id, is_active=False)
    assert made.services.ask(offers.joinable) == ()
    assert not plans_kit.sheet(made, who, plan_id).is_agreement_fit


def test_a_plan_withdrawn_is_not_to_be_joined(made: SmallClinic) -> None:
    who = plans_kit.owner(made.services)
    plan_id = plans_kit.offered(made, who)
    made.services.do(editing.offer, who, plan_id, is_offered=False)
    made.services.do(editing.offer, who, plan_id, is_offered=False)
    assert made.services.ask(offers.joinable) == ()
    assert codes(made) == ["plan.added", "plan.offered", "plan.withdrawn"]


def test_a_plan_goes_up_in_the_list(made: SmallClinic) -> None:
    who = plans_kit.owner(made.services)
    first, second = plans_kit.write(made, who, name="One"), plans_kit.write(made, who, name="Two")
    made.services.do(editing.reorder, who, second)
    made.services.do(editing.reorder, who, second)
    assert [one.id for one in made.services.ask(sheets.sheets, who)] == [second, first]


def test_amounts_typed_in_another_currency_are_not_kept(made: SmallClinic) -> None:
    who = plans_kit.owner(made.services)
    plan_id = plans_kit.offered(made, who)
    made.services.do(editing.offer, who, plan_id, is_offered=False)
    made.settings(currency="EUR")
    with pytest.raises(Conflict, match="currency_changed"):
        change(made, who, plan_id, fee="120")
    with pytest.raises(Conflict, match="currency_changed"):
        made.services.do(editing.offer, who, plan_id, is_offered=True)


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_who_may_not_change_the_clinic_changes_no_plan(made: SmallClinic, role: str) -> None:
    who, other = plans_kit.owner(made.services), staff(made.services, role).actor
    plan_id = plans_kit.offered(made, who)
    for attempt in (
        lambda: plans_kit.write(made, other),
        lambda: made.services.do(editing.change, other, plan_id, GLOW, currency="USD", seen_revision=1),
        lambda: made.services.do(editing.offer, other, plan_id, is_offered=False),
        lambda: made.services.do(editing.reorder, other, plan_id),
        lambda: made.services.ask(sheets.sheets, other),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert plans_kit.sheet(made, who, plan_id).is_active


def test_a_plan_that_is_none_cannot_be_changed(made: SmallClinic) -> None:
    who = plans_kit.owner(made.services)
    with pytest.raises(NotAllowed):
        made.services.do(editing.change, who, 4711, GLOW, currency="USD", seen_revision=0)
    with pytest.raises(NotAllowed):
        made.services.do(editing.offer, who, 4711, is_offered=True)
