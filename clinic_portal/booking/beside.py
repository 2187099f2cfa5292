"""What stands beside visits in a calendar and in the front desk's list: asked for once, whoever of both comes first.

For the domain's own use, in one reading: whoever asks knows who may see it.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import TypeVar

from clinic_portal.booking import paperwork
from clinic_portal.core.work import Reading
from clinic_portal.forms.types import Standing
from clinic_portal.patients.notes import with_alert
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import PaymentInfo

Found = TypeVar("Found")


def forms_missing(read: Reading, starts: Mapping[int, datetime]) -> Mapping[int, list[Standing]]:
    """The forms that are missing for visits whose start is known; nothing for a visit that is complete."""
    return _once(
        read, "forms missing", starts, lambda some: paperwork.missing_then(read, {one: starts[one] for one in some})
    )


def fees_owed(read: Reading, patient_ids: Collection[int]) -> Mapping[int, tuple[PaymentInfo, ...]]:
    """The fees of patients that could not be charged, by patient."""
    return _once(read, "fees owed", patient_ids, lambda some: payments.owed_by(read, some))


def alerted(read: Reading, patient_ids: Collection[int]) -> frozenset[int]:
    """Those of patients about whom an alert stands."""
    return frozenset(_once(read, "alerts", patient_ids, lambda some: dict.fromkeys(with_alert(read, some), True)))


def _once(
    read: Reading, name: str, wanted: Collection[int], ask: Callable[[set[int]], Mapping[int, Found]]
) -> dict[int, Found]:
    """What is known of those wanted; asked for those alone that were not asked about before in this reading."""
    known: dict[int, Found | None] = read.once(name, dict)
    if fresh := set(wanted) - known.keys():
        found = ask(fresh)
        known.update((one, found.get(one)) for one in fresh)
    return {one: told for one in wanted if (told := known[one]) is not None}
