"""Give a payment back into its patient's wallet instead of to its card, as a transaction (P7).

What of a deposit is still kept for a visit becomes free credit first; the rest is new credit. Either way so much of the
payment cannot go back to its card any more.
"""

from collections import defaultdict
from typing import Any

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import givable, selling
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.payments import books
from clinic_portal.payments import findings as payments
from clinic_portal.payments.access import payment_for_staff
from clinic_portal.payments.rules import reason as given
from clinic_portal.payments.types import PaymentInfo, Purpose, State
from clinic_portal.wallet import actions as wallet
from clinic_portal.wallet.queries import came_as_credit, kept_for
from clinic_portal.wallet.types import EntryKind

TWICE = "returned_twice"
"""A difference: given back into the wallet, and at the gateway's own pages too."""
_PAYMENT_KEY = "payment:"


def into_wallet(
    work: UnitOfWork,
    actor: StaffActor,
    payment_id: int,
    amount_minor: int,
    *,
    reason: str,
    seen_left_minor: int | None = None,
) -> None:
    """Give a payment back as credit, whole or in part.

    `seen_left_minor` is what could still be given back so when they decided: two who give back the same do it once.
    Of a package its items leave the wallet for it. Raises NotAllowed; Invalid for an amount that is none or more than
    is left, of a package more than what is not used is worth, and without a reason; Conflict where nothing was taken,
    or more was given back meanwhile ("payment_moved_on").
    """
    actor.must(Permission.GIVE_BACK)
    payment_for_staff(work, actor, payment_id)
    reason = given(reason)
    paid = books.in_turn(work, payment_id)
    givable.in_turn(work, paid)
    left_minor = givable.creditable_minor(work, paid)
    if paid.state is not State.PAID or seen_left_minor not in (None, left_minor):
        raise Conflict("payment_moved_on")
    if not 0 < amount_minor <= left_minor:
        raise givable.too_much(work, paid, left_minor)
    assert paid.patient_id is not None
    key = f"{_PAYMENT_KEY}{paid.id}:{paid.credited_minor}"
    told: dict[str, Any] = {
        "key": key,
        "patient_id": paid.patient_id,
        "currency": paid.currency,
        "actor": actor.tag,
    }
    books.change(work, paid.id, credited_minor=paid.credited_minor + amount_minor)
    kept = min(amount_minor, _kept(work, paid))
    if kept and paid.appointment_id is not None:  # no payment is named: what became credit so goes to no card again
        wallet.to_credit(
            work, **told, amount_minor=kept, appointment_id=paid.appointment_id, payment_id=None, reason=reason
        )
    wallet.enter(work, EntryKind.RETURNED, **told, amount_minor=amount_minor - kept, reason=reason, payment_id=paid.id)
    if paid.purpose is Purpose.PACKAGE:
        selling.level(work, paid.id, key=key, actor=actor.tag)
    subject, detail = f"payment:{paid.id}", {"amount_minor": amount_minor, "reason": reason}
    work.record(actor.tag, "payment.credited", subject, **detail)


def findings(read: Reading, *, most: int = 20) -> list[str]:
    """A sentence for every payment of which not exactly that came into a wallet as was given back into one."""
    came: dict[int, int] = defaultdict(int)
    for kind in (EntryKind.RETURNED, EntryKind.TO_CREDIT):
        for key, minor in came_as_credit(read, kind, _PAYMENT_KEY):
            came[int(key.removeprefix(_PAYMENT_KEY).partition(":")[0])] += minor
    credited = payments.credited(read)
    differs = sorted(one for one in {*came, *credited} if came.get(one, 0) != credited.get(one, 0))
    return [f"Payment {one} was not given back into a wallet as its books say." for one in differs[:most]]


def _kept(read: Reading, paid: PaymentInfo) -> int:
    """What of a deposit is still kept for its visit."""
    if paid.purpose is not Purpose.DEPOSIT or paid.appointment_id is None:
        return 0
    return kept_for(read, paid.appointment_id)
