"""One person in many tabs at the same instant: still one draft, one held time, one booking, one profile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from clinic_portal.booking import actions, drafts, holds, invariants, queries
from clinic_portal.booking.models import Appointment, BookingDraft
from clinic_portal.core.errors import DomainError
from clinic_portal.patients import models as patients
from tests.card_kit import till
from tests.factories import SmallClinic, booked, code_for, minute, rows, small_clinic, visitor

TUESDAY = date(2026, 11, 24)
ME = "my browser"


@pytest.fixture
def clinic(services) -> SmallClinic:
    return small_clinic(services)


def at_once(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each job gave, or the refusal it met; any other fault is the test's."""

    def outcome(job: Callable[[], Any]) -> Any:
        try:
            return job()
        except DomainError as refusal:
            return refusal

    with ThreadPoolExecutor(len(jobs)) as tabs:
        return list(tabs.map(outcome, jobs))


def held(services) -> list[Any]:
    return [row for row in rows(services, Appointment) if row.status == "held"]


def test_many_tabs_hold_one_time(services, clinic) -> None:
    visitor(clinic, ME, "botox")
    times = [minute(TUESDAY, f"{hour}:00") for hour in range(9, 17)]
    at_once([lambda start=start: services.do(holds.hold, ME, start) for start in times])
    assert len(held(services)) == 1
    assert services.ask(queries.draft, ME).hold.appointment_id == held(services)[0].id
    assert services.ask(invariants.broken) == []


def test_many_clicks_book_once_and_each_is_told_the_same(services, clinic) -> None:
    visitor(clinic, ME, "botox")
    services.do(holds.hold, ME, minute(TUESDAY, "10:00"))
    desk = till(services)
    desk.gives(ME, clinic["policy"])
    told = at_once([lambda: desk.cashier.returned(ME)] * 8)
    assert {(one.id, one.is_booked) for one in told} == {(told[0].id, True)}
    assert len([row for row in rows(services, Appointment) if row.status == "booked"]) == 1
    assert len(rows(services, patients.Patient)) == 1


def test_a_first_click_in_many_tabs_begins_one_draft(services, clinic) -> None:
    wanted = ["botox", "facial", "peel", "hair"] * 2
    told = at_once([lambda slug=slug: services.do(drafts.add_service, ME, clinic[slug]) for slug in wanted])
    assert told == [None] * 8
    assert len(rows(services, BookingDraft)) == 1
    assert len(services.ask(queries.draft, ME).lines) == 4


def test_a_cart_that_changes_while_it_is_booked_is_booked_as_it_was_or_not_at_all(services, clinic) -> None:
    visitor(clinic, ME, "facial")
    services.do(holds.hold, ME, minute(TUESDAY, "10:00"))
    desk = till(services)
    desk.gives(ME, clinic["policy"])
    at_once(
        [
            lambda: services.do(drafts.add_service, ME, clinic["hair"]),
            lambda: desk.cashier.returned(ME),
            lambda: services.do(drafts.remove_service, ME, clinic["facial"]),
        ]
    )
    assert services.ask(invariants.broken) == []
    for visit in (row for row in rows(services, Appointment) if row.status == "booked"):
        assert services.ask(queries.visit, visit.id).total_minor == 9500


def test_two_browsers_of_one_person_make_one_profile(services, clinic) -> None:
    for n, hour in enumerate(("10:00", "12:00", "14:00", "16:00")):
        visitor(clinic, f"browser {n}", "facial")
        services.do(holds.hold, f"browser {n}", minute(TUESDAY, hour))
    desk = till(services)
    for n in range(4):
        desk.gives(f"browser {n}", clinic["policy"])
    at_once([lambda n=n: desk.cashier.returned(f"browser {n}") for n in range(4)])
    assert len([row for row in rows(services, Appointment) if row.status == "booked"]) == 4
    assert len(rows(services, patients.Patient)) == 1


def test_a_claim_answered_in_two_tabs_counts_once(services, clinic) -> None:
    booked(clinic, "amara", TUESDAY, "10:00", "facial")
    booked(clinic, "someone", TUESDAY, "12:00", "facial", phone="+15125550177")
    token = claim_token(services)
    answers = at_once(
        [lambda mine=mine: services.do(actions.answer_claim, token, is_mine=mine) for mine in (True, False)]
    )
    assert sum(isinstance(one, DomainError) for one in answers) == 1


def claim_token(services) -> str:
    from clinic_portal.patients.queries import claim

    return services.ask(lambda read: claim(read, rows(services, patients.ProfileClaim)[-1].id).token)


def test_a_number_cannot_be_used_to_empty_the_calendar(services, clinic) -> None:
    visitor(clinic, ME, "hair")
    refused = 0
    for n in range(60):
        start = minute(TUESDAY, f"{9 + n % 7}:{'00' if n // 7 % 2 else '30'}")
        try:
            services.do(holds.hold, ME, start)
        except DomainError as refusal:
            refused += refusal.code == "holds_per_phone"
        assert len(held(services)) <= 1
    assert refused >= 15


def test_what_the_browser_shows_of_its_visit_stays_what_it_typed_when_the_visit_joins_a_profile(
    services, clinic
) -> None:
    """Whoever says "mine" by mistake must not show a stranger's browser their own phone or name."""
    booked(clinic, "amara", TUESDAY, "10:00", "facial", name=("Amara", "Reed"))
    booked(clinic, "stranger", TUESDAY, "12:00", "facial", phone="+15125550177", name=("Mallory", "Stone"))
    services.do(actions.answer_claim, claim_token(services), is_mine=True)
    shown = services.ask(queries.booked_here, "stranger")
    assert (shown.given_name, shown.family_name, shown.phone) == ("Mallory", "Stone", "+15125550177")


def test_a_booking_under_a_known_email_answers_like_any_other(services, clinic) -> None:
    """With the phone on file, with another phone, under a new e-mail: the page is told the same."""
    booked(clinic, "amara", TUESDAY, "9:00", "facial", email="Amara@Example.org", name=("Amara", "Reed"))
    shown = []
    for n, (email, phone) in enumerate(
        [
            ("amara@example.org", "+15125550142"),
            ("amara@example.org", "+15125550177"),
            ("new@example.org", "+15125550188"),
        ]
    ):
        answer = booked(clinic, f"b{n}", TUESDAY, f"{11 + n}:00", "facial", email=email, phone=phone, name=("M", "S"))
        seen = services.ask(queries.booked_here, f"b{n}")
        assert (seen.email, seen.phone) == (email, phone)
        shown.append((type(answer), seen.given_name, seen.family_name, seen.status, seen.total_minor, seen.sequence))
    assert len(set(shown)) == 1


def test_a_code_is_good_for_the_browser_that_asked_alone(services, clinic) -> None:
    visitor(clinic, ME, "botox", phone="+15125550111")
    services.do(
        drafts.save_details, "thief", given_name="T", family_name="H", email="t@example.org", phone="+15125550111"
    )
    with services.database.writing() as session:
        session.execute(update(BookingDraft).values(verified_at=None, verified_phone=""))
        session.commit()
    services.clock.advance(timedelta(minutes=1))
    services.do(drafts.send_code, ME, address="a")
    assert services.do(drafts.answer_code, "thief", code_for(services, ME)) == "code_missing"
    assert not services.ask(queries.draft, "thief").is_phone_verified
