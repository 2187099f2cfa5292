"""One deed of an editor on a form as it stands: read, changed and kept in one transaction.

What an editor saw is told by its digest: the same bytes are the same form, whatever was discarded, begun anew or
published in between.
"""

from collections.abc import Callable
from dataclasses import dataclass

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import UnitOfWork
from clinic_portal.forms import definition, queries, templates
from clinic_portal.forms.definition import Content
from clinic_portal.forms.editing import Edit
from clinic_portal.forms.types import VersionInfo


@dataclass(frozen=True, slots=True)
class Done:
    """A deed that was kept: the form before it and after it."""

    edit: Edit[Content]
    before: VersionInfo
    after: VersionInfo


def edit(
    work: UnitOfWork, actor: StaffActor, template_id: int, deed: Callable[[Content], Edit[Content]], *, seen: str
) -> Done:
    """Do something to the draft, or begin one from what is in force.

    Raises NotAllowed, Conflict (`draft_changed`) when it is not what the editor saw, and what the deed raises.
    """
    before = _as_seen(work, actor, template_id, seen)
    done = deed(before.content)
    told = definition.written(done.content)
    if definition.digest(told) == before.digest:
        return Done(done, before, before)
    after = templates.save_draft(work, actor, template_id, told, seen_revision=before.revision)
    return Done(done, before, after)


def publish(work: UnitOfWork, actor: StaffActor, template_id: int, *, seen: str, asks_anew: bool) -> int:
    """Put what the editor saw in force; the version's number. Raises as `templates.publish` does."""
    before = _as_seen(work, actor, template_id, seen)
    return templates.publish(work, actor, template_id, seen_revision=before.revision, asks_anew=asks_anew)


def discard(work: UnitOfWork, actor: StaffActor, template_id: int, *, seen: str) -> VersionInfo:
    """Throw away the draft that the editor saw; what is in force. Raises as `templates.discard_draft` does."""
    _as_seen(work, actor, template_id, seen)
    templates.discard_draft(work, actor, template_id)
    return queries.newest(work, template_id)


def _as_seen(work: UnitOfWork, actor: StaffActor, template_id: int, seen: str) -> VersionInfo:
    work.in_turn("clinic")
    found = queries.for_editor(work, actor, template_id)
    if found.digest != seen:
        raise Conflict("draft_changed")
    return found
