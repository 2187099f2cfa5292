"""People who run the clinic's pages."""

from sqlalchemy import insert, select

from clinic_portal.accounts import models
from clinic_portal.core import crypto
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid
from clinic_portal.core.work import UnitOfWork

ROLES = ("owner", "front_desk", "provider", "read_only")
PASSWORD_LEAST = 15  # NIST SP 800-63B-4, 3.1.1.2: for a password that is the only factor
PASSWORD_MOST = 128
_STAFF = table(models.Staff)


def add(work: UnitOfWork, *, email: str, name: str, role: str, password: str) -> int:
    """Add someone; their id. Raises Invalid for a role or password that cannot be used, Conflict for a known e-mail."""
    if role not in ROLES:
        raise Invalid("role", "role_unknown")
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise Invalid("password", "password_length", least=PASSWORD_LEAST, most=PASSWORD_MOST)
    if not name.strip() or "@" not in email:
        raise Invalid("email", "email_invalid")
    key = email.strip().casefold()
    if work.execute(select(_STAFF.c.id).where(_STAFF.c.email_key == key)).first():
        raise Conflict("staff_known")
    staff_id = work.execute(
        insert(_STAFF).returning(_STAFF.c.id),
        {
            "email_key": key,
            "name": name.strip(),
            "role": role,
            "password_hash": crypto.hash_password(password, work.settings.key, work.settings.password_cost),
            "is_active": True,
            "created_at": work.now,
        },
    ).scalar_one()
    work.record("command", "staff.added", f"staff:{staff_id}", role=role)
    return int(staff_id)
