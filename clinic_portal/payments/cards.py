"""Verbs of the cards on file (S32). The gateway keeps the cards; here stands what may be shown of them."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Table, and_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.payments import models, queries
from clinic_portal.payments.ports import GatewayCard

FORGET = "card.forget"
"""The outbox's kind for a card the gateway is to forget {method_id}."""
_CARD = table(models.Card)
_CUSTOMER = table(models.GatewayCustomer)


def in_turn(work: UnitOfWork, patient_id: int) -> None:
    """Wait for every other change of a patient's cards."""
    work.in_turn("cards", str(patient_id))


def whose(read: Reading, method_id: str) -> int | None:
    """Whose card on file that is of the gateway's; None where it is nobody's."""
    on_file = and_(_CARD.c.method_id == method_id, _CARD.c.removed_at.is_(None))
    found: int | None = read.execute(select(_CARD.c.patient_id).where(on_file)).scalar()
    return found


def keep(work: UnitOfWork, account: str, patient_id: int, told: GatewayCard) -> int:
    """Keep a card of a patient; its id. The first is the default one. A card that is on file already, saved once more
    under another id of the gateway, takes the place of the old entry; the gateway keeps both until it is removed, since
    a fee may be under way on the older."""
    in_turn(work, patient_id)
    _keep_customer(work, account, patient_id, told.customer_id)
    same = work.execute(select(_CARD.c.id).where(_CARD.c.method_id == told.method_id)).scalar()
    if same is not None:
        return int(same)
    mine = and_(_CARD.c.patient_id == patient_id, _CARD.c.account == account, _CARD.c.removed_at.is_(None))
    on_file = work.execute(select(_CARD.c.id, _CARD.c.fingerprint, _CARD.c.is_default).where(mine)).all()
    older = [one for one in on_file if one.fingerprint == told.fingerprint]
    work.execute(
        update(_CARD).where(_CARD.c.id.in_([one.id for one in older])).values(removed_at=work.now, is_default=False)
    )
    is_default = not any(one.is_default for one in on_file if one not in older)
    return _insert(work, account, patient_id, told, is_default=is_default)


def note_used(work: UnitOfWork, account: str, patient_id: int, told: GatewayCard) -> int:
    """Note a card that paid once and is not kept, so that a receipt can name it; its id. One on file stays on file."""
    same = work.execute(select(_CARD.c.id).where(_CARD.c.method_id == told.method_id)).scalar()
    if same is not None:
        return int(same)
    return _insert(work, account, patient_id, told, is_default=False, removed_at=work.now)


def make_default(work: UnitOfWork, account: str, patient_id: int, card_id: int) -> None:
    """Make one of a patient's cards the one that is charged first. Raises NotAllowed for one that is not theirs."""
    in_turn(work, patient_id)
    mine = queries.cards_of(work, patient_id, account=account)
    if card_id not in [one.id for one in mine]:
        raise NotAllowed()
    work.execute(update(_CARD).where(_CARD.c.patient_id == patient_id).values(is_default=_CARD.c.id == card_id))
    work.record(f"patient:{patient_id}", "card.made_default", f"card:{card_id}")


def remove(work: UnitOfWork, account: str, patient_id: int, card_id: int) -> None:
    """Take a card off file, and ask that the gateway forget it. Raises NotAllowed for one that is not theirs."""
    in_turn(work, patient_id)
    mine = queries.cards_of(work, patient_id, account=account)
    gone = next((one for one in mine if one.id == card_id), None)
    if gone is None:
        raise NotAllowed()
    _take_off(work, card_id)
    left = [one for one in mine if one.id != card_id]
    if gone.is_default and left:
        work.execute(update(_CARD).where(_CARD.c.id == left[0].id).values(is_default=True))
    work.record(f"patient:{patient_id}", "card.removed", f"card:{card_id}")
    _forget(work, account, patient_id, card_id)


def detached(work: UnitOfWork, method_id: str) -> int | None:
    """The gateway keeps a card no longer: it is off file here too. Whose it was, where it was on file."""
    kept = select(_CARD).where(_CARD.c.method_id == method_id, _CARD.c.removed_at.is_(None))
    row = work.execute(kept).first()
    if row is None:
        return None
    in_turn(work, row.patient_id)
    row = work.execute(kept).first()
    if row is None:
        return None
    _take_off(work, row.id)
    left = queries.cards_of(work, row.patient_id, account=row.account)
    if row.is_default and left:
        work.execute(update(_CARD).where(_CARD.c.id == left[0].id).values(is_default=True))
    return int(row.patient_id)


def move(work: UnitOfWork, apart: int, known: int) -> None:
    """A profile kept apart turned out to be another's: its cards go over; the other's default stays."""
    in_turn(work, known)
    has_default = work.execute(select(_CARD.c.id).where(_CARD.c.patient_id == known, _CARD.c.is_default)).first()
    values = {"patient_id": known} | ({"is_default": False} if has_default else {})
    work.execute(update(_CARD).where(_CARD.c.patient_id == apart).values(**values))
    work.execute(update(_CUSTOMER).where(_CUSTOMER.c.patient_id == apart).values(patient_id=known))


def _forget(work: UnitOfWork, account: str, patient_id: int, card_id: int) -> None:
    """Ask that the gateway forget a card under every id it was saved by."""
    gone = select(_CARD.c.fingerprint).where(_CARD.c.id == card_id).scalar_subquery()
    same = and_(_CARD.c.patient_id == patient_id, _CARD.c.account == account, _CARD.c.fingerprint == gone)
    for one in work.execute(select(_CARD.c.id, _CARD.c.method_id).where(same, _CARD.c.removed_at.is_not(None))):
        work.emit(FORGET, f"{FORGET}:{one.id}:{card_id}", method_id=one.method_id)


def _insert(work: UnitOfWork, account: str, patient_id: int, told: GatewayCard, **values: Any) -> int:
    """Write a card down; its id, that of the other where another transaction did in the same instant."""
    row = {"account": account, "patient_id": patient_id, "created_at": work.now, **asdict(told), **values}
    made = _insert_into(work, _CARD).values(row).on_conflict_do_nothing().returning(_CARD.c.id)
    card_id = work.execute(made).scalar()
    if card_id is None:
        card_id = work.execute(select(_CARD.c.id).where(_CARD.c.method_id == told.method_id)).scalar_one()
    return int(card_id)


def _take_off(work: UnitOfWork, card_id: int) -> None:
    work.execute(update(_CARD).where(_CARD.c.id == card_id).values(removed_at=work.now, is_default=False))


def _keep_customer(work: UnitOfWork, account: str, patient_id: int, customer_id: str) -> None:
    values = {"customer_id": customer_id, "account": account, "patient_id": patient_id, "created_at": work.now}
    work.execute(_insert_into(work, _CUSTOMER).values(values).on_conflict_do_nothing())


def _insert_into(work: UnitOfWork, one: Table) -> Any:
    is_postgres = work.session.connection().dialect.name == "postgresql"
    return (postgresql if is_postgres else sqlite).insert(one)
