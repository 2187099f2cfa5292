"""Tables for other programs, as comma-separated values that a spreadsheet opens as they are."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def comma_separated(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A head and rows; text that a spreadsheet would take for a formula is made plain text (security rule 11)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
