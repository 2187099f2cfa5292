"""Packages are sold, as transactions (P8): what the buyer goes to pay, what comes of it, and what goes back.

Nothing here calls the gateway: the cashier does, between one of these and the next. What was sold is kept with the
payment as it was read, and what is paid stands in the wallet. Where money of it went back, by whatever way, `level`
takes as many items out of the wallet; a refund that failed puts them back.
"""

from dataclasses import dataclass

from sqlalchemy import and_, select

from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.packages import purchase, words
from clinic_portal.packages import rules as package_rules
from clinic_portal.packages.types import Buyer, Sold, sold
from clinic_portal.patients import actions as patients
from clinic_portal.patients.queries import contact, language_of
from clinic_portal.patients.types import Contact
from clinic_portal.payments import books, cards, rules
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import Checkout, IntentStatus
from clinic_portal.payments.types import PaymentInfo, Purpose, State
from clinic_portal.wallet import ledger, lots
from clinic_portal.wallet import queries as wallet
from clinic_portal.wallet.ledger import LOT
from clinic_portal.wallet.types import EntryKind, LotInfo, NewLot, Origin

BOUGHT = "package.bought"
"""The outbox's kind for a package that was paid {payment_id}: the patient is told what is in it."""
USED_AND_RETURNED = "package_used"
"""What differs where more money went back than was left to be taken out of the wallet for it."""


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants which package: a patient who is signed in, or the browser of one who is not.

    `revision` is that of the package as it was read, `seen_id` the newest purchase the page knew of.
    """

    package_id: int
    revision: int
    seen_id: int
    patient_id: int | None
    owner: str
    address: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a package that was sold stands: how many of it are left, and what can be given back of its price."""

    sold: Sold
    lot: LotInfo
    left: int  # free, and not expired
    reserved: int  # for visits that are booked
    used: int  # or expired
    taken_back: int  # since money went back
    givable_minor: int


def begin(work: UnitOfWork, order: Order, account: str) -> int:
    """Write down what a buyer goes to pay; the payment's id. One that is under way for the same is gone on with, so
    that two tabs pay one.

    Raises NotAllowed for an unknown package; Conflict where it is sold no more or was changed ("package_gone",
    "package_changed"), where this buyer bought something since the page was drawn ("package_bought_meanwhile"), where
    they are nobody yet ("details_missing", "phone_unverified"), and where a page for something else is open
    ("payment_overtaken"): it is to be ended first.
    """
    work.in_turn("package purchase", str(order.patient_id) if order.patient_id is not None else order.owner)
    buyer = purchase.proved(work, order.owner) if order.patient_id is None else None
    wanted = purchase.offered(work, order.package_id, revision=order.revision, buyer=buyer)
    if newest_bought(work, order.patient_id, order.owner) > order.seen_id:
        raise Conflict("package_bought_meanwhile")
    who = _contact(work, order, buyer)
    live = under_way(work, order)
    if live is not None:
        known, is_late = sold(live.sold), live.expires_at is not None and live.expires_at <= work.now
        is_this = known is not None and known.terms == wanted.terms and live.package_id == order.package_id
        is_theirs = known is not None and (live.email, live.phone, known.names) == (who.email, who.phone, wanted.names)
        if not is_this or not is_theirs or is_late or live.account != account:
            raise Conflict("payment_overtaken")
        return live.id
    return _prepare(work, order, wanted, who, buyer, account)


def under_way(read: Reading, order: Order) -> PaymentInfo | None:
    """The purchase this buyer has a page open for."""
    mine = payments.packages_of(read, patient_id=order.patient_id, owner=order.owner)
    return next((one for one in mine if not one.is_settled), None)


def newest(read: Reading, patient_id: int | None, owner: str) -> PaymentInfo | None:
    """What a buyer went to buy last."""
    return next(iter(payments.packages_of(read, patient_id=patient_id, owner=owner)), None)


def newest_bought(read: Reading, patient_id: int | None, owner: str) -> int:
    """The payment's id of what a buyer bought last; 0 where they bought nothing."""
    mine = payments.packages_of(read, patient_id=patient_id, owner=owner)
    return next((one.id for one in mine if one.state is State.PAID), 0)


def paid(work: UnitOfWork, payment_id: int, told: Checkout) -> PaymentInfo:
    """A package was paid on the gateway's page: it goes into its buyer's wallet, once, and they are told."""
    asked, intent = books.in_turn(work, payment_id), told.intent
    terms = sold(asked.sold)
    if asked.state not in (State.PREPARED, State.OPEN) or intent is None or terms is None:
        return asked
    differs = rules.mismatch(asked, intent)
    if differs:
        books.note_difference(work, f"another_{differs}", payment_id=asked.id, intent_id=intent.id)
    if differs or intent.status is not IntentStatus.PAID:
        books.change(work, asked.id)
        return asked
    patient_id = asked.patient_id if asked.patient_id is not None else _profile(work, asked, terms)
    values = {"state": State.PAID.value, "intent_id": intent.id, "session_id": told.id, "patient_id": patient_id}
    if intent.card is not None:
        values["card_id"] = cards.note_used(work, asked.account, patient_id, intent.card)
    books.change(work, asked.id, **values, captured_minor=asked.amount_minor, page_url=None)
    zone = catalogue(work).time_zone
    new = NewLot(
        origin=Origin.PACKAGE,
        name=terms.what,
        count=terms.count,
        worth_minor=asked.amount_minor,
        currency=asked.currency,
        service_id=terms.service_id,
        category_id=terms.category_id,
        expires_at=package_rules.expires_at(work.now, terms.valid_days, zone),
        payment_id=asked.id,
    )
    actor = f"patient:{patient_id}"
    lots.grant(work, EntryKind.BOUGHT, new, key=str(asked.id), patient_id=patient_id, actor=actor)
    if asked.owner:
        purchase.forget(work, asked.owner)
    work.emit(BOUGHT, f"{BOUGHT}:{asked.id}", payment_id=asked.id)
    subject = f"payment:{asked.id}"
    work.record(actor, "package.bought", subject, package=terms.name, amount_minor=asked.amount_minor)
    return payments.payment(work, asked.id)


def standing(read: Reading, of: PaymentInfo) -> Standing | None:
    """How a package stands that was paid; None for any other payment."""
    terms, lot = sold(of.sold), _lot(read, of)
    if of.purpose is not Purpose.PACKAGE or terms is None or lot is None:
        return None
    is_over = lot.expires_at is not None and lot.expires_at <= read.now
    taken, left = wallet.taken_back(read, lot.id), 0 if is_over else lot.left
    gone = lot.granted - taken - left
    return Standing(
        sold=terms,
        lot=lot,
        left=left,
        reserved=lot.reserved,
        used=gone - lot.reserved,
        taken_back=taken,
        givable_minor=package_rules.givable_minor(of.captured_minor, _returned(read, of), lot.granted, gone),
    )


def in_turn(work: UnitOfWork, of: PaymentInfo) -> None:
    """What is left of a package stays as it is looked at until this transaction ends."""
    lot = _lot(work, of)
    if lot is not None:
        ledger.in_turn(work, lot.patient_id)


def would_take(read: Reading, of: PaymentInfo, minor: int) -> int:
    """How many of a package giving back so much of its price would take out of the wallet."""
    lot = _lot(read, of)
    if lot is None:
        return 0
    wanted = package_rules.taken_back(of.captured_minor, _returned(read, of) + minor, lot.granted)
    return max(0, wanted - wallet.taken_back(read, lot.id))


def level(work: UnitOfWork, payment_id: int, *, key: str, actor: str) -> None:
    """Have the wallet fit what was given back of a package's price, by our refund, into the wallet or at the gateway.

    Where more went back than is left, all that is left goes, and staff is told of the rest.
    """
    of = payments.payment(work, payment_id)
    in_turn(work, of)
    lot = _lot(work, of)
    if lot is None or not of.captured_minor:
        return
    returned = _returned(work, of)
    more = package_rules.taken_back(of.captured_minor, returned, lot.granted) - wallet.taken_back(work, lot.id)
    if more < 0:
        lots.put_back(work, EntryKind.TAKEN_BACK, lot.patient_id, lot.id, -more, key=key, actor=actor)
    elif left := min(more, lot.left):
        lots.take(work, EntryKind.TAKEN_BACK, lot.patient_id, lot.id, left, key=key, actor=actor)
    if more > lot.left:
        kind = f"{USED_AND_RETURNED}:{returned}"
        books.note_difference(work, kind, payment_id=of.id, intent_id=of.intent_id)


def findings(read: Reading, *, most: int = 20) -> list[str]:
    """A sentence for every package that was paid and did not come into a wallet exactly once."""
    bought = and_(LOT.c.origin == Origin.PACKAGE.value, LOT.c.payment_id.is_not(None))
    came = {int(one) for one in read.execute(select(LOT.c.payment_id).where(bought)).scalars()}
    taken = payments.packages_taken(read)
    lost = [f"Payment {one} bought a package that is in no wallet." for one in sorted(taken - came)]
    return (lost + [f"Package of payment {one} was never paid." for one in sorted(came - taken)])[:most]


def _contact(read: Reading, order: Order, buyer: Buyer | None) -> Contact:
    if buyer is not None:
        return Contact(buyer.given_name, buyer.family_name, buyer.email, buyer.phone)
    assert order.patient_id is not None
    return contact(read, order.patient_id)


def _prepare(work: UnitOfWork, order: Order, wanted: Sold, who: Contact, buyer: Buyer | None, account: str) -> int:
    clinic = catalogue(work).clinic
    language = language_of(work, order.patient_id) if order.patient_id is not None else clinic.language
    price = wording.money(wanted.price_minor, wanted.currency, language)
    payment_id = books.prepare(
        work,
        account=account,
        purpose=Purpose.PACKAGE,
        amount_minor=wanted.price_minor,
        currency=wanted.currency,
        patient_id=order.patient_id,
        owner=order.owner or None if order.patient_id is None else None,
        package_id=order.package_id,
        sold=wanted.kept(),
        item=f"Package of {wanted.count} treatments" if wanted.count > 1 else "Package of one treatment",
        consent=f"{price} is taken now. {words.holds(wanted.valid_days)}.",
        email=who.email,
        phone=who.phone,
        phone_verified_at=buyer.proved_at if buyer else None,
        language=language,
        expires_at=work.now + rules.PAGE_LASTS,
        accepted_from=order.address[:64],
        accepted_device=order.device[:300],
    )
    books.change(work, payment_id, reference=rules.number(payment_id))
    return payment_id


def _profile(work: UnitOfWork, asked: PaymentInfo, terms: Sold) -> int:
    """The profile of a buyer who was not signed in; the phone was proved before they went to pay (rule 10a)."""
    given_name, family_name = terms.names or ("", "")
    who = Contact(given_name, family_name, asked.email, asked.phone)
    return patients.profile_for_booking(work, who, language=asked.language)


def _lot(read: Reading, of: PaymentInfo) -> LotInfo | None:
    found = wallet.lots_of_payment(read, of.id) if of.purpose is Purpose.PACKAGE else ()
    return next((one for one in found if one.origin is Origin.PACKAGE), None)


def _returned(read: Reading, of: PaymentInfo) -> int:
    """What went back of a price so far, or is on its way."""
    return of.captured_minor - payments.returnable_minor(read, of)
