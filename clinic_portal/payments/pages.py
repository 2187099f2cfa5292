"""Verbs of the gateway's page of a payment, whatever it is for: it stands, or is to be asked for anew."""

from clinic_portal.core.work import UnitOfWork
from clinic_portal.payments import books, rules
from clinic_portal.payments.ports import Checkout
from clinic_portal.payments.types import PaymentInfo, State


def opened(work: UnitOfWork, asked: PaymentInfo, told: Checkout) -> None:
    """The gateway's page stands; one who asked at the same time got the same."""
    paid = books.in_turn(work, asked.id)
    if paid.awaits_page and paid.attempt == asked.attempt:
        books.change(work, paid.id, state=State.OPEN.value, session_id=told.id, page_url=told.url)


def ask_anew(work: UnitOfWork, asked: PaymentInfo) -> None:
    """A page was definitely refused: the next is asked for under another key, with its time counted from now."""
    paid = books.in_turn(work, asked.id)
    if paid.awaits_page and paid.attempt == asked.attempt:
        books.change(work, paid.id, attempt=paid.attempt + 1, expires_at=work.now + rules.PAGE_LASTS)


def looked_at(work: UnitOfWork, payment_id: int) -> None:
    """A payment was looked at and stands as it did: it waits its turn again."""
    books.change(work, payment_id)
