"""Staff write the messages' words: kept, taken back, looked at with a patient's data, sent to themselves (P13)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from clinic_portal.accounts import limits, staff
from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.accounts.types import Limit
from clinic_portal.booking import care
from clinic_portal.booking.access import visit_of
from clinic_portal.booking.queries import visits_of
from clinic_portal.clinic import editing_rules
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import outbox
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed, Unusable
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.messaging import examples, models, queries, rules, texts
from clinic_portal.messaging.actions import plan
from clinic_portal.messaging.examples import Sample
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.types import Channel, Dropped, Kind
from clinic_portal.messaging.words import Words
from clinic_portal.patients.access import must_see
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import FEES, Purpose

TRIALS = Limit("trial_texts", 20, timedelta(hours=1))
_TEXT = table(models.MessageText)
_TRIAL = table(models.TrialText)
TRIALS_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Own:
    """The clinic's own words for a text; `is_usable`: they go out, not ours."""

    said: Words
    is_usable: bool
    changed_at: datetime
    changed_by: str


def own(read: Reading) -> dict[tuple[str, Channel], Own]:
    """All words of the clinic's own, by text and channel."""
    return {
        (row.name, Channel(row.channel)): Own(
            _said(row), not texts.faults(row.name, Channel(row.channel), _said(row)), row.changed_at, row.changed_by
        )
        for row in read.execute(select(_TEXT))
        if row.name in texts.TEXTS
    }


def save(work: UnitOfWork, actor: StaffActor, name: str, channel: Channel, said: Words) -> None:
    """Keep the clinic's own words. Raises NotAllowed, Unusable."""
    actor.must(Permission.CHANGE_CLINIC)
    usable(work, name, channel, said)
    work.in_turn("text", name, channel)
    if said == texts.TEXTS[name].words[channel]:
        back_to_ours(work, actor, name, channel)
        return
    put(work, actor.tag, name, channel, said)


def put(work: UnitOfWork, by: str, name: str, channel: Channel, said: Words) -> bool:
    """Keep words that can be used; False where they are kept already."""
    before = work.execute(select(_TEXT).where(*_which(name, channel))).first()
    if before is not None and _said(before) == said:
        return False
    values = {**_fields(said), "changed_at": work.now, "changed_by": by}
    if before is None:
        work.execute(insert(_TEXT), [{"name": name, "channel": channel.value, **values}])
    else:
        work.execute(update(_TEXT).where(*_which(name, channel)).values(**values))
    was = _said(before) if before is not None else texts.TEXTS[name].words[channel]
    work.record(by, "text.changed", f"text:{name}:{channel}", before=_fields(was), after=_fields(said))
    return True


def back_to_ours(work: UnitOfWork, actor: StaffActor, name: str, channel: Channel) -> None:
    """Let our words hold again. Raises NotAllowed."""
    actor.must(Permission.CHANGE_CLINIC)
    take_back(work, actor.tag, name, channel)


def take_back(work: UnitOfWork, by: str, name: str, channel: Channel) -> None:
    """Forget the clinic's own words."""
    before = work.execute(delete(_TEXT).where(*_which(name, channel)).returning(_TEXT)).first()
    if before is not None:
        work.record(by, "text.back_to_ours", f"text:{name}:{channel}", before=_fields(_said(before)))


def usable(read: Reading, name: str, channel: Channel, said: Words) -> None:
    """Raises NotAllowed for a text that is none, Unusable with what is wrong with the words."""
    if name not in texts.TEXTS or channel not in texts.TEXTS[name].words:
        raise NotAllowed()
    found = texts.faults(name, channel, said)
    if not found and channel is Channel.SMS:
        written = example(read, name, channel, said)
        assert isinstance(written, Sms)
        parts = rules.sms_size(written.body).segments
        if parts > texts.MOST_SEGMENTS:
            found = [Invalid("body", "text_segments", segments=parts, most=texts.MOST_SEGMENTS)]
    if found:
        raise Unusable(found)


def example(read: Reading, name: str, channel: Channel, said: Words) -> Email | Sms:
    """Words filled in with an example's data; they can be used, as `usable` found."""
    head = _head(read, name, channel, said)
    return examples.letter(head, name, channel, examples.sample(head), to=_example_address(channel))


def of_patient(
    work: UnitOfWork, actor: StaffActor, name: str, channel: Channel, said: Words, patient_id: int
) -> Email | Sms:
    """Words filled in with a patient's newest visit, payments and name; it is noted who looked.

    Raises NotAllowed; Conflict where the patient has no visit yet.
    """
    shown = looked_at(work, actor, name, channel, said, patient_id)
    work.record(actor.tag, "text.previewed", f"patient:{patient_id}", text=name)
    return shown


def looked_at(
    read: Reading, actor: StaffActor, name: str, channel: Channel, said: Words, patient_id: int
) -> Email | Sms:
    """The same again while the words are being written: it was noted when the patient was chosen."""
    actor.must(Permission.CHANGE_CLINIC)
    must_see(read, actor, patient_id)
    head = _head(read, name, channel, said)
    return examples.letter(head, name, channel, _sample_of(read, head, patient_id), to=_example_address(channel))


def try_out(
    work: UnitOfWork, actor: StaffActor, name: str, channel: Channel, said: Words, *, to: str = "", patient_id: int = 0
) -> str:
    """Send words to oneself: an e-mail to one's own address, an SMS to the number typed; where it goes.

    Raises NotAllowed, Unusable, Conflict as `of_patient`, TooMany.
    """
    actor.must(Permission.CHANGE_CLINIC)
    usable(work, name, channel, said)
    if channel is Channel.EMAIL:
        to = staff.member(work, actor.staff_id).email
    else:
        try:
            to = editing_rules.phone(catalogue(work).clinic.phone_region, required=True)("to", to)
        except Invalid as fault:
            raise Unusable([fault]) from None
    if patient_id:
        of_patient(work, actor, name, channel, said, patient_id)
    limits.spend(work, TRIALS, actor.tag)
    values: dict[str, Any] = {"name": name, "channel": channel.value, **_fields(said)}
    values |= {"staff_id": actor.staff_id, "patient_id": patient_id or None, "made_at": work.now}
    trial_id = work.execute(insert(_TRIAL).returning(_TRIAL.c.id), values).scalar_one()
    plan(work, Kind.TRIAL, channel, trial_id, to=to, priority=outbox.URGENT)
    work.record(actor.tag, "text.tried", f"text:{name}:{channel}")
    return to


def trial(read: Reading, row: Any) -> Email | Sms | Dropped:
    """A trial as it is sent; a row of the ledger. No calendar takes it for a visit."""
    kept = read.execute(select(_TRIAL).where(_TRIAL.c.id == row.subject_id)).first()
    if kept is None or kept.name not in texts.TEXTS:
        return Dropped("gone")
    channel, said = Channel(kept.channel), _said(kept)
    head = _head(read, kept.name, channel, said)
    try:
        filled = _sample_of(read, head, kept.patient_id) if kept.patient_id else examples.sample(head)
    except Conflict:
        return Dropped("gone")  # their visits are another profile's by now
    written = examples.letter(head, kept.name, channel, filled, to=row.to_address, message_id=row.message_id)
    if isinstance(written, Sms):
        return written
    return replace(written, subject=f"Trial: {written.subject}", ics=None, to_name="")


def forget_trials(work: UnitOfWork) -> None:
    """Delete what was tried out a day ago, but never the newest: its number is not to be given out again."""
    newest = select(func.max(_TRIAL.c.id)).scalar_subquery()
    work.execute(delete(_TRIAL).where(_TRIAL.c.made_at < work.now - TRIALS_KEPT, _TRIAL.c.id < newest))


def _sample_of(read: Reading, head: Any, patient_id: int) -> Sample:
    """The example, with what is known of a patient in its stead."""
    known = visits_of(read, patient_id)
    line = next(iter((*known.upcoming, *known.past)), None)
    if line is None:
        raise Conflict("text_no_visit")
    about, filled = visit_of(read, patient_id, line.reference), examples.sample(head)
    paid = payments.of_patient(read, patient_id)
    deposit = next((one for one in paid if one.purpose is Purpose.DEPOSIT), None)
    fee = next((one for one in paid if one.purpose in FEES), None)
    return replace(
        filled,
        visit=about,
        deposit=deposit or replace(filled.deposit, reference=about.reference),
        fee=fee or replace(filled.fee, reference=about.reference),
        instructions=tuple(care.before(read, about.appointment_id)) or filled.instructions,
    )


def _head(read: Reading, name: str, channel: Channel, said: Words) -> Any:
    """The letterhead, as if these words were the clinic's."""
    head = queries.letterhead(read)
    return replace(head, own={**head.own, (name, channel): said})


def _example_address(channel: Channel) -> str:
    return examples.EMAIL_ADDRESS if channel is Channel.EMAIL else examples.PHONE


def _which(name: str, channel: Channel) -> tuple[Any, Any]:
    return (_TEXT.c.name == name, _TEXT.c.channel == channel.value)


def _said(row: Any) -> Words:
    return Words(row.subject, row.heading, row.body)


def _fields(said: Words) -> Mapping[str, str]:
    return {"subject": said.subject, "heading": said.heading, "body": said.body}
