"""Patients are checked in and out: what is reserved, kept and owed is used, once, and the bill adds up (P6, P8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from clinic_portal.accounts.roles import ROLES
from clinic_portal.booking import bills, changes, fees, till, visiting
from clinic_portal.booking.bills import Extra, Wish
from clinic_portal.booking.invariants import broken
from clinic_portal.booking.types import Visit
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, DomainError, Invalid, NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import State
from clinic_portal.wallet import queries as wallets
from clinic_portal.wallet.types import EntryKind, Origin
from clinic_portal.web.admin.payments import story
from tests import factories
from tests.card_kit import Till
from tests.card_kit import till as stands
from tests.factories import SmallClinic, everything, rows
from tests.fees_kit import asks_deposit, deposit_of, has_booked
from tests.visits_kit import (
    at_desk,
    begins,
    checks_in,
    checks_out,
    free_credit,
    has_credit,
    has_items,
    left,
    now_of,
    reserves,
    undoes,
    worked,
)


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def desk(services: Services) -> Till:
    return stands(services)


@pytest.fixture
def visit(made: SmallClinic, desk: Till) -> Visit:
    """Botox for $240 and a facial for $95, on Friday."""
    return has_booked(made, desk, "botox", "facial")


@pytest.fixture(autouse=True)
def _nothing_is_broken(services: Services) -> Any:
    yield
    assert services.ask(broken) == []


def refused(services: Services, act: Any, *args: Any, **more: Any) -> str:
    """The code of a refusal that left everything as it was."""
    before = everything(services)
    with pytest.raises(DomainError) as refusal:
        services.do(act, *args, **more)
    assert everything(services) == before
    return refusal.value.code


# ---- arriving --------------------------------------------------------------------------------------------------------


@pytest.mark.req("P8")
def test_what_is_reserved_is_used_when_the_patient_arrives(
    made: SmallClinic, services: Services, clock: FixedClock, visit: Visit
) -> None:
    package = has_items(services, visit.patient_id, service_id=made["botox"])
    reserves(services, visit, package)
    begins(clock, visit)
    checks_in(services, visit)
    now = now_of(services, visit)
    assert (now.status, now.arrived_at, left(services, package)) == ("arrived", clock.now(), (1, 0))


def test_they_can_be_checked_in_from_the_first_minute_of_the_clinics_own_day(
    services: Services, clock: FixedClock, visit: Visit
) -> None:
    clock.advance(visit.start_at - timedelta(hours=10) - clock.now())  # midnight in Chicago, Friday in UTC for hours
    checks_in(services, visit)
    assert now_of(services, visit).status == "arrived"


@pytest.mark.parametrize("act", [visiting.check_in, visiting.check_out])
def test_the_day_before_nobody_is_checked_in_or_out(
    services: Services, clock: FixedClock, visit: Visit, act: Any
) -> None:
    clock.advance(visit.start_at - timedelta(hours=10, minutes=1) - clock.now())
    actor, found = factories.staff(services, "front_desk").actor, at_desk(services, visit)
    more: dict[str, Any] = {"seen_sequence": visit.sequence}
    if act is visiting.check_out:
        more |= {"wish": found.wish, "shown": bills.reckon(found, found.wish)}
    assert refused(services, act, actor, visit.appointment_id, **more) == "visit_not_today"


def test_a_patient_who_comes_late_is_checked_in_still(services: Services, clock: FixedClock, visit: Visit) -> None:
    clock.advance(visit.start_at + timedelta(days=1) - clock.now())
    checks_in(services, visit)
    assert now_of(services, visit).status == "arrived"


def test_two_at_the_desk_check_in_once(services: Services, clock: FixedClock, visit: Visit) -> None:
    begins(clock, visit)
    actor = factories.staff(services, "front_desk").actor
    for _ in range(2):
        services.do(visiting.check_in, actor, visit.appointment_id, seen_sequence=visit.sequence)
    said = [one.action for one in rows(services, AuditEntry) if one.action == "appointment.arrived"]
    assert (len(said), now_of(services, visit).sequence) == (1, visit.sequence + 1)


@pytest.mark.parametrize("role", ROLES)
def test_who_runs_visits_checks_in_and_nobody_else(
    services: Services, clock: FixedClock, visit: Visit, role: str
) -> None:
    begins(clock, visit)
    actor, more = factories.staff(services, role).actor, {"seen_sequence": visit.sequence}
    if role == "read_only":
        assert refused(services, visiting.check_in, actor, visit.appointment_id, **more) == "not_permitted"
        assert refused(services, visiting.undo_check_in, actor, visit.appointment_id, **more) == "not_permitted"
        with pytest.raises(NotAllowed):
            at_desk(services, visit, role)
    else:
        services.do(visiting.check_in, actor, visit.appointment_id, **more)


def test_a_visit_that_is_not_there_is_not_checked_in(services: Services, made: SmallClinic) -> None:
    actor = factories.staff(services, "front_desk").actor
    assert refused(services, visiting.check_in, actor, 99, seen_sequence=0) == "not_found"


def test_a_visit_that_was_changed_meanwhile_is_not_checked_in(
    services: Services, clock: FixedClock, visit: Visit
) -> None:
    begins(clock, visit)
    checks_in(services, visit)
    undoes(services, visit)
    actor, old = factories.staff(services, "front_desk").actor, visit.sequence
    assert refused(services, visiting.check_in, actor, visit.appointment_id, seen_sequence=old) == "visit_moved_on"


def test_a_cancelled_visit_is_neither_checked_in_nor_out(services: Services, clock: FixedClock, visit: Visit) -> None:
    services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=0)
    begins(clock, visit)
    actor, found = factories.staff(services, "front_desk").actor, at_desk(services, visit)
    more: dict[str, Any] = {"seen_sequence": found.visit.sequence}
    assert refused(services, visiting.check_in, actor, visit.appointment_id, **more) == "visit_moved_on"
    assert refused(services, visiting.undo_check_in, actor, visit.appointment_id, **more) == "visit_moved_on"
    more |= {"wish": found.wish, "shown": bills.reckon(found, found.wish)}
    assert refused(services, visiting.check_out, actor, visit.appointment_id, **more) == "visit_moved_on"


@pytest.mark.req("S54")
def test_a_patient_who_is_there_can_neither_cancel_nor_move(
    services: Services, made: SmallClinic, clock: FixedClock, visit: Visit
) -> None:
    clock.advance(visit.start_at - timedelta(hours=4) - clock.now())
    fee = services.ask(changes.fee_minor, visit)
    checks_in(services, visit)
    cancelling = {"shown_fee_minor": fee}
    assert refused(services, changes.cancel, visit.patient_id, visit.reference, **cancelling) == "change_ended"
    later = factories.minute(visit.start_at.date(), "14:00")
    assert refused(services, changes.move, visit.patient_id, visit.reference, later) == "change_ended"


@pytest.mark.req("P5")
def test_nobody_is_marked_as_missed_who_was_checked_in_since_it_was_read_though_that_was_undone(
    services: Services, clock: FixedClock, visit: Visit
) -> None:
    begins(clock, visit)
    actor = factories.staff(services, "front_desk").actor
    told = services.ask(till.noshow, actor, visit.appointment_id)
    seen = {"shown_fee_minor": told.fee_minor, "seen_sequence": told.visit.sequence}
    checks_in(services, visit)
    undoes(services, visit)
    assert refused(services, fees.charge_noshow, actor, visit.appointment_id, **seen) == "change_ended"
    seen["seen_sequence"] = now_of(services, visit).sequence
    services.do(fees.charge_noshow, actor, visit.appointment_id, **seen)
    now = now_of(services, visit)
    assert (now.status, now.sequence) == ("noshow", visit.sequence + 3)


@pytest.mark.req("P5")
def test_who_is_checked_in_is_not_among_the_missed(services: Services, clock: FixedClock, visit: Visit) -> None:
    begins(clock, visit)
    actor = factories.staff(services, "front_desk").actor
    assert len(services.ask(till.unattended, actor)[0]) == 1
    checks_in(services, visit)
    assert services.ask(till.unattended, actor)[0] == []


# ---- taking it back --------------------------------------------------------------------------------------------------


@pytest.mark.req("P8")
def test_a_check_in_by_mistake_is_taken_back_as_often_as_it_happens(
    made: SmallClinic, services: Services, clock: FixedClock, visit: Visit
) -> None:
    package = has_items(services, visit.patient_id, service_id=made["botox"])
    reserves(services, visit, package)
    begins(clock, visit)
    for _ in range(3):
        checks_in(services, visit)
        assert left(services, package) == (1, 0)
        undoes(services, visit)
        assert left(services, package) == (1, 1)
    now = now_of(services, visit)
    assert (now.status, now.arrived_at) == ("booked", None)


def test_taken_back_twice_by_an_impatient_finger_it_is_taken_back_once(
    services: Services, clock: FixedClock, visit: Visit
) -> None:
    begins(clock, visit)
    checks_in(services, visit)
    actor, seen = factories.staff(services, "front_desk").actor, now_of(services, visit).sequence
    for _ in range(2):
        services.do(visiting.undo_check_in, actor, visit.appointment_id, seen_sequence=seen)
    assert now_of(services, visit).sequence == seen + 1


def test_on_another_day_a_check_in_stays(services: Services, clock: FixedClock, visit: Visit) -> None:
    begins(clock, visit)
    checks_in(services, visit)
    clock.advance(timedelta(days=1))
    actor, seen = factories.staff(services, "front_desk").actor, now_of(services, visit).sequence
    assert refused(services, visiting.undo_check_in, actor, visit.appointment_id, seen_sequence=seen) == "undo_too_late"


def test_after_the_check_out_a_check_in_stays(services: Services, clock: FixedClock, visit: Visit) -> None:
    begins(clock, visit)
    checks_in(services, visit)
    checks_out(services, visit)
    actor, seen = factories.staff(services, "front_desk").actor, now_of(services, visit).sequence
    assert (
        refused(services, visiting.undo_check_in, actor, visit.appointment_id, seen_sequence=seen) == "visit_moved_on"
    )


def test_what_expired_while_it_was_reserved_is_used_and_taken_back_all_the_same(
    made: SmallClinic, services: Services, clock: FixedClock, visit: Visit
) -> None:
    package = has_items(
        services, visit.patient_id, service_id=made["botox"], expires_at=visit.start_at - timedelta(days=1)
    )
    reserves(services, visit, package)
    begins(clock, visit)
    checks_in(services, visit)
    undoes(services, visit)
    bill = checks_out(services, visit)
    assert (bill.sums.items_minor, left(services, package)) == (24000, (1, 0))


# ---- the bill --------------------------------------------------------------------------------------------------------


def test_without_a_wallet_all_is_paid_at_the_desk(services: Services, clock: FixedClock, visit: Visit) -> None:
    begins(clock, visit)
    checks_in(services, visit)
    bill = checks_out(services, visit, how="cash")
    assert (bill.sums.total_minor, bill.sums.desk_minor, bill.desk_how) == (33500, 33500, "cash")
    now = now_of(services, visit)
    assert (now.status, now.fulfilled_at) == ("fulfilled", clock.now())


@pytest.mark.req("P8")
def test_a_visit_checked_out_without_a_check_in_uses_what_was_reserved(
    made: SmallClinic, services: Services, clock: FixedClock, visit: Visit
) -> None:
    package = has_items(services, visit.patient_id, service_id=made["botox"])
    reserves(services, visit, package)
    begins(clock, visit)
    bill = checks_out(services, visit)
    assert (bill.sums.items_minor, bill.sums.desk_minor, left(services, package)) == (24000, 9500, (1, 0))


@pytest.mark.req("P6")
def test_the_deposit_is_used_before_anything_is_paid_at_the_desk(
    made: SmallClinic, desk: Till, services: Services, clock: FixedClock
) -> None:
    asks_deposit(made)
    visit = has_booked(made, desk)
    begins(clock, visit)
    bill = checks_out(services, visit)
    assert (bill.sums.deposit_minor, bill.sums.desk_minor, bill.sums.back_minor) == (5000, 19000, 0)
    assert services.ask(wallets.kept_for, visit.appointment_id) == 0


@pytest.mark.req("P6")
@pytest.mark.parametrize("to", ["card", "wallet"])
def test_what_the_visit_leaves_of_its_deposit_goes_where_the_clinic_set(
    made: SmallClinic, desk: Till, services: Services, clock: FixedClock, to: str
) -> None:
    made.settings(deposit_returns_to=to)
    asks_deposit(made)
    visit = has_booked(made, desk, "botox", "facial")
    package = has_items(services, visit.patient_id, service_id=made["botox"])
    begins(clock, visit)
    line = at_desk(services, visit).lines
    bill = checks_out(services, visit, Wish(frozenset({line[1].id}), {line[0].id: package}))
    worked(desk, visit)
    assert (bill.sums.total_minor, bill.sums.back_minor, bill.back_to) == (24000, 5000, to)
    assert services.ask(wallets.kept_for, visit.appointment_id) == 0
    assert deposit_of(desk, visit).refunded_minor == (5000 if to == "card" else 0)
    assert free_credit(services, visit) == (5000 if to == "wallet" else 0)


@pytest.mark.req("P6")
def test_a_deposit_that_was_not_taken_yet_is_let_go_and_paid_at_the_desk(
    made: SmallClinic, desk: Till, services: Services, clock: FixedClock
) -> None:
    asks_deposit(made)
    factories.visitor(made, "quick", "botox")
    from clinic_portal.booking import holds, queries
    from tests.fees_kit import FRIDAY

    services.do(holds.hold, "quick", factories.minute(FRIDAY, "10:00"))
    paid = desk.pays("quick", made["policy"])
    assert paid.appointment_id is not None
    visit = services.ask(queries.visit, paid.appointment_id)
    begins(clock, visit)
    assert at_desk(services, visit).let_go_minor == 5000
    bill = checks_out(services, visit)
    worked(desk, visit)
    assert (bill.sums.deposit_minor, bill.sums.desk_minor) == (0, 24000)
    assert services.ask(payments.payment, paid.id).state is State.RELEASED


@pytest.mark.req("S33")
def test_credit_is_used_first_where_it_expires_soonest(services: Services, clock: FixedClock, visit: Visit) -> None:
    begins(clock, visit)
    has_credit(services, visit.patient_id, 3000)
    has_credit(services, visit.patient_id, 2000, expires_at=clock.now() + timedelta(days=3))
    bill = checks_out(services, visit, Wish(credit_minor=2500, desk_how="card"))
    assert (bill.sums.credit_minor, bill.sums.desk_minor, free_credit(services, visit)) == (2500, 31000, 2500)
    assert services.ask(wallets.lots, visit.patient_id) == ()
    mine = [one for one in services.ask(wallets.entries, visit.patient_id) if one.kind is EntryKind.USED]
    assert {one.visit_id for one in mine} == {visit.appointment_id}


def test_more_credit_than_there_is_or_is_due_is_refused(services: Services, clock: FixedClock, visit: Visit) -> None:
    begins(clock, visit)
    has_credit(services, visit.patient_id, 3000)
    found = at_desk(services, visit)
    for minor in (3001, -1):
        with pytest.raises(Invalid, match="bill_credit_too_much"):
            bills.reckon(found, Wish(credit_minor=minor))
    with pytest.raises(Invalid, match="bill_credit_too_much"):
        bills.reckon(replace(found, credit_minor=99999), Wish(credit_minor=33501))


def test_what_was_not_done_is_not_paid_and_its_item_is_free_again(
    made: SmallClinic, services: Services, clock: FixedClock, visit: Visit
) -> None:
    package = has_items(services, visit.patient_id, service_id=made["botox"])
    reserves(services, visit, package)
    begins(clock, visit)
    checks_in(services, visit)
    line = at_desk(services, visit).lines[0]
    bill = checks_out(services, visit, Wish(frozenset({line.id}), {line.id: package}, desk_how="card"))
    assert (bill.sums.total_minor, bill.sums.items_minor, left(services, package)) == (9500, 0, (2, 0))
    assert [(one.name, one.is_done) for one in bill.lines] == [("Botox — forehead", False), ("Hydrating facial", True)]


def test_a_service_is_switched_to_money_and_its_item_is_free_again(
    made: SmallClinic, services: Services, clock: FixedClock, visit: Visit
) -> None:
    package = has_items(services, visit.patient_id, service_id=made["botox"])
    reserves(services, visit, package)
    begins(clock, visit)
    checks_in(services, visit)
    bill = checks_out(services, visit, Wish(desk_how="card"))
    assert (bill.sums.desk_minor, left(services, package)) == (33500, (2, 0))


@pytest.mark.req("P8")
def test_a_service_is_switched_to_another_item_that_fits(
    made: SmallClinic, services: Services, clock: FixedClock, visit: Visit
) -> None:
    package = has_items(services, visit.patient_id, service_id=made["botox"])
    gift = has_items(services, visit.patient_id, 1, origin=Origin.GIFT, category_id=made["injectables"])
    reserves(services, visit, package)
    begins(clock, visit)
    checks_in(services, visit)
    line = at_desk(services, visit).lines[0]
    bill = checks_out(services, visit, Wish(items={line.id: gift}, desk_how="card"))
    assert (left(services, package), left(services, gift)) == ((2, 0), (0, 0))
    assert [one.origin for one in bill.lines] == [Origin.GIFT, None]


@pytest.mark.req("P8")
def test_one_lot_pays_two_services_of_its_category(
    made: SmallClinic, services: Services, clock: FixedClock, visit: Visit
) -> None:
    package = has_items(services, visit.patient_id, category_id=made["injectables"])
    reserves(services, visit, package)
    begins(clock, visit)
    first, second = at_desk(services, visit).lines
    bill = checks_out(services, visit, Wish(items={first.id: package, second.id: package}))
    assert (bill.sums.items_minor, bill.sums.desk_minor, bill.desk_how) == (33500, 0, "")
    assert left(services, package) == (0, 0)


def test_a_lot_pays_no_more_than_is_left_of_it(
    made: SmallClinic, services: Services, clock: FixedClock, visit: Visit
) -> None:
    package = has_items(services, visit.patient_id, 1, category_id=made["injectables"])
    found = at_desk(services, visit)
    with pytest.raises(Conflict, match="bill_item_short"):
        bills.reckon(found, Wish(items={one.id: package for one in found.lines}))


def test_what_does_not_fit_is_expired_or_anothers_pays_nothing(
    made: SmallClinic, desk: Till, services: Services, clock: FixedClock, visit: Visit
) -> None:
    other = has_booked(made, desk, "facial", clock="14:00", email="zoe@example.org", phone="+15125550143")
    assert other.patient_id != visit.patient_id
    unfit = [
        has_items(services, visit.patient_id, service_id=made["peel"]),
        has_items(services, visit.patient_id, product="Sun cream"),
        has_items(services, visit.patient_id, service_id=made["botox"], expires_at=clock.now() + timedelta(hours=1)),
        has_items(services, other.patient_id, service_id=made["botox"]),
    ]
    begins(clock, visit)
    found = at_desk(services, visit)
    assert [one.fits for one in found.lines] == [(), ()]
    for lot_id in unfit:
        with pytest.raises(Conflict, match="bill_item_short"):
            bills.reckon(found, Wish(items={found.lines[0].id: lot_id}))


@pytest.mark.parametrize("wish", [Wish(frozenset({10**6})), Wish(items={10**6: 1})])
def test_a_line_of_another_visit_is_nobodys(services: Services, visit: Visit, wish: Wish) -> None:
    with pytest.raises(NotAllowed):
        bills.reckon(at_desk(services, visit), wish)


def test_amounts_are_added_and_taken_off_with_words(services: Services, clock: FixedClock, visit: Visit) -> None:
    begins(clock, visit)
    extras = (Extra("A longer session", 2500), Extra("For the wait", -1000))
    bill = checks_out(services, visit, Wish(extras=extras, desk_how="other"))
    assert bill.sums.total_minor == 35000
    told = [(one.name, one.amount_minor) for one in bill.lines if one.service_id is None]
    assert told == [("A longer session", 2500), ("For the wait", -1000)]


@pytest.mark.parametrize(
    ("extras", "code"),
    [
        ((Extra("", 100),), "bill_words_missing"),
        ((Extra("x" * 121, 100),), "bill_words_missing"),
        ((Extra("Nothing", 0),), "bill_amount"),
        ((Extra("Too much", 1_000_001),), "bill_amount"),
        ((Extra("Off", -33501),), "bill_below_nothing"),
        ((Extra("Many", 1),) * 6, "bill_extras_many"),
    ],
)
def test_an_amount_that_cannot_be_is_refused(
    services: Services, visit: Visit, extras: tuple[Extra, ...], code: str
) -> None:
    with pytest.raises(Invalid, match=code):
        bills.reckon(at_desk(services, visit), Wish(extras=extras))


def test_what_is_taken_off_never_takes_what_an_item_pays(
    made: SmallClinic, services: Services, clock: FixedClock, visit: Visit
) -> None:
    package = has_items(services, visit.patient_id, service_id=made["botox"])
    found = at_desk(services, visit)
    with pytest.raises(Invalid, match="bill_below_nothing"):
        bills.reckon(found, Wish(items={found.lines[0].id: package}, extras=(Extra("Off", -9501),)))


def test_it_is_said_how_the_rest_was_paid(services: Services, clock: FixedClock, visit: Visit) -> None:
    begins(clock, visit)
    actor, found = factories.staff(services, "front_desk").actor, at_desk(services, visit)
    for how in ("", "barter"):
        more: dict[str, Any] = {"shown": bills.reckon(found, Wish()), "seen_sequence": visit.sequence}
        wish = Wish(desk_how=how)
        assert refused(services, visiting.check_out, actor, visit.appointment_id, wish, **more) == "bill_how_missing"


def test_a_bill_that_is_another_by_now_is_not_made(
    made: SmallClinic, services: Services, clock: FixedClock, visit: Visit
) -> None:
    begins(clock, visit)
    actor, found = factories.staff(services, "front_desk").actor, at_desk(services, visit)
    shown = replace(bills.reckon(found, Wish()), desk_minor=1, total_minor=1)
    wish, more = Wish(desk_how="card"), {"shown": shown, "seen_sequence": visit.sequence}
    assert refused(services, visiting.check_out, actor, visit.appointment_id, wish, **more) == "bill_changed"


def test_the_same_check_out_twice_is_one_and_another_is_refused(
    services: Services, clock: FixedClock, visit: Visit
) -> None:
    begins(clock, visit)
    actor, found = factories.staff(services, "front_desk").actor, at_desk(services, visit)
    wish = Wish(desk_how="card", extras=(Extra("A longer session", 2500),))
    more: dict[str, Any] = {"shown": bills.reckon(found, wish), "seen_sequence": visit.sequence}
    first, second = (services.do(visiting.check_out, actor, visit.appointment_id, wish, **more) for _ in range(2))
    assert first == second
    other = replace(wish, desk_how="cash")
    assert refused(services, visiting.check_out, actor, visit.appointment_id, other, **more) == "visit_moved_on"
    line = found.lines[0].id
    other = replace(wish, not_done=frozenset({line}), extras=(Extra("A longer session", 26500),))
    assert refused(services, visiting.check_out, actor, visit.appointment_id, other, **more) == "visit_moved_on"


def test_a_finished_bill_says_all_that_was_paid(
    made: SmallClinic, desk: Till, services: Services, clock: FixedClock
) -> None:
    asks_deposit(made)
    visit = has_booked(made, desk, "botox", "facial")
    package = has_items(services, visit.patient_id, service_id=made["facial"], name="Hydrating facial")
    has_credit(services, visit.patient_id, 4000)
    reserves(services, visit, package, 1)
    begins(clock, visit)
    checks_in(services, visit)
    line = at_desk(services, visit).lines[1]
    made_bill = checks_out(services, visit, Wish(items={line.id: package}, credit_minor=4000, desk_how="card"))
    bill = services.ask(bills.bill_of, visit.appointment_id)
    assert bill == made_bill
    sums = made_bill.sums
    parts = (sums.items_minor, sums.deposit_minor, sums.credit_minor, sums.desk_minor)
    assert (parts, sum(parts)) == ((9500, 5000, 4000, 15000), sums.total_minor)


def test_nobody_checked_out_has_no_bill(services: Services, visit: Visit) -> None:
    assert services.ask(bills.bill_of, visit.appointment_id) is None


@pytest.mark.req("P15")
def test_what_was_done_with_a_deposit_tells_that_the_patient_came_and_left(
    made: SmallClinic, desk: Till, services: Services, clock: FixedClock
) -> None:
    asks_deposit(made)
    visit = has_booked(made, desk)
    begins(clock, visit)
    checks_in(services, visit)
    undoes(services, visit)
    checks_out(services, visit)
    found = services.ask(till.sheet, factories.staff(services, "owner").actor, deposit_of(desk, visit).id)
    told = [one.what for one in story.timeline(found, {}, "America/Chicago", "en")]
    assert told[-3:] == ["Patient checked in", "Check-in taken back", "Patient checked out"]
