"""What others may know of patients."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person says who they are and how to reach them; `phone` is E.164."""

    given_name: str
    family_name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Reminded:
    """How a patient wants to be reminded of visits; without a `time_zone` the place they come to has one."""

    email: str
    phone: str
    time_zone: str | None
    wants_email: bool
    wants_sms: bool


@dataclass(frozen=True, slots=True)
class ClaimSheet:
    """A claim as its e-mail needs it. `is_open`: neither answered nor expired."""

    email: str
    given_name: str
    token: str
    expires_at: datetime
    is_open: bool


@dataclass(frozen=True, slots=True)
class Pending:
    """A registration whose address is not proved yet; `password_hash` is for comparing alone."""

    given_name: str
    email: str
    password_hash: str
    needs_password: bool


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom a Welcome Email is to."""

    given_name: str
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A patient's own information; `phone` and `emergency_phone` are E.164."""

    given_name: str
    family_name: str
    email: str
    phone: str
    phone_verified_at: datetime | None
    language: str
    birth_on: date | None
    pronouns: str
    street: str
    city: str
    region: str
    postal_code: str
    country: str
    emergency_name: str
    emergency_phone: str
    time_zone: str | None
    wants_email_reminders: bool
    wants_sms_reminders: bool
    wants_news: bool


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One thing in a medical history as it stands; `recorded_by` is `patient:7` or `staff:2`."""

    item: str
    version: int
    kind: str
    fields: dict[str, str]
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class HistoryVersion:
    """What was once said of an item."""

    version: int
    fields: dict[str, str]
    is_removed: bool
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class HistoryChange:
    """How an item of a history is another than it was. `what`: added, changed, removed; fields are empty where it was
    or is not there."""

    item: str
    kind: str
    what: str
    before: dict[str, str]
    now: dict[str, str]
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class NoteInfo:
    """What staff noted. `kind`: note or alert; who wrote and who ended it as the log names them (`staff:2`)."""

    id: int
    kind: str
    body: str
    written_at: datetime
    written_by: str
    ended_at: datetime | None
    ended_by: str


@dataclass(frozen=True, slots=True)
class PatientSheet:
    """A patient as staff see them: the profile, since when they are known, and how far they came with their portal."""

    id: int
    profile: Profile
    created_at: datetime
    welcomed_at: datetime | None
    has_portal: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A patient among the results of a search."""

    id: int
    name: str
    email: str
    phone: str
    has_portal: bool
    birth_on: date | None = None


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Some of those who were found, and from where the next ones go on; None: these are all."""

    found: tuple[Found, ...]
    older: tuple[int, int] | None
