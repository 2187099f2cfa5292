""" "Activate now": the Welcome Email to all who never logged in, and only to them, in the background."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, update

from clinic_portal.bootstrap import cashier
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.outbox import DEAD, OUTBOX
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.integrations.sandbox.email import SandboxEmail
from clinic_portal.integrations.sandbox.sms import SandboxSms
from clinic_portal.messaging import activation
from clinic_portal.messaging.ports import Senders
from clinic_portal.messaging.queries import sandbox
from clinic_portal.patients.joining import count_never_signed_in
from clinic_portal.patients.models import Patient
from clinic_portal.worker import Worker
from tests.factories import SmallClinic, patient, small_clinic, staff

MANY, FEW = 400, 2 * activation.PORTION + 10


@pytest.fixture
def clinic(services: Services) -> SmallClinic:
    """Three portions of patients who never logged in."""
    made = small_clinic(services)
    made.settings(activation_email_enabled=True)
    services.do(_people, FEW)
    return made


def _people(work: UnitOfWork, many: int) -> None:
    flags = {"wants_email_reminders": True, "wants_sms_reminders": True, "wants_news": False}
    blank = dict.fromkeys(
        ("pronouns", "street", "city", "region", "postal_code", "country", "emergency_name", "emergency_phone"), ""
    )
    work.execute(
        insert(table(Patient)),
        [
            {
                "given_name": "P",
                "family_name": str(n),
                "email": f"p{n}@example.org",
                "email_key": f"p{n}@example.org",
                "phone": f"+1512555{n:04}",
                "language": "en",
                "created_at": work.now,
                **flags,
                **blank,
            }
            for n in range(many)
        ],
    )


def worker(services: Services) -> Worker:
    return Worker(services, Senders(SandboxEmail(services), SandboxSms(services)), cashier(services))


def finish(services: Services) -> set[str]:
    """Let the worker do all there is; whom it wrote to."""
    at_work = worker(services)
    while at_work.run_once():
        pass
    return {one.to_address for one in services.ask(sandbox, most=1000) if "Welcome" in one.subject}


@pytest.mark.req("S15")
def test_of_four_hundred_exactly_those_who_never_logged_in_are_written_to(services: Services) -> None:
    clinic = small_clinic(services)
    clinic.settings(activation_email_enabled=True)
    services.do(_people, MANY)
    there = {f"p{n}@example.org" for n in range(0, MANY, 40)}
    for email in there:
        patient(clinic.services, email)
    owner = staff(clinic.services).actor
    clinic.services.do(activation.start, owner)
    told = finish(clinic.services)
    assert told == {f"p{n}@example.org" for n in range(MANY)} - there
    run = clinic.services.ask(activation.progress)
    assert run is not None
    assert (run.done, run.total, run.finished_at is not None) == (390, 390, True)


@pytest.mark.req("S15")
def test_it_comes_in_portions_with_progress(clinic: SmallClinic) -> None:
    clinic.services.do(activation.start, staff(clinic.services).actor)
    seen = []
    at_work = worker(clinic.services)
    while at_work.run_once():
        run = clinic.services.ask(activation.progress)
        assert run is not None
        seen.append(run.done)
    assert seen[0] == activation.PORTION
    assert seen == sorted(seen)
    assert seen[-1] == FEW


def test_a_second_one_waits_for_the_first(clinic: SmallClinic) -> None:
    owner = staff(clinic.services).actor
    clinic.services.do(activation.start, owner)
    with pytest.raises(Conflict, match="activation_running"):
        clinic.services.do(activation.start, owner)


def test_whoever_logs_in_meanwhile_is_left_out(clinic: SmallClinic) -> None:
    clinic.services.do(activation.start, staff(clinic.services).actor)
    patient(clinic.services, f"p{FEW - 1}@example.org")
    assert f"p{FEW - 1}@example.org" not in finish(clinic.services)


def test_once_all_have_logged_in_there_is_nothing_to_send(services: Services) -> None:
    small_clinic(services).settings(activation_email_enabled=True)
    patient(services)
    assert services.ask(count_never_signed_in) == 0
    with pytest.raises(Conflict, match="activation_nobody"):
        services.do(activation.start, staff(services).actor)


@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_who_may_not_invite_does_not(clinic: SmallClinic, role: str) -> None:
    with pytest.raises(NotAllowed):
        clinic.services.do(activation.start, staff(clinic.services, role).actor)


def test_a_second_round_reaches_only_those_who_still_did_not_come(clinic: SmallClinic, clock: FixedClock) -> None:
    owner = staff(clinic.services).actor
    clinic.services.do(activation.start, owner)
    finish(clinic.services)
    patient(clinic.services, "p0@example.org")
    clinic.services.do(activation.start, owner)
    finish(clinic.services)
    run = clinic.services.ask(activation.progress)
    assert run is not None
    assert run.done == FEW - 1


@pytest.mark.req("S12")
def test_with_the_switch_off_nothing_is_started(clinic: SmallClinic) -> None:
    clinic.settings(activation_email_enabled=False)
    with pytest.raises(Conflict, match="activation_off"):
        clinic.services.do(activation.start, staff(clinic.services).actor)
    assert finish(clinic.services) == set()


def test_a_run_that_a_fault_has_stopped_is_gone_on_with(clinic: SmallClinic) -> None:
    owner = staff(clinic.services).actor
    run_id = clinic.services.do(activation.start, owner)
    worker(clinic.services).run_once()
    clinic.services.do(_break_down)
    stopped = clinic.services.ask(activation.progress)
    assert stopped is not None
    assert (stopped.is_running, 0 < stopped.done < FEW) == (False, True)
    assert clinic.services.do(activation.start, owner) == run_id
    assert len(finish(clinic.services)) == FEW


def _break_down(work: UnitOfWork) -> None:
    work.execute(update(OUTBOX).where(OUTBOX.c.kind == "activation.due").values(state=DEAD))
