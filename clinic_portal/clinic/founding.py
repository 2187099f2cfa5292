"""How a clinic comes to be: by an owner in the first run, or from a file (`setup.load`)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.clinic import founding_rules, models
from clinic_portal.clinic.editing import TABLES, begin, change_row
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed, Unusable
from clinic_portal.core.money import least_minor
from clinic_portal.core.work import Reading, UnitOfWork

_CLINIC = table(models.Clinic)


def create(work: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Write the clinic's row; whatever is not given is as the tables have it."""
    work.session.add(models.Clinic(**values))
    work.session.flush()


def found(work: UnitOfWork, actor: StaffActor, typed: Mapping[str, str]) -> None:
    """Found the clinic of this installation. Raises NotAllowed, Unusable; Conflict where there is one already.

    `typed`: name, email, phone, phone_region (the country), currency, language, reference_prefix (empty: of its name).
    """
    begin(work, actor, Permission.CHANGE_CLINIC)
    values = founding_rules.read(typed)
    if is_founded(work):
        raise Conflict("clinic_known")
    create(work, values | {"card_hold_minor": least_minor(values["currency"])})
    work.record(actor.tag, "clinic.founded", "clinic:1", after=values)


def correct(work: UnitOfWork, actor: StaffActor, typed: Mapping[str, str]) -> None:
    """Change what the clinic was founded with. Raises NotAllowed, Unusable.

    Its currency only while no service has a price; after that it is changed with all prices (Settings).
    """
    begin(work, actor, Permission.CHANGE_CLINIC)
    row = work.execute(select(_CLINIC)).first()
    if row is None:
        raise NotAllowed("no_clinic")
    values = founding_rules.read({"currency": row.currency, **typed})
    if values["currency"] != row.currency:
        if work.execute(select(TABLES["service"].c.id)).first():
            raise Unusable([Invalid("currency", "currency_in_use")])
        values["card_hold_minor"] = least_minor(values["currency"])
    change_row(work, actor, "clinic", _CLINIC, row, values)


def is_founded(read: Reading) -> bool:
    """Whether this installation has its clinic."""
    return read.execute(select(_CLINIC.c.id)).first() is not None
