"""A dispute file on paper. Values in, a `Sheet` out."""

from collections.abc import Iterator
from datetime import UTC, datetime

from clinic_portal.booking.receipt_words import PAID_FOR, card_named
from clinic_portal.booking.receipts import number
from clinic_portal.core import wording
from clinic_portal.forms.ports import Answer, Block, Facts, Heading, Paragraph, Proof, Sheet, Words
from clinic_portal.messaging.disputes import Accepted, Bought, DisputeFile, Logged, Money
from clinic_portal.messaging.types import Channel, Kind, LedgerEntry
from clinic_portal.messaging.types import State as Sent
from clinic_portal.packages import words
from clinic_portal.payments.types import FEES, RefundInfo, RefundState, State
from clinic_portal.wallet.types import EntryInfo, EntryKind

WORDS = Words(
    document="Dispute file",
    evidence="Activity log",
    evidence_intro=(
        "What the clinic’s records say about this visit, its payments and its policy, the oldest entry first. The "
        "database refuses to change or delete an entry, and each seal is a SHA-256 over its entry and the seal before: "
        "whatever was altered later would show."
    ),
)
STATES = {
    State.PREPARED: "Being charged",
    State.OPEN: "Owed; its page is open",
    State.AUTHORISED: "Reserved on the card",
    State.PAID: "Paid",
    State.RELEASED: "Released; nothing was taken",
    State.FAILED: "Refused; still owed",
    State.EXPIRED: "Left; nothing was taken",
    State.WAIVED: "Waived",
}
REFUNDS = {
    RefundState.PREPARED: "asked for",
    RefundState.PENDING: "on its way",
    RefundState.DONE: "done",
    RefundState.FAILED: "refused",
}
VISITS = {
    "booked": "Booked",
    "arrived": "The patient arrived",
    "fulfilled": "The treatment was given",
    "cancelled": "Cancelled",
    "noshow": "The patient did not come",
}
MESSAGES = {
    Kind.APPOINTMENT_BOOKED.value: "Booking confirmation",
    Kind.APPOINTMENT_MOVED.value: "New time",
    Kind.APPOINTMENT_CANCELLED.value: "Cancellation",
    Kind.BEFORE_VISIT.value: "Before the treatment",
    Kind.AFTER_VISIT.value: "After the treatment",
    Kind.VISIT_REMINDER.value: "Reminder",
    Kind.FORMS_REMINDER.value: "Reminder of forms",
    Kind.PACKAGE_BOUGHT.value: "Package, with its receipt",
}
OUTCOMES = {
    Sent.QUEUED.value: "Waiting to be sent",
    Sent.SENT.value: "Taken over for delivery",
    Sent.DELIVERED.value: "Delivered to the phone",
    Sent.FAILED.value: "Could not be sent",
    Sent.DROPPED.value: "Not sent: out of date by then",
}
MOVES = {
    EntryKind.BOUGHT: "Bought",
    EntryKind.RESERVED: "Kept for a visit",
    EntryKind.FREED: "Free again",
    EntryKind.USED: "Used",
    EntryKind.FORFEITED: "Counted as used",
    EntryKind.EXPIRED: "Expired",
    EntryKind.TAKEN_BACK: "Taken back with a refund",
}
DEEDS = {
    "appointment.arrival_undone": "Check-in taken back",
    "appointment.arrived": "Patient checked in",
    "appointment.booked": "Visit booked",
    "appointment.changed": "Visit changed",
    "appointment.fulfilled": "Patient checked out",
    "appointment.moved": "Visit moved",
    "appointment.cancelled": "Visit cancelled",
    "appointment.missed": "Visit marked as missed",
    "package.bought": "Package bought",
    "payment.disputed": "Payment disputed",
    "payment.failed": "Fee refused",
    "payment.not_booked": "Reservation given back: nothing could be booked",
    "payment.paid": "Fee paid",
    "payment.credited": "Given back as credit",
    "payment.refunded": "Refund asked for",
    "payment.retried": "Fee tried again",
    "payment.waived": "Fee waived",
    "policy.published": "Policy put in force",
}
_INSTANTS = {"before": "Before", "after": "After"}
_AMOUNTS = {"fee_minor": "Fee", "amount_minor": "Amount"}
_CODES = {"reference": "Confirmation", "why": "Code"}


def sheet(of: DisputeFile) -> Sheet:
    """A dispute file as it is printed, in the clinic's language."""
    zone = wording.zone_name(of.made_at, of.place.time_zone, of.language)
    about = PAID_FOR.get(of.payment.purpose, "Payment")
    lines = (
        ("Payment", f"{number(of.payment.id)} · {about} · {_asked(of)}"),
        ("Clinic", of.clinic_name),
        ("Address", of.place.address),
        ("Made on", _at(of, of.made_at)),
        ("Times", f"{zone}; in brackets UTC"),
    )
    return Sheet(
        language=of.language,
        title="Dispute file",
        clinic=of.clinic_name,
        number=number(of.payment.id),
        patient_name=of.patient_name,
        lines=lines,
        body=tuple(_body(of)),
        evidence=tuple(_proof(of, one) for one in of.log),
        paper="us-letter" if of.place.country in ("", "US", "USA") else "a4",
        words=WORDS,
    )


def _body(of: DisputeFile) -> Iterator[Block]:
    if of.package is not None:
        yield from _package(of, of.package)
    else:
        yield Heading("The visit")
        yield from _visit(of)
        yield Heading("The policy that was accepted")
        if of.accepted is None:
            yield Paragraph("No cancellation policy was in force for this visit.")
        else:
            yield from _policy(of, of.accepted)
    yield Heading("The phone that was proved")
    yield Facts(tuple(_phone(of)))
    for one in of.money:
        yield Heading(f"{PAID_FOR.get(one.payment.purpose, 'Payment')} {number(one.payment.id)}")
        yield Facts(tuple(_payment(of, one)))
    yield Heading("Messages about it" if of.package else "Messages about the visit")
    if of.messages:
        yield Paragraph("Every one that was written, the oldest first, and what became of it.")
        yield Facts(tuple(_message(of, one) for one in of.messages))
    else:
        yield Paragraph("None was written.")


def _package(of: DisputeFile, bought: Bought) -> Iterator[Block]:
    one = bought.standing
    yield Heading("What was bought")
    facts = [
        ("Package", one.sold.name),
        ("In it", words.what(one.sold.count, one.sold.what)),
        ("Price", _money(of, one.sold.price_minor, one.sold.currency)),
        ("Bought by", f"{of.patient_name} · {of.payment.email}"),
        ("Given to the patient on", _at(of, one.lot.granted_at)),
        ("To be used by", words.last_day(one.lot.expires_at, of.place.time_zone, of.language) or "No expiry date"),
        ("From the address", bought.address),
        ("With the browser", bought.device),
    ]
    yield Facts(tuple((label, told) for label, told in facts if told))
    if bought.consent:
        yield _quoted("Read beside the button of the page that took the card", bought.consent)
    yield Heading("What became of it")
    stands = f"{one.left} left, {one.reserved} kept for visits, {one.used} used or expired, {one.taken_back} taken back"
    yield Facts((("Stands at", stands), *(_move(of, move) for move in bought.moves)))


def _move(of: DisputeFile, move: EntryInfo) -> tuple[str, str]:
    return MOVES.get(move.kind, move.kind.value.capitalize()), f"{move.amount:+d}, {_at(of, move.made_at)}"


def _visit(of: DisputeFile) -> Iterator[Block]:
    visit = of.visit
    if visit is None:
        yield Paragraph("No visit came of this payment.")
        return
    facts = [
        ("Confirmation", visit.reference),
        ("Patient", f"{of.patient_name} · {visit.email}"),
        ("Services", ", ".join(one.name for one in visit.services)),
        ("Price", wording.money(visit.total_minor, visit.currency, of.language)),
        ("With", visit.provider_name),
        ("Where", f"{of.place.name}, {of.place.address}"),
        ("Booked on", _at(of, visit.booked_at)),
        ("Time of the visit", _at(of, visit.start_at)),
    ]
    if visit.free_until_at is not None:
        facts.append(("Free to cancel until", _at(of, visit.free_until_at)))
    for one in of.log:
        if one.action == "appointment.moved":
            times = " → ".join(_at(of, datetime.fromisoformat(one.detail[name])) for name in ("before", "after"))
            facts.append(("Moved", f"{_at(of, one.at)}, by {one.who}: {times}"))
        elif one.action in ("appointment.cancelled", "appointment.missed"):
            label = "Cancelled" if one.action == "appointment.cancelled" else "Missed"
            facts.append((label, f"{_at(of, one.at)}, said by {one.who}"))
    for label, at in (("Arrived", visit.arrived_at), ("Checked out", visit.fulfilled_at)):
        if at is not None:
            facts.append((label, _at(of, at)))
    facts.append(("Stands as", VISITS.get(visit.status, visit.status)))
    yield Facts(tuple(facts))


def _policy(of: DisputeFile, accepted: Accepted) -> Iterator[Block]:
    facts = [("Version", str(accepted.policy.version)), ("Accepted by", of.patient_name)]
    facts += [("Accepted on", _at(of, accepted.at))] if accepted.at else []
    facts += [
        (label, told)
        for label, told in (
            ("From the address", accepted.address),
            ("With the browser", accepted.device),
            ("SHA-256 of the text", accepted.digest),
        )
        if told
    ]
    yield Facts(tuple(facts))
    yield _quoted("The text", accepted.policy.text)
    yield _quoted("What the card may be charged for", accepted.card_text)
    if accepted.consent:
        yield _quoted("Read beside the button of the page that took the card", accepted.consent)


def _quoted(label: str, text: str) -> Answer:
    return Answer(label, tuple(text.splitlines()))


def _phone(of: DisputeFile) -> Iterator[tuple[str, str]]:
    if not of.phone or of.phone_proved_at is None:
        yield "Phone", "None was proved for this payment"
        return
    yield "Phone", wording.phone(of.phone)
    yield "Proved since", f"{_at(of, of.phone_proved_at)}, by a code sent to it by SMS"


def _payment(of: DisputeFile, one: Money) -> Iterator[tuple[str, str]]:
    paid = one.payment
    yield "State", STATES.get(paid.state, paid.state.value)
    yield "Asked of the card", _money(of, paid.amount_minor, paid.currency)
    if paid.from_deposit_minor:
        yield "From the deposit", _money(of, paid.from_deposit_minor, paid.currency)
    yield "Taken", _money(of, paid.captured_minor, paid.currency)
    if paid.refunded_minor:
        yield "Given back", _money(of, paid.refunded_minor, paid.currency)
    if paid.credited_minor:
        yield "Given back as credit", _money(of, paid.credited_minor, paid.currency)
    if one.card is not None:
        yield "Card", f"{card_named(one.card)}, good until {one.card.exp_month:02}/{one.card.exp_year}"
    yield "Asked on", _at(of, paid.created_at)
    if paid.failure_code:
        yield "Refused with" if paid.purpose in FEES else "Not booked, since", paid.failure_code
    if paid.disputed_at:
        yield "Disputed on", _at(of, paid.disputed_at)
    ids = (("Account", paid.account), ("Payment id", paid.intent_id), ("Page id", paid.session_id))
    yield from ((label, told) for label, told in ids if told)
    for back in one.refunds:
        yield "Refund", _refund(of, back)


def _refund(of: DisputeFile, back: RefundInfo) -> str:
    amount = _money(of, back.amount_minor, back.currency)
    told = f"{amount}, {REFUNDS[back.state]} on {_at(of, back.settled_at or back.created_at)}"
    return f"{told} · {back.gateway_id}" if back.gateway_id else told


def _message(of: DisputeFile, one: LedgerEntry) -> tuple[str, str]:
    by = "e-mail" if one.channel == Channel.EMAIL else "SMS"
    name = MESSAGES.get(one.kind) or one.kind.replace("_", " ").capitalize()
    outcome, at = OUTCOMES.get(one.state, one.state), _at(of, one.sent_at or one.created_at)
    return f"{name}, {by}", f"{outcome}, {at} · {one.to_address}"


def _proof(of: DisputeFile, one: Logged) -> Proof:
    facts = [("At", _at(of, one.at)), ("By", one.who), *_details(of, one)]
    if one.sequence is not None and one.seal is not None:
        facts += [("Seal", str(one.sequence)), ("SHA-256", one.seal)]
    else:
        facts.append(("Seal", "is put on within a minute"))
    return Proof(DEEDS.get(one.action, one.action.replace(".", " ").replace("_", " ").capitalize()), tuple(facts))


def _details(of: DisputeFile, one: Logged) -> Iterator[tuple[str, str]]:
    """Instants, amounts and codes; nothing that was typed freely."""
    for name, told in one.detail.items():
        if name in _AMOUNTS and isinstance(told, int):
            yield _AMOUNTS[name], _money(of, told, of.payment.currency)
        elif name in _CODES and isinstance(told, str):
            yield _CODES[name], told
        elif name in _INSTANTS and isinstance(told, str):
            yield _INSTANTS[name], _at(of, datetime.fromisoformat(told))


def _asked(of: DisputeFile) -> str:
    return _money(of, of.payment.amount_minor + of.payment.from_deposit_minor, of.payment.currency)


def _money(of: DisputeFile, minor: int, currency: str) -> str:
    return wording.money(minor, currency, of.language)


def _at(of: DisputeFile, at: datetime) -> str:
    zone = of.place.time_zone
    told = f"{wording.day(at, zone, of.language, length='medium')}, {wording.time(at, zone, of.language)}"
    return f"{told} ({at.astimezone(UTC):%Y-%m-%d %H:%M:%S})"
