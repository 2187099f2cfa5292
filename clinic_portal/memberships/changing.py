"""Verbs of members, and of staff for them: pause, resume, change the plan, cancel, keep, end.

What is wanted is written here and told the gateway by the worker; the letter goes out once the gateway knows. Each verb
is the patient's own, or with an `actor` staff's. All raise Conflict ("membership_none") for one who is on no plan.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.errors import Conflict, Invalid
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import requests
from clinic_portal.forms.types import Standing
from clinic_portal.memberships import agreements, events, plan_queries, rows
from clinic_portal.memberships.plan_types import MONTH, PlanInfo
from clinic_portal.memberships.types import ACTIVE, OVERDUE, PAUSED
from clinic_portal.patients.access import must_see
from clinic_portal.payments import periods
from clinic_portal.payments.rules import reason as given

ToSign = Literal["", "to_ask", "asked"]
LONGEST_BY_STAFF = 12
"""Months that staff may pause a membership for."""


def pause(work: UnitOfWork, patient_id: int, until_on: date, *, actor: StaffActor | None = None) -> None:
    """Pause with the end of the period: no fee, no benefits, until the first period that begins on `until_on` or after.

    A pause that is arranged or under way gets another end. Raises Invalid for a day that is too near or too far;
    Conflict for a plan that is paid by the year, for one who is overdue or about to end, and where members do not pause
    by themselves ("pause_by_staff").
    """
    row = _mine(work, patient_id, actor)
    if row.is_ending or row.state == OVERDUE:
        raise Conflict("membership_ending" if row.is_ending else "membership_overdue")
    longest = LONGEST_BY_STAFF if actor else catalogue(work).clinic.longest_pause_months
    if not longest:
        raise Conflict("pause_by_staff")
    if _plan(work, row).period != MONTH or _coming(work, row).period != MONTH:
        raise Conflict("pause_yearly")
    wanted = datetime.combine(until_on, time(0), _zone(work)).astimezone(UTC)
    starts = _starts(row, longest)
    resumes = next((one for one in starts if one >= wanted), None)
    if resumes is None:
        raise Invalid("until", "pause_long", months=longest)
    if wanted <= row.period_until_at or resumes <= work.now:
        raise Invalid("until", "pause_short")
    rows.wish(work, row, events.PAUSED, is_pausing=True, resumes_at=resumes)
    _record(work, "membership.paused", patient_id, actor, until=resumes.date().isoformat())


def pause_ends(read: Reading, patient_id: int, *, actor: StaffActor | None = None) -> tuple[date, ...]:
    """The days until which a membership may be paused, on each of which a period begins, the soonest first; none where
    it cannot be paused."""
    if actor is not None:
        must_see(read, actor, patient_id)
    row = rows.live(read, patient_id)
    longest = LONGEST_BY_STAFF if actor else catalogue(read).clinic.longest_pause_months
    if row is None or row.subscription_id is None or row.state not in (ACTIVE, PAUSED) or row.is_ending:
        return ()
    if _plan(read, row).period != MONTH or _coming(read, row).period != MONTH:
        return ()
    coming = (one for one in _starts(row, longest) if one > max(read.now, row.period_until_at))
    return tuple(one.astimezone(_zone(read)).date() for one in coming)


def resume(work: UnitOfWork, patient_id: int, *, actor: StaffActor | None = None) -> None:
    """Pause no longer: one that has not begun is called off; else a new period begins now and is charged.

    Raises Conflict ("membership_not_paused").
    """
    row = _mine(work, patient_id, actor)
    if row.state == ACTIVE and row.is_pausing and row.period_until_at > work.now:
        rows.wish(work, row, events.RESUMED, is_pausing=False, resumes_at=None)
    elif row.state == PAUSED or (row.state == ACTIVE and row.is_pausing):
        paused = {"state": PAUSED, "paused_at": row.paused_at or row.period_until_at}
        rows.wish(work, row, "", is_pausing=False, resumes_at=None, **paused)
    else:
        raise Conflict("membership_not_paused")
    _record(work, "membership.resumed", patient_id, actor)


def to_sign(read: Reading, patient_id: int, plan_id: int) -> ToSign:
    """Whether a member has another plan's agreement to sign before they change to it, and was asked to. Raises as
    `change_plan` does."""
    row = rows.live(read, patient_id)
    if row is None or row.subscription_id is None or row.version_id is None:
        raise Conflict("membership_none")
    plan = _changed_to(read, row, plan_id)
    if plan is None or not _signs(read, row, plan):
        return ""
    found = agreements.standing(read, patient_id, plan, row.request_id)
    if found is None or found.is_outdated:
        return "to_ask"
    return "" if found.state == "done" else "asked"


def ask_for_plan(
    work: UnitOfWork, patient_id: int, plan_id: int, *, actor: StaffActor | None = None
) -> Standing | None:
    """A member wishes to see another plan's agreement signed, before they change to it: how it stands; None where
    there is none to sign. Raises as `change_plan` does."""
    row = _mine(work, patient_id, actor)
    plan = _changed_to(work, row, plan_id)
    if plan is None or not _signs(work, row, plan):
        return None
    request_id = agreements.ask(work, patient_id, plan, row.request_id)
    if request_id != row.request_id:
        if agreements.signed(work, patient_id, _plan(work, row), row.request_id) is None:
            requests.take_back(work, patient_id, row.request_id)
        rows.change(work, row.id, request_id=request_id)
    return agreements.standing(work, patient_id, plan, request_id)


def unask_for_plan(work: UnitOfWork, patient_id: int) -> None:
    """A member does not wish to change after all: what they have not signed is not asked of them."""
    row = rows.in_turn(work, patient_id)
    if row is not None and row.version_id is not None:
        requests.take_back(work, patient_id, row.request_id)


def change_plan(
    work: UnitOfWork, patient_id: int, plan_id: int, *, seen: PlanInfo | None = None, actor: StaffActor | None = None
) -> None:
    """Be on another plan from the next period on; on the newest version of one's own; or back on it, where another was
    to follow. `seen` is what was read of it before it was agreed to.

    Raises NotAllowed for no such plan; Conflict for one nobody may join, in another currency, the same one, for one who
    is overdue or about to end, where its agreement is not signed ("agreement_unsigned", see `ask_for_plan`), and where
    it is not what was read any more ("plan_other_terms").
    """
    row = _mine(work, patient_id, actor)
    work.in_turn("plans")
    plan = _changed_to(work, row, plan_id)
    if seen is not None and seen != (plan or _plan(work, row)):
        raise Conflict("plan_other_terms")
    if plan is None:
        rows.wish(work, row, events.PLAN_CHANGED, next_version_id=None, next_document_id=None)
    else:
        signs = _signs(work, row, plan)
        document_id = agreements.must_be_signed(work, patient_id, plan, row.request_id) if signs else None
        coming = {"next_version_id": plan.version_id, "next_document_id": document_id}
        rows.wish(work, row, events.PLAN_CHANGED, **coming)
    _record(work, "membership.plan_changed", patient_id, actor, plan=(plan or _plan(work, row)).name)


def cancel(work: UnitOfWork, patient_id: int, *, actor: StaffActor | None = None) -> None:
    """End with the period that is paid for; at once where it is paused, since nothing is paid for then."""
    row = _mine(work, patient_id, actor)
    if row.is_ending:
        return
    if row.state == PAUSED:
        rows.end(work, row, "asked")
    else:
        rows.wish(work, row, events.ENDING, is_ending=True)
    _record(work, "membership.cancelled", patient_id, actor)


def keep(work: UnitOfWork, patient_id: int, *, actor: StaffActor | None = None) -> None:
    """Go on after all. Raises Conflict ("membership_not_ending") where it was not to end."""
    row = _mine(work, patient_id, actor)
    if not row.is_ending:
        raise Conflict("membership_not_ending")
    rows.wish(work, row, events.KEPT, is_ending=False)
    _record(work, "membership.kept", patient_id, actor)


def end_now(work: UnitOfWork, actor: StaffActor, patient_id: int, *, reason: str) -> None:
    """Staff ends a membership at once, with a reason. Raises NotAllowed; Invalid without a reason."""
    row = _mine(work, patient_id, actor)
    told = given(reason)
    rows.end(work, row, "by_staff")
    _record(work, "membership.ended", patient_id, actor, reason=told)


def in_turn(work: UnitOfWork, patient_id: int) -> None:
    """Wait for every other change of a patient's membership: first of all for whoever changes their cards too, since
    a first invoice keeps a card."""
    rows.in_turn(work, patient_id)


def card_changed(work: UnitOfWork, patient_id: int) -> None:
    """Another card of a patient is charged first from now on: their membership's too."""
    row = rows.in_turn(work, patient_id)
    if row is not None and row.subscription_id is not None:
        rows.wish(work, row, "")


def _mine(work: UnitOfWork, patient_id: int, actor: StaffActor | None) -> Row[Any]:
    if actor is not None:
        actor.must(Permission.HANDLE_MEMBERSHIPS)
        must_see(work, actor, patient_id)
    return rows.on_a_plan(work, patient_id)


def _zone(read: Reading) -> ZoneInfo:
    return ZoneInfo(catalogue(read).time_zone)


def _plan(read: Reading, row: Row[Any]) -> PlanInfo:
    return plan_queries.plan_version(read, row.version_id)


def _coming(read: Reading, row: Row[Any]) -> PlanInfo:
    return plan_queries.plan_version(read, row.next_version_id or row.version_id)


def _changed_to(read: Reading, row: Row[Any], plan_id: int) -> PlanInfo | None:
    """The version of a plan that a member changes to; None for their own, back from another that was to follow."""
    if row.is_ending or row.state == OVERDUE:
        raise Conflict("membership_ending" if row.is_ending else "membership_overdue")
    plan, mine = plan_queries.plan(read, plan_id), _plan(read, row)
    if plan.id == mine.id and row.next_version_id is not None:
        return None
    if plan.version_id in (row.version_id, row.next_version_id):
        raise Conflict("plan_same")
    if not plan.is_active:
        raise Conflict("plan_gone")
    if plan.currency != mine.currency:
        raise Conflict("plan_currency")
    if plan.period != MONTH and row.is_pausing:
        raise Conflict("pause_yearly")
    return plan


def _signs(read: Reading, row: Row[Any], plan: PlanInfo) -> bool:
    return plan.agreement_id is not None and plan.agreement_id != _plan(read, row).agreement_id


def _starts(row: Row[Any], longest: int) -> list[datetime]:
    """The beginnings of the periods at which a pause may end: those after the one paid for, as many as there may be
    months without a fee."""
    first = periods.following(row.anchor_at, MONTH, row.period_until_at - timedelta(seconds=1))
    found = [first]
    for _ in range(longest):
        found.append(periods.following(row.anchor_at, MONTH, found[-1]))
    return found[1:]


def _record(work: UnitOfWork, action: str, patient_id: int, actor: StaffActor | None, **detail: Any) -> None:
    work.record(actor.tag if actor else f"patient:{patient_id}", action, f"patient:{patient_id}", **detail)
