"""The forms of a clinic file: their shape, what must hold of them, and how they become forms of the clinic and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator
from sqlalchemy import select

from clinic_portal.clinic.editing import raise_version
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import checking, definition, models, queries, templates
from clinic_portal.forms.cleaning import cleaned
from clinic_portal.forms.definition import Content, Kind
from clinic_portal.forms.rules import Validity
from clinic_portal.setup.part import ClinicFileError, Part, Slug, path

UNITS = {"weeks": 7 * 24 * 60, "days": 24 * 60, "hours": 60, "minutes": 1}
BY = "command"
SENTENCES = {
    "form_text_empty": "it says nothing",
    "form_text_long": "it is too long",
    "form_no_question": "the form asks nothing",
    "form_no_section": "there is no section to sign",
    "form_link_twice": "this link_id stands there twice",
    "form_link_reserved": "this link_id belongs to a signature",
    "form_silent_required": "it asks nothing, so it cannot be required",
    "form_options_missing": "it has no options",
    "form_options_twice": "two options are the same",
    "form_options_empty": "an option has no label",
    "form_options_other": "“other” is there by itself",
    "form_options_unwanted": "this type has no options",
    "form_scale": "a scale goes from one whole number up to another, in {limit} steps at most",
    "form_range": "least must be smaller than most",
    "form_condition_later": "its condition names {question}, which asks nothing before it",
    "form_condition_silent": "its condition names {question}, which asks nothing",
    "form_condition_answer": "its condition waits for “{answer}”, which is no answer to {question}",
    "form_condition_operator": "the answers to {question} cannot be compared like this",
}


class DaysPart(Part):
    """For so many days."""

    days: int = Field(ge=1, le=templates.LONGEST_DAYS)


class DelayPart(Part):
    """A length of time: `{hours: 2}`."""

    weeks: int = Field(0, ge=0)
    days: int = Field(0, ge=0)
    hours: int = Field(0, ge=0)
    minutes: int = Field(0, ge=0)

    @property
    def in_minutes(self) -> int:
        """The whole of it."""
        return sum(getattr(self, unit) * minutes for unit, minutes in UNITS.items())


class FormPart(Part):
    """A form and what it belongs to; with neither services, categories nor all, only staff ask for it."""

    slug: Slug
    kind: Kind
    name: str = Field(min_length=1, max_length=templates.NAME_MOST)
    services: list[Slug] = []
    categories: list[Slug] = []
    all: bool = False
    validity: Literal["visit", "forever"] | DaysPart = "visit"
    delay: DelayPart = DelayPart()
    content: dict[str, Any]

    @field_validator("name")
    @classmethod
    def _is_a_line(cls, name: str) -> str:
        if not name.strip() or not name.isprintable():
            raise ValueError("write a name in one line")
        return " ".join(name.split())

    @property
    def holds(self) -> Validity:
        """How long it holds (P11)."""
        if isinstance(self.validity, DaysPart):
            return Validity(False, self.validity.days)
        return Validity(self.validity == "visit", None)

    def read(self) -> Content:
        """What it holds, its rich text sanitised. Raises pydantic's ValidationError."""
        return cleaned(definition.read(self.kind, self.content))

    def service_slugs(self, categories: Mapping[str, str]) -> list[str]:
        """The services it belongs to, `categories` telling each service's category."""
        return [
            slug
            for slug, category in categories.items()
            if self.all or slug in self.services or category in self.categories
        ]


def faults(forms: Collection[FormPart], categories: Collection[str], services: Collection[str]) -> Iterator[str]:
    """What is wrong with the forms of a file, in sentences."""
    for slug, count in Counter(form.slug for form in forms).items():
        if count > 1:
            yield f"forms: {slug} stands there twice."
    for form in forms:
        yield from (f"form {form.slug}: there is no service {one}." for one in form.services if one not in services)
        yield from (
            f"form {form.slug}: there is no category {one}." for one in form.categories if one not in categories
        )
        if form.all and (form.services or form.categories):
            yield f"form {form.slug}: give either all, or services and categories."
        if form.delay.in_minutes and form.kind is not Kind.AFTER:
            yield f"form {form.slug}: only what is for afterwards has a delay."
        if form.delay.in_minutes > templates.LONGEST_DELAY_MINUTES:
            yield f"form {form.slug}: its delay is longer than a year."
        yield from _content_faults(form)


def _content_faults(form: FormPart) -> Iterator[str]:
    try:
        content = form.read()
    except ValidationError as fault:
        for one in fault.errors():
            yield f"form {form.slug}: content.{path(one['loc'])}: {one['msg'].removeprefix('Value error, ')}."
        return
    for found in checking.faults(content):
        yield f"form {form.slug}: {found.where}: {SENTENCES[found.code].format(**found.facts)}."


def load(
    work: UnitOfWork,
    forms: Collection[FormPart],
    categories: Mapping[str, str],
    services: Mapping[str, int],
    told: Mapping[str, Counter[str]],
) -> None:
    """Make the clinic's forms what the file says; count what was `added`, `changed` or `switched_off`.

    A form that stands in use and is not in the file is asked for no more; a draft of staff stays a draft. Raises
    ClinicFileError when a form of another kind has a slug.
    """
    _check_kinds(work, forms)
    for form in forms:
        done = templates.put(
            work,
            BY,
            form.slug,
            form.kind,
            name=form.name,
            validity=form.holds,
            delay_minutes=form.delay.in_minutes,
            service_ids=[services[slug] for slug in form.service_slugs(categories)],
            content=form.read(),
        )
        if done in told:
            told[done]["form"] += 1
    wanted = {form.slug for form in forms}
    columns, versions = table(models.FormTemplate).c, table(models.FormVersion).c
    in_use = select(versions.template_id).where(versions.version > templates.DRAFT)
    gone = select(models.FormTemplate).where(columns.is_active, columns.id.in_(in_use), columns.slug.not_in(wanted))
    for row in work.session.execute(gone).scalars().all():
        row.is_active = False
        told["switched_off"]["form"] += 1
        work.record(BY, "form.switched_off", f"form:{row.id}")
        work.session.flush()
        raise_version(work)


def _check_kinds(work: UnitOfWork, forms: Collection[FormPart]) -> None:
    columns = table(models.FormTemplate).c
    standing = {slug: Kind(kind) for slug, kind in work.execute(select(columns.slug, columns.kind))}
    faults = [
        f"form {form.slug}: the clinic has a form of this slug already, of the kind {standing[form.slug]}."
        for form in forms
        if standing.get(form.slug, form.kind) is not form.kind
    ]
    if faults:
        raise ClinicFileError(faults)


def told(read: Reading, services: Mapping[int, str]) -> list[dict[str, Any]]:
    """The forms in use as a file says them, `services` telling the slug of each service in use."""
    return [
        {"slug": form.slug, "kind": form.kind.value, "name": form.name}
        | _whose([slug for key, slug in services.items() if key in form.service_ids], services)
        | {"validity": _validity(form.validity)}
        | ({"delay": _delay(form.delay_minutes)} if form.delay_minutes and form.kind is Kind.AFTER else {})
        | {"content": definition.written(queries.version(read, form.version_id).content)}
        for form in queries.forms(read).values()
        if form.is_active and form.version_id
    ]


def _whose(mine: list[str], services: Mapping[int, str]) -> dict[str, Any]:
    return {"all": True} if len(mine) == len(services) else {"services": mine}


def _validity(holds: Validity) -> Any:
    if holds.is_per_visit:
        return "visit"
    return {"days": holds.days} if holds.days is not None else "forever"


def _delay(minutes: int) -> dict[str, int]:
    """A delay in the largest unit that tells it whole."""
    unit = next(unit for unit, one in UNITS.items() if minutes % one == 0)
    return {unit: minutes // UNITS[unit]}
