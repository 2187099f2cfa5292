"""Imports every table, so that Alembic and the tests see the whole schema."""

from sqlmodel import SQLModel

from clinic_portal.accounts import models as accounts
from clinic_portal.booking import models as booking
from clinic_portal.clinic import models as clinic
from clinic_portal.core import audit, outbox
from clinic_portal.forms import file_models as files
from clinic_portal.forms import models as forms
from clinic_portal.memberships import models as memberships
from clinic_portal.messaging import models as messaging
from clinic_portal.packages import models as packages
from clinic_portal.patients import models as patients
from clinic_portal.payments import models as payments
from clinic_portal.scheduling import models as scheduling
from clinic_portal.wallet import models as wallet

metadata = SQLModel.metadata

__all__ = [
    "accounts",
    "audit",
    "booking",
    "clinic",
    "files",
    "forms",
    "memberships",
    "messaging",
    "metadata",
    "outbox",
    "packages",
    "patients",
    "payments",
    "scheduling",
    "wallet",
]
