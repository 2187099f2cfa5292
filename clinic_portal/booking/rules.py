"""Decisions about carts, providers and policies. Pure: no clock, no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from clinic_portal.booking.types import Visit
from clinic_portal.clinic.types import Catalogue, ClinicInfo, PolicyInfo, ProviderInfo, ServiceInfo
from clinic_portal.core.money import percent_of
from clinic_portal.payments.types import Purpose
from clinic_portal.scheduling.availability import ServiceShape

MOST_SERVICES = 6
MOST_MINUTES = 8 * 60


def shape(service: ServiceInfo, minutes: int | None = None) -> ServiceShape:
    """What a service needs of a calendar; in the length it was booked in, where that is told. What is shorter than its
    processing time has less of that."""
    length = service.duration_minutes if minutes is None else minutes
    offset = min(service.processing_offset_minutes, length)
    return ServiceShape(
        duration_minutes=length,
        buffer_before_minutes=service.buffer_before_minutes,
        buffer_after_minutes=service.buffer_after_minutes,
        processing_offset_minutes=offset,
        processing_minutes=min(service.processing_minutes, length - offset),
        pool_ids=service.pool_ids,
    )


def bookable(clinic: Catalogue, service_id: int) -> ServiceInfo | None:
    """A service that patients may book online now, else None (S72)."""
    service = clinic.services.get(service_id)
    return service if service and service.is_bookable_online and able(clinic, [service]) else None


def performers(clinic: Catalogue, services: Iterable[ServiceInfo]) -> list[int]:
    """Ids of the providers who perform all of `services`, bookable online or not, in the clinic's order."""
    needed = [service.provider_ids for service in services]
    return [one for one in clinic.providers if all(one in ids for ids in needed)]


def able(clinic: Catalogue, services: Iterable[ServiceInfo], working: frozenset[int] | None = None) -> list[int]:
    """Those of them who are bookable online (S69); `working` narrows them to those with hours at a location."""
    online = [one for one in performers(clinic, services) if clinic.providers[one].is_bookable_online]
    return [one for one in online if working is None or one in working]


def offered_at(clinic: Catalogue, service: ServiceInfo, location_id: int, working: frozenset[int]) -> bool:
    """Whether a location can give a service at all: someone who performs it works there and its rooms and devices
    stand there."""
    there = {unit.pool_id for unit in clinic.units if unit.location_id == location_id}
    return service.is_bookable_online and set(service.pool_ids) <= there and bool(able(clinic, [service], working))


def visits(clinic: Catalogue, services: Sequence[ServiceInfo], working: frozenset[int]) -> list[list[ServiceInfo]]:
    """The services parted into the fewest visits we can find that one provider each can perform, in order (S69, S70).

    Greedy: each visit takes the provider who can do most of what is left, the earliest service first on a tie.
    """
    left, parted = list(services), []
    while left:
        best = max(
            (
                [service for service in left if provider_id in service.provider_ids]
                for provider_id in able(clinic, left[:1], working)
            ),
            key=len,
            default=left[:1],
        )
        parted.append(best)
        left = [service for service in left if service not in best]
    return parted


def choosable(clinic: Catalogue, services: Sequence[ServiceInfo], working: frozenset[int]) -> list[ProviderInfo]:
    """The providers a patient may pick by name; none where the clinic assigns them itself (S71, S72)."""
    if clinic.clinic.provider_choice == "first_available":
        return []
    return [clinic.providers[provider_id] for provider_id in able(clinic, services, working)]


def is_choosable(clinic: Catalogue, provider_id: int) -> bool:
    """Whether patients may pick this provider by name at all (S71, S72)."""
    provider = clinic.providers.get(provider_id)
    return clinic.clinic.provider_choice != "first_available" and bool(provider and provider.is_bookable_online)


def may_take_first_available(clinic: Catalogue) -> bool:
    """Whether "first available" is offered (S71, S72)."""
    return clinic.clinic.provider_choice != "provider"


Change = Literal["cancel", "reschedule"]


def change_refusal(clinic: ClinicInfo, visit: Visit, what: Change, now: datetime) -> str | None:
    """Why a patient cannot change a visit by themselves, as a code; None when they can (S53, S54).

    A visit whose free cancellation is over is not moved online: a late fee would be moved away with it.
    """
    if visit.status != "booked":
        return "change_ended"
    allowed = clinic.patients_may_cancel if what == "cancel" else clinic.patients_may_reschedule
    if not allowed:
        return "change_switched_off"
    if visit.start_at <= now or visit.start_at - timedelta(minutes=clinic.change_until_minutes) < now:
        return "change_too_late"
    if what == "reschedule" and cancellation_fee_minor(visit.policy, visit.covered_minor, visit.start_at, now):
        return "change_fee_due"
    return None


def cancellation_fee_minor(policy: PolicyInfo | None, covered_minor: int, start_at: datetime, now: datetime) -> int:
    """What cancelling at `now` costs under the policy of the booking: nothing in time or without one (S57, P4)."""
    until = free_until(policy, start_at)
    return late_fee_minor(policy, covered_minor) if policy and until and now > until else 0


def free_until(policy: PolicyInfo | None, start_at: datetime) -> datetime | None:
    """Until when cancelling costs nothing; None without a policy (P4)."""
    return start_at - timedelta(hours=policy.free_hours) if policy else None


def late_fee_minor(policy: PolicyInfo, covered_minor: int) -> int:
    """What a late cancellation of a visit costs (P4); never more than the part of the visit the policy covers."""
    return _fee(policy.fee_minor, policy.fee_percent, covered_minor)


def noshow_fee_minor(policy: PolicyInfo | None, covered_minor: int) -> int:
    """What a visit missed costs (P5): the policy's own fee for it, else that of a late cancellation."""
    if policy is None:
        return 0
    if policy.noshow_fee_minor is None and policy.noshow_fee_percent is None:
        return late_fee_minor(policy, covered_minor)
    return _fee(policy.noshow_fee_minor, policy.noshow_fee_percent, covered_minor)


def _fee(amount_minor: int | None, percent: int | None, covered_minor: int) -> int:
    fee = amount_minor if amount_minor is not None else percent_of(covered_minor, percent or 0)
    return min(fee, covered_minor)


@dataclass(frozen=True, slots=True)
class Terms:
    """The policy a visit is booked under, and the part of its price that policy is about."""

    policy: PolicyInfo | None
    covered_minor: int


def terms(clinic: Catalogue, services: Sequence[ServiceInfo]) -> Terms:
    """One policy governs a visit: of its services' the one with the highest fee, then the longest notice (P4).

    It covers the price of every service that has any policy; a service without one is never charged for.
    """
    under = [(policy, one.price_minor) for one in services if (policy := clinic.policy_for(one.id))]
    covered = sum(price for _, price in under)
    if not under:
        return Terms(None, 0)
    strictest = max((policy for policy, _ in under), key=lambda one: _strictness(one, covered))
    return Terms(strictest, covered)


def _strictness(policy: PolicyInfo, covered_minor: int) -> tuple[int, int, int, int]:
    fees = late_fee_minor(policy, covered_minor), noshow_fee_minor(policy, covered_minor)
    return *fees, policy.free_hours, policy.id


def deposit_minor(services: Iterable[ServiceInfo]) -> int:
    """What is paid when these are booked (P6); never more than each costs."""
    return sum(_fee(one.deposit_minor, one.deposit_percent, one.price_minor) for one in services)


@dataclass(frozen=True, slots=True)
class CardAsked:
    """What is asked of the card at booking: a deposit, or a small hold that is released at once (S75-S80)."""

    purpose: Purpose
    amount_minor: int


def card_asked(clinic: Catalogue, services: Sequence[ServiceInfo]) -> CardAsked | None:
    """What a card is needed for, if for anything: with neither a price under a policy nor a deposit, for nothing (S77).

    What is paid with something of the patient's wallet has no price here: late, it counts as used.
    """
    deposit = deposit_minor(services)
    if deposit:
        return CardAsked(Purpose.DEPOSIT, deposit)
    under = terms(clinic, services)
    if under.policy and under.covered_minor:
        return CardAsked(Purpose.HOLD, clinic.clinic.card_hold_minor)
    return None
