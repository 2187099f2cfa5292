"""What others may know of forms: frozen values, never rows."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from clinic_portal.forms.definition import Content, Kind
from clinic_portal.forms.rules import Validity


@dataclass(frozen=True, slots=True)
class Hand:
    """Who fills in or signs, and how: `tag` as the activity log names them, `name` as people do; address and device
    as the server saw them. `may_see_before`: they may be shown what the patient answered in earlier forms."""

    tag: str
    name: str
    address: str = ""
    device: str = ""
    may_see_before: bool = True

    @property
    def is_staff(self) -> bool:
        """Whether it is filled in at the desk."""
        return self.tag.startswith("staff:")


@dataclass(frozen=True, slots=True)
class FormInfo:
    """A form as it is now: `version` is the published one in force, 0 where none is."""

    id: int
    slug: str
    kind: Kind
    name: str
    title: str  # as patients read it; of the draft where nothing is published
    validity: Validity
    delay_minutes: int
    is_active: bool
    version: int
    version_id: int | None
    counts_from: int
    has_draft: bool
    service_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A version of a form, whole."""

    id: int
    template_id: int
    kind: Kind
    version: int  # 0: the draft
    content: Content
    digest: str
    revision: int
    published_at: datetime | None
    published_by: str


@dataclass(frozen=True, slots=True)
class Request:
    """A form that is asked of a patient. `document_id` is the latest that was begun or completed for it."""

    id: int
    patient_id: int
    template_id: int
    kind: Kind
    name: str
    title: str
    appointment_id: int | None
    asked_at: datetime
    asked_by: str
    read_at: datetime | None
    delay_minutes: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a request stands. `state`: to_do, begun, done, unpublished, withdrawn.

    `document_id`: the draft, or the document that satisfies it (which may be of an earlier visit: `is_carried`).
    `expired_at`: when the last one stopped to hold, where one was there; `is_outdated`: a newer version asks anew.
    """

    request: Request
    state: str
    document_id: int | None = None
    is_carried: bool = False
    expired_at: datetime | None = None
    is_outdated: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A form being filled in. `seen` are the revisions at which each answer was last changed."""

    document_id: int
    request: Request
    version: VersionInfo
    answers: dict[str, Any]
    seen: dict[str, int]
    revision: int
    carried: frozenset[str]  # link ids of answers carried over and not touched since
    carried_from_at: datetime | None
    is_confirmed: bool  # "has anything changed since …?" was answered, or need not be
    has_changes: bool  # they said that something has; so all of it is to be looked through
    is_minor: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document in a list. `missing` are the roles that have yet to sign: witness, provider."""

    id: int
    patient_id: int
    template_id: int
    kind: Kind
    title: str
    version: int
    state: str
    appointment_id: int | None
    completed_at: datetime
    completed_by: str
    valid_until_at: datetime | None
    is_expired: bool
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SealInfo:
    """A link of the documents' chain, its evidence opened."""

    sequence: int
    deed: str
    at: datetime
    by: str
    evidence: dict[str, Any]
    evidence_digest: str
    mark: str


@dataclass(frozen=True, slots=True)
class Document:
    """A completed document, whole."""

    line: DocumentLine
    version: VersionInfo
    answers: dict[str, Any]
    answered_at: dict[str, datetime]
    seals: tuple[SealInfo, ...] = field(default=())
