"""Patients are found by whatever staff have: a part of a name, an address, a number, a date of birth.

The database keeps the three-letter parts of names, e-mails and phones (`patient_trigrams`: on PostgreSQL an index by
pg_trgm, on SQLite an FTS5 table that triggers keep in step), so that no search reads 100,000 patients. Where it could
not be made, the same people are found by reading them all, the newest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, column, false, func, literal_column, not_, or_, select, true
from sqlalchemy import table as sql_table

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading
from clinic_portal.patients import models
from clinic_portal.patients.access import seen_by
from clinic_portal.patients.rules import birth_dates, email_key, folded
from clinic_portal.patients.types import Found, FoundPage

MOST_WORDS, MOST_LETTERS = 6, 100
PART = 3
"""Letters of a part. A shorter word is looked for where a word of a name begins, a longer one anywhere."""
_PATIENT = table(models.Patient)
_TRIGRAMS = sql_table("patient_trigrams", column("rowid"), column("patient_trigrams"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed, as it is looked for: one of these, or nothing."""

    born: tuple[date, ...] = ()
    digits: str = ""
    words: tuple[str, ...] = ()  # as typed, without blanks
    is_nobody: bool = False  # signs alone


@dataclass(frozen=True, slots=True)
class _Stage:
    """Some of those who are found; the stages come one after another, and nobody is in two."""

    holds: ColumnElement[bool]
    match: str = ""  # what FTS5 is asked first, on SQLite


def read_wanted(typed: str) -> Wanted:
    """What somebody may mean by what they typed; more than a name has is left off."""
    typed = typed[:MOST_LETTERS].replace("\x00", "")
    born = birth_dates(typed)
    if born:
        return Wanted(born=tuple(born))
    digits = "".join(str(int(one)) for one in typed if one.isdecimal())
    if len(digits) >= PART and not any(one.isalpha() or one == "@" for one in typed):
        return Wanted(digits=digits)
    words = typed.split()
    telling = tuple(word for word in words[:MOST_WORDS] if any(map(str.isalnum, word)) and folded(word))
    return Wanted(words=telling, is_nobody=bool(words) and not telling)


def search(read: Reading, actor: StaffActor, wanted: str, *, most: int = 20) -> list[Found]:
    """The first of `page`. Raises NotAllowed."""
    return list(page(read, actor, wanted, most=most).found)


def page(
    read: Reading, actor: StaffActor, wanted: str, *, most: int = 50, after: tuple[int, int] | None = None
) -> FoundPage:
    """Patients whose name, e-mail or phone holds what was typed; the newest where nothing was. Raises NotAllowed.

    Every word must be found, without regard to case and accents; a number, however it is spaced, in the phone; a date
    is a date of birth. Whoever has the very words as names comes first, then whose names begin with them, then the
    others, each the newest first. `after` is the `older` of the page before.
    """
    actor.must(Permission.SEE_PATIENTS)
    meant = read_wanted(wanted)
    if meant.is_nobody:
        return FoundPage((), None)
    stages = _stages(meant, has_parts(read))
    first, before = after or (0, 0)
    found: list[tuple[int, Any]] = []
    for number, stage in list(enumerate(stages))[max(first, 0) :]:
        older = before if number == first else 0
        rows = read.execute(_statement(read, actor, stage, older, most + 1 - len(found)))
        found += [(number, row) for row in rows]
        if len(found) > most:
            break
    last = found[most - 1] if len(found) > most else None
    return FoundPage(tuple(_found(row) for _, row in found[:most]), (last[0], last[1].id) if last else None)


def ids_holding(wanted: str) -> Select[Any]:
    """The ids of all whom `page` would find, as a part of another domain's statement."""
    return select(_PATIENT.c.id).where(_holding(read_wanted(wanted)))


def has_parts(read: Reading) -> bool:
    """Whether the database keeps the three-letter parts that make a search quick."""
    return read.kept("patient trigrams", 0, lambda: _has_parts(read))


def _has_parts(read: Reading) -> bool:
    if read.session.connection().dialect.name == "postgresql":
        return read.execute(select(func.to_regclass("ix_patient_trigrams"))).scalar() is not None
    master = sql_table("sqlite_master", column("name"))
    return read.execute(select(master).where(master.c.name == "patient_trigrams")).first() is not None


def _stages(wanted: Wanted, has_parts: bool) -> list[_Stage]:
    if wanted.digits:
        return [_Stage(_holding(wanted), _matching("phone", [wanted.digits]))]
    if not wanted.words or not has_parts:
        return [_Stage(_holding(wanted))]
    keys = [folded(word) for word in wanted.words]
    if all(len(key) == 1 for key in keys) or any("@" in key for key in keys):  # no name to come first
        return [_Stage(_holding(wanted), _anywhere(wanted.words))]
    exact, starts = and_(*map(_is_word, keys)), and_(*map(_starts_word, keys))
    stages = [
        _Stage(exact, _matching("search_key", [f"  {key} " for key in keys])),
        _Stage(and_(starts, not_(exact)), _matching("search_key", [f"  {key}" for key in keys])),
    ]
    if any(len(key) >= PART for key in keys):
        stages.append(_Stage(and_(_holding(wanted), not_(starts)), _anywhere(wanted.words)))
    return stages


def _holding(wanted: Wanted) -> ColumnElement[bool]:
    if wanted.is_nobody:
        return false()
    if wanted.born:
        return _PATIENT.c.birth_on.in_(wanted.born)
    if wanted.digits:
        return _PATIENT.c.phone.contains(wanted.digits)
    return and_(true(), *(_holds(word) for word in wanted.words))


def _holds(word: str) -> ColumnElement[bool]:
    if len(folded(word)) < PART:
        return _starts_word(folded(word))
    return or_(
        _PATIENT.c.search_key.contains(folded(word), autoescape=True),
        _PATIENT.c.email_key.contains(email_key(word), autoescape=True),
    )


def _starts_word(key: str) -> ColumnElement[bool]:
    return _PATIENT.c.search_key.contains(f"  {key}", autoescape=True)


def _is_word(key: str) -> ColumnElement[bool]:
    return _PATIENT.c.search_key.contains(f"  {key} ", autoescape=True)


def _matching(name: str, parts: Sequence[str]) -> str:
    """FTS5's words for: the column holds all of these; nothing where they are all too short for it."""
    quoted = ['"' + part.replace('"', '""') + '"' for part in parts if len(part) >= PART]
    return f"{{{name}}} : ({' AND '.join(quoted)})" if quoted else ""


def _anywhere(words: Sequence[str]) -> str:
    """FTS5's words for: each stands in the name or the e-mail, or begins a name where it is short."""
    return " AND ".join(map(_somewhere, words))


def _somewhere(word: str) -> str:
    if len(folded(word)) < PART:
        return _matching("search_key", [f"  {folded(word)}"])
    either = (_matching("search_key", [folded(word)]), _matching("email_key", [email_key(word)]))
    return f"({' OR '.join(part for part in either if part)})"


def _statement(read: Reading, actor: StaffActor, stage: _Stage, before: int, most: int) -> Select[Any]:
    whole = [_PATIENT.c.merged_into_id.is_(None), stage.holds, *([_PATIENT.c.id < before] if before else [])]
    is_sqlite = read.session.connection().dialect.name == "sqlite"
    if not (is_sqlite and stage.match and has_parts(read)):
        return select(_PATIENT).where(*whole, seen_by(actor)).order_by(_PATIENT.c.id.desc()).limit(most)
    # Walk FTS5's matches from the newest and stop at enough: the plus sign keeps SQLite from beginning elsewhere.
    theirs = seen_by(actor, literal_column("+patient.id"))
    return (
        select(_PATIENT)
        .select_from(_TRIGRAMS.join(_PATIENT, _PATIENT.c.id == _TRIGRAMS.c.rowid))
        .where(_TRIGRAMS.c.patient_trigrams.op("MATCH")(stage.match), *whole, theirs)
        .order_by(_TRIGRAMS.c.rowid.desc())
        .limit(most)
    )


def _found(row: Any) -> Found:
    name = f"{row.given_name} {row.family_name}"
    return Found(row.id, name, row.email, row.phone, row.account_id is not None, row.birth_on)
