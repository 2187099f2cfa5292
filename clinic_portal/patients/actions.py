"""Verbs that make and join profiles."""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, insert, or_, select, update

from clinic_portal.core import crypto, ids
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import UnitOfWork
from clinic_portal.patients import history, models, notes
from clinic_portal.patients.rules import email_key, search_key
from clinic_portal.patients.types import Contact

CLAIM_LASTS = timedelta(days=7)
WITHDRAWN = "withdrawn"
_PATIENT = table(models.Patient)
_CLAIM = table(models.ProfileClaim)


def profile_for_booking(work: UnitOfWork, contact: Contact, *, language: str) -> int:
    """The id of the profile a booking belongs to; `contact.phone` was proved by a code (S64, S65, rule 10a).

    Same e-mail and phone: the existing profile, as it is; where a family shares both, the one of that name, or a new
    one. Same e-mail, another phone: a profile kept apart, and the e-mail's owner is asked whether it is theirs.
    Otherwise a new profile.
    """
    work.in_turn("profile", email_key(contact.email))
    same_email = and_(_PATIENT.c.email_key == email_key(contact.email), _PATIENT.c.merged_into_id.is_(None))
    known = work.execute(select(_PATIENT).where(same_email).order_by(_PATIENT.c.id)).all()
    name = search_key(contact.given_name, contact.family_name)
    same_phone = [row for row in known if row.phone == contact.phone]
    same_name = [row for row in known if row.search_key == name]
    theirs = same_phone if len(same_phone) == 1 else [row for row in same_phone if row in same_name]
    if len(theirs) == 1:
        prove_phone(work, theirs[0].id, contact.phone)
        return int(theirs[0].id)
    patient_id = _create(work, contact, language)
    if known and not same_phone:
        _open_claim(work, patient_id=patient_id, claims_id=(same_name or known)[0].id)
    return patient_id


def answer_claim(work: UnitOfWork, token: str, *, is_mine: bool) -> tuple[int, int] | None:
    """The e-mail's owner says whether a booking kept apart is theirs.

    Returns (profile kept apart, profile it belongs to) when it is theirs, for the caller to move what hangs on it;
    notes, alerts and the medical history have moved. Whoever books for either waits, and then finds one profile.
    Raises NotAllowed for a token that is unknown, used or expired.
    """
    claim = work.execute(select(_CLAIM).where(_CLAIM.c.token_digest == crypto.digest(token))).first()
    if claim is None or claim.answered_at is not None or claim.expires_at <= work.now:
        raise NotAllowed("link_ended")
    _in_turn(work, claim.patient_id, claim.claims_id)
    settled = work.execute(
        update(_CLAIM)
        .where(_CLAIM.c.id == claim.id, _CLAIM.c.answered_at.is_(None))
        .values(answered_at=work.now, answer="mine" if is_mine else "not_mine")
    )
    if settled.rowcount != 1:
        raise NotAllowed("link_ended")
    work.record(f"patient:{claim.claims_id}", "profile_claim.answered", f"patient:{claim.patient_id}", mine=is_mine)
    if not is_mine:
        return None
    work.execute(update(_PATIENT).where(_PATIENT.c.id == claim.patient_id).values(merged_into_id=claim.claims_id))
    notes.move(work, claim.patient_id, claim.claims_id)
    history.move(work, claim.patient_id, claim.claims_id)
    return int(claim.patient_id), int(claim.claims_id)


def withdraw_claims(work: UnitOfWork, patient_id: int) -> None:
    """This profile's e-mail address is another now: nobody asked at the old one has a say any more.

    What was kept apart under an address that nobody else has is a profile like any other.
    """
    asked_there: ColumnElement[bool] = or_(
        and_(_CLAIM.c.patient_id == patient_id, or_(_CLAIM.c.answer.is_(None), _CLAIM.c.answer == "not_mine")),
        and_(_CLAIM.c.claims_id == patient_id, _CLAIM.c.answered_at.is_(None)),
    )
    work.execute(update(_CLAIM).where(asked_there).values(answered_at=work.now, answer=WITHDRAWN))


def prove_phone(work: UnitOfWork, patient_id: int, phone: str) -> None:
    """The patient's own number was proved by a code."""
    mine = and_(_PATIENT.c.id == patient_id, _PATIENT.c.phone == phone, _PATIENT.c.phone_verified_at.is_(None))
    work.execute(update(_PATIENT).where(mine).values(phone_verified_at=work.now))


def _in_turn(work: UnitOfWork, apart: int, known: int) -> None:
    """Wait for whoever books under either, in the order in which they wait: a guest by e-mail, staff by profile."""
    both = _PATIENT.c.id.in_((apart, known))
    keys = set(work.execute(select(_PATIENT.c.email_key).where(both)).scalars())
    for key in sorted(keys):
        work.in_turn("profile", key)
    for one in sorted((apart, known)):
        work.in_turn("visits of", str(one))
    work.execute(select(_PATIENT.c.id).where(both).order_by(_PATIENT.c.id).with_for_update(key_share=True)).all()


def _create(work: UnitOfWork, contact: Contact, language: str) -> int:
    patient_id = work.execute(
        insert(_PATIENT).returning(_PATIENT.c.id),
        {
            "given_name": contact.given_name,
            "family_name": contact.family_name,
            "search_key": search_key(contact.given_name, contact.family_name),
            "email": contact.email,
            "email_key": email_key(contact.email),
            "phone": contact.phone,
            "phone_verified_at": work.now,
            "language": language,
            "created_at": work.now,
        },
    ).scalar_one()
    work.record("booking", "patient.created", f"patient:{patient_id}")
    return int(patient_id)


def _open_claim(work: UnitOfWork, *, patient_id: int, claims_id: int) -> None:
    nonce = ids.nonce()
    claim_id = work.execute(
        insert(_CLAIM).returning(_CLAIM.c.id),
        {
            "patient_id": patient_id,
            "claims_id": claims_id,
            "nonce": nonce,
            "token_digest": crypto.digest(claim_token(work.settings.key, nonce)),
            "created_at": work.now,
            "expires_at": work.now + CLAIM_LASTS,
        },
    ).scalar_one()
    work.emit("profile_claim.opened", f"profile_claim:{claim_id}", claim_id=claim_id)


def claim_token(key: str, nonce: str) -> str:
    """The token of a claim's link: never stored, worked out again when the e-mail is written."""
    return crypto.keyed(key, "profile-claim", nonce)
