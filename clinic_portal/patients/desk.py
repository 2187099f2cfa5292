"""Staff add a patient and change how to reach one (P15)."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, insert, or_, select, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed, Unusable
from clinic_portal.core.work import UnitOfWork
from clinic_portal.patients import access, models, rules
from clinic_portal.patients.actions import withdraw_claims

FIELDS = (*rules.NAMES, "email", "phone", "birth_on", *rules.LINES, "emergency_phone")
"""What staff type of a patient; an absent field is empty, phone numbers as people dial them."""
MOST_KNOWN = 5
_REACH = ("email_key", "phone")
_PATIENT = table(models.Patient)


def add(
    work: UnitOfWork,
    actor: StaffActor,
    typed: Mapping[str, str],
    *,
    phone_region: str,
    zone: str,
    language: str,
    is_another: bool = False,
) -> int:
    """A new patient, as typed; their id. E-mail or phone may be missing, not both. They are written to in `language`.

    Raises Unusable with every field at fault. Raises Conflict("patient_known", ids, names, may_add) where somebody
    has the e-mail or the phone: a family shares them, so `is_another` adds this person all the same, unless the name
    is the same, too, and no date of birth tells the two apart.
    """
    actor.must(Permission.CHANGE_PATIENTS)
    values = _read(work, {name: typed.get(name, "") for name in FIELDS}, phone_region, zone)
    _must_be_another(work, values, is_another=is_another)
    patient_id = work.execute(
        insert(_PATIENT).returning(_PATIENT.c.id),
        {**values, "language": language, "created_at": work.now, "wants_email_reminders": True,
         "wants_sms_reminders": True, "wants_news": False},
    ).scalar_one()  # fmt: skip
    work.record(actor.tag, "patient.added", f"patient:{patient_id}")
    return int(patient_id)


def change(
    work: UnitOfWork,
    actor: StaffActor,
    patient_id: int,
    typed: Mapping[str, str],
    *,
    seen: Mapping[str, str],
    phone_region: str,
    zone: str,
    is_another: bool = False,
) -> None:
    """Change the fields that were typed; `seen` is what `fields_of` gave when the form was drawn.

    Raises NotAllowed, Unusable; Conflict("patient_changed") where somebody changed one of them meanwhile,
    Conflict("patient_known") like `add`, Conflict("email_is_login") for the address somebody signs in with: they
    change it themselves, with proof. Whoever was asked at the old address whether a booking is theirs is asked no
    more. The log names the fields, never what stands in them.
    """
    actor.must(Permission.CHANGE_PATIENTS)
    access.must_see(work, actor, patient_id)
    before = work.execute(
        select(_PATIENT).where(_PATIENT.c.id == patient_id, _PATIENT.c.merged_into_id.is_(None)).with_for_update()
    ).first()
    if before is None:
        raise NotAllowed()
    now = fields_of(before)
    values = _read(work, {**now, **{name: typed[name] for name in FIELDS if name in typed}}, phone_region, zone)
    different = {name: value for name, value in values.items() if getattr(before, name) != value}
    if any(now[name] != seen.get(name, now[name]) for name in different.keys() & set(FIELDS)):
        raise Conflict("patient_changed")
    if "email" in different and before.account_id is not None:
        raise Conflict("email_is_login")
    if not different:
        return
    new = {name: values[name] if name in different else "" for name in _REACH}
    if any(new.values()):
        _must_be_another(work, {**values, **new}, is_another=is_another, but=patient_id)
    if "phone" in different:
        different["phone_verified_at"] = None
    work.execute(update(_PATIENT).where(_PATIENT.c.id == patient_id).values(**different))
    if "email_key" in different:
        withdraw_claims(work, patient_id)
    names = sorted(different.keys() & set(FIELDS))
    work.record(actor.tag, "patient.changed", f"patient:{patient_id}", fields=names)


def fields_of(known: Any) -> dict[str, str]:
    """A patient's fields (a row, or a Profile) as a form shows them."""
    return {name: str(getattr(known, name) or "") for name in FIELDS}


def _read(work: UnitOfWork, typed: Mapping[str, str], region: str, zone: str) -> dict[str, Any]:
    """All fields in normal forms, with the keys they are found by. Raises Unusable."""
    today = work.now.astimezone(ZoneInfo(zone)).date()
    rest = {name: text for name, text in typed.items() if name not in ("email", "phone")}
    found, faults = rules.profile(rest, region=region, today=today)
    values: dict[str, Any] = {**found}
    for name, read in (("email", rules.email_address), ("phone", lambda text: rules.phone_number(text, region))):
        try:
            values[name] = read(typed[name]) if typed[name].strip() else ""
        except Invalid as fault:
            faults.append(fault)
    if not typed["email"].strip() and not typed["phone"].strip():
        faults.append(Invalid("phone", "reach_missing"))
    if faults:
        raise Unusable(sorted(faults, key=lambda fault: FIELDS.index(fault.field)))
    values["email_key"] = rules.email_key(values["email"])
    values["search_key"] = rules.search_key(*(values[name] for name in rules.NAMES))
    return values


def _must_be_another(work: UnitOfWork, values: Mapping[str, Any], *, is_another: bool, but: int = 0) -> None:
    """Raises Conflict where somebody has the e-mail or phone, unless staff said that this is another person."""
    for part in _REACH:
        if values[part]:
            work.in_turn("profile", values[part])
    same = [_PATIENT.c[part] == values[part] for part in _REACH if values[part]]
    theirs = and_(or_(*same), _PATIENT.c.merged_into_id.is_(None), _PATIENT.c.id != but)
    known = work.execute(select(_PATIENT).where(theirs).order_by(_PATIENT.c.id).limit(MOST_KNOWN)).all()
    alike = _alike(known, values["search_key"], values["birth_on"])
    if known and (alike or not is_another):
        raise Conflict(
            "patient_known",
            ids=[row.id for row in known],
            names=[f"{row.given_name} {row.family_name}" for row in known],
            may_add=not alike,
        )


def _alike(known: Collection[Row[Any]], search_key: str, birth_on: date | None) -> bool:
    """Whether one of them has the name, and no date of birth says that they are two."""
    return any(
        row.search_key == search_key and (None in (row.birth_on, birth_on) or row.birth_on == birth_on) for row in known
    )
