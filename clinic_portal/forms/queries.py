"""Reads of the clinic's forms."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.clinic.queries import version as clinic_version
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.forms import definition, models
from clinic_portal.forms.definition import Kind
from clinic_portal.forms.rules import Validity
from clinic_portal.forms.types import FormInfo, VersionInfo

_TEMPLATE = table(models.FormTemplate)
_VERSION = table(models.FormVersion)
_SERVICE = table(models.FormService)


def forms(read: Reading) -> dict[int, FormInfo]:
    """Every form of the clinic in its order, switched off ones too; read anew only when the clinic's version rose."""
    return read.once("forms", lambda: read.kept("forms", clinic_version(read), lambda: _forms(read)))


def form(read: Reading, template_id: int) -> FormInfo:
    """A form. Raises NotAllowed."""
    found = forms(read).get(template_id)
    if found is None:
        raise NotAllowed()
    return found


def assigned(read: Reading, service_ids: Collection[int]) -> list[FormInfo]:
    """The forms that are asked for with these services, and only those (S39), in the clinic's order."""
    wanted = set(service_ids)
    return [one for one in forms(read).values() if one.is_active and one.version and one.service_ids & wanted]


def for_editor(read: Reading, actor: StaffActor, template_id: int) -> VersionInfo:
    """The draft, or what is in force where there is none. Raises NotAllowed."""
    actor.must(Permission.WRITE_FORMS)
    return newest(read, template_id)


def newest(read: Reading, template_id: int) -> VersionInfo:
    """The draft, or what is in force where there is none. Raises NotAllowed."""
    rows = read.execute(select(_VERSION).where(_VERSION.c.template_id == template_id)).all()
    drafts = [row for row in rows if row.version == 0]
    if not rows:
        raise NotAllowed()
    return _version(read, drafts[0] if drafts else max(rows, key=lambda row: row.version))


def versions(read: Reading, actor: StaffActor, template_id: int) -> list[VersionInfo]:
    """Every published version, newest first. Raises NotAllowed."""
    actor.must(Permission.WRITE_FORMS)
    mine = (_VERSION.c.template_id == template_id) & (_VERSION.c.version > 0)
    rows = read.execute(select(_VERSION).where(mine).order_by(_VERSION.c.version.desc())).all()
    return [_version(read, row) for row in rows]


def version(read: Reading, version_id: int) -> VersionInfo:
    """A published version, whole; read once, however many documents are of it. Raises NotAllowed."""

    def found() -> VersionInfo:
        row = read.execute(select(_VERSION).where(_VERSION.c.id == version_id, _VERSION.c.version > 0)).first()
        if row is None:
            raise NotAllowed()
        return _version(read, row)

    return read.once(f"form version {version_id}", found)


def _version(read: Reading, row: Row[Any]) -> VersionInfo:
    kind = Kind(read.execute(select(_TEMPLATE.c.kind).where(_TEMPLATE.c.id == row.template_id)).scalar())
    return VersionInfo(
        id=row.id,
        template_id=row.template_id,
        kind=kind,
        version=row.version,
        content=definition.read(kind, row.content),
        digest=row.digest,
        revision=row.revision,
        published_at=row.published_at,
        published_by=row.changed_by,
    )


def _forms(read: Reading) -> dict[int, FormInfo]:
    services = defaultdict(set)
    for one in read.execute(select(_SERVICE)):
        services[one.template_id].add(one.service_id)
    drafts: dict[int, Row[Any]] = {}
    in_force: dict[int, Row[Any]] = {}
    for row in read.execute(select(_VERSION).order_by(_VERSION.c.version)):
        (in_force if row.version else drafts)[row.template_id] = row
    found = {}
    for row in read.execute(select(_TEMPLATE).order_by(_TEMPLATE.c.position, _TEMPLATE.c.id)):
        standing = in_force.get(row.id)
        newest = standing or drafts[row.id]
        found[row.id] = FormInfo(
            id=row.id,
            slug=row.slug,
            kind=Kind(row.kind),
            name=row.name,
            title=newest.content.get("title") or row.name,
            validity=Validity(row.is_per_visit, row.valid_days),
            delay_minutes=row.delay_minutes,
            is_active=row.is_active,
            version=standing.version if standing else 0,
            version_id=standing.id if standing else None,
            counts_from=standing.counts_from if standing else 0,
            has_draft=row.id in drafts,
            service_ids=frozenset(services[row.id]),
        )
    return found
