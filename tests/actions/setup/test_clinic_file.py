"""A clinic in one file: loaded, loaded again, exported, refused."""

from __future__ import annotations

import pytest
from sqlmodel import select

from clinic_portal.clinic import editing, policies
from clinic_portal.clinic import models as clinic
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.work import Services
from clinic_portal.memberships.models import MembershipPlan, PlanVersion
from clinic_portal.packages.models import Package
from clinic_portal.setup.demo import FILE, lumen
from clinic_portal.setup.export import export
from clinic_portal.setup.load import load
from clinic_portal.setup.part import ClinicFileError
from clinic_portal.setup.sales_part import PlanPart
from clinic_portal.setup.schema import parse
from tests import factories
from tests.factories import rows


def test_the_demo_clinic_is_as_rich_as_promised(services: Services) -> None:
    services.do(load, lumen())
    known = services.ask(catalogue)
    assert len(known.locations) == 2
    assert len({place.time_zone for place in known.locations.values()}) == 2
    assert len(known.providers) >= 6
    assert len(known.categories) == 7
    assert len(known.services) >= 24
    assert len([unit for unit in rows(services, clinic.PoolUnit) if "room" not in unit.slug]) == 3


def test_loading_a_file_twice_changes_nothing_the_second_time(services: Services) -> None:
    assert not services.do(load, lumen()).is_empty
    version = services.ask(catalogue).version
    assert services.do(load, lumen()).is_empty
    assert services.ask(catalogue).version == version


def test_an_exported_clinic_loads_back_to_the_same(services: Services) -> None:
    services.do(load, lumen())
    first = services.ask(export)
    assert services.do(load, parse(first)).is_empty
    assert services.ask(export) == first


def test_what_the_file_no_longer_names_is_switched_off_and_kept(services: Services) -> None:
    services.do(load, lumen())
    text = FILE.read_text().replace("slug: lash-lift,", "slug: lash-curl,")
    report = services.do(load, parse(text))
    assert report.switched_off["service"] == 1
    found = {row.slug: row.is_active for row in rows(services, clinic.Service)}
    assert (found["lash-lift"], found["lash-curl"]) == (False, True)


def test_a_changed_policy_is_a_new_version_and_the_old_one_stays_as_it_was(services: Services) -> None:
    services.do(load, lumen())
    services.do(load, parse(FILE.read_text().replace("free_hours: 48", "free_hours: 24")))
    versions = services.ask(lambda read: list(read.session.exec(select(clinic.PolicyVersion))))
    found = [(one.version, one.free_hours, one.is_in_force) for one in versions if one.service_id is None]
    assert found == [(1, 48, False), (3, 24, True)]


@pytest.mark.req("P4")
def test_policies_and_deposits_of_the_demo_clinic_stand_as_the_file_says(services: Services) -> None:
    services.do(load, lumen())
    known = services.ask(catalogue)
    by_slug = {one.slug: one for one in known.services.values()}
    assert known.policy is not None
    assert (known.policy.noshow_fee_percent, known.policy.card_text[:12]) == (100, "We keep your")
    assert known.policy_for(by_slug["first-consultation"].id) is None
    own = known.policy_for(by_slug["rf-face"].id)
    assert own is not None
    assert (own.service_id, own.free_hours, own.fee_percent) == (by_slug["rf-face"].id, 72, 75)
    assert "75% of the price if you cancel less than 72 hours before your visit" in own.card_text
    assert (by_slug["cheek-filler"].deposit_minor, by_slug["rf-face"].deposit_percent) == (20000, 20)
    assert (known.clinic.card_hold_minor, known.clinic.deposit_returns_to) == (50, "card")


@pytest.mark.req("P4")
def test_what_staff_decided_about_money_is_exported_and_loads_back_to_the_same(services: Services) -> None:
    services.do(load, lumen())
    ids = {one.slug: one.id for one in services.ask(catalogue).services.values()}
    owner = factories.staff(services).actor
    own = {"text": "A day.", "card_text": "Sixty.", "free_hours": "24", "fee_minor": "60", "noshow_fee_minor": "90"}
    services.do(policies.publish, owner, own, currency="USD", service_id=ids["lip-filler"])
    services.do(policies.follow, owner, ids["rf-face"], "none")
    services.do(editing.change_clinic, owner, {"card_hold_minor": "1", "deposit_returns_to": "wallet"})
    services.do(policies.change_currency, owner, "EUR")
    told = services.ask(export)
    assert services.do(load, parse(told)).is_empty
    assert services.ask(export) == told
    for fact in ("currency: EUR", "deposit_returns_to: wallet", "noshow_fee_minor: 9000", "deposit: '200.00'"):
        assert fact in told


@pytest.mark.req("P4")
def test_a_policy_a_service_had_of_its_own_ends_where_the_file_has_none(services: Services) -> None:
    services.do(load, lumen())
    text = FILE.read_text()
    start = text.index("policy: {text:")
    text = text[:start] + text[text.index("}, ", start) + 3 :]
    services.do(load, parse(text))
    known = services.ask(catalogue)
    assert known.own_policies == {}
    assert {one.policy_rule for one in known.services.values() if one.slug == "rf-face"} == {"clinic"}


@pytest.mark.req("P4")
def test_amounts_of_a_policy_in_a_file_with_another_currency_are_a_new_version(services: Services) -> None:
    text = FILE.read_text().replace("  fee_percent: 50", "  fee_minor: 5000")
    services.do(load, parse(text))
    services.do(load, parse(text.replace("currency: USD", "currency: EUR")))
    found = services.ask(catalogue).policy
    assert found is not None
    assert (found.currency, found.fee_minor, found.version) == ("EUR", 5000, 3)


def test_a_file_that_says_nothing_of_the_hold_on_a_card_holds_the_least(services: Services) -> None:
    text = FILE.read_text().replace("currency: USD", "currency: GBP")
    services.do(load, parse(text))
    assert services.ask(catalogue).clinic.card_hold_minor == 30


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("time_zone: America/Denver", "time_zone: Mars/Olympus", "location highlands: Mars/Olympus is no time zone"),
        ("needs: [room, rf-needling]", "needs: [room, rocket]", "service rf-face: there is no pool rocket."),
        ('breaks: ["13:00-13:45"]', 'breaks: ["18:00-18:45"]', "the break 18:00-18:45 is not inside 09:00-17:30."),
        ('days: "fri", hours: "09:00-14:00"', 'days: "thu", hours: "09:00-14:00"', "two shifts overlap on thu."),
        ("providers: [lena-brandt, sofia-ruiz]", "providers: []", "service rf-face: nobody performs it."),
        ("providers: [lena-brandt, sofia-ruiz]", "providers: [zoe]", "service rf-face: there is no provider zoe."),
        ("processing_minutes: 35", "processing_minutes: 350", "service rf-face: its processing time reaches beyond"),
        ('price: "780.00"', 'price: "free"', "service rf-face: free is no amount"),
        ('hours: "09:30-18:00", breaks: ["13:30-14:15"]', 'hours: "9h"', "write hours like 09:00-17:30."),
        ("  fee_percent: 50", "  fee_percent: 150", "policy.fee_percent:"),
        ("  fee_percent: 50", "  fee_percent: 50\n  fee_minor: 50", "policy: give either fee_minor or fee_percent."),
        ("  fee_percent: 50", "  fee_minor: 49", "policy: a card cannot be charged less than 50 minor units of USD."),
        (
            "  noshow_fee_percent: 100",
            "  noshow_fee_percent: 100\n  noshow_fee_minor: 100",
            "policy: give either noshow_fee_minor or noshow_fee_percent, or neither.",
        ),
        ("fee_percent: 75,", "", "service rf-face: policy: give either fee_minor or fee_percent."),
        ("policy: none", "policy: never", "services.1.policy"),
        ('deposit: "200.00"', 'deposit: "1250.01"', "service cheek-filler: its deposit is more than its price."),
        (
            'deposit: "200.00"',
            'deposit: "0.40"',
            "service cheek-filler: its deposit is less than a card can be charged.",
        ),
        ('deposit: "200.00"', 'deposit: "a lot"', "service cheek-filler: a lot is no amount"),
        (
            'deposit: "200.00"',
            'deposit: "200.00", deposit_percent: 5',
            "service cheek-filler: give either deposit or deposit_percent.",
        ),
        ("currency: USD", "currency: XXX", "clinic: XXX is no currency"),
        (
            "currency: USD",
            "currency: USD\n  card_hold_minor: 49",
            "clinic: card_hold_minor must be from 50 to 1000 in USD",
        ),
        ("currency: USD", "currency: USD\n  deposit_returns_to: till", "clinic.deposit_returns_to"),
    ],
)
def test_a_file_with_a_fault_is_refused_with_a_sentence_that_names_it(old: str, new: str, sentence: str) -> None:
    text = FILE.read_text()
    assert old in text
    with pytest.raises(ClinicFileError) as refusal:
        parse(text.replace(old, new, 1))
    assert any(sentence in fault for fault in refusal.value.faults), refusal.value.faults


OWN_TEXT = """
texts:
- name: phone_code
  channel: sms
  body: Your code is {code}.
"""


@pytest.mark.req("P13")
def test_words_of_the_clinics_own_are_exported_and_load_back_to_the_same(services: Services) -> None:
    text = FILE.read_text() + OWN_TEXT
    services.do(load, parse(text))
    told = services.ask(export)
    assert "Your code is {code}." in told
    assert services.do(load, parse(told)).is_empty
    services.do(load, parse(FILE.read_text()))
    assert "Your code is {code}." in services.ask(export), "a file that says nothing of texts leaves them be"
    services.do(load, parse(FILE.read_text() + "\ntexts: []\n"))
    assert "Your code is {code}." not in services.ask(export)


@pytest.mark.req("P13")
@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("name: phone_code", "name: poem", "texts: poem by sms: there is no such message."),
        ("{code}", "{poem}", "texts: phone_code by sms: body cannot be used (text_unknown: poem)."),
        ("{code}", "secret", "texts: phone_code by sms: body cannot be used (text_needs: code)."),
    ],
)
def test_words_that_cannot_be_used_are_refused_with_the_file(old: str, new: str, sentence: str) -> None:
    with pytest.raises(ClinicFileError) as refusal:
        parse(FILE.read_text() + OWN_TEXT.replace(old, new))
    assert sentence in refusal.value.faults


@pytest.mark.req("P8")
def test_packages_and_plans_are_loaded_and_a_changed_price_is_a_new_version(services: Services) -> None:
    services.do(load, lumen())
    assert next(row.name for row in rows(services, Package)) == "Six hydrating facials"
    changed = lumen().model_copy(update={"memberships": [_dearer(one) for one in lumen().memberships or []]})
    services.do(load, changed)
    assert sorted((row.plan_id, row.version) for row in rows(services, PlanVersion)) == [
        (plan, version) for plan in (1, 2, 3) for version in (1, 2)
    ]


def _dearer(plan: PlanPart) -> PlanPart:
    return plan.model_copy(update={"fee": "999.00"})


def test_a_package_no_longer_named_is_off_sale_and_kept(services: Services) -> None:
    services.do(load, lumen())
    services.do(load, lumen().model_copy(update={"packages": []}))
    assert [row.is_active for row in rows(services, Package)] == [False] * 3


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("service: hair-underarms, count: 8", "service: none-such, count: 8", "there is no service none-such"),
        ('count: 6, price: "475.00"', 'count: 6, price: "0.10"', "cannot be charged less"),
        ('fee: "89.00"', 'fee: "-1"', "no amount"),
        ("category: facials, count: 3", "count: 3", "give either service or category"),
        ("{service: hydrating-facial}", '{service: hydrating-facial, credit: "5"}', "give one of"),
    ],
)
def test_what_cannot_be_sold_is_refused_with_its_name(before: str, after: str, fault: str) -> None:
    text = FILE.read_text()
    assert before in text
    with pytest.raises(ClinicFileError, match=fault):
        parse(text.replace(before, after))


def test_a_plan_whose_agreement_is_no_form_yet_is_not_offered_until_it_is(services: Services) -> None:
    services.do(load, parse(FILE.read_text()))
    assert {row.is_active for row in rows(services, MembershipPlan)} == {False}
    services.do(load, lumen())
    assert {row.is_active for row in rows(services, MembershipPlan)} == {True}
