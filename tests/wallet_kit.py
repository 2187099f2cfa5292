"""Wallets with something in them, put there as the application does."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import Select

from clinic_portal.core.work import Reading, Services
from clinic_portal.wallet import giving, liability, lots, queries
from clinic_portal.wallet.ledger import unbalanced
from clinic_portal.wallet.types import EntryKind, LotInfo, NewLot, Origin
from tests import factories

_keys = count(1)
CHRISTMAS = date(2026, 12, 25)


def key() -> str:
    """A form's own key."""
    return f"form {next(_keys)}"


def form(**changed: str) -> dict[str, str]:
    """What staff type to give 50.00 of credit, but for what is changed."""
    usual = {"what": "credit", "amount": "50", "count": "", "product": "", "each": "", "until": "", "how": "gift"}
    return usual | {"reason": "For your birthday"} | changed


def gives(services: Services, patient_id: int, *, role: str = "front_desk", **changed: str) -> int:
    """Staff give; the lot's id."""
    actor = factories.staff(services, role).actor
    made = services.do(giving.give, actor, patient_id, form(**changed), key=key())
    assert made is not None
    return made


def facials(services: Services, patient_id: int, service_id: int, many: int = 3, **changed: Any) -> int:
    """Facials of a package in a wallet, each worth 80.00; the lot's id."""
    usual = {"origin": Origin.PACKAGE, "name": "Hydrating facial", "count": many, "worth_minor": 8000 * many}
    new = NewLot(**{**usual, "currency": "USD", "service_id": service_id, **changed})
    made = services.do(lots.grant, EntryKind.BOUGHT, new, key=key(), patient_id=patient_id, actor="gateway")
    assert made is not None
    return made


def lot(services: Services, lot_id: int) -> LotInfo:
    """A lot as it stands."""
    found = services.ask(queries.lot, lot_id)
    assert found is not None
    return found


def credit(services: Services, patient_id: int, currency: str = "USD") -> int:
    """The free credit in a wallet."""
    return services.ask(queries.credit, patient_id).get(currency, 0)


def owed(services: Services, **more: Any) -> dict[str, int]:
    """What the clinic owes in all, by currency."""
    actor = factories.staff(services, "owner").actor
    return liability.totals(services.ask(liability.owed, actor, **more))


def plan_of(services: Services, statement: Select[Any]) -> str:
    """How the database goes about a read, where it goes by indexes; of accounts, by none that holds the empty ones too:
    in a small table any will do."""

    def explain(read: Reading) -> str:
        connection = read.session.connection()
        told = str(statement.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            for name in ("patient_id", "lot_id", "appointment_id"):
                connection.exec_driver_sql(f"DROP INDEX ix_wallet_account_{name}")  # a read's transaction keeps nothing
            return str(connection.exec_driver_sql(f"EXPLAIN {told}").all())
        return str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {told}").all())

    return services.ask(explain)


def is_whole(services: Services) -> None:
    """Entries balance, balances are what was posted, none is below nothing."""
    assert services.ask(unbalanced) == []
    assert services.ask(_below_nothing) == []


def _below_nothing(read: Reading) -> list[Any]:
    from sqlalchemy import select

    from clinic_portal.wallet.ledger import ACCOUNT

    below = select(ACCOUNT.c.id).where(ACCOUNT.c.patient_id.is_not(None), ACCOUNT.c.balance < 0)
    return list(read.execute(below).scalars())
