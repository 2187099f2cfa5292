"""A table's sealed texts are sealed anew under the present key, a portion at a time."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, select, update

from clinic_portal.core import sealing
from clinic_portal.core.work import UnitOfWork


def portion(
    work: UnitOfWork,
    table: Table,
    key: ColumnElement[int],
    place: Callable[[Row[Any]], str],
    *,
    after: int,
    limit: int = 200,
    column: str = "body",
) -> tuple[int, int]:
    """Seal a text of the next rows after a key; (how many were under an older key, the last key; 0 at the end).

    `place` says where a row's text is sealed for; rows without one are passed over. Raises sealing.Unreadable.
    """
    sealed = table.c[column]
    rows = work.execute(select(table).where(key > after, sealed.is_not(None)).order_by(key).limit(limit)).all()
    changed = 0
    for row in rows:
        text = row._mapping[sealed]
        if not sealing.is_current(work.settings, text):
            where = place(row)
            anew = sealing.seal(work.settings, where, sealing.open_sealed(work.settings, where, text))
            work.execute(update(table).where(key == row._mapping[key], sealed == text).values({column: anew}))
            changed += 1
    return changed, int(rows[-1]._mapping[key]) if rows else 0
