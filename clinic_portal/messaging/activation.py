""" "Activate now": the Welcome Email to all who never logged in, in portions, in the background (S15)."""

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.messaging import models
from clinic_portal.messaging.types import Activation
from clinic_portal.patients import joining

PORTION = 50
_RUN = table(models.ActivationRun)


def start(work: UnitOfWork, actor: StaffActor) -> int:
    """Begin; the run's id. Raises NotAllowed, Conflict while one is under way or when there is nobody to invite."""
    actor.must(Permission.INVITE_PATIENTS)
    work.in_turn("activation")
    running = progress(work)
    if running and running.finished_at is None:
        raise Conflict("activation_running")
    total = joining.count_never_signed_in(work)
    if not total:
        raise Conflict("activation_nobody")
    run_id = work.execute(
        insert(_RUN).returning(_RUN.c.id),
        {"started_by": actor.tag, "started_at": work.now, "total": total, "done": 0, "last_patient_id": 0},
    ).scalar_one()
    work.record(actor.tag, "activation.started", f"activation:{run_id}", patients=total)
    _due(work, int(run_id), 0)
    return int(run_id)


def portion(work: UnitOfWork, payload: dict[str, Any]) -> None:
    """Welcome the next few, and ask for the next portion; the worker's part. A restart goes on where it stopped."""
    run = work.execute(select(_RUN).where(_RUN.c.id == payload["run_id"])).first()
    if run is None or run.finished_at is not None:
        return
    found = joining.next_never_signed_in(work, run.last_patient_id, PORTION)
    welcomed = sum(joining.welcome(work, patient_id, again=True) for patient_id in found)
    values: dict[str, Any] = {"done": run.done + welcomed}
    if found:
        values["last_patient_id"] = found[-1]
    if len(found) < PORTION:
        values["finished_at"] = work.now
        work.record(run.started_by, "activation.finished", f"activation:{run.id}", welcomed=values["done"])
    else:
        _due(work, run.id, found[-1])
    work.execute(update(_RUN).where(_RUN.c.id == run.id).values(**values))


def progress(read: Reading) -> Activation | None:
    """How far the newest run has come; None when there was none yet."""
    run = read.execute(select(_RUN).order_by(_RUN.c.id.desc()).limit(1)).first()
    return Activation(run.id, run.total, run.done, run.started_at, run.finished_at) if run else None


def _due(work: UnitOfWork, run_id: int, after_id: int) -> None:
    work.emit("activation.due", f"activation:{run_id}:{after_id}", after=timedelta(0), run_id=run_id)
