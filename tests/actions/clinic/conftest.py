"""A small clinic and its owner, for all who change it."""

from __future__ import annotations

import pytest

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.core.work import Services
from tests import factories
from tests.factories import SmallClinic, small_clinic


@pytest.fixture
def clinic(services: Services) -> SmallClinic:
    return small_clinic(services)


@pytest.fixture
def owner(services: Services) -> StaffActor:
    return factories.staff(services).actor  # type: ignore[no-any-return]
