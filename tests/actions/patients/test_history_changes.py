"""What changed in a medical history since the last visit is told apart (S31)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.patients import history, history_changes
from tests import factories
from tests.factories import small_clinic

pytestmark = [pytest.mark.req("S31"), pytest.mark.req("S49")]
LATEX, NUTS = {"name": "Latex", "severity": "mild"}, {"name": "Nuts"}
WORSE = LATEX | {"severity": "severe"}


class Chart:
    """A history that is told day by day."""

    def __init__(self, services: Services, clock: FixedClock) -> None:
        small_clinic(services)
        self.services, self.clock = services, clock
        self.patient_id = int(factories.patient(services).actor.patient_id)

    def tells(self, **fields: str) -> str:
        return self.services.do(history.record, "patient:1", self.patient_id, "allergy", fields)

    def amends(self, item: str, seen_version: int, **fields: str) -> None:
        self.services.do(history.amend, "staff:1", self.patient_id, item, fields, seen_version=seen_version)

    def removes(self, item: str, seen_version: int) -> None:
        self.services.do(history.remove, "staff:1", self.patient_id, item, seen_version=seen_version)

    def visits(self) -> datetime:
        """An instant, with a day on either side."""
        self.clock.advance(timedelta(days=1))
        at = self.clock.now()
        self.clock.advance(timedelta(days=1))
        return at

    def since(self, at: datetime) -> list[tuple[str, dict[str, str], dict[str, str]]]:
        who = factories.staff(self.services, "provider").actor
        found = self.services.ask(history_changes.since, who, self.patient_id, at)
        assert list(found) == [one.item for one in found.values()]
        return [(one.what, one.before, one.now) for one in found.values()]


@pytest.fixture
def chart(services: Services, clock: FixedClock) -> Chart:
    return Chart(services, clock)


def test_added_changed_and_removed_are_told_with_what_stood_there_before(chart: Chart) -> None:
    latex, nuts = chart.tells(**LATEX), chart.tells(**NUTS)
    at = chart.visits()
    chart.amends(latex, 1, **WORSE)
    chart.removes(nuts, 1)
    chart.tells(name="Dust")
    assert chart.since(at) == [("changed", LATEX, WORSE), ("removed", NUTS, {}), ("added", {}, {"name": "Dust"})]


def test_what_was_told_before_the_visit_is_no_change(chart: Chart) -> None:
    chart.amends(chart.tells(**LATEX), 1, **WORSE)
    assert chart.since(chart.visits()) == []


def test_what_came_and_went_or_was_put_back_is_no_change(chart: Chart) -> None:
    latex = chart.tells(**LATEX)
    at = chart.visits()
    chart.amends(latex, 1, **WORSE)
    chart.amends(latex, 2, **LATEX)
    chart.removes(chart.tells(**NUTS), 1)
    assert chart.since(at) == []


def test_of_several_changes_the_first_and_the_last_state_count(chart: Chart) -> None:
    latex = chart.tells(**LATEX)
    at = chart.visits()
    chart.amends(latex, 1, name="Latex", severity="moderate")
    chart.amends(latex, 2, **WORSE)
    assert chart.since(at) == [("changed", LATEX, WORSE)]


def test_only_those_who_treat_the_patient_see_what_changed(services: Services, chart: Chart) -> None:
    at = chart.visits()
    for role in ("front_desk", "read_only"):
        with pytest.raises(NotAllowed):
            services.ask(history_changes.since, factories.staff(services, role).actor, chart.patient_id, at)
    own = StaffActor(9, 9, "P", "provider", provider_id=1, sees_every_patient=False)
    with pytest.raises(NotAllowed):
        services.ask(history_changes.since, own, chart.patient_id, at)
