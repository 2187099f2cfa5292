"""What the demo clinic's patients paid: the cards they booked with, deposits, and fees of visits they missed.

Written as the sandbox gateway and the cashier would have written it, so that a fee, a refund and reconciliation find
in the gateway's books what ours say.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from clinic_portal.booking import models as booking
from clinic_portal.booking import rules
from clinic_portal.clinic.queries import catalogue, policy
from clinic_portal.core.crypto import keyed
from clinic_portal.core.db import table
from clinic_portal.core.work import UnitOfWork
from clinic_portal.patients import models as patients
from clinic_portal.payments import books, cards, sandbox_books
from clinic_portal.payments.ports import GatewayCard
from clinic_portal.payments.types import Purpose, State, Wanted
from clinic_portal.wallet import actions as wallet
from clinic_portal.wallet.types import EntryKind

LOOKS_BACK = timedelta(days=45)
ACCOUNT = "sandbox"
BRANDS = (("visa", "4242424242424242"), ("mastercard", "5555555555554444"), ("amex", "378282246310005"))
DECLINED_LATER = ("visa", "4000000000000341")
_APPOINTMENT = table(booking.Appointment)
_SERVICE = table(booking.AppointmentService)
_PATIENT = table(patients.Patient)


@dataclass(frozen=True, slots=True)
class Deed:
    """An entry in a wallet, to be made as of its day."""

    at: datetime
    values: dict[str, Any]

    def make(self, work: UnitOfWork) -> None:
        """Make it."""
        wallet.enter(work, **self.values)


def seed(work: UnitOfWork, rng: random.Random) -> list[Deed]:
    """Give every visit of late and to come, that was booked under a policy, the card it was booked with; what is to be
    entered into wallets for it."""
    if work.settings.payment_account != ACCOUNT:
        return []
    return _Tills(work, rng).fill()


class _Tills:
    def __init__(self, work: UnitOfWork, rng: random.Random) -> None:
        self._work, self._rng, self._clinic = work, rng, catalogue(work)
        self._cards: dict[int, GatewayCard] = {}
        self._missed = 0
        self._deeds: list[Deed] = []

    def fill(self) -> list[Deed]:
        shown = _APPOINTMENT.c.start_at > self._work.now - LOOKS_BACK
        under = _APPOINTMENT.c.policy_version_id.is_not(None)
        both = _APPOINTMENT.join(_SERVICE, _SERVICE.c.appointment_id == _APPOINTMENT.c.id)
        everyone = both.join(_PATIENT, _PATIENT.c.id == _APPOINTMENT.c.patient_id)
        columns = (_APPOINTMENT, _SERVICE.c.service_id, _PATIENT.c.email, _PATIENT.c.phone)
        found = self._work.execute(select(*columns).select_from(everyone).where(shown, under)).all()
        for row in sorted(found, key=lambda one: one.booked_at):
            self._visit(row)
        return self._deeds

    def _visit(self, row: Any) -> None:
        service = self._clinic.services[row.service_id]
        deposit_minor = rules.deposit_minor([service])
        card = self._card(row)
        card_id = cards.keep(self._work, ACCOUNT, row.patient_id, card)
        is_back = row.status == "cancelled"
        purpose = Purpose.DEPOSIT if deposit_minor else Purpose.HOLD
        amount = deposit_minor or self._clinic.clinic.card_hold_minor
        taken = deposit_minor if not is_back else 0
        paid_id = self._payment(
            row,
            purpose,
            amount,
            state=State.PAID if taken else State.RELEASED,
            captured=taken,
            card_id=card_id,
            card=card,
            wanted=Wanted.CAPTURE if taken else Wanted.RELEASE,
        )
        if taken:
            self._enter(row, row.booked_at, EntryKind.DEPOSIT, str(paid_id), paid_id, taken)
        if taken and row.status == "fulfilled":
            self._enter(row, row.end_at, EntryKind.USED, str(paid_id), paid_id, -taken)
        if row.status == "noshow":
            self._missed_visit(row, taken, card_id, card)

    def _missed_visit(self, row: Any, deposit_minor: int, card_id: int, card: GatewayCard) -> None:
        """Some paid, some owed, one forgiven."""
        fee = rules.noshow_fee_minor(policy(self._work, row.policy_version_id), row.covered_minor)
        charged = max(0, fee - deposit_minor)
        if not charged:
            return
        self._missed += 1
        state = {1: State.FAILED, 3: State.WAIVED}.get(self._missed, State.PAID)
        captured = charged if state is State.PAID else 0
        values: dict[str, Any] = {
            "from_deposit_minor": fee - charged,
            "failure_code": None if captured else "card_declined",
        }
        fee_id = self._payment(
            row, Purpose.NOSHOW_FEE, charged, state=state, captured=captured, card_id=card_id, card=card, **values
        )
        self._enter(row, row.end_at, EntryKind.FEE, f"noshow_fee:{row.id}", fee_id, -(fee - charged))

    def _payment(
        self,
        row: Any,
        purpose: Purpose,
        amount: int,
        *,
        state: State,
        captured: int,
        card_id: int,
        card: GatewayCard,
        wanted: Wanted | None = None,
        **values: Any,
    ) -> int:
        at = row.end_at if purpose is Purpose.NOSHOW_FEE else row.booked_at
        payment_id = books.prepare(
            self._work,
            account=ACCOUNT,
            purpose=purpose,
            amount_minor=amount,
            currency=row.currency,
            state=state.value,
            wanted=wanted.value if wanted else None,
            appointment_id=row.id,
            patient_id=row.patient_id,
            card_id=card_id,
            captured_minor=captured,
            item="Missed visit" if purpose is Purpose.NOSHOW_FEE else "Card check, released at once",
            email=row.email,
            phone=row.phone,
            phone_verified_at=row.booked_at,
            reference=row.reference,
            accepted_policy_id=row.policy_version_id,
            accepted_at=row.policy_accepted_at,
            accepted_from="198.51.100.7",
            accepted_device="Firefox on Windows",
            created_at=at,
            updated_at=at,
            **values,
        )
        intent_id = f"pi_sandbox_demo{payment_id}"
        status = "paid" if captured else "unfinished" if state in (State.FAILED, State.WAIVED) else "cancelled"
        data = {
            "payment_id": payment_id,
            "purpose": purpose.value,
            "amount_minor": amount,
            "currency": row.currency,
            "item": "",
            "reference": row.reference,
            "status": status,
            "captured_minor": captured,
            "refunded_minor": 0,
            "customer_id": card.customer_id,
            "method_id": card.method_id,
            "session_id": None,
            "authorised_at": None,
            "failure_code": values.get("failure_code"),
        }
        sandbox_books.keep(self._work, "intent", intent_id, data)
        books.change(self._work, payment_id, intent_id=intent_id)
        return payment_id

    def _card(self, row: Any) -> GatewayCard:
        known = self._cards.get(row.patient_id)
        if known:
            return known
        brand, number = DECLINED_LATER if row.status == "noshow" and not self._missed else self._rng.choice(BRANDS)
        customer_id, method_id = f"cus_sandbox_demo{row.patient_id}", f"pm_sandbox_demo{row.patient_id}"
        customer = {"email": row.email, "name": "", "patient_id": row.patient_id, "asked": ""}
        sandbox_books.keep(self._work, "customer", customer_id, customer)
        shown: dict[str, Any] = {
            "customer_id": customer_id,
            "fingerprint": keyed(self._work.settings.key, "sandbox card", number)[:16],
            "brand": brand,
            "last_four": number[-4:],
            "exp_month": self._rng.randrange(1, 13),
            "exp_year": self._work.now.year + self._rng.randrange(1, 5),
        }
        later = "card_declined" if (brand, number) == DECLINED_LATER else ""
        behaves = {"now": later, "later": later, "asks_again": False, "is_kept": True}
        sandbox_books.keep(self._work, "card", method_id, shown | behaves)
        self._cards[row.patient_id] = GatewayCard(method_id=method_id, **shown)
        return self._cards[row.patient_id]

    def _enter(self, row: Any, at: datetime, kind: EntryKind, key: str, payment_id: int, amount_minor: int) -> None:
        values = {
            "kind": kind,
            "key": key,
            "patient_id": row.patient_id,
            "amount_minor": amount_minor,
            "currency": row.currency,
            "actor": "command",
            "appointment_id": row.id,
            "payment_id": payment_id,
        }
        self._deeds.append(Deed(at, values))
