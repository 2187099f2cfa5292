"""What a report is about: a period, of one location or all, of one provider or all; and who may read it (P18)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking.takings import NOWHERE
from clinic_portal.clinic.everything import Everything, everything
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.stretches import Stretch
from clinic_portal.core.work import Reading
from clinic_portal.reports import periods
from clinic_portal.reports.periods import BEFORE, Period


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to know; None for all."""

    period: Period
    location_id: int | None = None
    provider_id: int | None = None
    first_weekday: int = 0


@dataclass(frozen=True, slots=True)
class Scope:
    """The same, looked up: the period in pieces, and the places whose calendars count."""

    asked: Asked
    pieces: tuple[tuple[date, date], ...]
    zones: Mapping[int, str]  # of the locations asked for
    own_zone: str
    known: Everything

    @property
    def provider_id(self) -> int | None:
        """The provider asked for, if one was."""
        return self.asked.provider_id

    @property
    def is_whole(self) -> bool:
        """Whether it is about the whole clinic: then what belongs to no visit counts too."""
        return self.asked.location_id is None and self.asked.provider_id is None

    def of_visits(self) -> tuple[Stretch, ...]:
        """The pieces and the period before, by the calendars of the locations."""
        return (*periods.stretches(self.pieces, self.zones), *self._before(self.zones))

    def of_all(self) -> tuple[Stretch, ...]:
        """The same, and by the clinic's own calendar for what belongs to no visit."""
        zones = {**self.zones, NOWHERE: self.own_zone} if self.is_whole else self.zones
        return (*periods.stretches(self.pieces, zones), *self._before(zones))

    def in_one(self, *, with_own: bool = False) -> tuple[Stretch, ...]:
        """The period in one piece."""
        zones = {**self.zones, NOWHERE: self.own_zone} if with_own and self.is_whole else self.zones
        period = self.asked.period
        return periods.stretches([(period.first_on, period.last_on)], zones)

    def _before(self, zones: Mapping[int, str]) -> tuple[Stretch, ...]:
        period = self.asked.period
        return periods.stretches([(period.before_first_on, period.before_last_on)], zones, first_number=BEFORE)


def scope(read: Reading, actor: StaffActor, asked: Asked) -> Scope:
    """Look up what is asked for. Raises NotAllowed, also for a location or provider that there is not."""
    actor.must(Permission.SEE_REPORTS)
    actor.must_see_everyone()
    known = everything(read)
    if asked.location_id not in (None, *known.zones) or asked.provider_id not in (None, *known.providers):
        raise NotAllowed()
    zones = {one: zone for one, zone in known.zones.items() if asked.location_id in (None, one)}
    pieces = tuple(periods.cuts(asked.period, first_weekday=asked.first_weekday))
    return Scope(asked, pieces, zones, catalogue(read).time_zone, known)
