"""Forms that were done before visits began (P18)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking.paper_figures import FormCount, Lead, VisitForms, papers
from clinic_portal.core.work import Reading
from clinic_portal.forms.queries import forms
from clinic_portal.reports.periods import BEFORE
from clinic_portal.reports.scope import Asked, Scope, scope


@dataclass(frozen=True, slots=True)
class Ready:
    """Visits that asked for forms, by how much of it was done before they began."""

    visits: int = 0
    all_done: int = 0
    part_done: int = 0

    @property
    def none_done(self) -> int:
        """With nothing done."""
        return self.visits - self.all_done - self.part_done


@dataclass(frozen=True, slots=True)
class Paperwork:
    """Forms of a period's visits that have begun."""

    scope: Scope
    total: Ready
    before: Ready
    by_piece: tuple[Ready, ...]
    by_form: tuple[tuple[str, int, int], ...]  # name, how often asked, how often done before
    by_location: tuple[tuple[str, Ready], ...]
    median_hours: int | None  # before the start, where everything was done for that visit


def paperwork(read: Reading, actor: StaffActor, asked: Asked) -> Paperwork:
    """How much of what visits asked for was done before them. Raises NotAllowed."""
    about = scope(read, actor, asked)
    found = papers(read, about.of_visits(), about.provider_id, but=BEFORE)
    mine = [one for one in found.of_visits if one.number != BEFORE]
    forms_of = {one.template_id: one for one in found.by_form}
    by_location = [(name, _sum(one for one in mine if one.place == at)) for at, name in about.known.locations.items()]
    return Paperwork(
        scope=about,
        total=_sum(mine),
        before=_sum(one for one in found.of_visits if one.number == BEFORE),
        by_piece=tuple(_sum(one for one in mine if one.number == number) for number in range(len(about.pieces))),
        by_form=tuple(_named({one.id: one.name for one in forms(read).values()}, forms_of)),
        by_location=tuple(pair for pair in by_location if pair[1].visits),
        median_hours=median(found.leads),
    )


def median(leads: Sequence[Lead]) -> int | None:
    """The middle one of all visits, the shortest first; of two in the middle the shorter."""
    left = (sum(one.visits for one in leads) + 1) // 2
    for one in leads:
        left -= one.visits
        if left <= 0:
            return one.hours
    return None


def _named(names: dict[int, str], found: dict[int, FormCount]) -> Iterable[tuple[str, int, int]]:
    return ((name, found[one].asked, found[one].done) for one, name in names.items() if one in found)


def _sum(some: Iterable[VisitForms]) -> Ready:
    listed = list(some)
    return Ready(
        sum(one.visits for one in listed),
        sum(one.all_done for one in listed),
        sum(one.part_done for one in listed),
    )
