"""What must hold of all memberships at any time, as sentences for what does not."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, func, literal, or_, select

from clinic_portal.core.db import table
from clinic_portal.core.work import Reading
from clinic_portal.memberships import models
from clinic_portal.memberships.rows import MEMBERSHIP, PERIOD
from clinic_portal.wallet.queries import granted_under

MOST = 20
TOLD_WITHIN = timedelta(days=1)
_VERSION = table(models.PlanVersion)


def findings(read: Reading) -> list[str]:
    """A sentence for everything that should never be of memberships."""
    on_a_plan = and_(MEMBERSHIP.c.state.in_(("active", "overdue", "paused")), MEMBERSHIP.c.version_id.is_not(None))
    is_ended = MEMBERSHIP.c.ended_at.is_not(None)
    of_account = MEMBERSHIP.c.account == read.settings.payment_account
    late = and_(MEMBERSHIP.c.is_told.is_(False), MEMBERSHIP.c.subscription_id.is_not(None), of_account, _since(read))
    return [
        *_told(read, "is on a plan and has no subscription", and_(on_a_plan, MEMBERSHIP.c.subscription_id.is_(None))),
        *_told(read, "is of two minds whether it has ended", is_ended != (MEMBERSHIP.c.state == "ended")),
        *_told(
            read, "is overdue without an end of its grace", and_(_is("overdue"), MEMBERSHIP.c.grace_until_at.is_(None))
        ),
        *_told(read, "has ended, and its subscription goes on: is the worker running?", and_(is_ended, late)),
        *_told(read, "waits to be told the gateway: is the worker running?", and_(~is_ended, late)),
        *_unpaid(read),
        *_ungranted(read),
    ]


def _is(state: str) -> ColumnElement[bool]:
    return MEMBERSHIP.c.state == state


def _since(read: Reading) -> ColumnElement[bool]:
    looked = MEMBERSHIP.c.looked_at
    return or_(looked.is_(None), looked < read.now - TOLD_WITHIN)


def _told(read: Reading, what: str, which: ColumnElement[bool]) -> list[str]:
    rows = read.execute(select(MEMBERSHIP.c.id).where(which).order_by(MEMBERSHIP.c.id).limit(MOST)).scalars()
    return [f"Membership {one} {what}" if what.endswith("?") else f"Membership {one} {what}." for one in rows]


def _unpaid(read: Reading) -> list[str]:
    """Paid periods and payments belong to each other, one to one."""
    paid = PERIOD.c.state.in_(("paid", "returned"))
    alone = select(PERIOD.c.id).where(paid, PERIOD.c.payment_id.is_(None)).order_by(PERIOD.c.id).limit(MOST)
    twice = select(PERIOD.c.payment_id).where(PERIOD.c.payment_id.is_not(None)).group_by(PERIOD.c.payment_id)
    many = twice.having(func.count() > 1).limit(MOST)
    return [
        *(f"Period {one} is paid, and no payment is in our books." for one in read.execute(alone).scalars()),
        *(f"Payment {one} pays several periods." for one in read.execute(many).scalars()),
    ]


def _ungranted(read: Reading) -> list[str]:
    """What a paid period brings is in the wallet exactly once (its key makes sure of that); other periods' is not."""
    brings = case((PERIOD.c.state == "paid", func.json_array_length(_VERSION.c.brings)), else_=0)
    key: Any = cast(PERIOD.c.id, String) + literal(":")
    rows = select(PERIOD.c.id, brings.label("wanted"), granted_under(key).label("granted")).join(
        _VERSION, _VERSION.c.id == PERIOD.c.version_id
    )
    differ = rows.where(brings != granted_under(key)).order_by(PERIOD.c.id).limit(MOST)
    return [
        f"Period {one.id} should have brought {one.wanted} things, and brought {one.granted}."
        for one in read.execute(differ)
    ]
