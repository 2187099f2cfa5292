"""Verbs of joining a plan: the plan is chosen, its agreement signed, its first period paid on the gateway's page."""

from typing import Any

from sqlalchemy import Row, insert

from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import ids, wording
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import requests
from clinic_portal.forms.types import Standing
from clinic_portal.memberships import agreements, plan_queries, rows
from clinic_portal.memberships.plan_types import PlanInfo
from clinic_portal.memberships.rows import MEMBERSHIP
from clinic_portal.memberships.types import JOINING
from clinic_portal.patients.queries import contact, language_of
from clinic_portal.payments import books, rules
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import PaymentInfo, Purpose, State


def begin(work: UnitOfWork, patient_id: int, plan_id: int) -> int:
    """A patient wishes to join a plan; the membership's id. Its agreement is asked of them.

    Another plan takes the place of one they were joining; asked again, nothing changes but what changed meanwhile at
    the clinic. Raises NotAllowed for no such plan; Conflict for one nobody may join, and for a member of a plan.
    """
    row = rows.in_turn(work, patient_id)
    work.in_turn("plans")  # who edits a plan sees that somebody joins it
    plan = plan_queries.plan(work, plan_id)
    if not plan.is_active:
        raise Conflict("plan_gone")
    if row is None:
        request_id = agreements.ask(work, patient_id, plan, None)
        new = {"patient_id": patient_id, "state": JOINING, "begun_at": work.now, "version_id": plan.version_id}
        values = rows.BLANK | new | {"nonce": ids.nonce()[:12], "request_id": request_id}
        made = int(work.execute(insert(MEMBERSHIP).returning(MEMBERSHIP.c.id), values).scalar_one())
        work.record(f"patient:{patient_id}", "membership.begun", f"patient:{patient_id}", plan=plan.name)
        return made
    if wanted(row) is None and row.version_id is not None:
        raise Conflict("member_already")
    request_id = agreements.ask(work, patient_id, plan, row.request_id)
    if (wanted(row), row.request_id) == (plan.version_id, request_id):
        return int(row.id)
    if row.request_id != request_id:
        requests.take_back(work, patient_id, row.request_id)
    column = "version_id" if row.state == JOINING else "next_version_id"
    nonce = row.nonce or ids.nonce()[:12]
    rows.change(work, row.id, **{column: plan.version_id}, request_id=request_id, nonce=nonce)
    work.record(f"patient:{patient_id}", "membership.begun", f"patient:{patient_id}", plan=plan.name)
    return int(row.id)


def wanted(row: Row[Any]) -> int | None:
    """The version of the plan that a membership is about to join; None where it joins none."""
    if row.state == JOINING:
        found: int | None = row.version_id
        return found
    return row.next_version_id if row.version_id is None else None


def agreement(read: Reading, membership_id: int) -> Standing | None:
    """How the agreement stands of the plan that is being joined or changed to; None where there is none to sign.

    Raises NotAllowed for no such membership.
    """
    row = rows.by_id(read, membership_id)
    version_id = row.next_version_id or row.version_id
    if version_id is None:
        return None
    return agreements.standing(read, row.patient_id, plan_queries.plan_version(read, version_id), row.request_id)


def signed(read: Reading, membership_id: int) -> int | None:
    """The document by which that agreement was signed; None where it was not, or there is none to sign."""
    found = agreement(read, membership_id)
    return found.document_id if found and found.state == "done" else None


def drop(work: UnitOfWork, patient_id: int) -> None:
    """A patient does not wish to join any more: the agreement is not asked of them. Nothing for one who joins none.

    Raises Conflict ("member_already") for one enrolled by staff who has paid for the plan by now.
    """
    row = rows.in_turn(work, patient_id)
    if row is None or wanted(row) is None:
        return
    if row.state != JOINING and row.subscription_id is not None:
        raise Conflict("member_already")
    requests.take_back(work, patient_id, row.request_id)
    if row.state == JOINING:
        rows.end(work, row, "left")
    else:
        rows.change(work, row.id, next_version_id=None, request_id=None)
    work.record(f"patient:{patient_id}", "membership.left", f"patient:{patient_id}")


def to_page(work: UnitOfWork, patient_id: int, account: str, owner: str | None = None) -> int:
    """Write down what is asked for the first period; the payment's id. One that is under way is gone on with.

    Raises Conflict for one who joins nothing ("membership_none"), without the signed agreement ("agreement_unsigned"),
    for a plan that changed meanwhile or is not offered any more, and with "payment_overtaken" where a page is open for
    other terms: it is to be ended first.
    """
    row = rows.in_turn(work, patient_id)
    version_id = wanted(row) if row is not None else None
    if row is None or version_id is None:
        raise Conflict("member_already" if row is not None and row.version_id is not None else "membership_none")
    plan = plan_queries.plan_version(work, version_id)
    newest = plan_queries.plan(work, plan.id)
    if not newest.is_active:
        raise Conflict("plan_gone")
    if newest.version_id != version_id:
        raise Conflict("plan_changed")
    document_id = agreements.must_be_signed(work, patient_id, plan, row.request_id)
    sold = {"version_id": version_id, "request_id": row.request_id, "document_id": document_id, "plan": plan.name}
    before = under_way(work, row.id)
    if before is not None and before.account == account:
        is_over = before.expires_at is not None and before.expires_at <= work.now
        if before.sold == sold and not is_over:
            return before.id
        raise Conflict("payment_overtaken")
    return books.prepare(
        work,
        account=account,
        purpose=Purpose.MEMBERSHIP,
        amount_minor=plan.fee_minor + plan.setup_fee_minor,
        currency=plan.currency,
        patient_id=patient_id,
        membership_id=row.id,
        owner=owner,
        item=plan_queries.outside(work, plan),
        consent=_consent(work, plan),
        email=contact(work, patient_id).email,
        language=language_of(work, patient_id),
        expires_at=work.now + rules.PAGE_LASTS,
        sold=sold,
    )


def under_way(read: Reading, membership_id: int) -> PaymentInfo | None:
    """The payment by which a membership is being joined now."""
    return next((one for one in payments.of_membership(read, membership_id) if not one.is_settled), None)


def page_over(work: UnitOfWork, payment_id: int) -> PaymentInfo:
    """The page was left, or its time ended, with nothing begun."""
    paid = books.in_turn(work, payment_id)
    if paid.state in (State.PREPARED, State.OPEN):
        books.change(work, paid.id, state=State.EXPIRED.value, page_url=None)
    return payments.payment(work, paid.id)


def is_wanted(read: Reading, paid: PaymentInfo) -> bool:
    """Whether a page is still to be paid: the plan it is for is being joined, and its time has not ended."""
    if paid.membership_id is None or paid.sold is None:
        return False
    row = rows.by_id(read, paid.membership_id)
    is_late = paid.expires_at is not None and paid.expires_at <= read.now
    is_joining = row.ended_at is None and row.subscription_id is None and wanted(row) == paid.sold["version_id"]
    return is_joining and not is_late


def joined(work: UnitOfWork, payment_id: int, subscription_id: str) -> bool:
    """The page was paid, and a subscription has begun: whether it is the membership's. Its money follows with `heard`.

    One who left meanwhile is not a member: the gateway is told to end it, and what was paid goes back. Not the
    membership's is one subscription too many, and the one of somebody enrolled by staff who wants no plan any more.
    """
    paid = payments.payment(work, payment_id)
    if paid.membership_id is None:
        raise NotAllowed()
    row = rows.in_turn_by_id(work, paid.membership_id)
    if row.subscription_id not in (None, subscription_id):
        return False
    if row.subscription_id is None and row.ended_at is None and wanted(row) is None:
        return False
    if row.subscription_id is None:
        rows.change(work, row.id, subscription_id=subscription_id, account=paid.account)
        if row.ended_at is not None:
            rows.wish(work, rows.by_id(work, row.id), "")
    return True


def undone(work: UnitOfWork, payment_id: int, subscription_id: str) -> None:
    """What a page began was one too many: it ended, and its money went back."""
    paid = books.in_turn(work, payment_id)
    books.note_difference(work, "taken_and_not_ours", payment_id=paid.id, intent_id=subscription_id, mended=True)
    if not paid.is_settled:
        books.change(work, paid.id, state=State.EXPIRED.value, page_url=None)


def _consent(read: Reading, plan: PlanInfo) -> str:
    """What is read beside the button of the gateway's page."""
    clinic = catalogue(read).clinic
    fee = wording.money(plan.fee_minor, plan.currency, clinic.language)
    return f"You allow {clinic.name} to charge {fee} every {plan.period} until you cancel."
