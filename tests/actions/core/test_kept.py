"""What a process keeps of a version was true for everybody: nothing halfway, nothing rolled back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from clinic_portal.clinic import queries as clinic
from clinic_portal.clinic.editing import raise_version
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.forms import queries as forms
from tests.factories import SmallClinic, small_clinic
from tests.forms_kit import put_all


@pytest.fixture
def made(services: Services) -> SmallClinic:
    made = small_clinic(services)
    put_all(made)
    return made


def renamed(work: UnitOfWork, name: str) -> None:
    work.execute(text("UPDATE form_template SET name = :name"), {"name": name})
    work.execute(text("UPDATE clinic SET name = :name"), {"name": name})


def names(services: Services) -> set[str]:
    def read(read: Any) -> set[str]:
        return {one.name for one in forms.forms(read).values()} | {clinic.catalogue(read).clinic.name}

    return services.ask(read)


class ChangedItsMind(Exception):
    pass


def test_what_was_read_in_a_change_that_was_not_kept_is_forgotten(made: SmallClinic) -> None:
    def in_vain(work: UnitOfWork) -> None:
        renamed(work, "Never")
        forms.forms(work), clinic.catalogue(work)
        raise ChangedItsMind

    with pytest.raises(ChangedItsMind):
        made.services.do(in_vain)
    assert "Never" not in names(made.services)


def test_the_next_change_has_the_version_of_one_that_was_not_kept_and_nothing_else_of_it(made: SmallClinic) -> None:
    def in_vain(work: UnitOfWork) -> None:
        raise_version(work)
        renamed(work, "Never")
        forms.forms(work), clinic.catalogue(work)
        raise ChangedItsMind

    def in_earnest(work: UnitOfWork) -> None:
        renamed(work, "Truly")
        raise_version(work)

    with pytest.raises(ChangedItsMind):
        made.services.do(in_vain)
    made.services.do(in_earnest)
    assert names(made.services) == {"Truly"}


def test_what_was_read_halfway_through_a_change_is_not_kept(made: SmallClinic) -> None:
    def change(work: UnitOfWork) -> None:
        raise_version(work)
        forms.forms(work), clinic.catalogue(work)
        renamed(work, "Truly")

    made.services.do(change)
    assert names(made.services) == {"Truly"}


def test_what_a_process_that_only_acts_has_read_is_kept(made: SmallClinic) -> None:
    own = Services(made.services.database, made.services.clock, made.services.settings)
    first = own.do(clinic.catalogue)
    assert own.do(clinic.catalogue) is first
