"""Staff put something into a wallet or take it out again, with a reason (P7)."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Invalid, NotAllowed, Unusable
from clinic_portal.core.work import UnitOfWork
from clinic_portal.patients import profile
from clinic_portal.wallet import actions, ledger, lots, queries, rules
from clinic_portal.wallet.rules import CATEGORY, CREDIT, PRODUCT, SERVICE, Giving
from clinic_portal.wallet.types import ITEM, MOST, EntryKind, NewLot, Origin


def give(work: UnitOfWork, actor: StaffActor, patient_id: int, typed: Mapping[str, str], *, key: str) -> int | None:
    """Put credit, treatments or products into a wallet, as a gift or to put something right; the lot's id.

    `key` is the form's own: sent twice, it is done once, and None is returned. Raises NotAllowed, for no such patient
    too; Unusable with what is wrong, field by field.
    """
    actor.must(Permission.HANDLE_WALLETS)
    profile.for_staff(work, actor, patient_id)
    clinic = catalogue(work)
    today = wording.local(work.now, clinic.time_zone).date()
    wanted = rules.giving(typed, currency=clinic.clinic.currency, today=today)
    new = _lot(clinic, wanted)
    kind = EntryKind.GIFT if wanted.is_gift else EntryKind.ADDED
    told = {"key": f"desk:{key}", "patient_id": patient_id, "actor": actor.tag, "reason": wanted.reason}
    lot_id = lots.grant(work, kind, new, **told)  # type: ignore[arg-type]
    if lot_id is not None:
        what = {"credit_minor": new.count, "currency": new.currency} if not new.is_counted else {"items": new.count}
        deed = "wallet.gift" if wanted.is_gift else "wallet.added"
        work.record(actor.tag, deed, f"patient:{patient_id}", name=new.name, **what, reason=wanted.reason)
    return lot_id


def take_credit(
    work: UnitOfWork, actor: StaffActor, patient_id: int, typed: str, *, currency: str, reason: str, key: str
) -> bool:
    """Take free credit, first what expires soonest; whether that is new. Raises NotAllowed; Unusable for an amount that
    is none or more than there is, and without a reason."""
    actor.must(Permission.HANDLE_WALLETS)
    profile.for_staff(work, actor, patient_id)
    ledger.in_turn(work, patient_id)
    if actions.is_entered(work, EntryKind.TAKEN, f"desk:{key}"):
        return False
    there = queries.credit(work, patient_id).get(currency, 0)
    if not there:
        raise NotAllowed()
    minor, why = _both(lambda: _within(rules.amount("amount", typed, currency), there, "amount"), reason)
    told = {"key": f"desk:{key}", "patient_id": patient_id, "actor": actor.tag, "reason": why, "currency": currency}
    actions.enter(work, EntryKind.TAKEN, amount_minor=-minor, **told)  # type: ignore[arg-type]
    detail = {"credit_minor": minor, "currency": currency, "reason": why}
    work.record(actor.tag, "wallet.taken", f"patient:{patient_id}", **detail)
    return True


def take_items(
    work: UnitOfWork, actor: StaffActor, patient_id: int, lot_id: int, typed: str, *, reason: str, key: str
) -> bool:
    """Take free ones out of a lot; whether that is new. Raises NotAllowed, for another's lot too; Unusable for a number
    that is none or more than are free, and without a reason."""
    actor.must(Permission.HANDLE_WALLETS)
    profile.for_staff(work, actor, patient_id)
    ledger.in_turn(work, patient_id)
    if actions.is_entered(work, EntryKind.TAKEN, f"desk:{key}"):
        return False
    found = queries.lot(work, lot_id)
    if found is None or found.patient_id != patient_id or found.unit != ITEM or not found.left:
        raise NotAllowed()
    many, why = _both(lambda: _within(rules.count("count", typed), found.left, "count"), reason)
    told = {"key": f"desk:{key}", "actor": actor.tag, "reason": why}
    lots.take(work, EntryKind.TAKEN, patient_id, lot_id, many, **told)
    work.record(actor.tag, "wallet.taken", f"patient:{patient_id}", name=found.name, items=many, reason=why)
    return True


def hand_over(work: UnitOfWork, actor: StaffActor, patient_id: int, lot_id: int, *, key: str) -> bool:
    """A product of the wallet is handed to its patient at the clinic; whether that is new. Raises NotAllowed for
    another's and for what is no product; Conflict ("wallet_short") where none is left."""
    actor.must(Permission.HANDLE_WALLETS)
    profile.for_staff(work, actor, patient_id)
    ledger.in_turn(work, patient_id)
    if actions.is_entered(work, EntryKind.USED, f"desk:{key}"):
        return False
    found = queries.lot(work, lot_id)
    if found is None or found.patient_id != patient_id or not found.product:
        raise NotAllowed()
    lots.take(work, EntryKind.USED, patient_id, lot_id, 1, key=f"desk:{key}", actor=actor.tag)
    work.record(actor.tag, "wallet.handed", f"patient:{patient_id}", name=found.name)
    return True


def _lot(clinic: Catalogue, wanted: Giving) -> NewLot:
    origin = Origin.GIFT if wanted.is_gift else Origin.STAFF
    until = rules.expires_at(wanted.until_on, clinic.time_zone) if wanted.until_on else None
    new = NewLot(origin, "Credit", wanted.count, wanted.count, clinic.clinic.currency, expires_at=until)
    if wanted.what == CREDIT:
        return new
    if wanted.what == PRODUCT:
        return _worth(replace(new, name=wanted.product, product=wanted.product), wanted, 0)
    if wanted.what == SERVICE and (service := clinic.services.get(wanted.row_id)) is not None:
        return _worth(replace(new, name=service.name, service_id=service.id), wanted, service.price_minor)
    if wanted.what == CATEGORY and (shelf := clinic.categories.get(wanted.row_id)) is not None:
        prices = [one.price_minor for one in clinic.services.values() if one.category_id == shelf.id]
        return _worth(replace(new, name=shelf.name, category_id=shelf.id), wanted, max(prices, default=0))
    raise Unusable([Invalid("what", "history_choice")])


def _worth(new: NewLot, wanted: Giving, usual_minor: int) -> NewLot:
    each = usual_minor if wanted.each_minor is None else wanted.each_minor
    if each * new.count > MOST:
        raise Unusable([Invalid("count", "wallet_amount", most_minor=MOST, currency=new.currency)])
    return replace(new, worth_minor=each * new.count)


def _within(wanted: int, most: int, field: str) -> int:
    if wanted > most:
        raise Invalid(field, "wallet_more")
    return wanted


def _both(number: Callable[[], int], reason: str) -> tuple[int, str]:
    faults, found, why = [], 0, ""
    try:
        found = number()
    except Invalid as fault:
        faults.append(fault)
    try:
        why = rules.reason(reason)
    except Invalid as fault:
        faults.append(fault)
    if faults:
        raise Unusable(faults)
    return found, why
