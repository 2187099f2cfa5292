"""Who can sign in at the demo clinic: everyone, with one published password. Demo mode only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import bindparam, insert, select, update

from clinic_portal.accounts import models as accounts
from clinic_portal.accounts import passwords
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.db import table
from clinic_portal.core.work import UnitOfWork
from clinic_portal.patients import history
from clinic_portal.patients import models as patients

PASSWORD = "lumen shines softly"  # noqa: S105 - published on purpose: nobody real is in the demo
NEVER_SIGNED_IN = 27
_ACCOUNT, _PATIENT, _STAFF = table(accounts.Account), table(patients.Patient), table(accounts.Staff)


@dataclass(frozen=True, slots=True)
class Login:
    """Someone to sign in as."""

    name: str
    email: str
    role: str


PATIENT = Login("Amara Reed", "amara.reed@example.org", "patient")
STAFF = (
    Login("Dr. Maya Osei", "owner@lumen.example", "owner"),
    Login("Ines Duarte", "desk@lumen.example", "front_desk"),
    Login("Lena Brandt RN", "lena@lumen.example", "provider"),
    Login("Rosa Bauer", "books@lumen.example", "read_only"),
)


def seed(work: UnitOfWork, people: Sequence[int]) -> None:
    """Give the demo's staff and most of its patients a way in; the last few have never logged in."""
    password_hash = passwords.hashed(work.settings, PASSWORD)
    _staff(work, password_hash)
    _accounts(work, people[:-NEVER_SIGNED_IN], password_hash)
    work.execute(update(_PATIENT).where(_PATIENT.c.id == people[0]).values(**_ABOUT_HER))
    for kind, told in _HISTORY:
        history.record(work, f"patient:{people[0]}", people[0], kind, told)


def _staff(work: UnitOfWork, password_hash: str) -> None:
    providers = {one.name: one.id for one in catalogue(work).providers.values()}
    rows = [
        {
            "email": one.email,
            "email_key": one.email,
            "name": one.name,
            "role": one.role,
            "password_hash": password_hash,
            "is_active": True,
            "created_at": work.now,
            "provider_id": providers.get(one.name),
            "second_factor_step": 0,
        }
        for one in STAFF
    ]
    work.execute(insert(_STAFF), rows)


def _accounts(work: UnitOfWork, people: Sequence[int], password_hash: str) -> None:
    found = work.execute(select(_PATIENT).where(_PATIENT.c.id.in_(people)).order_by(_PATIENT.c.id)).all()
    rows = [
        {
            "email": row.email,
            "email_key": row.email_key,
            "password_hash": password_hash,
            "created_at": row.created_at,
            "first_signed_in_at": row.created_at + timedelta(minutes=5),
            "last_signed_in_at": row.created_at + timedelta(days=20),
        }
        for row in found
    ]
    work.execute(insert(_ACCOUNT), rows)
    ids = {row.email_key: row.id for row in work.execute(select(_ACCOUNT.c.id, _ACCOUNT.c.email_key))}
    tied = update(_PATIENT).where(_PATIENT.c.id == bindparam("patient")).values(account_id=bindparam("account"))
    work.execute(tied, [{"patient": row.id, "account": ids[row.email_key]} for row in found])
    welcomed = _PATIENT.c.id.in_(people)
    work.execute(update(_PATIENT).where(welcomed).values(welcomed_at=_PATIENT.c.created_at))


_ABOUT_HER = {
    "birth_on": date(1991, 4, 12),
    "pronouns": "she/her",
    "street": "1109 Nueces St",
    "city": "Austin",
    "region": "TX",
    "postal_code": "78701",
    "country": "United States",
    "emergency_name": "Daniel Reed",
    "emergency_phone": "+15125550188",
}
_HISTORY: tuple[tuple[str, dict[str, str]], ...] = (
    ("allergy", {"name": "Lidocaine", "reaction": "Rash on the arm", "severity": "moderate"}),
    ("medication", {"name": "Vitamin D", "dose": "1,000 IU", "frequency": "Once a day"}),
    ("condition", {"name": "Migraine", "since": "2014", "status": "active"}),
    ("surgery", {"none": "yes"}),
    ("pregnancy", {"status": "not_pregnant"}),
)
