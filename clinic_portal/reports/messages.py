"""What was sent in a period, by which channel, and what became of it (P18)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.core.work import Reading
from clinic_portal.messaging import figures
from clinic_portal.messaging.figures import MessageCount
from clinic_portal.reports.periods import BEFORE
from clinic_portal.reports.scope import Asked, Scope, scope


@dataclass(frozen=True, slots=True)
class Fates:
    """Messages by what became of them; each is exactly one of these."""

    sent: int = 0  # taken by the mail server or the SMS service, which said no more
    delivered: int = 0
    failed: int = 0
    dropped: int = 0  # not sent, since it made no sense any more or nothing arrives there
    queued: int = 0

    @property
    def all(self) -> int:
        """Every one."""
        return self.sent + self.delivered + self.failed + self.dropped + self.queued

    @property
    def tried(self) -> int:
        """Those that were handed over, or given up trying: what failures are a part of."""
        return self.sent + self.delivered + self.failed

    def __add__(self, other: "Fates") -> "Fates":
        return Fates(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages of a period."""

    scope: Scope
    total: Fates
    before: Fates
    by_piece: tuple[Fates, ...]
    by_channel: tuple[tuple[str, Fates], ...]
    by_kind: tuple[tuple[str, str, Fates], ...]  # kind, channel
    untold: tuple[tuple[str, int], ...]  # kind of the news, how many reached nobody


def messages(read: Reading, actor: StaffActor, asked: Asked) -> Messages:
    """What was to be sent in a period. Raises NotAllowed."""
    about = scope(read, actor, asked)
    counted = figures.messages(read, about.of_all(), about.provider_id)
    mine = [one for one in counted if one.number != BEFORE]
    pieces: dict[int, Fates] = defaultdict(Fates)
    channels: dict[str, Fates] = defaultdict(Fates)
    kinds: dict[tuple[str, str], Fates] = defaultdict(Fates)
    for one in mine:
        fates = _fates(one)
        pieces[one.number] += fates
        channels[one.channel] += fates
        kinds[one.kind, one.channel] += fates
    untold = figures.untold(read, about.in_one(with_own=True), about.provider_id)
    return Messages(
        scope=about,
        total=_sum(mine),
        before=_sum(one for one in counted if one.number == BEFORE),
        by_piece=tuple(pieces[number] for number in range(len(about.pieces))),
        by_channel=tuple(sorted(channels.items())),
        by_kind=tuple((*both, fates) for both, fates in sorted(kinds.items(), key=lambda one: (-one[1].all, one[0]))),
        untold=tuple((one.kind, one.count) for one in sorted(untold, key=lambda one: (-one.count, one.kind))),
    )


def _fates(one: MessageCount) -> Fates:
    return Fates(**{one.state: one.count})


def _sum(some: Iterable[MessageCount]) -> Fates:
    return sum((_fates(one) for one in some), Fates())
