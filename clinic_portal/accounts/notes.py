"""What a refused form says when its page opens again. A form with a password is posted natively, so the page is new.

Kept by browser, for minutes, and never a password among what was typed.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from clinic_portal.accounts import models
from clinic_portal.accounts.types import FormProblem
from clinic_portal.core.db import table
from clinic_portal.core.errors import DomainError, Unusable
from clinic_portal.core.work import Reading, UnitOfWork

_TABLE = table(models.FormNote)
KEPT = timedelta(minutes=15)


def leave(work: UnitOfWork, owner: str, form: str, told: DomainError | str, typed: Mapping[str, str]) -> None:
    """Keep a refusal (or a code of good news) for this browser's form, with what was typed."""
    work.execute(delete(_TABLE).where(_TABLE.c.owner == owner))
    work.execute(
        insert(_TABLE),
        {"owner": owner, "form": form, "problem": _told(told), "typed": dict(typed), "at": work.now},
    )


def of(read: Reading, owner: str, form: str) -> FormProblem | None:
    """What this browser's form is to say, if anything."""
    row = read.execute(select(_TABLE).where(_TABLE.c.owner == owner)).first()
    if row is None or row.form != form or row.at < read.now - KEPT:
        return None
    told: dict[str, Any] = row.problem
    return FormProblem(
        code=told["code"], facts=told["facts"], fields={key: tuple(one) for key, one in told["fields"].items()},
        typed=row.typed,
    )  # fmt: skip


def forget(work: UnitOfWork, owner: str) -> None:
    """The form went through, or was looked at."""
    work.execute(delete(_TABLE).where(_TABLE.c.owner == owner))


def forget_old(work: UnitOfWork) -> int:
    """Delete what nobody came back for."""
    return work.execute(delete(_TABLE).where(_TABLE.c.at < work.now - KEPT)).rowcount  # type: ignore[no-any-return]


def _told(told: DomainError | str) -> dict[str, Any]:
    if isinstance(told, str):
        return {"code": told, "facts": {}, "fields": {}}
    faults = told.faults if isinstance(told, Unusable) else (told,)
    fields = {str(one.facts["field"]): (one.code, _plain(one.facts)) for one in faults if "field" in one.facts}
    return {"code": "" if fields else told.code, "facts": {} if fields else _plain(told.facts), "fields": fields}


def _plain(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: value if isinstance(value, int | str) else str(value) for name, value in facts.items()}
