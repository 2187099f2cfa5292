"""Messages are looked through by what they are about, by channel and by day (B6)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import changes
from clinic_portal.booking.models import Appointment
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.messaging import listing
from clinic_portal.messaging.listing import Show
from clinic_portal.messaging.types import Channel, Kind
from clinic_portal.web.admin.messages.list import Search
from clinic_portal.worker import Worker
from tests import factories
from tests.actions.messaging.conftest import finish

pytestmark = pytest.mark.req("B6")
DESK = StaffActor(1, 1, "Nadia", "front_desk")
CHICAGO = ZoneInfo("America/Chicago")


@pytest.fixture
def cancelled(services: Services, worker: Worker, booked: int, clock: FixedClock) -> datetime:
    """The visit was booked on a Monday and cancelled on the Tuesday; the instant between."""
    finish(worker)
    clock.advance(timedelta(days=1))
    between = clock.now() - timedelta(hours=1)
    (visit,) = factories.rows(services, Appointment)
    services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=0)
    finish(worker)
    return between


def kinds(services: Services, **how: Any) -> set[tuple[str, str]]:
    found, _ = services.ask(listing.lines, DESK, Show.ALL, **how)
    return {(one.kind, one.channel) for one in found}


def test_of_one_kind(services: Services, cancelled: datetime) -> None:
    found = kinds(services, kind=Kind.APPOINTMENT_CANCELLED)
    assert {kind for kind, _ in found} == {"appointment_cancelled"}
    assert kinds(services, kind=Kind.REFUND_DONE) == set()


def test_by_one_channel(services: Services, cancelled: datetime) -> None:
    assert {channel for _, channel in kinds(services, channel=Channel.SMS)} == {"sms"}


def test_of_one_day(services: Services, cancelled: datetime) -> None:
    before = kinds(services, between=(cancelled - timedelta(days=2), cancelled))
    after = kinds(services, between=(cancelled, cancelled + timedelta(days=1)))
    assert {kind for kind, _ in after} == {"appointment_cancelled"}
    assert "appointment_cancelled" not in {kind for kind, _ in before}


def test_everything_together_narrows_further(services: Services, cancelled: datetime) -> None:
    how: dict[str, Any] = {"kind": Kind.APPOINTMENT_BOOKED, "channel": Channel.EMAIL, "wanted": "reed"}
    assert kinds(services, **how) == {("appointment_booked", "email")}
    assert kinds(services, **how, between=(cancelled, cancelled + timedelta(days=1))) == set()


def test_all_that_is_looked_for_but_the_words_stands_in_the_address_and_is_read_back_from_it() -> None:
    asked = {"show": "failed", "q": "Dar", "kind": "visit_reminder", "channel": "sms", "on": "2026-12-03"}
    search = Search.of(asked, "Reed")
    assert search == Search(Show.FAILED, "Reed", Kind.VISIT_REMINDER, Channel.SMS, date(2026, 12, 3))
    assert search.address(7) == (
        "/admin/messages/all?show=failed&words=kept&kind=visit_reminder&channel=sms&on=2026-12-03&before=7"
    )
    assert Search().address() == "/admin/messages/all"


@pytest.mark.parametrize(
    "on", ["", "yesterday", "2026-13-45", "0001-01-01", "9999-12-31", "2026-12-03T10:00", "x" * 99]
)
def test_what_makes_no_sense_in_an_address_is_left_out(on: str) -> None:
    asked = {"show": "x", "kind": "x", "channel": "pigeon", "on": on}
    assert Search.of(asked) == Search()


@pytest.mark.parametrize(
    ("on", "hours"), [(date(2026, 12, 3), 24), (date(2026, 11, 1), 25), (date(2026, 3, 8), 23)], ids=str
)
def test_a_day_is_that_of_the_clinics_own_wall_clock(on: date, hours: int) -> None:
    first, last = Search(on=on).asked(CHICAGO)["between"]
    assert first == datetime(on.year, on.month, on.day, tzinfo=CHICAGO).astimezone(UTC)
    assert last - first == timedelta(hours=hours)
