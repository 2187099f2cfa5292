"""A visit at the desk: the patient arrives, and leaves when what was done is paid for (P6, P8).

At the arrival what is reserved in the wallet for the visit is used; at the end the deposit kept for it, credit if the
patient wants, and the rest at the desk. What was billed is not undone: it is corrected in the wallet, or refunded.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import bills, fees, models
from clinic_portal.booking.access import visit_in_turn_for_staff
from clinic_portal.booking.bills import Bill, DeskSheet, Sums, Wish
from clinic_portal.booking.types import STANDING, Visit
from clinic_portal.booking.visit_rows import change_as_read
from clinic_portal.core import wording
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid
from clinic_portal.core.work import UnitOfWork
from clinic_portal.payments import books
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import PaymentInfo, Purpose, State, Wanted
from clinic_portal.scheduling import guard
from clinic_portal.scheduling.availability import epoch_minute
from clinic_portal.wallet import actions as wallet
from clinic_portal.wallet import ledger, visits
from clinic_portal.wallet.types import EntryKind

VISIT_DONE = "visit_done"
"""The reason of a refund that nobody typed: the visit is over, and it cost less than its deposit."""
_APPOINTMENT = table(models.Appointment)
_BILL = table(models.VisitBill)
_SERVICE = table(models.AppointmentService)


def check_in(work: UnitOfWork, actor: StaffActor, appointment_id: int, *, seen_sequence: int) -> None:
    """The patient has come: what is reserved for the visit is used. Asking twice does it once.

    `seen_sequence` is the state of the visit they read. Raises NotAllowed; Conflict before the visit's own day
    ("visit_not_today") and for one that is not booked any more or was changed meanwhile ("visit_moved_on").
    """
    actor.must(Permission.RUN_VISITS)
    visit = visit_in_turn_for_staff(work, actor, appointment_id)
    if visit.status == "arrived":
        return
    _must_be_its_day(work, visit)
    turn = _change(work, visit, ("booked",), seen_sequence, status="arrived", arrived_at=work.now)
    ledger.in_turn(work, visit.patient_id)
    kept = visits.reserved(work, appointment_id)
    visits.use(work, visit.patient_id, appointment_id, kept, turn=turn, actor=actor.tag)
    work.record(actor.tag, "appointment.arrived", f"appointment:{appointment_id}", reference=visit.reference)


def undo_check_in(work: UnitOfWork, actor: StaffActor, appointment_id: int, *, seen_sequence: int) -> None:
    """They were checked in by mistake: the visit is booked as before, and what it used is reserved again.

    On the day of the arrival only. Raises NotAllowed; Conflict on a later day ("undo_too_late"), and for a visit that
    is not checked in, or was changed meanwhile ("visit_moved_on").
    """
    actor.must(Permission.RUN_VISITS)
    visit = visit_in_turn_for_staff(work, actor, appointment_id)
    if visit.status == "booked" and visit.sequence == seen_sequence + 1:
        return
    if visit.status == "arrived" and visit.arrived_at and _day(visit, visit.arrived_at) != _day(visit, work.now):
        raise Conflict("undo_too_late")
    turn = _change(work, visit, ("arrived",), seen_sequence, status="booked", arrived_at=None)
    visits.reserve_again(work, visit.patient_id, appointment_id, turn=turn, actor=actor.tag)
    work.record(actor.tag, "appointment.arrival_undone", f"appointment:{appointment_id}", reference=visit.reference)


def check_out(
    work: UnitOfWork,
    actor: StaffActor,
    appointment_id: int,
    wish: Wish,
    *,
    shown: Sums,
    seen_sequence: int,
) -> Bill:
    """The visit is over and paid for; its bill. Asking for the same twice does it once.

    `shown` is what staff read and the patient was told. A patient who was not checked in is all the same. Raises
    NotAllowed; Conflict before the visit's own day, where the visit ("visit_moved_on") or what it comes to
    ("bill_changed") is another by now, or an item is gone ("bill_item_short"); Invalid with the field for what
    cannot be.
    """
    actor.must(Permission.RUN_VISITS)
    visit = visit_in_turn_for_staff(work, actor, appointment_id)
    if visit.status == "fulfilled":
        return _the_same(work, visit, wish, shown)
    _must_be_its_day(work, visit)
    turn = _change(work, visit, STANDING, seen_sequence, status="fulfilled", fulfilled_at=work.now, remind_at=None)
    booked = payments.booked_with(work, appointment_id)
    deposit = books.in_turn(work, booked.id) if booked and booked.purpose is Purpose.DEPOSIT else None
    ledger.in_turn(work, visit.patient_id)
    found = bills.of_visit(work, visit)
    sums = bills.reckon(found, wish)
    if sums != shown:
        raise Conflict("bill_changed")
    if sums.desk_minor and wish.desk_how not in bills.HOW:
        raise Invalid("how", "bill_how_missing")
    _use_items(work, found, wish, turn, actor)
    _use_money(work, visit, sums, actor)
    back_to = _return_deposit(work, visit, deposit, found, sums, actor)
    row = {
        "appointment_id": appointment_id,
        "currency": visit.currency,
        "total_minor": sums.total_minor,
        "from_wallet_items_minor": sums.items_minor,
        "from_deposit_minor": sums.deposit_minor,
        "from_credit_minor": sums.credit_minor,
        "at_desk_minor": sums.desk_minor,
        "desk_how": wish.desk_how if sums.desk_minor else "",
        "deposit_back_minor": sums.back_minor,
        "deposit_back_to": back_to,
        "lines": bills.written(found, wish),
        "made_at": work.now,
        "made_by": actor.tag,
    }
    work.execute(insert(_BILL), row)
    told = {"reference": visit.reference, "amount_minor": sums.total_minor, "at_desk_minor": sums.desk_minor}
    work.record(actor.tag, "appointment.fulfilled", f"appointment:{appointment_id}", **told)
    return _bill(work, appointment_id)


def _the_same(work: UnitOfWork, visit: Visit, wish: Wish, shown: Sums) -> Bill:
    """The bill that was made, where it is the one that is asked for. Raises Conflict for another."""
    bill = bills.bill_of(work, visit.appointment_id)
    if bill is None:
        raise Conflict("visit_moved_on")
    how = wish.desk_how if shown.desk_minor else ""
    lines = bills.written(bills.of_visit(work, visit), wish)
    if replace(shown, most_credit_minor=wish.credit_minor) != bill.sums or how != bill.desk_how or lines != bill.kept:
        raise Conflict("visit_moved_on")
    return bill


def _use_items(work: UnitOfWork, found: DeskSheet, wish: Wish, turn: int, actor: StaffActor) -> None:
    visit = found.visit
    wanted = bills.wanted_items(found, wish)
    visits.use(work, visit.patient_id, visit.appointment_id, wanted, turn=turn, actor=actor.tag)
    for one in found.lines:
        lot_id = wish.items.get(one.id) if one.id not in wish.not_done else None
        work.execute(update(_SERVICE).where(_SERVICE.c.id == one.id).values(lot_id=lot_id))


def _use_money(work: UnitOfWork, visit: Visit, sums: Sums, actor: StaffActor) -> None:
    told: dict[str, Any] = {"patient_id": visit.patient_id, "currency": visit.currency, "actor": actor.tag}
    number = visit.appointment_id
    deposit, credit = -sums.deposit_minor, -sums.credit_minor
    wallet.enter(
        work, EntryKind.USED, key=f"visit:{number}:deposit", amount_minor=deposit, appointment_id=number, **told
    )
    wallet.enter(work, EntryKind.USED, key=f"visit:{number}:credit", amount_minor=credit, visit_id=number, **told)


def _return_deposit(
    work: UnitOfWork, visit: Visit, deposit: PaymentInfo | None, found: DeskSheet, sums: Sums, actor: StaffActor
) -> str:
    """What the visit left of its deposit goes where the clinic set; where that is. One never taken is let go."""
    if deposit and deposit.state is State.AUTHORISED:
        books.change(work, deposit.id, wanted=Wanted.RELEASE.value)
        books.ask_finish(work, deposit.id)
    if not sums.back_minor:
        return ""
    if deposit and found.back_to == "card" and payments.returnable_minor(work, deposit) >= sums.back_minor:
        refund_id = books.ask_refund(work, deposit, sums.back_minor, reason=VISIT_DONE, asked_by=actor.tag)
        fees.leaves_wallet(work, deposit, sums.back_minor, key=f"refund:{refund_id}", actor=actor.tag)
        return "card"
    wallet.to_credit(
        work,
        key=f"visit:{visit.appointment_id}",
        patient_id=visit.patient_id,
        amount_minor=sums.back_minor,
        currency=visit.currency,
        actor=actor.tag,
        appointment_id=visit.appointment_id,
        payment_id=deposit.id if deposit else None,
    )
    return "wallet"


def _change(work: UnitOfWork, visit: Visit, before: tuple[str, ...], seen_sequence: int, **values: Any) -> int:
    """Change the visit if it is as it was seen; the number of this change. Raises Conflict."""
    if visit.status not in before or visit.sequence != seen_sequence:
        raise Conflict("visit_moved_on")
    turn = change_as_read(work, visit, **values)
    guard.touch(work, visit.location.id, epoch_minute(visit.start_at), epoch_minute(visit.end_at))
    return turn


def _must_be_its_day(work: UnitOfWork, visit: Visit) -> None:
    if _day(visit, work.now) < _day(visit, visit.start_at):
        raise Conflict("visit_not_today")


def _day(visit: Visit, at: datetime) -> date:
    return wording.local(at, visit.location.time_zone).date()


def _bill(work: UnitOfWork, appointment_id: int) -> Bill:
    found = bills.bill_of(work, appointment_id)
    assert found is not None
    return found
