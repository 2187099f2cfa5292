"""Members as staff look through them, and what they will bring in: which, how many, for whom (P8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.memberships import actions, roll
from clinic_portal.memberships.roll import Show
from tests import plans_kit
from tests.factories import SmallClinic, patient, small_clinic, staff

pytestmark = pytest.mark.req("P8")


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return small_clinic(services)


@pytest.fixture
def desk(services: Services) -> StaffActor:
    actor: StaffActor = staff(services, "front_desk").actor
    return actor


def members(made: SmallClinic, clock: FixedClock) -> dict[str, int]:
    """Somebody in every state, on a plan of $99 a month; ids by state."""
    plan_id, now = plans_kit.offered(made), clock.now()
    period: dict[str, Any] = {"period_from_at": now - timedelta(days=10), "period_until_at": now + timedelta(days=20)}
    told: dict[str, dict[str, Any]] = {
        "active": period,
        "ending": {"is_ending": True} | period,
        "overdue": {"state": "overdue", "grace_until_at": now + timedelta(days=4)} | period,
        "paused": {"state": "paused", "resumes_at": now + timedelta(days=50)} | period,
        "joining": {"state": "joining", "started_at": None},
        "ended": {"state": "ended", "ended_at": now, "end_reason": "asked"},
    }
    return {one: plans_kit.joins(made, plan_id, f"{one}@example.org", **values) for one, values in told.items()}


def shown(made: SmallClinic, who: StaffActor, show: Show, **more: Any) -> list[int]:
    return [one.membership_id for one in made.services.ask(roll.roll, who, show, **more).lines]


def test_members_are_listed_by_how_they_stand(made: SmallClinic, clock: FixedClock, desk: StaffActor) -> None:
    ids = members(made, clock)
    assert shown(made, desk, Show.ALL) == [ids[one] for one in ("paused", "overdue", "ending", "active")]
    assert shown(made, desk, Show.ACTIVE) == [ids["ending"], ids["active"]]
    for one in ("overdue", "paused", "ending", "joining", "ended"):
        assert shown(made, desk, Show(one)) == [ids[one]]
    counts = made.services.ask(roll.roll, desk, Show.ALL).counts
    assert [counts[one] for one in Show] == [4, 2, 1, 1, 1, 1, 1]


def test_one_enrolled_without_a_plan_is_among_them(made: SmallClinic, desk: StaffActor) -> None:
    made.services.do(actions.enrol, desk, patient(made.services).actor.patient_id)
    (line,) = made.services.ask(roll.roll, desk, Show.ACTIVE).lines
    assert (line.name, line.plan) == ("Amara Reed", None)


def test_members_are_found_by_name_or_email(made: SmallClinic, clock: FixedClock, desk: StaffActor) -> None:
    ids = members(made, clock)
    assert shown(made, desk, Show.ALL, wanted="paused@example") == [ids["paused"]]
    assert shown(made, desk, Show.ALL, wanted="nobody") == []


def test_page_by_page_everybody_is_shown_once(made: SmallClinic, clock: FixedClock, desk: StaffActor) -> None:
    members(made, clock)
    first = made.services.ask(roll.roll, desk, Show.ALL, most=3)
    second = made.services.ask(roll.roll, desk, Show.ALL, most=3, before_id=first.lines[-1].membership_id)
    assert (first.has_more, second.has_more) == (True, False)
    listed = [one.membership_id for one in (*first.lines, *second.lines)]
    assert listed == shown(made, desk, Show.ALL)
    assert len(set(listed)) == 4


def test_for_a_file_everybody_is_listed_and_nobody_counted(
    made: SmallClinic, clock: FixedClock, desk: StaffActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    members(made, clock)
    monkeypatch.setattr(roll, "_PORTION", 3)
    statements: list[str] = []
    event.listen(made.services.database.engine, "before_cursor_execute", lambda *about: statements.append(about[2]))
    listed = made.services.ask(lambda read: [one.membership_id for one in roll.everybody(read, desk, Show.ALL)])
    assert not [one for one in statements if "count(" in one]
    assert listed == shown(made, desk, Show.ALL)


def test_revenue_to_come_counts_who_pays_and_nobody_else(made: SmallClinic, clock: FixedClock) -> None:
    members(made, clock)
    found = made.services.ask(roll.sales, staff(made.services).actor)
    assert found.members == 4
    assert found.in_30_days == {"USD": 9900}
    assert found.in_12_months == {"USD": 9900 * (12 + 11)}
    assert found.overdue == {"USD": 9900}
    assert sum(minor for _, minor in found.by_month["USD"]) <= found.in_12_months["USD"]


def test_who_joined_and_left_this_month_is_counted(made: SmallClinic, clock: FixedClock) -> None:
    members(made, clock)
    newest = made.services.ask(roll.sales, staff(made.services).actor).months[0]
    assert (newest.at_start, newest.joined, newest.ended, newest.at_end) == (0, 5, 1, 4)


@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_who_may_not_handle_memberships_sees_no_member(made: SmallClinic, role: str) -> None:
    with pytest.raises(NotAllowed):
        made.services.ask(roll.roll, staff(made.services, role).actor, Show.ALL)


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_who_may_not_see_sales_sees_none(made: SmallClinic, role: str) -> None:
    with pytest.raises(NotAllowed):
        made.services.ask(roll.sales, staff(made.services, role).actor)
