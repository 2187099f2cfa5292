"""Who of the staff may do what (P15). The table in the README is made from this, and a test compares them."""

from dataclasses import dataclass
from enum import StrEnum

from clinic_portal.core.errors import NotAllowed

ROLES = ("owner", "front_desk", "provider", "read_only")
LABELS = {"owner": "Owner", "front_desk": "Front desk", "provider": "Provider", "read_only": "Read only"}


class Permission(StrEnum):
    """Something staff may be allowed to do; the value is how a person would say it."""

    SEE_DAY = "see the day and the appointments"
    SEE_PATIENTS = "find patients and see how to reach them"
    SEE_CHARTS = "read medical histories and answered forms"
    HANDLE_FORMS = "see which forms are missing, ask for one, fill one in with the patient, witness a signature"
    SIGN_FORMS = "countersign as the provider, declare a document void"
    CHANGE_HOURS = "change hours and time off"
    CHANGE_CLINIC = "change settings, locations, services, providers, rooms and devices"
    WRITE_FORMS = "write questionnaires, consents and instructions"
    INVITE_PATIENTS = "send Welcome Emails"
    HANDLE_MESSAGES = "see what was sent to patients and what they replied, send it again"
    SEE_PAYMENTS = "see payments, receipts and what is owed"
    CHARGE_FEES = "charge a missed visit, retry a fee that failed"
    GIVE_BACK = "refund a payment, waive a fee"
    HANDLE_MEMBERSHIPS = "enrol a patient as a member, pause, change or end a membership"
    HANDLE_WALLETS = "see patients' wallets, add to one or take from it with a reason"
    RUN_VISITS = "check patients in and out"
    BOOK_VISITS = "book, move and cancel visits for patients"
    OVERRIDE_RULES = "book outside hours and rules, with a reason"
    CHANGE_PATIENTS = "add patients, change how to reach them"
    WRITE_NOTES = "read and write notes and alerts about patients"
    SEE_REPORTS = "see reports of the clinic"
    SEE_SALES = "see members, revenue to come and what the clinic owes"
    MANAGE_STAFF = "add staff, change roles, end their sessions"
    SEE_LOG = "read the activity log"


_OWNER = frozenset(Permission)
_FRONT_DESK = frozenset(
    {
        Permission.SEE_DAY,
        Permission.SEE_PATIENTS,
        Permission.HANDLE_FORMS,
        Permission.CHANGE_HOURS,
        Permission.INVITE_PATIENTS,
        Permission.HANDLE_MESSAGES,
        Permission.SEE_PAYMENTS,
        Permission.CHARGE_FEES,
        Permission.HANDLE_MEMBERSHIPS,
        Permission.HANDLE_WALLETS,
        Permission.RUN_VISITS,
        Permission.BOOK_VISITS,
        Permission.OVERRIDE_RULES,
        Permission.CHANGE_PATIENTS,
        Permission.WRITE_NOTES,
    }
)
_PROVIDER = frozenset(
    {
        Permission.SEE_DAY,
        Permission.SEE_PATIENTS,
        Permission.SEE_CHARTS,
        Permission.HANDLE_FORMS,
        Permission.SIGN_FORMS,
        Permission.RUN_VISITS,
        Permission.BOOK_VISITS,
        Permission.WRITE_NOTES,
    }
)
_READ_ONLY = frozenset({Permission.SEE_DAY, Permission.SEE_PATIENTS})
MAY = {"owner": _OWNER, "front_desk": _FRONT_DESK, "provider": _PROVIDER, "read_only": _READ_ONLY}


@dataclass(frozen=True, slots=True)
class StaffActor:
    """A member of staff who is signed in, second factor included where it is asked for.

    A provider sees every calendar and patient, or only their own, as the owner set (P15).
    """

    staff_id: int
    session_id: int
    name: str
    role: str
    provider_id: int | None = None
    sees_every_calendar: bool = True
    sees_every_patient: bool = True

    @property
    def tag(self) -> str:
        """How the activity log names them."""
        return f"staff:{self.staff_id}"

    @property
    def only_calendar_of(self) -> int | None:
        """The provider whose calendar alone they see; None: every one. 0 is nobody's."""
        return None if self.role != "provider" or self.sees_every_calendar else self.provider_id or 0

    @property
    def only_patients_of(self) -> int | None:
        """The provider whose patients alone they see; None: all. 0 is nobody's."""
        return None if self.role != "provider" or self.sees_every_patient else self.provider_id or 0

    @property
    def scope(self) -> str:
        """What they may see, as one word: a page that was drawn for another is drawn anew."""
        return f"{self.role}:{self.only_calendar_of}:{self.only_patients_of}"

    def may(self, permission: Permission) -> bool:
        """Whether their role allows it."""
        return permission in MAY[self.role]

    def must(self, permission: Permission) -> None:
        """Raises NotAllowed unless their role allows it."""
        if not self.may(permission):
            raise NotAllowed("not_permitted")

    def must_see_everyone(self) -> None:
        """Raises NotAllowed for who sees only their own patients: a list or a sum of the whole clinic is not theirs."""
        if self.only_patients_of is not None:
            raise NotAllowed("not_permitted")


@dataclass(frozen=True, slots=True)
class PatientActor:
    """A patient who is signed in to their portal."""

    account_id: int
    session_id: int
    patient_id: int
    given_name: str
    family_name: str

    @property
    def tag(self) -> str:
        """How the activity log names them."""
        return f"patient:{self.patient_id}"
