"""Where the gateway's books and ours differ: what is open still, and what was mended."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from clinic_portal.core.db import table
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.payments import models

_DIFFERENCE = table(models.Difference)


@dataclass(frozen=True, slots=True)
class OpenDifference:
    """A difference that nobody has mended so far."""

    id: int
    kind: str  # what differs, and after a colon which of them
    payment_id: int | None
    intent_id: str | None
    found_at: datetime


def still_open(read: Reading) -> tuple[OpenDifference, ...]:
    """Every difference that is not mended, the oldest first."""
    rows = read.execute(select(_DIFFERENCE).where(_DIFFERENCE.c.mended_at.is_(None)).order_by(_DIFFERENCE.c.id))
    return tuple(
        OpenDifference(**{name: getattr(row, name) for name in OpenDifference.__dataclass_fields__}) for row in rows
    )


def mended_count(read: Reading) -> int:
    """How many differences were ever mended."""
    mended = select(func.count()).select_from(_DIFFERENCE).where(_DIFFERENCE.c.mended_at.is_not(None))
    return int(read.execute(mended).scalar_one())


def mend(work: UnitOfWork, difference_id: int) -> None:
    """A difference is none any more."""
    same = (_DIFFERENCE.c.id == difference_id) & _DIFFERENCE.c.mended_at.is_(None)
    work.execute(update(_DIFFERENCE).where(same).values(mended_at=work.now))
