"""Staff write forms: drafts, versions, which services they belong to. A published version never changes (P10, P11).

A form's clinic has a version that rises with each change, so that what is kept in memory knows when it is old.
"""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, and_, delete, func, insert, select, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.clinic.editing import free_slug, raise_version
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed, Unusable
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import chain, checking, definition, models, queries
from clinic_portal.forms.cleaning import cleaned
from clinic_portal.forms.definition import Content, Kind
from clinic_portal.forms.rules import Validity
from clinic_portal.forms.types import VersionInfo

DRAFT = 0
NAME_MOST = 120
LONGEST_DAYS, LONGEST_DELAY_MINUTES = 3650, 60 * 24 * 365
_TEMPLATE = table(models.FormTemplate)
_VERSION = table(models.FormVersion)
_SERVICE = table(models.FormService)


def add(work: UnitOfWork, actor: StaffActor, kind: Kind, name: str) -> int:
    """Begin a form; its id. It is asked of nobody until a version is published. Raises Unusable, NotAllowed."""
    _begin(work, actor)
    template_id = _insert(work, kind, _named(name), free_slug(work, _TEMPLATE, name))
    _keep_draft(work, actor.tag, template_id, definition.empty(kind, name.strip()), None)
    raise_version(work)
    work.record(actor.tag, "form.added", f"form:{template_id}", after={"name": name.strip(), "kind": kind.value})
    return template_id


def copy(work: UnitOfWork, actor: StaffActor, template_id: int) -> int:
    """Begin a form with what another holds; its id. Raises NotAllowed."""
    _begin(work, actor)
    row = _row(work, template_id)
    found = queries.newest(work, template_id)
    name = f"{row.name} (copy)"[:NAME_MOST]
    made = _insert(work, Kind(row.kind), name, free_slug(work, _TEMPLATE, name))
    _keep_draft(work, actor.tag, made, found.content, None)
    raise_version(work)
    work.record(actor.tag, "form.added", f"form:{made}", after={"name": name, "kind": row.kind})
    return made


def save_draft(
    work: UnitOfWork, actor: StaffActor, template_id: int, content: Any, *, seen_revision: int
) -> VersionInfo:
    """Keep what an editor has written so far; the draft as it stands then. It need not be complete.

    Raises Unusable (`form_shape`) for what is no such form at all, NotAllowed, and Conflict (`draft_changed`) when
    somebody else saved since `seen_revision`: nothing of theirs is overwritten.
    """
    _begin(work, actor)
    row = _row(work, template_id)
    try:
        told = cleaned(definition.read(Kind(row.kind), content))
    except ValidationError:
        raise Unusable([Invalid("content", "form_shape")]) from None
    _keep_draft(work, actor.tag, template_id, told, seen_revision)
    return queries.newest(work, template_id)


def discard_draft(work: UnitOfWork, actor: StaffActor, template_id: int) -> None:
    """Throw the draft away; the published version stays as it is. Raises NotAllowed, Conflict without one."""
    _begin(work, actor)
    if _published(work, template_id) is None:
        raise Conflict("form_unpublished")
    work.execute(delete(_VERSION).where(_is_draft(template_id)))
    raise_version(work)


def publish(
    work: UnitOfWork, actor: StaffActor, template_id: int, *, seen_revision: int, asks_anew: bool = True
) -> int:
    """Put the draft in force as the next version; its number. `asks_anew`: answers to earlier versions hold no more.

    Raises Unusable with everything that is wrong with it, NotAllowed, Conflict (`draft_changed`) when it is not what
    the editor saw.
    """
    _begin(work, actor)
    row = work.execute(select(_VERSION).where(_is_draft(template_id))).first()
    if row is None:
        raise NotAllowed()
    if row.revision != seen_revision:
        raise Conflict("draft_changed")
    kind = Kind(_row(work, template_id).kind)
    content = definition.read(kind, row.content)
    faults = checking.faults(content)
    if faults:
        raise Unusable([Invalid(one.where, one.code, **one.facts) for one in faults])
    version = _publish(work, actor.tag, template_id, content, asks_anew=asks_anew)
    work.execute(delete(_VERSION).where(_is_draft(template_id)))
    return version


def set_rules(
    work: UnitOfWork,
    actor: StaffActor,
    template_id: int,
    *,
    name: str,
    validity: Validity,
    delay_minutes: int,
    service_ids: Collection[int],
) -> None:
    """Say what a form is called, how long it holds, when it is sent, and to which services it belongs (S39, P11, P12).

    Visits that are booked already keep what was asked of them. Raises Unusable, NotAllowed.
    """
    _begin(work, actor)
    row = _row(work, template_id)
    _check_rules(validity, delay_minutes)
    values = {"name": _named(name), **_columns(validity, delay_minutes)}
    before = {one: getattr(row, one) for one in values if getattr(row, one) != values[one]}
    if before:
        work.execute(update(_TEMPLATE).where(_TEMPLATE.c.id == template_id).values(**values))
        raise_version(work)
        after = {one: values[one] for one in before}
        work.record(actor.tag, "form.changed", f"form:{template_id}", before=before, after=after)
    _assign(work, actor.tag, template_id, service_ids)


def ask_alike(work: UnitOfWork, actor: StaffActor, service_id: int, *, like: int) -> None:
    """Ask for the same forms with a service as with another. Raises NotAllowed."""
    _begin(work, actor)
    for one in queries.forms(work).values():
        if like in one.service_ids:
            _assign(work, actor.tag, one.id, one.service_ids | {service_id})


def switch(work: UnitOfWork, actor: StaffActor, template_id: int, *, is_active: bool) -> None:
    """Ask for it no more, or again. What was answered stays. Raises NotAllowed."""
    _begin(work, actor)
    if _row(work, template_id).is_active != is_active:
        work.execute(update(_TEMPLATE).where(_TEMPLATE.c.id == template_id).values(is_active=is_active))
        raise_version(work)
        deed = "form.switched_on" if is_active else "form.switched_off"
        work.record(actor.tag, deed, f"form:{template_id}")


def put(
    work: UnitOfWork,
    by: str,
    slug: str,
    kind: Kind,
    *,
    name: str,
    validity: Validity,
    delay_minutes: int,
    service_ids: Collection[int],
    content: Content,
) -> str:
    """Make a form what a clinic file says: `added`, `changed` or `same`. Another content is the next version.

    The caller has checked it (`checking.faults`). Raises Conflict when the slug belongs to a form of another kind.
    """
    work.in_turn("clinic")
    row = work.execute(select(_TEMPLATE).where(_TEMPLATE.c.slug == slug)).first()
    told = "same" if row else "added"
    template_id = int(row.id) if row else _insert(work, kind, name, slug)
    if row and row.kind != kind:
        raise Conflict("form_kind", slug=slug)
    values = {"name": name, "is_active": True, **_columns(validity, delay_minutes)}
    if row and any(getattr(row, one) != value for one, value in values.items()):
        told = "changed"
    work.execute(update(_TEMPLATE).where(_TEMPLATE.c.id == template_id).values(**values))
    if _assign(work, by, template_id, service_ids) and row:
        told = "changed"
    clean = cleaned(content)
    standing = _published(work, template_id)
    if standing is None or standing.digest != definition.digest(definition.written(clean)):
        _publish(work, by, template_id, clean, asks_anew=True)
        told = "changed" if row else "added"
    if told != "same":
        raise_version(work)
    return told


def _begin(work: UnitOfWork, actor: StaffActor) -> None:
    actor.must(Permission.WRITE_FORMS)
    work.in_turn("clinic")


def _insert(work: UnitOfWork, kind: Kind, name: str, slug: str) -> int:
    position = (work.execute(select(func.max(_TEMPLATE.c.position))).scalar() or 0) + 1
    values = {
        "slug": slug,
        "kind": kind.value,
        "name": name,
        "is_per_visit": False,
        "valid_days": 365 if kind is Kind.QUESTIONNAIRE else None,
        "delay_minutes": 0,
        "is_active": True,
        "position": position,
        "created_at": work.now,
    }
    return int(work.execute(insert(_TEMPLATE).returning(_TEMPLATE.c.id), values).scalar_one())


def _keep_draft(work: UnitOfWork, by: str, template_id: int, content: Content, seen_revision: int | None) -> None:
    """Write the draft; where none is there yet, it begins with revision 1."""
    told = definition.written(content)
    values = {"content": told, "digest": definition.digest(told), "changed_at": work.now, "changed_by": by}
    row = work.execute(select(_VERSION).where(_is_draft(template_id))).first()
    if row is None:
        if seen_revision:
            raise Conflict("draft_changed")
        fresh = {"template_id": template_id, "version": DRAFT, "counts_from": 0, "revision": 1, "published_at": None}
        work.execute(insert(_VERSION), {**fresh, **values})
        raise_version(work)
        return
    if row.revision != seen_revision:
        raise Conflict("draft_changed")
    if row.digest != values["digest"]:
        work.execute(update(_VERSION).where(_VERSION.c.id == row.id).values(revision=row.revision + 1, **values))


def _publish(work: UnitOfWork, by: str, template_id: int, content: Content, *, asks_anew: bool) -> int:
    standing = _published(work, template_id)
    version = (standing.version if standing else 0) + 1
    told = definition.written(content)
    row = work.execute(
        insert(_VERSION).returning(*_VERSION.c),
        {
            "template_id": template_id,
            "version": version,
            "content": told,
            "digest": definition.digest(told),
            "counts_from": version if asks_anew or standing is None else standing.counts_from,
            "revision": 0,
            "changed_at": work.now,
            "changed_by": by,
            "published_at": work.now,
        },
    ).one()
    raise_version(work)
    after = {"version": version, "anew": asks_anew}
    work.record(by, "form.published", f"form:{template_id}", after=after, mark=chain.mark_of_version(work, row))
    return version


def _assign(work: UnitOfWork, by: str, template_id: int, service_ids: Collection[int]) -> bool:
    """These services and no others, except those switched off, which stay as they were; whether anything changed."""
    offered = catalogue(work).services.keys()
    mine = _SERVICE.c.template_id == template_id
    before = set(work.execute(select(_SERVICE.c.service_id).where(mine)).scalars())
    if not set(service_ids) <= offered | before:
        raise NotAllowed()
    wanted = set(service_ids) | (before - offered)
    if wanted == before:
        return False
    work.execute(delete(_SERVICE).where(mine))
    if wanted:
        work.execute(insert(_SERVICE), [{"template_id": template_id, "service_id": one} for one in sorted(wanted)])
    raise_version(work)
    work.record(by, "form.assigned", f"form:{template_id}", before=sorted(before), after=sorted(wanted))
    return True


def _check_rules(validity: Validity, delay_minutes: int) -> None:
    faults = []
    if validity.days is not None and not 1 <= validity.days <= LONGEST_DAYS:
        faults.append(Invalid("valid_days", "form_number", least=1, most=LONGEST_DAYS))
    if not 0 <= delay_minutes <= LONGEST_DELAY_MINUTES:
        faults.append(Invalid("delay", "form_number", least=0, most=LONGEST_DELAY_MINUTES))
    if faults:
        raise Unusable(faults)


def _columns(validity: Validity, delay_minutes: int) -> Mapping[str, Any]:
    days = None if validity.is_per_visit else validity.days
    return {"is_per_visit": validity.is_per_visit, "valid_days": days, "delay_minutes": delay_minutes}


def _named(name: str) -> str:
    told = " ".join(name.split())
    if not told or len(told) > NAME_MOST or not told.isprintable():
        raise Unusable([Invalid("name", "form_name", limit=NAME_MOST)])
    return told


def _row(read: Reading, template_id: int) -> Row[Any]:
    row: Row[Any] | None = read.execute(select(_TEMPLATE).where(_TEMPLATE.c.id == template_id)).first()
    if row is None:
        raise NotAllowed()
    return row


def _published(read: Reading, template_id: int) -> Row[Any] | None:
    mine = and_(_VERSION.c.template_id == template_id, _VERSION.c.version > DRAFT)
    found: Row[Any] | None = read.execute(select(_VERSION).where(mine).order_by(_VERSION.c.version.desc())).first()
    return found


def _is_draft(template_id: int) -> Any:
    return and_(_VERSION.c.template_id == template_id, _VERSION.c.version == DRAFT)
