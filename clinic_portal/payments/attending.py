"""Staff say that what a payment asked their attention for is dealt with: at the bank, by telephone, at the desk."""

from sqlalchemy import and_, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import UnitOfWork
from clinic_portal.payments import books, models
from clinic_portal.payments.access import payment_for_staff
from clinic_portal.payments.listing import Attention, attention
from clinic_portal.payments.rules import reason

_PAYMENT = table(models.Payment)
_DIFFERENCE = table(models.Difference)


def attended(work: UnitOfWork, actor: StaffActor, payment_id: int, *, how: str) -> None:
    """A dispute, a refund that failed or a difference is dealt with; `how` is kept. Nothing of the money changes.

    A fee that failed is not dealt with by words: it is tried again, paid or waived. Raises NotAllowed, Invalid without
    a word on how, Conflict where nothing asks for attention.
    """
    actor.must(Permission.GIVE_BACK)
    payment_for_staff(work, actor, payment_id)
    told = reason(how)
    paid = books.in_turn(work, payment_id)
    why = [one for one in attention(work, [paid.id]).get(paid.id, ()) if one is not Attention.FEE_FAILED]
    if not why:
        raise Conflict("payment_moved_on")
    work.execute(update(_PAYMENT).where(_PAYMENT.c.id == paid.id).values(attended_at=work.now))
    open_ones = and_(_DIFFERENCE.c.payment_id == paid.id, _DIFFERENCE.c.mended_at.is_(None))
    work.execute(update(_DIFFERENCE).where(open_ones).values(mended_at=work.now))
    work.record(actor.tag, "payment.attended", f"payment:{paid.id}", about=[one.value for one in why], reason=told)
