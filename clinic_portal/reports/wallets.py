"""What the clinic owed in wallets over a period: at its beginning and at the end of each piece of it (P18)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.reports import periods
from clinic_portal.reports.scope import Asked, Scope, scope
from clinic_portal.wallet import liability

MOST_POINTS = 13
"""Each is a question about every wallet: more of them would make a page wait, and say no more."""


@dataclass(frozen=True, slots=True)
class Point:
    """What was owed at the end of a day, in one currency; the last one may be now, with the day still going on."""

    on: date
    is_now: bool
    credit_minor: int
    deposit_minor: int
    items_minor: int  # what treatments and products left are worth

    @property
    def minor(self) -> int:
        """All of it."""
        return self.credit_minor + self.deposit_minor + self.items_minor


@dataclass(frozen=True, slots=True)
class Owing:
    """The points of each currency, the clinic's own first. By the clinic's own calendar; wallets have no location."""

    scope: Scope
    by_currency: tuple[tuple[str, tuple[Point, ...]], ...]


def owing(read: Reading, actor: StaffActor, asked: Asked, *, usual: str) -> Owing:
    """What was owed over a period; days to come are left out. Raises NotAllowed."""
    about = scope(read, actor, asked)
    found: dict[str, list[Point]] = {usual: []}
    for on, at in _instants(read, about):
        parts = liability.owed(read, actor, at=at)
        for code in sorted({one.currency for one in parts} | found.keys()):
            sums = dict.fromkeys(("credit", "deposit", "items"), 0)
            for one in parts:
                if one.currency == code:
                    sums[one.kind] += one.minor
            point = Point(on, at is None, sums["credit"], sums["deposit"], sums["items"])
            found.setdefault(code, []).append(point)
    codes = sorted(found, key=lambda code: (code != usual, code))
    return Owing(about, tuple((code, tuple(found[code])) for code in codes))


def _instants(read: Reading, about: Scope) -> list[tuple[date, datetime | None]]:
    """The day before the period, and the last days of at most a dozen of its pieces; None stands for now."""
    period = about.asked.period
    ends = [last for _, last in about.pieces]
    every = -(-len(ends) // (MOST_POINTS - 1))
    days = [period.first_on - timedelta(days=1), *reversed(ends[::-1][::every])]
    found: list[tuple[date, datetime | None]] = []
    for on in days:
        (stretch,) = periods.stretches([(on, on)], {0: about.own_zone})
        if stretch.until_at <= read.now:
            found.append((on, stretch.until_at))
        elif not found or found[-1][1] is not None:
            today = min(on, _today(read, about))
            found.append((today, None))
    return found


def _today(read: Reading, about: Scope) -> date:
    return wording.local(read.now, about.own_zone).date()
