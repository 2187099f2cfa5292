"""Staff write policies, deposits and the currency: what they may write, what it does, and what the log says of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from clinic_portal.accounts.roles import MAY, ROLES, Permission, StaffActor
from clinic_portal.booking import holds
from clinic_portal.booking import queries as booking
from clinic_portal.clinic import editing, models, policies, sheets
from clinic_portal.clinic.sheets import PolicySheet
from clinic_portal.clinic.types import PolicyInfo
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.errors import Conflict, NotAllowed, Unusable
from clinic_portal.core.work import Services
from tests import factories
from tests.at_once import meanwhile
from tests.card_kit import till
from tests.factories import SmallClinic, booked, minute, rows, seen, visitor

DAY = date(2026, 12, 3)
POLICY = {"text": "Three days, please.", "free_hours": "72", "fee_percent": "100", "fee_minor": ""}


def in_force(made: SmallClinic) -> PolicyInfo:
    found = seen(made).policy
    assert found is not None
    return found


def versions(made: SmallClinic) -> list[PolicySheet]:
    return made.services.ask(sheets.policies)


def log(made: SmallClinic) -> list[tuple[str, str, dict[str, Any]]]:
    """What staff did, the newest last."""
    told = [(one.actor, one.action, one.subject, one.detail) for one in rows(made.services, AuditEntry)]
    return [one[1:] for one in told if one[0].startswith("staff:") and not one[1].startswith("staff.")]


def state(made: SmallClinic) -> tuple[Any, ...]:
    """All that a refusal must leave as it was."""
    asked = [made.services.ask(one) for one in (sheets.clinic, sheets.policies)]
    return (*asked, made.services.ask(sheets.sheets, "service"), log(made))


def faults(refusal: Unusable) -> dict[str, str]:
    return {one.field: one.code for one in refusal.faults}


def publish(made: SmallClinic, who: StaffActor, service: str = "", *, currency: str = "USD", **typed: str) -> int:
    service_id = made[service] if service else None
    return made.services.do(policies.publish, who, POLICY | typed, currency=currency, service_id=service_id)


def withdraw(made: SmallClinic, who: StaffActor, service: str = "") -> None:
    made.services.do(policies.withdraw, who, service_id=made[service] if service else None)


def follow(made: SmallClinic, who: StaffActor, service: str, rule: str) -> None:
    made.services.do(policies.follow, who, made[service], rule)


def change_service(made: SmallClinic, who: StaffActor, service: str, **typed: str) -> None:
    made.services.do(editing.change, who, "service", made[service], typed)


def to_currency(made: SmallClinic, who: StaffActor, currency: str) -> None:
    made.services.do(policies.change_currency, who, currency)


def refused(made: SmallClinic, deed: Callable[[], Any]) -> dict[str, str]:
    """The fields at fault of a deed that leaves all as it was."""
    before = state(made)
    with pytest.raises(Unusable) as refusal:
        deed()
    assert state(made) == before
    return faults(refusal.value)


def accept(made: SmallClinic, policy_id: int | None) -> Any:
    """Someone who booked under a policy."""
    visitor(made, "two", "facial", provider="maya", email="two@example.org", phone="+15125550143")
    made.services.do(holds.hold, "two", minute(DAY, "10:00"))
    done = till(made.services).books("two", policy_id)
    return made.services.ask(booking.visit, done.appointment_id)


# The clinic's policy


@pytest.mark.req("P4")
@pytest.mark.req("P15")
def test_a_new_policy_is_in_force_alone_and_the_earlier_ones_are_kept(clinic: SmallClinic, owner: StaffActor) -> None:
    version = seen(clinic).version
    policy_id = publish(clinic, owner)
    assert [(one.version, one.is_in_force, one.free_hours, one.fee_percent) for one in versions(clinic)] == [
        (2, True, 72, 100),
        (1, False, 48, 50),
    ]
    current = in_force(clinic)
    assert (current.id, current.text, seen(clinic).version) == (policy_id, "Three days, please.", version + 1)
    none = {"fee_minor": None, "noshow_fee_percent": None, "noshow_fee_minor": None, "currency": "USD"}
    told = {
        "before": {"version": 1, "free_hours": 48, "fee_percent": 50, **none},
        "after": {"version": 2, "free_hours": 72, "fee_percent": 100, **none},
    }
    assert log(clinic)[-1] == ("policy.published", f"policy:{policy_id}", told)


@pytest.mark.req("P4")
def test_all_that_a_policy_can_say_is_kept_as_it_was_typed(clinic: SmallClinic, owner: StaffActor) -> None:
    more = {"fee_percent": "", "fee_minor": "35", "noshow_fee_percent": "80", "card_text": "Only for late visits."}
    publish(clinic, owner, **more)
    found = in_force(clinic)
    assert (found.fee_minor, found.fee_percent) == (3500, None)
    assert (found.noshow_fee_minor, found.noshow_fee_percent) == (None, 80)
    assert (found.card_text, found.currency) == ("Only for late visits.", "USD")


@pytest.mark.req("P4")
@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"fee_percent": "50"}, "half the price if you cancel less than 72 hours before your visit or do not come."),
        (
            {"fee_percent": "", "fee_minor": "35", "noshow_fee_percent": "100"},
            "$35.00 if you cancel less than 72 hours before your visit, and the full price if you do not come.",
        ),
        ({"free_hours": "1", "fee_percent": "20"}, "20% of the price if you cancel less than an hour before"),
        ({"free_hours": "0", "fee_percent": "20"}, "only for this: 20% of the price if you do not come."),
        ({"fee_percent": "0", "noshow_fee_minor": "40"}, "only for this: $40.00 if you do not come."),
        (
            {"noshow_fee_percent": "0"},
            "only for this: the full price if you cancel less than 72 hours before your visit.",
        ),
        ({"fee_percent": "0"}, "charges nothing to it."),
    ],
)
def test_what_the_card_is_charged_for_is_written_from_the_numbers_where_nobody_wrote_it(
    clinic: SmallClinic, owner: StaffActor, typed: dict[str, str], told: str
) -> None:
    publish(clinic, owner, **typed)
    assert told in in_force(clinic).card_text


@pytest.mark.req("P4")
def test_what_was_booked_keeps_the_policy_it_was_booked_under(clinic: SmallClinic, owner: StaffActor) -> None:
    done = booked(clinic, "one", DAY, "10:00", "facial", provider="lena")
    new = publish(clinic, owner)
    kept = clinic.services.ask(booking.visit, done.appointment_id).policy
    assert kept is not None
    assert (kept.version, kept.free_hours, kept.fee_percent) == (1, 48, 50)
    assert accept(clinic, new).policy.version == 2


@pytest.mark.req("P4")
def test_without_a_policy_in_force_a_visit_is_booked_under_none(clinic: SmallClinic, owner: StaffActor) -> None:
    done = booked(clinic, "one", DAY, "10:00", "facial", provider="lena")
    withdraw(clinic, owner)
    assert seen(clinic).policy is None
    action, subject, told = log(clinic)[-1]
    assert (action, subject, told["before"]["version"], told["after"]) == ("policy.withdrawn", "clinic:1", 1, None)
    assert accept(clinic, None).policy is None
    assert clinic.services.ask(booking.visit, done.appointment_id).policy is not None
    before = state(clinic)
    withdraw(clinic, owner)
    assert state(clinic) == before


@pytest.mark.req("P4")
def test_a_withdrawn_policy_is_followed_by_the_next_number(clinic: SmallClinic, owner: StaffActor) -> None:
    withdraw(clinic, owner)
    publish(clinic, owner, fee_percent="", fee_minor="50")
    found = [(one.version, one.is_in_force, one.fee_minor) for one in versions(clinic)]
    assert found == [(2, True, 5000), (1, False, None)]


@pytest.mark.req("P4")
@pytest.mark.parametrize(
    ("typed", "at_fault"),
    [
        ({"fee_percent": "", "fee_minor": ""}, {"fee_percent": "policy_fee"}),
        ({"fee_percent": "50", "fee_minor": "50"}, {"fee_percent": "policy_fee"}),
        ({"noshow_fee_percent": "50", "noshow_fee_minor": "50"}, {"noshow_fee_percent": "policy_fee"}),
        ({"fee_percent": "101"}, {"fee_percent": "number_bounds"}),
        ({"fee_percent": "-1"}, {"fee_percent": "number_bounds"}),
        ({"noshow_fee_percent": "101"}, {"noshow_fee_percent": "number_bounds"}),
        ({"fee_percent": "", "fee_minor": "24,00"}, {"fee_minor": "money_invalid"}),
        ({"fee_percent": "", "fee_minor": "0.49"}, {"fee_minor": "charge_small"}),
        ({"noshow_fee_minor": "0.49"}, {"noshow_fee_minor": "charge_small"}),
        ({"text": " ", "free_hours": "1001"}, {"text": "history_missing", "free_hours": "number_bounds"}),
        ({"text": "x" * 8001, "card_text": "x" * 2001}, {"text": "text_long", "card_text": "text_long"}),
        (
            {"text": "", "free_hours": "x", "fee_percent": "", "fee_minor": "x"},
            {"text": "history_missing", "free_hours": "number_bounds", "fee_minor": "money_invalid"},
        ),
        ({"text": "", "fee_percent": ""}, {"text": "history_missing", "fee_percent": "policy_fee"}),
    ],
)
def test_a_policy_that_cannot_be_is_refused_field_by_field(
    clinic: SmallClinic, owner: StaffActor, typed: dict[str, str], at_fault: dict[str, str]
) -> None:
    assert refused(clinic, lambda: publish(clinic, owner, **typed)) == at_fault


def test_a_policy_of_which_nothing_is_told_is_refused(clinic: SmallClinic, owner: StaffActor) -> None:
    found = refused(clinic, lambda: clinic.services.do(policies.publish, owner, {}, currency="USD"))
    assert found.keys() == {"text", "free_hours", "fee_percent"}


@pytest.mark.req("P4")
@pytest.mark.parametrize(
    "typed",
    [
        {"fee_percent": "0"},
        {"free_hours": "0"},
        {"free_hours": "1000"},
        {"noshow_fee_percent": "0"},
        {"noshow_fee_percent": "100"},
    ],
)
def test_the_ends_of_what_a_policy_may_say_are_good(
    clinic: SmallClinic, owner: StaffActor, typed: dict[str, str]
) -> None:
    publish(clinic, owner, **typed)
    found = versions(clinic)[0]
    assert {name: str(getattr(found, name)) for name in typed} == typed


@pytest.mark.req("P4")
def test_amounts_typed_in_a_currency_that_is_over_are_not_believed(clinic: SmallClinic, owner: StaffActor) -> None:
    to_currency(clinic, owner, "JPY")
    before = state(clinic)
    with pytest.raises(Conflict, match="currency_changed"):
        publish(clinic, owner, fee_percent="", fee_minor="35")
    assert state(clinic) == before


# A service's own


@pytest.mark.req("P4")
def test_a_policy_published_for_a_service_holds_for_it_alone(clinic: SmallClinic, owner: StaffActor) -> None:
    own = publish(clinic, owner, "peel")
    found = seen(clinic)
    peel, facial = found.policy_for(clinic["peel"]), found.policy_for(clinic["facial"])
    assert peel is not None
    assert facial is not None
    assert (peel.id, peel.version, facial.version) == (own, 2, 1)
    assert found.services[clinic["peel"]].policy_rule == "own"
    (published, changed) = log(clinic)[-2:]
    assert (published[0], published[2]["service"], published[2]["before"]) == (
        "policy.published",
        "Chemical peel",
        None,
    )
    assert changed[::2] == ("service.changed", {"before": {"policy_rule": "clinic"}, "after": {"policy_rule": "own"}})


@pytest.mark.req("P4")
def test_a_new_version_for_one_leaves_the_others_in_force(clinic: SmallClinic, owner: StaffActor) -> None:
    publish(clinic, owner, "peel")
    publish(clinic, owner, "hair")
    publish(clinic, owner, "peel", fee_percent="80")
    publish(clinic, owner)
    found = {(one.version, one.service_id) for one in versions(clinic) if one.is_in_force}
    assert found == {(3, clinic["hair"]), (4, clinic["peel"]), (5, None)}


@pytest.mark.req("P4")
def test_a_service_whose_own_policy_is_withdrawn_is_under_the_clinics_again(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    publish(clinic, owner, "peel")
    withdraw(clinic, owner, "peel")
    found = seen(clinic)
    assert (found.own_policies, found.services[clinic["peel"]].policy_rule) == ({}, "clinic")
    assert found.policy_for(clinic["peel"]) == found.policy


@pytest.mark.req("P4")
def test_withdrawing_the_clinics_policy_leaves_a_services_own_in_force(clinic: SmallClinic, owner: StaffActor) -> None:
    publish(clinic, owner, "peel")
    withdraw(clinic, owner)
    found = seen(clinic)
    assert found.policy is None
    assert found.policy_for(clinic["peel"]) is not None


@pytest.mark.req("P4")
def test_withdrawing_what_a_service_does_not_have_does_nothing(clinic: SmallClinic, owner: StaffActor) -> None:
    before = state(clinic)
    withdraw(clinic, owner, "peel")
    assert state(clinic) == before


@pytest.mark.req("P4")
@pytest.mark.parametrize("rule", ["none", "clinic"])
def test_another_rule_for_a_service_ends_its_own_policy(clinic: SmallClinic, owner: StaffActor, rule: str) -> None:
    publish(clinic, owner, "peel")
    follow(clinic, owner, "peel", rule)
    found = seen(clinic)
    assert found.own_policies == {}
    assert found.policy_for(clinic["peel"]) == (found.policy if rule == "clinic" else None)
    assert [one[0] for one in log(clinic)[-2:]] == ["policy.withdrawn", "service.changed"]


@pytest.mark.req("P4")
def test_a_service_that_keeps_its_rule_is_not_changed(clinic: SmallClinic, owner: StaffActor) -> None:
    publish(clinic, owner, "peel")
    before = state(clinic)
    follow(clinic, owner, "peel", "own")
    follow(clinic, owner, "facial", "clinic")
    assert state(clinic) == before


@pytest.mark.req("P4")
@pytest.mark.parametrize(
    ("rule", "code"), [("own", "policy_own_missing"), ("", "history_choice"), ("x", "history_choice")]
)
def test_a_rule_that_nothing_stands_behind_is_refused(
    clinic: SmallClinic, owner: StaffActor, rule: str, code: str
) -> None:
    assert refused(clinic, lambda: follow(clinic, owner, "peel", rule)) == {"policy_rule": code}


def test_a_service_that_is_not_there_has_no_policy(clinic: SmallClinic, owner: StaffActor) -> None:
    deeds: list[Callable[[Any], Any]] = [
        lambda work: policies.publish(work, owner, POLICY, currency="USD", service_id=4711),
        lambda work: policies.withdraw(work, owner, service_id=4711),
        lambda work: policies.follow(work, owner, 4711, "none"),
    ]
    before = state(clinic)
    for deed in deeds:
        with pytest.raises(NotAllowed):
            clinic.services.do(deed)
    assert state(clinic) == before


# Deposits


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"deposit_minor": "50"}, (5000, None)),
        ({"deposit_minor": "0.50"}, (50, None)),
        ({"deposit_minor": "180"}, (18000, None)),
        ({"deposit_percent": "1"}, (None, 1)),
        ({"deposit_percent": "100"}, (None, 100)),
    ],
)
def test_a_service_asks_for_an_amount_or_a_share_of_its_price(
    clinic: SmallClinic, owner: StaffActor, typed: dict[str, str], kept: tuple[int | None, int | None]
) -> None:
    change_service(clinic, owner, "peel", **typed)
    found = seen(clinic).services[clinic["peel"]]
    assert (found.deposit_minor, found.deposit_percent) == kept
    assert log(clinic)[-1][0] == "service.changed"


def test_a_deposit_is_taken_away_by_leaving_it_blank(clinic: SmallClinic, owner: StaffActor) -> None:
    change_service(clinic, owner, "peel", deposit_minor="50")
    change_service(clinic, owner, "peel", deposit_minor="", deposit_percent="")
    found = seen(clinic).services[clinic["peel"]]
    assert (found.deposit_minor, found.deposit_percent) == (None, None)


@pytest.mark.parametrize(
    ("typed", "at_fault"),
    [
        ({"deposit_minor": "180.01"}, {"deposit_minor": "deposit_big"}),
        ({"deposit_minor": "0.49"}, {"deposit_minor": "charge_small"}),
        ({"deposit_minor": "0"}, {"deposit_minor": "charge_small"}),
        ({"deposit_minor": "much"}, {"deposit_minor": "money_invalid"}),
        ({"deposit_percent": "0"}, {"deposit_percent": "number_bounds"}),
        ({"deposit_percent": "101"}, {"deposit_percent": "number_bounds"}),
        ({"deposit_minor": "50", "deposit_percent": "20"}, {"deposit_percent": "deposit_twice"}),
        ({"deposit_percent": "1", "price_minor": "49"}, {"deposit_percent": "charge_small"}),
        ({"deposit_percent": "100", "price_minor": "0"}, {"deposit_percent": "charge_small"}),
    ],
)
def test_a_deposit_that_no_card_or_price_allows_is_refused(
    clinic: SmallClinic, owner: StaffActor, typed: dict[str, str], at_fault: dict[str, str]
) -> None:
    assert refused(clinic, lambda: change_service(clinic, owner, "peel", **typed)) == at_fault


def test_a_price_does_not_fall_below_its_deposit(clinic: SmallClinic, owner: StaffActor) -> None:
    change_service(clinic, owner, "peel", deposit_minor="50")
    found = refused(clinic, lambda: change_service(clinic, owner, "peel", price_minor="49.99"))
    assert found == {"deposit_minor": "deposit_big"}


# Money


def change_money(made: SmallClinic, who: StaffActor, **typed: str) -> None:
    made.services.do(editing.change_clinic, who, typed)


def test_the_hold_on_a_card_and_where_a_deposit_returns_to_are_the_clinics_choice(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    change_money(clinic, owner, card_hold_minor="1", deposit_returns_to="wallet")
    found = seen(clinic).clinic
    assert (found.card_hold_minor, found.deposit_returns_to) == (100, "wallet")
    told = {"card_hold_minor": 100, "deposit_returns_to": "wallet"}
    assert log(clinic)[-1][2]["after"] == told


@pytest.mark.parametrize(
    ("typed", "at_fault"),
    [
        ({"card_hold_minor": "0.49"}, {"card_hold_minor": "charge_small"}),
        ({"card_hold_minor": "10.01"}, {"card_hold_minor": "card_hold_big"}),
        ({"card_hold_minor": ""}, {"card_hold_minor": "money_invalid"}),
        ({"deposit_returns_to": "the till"}, {"deposit_returns_to": "history_choice"}),
    ],
)
def test_money_settings_that_cannot_be_are_refused(
    clinic: SmallClinic, owner: StaffActor, typed: dict[str, str], at_fault: dict[str, str]
) -> None:
    assert refused(clinic, lambda: change_money(clinic, owner, **typed)) == at_fault


# Another currency


def test_in_another_currency_prices_and_deposits_keep_their_number(clinic: SmallClinic, owner: StaffActor) -> None:
    change_service(clinic, owner, "peel", price_minor="180.50", deposit_minor="60.25")
    to_currency(clinic, owner, "jpy")
    found = seen(clinic)
    peel, facial = found.services[clinic["peel"]], found.services[clinic["facial"]]
    assert (peel.price_minor, peel.deposit_minor, facial.price_minor) == (181, 61, 95)
    assert (found.clinic.currency, found.clinic.card_hold_minor) == ("JPY", 50)
    told = {"before": {"currency": "USD"}, "after": {"currency": "JPY"}}
    assert log(clinic)[-1] == ("clinic.changed", "clinic:1", told)


def test_and_back_again(clinic: SmallClinic, owner: StaffActor) -> None:
    to_currency(clinic, owner, "JPY")
    to_currency(clinic, owner, "USD")
    assert seen(clinic).services[clinic["peel"]].price_minor == 18000


def test_the_hold_on_a_card_becomes_the_least_of_the_new_currency(clinic: SmallClinic, owner: StaffActor) -> None:
    change_money(clinic, owner, card_hold_minor="2")
    to_currency(clinic, owner, "GBP")
    assert seen(clinic).clinic.card_hold_minor == 30


@pytest.mark.req("P4")
def test_policies_in_force_with_an_amount_are_published_anew_and_others_stay(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    publish(clinic, owner, "peel", fee_percent="", fee_minor="95.50", noshow_fee_minor="120")
    to_currency(clinic, owner, "JPY")
    found = seen(clinic)
    own = found.own_policies[clinic["peel"]]
    assert (own.version, own.fee_minor, own.noshow_fee_minor, own.currency) == (3, 96, 120, "JPY")
    assert in_force(clinic).version == 1, "a percentage is the same in every currency"
    before = next(one for one in versions(clinic) if one.version == 2)
    assert (before.fee_minor, before.currency, before.is_in_force) == (9550, "USD", False)


@pytest.mark.req("P4")
def test_card_words_made_from_the_numbers_follow_them_and_written_ones_stay(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    publish(clinic, owner, fee_percent="", fee_minor="60")
    publish(clinic, owner, "peel", fee_percent="", fee_minor="60", card_text="Sixty, if late.")
    to_currency(clinic, owner, "JPY")
    assert "¥60 if you cancel" in in_force(clinic).card_text
    assert seen(clinic).own_policies[clinic["peel"]].card_text == "Sixty, if late."


@pytest.mark.req("P4")
def test_what_is_booked_keeps_its_currency_and_its_policy(clinic: SmallClinic, owner: StaffActor) -> None:
    done = booked(clinic, "one", DAY, "10:00", "facial", provider="lena")
    to_currency(clinic, owner, "JPY")
    visit = clinic.services.ask(booking.visit, done.appointment_id)
    assert (visit.currency, visit.total_minor) == ("USD", 9500)
    assert visit.policy is not None
    assert visit.policy.version == 1


def test_the_same_currency_changes_nothing(clinic: SmallClinic, owner: StaffActor) -> None:
    before = state(clinic)
    to_currency(clinic, owner, "USD")
    assert state(clinic) == before


@pytest.mark.parametrize("code", ["", "XXX", "DEM", "dollars", "US", "ABC"])
def test_what_is_no_currency_today_is_refused(clinic: SmallClinic, owner: StaffActor, code: str) -> None:
    assert refused(clinic, lambda: to_currency(clinic, owner, code)) == {"currency": "currency_unknown"}


def test_a_currency_in_which_a_deposit_is_too_small_for_a_card_is_refused(
    clinic: SmallClinic, owner: StaffActor
) -> None:
    change_service(clinic, owner, "peel", deposit_minor="50")
    with pytest.raises(Unusable) as refusal:
        to_currency(clinic, owner, "HUF")
    fault = refusal.value.faults[0]
    assert (fault.code, fault.facts["names"], fault.facts["amount_minor"]) == (
        "currency_small",
        ["Chemical peel"],
        17500,
    )
    assert seen(clinic).clinic.currency == "USD"


@pytest.mark.req("P4")
def test_a_currency_in_which_a_fee_is_too_small_for_a_card_is_refused(clinic: SmallClinic, owner: StaffActor) -> None:
    publish(clinic, owner, fee_percent="", fee_minor="35")
    assert refused(clinic, lambda: to_currency(clinic, owner, "JPY")) == {"currency": "currency_small"}


def test_a_currency_in_which_a_price_is_beyond_all_bounds_is_refused(clinic: SmallClinic, owner: StaffActor) -> None:
    to_currency(clinic, owner, "JPY")
    change_service(clinic, owner, "peel", price_minor="50000000")
    assert refused(clinic, lambda: to_currency(clinic, owner, "USD")) == {"currency": "currency_big"}


# Who may, and two at once


@pytest.mark.req("P15")
@pytest.mark.parametrize("role", ROLES)
def test_every_verb_itself_asks_for_the_roles_permission(clinic: SmallClinic, services: Services, role: str) -> None:
    who = factories.staff(services, role).actor
    verbs: list[Callable[[], Any]] = [
        lambda: publish(clinic, who),
        lambda: publish(clinic, who, "peel"),
        lambda: withdraw(clinic, who, "peel"),
        lambda: follow(clinic, who, "peel", "none"),
        lambda: to_currency(clinic, who, "EUR"),
        lambda: withdraw(clinic, who),
    ]
    for verb in verbs:
        before = state(clinic)
        if Permission.CHANGE_CLINIC in MAY[role]:
            verb()
            assert state(clinic) != before
        else:
            with pytest.raises(NotAllowed, match="not_permitted"):
                verb()
            assert state(clinic) == before


def test_two_who_publish_leave_one_policy_in_force(clinic: SmallClinic, owner: StaffActor) -> None:
    def new(percent: str) -> Callable[[Any], Any]:
        return lambda work: policies.publish(work, owner, POLICY | {"fee_percent": percent}, currency="USD")

    assert meanwhile(clinic.services, new("10"), new("20")) == "done"
    found = [(one.version, one.fee_percent, one.is_in_force) for one in versions(clinic)]
    assert found == [(3, 20, True), (2, 10, False), (1, 50, False)]


def test_a_policy_withdrawn_while_another_is_published_is_the_new_one(clinic: SmallClinic, owner: StaffActor) -> None:
    came = meanwhile(
        clinic.services,
        lambda work: policies.publish(work, owner, POLICY, currency="USD"),
        lambda work: policies.withdraw(work, owner),
    )
    assert came == "done"
    assert log(clinic)[-1][2]["before"]["version"] == 2
    assert seen(clinic).policy is None


def test_a_policy_published_while_the_currency_changes_is_refused(clinic: SmallClinic, owner: StaffActor) -> None:
    came = meanwhile(
        clinic.services,
        lambda work: policies.change_currency(work, owner, "JPY"),
        lambda work: policies.publish(work, owner, POLICY, currency="USD"),
    )
    assert came == "currency_changed"


def test_a_switched_off_service_follows_the_currency_too(clinic: SmallClinic, owner: StaffActor) -> None:
    clinic.change(models.Service, "peel", is_active=False)
    to_currency(clinic, owner, "JPY")
    assert clinic.services.ask(sheets.sheet, "service", clinic["peel"]).values["price_minor"] == 180
