"""`python -m tests.bench`: every figure as JSON; `python -m tests.bench wizard` for one part."""

from __future__ import annotations

import json
import sys
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import (
    bench_arithmetic,
    bench_audit,
    bench_board,
    bench_database,
    bench_forms,
    bench_ledger,
    bench_members,
    bench_messages,
    bench_money,
    bench_patients,
    bench_reports,
    bench_sign_in,
    bench_wallets,
    bench_wizard,
)
from tests.conftest import Postgres


def sqlite() -> dict[str, Any]:
    """Listing and bookings on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        return bench_database.run(lambda name: f"sqlite:///{folder}/{name}.db")


def postgres() -> dict[str, Any]:
    """Listing and bookings on PostgreSQL, which syncs every commit here as it would in a clinic."""
    server = Postgres(Path("/tmp") / f"clinic-pg-{uuid.uuid4().hex[:8]}", fsync=True)
    try:
        return bench_database.run(server.create)
    finally:
        server.stop()


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "arithmetic": bench_arithmetic.run,
    "sqlite": sqlite,
    "postgres": postgres,
    "wizard": bench_wizard.run,
    "sign_in": bench_sign_in.run,
    "forms": bench_forms.run,
    "money": bench_money.run,
    "messages": bench_messages.run,
    "ledger": bench_ledger.run,
    "audit": bench_audit.run,
    "wallets": bench_wallets.run,
    "members": bench_members.run,
    "patients": bench_patients.run,
    "reports": bench_reports.run,
    "board": bench_board.run,
}

if __name__ == "__main__":
    wanted = sys.argv[1:] or list(PARTS)
    print(json.dumps({name: PARTS[name]() for name in wanted}, indent=1))
