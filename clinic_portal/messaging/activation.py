""" "Activate now": the Welcome Email to all who never logged in, in portions, in the background (S15)."""

from typing import Any

from sqlalchemy import insert, select, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import outbox
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.messaging import models
from clinic_portal.messaging.types import Activation
from clinic_portal.patients import joining

PORTION = 50
_RUN = table(models.ActivationRun)


def start(work: UnitOfWork, actor: StaffActor) -> int:
    """Begin, or go on with a run that a fault has stopped; the run's id.

    Raises NotAllowed; Conflict while the Welcome Email is switched off (S12), while a run is under way, and when there
    is nobody to invite.
    """
    actor.must(Permission.INVITE_PATIENTS)
    if not catalogue(work).clinic.activation_email_enabled:
        raise Conflict("activation_off")
    work.in_turn("activation")
    running = progress(work)
    if running and running.is_running:
        raise Conflict("activation_running")
    if running and running.finished_at is None:
        _due(work, running.run_id, work.now.isoformat())
        return running.run_id
    total = joining.count_never_signed_in(work)
    if not total:
        raise Conflict("activation_nobody")
    run_id = work.execute(
        insert(_RUN).returning(_RUN.c.id),
        {"started_by": actor.tag, "started_at": work.now, "total": total, "done": 0, "last_patient_id": 0},
    ).scalar_one()
    work.record(actor.tag, "activation.started", f"activation:{run_id}", patients=total)
    _due(work, int(run_id), "0")
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
        _due(work, run.id, str(found[-1]))
    work.execute(update(_RUN).where(_RUN.c.id == run.id).values(**values))


def progress(read: Reading) -> Activation | None:
    """How far the newest run has come; None when there was none yet."""
    run = read.execute(select(_RUN).order_by(_RUN.c.id.desc()).limit(1)).first()
    if run is None:
        return None
    is_running = run.finished_at is None and outbox.is_pending(read.session, f"activation:{run.id}:")
    return Activation(run.id, run.total, run.done, run.started_at, run.finished_at, is_running)


def _due(work: UnitOfWork, run_id: int, which: str) -> None:
    work.emit("activation.due", f"activation:{run_id}:{which}", run_id=run_id)
