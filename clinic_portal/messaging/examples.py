"""Every text filled in: with an example's data, or a patient's own, by the very functions that write what is sent.

Pure; so nobody's words are ever looked at in a form in which they would not go out.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from clinic_portal.accounts.types import LinkSheet, PhoneCode
from clinic_portal.accounts.types import Purpose as LinkPurpose
from clinic_portal.booking.selling import Standing
from clinic_portal.booking.types import BookedService, Visit
from clinic_portal.clinic.types import LocationInfo, PolicyInfo
from clinic_portal.forms.definition import Instruction
from clinic_portal.messaging import (
    account_letters,
    blocks,
    care_letters,
    member_example,
    membership_letters,
    money_letters,
    package_letters,
    reminder_letters,
    rendering,
    texts,
    texts_accounts,
    texts_memberships,
    visit_letters,
)
from clinic_portal.messaging.money_letters import About
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.rendering import Letterhead
from clinic_portal.messaging.text_types import EVERYWHERE, VISIT
from clinic_portal.messaging.types import Channel
from clinic_portal.messaging.words import NOTHING, Fact, plain
from clinic_portal.packages import rules as package_rules
from clinic_portal.packages.types import Sold
from clinic_portal.patients.types import ClaimSheet
from clinic_portal.payments.types import PaymentInfo, Purpose, RefundInfo, RefundState, State
from clinic_portal.wallet.types import ITEM, LotInfo, Origin

TOKEN = "example"  # noqa: S105 - opens nothing
EMAIL_ADDRESS, PHONE = "amara@example.org", "+15125550142"


@dataclass(frozen=True, slots=True)
class Sample:
    """What fills a text in."""

    visit: Visit
    deposit: PaymentInfo
    fee: PaymentInfo
    refund: RefundInfo
    instructions: tuple[Instruction, ...]
    aftercare: Instruction
    forms: tuple[str, ...]
    card: str


Letter = Callable[[Letterhead, Sample, str, str], Email | Sms]


def letter(
    head: Letterhead, name: str, channel: Channel, sample: Sample, *, to: str, message_id: str = "example@example"
) -> Email | Sms:
    """A text filled in."""
    if name.startswith(texts_accounts.LINK):
        return _link(head, sample, LinkPurpose(name.removeprefix(texts_accounts.LINK)), to, message_id)
    write = LETTERS.get((name, channel))
    return write(head, sample, to, message_id) if write else _by_example(head, sample, name, channel, to, message_id)


def sample(head: Letterhead) -> Sample:
    """Amara's visit in a week's time."""
    at = (head.now + timedelta(days=8)).replace(hour=16, minute=30, second=0, microsecond=0)
    place = LocationInfo(
        0, "main", "Main Street", "12 Main Street", "Springfield", "IL", "62701", "US", "America/Chicago", "",
        "Second floor; the lift is to your right.",
    )  # fmt: skip
    policy = PolicyInfo(
        0, 1, None, "Please tell us two days before if you cannot come.", "", 48, None, 50, None, None,
        head.clinic.currency,
    )  # fmt: skip
    services = (
        BookedService(1, "Hydrating facial", 45, 9500, "Please come without make-up."),
        BookedService(2, "Botox, forehead", 30, 24000, ""),
    )
    visit = Visit(
        appointment_id=0,
        reference=f"{head.clinic.reference_prefix}-4F7K2X",
        uid="example",
        sequence=0,
        status="booked",
        patient_id=0,
        given_name="Amara",
        family_name="Reed",
        email=EMAIL_ADDRESS,
        phone=PHONE,
        language=head.clinic.language,
        provider_id=0,
        provider_name="Dr. Maya Osei",
        provider_title="Dermatologist",
        location=place,
        start_at=at,
        end_at=at + timedelta(minutes=75),
        services=services,
        currency=head.clinic.currency,
        total_minor=33500,
        covered_minor=33500,
        policy=policy,
        free_until_at=at - timedelta(hours=48),
        booked_at=head.now,
    )
    deposit = _payment(head, visit, Purpose.DEPOSIT, State.PAID, 5000)
    return Sample(
        visit,
        deposit,
        _payment(head, visit, Purpose.CANCELLATION_FEE, State.FAILED, 16750),
        RefundInfo(
            0, 0, 5000, head.clinic.currency, "", RefundState.DONE, 0, "", None, None, "staff:0", head.now, head.now
        ),
        (
            Instruction(
                title="Before your facial",
                html="<p>Come as you are, with a clean face.</p><ul><li>No retinol for three days before</li>"
                "<li>No sauna on the day</li></ul>",
            ),
        ),
        Instruction(
            title="After your facial",
            html="<p>Your skin may be a little red today; that is as it should be.</p><ul><li>Sunscreen, every "
            "day</li><li>No sport until tomorrow</li></ul>",
        ),
        ("About your health", "Consent to treatment"),
        "Your deposit is taken from your card. It counts towards your visit.",
    )


def _payment(head: Letterhead, visit: Visit, purpose: Purpose, state: State, amount_minor: int) -> PaymentInfo:
    return PaymentInfo(
        id=0,
        account="",
        purpose=purpose,
        state=state,
        wanted=None,
        appointment_id=0,
        patient_id=0,
        owner=None,
        card_id=None,
        amount_minor=amount_minor,
        from_deposit_minor=0,
        currency=head.clinic.currency,
        captured_minor=amount_minor,
        refunded_minor=0,
        credited_minor=0,
        attempt=0,
        nonce="",
        session_id=None,
        intent_id=None,
        page_url=None,
        expires_at=None,
        failure_code="expired_card" if state is State.FAILED else None,
        item="",
        consent="",
        email=visit.email,
        language=visit.language,
        reference=visit.reference,
        accepted_policy_id=None,
        accepted_at=head.now,
        accepted_from="",
        accepted_device="",
        phone=visit.phone,
        phone_verified_at=None,
        created_at=head.now,
        updated_at=head.now,
        disputed_at=None,
        package_id=None,
        membership_id=None,
        sold=None,
    )


def _by_example(head: Letterhead, of: Sample, name: str, channel: Channel, to: str, message_id: str) -> Email | Sms:
    """A text that nobody wrote down how to fill in: what is known of a visit, and its placeholders' own examples."""
    known = texts.TEXTS[name].knows(Channel.EMAIL).values()
    facts: dict[str, Fact] = {one.name: NOTHING if one.is_block else one.example for one in known}
    of_visit = visit_letters.visit_facts(head, of.visit) if set(VISIT) <= set(known) else {}
    facts |= {one: fact for one, fact in of_visit.items() if one in facts}
    facts |= {"given_name": plain(of.visit.given_name), "forms": visit_letters.forms_block(head, of.forms)}
    facts["button"] = blocks.button(f"{head.public_url}/portal", "Open my portal")
    for one in EVERYWHERE:
        facts.pop(one.name)
    if channel is Channel.SMS:
        return rendering.sms(head, name, facts, to, message_id)
    to_name = visit_letters.full_name(of.visit)
    return rendering.email(head, name, facts, to, to_name, message_id, language=of.visit.language)


def _link(head: Letterhead, of: Sample, purpose: LinkPurpose, to: str, message_id: str) -> Email:
    until = head.now + timedelta(days=3)
    sheet = LinkSheet(0, purpose, 0, to, TOKEN, until, True)
    name, zone = of.visit.given_name, of.visit.location.time_zone
    return account_letters.link_email(head, sheet, name, zone=zone, message_id=message_id)


def _package(head: Letterhead, visit: Visit) -> PaymentInfo:
    """What was paid for a package of six."""
    return replace(_payment(head, visit, Purpose.PACKAGE, State.PAID, 54000), reference="R-000123", appointment_id=None)


def _bought(head: Letterhead, of: Sample) -> package_letters.Bought:
    """Six facials, to be used within a year."""
    currency, zone = head.clinic.currency, of.visit.location.time_zone
    sold = Sold("Glow package", "Hydrating facial", 1, None, 6, 54000, currency, 365)
    until = package_rules.expires_at(head.now, sold.valid_days, zone)
    lot = LotInfo(
        0, 0, Origin.PACKAGE, sold.what, 1, None, "", ITEM, 6, 6, 0, 54000, currency, 0, head.now, until
    )  # fmt: skip
    standing = Standing(sold, lot, left=6, reserved=0, used=0, taken_back=0, givable_minor=54000)
    who = of.visit
    return package_letters.Bought(standing, who.given_name, f"{who.given_name} {who.family_name}", zone)


def _claim(head: Letterhead, of: Sample, to: str, message_id: str) -> Email:
    sheet = ClaimSheet(to, of.visit.given_name, TOKEN, head.now + timedelta(days=3), True)
    zone = of.visit.location.time_zone
    return rendering.claim_email(head, sheet, zone=zone, to=to, message_id=message_id)


def _code(head: Letterhead, of: Sample, to: str, message_id: str) -> Sms:
    code = PhoneCode(to, "012345", "", head.now + timedelta(minutes=10), True)
    return rendering.code_sms(head, code, to=to, message_id=message_id)


def _about(of: Sample, paid: PaymentInfo) -> About:
    return About(paid, of.visit, card_ends="4242", accepted_at=paid.accepted_at)


def _failed(head: Letterhead, of: Sample) -> dict[str, Any]:
    return {"url": f"{head.public_url}/pay?t={TOKEN}", "until": head.now + timedelta(days=14)}


def _lost(of: Sample) -> About:
    return About(replace(of.deposit, failure_code="slot_taken"), None)


def _off(of: Sample) -> Visit:
    return replace(of.visit, status="cancelled")


def _reminded(head: Letterhead, of: Sample) -> reminder_letters.Reminded:
    return reminder_letters.Reminded(
        visit=of.visit,
        forms=of.forms,
        may_move=head.clinic.patients_may_reschedule,
        may_cancel=head.clinic.patients_may_cancel,
        zone=of.visit.location.time_zone,
        unsubscribe_url=f"{head.public_url}/unsubscribe/{TOKEN}",
    )


def _membership(name: str) -> Letter:
    return lambda head, of, to, id_: membership_letters.letter(
        head, name, member_example.about(head, of.visit, name), to=to, message_id=id_
    )


_E, _S = Channel.EMAIL, Channel.SMS
LETTERS: dict[tuple[str, Channel], Letter] = {
    ("appointment_booked", _E): lambda head, of, to, id_: visit_letters.booked_email(
        head, of.visit, to=to, message_id=id_, forms=of.forms, card=of.card
    ),
    ("appointment_booked", _S): lambda head, of, to, id_: visit_letters.booked_sms(
        head, of.visit, to=to, message_id=id_
    ),
    ("appointment_moved", _E): lambda head, of, to, id_: visit_letters.moved_email(
        head, of.visit, to=to, message_id=id_
    ),
    ("appointment_moved", _S): lambda head, of, to, id_: visit_letters.moved_sms(head, of.visit, to=to, message_id=id_),
    ("appointment_cancelled", _E): lambda head, of, to, id_: visit_letters.cancelled_email(
        head, _off(of), to=to, message_id=id_
    ),
    ("appointment_cancelled", _S): lambda head, of, to, id_: visit_letters.cancelled_sms(
        head, _off(of), to=to, message_id=id_
    ),
    ("before_visit", _E): lambda head, of, to, id_: care_letters.before(
        head, of.visit, of.instructions, to=to, message_id=id_
    ),
    ("after_visit", _E): lambda head, of, to, id_: care_letters.after(
        head, of.visit, of.aftercare, to=to, message_id=id_
    ),
    ("payment_receipt", _E): lambda head, of, to, id_: money_letters.receipt(
        head, _about(of, of.deposit), to=to, message_id=id_
    ),
    ("fee_failed", _E): lambda head, of, to, id_: money_letters.fee_failed(
        head, _about(of, of.fee), to=to, message_id=id_, **_failed(head, of)
    ),
    ("fee_failed", _S): lambda head, of, to, id_: money_letters.fee_failed_sms(
        head, _about(of, of.fee), to=to, message_id=id_, **_failed(head, of)
    ),
    ("fee_waived", _E): lambda head, of, to, id_: money_letters.fee_waived(
        head, _about(of, of.fee), to=to, message_id=id_
    ),
    ("package_bought", _E): lambda head, of, to, id_: package_letters.bought(
        head, About(_package(head, of.visit), None, card_ends="4242"), _bought(head, of), to=to, message_id=id_
    ),
    ("refund_done", _E): lambda head, of, to, id_: money_letters.refund_done(
        head, _about(of, of.deposit), of.refund, to=to, message_id=id_
    ),
    ("not_booked", _E): lambda head, of, to, id_: money_letters.not_booked(head, _lost(of), to=to, message_id=id_),
    ("not_booked", _S): lambda head, of, to, id_: money_letters.not_booked_sms(head, _lost(of), to=to, message_id=id_),
    ("visit_reminder", _E): lambda head, of, to, id_: reminder_letters.reminder_email(
        head, "visit_reminder", _reminded(head, of), to=to, message_id=id_
    ),
    ("visit_reminder", _S): lambda head, of, to, id_: reminder_letters.reminder_sms(
        head, "visit_reminder", _reminded(head, of), to=to, message_id=id_
    ),
    ("forms_reminder", _E): lambda head, of, to, id_: reminder_letters.reminder_email(
        head, "forms_reminder", _reminded(head, of), to=to, message_id=id_
    ),
    ("forms_reminder", _S): lambda head, of, to, id_: reminder_letters.reminder_sms(
        head, "forms_reminder", _reminded(head, of), to=to, message_id=id_
    ),
    **{(one.name, _E): _membership(one.name) for one in texts_memberships.TEXTS},
    ("membership_failed", _S): lambda head, of, to, id_: membership_letters.failed_sms(
        head, member_example.about(head, of.visit, "membership_failed"), to=to, message_id=id_
    ),
    ("phone_code", _S): _code,
    ("profile_claim", _E): _claim,
    ("news", _S): lambda head, of, to, id_: rendering.news_sms(head, to=to, message_id=id_),
}
"""How each text is written, beside those of links."""
