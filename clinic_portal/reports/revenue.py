"""Money of a period: what was taken, what went back, and how visits were paid for (P18).

By card, money counts on the day it moved; at the desk on the day of the visit it paid for. What a visit uses of a
wallet was taken before, with a deposit, a package or a membership, and is told beside, never added. Currencies are
never mixed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import figures, takings
from clinic_portal.booking.figures import BillSum
from clinic_portal.booking.takings import NOWHERE, Moved
from clinic_portal.core.work import Reading
from clinic_portal.reports.periods import BEFORE
from clinic_portal.reports.scope import Asked, Scope, scope

DESK = "desk"
"""The purpose of what was paid at the clinic, beside those of payments by card."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Money that came in and went back, in minor units of one currency."""

    taken_minor: int = 0
    back_minor: int = 0
    count: int = 0  # of what was taken

    @property
    def net_minor(self) -> int:
        """What is left of it; below nothing where more of earlier days went back."""
        return self.taken_minor - self.back_minor

    def __add__(self, other: "Flow") -> "Flow":
        return Flow(self.taken_minor + other.taken_minor, self.back_minor + other.back_minor, self.count + other.count)


@dataclass(frozen=True, slots=True)
class Paid:
    """How visits were paid for, in minor units of one currency."""

    visits: int = 0
    total_minor: int = 0
    desk_minor: int = 0
    deposit_minor: int = 0
    credit_minor: int = 0
    items_minor: int = 0  # with packages and what memberships bring


@dataclass(frozen=True, slots=True)
class Money:
    """All of it in one currency."""

    currency: str
    total: Flow
    before: Flow
    by_piece: tuple[Flow, ...]
    by_kind: tuple[tuple[str, Flow], ...]  # by the purpose of payments, or DESK
    by_provider: tuple[tuple[str, Flow], ...]  # "" for what belongs to no visit
    by_location: tuple[tuple[str, Flow], ...]
    paid: Paid


@dataclass(frozen=True, slots=True)
class Revenue:
    """Each currency by itself, the clinic's own first."""

    scope: Scope
    sums: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class _Move:
    """One part, signed by what it is."""

    number: int
    place: int
    provider_id: int
    kind: str
    currency: str
    flow: Flow


KINDS = ("deposit", DESK, "cancellation_fee", "noshow_fee", "package", "membership", "hold")
"""In the order they are told; a hold is taken only by mistake, and goes back."""


def revenue(read: Reading, actor: StaffActor, asked: Asked, *, usual: str) -> Revenue:
    """What came in and went back in a period. `usual` is the clinic's own currency. Raises NotAllowed."""
    about = scope(read, actor, asked)
    bills = figures.bills(read, about.of_visits(), about.provider_id)
    moves = [
        *(_moved(one, is_back=False) for one in takings.taken(read, about.of_all(), about.provider_id)),
        *(_moved(one, is_back=True) for one in takings.given_back(read, about.of_all(), about.provider_id)),
        *(_at_desk(one) for one in bills if one.desk_minor),
    ]
    used = {one.currency for one in moves} | {one.currency for one in bills} | {usual}
    codes = sorted(used, key=lambda code: (code != usual, code))
    return Revenue(about, tuple(_money(about, code, moves, bills) for code in codes))


def _money(about: Scope, code: str, moves: list[_Move], bills: list[BillSum]) -> Money:
    every = [one for one in moves if one.currency == code]
    mine, known = [one for one in every if one.number != BEFORE], about.known
    pieces, kinds = _by(mine, lambda one: one.number), _by(mine, lambda one: one.kind)
    people, places = _by(mine, lambda one: one.provider_id), _by(mine, lambda one: one.place)
    return Money(
        currency=code,
        total=_sum(mine),
        before=_sum(one for one in every if one.number == BEFORE),
        by_piece=tuple(_sum(pieces[number]) for number in range(len(about.pieces))),
        by_kind=tuple((kind, _sum(kinds[kind])) for kind in KINDS if kinds[kind]),
        by_provider=_named({**known.providers, 0: ""}, people),
        by_location=_named({**known.locations, NOWHERE: ""}, places),
        paid=_paid(one for one in bills if one.currency == code and one.number != BEFORE),
    )


def _named(names: Mapping[int, str], found: Mapping[int | str, Sequence[_Move]]) -> tuple[tuple[str, Flow], ...]:
    return tuple((name, _sum(found[one])) for one, name in names.items() if found.get(one))


def _paid(bills: Iterable[BillSum]) -> Paid:
    some = list(bills)
    return Paid(
        visits=sum(one.count for one in some),
        total_minor=sum(one.total_minor for one in some),
        desk_minor=sum(one.desk_minor for one in some),
        deposit_minor=sum(one.deposit_minor for one in some),
        credit_minor=sum(one.credit_minor for one in some),
        items_minor=sum(one.items_minor for one in some),
    )


def _moved(one: Moved, *, is_back: bool) -> _Move:
    flow = Flow(back_minor=one.minor) if is_back else Flow(taken_minor=one.minor, count=one.count)
    return _Move(one.number, one.place, one.provider_id, one.purpose, one.currency, flow)


def _at_desk(one: BillSum) -> _Move:
    return _Move(one.number, one.place, one.provider_id, DESK, one.currency, Flow(one.desk_minor, 0, one.desk_count))


def _by(some: Iterable[_Move], key: Callable[[_Move], int | str]) -> dict[int | str, list[_Move]]:
    found: dict[int | str, list[_Move]] = defaultdict(list)
    for one in some:
        found[key(one)].append(one)
    return found


def _sum(some: Iterable[_Move]) -> Flow:
    return sum((one.flow for one in some), Flow())
