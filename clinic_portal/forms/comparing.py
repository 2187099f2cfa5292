"""What is new in a form since an earlier version. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinic_portal.forms.definition import Consent, Content, Instruction, Item, Questionnaire, Section


@dataclass(frozen=True, slots=True)
class Change:
    """`how`: added, removed, changed, moved. `what`: item, section, title, text, statement, signatures. `name` says
    which item or section, by its text."""

    how: str
    what: str
    name: str = ""


def changes(old: Content, new: Content) -> list[Change]:
    """What was added, changed, moved and taken out, in the order of the new one; what was taken out comes last."""
    found = [Change("changed", "title")] if old.title != new.title else []
    if isinstance(old, Questionnaire) and isinstance(new, Questionnaire):
        if old.intro != new.intro:
            found.append(Change("changed", "text"))
        return found + _of_parts("item", old.items, new.items)
    if isinstance(old, Consent) and isinstance(new, Consent):
        found += _of_parts("section", old.sections, new.sections)
        if old.statement != new.statement:
            found.append(Change("changed", "statement"))
        if _signers(old) != _signers(new):
            found.append(Change("changed", "signatures"))
        return found
    if isinstance(old, Instruction) and isinstance(new, Instruction) and old.html != new.html:
        found.append(Change("changed", "text"))
    return found


def _of_parts(
    what: str, old: Sequence[Item] | Sequence[Section], new: Sequence[Item] | Sequence[Section]
) -> list[Change]:
    before = {one.link_id: one for one in old}
    now = {one.link_id for one in new}
    staying = [one.link_id for one in old if one.link_id in now]
    moved = _out_of_order([one.link_id for one in new if one.link_id in before], staying)
    found = []
    for one in new:
        if one.link_id not in before:
            found.append(Change("added", what, _name(one)))
        elif one != before[one.link_id]:
            found.append(Change("changed", what, _name(one)))
        elif one.link_id in moved:
            found.append(Change("moved", what, _name(one)))
    return found + [Change("removed", what, _name(one)) for one in old if one.link_id not in now]


def _out_of_order(now: list[str], before: list[str]) -> set[str]:
    """The fewest that must have been moved: all but the longest run that kept its order."""
    place = {link: n for n, link in enumerate(before)}
    runs: list[list[str]] = []
    for link in now:
        fitting = [run for run in runs if place[run[-1]] < place[link]]
        runs.append([*_longest(fitting), link])
    return set(now) - set(_longest(runs))


def _longest(runs: list[list[str]]) -> list[str]:
    return max(runs, key=lambda run: len(run), default=[])


def _name(one: Item | Section) -> str:
    return one.text if isinstance(one, Item) else one.title


def _signers(one: Consent) -> tuple[str, bool, bool]:
    return one.guardian, one.asks_witness, one.asks_provider
