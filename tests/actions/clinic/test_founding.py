"""From an empty installation to a first service that can be booked: who may, in which order, and never twice."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from clinic_portal import bootstrap
from clinic_portal.accounts import setup_key
from clinic_portal.accounts import staff as people
from clinic_portal.accounts.models import Staff
from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import drafts, holds, queries
from clinic_portal.booking.rules import able, shape
from clinic_portal.clinic import founding, founding_rules, models
from clinic_portal.clinic.queries import about, catalogue
from clinic_portal.core import audit, crypto
from clinic_portal.core.errors import Conflict, DomainError, Invalid, NotAllowed, TooMany, Unusable
from clinic_portal.core.work import Services
from clinic_portal.scheduling import queries as scheduling
from clinic_portal.scheduling.types import Search
from clinic_portal.setup import first_run, first_steps
from clinic_portal.setup.demo import lumen
from clinic_portal.setup.load import load
from clinic_portal.worker import TENDING, Worker
from tests.factories import PASSWORD, SmallClinic, booked, minute, rows, small_clinic, staff, visitor

CLINIC = {
    "name": "Aurora Skin",
    "email": "hello@aurora.example",
    "phone": "(512) 555-0100",
    "phone_region": "US",
    "currency": "USD",
    "language": "en",
    "reference_prefix": "",
}
LOCATION = {
    "name": "Aurora", "street": "1 Main St", "city": "Kathmandu", "region": "", "postal_code": "", "country": "NP",
    "time_zone": "Asia/Kathmandu", "phone": "", "directions": "",
}  # fmt: skip
PROVIDER = {"name": "Dr. Ada Osei", "title": "", "about": ""}
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-17:00")
SERVICE = {
    "category": "Consultations", "name": "Consultation", "duration_minutes": "30", "price_minor": "40",
    "description": "", "buffer_before_minutes": "0", "buffer_after_minutes": "10",
}  # fmt: skip


def claim(services: Services, email: str = "ada@aurora.example", name: str = "Ada Osei") -> StaffActor:
    """The first to come with the key; who they are to the domain."""
    token = services.do(
        people.found_owner, email=email, name=name, password_hash="x", device="Firefox", address="10.0.0.1"
    )
    found = services.ask(people.signed_in, crypto.digest(token))
    assert found is not None
    return found[0]


@pytest.fixture
def owner(services: Services) -> StaffActor:
    return claim(services)


def walk(services: Services, owner: StaffActor, *, until: str = "address") -> None:
    """Do the steps as they are asked for, up to one."""
    steps: dict[str, Any] = {
        "clinic": lambda: services.do(first_run.keep_clinic, owner, CLINIC),
        "location": lambda: services.do(first_run.keep_location, owner, LOCATION),
        "provider": lambda: services.do(first_run.keep_provider, owner, PROVIDER, is_me=True),
        "hours": lambda: services.do(first_run.keep_hours, owner, WEEK),
        "service": lambda: services.do(first_run.keep_service, owner, SERVICE),
    }
    while (step := services.ask(first_run.look).next_step) != until:
        steps[step]()


def faults(refusal: pytest.ExceptionInfo[Unusable]) -> set[str]:
    return {one.field for one in refusal.value.faults}


# ── the owner ──


def test_the_first_to_come_is_an_owner_who_is_signed_in_and_the_log_says_so(services: Services) -> None:
    owner = claim(services)
    assert owner.role == "owner"
    told = [(one.actor, one.action) for one in services.ask(lambda read: audit.newest(read.session))]
    assert told == [("staff:1", "staff.signed_in"), ("setup", "staff.added")]


def test_nobody_becomes_the_owner_of_an_installation_that_has_one(services: Services, owner: StaffActor) -> None:
    with pytest.raises(Conflict, match="setup_claimed"):
        claim(services, "eve@example.org", "Eve")
    assert [one.email for one in rows(services, Staff)] == ["ada@aurora.example"]


@pytest.mark.parametrize("role", ["front_desk", "read_only"])
def test_nor_of_one_where_only_others_of_the_staff_are_there(services: Services, role: str) -> None:
    staff(services, role)
    with pytest.raises(Conflict, match="setup_claimed"):
        claim(services)


@pytest.mark.parametrize(("email", "name"), [("no address", "Ada"), ("ada@aurora.example", "  "), ("", "")])
def test_an_owner_needs_a_name_and_an_address(services: Services, email: str, name: str) -> None:
    with pytest.raises(Invalid):
        claim(services, email, name)
    assert rows(services, Staff) == []


def test_the_key_is_right_however_it_was_copied_and_no_other_is(services: Services) -> None:
    settings = services.settings
    right = setup_key.setup_key(settings)
    for typed in (right, f" {right.upper()} ", right.replace("-", ""), right.replace("-", " ")):
        assert setup_key.is_right(settings, typed)
    for typed in ("", right[:-1], right + "0", "key", "ß" * 24, right.replace(right[0], "g", 1)):
        assert not setup_key.is_right(settings, typed)


def test_another_installation_has_another_key(services: Services) -> None:
    other = services.settings.model_copy(update={"secret_key": type(services.settings.secret_key)("another " * 8)})
    assert not setup_key.is_right(other, setup_key.setup_key(services.settings))


def test_the_address_with_the_key_is_said_until_somebody_is_there(services: Services) -> None:
    assert services.ask(setup_key.address).endswith(f"/setup?key={setup_key.setup_key(services.settings)}")
    claim(services)
    assert services.ask(setup_key.address) == ""


def test_a_key_is_tried_ten_times_in_a_quarter_of_an_hour(services: Services) -> None:
    for _ in range(10):
        services.do(setup_key.knock, "10.0.0.9")
    with pytest.raises(TooMany):
        services.do(setup_key.knock, "10.0.0.9")
    services.do(setup_key.knock, "10.0.0.10")


# ── the clinic ──


def test_a_clinic_is_founded_with_what_its_country_dials_and_pays(services: Services, owner: StaffActor) -> None:
    services.do(founding.found, owner, {**CLINIC, "phone_region": "GB", "phone": "020 7946 0018", "currency": "GBP"})
    clinic = services.ask(about)
    assert clinic is not None
    assert (clinic.phone, clinic.currency, clinic.reference_prefix) == ("+442079460018", "GBP", "AUR")
    assert clinic.card_hold_minor == 30
    [entry] = [one for one in services.ask(lambda read: audit.newest(read.session)) if one.action == "clinic.founded"]
    assert (entry.actor, entry.detail["after"]["name"]) == (owner.tag, "Aurora Skin")


def test_there_is_one_clinic(services: Services, owner: StaffActor) -> None:
    services.do(founding.found, owner, CLINIC)
    with pytest.raises(Conflict, match="clinic_known"):
        services.do(founding.found, owner, {**CLINIC, "name": "Another"})
    assert [one.name for one in rows(services, models.Clinic)] == ["Aurora Skin"]


def test_everything_at_fault_is_said_at_once_and_nothing_is_kept(services: Services, owner: StaffActor) -> None:
    wrong = {
        "name": " ", "email": "x", "phone": "12", "phone_region": "XX", "currency": "DEM", "language": "tlh",
        "reference_prefix": "A1",
    }  # fmt: skip
    with pytest.raises(Unusable) as refusal:
        services.do(first_run.keep_clinic, owner, wrong)
    assert faults(refusal) == set(wrong)
    assert rows(services, models.Clinic) == []


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_only_an_owner_sets_up(services: Services, owner: StaffActor, role: str) -> None:
    other = staff(services, role).actor
    with pytest.raises(NotAllowed):
        services.do(first_run.keep_clinic, other, CLINIC)
    walk(services, owner)
    before = services.ask(catalogue)
    attempts: tuple[Any, ...] = (
        lambda: services.do(first_run.keep_clinic, other, CLINIC | {"name": "Other"}),
        lambda: services.do(first_run.keep_location, other, LOCATION | {"name": "Other"}),
        lambda: services.do(first_run.keep_provider, other, PROVIDER | {"name": "Other"}, is_me=True),
        lambda: services.do(first_run.keep_service, other, SERVICE | {"name": "Other"}),
    )
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    assert services.ask(catalogue) == before


def test_the_currency_stays_once_something_has_a_price_in_it(services: Services, owner: StaffActor) -> None:
    walk(services, owner, until="service")
    services.do(first_run.keep_clinic, owner, CLINIC | {"currency": "EUR"})
    walk(services, owner)
    with pytest.raises(Unusable) as refusal:
        services.do(first_run.keep_clinic, owner, CLINIC | {"currency": "USD"})
    assert faults(refusal) == {"currency"}
    services.do(first_run.keep_clinic, owner, {k: v for k, v in CLINIC.items() if k != "currency"} | {"name": "Aura"})
    clinic = services.ask(about)
    assert clinic is not None
    assert (clinic.name, clinic.currency, clinic.card_hold_minor) == ("Aura", "EUR", 50)


@pytest.mark.parametrize(
    ("country", "currency", "language"),
    [("US", "USD", "en"), ("GB", "GBP", "en-GB"), ("DE", "EUR", "en-DE"), ("JP", "JPY", "en"), ("IS", "USD", "en")],
)
def test_a_country_suggests_its_money_and_its_dates(country: str, currency: str, language: str) -> None:
    found = founding_rules.suggested(country)
    assert (found.currency, found.language) == (currency, language)


@pytest.mark.parametrize(
    ("accepted", "country"),
    [
        ("en-GB,en;q=0.9", "GB"),
        ("de-AT,de", "AT"),
        ("en", "US"),
        ("", "US"),
        ("xx-XX", "US"),
        ("en-" + "A" * 500, "US"),
    ],
)
def test_a_browser_says_where_it_comes_from(accepted: str, country: str) -> None:
    assert founding_rules.country_of(accepted) == country


@pytest.mark.parametrize(
    ("name", "prefix"), [("Lumen Aesthetics", "LUM"), ("Élan", "ELA"), ("A1", "VIS"), ("美容", "VIS"), ("", "VIS")]
)
def test_references_begin_with_the_clinics_name(name: str, prefix: str) -> None:
    assert founding_rules.prefix_of(name) == prefix


# ── step by step ──


def test_each_step_is_kept_as_soon_as_it_is_done_and_the_next_is_found_from_that(
    services: Services, owner: StaffActor
) -> None:
    seen = []
    for step in first_run.STEPS[1:]:
        walk(services, owner, until=step)
        seen.append(services.ask(first_run.look).next_step)
        assert services.ask(first_run.is_open) is (step == "address")
    assert seen == list(first_run.STEPS[1:])


@pytest.mark.req("P3")
def test_at_the_end_the_first_service_has_free_times(services: Services, owner: StaffActor) -> None:
    walk(services, owner)
    clinic = services.ask(catalogue)
    [service], [place], [provider] = clinic.services.values(), clinic.locations, clinic.providers
    assert (service.provider_ids, clinic.time_zone) == (frozenset({provider}), "Asia/Kathmandu")
    services.do(drafts.add_service, "a" * 64, service.id)
    search = Search(place, (shape(service),), tuple(able(clinic, [service])))
    on = date(2026, 11, 25)
    calendar = services.ask(lambda read: scheduling.calendar(read, search, on, on))
    assert calendar.free_days() == [on]


def test_a_step_said_twice_changes_what_the_first_time_made(services: Services, owner: StaffActor) -> None:
    walk(services, owner)
    services.do(first_run.keep_location, owner, LOCATION | {"name": "Aurora North"})
    services.do(first_run.keep_provider, owner, PROVIDER | {"name": "Dr. Ada O."}, is_me=True)
    services.do(first_run.keep_hours, owner, {"sat": "10:00-14:00"})
    services.do(first_run.keep_service, owner, SERVICE | {"name": "First talk", "category": "Talks"})
    clinic = services.ask(catalogue)
    named = [[one.name for one in kind.values()] for kind in (clinic.locations, clinic.providers, clinic.categories)]
    assert named == [["Aurora North"], ["Dr. Ada O."], ["Talks"]]
    assert [one.name for one in clinic.services.values()] == ["First talk"]
    assert list(services.ask(first_run.look).week) == [5]


def test_the_owner_who_treats_has_their_calendar_and_one_who_does_not_has_none(
    services: Services, owner: StaffActor
) -> None:
    walk(services, owner, until="hours")
    assert services.ask(people.member, owner.staff_id).provider_id == 1
    services.do(first_run.keep_provider, owner, PROVIDER, is_me=False)
    assert services.ask(people.member, owner.staff_id).provider_id is None


def test_a_week_without_hours_is_refused(services: Services, owner: StaffActor) -> None:
    walk(services, owner, until="hours")
    with pytest.raises(Unusable) as refusal:
        services.do(first_run.keep_hours, owner, {"mon": " "})
    assert [one.code for one in refusal.value.faults] == ["hours_none"]


def test_hours_before_there_is_anybody_to_work_are_refused(services: Services, owner: StaffActor) -> None:
    walk(services, owner, until="provider")
    with pytest.raises(NotAllowed):
        services.do(first_run.keep_hours, owner, WEEK)


def test_a_service_and_its_heading_are_refused_together_and_none_is_kept(services: Services, owner: StaffActor) -> None:
    walk(services, owner, until="service")
    with pytest.raises(Unusable) as refusal:
        services.do(first_run.keep_service, owner, SERVICE | {"category": "", "price_minor": "much", "name": ""})
    assert faults(refusal) == {"category", "price_minor", "name"}
    assert rows(services, models.ServiceCategory) + rows(services, models.Service) == []


def test_once_a_visit_is_booked_the_first_run_changes_nothing_any_more(services: Services) -> None:
    """Settings ask about the visits that a change concerns; the first run does not."""
    made = small_clinic(services)
    owner = staff(services).actor
    assert not services.ask(first_run.is_over)
    booked(made, "a" * 64, date(2026, 11, 24), "10:00", "facial")
    before = services.ask(catalogue)
    attempts: tuple[Any, ...] = (
        lambda: services.do(first_run.keep_clinic, owner, CLINIC),
        lambda: services.do(first_run.keep_location, owner, LOCATION),
        lambda: services.do(first_run.keep_provider, owner, PROVIDER, is_me=False),
        lambda: services.do(first_run.keep_hours, owner, {"mon": "10:00-11:00"}),
        lambda: services.do(first_run.keep_service, owner, SERVICE),
    )
    for attempt in attempts:
        with pytest.raises(Conflict, match="first_run_over"):
            attempt()
    assert services.ask(catalogue) == before


def test_a_time_that_a_stranger_only_holds_ends_no_first_run(services: Services) -> None:
    made = small_clinic(services)
    visitor(made, "a" * 64, "facial")
    services.do(holds.hold, "a" * 64, minute(date(2026, 11, 24), "10:00"))
    assert not services.ask(first_run.is_over)
    services.do(first_run.keep_provider, staff(services).actor, PROVIDER, is_me=False)


def test_a_clinic_from_a_file_needs_an_owner_and_nothing_else(services: Services) -> None:
    services.do(load, lumen())
    assert services.ask(first_run.is_open)
    assert services.ask(first_run.look).next_step == "you"
    claim(services)
    assert services.ask(first_run.look).next_step == "address"


# ── an empty installation ──


def test_nothing_of_the_clinic_is_due_before_it_is_founded(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:

    worker = Worker(services, bootstrap.senders(services), bootstrap.cashier(services))
    for _ in range(2):
        worker.tend()
        worker.tend_money()
        assert worker.run_once() == 0
        claim(services) if not services.ask(people.is_anybody) else None
    assert [one.getMessage() for one in caplog.records] == []
    assert len(TENDING) > 5


def test_before_the_first_location_a_day_has_no_clock_and_that_is_said(services: Services, owner: StaffActor) -> None:
    walk(services, owner, until="location")
    with pytest.raises(DomainError, match="no_clinic"):
        _ = services.ask(catalogue).time_zone


# ── the first days ──


def open_steps(services: Services, actor: StaffActor) -> set[str]:
    return {one.name for one in services.ask(first_steps.steps, actor) if not one.is_done}


def test_what_comes_next_is_listed_until_it_is_done(services: Services, owner: StaffActor) -> None:
    walk(services, owner)
    before = open_steps(services, owner)
    assert before == {"visit", "services", "policy", "forms", "reminders", "senders", "second_factor", "team"}
    services.do(people.add, email="desk@aurora.example", name="Desk", role="front_desk", password=PASSWORD)
    assert before - open_steps(services, owner) == {"team"}


def test_a_time_that_a_stranger_only_holds_is_no_first_visit(services: Services, owner: StaffActor) -> None:
    walk(services, owner)
    [service] = services.ask(catalogue).services
    browser = visitor(SmallClinic(services, {"consultation": service}), "a" * 64, "consultation")
    found = services.ask(lambda read: queries.search(read, queries.draft(read, browser)))
    [first, *_] = services.ask(queries.free_times, found, date(2026, 11, 25))
    services.do(holds.hold, browser, first.start)
    assert "visit" in open_steps(services, owner)


def test_the_list_is_put_away_for_good_and_the_log_says_by_whom(services: Services, owner: StaffActor) -> None:
    walk(services, owner)
    for _ in range(2):
        services.do(first_steps.put_away, owner)
    assert services.ask(first_steps.steps, owner) == ()
    told = [one.actor for one in services.ask(lambda read: audit.newest(read.session)) if "put_away" in one.action]
    assert told == [owner.tag]


def test_the_list_is_the_owners_and_only_of_a_clinic_that_was_founded_here(services: Services) -> None:
    small_clinic(services)
    assert services.ask(first_steps.steps, staff(services).actor) == ()
    with pytest.raises(NotAllowed):
        services.do(first_steps.put_away, staff(services, "front_desk").actor)
