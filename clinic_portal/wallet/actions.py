"""Verbs of the wallet. Each entry has a key of its own: asked twice, it is written once."""

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from clinic_portal.core.db import table
from clinic_portal.core.work import UnitOfWork
from clinic_portal.wallet import models
from clinic_portal.wallet.types import EntryKind

_ENTRY = table(models.WalletEntry)


def enter(
    work: UnitOfWork,
    kind: EntryKind,
    *,
    key: str,
    patient_id: int,
    amount_minor: int,
    currency: str,
    actor: str,
    appointment_id: int | None = None,
    payment_id: int | None = None,
) -> None:
    """Write an entry, `amount_minor` signed; nothing for nothing."""
    if not amount_minor:
        return
    is_postgres = work.session.connection().dialect.name == "postgresql"
    values = {
        "dedupe_key": f"{kind}:{key}",
        "patient_id": patient_id,
        "appointment_id": appointment_id,
        "payment_id": payment_id,
        "kind": kind.value,
        "amount_minor": amount_minor,
        "currency": currency,
        "actor": actor,
        "made_at": work.now,
    }
    made = (postgresql if is_postgres else sqlite).insert(_ENTRY).values(values)
    work.execute(made.on_conflict_do_nothing())


def undo(work: UnitOfWork, kind: EntryKind, key: str, *, actor: str) -> None:
    """Write the opposite of an entry, where it was made."""
    row = work.execute(select(_ENTRY).where(_ENTRY.c.dedupe_key == f"{kind}:{key}")).first()
    if row is None:
        return
    enter(
        work,
        kind,
        key=f"{key}:undone",
        patient_id=row.patient_id,
        amount_minor=-row.amount_minor,
        currency=row.currency,
        actor=actor,
        appointment_id=row.appointment_id,
        payment_id=row.payment_id,
    )


def move(work: UnitOfWork, apart: int, known: int) -> None:
    """A profile kept apart turned out to be another's: what is in its wallet goes over."""
    work.execute(update(_ENTRY).where(_ENTRY.c.patient_id == apart).values(patient_id=known))


def is_entered(work: UnitOfWork, kind: EntryKind, key: str) -> bool:
    """Whether an entry was made."""
    return work.execute(select(_ENTRY.c.id).where(_ENTRY.c.dedupe_key == f"{kind}:{key}")).first() is not None
