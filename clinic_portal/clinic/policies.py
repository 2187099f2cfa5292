"""Staff decide what a cancelled or missed visit costs, and in which money (P4, P6).

A published version never changes, and what is booked keeps the one it was booked under. A service has a policy of its
own in force exactly while its rule says `own`.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.clinic import models
from clinic_portal.clinic import policy_rules as rules
from clinic_portal.clinic.editing import TABLES, begin, change_row, raise_version, row_of
from clinic_portal.clinic.editing_rules import choice
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid, Unusable
from clinic_portal.core.money import currencies, least_minor
from clinic_portal.core.work import UnitOfWork

_CLINIC = table(models.Clinic)
_POLICY = table(models.PolicyVersion)
_SERVICE = TABLES["service"]
_SERVICE_AMOUNTS = ("price_minor", "deposit_minor")


def publish(
    work: UnitOfWork, actor: StaffActor, typed: Mapping[str, str], *, currency: str, service_id: int | None = None
) -> int:
    """Put a new version in force for the clinic, or for one service, whose rule is `own` from then on; its id.

    `currency` is what the amounts were typed in. A blank `card_text` is made from the numbers. Raises Unusable,
    NotAllowed; Conflict if the clinic's currency is another by now.
    """
    begin(work, actor, Permission.CHANGE_CLINIC)
    clinic = work.execute(select(_CLINIC)).one()
    if clinic.currency != currency:
        raise Conflict("currency_changed", currency=clinic.currency)
    service = row_of(work, _SERVICE, service_id) if service_id is not None else None
    values = rules.policy(typed, currency)
    values["card_text"] = values["card_text"] or rules.card_text(values, currency, clinic.language)
    policy_id = _put_in_force(work, actor, values, currency=currency, service=service)
    if service is not None:
        change_row(work, actor, "service", _SERVICE, service, {"policy_rule": "own"})
    return policy_id


def withdraw(work: UnitOfWork, actor: StaffActor, *, service_id: int | None = None) -> None:
    """Have no policy any more; a service without one of its own is under the clinic's again. Raises NotAllowed."""
    begin(work, actor, Permission.CHANGE_CLINIC)
    if service_id is None:
        _end(work, actor, None)
        return
    service = row_of(work, _SERVICE, service_id)
    _end(work, actor, service)
    if service.policy_rule == "own":
        change_row(work, actor, "service", _SERVICE, service, {"policy_rule": "clinic"})


def follow(work: UnitOfWork, actor: StaffActor, service_id: int, rule: str) -> None:
    """Which policy holds for a service: the clinic's, none, or still its own. Raises NotAllowed, Unusable.

    A policy of its own begins by being published; it ends when another rule holds.
    """
    begin(work, actor, Permission.CHANGE_CLINIC)
    service = row_of(work, _SERVICE, service_id)
    try:
        wanted = choice(*rules.RULES)("policy_rule", rule)
    except Invalid as fault:
        raise Unusable([fault]) from None
    if wanted == "own" != service.policy_rule:
        raise Unusable([Invalid("policy_rule", "policy_own_missing")])
    if service.policy_rule == "own" != wanted:
        _end(work, actor, service)
    change_row(work, actor, "service", _SERVICE, service, {"policy_rule": wanted})


def change_currency(work: UnitOfWork, actor: StaffActor, currency: str) -> None:
    """Take another money from now on. What is booked keeps its own.

    Prices, deposits and the amounts of policies in force keep their number: 240.00 dollars become 240 yen. Such
    policies are published anew; the hold on a card becomes the least of the new currency. Raises Unusable.
    """
    begin(work, actor, Permission.CHANGE_CLINIC)
    clinic, after = work.execute(select(_CLINIC)).one(), currency.strip().upper()
    if after not in currencies():
        raise Unusable([Invalid("currency", "currency_unknown")])
    before = clinic.currency
    if after == before:
        return
    services = list(work.execute(select(_SERVICE).order_by(_SERVICE.c.id)))
    policies = list(work.execute(select(_POLICY).where(_POLICY.c.is_in_force).order_by(_POLICY.c.version)))
    priced = {one.id: rules.in_currency(one._mapping, _SERVICE_AMOUNTS, before, after) for one in services}
    fees = {one.id: rules.in_currency(one._mapping, rules.AMOUNTS, before, after) for one in policies}
    _must_be_payable(services, priced, fees, after)
    for service in services:
        change_row(work, actor, "service", _SERVICE, service, priced[service.id])
    by_id = {one.id: one for one in services}
    for policy in policies:
        if fees[policy.id]:
            old = {name: getattr(policy, name) for name in ("text", "card_text", *rules.TERMS)}
            new = old | fees[policy.id]
            if old["card_text"] == rules.card_text(old, before, clinic.language):
                new["card_text"] = rules.card_text(new, after, clinic.language)
            _put_in_force(work, actor, new, currency=after, service=by_id.get(policy.service_id))
    change_row(work, actor, "clinic", _CLINIC, clinic, {"currency": after, "card_hold_minor": least_minor(after)})


def _must_be_payable(
    services: list[Any], priced: Mapping[int, Mapping[str, int]], fees: Mapping[int, Mapping[str, int]], currency: str
) -> None:
    """Whether a database and a card can take every amount in the new currency. Raises Unusable."""
    amounts = [minor for one in (*priced.values(), *fees.values()) for minor in one.values()]
    if any(minor >= rules.MOST_MINOR for minor in amounts):
        raise Unusable([Invalid("currency", "currency_big", currency=currency)])
    least, find = least_minor(currency), rules.deposit_faults(currency)
    small = [one.name for one in services if find({**one._mapping, **priced[one.id]})]
    if any(0 < minor < least for one in fees.values() for minor in one.values()):
        small.append("the cancellation policy")
    if small:
        raise Unusable([Invalid("currency", "currency_small", names=small[:5], amount_minor=least, currency=currency)])


def _put_in_force(
    work: UnitOfWork, actor: StaffActor, values: Mapping[str, Any], *, currency: str, service: Any | None
) -> int:
    service_id = service.id if service is not None else None
    replaced = _in_force(work, service_id)
    version = (work.execute(select(func.max(_POLICY.c.version))).scalar() or 0) + 1
    work.execute(update(_POLICY).where(_of(service_id), _POLICY.c.is_in_force).values(is_in_force=False))
    row = {**values, "version": version, "service_id": service_id, "currency": currency, "is_in_force": True}
    policy_id = int(
        work.execute(insert(_POLICY).returning(_POLICY.c.id), {**row, "published_at": work.now}).scalar_one()
    )
    raise_version(work)
    work.record(
        actor.tag,
        "policy.published",
        f"policy:{policy_id}",
        before=_terms(replaced),
        after=_terms(row),
        **({"service": service.name} if service is not None else {}),
    )
    return policy_id


def _end(work: UnitOfWork, actor: StaffActor, service: Any | None) -> None:
    service_id = service.id if service is not None else None
    ended = _in_force(work, service_id)
    if ended is None:
        return
    work.execute(update(_POLICY).where(_POLICY.c.id == ended["id"]).values(is_in_force=False))
    raise_version(work)
    subject = f"service:{service_id}" if service is not None else "clinic:1"
    work.record(actor.tag, "policy.withdrawn", subject, before=_terms(ended), after=None)


def _in_force(work: UnitOfWork, service_id: int | None) -> Mapping[str, Any] | None:
    found = work.execute(select(_POLICY).where(_of(service_id), _POLICY.c.is_in_force)).mappings().first()
    return dict(found) if found else None


def _of(service_id: int | None) -> ColumnElement[bool]:
    return _POLICY.c.service_id.is_(None) if service_id is None else _POLICY.c.service_id == service_id


def _terms(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What the log says of a version: its number, whose money, its terms; the text stands in the version itself."""
    return {name: row[name] for name in ("version", "currency", *rules.TERMS)} if row else None
