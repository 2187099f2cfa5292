"""Wallets at a hundred patients and at ten thousand, fifty entries each: one wallet, and what is owed in all."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import statement
from clinic_portal.core.db import table
from clinic_portal.core.work import UnitOfWork
from clinic_portal.patients.models import Patient
from clinic_portal.wallet import actions, ledger, liability, queries
from clinic_portal.wallet.ledger import ACCOUNT, ENTRY, LOT, POSTING
from clinic_portal.wallet.types import Account, EntryKind
from tests.bench.bench_database import NOW, made_services, timed
from tests.bench.bench_ledger import person
from tests.conftest import Postgres
from tests.factories import small_clinic

FEW, MANY, EACH = 100, 10_000, 50
PORTION = 500
BOSS = StaffActor(1, 1, "Nadia", "owner")
A_YEAR = timedelta(days=365)


def run() -> dict[str, Any]:
    """What each look costs on both databases, few and many, and how much more the many cost."""
    server = Postgres(Path("/tmp") / f"clinic-pg-{uuid.uuid4().hex[:8]}", fsync=False)
    try:
        with tempfile.TemporaryDirectory() as folder:
            return {
                "sqlite": _both(lambda name: f"sqlite:///{folder}/{name}.db", Path(folder)),
                "postgres": _both(server.create, Path(folder)),
            }
    finally:
        server.stop()


def _both(make: Callable[[str], str], folder: Path) -> dict[str, Any]:
    few, many = _looks(make("few"), folder, FEW), _looks(make("many"), folder, MANY)
    return {
        name: {"few_ms": few[name], "many_ms": many[name], "ratio": round(many[name] / few[name], 1)} for name in few
    }


def _looks(url: str, folder: Path, patients: int) -> dict[str, float]:
    services = made_services(url, folder)
    small_clinic(services)
    services.do(lambda work: work.execute(text("UPDATE clinic SET is_wallet_shown = true")))
    for first in range(0, patients, PORTION):
        services.do(_fill, first, min(patients, first + PORTION))
    with services.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if url.startswith("sqlite") else "VACUUM ANALYZE"))  # as it does by itself
    middle, numbers = patients // 2, iter(range(1_000_000))

    def pays() -> None:
        told = {"key": f"bench {next(numbers)}", "patient_id": middle, "currency": "USD", "actor": "staff:1"}
        services.do(actions.enter, EntryKind.USED, amount_minor=-1, **told)  # type: ignore[arg-type]

    looks: dict[str, tuple[Callable[[], Any], int]] = {
        "credit": (lambda: services.ask(queries.credit, middle), 50),
        "wallet_page": (lambda: services.ask(statement.of_patient, middle), 50),
        "spending": (pays, 50),
        "liability_now": (lambda: services.ask(liability.owed, BOSS), 5),
        "liability_a_month_ago": (lambda: services.ask(liability.owed, BOSS, at=NOW - A_YEAR / 12), 3),
        "liability_half_a_year_ago": (lambda: services.ask(liability.owed, BOSS, at=NOW - A_YEAR / 2), 3),
        "whole_ledger_checked": (lambda: services.ask(ledger.unbalanced), 2),
    }
    found = {name: float(timed(look, times)["median_ms"]) for name, (look, times) in looks.items()}
    services.database.dispose()
    return found


def _fill(work: UnitOfWork, first: int, last: int) -> None:
    """Patients with a package, a gift and free credit, and a year of entries: two postings each."""
    people = range(first + 1, last + 1)
    ours = {unit: ledger.ours(work, Account.VISITS, unit) for unit in ("USD", "item")}
    work.execute(insert(table(Patient)), [person(n) for n in people])
    work.execute(insert(LOT), [_lot(n, is_counted=one) for n in people for one in (True, False)])
    work.execute(insert(ACCOUNT), [row for n in people for row in _accounts(n)])
    entries = [_entry(n, one) for n in people for one in range(EACH)]
    work.execute(insert(ENTRY), entries)
    postings = []
    for n in people:
        for one in range(EACH):
            which = one % 3
            amount = (2_000 if which else 2) if one < EACH // 2 else -1
            for account, signed in ((1_000 + 3 * n + which, amount), (ours["item" if which == 0 else "USD"], -amount)):
                postings.append({"entry_id": EACH * n + one + 1, "account_id": account, "amount": signed})
    work.execute(insert(POSTING), postings)


def _lot(n: int, *, is_counted: bool) -> dict[str, Any]:
    return {
        "id": 2 * n + is_counted,
        "origin": "package" if is_counted else "gift",
        "name": "Serum" if is_counted else "Credit",
        "product": "Serum" if is_counted else "",
        "granted": 20,
        "worth_minor": 20_000,
        "currency": "USD",
        "granted_at": NOW - A_YEAR,
        "expires_at": NOW + timedelta(days=n % 300 + 1),
    }


def _accounts(n: int) -> list[dict[str, Any]]:
    usual = {"patient_id": n, "balance": 0, "unit": "USD", "kind": "credit", "lot_id": None}
    return [
        usual | {"id": 1_000 + 3 * n, "kind": "items", "unit": "item", "lot_id": 2 * n + 1},
        usual | {"id": 1_001 + 3 * n, "lot_id": 2 * n},
        usual | {"id": 1_002 + 3 * n},
    ]


def _entry(n: int, one: int) -> dict[str, Any]:
    return {
        "id": EACH * n + one + 1,
        "dedupe_key": f"bench {n} {one}",
        "kind": "added" if one < EACH // 2 else "used",
        "actor": "staff:1",
        "reason": "",
        "made_at": NOW - A_YEAR + A_YEAR * one / EACH,
    }
