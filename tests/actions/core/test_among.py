"""Hundreds of numbers are asked about in one statement, on either database."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from clinic_portal.clinic import models
from clinic_portal.core.db import among, table
from clinic_portal.core.work import Reading, Services
from tests.factories import small_clinic

PROVIDERS = table(models.Provider).c


@pytest.mark.parametrize("many", [0, 1, 2, 1_000], ids=str)
def test_a_column_is_compared_with_however_many_numbers(services: Services, many: int) -> None:
    made = small_clinic(services)
    asked = [made["maya"] + n for n in range(many)]

    def found(read: Reading) -> set[int]:
        return set(read.execute(select(PROVIDERS.id).where(among(PROVIDERS.id, asked))).scalars())

    assert services.ask(found) == {made["maya"], made["lena"]} & set(asked)


def test_what_is_no_number_is_no_part_of_a_statement() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        among(PROVIDERS.id, ["1) OR (1=1"])  # type: ignore[list-item]
