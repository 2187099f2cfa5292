"""The activity log is found in: by who, what, about what, when, and the words for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from clinic_portal.accounts import log
from clinic_portal.accounts import staff as people
from clinic_portal.accounts.log import PATIENTS, LogLine, Wanted
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.web.admin import log_search, log_words
from tests.factories import SignedIn, SmallClinic, booked, small_clinic, staff

FRIDAY = date(2026, 11, 27)


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return small_clinic(services)


@pytest.fixture
def owner(services: Services, made: SmallClinic) -> SignedIn:
    return staff(services, "owner")


def note(services: Services, *deeds: tuple[str, str, str]) -> None:
    def action(work: UnitOfWork) -> None:
        for actor, deed, subject in deeds:
            work.record(actor, deed, subject)

    services.do(action)


def searched(
    services: Services, owner: SignedIn, said: str = "", who: str = "", what: str = "", **days: date
) -> list[str]:
    """The deeds that are found, the newest first."""
    first, last = days.get("first"), days.get("last")

    def read(read: Any) -> list[LogLine]:
        wanted = log_search.wanted(read, owner.actor, people.names(read), said, who, what, first, last)
        return log.lines(read, owner.actor, wanted)

    return [f"{one.who} {one.action} {one.subject}" for one in services.ask(read)]


@pytest.mark.req("P15")
def test_only_owners_read_it(services: Services, owner: SignedIn) -> None:
    for role in ("front_desk", "provider", "read_only"):
        for query in (log.lines, log.head):
            with pytest.raises(NotAllowed, match="not_permitted"):
                services.ask(query, staff(services, role).actor)


@pytest.mark.req("P15")
def test_it_is_found_by_who_did_it(services: Services, owner: SignedIn) -> None:
    lena = staff(services, "provider", email="lena@lumen.example").actor.tag
    note(services, (lena, "chart.read", "patient:7"), ("patient:7", "patient.changed", "patient:7"))
    note(services, ("gateway", "payment.paid", "payment:3"))
    assert searched(services, owner, who=lena)[0] == "The provider chart.read patient:7"
    assert searched(services, owner, who=PATIENTS) == ["patient 7 patient.changed patient:7"]
    assert searched(services, owner, who="gateway") == ["the payment service payment.paid payment:3"]


@pytest.mark.req("P15")
def test_it_is_found_by_what_was_done_in_groups_and_in_words(services: Services, owner: SignedIn) -> None:
    note(services, ("staff:9", "hours.changed", "provider:1"), ("staff:9", "payment.refunded", "payment:3"))
    assert [one.split()[2] for one in searched(services, owner, what="calendar")] == ["hours.changed"]
    assert [one.split()[2] for one in searched(services, owner, "weekly hours")] == ["hours.changed"]
    assert [one.split()[2] for one in searched(services, owner, "refund")] == ["payment.refunded"]
    assert searched(services, owner, "refund", what="calendar") == []
    assert searched(services, owner, "refund", who="staff:8") != []  # nobody's tag narrows nothing


@pytest.mark.req("P15")
@pytest.mark.parametrize("words", ["Amara", "amara reed", "reference", "patient 1", "Patient #1"])
def test_a_patients_visits_and_payments_are_found_with_them(
    services: Services, made: SmallClinic, owner: SignedIn, words: str
) -> None:
    done = booked(made, "browser", FRIDAY, "10:00", "botox")
    booked(
        made, "other", FRIDAY, "12:00", "botox", email="z@example.org", phone="+15125550199", name=("Zelda", "Quint")
    )
    note(services, ("staff:9", "chart.read", "patient:1"))
    found = searched(services, owner, done.reference.lower() if words == "reference" else words)
    assert any(one.endswith(f"appointment:{done.appointment_id}") for one in found)
    assert not any(one.endswith(("patient:2", f"appointment:{done.appointment_id + 1}")) for one in found)


@pytest.mark.req("P15")
def test_things_and_people_of_the_clinic_are_found_by_their_names(
    services: Services, made: SmallClinic, owner: SignedIn
) -> None:
    note(services, ("staff:9", "service.changed", f"service:{made['botox']}"))
    note(services, ("staff:9", "hours.changed", f"provider:{made['lena']}"))
    assert searched(services, owner, "forehead") == [f"staff 9 service.changed service:{made['botox']}"]
    assert searched(services, owner, "Lena Brandt") == [f"staff 9 hours.changed provider:{made['lena']}"]
    assert "The owner staff.signed_in staff:1" in searched(services, owner, "the owner")


@pytest.mark.req("P15")
def test_words_that_mean_nothing_find_nothing(services: Services, made: SmallClinic, owner: SignedIn) -> None:
    for words in ("zzzz", "%", "'; DROP TABLE audit_entry; --", "R-99999", "LMN-NOBODY", "٣٤٥"):
        assert searched(services, owner, words) == []


@pytest.mark.req("P15")
def test_a_period_is_the_clinics_own_days_first_and_last_included(
    services: Services, made: SmallClinic, owner: SignedIn, clock: FixedClock
) -> None:
    before = len(searched(services, owner))
    for at in ("2026-11-25T05:59", "2026-11-25T06:00", "2026-11-26T05:59", "2026-11-26T06:00"):
        clock.advance(datetime.fromisoformat(at).replace(tzinfo=UTC) - clock.now())
        note(services, ("staff:9", "chart.read", f"patient:{at[8:10]}{at[11:13]}"))
    wednesday = date(2026, 11, 25)
    assert [one[-4:] for one in searched(services, owner, first=wednesday, last=wednesday)] == ["2605", "2506"]
    assert len(searched(services, owner, first=wednesday)) == 3
    assert len(searched(services, owner, last=wednesday)) == before + 3


@pytest.mark.req("P15")
def test_pages_follow_one_another_without_gap_or_repetition(
    services: Services, owner: SignedIn, clock: FixedClock
) -> None:
    """Also where many happened at one instant, and the clock was set back."""
    for minutes in (0, 5, -60, 0, 61):
        clock.advance(timedelta(minutes=minutes))
        note(services, *((f"patient:{one}", "chart.read", "patient:7") for one in range(7)))
    for wanted in (Wanted(), Wanted(actions=("chart.read",)), Wanted(is_said=True, said_tags=("patient:7",))):
        whole = [one.id for one in services.ask(log.lines, owner.actor, wanted)]
        paged, before = [], None
        while page := services.ask(log.lines, owner.actor, wanted, before_id=before, most=4):
            paged += [one.id for one in page]
            before = page[-1].id
        assert paged == whole
        assert len(whole) >= 35


@pytest.mark.req("P15")
@pytest.mark.parametrize("action", sorted(log_words.deeds()))
def test_every_deed_belongs_to_one_group(action: str) -> None:
    assert len([name for name in log_words.GROUPS if action in log_words.group(name)]) == 1
